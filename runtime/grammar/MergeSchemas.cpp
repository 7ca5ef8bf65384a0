//===- MergeSchemas.cpp - Several JSON schemas as one -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/MergeSchemas.h"

#include "runtime/grammar/Grammar.h"

using namespace sinter::runtime;
using namespace sinter::runtime::grammar;
using chat::Dict;
using chat::List;
using chat::Value;

/// A property that both have must keep to both.
static Value mergeProperties(const Value &ours, const Value &theirs) {
  Dict result = ours.dict();
  for (const auto &[name, schema] : theirs.dict().entries) {
    Value *known = result.find(name);
    if (!known) {
      result.set(name, schema);
      continue;
    }
    Dict both;
    both.set(Value(std::string("allOf")), Value(List{*known, schema}));
    *known = Value(both);
  }
  return Value(result);
}

static Value mergeNames(const Value &ours, const Value &theirs) {
  List result = ours.list();
  result.insert(result.end(), theirs.list().begin(), theirs.list().end());
  return Value(result);
}

void sinter::runtime::grammar::mergeSchema(Dict &schema, const Dict &other,
                                           const std::string &path) {
  for (const auto &[key, theirs] : other.entries) {
    Value *ours = schema.find(key);
    const std::string word = key.text();
    if (!ours) {
      schema.set(key, theirs);
    } else if (word == "properties" && ours->isDict() && theirs.isDict()) {
      *ours = mergeProperties(*ours, theirs);
    } else if (word == "required" && ours->isList() && theirs.isList()) {
      *ours = mergeNames(*ours, theirs);
    } else if (word.starts_with("min") && ours->isNumber() &&
               theirs.isNumber()) {
      if (theirs.real() > ours->real())
        *ours = theirs;
    } else if (word.starts_with("max") && ours->isNumber() &&
               theirs.isNumber()) {
      if (theirs.real() < ours->real())
        *ours = theirs;
    } else if (toJson(*ours, {}) != toJson(theirs, {}) &&
               !word.starts_with("$") && word != "title" &&
               word != "description") {
      throw GrammarError(path + ": '" + word +
                         "' is another one in two of these, and both cannot be "
                         "kept to");
    }
  }
}
