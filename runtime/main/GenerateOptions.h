//===- GenerateOptions.h - How to generate, from the command line -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_GENERATEOPTIONS_H
#define SINTER_RUNTIME_MAIN_GENERATEOPTIONS_H

#include "runtime/main/Options.h"

namespace sinter::runtime {

/// What a user said of generating, as the C interface takes it; `options` must
/// live as long. Throws UsageError.
class GenerateOptions {
public:
  explicit GenerateOptions(const Options &options);
  GenerateOptions(const GenerateOptions &) = delete;

  const sinter_generate_options &get() const { return result; }

private:
  sinter_generate_options result;
  std::vector<const char *> stop;
  std::vector<sinter_logit_bias> bias;
};

/// "end", "limit", ...
const char *nameOf(sinter_stop_reason reason);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_GENERATEOPTIONS_H
