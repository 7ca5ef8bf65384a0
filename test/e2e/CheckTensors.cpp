//===- CheckTensors.cpp - Are the tensors of two files equal ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     check-tensors found.safetensors expected.safetensors tolerance
//
// Every tensor of `expected` is in `found`, in the same shape, and no element
// differs by more. Prints the largest difference.
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Safetensors.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace sinter;

[[noreturn]] static void fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << '\n';
  exit(1);
}

static std::unique_ptr<WeightSource> open(const char *path) {
  llvm::Expected<std::unique_ptr<WeightSource>> source = openSafetensors(path);
  if (!source)
    fail(llvm::toString(source.takeError()));
  return std::move(*source);
}

int main(int argc, char **argv) {
  double tolerance;
  if (argc != 4 || llvm::StringRef(argv[3]).getAsDouble(tolerance))
    fail("usage: check-tensors found.safetensors expected.safetensors "
         "tolerance");
  auto found = open(argv[1]), expected = open(argv[2]);
  double worst = 0;
  size_t elements = 0;
  for (const std::string &name : expected->names()) {
    std::optional<StoredTensor> wanted = expected->find(name),
                                given = found->find(name);
    if (!given)
      fail(llvm::Twine(argv[1]) + ": there is no '" + name + "'");
    if (given->shape != wanted->shape)
      fail("'" + name + "' has another shape");
    std::vector<float> a(given->getNumElements()), b(a.size());
    given->read(0, a);
    wanted->read(0, b);
    for (size_t i = 0; i < a.size(); ++i) {
      double difference = a[i] == b[i] ? 0 : std::fabs(double(a[i]) - b[i]);
      if (!(difference <= tolerance))
        fail(llvm::formatv("'{0}', element {1}: {2}, expected {3}", name, i,
                           a[i], b[i]));
      worst = std::max(worst, difference);
    }
    elements += a.size();
  }
  if (elements == 0)
    fail(llvm::Twine(argv[2]) + ": there is nothing to compare");
  llvm::outs() << llvm::formatv("{0} elements, largest difference {1:e2}\n",
                                elements, worst);
  return 0;
}
