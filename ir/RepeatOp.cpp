//===- RepeatOp.cpp - The loop over layers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Sinter.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

/// The operands of each kind: the outer loop's number, what is carried, what
/// says which numbers are left out.
static void setSegments(OperationState &state, bool hasOuter, int32_t inits,
                        bool hasChosen) {
  auto &properties = state.getOrAddProperties<RepeatOp::Properties>();
  properties.operandSegmentSizes = {hasOuter ? 1 : 0, inits, hasChosen ? 1 : 0};
}

void RepeatOp::build(OpBuilder &builder, OperationState &state, int64_t count,
                     ValueRange inits, Value outer) {
  state.getOrAddProperties<Properties>().setCount(
      builder.getI64IntegerAttr(count));
  setSegments(state, bool(outer), inits.size(), /*hasChosen=*/false);
  if (outer)
    state.addOperands(outer);
  state.addOperands(inits);
  state.addTypes(inits.getTypes());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(state.addRegion());
  body->addArgument(builder.getIndexType(), state.location);
  for (Value init : inits)
    body->addArgument(init.getType(), init.getLoc());
}

int64_t RepeatOp::getTotalCount() {
  auto argument = dyn_cast_or_null<BlockArgument>(getOuter());
  auto around = argument
                    ? dyn_cast<RepeatOp>(argument.getOwner()->getParentOp())
                    : RepeatOp();
  return int64_t(getCount()) * (around ? around.getTotalCount() : 1);
}

SmallVector<Region *> RepeatOp::getLoopRegions() { return {&getBodyRegion()}; }

MutableArrayRef<OpOperand> RepeatOp::getInitsMutable() {
  return getInitArgsMutable();
}

Block::BlockArgListType RepeatOp::getRegionIterArgs() { return getCarried(); }

std::optional<MutableArrayRef<OpOperand>> RepeatOp::getYieldedValuesMutable() {
  return cast<YieldOp>(getBody()->getTerminator()).getValuesMutable();
}

std::optional<ResultRange> RepeatOp::getLoopResults() { return getResults(); }

// %r = sinter.repeat %layer in 12 [of %outer] (%x = %init : type, ...)
//      [where_any %c : type] { ... }
ParseResult RepeatOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::Argument layer;
  int64_t count;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  SmallVector<Type> types;
  if (parser.parseArgument(layer) || parser.parseKeyword("in") ||
      parser.parseInteger(count))
    return failure();
  layer.type = parser.getBuilder().getIndexType();
  arguments.push_back(layer);
  bool hasOuter = succeeded(parser.parseOptionalKeyword("of"));
  OpAsmParser::UnresolvedOperand outer;
  if (hasOuter && (parser.parseOperand(outer) ||
                   parser.resolveOperand(outer, layer.type, result.operands)))
    return failure();
  auto parseCarried = [&]() -> ParseResult {
    OpAsmParser::Argument &argument = arguments.emplace_back();
    if (parser.parseArgument(argument) || parser.parseEqual() ||
        parser.parseOperand(inits.emplace_back()) ||
        parser.parseColonType(argument.type))
      return failure();
    types.push_back(argument.type);
    return success();
  };
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                     parseCarried) ||
      parser.resolveOperands(inits, types, location, result.operands))
    return failure();
  bool hasChosen = succeeded(parser.parseOptionalKeyword("where_any"));
  OpAsmParser::UnresolvedOperand chosen;
  Type chosenType;
  if (hasChosen &&
      (parser.parseOperand(chosen) || parser.parseColonType(chosenType) ||
       parser.resolveOperand(chosen, chosenType, result.operands)))
    return failure();
  if (parser.parseRegion(*result.addRegion(), arguments) ||
      parser.parseOptionalAttrDict(result.attributes))
    return failure();
  ensureTerminator(*result.regions.back(), parser.getBuilder(),
                   result.location);
  result.getOrAddProperties<Properties>().setCount(
      parser.getBuilder().getI64IntegerAttr(count));
  setSegments(result, hasOuter, inits.size(), hasChosen);
  result.addTypes(types);
  return success();
}

void RepeatOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getLayer() << " in " << getCount();
  if (getOuter())
    printer << " of " << getOuter();
  printer << " (";
  llvm::interleaveComma(
      llvm::zip(getCarried(), getInits()), printer, [&](auto pair) {
        auto [argument, init] = pair;
        printer << argument << " = " << init << " : " << init.getType();
      });
  printer << ") ";
  if (getChosen())
    printer << "where_any " << getChosen() << " : " << getChosen().getType()
            << ' ';
  printer.printRegion(getBodyRegion(), /*printEntryBlockArgs=*/false,
                      /*printBlockTerminators=*/!getInits().empty());
  printer.printOptionalAttrDict(
      (*this)->getAttrs(),
      {getCountAttrName(), getOperandSegmentSizesAttrName()});
}

