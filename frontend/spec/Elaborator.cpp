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
  const HeadDecl *head = chooseHead();
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
    // One value stands for a list of one, as in "eos_token_id": 2.
    if (value.kind != ConfigValue::List)
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
// The function
//===----------------------------------------------------------------------===//

static constexpr StringRef headKinds[] = {"next_token", "masked_token",
                                          "encoder_decoder", "hidden"};

const HeadDecl *Elaborator::chooseHead() {
  if (module.heads.empty())
    fail(module.files.back()->range, "the model declares no head; write for "
                                     "example 'head next_token = logits'");
  for (const HeadDecl *head : module.heads) {
    if (!is_contained(headKinds, head->kind)) {
      fail(head->range, "there is no head '" + head->kind +
                            "'; there are next_token, masked_token, "
                            "encoder_decoder and hidden" +
                            didYouMean(head->kind, headKinds));
      return nullptr;
    }
    if (!head->condition)
      return head;
    Value condition = evaluate(*head->condition, top);
    std::optional<bool> holds =
        truth(condition, head->condition->range, "the condition of 'when'");
    if (!holds)
      return nullptr;
    if (*holds)
      return head;
  }
  if (!module.heads.empty())
    fail(module.heads.front()->range,
         "no head of this model is for this config: no condition behind 'when' "
         "holds");
  return nullptr;
}

bool Elaborator::buildEntry(const HeadDecl &head) {
  auto symbol = module.symbols.find(head.function);
  if (symbol == module.symbols.end() || !symbol->second.function) {
    std::vector<StringRef> names;
    for (const auto &[name, other] : module.symbols)
      if (other.function)
        names.push_back(name);
    fail(head.functionRange, "there is no function '" + head.function + "'" +
                                 didYouMean(head.function, names));
    return false;
  }
  const FunctionDecl &function = *symbol->second.function;

  static constexpr StringRef inputNames[] = {"token", "segment", "source",
                                             "source_segment"};
  Frame frame;
  frame.module = symbol->second.home;
  frame.function = function.name;
  SmallVector<mlir::Type> types;
  for (const Parameter &parameter : function.parameters) {
    if (!is_contained(inputNames, parameter.name)) {
      fail(parameter.range,
           "'" + parameter.name +
               "' is nothing the program gets; its inputs are token[T], "
               "segment[T], source[S] and source_segment[S]" +
               didYouMean(parameter.name, inputNames));
      return false;
    }
    const auto *dim = parameter.shape.size() == 1 && !parameter.leadingAxes
                          ? dyn_cast<NameExpr>(parameter.shape[0].get())
                          : nullptr;
    bool ofSource = parameter.name.starts_with("source");
    StringRef wanted = ofSource ? "S" : "T";
    if (!dim || dim->name != wanted) {
      fail(parameter.range, "this input has one axis, which is called " +
                                wanted + ": write " + parameter.name + "[" +
                                wanted + "]");
      return false;
    }
    Value size = Value::make(Value::Dim, parameter.range);
    size.string = wanted.str();
    frame.locals[wanted] = size;
    types.push_back(NamedTensorType::get(Dimension::get(&context, wanted),
                                         builder.getI32Type()));
  }
  if (!any_of(function.parameters,
              [](const Parameter &p) { return p.name == "token"; })) {
    fail(function.range, "'" + function.name + "' must take token[T]");
    return false;
  }

  builder.setInsertionPointToEnd(result->getBody());
  mlir::Location location = locationOf(function.range);
  entry = mlir::func::FuncOp::create(builder, location, "logits",
                                     builder.getFunctionType(types, {}));
  builder.setInsertionPointToEnd(entry.addEntryBlock());
  for (auto [parameter, argument] :
       zip_equal(function.parameters, entry.getArguments())) {
    frame.locals[parameter.name] = Value::makeTensor(argument, parameter.range);
    entry.setArgAttr(argument.getArgNumber(), inputAttributeName,
                     builder.getStringAttr(parameter.name));
  }
  current = &frame;
  Value value = evaluateBody(function, frame);
  current = &top;
  if (value.is(Value::Poison))
    return false;

  SmallVector<Dimension> shape = shapeOf(value);
  if (!value.isTensor() || shape.size() != 2 || !shape[0].isSymbol("T") ||
      !shape[1].isStatic() || !isa<mlir::FloatType>(elementTypeOf(value))) {
    fail(function.range,
         "a head gives a row of numbers for each token, [T, width], but '" +
             function.name + "' gives " + describe(value),
         {originNote(value)});
    return false;
  }
  mlir::Value out = materialize(value, function.range);
  mlir::func::ReturnOp::create(builder, location, out);
  entry.setFunctionType(builder.getFunctionType(types, out.getType()));
  return true;
}

//===----------------------------------------------------------------------===//
// What the program needs to know
//===----------------------------------------------------------------------===//

std::optional<int64_t> Elaborator::countProperty(StringRef name) {
  auto found = module.program.find(name);
  if (found == module.program.end())
    return std::nullopt;
  Value value = evaluate(*found->second->value, top);
  if (value.is(Value::None) || value.is(Value::Poison))
    return std::nullopt;
  if (!value.is(Value::Int) || value.integer < 1 || value.integer > INT32_MAX) {
    fail(found->second->range,
         "'" + name + "' is an integer from 1 to 2147483647, not " +
             describe(value),
         {originNote(value)});
    return std::nullopt;
  }
  return value.integer;
}

