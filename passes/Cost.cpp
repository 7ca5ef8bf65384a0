//===- Cost.cpp - Bytes and operations of a program -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Cost.h"
#include "ir/Elements.h"
#include "passes/Accesses.h"
#include "passes/Names.h"

using namespace mlir;
using namespace sinter;

Cost &Cost::operator+=(const Cost &other) {
  weights += other.weights;
  read += other.read;
  written += other.written;
  operations += other.operations;
  return *this;
}

Cost Cost::operator*(int64_t count) const {
  return {weights * count, read * count, written * count, operations * count};
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

int64_t CostModel::elements(Type type) const {
  if (auto packed = dyn_cast<PackedType>(type))
    return packed.getNumElements();
  auto tensor = dyn_cast<NamedTensorType>(type);
  if (!tensor)
    return 0;
  int64_t count = 1;
  for (Dimension dim : tensor.getShape()) {
    if (dim.isStatic())
      count *= dim.getSize();
    else if (dim.isSymbol(tokensDimension))
      count *= workload.tokens;
    else if (dim.isSymbol(rowsDimension))
      count *= workload.rows;
    else if (dim.isSymbol(sourcePastDimension) || dim.isSymbol("S"))
      count *= workload.source;
    else // P, and T where nothing is kept of the past
      count *= workload.past + workload.tokens;
  }
  return count;
}

int64_t CostModel::bytes(Type type) const {
  if (auto packed = dyn_cast<PackedType>(type))
    return packed.getBytes();
  if (auto tensor = dyn_cast<NamedTensorType>(type))
    return elements(type) * elementByteSize(tensor.getElementType());
  return 0;
}

static bool isOfSource(Value history, Operation *user) {
  if (FlatSymbolRefAttr name = getCacheLayer(history).cache)
    if (auto cache = SymbolTable::lookupNearestSymbolFrom<CacheOp>(user, name))
      return cache.getOfSource();
  return false;
}

/// How many positions of a history an op reads.
int64_t CostModel::positions(Value history, Operation *user) const {
  int64_t all = isOfSource(history, user) ? workload.source
                                          : workload.past + workload.tokens;
  if (auto attention = dyn_cast<AttentionOp>(user))
    if (std::optional<uint64_t> window = attention.getWindow())
      return std::min<int64_t>(all, *window + workload.tokens - 1);
  return all;
}

/// Pairs of a row and a position that it sees: a causal row sees none behind
/// its own.
int64_t CostModel::pairs(Value history, Operation *user, Dimension rows) const {
  int64_t count = rows.isStatic()                ? rows.getSize()
                  : rows.isSymbol(rowsDimension) ? workload.rows
                                                 : workload.tokens;
  auto function = user->getParentOfType<func::FuncOp>();
  bool isCausal = function && function->hasAttr(causalAttribute) &&
                  !isOfSource(history, user);
  int64_t last = workload.past + workload.tokens, sum = 0;
  int64_t window = std::numeric_limits<int64_t>::max();
  if (auto attention = dyn_cast<AttentionOp>(user))
    window = attention.getWindow().value_or(window);
  if (!isCausal)
    return count * std::min(positions(history, user), window);
  // The rows asked for are the last ones.
  for (int64_t seen = std::max<int64_t>(last - count, 0) + 1; seen <= last;
       ++seen)
    sum += std::min(seen, window);
  return sum;
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

/// Whether compiling makes the value.
bool CostModel::isStored(Value value) {
  auto [entry, isNew] = stored.try_emplace(value, false);
  if (!isNew)
    return entry->second;
  Operation *op = value.getDefiningOp();
  auto type = dyn_cast<NamedTensorType>(value.getType());
  bool result = op && op->getNumRegions() == 0 && isPure(op) &&
                (!type || type.hasStaticShape()) &&
                (isa<WeightOp, ParameterLoadOp, LayerNumberOp>(op) ||
                 llvm::all_of(op->getOperands(), [&](Value operand) {
                   return isStored(operand);
                 }));
  return stored[value] = result;
}

/// The names of `value` within the kernel `user`, or itself.
static SmallVector<std::pair<Value, Operation *>> namesWithin(Value value,
                                                              Operation *user) {
  SmallVector<std::pair<Value, Operation *>> names;
  if (!isa<RowGroupOp, LinearGroupOp>(user))
    return {{value, user}};
  Block &body = user->getRegion(0).front();
  for (auto [index, operand] : llvm::enumerate(user->getOperands()))
    if (operand == value)
      for (Operation *inner : body.getArgument(index).getUsers())
        names.emplace_back(body.getArgument(index), inner);
  return names;
}

/// What `user` reads of one of its operands.
int64_t CostModel::readBytes(Value value, Operation *user) const {
  if (auto history = dyn_cast<HistoryType>(value.getType()))
    return positions(value, user) * history.getRowBytes();
  int64_t whole = bytes(value.getType()), parts = 0;
  if (auto gather = dyn_cast<PackedGatherOp>(user);
      gather && gather.getWeight() == value) {
    auto weight = cast<PackedType>(value.getType());
    int64_t column = weight.getPanelBytes() / weight.getLayout().getColumns();
    return std::min(whole, elements(gather.getIndex().getType()) * column);
  }
  for (auto [name, inner] : namesWithin(value, user)) {
    auto gather = dyn_cast<GatherOp>(inner);
    bool isPart = isa<SliceOp>(inner) || (gather && gather.getTable() == name &&
                                          gather.getIndex() != name);
    if (!isPart)
      return whole;
    parts += bytes(inner->getResult(0).getType());
  }
  return std::min(whole, parts);
}

int64_t CostModel::writtenBytes(Operation *op) const {
  int64_t sum = 0;
  for (Type type : op->getResultTypes())
    sum += bytes(type);
  auto append = [&](CacheAppendOp write) {
    NamedTensorType rows = write.getRows().getType();
    HistoryType type = write.getType();
    sum += elements(rows) / (type.getHeads() * type.getWidth()) *
           type.getRowBytes();
  };
  if (auto write = dyn_cast<CacheAppendOp>(op))
    append(write);
  else
    op->walk(append);
  if (auto store = dyn_cast<CacheStoreOp>(op))
    sum += bytes(store.getValue().getType());
  return sum;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// A function that has a name costs what its primitive form does.
int64_t CostModel::operationsOf(CompositeOpInterface composite) const {
  Block primitives;
  OpBuilder builder(composite.getContext());
  builder.setInsertionPointToStart(&primitives);
  composite.decompose(builder);
  int64_t sum = 0;
  for (Operation &op : primitives)
    sum += operations(&op);
  return sum;
}

int64_t CostModel::operationsIn(Region &region) const {
  int64_t sum = 0;
  for (Operation &op : region.front())
    sum += operations(&op);
  return sum;
}

int64_t CostModel::operations(Operation *op) const {
  auto widthOf = [](Value value, int64_t axisFromEnd) {
    auto type = cast<NamedTensorType>(value.getType());
    return type.getDim(type.getRank() - axisFromEnd);
  };
  if (auto attention = dyn_cast<AttentionOp>(op)) {
    Dimension rows = attention.getQuery().getType().getDim(0);
    int64_t scores =
        attention.getHeads() * pairs(attention.getKeys(), op, rows);
    int64_t all = std::max<int64_t>(elements(attention.getScoreType()), 1);
    // Scores, softmax (largest, difference, exponential, sum, division), and
    // the sum of values; of the region, what is done to each score.
    return scores * (2 * attention.getKeys().getType().getWidth() + 5 +
                     2 * attention.getValues().getType().getWidth() +
                     operationsIn(attention.getScoreRegion()) / all);
  }
  if (isa<RowGroupOp, LinearGroupOp>(op))
    return operationsIn(op->getRegion(0));
  if (auto composite = dyn_cast<CompositeOpInterface>(op))
    return operationsOf(composite);
  if (isa<ReduceOp>(op))
    return elements(op->getOperand(0).getType());
  if (op->getNumResults() != 1 || isa<IotaOp>(op))
    return 0;
  int64_t results = elements(op->getResult(0).getType());
  if (auto linear = dyn_cast<LinearOp>(op))
    return 2 * results * linear.getWeight().getType().getInputs();
  if (isa<MatmulOp>(op)) {
    Dimension inner = widthOf(op->getOperand(0), 1);
    return 2 * results *
           (inner.isStatic()
                ? inner.getSize()
                : elements(NamedTensorType::get(
                      {inner}, Float32Type::get(op->getContext()))));
  }
  auto ofHistory = [&](Value left, Value history) {
    Dimension heads = widthOf(left, 3);
    int64_t width = cast<HistoryType>(history.getType()).getWidth();
    return 2 * heads.getSize() * width * pairs(history, op, widthOf(left, 2));
  };
  if (auto scores = dyn_cast<AttentionScoresOp>(op))
    return ofHistory(scores.getQuery(), scores.getKeys());
  if (auto values = dyn_cast<AttentionValuesOp>(op))
    return ofHistory(values.getProbability(), values.getValues());
  if (auto relative = dyn_cast<AttentionRelativeOp>(op))
    return 2 * relative.getTable().getType().getDim(2).getSize() * results;
  return isa<ElementwiseOpInterface>(op) ? results : 0;
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

Cost CostModel::of(Block &block) {
  Cost cost;
  for (Operation &op : block)
    cost += of(&op);
  return cost;
}

Cost CostModel::of(Operation *op) {
  if (auto repeat = dyn_cast<RepeatOp>(op))
    return of(*repeat.getBody()) * repeat.getCount();
  if (op->hasTrait<OpTrait::IsTerminator>() ||
      isa<ReshapeOp, CacheHistoryOp, CacheLoadOp, BarrierOp>(op))
    return {};
  if (op->getNumResults() > 0 &&
      llvm::all_of(op->getResults(),
                   [&](Value value) { return isStored(value); }))
    return {};
  Cost cost;
  cost.operations = operations(op);
  cost.written = writtenBytes(op);
  llvm::SmallDenseSet<Value, 8> seen;
  for (Value operand : op->getOperands()) {
    if (!seen.insert(operand).second || operand.getDefiningOp<ConstantOp>())
      continue;
    (isStored(operand) ? cost.weights : cost.read) += readBytes(operand, op);
  }
  return cost;
}