LogicalResult RepeatOp::verify() {
  if (int64_t(getCount()) < 1)
    return emitOpError() << "runs its body at least once, not "
                         << int64_t(getCount()) << " times";
  if (getInits().getTypes() != getResults().getTypes())
    return emitOpError(
        "hands out the values that it carries: their types must be equal");
  if (getOuter()) {
    auto argument = dyn_cast<BlockArgument>(getOuter());
    auto around = argument
                      ? dyn_cast<RepeatOp>(argument.getOwner()->getParentOp())
                      : RepeatOp();
    if (!around || around.getLayer() != argument)
      return emitOpError("counts on from the number of a layer of a "
                         "sinter.repeat around it");
  }
  if (getChosen()) {
    auto type = cast<NamedTensorType>(getChosen().getType());
    if (type.getRank() != 2 || !type.getDim(1).isStatic() ||
        type.getDim(1).getSize() != int64_t(getCount()) ||
        !type.getElementType().isF32())
      return emitOpError() << "needs a column of f32 for each of its "
                           << int64_t(getCount()) << " numbers, not " << type;
  }
  return success();
}

LogicalResult RepeatOp::verifyRegions() {
  Block &body = getBodyRegion().front();
  if (body.getNumArguments() != getInits().size() + 1 ||
      !body.getArgument(0).getType().isIndex())
    return emitOpError("the body takes the layer's number and one argument for "
                       "each carried value");
  for (auto [argument, init] : llvm::zip(getCarried(), getInits()))
    if (argument.getType() != init.getType())
      return emitOpError() << "carries " << init.getType()
                           << " into an argument of " << argument.getType();
  auto yield = cast<YieldOp>(body.getTerminator());
  if (yield.getValues().getTypes() != getInits().getTypes())
    return yield.emitOpError()
           << "must hand on the values that the layers carry, with their types";
  return success();
}

namespace {

/// A carried value that nobody reads goes:
///
///     %r:2 = sinter.repeat %i in 2 (%x = %a, %y = %b) { ...; sinter.yield %f,
///     %g }   // %r#1 unused
///
/// where %g depends on %y but %f does not, becomes a loop that carries %x
/// alone.
struct DropUnusedCarried : OpRewritePattern<RepeatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RepeatOp op,
                                PatternRewriter &rewriter) const override {
    auto yield = cast<YieldOp>(op.getBody()->getTerminator());
    // A value is live if its result is used, if an op with an effect needs its
    // argument, or if another live value's chain does; the last two are found
    // by walking back from what is live.
    unsigned count = op.getInits().size();
    SmallVector<bool> live(count);
    SmallVector<Value> worklist;
    DenseSet<Value> seen;
    auto mark = [&](Value value) {
      if (seen.insert(value).second)
        worklist.push_back(value);
    };
    auto markCarried = [&](unsigned index) {
      if (live[index])
        return;
      live[index] = true;
      mark(yield.getValues()[index]);
    };
    for (unsigned index = 0; index < count; ++index)
      if (!op.getResult(index).use_empty())
        markCarried(index);
    for (Operation &inner : op.getBody()->without_terminator())
      if (!isMemoryEffectFree(&inner))
        inner.walk([&](Operation *nested) {
          for (Value operand : nested->getOperands())
            mark(operand);
        });
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (auto argument = dyn_cast<BlockArgument>(value)) {
        if (argument.getOwner() == op.getBody() && argument.getArgNumber() > 0)
          markCarried(argument.getArgNumber() - 1);
        continue;
      }
      Operation *owner = value.getDefiningOp();
      if (!op->isProperAncestor(owner))
        continue;
      owner->walk([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          mark(operand);
      });
    }
    if (llvm::all_of(live, [](bool isLive) { return isLive; }))
      return rewriter.notifyMatchFailure(op, "every carried value is read");

    SmallVector<Value> inits, yielded, replacements(count);
    for (unsigned index = 0; index < count; ++index) {
      if (!live[index])
        continue;
      inits.push_back(op.getInits()[index]);
      yielded.push_back(yield.getValues()[index]);
    }
    auto narrow = RepeatOp::create(rewriter, op.getLoc(), op.getCount(), inits,
                                   op.getOuter());
    if (op.getChosen())
      narrow.getChosenMutable().assign(op.getChosen());
    SmallVector<Value> arguments{narrow.getLayer()};
    unsigned next = 0;
    for (unsigned index = 0; index < count; ++index) {
      // What remains of a dead chain within the body reads the init: its
      // results are read by nobody.
      arguments.push_back(live[index] ? Value(narrow.getCarried()[next])
                                      : op.getInits()[index]);
      if (live[index])
        replacements[index] = narrow.getResult(next++);
      else
        replacements[index] = op.getInits()[index];
    }
    rewriter.modifyOpInPlace(yield,
                             [&] { yield.getValuesMutable().assign(yielded); });
    rewriter.mergeBlocks(op.getBody(), narrow.getBody(), arguments);
    rewriter.replaceOp(op, replacements);
    return success();
  }
};

