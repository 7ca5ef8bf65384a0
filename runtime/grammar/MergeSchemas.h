//===- MergeSchemas.h - Several JSON schemas as one -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_MERGESCHEMAS_H
#define SINTER_RUNTIME_GRAMMAR_MERGESCHEMAS_H

#include "runtime/chat/Value.h"

#include <string>

namespace sinter::runtime::grammar {

/// Adds the words of a schema to another's, so that a value must keep to both:
/// properties and required names of both, the narrower of two bounds, and of
/// other words those that are equal. What is in both and cannot be one is a
/// GrammarError at `path`.
void mergeSchema(chat::Dict &schema, const chat::Dict &other,
                 const std::string &path);

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_MERGESCHEMAS_H
