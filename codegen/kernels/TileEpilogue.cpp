//===- TileEpilogue.cpp - Row work on sums in registers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/TileEpilogue.h"
#include "codegen/kernels/Elementwise.h"
#include "ir/TileSegments.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/Names.h"

using namespace mlir;
using namespace sinter;

SmallVector<Value> sinter::tileInputs(LinearGroupOp group) {
  SmallVector<Value> inputs;
  for (BlockArgument argument : group.getBody()->getArguments())
    if (isa<NamedTensorType>(argument.getType()) &&
        group.isReadBehind(argument.getArgNumber()))
      inputs.push_back(argument);
  return inputs;
}

/// The elements of an input, [rows, columns] or broadcast to that, at a place.
static Value loadAt(KernelBuilder &b, NamedTensorType type, Value pointer,
                    const TilePlace &place) {
  Type element = type.getElementType();
  Dimension one = Dimension::get(type.getContext(), 1);
  int64_t rank = type.getRank();
  bool byRow = rank == 2 && type.getDim(0) != one;
  bool byColumn = rank > 0 && type.getDim(rank - 1) != one;
  Value offset = b.index(0);
  if (byRow)
    offset = byColumn ? b.mul(place.row, type.getDim(1).getSize()) : place.row;
  if (byColumn)
    offset = b.add(offset, place.column);
  Value from = b.bytesFrom(pointer, b.mul(offset, elementBytes(element)));
  if (!byColumn)
    return loadEverywhere(b, element, from, place.lanes);
  if (place.used == place.lanes && !element.isInteger(1))
    return b.load(b.vectorType(place.lanes, element), from,
                  place.isAligned ? place.lanes * elementBytes(element) : 0);
  SmallVector<bool> mask(place.lanes, false);
  std::fill_n(mask.begin(), place.used, true);
  Value used = arith::ConstantOp::create(
      b, DenseElementsAttr::get(b.vectorType(place.lanes, b.getI1Type()),
                                ArrayRef<bool>(mask)));
  return loadMasked(b, element, from, used);
}

static Value emitConstant(KernelBuilder &b, ConstantOp constant,
                          int64_t lanes) {
  return sinter::emitConstant(b, constant.getValue().convertToDouble(),
                              constant.getType().getElementType(), lanes);
}

namespace {

/// An epilogue on the sums in one place of each of `parts` equal parts of the
/// columns. A value that has an element for each sum is as many vectors as
/// there are parts; any other is one.
class TileWork {
public:
  TileWork(KernelBuilder &b, LinearGroupOp group, const TilePlace &place)
      : b(b), group(group), place(place),
        weight(group.getLinear().getWeight().getType()),
        parts(weight.getLayout().getParts()) {}

  Value run(ValueRange sums, ArrayRef<Value> inputs,
            ArrayRef<Operation *> ops) {
    vectors[group.getLinear().getResult()].assign(sums.begin(), sums.end());
    for (auto [input, pointer] : llvm::zip(inputs, place.extras))
      load(input, pointer);
    for (Operation *op : ops)
      emit(op);
    return vectors.lookup(group.getBody()->getTerminator()->getOperand(0))
        .front();
  }

private:
  bool isWhole(Value value) {
    auto type = cast<NamedTensorType>(value.getType());
    int64_t rank = type.getRank();
    return parts > 1 && rank > 0 &&
           type.getDim(rank - 1) ==
               Dimension::get(type.getContext(), weight.getOutputs());
  }

  void load(Value input, Value pointer) {
    auto type = cast<NamedTensorType>(input.getType());
    for (int64_t part = 0; part < (isWhole(input) ? parts : 1); ++part) {
      TilePlace own = place;
      if (part > 0)
        own.column = b.add(place.column, b.index(part * weight.getPart()));
      vectors[input].push_back(loadAt(b, type, pointer, own));
    }
  }

  void emit(Operation *op) {
    Value result = op->getResult(0);
    SmallVector<Value> made;
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      made.push_back(emitConstant(b, constant, place.lanes));
    } else if (auto slice = dyn_cast<SliceOp>(op)) {
      made.push_back(
          vectors[slice.getOperand()][slice.getStart() / slice.getSize()]);
    } else {
      for (int64_t part = 0; part < (isWhole(result) ? parts : 1); ++part) {
        SmallVector<Value> operands;
        for (Value operand : op->getOperands())
          operands.push_back(vectors[operand][isWhole(operand) ? part : 0]);
        made.push_back(emitElementwise(b, op, operands));
      }
    }
    vectors[result] = std::move(made);
  }

  KernelBuilder &b;
  LinearGroupOp group;
  const TilePlace &place;
  PackedType weight;
  int64_t parts;
  llvm::DenseMap<Value, SmallVector<Value>> vectors;
};

