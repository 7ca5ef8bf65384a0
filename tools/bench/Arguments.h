//===- Arguments.h - Options of the measuring programs ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_ARGUMENTS_H
#define SINTER_TOOLS_BENCH_ARGUMENTS_H

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace sinter::bench {

/// What a person typed was wrong.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `--name value`, `--name=value`, `--flag`, and the rest in order. Throws
/// UsageError for anything else.
class Arguments {
public:
  Arguments(int argc, char **argv, const std::vector<std::string> &values,
            const std::vector<std::string> &flags);

  bool has(const std::string &name) const { return given.count(name) > 0; }
  std::string text(const std::string &name, const std::string &absent) const;
  int64_t number(const std::string &name, int64_t absent,
                 int64_t smallest) const;
  /// "1,2,4"
  std::vector<int64_t> numbers(const std::string &name,
                               const std::vector<int64_t> &absent,
                               int64_t smallest) const;
  const std::vector<std::string> &positional() const { return rest; }

private:
  std::map<std::string, std::string> given;
  std::vector<std::string> rest;
};

/// Runs a program and prints what it throws, as one line: 2 for UsageError, 1
/// for others.
int guarded(const std::function<int()> &program);

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_ARGUMENTS_H
