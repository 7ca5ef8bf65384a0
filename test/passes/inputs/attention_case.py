"""Scaled dot-product attention with inputs and outputs of someone else's: writes a case as a program, and compares.

    attention_case.py write FOLDER        the case at the kernel level, in parts
    attention_case.py compare FOLDER < what sinter-opt --evaluate printed
"""

import re
import struct
import sys
import zipfile
from pathlib import Path


def read_array(folder, name):
    """Shape and numbers of an f32 array in io.npz."""
    data = zipfile.ZipFile(folder / "io.npz").read(name + ".npy")
    length = struct.unpack("<H", data[8:10])[0]
    header = data[10:10 + length].decode()
    assert "'<f4'" in header and "'fortran_order': False" in header, header
    shape = [int(n) for n in re.search(r"\(([\d, ]*)\)", header)[1].split(",") if n.strip()]
    count = 1
    for size in shape:
        count *= size
    return shape, struct.unpack(f"<{count}f", data[10 + length:10 + length + 4 * count])


def read_case(folder):
    graph = (folder / "graph.nnef").read_text()
    names = re.search(r"graph network\(([\w, ]*)\)", graph)[1].split(", ")
    arrays = [read_array(folder, name) for name in names]
    query, keys, values = (arrays * 3)[:3]  # one input is all three
    scale = re.search(r"scale = ([\d.]+)", graph)
    width = query[0][-1]
    return dict(heads=query[0][1] if len(query[0]) == 4 else 1, rows=query[0][-2], width=width,
                query=query[1], keys=keys[1], values=values[1],
                causal="is_causal = true" in graph,
                scale=float(scale[1]) if scale else width ** -0.5)


def dense(numbers, shape):
    if len(shape) == 0:
        return repr(numbers[0])
    step = len(numbers) // shape[0]
    return "[" + ", ".join(dense(numbers[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])) + "]"


def rows_first(case, numbers):
    """[heads, rows, width] as [rows, heads, width]."""
    h, n, d = case["heads"], case["rows"], case["width"]
    return [numbers[(head * n + row) * d + e] for row in range(n) for head in range(h) for e in range(d)]


def write(folder):
    case = read_case(folder)
    h, n, d = case["heads"], case["rows"], case["width"]
    tensor = lambda shape, element="f32": f"!sinter.tensor<[{shape}], {element}>"

    def argument(name, numbers, shape, sizes, element="f32", kind=None):
        input = f'sinter.input = "{kind}", ' if kind else ""
        storage = "x".join(map(str, sizes + [element]))
        return f"%{name}: {tensor(shape, element)} {{{input}sinter.value = dense<{dense(numbers, sizes)}> : tensor<{storage}>}}"

    count = list(range(n))
    extent = [i + 1 for i in count] if case["causal"] else [n] * n
    sequence = argument("sequence", [0] * n, "N", [n], "i32")
    row = f"N, {h}, {d}"
    history, scores, one = f"!sinter.history<[{h}, {d}], f32>", tensor(f"{h}, N, P"), tensor(f"{h}, N, 1")
    perrow = tensor("N", "i32")
    print(f"""sinter.cache @key layers 1 : {history} {{persistent}}
sinter.cache @value layers 1 : {history} {{persistent}}
func.func @write({argument("k", rows_first(case, case["keys"]), row, [n, h, d])}, {argument("v", rows_first(case, case["values"]), row, [n, h, d])},
                 {sequence}, {argument("position", count, "N", [n], "i32")}) {{
  %0 = sinter.cache_append @key, %k at %sequence, %position : {tensor(row)}, {perrow}, {perrow} -> {history}
  %1 = sinter.cache_append @value, %v at %sequence, %position : {tensor(row)}, {perrow}, {perrow} -> {history}
  return
}}
func.func @attend({argument("q", list(case["query"]), f"{h}, N, {d}", [h, n, d])}, {sequence}, {argument("extent", extent, "N", [n], "i32", "extent")}) -> {tensor(f"{h}, N, {d}")} {{
  %keys = sinter.cache_history @key : {history}
  %values = sinter.cache_history @value : {history}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : {tensor(f"{h}, N, {d}")}, {history}, {perrow}, {perrow} -> {scores}
  %scale = sinter.constant {case["scale"]!r} : {tensor("")}
  %x = sinter.mul %s, %scale : {scores}, {tensor("")} -> {scores}
  %m = sinter.reduce max %x axis 2 extent %extent : {scores}, {perrow} -> {one}
  %c = sinter.sub %x, %m : {scores}, {one} -> {scores}
  %e = sinter.exp %c : {scores}
  %t = sinter.reduce sum %e axis 2 extent %extent : {scores}, {perrow} -> {one}
  %p = sinter.div %e, %t : {scores}, {one} -> {scores}
  %o = sinter.attention_values %p, %values, %sequence, %extent : {scores}, {history}, {perrow}, {perrow} -> {tensor(f"{h}, N, {d}")}
  return %o : {tensor(f"{h}, N, {d}")}
}}""")


def compare(folder):
    expected = read_array(folder, "output_0")[1]
    line = next(line for line in sys.stdin if line.startswith("@attend"))
    found = [float(x) for x in re.findall(r"-?[\d.]+(?:e[-+]?\d+)?", line.split("=", 1)[1])]
    assert len(found) == len(expected), (found, expected)
    worst = max(abs(a - b) for a, b in zip(found, expected))
    tolerance = 2e-3 if "f16" in folder.name else 1e-5
    assert worst <= tolerance, f"{folder.name}: {worst} off"
    print(f"{folder.name}: {len(found)} numbers agree")


{"write": write, "compare": compare}[sys.argv[1]](Path(sys.argv[2]))
