//===- Template.cpp - A chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Template.h"
#include "runtime/chat/Evaluator.h"
#include "runtime/chat/Parser.h"
#include "runtime/chat/Text.h"

#include <algorithm>

using namespace sinter::runtime::chat;

/// Lines end in one way, as Jinja reads them.
static std::string withPlainLines(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at)
    if (text[at] != '\r')
      out += text[at];
    else if (at + 1 >= text.size() || text[at + 1] != '\n')
      out += '\n';
  return out;
}

Template::Template(std::string given) : text(withPlainLines(given)) {
  try {
    block = parseTemplate(text);
  } catch (TemplateError &error) {
    throw TemplateError(error.text, std::min(error.place, text.size()));
  }
}

std::string Template::render(const Dict &names) const {
  return Evaluator(names).run(block);
}

std::string Template::explain(std::string_view given,
                              const TemplateError &error,
                              std::string_view name) {
  std::string prefix(name);
  if (error.place == TemplateError::unknown)
    return prefix + ": error: " + error.text;
  std::string text = withPlainLines(given);
  size_t place = std::min(error.place, text.size());
  size_t begin = place == 0 ? 0 : text.rfind('\n', place - 1) + 1;
  size_t end = std::min(text.find('\n', place), text.size());
  auto line = std::count(text.begin(), text.begin() + long(place), '\n') + 1;
  // Templates often are one long line: a part of it is shown.
  std::vector<std::string_view> before =
      charactersOf(std::string_view(text).substr(begin, place - begin));
  size_t column = before.size() + 1,
         shown = std::min<size_t>(before.size(), 60);
  std::string excerpt = shown < before.size() ? "..." : "";
  size_t caret = excerpt.size() + shown;
  for (size_t i = before.size() - shown; i < before.size(); ++i)
    excerpt += before[i] == "\t" ? " " : before[i];
  std::vector<std::string_view> behind =
      charactersOf(std::string_view(text).substr(place, end - place));
  for (size_t i = 0; i < std::min<size_t>(behind.size(), 40); ++i)
    excerpt += behind[i];
  excerpt += behind.size() > 40 ? "..." : "";
  return prefix + ":" + std::to_string(line) + ":" + std::to_string(column) +
         ": error: " + error.text + "\n" + excerpt + "\n" +
         std::string(caret, ' ') + "^";
}
