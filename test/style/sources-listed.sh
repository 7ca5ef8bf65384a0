#!/usr/bin/env bash
# Names each source file that no CMakeLists.txt on its way to the root mentions.
set -euo pipefail
cd "$1"
status=0
while read -r file; do
  folder=$(dirname "$file")
  found=
  while [ -z "$found" ]; do
    relative=${file#"$folder"/}
    if [ -f "$folder/CMakeLists.txt" ] && grep -qF -- "$relative" "$folder/CMakeLists.txt"; then found=1; fi
    [ "$folder" = . ] && break
    folder=$(dirname "$folder")
  done
  [ -n "$found" ] || { echo "$file: no CMakeLists.txt lists it"; status=1; }
done < <(git ls-files -- '*.cpp')
exit $status
