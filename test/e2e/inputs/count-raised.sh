#!/bin/sh
# Compiles the folder $2, of the architecture $4, and expects the functions $1, such as "gelu=1 layer_norm=3", each with
# its number, and nothing that looks like a part of one. $3 is a file to write.
sinter compile -q "$2" --emit mlir -o "$3" || exit 1
if grep -q 'sinter.reduce mean\|sinter.rsqrt\|sinter.sqrt\|sinter.erf' "$3"; then
  echo "$2 has functions in parts:"
  grep 'sinter.reduce mean\|sinter.rsqrt\|sinter.sqrt\|sinter.erf' "$3"
  exit 1
fi
found=
for name in gelu layer_norm rms_norm rotary silu; do
  number=$(grep -c "sinter.$name " "$3")
  [ "$number" = 0 ] || found="$found$name=$number "
done
[ "$found" = "$1 " ] || { echo "$2 has '$found', not '$1'"; exit 1; }
