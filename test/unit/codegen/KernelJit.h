//===- KernelJit.h - Runs single kernels -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_CODEGEN_KERNELJIT_H
#define SINTER_TEST_UNIT_CODEGEN_KERNELJIT_H

#include "codegen/LoadedKernels.h"
#include <functional>
#include <random>
#include <vector>

namespace sinter::test {

/// The targets of tests: AVX2 and AVX-512; with the variable SINTER_LONG_TESTS
/// the levels of x86-64, an AArch64, and this machine.
std::vector<std::string> testedCpus();
/// And of kernels that multiply bytes or bf16: AVX2 and all of AVX-512, or one
/// for each set of instructions that does.
std::vector<std::string> cpusWithDotProducts();
/// A target by its name, "x86_64/znver4", or "native".
TargetDescription targetNamed(llvm::StringRef name);
/// As the name of a test.
std::string testNameOf(std::string cpu);

/// Kernels for a target by its name, emulated where this machine lacks some of
/// its instructions (EmulateInstructions.h); what goes wrong ends the test.
class KernelJit {
public:
  using Emit = std::function<void(KernelBuilder &, const TargetDescription &)>;

  KernelJit(llvm::StringRef cpu, const Emit &emit);

  template <typename Function> Function *get(llvm::StringRef name) {
    return reinterpret_cast<Function *>(cantFail(jit->lookup(name)));
  }

private:
  std::unique_ptr<LoadedKernels> jit;
};

/// `size` numbers in [-1, 1).
std::vector<float> randomNumbers(int64_t size, uint32_t seed);

/// A buffer of floats, 64-byte aligned, that notices writes on either side of
/// it. All elements are NaN at first, so that what is not written shows, too.
class GuardedBuffer {
public:
  explicit GuardedBuffer(int64_t size);
  float *data() { return storage.data() + begin; }
  int64_t size() const { return count; }
  bool guardsIntact() const;

private:
  std::vector<float> storage;
  int64_t begin, count;
};

} // namespace sinter::test

#endif // SINTER_TEST_UNIT_CODEGEN_KERNELJIT_H
