//===- Config.cpp - config.json -------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Config.h"

#include <nlohmann/json.hpp>

#include <set>

using json = nlohmann::json;

namespace sinter::spec {
namespace {

/// Deeper objects than this are no config.
constexpr int maximumDepth = 16;

std::string shortened(const json &value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  constexpr size_t limit = 60;
  if (text.size() > limit) {
    size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;
    text = text.substr(0, end) + "...";
  }
  return text;
}

ConfigValue convert(const json &value) {
  ConfigValue result;
  result.text = shortened(value);
  switch (value.type()) {
  case json::value_t::boolean:
    result.kind = ConfigValue::Bool;
    result.integer = value.get<bool>();
    break;
  case json::value_t::number_unsigned:
    // What does not fit into 64 bits with a sign is kept as the real number it
    // is close to.
    if (value.get<uint64_t>() > uint64_t(INT64_MAX)) {
      result.kind = ConfigValue::Real;
      result.real = value.get<double>();
      break;
    }
    [[fallthrough]];
  case json::value_t::number_integer:
    result.kind = ConfigValue::Int;
    result.integer = value.get<int64_t>();
    break;
  case json::value_t::number_float:
    result.kind = ConfigValue::Real;
    result.real = value.get<double>();
    break;
  case json::value_t::string:
    result.kind = ConfigValue::String;
    result.string = value.get<std::string>();
    break;
  case json::value_t::array:
    result.kind = ConfigValue::List;
    for (const json &item : value)
      result.list.push_back(convert(item));
    break;
  case json::value_t::object:
    result.kind = ConfigValue::Object;
    break;
  default:
    break;
  }
  return result;
}

void flatten(const json &object, const std::string &prefix,
             std::map<std::string, ConfigValue> &values) {
  for (const auto &[key, value] : object.items()) {
    values.emplace(prefix + key, convert(value));
    if (value.is_object())
      flatten(value, prefix + key + ".", values);
  }
}

} // namespace

Config Config::parse(std::string_view text, std::string &error) {
  // The keys seen in each of the objects that are open.
  std::vector<std::set<std::string>> open;
  std::string problem;
  auto watch = [&](int depth, json::parse_event_t event, json &parsed) {
    if (depth > maximumDepth && problem.empty())
      problem = "objects and lists are nested more than " +
                std::to_string(maximumDepth) + " deep";
    if (event == json::parse_event_t::object_start)
      open.emplace_back();
    else if (event == json::parse_event_t::object_end && !open.empty())
      open.pop_back();
    else if (event == json::parse_event_t::key && !open.empty()) {
      std::string key = parsed.get<std::string>();
      if (!open.back().insert(key).second && problem.empty())
        problem = "\"" + key + "\" stands there twice";
    }
    return depth <= maximumDepth;
  };

  Config config;
  try {
    json parsed = json::parse(text, watch);
    if (problem.empty() && !parsed.is_object())
      problem = "expected an object, found " + shortened(parsed);
    if (problem.empty())
      flatten(parsed, "", config.values);
  } catch (const json::exception &exception) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    problem = exception.what();
    if (size_t end = problem.find("] "); end != std::string::npos)
      problem = problem.substr(end + 2);
  }
  error = problem;
  return config;
}

const ConfigValue *Config::lookup(llvm::StringRef key) const {
  auto found = values.find(key.str());
  return found == values.end() ? nullptr : &found->second;
}

std::vector<llvm::StringRef> Config::keys() const {
  std::vector<llvm::StringRef> result;
  for (const auto &entry : values)
    result.emplace_back(entry.first);
  return result;
}

void Config::add(llvm::StringRef prefix, const Config &other) {
  for (const auto &[key, value] : other.values)
    values.emplace(prefix.str() + key, value);
}

} // namespace sinter::spec
