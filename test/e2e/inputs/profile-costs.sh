#!/bin/sh
# profile-costs.sh "MODEL [OPTION...]" IDS: fails unless --profile counts as many bytes and operations for a call of these tokens,
# logits of all of them, as inspect does.
set -e
count=$(echo "$2" | tr , '\n' | wc -l)
# shellcheck disable=SC2086
sinter inspect $1 --format json -o inspected.json --tokens "$count" --rows "$count" --past 0
# shellcheck disable=SC2086
sinter compile -q $1 -o profiled
./profiled --ids "$2" --logits logits.safetensors --profile=json 2> profile.json
for what in bytes operations; do
  ours=$(grep -o "\"$what\": [0-9]*" profile.json | awk '{ sum += $2 } END { printf "%.0f", sum }')
  theirs=$(tr -d '\n' < inspected.json | sed 's/.*"final"//' | grep -o "\"${what}_per_token\": *[0-9.e+]*" | sed -n 1p |
    awk -F: -v count="$count" '{ printf "%.0f", $2 * count }')
  echo "$1: $what: $ours, inspect: $theirs"
  [ "$ours" -gt 1000 ] && [ "$ours" = "$theirs" ]
done
