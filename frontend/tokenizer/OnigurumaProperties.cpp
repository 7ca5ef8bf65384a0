//===- OnigurumaProperties.cpp - Oniguruma's kinds of characters ----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/OnigurumaProperties.h"

#include <cctype>

namespace sinter::frontend {

namespace {

struct PropertyAddition {
  std::string_view name, characters;
};

#include "frontend/tokenizer/OnigurumaTables.inc"

constexpr std::string_view whiteSpace =
    R"(\x09-\x0d\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029})"
    R"(\x{202f}\x{205f}\x{3000})";

/// Names that Oniguruma knows beside the two-letter ones, without spaces,
/// underscores and hyphens.
constexpr std::string_view propertyNames[][2] = {{"letter", "L"},
                                                 {"lowercaseletter", "Ll"},
                                                 {"modifierletter", "Lm"},
                                                 {"otherletter", "Lo"},
                                                 {"titlecaseletter", "Lt"},
                                                 {"uppercaseletter", "Lu"},
                                                 {"mark", "M"},
                                                 {"combiningmark", "M"},
                                                 {"spacingmark", "Mc"},
                                                 {"enclosingmark", "Me"},
                                                 {"nonspacingmark", "Mn"},
                                                 {"number", "N"},
                                                 {"decimalnumber", "Nd"},
                                                 {"digit", "Nd"},
                                                 {"letternumber", "Nl"},
                                                 {"othernumber", "No"},
                                                 {"punctuation", "P"},
                                                 {"connectorpunctuation", "Pc"},
                                                 {"dashpunctuation", "Pd"},
                                                 {"closepunctuation", "Pe"},
                                                 {"finalpunctuation", "Pf"},
                                                 {"initialpunctuation", "Pi"},
                                                 {"otherpunctuation", "Po"},
                                                 {"openpunctuation", "Ps"},
                                                 {"symbol", "S"},
                                                 {"currencysymbol", "Sc"},
                                                 {"modifiersymbol", "Sk"},
                                                 {"mathsymbol", "Sm"},
                                                 {"othersymbol", "So"},
                                                 {"separator", "Z"},
                                                 {"lineseparator", "Zl"},
                                                 {"paragraphseparator", "Zp"},
                                                 {"spaceseparator", "Zs"},
                                                 {"control", "Cc"},
                                                 {"cntrl", "Cc"},
                                                 {"format", "Cf"},
                                                 {"privateuse", "Co"},
                                                 {"alpha", "Alphabetic"},
                                                 {"upper", "Uppercase"},
                                                 {"lower", "Lowercase"}};

constexpr std::string_view categories =
    " L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk "
    "Sm So Z Zl Zp Zs Cc Cf Co C Cn Cs Any Alphabetic Uppercase Lowercase ";

std::string simplify(std::string_view name) {
  std::string simple;
  for (char character : name)
    if (character != ' ' && character != '_' && character != '-')
      simple += static_cast<char>(
          std::tolower(static_cast<unsigned char>(character)));
  return simple;
}

std::string_view additionsTo(std::string_view name) {
  for (const PropertyAddition &addition : propertyAdditions)
    if (addition.name == name)
      return addition.characters;
  return {};
}

std::string property(std::string_view name) {
  return "\\p{" + std::string(name) + "}" + std::string(additionsTo(name));
}

std::string wordCharacters() {
  return "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}" + std::string(additionsTo("w"));
}

} // namespace

std::string propertyCharacters(std::string_view name) {
  std::string simple = simplify(name);
  for (auto [known, short_] : propertyNames)
    if (simple == known)
      return property(short_);
  if (simple == "alnum")
    return property("Alphabetic") + property("Nd");
  if (simple == "space" || simple == "whitespace")
    return std::string(whiteSpace);
  if (simple == "blank")
    return "\\x09\\p{Zs}";
  if (simple == "punct")
    return property("P");
  if (simple == "word")
    return wordCharacters();
  if (simple == "xdigit")
    return "0-9A-Fa-f";
  std::string proper = simple;
  if (!proper.empty())
    proper[0] =
        static_cast<char>(std::toupper(static_cast<unsigned char>(proper[0])));
  if (categories.find(" " + proper + " ") != std::string_view::npos)
    return property(proper);
  // PCRE2's plain names of scripts hold their extensions too.
  return "\\p{sc:" + std::string(name) + "}" + std::string(additionsTo(proper));
}

} // namespace sinter::frontend
