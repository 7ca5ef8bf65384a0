//===- JsonFormats.h - What `format` of a JSON schema names -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GRAMMAR_JSONFORMATS_H
#define SINTER_RUNTIME_GRAMMAR_JSONFORMATS_H

#include <string>
#include <string_view>

namespace sinter::runtime::grammar {

/// The regular expression of a format: date, time, date-time (RFC 3339, days
/// that there are), uuid (RFC 4122) and ipv4. Empty: no such format is known.
std::string patternOfFormat(std::string_view name);

} // namespace sinter::runtime::grammar

#endif // SINTER_RUNTIME_GRAMMAR_JSONFORMATS_H
