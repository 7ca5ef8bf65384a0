//===- RandomWeights.cpp - A checkpoint made up for a module -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/RandomWeights.h"
#include "llvm/Support/xxhash.h"
#include <bit>
#include <cmath>

using namespace mlir;
using namespace sinter;

uint64_t RandomStream::next() {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double RandomStream::real(double begin, double end) {
  return begin + (end - begin) * (double(next() >> 11) * 0x1p-53);
}

int64_t RandomStream::integer(int64_t begin, int64_t end) {
  return end > begin ? begin + int64_t(next() % uint64_t(end - begin)) : begin;
}

RandomWeights::RandomWeights(ModuleOp module, uint64_t seed) : seed(seed) {
  module.walk([&](WeightOp op) {
    for (int64_t layer = 0; layer < op.getLayerCount(); ++layer) {
      llvm::Expected<std::string> name = op.getNameAt(layer);
      if (!name) {
        // The verifier has refused such a name before.
        llvm::consumeError(name.takeError());
        return;
      }
      Weight &weight = weights[*name];
      weight.shape.clear();
      for (Dimension dim : op.getType().getShape())
        weight.shape.push_back(dim.getSize());
    }
  });
}

void RandomWeights::set(StringRef name, const TensorValue &value) {
  Weight &weight = weights[name.str()];
  weight.shape = value.shape;
  weight.bytes.clear();
  for (double element : value.elements) {
    uint32_t bits = std::bit_cast<uint32_t>(float(element));
    for (int byte = 0; byte < 4; ++byte)
      weight.bytes.push_back(uint8_t(bits >> (8 * byte)));
  }
}

void RandomWeights::fill(StringRef name, Weight &weight) const {
  RandomStream random(seed ^ llvm::xxh3_64bits(name));
  double center = 0, spread = 0.1;
  if (weight.shape.size() >= 2) {
    int64_t inputs = std::min(weight.shape.end()[-1], weight.shape.end()[-2]);
    spread = std::sqrt(3.0 / inputs); // a variance of 1 / inputs
  } else if (name.ends_with("weight")) {
    center = 1;
  }
  int64_t elements = 1;
  for (int64_t size : weight.shape)
    elements *= size;
  weight.bytes.reserve(elements * 4);
  for (int64_t index = 0; index < elements; ++index) {
    uint32_t bits = std::bit_cast<uint32_t>(
        float(random.real(center - spread, center + spread)));
    for (int byte = 0; byte < 4; ++byte)
      weight.bytes.push_back(uint8_t(bits >> (8 * byte)));
  }
}

std::optional<StoredTensor> RandomWeights::find(StringRef name) const {
  auto found = weights.find(name);
  if (found == weights.end())
    return std::nullopt;
  if (found->second.bytes.empty())
    fill(name, found->second);
  return StoredTensor{StoredType::F32, "F32", found->second.shape,
                      found->second.bytes};
}

std::vector<std::string> RandomWeights::names() const {
  std::vector<std::string> result;
  for (const auto &[name, weight] : weights)
    result.push_back(name);
  return result;
}

std::string RandomWeights::description() const { return "random weights"; }
