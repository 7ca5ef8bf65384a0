"""deepen.py FOLDER LAYERS OUTPUT: a GPT-2 of another number of layers, whose layers are those of FOLDER, again and again."""

import json
import os
import re
import sys

import safetensors

folder, layers, output = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.makedirs(output, exist_ok=True)
with open(os.path.join(folder, "config.json")) as file:
    config = json.load(file)
known = config["n_layer"]
config["n_layer"] = layers
with open(os.path.join(output, "config.json"), "w") as file:
    json.dump(config, file)
tensors = safetensors.read(os.path.join(folder, "model.safetensors"))
deep = {name: tensor for name, tensor in tensors.items() if not re.search(r"\bh\.\d+\.", name)}
for layer in range(layers):
    for name, tensor in tensors.items():
        if re.search(rf"\bh\.{layer % known}\.", name):
            deep[re.sub(r"\bh\.\d+\.", f"h.{layer}.", name)] = tensor
safetensors.write(os.path.join(output, "model.safetensors"), deep)
