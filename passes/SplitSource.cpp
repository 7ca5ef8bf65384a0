//===- SplitSource.cpp - Split the encoder off ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Iterators.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"
#include "passes/RowsView.h"

namespace sinter {
#define GEN_PASS_DEF_SPLITSOURCEPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

/// The encoder's name for an argument that is of the source, or nothing.
static std::optional<StringRef> encoderInput(func::FuncOp function,
                                             unsigned argument) {
  auto input =
      function.getArgAttrOfType<StringAttr>(argument, inputAttributeName);
  if (input && input.getValue() == sourceInput) {
    auto type = cast<NamedTensorType>(function.getArgumentTypes()[argument]);
    return isa<FloatType>(type.getElementType()) ? StringRef(featuresInput)
                                                 : StringRef(tokenInput);
  }
  if (input && input.getValue() == sourceSegmentInput)
    return StringRef(segmentInput);
  return std::nullopt;
}

namespace {

/// What each value depends on: the source, the target's tokens, or both.
class Dependence {
public:
  explicit Dependence(func::FuncOp function) {
    for (BlockArgument argument : function.getArguments()) {
      bool ofSource =
          encoderInput(function, argument.getArgNumber()).has_value();
      bits[argument] = ofSource ? onSource : onTarget;
    }
    // What layers carry comes round: until nothing changes.
    do
      changed = false;
    while (visit(function.getBody().front()), changed);
  }

  bool isOfSource(Value value) const { return bits.lookup(value) == onSource; }

private:
  enum : unsigned { onSource = 1, onTarget = 2 };

  void mark(Value value, unsigned more) {
    unsigned &known = bits[value];
    changed |= (known | more) != known;
    known |= more;
  }

  void visit(Block &block) {
    for (Operation &op : block) {
      if (auto repeat = dyn_cast<RepeatOp>(op)) {
        auto yield = cast<YieldOp>(repeat.getBody()->getTerminator());
        for (auto [init, argument] :
             llvm::zip(repeat.getInits(), repeat.getCarried()))
          mark(argument, bits.lookup(init));
        visit(*repeat.getBody());
        for (auto [yielded, argument, result] : llvm::zip(
                 yield.getValues(), repeat.getCarried(), repeat.getResults())) {
          mark(argument, bits.lookup(yielded));
          mark(result, bits.lookup(argument));
        }
        continue;
      }
      unsigned all = 0;
      for (Value operand : op.getOperands())
        all |= bits.lookup(operand);
      for (Value result : op.getResults())
        mark(result, all);
    }
  }

  DenseMap<Value, unsigned> bits;
  bool changed = false;
};

/// A value of the source that the decoder needs: keys or values.
struct Kept {
  RowsView view;
  CacheOp cache;
  RepeatOp repeat; // the decoder's layers that it is made in, if any
};

struct SplitSource : sinter::impl::SplitSourcePassBase<SplitSource> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    auto function = symbols.lookup<func::FuncOp>(logitsName);
    if (!function || !findInput(function, sourceInput))
      return; // no encoder
    if (failed(split(function, symbols)))
      signalPassFailure();
  }

