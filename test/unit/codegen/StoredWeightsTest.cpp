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

/// What the bytes of a panel stand for, as the type's documentation says it.
float elementOf(PackedType type, llvm::ArrayRef<uint8_t> bytes, int64_t input,
                int64_t output) {
  QuantizedType element = type.getQuantized();
  int64_t columns = type.getLayout().getColumns(), depth = element.getDepth();
  int64_t place = type.getElementOffset(input, output);
  int64_t panel = place / type.getPanelElements();
  int64_t column = place / depth % columns;
  int64_t group = input / element.getGroup(),
          inGroup = input % element.getGroup();
  const uint8_t *at = bytes.data() + panel * type.getPanelBytes() +
                      group * type.getGroupBytes();
  float scale = halfAt(at + 2 * column);
  float least = element.getMinimum() ? halfAt(at + 2 * (columns + column)) : 0;
  const uint8_t *word =
      at + type.getScaleBytes() + (inGroup / depth * columns + column) * 4;
  int64_t number = word[inGroup % 4];
  if (element.getBits() == 4)
    number = inGroup % 8 < 4 ? number & 15 : number >> 4;
  return least + scale * float(number - element.getZero());
}

/// How many contractions of a file are stored in which type, each of whose
/// numbers was compared with the file's: they are equal.
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

/// Queries, keys and values of three kinds stand side by side, and layers are
/// of two kinds: the type holds them all.
TEST(StoredWeights, KeepTheirBits) {
  EXPECT_EQ(
      compare("llama-kept.gguf"),
      (Types{{"!sinter.quantized<ui8, scale = f16, group = 32>", 3},
             {"!sinter.quantized<ui8, scale = f16, group = 32, minimum = true>",
              1},
             {"!sinter.quantized<ui4, scale = f16, group = 32, minimum = true>",
              1}}));
}

/// The file has them transposed.
TEST(StoredWeights, KeepTheirBitsWhereTheyLieTransposed) {
  EXPECT_EQ(
      compare("gpt2-kept.gguf"),
      (Types{{"!sinter.quantized<ui4, scale = f16, group = 32>", 1},
             {"!sinter.quantized<ui8, scale = f16, group = 32>", 2},
             {"!sinter.quantized<ui4, scale = f16, group = 32, minimum = true>",
              1},
             {"!sinter.quantized<ui8, scale = f16, group = 32, minimum = true>",
              1}}));
}

/// K blocks are rounded anew, which the evaluator does to the same bits; what
/// stands beside plain numbers stays in f32.
TEST(StoredWeights, WhatNoKernelTakesIsRoundedAnew) {
  EXPECT_EQ(compare("llama.cpp.gguf"),
            (Types{{"!sinter.quantized<ui8, scale = f16, group = 32>", 3},
                   {"f32", 2}}));
}

} // namespace
