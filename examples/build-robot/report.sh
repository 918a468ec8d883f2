#!/bin/sh
# Usage: report.sh COMMAND...  --  run a build; say in a call how it went, in writing and aloud.
# The link of the call is in SOTTO_LINK. Ends with the build's own exit code.
set -eu
sotto=${SOTTO:-sotto}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

code=0
env -u SOTTO_LINK "$@" >"$log" 2>&1 </dev/null || code=$? # a build need not know where we talk

case $code in
0) result="The build is green." ;;
*) result="The build is broken: exit code $code." ;;
esac

# One message is what it said last, with all its lines.
last=$(tail -n 10 "$log")
$sotto send --name "Build robot" --timeout 60 -- "$result
$last"
espeak-ng --stdout "$result" | $sotto speak --name "Build robot" --timeout 60
exit "$code"
