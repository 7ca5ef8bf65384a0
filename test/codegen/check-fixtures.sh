#!/bin/sh
# Compiles each folder of $1 for the CPU $2, with vectors of $3 bits in mind, and compares it with the evaluator.
# $4 is a file to write.
set -u
status=0
for config in "$1"/*/config.json; do
  folder=$(dirname "$config")
  name=$(basename "$folder")
  if sinter-elaborate "$folder" > "$4.math" &&
     sinter-opt --sinter-pipeline="maximum-tokens=64 vector-bits=$3" "$4.math" -o "$4" &&
     check-program --cpu "$2" "$4"; then
    echo "$name: passed"
  else
    echo "$name: FAILED"
    status=1
  fi
done
exit $status
