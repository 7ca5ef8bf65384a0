#!/bin/sh
# perplexity.sh EXPECTED RELATIVE MODEL ARGUMENT...: fails unless the perplexity that the model prints is within RELATIVE of
# EXPECTED, a number or the command line of another model, and at least 100 tokens were scored.
expected=$1 relative=$2
shift 2
case $expected in
[0-9]*) ;;
*) expected=$($expected | sed 's/^perplexity \([^,]*\),.*/\1/') ;;
esac
line=$("$@") || exit 1
echo "$line (expected $expected)"
echo "$line" | awk -v expected="$expected" -v relative="$relative" '{
  if ($0 !~ /^perplexity [0-9.]+, negative log-likelihood [0-9.]+ nats per token: [0-9]+ of /) exit 1
  difference = $2 / expected - 1
  if (difference < 0) difference = -difference
  exit !(expected > 1 && difference <= relative && $8 >= 100)
}'
