//===- Chat.cpp - A conversation in the terminal or a pipe -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/Conversation.h"
#include "runtime/main/GenerateOptions.h"
#include "runtime/main/Interrupt.h"
#include "runtime/main/LineReader.h"
#include "runtime/main/Output.h"

#include "runtime/Failure.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace sinter::runtime;

namespace {

constexpr const char *commandHelp =
    "/help              print this\n"
    "/system [TEXT]     what the model is told before all; without TEXT, show "
    "it\n"
    "/undo              take the last question and its answer away\n"
    "/regenerate        answer the last question again\n"
    "/reset             begin a new conversation\n"
    "/save FILE         write the conversation, as JSON\n"
    "/load FILE         read one\n"
    "/quit              end; so does Ctrl-D\n"
    "Ctrl-C stops an answer. A line that ends with \\ goes on in the next; one "
    "that begins with // begins with a slash.\n";

void writeFile(const std::string &path, const std::string &text) {
  std::FILE *file = std::fopen(path.c_str(), "wbe");
  const bool written =
      file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if ((file && std::fclose(file) != 0) || !written)
    fail(SINTER_ERROR_FILE, "cannot write %s: %s", path.c_str(),
         std::strerror(errno ? errno : EIO));
}

class Chat {
public:
  explicit Chat(const Request &request)
      : request(request), options(request.options),
        generate(options, request.model), session(openSession(request, 1)),
        format(*request.model, options.chatTemplate.empty()
                                   ? std::string()
                                   : readFile(options.chatTemplate)),
        conversation(*request.model, *session, format),
        isTerminal(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
    conversation.setSystem(options.system);
    if (!options.tools.empty())
      conversation.setTools(readFile(options.tools));
  }

  int run();

private:
  void ask(const std::string &text);
  void answerAgain();
  /// False: the conversation is over.
  bool command(const std::string &line);
  void finish(const Conversation::Answer &answer);
  sinter_generate_options next();
  /// What a terminal's user should know, and a pipe's reader need not.
  void note(const std::string &text) {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  static int take(void *user, int32_t token, const char *text, size_t bytes);

  const Request &request;
  const Options &options;
  GenerateOptions generate;
  SessionHandle session;
  ChatTemplate format;
  Conversation conversation;
  const bool isTerminal;
  LineReader reader;
  std::optional<WriteFailure> failure;
  /// Of /regenerate: another answer takes other random numbers.
  uint64_t attempts = 0;
};

} // namespace

/// Called through C code: nothing is thrown.
int Chat::take(void *user, int32_t, const char *text, size_t bytes) {
  Chat &chat = *static_cast<Chat *>(user);
  try {
    if (!chat.options.json)
      print({text, bytes});
    flush();
  } catch (const WriteFailure &failure) {
    chat.failure = failure;
    return 1;
  }
  return interrupted();
}

sinter_generate_options Chat::next() {
  sinter_generate_options result = generate.get();
  result.callback = take;
  result.user = this;
  result.seed += attempts;
  return result;
}

void Chat::finish(const Conversation::Answer &answer) {
  if (failure)
    throw *failure;
  if (options.json)
    print("{\"text\": " + jsonString(answer.text) +
          ", \"prompt_tokens\": " + std::to_string(answer.prompt) +
          ", \"kept_tokens\": " + std::to_string(answer.kept) +
          ", \"tokens\": " + std::to_string(answer.written) + ", \"stop\": \"" +
          nameOf(answer.reason) + "\"}");
  print("\n");
  flush();
  if (answer.leftOut > 0)
    note("note: the oldest " + std::to_string(answer.leftOut) +
         " messages did not fit the context and were left out");
  if (answer.reason == SINTER_STOP_CONTEXT)
    note("note: the answer stops where the context of " +
         std::to_string(request.description.context) + " tokens is full");
  if (options.stats)
    note(std::to_string(answer.prompt - answer.kept) + " tokens read, " +
         std::to_string(answer.kept) + " kept, " +
         std::to_string(answer.written) + " written" + generate.guessesText());
}

void Chat::ask(const std::string &text) {
  attempts = 0;
  finish(conversation.ask(text, next(), options.contextShift));
}

void Chat::answerAgain() {
  ++attempts;
  Conversation::Answer answer;
  if (!conversation.answerAgain(next(), options.contextShift, answer))
    return note("there is no answer yet");
  finish(answer);
}

bool Chat::command(const std::string &line) {
  const size_t space = line.find(' ');
  const std::string name = line.substr(0, space);
  const size_t from =
      space == line.npos ? line.npos : line.find_first_not_of(' ', space);
  const std::string rest = from == line.npos ? "" : line.substr(from);
  if (name == "/quit" || name == "/exit")
    return false;
  if (name == "/help") {
    print(commandHelp);
  } else if (name == "/system") {
    if (rest.empty())
      print(conversation.getSystem() + "\n");
    conversation.setSystem(rest.empty() ? conversation.getSystem() : rest);
  } else if (name == "/reset") {
    conversation.reset();
  } else if (name == "/undo") {
    if (!conversation.undo())
      note("there is nothing to undo");
  } else if (name == "/regenerate") {
    answerAgain();
  } else if (name == "/save" || name == "/load") {
    if (rest.empty())
      note(name + " needs the name of a file");
    else if (name == "/save")
      writeFile(rest, conversation.toJson());
    else
      conversation.fromJson(readFile(rest));
  } else {
    note("there is no command " + name + "; /help lists them");
  }
  return true;
}

int Chat::run() {
  if (!options.texts.empty()) {
    ask(options.texts[0]);
    return interrupted() ? 130 : 0;
  }
  if (isTerminal)
    print("/help lists the commands, Ctrl-D ends\n");
  const std::string prompt = isTerminal ? "> " : "",
                    continued = isTerminal ? ". " : "";
  while (true) {
    clearInterrupt();
    std::string line;
    const LineReader::Result result = reader.read(line, prompt, continued);
    if (result == LineReader::End)
      break;
    if (result == LineReader::Interrupted) {
      print("\n");
      note("Ctrl-D or /quit ends");
      continue;
    }
    if (line.empty())
      continue;
    // What goes wrong with one turn does not end a conversation in a terminal.
    try {
      if (line.starts_with("//"))
        ask(line.substr(1));
      else if (line[0] != '/')
        ask(line);
      else if (!command(line))
        break;
    } catch (const Failure &error) {
      if (!isTerminal)
        throw;
      note(std::string("error: ") + error.what());
    }
  }
  if (isTerminal)
    print("\n");
  return 0;
}

int sinter::runtime::chatWithUser(const Request &request) {
  const Options &options = request.options;
  if (!request.description.has_tokenizer)
    throw UsageError(std::string("model '") + request.description.name +
                     "' has no tokenizer: it cannot chat");
  if (!options.ids.empty() || !options.logits.empty() || options.lines)
    throw UsageError("--chat takes no --ids, --logits or --lines");
  if (options.texts.size() > 1)
    throw UsageError("one text expected behind --chat, found " +
                     std::to_string(options.texts.size()) +
                     ": put quotes around it");
  keepInterrupts();
  return Chat(request).run();
}