/// A carried counter becomes a function of the layer's number:
///
///     sinter.repeat %i in 12 (%n = %zero : tensor<[1], f32>) {
///       %next = sinter.add %n, %one
///       sinter.yield %next
///     // becomes, where %n is used
///       %n = sinter.convert (sinter.layer_number %i)
///
/// Only whole numbers that f32 holds: counting must not round otherwise than
/// adding.
struct CountLayers : OpRewritePattern<RepeatOp> {
  using OpRewritePattern::OpRewritePattern;

  static std::optional<int64_t> getWholeNumber(Value value) {
    auto constant = value.getDefiningOp<ConstantOp>();
    if (!constant)
      return std::nullopt;
    double number = constant.getValue().convertToDouble();
    if (std::fabs(number) > limit || number != std::floor(number))
      return std::nullopt;
    return int64_t(number);
  }

  LogicalResult matchAndRewrite(RepeatOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getChosen())
      return rewriter.notifyMatchFailure(op, "numbers are left out");
    auto yield = cast<YieldOp>(op.getBody()->getTerminator());
    for (auto [index, argument] : llvm::enumerate(op.getCarried())) {
      auto type = cast<NamedTensorType>(argument.getType());
      auto add = yield.getValues()[index].getDefiningOp<AddOp>();
      if (!add || !type.hasStaticShape() || !type.getElementType().isF32() ||
          (argument.use_empty() && op.getResult(index).use_empty()))
        continue;
      Value other = add.getLhs() == argument   ? add.getRhs()
                    : add.getRhs() == argument ? add.getLhs()
                                               : Value();
      std::optional<int64_t> start = getWholeNumber(op.getInits()[index]);
      std::optional<int64_t> step =
          other ? getWholeNumber(other) : std::nullopt;
      if (!start || !step || int64_t(op.getCount()) > limit / 2 ||
          std::abs(*step) * int64_t(op.getCount()) > limit / 2 ||
          std::abs(*start) > limit / 2)
        continue;
      // Used by its own step alone, it is a counter that nobody reads.
      if (argument.hasOneUse() && add->hasOneUse() &&
          op.getResult(index).use_empty())
        continue;

      Location location = op.getLoc();
      auto scalar = type.withShape({});
      rewriter.setInsertionPointToStart(op.getBody());
      auto constant = [&](double value) {
        return ConstantOp::create(rewriter, location, value, scalar);
      };
      Value number = LayerNumberOp::create(
          rewriter, location, scalar.withElementType(rewriter.getI32Type()),
          op.getLayer());
      number = ConvertOp::create(rewriter, location, scalar, number);
      // A loop that counts on counts from its own first number here.
      if (op.getOuter())
        number = ModOp::create(rewriter, location, number,
                               constant(int64_t(op.getCount())));
      number = MulOp::create(rewriter, location, number, constant(*step));
      number = AddOp::create(rewriter, location, number, constant(*start));
      number = BroadcastOp::create(rewriter, location, type, number);
      rewriter.replaceAllUsesExcept(argument, number, add);
      rewriter.setInsertionPointAfter(op);
      Value last = ConstantOp::create(
          rewriter, location, *start + *step * int64_t(op.getCount()), type);
      rewriter.replaceAllUsesWith(op.getResult(index), last);
      // The sum may be read too, by others than the next layer.
      rewriter.setInsertionPoint(add);
      Value next = AddOp::create(
          rewriter, add.getLoc(), number,
          ConstantOp::create(rewriter, add.getLoc(), *step, type));
      rewriter.replaceUsesWithIf(add.getResult(), next, [&](OpOperand &use) {
        return use.getOwner() != yield || use.getOperandNumber() != index;
      });
      return success();
    }
    return rewriter.notifyMatchFailure(
        op, "no carried value counts in whole numbers");
  }

  /// f32 holds whole numbers up to here.
  static constexpr int64_t limit = int64_t(1) << 24;
};

} // namespace

void RepeatOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropUnusedCarried, CountLayers>(context);
}
