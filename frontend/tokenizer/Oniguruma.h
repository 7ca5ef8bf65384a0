//===- Oniguruma.h - Oniguruma's regular expressions ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_ONIGURUMA_H
#define SINTER_FRONTEND_TOKENIZER_ONIGURUMA_H

#include <string>
#include <string_view>

namespace sinter::frontend {

/// The regular expressions of tokenizer.json are Oniguruma's. Rewrites one for
/// PCRE2 (UTF, UCP, MULTILINE), so that it matches the same:
///
///   \w \s \d \b [:alpha:]  by Oniguruma's Unicode tables (version 16)
///   \p{Letter}, \p{Han}    \p{L}, \p{sc:Han}, with characters added since 14
///   \h \v (?m)             hexadecimal digit, vertical tab, (?s)
///   x{1,3}+ x{2}? x{,3}    (?:x{1,3})+ (?:x{2})? x{0,3}
///   [a-z&&[^aeiou]]        (?:(?=[a-z])[^aeiou])
///   a(?i)b|c               a(?i:b|c)
///
/// What has no such form is an error: false, and a message.
bool translateOniguruma(std::string_view pattern, std::string &result,
                        std::string &error);

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_ONIGURUMA_H
