//===- KernelOps.cpp - Kernel-level operations -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Shape.h"
#include "ir/Sinter.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

LogicalResult QuantizeOp::verify() {
  NamedTensorType type = getOperand().getType();
  auto quantized = dyn_cast<QuantizedType>(getType().getElementType());
  if (!quantized || !type.getElementType().isF32() ||
      type.getShape() != getType().getShape())
    return emitOpError() << "gives quantized elements in the shape of f32, not "
                         << getType() << " of " << type;
  if (type.getRank() != 2 || !type.hasStaticShape())
    return emitOpError() << "takes a matrix of a size known when compiling, "
                         << "not " << type;
  if (quantized.getBlock() && !getStored())
    return emitOpError() << "takes scales of blocks only as they are stored, "
                         << "which " << quantized << " has";
  if (getSearch() && getStored())
    return emitOpError() << "searches no scales where they are stored";
  auto expected =
      NamedTensorType::get({type.getDim(0)}, Float32Type::get(getContext()));
  if (getImportance() && getImportance().getType() != expected)
    return emitOpError() << "is weighted by one number an input, " << expected
                         << ", not " << getImportance().getType();
  return success();
}

LogicalResult PackOp::verify() {
  NamedTensorType type = getOperand().getType();
  PackedType packed = getType();
  auto expected =
      NamedTensorType::get({Dimension::get(getContext(), packed.getInputs()),
                            Dimension::get(getContext(), packed.getOutputs())},
                           packed.getElementType());
  if (type != expected)
    return emitOpError() << "packs " << expected << " into " << packed
                         << ", not " << type;
  return success();
}

LogicalResult ParameterOp::verifyRegions() {
  Block &body = getBodyRegion().front();
  if (int64_t(getLayers()) < 1)
    return emitOpError() << "has at least one layer, not "
                         << int64_t(getLayers());
  if (body.getNumArguments() != 1 || !body.getArgument(0).getType().isIndex())
    return emitOpError("the region takes the layer's number");
  bool usesCaches = false;
  body.walk([&](Operation *op) {
    usesCaches |=
        isa<CacheStoreOp, CacheLoadOp, CacheAppendOp, CacheHistoryOp>(op);
  });
  if (usesCaches)
    return emitOpError("is computed when compiling, when no cache holds "
                       "anything");
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getNumOperands() != 1 ||
      yield.getOperand(0).getType() != getType())
    return emitOpError() << "the region must yield one value of " << getType();
  return success();
}

/// Whether `value` is one i32 for each of `rows`: `tensor<[N], i32>`.
static LogicalResult verifyPerRow(Operation *op, Value value, Dimension rows,
                                  StringRef what) {
  auto expected =
      NamedTensorType::get({rows}, IntegerType::get(op->getContext(), 32));
  if (value.getType() != expected)
    return op->emitOpError() << "takes one " << what << " of each row, "
                             << expected << ", not " << value.getType();
  return success();
}

/// A place for each result, where places are given.
static LogicalResult verifyPlacement(KernelOpInterface op) {
  std::optional<ArrayRef<int64_t>> slots = op.getSlots();
  if (slots && slots->size() != op->getNumResults())
    return op->emitOpError() << "has " << op->getNumResults()
                             << " results, but places for " << slots->size();
  for (int64_t slot : slots.value_or(ArrayRef<int64_t>()))
    if (slot < -1)
      return op->emitOpError() << "has a result at offset " << slot;
  return success();
}

/// The module-level op that `symbol` names, if it is an `OpTy`; says so at
/// `user` if not.
template <typename OpTy>
static FailureOr<OpTy> resolve(Operation *user, FlatSymbolRefAttr symbol,
                               SymbolTableCollection &tables, StringRef what) {
  auto op = tables.lookupNearestSymbolFrom<OpTy>(user, symbol);
  if (!op)
    return user->emitOpError() << "there is no " << what << " " << symbol;
  return op;
}

static LogicalResult verifyLayer(Operation *user, FlatSymbolRefAttr symbol,
                                 int64_t layers, Value layer) {
  if (layers > 1 && !layer)
    return user->emitOpError()
           << symbol << " has " << layers << " layers, but no layer is given";
  return success();
}

LogicalResult ParameterLoadOp::verifySymbolUses(SymbolTableCollection &tables) {
  FailureOr<ParameterOp> parameter =
      resolve<ParameterOp>(*this, getParameterAttr(), tables, "parameter");
  if (failed(parameter))
    return failure();
  if (parameter->getType() != getType())
    return emitOpError() << getParameterAttr() << " is of "
                         << parameter->getType() << ", not " << getType();
  return verifyLayer(*this, getParameterAttr(), parameter->getLayers(),
                     getLayer());
}

