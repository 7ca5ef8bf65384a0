//===- Output.h - What a model's main() writes ---------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_OUTPUT_H
#define SINTER_RUNTIME_MAIN_OUTPUT_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sinter::runtime {

/// Writes to standard output and checks that it arrived.
/// Thrown where it did not: the reader has closed the pipe, the disk is full.
struct WriteFailure {
  int error; ///< errno
};

void print(std::string_view text);

/// Hands on what was printed, so that text appears as it is generated.
void flush();

/// `text` as a JSON string, quotes included.
std::string jsonString(std::string_view text);

/// "1,5,7"
std::string idList(std::span<const int32_t> ids);

/// Writes one f32 tensor as a safetensors file. What was written of it is
/// removed where that fails.
void writeSafetensors(const std::string &path, const std::string &name,
                      int64_t rows, int64_t columns,
                      std::span<const float> values);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_OUTPUT_H