/// What becomes of the sums of one segment in one place of each part, written
/// where it belongs.
class SegmentWork {
public:
  SegmentWork(KernelBuilder &b, const TileSegment &segment,
              const llvm::DenseMap<Value, Value> &inputs, Value destination,
              PackedType weight, const TilePlace &place)
      : b(b), segment(segment), inputs(inputs), destination(destination),
        weight(weight), place(place) {}

  void run(Value sumsOf, ValueRange sums) {
    vectors[sumsOf].assign(sums.begin(), sums.end());
    for (Operation *op : segment.work)
      emit(op);
    CacheAppendOp write = segment.write;
    ArrayRef<Value> rows =
        vectors[write ? Value(write.getRows()) : segment.given];
    Value row = b.mul(write ? cacheRow(write) : place.row, segment.size);
    Value at = b.add(row, columnFrom(segment.begin, /*part=*/0));
    for (auto [part, vector] : llvm::enumerate(rows)) {
      Type element = cast<VectorType>(vector.getType()).getElementType();
      Value to = b.elementsFrom(b.elementsFrom(destination, at, element),
                                int64_t(part) * weight.getPart(), element);
      if (place.isAligned)
        b.store(vector, to, place.lanes * elementBytes(element));
      else
        b.storeFirst(vector, place.used, to);
    }
  }

private:
  /// The first column of a part, counted from a column on.
  Value columnFrom(int64_t begin, int64_t part) {
    return b.add(place.column, b.index(part * weight.getPart() - begin));
  }

  Value cacheRow(CacheAppendOp write) {
    auto cache = SymbolTable::lookupNearestSymbolFrom<CacheOp>(
        write, write.getCacheAttr());
    auto positions =
        cache->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(
            cache.getOfSource() ? sourceContextAttribute : contextAttribute);
    Value sequence =
        b.loadInteger(inputs.lookup(write.getSequence()), place.row);
    Value position =
        b.loadInteger(inputs.lookup(write.getPosition()), place.row);
    return b.add(b.mul(sequence, positions.getInt()), position);
  }

  void emit(Operation *op) {
    Value result = op->getResult(0);
    SmallVector<Value> made;
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      made.push_back(emitConstant(b, constant, place.lanes));
    } else if (isa<SliceOp, ReshapeOp, TransposeOp>(op)) {
      made = vectors[op->getOperand(0)];
    } else if (auto rotary = dyn_cast<RotaryOp>(op)) {
      made = turn(rotary);
    } else {
      for (int64_t part = 0; part < weight.getLayout().getParts(); ++part) {
        SmallVector<Value> operands;
        for (Value operand : op->getOperands())
          operands.push_back(at(operand, segment.begins.lookup(result), part));
        made.push_back(emitElementwise(b, op, operands));
      }
    }
    vectors[result] = std::move(made);
  }

  /// An operand of an elementwise op on columns from `begin` on.
  Value at(Value operand, int64_t begin, int64_t part) {
    if (auto known = vectors.find(operand); known != vectors.end())
      return known->second[known->second.size() == 1 ? 0 : part];
    TilePlace own = place;
    own.column = columnFrom(begin, part);
    return loadAt(b, cast<NamedTensorType>(operand.getType()),
                  inputs.lookup(operand), own);
  }

  /// a * cosine - b * sine, b * cosine + a * sine: of a in one vector and b in
  /// another, or of neighbours in one. A vector is in the part of its head that
  /// is turned, or it is not.
  SmallVector<Value> turn(RotaryOp rotary) {
    ArrayRef<Value> given = vectors[rotary.getOperand()];
    NamedTensorType type = rotary.getType();
    int64_t head = type.getDim(type.getRank() - 1).getSize();
    int64_t width = rotary.getWidth();
    Value place =
        b.rem(columnFrom(segment.begins.lookup(rotary.getResult()), /*part=*/0),
              b.index(head));
    Value isTurned;
    if (width < head) {
      isTurned = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, place,
                                       b.index(width));
      place = arith::SelectOp::create(b, isTurned, place, b.index(0));
    }
    SmallVector<Value> turned =
        rotary.getKind() == RotaryKind::interleaved
            ? turnNeighbours(rotary, given.front(), place)
            : turnHalves(rotary, given, place);
    if (isTurned)
      for (auto [result, before] : llvm::zip(turned, given))
        result = arith::SelectOp::create(b, isTurned, result, before);
    return turned;
  }

  /// The cosines or sines of a row, from one on.
  Value loadAngles(Value angles, int64_t ofRow, Value from, int64_t count) {
    Value offset = b.add(b.mul(place.row, ofRow), from);
    return b.load(
        b.vectorType(count, b.getF32Type()),
        b.elementsFrom(inputs.lookup(angles), offset, b.getF32Type()));
  }

  SmallVector<Value> turnHalves(RotaryOp rotary, ArrayRef<Value> halves,
                                Value from) {
    auto load = [&](Value angles) {
      return loadAngles(angles, rotary.getWidth() / 2, from, place.lanes);
    };
    Value cosine = load(rotary.getCosine()), sine = load(rotary.getSine());
    return {b.sub(b.mul(halves[0], cosine), b.mul(halves[1], sine)),
            b.add(b.mul(halves[1], cosine), b.mul(halves[0], sine))};
  }

  SmallVector<Value> turnNeighbours(RotaryOp rotary, Value pairs, Value from) {
    int64_t lanes = place.lanes;
    SmallVector<int64_t> twice, swapped;
    SmallVector<bool> isFirst;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      twice.push_back(lane / 2);
      swapped.push_back(lane ^ 1);
      isFirst.push_back(lane % 2 == 0);
    }
    Value first = b.div(from, b.index(2));
    auto load = [&](Value angles) -> Value {
      Value once = loadAngles(angles, rotary.getWidth() / 2, first, lanes / 2);
      return vector::ShuffleOp::create(b, once, once, twice);
    };
    Value cosine = load(rotary.getCosine()), sine = load(rotary.getSine());
    Value others = vector::ShuffleOp::create(b, pairs, pairs, swapped);
    Value own = b.mul(pairs, cosine), other = b.mul(others, sine);
    Value mask = arith::ConstantOp::create(
        b, DenseElementsAttr::get(b.vectorType(lanes, b.getI1Type()),
                                  ArrayRef<bool>(isFirst)));
    return {
        arith::SelectOp::create(b, mask, b.sub(own, other), b.add(own, other))};
  }

  KernelBuilder &b;
  const TileSegment &segment;
  const llvm::DenseMap<Value, Value> &inputs;
  Value destination;
  PackedType weight;
  const TilePlace &place;
  llvm::DenseMap<Value, SmallVector<Value>> vectors;
};

} // namespace

