//===- Parser.cpp - Declarations of a spec --------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Parser.h"

#include "frontend/spec/ParserBase.h"

using namespace llvm;

namespace sinter::spec {
namespace {

class Parser : public ParserBase {
public:
  Parser(StringRef text, Diagnostics &diagnostics)
      : ParserBase(text, diagnostics), file(std::make_unique<File>()) {}

  std::unique_ptr<File> run() {
    if (atEnd())
      diagnostics.error(peek().range(), "this spec is empty");
    else
      block(0, "declarations", [&] { return parseDeclaration(); });
    return std::move(file);
  }

private:
  bool parseDeclaration();
  bool parseModel();
  bool parseImport();
  bool parseConfigEntry();
  bool parseConfigType(ConfigType &type);
  bool parseWeights();
  bool parseWeightEntry(std::vector<WeightEntry> &entries);
  bool parseWeightTarget(WeightEntry &entry);
  bool parseStruct();
  bool parseFunction();
  bool parseParameter(Parameter &parameter);
  bool parseBody(FunctionDecl &function);
  bool parseLet(Statement &statement);
  bool parseRequire(Statement &statement);
  bool parseHead();
  bool parseProgramEntry();
  bool parseNames(std::vector<std::pair<StringRef, SMRange>> &names,
                  const Twine &what);
  bool parseStrings(std::vector<std::string> &strings, StringRef separator,
                    const Twine &what);

