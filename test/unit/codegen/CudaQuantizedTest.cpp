//===- CudaQuantizedTest.cpp - Weights of few bits for GPUs -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contractions with weights of 8 and 4 bits, emulated, against plain loops over
// what the numbers stand for.
//
//===----------------------------------------------------------------------===//

#include "CudaEmulator.h"
#include "KernelJit.h"
#include "codegen/QuantizedWeights.h"
#include "codegen/cuda/MatrixTile.h"
#include "codegen/cuda/QuantizedFewRows.h"
#include "codegen/cuda/WarpgroupTile.h"
#include "ir/Quantization.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>

using namespace sinter;
using namespace sinter::test;

namespace {

float rounded(float number) {
  uint32_t bits = std::bit_cast<uint32_t>(number);
  return std::bit_cast<float>((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000);
}

int64_t blocksOf(int64_t size, int64_t each) {
  return llvm::divideCeil(size, each);
}

/// How numbers are stored.
struct Storage {
  int64_t bits, group;
  bool scalesInHalf = false, minimum = false;

  PackedType type(mlir::MLIRContext *context, int64_t inputs, int64_t outputs,
                  int64_t columns) const {
    auto element = QuantizedType::get(
        context,
        mlir::IntegerType::get(context, bits, mlir::IntegerType::Unsigned),
        scalesInHalf ? mlir::Type(mlir::Float16Type::get(context))
                     : mlir::Type(mlir::BFloat16Type::get(context)),
        group, minimum);
    return PackedType::get(
        context, inputs, outputs, element,
        PanelsAttr::get(context, columns, element.getDepth()));
  }
};

/// A weight with a column whose numbers are large: all bits are used.
class Problem {
public:
  Problem(PackedType type)
      : inputs(type.getInputs()), outputs(type.getOutputs()),
        storage(type.getBytes() + 256, 0xff), stands(inputs * outputs) {
    std::vector<float> weights = randomNumbers(inputs * outputs, 3);
    for (int64_t k = 0; k < inputs; ++k)
      weights[k * outputs] += 1.5f;
    // What stands behind the weight must not reach the sums: 0xff in a scale is
    // no number.
    PackedType floats = floatPanels(type);
    std::vector<float> panels(floats.getNumElements());
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t m = 0; m < outputs; ++m)
        panels[floats.getElementOffset(k, m)] = weights[k * outputs + m];
    for (int64_t panel = 0; panel < type.getPanelCount(); ++panel)
      quantizePanel(
          type, /*search=*/false,
          llvm::ArrayRef(panels).slice(panel * floats.getPanelElements(),
                                       floats.getPanelElements()),
          {}, data() + panel * type.getPanelBytes());
    QuantizedMatrix matrix =
        quantizeMatrix(type.getQuantized(), false, weights, inputs, outputs);
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t m = 0; m < outputs; ++m)
        stands[k * outputs + m] =
            dequantize(type.getQuantized(), matrix, inputs, outputs, k, m);
  }

  uint64_t address() { return reinterpret_cast<uintptr_t>(data()); }

  /// `relative`: how far sums may be off that products drive apart at random.
  void check(const std::vector<float> &x, int64_t rows, const float *y,
             double relative) const {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t m = 0; m < outputs; ++m) {
        double expected = 0, squares = 0;
        for (int64_t k = 0; k < inputs; ++k) {
          double input = rounded(x[row * inputs + k]);
          expected += input * stands[k * outputs + m];
          squares += input * input;
        }
        ASSERT_NEAR(y[row * outputs + m], expected,
                    relative * largest * std::sqrt(squares))
            << "row " << row << " of " << rows << ", column " << m << " of "
            << outputs << ", " << inputs << " inputs";
      }
  }

private:
  uint8_t *data() {
    return reinterpret_cast<uint8_t *>(
        llvm::alignTo(reinterpret_cast<uintptr_t>(storage.data()), 64));
  }

  static constexpr double largest = 2.5; ///< of the weights
  int64_t inputs, outputs;
  std::vector<uint8_t> storage;
  std::vector<float> stands; ///< [inputs, outputs]
};

/// A kernel that takes rows in blocks.
struct Kernel {
  llvm::StringRef name;
  int64_t rowsOfBlock, columnBlocks;
  bool rowsFirst;
  double relative;
};

