//===- CommandLine.cpp - main() of a compiled model -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/CommandLine.h"

#include "runtime/Cores.h"
#include "runtime/Failure.h"
#include "runtime/Model.h"
#include "runtime/Program.h"
#include "runtime/main/Commands.h"
#include "runtime/main/Interrupt.h"
#include "runtime/main/Output.h"
#include "runtime/main/Progress.h"
#include "runtime/main/SourceFiles.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace sinter::runtime;

namespace {

/// "error: ..." on one line of standard error.
void complain(const char *message) {
  const char *off = std::getenv("NO_COLOR");
  const bool colour = isatty(STDERR_FILENO) && !(off && *off);
  std::fprintf(stderr, "%serror:%s %s\n", colour ? "\033[1;31m" : "",
               colour ? "\033[0m" : "", message);
}

/// All of `file`, which messages call `name`.
std::string readAll(std::FILE *file, const std::string &name) {
  std::string text;
  char buffer[65536];
  size_t count;
  while ((count = std::fread(buffer, 1, sizeof(buffer), file)) > 0)
    text.append(buffer, count);
  if (std::ferror(file))
    fail(SINTER_ERROR_FILE, "cannot read %s: %s", name.c_str(),
         std::strerror(errno));
  return text;
}

std::string readStandardInput() {
  std::string text = readAll(stdin, "standard input");
  // echo and editors end a text with a newline that nobody means.
  if (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

std::vector<std::string> splitLines(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::vector<Input> idInputs(const Options &options) {
  std::vector<std::string> lists;
  for (const std::string &list : options.ids)
    if (list == "-")
      for (const std::string &line : splitLines(readStandardInput()))
        lists.push_back(line);
    else
      lists.push_back(list);
  if (!options.segments.empty() && options.segments.size() != lists.size())
    throw UsageError("--segments: give as many lists as --ids (" +
                     std::to_string(lists.size()) + ")");
  std::vector<Input> inputs;
  for (size_t index = 0; index < lists.size(); ++index) {
    Input input{"", parseIds(lists[index], "--ids"), {}};
    if (!options.segments.empty()) {
      input.segments = parseIds(options.segments[index], "--segments");
      if (input.segments.size() != input.ids.size())
        throw UsageError(
            "--segments: " + std::to_string(input.segments.size()) +
            " segments for " + std::to_string(input.ids.size()) + " ids");
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::vector<int32_t> encodeText(const sinter_model *model,
                                const sinter_model_description &description,
                                const std::string &text) {
  sinter_tokens tokens = {};
  check(sinter_tokenize(model, text.data(), text.size(),
                        SINTER_TOKENIZE_SPECIAL | SINTER_TOKENIZE_SOURCE,
                        &tokens));
  std::vector<int32_t> ids(tokens.data, tokens.data + tokens.count);
  sinter_tokens_free(&tokens);
  // A text must start with something; an empty prompt means any text.
  if (ids.empty() && description.head == SINTER_MODEL_NEXT_TOKEN &&
      description.bos >= 0)
    ids.push_back(description.bos);
  return ids;
}

Input encodePair(const sinter_model *model,
                 const sinter_model_description &description,
                 const std::string &first, const std::string &second) {
  sinter_tokens tokens = {}, segments = {};
  check(sinter_tokenize_pair(model, first.data(), first.size(), second.data(),
                             second.size(), SINTER_TOKENIZE_SPECIAL, &tokens,
                             &segments));
  Input input{first, {tokens.data, tokens.data + tokens.count}, {}};
  // Some templates number the texts for models that do not tell them apart.
  if (description.segments > 1)
    input.segments.assign(segments.data, segments.data + segments.count);
  sinter_tokens_free(&tokens);
  sinter_tokens_free(&segments);
  return input;
}

std::vector<Input> textInputs(const Options &options, const sinter_model *model,
                              const sinter_model_description &description) {
  if (!options.segments.empty())
    throw UsageError("--segments goes with --ids");
  if (!description.has_tokenizer)
    throw UsageError(std::string("model '") + description.name +
                     "' has no tokenizer: give token ids with --ids");
  const bool embeds = description.head == SINTER_MODEL_EMBEDDING;
  if (options.texts.size() > 1 && !embeds)
    throw UsageError("one text expected, found " +
                     std::to_string(options.texts.size()) +
                     ": put quotes around it");
  std::vector<std::string> texts;
  for (std::string text : options.texts) {
    if (text == "-")
      text = readStandardInput();
    if (options.lines)
      for (std::string &line : splitLines(text))
        texts.push_back(std::move(line));
    else
      texts.push_back(std::move(text));
  }
  std::vector<Input> inputs;
  for (const std::string &each : texts)
    inputs.push_back(options.pair.empty()
                         ? Input{each, encodeText(model, description, each), {}}
                         : encodePair(model, description, each, options.pair));
  return inputs;
}

/// The question and its text, as one input.
std::vector<Input> questionInput(const Options &options,
                                 const sinter_model *model,
                                 const sinter_model_description &description) {
  if (!options.texts.empty())
    throw UsageError("a question goes behind --question, and the text that it "
                     "is about behind --context");
  if (options.question.empty() || options.context.empty())
    throw UsageError("nothing to do: give --question and --context");
  if (!description.has_tokenizer)
    throw UsageError(std::string("model '") + description.name +
                     "' has no tokenizer: give token ids with --ids and "
                     "--logits");
  const std::string context =
      options.context == "-" ? readStandardInput() : options.context;
  Input input = encodePair(model, description, options.question, context);
  input.text = context;
  return {input};
}

/// The text of --perplexity, whole or by lines, to the last newline.
std::vector<Input>
perplexityInputs(const Options &options, const sinter_model *model,
                 const sinter_model_description &description) {
  if (!options.texts.empty() || !options.ids.empty() || !options.logits.empty())
    throw UsageError("--perplexity reads its text from a file: give no text, "
                     "--ids or --logits beside it");
  if (!description.has_tokenizer)
    throw UsageError(std::string("model '") + description.name +
                     "' has no tokenizer: it cannot read --perplexity " +
                     options.perplexity);
  const std::string text = readFile(options.perplexity);
  std::vector<Input> inputs;
  for (const std::string &each :
       options.lines ? splitLines(text) : std::vector<std::string>{text})
    if (!options.lines || !each.empty())
      inputs.push_back({"", encodeText(model, description, each), {}});
  return inputs;
}

/// What to do, and of what.
Request requestOf(const Options &options, const sinter_model *model,
                  const sinter_model_description &description) {
  if (!options.perplexity.empty())
    return {options, model, description,
            perplexityInputs(options, model, description)};
  if (options.perplexityWindow || options.perplexityStride)
    throw UsageError("--perplexity-window and --perplexity-stride go with "
                     "--perplexity");
  if (options.chat)
    return {options, model, description, {}};
  if (!options.system.empty() || !options.chatTemplate.empty() ||
      !options.tools.empty())
    throw UsageError("--system, --chat-template and --tools go with --chat");
  if (!options.ids.empty() && !options.texts.empty())
    throw UsageError("give a text or --ids, not both");
  if (!options.task.empty() && options.task != "transcribe" &&
      options.task != "translate")
    throw UsageError("--task: '" + options.task +
                     "' is neither 'transcribe' nor 'translate'");
  if (description.source_width > 0 || !options.audio.empty() ||
      !options.features.empty())
    return {options, model, description,
            sourceInputs(options, model, description)};
  if (!options.language.empty() || !options.task.empty())
    throw UsageError("--language and --task go with --audio or --features");
  const bool asks = !options.question.empty() || !options.context.empty();
  if (options.ids.empty() && options.texts.empty() && !asks)
    throw UsageError(description.head == SINTER_MODEL_QUESTION_ANSWERING
                         ? "nothing to do: give --question and --context; see "
                           "--help"
                     : description.has_tokenizer
                         ? "nothing to do: give a text, or - for standard "
                           "input; see --help"
                         : "nothing to do: give --ids; see --help");
  if (!options.decoderIds.empty() && options.logits.empty())
    throw UsageError("--decoder-ids goes with --logits");
  if (options.split && options.logits.empty())
    throw UsageError("--split goes with --logits");
  return {options, model, description,
          !options.ids.empty() ? idInputs(options)
          : description.head == SINTER_MODEL_QUESTION_ANSWERING
              ? questionInput(options, model, description)
              : textInputs(options, model, description)};
}

int perform(const Request &request) {
  if (request.options.chat)
    return chatWithUser(request);
  if (!request.options.perplexity.empty())
    return measurePerplexity(request);
  if (!request.options.logits.empty())
    return writeLogits(request);
  switch (request.description.head) {
  case SINTER_MODEL_NEXT_TOKEN:
  case SINTER_MODEL_ENCODER_DECODER:
    return continueText(request);
  case SINTER_MODEL_MASKED_TOKEN:
    return fillMasks(request);
  case SINTER_MODEL_SEQUENCE_CLASSIFICATION:
  case SINTER_MODEL_TOKEN_CLASSIFICATION:
    return classify(request);
  case SINTER_MODEL_QUESTION_ANSWERING:
    return answerQuestion(request);
  case SINTER_MODEL_EMBEDDING:
    return embed(request);
  case SINTER_MODEL_HIDDEN:
    break;
  }
  throw UsageError(std::string("model '") + request.description.name +
                   "' gives hidden states: name a file for them with --logits");
}

/// Says to the runtime which device is wanted.
void chooseDevice(const std::string &name, const sinter_program &program) {
  if (name.empty())
    return;
  if (!program.variants[0].device && name != "auto" && name != "cpu")
    fail(SINTER_ERROR_ARGUMENT,
         "--device %s: this program is compiled for the CPU alone ('sinter "
         "compile --target opencl' makes one for a device)",
         name.c_str());
  setenv("SINTER_DEVICE", name.c_str(), /*overwrite=*/1);
}

int openAndPerform(const Options &options, const sinter_program &program) {
  chooseDevice(options.device, program);
  ModelHandle handle;
  sinter_model *model = nullptr;
  check(sinter_model_open(
      &program, options.weights.empty() ? nullptr : options.weights.c_str(),
      &model));
  handle.reset(model);
  model->onUpload = [bar = std::shared_ptr<Progress>()](int64_t done,
                                                        int64_t total) mutable {
    if (!bar)
      bar = std::make_shared<Progress>(total);
    bar->advance(done, "weights to the device");
    if (done >= total)
      bar->finish();
  };
  sinter_model_description description;
  sinter_model_describe(model, &description);
  if (options.verify) {
    check(sinter_model_verify(model));
    if (!options.info && options.texts.empty() && options.ids.empty()) {
      print("the weights are as they were compiled\n");
      return 0;
    }
  }
  if (options.info)
    return showInfo({options, model, description, {}});

  Request request = requestOf(options, model, description);
  if (options.profile.empty())
    return perform(request);
  const Profiler profiler(model, options.threads.value_or(usableCores()));
  request.profile = profiler.profile();
  const int status = perform(request);
  flush();
  profiler.show(options.profile == "json");
  return status;
}

int dispatch(const sinter_program &program, int argc, char **argv) {
  const auto head = static_cast<sinter_model_head>(program.head);
  const std::string name = argc > 0 ? argv[0] : program.name;
  Options options = parseOptions({argv + std::min(argc, 1), argv + argc}, head);
  if (options.help)
    print(helpText(name, program.name, head, program.tokenizer_bytes > 0,
                   program.sound != SINTER_SOUND_NONE));
  else if (options.version)
    print(std::string("sinter ") + sinter_version() + "\n");
  else if (options.completion)
    print(completionScript(name.substr(name.rfind('/') + 1), head));
  else
    return openAndPerform(options, program);
  return 0;
}

} // namespace

std::string sinter::runtime::readFile(const std::string &path) {
  if (path == "-")
    return readAll(stdin, "standard input");
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
      std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!file)
    fail(SINTER_ERROR_FILE, "cannot open %s: %s", path.c_str(),
         std::strerror(errno));
  return readAll(file.get(), path);
}

void sinter::runtime::check(sinter_status status) {
  if (status != SINTER_OK)
    throw Failure(status, sinter_last_error());
}

SessionHandle sinter::runtime::openSession(const Request &request,
                                           int64_t sequences) {
  sinter_session_options options = {
      sequences, request.options.threads.value_or(0), request.profile};
  sinter_session *session = nullptr;
  check(sinter_session_create(request.model, &options, &session));
  return SessionHandle(session);
}

std::string sinter::runtime::textOf(const sinter_model *model,
                                    const std::vector<int32_t> &ids,
                                    bool skipSpecial) {
  char *text = nullptr;
  size_t bytes = 0;
  check(sinter_detokenize(model, ids.data(), static_cast<int64_t>(ids.size()),
                          skipSpecial, &text, &bytes));
  std::string result(text, bytes);
  std::free(text);
  return result;
}

int sinter::runtime::runCommandLine(const sinter_program &program, int argc,
                                    char **argv) {
  catchInterrupts();
  try {
    int status = dispatch(program, argc, argv);
    flush();
    return status;
  } catch (const WriteFailure &failure) {
    return report(failure);
  } catch (const std::exception &exception) {
    return report(exception);
  }
}

int sinter::runtime::report(const WriteFailure &failure) {
  // Who closed the pipe has read enough and needs no message.
  if (failure.error != EPIPE)
    complain((std::string("cannot write to standard output: ") +
              std::strerror(failure.error))
                 .c_str());
  return 1;
}

int sinter::runtime::report(const std::exception &exception) {
  const bool noMemory = dynamic_cast<const std::bad_alloc *>(&exception);
  complain(noMemory ? "out of memory" : exception.what());
  if (auto *failure = dynamic_cast<const Failure *>(&exception))
    return failure->status() == SINTER_ERROR_ARGUMENT ? 2 : 1;
  return dynamic_cast<const UsageError *>(&exception) ? 2 : 1;
}
