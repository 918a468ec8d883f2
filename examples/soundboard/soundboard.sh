#!/bin/sh
# Usage: soundboard.sh DIR  --  type the name of a sound in DIR, without .wav, and the call hears it.
# The link of the call is in SOTTO_LINK. The end of the input (Ctrl-D) leaves.
set -eu
sotto=${SOTTO:-sotto}
dir=$1

play() {
  case $1 in
  '' | */*) ;;
  *) [ -f "$dir/$1.wav" ] && tail -c +45 "$dir/$1.wav" && return ;; # after the WAV header: samples
  esac
  echo "there is: $(ls "$dir" | sed -n 's/\.wav$//p' | paste -sd ' ' -)" >&2
}

# Between two sounds nothing is written, which is heard as silence.
while read -r name; do play "$name"; done |
  $sotto join --headless --bot --name Soundboard --audio-in - --until input_ended