/// Runs each kernel on `rows` rows, threads in several orders.
void checkKernels(CudaEmulator &kernels, Problem &problem, int64_t inputs,
                  int64_t outputs, int64_t rows,
                  llvm::ArrayRef<Kernel> launched) {
  std::vector<float> x = randomNumbers(rows * inputs, 7);
  std::vector<uint16_t> storage(RowBlocks(inputs).bytes(rows) / 2 + 32, 0xffff);
  uint64_t blocks =
      llvm::alignTo(reinterpret_cast<uintptr_t>(storage.data()), 64);
  ASSERT_EQ("", kernels.launch("blocks", {blocksOf(rows, 64), 1, 1},
                               {reinterpret_cast<uintptr_t>(x.data()), blocks,
                                uint64_t(rows)},
                               0));
  for (const Kernel &kernel : launched)
    for (unsigned seed = 0; seed < 2; ++seed) {
      SCOPED_TRACE(kernel.name.str());
      GuardedBuffer y(rows * outputs);
      int64_t along = blocksOf(rows, kernel.rowsOfBlock);
      std::array<int64_t, 3> grid{along, kernel.columnBlocks, 1};
      if (!kernel.rowsFirst)
        std::swap(grid[0], grid[1]);
      ASSERT_EQ("", kernels.launch(kernel.name.str(), grid,
                                   {blocks, problem.address(),
                                    reinterpret_cast<uintptr_t>(y.data()),
                                    uint64_t(rows)},
                                   seed));
      EXPECT_TRUE(y.guardsIntact());
      problem.check(x, rows, y.data(), kernel.relative);
      if (testing::Test::HasFatalFailure())
        return;
    }
}

struct Case {
  Storage storage;
  int64_t inputs, outputs, columns;
  std::vector<int64_t> rows;
};

class CudaQuantized : public testing::TestWithParam<Case> {};

TEST_P(CudaQuantized, EqualsPlainLoop) {
  const Case &of = GetParam();
  std::optional<Problem> problem;
  int64_t columnBlocks = 0;
  CudaEmulator kernels([&](CudaBuilder &b) -> std::vector<CudaKernel> {
    PackedType type =
        of.storage.type(b.getContext(), of.inputs, of.outputs, of.columns);
    EXPECT_TRUE(QuantizedFewRows::fits(type) && MatrixTile::fits(type) &&
                WarpgroupTile::fits(type));
    problem.emplace(type);
    columnBlocks = QuantizedFewRows::columnBlocks(type);
    LinearForm form = outputForm(b, {});
    return {emitRowBlocks(b, "blocks", of.inputs, b.getF32Type()),
            emitQuantizedFewRows(b, "few", type, form),
            emitMatrixTile(b, "mma", type, form),
            emitWarpgroupTile(b, "wgmma", type, form)};
  });
  // Tiles round what numbers stand for to bf16.
  int64_t tiles = blocksOf(of.outputs, 128);
  for (int64_t rows : of.rows) {
    checkKernels(kernels, *problem, of.inputs, of.outputs, rows,
                 {{"few", 8, columnBlocks, false, 0x1p-17},
                  {"mma", MatrixTile::rows, tiles, true, 0x1p-7},
                  {"wgmma", WarpgroupTile::rows, tiles, true, 0x1p-7}});
    if (HasFatalFailure())
      return;
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, CudaQuantized,
                         testing::Values(
                             // A scale for a column; turns of all warps, single
                             // chunks, and a part of one.
                             Case{{8, 0}, 1100, 100, 128, {1, 70}},
                             Case{{4, 0}, 2300, 33, 128, {3}},
                             Case{{4, 0, true, true}, 203, 64, 64, {9}},
                             // Groups, the last not whole.
                             Case{{4, 32}, 328, 128, 128, {8}},
                             Case{{4, 32}, 96, 130, 64, {129}},
                             Case{{4, 64, true}, 170, 40, 32, {2}},
                             Case{{4, 32, false, true}, 552, 32, 32, {5}},
                             Case{{8, 32, true}, 128, 48, 64, {8}},
                             Case{{8, 128, false, true}, 396, 70, 128, {4}},
                             Case{{8, 96}, 484, 32, 32, {1}},
                             // Fewer inputs than a group.
                             Case{{4, 128}, 9, 16, 32, {1}}),
                         [](const auto &info) {
                           const Storage &of = info.param.storage;
                           return "w" + std::to_string(of.bits) + "_group" +
                                  std::to_string(of.group) +
                                  (of.scalesInHalf ? "_f16" : "_bf16") +
                                  (of.minimum ? "_minimum_" : "_") +
                                  std::to_string(info.param.inputs);
                         });

/// Groups that end within a chunk are no kernel's.
TEST(CudaQuantizedNumbers, TakeGroupsOfWholeChunks) {
  mlir::MLIRContext context;
  context.loadDialect<SinterDialect>();
  auto fits = [&](int64_t group) {
    return QuantizedNumbers::fits(
        Storage{8, group}.type(&context, 256, 128, 128));
  };
  EXPECT_TRUE(fits(0) && fits(32) && fits(256));
  EXPECT_FALSE(fits(16));
  EXPECT_FALSE(fits(48));
}

} // namespace
