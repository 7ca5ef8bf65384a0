"""vary.py FOLDER KEY VALUE OUTPUT: a Hugging Face folder with one value of its config.json changed (VALUE is JSON)."""

import json
import os
import shutil
import sys

folder, key, value, output = sys.argv[1:]
shutil.rmtree(output, ignore_errors=True)
shutil.copytree(folder, output)
path = os.path.join(output, "config.json")
with open(path) as file:
    config = json.load(file)
config[key] = json.loads(value)
os.chmod(path, 0o644)
with open(path, "w") as file:
    json.dump(config, file)
