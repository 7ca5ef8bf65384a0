//===- Cores.h - How many threads this process should use ----- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CORES_H
#define SINTER_RUNTIME_CORES_H

#include <cstdint>

namespace sinter::runtime {

/// Logical processors that this process may run on.
int64_t usableProcessors();

/// Physical cores among them, and not more than a container's quota allows:
/// the threads of one core share its arithmetic units, so that a second one
/// gains nothing. At least 1.
int64_t usableCores();

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_CORES_H
