//===- ChatTemplate.h - The chat template of a model -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_CHATTEMPLATE_H
#define SINTER_FRONTEND_TOKENIZER_CHATTEMPLATE_H

#include <map>
#include <string>
#include <vector>

namespace sinter::frontend {

/// What the compiled model carries, as runtime/ChatTemplate.h reads it; empty:
/// there is no template. A template that Sinter cannot read is left out, with a
/// message that shows the line: all but chats works without it.
struct ChatTemplateRecord {
  std::string json;
  std::vector<std::string> warnings;
};

/// From a template for each use ("default", "tool_use") and the texts of
/// special tokens ("bos_token"). `place` stands before messages.
ChatTemplateRecord
buildChatTemplate(const std::map<std::string, std::string> &templates,
                  const std::map<std::string, std::string> &tokens,
                  const std::string &place);

/// From a folder: chat_template.jinja, additional_chat_templates/*.jinja, and
/// `chat_template` in tokenizer_config.json, which is a text or a list of named
/// ones. Files go before what the config says.
ChatTemplateRecord readChatTemplate(const std::string &folder);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_CHATTEMPLATE_H
