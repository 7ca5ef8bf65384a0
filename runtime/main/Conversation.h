//===- Conversation.h - Messages, and what a session holds of them -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_CONVERSATION_H
#define SINTER_RUNTIME_MAIN_CONVERSATION_H

#include "runtime/ChatTemplate.h"
#include "runtime/include/sinter.h"

#include <string>
#include <vector>

namespace sinter::runtime {

/// A conversation with a model. The session keeps what it has read: of a turn,
/// only the tokens that are new are read.
class Conversation {
public:
  struct Message {
    std::string role, content;
  };
  struct Answer {
    std::string text;
    sinter_stop_reason reason = SINTER_STOP_END_TOKEN;
    /// Tokens of the prompt, how many of them the session had read before, and
    /// tokens of the answer.
    size_t prompt = 0, kept = 0, written = 0;
    /// Messages that were left out, the oldest first, to make room.
    size_t leftOut = 0;
  };

  Conversation(const sinter_model &model, sinter_session &session,
               const ChatTemplate &format);

  /// Empty: none. It stands before all messages.
  void setSystem(std::string text) { system = std::move(text); }
  const std::string &getSystem() const { return system; }
  /// What the template tells of tools: a list as JSON. Throws a Failure.
  void setTools(const std::string &json);
  void reset() { messages.clear(); }

  /// Adds what the user says, has the model answer, and adds the answer. The
  /// callback and the user pointer of `options` are called as sinter_generate
  /// does. `shifts`: the oldest turns are left out where all do not fit the
  /// context. Throws a Failure, and then is as it was.
  Answer ask(const std::string &text, sinter_generate_options options,
             bool shifts);
  /// Forgets the last answer, and answers again. False: there is none.
  bool answerAgain(sinter_generate_options options, bool shifts,
                   Answer &answer);
  /// Forgets the last question and its answer. False: there is none.
  bool undo();

  /// All messages as JSON, and back; throws a Failure.
  std::string toJson() const;
  void fromJson(const std::string &text);

  size_t size() const { return messages.size(); }

private:
  Answer answer(sinter_generate_options options, bool shifts);
  std::vector<int32_t> prompt(size_t leftOut) const;

  const sinter_model &model;
  sinter_session &session;
  const ChatTemplate &format;
  std::vector<int32_t> ends;
  std::string system;
  chat::Value tools;
  std::vector<Message> messages;
  /// What sequence 0 was fed, and maybe a token more.
  std::vector<int32_t> held;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_CONVERSATION_H
