//===- ShowInfo.cpp - What is inside a compiled model ---------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Failure.h"
#include "runtime/Model.h"
#include "runtime/main/Commands.h"
#include "runtime/main/Output.h"

#include <cstring>

using namespace sinter::runtime;

namespace {

const char *nameOf(sinter_model_head head) {
  switch (head) {
  case SINTER_MODEL_NEXT_TOKEN:
    return "next token";
  case SINTER_MODEL_MASKED_TOKEN:
    return "masked token";
  case SINTER_MODEL_ENCODER_DECODER:
    return "encoder-decoder";
  case SINTER_MODEL_HIDDEN:
    return "hidden states";
  case SINTER_MODEL_SEQUENCE_CLASSIFICATION:
    return "sequence classification";
  case SINTER_MODEL_TOKEN_CLASSIFICATION:
    return "token classification";
  case SINTER_MODEL_QUESTION_ANSWERING:
    return "question answering";
  case SINTER_MODEL_EMBEDDING:
    return "embedding";
  }
  return "";
}

/// `"labels": ["a", "b"], `, where there are any.
std::string labelsOf(const sinter_model_description &model) {
  std::string text;
  for (int64_t label = 0; label < model.label_count; ++label)
    text += (label ? ", " : "\"labels\": [") + jsonString(model.labels[label]);
  return text.empty() ? text : text + "], ";
}

} // namespace

int sinter::runtime::showInfo(const Request &request) {
  const sinter_model_description &model = request.description;
  // What is inside can be told without the device that it is for.
  std::string compiledFor, device;
  int64_t memory = 0, threads = 0;
  SessionHandle session;
  try {
    if (const sinter_device_program *program = request.model->variant.device) {
      compiledFor = targetOf(*program);
      const sinter_program &all = request.model->program;
      for (int64_t i = 0; i < all.variant_count; ++i)
        if (all.variants[i].device != program)
          compiledFor +=
              std::string(", ") + all.variants[i].device->architecture;
      device = request.model->device()->describe();
    }
    session = openSession(request, 1);
    memory = sinter_session_bytes(session.get());
    threads = sinter_session_threads(session.get());
  } catch (const Failure &failure) {
    if (compiledFor.empty())
      throw;
    device = std::string("none: ") + failure.what();
  }
  std::string info(model.info ? model.info : "", model.info_bytes);
  if (request.options.json) {
    auto number = [](const char *name, int64_t value) {
      return std::string("\"") + name + "\": " + std::to_string(value) + ", ";
    };
    print("{\"name\": " + jsonString(model.name) +
          ", \"architecture\": " + jsonString(model.architecture) +
          ", \"head\": " + jsonString(nameOf(model.head)) + ", " +
          number("parameters", model.parameters) +
          number("weights_bytes", model.weights_bytes) +
          number("context", model.context) +
          number("source_context", model.source_context) +
          number("vocabulary", model.vocabulary) +
          number("source_vocabulary", model.source_vocabulary) +
          labelsOf(model) +
          "\"tokenizer\": " + (model.has_tokenizer ? "true" : "false") +
          ", \"finds_most_probable\": " +
          (model.finds_most_probable ? "true" : "false") + ", \"cpu\": " +
          jsonString(model.cpu) + ", \"cpus\": " + jsonString(model.cpus) +
          (compiledFor.empty() ? ""
                               : ", \"target\": " + jsonString(compiledFor) +
                                     ", \"device\": " + jsonString(device)) +
          ", \"features\": " + jsonString(model.features) + ", " +
          number("threads", threads) + number("session_bytes", memory) +
          "\"compiled\": " + (info.empty() ? "{}" : info) + "}\n");
    return 0;
  }
  auto line = [](const char *name, const std::string &value) {
    std::string left = name;
    left.resize(14, ' ');
    print(left + value + "\n");
  };
  line("model", std::string(model.name) + " (" + model.architecture + ", " +
                    nameOf(model.head) + ")");
  line("parameters", std::to_string(model.parameters));
  line("weights", readableBytes(model.weights_bytes));
  line("context", std::to_string(model.context) + " tokens");
  if (model.source_context > 0)
    line("source", std::to_string(model.source_context) + " tokens");
  line("vocabulary",
       std::to_string(model.vocabulary) + " tokens, " +
           (model.has_tokenizer ? "with a tokenizer" : "no tokenizer"));
  if (model.finds_most_probable)
    line("greedy", "the most probable token is found without writing logits");
  for (int64_t label = 0; label < model.label_count; ++label)
    line(label == 0 ? "labels" : "", model.labels[label]);
  if (!compiledFor.empty())
    line("target", compiledFor);
  if (!device.empty())
    line("device", device);
  line("compiled for",
       std::string(model.cpu) + (*model.features ? ": " : "") + model.features);
  if (compiledFor.empty() && std::strcmp(model.cpus, model.cpu) != 0)
    line("all CPUs", model.cpus);
  if (session)
    line("session", readableBytes(memory) + ", " + std::to_string(threads) +
                        (threads == 1 ? " thread" : " threads"));
  if (!info.empty())
    line("details", info);
  return 0;
}
