//===- OnigurumaProperties.h - Oniguruma's kinds of characters --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_ONIGURUMAPROPERTIES_H
#define SINTER_FRONTEND_TOKENIZER_ONIGURUMAPROPERTIES_H

#include <string>
#include <string_view>

namespace sinter::frontend {

/// Characters with the property that Oniguruma calls \p{name} (a general
/// category, a script, or the name of a bracket as in [:alpha:]), as contents
/// of a class for PCRE2. A name that is not known is taken for a script's.
std::string propertyCharacters(std::string_view name);

/// Six digits of Latin-1 that \w matches outside of classes only.
inline constexpr std::string_view wordsOfLatin =
    R"(\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_ONIGURUMAPROPERTIES_H
