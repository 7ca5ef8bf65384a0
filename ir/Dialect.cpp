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

namespace {
/// What stands between braces: factor * (i, i / by or i % by) + offset.
struct LayerTerm {
  uint64_t factor = 1, offset = 0, by = 1;
  enum { Whole, Quotient, Remainder } part = Whole;

  uint64_t at(uint64_t layer) const {
    uint64_t number = part == Quotient    ? layer / by
                      : part == Remainder ? layer % by
                                          : layer;
    return factor * number + offset;
  }
  std::string text() const {
    return "{" + (factor == 1 ? "" : std::to_string(factor)) + "i" +
           (part == Whole
                ? ""
                : (part == Quotient ? "/" : "%") + std::to_string(by)) +
           (offset == 0 ? "" : "+" + std::to_string(offset)) + "}";
  }
};
} // namespace

/// [factor] `i` [(`/` | `%`) by] [`+` offset]
static std::optional<LayerTerm> parseLayerTerm(StringRef text) {
  constexpr uint64_t largest = 1'000'000;
  LayerTerm term;
  if (!text.starts_with("i") && text.consumeInteger(10, term.factor))
    return std::nullopt;
  if (!text.consume_front("i"))
    return std::nullopt;
  if (text.consume_front("/"))
    term.part = LayerTerm::Quotient;
  else if (text.consume_front("%"))
    term.part = LayerTerm::Remainder;
  if (term.part != LayerTerm::Whole &&
      (text.consumeInteger(10, term.by) || term.by == 0))
    return std::nullopt;
  if (!text.empty() &&
      (!text.consume_front("+") || text.getAsInteger(10, term.offset)))
    return std::nullopt;
  if (term.factor > largest || term.offset > largest || term.by > largest)
    return std::nullopt;
  return term;
}

/// The pattern with what stands between braces replaced by what `replace` makes
/// of it.
static llvm::Expected<std::string> replaceLayerNumbers(
    StringRef pattern,
    llvm::function_ref<llvm::Expected<std::string>(const LayerTerm &)>
        replace) {
  std::string name;
  StringRef rest = pattern;
  while (!rest.empty()) {
    size_t open = rest.find('{');
    name += rest.substr(0, open);
    if (open == StringRef::npos)
      break;
    size_t close = rest.find('}', open);
    std::optional<LayerTerm> term =
        close == StringRef::npos ? std::nullopt
                                 : parseLayerTerm(rest.slice(open + 1, close));
    if (!term)
      return llvm::createStringError(
          "'%s': what stands between braces in a weight's name is `i`, or "
          "a multiple of it plus a number, as in {2i+1}",
          pattern.str().c_str());
    llvm::Expected<std::string> text = replace(*term);
    if (!text)
      return text;
    name += *text;
    rest = rest.substr(close + 1);
  }
  return name;
}

llvm::Expected<std::string> sinter::instantiateWeightName(StringRef pattern,
                                                          int64_t layer) {
  return replaceLayerNumbers(pattern, [&](const LayerTerm &term) {
    return std::to_string(term.at(layer));
  });
}

llvm::Expected<std::string>
sinter::sliceWeightName(StringRef pattern, int64_t start, int64_t step) {
  return replaceLayerNumbers(
      pattern, [&](LayerTerm term) -> llvm::Expected<std::string> {
        if (term.part != LayerTerm::Whole)
          return llvm::createStringError(
              "'%s': loops within loops within loops are not built",
              pattern.str().c_str());
        term.offset += term.factor * start;
        term.factor *= step;
        return term.factor == 0 ? std::to_string(term.offset) : term.text();
      });
}

llvm::Expected<std::string>
sinter::nestWeightName(StringRef pattern, int64_t count, bool isInner) {
  return replaceLayerNumbers(
      pattern, [&](LayerTerm term) -> llvm::Expected<std::string> {
        if (term.part != LayerTerm::Whole)
          return llvm::createStringError(
              "'%s': loops within loops within loops are not built",
              pattern.str().c_str());
        term.part = isInner ? LayerTerm::Remainder : LayerTerm::Quotient;
        term.by = count;
        return term.text();
      });
}
