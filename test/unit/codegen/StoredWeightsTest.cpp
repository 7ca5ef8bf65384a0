//===- StoredWeightsTest.cpp - Weights that keep their bits -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Parameters.h"
#include "frontend/Frontend.h"
#include "frontend/gguf/GgufModel.h"
#include "ir/Evaluator.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Pipeline.h"
#include "gtest/gtest.h"
#include <map>

using namespace sinter;

namespace {

float halfAt(const uint8_t *at) {
  float result = 0;
  StoredTensor{StoredType::F16, "F16", {1}, {at, 2}}.read(0, result);
  return result;
}

/// What the bytes of a panel stand for, as the type's documentation says it:
/// rounded once.
float elementOf(PackedType type, llvm::ArrayRef<uint8_t> bytes, int64_t input,
                int64_t output) {
  QuantizedType element = type.getQuantized();
  int64_t columns = type.getLayout().getColumns(), depth = element.getDepth();
  int64_t place = type.getElementOffset(input, output);
  int64_t panel = place / type.getPanelElements();
  int64_t column = place / depth % columns;
  int64_t kinds = element.getMinimum() ? 2 : 1;
  int64_t shared = element.getBlock() ? element.getBlock() : element.getGroup();
  int64_t block = input / shared, inBlock = input % shared;
  int64_t group = inBlock / element.getGroup();
  const uint8_t *at = bytes.data() + panel * type.getPanelBytes() +
                      block * type.getBlockBytes();
  double scale = halfAt(at + 2 * column);
  double least = element.getMinimum() ? halfAt(at + 2 * (columns + column)) : 0;
  int64_t header = 2 * kinds * columns;
  if (element.getBlock()) {
    const uint8_t *factors = at + header + group * kinds * columns;
    scale *= int8_t(factors[column]);
    if (element.getMinimum())
      least *= int8_t(factors[columns + column]);
    header += shared / element.getGroup() * kinds * columns;
  }
  // Groups are whole steps, so they need no padding between them.
  const uint8_t *words =
      at + llvm::alignTo(header, 32) +
      inBlock / depth * columns * depth * element.getBits() / 8;
  int64_t inStep = inBlock % depth, number = 0, bit = 0;
  for (int64_t plane = 8; plane > 0; plane /= 2) {
    if (!(element.getBits() & plane))
      continue;
    int64_t ofWord = 32 / plane, inWord = inStep % ofWord;
    const uint8_t *word = words + (inStep / ofWord * columns + column) * 4;
    int64_t bits = word[inWord % 4] >> (inWord / 4 * plane);
    number |= (bits & ((1 << plane) - 1)) << bit;
    bit += plane;
    words += depth / ofWord * columns * 4;
  }
  return float(least + scale * double(number - element.getZero()));
}

/// How many contractions and tables of a file are stored in which type, each of
/// whose numbers was compared with the file's: they are equal.
std::map<std::string, int> compare(const std::string &name) {
  std::map<std::string, int> types;
  llvm::Expected<std::unique_ptr<GgufFile>> file =
      GgufFile::open(std::string(SINTER_FIXTURES) + "/gguf/" + name);
  if (!file) {
    ADD_FAILURE() << llvm::toString(file.takeError());
    return types;
  }
  std::unique_ptr<WeightSource> weights = ggufWeights(**file);
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  SpecInput input;
  input.configText = llvm::cantFail(ggufConfig(**file));
  input.gguf = true;
  input.weights = weights.get();
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  mlir::OwningOpRef<mlir::ModuleOp> module = elaborate(context, input, stream);
  EXPECT_TRUE(bool(module)) << messages;
  if (!module)
    return types;
  PipelineOptions options;
  options.precision = Precision::stored;
  mlir::PassManager passes(&context);
  buildPipeline(passes, options);
  EXPECT_TRUE(mlir::succeeded(passes.run(*module)));
  std::string written;
  llvm::raw_string_ostream sink(written);
  if (llvm::Error problem =
          writeParameters(*module, *weights, sink, [](uint64_t, uint64_t) {})) {
    ADD_FAILURE() << llvm::toString(std::move(problem));
    return types;
  }
  for (auto parameter : module->getOps<ParameterOp>()) {
    auto type = mlir::dyn_cast<PackedType>(parameter.getType());
    if (!type)
      continue;
    std::string text;
    llvm::raw_string_ostream(text) << type.getElementType();
    ++types[text];
    if (!type.getQuantized())
      continue;
    for (int64_t layer = 0; layer < int64_t(parameter.getLayers()); ++layer) {
      mlir::FailureOr<TensorValue> elements =
          Evaluator(*weights).evaluateParameter(parameter, layer);
      if (mlir::failed(elements)) {
        ADD_FAILURE() << parameter.getSymName().str() << ": not evaluated";
        return types;
      }
      int64_t offset = int64_t(*parameter.getOffset()) +
                       layer * int64_t(*parameter.getStride());
      llvm::ArrayRef<uint8_t> bytes(
          reinterpret_cast<const uint8_t *>(written.data()) + offset,
          type.getBytes());
      int64_t different = 0;
      for (int64_t k = 0; k < type.getInputs(); ++k)
        for (int64_t m = 0; m < type.getOutputs(); ++m)
          different += elementOf(type, bytes, k, m) !=
                       float(elements->elements[type.getElementOffset(k, m)]);
      EXPECT_EQ(different, 0)
          << parameter.getSymName().str() << ", layer " << layer;
    }
  }
  return types;
}

using Types = std::map<std::string, int>;

constexpr char q4[] = "!sinter.quantized<ui4, scale = f16, group = 32>";
constexpr char q4Least[] =
    "!sinter.quantized<ui4, scale = f16, group = 32, minimum = true>";
constexpr char q5[] = "!sinter.quantized<ui5, scale = f16, group = 32>";
constexpr char q5Least[] =
    "!sinter.quantized<ui5, scale = f16, group = 32, minimum = true>";
constexpr char q8[] = "!sinter.quantized<ui8, scale = f16, group = 32>";
constexpr char q8Least[] =
    "!sinter.quantized<ui8, scale = f16, group = 32, minimum = true>";
constexpr char k2[] = "!sinter.quantized<ui2, scale = f16, group = 16, "
                      "minimum = true, block = 256>";
constexpr char k3[] =
    "!sinter.quantized<ui4, scale = f16, group = 16, block = 256>";
constexpr char k4[] = "!sinter.quantized<ui4, scale = f16, group = 32, "
                      "minimum = true, block = 256>";
constexpr char k4Fine[] = "!sinter.quantized<ui4, scale = f16, group = 16, "
                          "minimum = true, block = 256>";
constexpr char k5[] = "!sinter.quantized<ui5, scale = f16, group = 32, "
                      "minimum = true, block = 256>";
constexpr char k6[] =
    "!sinter.quantized<ui6, scale = f16, group = 16, block = 256>";
constexpr char k6Least[] = "!sinter.quantized<ui6, scale = f16, group = 16, "
                           "minimum = true, block = 256>";

/// Queries, keys and values of three types stay apart, which takes less room;
/// layers are of two types, and one holds them all.
TEST(StoredWeights, KeepTheirBits) {
  EXPECT_EQ(compare("llama-kept.gguf"),
            (Types{{q4, 1}, {q5, 1}, {q8, 4}, {q5Least, 1}, {q4Least, 1}}));
}

/// The file has them transposed.
TEST(StoredWeights, KeepTheirBitsWhereTheyLieTransposed) {
  EXPECT_EQ(compare("gpt2-kept.gguf"),
            (Types{{q4, 1}, {q8, 3}, {q4Least, 1}, {q5Least, 1}}));
}

/// Of each type a file that llama.cpp's quantizer wrote: projections, what
/// opens and what it opens, logits and the table of tokens. Behind narrow rows
/// it takes another type than asked for.
TEST(StoredWeights, KeepTheBitsOfEveryType) {
  EXPECT_EQ(compare("llama.cpp-q4_0.gguf"), (Types{{q4, 6}}));
  EXPECT_EQ(compare("llama.cpp-q4_1.gguf"), (Types{{q4Least, 6}}));
  EXPECT_EQ(compare("llama.cpp-q5_0.gguf"), (Types{{q5, 6}}));
  EXPECT_EQ(compare("llama.cpp-q5_1.gguf"), (Types{{q5Least, 6}}));
  EXPECT_EQ(compare("llama.cpp-q8_0.gguf"), (Types{{q8, 6}}));
  EXPECT_EQ(compare("llama.cpp-iq4_nl.gguf"), (Types{{q8, 6}}));
  EXPECT_EQ(compare("llama.cpp-q2_k.gguf"), (Types{{k2, 4}, {q4, 2}}));
  EXPECT_EQ(compare("llama.cpp-q3_k.gguf"), (Types{{k3, 4}, {q4, 2}}));
  EXPECT_EQ(compare("llama.cpp-q4_k.gguf"), (Types{{k4, 4}, {q5, 2}}));
  EXPECT_EQ(compare("llama.cpp-q5_k.gguf"), (Types{{k5, 4}, {q5Least, 2}}));
  EXPECT_EQ(compare("llama.cpp-q6_k.gguf"), (Types{{k6, 4}, {q8, 2}}));
}

/// Layers of Q4_K and of Q6_K, which has no least values: one type holds both.
TEST(StoredWeights, KeepTheBitsOfMixedLayers) {
  EXPECT_EQ(compare("llama.cpp-q4_k_m.gguf"),
            (Types{{k4, 3}, {k6Least, 2}, {k6, 1}, {q5, 1}}));
}

/// Layers of a K type and of another are rounded anew, which the evaluator does
/// to the same bits; layers of which one is plain stay in f32; and what stood
/// beside them keeps its numbers.
TEST(StoredWeights, WhatNoTypeHoldsIsRoundedAnew) {
  EXPECT_EQ(compare("llama.cpp.gguf"), (Types{{q8, 3},
                                              {q8Least, 1},
                                              {k4Fine, 1},
                                              {k6, 1},
                                              {k6Least, 1},
                                              {"f32", 2}}));
}

} // namespace
