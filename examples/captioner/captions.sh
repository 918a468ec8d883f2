#!/bin/sh
# Usage: captions.sh NAME PROGRAM...  --  pipe one voice of a call into a program, post the lines it writes.
# The link of the call is in SOTTO_LINK. PROGRAM gets 48 kHz mono s16le on standard input.
set -eu
sotto=${SOTTO:-sotto}
name=$1
shift

$sotto listen --name "Captions" --who "$name" --format pcm --until "participant_left=$name" |
  env -u SOTTO_LINK "$@" |
  $sotto send --name "Captions of $name"
