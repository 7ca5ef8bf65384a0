//===- EmulateInstructionsTest.cpp - What emulation computes -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulateInstructions.h"
#include "KernelJit.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>
#include <cstring>

using namespace sinter;
using namespace sinter::test;

namespace {

/// An instruction: its intrinsic, the elements of its result and of its
/// operands, and a machine that has it.
struct Instruction {
  const char *name, *cpu;
  int64_t bits;
  /// Bits of an element, 16 for bf16 among `operands` if `isBrain`.
  int result;
  std::vector<int> operands;
  bool isFloat = false;
};

using Bytes = std::vector<uint8_t>;
using Function = void(void *result, const void *, const void *, const void *);

/// The function that applies the instruction to what its pointers point to, or
/// why there is none.
llvm::Expected<std::unique_ptr<LoadedKernels>>
compile(const Instruction &instruction, bool isEmulated) {
  TargetDescription target = targetNamed(instruction.cpu);
  llvm::LLVMContext context;
  auto module = LoadedKernels::generate(
      target,
      [&](KernelBuilder &b) {
        auto typeOf = [&](int bits) {
          mlir::Type element = b.getIntegerType(bits);
          if (instruction.isFloat)
            element = bits == 16 ? mlir::Type(b.getBF16Type())
                                 : mlir::Type(b.getF32Type());
          return b.vectorType(instruction.bits / bits, element);
        };
        auto function = b.beginFunction(
            "f", llvm::SmallVector<mlir::Type>(4, mlir::Type(b.pointerType())));
        llvm::SmallVector<mlir::Value> operands;
        for (auto [i, bits] : llvm::enumerate(instruction.operands))
          operands.push_back(
              b.load(typeOf(bits), function.getArgument(unsigned(i) + 1)));
        auto call = mlir::LLVM::CallIntrinsicOp::create(
            b, mlir::TypeRange{typeOf(instruction.result)},
            b.getStringAttr(instruction.name), operands,
            mlir::LLVM::FastmathFlagsAttr::get(
                b.getContext(), mlir::LLVM::FastmathFlags::none));
        b.store(call.getResult(0), function.getArgument(0));
        b.endFunction();
      },
      context);
  if (!module)
    return module.takeError();
  if (isEmulated) {
    if (llvm::Error error = emulateInstructions(**module))
      return error;
    target = targetNamed("native");
  }
  return LoadedKernels::load(**module, target);
}

template <typename Element>
std::vector<Element> apply(const Instruction &instruction, bool isEmulated,
                           const void *a, const void *b,
                           const void *c = nullptr) {
  auto kernels = cantFail(compile(instruction, isEmulated));
  std::vector<Element> result(instruction.bits / 8 / sizeof(Element));
  auto *function = reinterpret_cast<Function *>(cantFail(kernels->lookup("f")));
  function(result.data(), a, b, c);
  return result;
}

const Instruction instructions[] = {
    {"llvm.x86.sse2.pmadd.wd", "x86_64/x86-64", 128, 32, {16, 16}},
    {"llvm.x86.avx2.pmadd.wd", "x86_64/x86-64-v3", 256, 32, {16, 16}},
    {"llvm.x86.avx512.pmaddw.d.512", "x86_64/x86-64-v4", 512, 32, {16, 16}},
    {"llvm.x86.ssse3.pmadd.ub.sw.128", "x86_64/x86-64-v3", 128, 16, {8, 8}},
    {"llvm.x86.avx2.pmadd.ub.sw", "x86_64/x86-64-v3", 256, 16, {8, 8}},
    {"llvm.x86.ssse3.psign.b.128", "x86_64/x86-64-v3", 128, 8, {8, 8}},
    {"llvm.x86.avx2.psign.b", "x86_64/x86-64-v3", 256, 8, {8, 8}},
    {"llvm.x86.avx512.vpdpbusd.512", "x86_64/znver4", 512, 32, {32, 8, 8}},
    {"llvm.x86.avx512.vpdpbusd.256", "x86_64/alderlake", 256, 32, {32, 8, 8}},
    {"llvm.x86.avx512bf16.dpbf16ps.512",
     "x86_64/znver4",
     512,
     32,
     {32, 16, 16},
     true},
};

/// Where this machine has the instruction, it gives the same bits.
TEST(EmulateInstructions, EqualsTheMachine) {
  std::mt19937 random(3);
  int compared = 0;
  for (const Instruction &instruction : instructions) {
    if (!isRunnable(targetNamed(instruction.cpu)))
      continue;
    SCOPED_TRACE(instruction.name);
    Bytes operands[3];
    for (Bytes &bytes : operands) {
      bytes.resize(64);
      for (uint8_t &byte : bytes)
        byte = uint8_t(random() % 9 == 0 ? 0x80 : random());
      // No NaN among floats: which one comes out is a machine's own choice.
      for (size_t i = 1; instruction.isFloat && i < bytes.size(); i += 2)
        bytes[i] &= 0xbf;
    }
    EXPECT_EQ(apply<uint8_t>(instruction, false, operands[0].data(),
                             operands[1].data(), operands[2].data()),
              apply<uint8_t>(instruction, true, operands[0].data(),
                             operands[1].data(), operands[2].data()));
    ++compared;
  }
  if (compared == 0)
    GTEST_SKIP() << "this machine has none of the instructions";
}

TEST(EmulateInstructions, ProductsOfBytes) {
  int32_t sum[4] = {10, -10, INT32_MAX, 0};
  uint8_t a[16] = {255, 255, 255, 255, 1, 2, 3, 4, 1, 0, 0, 0, 128, 0, 0, 127};
  int8_t b[16] = {-128, -128, -128, -128, 1,  -1, 1, -1,
                  1,    0,    0,    0,    -1, 0,  0, 1};
  using Sums = std::vector<int32_t>;
  const Sums mixed = {10 - 4 * 255 * 128, -12, INT32_MIN, -1};
  for (const char *name :
       {"llvm.x86.avx512.vpdpbusd.128", "llvm.aarch64.neon.usdot.v4i32.v16i8"})
    EXPECT_EQ(mixed, apply<int32_t>({name,
                                     name[5] == 'x' ? "x86_64/znver4"
                                                    : "aarch64/neoverse-v1",
                                     128,
                                     32,
                                     {32, 8, 8}},
                                    true, sum, a, b));
  EXPECT_EQ((Sums{10 + 4 * 128, -12, INT32_MIN, 255}),
            apply<int32_t>({"llvm.aarch64.neon.sdot.v4i32.v16i8",
                            "aarch64/cortex-a76",
                            128,
                            32,
                            {32, 8, 8}},
                           true, sum, a, b));
  // Rows of the first by rows of the second.
  int8_t rows[16] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, -2};
  int8_t columns[16] = {1, 2, 3, 4, 5, 6, 7, 8, -1, -1, -1, -1, -1, -1, -1, 5};
  EXPECT_EQ((Sums{46, -12, INT32_MIN + 15, -10}),
            apply<int32_t>({"llvm.aarch64.neon.smmla.v4i32.v16i8",
                            "aarch64/neoverse-v1",
                            128,
                            32,
                            {32, 8, 8}},
                           true, (sum[2] = INT32_MIN + 31, sum), rows,
                           columns));
}

