//===- Options.cpp - What the command line of a model says ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/OptionTable.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

using namespace sinter::runtime;

namespace {

/// Edits (Levenshtein) between two names.
size_t distance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string nearest(const std::string &name, sinter_model_head head) {
  std::string best;
  size_t fewest = std::max<size_t>(2, name.size() / 3) + 1;
  for (const Flag &flag : flags())
    if (appliesTo(flag, head) && distance(name, flag.name) < fewest) {
      fewest = distance(name, flag.name);
      best = flag.name;
    }
  // What people call it elsewhere.
  static const std::pair<const char *, const char *> synonyms[] = {
      {"n-predict", "tokens"},
      {"max-tokens", "tokens"},
      {"max-new-tokens", "tokens"},
      {"max-length", "tokens"},
      {"beams", "beam"},
      {"num-beams", "beam"},
      {"temp", "temperature"},
      {"bench", "stats"}};
  for (auto [other, ours] : synonyms)
    if (name == other)
      for (const Flag &flag : flags())
        if (ours == std::string(flag.name) && appliesTo(flag, head))
          best = ours;
  return best;
}

const Flag &findFlag(const std::string &name, char letter,
                     sinter_model_head head) {
  const std::string shown = letter ? std::string("-") + letter : "--" + name;
  const Flag *elsewhere = nullptr;
  for (const Flag &flag : flags()) {
    if (letter ? flag.letter != letter : name != flag.name)
      continue;
    if (appliesTo(flag, head))
      return flag;
    elsewhere = &flag;
  }
  if (elsewhere)
    throw UsageError(
        shown + " is not for this model: it " + taskOf(head) +
        (elsewhere->elsewhere ? std::string("; ") + elsewhere->elsewhere : ""));
  std::string guess = letter ? "" : nearest(name, head);
  throw UsageError(
      "unknown option " + shown +
      (guess.empty() ? "; see --help" : "; did you mean --" + guess + "?"));
}

int64_t parseWhole(const std::string &text, const std::string &what,
                   int64_t least, int64_t most) {
  int64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument ||
      end != text.data() + text.size() || text.empty())
    throw UsageError(what + ": '" + text + "' is not a whole number");
  if (error != std::errc() || value < least || value > most)
    throw UsageError(
        what + ": " + text + " is out of range, expected " +
        std::to_string(least) +
        (most == large ? " or more" : " to " + std::to_string(most)));
  return value;
}

double parseReal(const std::string &text, const std::string &what) {
  double value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value))
    throw UsageError(what + ": '" + text + "' is not a number");
  return value;
}

std::string parseWord(const std::string &text, const std::string &what,
                      const std::vector<std::string> &words) {
  if (text.empty())
    return words.front();
  std::string all;
  for (const std::string &word : words) {
    if (text == word)
      return text;
    all += (all.empty() ? "" : " or ") + word;
  }
  throw UsageError(what + ": '" + text + "' is unknown, expected " + all);
}

void assign(Options &options, const Flag &flag, const std::string &value) {
  const std::string what = std::string("--") + flag.name;
  if (auto *target = std::get_if<bool Options::*>(&flag.target))
    options.*(*target) = true;
  else if (auto *target = std::get_if<std::string Options::*>(&flag.target))
    options.*(*target) = value;
  else if (auto *target =
               std::get_if<std::vector<std::string> Options::*>(&flag.target))
    (options.*(*target)).push_back(value);
  else if (auto *target = std::get_if<Whole>(&flag.target))
    options.*(target->value) =
        parseWhole(value, what, target->least, target->most);
  else if (auto *target = std::get_if<Real>(&flag.target))
    options.*(target->value) = parseReal(value, what);
  else if (auto *target = std::get_if<Word>(&flag.target))
    options.*(target->value) = parseWord(value, what, target->words);
}

} // namespace

Options sinter::runtime::parseOptions(const std::vector<std::string> &arguments,
                                      sinter_model_head head) {
  Options options;
  bool texts = false;
  for (size_t index = 0; index < arguments.size(); ++index) {
    const std::string &argument = arguments[index];
    if (texts || argument.size() < 2 || argument[0] != '-') {
      options.texts.push_back(argument);
      continue;
    }
    if (argument == "--") {
      texts = true;
      continue;
    }
    const bool named = argument[1] == '-';
    std::string name, value;
    bool hasValue = false;
    if (named) {
      size_t equals = argument.find('=');
      name = argument.substr(2, equals - 2);
      hasValue = equals != std::string::npos;
      value = hasValue ? argument.substr(equals + 1) : "";
      if (equals != std::string::npos)
        name = argument.substr(2, equals - 2);
    }
    const Flag &flag = findFlag(name, named ? '\0' : argument[1], head);
    const std::string shown =
        named ? "--" + name : std::string("-") + argument[1];
    if (!named && argument.size() > 2) {
      hasValue = true;
      value = argument.substr(2);
    }
    if (!flag.argument && hasValue &&
        !std::holds_alternative<Word>(flag.target))
      throw UsageError(shown + " takes no value");
    if (flag.argument && !hasValue) {
      if (index + 1 == arguments.size())
        throw UsageError(shown + " needs a value: " + flag.argument);
      value = arguments[++index];
    }
    assign(options, flag, value);
  }
  return options;
}

std::pair<int32_t, float>
sinter::runtime::parseLogitBias(const std::string &text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos)
    throw UsageError("--logit-bias: '" + text +
                     "' is not a token and a number, as in 5=-1.5");
  const int64_t token = parseWhole(text.substr(0, equals), "--logit-bias", 0,
                                   std::numeric_limits<int32_t>::max());
  const std::string value = text.substr(equals + 1);
  const double bias = value == "-inf" ? -std::numeric_limits<double>::infinity()
                                      : parseReal(value, "--logit-bias");
  return {static_cast<int32_t>(token), static_cast<float>(bias)};
}

std::vector<int32_t> sinter::runtime::parseIds(const std::string &text,
                                               const std::string &what) {
  std::vector<int32_t> ids;
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find(',', start), text.size());
    std::string id = text.substr(start, end - start);
    const size_t first = id.find_first_not_of(" \t\r");
    const size_t last = id.find_last_not_of(" \t\r");
    id = first == std::string::npos ? "" : id.substr(first, last - first + 1);
    ids.push_back(static_cast<int32_t>(
        parseWhole(id, what, 0, std::numeric_limits<int32_t>::max())));
    start = end + 1;
  }
  return ids;
}
