#!/bin/sh
# Compiles the folder $2, of the architecture $4, and expects $1 attentions, each of them one kernel. $3 is a file to
# write. (sinter.attention_relative is no part of one: its products are added to the scores.)
sinter compile -q "$2" --emit mlir -o "$3" || exit 1
if grep -q 'sinter.attention_[sv]\|extent %' "$3"; then
  echo "$2 has attention in parts:"
  grep 'sinter.attention_[sv]\|extent %' "$3"
  exit 1
fi
found=$(grep -c 'sinter.attention %' "$3")
[ "$found" = "$1" ] || { echo "$2 has $found attentions, not $1"; exit 1; }