void Elaborator::setProperties(const HeadDecl &head) {
  static constexpr StringRef counts[] = {"context", "source_context",
                                         "vocabulary", "source_vocabulary",
                                         "segments"};
  static constexpr StringRef tokens[] = {
      "bos", "eos", "pad", "mask", "decoder_start", "forced_bos", "forced_eos"};
  std::vector<StringRef> known(std::begin(counts), std::end(counts));
  known.insert(known.end(), std::begin(tokens), std::end(tokens));
  for (const auto &[key, entry] : module.program)
    if (!is_contained(known, key))
      fail(entry->range, "the program has no property '" + key + "'" +
                             didYouMean(key, known));

  mlir::ModuleOp op = *result;
  op->setAttr(headAttributeName, builder.getStringAttr(head.kind));
  op->setAttr(architectureAttributeName, builder.getStringAttr(module.name));
  SMRange modelRange = module.files.back()->range;

  std::optional<int64_t> context = countProperty("context");
  if (!context && !diagnostics.hasErrors())
    fail(modelRange, "the program needs 'context', the number of positions a "
                     "sequence can have");
  if (context && input.context) {
    if (*input.context > *context || *input.context < 1)
      fail(modelRange, "a context of " + Twine(*input.context) +
                           " was asked for, but this model has " +
                           Twine(*context) + " positions");
    context = input.context;
  }
  if (context)
    op->setAttr(contextAttributeName, builder.getI64IntegerAttr(*context));

  // The width of the logits is the vocabulary, where the spec does not say
  // another.
  auto type = cast<NamedTensorType>(entry.getFunctionType().getResult(0));
  std::optional<int64_t> vocabulary = countProperty("vocabulary");
  if (!vocabulary && head.kind == "hidden" && !diagnostics.hasErrors())
    fail(modelRange, "the program needs 'vocabulary', the number of tokens");
  if (!vocabulary)
    vocabulary = type.getDim(1).getSize();
  if (head.kind != "hidden" && type.getDim(1).getSize() < *vocabulary)
    fail(head.range, "the logits are " + toString(type.getShape()) +
                         ", but there are " + Twine(*vocabulary) + " tokens");
  op->setAttr(vocabularyAttributeName, builder.getI64IntegerAttr(*vocabulary));

  bool hasSource =
      any_of(entry.getArguments(), [](mlir::BlockArgument argument) {
        return cast<NamedTensorType>(argument.getType()).findSymbol("S") >= 0;
      });
  if (hasSource != (head.kind == "encoder_decoder"))
    fail(head.range, hasSource ? "only an encoder_decoder takes source[S]"
                               : "an encoder_decoder takes source[S]");
  if (hasSource) {
    std::optional<int64_t> sourceContext = countProperty("source_context");
    std::optional<int64_t> sourceVocabulary =
        countProperty("source_vocabulary");
    if (!sourceContext)
      sourceContext = context;
    if (sourceContext)
      op->setAttr(sourceContextAttributeName,
                  builder.getI64IntegerAttr(*sourceContext));
    op->setAttr(
        sourceVocabularyAttributeName,
        builder.getI64IntegerAttr(sourceVocabulary.value_or(*vocabulary)));
  }
  if (std::optional<int64_t> segments = countProperty("segments"))
    op->setAttr(segmentsAttributeName, builder.getI64IntegerAttr(*segments));
  setSpecialTokens(*vocabulary);
}

/// From the spec, else from generation_config.json, else from config.json. Ids
/// outside the vocabulary are left out: configs of small models keep those of
/// the large one.
void Elaborator::setSpecialTokens(int64_t vocabulary) {
  SmallVector<mlir::NamedAttribute> tokens;
  for (StringRef name : {"bos", "decoder_start", "eos", "forced_bos",
                         "forced_eos", "mask", "pad"}) {
    SmallVector<int64_t> ids;
    std::string key = (name + "_token_id").str();
    if (auto found = module.program.find(name); found != module.program.end()) {
      Value value = evaluate(*found->second->value, top);
      std::vector<Value> items =
          value.is(Value::List) ? *value.list : std::vector<Value>{value};
      for (const Value &item : items) {
        if (item.is(Value::Int))
          ids.push_back(item.integer);
        else if (!item.is(Value::None) && !item.is(Value::Poison))
          fail(found->second->range,
               "a token's id is an integer, not " + describe(item),
               {originNote(item)});
      }
    } else {
      for (const Config *source : {&generationConfig, &config}) {
        const ConfigValue *value = source->lookup(key);
        if (!value || value->kind == ConfigValue::Null)
          continue;
        std::vector<ConfigValue> items = value->list;
        if (value->kind != ConfigValue::List)
          items.push_back(*value);
        for (const ConfigValue &item : items) {
          if (item.kind != ConfigValue::Int)
            fail(SMRange(), (source == &config ? input.configName
                                               : input.generationConfigName) +
                                ": \"" + key +
                                "\": expected an integer, found " + item.text);
          ids.push_back(item.integer);
        }
        break;
      }
    }
    erase_if(ids, [&](int64_t id) { return id < 0 || id >= vocabulary; });
    if (ids.empty())
      continue;
    if (name == "eos")
      tokens.emplace_back(builder.getStringAttr(name),
                          builder.getI64ArrayAttr(ids));
    else
      tokens.emplace_back(builder.getStringAttr(name),
                          builder.getI64IntegerAttr(ids.front()));
  }
  (*result)->setAttr(specialTokensAttributeName,
                     builder.getDictionaryAttr(tokens));
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
