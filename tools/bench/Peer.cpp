//===- Peer.cpp - Another program that does the same ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/bench/Peer.h"
#include <chrono>
#include <cstdio>
#include <optional>
#include <regex>
#include <stdexcept>

using namespace sinter::bench;

static std::optional<double> lastNumber(const std::string &text) {
  static const std::regex number(R"([0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
  std::optional<double> last;
  for (std::sregex_iterator match(text.begin(), text.end(), number), end;
       match != end; ++match)
    last = std::stod(match->str());
  return last;
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
  const double speed =
      lastNumber(text).value_or(static_cast<double>(tokens) / time);
  if (!(speed > 0))
    throw std::runtime_error(
        "--peer: expected tokens a second as the last number, found 0");
  return speed;
}
