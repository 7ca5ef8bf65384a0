//===- ChatTemplate.h - The chat template of a compiled model -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHATTEMPLATE_H
#define SINTER_RUNTIME_CHATTEMPLATE_H

#include "runtime/Model.h"
#include "runtime/chat/Template.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// How a model wants a conversation written. The program's record is JSON:
///
///     {"templates": {"default": "...", "tool_use": "..."},
///      "tokens": {"bos_token": "<s>", ...}}
class ChatTemplate {
public:
  /// `own` is a template that goes before the model's; empty: none. Throws a
  /// Failure where there is neither, or where it is not well-formed.
  explicit ChatTemplate(const sinter_model &model, const std::string &own = {});

  /// The text of a conversation. `messages` is a list of mappings with "role"
  /// and "content"; `tools` a list, or undefined. `begin`: with what begins an
  /// answer. Throws a Failure where the template refuses it.
  std::string render(const chat::Value &messages, const chat::Value &tools,
                     bool begin) const;

  /// The special tokens that the template puts behind an answer, beside those
  /// that end every sequence.
  std::vector<int32_t> endTokens() const;

private:
  const sinter_model &model;
  chat::Dict tokens;
  std::unique_ptr<chat::Template> standard, withTools;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_CHATTEMPLATE_H
