//===- FakeTokenizer.h - A small tokenizer's blob ------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_RUNTIME_FAKETOKENIZER_H
#define SINTER_TEST_UNIT_RUNTIME_FAKETOKENIZER_H

#include <cstdint>
#include <string>
#include <vector>

namespace sinter::runtime::testing {

/// A tokenizer whose tokens are `texts` by id, matched longest first; those in
/// `special` are added tokens. Encoding puts `first` (-1: nothing) before a
/// text. See runtime/tokenizer/Format.h.
std::vector<unsigned char> fakeTokenizer(const std::vector<std::string> &texts,
                                         const std::vector<int32_t> &special,
                                         int32_t first);

} // namespace sinter::runtime::testing

#endif // SINTER_TEST_UNIT_RUNTIME_FAKETOKENIZER_H
