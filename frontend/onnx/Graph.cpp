//===- Graph.cpp - Graphs that are no whole models -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/onnx/ModelInputs.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

//===----------------------------------------------------------------------===//
// As a function of tensors
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

/// An argument of the input's own shape.
static LogicalResult defineTensor(func::FuncOp function, Importer &importer,
                                  const ValueInfo &input, size_t number) {
  OpBuilder &builder = importer.getBuilder();
  MLIRContext *context = builder.getContext();
  std::string where = "input '" + input.name + "'";
  if (!input.hasShape || byteSize(input.type) == 0)
    return importer.failAt(where,
                           "a shape and elements of a known kind are expected");
  SmallVector<Dimension> shape;
  for (auto [axis, dimension] : llvm::enumerate(input.shape)) {
    if (dimension.size && *dimension.size < 1)
      return importer.failAt(where, "a size of " + Twine(*dimension.size) +
                                        " is not supported");
    // One sequence, as in a model.
    bool isBatch = StringRef(dimension.name).contains_insensitive("batch") ||
                   (dimension.name.empty() && isInteger(input.type) &&
                    input.shape.size() == 2);
    if (!dimension.size && axis == 0 && isBatch)
      shape.push_back(Dimension::get(context, 1));
    else
      shape.push_back(
          dimension.size
              ? Dimension::get(context, *dimension.size)
              : Dimension::get(context,
                               dimensionName(dimension.name, number, axis)));
  }
  Type element = isFloat(input.type)            ? Type(builder.getF32Type())
                 : input.type == DataType::Bool ? Type(builder.getI1Type())
                                                : Type(builder.getI32Type());
  unsigned index = function.getNumArguments();
  if (failed(function.insertArgument(
          index, NamedTensorType::get(shape, element), {},
          NameLoc::get(builder.getStringAttr(input.name)))))
    return failure();
  importer.define(input.name, importer.wrap(function.getArgument(index)));
  return success();
}

OwningOpRef<ModuleOp> sinter::importOnnxGraph(MLIRContext &context,
                                              const OnnxFile &file,
                                              raw_ostream &messages) {
  context.loadDialect<SinterDialect, func::FuncDialect>();
  const onnx::Graph &graph = file.getModel().graph;
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module;
  func::FuncOp function = startFunction(builder, module, "graph");
  Importer importer(builder, file, messages);
  if (failed(checkOpset(file, messages)) ||
      failed(importer.defineInitializers()))
    return nullptr;
  for (auto [number, input] : llvm::enumerate(graph.inputs))
    if (!importer.isDefined(input.name) &&
        failed(defineTensor(function, importer, input, number)))
      return nullptr;
  std::vector<std::string> outputs;
  for (const ValueInfo &output : graph.outputs)
    outputs.push_back(output.name);
  if (failed(importer.importNodes(outputs)))
    return nullptr;
  SmallVector<mlir::Value> results;
  for (const std::string &output : outputs) {
    Importer::Result tensor = importer.getTensor(output);
    if (failed(tensor))
      return nullptr;
    results.push_back(*tensor);
  }
  finishFunction(builder, function, results);
  return verified(std::move(module), file, messages);
}

//===----------------------------------------------------------------------===//
// As a model
//===----------------------------------------------------------------------===//

namespace {

/// A part of a model, with inputs that a model computes: rows of floats for
/// each token, a past. Rows are looked up in a table by the token, as if each
/// had been an embedding, so that what follows is a function of a sequence.
class FragmentImporter {
public:
  FragmentImporter(OpBuilder &builder, func::FuncOp function,
                   Importer &importer)
      : builder(builder), importer(importer), inputs(function, importer) {}

  LogicalResult defineInput(const ValueInfo &input);

private:
  LogicalResult defineRows(const ValueInfo &input);
  LogicalResult definePast(const ValueInfo &input);
  LogicalResult defineWeight(const ValueInfo &input);
  void defineMask(const ValueInfo &input);
  Importer::Result lookUp(const ValueInfo &input, bool ofSource, int64_t rows,
                          int64_t width);

