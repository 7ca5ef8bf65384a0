//===- ChatTemplate.cpp - The chat template of a compiled model -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/ChatTemplate.h"

#include "runtime/Failure.h"

using namespace sinter::runtime;
using chat::Value;

static std::unique_ptr<chat::Template> parsed(const std::string &text) {
  try {
    return std::make_unique<chat::Template>(text);
  } catch (const chat::TemplateError &error) {
    fail(SINTER_ERROR_ARGUMENT, "%s",
         chat::Template::explain(text, error, "chat template").c_str());
  }
}

ChatTemplate::ChatTemplate(const sinter_model &model, const std::string &own)
    : model(model) {
  const sinter_program &program = model.program;
  Value record;
  if (program.chat_template_bytes > 0) {
    try {
      record = chat::parseJson(
          {reinterpret_cast<const char *>(program.chat_template),
           static_cast<size_t>(program.chat_template_bytes)});
    } catch (const chat::TemplateError &error) {
      fail(SINTER_ERROR_INTERNAL, "the chat template's record: %s",
           error.what());
    }
  }
  auto part = [&](const char *name) {
    const Value *found = record.isDict() ? record.dict().find(name) : nullptr;
    return found && found->isDict() ? found->dict() : chat::Dict();
  };
  tokens = part("tokens");
  chat::Dict templates = part("templates");
  auto take = [&](const char *name) {
    const Value *text = templates.find(name);
    return text && text->isString() ? parsed(text->string()) : nullptr;
  };
  standard = own.empty() ? take("default") : parsed(own);
  if (own.empty())
    withTools = take("tool_use");
  if (!standard && !withTools)
    fail(SINTER_ERROR_UNSUPPORTED,
         "model '%s' has no chat template: give one with --chat-template",
         program.name);
}

std::string ChatTemplate::render(const Value &messages, const Value &tools,
                                 bool begin) const {
  chat::Dict names = tokens;
  names.set("messages", messages);
  names.set("add_generation_prompt", begin);
  names.set("tools", tools.isUndefined() ? Value::none() : tools);
  names.set("documents", Value::none());
  const bool usesTools = withTools && (!standard || !tools.isUndefined());
  const chat::Template &chosen = usesTools ? *withTools : *standard;
  try {
    return chosen.render(names);
  } catch (const chat::TemplateError &error) {
    fail(SINTER_ERROR_ARGUMENT, "%s",
         chosen.explain(error, "chat template").c_str());
  }
}

std::vector<int32_t> ChatTemplate::endTokens() const {
  // What stands behind an answer that a template has written.
  static const char answer[] = "Sinter's answer";
  auto message = [](const char *role, const char *content) {
    chat::Dict dict;
    dict.set("role", role);
    dict.set("content", content);
    return Value(dict);
  };
  std::string text;
  try {
    text = render(
        chat::List{message("user", "A question"), message("assistant", answer)},
        Value(), false);
  } catch (const Failure &) {
    return {}; // it takes other conversations
  }
  const size_t at = text.rfind(answer);
  if (at == text.npos)
    return {};
  Encoding encoding;
  std::string error;
  const Tokenizer &tokenizer = model.tokenizer(false);
  if (!tokenizer.encode(text.substr(at + sizeof answer - 1), false, encoding,
                        error))
    return {};
  for (int32_t token : encoding.ids) {
    if (tokenizer.isSpecial(token))
      return {token};
    // White space may come first.
    std::string shown;
    if (!tokenizer.decode({&token, 1}, false, shown, error) ||
        shown.find_first_not_of(" \n") != shown.npos)
      break;
  }
  return {};
}
