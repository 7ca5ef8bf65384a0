//===- Regex.cpp - Regular expressions on UTF-8 ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Regex.h"

#include "runtime/tokenizer/Utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace sinter::runtime {

namespace {

template <auto Free> struct Freed {
  template <typename T> void operator()(T *pointer) const { Free(pointer); }
};
using CompileContext =
    std::unique_ptr<pcre2_compile_context, Freed<pcre2_compile_context_free>>;
using MatchData =
    std::unique_ptr<pcre2_match_data, Freed<pcre2_match_data_free>>;

std::string messageOf(int code) {
  PCRE2_UCHAR buffer[256];
  if (pcre2_get_error_message(code, buffer, sizeof(buffer)) < 0)
    return "error " + std::to_string(code);
  return reinterpret_cast<const char *>(buffer);
}

} // namespace

std::unique_ptr<Regex> Regex::compile(std::string_view pattern,
                                      std::string &error) {
  CompileContext context(pcre2_compile_context_create(nullptr));
  if (!context) {
    error = "tokenizer: out of memory";
    return nullptr;
  }
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  pcre2_set_parens_nest_limit(context.get(), 100);
  int code = 0;
  PCRE2_SIZE position = 0;
  pcre2_code *compiled = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &code,
      &position, context.get());
  if (!compiled) {
    error = "tokenizer: the regular expression " + std::string(pattern) +
            " is not one at byte " + std::to_string(position) + ": " +
            messageOf(code);
    return nullptr;
  }
  // Where no memory may be executed, matching goes on without machine code.
  pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
  return std::unique_ptr<Regex>(new Regex(compiled));
}

Regex::~Regex() { pcre2_code_free(static_cast<pcre2_code *>(code)); }

bool Regex::findAll(std::string_view text, std::vector<Span> &matches,
                    std::string &error) const {
  auto *compiled = static_cast<pcre2_code *>(code);
  MatchData data(pcre2_match_data_create_from_pattern(compiled, nullptr));
  if (!data) {
    error = "tokenizer: out of memory";
    return false;
  }
  const auto *subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data.get());
  size_t start = 0;
  size_t lastEnd = SIZE_MAX;
  while (start <= text.size()) {
    int count = pcre2_match(compiled, subject, text.size(), start,
                            PCRE2_NO_UTF_CHECK, data.get(), nullptr);
    if (count == PCRE2_ERROR_JIT_STACKLIMIT)
      count =
          pcre2_match(compiled, subject, text.size(), start,
                      PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data.get(), nullptr);
    if (count == PCRE2_ERROR_NOMATCH)
      return true;
    if (count < 0) {
      error = "tokenizer: a regular expression gave up on the text: " +
              messageOf(count);
      return false;
    }
    // \K in a lookahead could place the start behind the end.
    size_t begin = ends[0], end = ends[1];
    if (begin > end || end < start) {
      error = "tokenizer: a regular expression matched backwards";
      return false;
    }
    if (begin == end && end == lastEnd) {
      start += start < text.size() ? decodeCharacter(text, start).bytes : 1;
      continue;
    }
    matches.push_back({begin, end});
    start = lastEnd = end;
  }
  return true;
}

} // namespace sinter::runtime
