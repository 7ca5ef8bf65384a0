//===- Synthesize.cpp - Models of real shape with random weights ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sinter-synthesize llama llama-1b/` writes a folder as Hugging Face does:
// config.json and model.safetensors. Speed depends on shapes, not on what was
// learned, so random weights measure as well as real ones. Weights are
// streamed: memory does not grow with the model.
//
//===----------------------------------------------------------------------===//

#include "tools/bench/Arguments.h"
#include "tools/bench/ModelShapes.h"
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

using namespace sinter::bench;

namespace {

/// Random numbers of one tensor (splitmix64): those of a tensor depend on its
/// name and the seed alone.
class Random {
public:
  Random(uint64_t seed, const std::string &name) : state(seed) {
    for (char c : name)
      state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  }
  /// In [-1, 1).
  float next() {
    uint64_t z = state += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    z ^= z >> 31;
    return static_cast<float>(static_cast<int64_t>(z) >> 40) * 0x1p-23f;
  }

private:
  uint64_t state;
};

uint16_t toBfloat16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

void writeTensor(std::ofstream &file, const Tensor &tensor, bool isBfloat16,
                 uint64_t seed) {
  Random random(seed, tensor.name);
  // A uniform distribution of this deviation.
  const float reach = tensor.deviation * std::sqrt(3.0f);
  std::vector<float> values(1 << 18);
  std::vector<uint16_t> halves(isBfloat16 ? values.size() : 0);
  for (int64_t left = tensor.elements(); left > 0;) {
    const size_t count = std::min<int64_t>(left, values.size());
    for (size_t i = 0; i < count; ++i)
      values[i] = tensor.mean + reach * random.next();
    for (size_t i = 0; isBfloat16 && i < count; ++i)
      halves[i] = toBfloat16(values[i]);
    const void *data = isBfloat16 ? static_cast<const void *>(halves.data())
                                  : static_cast<const void *>(values.data());
    file.write(static_cast<const char *>(data),
               static_cast<std::streamsize>(count * (isBfloat16 ? 2 : 4)));
    left -= static_cast<int64_t>(count);
  }
}

void writeWeights(const std::string &path, const std::vector<Tensor> &tensors,
                  bool isBfloat16, uint64_t seed) {
  nlohmann::ordered_json header;
  int64_t offset = 0;
  for (const Tensor &tensor : tensors) {
    const int64_t end = offset + tensor.elements() * (isBfloat16 ? 2 : 4);
    header[tensor.name] = {{"dtype", isBfloat16 ? "BF16" : "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  // The numbers begin at a multiple of 64.
  text.resize((text.size() + 8 + 63) / 64 * 64 - 8, ' ');
  std::ofstream file(path, std::ios::binary);
  const uint64_t length = text.size();
  file.write(reinterpret_cast<const char *>(&length), sizeof(length));
  file << text;
  for (const Tensor &tensor : tensors)
    if (file)
      writeTensor(file, tensor, isBfloat16, seed);
  file.close();
  if (!file)
    throw std::runtime_error("cannot write " + path + ": " +
                             std::strerror(errno));
}

const char *const help =
    R"(usage: sinter-synthesize <architecture> <folder> [options]

Writes a model in Hugging Face's form, with random weights.
Architectures: gpt2 (124M), bert (base), llama (1B).

  --dtype <type>     f32 (default) or bf16
  --seed <n>         of the random numbers (default: 1)
  --layers <n>       in place of the architecture's own number; likewise:
  --width <n>        of a hidden state
  --inner <n>        of the feed-forward network
  --heads <n>
  --kv-heads <n>     heads of keys and values (llama)
  --vocabulary <n>
  --context <n>      most positions
  --help
)";

int run(int argc, char **argv) {
  Arguments arguments(argc, argv,
                      {"dtype", "seed", "layers", "width", "inner", "heads",
                       "kv-heads", "vocabulary", "context"},
                      {"help"});
  if (arguments.has("help")) {
    std::cout << help;
    return 0;
  }
  if (arguments.positional().size() != 2)
    throw UsageError("expected an architecture and a folder; see --help");
  const std::string &architecture = arguments.positional()[0];
  const std::filesystem::path folder = arguments.positional()[1];
  std::optional<ModelShape> shape = shapeOf(architecture);
  if (!shape)
    throw UsageError("unknown architecture '" + architecture +
                     "': expected gpt2, bert or llama");
  shape->layers = arguments.number("layers", shape->layers, 1);
  shape->width = arguments.number("width", shape->width, 1);
  shape->inner = arguments.number("inner", shape->inner, 1);
  shape->heads = arguments.number("heads", shape->heads, 1);
  shape->keyHeads =
      arguments.number("kv-heads", std::min(shape->keyHeads, shape->heads), 1);
  shape->vocabulary = arguments.number("vocabulary", shape->vocabulary, 1);
  shape->context = arguments.number("context", shape->context, 1);
  if (shape->width % shape->heads != 0)
    throw UsageError("--width: " + std::to_string(shape->width) +
                     " is no multiple of " + std::to_string(shape->heads) +
                     " heads");
  if (shape->heads % shape->keyHeads != 0)
    throw UsageError("--heads: " + std::to_string(shape->heads) +
                     " is no multiple of " + std::to_string(shape->keyHeads) +
                     " heads of keys and values");
  const std::string dtype = arguments.text("dtype", "f32");
  if (dtype != "f32" && dtype != "bf16")
    throw UsageError("--dtype: expected f32 or bf16, found '" + dtype + "'");
  const bool isBfloat16 = dtype == "bf16";

  std::error_code error;
  std::filesystem::create_directories(folder, error);
  nlohmann::ordered_json config = configOf(*shape);
  config["dtype"] = isBfloat16 ? "bfloat16" : "float32";
  std::ofstream file(folder / "config.json");
  file << config.dump(2) << "\n";
  file.close();
  if (!file)
    throw std::runtime_error("cannot write " +
                             (folder / "config.json").string() + ": " +
                             std::strerror(errno));
  const std::vector<Tensor> tensors = tensorsOf(*shape);
  writeWeights((folder / "model.safetensors").string(), tensors, isBfloat16,
               static_cast<uint64_t>(arguments.number("seed", 1, 0)));
  int64_t parameters = 0;
  for (const Tensor &tensor : tensors)
    parameters += tensor.elements();
  std::cout << folder.string() << ": " << architecture << ", " << parameters
            << " parameters in " << dtype << "\n";
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  return guarded([&] { return run(argc, argv); });
}
