//===- Peer.cpp - Another program that does the same ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/bench/Peer.h"
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <stdexcept>

using namespace sinter::bench;

// How many tokens one by one a peer times for `token-DEPTH`: of a single one, a
// program that is started for it measures little.
static constexpr int64_t generated = 16;

std::string sinter::bench::peerCommand(const std::string &command,
                                       const Workload &workload,
                                       int64_t threads) {
  const bool isPrompt = workload.name.rfind("prompt-", 0) == 0;
  const std::pair<std::string, int64_t> values[] = {
      {"{prompt}", isPrompt ? workload.tokens : 0},
      {"{generate}", isPrompt ? 0 : generated},
      {"{depth}", workload.depth},
      {"{threads}", threads}};
  std::string result = command;
  for (const auto &[name, value] : values)
    for (size_t at = 0; (at = result.find(name, at)) != std::string::npos;)
      result.replace(at, name.size(), std::to_string(value));
  return result;
}

bool sinter::bench::isForAnyWorkload(const std::string &command) {
  auto names = [&](const char *name) {
    return command.find(name) != std::string::npos;
  };
  return names("{prompt}") && names("{generate}") && names("{depth}") &&
         names("{threads}");
}

static std::optional<double> lastNumber(const std::string &text) {
  static const std::regex number(R"([0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
  std::optional<double> last;
  for (std::sregex_iterator match(text.begin(), text.end(), number), end;
       match != end; ++match)
    // Not stod, which throws at what only looks like a number: the commit
    // "0c1e570".
    last = std::strtod(match->str().c_str(), nullptr);
  return last;
}

double sinter::bench::speedIn(const std::string &output) {
  const auto json = nlohmann::json::parse(output, nullptr,
                                          /*allow_exceptions=*/false);
  const bool isList = json.is_array() && !json.empty() && json[0].is_object() &&
                      json[0].contains("avg_ts");
  if (!isList)
    return lastNumber(output).value_or(0);
  if (json.size() != 1)
    throw std::runtime_error("--peer: expected one test, found " +
                             std::to_string(json.size()) +
                             ": of llama-bench's -p and -n one must be 0");
  return json[0]["avg_ts"].is_number() ? json[0]["avg_ts"].get<double>() : 0;
}

double sinter::bench::runPeer(const std::string &command, int64_t tokens) {
  const auto start = std::chrono::steady_clock::now();
  std::FILE *output = popen(command.c_str(), "r");
  if (!output)
    throw std::runtime_error("--peer: cannot start a shell");
  std::string text;
  char buffer[4096];
  while (size_t count = std::fread(buffer, 1, sizeof(buffer), output))
    text.append(buffer, count);
  const int status = pclose(output);
  const double time =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  if (status != 0)
    throw std::runtime_error("--peer: the command failed: " + command);
  const bool says = lastNumber(text).has_value();
  const double speed =
      says ? speedIn(text) : static_cast<double>(tokens) / time;
  if (!(speed > 0) || !std::isfinite(speed))
    throw std::runtime_error(
        "--peer: expected tokens a second as the last number, found 0");
  return speed;
}
