//===- WeightNames.cpp - Patterns that names of weights follow --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/WeightNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <vector>

using namespace llvm;
using namespace sinter;

/// "h.12.w" is {"h.", "12", ".w"}: text and numbers in turn.
static std::vector<StringRef> cutAtNumbers(StringRef name) {
  std::vector<StringRef> parts;
  while (true) {
    parts.push_back(name.take_until(llvm::isDigit));
    name = name.drop_front(parts.back().size());
    if (name.empty())
      return parts;
    parts.push_back(name.take_while(llvm::isDigit));
    name = name.drop_front(parts.back().size());
  }
}

std::optional<std::string>
sinter::findWeightPattern(ArrayRef<std::string> names) {
  std::vector<StringRef> first = cutAtNumbers(names[0]);
  std::vector<std::vector<StringRef>> all;
  for (const std::string &name : names) {
    all.push_back(cutAtNumbers(name));
    if (all.back().size() != first.size() || StringRef(name).contains('{'))
      return std::nullopt;
  }
  std::string pattern;
  for (size_t part = 0; part < first.size(); ++part) {
    if (llvm::all_of(all,
                     [&](auto &parts) { return parts[part] == first[part]; })) {
      pattern += first[part];
      continue;
    }
    int64_t offset, step = 0;
    if (first[part].getAsInteger(10, offset))
      return std::nullopt; // texts differ
    for (size_t layer = 1; layer < all.size(); ++layer) {
      int64_t number;
      StringRef digits = all[layer][part];
      if (digits.getAsInteger(10, number) || std::to_string(number) != digits)
        return std::nullopt;
      if (layer == 1)
        step = number - offset;
      if (step < 1 || number != offset + step * int64_t(layer))
        return std::nullopt;
    }
    if (std::to_string(offset) != first[part] || offset > 1'000'000 ||
        step > 1'000'000)
      return std::nullopt;
    pattern += "{" + (step == 1 ? "" : std::to_string(step)) + "i" +
               (offset == 0 ? "" : "+" + std::to_string(offset)) + "}";
  }
  return pattern;
}
