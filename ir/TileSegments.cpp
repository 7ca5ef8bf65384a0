//===- TileSegments.cpp - What becomes of ranges of sums --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/TileSegments.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// Elements of a row, all axes but `axis` multiplied.
static int64_t rowSize(NamedTensorType type, int64_t axis) {
  int64_t size = 1;
  for (int64_t other = 0; other < type.getRank(); ++other)
    if (other != axis) {
      if (type.getDim(other).isSymbol())
        return -1;
      size *= type.getDim(other).getSize();
    }
  return size;
}

/// Whether row n stands behind row n - 1: what is in front of the axis of rows
/// is 1.
static bool isByRows(NamedTensorType type, int64_t axis) {
  for (int64_t other = 0; other < axis; ++other)
    if (!type.getDim(other).isOne())
      return false;
  return true;
}

namespace {

struct Range {
  int64_t begin, size;
  bool operator==(const Range &other) const = default;
};

/// Follows what is made of the sums. A value of a row's elements, in the order
/// of its other axes, is of the columns of one range, in theirs.
class SegmentFinder {
public:
  explicit SegmentFinder(LinearGroupOp group)
      : linear(group.getLinear()), symbol(group.getRows().getSymbol()) {
    Range all{0, linear.getType().getDim(1).getSize()};
    ranges[linear.getResult()] = all;
    for (Operation *op : group.getEpilogue())
      visit(op);
  }

  /// Why the range of `value` is not known, or empty.
  StringRef find(Value value, TileSegment &segment) {
    auto found = ranges.find(value);
    if (found == ranges.end())
      return reasons.lookup(value).empty() ? "a result is made of no sums"
                                           : reasons.lookup(value);
    segment.begin = found->second.begin;
    segment.size = found->second.size;
    collect(value, segment);
    return {};
  }

private:
  int64_t rowAxis(NamedTensorType type) { return type.findSymbol(symbol); }

  void visit(Operation *op) {
    if (isa<CacheAppendOp, ConstantOp>(op))
      return;
    Range range{};
    StringRef reason = follow(op, range);
    if (reason.empty())
      ranges[op->getResult(0)] = range;
    else
      reasons[op->getResult(0)] = reason;
  }

  StringRef follow(Operation *op, Range &range) {
    // What went wrong first is what to say.
    for (Value operand : op->getOperands())
      if (StringRef reason = reasons.lookup(operand); !reason.empty())
        return reason;
    auto source = llvm::find_if(op->getOperands(), [&](Value operand) {
      return ranges.contains(operand);
    });
    if (source == op->getOperands().end())
      return "an operation behind the contraction works on no sums";
    Value operand = *source;
    range = ranges.lookup(operand);
    NamedTensorType from = typeOf(operand), to = typeOf(op->getResult(0));
    int64_t axis = rowAxis(from), newAxis = rowAxis(to);
    if (isa<ReshapeOp>(op))
      return newAxis >= 0 && isByRows(from, axis) && isByRows(to, newAxis)
                 ? ""
                 : "a reshape behind the contraction moves elements between "
                   "rows";
    if (auto transpose = dyn_cast<TransposeOp>(op))
      return followTranspose(transpose, axis);
    if (auto slice = dyn_cast<SliceOp>(op))
      return followSlice(slice, axis, range);
    if (auto rotary = dyn_cast<RotaryOp>(op))
      return followRotary(rotary);
    if (isa<ElementwiseOpInterface>(op))
      return followElementwise(op, operand, range);
    return "an operation behind the contraction needs more than the elements "
           "in its place";
  }

  /// The axis of rows may move, others stay in their order.
  StringRef followTranspose(TransposeOp transpose, int64_t axis) {
    int64_t last = -1;
    for (int64_t from : transpose.getPermutation()) {
      if (from == axis)
        continue;
      if (from < last)
        return "a transposition behind the contraction changes the order "
               "within a row";
      last = from;
    }
    return {};
  }

