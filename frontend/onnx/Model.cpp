//===- Model.cpp - What a graph takes and gives -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/huggingface/Json.h"
#include "frontend/onnx/ModelInputs.h"
#include <algorithm>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;
using nlohmann::json;

namespace {

/// One model, from its inputs to its head.
class ModelImporter {
public:
  ModelImporter(MLIRContext &context, const OnnxFile &file,
                const OnnxOptions &options, raw_ostream &messages)
      : builder(&context), file(file), options(options), messages(messages),
        importer(builder, file, messages) {}

  OwningOpRef<ModuleOp> run();

private:
  LogicalResult readConfig();
  LogicalResult defineInputs();
  LogicalResult defineInput(ModelInputs &inputs, const ValueInfo &input);
  LogicalResult importEncoder();
  const ValueInfo *findOutput();
  LogicalResult finish(const ValueInfo &output);
  std::string chooseHead(const ValueInfo &output) const;
  LogicalResult setProperties(const std::string &head, NamedTensorType result);
  void setSpecialTokens(int64_t vocabulary);
  /// Rows of the table that an input chooses from.
  std::optional<int64_t> tableRows(StringRef input);
  LogicalResult fail(const Twine &message) {
    messages << "error: " << file.description() << ": " << message << '\n';
    return failure();
  }

  OpBuilder builder;
  const OnnxFile &file;
  const OnnxOptions &options;
  raw_ostream &messages;
  Importer importer;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  json config = json::object();
  bool hasPast = false, hasSource = false;
  /// What a file of its own says of the source.
  std::optional<onnx::Value> encoded;
  std::optional<int64_t> sourceContext;
};

} // namespace

LogicalResult ModelImporter::readConfig() {
  if (options.configText.empty())
    return success();
  llvm::Expected<json> parsed =
      parseJson(options.configName, options.configText);
  if (!parsed) {
    messages << "error: " << llvm::toString(parsed.takeError()) << '\n';
    return failure();
  }
  config = std::move(*parsed);
  return success();
}

//===----------------------------------------------------------------------===//
// Inputs and output
//===----------------------------------------------------------------------===//

LogicalResult ModelImporter::defineInput(ModelInputs &inputs,
                                         const ValueInfo &input) {
  StringRef name = input.name;
  // Beside a decoder's inputs, those without that word are the encoder's; where
  // the encoder is another file, those with its name.
  bool ofSource = encoded ? name.contains("encoder")
                          : hasSource && !name.contains("decoder");
  const char *length = ofSource ? sourceLength : sequenceLength;
  if (name == "encoder_hidden_states") {
    if (!encoded)
      return inputs.fail(input, "what an encoder gives: expected "
                                "encoder_model.onnx beside this file");
    importer.define(input.name, *encoded);
    return success();
  }
  // One file for calls with and without a past: there is none.
  if (name == "use_cache_branch") {
    onnx::Value never = importer.uniform(Kind::Truth, {Extent(1)}, {});
    importer.define(input.name, std::move(never));
    return success();
  }
  if (ofSource && isTokens(name))
    return inputs.defineTokens(input, "source");
  if (isSegments(name))
    return inputs.defineTokens(input, ofSource ? "source_segment" : "segment");
  if (isPast(name)) {
    hasPast = true;
    bool isMerged =
        llvm::any_of(file.getModel().graph.inputs, [](const ValueInfo &i) {
          return i.name == "use_cache_branch";
        });
    if (name.contains(".encoder.") && !isMerged)
      return inputs.fail(input, "keys or values of the source, which come from "
                                "a call before; compile the decoder that takes "
                                "no past, decoder_model.onnx");
    return inputs.definePast(input);
  }
  if (isMask(name))
    return inputs.defineMask(input, length);
  if (isPositions(name)) {
    inputs.definePositions(input, length);
    return success();
  }
  return inputs.fail(input,
                     "it is not known: expected input_ids, attention_mask, "
                     "token_type_ids, position_ids or past_key_values");
}

LogicalResult ModelImporter::defineInputs() {
  ModelInputs meanings(function, importer);
  SmallVector<const ValueInfo *> inputs;
  const ValueInfo *tokens = nullptr;
  for (const ValueInfo &input : file.getModel().graph.inputs) {
    if (importer.isDefined(input.name))
      continue; // an initializer that could be given another value
    inputs.push_back(&input);
    if (input.name == "decoder_input_ids")
      hasSource = true;
    if (isTokens(input.name) && !tokens)
      tokens = &input;
  }
  for (const ValueInfo *input : inputs)
    if (input->name == "decoder_input_ids")
      tokens = input;
  if (!tokens)
    return fail("it has no input 'input_ids'");
  if (failed(meanings.defineTokens(*tokens, "token")))
    return failure();
  for (const ValueInfo *input : inputs)
    if (input != tokens && failed(defineInput(meanings, *input)))
      return failure();
  return success();
}

