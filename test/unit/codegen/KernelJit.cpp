//===- KernelJit.cpp - Runs single kernels -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelJit.h"
#include "codegen/Target.h"
#include "ir/Sinter.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace sinter;
using namespace sinter::test;

std::vector<std::string> sinter::test::runnableCpus() {
  llvm::Expected<TargetDescription> native = describeTarget("native");
  if (!native)
    return {};
  std::string have = "," + requiredFeatures(*native) + ",";
  std::vector<std::string> cpus;
  for (const char *cpu : {"x86-64", "x86-64-v3", "x86-64-v4"}) {
    llvm::Expected<TargetDescription> target = describeTarget(cpu);
    if (!target)
      continue;
    llvm::SmallVector<llvm::StringRef> features;
    std::string needed = requiredFeatures(*target);
    llvm::StringRef(needed).split(features, ',');
    if (llvm::all_of(features, [&](llvm::StringRef feature) {
          return llvm::StringRef(have).contains(("," + feature + ",").str());
        }))
      cpus.push_back(cpu);
  }
  cpus.push_back("native");
  return cpus;
}

KernelJit::KernelJit(llvm::StringRef cpu, const Emit &emit) {
  TargetDescription target = cantFail(describeTarget(cpu));
  jit = cantFail(LoadedKernels::create(
      target, [&](KernelBuilder &builder) { emit(builder, target); }));
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
