#!/bin/sh
# Usage: page.sh TEXT  --  call a room until somebody there writes "ack"; print who.
# The link of the room is in SOTTO_LINK. EVERY and FOR: seconds between two calls, and in all.
# Exit code 0: somebody answered; 124: nobody did.
set -eu
sotto=${SOTTO:-sotto}

if [ "$1" = --ring ]; then # started by the call below, once it is in the room; ended with it
  while $sotto ctl say "$2 (write ack, and I stop)" >/dev/null 2>&1; do sleep "${EVERY:-30}"; done
  exit
fi

link=$SOTTO_LINK
end=$(($(date +%s) + ${FOR:-900}))
while left=$((end - $(date +%s))) && [ "$left" -gt 0 ]; do
  who=$(echo "$link" | $sotto join - --headless --jsonl --bot --no-audio --no-video --name Pager \
    --timeout "$left" --for "$left" --until chat~ack --on joined "$0" --ring "$1" |
    jq -r 'select(.event == "chat" and (.mine | not) and (.text | contains("ack"))).name')
  [ -z "$who" ] || { echo "$who"; exit 0; }
  sleep 2 # there is no room yet, or it is over: try again
done
exit 124