const ValueInfo *ModelImporter::findOutput() {
  const std::vector<ValueInfo> &outputs = file.getModel().graph.outputs;
  for (StringRef wanted : {"logits", "prediction_logits", "last_hidden_state",
                           "hidden_states", "output"})
    for (const ValueInfo &output : outputs)
      if (output.name == wanted)
        return &output;
  std::string names;
  for (const ValueInfo &output : outputs)
    names += (names.empty() ? "" : ", ") + output.name;
  (void)fail("none of its outputs is 'logits' or 'last_hidden_state': " +
             names);
  return nullptr;
}

/// What config.json says; else a model that takes a past continues texts.
std::string ModelImporter::chooseHead(const ValueInfo &output) const {
  if (hasSource)
    return "encoder_decoder";
  if (!StringRef(output.name).contains("logits"))
    return "hidden";
  if (auto found = config.find("architectures");
      found != config.end() && found->is_array())
    for (const json &item : *found) {
      StringRef name = item.is_string()
                           ? StringRef(item.get_ref<const std::string &>())
                           : StringRef();
      if (name.contains("ForMaskedLM") || name.contains("ForPreTraining"))
        return "masked_token";
      if (name.contains("ForCausalLM") || name.contains("LMHeadModel"))
        return "next_token";
    }
  if (hasPast)
    return "next_token";
  // Who sees whom is a matter of positions only where texts are continued.
  bool comparesPositions = false;
  func::FuncOp(function).walk([&](CompareOp compare) {
    auto type = cast<NamedTensorType>(compare.getType());
    comparesPositions |= llvm::count_if(type.getShape(), [](Dimension size) {
                           return size.isSymbol(sequenceLength);
                         }) == 2;
  });
  return comparesPositions ? "next_token" : "masked_token";
}

std::optional<int64_t> ModelImporter::tableRows(StringRef input) {
  for (BlockArgument argument : function.getArguments()) {
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                      inputAttributeName);
    if (name != input)
      continue;
    SmallVector<mlir::Value> worklist{argument};
    while (!worklist.empty()) {
      mlir::Value value = worklist.pop_back_val();
      for (Operation *user : value.getUsers()) {
        if (isa<ReshapeOp>(user))
          worklist.push_back(user->getResult(0));
        auto gather = dyn_cast<GatherOp>(user);
        if (gather && gather.getIndex() == value &&
            gather.getTable().getType().getDim(0).isStatic())
          return gather.getTable().getType().getDim(0).getSize();
      }
    }
  }
  return std::nullopt;
}

LogicalResult ModelImporter::setProperties(const std::string &head,
                                           NamedTensorType result) {
  auto set = [&](StringRef name, int64_t value) {
    (*module)->setAttr(name, builder.getI64IntegerAttr(value));
  };
  auto number = [&](const char *key) -> std::optional<int64_t> {
    auto found = config.find(key);
    if (found == config.end() || !found->is_number_integer() ||
        found->get<int64_t>() < 1)
      return std::nullopt;
    return found->get<int64_t>();
  };
  std::string architecture = "onnx";
  if (auto found = config.find("model_type");
      found != config.end() && found->is_string())
    architecture = found->get<std::string>();
  (*module)->setAttr(headAttributeName, builder.getStringAttr(head));
  (*module)->setAttr(architectureAttributeName,
                     builder.getStringAttr(architecture));

  std::optional<int64_t> context = importer.getContext();
  for (const char *key :
       {"max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"})
    if (std::optional<int64_t> positions = number(key))
      context = std::min(context.value_or(INT64_MAX), *positions);
  if (options.context && context && *options.context > *context)
    return fail("a context of " + Twine(*options.context) +
                " was asked for, but this model has " + Twine(*context) +
                " positions");
  if (options.context)
    context = options.context;
  set(contextAttributeName, context.value_or(unboundedContext));
  if (hasSource)
    set(sourceContextAttributeName,
        std::min(sourceContext.value_or(INT64_MAX),
                 context.value_or(unboundedContext)));

  int64_t width = result.getDim(1).getSize();
  int64_t vocabulary =
      tableRows("token").value_or(number("vocab_size").value_or(width));
  if (head != "hidden" && width < vocabulary)
    return fail("the logits are " + toString(result.getShape()) +
                ", but there are " + Twine(vocabulary) + " tokens");
  set(vocabularyAttributeName, vocabulary);
  if (hasSource)
    set(sourceVocabularyAttributeName,
        tableRows("source").value_or(vocabulary));
  if (std::optional<int64_t> segments = tableRows("segment"))
    set(segmentsAttributeName, *segments);
  else if (llvm::any_of(file.getModel().graph.inputs,
                        [](const ValueInfo &i) { return isSegments(i.name); }))
    set(segmentsAttributeName, number("type_vocab_size").value_or(2));
  setSpecialTokens(vocabulary);
  return success();
}