//===----------------------------------------------------------------------===//
// KV cache
//===----------------------------------------------------------------------===//

/// `[rows, heads, width]`, as a cache of `type` takes it.
static LogicalResult verifyRows(Operation *op, NamedTensorType rows,
                                HistoryType type) {
  MLIRContext *context = op->getContext();
  if (rows.getRank() != 3 ||
      rows.getDim(1) != Dimension::get(context, type.getHeads()) ||
      rows.getDim(2) != Dimension::get(context, type.getWidth()) ||
      rows.getElementType() != type.getWrittenType())
    return op->emitOpError()
           << "a cache of " << type << " takes rows of [" << type.getHeads()
           << ", " << type.getWidth() << "] elements of "
           << type.getWrittenType() << ", not " << rows;
  return success();
}

template <typename OpTy>
static LogicalResult verifyCacheUse(OpTy op, SymbolTableCollection &tables,
                                    HistoryType type, NamedTensorType rows) {
  FailureOr<CacheOp> cache =
      resolve<CacheOp>(op, op.getCacheAttr(), tables, "cache");
  if (failed(cache) || failed(verifyLayer(op, op.getCacheAttr(),
                                          cache->getLayers(), op.getLayer())))
    return failure();
  auto cached = cast<HistoryType>(cache->getType());
  if (type && cached != type)
    return op.emitOpError()
           << op.getCacheAttr() << " is of " << cached << ", not " << type;
  return rows ? verifyRows(op, rows, cached) : success();
}

LogicalResult CacheStoreOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyCacheUse(*this, tables, {}, getValue().getType());
}

LogicalResult CacheLoadOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyCacheUse(*this, tables, {}, getType());
}

LogicalResult CacheAppendOp::verifySymbolUses(SymbolTableCollection &tables) {
  if (failed(verifyCacheUse(*this, tables, getType(), getRows().getType())))
    return failure();
  Dimension rows = getRows().getType().getDim(0);
  if (failed(verifyPerRow(*this, getSequence(), rows, "sequence")))
    return failure();
  return verifyPerRow(*this, getPosition(), rows, "position");
}

