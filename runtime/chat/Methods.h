//===- Methods.h - Methods of strings, lists and mappings -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_METHODS_H
#define SINTER_RUNTIME_CHAT_METHODS_H

#include "runtime/chat/Value.h"

namespace sinter::runtime::chat {

/// Python's methods that change nothing.
bool hasMethod(const Value &object, std::string_view name);
Value callMethod(const Value &object, std::string_view name,
                 const Arguments &arguments);

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_METHODS_H
