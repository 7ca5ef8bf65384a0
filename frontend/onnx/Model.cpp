//===- Model.cpp - What a graph takes and gives -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/huggingface/Json.h"
#include "frontend/onnx/Importer.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/SmallString.h"
#include <algorithm>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;
using nlohmann::json;

namespace {

constexpr const char *sequenceLength = "T", *sourceLength = "S";
/// Where neither the graph nor its config bounds a sequence.
constexpr int64_t unboundedContext = 4096;
constexpr int64_t supportedOpsets[] = {10, 23};

/// What exporters call things: names as PyTorch's and Keras's models have them.
bool isTokens(StringRef name) {
  return name == "input_ids" || name == "decoder_input_ids" ||
         name == "input_ids:0" || name == "tokens" || name == "token_ids";
}
bool isSegments(StringRef name) {
  return name.contains("token_type_ids") || name.contains("segment_ids");
}
bool isMask(StringRef name) { return name.contains("attention_mask"); }
bool isPositions(StringRef name) { return name.contains("position_ids"); }
bool isPast(StringRef name) {
  return name.contains("past_key") || name.starts_with("past_") ||
         name == "past" || name.contains(".past");
}

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
  LogicalResult defineInput(const ValueInfo &input);
  LogicalResult defineTokens(const ValueInfo &input, StringRef kind);
  LogicalResult definePast(const ValueInfo &input);
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
// Inputs
//===----------------------------------------------------------------------===//

/// `[batch, sequence]` of integers: one sequence.
LogicalResult ModelImporter::defineTokens(const ValueInfo &input,
                                          StringRef kind) {
  if (!isInteger(input.type) || !input.hasShape || input.shape.size() != 2)
    return fail("input '" + input.name +
                "': expected integers for each sequence and token");
  if (input.shape[0].size.value_or(1) != 1)
    return fail("input '" + input.name + "' has room for exactly " +
                Twine(*input.shape[0].size) +
                " sequences; export the model with a dynamic batch, or one of "
                "1");
  if (input.shape[1].size)
    return fail("input '" + input.name + "' has room for exactly " +
                Twine(*input.shape[1].size) +
                " tokens; export the model with a dynamic length");
  const char *length =
      kind.starts_with("source") ? sourceLength : sequenceLength;
  auto type = NamedTensorType::get(
      {Dimension::get(builder.getContext(), length)}, builder.getI32Type());
  unsigned index = function.getNumArguments();
  if (failed(function.insertArgument(
          index, type,
          builder.getDictionaryAttr(builder.getNamedAttr(
              inputAttributeName, builder.getStringAttr(kind))),
          NameLoc::get(builder.getStringAttr(input.name)))))
    return failure();
  Importer::Result tensor = importer.reshape(
      function.getArgument(index), {Extent(1), Extent::symbol(length)});
  if (failed(tensor))
    return failure();
  importer.define(input.name, importer.wrap(*tensor));
  return success();
}

/// A past of no positions, whatever the order of its axes: the one that is
/// neither the batch nor of a known size.
LogicalResult ModelImporter::definePast(const ValueInfo &input) {
  hasPast = true;
  onnx::Value value;
  value.form = onnx::Value::Uniform;
  value.kind = Kind::Float;
  value.numbers = {Number()};
  size_t rank = input.shape.size();
  if (rank < 3)
    return fail("input '" + input.name +
                "': expected keys or values of a past, with at least three "
                "axes");
  size_t batch = rank == 5 ? 1 : 0; // [keys and values, batch, ...]
  bool isEmpty = false;
  for (auto [i, dimension] : llvm::enumerate(input.shape)) {
    if (i == batch)
      value.shape.push_back(Extent(1));
    else if (dimension.size)
      value.shape.push_back(Extent(*dimension.size));
    else if (!isEmpty) {
      value.shape.push_back(Extent(0));
      isEmpty = true;
    } else
      return fail("input '" + input.name +
                  "': two of its axes have an unknown size; which one is the "
                  "past cannot be told");
  }
  if (!isEmpty)
    return fail("input '" + input.name +
                "' has a past of a fixed length; export the model with a "
                "dynamic one");
  importer.define(input.name, std::move(value));
  return success();
}

LogicalResult ModelImporter::defineInput(const ValueInfo &input) {
  StringRef name = input.name;
  // Beside a decoder's inputs, those without that word are the encoder's.
  bool ofSource = hasSource && !name.contains("decoder");
  Extent length = Extent::symbol(ofSource ? sourceLength : sequenceLength);
  if (ofSource && isTokens(name))
    return defineTokens(input, "source");
  if (isSegments(name))
    return defineTokens(input, ofSource ? "source_segment" : "segment");
  if (isPast(name))
    return definePast(input);
  if (isMask(name)) {
    // Whole sequences have no padding: everybody is there.
    if (input.hasShape && input.shape.size() != 2)
      return fail("input '" + input.name + "': a mask of " +
                  Twine(input.shape.size()) +
                  " axes is not supported, only one of two");
    onnx::Value value;
    value.form = onnx::Value::Uniform;
    value.kind = isFloat(input.type)            ? Kind::Float
                 : input.type == DataType::Bool ? Kind::Truth
                                                : Kind::Integer;
    value.shape = {Extent(1), length};
    value.numbers = {{1, Extent(1)}};
    importer.define(input.name, std::move(value));
    return success();
  }
  if (isPositions(name)) {
    importer.define(input.name,
                    importer.counting({Extent(1), length}, 1, Extent(0), 1));
    return success();
  }
  return fail("input '" + input.name +
              "' is not known: expected input_ids, attention_mask, "
              "token_type_ids, position_ids or past_key_values");
}

//===----------------------------------------------------------------------===//
// Output
//===----------------------------------------------------------------------===//

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
    set(sourceContextAttributeName, context.value_or(unboundedContext));

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
  func::ReturnOp::create(builder, builder.getUnknownLoc(), *rows);
  auto type = cast<NamedTensorType>((*rows).getType());
  function.setFunctionType(
      builder.getFunctionType(function.getArgumentTypes(), {type}));
  return setProperties(chooseHead(output), type);
}

