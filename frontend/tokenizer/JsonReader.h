//===- JsonReader.h - JSON whose faults have a place ------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_TOKENIZER_JSONREADER_H
#define SINTER_FRONTEND_TOKENIZER_JSONREADER_H

#include <nlohmann/json.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::frontend {

/// What stops the building of a tokenizer; the builder's functions catch it.
struct TokenizerError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A value of a JSON file and where it stands, as "tokenizer.json: decoder".
/// Each of its functions throws a TokenizerError that says so.
class JsonReader {
public:
  JsonReader(const nlohmann::json &value, std::string place, unsigned depth = 0)
      : value(&value), place(std::move(place)), depth(depth) {
    // Readers of sequences call themselves.
    if (depth > 100)
      throw TokenizerError("values lie too deep in each other");
  }

  [[noreturn]] void fail(const std::string &what) const {
    throw TokenizerError(place + ": " + what);
  }

  const nlohmann::json &json() const { return *value; }
  const std::string &where() const { return place; }

  /// Member `key` if it is there and not null.
  std::optional<JsonReader> find(const char *key) const {
    if (!value->is_object())
      fail("an object was expected, not " + describe());
    auto member = value->find(key);
    if (member == value->end() || member->is_null())
      return std::nullopt;
    return JsonReader(*member, place + "." + key, depth + 1);
  }
  JsonReader get(const char *key) const {
    std::optional<JsonReader> member = find(key);
    if (!member)
      fail(std::string("\"") + key + "\" is missing");
    return *member;
  }
  std::vector<JsonReader> elements() const {
    if (!value->is_array())
      fail("a list was expected, not " + describe());
    std::vector<JsonReader> list;
    for (size_t i = 0; i < value->size(); ++i)
      list.emplace_back((*value)[i], place + "[" + std::to_string(i) + "]",
                        depth + 1);
    return list;
  }

  const std::string &string() const {
    if (!value->is_string())
      fail("a text was expected, not " + describe());
    return value->get_ref<const std::string &>();
  }
  bool boolean() const {
    if (!value->is_boolean())
      fail("true or false was expected, not " + describe());
    return value->get<bool>();
  }
  uint32_t number(uint32_t below) const {
    if (!value->is_number_unsigned() || value->get<uint64_t>() >= below)
      fail("a whole number below " + std::to_string(below) +
           " was expected, not " + describe());
    return value->get<uint32_t>();
  }
  bool boolean(const char *key, bool standard) const {
    std::optional<JsonReader> member = find(key);
    return member ? member->boolean() : standard;
  }
  std::string string(const char *key) const {
    std::optional<JsonReader> member = find(key);
    return member ? member->string() : std::string();
  }

  std::string describe() const {
    std::string text =
        value->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return text.size() > 40 ? text.substr(0, 40) + "..." : text;
  }

private:
  const nlohmann::json *value;
  std::string place;
  unsigned depth;
};

} // namespace sinter::frontend

#endif // SINTER_FRONTEND_TOKENIZER_JSONREADER_H
