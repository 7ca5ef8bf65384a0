//===- Commands.h - What a compiled model does for its user --- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_COMMANDS_H
#define SINTER_RUNTIME_MAIN_COMMANDS_H

#include "runtime/main/Options.h"

#include <memory>
#include <string>
#include <vector>

namespace sinter::runtime {

struct CloseModel {
  void operator()(sinter_model *model) const { sinter_model_close(model); }
};
struct CloseSession {
  void operator()(sinter_session *session) const {
    sinter_session_destroy(session);
  }
};
struct CloseProfile {
  void operator()(sinter_profile *profile) const {
    sinter_profile_destroy(profile);
  }
};
using ModelHandle = std::unique_ptr<sinter_model, CloseModel>;
using SessionHandle = std::unique_ptr<sinter_session, CloseSession>;
using ProfileHandle = std::unique_ptr<sinter_profile, CloseProfile>;

/// One text, or one list of ids, that the user gave.
struct Input {
  std::string text; ///< empty where ids were given
  std::vector<int32_t> ids;
  std::vector<int32_t> segments; ///< empty: all 0
  /// The source of models that take rows of numbers; `text` is its file then.
  std::vector<float> features = {};
};

/// What all commands work with.
struct Request {
  const Options &options;
  const sinter_model *model;
  sinter_model_description description;
  std::vector<Input> inputs;
  /// Where sessions add their times; null: nobody asks.
  sinter_profile *profile = nullptr;
};

/// Throws what a call of the C interface says went wrong.
void check(sinter_status status);

/// The bytes of a file; `-` is standard input. Throws a Failure.
std::string readFile(const std::string &path);

SessionHandle openSession(const Request &request, int64_t sequences);

/// Text of `ids`.
std::string textOf(const sinter_model *model, const std::vector<int32_t> &ids,
                   bool skipSpecial);

/// Each returns the exit status.
int continueText(const Request &request); ///< and translates
int chatWithUser(const Request &request); ///< Chat.cpp
int fillMasks(const Request &request);
int classify(const Request &request);
int answerQuestion(const Request &request);
int embed(const Request &request);
int writeLogits(const Request &request);
int measurePerplexity(const Request &request); ///< Perplexity.cpp
int showInfo(const Request &request);

/// The machine's limits, measured when it is made, and a command's times.
class Profiler {
public:
  Profiler(const sinter_model *model, int64_t threads);
  sinter_profile *profile() const { return handle.get(); }
  /// The table, or JSON, to standard error.
  void show(bool json) const;

private:
  struct Peak {
    std::string type, instruction;
    double operations; ///< A second.
  };
  double peakOf(const std::string &type) const;
  std::string tableOf(const std::vector<sinter_kernel_profile> &) const;
  std::string jsonOf(const std::vector<sinter_kernel_profile> &) const;

  ProfileHandle handle;
  int64_t threads;
  double bandwidth;        ///< Bytes a second.
  std::vector<Peak> peaks; ///< The best of each type.
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_COMMANDS_H
