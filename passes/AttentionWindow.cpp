//===- AttentionWindow.cpp - Sliding windows, proven from masks -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/AttentionWindow.h"
#include "mlir/IR/Builders.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace sinter;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// A mask so low that its exponential is zero beside any score.
constexpr double lowEnough = -1e9;

/// position * row + key * p + constant.
struct Linear {
  double position = 0, key = 0, constant = 0;
};

std::optional<Linear> getLinear(Value value, Value position) {
  if (value == position)
    return Linear{1, 0, 0};
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (auto constant = dyn_cast<ConstantOp>(op))
    return Linear{0, 0, constant.getValue().convertToDouble()};
  if (isa<IotaOp>(op))
    return Linear{0, 1, 0};
  if (!isa<AddOp, SubOp, NegOp, ConvertOp>(op))
    return std::nullopt;
  std::optional<Linear> lhs = getLinear(op->getOperand(0), position);
  if (!lhs || isa<ConvertOp>(op))
    return lhs;
  if (isa<NegOp>(op))
    return Linear{-lhs->position, -lhs->key, -lhs->constant};
  std::optional<Linear> rhs = getLinear(op->getOperand(1), position);
  if (!rhs)
    return std::nullopt;
  double sign = isa<SubOp>(op) ? -1 : 1;
  return Linear{lhs->position + sign * rhs->position,
                lhs->key + sign * rhs->key,
                lhs->constant + sign * rhs->constant};
}

/// What a row sees where a condition holds: keys less than `back` behind its
/// position, and less than `ahead` before it.
struct Band {
  std::optional<int64_t> back, ahead;
};

/// The smallest whole number that `distance <predicate> limit` rules out,
/// `predicate` being lt or le.
std::optional<int64_t> getBound(bool withEqual, double limit) {
  limit = withEqual ? std::floor(limit) + 1 : std::ceil(limit);
  if (!(limit >= 1 && limit < infinity))
    return std::nullopt;
  return int64_t(limit);
}

/// `|position - key| < number`, in any order of the two.
std::optional<Band> getSymmetricBand(Value absolute, Value other,
                                     ComparePredicate predicate,
                                     Value position) {
  auto abs = absolute.getDefiningOp<AbsOp>();
  if (!abs ||
      (predicate != ComparePredicate::lt && predicate != ComparePredicate::le))
    return std::nullopt;
  std::optional<Linear> distance = getLinear(abs.getOperand(), position);
  std::optional<Linear> number = getLinear(other, position);
  if (!distance || !number || number->position != 0 || number->key != 0 ||
      std::fabs(distance->position) != 1 ||
      distance->key != -distance->position || distance->constant != 0)
    return std::nullopt;
  std::optional<int64_t> bound =
      getBound(predicate == ComparePredicate::le, number->constant);
  return bound ? std::optional(Band{bound, bound}) : std::nullopt;
}

std::optional<Band> getBand(CompareOp op, Value position) {
  ComparePredicate predicate = op.getPredicate();
  if (auto band =
          getSymmetricBand(op.getLhs(), op.getRhs(), predicate, position))
    return band;
  bool isTurned =
      predicate == ComparePredicate::gt || predicate == ComparePredicate::ge;
  bool withEqual =
      predicate == ComparePredicate::le || predicate == ComparePredicate::ge;
  if (isTurned)
    if (auto band = getSymmetricBand(
            op.getRhs(), op.getLhs(),
            withEqual ? ComparePredicate::le : ComparePredicate::lt, position))
      return band;
  if (predicate == ComparePredicate::eq || predicate == ComparePredicate::ne)
    return std::nullopt;
  std::optional<Linear> lhs = getLinear(op.getLhs(), position);
  std::optional<Linear> rhs = getLinear(op.getRhs(), position);
  if (!lhs || !rhs)
    return std::nullopt;
  if (isTurned)
    std::swap(lhs, rhs);
  // a * (position - key) + constant < 0, with a = 1 or -1
  double a = lhs->position - rhs->position;
  double constant = lhs->constant - rhs->constant;
  if (std::fabs(a) != 1 || lhs->key - rhs->key != -a)
    return std::nullopt;
  std::optional<int64_t> bound = getBound(withEqual, -constant);
  if (!bound)
    return std::nullopt;
  return a > 0 ? Band{bound, std::nullopt} : Band{std::nullopt, bound};
}

