//===- FakeModel.h - A compiled model written by hand --------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Stands in for generated code: its logits are a hash of all tokens, positions
// and segments that a row may see, read from caches as a real model reads keys
// and values. A token in a wrong slot, order, position or call changes them.
// `expected...` compute the same from plain lists of tokens, without caches.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_RUNTIME_FAKEMODEL_H
#define SINTER_TEST_UNIT_RUNTIME_FAKEMODEL_H

#include "runtime/Program.h"

#include <atomic>
#include <string>
#include <vector>

namespace sinter::runtime::testing {

struct FakeOptions {
  sinter_head head = SINTER_HEAD_NEXT_TOKEN;
  int64_t vocabulary = 11;
  int64_t context = 64;
  int64_t sourceContext = 16;
  int64_t maximumTokens = 8;
  int64_t maximumRows = 3;
  int64_t segments = 0;
  bool givesLargest = false;
  int32_t mask = -1;
  int32_t bos = -1;
  int32_t decoderStart = 1;
  int32_t forcedBos = -1;
  int32_t forcedEos = -1;
  std::vector<int32_t> eos;
  std::string features;
  int milliseconds = 0; ///< how long a call takes at least
  std::vector<unsigned char> tokenizer;
};

/// Only one may live at a time, for generated code has no place for a pointer
/// to it.
class FakeModel {
public:
  explicit FakeModel(FakeOptions options);
  ~FakeModel();
  FakeModel(const FakeModel &) = delete;
  FakeModel &operator=(const FakeModel &) = delete;

  /// May be changed before the model is opened.
  sinter_program program = {};
  sinter_entry entries[2] = {};
  sinter_kernel kernels[2] = {};
  sinter_step_function steps[2] = {};
  sinter_variant variant = {};
  sinter_cache caches[3] = {};
  FakeOptions options;

  /// What calls did that the contract of Program.h forbids.
  std::atomic<int> violations{0};
  std::atomic<int> calls{0};
  /// Rows whose largest logit was asked for.
  std::atomic<int> largestFound{0};

  /// Logits after `tokens` (behind `source`, for an encoder-decoder).
  std::vector<float>
  expectedNext(const std::vector<int32_t> &tokens,
               const std::vector<int32_t> &source = {}) const;

  /// Logits at place `row` of a whole sequence.
  std::vector<float>
  expectedWhole(const std::vector<int32_t> &tokens, size_t row,
                const std::vector<int32_t> &segments = {}) const;
};

} // namespace sinter::runtime::testing

#endif // SINTER_TEST_UNIT_RUNTIME_FAKEMODEL_H