  /// A range of a range: what is cut is the outermost of more than one.
  StringRef followSlice(SliceOp slice, int64_t axis, Range &range) {
    NamedTensorType type = typeOf(slice.getOperand());
    int64_t inner = 1;
    for (int64_t other = 0; other < type.getRank(); ++other) {
      if (other == axis)
        continue;
      if (other > int64_t(slice.getAxis()))
        inner *= type.getDim(other).getSize();
      else if (other < int64_t(slice.getAxis()) && !type.getDim(other).isOne())
        return "a slice behind the contraction takes part of every head";
    }
    if (int64_t(slice.getAxis()) == axis || slice.getStride() != 1)
      return "a slice behind the contraction takes part of every head";
    range = {range.begin + int64_t(slice.getStart()) * inner,
             int64_t(slice.getSize()) * inner};
    return {};
  }

  StringRef followRotary(RotaryOp rotary) {
    NamedTensorType type = rotary.getType(), angle = typeOf(rotary.getCosine());
    int64_t rank = type.getRank(), width = type.getDim(rank - 1).getSize();
    if (rotary.getKind() != RotaryKind::half_split)
      return "positions turn neighbours, which stand in one vector";
    if (int64_t(rotary.getWidth()) != width)
      return "positions turn part of a head";
    if (!type.getElementType().isF32() || rowAxis(type) == rank - 1)
      return "positions turn elements that are no f32 of a row";
    for (Value value : {rotary.getCosine(), rotary.getSine()})
      if (!isa<BlockArgument>(value))
        return "cosines and sines are made behind the contraction";
    int64_t axis = rowAxis(angle);
    return axis >= 0 && isByRows(angle, axis) &&
                   rowSize(angle, axis) == width / 2
               ? ""
               : "cosines and sines differ from head to head";
  }

  /// Operands beside the sums are of the same place, or one for all.
  StringRef followElementwise(Operation *op, Value operand, Range range) {
    NamedTensorType type = typeOf(op->getResult(0));
    Dimension rows = linear.getType().getDim(0);
    for (Value other : op->getOperands()) {
      if (ranges.contains(other)) {
        if (!(ranges.lookup(other) == range) ||
            typeOf(other).getShape() != type.getShape())
          return "columns of different places are joined";
        continue;
      }
      NamedTensorType of = typeOf(other);
      bool isOne = llvm::all_of(of.getShape(),
                                [](Dimension size) { return size.isOne(); });
      bool isPlaced =
          type.getRank() == 2 && type.getDim(0) == rows &&
          (of.getRank() == 1
               ? of.getDim(0) == type.getDim(1)
               : of.getRank() == 2 && of.getDim(0) == rows &&
                     (of.getDim(1).isOne() || of.getDim(1) == type.getDim(1)));
      Type element = of.getElementType();
      if (!(isOne || isPlaced) || !(element.isF32() || element.isInteger(32)) ||
          !(isa<BlockArgument>(other) || other.getDefiningOp<ConstantOp>()))
        return "an operation behind the contraction works on another shape or "
               "another type of elements";
    }
    // What a cache of bf16 takes.
    bool isRounded = isa<ConvertOp>(op) && type.getElementType().isBF16() &&
                     llvm::all_of(op->getUsers(), llvm::IsaPred<CacheAppendOp>);
    return type.getElementType().isF32() || isRounded
               ? ""
               : "an operation behind the contraction works on another shape "
                 "or another type of elements";
  }

  void collect(Value value, TileSegment &segment) {
    llvm::SmallPtrSet<Operation *, 8> needed;
    SmallVector<Value> pending{value};
    while (!pending.empty()) {
      Operation *op = pending.pop_back_val().getDefiningOp();
      if (op && op != linear && needed.insert(op).second)
        llvm::append_range(pending, op->getOperands());
    }
    for (Operation &op : *linear->getBlock())
      if (needed.contains(&op)) {
        segment.work.push_back(&op);
        if (auto rotary = dyn_cast<RotaryOp>(op))
          segment.rotary = rotary;
        if (!isa<ConstantOp>(op))
          segment.begins[op.getResult(0)] =
              ranges.lookup(op.getResult(0)).begin;
      }
  }

