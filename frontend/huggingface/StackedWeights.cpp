//===- StackedWeights.cpp - Elements of stacked weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/StackedWeights.h"

using namespace sinter;

std::optional<std::pair<std::string, int64_t>>
sinter::elementOfStack(llvm::StringRef name) {
  auto [front, behind] = name.split('[');
  auto [number, back] = behind.split(']');
  int64_t element;
  // Not of a checkpoint's own odd names: digits alone, and both brackets.
  if (behind.size() == number.size() || number.getAsInteger(10, element) ||
      element < 0)
    return std::nullopt;
  return std::pair((front + back).str(), element);
}

namespace {

class StackedWeights : public WeightSource {
public:
  explicit StackedWeights(std::unique_ptr<WeightSource> weights)
      : weights(std::move(weights)) {}

  std::optional<StoredTensor> find(llvm::StringRef name) const override {
    if (std::optional<StoredTensor> tensor = weights->find(name))
      return tensor;
    auto element = elementOfStack(name);
    if (!element)
      return std::nullopt;
    std::optional<StoredTensor> stack = weights->find(element->first);
    if (!stack || stack->blocks || stack->isTransposed ||
        stack->shape.size() < 2 || element->second >= stack->shape.front())
      return std::nullopt;
    size_t size = stack->bytes.size() / size_t(stack->shape.front());
    stack->bytes = stack->bytes.slice(size * size_t(element->second), size);
    stack->shape.erase(stack->shape.begin());
    return stack;
  }
  std::vector<std::string> names() const override { return weights->names(); }
  std::string description() const override { return weights->description(); }

private:
  std::unique_ptr<WeightSource> weights;
};

} // namespace

std::unique_ptr<WeightSource>
sinter::withElementsOfStacks(std::unique_ptr<WeightSource> weights) {
  return std::make_unique<StackedWeights>(std::move(weights));
}
