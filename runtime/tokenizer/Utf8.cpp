//===- Utf8.cpp - Characters in bytes -------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/tokenizer/Utf8.h"

namespace sinter::runtime {

namespace {

/// What a first byte says of its character.
struct Lead {
  size_t bytes;             // 0: starts none
  unsigned char low = 0x80; // the second byte's range
  unsigned char high = 0xbf;
};

Lead leadOf(unsigned char byte) {
  if (byte < 0x80)
    return {1};
  if (byte < 0xc2)
    return {0};
  if (byte < 0xe0)
    return {2};
  if (byte == 0xe0)
    return {3, 0xa0, 0xbf}; // below are overlong forms
  if (byte == 0xed)
    return {3, 0x80, 0x9f}; // above are surrogates
  if (byte < 0xf0)
    return {3};
  if (byte == 0xf0)
    return {4, 0x90, 0xbf};
  if (byte < 0xf4)
    return {4};
  if (byte == 0xf4)
    return {4, 0x80, 0x8f};
  return {0};
}

/// How many bytes from `position` belong to one character; `complete` says
/// whether they are all of it.
size_t matchCharacter(std::string_view text, size_t position, bool &complete) {
  Lead lead = leadOf(static_cast<unsigned char>(text[position]));
  complete = lead.bytes == 1;
  if (lead.bytes < 2)
    return 1;
  size_t count = 1;
  unsigned char low = lead.low, high = lead.high;
  while (count < lead.bytes && position + count < text.size()) {
    auto byte = static_cast<unsigned char>(text[position + count]);
    if (byte < low || byte > high)
      return count;
    low = 0x80;
    high = 0xbf;
    ++count;
  }
  complete = count == lead.bytes;
  return count;
}

} // namespace

Character decodeCharacter(std::string_view text, size_t position) {
  auto first = static_cast<unsigned char>(text[position]);
  if (first < 0x80)
    return {first, 1};
  bool complete;
  size_t bytes = matchCharacter(text, position, complete);
  if (!complete)
    return {replacementCharacter, bytes};
  char32_t code = first & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[position + i]) & 0x3f);
  return {code, bytes};
}

size_t previousCharacter(std::string_view text, size_t end) {
  size_t position = end - 1;
  while (position > 0 &&
         (static_cast<unsigned char>(text[position]) & 0xc0) == 0x80)
    --position;
  return position;
}

void appendCharacter(std::string &text, char32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | code >> 18);
    text += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code & 0x3f));
  }
}

bool isWellFormed(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    bool complete = true;
    if (static_cast<unsigned char>(text[i]) < 0x80)
      ++i;
    else
      i += matchCharacter(text, i, complete);
    if (!complete)
      return false;
  }
  return true;
}

size_t countCharacters(std::string_view text) {
  size_t count = 0;
  for (char byte : text)
    count += (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  return count;
}

void appendWellFormed(std::string &text, std::string_view bytes) {
  size_t start = 0;
  for (size_t i = 0; i < bytes.size();) {
    if (static_cast<unsigned char>(bytes[i]) < 0x80) {
      ++i;
      continue;
    }
    bool complete;
    size_t count = matchCharacter(bytes, i, complete);
    if (!complete) {
      text.append(bytes, start, i - start);
      text += replacementText;
      start = i + count;
    }
    i += count;
  }
  text.append(bytes, start);
}

size_t incompleteTail(std::string_view bytes) {
  for (size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
    size_t position = bytes.size() - back;
    auto byte = static_cast<unsigned char>(bytes[position]);
    if ((byte & 0xc0) == 0x80)
      continue;
    bool complete;
    size_t count = matchCharacter(bytes, position, complete);
    return !complete && count == back && leadOf(byte).bytes > back ? back : 0;
  }
  return 0;
}

} // namespace sinter::runtime
