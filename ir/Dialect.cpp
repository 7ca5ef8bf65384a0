//===- Dialect.cpp - Registration, and what concerns the whole dialect -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Sinter.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Error.h"

using namespace mlir;
using namespace sinter;

#include "ir/SinterDialect.cpp.inc"

void SinterDialect::initialize() {
  registerTypesAndAttributes();
  registerOperations();
}

Operation *SinterDialect::materializeConstant(OpBuilder &builder,
                                              Attribute value, Type type,
                                              Location location) {
  auto number = dyn_cast<FloatAttr>(value);
  if (!number || !isa<NamedTensorType>(type))
    return nullptr;
  return ConstantOp::create(builder, location, number.getValueAsDouble(), type);
}

/// The pattern with each `{factor i + offset}` replaced by what `replace` makes
/// of it.
static llvm::Expected<std::string> replaceLayerNumbers(
    StringRef pattern,
    llvm::function_ref<std::string(uint64_t factor, uint64_t offset)> replace) {
  std::string name;
  StringRef rest = pattern;
  while (!rest.empty()) {
    size_t open = rest.find('{');
    name += rest.substr(0, open);
    if (open == StringRef::npos)
      break;
    size_t close = rest.find('}', open);
    StringRef index = rest.slice(open + 1, close);
    rest = close == StringRef::npos ? StringRef() : rest.substr(close + 1);

    // [factor] `i` [`+` offset]
    uint64_t factor = 1, offset = 0;
    bool wellFormed = close != StringRef::npos;
    if (wellFormed && !index.starts_with("i"))
      wellFormed = !index.consumeInteger(10, factor);
    wellFormed = wellFormed && index.consume_front("i");
    if (wellFormed && !index.empty())
      wellFormed = index.consume_front("+") && !index.getAsInteger(10, offset);
    if (!wellFormed || factor > 1'000'000 || offset > 1'000'000)
      return llvm::createStringError(
          "'%s': what stands between braces in a weight's name is `i`, or "
          "a multiple of it plus a number, as in {2i+1}",
          pattern.str().c_str());
    name += replace(factor, offset);
  }
  return name;
}

llvm::Expected<std::string> sinter::instantiateWeightName(StringRef pattern,
                                                          int64_t layer) {
  return replaceLayerNumbers(pattern, [&](uint64_t factor, uint64_t offset) {
    return std::to_string(factor * layer + offset);
  });
}

llvm::Expected<std::string>
sinter::sliceWeightName(StringRef pattern, int64_t start, int64_t step) {
  return replaceLayerNumbers(pattern, [&](uint64_t factor, uint64_t offset) {
    uint64_t newFactor = factor * step, newOffset = factor * start + offset;
    return "{" + (newFactor == 1 ? "" : std::to_string(newFactor)) + "i" +
           (newOffset == 0 ? "" : "+" + std::to_string(newOffset)) + "}";
  });
}
