//===- RowsView.cpp - An operand of attention as rows of a cache *- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/RowsView.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

FailureOr<RowsView> RowsView::match(Operation *user, Value operand,
                                    int64_t rowAxis, int64_t widthAxis,
                                    ArrayRef<Dimension> batch) {
  NamedTensorType type = typeOf(operand);
  RowsView view;
  view.operand = view.source = operand;
  view.factors.push_back({/*size=*/1, /*shared=*/false});
  auto newFactor = [&](int64_t size, bool shared) -> Factors {
    if (size == 1)
      return {};
    view.factors.push_back({size, shared});
    return {unsigned(view.factors.size() - 1)};
  };

  view.sourceAxes.resize(type.getRank());
  view.sourceAxes[rowAxis] = {0};
  view.width = newFactor(type.getDim(widthAxis).getSize(), false);
  view.sourceAxes[widthAxis] = view.width;
  // The operand's axes before the last two, aligned with the contraction's.
  int64_t missing = int64_t(batch.size()) - (type.getRank() - 2);
  for (auto [index, dim] : llvm::enumerate(batch)) {
    if (!dim.isStatic())
      return user->emitOpError() << "attends to the past with an axis " << dim
                                 << " among its heads: this is not built";
    int64_t axis = int64_t(index) - missing;
    bool shared = axis < 0 || type.getDim(axis) != dim;
    Factors factor = newFactor(dim.getSize(), shared);
    llvm::append_range(view.heads, factor);
    if (!shared)
      view.sourceAxes[axis] = factor;
  }
  view.operandAxes = view.sourceAxes;
  if (!view.isWellFormed())
    return user->emitOpError(
        "query heads that share a head of keys or values do not stand next to "
        "one another: this is not built");
  while (view.walkBack())
    ;
  return view;
}

bool RowsView::isWellFormed() const {
  // Shared factors come last among the heads: query head h reads head h /
  // group.
  bool shared = false;
  for (unsigned factor : heads) {
    if (shared && !factors[factor].shared)
      return false;
    shared = factors[factor].shared;
  }
  return !factors[0].shared &&
         llvm::none_of(width, [&](unsigned f) { return factors[f].shared; });
}

void RowsView::share(const Factors &axis) {
  for (unsigned factor : axis)
    factors[factor].shared = true;
}

bool RowsView::walkBack() {
  Operation *op = source.getDefiningOp();
  RowsView next = *this;
  if (auto transpose = dyn_cast_or_null<TransposeOp>(op)) {
    for (auto [axis, from] : llvm::enumerate(transpose.getPermutation()))
      next.sourceAxes[from] = sourceAxes[axis];
    next.source = transpose.getOperand();
  } else if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op)) {
    NamedTensorType from = broadcast.getOperand().getType();
    int64_t added = broadcast.getType().getRank() - from.getRank();
    next.sourceAxes.assign(from.getRank(), {});
    for (int64_t axis = 0; axis < broadcast.getType().getRank(); ++axis) {
      if (axis < added ||
          from.getDim(axis - added) != broadcast.getType().getDim(axis))
        next.share(sourceAxes[axis]);
      else
        next.sourceAxes[axis - added] = sourceAxes[axis];
    }
    next.source = broadcast.getOperand();
  } else if (auto reshape = dyn_cast_or_null<ReshapeOp>(op)) {
    if (!next.walkReshape(reshape))
      return false;
    next.source = reshape.getOperand();
  } else {
    return false;
  }
  if (!next.isWellFormed())
    return false;
  *this = std::move(next);
  return true;
}

unsigned RowsView::split(unsigned factor, int64_t outer) {
  unsigned inner = factors.size();
  factors.push_back({factors[factor].size / outer, factors[factor].shared});
  factors[factor].size = outer;
  auto insertBehind = [&](Factors &list) {
    auto *position = llvm::find(list, factor);
    if (position != list.end())
      list.insert(position + 1, inner);
  };
  for (Factors &axis : sourceAxes)
    insertBehind(axis);
  for (Factors &axis : operandAxes)
    insertBehind(axis);
  insertBehind(heads);
  insertBehind(width);
  return inner;
}

/// Deals the factors of the reshape's result out to the axes of its operand:
/// [6] of factors (6) from [2, 3] gives (2), (3).
bool RowsView::walkReshape(ReshapeOp reshape) {
  Factors rest;
  for (const Factors &axis : sourceAxes)
    llvm::append_range(rest, axis);
  std::reverse(rest.begin(), rest.end()); // the next one stands at the back
  SmallVector<Factors> axes;
  for (Dimension dim : reshape.getOperand().getType().getShape()) {
    Factors &axis = axes.emplace_back();
    if (dim.isSymbol()) {
      if (rest.empty() || rest.back() != 0)
        return false;
      axis.push_back(rest.pop_back_val());
      continue;
    }
    int64_t size = dim.getSize();
    while (size > 1) {
      if (rest.empty() || rest.back() == 0)
        return false;
      unsigned factor = rest.pop_back_val();
      int64_t have = factors[factor].size;
      if (size % have != 0) {
        if (have % size != 0)
          return false;
        rest.push_back(split(factor, size));
        have = size;
      }
      axis.push_back(factor);
      size /= have;
    }
  }
  if (!rest.empty())
    return false;
  sourceAxes = std::move(axes);
  return true;
}

