#!/bin/sh
# Usage: record.sh OUT.wav [IN.wav]  --  hold a call between two processes, record one end.
set -eu
out=$1
voice=${2:-speech:7}
sotto=${SOTTO:-sotto}
folder=$(mktemp -d)
mkfifo "$folder/link"
trap 'kill $host 2>/dev/null || true; rm -rf "$folder"' EXIT INT TERM

# Without --jsonl, a headless host prints the link alone on standard output.
$sotto call --headless --listen 127.0.0.1 --admit all --name Player \
  --audio-in "$voice" --audio-out none --video-in none </dev/null >"$folder/link" &
host=$!

# Read it before anybody knocks: a host that failed gives none, and has said why.
read -r link <"$folder/link" || { code=0; wait "$host" || code=$?; exit "$code"; }
echo "$link" | $sotto join - --headless --name Recorder --for 3 \
  --audio-in none --audio-out "$out" --video-in none
echo "recorded $out"
