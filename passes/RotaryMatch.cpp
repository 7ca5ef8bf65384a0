//===- RotaryMatch.cpp - Rotary positions, however written ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every element of the result is written as a sum of elements of the input
// times elements of the angles' functions, whatever slices, concatenations and
// reshapes brought them there. Then the sums are compared with those of a
// rotation.
//
//===----------------------------------------------------------------------===//

#include "passes/RotaryMatch.h"
#include "passes/ElementOrigin.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

namespace {

/// `sign` times an element of the input's row, times element `column` of
/// `factor`'s row, if there is one.
struct Term {
  double sign = 1;
  int64_t element = 0;
  Value factor;
  int64_t column = 0;
};
using Sum = SmallVector<Term, 2>;

/// Ops as sums of terms. A value stands for the elements that it has for one
/// row of the input: behind the leading axes, which are the input's.
class LinearForm {
public:
  explicit LinearForm(Value input)
      : input(input), leading(typeOf(input).getShape()) {
    leading.pop_back();
    std::vector<Sum> &row = forms[input];
    for (int64_t i = 0, e = typeOf(input).getShape().back().getSize(); i < e;
         ++i)
      row.push_back({Term{1, i, {}, 0}});
  }

  /// The value's elements, or null if they are no such sums.
  const std::vector<Sum> *get(Value value);
  /// Whether the input is part of what the value is made of, as far as
  /// rotations go.
  bool dependsOnInput(Value value);
  const SetVector<Operation *> &getOps() const { return ops; }

private:
  bool compute(Operation *op, std::vector<Sum> &form);
  bool addSums(Operation *op, std::vector<Sum> &form);
  bool multiply(Operation *op, std::vector<Sum> &form);
  /// The axes behind the leading ones; nothing if these are not the input's.
  std::optional<SmallVector<int64_t>> trailing(Value value) const;

  Value input;
  SmallVector<Dimension> leading;
  DenseMap<Value, std::vector<Sum>> forms;
  DenseMap<Value, bool> depends;
  SetVector<Operation *> ops;
};

} // namespace

/// What rotations are made of, apart from the angles.
static bool isPart(Operation *op) {
  return op &&
         isa<AddOp, SubOp, MulOp, NegOp, SliceOp, ConcatOp, ReshapeOp>(op);
}

bool LinearForm::dependsOnInput(Value value) {
  if (value == input)
    return true;
  auto known = depends.find(value);
  if (known != depends.end())
    return known->second;
  Operation *op = value.getDefiningOp();
  bool result = isPart(op) && op->getBlock() == input.getParentBlock() &&
                llvm::any_of(op->getOperands(), [&](Value operand) {
                  return dependsOnInput(operand);
                });
  return depends[value] = result;
}

std::optional<SmallVector<int64_t>> LinearForm::trailing(Value value) const {
  SmallVector<Dimension> shape = typeOf(value).getShape();
  if (shape.size() <= leading.size() ||
      ArrayRef(shape).take_front(leading.size()) != ArrayRef(leading))
    return std::nullopt;
  SmallVector<int64_t> sizes;
  for (Dimension dim : ArrayRef(shape).drop_front(leading.size())) {
    if (!dim.isStatic())
      return std::nullopt;
    sizes.push_back(dim.getSize());
  }
  return sizes;
}

const std::vector<Sum> *LinearForm::get(Value value) {
  auto known = forms.find(value);
  if (known != forms.end())
    return known->second.empty() ? nullptr : &known->second;
  Operation *op = value.getDefiningOp();
  std::vector<Sum> form;
  if (!dependsOnInput(value) || !trailing(value) || !compute(op, form))
    form.clear();
  else
    ops.insert(op);
  std::vector<Sum> &stored = forms[value] = std::move(form);
  return stored.empty() ? nullptr : &stored;
}

