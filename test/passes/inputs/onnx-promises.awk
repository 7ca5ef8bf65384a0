# Each graph of onnx-promises.txt says what it promises, and finds as much of it or has a line that says why not.

function check(   kind) {
  if (graph == "")
    return
  if (!promised) {
    print graph ": what does it promise?"
    wrong = 1
  }
  for (kind in promises)
    if (found[kind] < promises[kind] && !explained) {
      print graph ": promises " kind " " promises[kind] ", finds " found[kind] + 0 ", and nobody says why"
      wrong = 1
    }
}

function count(counts,   i) {
  for (i = 2; i < NF; i += 2)
    counts[$i] = $(i + 1) + 0
}

/^[^ ]/ {
  check()
  graph = $0
  promised = explained = 0
  split("", promises)
  split("", found)
  next
}
$1 == "promises" { promised = 1; count(promises) }
$1 == "finds" { count(found) }
$1 == "misses" || $1 == "is" { explained = 1 }
END { check(); exit wrong }
