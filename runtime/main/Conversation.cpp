//===- Conversation.cpp - Messages, and what a session holds of them -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Conversation.h"

#include "runtime/Failure.h"
#include "runtime/main/Commands.h"

#include <algorithm>

using namespace sinter::runtime;
using chat::Dict;
using chat::List;
using chat::Value;

Conversation::Conversation(const sinter_model &model, sinter_session &session,
                           const ChatTemplate &format)
    : model(model), session(session), format(format), ends(format.endTokens()) {
}

void Conversation::setTools(const std::string &json) {
  try {
    Value value = chat::parseJson(json);
    if (!value.isList())
      fail(SINTER_ERROR_ARGUMENT, "--tools: a list was expected, not %s",
           value.kind().c_str());
    tools = std::move(value);
  } catch (const chat::TemplateError &error) {
    fail(SINTER_ERROR_ARGUMENT, "--tools: %s", error.what());
  }
}

static Value messageOf(const std::string &role, const std::string &content) {
  Dict dict;
  dict.set("role", role);
  dict.set("content", content);
  return dict;
}

/// The tokens up to where the model answers, without the first `leftOut`
/// messages.
std::vector<int32_t> Conversation::prompt(size_t leftOut) const {
  List list;
  if (!system.empty())
    list.push_back(messageOf("system", system));
  for (size_t i = leftOut; i < messages.size(); ++i)
    list.push_back(messageOf(messages[i].role, messages[i].content));
  const std::string text = format.render(list, tools, true);
  sinter_tokens tokens = {};
  check(sinter_tokenize(&model, text.data(), text.size(), 0, &tokens));
  std::vector<int32_t> ids(tokens.data, tokens.data + tokens.count);
  sinter_tokens_free(&tokens);
  if (ids.empty())
    fail(SINTER_ERROR_ARGUMENT, "the chat template makes no tokens of this");
  return ids;
}

namespace {

/// Keeps the text of an answer, which has no stop string, on its way to the
/// user.
struct Collector {
  sinter_token_callback callback;
  void *user;
  std::string text;

  static int take(void *self, int32_t token, const char *text, size_t bytes) {
    Collector &collector = *static_cast<Collector *>(self);
    collector.text.append(text, bytes);
    return collector.callback
               ? collector.callback(collector.user, token, text, bytes)
               : 0;
  }
};

} // namespace

Conversation::Answer Conversation::answer(sinter_generate_options options,
                                          bool shifts) {
  Answer result;
  const int64_t context = model.program.context;
  // Room for an answer: what is asked for, at most a quarter of the context.
  int64_t room = std::max<int64_t>(1, context / 4);
  if (options.maximum_tokens > 0)
    room = std::min(room, options.maximum_tokens);
  std::vector<int32_t> ids = prompt(0);
  while (shifts && static_cast<int64_t>(ids.size()) + room > context &&
         result.leftOut + 2 < messages.size()) {
    result.leftOut += 2; // a question and its answer
    ids = prompt(result.leftOut);
  }
  if (static_cast<int64_t>(ids.size()) > context)
    fail(SINTER_ERROR_ARGUMENT,
         "the conversation has %zu tokens, and the context %lld: /undo takes "
         "the last turn away, /reset all%s",
         ids.size(), static_cast<long long>(context),
         shifts ? "" : ", and --context-shift leaves the oldest turns out");
  const auto [mine, theirs] =
      std::mismatch(ids.begin(), ids.end(), held.begin(), held.end());
  int64_t kept = mine - ids.begin();
  kept = std::min({kept, sinter_sequence_length(&session, 0),
                   static_cast<int64_t>(ids.size()) - 1});
  options.kept = kept;
  options.end_tokens = ends.data();
  options.end_token_count = static_cast<int64_t>(ends.size());
  result.prompt = ids.size();
  result.kept = static_cast<size_t>(kept);

  Collector collector{options.callback, options.user, ""};
  options.callback = Collector::take;
  options.user = &collector;
  held.clear(); // what the session holds after a failure is not known
  sinter_tokens tokens = {};
  check(sinter_generate(&session, ids.data(), static_cast<int64_t>(ids.size()),
                        &options, &tokens, &result.reason));
  held.assign(tokens.data, tokens.data + tokens.count);
  sinter_tokens_free(&tokens);
  result.written = held.size() - ids.size();
  result.text = std::move(collector.text);
  return result;
}

Conversation::Answer Conversation::ask(const std::string &text,
                                       sinter_generate_options options,
                                       bool shifts) {
  messages.push_back({"user", text});
  try {
    Answer result = answer(options, shifts);
    messages.push_back({"assistant", result.text});
    return result;
  } catch (...) {
    messages.pop_back();
    throw;
  }
}

bool Conversation::answerAgain(sinter_generate_options options, bool shifts,
                               Answer &result) {
  if (messages.empty() || messages.back().role != "assistant")
    return false;
  const Message before = messages.back();
  messages.pop_back();
  try {
    result = answer(options, shifts);
  } catch (...) {
    messages.push_back(before);
    throw;
  }
  messages.push_back({"assistant", result.text});
  return true;
}

bool Conversation::undo() {
  if (messages.empty())
    return false;
  while (!messages.empty() && messages.back().role != "user")
    messages.pop_back();
  if (!messages.empty())
    messages.pop_back();
  return true;
}

std::string Conversation::toJson() const {
  List list;
  if (!system.empty())
    list.push_back(messageOf("system", system));
  for (const Message &message : messages)
    list.push_back(messageOf(message.role, message.content));
  chat::JsonStyle style;
  style.indent = 1;
  style.item = ",";
  return chat::toJson(list, style) + "\n";
}

void Conversation::fromJson(const std::string &text) {
  std::string newSystem;
  std::vector<Message> newMessages;
  try {
    Value value = chat::parseJson(text);
    if (!value.isList())
      throw chat::TemplateError("a list of messages was expected");
    for (const Value &each : value.list()) {
      const Value *role = each.isDict() ? each.dict().find("role") : nullptr;
      const Value *content =
          each.isDict() ? each.dict().find("content") : nullptr;
      if (!role || !content || !role->isString() || !content->isString())
        throw chat::TemplateError(
            "a message needs a \"role\" and a \"content\", both texts");
      if (role->string() == "system" && newMessages.empty())
        newSystem = content->string();
      else
        newMessages.push_back({role->string(), content->string()});
    }
  } catch (const chat::TemplateError &error) {
    fail(SINTER_ERROR_ARGUMENT, "it is no conversation: %s", error.what());
  }
  system = std::move(newSystem);
  messages = std::move(newMessages);
}
