//===- KernelJit.cpp - Runs single kernels -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelJit.h"
#include "EmulateInstructions.h"
#include "codegen/Target.h"
#include "ir/Sinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdlib>

using namespace sinter;
using namespace sinter::test;

static bool runsLongTests() { return std::getenv("SINTER_LONG_TESTS"); }

std::vector<std::string> sinter::test::testedCpus() {
  if (runsLongTests())
    return {"x86_64/x86-64", "x86_64/x86-64-v3", "x86_64/x86-64-v4",
            "aarch64/generic", "native"};
  return {"x86_64/x86-64-v3", "x86_64/x86-64-v4"};
}

std::vector<std::string> sinter::test::cpusWithDotProducts() {
  if (!runsLongTests())
    return {"x86_64/x86-64-v3", "x86_64/znver4"};
  std::vector<std::string> cpus = testedCpus();
  // AVX-VNNI; AVX512-VNNI; AVX512-BF16 too; sdot; usdot and bfdot.
  for (const char *cpu :
       {"x86_64/alderlake", "x86_64/cascadelake", "x86_64/znver4",
        "aarch64/cortex-a76", "aarch64/neoverse-v1"})
    cpus.push_back(cpu);
  return cpus;
}

TargetDescription sinter::test::targetNamed(llvm::StringRef name) {
  auto [machine, cpu] = name.split('/');
  return cantFail(cpu.empty() ? describeTarget(machine)
                              : describeTarget(cpu, machine));
}

std::string sinter::test::testNameOf(std::string cpu) {
  for (char &character : cpu)
    if (!isalnum(character))
      character = '_';
  return cpu;
}

KernelJit::KernelJit(llvm::StringRef cpu, const Emit &emit) {
  TargetDescription target = targetNamed(cpu);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module = cantFail(LoadedKernels::generate(
      target, [&](KernelBuilder &builder) { emit(builder, target); }, context));
  if (!isRunnable(target)) {
    cantFail(emulateInstructions(*module));
    target = targetNamed("native");
  }
  jit = cantFail(LoadedKernels::load(*module, target));
}

std::vector<float> sinter::test::randomNumbers(int64_t size, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> numbers(-1, 1);
  std::vector<float> result(size);
  for (float &number : result)
    number = numbers(generator);
  return result;
}

/// On either side, in elements.
static constexpr int64_t guardElements = 64;
static constexpr float guard = 12345.5f;

GuardedBuffer::GuardedBuffer(int64_t size)
    : storage(size + 2 * guardElements + 16, guard), count(size) {
  begin = guardElements;
  while (reinterpret_cast<uintptr_t>(storage.data() + begin) % 64 != 0)
    ++begin;
  std::fill_n(storage.begin() + begin, count, std::nanf(""));
}

bool GuardedBuffer::guardsIntact() const {
  for (int64_t i = 0; i < int64_t(storage.size()); ++i)
    if ((i < begin || i >= begin + count) && storage[i] != guard)
      return false;
  return true;
}
