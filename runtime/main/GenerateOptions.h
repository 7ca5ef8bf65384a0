//===- GenerateOptions.h - How to generate, from the command line -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_GENERATEOPTIONS_H
#define SINTER_RUNTIME_MAIN_GENERATEOPTIONS_H

#include "runtime/main/DraftModel.h"
#include "runtime/main/Options.h"

#include <memory>

namespace sinter::runtime {

/// What a user said of generating, as the C interface takes it; `options` must
/// live as long. Throws UsageError and Failure.
class GenerateOptions {
public:
  GenerateOptions(const Options &options, const sinter_model *model);
  GenerateOptions(const GenerateOptions &) = delete;

  const sinter_generate_options &get() const { return result; }
  /// Of all that is generated with these options: ", 12 of 16 guesses taken";
  /// empty where nothing guesses.
  std::string guessesText() const;

private:
  sinter_generate_options result;
  std::vector<const char *> stop;
  std::vector<sinter_logit_bias> bias;
  sinter_guesses guesses = {};
  std::unique_ptr<DraftModel> draft;
  struct Destroy {
    void operator()(sinter_constraint *constraint) const {
      sinter_constraint_destroy(constraint);
    }
  };
  std::unique_ptr<sinter_constraint, Destroy> constraint;
};

/// "end", "limit", ...
const char *nameOf(sinter_stop_reason reason);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_GENERATEOPTIONS_H
