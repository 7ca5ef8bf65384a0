//===- PackedGatherTest.cpp - Rows out of panels -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/PackedGather.h"
#include "KernelJit.h"
#include "StoredBlocks.h"
#include "codegen/QuantizedWeights.h"
#include "ir/Quantization.h"
#include "gtest/gtest.h"
#include <bit>
#include <cstring>

using namespace sinter;
using namespace sinter::test;

namespace {

/// Elements that a weight is made of, the type of their panels, and what is
/// gathered of them.
class Table {
public:
  Table(int64_t inputs, int64_t outputs)
      : inputs(inputs), outputs(outputs),
        elements(randomNumbers(inputs * outputs, 5)) {}

  /// Gathers rows of panels in `cpu`'s code, and compares them with `elements`
  /// after they were rounded by `round`.
  void check(const std::string &cpu, llvm::StringRef element,
             PanelsAttr (*layout)(mlir::MLIRContext *)) {
    SCOPED_TRACE(element.str() + ", " + std::to_string(inputs) + " by " +
                 std::to_string(outputs));
    std::vector<uint8_t> bytes;
    KernelJit kernel(
        cpu, [&](KernelBuilder &builder, const TargetDescription &) {
          auto type = PackedType::get(builder.getContext(), inputs, outputs,
                                      typeOf(element, builder.getContext()),
                                      layout(builder.getContext()));
          bytes = type.getQuantized() ? quantized(type) : rounded(type);
          emitPackedGather(builder, "gather", type);
        });
    std::vector<int32_t> index{0, int32_t(outputs - 1), 3, -7, 1 << 20, 5};
    GuardedBuffer rows(int64_t(index.size()) * inputs);
    auto *gather = kernel.get<void(const void *, const int32_t *, float *,
                                   int64_t, int64_t)>("gather");
    gather(bytes.data(), index.data(), rows.data(), 0, 2);
    gather(bytes.data(), index.data(), rows.data(), 2, int64_t(index.size()));
    EXPECT_TRUE(rows.guardsIntact());
    for (auto [row, number] : llvm::enumerate(index)) {
      int64_t column = std::clamp<int64_t>(number, 0, outputs - 1);
      for (int64_t k = 0; k < inputs; ++k)
        ASSERT_EQ(elements[k * outputs + column],
                  rows.data()[int64_t(row) * inputs + k])
            << "row " << row << ", input " << k;
    }
  }

private:
  static mlir::Type typeOf(llvm::StringRef name, mlir::MLIRContext *context) {
    if (name == "f32")
      return mlir::Float32Type::get(context);
    if (name == "bf16")
      return mlir::BFloat16Type::get(context);
    int64_t bits = name[name.find('w') + 1] - '0';
    bool hasBlocks = name.contains("blocks");
    int64_t group = hasBlocks && bits != 5 ? 16 : 32;
    return QuantizedType::get(
        context, bits,
        name.contains("f16 ") ? mlir::Type(mlir::Float16Type::get(context))
                              : mlir::Type(mlir::BFloat16Type::get(context)),
        hasBlocks || name.contains("groups") ? group : 0,
        name.contains("least"), hasBlocks ? 256 : 0);
  }

  std::vector<uint8_t> quantized(PackedType type) {
    if (type.getQuantized().getBlock()) {
      StoredBlocks blocks(type);
      elements = blocks.elements();
      return blocks.packed();
    }
    std::vector<float> panels(floatPanels(type).getNumElements());
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t m = 0; m < outputs; ++m)
        panels[floatPanels(type).getElementOffset(k, m)] =
            elements[k * outputs + m];
    QuantizedMatrix matrix = quantizeMatrix(
        type.getQuantized(), /*search=*/true, elements, inputs, outputs);
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t m = 0; m < outputs; ++m)
        elements[k * outputs + m] =
            dequantize(type.getQuantized(), matrix, inputs, outputs, k, m);
    std::vector<uint8_t> bytes(type.getBytes());
    int64_t ofPanel = floatPanels(type).getPanelElements();
    for (int64_t panel = 0; panel < type.getPanelCount(); ++panel)
      quantizePanel(type, /*search=*/true,
                    llvm::ArrayRef(panels).slice(panel * ofPanel, ofPanel), {},
                    &bytes[panel * type.getPanelBytes()]);
    return bytes;
  }

  std::vector<uint8_t> rounded(PackedType type) {
    std::vector<uint8_t> bytes(type.getBytes());
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t m = 0; m < outputs; ++m) {
        float &element = elements[k * outputs + m];
        int64_t at = type.getElementOffset(k, m);
        auto bits = std::bit_cast<uint32_t>(element);
        if (type.getElementType().isF32()) {
          std::memcpy(&bytes[4 * at], &bits, 4);
        } else {
          bits &= 0xffff0000; // a bf16, whichever
          element = std::bit_cast<float>(bits);
          auto half = uint16_t(bits >> 16);
          std::memcpy(&bytes[2 * at], &half, 2);
        }
      }
    return bytes;
  }

  int64_t inputs, outputs;
  std::vector<float> elements;
};

TEST(PackedGather, GivesWhatPanelsHold) {
  auto flat = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 64, 1, 1, 0);
  };
  auto parts = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 32, 1, 2, 40);
  };
  auto pairs = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 48, 2, 1, 0);
  };
  auto bytes = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 32, 4, 1, 0);
  };
  auto halves = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 32, 8, 1, 0);
  };
  for (const std::string &cpu : testedCpus())
    for (auto [inputs, outputs] :
         {std::pair{64, 100}, std::pair{77, 131}, std::pair{5, 6}}) {
      Table(inputs, outputs).check(cpu, "f32", flat);
      Table(inputs, outputs).check(cpu, "bf16", pairs);
      for (const char *scales : {"", "f16 "})
        for (const char *groups : {"", " groups", " groups least", " least"}) {
          std::string rest = groups;
          Table(inputs, outputs).check(cpu, scales + ("w8" + rest), bytes);
          Table(inputs, outputs).check(cpu, scales + ("w4" + rest), halves);
        }
      Table(inputs, 80).check(cpu, "f32", parts);
    }
}

/// Numbers in several planes, and those that have factors.
TEST(PackedGather, GivesWhatBlocksHold) {
  auto sixteen = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 32, 16, 1, 0);
  };
  auto thirtyTwo = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 16, 32, 1, 0);
  };
  auto halves = [](mlir::MLIRContext *context) {
    return PanelsAttr::get(context, 16, 8, 1, 0);
  };
  for (const std::string &cpu : testedCpus()) {
    for (const char *rest : {" groups", " groups least"}) {
      Table(77, 131).check(cpu, "f16 w6" + std::string(rest), sixteen);
      Table(77, 131).check(cpu, "f16 w5" + std::string(rest), thirtyTwo);
      Table(77, 131).check(cpu, "f16 w2" + std::string(rest), sixteen);
    }
    for (const char *rest : {" blocks", " blocks least"}) {
      Table(512, 35).check(cpu, "f16 w2" + std::string(rest), sixteen);
      Table(512, 35).check(cpu, "f16 w4" + std::string(rest), halves);
      Table(512, 35).check(cpu, "f16 w5" + std::string(rest), thirtyTwo);
      Table(512, 35).check(cpu, "f16 w6" + std::string(rest), sixteen);
    }
  }
}

} // namespace
