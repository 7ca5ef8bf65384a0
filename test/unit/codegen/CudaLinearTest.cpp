//===- CudaLinearTest.cpp - Contractions for GPUs, emulated -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaEmulator.h"
#include "KernelJit.h"
#include "codegen/cuda/FewRows.h"
#include "codegen/cuda/MatrixTile.h"
#include "codegen/cuda/WarpgroupTile.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>

using namespace sinter;
using namespace sinter::test;

namespace {

/// The nearest bf16, ties to even, as its bits.
uint16_t brainFloat(float number) {
  uint32_t bits = std::bit_cast<uint32_t>(number);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float rounded(float number) {
  return std::bit_cast<float>(uint32_t(brainFloat(number)) << 16);
}

int64_t blocksOf(int64_t size, int64_t each) {
  return llvm::divideCeil(size, each);
}

/// Memory of a device: aligned, and poisoned with NaN.
template <typename Element> class DeviceBuffer {
public:
  explicit DeviceBuffer(int64_t size) : storage(size + 256 / sizeof(Element)) {
    std::memset(storage.data(), 0xff, storage.size() * sizeof(Element));
  }
  Element *data() {
    return reinterpret_cast<Element *>(
        llvm::alignTo(reinterpret_cast<uintptr_t>(storage.data()), 256));
  }
  uint64_t address() { return reinterpret_cast<uintptr_t>(data()); }

private:
  std::vector<Element> storage;
};

struct Problem {
  int64_t inputs, outputs, columns;
  std::vector<float> weights; ///< [inputs, outputs], rounded

  Problem(int64_t inputs, int64_t outputs, int64_t columns)
      : inputs(inputs), outputs(outputs), columns(columns),
        weights(randomNumbers(inputs * outputs, 3)) {
    for (float &number : weights)
      number = rounded(number);
  }
  PackedType type(mlir::MLIRContext *context) const {
    return PackedType::get(context, inputs, outputs,
                           mlir::BFloat16Type::get(context),
                           PanelsAttr::get(context, columns, 8));
  }
  DeviceBuffer<uint16_t> pack(PackedType type) const {
    DeviceBuffer<uint16_t> packed(type.getNumElements());
    std::fill_n(packed.data(), type.getNumElements(), 0);
    for (int64_t k = 0; k < inputs; ++k)
      for (int64_t m = 0; m < outputs; ++m)
        packed.data()[type.getElementOffset(k, m)] =
            brainFloat(weights[k * outputs + m]);
    return packed;
  }
  void check(const std::vector<float> &x, int64_t rows, const float *y) const {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t m = 0; m < outputs; ++m) {
        double expected = 0, magnitude = 0;
        for (int64_t k = 0; k < inputs; ++k) {
          double product =
              double(rounded(x[row * inputs + k])) * weights[k * outputs + m];
          expected += product;
          magnitude += std::fabs(product);
        }
        ASSERT_NEAR(y[row * outputs + m], expected,
                    magnitude * inputs * 0x1p-23 + 1e-30)
            << "row " << row << " of " << rows << ", column " << m << " of "
            << outputs << ", " << inputs << " inputs";
      }
  }
};

/// Kernels of many rows: of all GPUs, or of those with warpgroups.
class CudaTiles : public testing::TestWithParam<bool> {};

TEST_P(CudaTiles, EqualPlainLoop) {
  struct Case {
    int64_t inputs, outputs, columns;
    std::vector<int64_t> rows;
  };
  bool isWarpgroup = GetParam();
  int64_t tileRows = isWarpgroup ? WarpgroupTile::rows : MatrixTile::rows;
  for (const Case &of :
       {Case{64, 128, 128, {1, 64, 130}}, Case{200, 100, 128, {65, 300}},
        Case{40, 193, 64, {70}}, Case{33, 250, 64, {3}}, Case{8, 16, 16, {129}},
        Case{523, 130, 32, {5}}}) {
    Problem problem(of.inputs, of.outputs, of.columns);
    std::optional<DeviceBuffer<uint16_t>> packed;
    CudaEmulator kernels([&](CudaBuilder &b) -> std::vector<CudaKernel> {
      PackedType type = problem.type(b.getContext());
      packed.emplace(problem.pack(type));
      EXPECT_TRUE(MatrixTile::fits(type) && WarpgroupTile::fits(type));
      LinearForm form = outputForm(b, {});
      return {emitRowBlocks(b, "blocks", of.inputs, b.getF32Type()),
              isWarpgroup ? emitWarpgroupTile(b, "tile", type, form)
                          : emitMatrixTile(b, "tile", type, form)};
    });
    for (int64_t rows : of.rows)
      for (unsigned seed = 0; seed < 4; ++seed) {
        std::vector<float> x = randomNumbers(rows * of.inputs, 7 + seed);
        DeviceBuffer<float> input(rows * of.inputs);
        std::copy(x.begin(), x.end(), input.data());
        DeviceBuffer<uint16_t> blocks(RowBlocks(of.inputs).bytes(rows) / 2);
        GuardedBuffer y(rows * of.outputs);
        ASSERT_EQ("", kernels.launch(
                          "blocks", {blocksOf(rows, 64), 1, 1},
                          {input.address(), blocks.address(), uint64_t(rows)},
                          seed));
        ASSERT_EQ("",
                  kernels.launch(
                      "tile",
                      {blocksOf(rows, tileRows), blocksOf(of.outputs, 128), 1},
                      {blocks.address(), packed->address(),
                       reinterpret_cast<uintptr_t>(y.data()), uint64_t(rows)},
                      seed));
        EXPECT_TRUE(y.guardsIntact());
        problem.check(x, rows, y.data());
        if (HasFatalFailure())
          return;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Instructions, CudaTiles, testing::Bool(),
                         [](const auto &info) {
                           return info.param ? "wgmma" : "mma";
                         });

/// Up to eight rows, and more of them in turns.
TEST(CudaFewRows, EqualsPlainLoop) {
  struct Case {
    int64_t inputs, outputs, columns;
    std::vector<int64_t> rows;
  };
  for (const Case &of :
       {Case{1600, 100, 128, {1, 8, 9}}, Case{1024, 16, 64, {2}},
        Case{200, 129, 128, {70}}, Case{33, 250, 64, {3}}}) {
    Problem problem(of.inputs, of.outputs, of.columns);
    std::optional<DeviceBuffer<uint16_t>> packed;
    int64_t columnBlocks = 0;
    CudaEmulator kernels([&](CudaBuilder &b) -> std::vector<CudaKernel> {
      PackedType type = problem.type(b.getContext());
      packed.emplace(problem.pack(type));
      EXPECT_TRUE(FewRows::fits(type));
      columnBlocks = FewRows::columnBlocks(type);
      return {emitRowBlocks(b, "blocks", of.inputs, b.getF32Type()),
              emitFewRows(b, "few", type, outputForm(b, {}))};
    });
    for (int64_t rows : of.rows)
      for (unsigned seed = 0; seed < 4; ++seed) {
        std::vector<float> x = randomNumbers(rows * of.inputs, 7 + seed);
        DeviceBuffer<float> input(rows * of.inputs);
        std::copy(x.begin(), x.end(), input.data());
        DeviceBuffer<uint16_t> blocks(RowBlocks(of.inputs).bytes(rows) / 2);
        GuardedBuffer y(rows * of.outputs);
        ASSERT_EQ("", kernels.launch(
                          "blocks", {blocksOf(rows, 64), 1, 1},
                          {input.address(), blocks.address(), uint64_t(rows)},
                          seed));
        ASSERT_EQ("",
                  kernels.launch("few", {columnBlocks, blocksOf(rows, 8), 1},
                                 {blocks.address(), packed->address(),
                                  reinterpret_cast<uintptr_t>(y.data()),
                                  uint64_t(rows)},
                                 seed));
        EXPECT_TRUE(y.guardsIntact());
        problem.check(x, rows, y.data());
        if (HasFatalFailure())
          return;
      }
  }
}

} // namespace