  LogicalResult split(func::FuncOp function, SymbolTable &symbols) {
    for (StringRef name : {StringRef(encodeName), StringRef(forwardName)})
      if (symbols.lookup(name))
        return function.emitError()
               << "@" << function.getName() << " becomes @" << encodeName
               << " and @" << forwardName << ", but there is a @" << name
               << " already";
    Dependence dependence(function);
    // Where the decoder takes over.
    SmallVector<OpOperand *> crossings;
    function.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op->getNumResults() > 0 &&
          llvm::all_of(op->getResults(), [&](Value result) {
            return dependence.isOfSource(result);
          }))
        return WalkResult::skip(); // the encoder's
      for (OpOperand &operand : op->getOpOperands())
        if (dependence.isOfSource(operand.get()))
          crossings.push_back(&operand);
      return WalkResult::advance();
    });
    std::vector<Kept> keeps;
    for (OpOperand *crossing : crossings)
      if (failed(cross(*crossing, function, keeps, symbols)))
        return failure();
    if (keeps.empty())
      return function.emitError() << "@" << function.getName()
                                  << " takes a source, but no attention "
                                  << "looks at it";
    writeEncoder(function, keeps, symbols);

    // What the decoder does not need is the encoder's now.
    function.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
    for (int64_t index = function.getNumArguments() - 1; index >= 0; --index) {
      if (encoderInput(function, index) &&
          failed(function.eraseArgument(index)))
        return failure();
    }
    if (failed(symbols.rename(function, forwardName)))
      return failure();
    kept += keeps.size();
    remarkPassed(function, "split-source", "source")
        << std::to_string(keeps.size())
        << " values are computed once for each source";
    return success();
  }

  LogicalResult cross(OpOperand &crossing, func::FuncOp function,
                      std::vector<Kept> &keeps, SymbolTable &symbols) {
    auto matmul = dyn_cast<MatmulOp>(crossing.getOwner());
    auto type = cast<NamedTensorType>(crossing.get().getType());
    int64_t rank = type.getRank(), rowAxis = -1;
    if (matmul &&
        type.getDim(rank - 1).isSymbol() != type.getDim(rank - 2).isSymbol())
      rowAxis = type.getDim(rank - 1).isSymbol() ? rank - 1 : rank - 2;
    if (rowAxis < 0)
      return crossing.getOwner()->emitOpError()
             << "uses " << type
             << " of the source other than as keys or values of attention: "
                "this is not built";
    int64_t contracted = crossing.getOperandNumber() == 0 ? rank - 1 : rank - 2;
    bool isKey = rowAxis != contracted;
    SmallVector<Dimension> batch = matmul.getType().getShape();
    batch.pop_back_n(2);
    FailureOr<RowsView> view =
        RowsView::match(matmul, crossing.get(), rowAxis,
                        rowAxis == rank - 1 ? rank - 2 : rank - 1, batch);
    if (failed(view))
      return failure();

    auto known = llvm::find_if(
        keeps, [&](Kept &kept) { return kept.view.hasSameRows(*view); });
    if (known == keeps.end()) {
      Value source = view->getSource();
      auto repeat = dyn_cast<RepeatOp>(source.getParentBlock()->getParentOp());
      OpBuilder builder(&getContext());
      auto cache = CacheOp::create(
          builder, source.getLoc(),
          builder.getStringAttr(isKey ? "cross_key" : "cross_value"),
          builder.getI64IntegerAttr(repeat ? repeat.getCount() : 1),
          TypeAttr::get(view->getHistoryType()),
          /*of_source=*/builder.getUnitAttr(),
          /*persistent=*/builder.getUnitAttr());
      symbols.insert(cache, function->getIterator());
      keeps.push_back({*view, cache, repeat});
      known = keeps.end() - 1;
    }

    OpBuilder builder(matmul);
    HistoryType history = view->getHistoryType();
    auto rows = NamedTensorType::get(
        {type.getDim(rowAxis),
         Dimension::get(&getContext(), history.getHeads()),
         Dimension::get(&getContext(), history.getWidth())},
        history.getElementType());
    Value load = CacheLoadOp::create(
        builder, matmul.getLoc(), rows,
        FlatSymbolRefAttr::get(known->cache.getSymNameAttr()),
        known->repeat ? Value(known->repeat.getLayer()) : Value());
    crossing.set(view->buildOperand(builder, matmul.getLoc(), load));
    return success();
  }

  void writeEncoder(func::FuncOp function, ArrayRef<Kept> keeps,
                    SymbolTable &symbols) {
    // What the kept values are made of.
    DenseSet<Operation *> needed;
    SmallVector<Value> worklist;
    for (Kept kept : keeps)
      worklist.push_back(kept.view.getSource());
    while (!worklist.empty()) {
      Operation *op = worklist.pop_back_val().getDefiningOp();
      if (!op || !needed.insert(op).second)
        continue;
      op->walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          if (!op->isAncestor(operand.getParentBlock()->getParentOp()))
            worklist.push_back(operand);
      });
    }

    OpBuilder builder(function);
    SmallVector<Type> types;
    SmallVector<BlockArgument> arguments;
    for (BlockArgument argument : function.getArguments())
      if (encoderInput(function, argument.getArgNumber())) {
        arguments.push_back(argument);
        types.push_back(argument.getType());
      }
    auto encoder = func::FuncOp::create(builder, function.getLoc(), encodeName,
                                        builder.getFunctionType(types, {}));
    Block *body = encoder.addEntryBlock();
    IRMapping mapping;
    for (auto [index, argument] : llvm::enumerate(arguments)) {
      encoder.setArgAttr(index, inputAttributeName,
                         builder.getStringAttr(
                             *encoderInput(function, argument.getArgNumber())));
      mapping.map(argument, body->getArgument(index));
    }
    builder.setInsertionPointToEnd(body);
    writeBlock(builder, function.getBody().front(), /*repeat=*/{}, needed,
               keeps, mapping);
    func::ReturnOp::create(builder, function.getLoc());
    symbols.insert(encoder);
  }

  /// The needed ops of a block; the decoder's layers become a loop that carries
  /// nothing.
  void writeBlock(OpBuilder &builder, Block &block, RepeatOp repeat,
                  const DenseSet<Operation *> &needed, ArrayRef<Kept> keeps,
                  IRMapping &mapping) {
    for (Operation &op : block) {
      if (needed.contains(&op)) {
        builder.clone(op, mapping);
        continue;
      }
      auto layers = dyn_cast<RepeatOp>(op);
      if (!layers || llvm::none_of(keeps, [&](const Kept &kept) {
            return kept.repeat == layers;
          }))
        continue;
      auto loop = RepeatOp::create(builder, layers.getLoc(), layers.getCount(),
                                   ValueRange(),
                                   mapping.lookupOrNull(layers.getOuter()));
      mapping.map(layers.getLayer(), loop.getLayer());
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      writeBlock(builder, *layers.getBody(), layers, needed, keeps, mapping);
      YieldOp::create(builder, layers.getLoc());
    }
    for (Kept kept : keeps)
      if (kept.repeat == repeat) {
        Value value = mapping.lookup(kept.view.getSource());
        CacheStoreOp::create(
            builder, value.getLoc(),
            FlatSymbolRefAttr::get(kept.cache.getSymNameAttr()),
            repeat ? mapping.lookup(repeat.getLayer()) : Value(),
            kept.view.buildRows(builder, value.getLoc(), value));
      }
  }
};

} // namespace
