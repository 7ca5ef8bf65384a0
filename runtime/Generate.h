//===- Generate.h - Continuing a sequence --------------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GENERATE_H
#define SINTER_RUNTIME_GENERATE_H

#include "runtime/Session.h"

#include <span>
#include <vector>

namespace sinter::runtime {

struct Generated {
  std::vector<int32_t> tokens; ///< what was given and what was generated
  sinter_stop_reason reason;
};

/// See sinter_generate.
Generated generate(sinter_session &session, std::span<const int32_t> prompt,
                   const sinter_generate_options &options);

/// See sinter_generate_several.
std::vector<Generated> generateSeveral(sinter_session &session,
                                       std::span<const int32_t> prompt,
                                       const sinter_generate_options &options,
                                       int64_t samples);

/// The token that must follow a sequence of `length` tokens whatever the model
/// says, -1 if there is none: the first of a target (a language, say), and the
/// end where the length limit is reached.
int32_t forcedToken(const sinter_program &program, int64_t length,
                    int64_t limit, bool ignoreEnd);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_GENERATE_H
