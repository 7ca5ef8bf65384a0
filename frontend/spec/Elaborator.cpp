//===- Elaborator.cpp - A spec, evaluated into IR -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace sinter::spec {

Elaborator::Elaborator(mlir::MLIRContext &context, const Module &module,
                       const SpecInput &input, const Config &config,
                       const Config &generationConfig, Diagnostics &diagnostics)
    : context(context), module(module), input(input), config(config),
      generationConfig(generationConfig), diagnostics(diagnostics),
      builder(&context) {
  top.module = &module;
}

mlir::OwningOpRef<mlir::ModuleOp> Elaborator::run() {
  result = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  for (const ConfigEntry *entry : module.configInOrder)
    lookupGlobal(module, entry->name, entry->range);
  if (diagnostics.hasErrors())
    return nullptr;
  checkRequirements();
  if (diagnostics.hasErrors())
    return nullptr;
  declareWeights();
  if (diagnostics.hasErrors())
    return nullptr;
  const HeadDecl *head = getHead(SMRange());
  if (!head || !buildEntry(*head))
    return nullptr;
  setProperties(*head);
  if (diagnostics.hasErrors())
    return nullptr;
  if (failed(mlir::verify(*result))) {
    diagnostics.error(
        SMRange(),
        "the model's IR does not hold together; this is a mistake of the "
        "compiler");
    return nullptr;
  }
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// Config
//===----------------------------------------------------------------------===//

static std::string typeName(const ConfigType &type, bool asItem) {
  if (type.list && !asItem)
    return "a list";
  switch (type.base) {
  case ConfigType::Int:
    return "an integer";
  case ConfigType::Real:
    return "a real number";
  case ConfigType::Bool:
    return "true or false";
  case ConfigType::String:
  case ConfigType::Choice:
    return "a string";
  }
  return "";
}

Value Elaborator::bindConfig(const ConfigEntry &entry) {
  std::vector<std::string> keys =
      input.gguf && !entry.ggufKeys.empty() ? entry.ggufKeys : entry.keys;
  if (keys.empty())
    keys.push_back(entry.name.str());
  // A key that is there but null counts as absent: that is how Hugging Face
  // writes "the default".
  for (const std::string &key : keys) {
    const ConfigValue *value = config.lookup(key);
    if (value && value->kind != ConfigValue::Null)
      return convertConfig(entry, *value, key);
  }
  if (entry.defaultValue) {
    Value value = evaluate(*entry.defaultValue, top);
    if (entry.type.base == ConfigType::Real && value.is(Value::Int))
      value = Value::makeReal(value.asReal(), value.origin);
    return value;
  }
  if (entry.type.optional)
    return Value::makeNone(entry.range);
  std::string others;
  for (const std::string &key : ArrayRef(keys).drop_front())
    others += " nor \"" + key + "\"";
  return fail(entry.range, input.configName + " has no \"" + keys[0] + "\"" +
                               others + ", and the spec has no default for it" +
                               didYouMean(keys[0], config.keys()));
}

Value Elaborator::convertConfig(const ConfigEntry &entry,
                                const ConfigValue &value, StringRef key,
                                bool asItem) {
  const ConfigType &type = entry.type;
  if (type.list && !asItem) {
    std::vector<Value> items;
    // One value stands for a list of one, as in "eos_token_id": 2; an object
    // with keys 0, 1, 2, .. is a list, as in "id2label".
    if (value.kind == ConfigValue::Object) {
      while (const ConfigValue *item =
                 config.lookup((key + "." + Twine(items.size())).str()))
        items.push_back(convertConfig(entry, *item, key, /*asItem=*/true));
      if (items.empty())
        return fail(entry.range, input.configName + ": \"" + key +
                                     "\": expected a list, or an object with "
                                     "keys 0, 1, 2, .., found " +
                                     value.text);
    } else if (value.kind != ConfigValue::List)
      items.push_back(convertConfig(entry, value, key, /*asItem=*/true));
    for (const ConfigValue &item : value.list)
      items.push_back(convertConfig(entry, item, key, /*asItem=*/true));
    return Value::makeList(std::move(items), entry.range);
  }
  switch (type.base) {
  case ConfigType::Int:
    if (value.kind == ConfigValue::Int)
      return Value::makeInt(value.integer, entry.range);
    break;
  case ConfigType::Real:
    if (value.kind == ConfigValue::Int)
      return Value::makeReal(static_cast<double>(value.integer), entry.range);
    if (value.kind == ConfigValue::Real)
      return Value::makeReal(value.real, entry.range);
    break;
  case ConfigType::Bool:
    if (value.kind == ConfigValue::Bool)
      return Value::makeBool(value.integer != 0, entry.range);
    break;
  case ConfigType::String:
    if (value.kind == ConfigValue::String)
      return Value::makeString(value.string, entry.range);
    break;
  case ConfigType::Choice: {
    if (value.kind != ConfigValue::String)
      break;
    if (is_contained(type.choices, value.string))
      return Value::makeString(value.string, entry.range);
    std::vector<StringRef> choices(type.choices.begin(), type.choices.end());
    std::string list;
    for (StringRef choice : choices)
      list += (list.empty() ? "\"" : ", \"") + choice.str() + "\"";
    return fail(entry.range, input.configName + ": \"" + key + "\" is " +
                                 value.text + "; this spec knows " + list +
                                 didYouMean(value.string, choices));
  }
  }
  return fail(entry.range, input.configName + ": \"" + key + "\": expected " +
                               typeName(type, asItem) + ", found " +
                               value.text);
}

void Elaborator::checkRequirements() {
  for (const Statement *statement : module.statements) {
    if (statement->kind == Statement::Require)
      checkRequire(*statement, top);
    else
      for (auto [name, range] : statement->names)
        lookupGlobal(module, name, range);
  }
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

Value Elaborator::fail(SMRange where, const Twine &message,
                       ArrayRef<Note> notes) {
  Report report = diagnostics.error(where, message);
  for (const Note &note : notes)
    if (note.where.isValid() && note.where.Start != where.Start)
      report.note(note.where, note.message);
  constexpr unsigned maximumCallNotes = 4;
  unsigned shown = 0;
  for (const Frame *frame = current; frame && shown < maximumCallNotes;
       frame = frame->caller, ++shown)
    if (frame->callRange.isValid())
      report.note(frame->callRange,
                  "in this call of '" + frame->function + "'");
  return Value();
}

Elaborator::Note Elaborator::originNote(const Value &value, const Twine &what) {
  std::string message = what.str();
  if (message.empty()) {
    bool isGroup = value.is(Value::Weights) && !value.isTensor();
    message =
        describe(value) + (isGroup                    ? " are declared here"
                           : value.is(Value::Weights) ? " is declared here"
                                                      : " comes from here");
  }
  return {value.origin, message};
}

std::string Elaborator::describe(const Value &value) {
  std::string text;
  raw_string_ostream stream(text);
  switch (value.kind) {
  case Value::Poison:
    stream << "a mistake";
    break;
  case Value::None:
    stream << "none";
    break;
  case Value::Bool:
    stream << (value.integer ? "true" : "false");
    break;
  case Value::Int:
    stream << value.integer;
    break;
  case Value::Real:
    stream << format("%g", value.real);
    break;
  case Value::String: {
    StringRef shown = value.string;
    stream << '"' << shown.take_front(40)
           << (shown.size() > 40 ? "...\"" : "\"");
    break;
  }
  case Value::Dim:
    stream << value.string;
    break;
  case Value::List:
    stream << "a list of " << value.list->size();
    break;
  case Value::Tensor:
    stream << toString(shapeOf(value));
    if (!elementTypeOf(value).isF32())
      stream << " of " << elementTypeOf(value);
    break;
  case Value::Weights:
    if (value.isTensor())
      stream << toString(shapeOf(value)) << " ('" << value.weights->path
             << "')";
    else
      stream << "the weights '" << value.weights->path << "'";
    break;
  case Value::Function:
    stream << "the function '" << value.string << "'";
    break;
  }
  return text;
}

/// File, line and column of the spec; of an inlined function, also those of the
/// call.
mlir::Location Elaborator::locationOf(SMRange where) {
  mlir::Location location = mlir::UnknownLoc::get(&context);
  SourceMgr &sources = diagnostics.getSources();
  if (unsigned buffer =
          where.isValid() ? sources.FindBufferContainingLoc(where.Start) : 0) {
    auto [line, column] = sources.getLineAndColumn(where.Start, buffer);
    StringRef file = sources.getMemoryBuffer(buffer)->getBufferIdentifier();
    location = mlir::FileLineColLoc::get(&context, file, line, column);
  }
  if (!current->callLocation)
    return location;
  auto name = builder.getStringAttr(current->function);
  return mlir::CallSiteLoc::get(mlir::NameLoc::get(name, location),
                                mlir::Location(current->callLocation));
}

} // namespace sinter::spec
