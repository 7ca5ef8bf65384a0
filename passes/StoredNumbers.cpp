//===- StoredNumbers.cpp - Weights that are whole numbers already ---------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/StoredNumbers.h"
#include "ir/WeightSource.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sinter;

static StoredNumbers numbersOf(QuantizedType type) {
  return {type.getBits(),  type.getMinimum(), type.getGroup(),
          type.getBlock(), /*axis=*/0,        /*isExact=*/true};
}

/// A type that holds the numbers of both, and whether it does exactly.
static std::pair<QuantizedType, bool> join(QuantizedType left,
                                           QuantizedType right) {
  // One axis: both are inputs.
  StoredNumbers both = *StoredNumbers::join(numbersOf(left), numbersOf(right));
  return {QuantizedType::get(left.getContext(), both.bits, left.getScale(),
                             both.group, both.hasLeast, both.block),
          both.isExact && left.getScale() == right.getScale()};
}

namespace {

/// Follows a matrix to its weights, and the axis of its inputs with it.
class StoredWeights {
public:
  /// `axis` is that of inputs; none: groups are not whole any more.
  void visit(Value value, std::optional<int64_t> axis) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return;
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](WeightOp weight) { add(weight.getStoredAttr(), axis); })
        .Case([&](TransposeOp transpose) {
          if (axis)
            axis = transpose.getPermutation()[*axis];
          visit(transpose.getOperand(), axis);
        })
        .Case([&](ReshapeOp reshape) {
          visit(reshape.getOperand(), axisBefore(reshape, axis));
        })
        .Case([&](SliceOp slice) {
          if (axis == int64_t(slice.getAxis()))
            addCut(slice.getStart(), slice.getStride());
          visit(slice.getOperand(), axis);
        })
        .Case([&](ConcatOp concat) {
          int64_t begin = 0;
          for (Value part : concat.getOperands()) {
            if (axis == int64_t(concat.getAxis())) {
              addCut(begin, /*stride=*/1);
              begin +=
                  cast<NamedTensorType>(part.getType()).getDim(*axis).getSize();
            }
            visit(part, axis);
          }
        })
        .Case([&](ConstantOp) { isExact = false; })
        .Default([&](Operation *op) {
          for (Value operand : op->getOperands())
            visit(operand, std::nullopt);
        });
  }

  std::optional<StoredAs> take() const {
    if (!type)
      return std::nullopt;
    int64_t together = type.getBlock() ? type.getBlock() : type.getGroup();
    bool isWhole =
        llvm::all_of(cuts, [&](int64_t cut) { return cut % together == 0; });
    return StoredAs{isPlain ? QuantizedType() : type, isExact && isWhole,
                    isMixed};
  }

private:
  /// A reshape that leaves the inputs' axis alone keeps groups whole.
  static std::optional<int64_t> axisBefore(ReshapeOp reshape,
                                           std::optional<int64_t> axis) {
    if (!axis)
      return std::nullopt;
    NamedTensorType from = reshape.getOperand().getType(),
                    to = reshape.getType();
    int64_t last = to.getRank() - 1, lastBefore = from.getRank() - 1;
    if (*axis == last && lastBefore >= 0 &&
        from.getDim(lastBefore) == to.getDim(last))
      return lastBefore;
    if (*axis == 0 && lastBefore >= 0 && from.getDim(0) == to.getDim(0))
      return 0;
    return std::nullopt;
  }

  void addCut(int64_t place, int64_t stride) {
    cuts.push_back(place);
    isExact &= stride == 1;
  }

  void add(StoredAttr stored, std::optional<int64_t> axis) {
    if (!stored) {
      isPlain = true;
      return;
    }
    isExact &= stored.getExact() && axis == stored.getAxis();
    isMixed |= stored.getMixed();
    auto other = cast<QuantizedType>(stored.getType());
    if (!type || type == other) {
      type = other;
      return;
    }
    auto [both, holds] = join(type, other);
    type = both;
    isExact &= holds;
    isMixed = true;
  }

  QuantizedType type;
  bool isExact = true, isPlain = false, isMixed = false;
  /// Inputs in which parts begin.
  SmallVector<int64_t> cuts;
};

} // namespace

std::optional<StoredAs> sinter::findStored(Value matrix) {
  StoredWeights weights;
  weights.visit(matrix, /*axis=*/0);
  return weights.take();
}

/// Of an element, its share of scales counted.
static double bitsOf(QuantizedType type) {
  int64_t shared = type.getBlock() ? type.getBlock() : type.getGroup();
  int64_t bytes =
      type.getScaleBytes() + type.getGroupsOfBlock() * type.getFactorBytes();
  return double(type.getBits()) + 8.0 * double(bytes) / double(shared);
}

namespace {

/// Matrices that stand side by side, as numbers of one type; null: plain.
struct SideBySide {
  QuantizedType type;
  /// Whether they keep their numbers.
  bool isExact = false;
  /// Of the one that takes the fewest.
  double leastBits = 0;
  SmallVector<size_t> members;

  bool take(size_t number, QuantizedType other, bool isOtherExact) {
    if (isExact != isOtherExact)
      return false;
    if (type != other) {
      if (!type || !other)
        return false;
      auto [both, holds] = join(type, other);
      double least = std::min(leastBits, bitsOf(other));
      constexpr double most = 1.125;
      if (!holds || bitsOf(both) > most * least)
        return false;
      type = both;
      leastBits = least;
    }
    members.push_back(number);
    return true;
  }
};

} // namespace

SmallVector<SmallVector<size_t>> sinter::groupByType(ArrayRef<Value> matrices) {
  SmallVector<SideBySide> all;
  for (auto [number, matrix] : llvm::enumerate(matrices)) {
    StoredAs found = findStored(matrix).value_or(StoredAs());
    bool isExact = found.type && found.isExact;
    bool isTaken = llvm::any_of(all, [&](SideBySide &each) {
      return each.take(number, found.type, isExact);
    });
    if (!isTaken)
      all.push_back({found.type, isExact, found.type ? bitsOf(found.type) : 0,
                     SmallVector<size_t>{number}});
  }
  SmallVector<SmallVector<size_t>> lists;
  for (SideBySide &each : all)
    lists.push_back(std::move(each.members));
  return lists;
}
