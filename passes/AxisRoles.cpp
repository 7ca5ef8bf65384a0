//===- AxisRoles.cpp - What the axes of a sequence stand for ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/AxisRoles.h"
#include "passes/Names.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

static bool has(const Roles &roles, Role role) {
  return llvm::is_contained(roles, role);
}

FailureOr<RoleAnalysis> RoleAnalysis::run(func::FuncOp function) {
  RoleAnalysis analysis;
  Block &body = function.getBody().front();
  if (failed(analysis.findSequence(function)))
    return failure();
  for (BlockArgument argument : body.getArguments())
    analysis.dependent.insert(argument);
  analysis.findDependent(body);
  if (failed(analysis.analyze(body)))
    return failure();
  return analysis;
}

LogicalResult RoleAnalysis::findSequence(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments()) {
    auto input = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                       inputAttributeName);
    auto type = dyn_cast<NamedTensorType>(argument.getType());
    bool isNumbers = input && input.getValue() == featuresInput;
    bool isFit =
        input && type && type.getRank() > 0 && type.getDim(0).isSymbol() &&
        (isNumbers
             ? type.getElementType().isF32() &&
                   llvm::all_of(llvm::drop_begin(type.getShape()),
                                [](Dimension dim) { return dim.isStatic(); })
             : type.getRank() == 1 && type.getElementType().isInteger(32));
    if (!isFit)
      return function.emitError()
             << "argument " << argument.getArgNumber() << " of @"
             << function.getName() << " must be a tensor<"
             << (isNumbers ? "[T, .., n], f32" : "[T], i32") << "> with `"
             << inputAttributeName << "`, not " << argument.getType();
    StringRef symbol = type.getDim(0).getSymbol();
    if (input.getValue() == tokenInput || isNumbers)
      sequence = symbol;
    else if (input.getValue() != segmentInput)
      return function.emitError() << "@" << function.getName()
                                  << " sees a whole sequence: it cannot take '"
                                  << input.getValue() << "'";
  }
  if (sequence.empty())
    return function.emitError()
           << "@" << function.getName() << " has no argument with `"
           << inputAttributeName << " = \"token\"`";
  for (BlockArgument argument : function.getArguments())
    if (!typeOf(argument).getDim(0).isSymbol(sequence))
      return function.emitError()
             << "arguments of @" << function.getName()
             << " are of different lengths: " << typeOf(argument).getDim(0)
             << " and " << sequence;
  return success();
}

void RoleAnalysis::findDependent(Block &block) {
  for (Operation &op : block) {
    if (auto repeat = dyn_cast<RepeatOp>(op)) {
      // What layers carry is the model's state: taking it as dependent on the
      // tokens is never wrong.
      for (Value carried : repeat.getCarried())
        dependent.insert(carried);
      findDependent(*repeat.getBody());
      for (Value result : repeat.getResults())
        dependent.insert(result);
      continue;
    }
    if (isa<CacheLoadOp>(op) ||
        llvm::any_of(op.getOperands(),
                     [&](Value operand) { return isDependent(operand); }))
      for (Value result : op.getResults())
        dependent.insert(result);
  }
}

ArrayRef<Roles> RoleAnalysis::getNeeds(Value value) const {
  auto found = needs.find(value);
  return found == needs.end() ? ArrayRef<Roles>() : found->second;
}

Roles RoleAnalysis::getRowRoles(Value value) const {
  Roles roles;
  for (Dimension dim : typeOf(value).getShape())
    roles.push_back(dim.isStatic()           ? Role::None
                    : dim.isSymbol(sequence) ? Role::Query
                                             : Role::Source);
  return roles;
}

LogicalResult RoleAnalysis::needRows(Operation *user, Value value) {
  Roles roles = getRowRoles(value);
  if (llvm::count(roles, Role::Query) > 1)
    return user->emitOpError()
           << "hands on " << value.getType()
           << ", which has a row for each pair of positions: this is not built";
  return need(user, value, roles);
}

LogicalResult RoleAnalysis::need(Operation *user, Value value,
                                 const Roles &roles) {
  if (!isa<NamedTensorType>(value.getType()))
    return success();
  bool past = has(roles, Role::Key) || has(roles, Role::Source);
  if (past && !has(roles, Role::Query) && isDependent(value)) {
    if (auto reduce = dyn_cast<ReduceOp>(user))
      return reduce.emitOpError()
             << "makes one of all positions of the sequence, with no row to "
                "stand in: pooling is not built";
    return user->emitOpError()
           << "uses " << value.getType()
           << " of all positions at once; only a matrix product of attention "
              "may: this is not built";
  }
  if (llvm::count(roles, Role::Key) + llvm::count(roles, Role::Source) > 1)
    return user->emitOpError()
           << "uses " << value.getType()
           << " with two axes of past positions: this is not built";
  SmallVector<Roles, 1> &known = needs[value];
  if (!llvm::is_contained(known, roles))
    known.push_back(roles);
  return success();
}