static LogicalResult checkOpset(const OnnxFile &file, raw_ostream &messages) {
  int64_t opset = file.getModel().opset;
  if (opset >= supportedOpsets[0] && opset <= supportedOpsets[1])
    return success();
  messages << "error: " << file.description() << ": it is of opset " << opset
           << "; " << supportedOpsets[0] << " to " << supportedOpsets[1]
           << " are supported\n";
  return failure();
}

OwningOpRef<ModuleOp> ModelImporter::run() {
  const Graph &graph = file.getModel().graph;
  module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(builder, builder.getUnknownLoc(), "logits",
                                  builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());

  if (failed(checkOpset(file, messages)) || failed(readConfig()) ||
      failed(importer.defineInitializers()))
    return nullptr;
  SmallVector<const ValueInfo *> inputs;
  const ValueInfo *tokens = nullptr;
  for (const ValueInfo &input : graph.inputs) {
    if (importer.isDefined(input.name))
      continue; // an initializer that could be given another value
    inputs.push_back(&input);
    if (input.name == "decoder_input_ids")
      hasSource = true;
    if (isTokens(input.name) && (!tokens || hasSource))
      tokens = &input;
  }
  for (const ValueInfo *input : inputs)
    if (hasSource && input->name == "decoder_input_ids")
      tokens = input;
  if (!tokens) {
    (void)fail("it has no input 'input_ids'");
    return nullptr;
  }
  if (failed(defineTokens(*tokens, "token")))
    return nullptr;
  for (const ValueInfo *input : inputs)
    if (input != tokens && failed(defineInput(*input)))
      return nullptr;
  const ValueInfo *output = findOutput();
  if (!output || failed(importer.importNodes({output->name})) ||
      failed(finish(*output)))
    return nullptr;
  return std::move(module);
}

