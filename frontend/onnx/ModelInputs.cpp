//===- ModelInputs.cpp - What the inputs of a model stand for -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/ModelInputs.h"
#include "frontend/Frontend.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

static constexpr int64_t supportedOpsets[] = {10, 23};

bool onnx::isTokens(StringRef name) {
  return name == "input_ids" || name == "decoder_input_ids" ||
         name == "input_ids:0" || name == "tokens" || name == "token_ids";
}
bool onnx::isSegments(StringRef name) {
  return name.contains("token_type_ids") || name.contains("segment_ids");
}
bool onnx::isMask(StringRef name) { return name.contains("attention_mask"); }
bool onnx::isPositions(StringRef name) { return name.contains("position_ids"); }
bool onnx::isPast(StringRef name) {
  return name.contains("past_key") || name.starts_with("past_") ||
         name == "past" || name.contains(".past");
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

mlir::Value ModelInputs::getArgument(StringRef kind, StringRef name) {
  for (BlockArgument argument : function.getArguments())
    if (function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                              inputAttributeName) == kind)
      return argument;
  OpBuilder &builder = importer.getBuilder();
  const char *length =
      kind.starts_with("source") ? sourceLength : sequenceLength;
  unsigned index = function.getNumArguments();
  LogicalResult inserted = function.insertArgument(
      index,
      NamedTensorType::get({Dimension::get(builder.getContext(), length)},
                           builder.getI32Type()),
      builder.getDictionaryAttr(builder.getNamedAttr(
          inputAttributeName, builder.getStringAttr(kind))),
      NameLoc::get(builder.getStringAttr(name)));
  (void)inserted; // fails for an index that is none only
  return function.getArgument(index);
}

LogicalResult ModelInputs::defineTokens(const ValueInfo &input,
                                        StringRef kind) {
  if (!isInteger(input.type) || !input.hasShape || input.shape.size() != 2)
    return fail(input, "expected integers for each sequence and token");
  if (input.shape[0].size.value_or(1) != 1)
    return fail(input, "it has room for exactly " +
                           Twine(*input.shape[0].size) +
                           " sequences; export the model with a dynamic batch, "
                           "or one of 1");
  if (input.shape[1].size)
    return fail(input, "it has room for exactly " +
                           Twine(*input.shape[1].size) +
                           " tokens; export the model with a dynamic length");
  const char *length =
      kind.starts_with("source") ? sourceLength : sequenceLength;
  Importer::Result tensor = importer.reshape(
      getArgument(kind, input.name), {Extent(1), Extent::symbol(length)});
  if (failed(tensor))
    return failure();
  importer.define(input.name, importer.wrap(*tensor));
  return success();
}

/// The axis of the past is the one that is neither the batch nor of a known
/// size.
LogicalResult ModelInputs::definePast(const ValueInfo &input) {
  onnx::Value value;
  value.form = onnx::Value::Uniform;
  value.kind = Kind::Float;
  value.numbers = {Number()};
  size_t rank = input.shape.size();
  if (rank < 3)
    return fail(input, "expected keys or values of a past, with at least three "
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
      return fail(input, "two of its axes have an unknown size; which one is "
                         "the past cannot be told");
  }
  if (!isEmpty)
    return fail(input, "it has a past of a fixed length; export the model with "
                       "a dynamic one");
  importer.define(input.name, std::move(value));
  return success();
}

LogicalResult ModelInputs::defineMask(const ValueInfo &input,
                                      StringRef length) {
  if (input.hasShape && input.shape.size() != 2)
    return fail(input, "a mask of " + Twine(input.shape.size()) +
                           " axes is not supported, only one of two");
  onnx::Value value;
  value.form = onnx::Value::Uniform;
  value.kind = isFloat(input.type)            ? Kind::Float
               : input.type == DataType::Bool ? Kind::Truth
                                              : Kind::Integer;
  value.shape = {Extent(1), Extent::symbol(length.str())};
  value.numbers = {{1, Extent(1)}};
  importer.define(input.name, std::move(value));
  return success();
}

void ModelInputs::definePositions(const ValueInfo &input, StringRef length) {
  importer.define(input.name,
                  importer.counting({Extent(1), Extent::symbol(length.str())},
                                    1, Extent(0), 1));
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

LogicalResult onnx::checkOpset(const OnnxFile &file, raw_ostream &messages) {
  int64_t opset = file.getModel().opset;
  if (opset >= supportedOpsets[0] && opset <= supportedOpsets[1])
    return success();
  messages << "error: " << file.description() << ": it is of opset " << opset
           << "; " << supportedOpsets[0] << " to " << supportedOpsets[1]
           << " are supported\n";
  return failure();
}

func::FuncOp onnx::startFunction(OpBuilder &builder,
                                 OwningOpRef<ModuleOp> &module,
                                 StringRef name) {
  module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(builder, builder.getUnknownLoc(), name,
                                       builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

void onnx::finishFunction(OpBuilder &builder, func::FuncOp function,
                          ValueRange results) {
  func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  function.setFunctionType(
      builder.getFunctionType(function.getArgumentTypes(), results.getTypes()));
}

OwningOpRef<ModuleOp> onnx::verified(OwningOpRef<ModuleOp> module,
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