void ModelImporter::setSpecialTokens(int64_t vocabulary) {
  SmallVector<NamedAttribute> tokens;
  for (StringRef name : {"bos", "decoder_start", "eos", "forced_bos",
                         "forced_eos", "mask", "pad"}) {
    auto found = config.find((name + "_token_id").str());
    if (found == config.end())
      continue;
    SmallVector<int64_t> ids;
    for (const json &item : found->is_array() ? *found : json::array({*found}))
      if (item.is_number_integer() && item.get<int64_t>() >= 0 &&
          item.get<int64_t>() < vocabulary)
        ids.push_back(item.get<int64_t>());
    if (ids.empty())
      continue;
    mlir::Attribute attribute = builder.getI64IntegerAttr(ids.front());
    if (name == "eos")
      attribute = builder.getI64ArrayAttr(ids);
    tokens.emplace_back(builder.getStringAttr(name), attribute);
  }
  (*module)->setAttr(specialTokensAttributeName,
                     builder.getDictionaryAttr(tokens));
}

LogicalResult ModelImporter::finish(const ValueInfo &output) {
  Importer::Result tensor = importer.getTensor(output.name);
  if (failed(tensor))
    return failure();
  onnx::Value value = importer.wrap(*tensor);
  Extent length = Extent::symbol(sequenceLength);
  if (value.kind != Kind::Float || value.getRank() != 3 ||
      value.shape[0] != Extent(1) || value.shape[1] != length ||
      !value.shape[2].isStatic())
    return fail("output '" + output.name + "' is " +
                toString(ArrayRef(value.shape)) +
                "; expected a row of floats for each token");
  Importer::Result rows = importer.reshape(*tensor, {length, value.shape[2]});
  if (failed(rows))
    return failure();
  finishFunction(builder, function, *rows);
  return setProperties(chooseHead(output),
                       cast<NamedTensorType>((*rows).getType()));
}

/// The rows of the source, `[1, S, width]`.
LogicalResult ModelImporter::importEncoder() {
  const OnnxFile &encoder = *file.getEncoder();
  Importer own(builder, encoder, messages);
  ModelInputs inputs(function, own);
  if (failed(checkOpset(encoder, messages)) || failed(own.defineInitializers()))
    return failure();
  const onnx::Graph &graph = encoder.getModel().graph;
  for (const ValueInfo &input : graph.inputs) {
    StringRef name = input.name;
    LogicalResult defined = success();
    if (own.isDefined(name))
      continue;
    if (isTokens(name))
      defined = inputs.defineTokens(input, "source");
    else if (isSegments(name))
      defined = inputs.defineTokens(input, "source_segment");
    else if (isMask(name))
      defined = inputs.defineMask(input, sourceLength);
    else if (isPositions(name))
      inputs.definePositions(input, sourceLength);
    else
      defined = inputs.fail(input, "it is not known: expected input_ids, "
                                   "attention_mask, token_type_ids or "
                                   "position_ids");
    if (failed(defined))
      return failure();
  }
  auto output = llvm::find_if(graph.outputs, [](const ValueInfo &candidate) {
    return candidate.name == "last_hidden_state";
  });
  if (output == graph.outputs.end())
    output = graph.outputs.begin();
  if (output == graph.outputs.end())
    return own.failAt("its outputs", "there are none");
  if (failed(own.importNodes({output->name})))
    return failure();
  Importer::Result rows = own.getTensor(output->name);
  if (failed(rows))
    return failure();
  encoded = own.wrap(*rows);
  sourceContext = own.getContext();
  hasSource = true;
  if (encoded->kind == Kind::Float && encoded->getRank() == 3 &&
      encoded->shape[0] == Extent(1) &&
      encoded->shape[1] == Extent::symbol(sourceLength))
    return success();
  return own.failAt("output '" + output->name + "'",
                    "it is " + toString(ArrayRef(encoded->shape)) +
                        "; expected a row of floats for each token");
}

OwningOpRef<ModuleOp> ModelImporter::run() {
  function = startFunction(builder, module, "logits");
  if (failed(checkOpset(file, messages)) || failed(readConfig()) ||
      failed(importer.defineInitializers()) ||
      (file.getEncoder() && failed(importEncoder())) || failed(defineInputs()))
    return nullptr;
  const ValueInfo *output = findOutput();
  if (!output || failed(importer.importNodes({output->name})) ||
      failed(finish(*output)))
    return nullptr;
  return std::move(module);
}

OwningOpRef<ModuleOp> sinter::importOnnx(MLIRContext &context,
                                         const OnnxFile &file,
                                         const OnnxOptions &options,
                                         raw_ostream &messages) {
  context.loadDialect<SinterDialect, func::FuncDialect>();
  return verified(ModelImporter(context, file, options, messages).run(), file,
                  messages);
}