LogicalResult CacheHistoryOp::verifySymbolUses(SymbolTableCollection &tables) {
  return verifyCacheUse(*this, tables, getType(), {});
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Rows of `input` by `weight`: sums are taken in f32.
static NamedTensorType typeOfProduct(NamedTensorType input, PackedType weight) {
  SmallVector<Dimension> shape = input.getShape();
  shape.back() = Dimension::get(input.getContext(), weight.getOutputs());
  return NamedTensorType::get(shape, Float32Type::get(input.getContext()));
}

void LinearOp::build(OpBuilder &builder, OperationState &state, Value input,
                     Value weight) {
  auto type = cast<NamedTensorType>(input.getType());
  build(builder, state, typeOfProduct(type, cast<PackedType>(weight.getType())),
        input, weight,
        /*placement=*/nullptr);
}

LogicalResult LinearOp::verify() {
  NamedTensorType input = getInput().getType();
  PackedType weight = getWeight().getType();
  if (input.getRank() < 1 ||
      input.getDim(input.getRank() - 1) !=
          Dimension::get(getContext(), weight.getInputs()))
    return emitOpError() << "the weight takes rows of " << weight.getInputs()
                         << " elements, not " << input;
  Type of = input.getElementType();
  bool isQuantized = bool(weight.getQuantized());
  if (!of.isF32() &&
      !(isQuantized ? of.isBF16() : of == weight.getElementType()))
    return emitOpError() << "a weight in " << weight.getElementType()
                         << " takes rows in " << (isQuantized ? "bf16" : "it")
                         << " or in f32, not in " << of;
  if (NamedTensorType expected = typeOfProduct(input, weight);
      getType() != expected)
    return emitOpError() << "gives " << expected << ", not " << getType();
  return verifyPlacement(*this);
}

/// A row of f32 for each number; no type where there is not one number a row.
static NamedTensorType typeOfGathered(PackedType weight,
                                      NamedTensorType index) {
  MLIRContext *context = weight.getContext();
  if (index.getRank() != 1 || !index.getElementType().isInteger(32))
    return {};
  return NamedTensorType::get(
      {index.getDim(0), Dimension::get(context, weight.getInputs())},
      Float32Type::get(context));
}

void PackedGatherOp::build(OpBuilder &builder, OperationState &state,
                           Value weight, Value index) {
  build(builder, state,
        typeOfGathered(cast<PackedType>(weight.getType()),
                       cast<NamedTensorType>(index.getType())),
        weight, index, /*placement=*/nullptr);
}

LogicalResult PackedGatherOp::verify() {
  NamedTensorType index = getIndex().getType();
  NamedTensorType expected = typeOfGathered(getWeight().getType(), index);
  if (!expected)
    return emitOpError() << "takes one number of i32 for each row, not "
                         << index;
  if (getType() != expected)
    return emitOpError() << "gives " << expected << ", not " << getType();
  return verifyPlacement(*this);
}

/// Heads of queries over heads of a cache: a whole number of them shares one.
static LogicalResult verifyHeads(Operation *op, Dimension heads,
                                 HistoryType type) {
  if (!heads.isStatic() || heads.getSize() % type.getHeads() != 0)
    return op->emitOpError() << heads << " heads cannot share the "
                             << type.getHeads() << " heads of " << type;
  return success();
}

LogicalResult AttentionScoresOp::verify() {
  NamedTensorType query = getQuery().getType();
  HistoryType keys = getKeys().getType();
  if (query.getRank() != 3 || getType().getRank() != 3 ||
      query.getDim(2) != Dimension::get(getContext(), keys.getWidth()))
    return emitOpError() << "takes queries [heads, N, " << keys.getWidth()
                         << "], not " << query;
  if (getType().getDim(0) != query.getDim(0) ||
      getType().getDim(1) != query.getDim(1) || !getType().getDim(2).isSymbol())
    return emitOpError() << "gives [heads, N, P], not " << getType();
  if (failed(verifyPerRow(*this, getSequence(), query.getDim(1), "sequence")) ||
      failed(verifyPerRow(*this, getExtent(), query.getDim(1), "extent")) ||
      failed(verifyPlacement(*this)))
    return failure();
  return verifyHeads(*this, query.getDim(0), keys);
}

LogicalResult AttentionValuesOp::verify() {
  NamedTensorType probability = getProbability().getType();
  HistoryType values = getValues().getType();
  if (probability.getRank() != 3 || !probability.getDim(2).isSymbol())
    return emitOpError() << "takes probabilities [heads, N, P], not "
                         << probability;
  SmallVector<Dimension> shape = probability.getShape();
  shape.back() = Dimension::get(getContext(), values.getWidth());
  if (getType() != probability.withShape(shape))
    return emitOpError() << "gives " << probability.withShape(shape) << ", not "
                         << getType();
  Dimension rows = probability.getDim(1);
  if (failed(verifyPerRow(*this, getSequence(), rows, "sequence")) ||
      failed(verifyPerRow(*this, getExtent(), rows, "extent")) ||
      failed(verifyPlacement(*this)))
    return failure();
  return verifyHeads(*this, probability.getDim(0), values);
}

LogicalResult AttentionRelativeOp::verify() {
  NamedTensorType table = getTable().getType(), index = getIndex().getType();
  if (table.getRank() != 3 || !table.hasStaticShape())
    return emitOpError() << "takes a table [heads, buckets, width], not "
                         << table;
  if (index.getRank() != 2 || !index.getDim(1).isSymbol() ||
      !index.getElementType().isInteger(32))
    return emitOpError() << "takes an index [N, P] of i32, not " << index;
  Dimension heads = table.getDim(0), width = table.getDim(2);
  if (auto history = dyn_cast<HistoryType>(getRows().getType())) {
    if (heads != Dimension::get(getContext(), history.getHeads()) ||
        width != Dimension::get(getContext(), history.getWidth()))
      return emitOpError() << "multiplies " << history << " with " << table
                           << ": heads and widths must be equal";
  } else {
    auto rows = cast<NamedTensorType>(getRows().getType());
    NamedTensorType expected = table.withShape({heads, index.getDim(0), width})
                                   .withElementType(rows.getElementType());
    if (rows != expected)
      return emitOpError() << "takes rows " << expected << ", not " << rows;
  }
  NamedTensorType result =
      table.withShape({heads, index.getDim(0), index.getDim(1)});
  if (getType() != result)
    return emitOpError() << "gives " << result << ", not " << getType();
  if (failed(verifyPerRow(*this, getSequence(), index.getDim(0), "sequence")) ||
      failed(verifyPerRow(*this, getExtent(), index.getDim(0), "extent")))
    return failure();
  return verifyPlacement(*this);
}