int64_t RowsView::product(const Factors &list, bool sharedToo) const {
  int64_t result = 1;
  for (unsigned factor : list)
    if (sharedToo || !factors[factor].shared)
      result *= factors[factor].size;
  return result;
}

RowsView::Factors RowsView::stored(const Factors &list) const {
  Factors result;
  for (unsigned factor : list)
    if (!factors[factor].shared)
      result.push_back(factor);
  return result;
}

int64_t RowsView::getRowAxis() const {
  return llvm::find_if(
             sourceAxes,
             [](const Factors &axis) { return llvm::is_contained(axis, 0u); }) -
         sourceAxes.begin();
}

int64_t RowsView::getHeads() const { return product(heads, false); }
int64_t RowsView::getWidth() const { return product(width, false); }
Type RowsView::getElementType() const {
  return typeOf(source).getElementType();
}

HistoryType RowsView::getHistoryType() const {
  return HistoryType::get(source.getContext(), getHeads(), getWidth(),
                          getElementType());
}

bool RowsView::isSourceInOrder() const {
  NamedTensorType type = typeOf(source);
  return sourceAxes.size() == 3 && sourceAxes[0] == Factors{0} &&
         sourceAxes[1] == stored(heads) && sourceAxes[2] == width &&
         type.getDim(1) == Dimension::get(type.getContext(), getHeads());
}

bool RowsView::hasSameRows(const RowsView &other) const {
  // The order of the source's elements within a row decides.
  auto order = [](const RowsView &view) {
    Factors inSource, inRow = view.stored(view.heads);
    llvm::append_range(inRow, view.width);
    for (const Factors &axis : view.sourceAxes)
      llvm::append_range(inSource, axis);
    SmallVector<std::pair<int64_t, int64_t>> result;
    for (unsigned factor : inRow)
      result.emplace_back(llvm::find(inSource, factor) - inSource.begin(),
                          view.factors[factor].size);
    return result;
  };
  return source == other.source && getHeads() == other.getHeads() &&
         getWidth() == other.getWidth() && order(*this) == order(other);
}

/// Reshapes `value` to one axis a factor, in `from`'s order, then puts them
/// into `to`'s order.
template <typename SizeOf>
static Value reorder(OpBuilder &builder, Location location, Value value,
                     ArrayRef<unsigned> from, ArrayRef<unsigned> to,
                     Dimension rows, SizeOf sizeOf) {
  SmallVector<Dimension> shape;
  SmallVector<int64_t> permutation;
  for (unsigned factor : from)
    shape.push_back(factor == 0
                        ? rows
                        : Dimension::get(builder.getContext(), sizeOf(factor)));
  for (unsigned factor : to)
    permutation.push_back(llvm::find(from, factor) - from.begin());
  Value split = builder.createOrFold<ReshapeOp>(
      location, typeOf(value).withShape(shape), value);
  if (llvm::is_sorted(permutation))
    return split;
  return TransposeOp::create(builder, location, split, permutation);
}

Value RowsView::buildRows(OpBuilder &builder, Location location,
                          Value value) const {
  Dimension rows = typeOf(value).getDim(getRowAxis());
  Factors from, to{0};
  for (const Factors &axis : sourceAxes)
    llvm::append_range(from, axis);
  llvm::append_range(to, stored(heads));
  llvm::append_range(to, width);
  Value ordered = reorder(builder, location, value, from, to, rows,
                          [&](unsigned f) { return factors[f].size; });
  MLIRContext *context = builder.getContext();
  return builder.createOrFold<ReshapeOp>(
      location,
      typeOf(value).withShape({rows, Dimension::get(context, getHeads()),
                               Dimension::get(context, getWidth())}),
      ordered);
}

Value RowsView::buildOperand(OpBuilder &builder, Location location,
                             Value rows) const {
  Dimension rowDimension = typeOf(rows).getDim(0);
  MLIRContext *context = builder.getContext();
  Factors from{0}, to;
  llvm::append_range(from, stored(heads));
  llvm::append_range(from, width);
  for (const Factors &axis : operandAxes)
    llvm::append_range(to, stored(axis));
  Value value = reorder(builder, location, rows, from, to, rowDimension,
                        [&](unsigned f) { return factors[f].size; });
  // One axis a factor, shared ones as 1, then stretched, then joined.
  SmallVector<Dimension> narrow, wide;
  for (const Factors &axis : operandAxes)
    for (unsigned factor : axis) {
      Dimension size = factor == 0
                           ? rowDimension
                           : Dimension::get(context, factors[factor].size);
      wide.push_back(size);
      narrow.push_back(factors[factor].shared ? Dimension::get(context, 1)
                                              : size);
    }
  value = builder.createOrFold<ReshapeOp>(
      location, typeOf(value).withShape(narrow), value);
  value = builder.createOrFold<BroadcastOp>(
      location, typeOf(value).withShape(wide), value);
  SmallVector<Dimension> shape = typeOf(operand).getShape();
  for (auto [dim, axis] : llvm::zip(shape, operandAxes))
    if (llvm::is_contained(axis, 0u))
      dim = rowDimension;
  return builder.createOrFold<ReshapeOp>(location,
                                         typeOf(value).withShape(shape), value);
}
