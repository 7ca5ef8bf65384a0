#!/bin/sh
# Imports each ONNX graph below the folder $1 and prints its path there and what came of it, in the order of paths.
cd "$1" || exit 1
find . -name '*.onnx' | LC_ALL=C sort | while read -r file; do
  if message=$(sinter-translate --import-onnx "$file" 2>&1 > /dev/null); then
    message="imported"
  fi
  printf '%s: %s\n' "${file#./}" "${message#"error: $file: "}"
done