/// Results of ranges of columns, each written where it belongs.
static void addSegments(LinearForm &form, LinearGroupOp group) {
  SmallVector<TileSegment> segments;
  findTileSegments(group, segments);
  SmallVector<Value> inputs = tileInputs(group);
  form.extras = inputs.size() + segments.size();
  form.segments = segments.size();
  SmallVector<int64_t> begins;
  for (TileSegment &segment : segments) {
    begins.push_back(segment.begin);
    form.borders.push_back(segment.begin);
    if (RotaryOp rotary = segment.rotary) {
      NamedTensorType type = rotary.getType();
      form.borders.push_back(type.getDim(type.getRank() - 1).getSize());
      form.borders.push_back(rotary.getWidth());
    }
  }
  form.segmentOf = [begins](KernelBuilder &b, Value column) {
    Value number = b.index(0);
    for (int64_t begin : ArrayRef(begins).drop_front())
      number =
          b.add(number, arith::ExtUIOp::create(
                            b, b.indexType(),
                            arith::CmpIOp::create(b, arith::CmpIPredicate::sge,
                                                  column, b.index(begin))));
    return number;
  };
  Value sumsOf = group.getLinear().getResult();
  PackedType weight = group.getLinear().getWeight().getType();
  form.write = [=](KernelBuilder &b, ValueRange parts, const TilePlace &place) {
    llvm::DenseMap<Value, Value> pointers;
    for (auto [input, pointer] : llvm::zip(inputs, place.extras))
      pointers[input] = pointer;
    SegmentWork(b, segments[place.segment], pointers,
                place.extras[inputs.size() + place.segment], weight, place)
        .run(sumsOf, parts);
  };
}

void sinter::addTileEpilogue(LinearForm &form, LinearGroupOp group) {
  if (isSegmented(group))
    return addSegments(form, group);
  SmallVector<Value> inputs = tileInputs(group);
  SmallVector<Operation *> ops = group.getEpilogue();
  form.extras = inputs.size();
  form.resultType =
      cast<NamedTensorType>(group.getResult(0).getType()).getElementType();
  auto work = [=](KernelBuilder &b, ValueRange sums, const TilePlace &place) {
    return TileWork(b, group, place).run(sums, inputs, ops);
  };
  if (group.getLinear().getWeight().getType().getLayout().getParts() > 1) {
    form.join = work;
    return;
  }
  auto finishSum = form.finish;
  form.finish = [=](KernelBuilder &b, Value sum, const TilePlace &place) {
    return work(b, finishSum(b, sum, place), place);
  };
}

std::string sinter::describeTileEpilogue(LinearGroupOp group) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::DenseMap<Value, int64_t> numbers;
  numbers[group.getLinear().getResult()] = 0;
  for (Value input : tileInputs(group)) {
    numbers.try_emplace(input, numbers.size());
    stream << input.getType() << ';';
  }
  for (Operation *op : group.getEpilogue()) {
    stream << op->getName() << op->getAttrDictionary() << '(';
    for (Value operand : op->getOperands())
      stream << numbers.lookup(operand) << ',';
    stream << ')' << op->getResult(0).getType() << ';';
    numbers.try_emplace(op->getResult(0), numbers.size());
  }
  for (Value given : group.getBody()->getTerminator()->getOperands())
    stream << numbers.lookup(given) << ';';
  return text;
}