  LinearOp linear;
  StringRef symbol;
  llvm::DenseMap<Value, Range> ranges;
  llvm::DenseMap<Value, StringRef> reasons;
};

} // namespace

/// Whether each segment begins where the one before ends, from the first column
/// to the last.
static bool isDivision(ArrayRef<TileSegment> segments, int64_t columns) {
  int64_t end = 0;
  for (const TileSegment &segment : segments) {
    if (segment.begin != end)
      return false;
    end += segment.size;
  }
  return end == columns;
}

StringRef sinter::findTileSegments(LinearGroupOp group,
                                   SmallVectorImpl<TileSegment> &segments) {
  SegmentFinder finder(group);
  StringRef symbol = group.getRows().getSymbol();
  for (Value given : group.getBody()->getTerminator()->getOperands()) {
    TileSegment segment;
    segment.given = given;
    segment.write = given.getDefiningOp<CacheAppendOp>();
    Value rows = segment.write ? Value(segment.write.getRows()) : given;
    if (StringRef reason = finder.find(rows, segment); !reason.empty())
      return reason;
    NamedTensorType type = typeOf(rows);
    bool isRounded = segment.write && type.getElementType().isBF16();
    if (!(type.getElementType().isF32() || isRounded) ||
        !isByRows(type, type.findSymbol(symbol)))
      return "rows of a result do not stand behind one another";
    if (llvm::count_if(segment.work,
                       [](Operation *op) { return isa<RotaryOp>(op); }) > 1)
      return "positions turn a range twice";
    segments.push_back(segment);
  }
  llvm::sort(segments, [](const TileSegment &left, const TileSegment &right) {
    return left.begin < right.begin;
  });
  if (!isDivision(segments, group.getLinear().getType().getDim(1).getSize()))
    return "the results are not made of a range of columns each";
  // What is made before the contraction is in memory of the thread's own.
  if (group.hasPrologue())
    for (Operation *op : group.getEpilogue())
      if (llvm::is_contained(op->getOperands(), group.getContractionInput()))
        return "an operation behind the contraction needs what is made before "
               "it";
  return {};
}

/// Of one whose halves positions turn.
static int64_t widthOfHead(const TileSegment &segment) {
  RotaryOp rotary = segment.rotary;
  return rotary.getWidth();
}

PanelsAttr sinter::layoutForSegments(ArrayRef<TileSegment> segments,
                                     PanelsAttr layout) {
  int64_t columns = layout.getColumns();
  const auto *turned = llvm::find_if(segments, [](const TileSegment &segment) {
    return bool(segment.rotary);
  });
  if (turned == segments.end())
    return PanelsAttr::get(layout.getContext(), columns, layout.getDepth());
  // A narrower panel still has a vector of each half on every machine.
  constexpr int64_t widestVector = 16;
  int64_t half = widthOfHead(*turned) / 2;
  if (half % (columns / 2) != 0 && half % widestVector == 0 &&
      columns / 4 == widestVector)
    columns /= 2;
  return PanelsAttr::get(layout.getContext(), columns, layout.getDepth(),
                         /*parts=*/2, 2 * half);
}

StringRef sinter::whyNotInPanels(ArrayRef<TileSegment> segments,
                                 PanelsAttr layout) {
  int64_t parts = layout.getParts(), span = layout.getSpan();
  int64_t share = layout.getColumns() / parts;
  if (parts > 1 && span == 0)
    return "the group gives more or other than an element for each sum";
  if (parts > 1 && span / parts % share != 0)
    return "half a head is no multiple of half a panel's columns";
  for (const TileSegment &segment : segments) {
    if (segment.rotary && (parts != 2 || widthOfHead(segment) != span))
      return "halves of a head stand in different panels";
    int64_t unit = parts > 1 ? span : layout.getColumns();
    // The last columns of all may be fewer than a panel has.
    if (segment.begin % unit != 0 || (parts > 1 && segment.size % unit != 0))
      return "two results have columns in one panel";
  }
  return {};
}
