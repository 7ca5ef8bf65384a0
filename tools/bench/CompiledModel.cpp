//===- CompiledModel.cpp - A shared library that Sinter compiled ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/bench/CompiledModel.h"
#include <dlfcn.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

using namespace sinter::bench;

template <typename Function> Function *CompiledModel::find(const char *name) {
  void *address = dlsym(library, name);
  if (!address)
    throw std::runtime_error(path + " has no '" + name +
                             "': was it made by `sinter compile --emit "
                             "shared`?");
  return reinterpret_cast<Function *>(address);
}

#define FIND(name) find<decltype(name)>(#name)

CompiledModel::CompiledModel(const std::string &path) : path(path) {
  library = dlopen(std::filesystem::absolute(path).c_str(),
                   RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library)
    throw std::runtime_error(std::string("cannot load a model: ") + dlerror());
  lastError = FIND(sinter_last_error);
  close = FIND(sinter_model_close);
  createSession = FIND(sinter_session_create);
  destroySession = FIND(sinter_session_destroy);
  feed = FIND(sinter_feed);
  encode = FIND(sinter_encode);
  truncate = FIND(sinter_sequence_truncate);
  auto *open = FIND(sinter_model_open);
  auto *describe = FIND(sinter_model_describe);
  const void *program = find<char>("sinter_compiled_model");
  check(open(static_cast<const sinter_program *>(program), nullptr, &model));
  describe(model, &about);
}

CompiledModel::~CompiledModel() { close(model); }

void CompiledModel::check(sinter_status status) const {
  if (status != SINTER_OK)
    throw std::runtime_error(path + ": " + lastError());
}

std::string CompiledModel::precision() const {
  const std::string_view text(about.info ? about.info : "", about.info_bytes);
  const auto info = nlohmann::json::parse(text, nullptr,
                                          /*allow_exceptions=*/false);
  return info.is_object() ? info.value("precision", "f32") : "f32";
}

Sequences::Sequences(CompiledModel &model, int64_t sequences, int64_t threads)
    : model(model) {
  sinter_session_options options = {};
  options.sequences = sequences;
  options.threads = threads;
  model.check(model.createSession(model.model, &options, &session));
}

Sequences::~Sequences() { model.destroySession(session); }

void Sequences::feed(int64_t count, int64_t sequences) {
  token.clear();
  sequence.clear();
  row.clear();
  for (int64_t of = 0; of < sequences; ++of) {
    for (int64_t i = 0; i < count; ++i) {
      // Different ones, so that rows of the embedding are not all one.
      token.push_back(static_cast<int32_t>((of * 7919 + i * 104729 + 1) %
                                           model.about.vocabulary));
      sequence.push_back(static_cast<int32_t>(of));
    }
    row.push_back(static_cast<int32_t>(token.size()) - 1);
  }
  output.resize(row.size() * static_cast<size_t>(model.about.output_width));
  sinter_batch batch = {};
  batch.tokens = static_cast<int64_t>(token.size());
  batch.token = token.data();
  batch.sequence = sequence.data();
  batch.rows = static_cast<int64_t>(row.size());
  batch.row = row.data();
  model.check(model.feed(session, &batch, output.data()));
}

void Sequences::cut(int64_t length, int64_t sequences) {
  for (int64_t of = 0; of < sequences; ++of)
    model.check(model.truncate(session, of, length));
}

void Sequences::encode(int64_t count, int64_t sequences) {
  std::vector<int32_t> source;
  for (int64_t i = 0; i < count; ++i)
    source.push_back(
        static_cast<int32_t>((i * 104729 + 1) % model.about.vocabulary));
  for (int64_t of = 0; of < sequences; ++of)
    model.check(model.encode(session, of, source.data(), count));
}
