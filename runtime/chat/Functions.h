//===- Functions.h - What templates can call -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_FUNCTIONS_H
#define SINTER_RUNTIME_CHAT_FUNCTIONS_H

#include "runtime/chat/Value.h"

namespace sinter::runtime::chat {

// Jinja's filters and tests, by name. A filter or test that is not there is
// found while a template is read.
bool hasFilter(std::string_view name);
Value applyFilter(std::string_view name, const Value &value,
                  const Arguments &arguments);
bool hasTest(std::string_view name);
bool applyTest(std::string_view name, const Value &value,
               const Arguments &arguments);

/// An attribute: a method of a string, list or mapping, or the mapping's value
/// under this name; undefined if there is none.
Value attributeOf(const Value &object, const std::string &name);
/// An element by its key or number; undefined if there is none.
Value elementOf(const Value &object, const Value &key);

/// `range`, `namespace`, `dict`, `raise_exception` and `strftime_now`; null:
/// there is no such function.
const Value *findGlobal(std::string_view name);

/// Python's `format % values`.
std::string formatted(const std::string &format, const List &values);

/// An index from the end where it is negative; a whole number is required.
int64_t wholeNumber(const Value &value, std::string_view what);

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_FUNCTIONS_H
