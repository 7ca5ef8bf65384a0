//===- Properties.cpp - What the program needs to know ----------- -===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace sinter::spec {

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
  std::vector<StringRef> known{"pooling", "labels", "problem", "sound"};
  known.insert(known.end(), std::begin(counts), std::end(counts));
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
  bool givesLogits = head.kind == "next_token" || head.kind == "masked_token" ||
                     head.kind == "encoder_decoder";
  if (!vocabulary && !givesLogits && !diagnostics.hasErrors())
    fail(modelRange, "the program needs 'vocabulary', the number of tokens");
  if (!vocabulary)
    vocabulary = type.getDim(1).getSize();
  if (givesLogits && type.getDim(1).getSize() < *vocabulary)
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
  setSound(head);
  setPooling(head);
  setLabels(head, type.getDim(1).getSize());
  if (head.kind == "question_answering" && type.getDim(1).getSize() != 2)
    fail(head.range, "question_answering gives two numbers for each token, its "
                     "scores as the first and as the last of the answer, not " +
                         toString(type.getShape()));
  setSpecialTokens(*vocabulary);
}

std::optional<std::string>
Elaborator::choiceProperty(StringRef name, ArrayRef<StringRef> choices) {
  auto found = module.program.find(name);
  if (found == module.program.end())
    return std::nullopt;
  Value value = evaluate(*found->second->value, top);
  if (value.is(Value::None) || value.is(Value::Poison))
    return std::nullopt;
  if (!value.is(Value::String) || !is_contained(choices, value.string)) {
    std::string list;
    for (StringRef choice : choices)
      list += (list.empty() ? "\"" : ", \"") + choice.str() + "\"";
    fail(found->second->range,
         "'" + name + "' is one of " + list + ", not " + describe(value),
         {originNote(value)});
    return std::nullopt;
  }
  return value.string;
}

/// How the numbers of a source are made of sound.
void Elaborator::setSound(const HeadDecl &head) {
  std::optional<std::string> sound = choiceProperty("sound", {"log_mel"});
  if (!sound)
    return;
  if (none_of(entry.getArgumentTypes(), [](mlir::Type type) {
        return cast<NamedTensorType>(type).getElementType().isF32();
      }))
    fail(head.range, "'sound' says what the numbers of a source are, but '" +
                         head.function + "' takes none: write source[S, n]");
  (*result)->setAttr(soundAttributeName, builder.getStringAttr(*sound));
}

/// Which token's row stands for the sequence.
void Elaborator::setPooling(const HeadDecl &head) {
  std::optional<std::string> pooling =
      choiceProperty("pooling", {"first", "last"});
  if (head.kind != "sequence_classification" && head.kind != "embedding")
    return;
  if (pooling)
    (*result)->setAttr(poolingAttributeName, builder.getStringAttr(*pooling));
  else if (!diagnostics.hasErrors())
    fail(head.range, "the program needs 'pooling': \"first\" or \"last\", the "
                     "token whose row stands for the sequence");
}

/// What classes are called, and whether they exclude one another.
void Elaborator::setLabels(const HeadDecl &head, int64_t width) {
  std::optional<std::string> problem =
      choiceProperty("problem", {"single_label_classification",
                                 "multi_label_classification", "regression"});
  auto found = module.program.find("labels");
  Value labels;
  if (found != module.program.end()) {
    labels = evaluate(*found->second->value, top);
    if (labels.is(Value::Poison))
      return;
  }
  if (head.kind != "sequence_classification" &&
      head.kind != "token_classification")
    return;
  if (problem)
    (*result)->setAttr(problemAttributeName, builder.getStringAttr(*problem));
  SmallVector<std::string> names;
  if (labels.is(Value::List)) {
    for (const Value &label : *labels.list) {
      if (!label.is(Value::String)) {
        fail(found->second->range,
             "a label is a string, not " + describe(label),
             {originNote(label)});
        return;
      }
      names.push_back(label.string);
    }
    if (int64_t(names.size()) != width) {
      fail(found->second->range, "there are " + Twine(names.size()) +
                                     " labels, but '" + head.function +
                                     "' gives " + Twine(width) +
                                     " numbers for each token");
      return;
    }
  } else if (found != module.program.end() && !labels.is(Value::None)) {
    fail(found->second->range,
         "'labels' is a list of strings, not " + describe(labels),
         {originNote(labels)});
    return;
  }
  // As transformers calls them.
  for (int64_t label = names.size(); label < width; ++label)
    names.push_back("LABEL_" + std::to_string(label));
  SmallVector<StringRef> texts(names.begin(), names.end());
  (*result)->setAttr(labelsAttributeName, builder.getStrArrayAttr(texts));
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
  addPromptTokens(tokens, vocabulary);
  (*result)->setAttr(specialTokensAttributeName,
                     builder.getDictionaryAttr(tokens));
}