  std::unique_ptr<File> file;
};

bool Parser::parseDeclaration() {
  const Token keyword = peek();
  if (keyword.kind == Token::Word) {
    StringRef word = keyword.text;
    if (word == "model")
      return parseModel();
    if (word == "import")
      return parseImport();
    if (word == "weights")
      return parseWeights();
    if (word == "struct")
      return parseStruct();
    if (word == "def")
      return parseFunction();
    if (word == "head")
      return parseHead();
    if (word == "let")
      return parseLet(file->statements.emplace_back());
    if (word == "require")
      return parseRequire(file->statements.emplace_back());
    if (word == "config" || word == "program") {
      take();
      block(keyword.column,
            word == "config" ? "config values" : "entries of the program", [&] {
              return word == "config" ? parseConfigEntry()
                                      : parseProgramEntry();
            });
      return true;
    }
  }
  static constexpr StringRef keywords[] = {
      "model", "import", "config", "weights", "struct",
      "def",   "head",   "let",    "require", "program"};
  diagnostics.error(
      keyword.range(),
      "expected a declaration, found '" + keyword.text.take_front(40) + "'" +
          (keyword.kind == Token::Word ? didYouMean(keyword.text, keywords)
                                       : std::string()));
  return false;
}

/// model name [from base]
bool Parser::parseModel() {
  SMRange range = take().range();
  if (!file->name.empty()) {
    diagnostics.error(range, "a file holds one model")
        .note(file->range, "the first is declared here");
    return false;
  }
  if (!expectName(file->name, file->range, "a name after 'model'"))
    return false;
  return !takeIf("from") ||
         expectName(file->base, file->baseRange, "a model's name after 'from'");
}

bool Parser::parseNames(std::vector<std::pair<StringRef, SMRange>> &names,
                        const Twine &what) {
  do {
    auto &[name, range] = names.emplace_back();
    if (!expectName(name, range, what))
      return false;
  } while (takeIf(","));
  return true;
}

bool Parser::parseStrings(std::vector<std::string> &strings,
                          StringRef separator, const Twine &what) {
  do {
    if (peek().kind != Token::String) {
      errorExpected(what);
      return false;
    }
    strings.push_back(take().string);
  } while (takeIf(separator));
  return true;
}

/// import module [(name, ...)]
bool Parser::parseImport() {
  take();
  ImportDecl &import = file->imports.emplace_back();
  if (!expectName(import.module, import.range, "a file's name after 'import'"))
    return false;
  if (!peek().is("("))
    return true;
  const Token &opening = take();
  return parseNames(import.names, "a name to import") &&
         expectClosing(")", opening);
}

//===----------------------------------------------------------------------===//
// Config
//===----------------------------------------------------------------------===//

/// name, ... : type [= default] [from "key", ...] [gguf "key", ...]
bool Parser::parseConfigEntry() {
  std::vector<std::pair<StringRef, SMRange>> names;
  if (!parseNames(names, "a config value's name") ||
      !expect(":", "before the type"))
    return false;
  ConfigEntry entry;
  if (!parseConfigType(entry.type))
    return false;
  if (takeIf("=")) {
    entry.defaultValue = parseExpr();
    if (!entry.defaultValue)
      return false;
  }
  if (takeIf("from") &&
      !parseStrings(entry.keys, ",", "a key of config.json in quotes"))
    return false;
  if (takeIf("gguf") &&
      !parseStrings(entry.ggufKeys, ",", "a metadata key in quotes"))
    return false;
  if (names.size() > 1 && !(entry.keys.empty() && entry.ggufKeys.empty())) {
    diagnostics.error(names[1].second,
                      "keys stand for one value; give each value its own line");
    return false;
  }
  for (auto [name, range] : names) {
    entry.name = name;
    entry.range = range;
    file->config.push_back(entry);
  }
  return true;
}

bool Parser::parseConfigType(ConfigType &type) {
  const Token token = peek();
  if (takeIf("[")) {
    type.list = true;
    if (!parseConfigType(type) || !expectClosing("]", token))
      return false;
  } else if (token.kind == Token::String) {
    type.base = ConfigType::Choice;
    if (!parseStrings(type.choices, "|", "a value in quotes"))
      return false;
  } else if (takeIf("int")) {
    type.base = ConfigType::Int;
  } else if (takeIf("real")) {
    type.base = ConfigType::Real;
  } else if (takeIf("bool")) {
    type.base = ConfigType::Bool;
  } else if (takeIf("string")) {
    type.base = ConfigType::String;
  } else {
    static constexpr StringRef types[] = {"int", "real", "bool", "string"};
    std::string hint =
        token.kind == Token::Word ? didYouMean(token.text, types) : "";
    diagnostics.error(
        token.range(),
        "expected a type: int, real, bool, string, a list as [int], "
        "or a choice as \"a\" | \"b\"" +
            hint);
    return false;
  }
  if (takeIf("optional"))
    type.optional = true;
  return true;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// weights ["prefix" or "other"] [when condition]
bool Parser::parseWeights() {
  const Token keyword = take();
  WeightsDecl &weights = file->weights.emplace_back();
  weights.range = keyword.range();
  if (peek().kind == Token::String &&
      !parseStrings(weights.prefixes, "or",
                    "a prefix of weight names in quotes"))
    return false;
  if (weights.prefixes.empty())
    weights.prefixes.push_back("");
  if (takeIf("when") && !(weights.condition = parseExpr()))
    return false;
  block(keyword.column, "weights",
        [&] { return parseWeightEntry(weights.entries); });
  return true;
}

/// struct Name[(parameter, ...)]
bool Parser::parseStruct() {
  const Token keyword = take();
  StructDecl &decl = file->structs.emplace_back();
  if (!expectName(decl.name, decl.range, "a name after 'struct'"))
    return false;
  if (peek().is("(")) {
    const Token &opening = take();
    std::vector<std::pair<StringRef, SMRange>> names;
    if (!parseNames(names, "a parameter's name") ||
        !expectClosing(")", opening))
      return false;
    for (auto [name, range] : names)
      decl.parameters.push_back(name);
  }
  block(keyword.column, "weights",
        [&] { return parseWeightEntry(decl.entries); });
  return true;
}

/// path ["name" or "other"] target [when condition] [optional] [gguf "name"]
bool Parser::parseWeightEntry(std::vector<WeightEntry> &entries) {
  WeightEntry entry;
  const Token first = peek();
  do {
    // Any word may name a weight, and layers of a sequence have numbers.
    if (peek().kind != Token::Word &&
        (entry.path.empty() || peek().kind != Token::Integer)) {
      errorExpected("a weight's name");
      return false;
    }
    entry.path.push_back(take().text);
  } while (takeIf("."));
  entry.range = from(first.range());
  if (peek().kind == Token::String &&
      !parseStrings(entry.names, "or", "a weight's name in quotes"))
    return false;
  if (!parseWeightTarget(entry))
    return false;
  while (!atEnd()) {
    if (takeIf("when")) {
      if (!(entry.condition = parseExpr()))
        return false;
    } else if (takeIf("optional")) {
      entry.optional = true;
    } else if (takeIf("gguf")) {
      std::vector<std::string> names;
      if (!parseStrings(names, "or", "a weight's name in quotes"))
        return false;
      entry.gguf = names.front();
    } else {
      break;
    }
  }
  entries.push_back(std::move(entry));
  return true;
}

/// [n, m] of a tensor, : Struct(a, b) of a group, [count] : Struct(a, b) of
/// layers
bool Parser::parseWeightTarget(WeightEntry &entry) {
  bool hasShape = peek().is("[");
  if (hasShape) {
    const Token opening = take();
    while (!peek().is("]")) {
      if (!entry.shape.emplace_back(parseExpr()))
        return false;
      if (!takeIf(","))
        break;
    }
    if (!expectClosing("]", opening))
      return false;
    if (!peek().is(":"))
      return true;
    if (entry.shape.size() != 1) {
      diagnostics.error(from(opening.range()),
                        "layers have one count in brackets");
      return false;
    }
  }
  if (!expect(":",
              hasShape ? "" : "and a struct's name, or a shape in brackets") ||
      !expectName(entry.structName, entry.structRange, "a struct's name"))
    return false;
  if (!peek().is("("))
    return true;
  const Token opening = take();
  return parseArguments(entry.arguments, opening);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// def name(parameters) = body
bool Parser::parseFunction() {
  const Token keyword = take();
  FunctionDecl function;
  if (!expectName(function.name, function.range, "a name after 'def'"))
    return false;
  const Token opening = peek();
  if (!expect("(", "and the parameters of '" + function.name + "'"))
    return false;
  while (!peek().is(")")) {
    if (!parseParameter(function.parameters.emplace_back()))
      return false;
    if (!takeIf(","))
      break;
  }
  if (!expectClosing(")", opening) ||
      !expect("=", "and the value of '" + function.name + "'"))
    return false;
  if (!parseBody(function))
    return false;
  file->functions.push_back(std::move(function));
  return true;
}

/// name [shape] [= default]
bool Parser::parseParameter(Parameter &parameter) {
  if (!expectName(parameter.name, parameter.range, "a parameter's name"))
    return false;
  if (peek().is("[")) {
    const Token opening = take();
    parameter.hasShape = true;
    if (takeIf("..")) {
      parameter.leadingAxes = true;
      if (!takeIf(","))
        return expectClosing("]", opening);
    }
    while (!peek().is("]")) {
      if (!parameter.shape.emplace_back(parseExpr()))
        return false;
      if (!takeIf(","))
        break;
    }
    if (!expectClosing("]", opening))
      return false;
  }
  return !takeIf("=") || (parameter.defaultValue = parseExpr());
}

bool Parser::parseBody(FunctionDecl &function) {
  auto addResult = [&] {
    Statement &result = function.body.emplace_back();
    result.kind = Statement::Result;
    result.range = peek().range();
    if (!(result.value = parseExpr()))
      return false;
    result.range = result.value->range;
    return true;
  };
  if (!peek().startsLine)
    return addResult();

  const Token first = peek();
  unsigned functionColumn = 1;
  bool complete = true;
  size_t results = 0;
  block(functionColumn, "the value of '" + function.name + "'", [&] {
    bool parsed;
    if (results) {
      diagnostics
          .error(peek().range(), "'" + function.name + "' has its value above")
          .note(function.body.back().range,
                "here; only the last line is no 'let' or 'require'");
      parsed = false;
    } else if (peek().is("let")) {
      parsed = parseLet(function.body.emplace_back());
    } else if (peek().is("require")) {
      parsed = parseRequire(function.body.emplace_back());
    } else {
      ++results;
      parsed = addResult();
    }
    complete &= parsed;
    return parsed;
  });
  if (complete && !results) {
    diagnostics.error(
        function.range,
        "'" + function.name +
            "' has no value: its last line must be an expression");
    return false;
  }
  return complete;
}

/// let a, b = value
bool Parser::parseLet(Statement &statement) {
  statement.kind = Statement::Let;
  statement.range = take().range();
  return parseNames(statement.names, "a name after 'let'") &&
         expect("=", "after the name") && (statement.value = parseExpr());
}

/// require condition : "message"
bool Parser::parseRequire(Statement &statement) {
  statement.kind = Statement::Require;
  statement.range = take().range();
  if (!(statement.value = parseExpr()) ||
      !expect(":", "and a message after the condition"))
    return false;
  if (peek().kind != Token::String) {
    errorExpected("a message in quotes");
    return false;
  }
  statement.message = take().string;
  return true;
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

/// head kind = function [when condition]
bool Parser::parseHead() {
  take();
  HeadDecl &head = file->heads.emplace_back();
  return expectName(head.kind, head.range, "the kind of the head") &&
         expect("=", "after the kind of the head") &&
         expectName(head.function, head.functionRange, "a function's name") &&
         (!takeIf("when") || (head.condition = parseExpr()));
}

/// key = value
bool Parser::parseProgramEntry() {
  ProgramEntry entry;
  if (!expectName(entry.key, entry.range, "a property of the program") ||
      !expect("=", "after '" + entry.key + "'") || !(entry.value = parseExpr()))
    return false;
  file->program.push_back(std::move(entry));
  return true;
}

} // namespace

std::unique_ptr<File> parse(StringRef text, Diagnostics &diagnostics) {
  return Parser(text, diagnostics).run();
}

} // namespace sinter::spec