bool LinearForm::compute(Operation *op, std::vector<Sum> &form) {
  if (isa<AddOp, SubOp>(op))
    return addSums(op, form);
  if (isa<MulOp>(op))
    return multiply(op, form);
  // What follows moves elements about.
  SmallVector<std::vector<Sum>> operands;
  for (Value operand : op->getOperands()) {
    const std::vector<Sum> *sums = get(operand);
    if (!sums)
      return false;
    operands.push_back(*sums);
  }
  int64_t last = typeOf(op->getOperand(0)).getRank() - 1;
  if (isa<NegOp>(op)) {
    form = operands[0];
    for (Sum &sum : form)
      for (Term &term : sum)
        term.sign = -term.sign;
    return true;
  }
  if (isa<ReshapeOp>(op)) {
    form = operands[0];
    return true;
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    int64_t width = trailing(slice.getOperand())->back();
    if (int64_t(slice.getAxis()) != last)
      return false;
    for (size_t first = 0; first < operands[0].size(); first += width)
      for (uint64_t i = 0; i < slice.getSize(); ++i)
        form.push_back(
            operands[0][first + slice.getStart() + i * slice.getStride()]);
    return true;
  }
  auto concat = cast<ConcatOp>(op);
  if (int64_t(concat.getAxis()) != last)
    return false;
  size_t rows = operands[0].size() / trailing(op->getOperand(0))->back();
  for (size_t row = 0; row < rows; ++row)
    for (const std::vector<Sum> &operand : operands) {
      size_t width = operand.size() / rows;
      form.insert(form.end(), operand.begin() + row * width,
                  operand.begin() + (row + 1) * width);
    }
  return true;
}

bool LinearForm::addSums(Operation *op, std::vector<Sum> &form) {
  const std::vector<Sum> *found = get(op->getOperand(0));
  if (!found)
    return false;
  std::vector<Sum> left = *found; // another lookup may move it
  const std::vector<Sum> *right = get(op->getOperand(1));
  if (!right || left.size() != right->size())
    return false;
  for (auto [x, y] : llvm::zip(left, *right)) {
    Sum &sum = form.emplace_back(x);
    for (Term term : y) {
      if (isa<SubOp>(op))
        term.sign = -term.sign;
      sum.push_back(term);
    }
    if (sum.size() > 2)
      return false;
  }
  return true;
}

bool LinearForm::multiply(Operation *op, std::vector<Sum> &form) {
  Value value = op->getOperand(0), factor = op->getOperand(1);
  if (!dependsOnInput(value))
    std::swap(value, factor);
  if (dependsOnInput(factor))
    return false;
  const std::vector<Sum> *sums = get(value);
  std::optional<SmallVector<int64_t>> axes = trailing(value);
  if (!sums || !axes || typeOf(value) != typeOf(op->getResult(0)))
    return false;
  form = *sums;
  if (auto constant = factor.getDefiningOp<ConstantOp>()) {
    for (Sum &sum : form)
      for (Term &term : sum)
        term.sign *= constant.getValue().convertToDouble();
    return true;
  }
  // The factor's rows stand beside the input's.
  if (axes->size() != 1 || typeOf(factor).getRank() == 0 ||
      !typeOf(factor).getShape().back().isStatic())
    return false;
  bool isOne = typeOf(factor).getShape().back().isOne();
  for (auto [column, sum] : llvm::enumerate(form))
    for (Term &term : sum) {
      if (term.factor)
        return false;
      term.factor = factor;
      term.column = isOne ? 0 : column;
    }
  return true;
}

/// Which element makes a pair with element `i`, of `width`, and which pair that
/// is.
static std::pair<int64_t, int64_t> pairOf(RotaryKind kind, int64_t i,
                                          int64_t width) {
  int64_t half = width / 2;
  if (kind == RotaryKind::half_split)
    return {i < half ? i + half : i - half, i % half};
  return {i ^ 1, i / 2};
}