  OpBuilder &builder;
  Importer &importer;
  ModelInputs inputs;
};

/// Rows of a table where the graph does not say how many there are.
constexpr int64_t someRows = 64;

bool isOfSource(StringRef name) {
  return name.contains("encoder") || name.contains("cross");
}

std::optional<int64_t> sizeOf(const ValueInfo &input, size_t axis) {
  return input.shape[axis].size;
}

/// How many tokens the graph has, if it is made for one number of them: the
/// second axis of tokens, and of rows.
std::optional<int64_t> fixedLengthOf(const onnx::Graph &graph) {
  for (const ValueInfo &input : graph.inputs)
    if (!isOfSource(input.name) && !isPast(input.name) &&
        (isInteger(input.type) ? input.shape.size() == 2
                               : input.shape.size() == 3))
      return sizeOf(input, 1);
  return std::nullopt;
}

} // namespace

Importer::Result FragmentImporter::lookUp(const ValueInfo &input, bool ofSource,
                                          int64_t rows, int64_t width) {
  MLIRContext *context = builder.getContext();
  auto type = NamedTensorType::get(
      {Dimension::get(context, rows), Dimension::get(context, width)},
      builder.getF32Type());
  Location location = NameLoc::get(builder.getStringAttr(input.name));
  mlir::Value table = WeightOp::create(builder, location, type,
                                       builder.getStringAttr(input.name),
                                       /*layer=*/mlir::Value(), StoredAttr());
  mlir::Value tokens =
      inputs.getArgument(ofSource ? "source" : "token", input.name);
  return GatherOp::create(builder, location, table, tokens).getResult();
}

/// [batch, sequence, width].
LogicalResult FragmentImporter::defineRows(const ValueInfo &input) {
  bool ofSource = isOfSource(input.name);
  int64_t width = *sizeOf(input, 2);
  Importer::Result rows =
      lookUp(input, ofSource,
             sizeOf(input, 0).value_or(1) * sizeOf(input, 1).value_or(someRows),
             width);
  Extent length = Extent::symbol(ofSource ? sourceLength : sequenceLength);
  rows = importer.reshape(*rows, {Extent(1), length, Extent(width)});
  if (failed(rows))
    return failure();
  importer.define(input.name, importer.wrap(*rows));
  return success();
}

/// Keys and values of the source are rows of it, in heads; those of the
/// sequence itself are a past of no positions, whatever room there is.
LogicalResult FragmentImporter::definePast(const ValueInfo &input) {
  if (!isOfSource(input.name)) {
    ValueInfo open = input;
    size_t along = input.shape.size() == 5 ? 3 : 2;
    if (along < open.shape.size())
      open.shape[along].size.reset();
    return inputs.definePast(open);
  }
  if (input.shape.size() != 4 || !sizeOf(input, 1) || !sizeOf(input, 3))
    return inputs.fail(input, "expected [batch, heads, length, width]");
  int64_t heads = *sizeOf(input, 1), width = *sizeOf(input, 3);
  Extent length = Extent::symbol(sourceLength);
  Importer::Result rows =
      lookUp(input, true,
             sizeOf(input, 0).value_or(1) * sizeOf(input, 2).value_or(someRows),
             heads * width);
  rows = importer.reshape(*rows,
                          {Extent(1), length, Extent(heads), Extent(width)});
  if (failed(rows))
    return failure();
  importer.define(input.name, importer.wrap(TransposeOp::create(
                                  builder, (*rows).getLoc(), *rows,
                                  ArrayRef<int64_t>{0, 2, 1, 3})));
  return success();
}

LogicalResult FragmentImporter::defineWeight(const ValueInfo &input) {
  SmallVector<Dimension> shape;
  for (const ValueInfo::Dimension &dimension : input.shape) {
    if (dimension.size.value_or(0) < 1)
      return inputs.fail(input, "neither rows of a sequence, nor a past, nor a "
                                "weight: its meaning is not known");
    shape.push_back(Dimension::get(builder.getContext(), *dimension.size));
  }
  importer.define(input.name,
                  importer.wrap(WeightOp::create(
                      builder, NameLoc::get(builder.getStringAttr(input.name)),
                      NamedTensorType::get(shape, builder.getF32Type()),
                      builder.getStringAttr(input.name),
                      /*layer=*/mlir::Value(), StoredAttr())));
  return success();
}