/// The roles of an operand that broadcasts into a result.
static Roles alignAtEnd(const Roles &roles, NamedTensorType type) {
  Roles result(type.getRank(), Role::None);
  int64_t missing = int64_t(roles.size()) - type.getRank();
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.getDim(axis).isSymbol())
      result[axis] = roles[axis + missing];
  return result;
}

SmallVector<Roles> RoleAnalysis::getOperandRoles(Operation *op,
                                                 const Roles &roles) const {
  SmallVector<Roles> result(op->getNumOperands());
  auto positions = [&](Dimension dim) {
    return dim.isStatic()           ? Role::None
           : dim.isSymbol(sequence) ? Role::Key
                                    : Role::Source;
  };
  if (isa<ElementwiseOpInterface, BroadcastOp>(op)) {
    for (auto [index, operand] : llvm::enumerate(op->getOperands()))
      result[index] = alignAtEnd(roles, typeOf(operand));
  } else if (isa<SliceOp, ConcatOp>(op)) {
    llvm::fill(result, roles);
  } else if (auto transpose = dyn_cast<TransposeOp>(op)) {
    result[0].assign(roles.size(), Role::None);
    for (auto [axis, from] : llvm::enumerate(transpose.getPermutation()))
      result[0][from] = roles[axis];
  } else if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    // Named axes stand in the same order on both sides.
    SmallVector<Role> named;
    for (auto [axis, dim] : llvm::enumerate(reshape.getType().getShape()))
      if (dim.isSymbol())
        named.push_back(roles[axis]);
    unsigned next = 0;
    for (Dimension dim : reshape.getOperand().getType().getShape())
      result[0].push_back(dim.isSymbol() ? named[next++] : Role::None);
  } else if (auto reduce = dyn_cast<ReduceOp>(op)) {
    result[0] = roles;
    result[0][reduce.getAxis()] =
        positions(reduce.getOperand().getType().getDim(reduce.getAxis()));
  } else if (auto gather = dyn_cast<GatherOp>(op)) {
    int64_t indexRank = gather.getIndex().getType().getRank();
    result[0] = {Role::None};
    llvm::append_range(result[0], ArrayRef(roles).drop_front(indexRank));
    result[1] = Roles(ArrayRef(roles).take_front(indexRank));
  } else if (auto matmul = dyn_cast<MatmulOp>(op)) {
    NamedTensorType lhs = matmul.getLhs().getType(),
                    rhs = matmul.getRhs().getType();
    Role inner = positions(rhs.getDim(rhs.getRank() - 2));
    Roles aligned = roles;
    aligned.back() = inner;
    result[0] = alignAtEnd(aligned, lhs);
    aligned.back() = roles.back();
    aligned[aligned.size() - 2] = inner;
    result[1] = alignAtEnd(aligned, rhs);
  }
  return result;
}

FailureOr<std::optional<Attention>>
RoleAnalysis::matchAttention(MatmulOp op, const Roles &roles) const {
  NamedTensorType lhs = op.getLhs().getType(), rhs = op.getRhs().getType();
  SmallVector<Roles> operandRoles = getOperandRoles(op, roles);
  auto isPast = [&](Value value, const Roles &roles) {
    return isDependent(value) && !has(roles, Role::Query) &&
           (has(roles, Role::Key) || has(roles, Role::Source));
  };
  bool onLeft = isPast(op.getLhs(), operandRoles[0]);
  bool onRight = isPast(op.getRhs(), operandRoles[1]);
  if (!onLeft && !onRight)
    return std::optional<Attention>();
  if (onLeft && onRight)
    return op.emitOpError(
        "sums over all positions of the sequence with no row to stand in: a "
        "state of the whole sequence is not built");

  // As if the past always stood on the right.
  NamedTensorType past = onLeft ? lhs : rhs;
  const Roles &pastRoles = operandRoles[onLeft ? 0 : 1];
  int64_t contracted = onLeft ? past.getRank() - 1 : past.getRank() - 2;
  int64_t kept = onLeft ? past.getRank() - 2 : past.getRank() - 1;
  bool isScores = pastRoles[kept] != Role::None;
  int64_t rowAxis = isScores ? kept : contracted;
  if (pastRoles[rowAxis] == Role::None)
    return op.emitOpError(
        "has past positions among the axes that are multiplied one by one: "
        "this is not built");
  Role role = pastRoles[rowAxis];
  Value present = onLeft ? op.getRhs() : op.getLhs();
  Roles presentRoles = operandRoles[onLeft ? 1 : 0];
  int64_t presentRow =
      int64_t(presentRoles.size()) - (onLeft ? 1 : 2); // beside the contraction
  if (presentRoles[presentRow] != Role::Query)
    return op.emitOpError(
        "looks at all positions of the sequence, but not for a row of each: "
        "this is not built");

  SmallVector<Dimension> batch = op.getType().getShape();
  batch.pop_back_n(2);
  FailureOr<RowsView> view =
      RowsView::match(op, onLeft ? op.getLhs() : op.getRhs(), rowAxis,
                      isScores ? contracted : kept, batch);
  if (failed(view))
    return failure();
  if (role == Role::Source &&
      (!view->getSource().getDefiningOp<CacheLoadOp>() ||
       !view->isSourceInOrder()))
    return op.emitOpError("attends to the source, but not to rows that the "
                          "encoder keeps: run split-source before");
  return std::optional<Attention>(Attention{
      isScores, onLeft, role == Role::Source, *view, present, presentRoles});
}