/// What is known of every value of the region where `assumed` is false.
class Outside {
public:
  explicit Outside(CompareOp assumed) { known[assumed.getResult()] = 0; }

  /// Whether the logit is then minus infinity.
  bool hides(AttentionOp attention) {
    for (Operation &op : attention.getBody()->without_terminator())
      if (!known.contains(op.getResult(0)))
        if (std::optional<double> value = compute(&op))
          known[op.getResult(0)] = *value;
    std::optional<double> logit = get(attention.getYielded());
    return logit && *logit <= lowEnough;
  }

private:
  std::optional<double> get(Value value) const {
    auto found = known.find(value);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }

  std::optional<double> compute(Operation *op) const {
    if (auto constant = dyn_cast<ConstantOp>(op))
      return constant.getValue().convertToDouble();
    if (auto select = dyn_cast<SelectOp>(op)) {
      std::optional<double> condition = get(select.getCondition());
      if (!condition)
        return std::nullopt;
      return get(*condition != 0 ? select.getOnTrue() : select.getOnFalse());
    }
    SmallVector<std::optional<double>> operands;
    for (Value operand : op->getOperands())
      operands.push_back(get(operand));
    auto isAny = [&](auto test) {
      return llvm::any_of(operands, [&](auto x) { return x && test(*x); });
    };
    if (isa<AndOp>(op) && isAny([](double x) { return x == 0; }))
      return 0;
    if (isa<OrOp>(op) && isAny([](double x) { return x != 0; }))
      return 1;
    // Scores are finite, and small beside what hides them.
    if (isa<AddOp, MinOp>(op) && isAny([](double x) { return x <= lowEnough; }))
      return -infinity;
    auto elementwise = dyn_cast<ElementwiseOpInterface>(op);
    if (!elementwise || llvm::is_contained(operands, std::nullopt))
      return std::nullopt;
    SmallVector<double> numbers;
    for (std::optional<double> operand : operands)
      numbers.push_back(*operand);
    return elementwise.apply(numbers);
  }

  DenseMap<Value, double> known;
};

} // namespace

bool sinter::deriveWindow(AttentionOp attention, Value position) {
  std::optional<int64_t> window;
  for (CompareOp compare :
       llvm::to_vector(attention.getBody()->getOps<CompareOp>())) {
    std::optional<Band> band = getBand(compare, position);
    if (!band || !band->back || !Outside(compare).hides(attention))
      continue;
    window = std::min(window.value_or(*band->back), *band->back);
    OpBuilder builder(compare);
    Value inside = ConstantOp::create(builder, compare.getLoc(), 1.0,
                                      compare.getType().withShape({}));
    compare.replaceAllUsesWith(inside);
  }
  if (window)
    attention.setWindow(*window);
  return window.has_value();
}

bool sinter::deriveBand(AttentionOp attention, Value argument, Value position) {
  Band all;
  auto narrow = [](std::optional<int64_t> &known,
                   std::optional<int64_t> found) {
    if (found)
      known = std::min(known.value_or(*found), *found);
  };
  for (auto compare : attention.getBody()->getOps<CompareOp>()) {
    std::optional<Band> band = getBand(compare, argument);
    if (!band || !Outside(compare).hides(attention))
      continue;
    narrow(all.back, band->back);
    narrow(all.ahead, band->ahead);
  }
  if (!all.back || !all.ahead || !isa<BlockArgument>(attention.getExtent()))
    return false;
  // Where the function begins: all layers share the value.
  OpBuilder builder(attention.getContext());
  builder.setInsertionPointToStart(
      &attention->getParentOfType<func::FuncOp>().getBody().front());
  Location location = attention.getLoc();
  Value ahead = ConstantOp::create(
      builder, location, double(*all.ahead),
      cast<NamedTensorType>(position.getType()).withShape({}));
  Value end = AddOp::create(builder, location, position, ahead);
  end = MinOp::create(builder, location, attention.getExtent(), end);
  attention.getExtentMutable().assign(end);
  attention.setWindow(*all.back + *all.ahead - 1);
  return true;
}
