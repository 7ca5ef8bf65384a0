//===- Template.h - A chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_TEMPLATE_H
#define SINTER_RUNTIME_CHAT_TEMPLATE_H

#include "runtime/chat/Syntax.h"

#include <string>
#include <string_view>

namespace sinter::runtime::chat {

/// A template in the part of Jinja that Hugging Face's chat templates use, with
/// the functions and the white space of transformers' `apply_chat_template`:
///
///     Template format(text);                        // throws TemplateError
///     Dict names;
///     names.set("messages", parseJson("[{\"role\": \"user\", ...}]"));
///     std::string prompt = format.render(names);
///
/// A template runs in a box: it changes nothing but its own names, and ends
/// after a bounded number of steps and bytes.
class Template {
public:
  /// Throws TemplateError where the text is not well-formed.
  explicit Template(std::string text);

  /// Throws TemplateError, also where the template itself raises an exception.
  std::string render(const Dict &names) const;

  /// A message with the line that an error is in:
  ///
  ///     NAME:3:14: error: there is no filter 'trimm'
  ///     {{ content | trimm }}
  ///                  ^
  std::string explain(const TemplateError &error, std::string_view name) const {
    return explain(text, error, name);
  }
  static std::string explain(std::string_view text, const TemplateError &error,
                             std::string_view name);

private:
  std::string text;
  Block block;
};

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_TEMPLATE_H