uint16_t brain(float number) {
  return uint16_t(std::bit_cast<uint32_t>(number) >> 16);
}

/// Odd elements first, each product added with a rounding of its own; numbers
/// below 2^-126 are zero.
TEST(EmulateInstructions, PairsOfBrainFloats) {
  const Instruction dot{"llvm.x86.avx512bf16.dpbf16ps.128",
                        "x86_64/znver4",
                        128,
                        32,
                        {32, 16, 16},
                        true};
  float sum[4] = {0x1p24f, 1.0f, 0x1p-127f, 0x1p-126f};
  uint16_t a[8] = {brain(1),          brain(-0x1p24f),  brain(2),
                   brain(3),          brain(0x1p-130f), brain(0),
                   brain(-0x1p-127f), brain(1)};
  uint16_t b[8] = {brain(1),       brain(1), brain(5), brain(7),
                   brain(0x1p10f), brain(1), brain(1), brain(-0x1p-126f)};
  // In the other order, 2^24 + 1 would lose the 1.
  EXPECT_EQ((std::vector<float>{1.0f, 32.0f, 0, 0}),
            apply<float>(dot, true, sum, a, b));
}

/// The sum of two products to odd, and so what it is added to.
TEST(EmulateInstructions, ArmsPairsOfBrainFloats) {
  const Instruction dot{"llvm.aarch64.neon.bfdot.v4f32.v8bf16",
                        "aarch64/neoverse-v1",
                        128,
                        32,
                        {32, 16, 16},
                        true};
  float sum[4] = {0, 0x1p24f, 1.0f, 0};
  uint16_t a[8] = {brain(0x1p24f), brain(1), brain(1),        brain(0),
                   brain(2),       brain(3), brain(0x1p100f), brain(0x1p-100f)};
  uint16_t b[8] = {brain(1), brain(1), brain(1), brain(1),
                   brain(5), brain(7), brain(1), brain(-1)};
  // 2^24 + 1 is between 2^24, which is even, and 2^24 + 2; and a little below
  // 2^100 is the largest below it, which is odd.
  EXPECT_EQ((std::vector<float>{0x1p24f + 2, 0x1p24f + 2, 32.0f,
                                std::nextafter(0x1p100f, 0.0f)}),
            apply<float>(dot, true, sum, a, b));
  const Instruction matrices{"llvm.aarch64.neon.bfmmla",
                             "aarch64/neoverse-v1",
                             128,
                             32,
                             {32, 16, 16},
                             true};
  float zero[4] = {100, 0, 0, 0};
  uint16_t rows[8], columns[8];
  for (int i = 0; i < 8; ++i) {
    rows[i] = brain(float(i + 1));
    columns[i] = brain(i < 4 ? 1.0f : float(i));
  }
  EXPECT_EQ((std::vector<float>{110, 4 + 10 + 18 + 28, 26, 20 + 30 + 42 + 56}),
            apply<float>(matrices, true, zero, rows, columns));
}

TEST(EmulateInstructions, WhatIsNotKnownIsNamed) {
  auto kernels = compile(
      {"llvm.x86.avx2.psad.bw", "x86_64/x86-64-v3", 256, 64, {8, 8}}, true);
  ASSERT_FALSE(kernels);
  EXPECT_EQ("llvm.x86.avx2.psad.bw is not emulated: add it to "
            "EmulateInstructions.cpp",
            llvm::toString(kernels.takeError()));
}

} // namespace
