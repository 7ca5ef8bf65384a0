//===- Arguments.cpp - Options of the measuring programs ------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/bench/Arguments.h"
#include <algorithm>
#include <charconv>
#include <iostream>

using namespace sinter::bench;

static bool holds(const std::vector<std::string> &names,
                  const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Arguments::Arguments(int argc, char **argv,
                     const std::vector<std::string> &values,
                     const std::vector<std::string> &flags) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) != 0) {
      rest.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(
        2, equals == std::string::npos ? std::string::npos : equals - 2);
    const bool hasValue = equals != std::string::npos;
    if (holds(flags, name)) {
      if (hasValue)
        throw UsageError("--" + name + " takes no value");
      given[name] = "";
    } else if (holds(values, name)) {
      if (!hasValue && i + 1 == argc)
        throw UsageError("--" + name + " needs a value");
      given[name] = hasValue ? word.substr(equals + 1) : argv[++i];
    } else {
      throw UsageError("unknown option --" + name + "; see --help");
    }
  }
}

std::string Arguments::text(const std::string &name,
                            const std::string &absent) const {
  auto found = given.find(name);
  return found == given.end() ? absent : found->second;
}

static int64_t parse(const std::string &name, std::string_view text,
                     int64_t smallest) {
  int64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      value < smallest)
    throw UsageError("--" + name + ": expected a whole number of at least " +
                     std::to_string(smallest) + ", found '" +
                     std::string(text) + "'");
  return value;
}

int64_t Arguments::number(const std::string &name, int64_t absent,
                          int64_t smallest) const {
  auto found = given.find(name);
  return found == given.end() ? absent : parse(name, found->second, smallest);
}

std::vector<int64_t> Arguments::numbers(const std::string &name,
                                        const std::vector<int64_t> &absent,
                                        int64_t smallest) const {
  auto found = given.find(name);
  if (found == given.end())
    return absent;
  std::vector<int64_t> result;
  std::string_view text = found->second;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    result.push_back(parse(name, text.substr(start, end - start), smallest));
    start = end + 1;
  }
  return result;
}

int sinter::bench::guarded(const std::function<int()> &program) {
  try {
    return program();
  } catch (const UsageError &error) {
    std::cerr << "error: " << error.what() << "\n";
    return 2;
  } catch (const std::exception &error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