/// What generation_config.json, or config.json, says of the first tokens of a
/// target and of those that never stand in it, as Whisper's do:
/// `forced_decoder_ids` are pairs of a place and a token, where null is the
/// language that is heard; without the latter it stands first where there are
/// languages. `no_timestamps_token_id` is the last one.
void Elaborator::addPromptTokens(SmallVectorImpl<mlir::NamedAttribute> &tokens,
                                 int64_t vocabulary) {
  auto find = [&](StringRef key) -> std::pair<const ConfigValue *, StringRef> {
    for (const Config *source : {&generationConfig, &config})
      if (const ConfigValue *value = source->lookup(key);
          value && value->kind != ConfigValue::Null)
        return {value, source == &config ? input.configName
                                         : input.generationConfigName};
    return {nullptr, ""};
  };
  auto isToken = [&](const ConfigValue &value) {
    return value.kind == ConfigValue::Int && value.integer >= 0 &&
           value.integer < vocabulary;
  };
  auto add = [&](StringRef name, ArrayRef<int64_t> ids) {
    if (!ids.empty())
      tokens.emplace_back(builder.getStringAttr(name),
                          builder.getI64ArrayAttr(ids));
  };
  for (auto [key, name] :
       {std::pair<StringRef, StringRef>{"suppress_tokens", "suppress"},
        {"begin_suppress_tokens", "begin_suppress"}}) {
    auto [value, file] = find(key);
    SmallVector<int64_t> ids;
    if (value && value->kind != ConfigValue::List) {
      fail(SMRange(), file + ": \"" + key +
                          "\": expected a list of token ids, found " +
                          value->text);
      return;
    }
    for (const ConfigValue &item :
         value ? ArrayRef(value->list) : ArrayRef<ConfigValue>()) {
      if (item.kind != ConfigValue::Int)
        fail(SMRange(), file + ": \"" + key +
                            "\": expected an integer, found " + item.text);
      if (isToken(item))
        ids.push_back(item.integer);
    }
    add(name, ids);
  }

  // The languages' names are keys: "lang_to_id": {"<|en|>": 50259, ..}.
  SmallVector<int64_t> languages, prompt;
  for (StringRef key : generationConfig.keys())
    if (key.starts_with("lang_to_id."))
      if (const ConfigValue *value = generationConfig.lookup(key);
          isToken(*value))
        languages.push_back(value->integer);
  llvm::sort(languages);
  add("languages", languages);
  constexpr int64_t heardLanguage = -1;
  auto [forced, file] = find("forced_decoder_ids");
  for (const ConfigValue &pair :
       forced ? ArrayRef(forced->list) : ArrayRef<ConfigValue>()) {
    const std::vector<ConfigValue> &parts = pair.list;
    bool isPair = parts.size() == 2 && parts[0].kind == ConfigValue::Int &&
                  parts[0].integer == int64_t(prompt.size()) + 1 &&
                  (parts[1].kind == ConfigValue::Null || isToken(parts[1]));
    if (!isPair) {
      fail(SMRange(), file + ": \"forced_decoder_ids\": expected [" +
                          Twine(prompt.size() + 1) +
                          ", a token's id or null], found " + pair.text);
      return;
    }
    bool isHeard = parts[1].kind == ConfigValue::Null;
    if (!isHeard || !languages.empty())
      prompt.push_back(isHeard ? heardLanguage : parts[1].integer);
  }
  if (prompt.empty() && !languages.empty())
    prompt.push_back(heardLanguage);
  if (auto [last, from] = find("no_timestamps_token_id");
      last && isToken(*last) &&
      (prompt.empty() || prompt.back() != last->integer))
    prompt.push_back(last->integer);
  add("prompt", prompt);
}

} // namespace sinter::spec
