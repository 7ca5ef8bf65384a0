//===- HeadOrder.h - The order of rows within a head -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_HEADORDER_H
#define SINTER_FRONTEND_HUGGINGFACE_HEADORDER_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace sinter {

/// Llama's own code turns neighbouring elements of a head together, Hugging
/// Face's its two halves. Puts the rows of a matrix of queries or keys, `rows`
/// of them in `heads` heads of an even size, from the former order into the
/// latter: row 2i + half of a head becomes row half * size / 2 + i.
void rotateByHalves(llvm::MutableArrayRef<float> matrix, int64_t rows,
                    int64_t heads);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_HEADORDER_H