FailureOr<RelativeScores>
RoleAnalysis::matchRelative(TakeOp op, const Roles &roles) const {
  auto product = op.getRows().getDefiningOp<MatmulOp>();
  if (!product || isDependent(product.getRhs()) ||
      typeOf(product.getLhs()).getRank() != 3 ||
      typeOf(product.getRhs()).getRank() != 3)
    return op.emitOpError("takes elements of what is no product of rows of "
                          "heads with a table of each head: this is not built");
  if (isDependent(op.getIndex()) || has(roles, Role::Source))
    return op.emitOpError("takes elements by what depends on the tokens, or of "
                          "a source: this is not built");
  RelativeScores found;
  found.rows = product.getLhs();
  found.table = product.getRhs();
  found.rowRoles = {Role::None, roles[1], Role::None};
  found.indexRoles = {roles[1], roles[2]};
  if (roles[1] == Role::Query)
    return found;
  FailureOr<RowsView> view =
      RowsView::match(op, found.rows, /*rowAxis=*/1, /*widthAxis=*/2,
                      {typeOf(found.rows).getDim(0)});
  if (failed(view))
    return failure();
  found.past = *view;
  return found;
}

LogicalResult RoleAnalysis::analyze(Block &block) {
  for (Operation &op : llvm::reverse(block)) {
    if (isa<func::ReturnOp, CacheStoreOp, YieldOp>(op)) {
      for (Value operand : op.getOperands())
        if (isa<NamedTensorType>(operand.getType()) &&
            failed(needRows(&op, operand)))
          return failure();
    } else if (auto repeat = dyn_cast<RepeatOp>(op)) {
      for (Value init : repeat.getInits())
        if (failed(needRows(repeat, init)))
          return failure();
      if (failed(analyze(*repeat.getBody())))
        return failure();
    } else if (op.getNumResults() == 1) {
      for (const Roles &roles : SmallVector<Roles>(getNeeds(op.getResult(0))))
        if (failed(analyzeOp(&op, roles)))
          return failure();
    } else {
      return op.emitOpError("is not of the math level");
    }
  }
  return success();
}

LogicalResult RoleAnalysis::analyzeOp(Operation *op, const Roles &roles) {
  if (isa<WeightOp, ConstantOp, IotaOp, LayerNumberOp, CacheLoadOp>(op))
    return success();
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    FailureOr<std::optional<Attention>> attention =
        matchAttention(matmul, roles);
    if (failed(attention))
      return failure();
    if (*attention) {
      if (failed(need(op, (*attention)->present, (*attention)->presentRoles)))
        return failure();
      // The past's rows are computed when they are the present.
      return (*attention)->ofSource
                 ? success()
                 : needRows(op, (*attention)->past.getSource());
    }
  } else if (auto take = dyn_cast<TakeOp>(op)) {
    FailureOr<RelativeScores> relative = matchRelative(take, roles);
    if (failed(relative) ||
        failed(need(op, relative->table, Roles(3, Role::None))) ||
        failed(need(op, take.getIndex(), relative->indexRoles)))
      return failure();
    return relative->past ? needRows(op, relative->past->getSource())
                          : need(op, relative->rows, relative->rowRoles);
  } else if (!isa<ElementwiseOpInterface, BroadcastOp, SliceOp, ConcatOp,
                  TransposeOp, ReshapeOp, ReduceOp, GatherOp>(op)) {
    return op->emitOpError("is not of the math level");
  }
  SmallVector<Roles> operandRoles = getOperandRoles(op, roles);
  for (auto [operand, asked] : llvm::zip(op->getOperands(), operandRoles))
    if (failed(need(op, operand, asked)))
      return failure();
  return success();
}