/// What the verifier says of IR that should not be possible.
static OwningOpRef<ModuleOp> verified(OwningOpRef<ModuleOp> module,
                                      const OnnxFile &file,
                                      raw_ostream &messages) {
  if (module && failed(mlir::verify(*module))) {
    messages << "error: " << file.description()
             << ": its IR does not hold together; this is a mistake of "
                "the compiler\n";
    return nullptr;
  }
  return module;
}

OwningOpRef<ModuleOp> sinter::importOnnx(MLIRContext &context,
                                         const OnnxFile &file,
                                         const OnnxOptions &options,
                                         raw_ostream &messages) {
  context.loadDialect<SinterDialect, func::FuncDialect>();
  return verified(ModelImporter(context, file, options, messages).run(), file,
                  messages);
}

//===----------------------------------------------------------------------===//
// Graphs that are no models
//===----------------------------------------------------------------------===//

/// A name that IR can print.
static std::string dimensionName(StringRef name, size_t input, size_t axis) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) || c == '_' ? c : '_';
  if (result.empty())
    return "D" + std::to_string(input) + "_" + std::to_string(axis);
  return llvm::isDigit(result.front()) ? "D" + result : result;
}

OwningOpRef<ModuleOp> sinter::importOnnxGraph(MLIRContext &context,
                                              const OnnxFile &file,
                                              raw_ostream &messages) {
  context.loadDialect<SinterDialect, func::FuncDialect>();
  const Graph &graph = file.getModel().graph;
  OpBuilder builder(&context);
  Location location = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(location);
  builder.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(builder, location, "graph",
                                       builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  Importer importer(builder, file, messages);
  if (failed(checkOpset(file, messages)) ||
      failed(importer.defineInitializers()))
    return nullptr;
  for (auto [number, input] : llvm::enumerate(graph.inputs)) {
    if (importer.isDefined(input.name))
      continue;
    std::string where = "input '" + input.name + "'";
    if (!input.hasShape || byteSize(input.type) == 0) {
      (void)importer.failAt(where, "a shape and elements of a known kind are "
                                   "expected");
      return nullptr;
    }
    SmallVector<Dimension> shape;
    for (auto [axis, dimension] : llvm::enumerate(input.shape)) {
      if (dimension.size && *dimension.size < 1) {
        (void)importer.failAt(where, "a size of " + Twine(*dimension.size) +
                                         " is not supported");
        return nullptr;
      }
      // One sequence, as in a model.
      bool isBatch = StringRef(dimension.name).contains_insensitive("batch") ||
                     (dimension.name.empty() && isInteger(input.type) &&
                      input.shape.size() == 2);
      if (!dimension.size && axis == 0 && isBatch)
        shape.push_back(Dimension::get(&context, 1));
      else
        shape.push_back(
            dimension.size
                ? Dimension::get(&context, *dimension.size)
                : Dimension::get(&context,
                                 dimensionName(dimension.name, number, axis)));
    }
    Type element = isFloat(input.type)            ? Type(builder.getF32Type())
                   : input.type == DataType::Bool ? Type(builder.getI1Type())
                                                  : Type(builder.getI32Type());
    unsigned index = function.getNumArguments();
    if (failed(function.insertArgument(
            index, NamedTensorType::get(shape, element), {},
            NameLoc::get(builder.getStringAttr(input.name)))))
      return nullptr;
    importer.define(input.name, importer.wrap(function.getArgument(index)));
  }
  std::vector<std::string> outputs;
  for (const ValueInfo &output : graph.outputs)
    outputs.push_back(output.name);
  if (failed(importer.importNodes(outputs)))
    return nullptr;
  SmallVector<mlir::Value> results;
  for (const ValueInfo &output : graph.outputs) {
    Importer::Result tensor = importer.getTensor(output.name);
    if (failed(tensor))
      return nullptr;
    results.push_back(*tensor);
  }
  func::ReturnOp::create(builder, location, results);
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(), ValueRange(results).getTypes()));
  return verified(std::move(module), file, messages);
}
