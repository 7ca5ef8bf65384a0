//===- FillMask.h - Tokens for the masks of a text ------------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_FILLMASK_H
#define SINTER_RUNTIME_FILLMASK_H

#include "runtime/Session.h"

#include <span>
#include <vector>

namespace sinter::runtime {

struct Filled {
  std::vector<int64_t> positions;           ///< of the masks
  std::vector<sinter_candidate> candidates; ///< [masks][topK], best first
};

/// See sinter_fill_mask. `segments` may be empty.
Filled fillMask(sinter_session &session, std::span<const int32_t> tokens,
                std::span<const int32_t> segments, int64_t topK);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_FILLMASK_H
