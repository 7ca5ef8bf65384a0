"""How fast ONNX Runtime runs a BERT of Hugging Face's form, as a peer of sinter-bench.

    python3 -m pip install torch transformers onnx onnxruntime
    sinter-synthesize bert /tmp/bert
    sinter-bench /tmp/bert --compile '--head hidden' --only prompt-128 --threads 1,2 \\
        --peer 'python3 tools/bench/onnxruntime_bert.py /tmp/bert {prompt} {threads} # {generate} {depth}'

Exports the model once, beside the folder's other files: the encoder alone, or with --masked the logits of every position,
as PyTorch's exporter writes them. All graph optimizations are on, those for transformers too; --int8 quantizes dynamically.
Prints JSON with the tokens a second of the calls of half a second, on the average, as llama-bench does.
"""

import argparse
import json
import pathlib
import time


def export(folder, path, masked):
    import torch
    import transformers

    kind = transformers.AutoModelForMaskedLM if masked else transformers.AutoModel
    model = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()

    class Plain(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids):
            return self.model(input_ids=ids)[0]

    with torch.no_grad():
        torch.onnx.export(Plain(), (torch.zeros(1, 128, dtype=torch.long),), path, input_names=["ids"], output_names=["out"],
                          dynamic_axes={"ids": {1: "tokens"}}, opset_version=17, dynamo=False)


def optimize(path, optimized, config):
    from onnxruntime.transformers import optimizer

    optimizer.optimize_model(str(path), model_type="bert", num_heads=config["num_attention_heads"],
                             hidden_size=config["hidden_size"]).save_model_to_file(str(optimized))


def quantize(path, quantized):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(str(path), str(quantized), weight_type=QuantType.QInt8,
                     extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("tokens", type=int)
    parser.add_argument("threads", type=int)
    parser.add_argument("--masked", action="store_true", help="with the head, on every position")
    parser.add_argument("--int8", action="store_true", help="weights quantized, activations dynamically")
    arguments = parser.parse_args()

    name = "masked" if arguments.masked else "encoder"
    path = arguments.folder / f"onnxruntime-{name}.onnx"
    optimized = path.with_suffix(".optimized.onnx")
    quantized = path.with_suffix(".int8.onnx")
    if not optimized.exists():
        export(arguments.folder, path, arguments.masked)
        optimize(path, optimized, json.loads((arguments.folder / "config.json").read_text()))
    if arguments.int8 and not quantized.exists():
        quantize(optimized, quantized)

    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(str(quantized if arguments.int8 else optimized), options,
                                           providers=["CPUExecutionProvider"])
    ids = {"ids": (numpy.arange(arguments.tokens) * 104729 % 1000).reshape(1, -1)}
    session.run(None, ids)
    times, end = [], time.perf_counter() + 0.5
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        session.run(None, ids)
        times.append(time.perf_counter() - start)
    print(json.dumps([{"avg_ts": arguments.tokens * len(times) / sum(times)}]))


if __name__ == "__main__":
    main()
