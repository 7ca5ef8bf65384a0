//===- CompiledModel.h - A shared library that Sinter compiled --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_COMPILEDMODEL_H
#define SINTER_TOOLS_BENCH_COMPILEDMODEL_H

#include "runtime/include/sinter.h"
#include <string>
#include <vector>

namespace sinter::bench {

/// The C interface of a model that is loaded while the program runs. Throws
/// std::runtime_error with the runtime's message for what fails.
class CompiledModel {
public:
  explicit CompiledModel(const std::string &path);
  ~CompiledModel();
  CompiledModel(const CompiledModel &) = delete;
  CompiledModel &operator=(const CompiledModel &) = delete;

  const sinter_model_description &description() const { return about; }
  /// What its weights are stored in and multiplied: "f32", "bf16", "w8", "w4".
  std::string precision() const;

private:
  friend class Sequences;

  template <typename Function> Function *find(const char *name);
  void check(sinter_status status) const;

  std::string path;
  void *library = nullptr;
  sinter_model *model = nullptr;
  sinter_model_description about = {};

  decltype(sinter_last_error) *lastError = nullptr;
  decltype(sinter_model_close) *close = nullptr;
  decltype(sinter_session_create) *createSession = nullptr;
  decltype(sinter_session_destroy) *destroySession = nullptr;
  decltype(sinter_feed) *feed = nullptr;
  decltype(sinter_encode) *encode = nullptr;
  decltype(sinter_sequence_truncate) *truncate = nullptr;
};

/// A session of a model, filled with tokens that mean nothing.
class Sequences {
public:
  Sequences(CompiledModel &model, int64_t sequences, int64_t threads);
  ~Sequences();
  Sequences(const Sequences &) = delete;
  Sequences &operator=(const Sequences &) = delete;

  /// Appends `count` tokens to each of the first `sequences` ones and computes
  /// the output of the last of each.
  void feed(int64_t count, int64_t sequences);
  /// Cuts them to `length`.
  void cut(int64_t length, int64_t sequences);
  void encode(int64_t count, int64_t sequences);

private:
  CompiledModel &model;
  sinter_session *session = nullptr;
  std::vector<int32_t> token, sequence, row;
  std::vector<float> output;
};

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_COMPILEDMODEL_H
