//===- Config.h - config.json -----------------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_CONFIG_H
#define SINTER_FRONTEND_SPEC_CONFIG_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::spec {

/// A value of a JSON file.
struct ConfigValue {
  enum Kind { Null, Bool, Int, Real, String, List, Object };
  Kind kind = Null;
  int64_t integer = 0; ///< Bool: 0 or 1.
  double real = 0;
  std::string string;
  std::vector<ConfigValue> list;
  std::string text; ///< As JSON, shortened, for messages.
};

/// A JSON object; values of objects within it go by keys with points:
/// "rope_scaling.factor".
class Config {
public:
  /// Reads `text`; what is wrong with it goes to `error` (then the result is
  /// empty). A key that stands twice in one object is an error: two readers
  /// would take different values.
  static Config parse(std::string_view text, std::string &error);

  /// The value of a key, or null where there is none.
  const ConfigValue *lookup(llvm::StringRef key) const;
  std::vector<llvm::StringRef> keys() const;

  /// Takes all of `other`, with `prefix` in front of its keys.
  void add(llvm::StringRef prefix, const Config &other);

private:
  std::map<std::string, ConfigValue> values;
};

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_CONFIG_H
