//===- PromptCache.h - What a session has read, in a file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROMPTCACHE_H
#define SINTER_RUNTIME_PROMPTCACHE_H

#include "runtime/Session.h"

#include <string>
#include <vector>

namespace sinter::runtime {

/// Writes sequence 0 of a session: its tokens and the rows of all caches. The
/// file takes its name once it is whole. `tokens` are those that the sequence
/// was fed. Throws a Failure.
void savePrompt(sinter_session &session, std::span<const int32_t> tokens,
                const std::string &path);

/// Reads such a file into sequence 0, and gives its tokens. A file of another
/// model, a broken one or one that is no such file is a Failure, and the
/// session is as it was; so is one that is not there, with SINTER_ERROR_FILE.
std::vector<int32_t> loadPrompt(sinter_session &session,
                                const std::string &path);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_PROMPTCACHE_H
