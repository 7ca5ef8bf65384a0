//===- Value.h - What a chat template computes with -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CHAT_VALUE_H
#define SINTER_RUNTIME_CHAT_VALUE_H

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sinter::runtime::chat {

/// What is wrong in a template, while reading or while running it, and where:
/// a place in its text, or `unknown`.
class TemplateError : public std::exception {
public:
  static constexpr size_t unknown = ~size_t(0);
  explicit TemplateError(std::string message, size_t place = unknown)
      : text(std::move(message)), place(place) {}
  const char *what() const noexcept override { return text.c_str(); }

  std::string text;
  size_t place;
};

class Value;
using List = std::vector<Value>;

/// What stands in the parentheses of a call.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;

  /// Argument `index`, or the one named so; null: not given.
  const Value *find(size_t index, std::string_view name) const;
  /// The same, required; `function` is for the message.
  const Value &get(size_t index, std::string_view name,
                   std::string_view function) const;
};

using Function = std::function<Value(const Arguments &)>;

/// A mapping that keeps its order, as Python's.
struct Dict {
  std::vector<std::pair<Value, Value>> entries;

  Value *find(const Value &key);
  void set(const Value &key, Value value);
};

/// A value of Python as far as templates know them. Lists and mappings are
/// shared, so that copies are cheap and cycles cannot be made: templates change
/// nothing but the attributes of a namespace.
class Value {
public:
  struct Undefined {
    std::string name; ///< what was asked for, for messages
  };
  struct None {};
  struct Tuple {
    std::shared_ptr<List> list;
  };
  struct Namespace {
    std::shared_ptr<Dict> attributes;
  };

  Value() : data(Undefined{}) {}
  static Value undefined(std::string name) {
    Value value;
    value.data = Undefined{std::move(name)};
    return value;
  }
  static Value none() {
    Value value;
    value.data = None{};
    return value;
  }
  static Value tuple(List list) {
    Value value;
    value.data = Tuple{std::make_shared<List>(std::move(list))};
    return value;
  }
  static Value makeNamespace(Dict attributes) {
    Value value;
    value.data = Namespace{std::make_shared<Dict>(std::move(attributes))};
    return value;
  }
  Value(bool value) : data(value) {}
  Value(int value) : data(int64_t(value)) {}
  Value(int64_t value) : data(value) {}
  Value(double value) : data(value) {}
  Value(std::string value)
      : data(std::make_shared<const std::string>(std::move(value))) {}
  Value(const char *value) : Value(std::string(value)) {}
  Value(std::string_view value) : Value(std::string(value)) {}
  Value(List list) : data(std::make_shared<List>(std::move(list))) {}
  Value(Dict dict) : data(std::make_shared<Dict>(std::move(dict))) {}
  Value(Function function)
      : data(std::make_shared<Function>(std::move(function))) {}

  bool isUndefined() const { return std::holds_alternative<Undefined>(data); }
  bool isNone() const { return std::holds_alternative<None>(data); }
  bool isBool() const { return std::holds_alternative<bool>(data); }
  bool isInteger() const { return std::holds_alternative<int64_t>(data); }
  bool isReal() const { return std::holds_alternative<double>(data); }
  /// True and False are numbers in Python.
  bool isNumber() const { return isBool() || isInteger() || isReal(); }
  bool isString() const { return std::holds_alternative<StringPointer>(data); }
  bool isTuple() const { return std::holds_alternative<Tuple>(data); }
  /// A list or a tuple.
  bool isList() const {
    return isTuple() || std::holds_alternative<std::shared_ptr<List>>(data);
  }
  bool isDict() const {
    return std::holds_alternative<std::shared_ptr<Dict>>(data);
  }
  bool isNamespace() const { return std::holds_alternative<Namespace>(data); }
  bool isFunction() const {
    return std::holds_alternative<std::shared_ptr<Function>>(data);
  }

  // The caller has checked the kind.
  const std::string &string() const { return *std::get<StringPointer>(data); }
  const List &list() const {
    return isTuple() ? *std::get<Tuple>(data).list
                     : *std::get<std::shared_ptr<List>>(data);
  }
  Dict &dict() const {
    return isNamespace() ? *std::get<Namespace>(data).attributes
                         : *std::get<std::shared_ptr<Dict>>(data);
  }
  const Function &function() const {
    return *std::get<std::shared_ptr<Function>>(data);
  }
  /// Of a Bool, too.
  int64_t integer() const {
    return isBool() ? int64_t(std::get<bool>(data)) : std::get<int64_t>(data);
  }
  /// Of any number.
  double real() const {
    return isReal() ? std::get<double>(data) : double(integer());
  }
  const std::string &undefinedName() const {
    return std::get<Undefined>(data).name;
  }

  /// Whether an `if` takes it for true.
  bool truth() const;
  /// As `==` compares; values of kinds that have nothing in common differ.
  bool equals(const Value &other) const;
  /// As `<` compares; throws where there is no order.
  bool less(const Value &other) const;
  /// "a string", "a list": for messages.
  std::string kind() const;
  /// As `{{ }}` writes it.
  std::string text() const;
  /// As Python's repr() does.
  std::string representation() const;
  /// The elements that a `for` walks: of a list, of a mapping its keys, of a
  /// string its characters, of what is undefined none. Throws for all else.
  List elements() const;
  /// How many there are.
  int64_t length() const;

private:
  using StringPointer = std::shared_ptr<const std::string>;
  std::variant<Undefined, None, bool, int64_t, double, StringPointer,
               std::shared_ptr<List>, Tuple, std::shared_ptr<Dict>, Namespace,
               std::shared_ptr<Function>>
      data;
};

/// How JSON is written: as Python's json.dumps does.
struct JsonStyle {
  int indent = -1; ///< spaces of a level; negative: all on one line
  std::string item = ", ", key = ": ";
  bool sorted = false, escaped = false; ///< escaped: ASCII alone
};
std::string toJson(const Value &value, const JsonStyle &style);
/// Throws a TemplateError that says what is wrong at which byte.
Value parseJson(std::string_view text);

} // namespace sinter::runtime::chat

#endif // SINTER_RUNTIME_CHAT_VALUE_H
