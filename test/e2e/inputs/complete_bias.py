"""complete_bias.py FOLDER ACTIVATIONS OUTPUT: the folder's model with the bias that it lacks in layer 0.

gpt-nano-sort was stored without the biases of `attn.c_attn`, which the model had when its activations were recorded. That of
layer 0 is in them: qkv - ln1 @ weight is the same 144 numbers in every row. That it is the same in every row is checked here; the
biases of the other layers cannot be found and become zero.
"""

import array
import os
import shutil
import sys

import safetensors

folder, activations, output = sys.argv[1:]
os.makedirs(output, exist_ok=True)
shutil.copyfile(os.path.join(folder, "config.json"), os.path.join(output, "config.json"))
os.chmod(os.path.join(output, "config.json"), 0o644)
tensors = safetensors.read(os.path.join(folder, "model.safetensors"))
known = safetensors.read(activations)
(inputs, outputs), weight = tensors["transformer.h.0.attn.c_attn.weight"]
ln1, qkv = known["ln1"][1], known["qkv"][1]
rows = len(ln1) // inputs
bias = array.array("f")
for column in range(outputs):
    found = []
    for row in range(rows):
        product = sum(ln1[row * inputs + i] * weight[i * outputs + column] for i in range(inputs))
        found.append(qkv[row * outputs + column] - product)
    assert max(found) - min(found) < 2e-6, f"column {column}: not a bias: {min(found)} to {max(found)}"
    bias.append(sum(found) / rows)
for layer in range(3):
    name = f"transformer.h.{layer}.attn.c_attn.bias"
    assert name not in tensors
    tensors[name] = ([outputs], bias if layer == 0 else array.array("f", bytes(4 * outputs)))
safetensors.write(os.path.join(output, "model.safetensors"), tensors)
