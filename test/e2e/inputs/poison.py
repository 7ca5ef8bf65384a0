"""poison.py FOLDER PREFIX OUTPUT: a model's folder in which every weight whose name begins with PREFIX is no number.

poison.py --check FILE: whether any number of a safetensors file is none.
"""

import array
import json
import math
import os
import shutil
import struct
import sys


def tensors(data):
    size = struct.unpack("<Q", data[:8])[0]
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            yield name, [8 + size + offset for offset in entry["data_offsets"]]


if sys.argv[1] == "--check":
    with open(sys.argv[2], "rb") as file:
        data = file.read()
    numbers = [number for _, (begin, end) in tensors(data) for number in array.array("f", data[begin:end])]
    sys.exit(not any(map(math.isnan, numbers)))

folder, prefix, output = sys.argv[1:]
shutil.rmtree(output, ignore_errors=True)
shutil.copytree(folder, output)
path = os.path.join(output, "model.safetensors")
with open(path, "rb") as file:
    data = bytearray(file.read())
poisoned = [place for name, place in tensors(data) if name.startswith(prefix)]
assert poisoned, f"no weight is called {prefix}..."
for begin, end in poisoned:
    data[begin:end] = struct.pack("<f", math.nan) * ((end - begin) // 4)
os.chmod(path, 0o644)
with open(path, "wb") as file:
    file.write(data)