/// Compares a row's sums with those of a rotation.
static std::optional<RotaryMatch> compare(const std::vector<Sum> &row,
                                          RotaryKind kind, int64_t width,
                                          std::string &reason) {
  RotaryMatch match;
  match.kind = kind;
  match.width = width;
  match.columns.resize(width / 2);
  for (int64_t i = 0; i < width; ++i) {
    auto [other, pair] = pairOf(kind, i, width);
    bool isFirst = kind == RotaryKind::half_split ? i < width / 2 : i % 2 == 0;
    const Term *own = nullptr, *turned = nullptr;
    for (const Term &term : row[i]) {
      if (term.element == i)
        own = &term;
      else if (term.element == other)
        turned = &term;
    }
    if (!own || !turned)
      return std::nullopt;
    if (own->sign != 1 || turned->sign != (isFirst ? -1 : 1)) {
      reason = "element " + std::to_string(i) +
               " of a row has another sign than a turned one";
      return std::nullopt;
    }
    if (i == 0) {
      match.cosine = own->factor;
      match.sine = turned->factor;
    }
    if (own->factor != match.cosine || turned->factor != match.sine ||
        own->column != turned->column) {
      reason = "not all elements are multiplied by the same cosines and sines";
      return std::nullopt;
    }
    if (isFirst) {
      match.columns[pair] = own->column;
      continue;
    }
    int64_t column = match.columns[pair];
    if (own->column != column &&
        (!haveOneOrigin(match.cosine, own->column, column) ||
         !haveOneOrigin(match.sine, own->column, column))) {
      reason = "it is not known that both elements of a pair are turned by "
               "one angle";
      return std::nullopt;
    }
  }
  return match;
}

/// Whether rows of `part` may be ranges of those of `whole`.
static bool isRangeOf(NamedTensorType part, NamedTensorType whole) {
  if (part.getRank() == 0 || part.getRank() != whole.getRank() ||
      part.getElementType() != whole.getElementType() ||
      !isa<FloatType>(part.getElementType()))
    return false;
  Dimension size = part.getShape().back(), of = whole.getShape().back();
  return size.isStatic() && of.isStatic() && size.getSize() <= of.getSize() &&
         ArrayRef(part.getShape()).drop_back() ==
             ArrayRef(whole.getShape()).drop_back();
}

/// Counts elements from the first one that is read, and returns that.
static int64_t moveToStart(std::vector<Sum> &row) {
  int64_t start = std::numeric_limits<int64_t>::max();
  for (const Sum &sum : row)
    for (const Term &term : sum)
      start = std::min(start, term.element);
  for (Sum &sum : row)
    for (Term &term : sum)
      term.element -= start;
  return start;
}

/// Inputs of slices behind `root`: what is turned is taken apart.
static void collectInputs(Operation *op, SetVector<Value> &inputs,
                          DenseSet<Operation *> &visited) {
  if (!isPart(op) || !visited.insert(op).second || visited.size() > 32)
    return;
  if (auto slice = dyn_cast<SliceOp>(op))
    inputs.insert(slice.getOperand());
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp())
      if (producer->getBlock() == op->getBlock())
        collectInputs(producer, inputs, visited);
}

std::optional<RotaryMatch> RotaryMatch::find(Operation *root,
                                             std::string &reason,
                                             DenseSet<Operation *> &visited) {
  if (!isa<AddOp, SubOp, ConcatOp, ReshapeOp>(root))
    return std::nullopt;
  Value result = root->getResult(0);
  SetVector<Value> inputs;
  collectInputs(root, inputs, visited);
  for (Value input : inputs) {
    if (!isRangeOf(typeOf(result), typeOf(input)) ||
        input.getParentBlock() != root->getBlock())
      continue;
    LinearForm form(input);
    const std::vector<Sum> *found = form.get(result);
    if (!found)
      continue;
    std::vector<Sum> row = *found;
    int64_t start = moveToStart(row);
    // What stands behind the turned elements stays.
    int64_t width = row.size();
    auto stays = [&](int64_t i) {
      const Sum &sum = row[i];
      return sum.size() == 1 && sum[0].element == i && !sum[0].factor &&
             sum[0].sign == 1;
    };
    while (width > 0 && stays(width - 1))
      --width;
    if (width < 2 || width % 2 != 0)
      continue;
    for (RotaryKind kind : {RotaryKind::half_split, RotaryKind::interleaved}) {
      std::optional<RotaryMatch> match = compare(row, kind, width, reason);
      if (!match || !match->cosine || !match->sine)
        continue;
      match->root = root;
      match->input = input;
      match->start = start;
      match->ops = form.getOps();
      return match;
    }
  }
  return std::nullopt;
}