/// Everybody is there: a one for each position, or how many there are; or
/// nothing that is added to scores.
void FragmentImporter::defineMask(const ValueInfo &input) {
  Extent length =
      Extent::symbol(isOfSource(input.name) ? sourceLength : sequenceLength);
  onnx::Value value;
  value.form = onnx::Value::Uniform;
  value.kind = isFloat(input.type) ? Kind::Float : Kind::Integer;
  if (input.shape.size() == 1) {
    value.shape = {Extent(1)};
    value.numbers = {{0, length}};
  } else if (input.shape.size() == 2) {
    value.shape = {Extent(1), length};
    value.numbers = {{1, Extent(1)}};
  } else {
    value.shape = {Extent(1), Extent(1), length, length};
    value.numbers = {Number()};
  }
  importer.define(input.name, std::move(value));
}

LogicalResult FragmentImporter::defineInput(const ValueInfo &input) {
  StringRef name = input.name;
  size_t rank = input.shape.size();
  bool isMasking =
      name.contains("mask") && (rank == 1 || rank == 2 || rank == 4);
  if (isMasking) {
    defineMask(input);
    return success();
  }
  if (isPast(name))
    return definePast(input);
  if (isInteger(input.type) && rank == 2) {
    if (isPositions(name)) {
      inputs.definePositions(input, sequenceLength);
      return success();
    }
    ValueInfo open = input;
    for (ValueInfo::Dimension &dimension : open.shape)
      dimension.size.reset();
    return inputs.defineTokens(open, isSegments(name) ? "segment" : "token");
  }
  if (isFloat(input.type) && rank == 3 && sizeOf(input, 2))
    return defineRows(input);
  if (isFloat(input.type))
    return defineWeight(input);
  return inputs.fail(input, "its meaning is not known: expected tokens, rows "
                            "of floats, a mask, a past or a weight");
}

OwningOpRef<ModuleOp> sinter::importOnnxFragment(MLIRContext &context,
                                                 const OnnxFile &file,
                                                 raw_ostream &messages) {
  context.loadDialect<SinterDialect, func::FuncDialect>();
  const onnx::Graph &graph = file.getModel().graph;
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module;
  func::FuncOp function = startFunction(builder, module, "logits");
  Importer importer(builder, file, messages);
  if (std::optional<int64_t> count = fixedLengthOf(graph))
    importer.setFixedLength(*count, sequenceLength);
  if (failed(checkOpset(file, messages)) ||
      failed(importer.defineInitializers()))
    return nullptr;
  FragmentImporter inputs(builder, function, importer);
  for (const ValueInfo &input : graph.inputs)
    if (!importer.isDefined(input.name) && failed(inputs.defineInput(input)))
      return nullptr;
  // What it gives for each token; a present is the past of the next call.
  const ValueInfo *rows = nullptr;
  for (const ValueInfo &output : graph.outputs)
    if (!rows && !StringRef(output.name).contains("present"))
      rows = &output;
  if (!rows) {
    (void)importer.failAt("its outputs", "none of them is rows of a sequence");
    return nullptr;
  }
  if (failed(importer.importNodes({rows->name})))
    return nullptr;
  Importer::Result tensor = importer.getTensor(rows->name);
  if (failed(tensor))
    return nullptr;
  Extents shape = importer.wrap(*tensor).shape;
  if (shape.size() < 2 || shape.front() != Extent(1) ||
      shape[1] != Extent::symbol(sequenceLength)) {
    (void)importer.failAt("output '" + rows->name + "'",
                          "it is " + toString(ArrayRef(shape)) +
                              ", expected rows of one sequence");
    return nullptr;
  }
  tensor = importer.reshape(*tensor, ArrayRef(shape).drop_front());
  if (failed(tensor))
    return nullptr;
  finishFunction(builder, function, *tensor);
  (*module)->setAttr(headAttributeName, builder.getStringAttr("hidden"));
  (*module)->setAttr(contextAttributeName,
                     builder.getI64IntegerAttr(unboundedContext));
  (*module)->setAttr(sourceContextAttributeName,
                     builder.getI64IntegerAttr(unboundedContext));
  return verified(std::move(module), file, messages);
}
