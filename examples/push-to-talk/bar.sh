#!/bin/sh
# Usage: bar.sh  --  a line for a status bar, a new one whenever it changes: LIVE, muted, or nothing.
sotto=${SOTTO:-sotto}
while :; do
  $sotto ctl observe publishing_audio 2>/dev/null |
    jq --unbuffered -r 'if .publishing_audio == null then empty elif .publishing_audio then "LIVE" else "muted" end'
  echo # no call
  sleep "${EVERY:-2}"
done
