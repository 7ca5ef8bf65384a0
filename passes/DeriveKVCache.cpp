//===- DeriveKVCache.cpp - From one whole sequence to any rows --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/IRMapping.h"
#include "passes/AxisRoles.h"
#include "passes/Causality.h"
#include "passes/Entry.h"
#include "passes/Passes.h"
#include "passes/Remarks.h"

namespace sinter {
#define GEN_PASS_DEF_DERIVEKVCACHEPASS
#include "passes/Passes.h.inc"
} // namespace sinter

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

namespace {

/// Writes the ragged function that a whole-sequence function stands for: every
/// value once for each of the roles that it is needed in.
class RaggedWriter {
public:
  RaggedWriter(func::FuncOp source, const RoleAnalysis &analysis, bool isCausal,
               Causality &causality, SymbolTable &symbols)
      : source(source), analysis(analysis), causality(causality),
        isCausal(isCausal), isEncoder(source.getName() == encodeName),
        symbols(symbols), builder(source.getContext()) {}

  FailureOr<func::FuncOp> write();
  unsigned getCacheCount() const { return caches; }

private:
  LogicalResult writeBlock(Block &block);
  LogicalResult writeOp(Operation &op, const Roles &roles);
  LogicalResult writeRepeat(RepeatOp repeat);
  LogicalResult writeAttention(MatmulOp op, const Roles &roles,
                               const Attention &attention);
  LogicalResult writeRelative(TakeOp op, const Roles &roles);
  bool writeShift(MatmulOp op, const Roles &roles, const Attention &attention);
  Value getHistory(MatmulOp op, const Attention &attention);
  /// The history that rows of a view are appended to, under a name of `kind`.
  Value getHistory(const RowsView &view, StringRef kind);
  /// Heads as one axis in front: [heads, N, last].
  Value joinHeads(Value value, Location location, ArrayRef<Dimension> batch,
                  bool isSwapped);

  NamedTensorType ragged(NamedTensorType type, const Roles &roles) const;
  Value get(Value value, const Roles &roles) const;
  Value getRows(Value value) const {
    return get(value, analysis.getRowRoles(value));
  }
  void set(Value value, const Roles &roles, Value ragged) {
    values[{value, key(roles)}] = ragged;
  }
  /// Roles as a number: two bits an axis, and the rank in front.
  static uint64_t key(const Roles &roles) {
    uint64_t result = 1;
    for (Role role : roles)
      result = result << 2 | uint64_t(role);
    return result;
  }
  Value sourceExtent();

  func::FuncOp source, function;
  const RoleAnalysis &analysis;
  Causality &causality;
  bool isCausal, isEncoder;
  SymbolTable &symbols;
  OpBuilder builder;
  IRMapping layers;
  DenseMap<std::pair<Value, uint64_t>, Value> values;
  Value position, sequence, extent, sourceExtentArgument;
  struct Cached {
    RowsView view;
    Value history;
  };
  std::vector<Cached> cached;
  unsigned caches = 0;
  bool hasShifts = false;
};

} // namespace

NamedTensorType RaggedWriter::ragged(NamedTensorType type,
                                     const Roles &roles) const {
  SmallVector<Dimension> shape = type.getShape();
  for (auto [dim, role] : llvm::zip(shape, roles)) {
    StringRef name = role == Role::Query ? tokensDimension
                     : role == Role::Key ? pastDimension
                                         : sourcePastDimension;
    if (role != Role::None)
      dim = Dimension::get(type.getContext(), name);
  }
  return type.withShape(shape);
}

Value RaggedWriter::get(Value value, const Roles &roles) const {
  return values.lookup({value, key(roles)});
}

/// Only functions that attend to a source take its length.
Value RaggedWriter::sourceExtent() {
  if (!sourceExtentArgument)
    sourceExtentArgument =
        addInput(function, sourceExtentInput, tokensDimension);
  return sourceExtentArgument;
}

FailureOr<func::FuncOp> RaggedWriter::write() {
  MLIRContext *context = source.getContext();
  auto perRow = NamedTensorType::get({Dimension::get(context, tokensDimension)},
                                     IntegerType::get(context, 32));
  // token (or features), position, sequence, extent, then what else the
  // function takes.
  Value features = findInput(source, featuresInput);
  StringRef first = features ? featuresInput : tokenInput;
  SmallVector<StringRef> inputs{first, positionInput, sequenceInput,
                                extentInput};
  for (unsigned index = 0; index < source.getNumArguments(); ++index) {
    auto input = source.getArgAttrOfType<StringAttr>(index, inputAttributeName);
    if (input.getValue() != first)
      inputs.push_back(input.getValue());
  }
  SmallVector<Type> results;
  Operation *terminator = source.getBody().front().getTerminator();
  for (Value result : terminator->getOperands())
    results.push_back(ragged(typeOf(result), analysis.getRowRoles(result)));

  SmallVector<Type> types(inputs.size(), perRow);
  if (features)
    types.front() = ragged(typeOf(features), analysis.getRowRoles(features));
  builder.setInsertionPointAfter(source);
  function = func::FuncOp::create(builder, source.getLoc(),
                                  isEncoder ? encodeName : forwardName,
                                  builder.getFunctionType(types, results));
  Block *body = function.addEntryBlock();
  for (auto [index, input] : llvm::enumerate(inputs))
    function.setArgAttr(index, inputAttributeName,
                        builder.getStringAttr(input));
  if (isCausal)
    function->setAttr(causalAttribute, builder.getUnitAttr());
  position = body->getArgument(1);
  sequence = body->getArgument(2);
  extent = body->getArgument(3);
  for (BlockArgument argument : source.getArguments()) {
    auto input = source.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                     inputAttributeName);
    set(argument, analysis.getRowRoles(argument),
        body->getArgument(llvm::find(inputs, input.getValue()) -
                          inputs.begin()));
  }

  builder.setInsertionPointToEnd(body);
  if (failed(writeBlock(source.getBody().front())))
    return failure();
  SmallVector<Value> returned;
  for (Value result : terminator->getOperands())
    returned.push_back(getRows(result));
  func::ReturnOp::create(builder, terminator->getLoc(), returned);
  // The matrices that moved rows.
  if (hasShifts)
    for (Operation &op :
         llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  return function;
}

LogicalResult RaggedWriter::writeBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    if (auto repeat = dyn_cast<RepeatOp>(op)) {
      if (failed(writeRepeat(repeat)))
        return failure();
    } else if (auto store = dyn_cast<CacheStoreOp>(op)) {
      auto type = cast<HistoryType>(
          symbols.lookup<CacheOp>(store.getCache()).getType());
      CacheAppendOp::create(builder, store.getLoc(), type, store.getCacheAttr(),
                            layers.lookupOrNull(store.getLayer()),
                            getRows(store.getValue()), sequence, position);
    } else {
      for (const Roles &roles : analysis.getNeeds(op.getResult(0)))
        if (failed(writeOp(op, roles)))
          return failure();
    }
  }
  return success();
}

LogicalResult RaggedWriter::writeRepeat(RepeatOp repeat) {
  SmallVector<Value> inits;
  for (Value init : repeat.getInits())
    inits.push_back(getRows(init));
  auto written =
      RepeatOp::create(builder, repeat.getLoc(), repeat.getCount(), inits,
                       layers.lookupOrNull(repeat.getOuter()));
  layers.map(repeat.getLayer(), written.getLayer());
  for (auto [from, to] : llvm::zip(repeat.getCarried(), written.getCarried()))
    set(from, analysis.getRowRoles(from), to);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(written.getBody());
    if (failed(writeBlock(*repeat.getBody())))
      return failure();
    auto yield = cast<YieldOp>(repeat.getBody()->getTerminator());
    SmallVector<Value> yielded;
    for (Value value : yield.getValues())
      yielded.push_back(getRows(value));
    YieldOp::create(builder, yield.getLoc(), yielded);
  }
  for (auto [from, to] : llvm::zip(repeat.getResults(), written.getResults()))
    set(from, analysis.getRowRoles(from), to);
  return success();
}

LogicalResult RaggedWriter::writeOp(Operation &op, const Roles &roles) {
  Value result = op.getResult(0);
  if (isa<IotaOp>(op) && roles[0] == Role::Query) {
    set(result, roles, position);
    return success();
  }
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    FailureOr<std::optional<Attention>> attention =
        analysis.matchAttention(matmul, roles);
    if (failed(attention))
      return failure();
    if (*attention)
      return success(writeShift(matmul, roles, **attention) ||
                     succeeded(writeAttention(matmul, roles, **attention)));
  }
  if (auto take = dyn_cast<TakeOp>(op))
    return writeRelative(take, roles);
  // What rows never look at need not be asked: within its extent, a causal row
  // sees nothing of a causal mask.
  if (isCausal)
    if (std::optional<bool> inside = causality.getValueInside(result, roles)) {
      set(result, roles,
          ConstantOp::create(builder, op.getLoc(), *inside ? 1.0 : 0.0,
                             ragged(typeOf(result), roles)));
      return success();
    }

  SmallVector<Roles> operandRoles = analysis.getOperandRoles(&op, roles);
  OperationState state(op.getLoc(), op.getName());
  for (auto [operand, asked] : llvm::zip(op.getOperands(), operandRoles))
    state.operands.push_back(isa<NamedTensorType>(operand.getType())
                                 ? get(operand, asked)
                                 : layers.lookup(operand));
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    Role role = operandRoles[0][reduce.getAxis()];
    if (role == Role::Key || role == Role::Source) {
      if (!llvm::is_contained(operandRoles[0], Role::Query))
        return op.emitOpError("makes one of all positions of the sequence, "
                              "with no row to stand in: pooling is not built");
      state.operands.push_back(role == Role::Key ? extent : sourceExtent());
    }
  }
  state.addTypes(ragged(typeOf(result), roles));
  state.attributes = op.getDiscardableAttrDictionary();
  state.propertiesAttr = op.getPropertiesAsAttribute();
  set(result, roles, builder.create(state)->getResult(0));
  return success();
}

Value RaggedWriter::getHistory(MatmulOp op, const Attention &attention) {
  const RowsView &view = attention.past;
  Location location = view.getSource().getLoc();
  if (attention.ofSource) {
    auto load = view.getSource().getDefiningOp<CacheLoadOp>();
    return CacheHistoryOp::create(builder, location, view.getHistoryType(),
                                  load.getCacheAttr(),
                                  layers.lookupOrNull(load.getLayer()));
  }
  return getHistory(view, attention.isScores ? "key" : "value");
}

Value RaggedWriter::getHistory(const RowsView &view, StringRef kind) {
  Location location = view.getSource().getLoc();
  for (const Cached &known : cached)
    if (known.view.hasSameRows(view))
      return known.history;

  // Rows are written as soon as they are there, in the loop where they are.
  OpBuilder::InsertionGuard guard(builder);
  Value rows = getRows(view.getSource());
  auto repeat = dyn_cast<RepeatOp>(rows.getParentBlock()->getParentOp());
  builder.setInsertionPointAfterValue(rows);
  // What outlives a call has memory of its own in every layer.
  bool perLayer = repeat && isCausal;
  auto cache = CacheOp::create(
      builder, location,
      builder.getStringAttr(isEncoder ? "encoder_" + kind : kind),
      builder.getI64IntegerAttr(perLayer ? repeat.getCount() : 1),
      TypeAttr::get(view.getHistoryType()),
      isEncoder ? builder.getUnitAttr() : UnitAttr(),
      isCausal ? builder.getUnitAttr() : UnitAttr());
  cache->remove();
  symbols.insert(cache, source->getIterator());
  ++caches;
  Value history = CacheAppendOp::create(
      builder, location, view.getHistoryType(),
      FlatSymbolRefAttr::get(cache.getSymNameAttr()),
      perLayer ? repeat.getLayer() : Value(),
      view.buildRows(builder, location, rows), sequence, position);
  cached.push_back({view, history});
  return history;
}

static Value swapLastTwo(OpBuilder &builder, Location location, Value value) {
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(0, typeOf(value).getRank()));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return TransposeOp::create(builder, location, value, order);
}

Value RaggedWriter::joinHeads(Value value, Location location,
                              ArrayRef<Dimension> batch, bool isSwapped) {
  if (isSwapped)
    value = swapLastTwo(builder, location, value);
  NamedTensorType type = typeOf(value);
  SmallVector<Dimension> own = type.getShape();
  Dimension row = own[own.size() - 2], last = own.back();
  SmallVector<Dimension> shape(batch);
  shape.append({row, last});
  value =
      builder.createOrFold<BroadcastOp>(location, type.withShape(shape), value);
  int64_t heads = 1;
  for (Dimension dim : batch)
    heads *= dim.getSize();
  return builder.createOrFold<ReshapeOp>(
      location,
      type.withShape({Dimension::get(type.getContext(), heads), row, last}),
      value);
}

/// A contraction with the past reads it from a cache:
///
///     %s = sinter.matmul %q, %kt : [12, T, 64], [12, 64, T] -> [12, T, T]
///     // becomes
///     %keys = sinter.cache_append @key[%layer], %k at %sequence, %position
///     %s = sinter.attention_scores %q, %keys, %sequence, %extent
///            : [12, N, 64], history<[12, 64]> -> [12, N, P]
LogicalResult RaggedWriter::writeAttention(MatmulOp op, const Roles &roles,
                                           const Attention &attention) {
  Location location = op.getLoc();
  Value result = op.getResult();
  NamedTensorType type = ragged(typeOf(result), roles);
  SmallVector<Dimension> batch = type.getShape();
  batch.pop_back_n(2);

  Value history = getHistory(op, attention);
  Value read = attention.ofSource ? sourceExtent() : extent;
  Value present = joinHeads(get(attention.present, attention.presentRoles),
                            location, batch, attention.isSwapped);
  MLIRContext *context = builder.getContext();
  SmallVector<Dimension> shape = typeOf(present).getShape();
  Value value;
  if (attention.isScores) {
    shape[2] = Dimension::get(context, attention.ofSource ? sourcePastDimension
                                                          : pastDimension);
    value = AttentionScoresOp::create(builder, location, type.withShape(shape),
                                      present, history, sequence, read,
                                      /*placement=*/nullptr);
  } else {
    shape[2] = Dimension::get(context, attention.past.getWidth());
    value = AttentionValuesOp::create(builder, location, type.withShape(shape),
                                      present, history, sequence, read,
                                      /*placement=*/nullptr);
  }
  // Back to the product's own shape.
  SmallVector<Dimension> full = type.getShape();
  if (attention.isSwapped)
    std::swap(full[full.size() - 1], full[full.size() - 2]);
  value =
      builder.createOrFold<ReshapeOp>(location, type.withShape(full), value);
  if (attention.isSwapped)
    value = swapLastTwo(builder, location, value);
  set(result, roles, value);
  return success();
}

/// A product that moves rows, as convolutions along a sequence do, takes them
/// from where they are: those of a sequence stand together and in order in a
/// call that holds it whole.
///
///     %m = sinter.matmul %is_behind, %x : [T, T], [T, 80]
///     // becomes, where %is_behind is 1 where query - key = 1
///     %r = sinter.gather %x[%row - 1] : [N, 80], [N] -> [N, 80]
///     %m = sinter.select (0 <= %position - 1 < %extent), %r, 0
bool RaggedWriter::writeShift(MatmulOp op, const Roles &roles,
                              const Attention &attention) {
  if (isCausal || attention.isScores || attention.isSwapped ||
      attention.ofSource || attention.past.getHeads() != 1)
    return false;
  NamedTensorType type = ragged(typeOf(op.getResult()), roles);
  ArrayRef<Dimension> batch = ArrayRef(type.getShape()).drop_back(2);
  std::optional<int64_t> shift =
      causality.getShift(attention.present, attention.presentRoles);
  if (!shift || !llvm::all_of(batch, [](Dimension dim) { return dim.isOne(); }))
    return false;

  Location location = op.getLoc();
  MLIRContext *context = builder.getContext();
  auto integers = typeOf(position);
  Dimension tokens = integers.getDim(0),
            width = Dimension::get(context, attention.past.getWidth());
  auto number = [&](int64_t value) -> Value {
    return ConstantOp::create(
        builder, location, value,
        NamedTensorType::get(ArrayRef<Dimension>(), integers.getElementType()));
  };
  auto compare = [&](ComparePredicate predicate, Value lhs, Value rhs) {
    return CompareOp::create(builder, location, predicate, lhs, rhs);
  };
  Value rows = attention.past.buildRows(builder, location,
                                        getRows(attention.past.getSource()));
  NamedTensorType flat = type.withShape({tokens, width});
  rows = builder.createOrFold<ReshapeOp>(location, flat, rows);
  Value here = IotaOp::create(builder, location, integers),
        amount = number(*shift);
  Value moved = GatherOp::create(
      builder, location, rows, SubOp::create(builder, location, here, amount));
  Value from = SubOp::create(builder, location, position, amount);
  Value inside = AndOp::create(builder, location,
                               compare(ComparePredicate::ge, from, number(0)),
                               compare(ComparePredicate::lt, from, extent));
  inside = ReshapeOp::create(
      builder, location,
      typeOf(inside).withShape({tokens, Dimension::get(context, 1)}), inside);
  Value zero = ConstantOp::create(builder, location, 0.0,
                                  flat.withShape(ArrayRef<Dimension>()));
  Value value = SelectOp::create(builder, location, inside, moved, zero);
  set(op.getResult(), roles,
      builder.createOrFold<ReshapeOp>(location, type, value));
  hasShifts = true;
  return true;
}

/// Products with a table, of which each pair of positions takes one, are
/// computed where they are taken; those of keys read them from their cache:
///
///     %c = sinter.matmul %k, %table : [12, T, 64], [12, 64, 512]
///     %s = sinter.take %c[%bucket] : [12, T, 512], [T, T] -> [12, T, T]
///     // becomes, where a row asks for all %k
///     %s = sinter.attention_relative %keys, %table[%bucket], %sequence,
///            %extent : history<[12, 64]>, [12, 512, 64], [N, P] -> [12, N, P]
LogicalResult RaggedWriter::writeRelative(TakeOp op, const Roles &roles) {
  FailureOr<RelativeScores> relative = analysis.matchRelative(op, roles);
  if (failed(relative))
    return failure();
  Location location = op.getLoc();
  bool ofPast = relative->past.has_value();
  Value table = swapLastTwo(builder, location,
                            get(relative->table, Roles(3, Role::None)));
  Value index = get(op.getIndex(), relative->indexRoles);
  if (ofPast)
    index = swapLastTwo(builder, location, index);
  Value rows = ofPast ? getHistory(*relative->past, "key")
                      : get(relative->rows, relative->rowRoles);
  MLIRContext *context = builder.getContext();
  auto type = typeOf(op.getResult())
                  .withShape({typeOf(table).getDim(0),
                              Dimension::get(context, tokensDimension),
                              Dimension::get(context, pastDimension)});
  Value value = AttentionRelativeOp::create(builder, location, type, rows,
                                            table, index, sequence, extent,
                                            /*placement=*/nullptr);
  set(op.getResult(), roles,
      ofPast ? swapLastTwo(builder, location, value) : value);
  return success();
}

namespace {

struct DeriveKVCache : sinter::impl::DeriveKVCachePassBase<DeriveKVCache> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    // The encoder first: its caches then stand first too.
    for (StringRef name : {StringRef(encodeName), StringRef(forwardName),
                           StringRef(logitsName)}) {
      auto function = symbols.lookup<func::FuncOp>(name);
      if (!function || function.isDeclaration() ||
          findInput(function, positionInput))
        continue;
      if (name == logitsName && symbols.lookup(forwardName)) {
        function.emitError()
            << "@" << logitsName << " becomes @" << forwardName
            << ", but there is a @" << forwardName << " already";
        return signalPassFailure();
      }
      if (failed(derive(function, symbols)))
        return signalPassFailure();
    }
  }

  LogicalResult derive(func::FuncOp function, SymbolTable &symbols) {
    FailureOr<RoleAnalysis> roles = RoleAnalysis::run(function);
    if (failed(roles))
      return failure();
    Causality causality(*roles);
    std::optional<Causality::Counterexample> counterexample =
        causality.prove(function);

    RaggedWriter writer(function, *roles, !counterexample, causality, symbols);
    FailureOr<func::FuncOp> ragged = writer.write();
    if (failed(ragged))
      return failure();
    cachesMade += writer.getCacheCount();
    if (counterexample)
      remarkMissed(counterexample->op, "derive-kv-cache", "cache")
          << "every call must hold whole sequences: "
          << counterexample->op->getName().getStringRef() << " "
          << counterexample->reason;
    else
      remarkPassed(function, "derive-kv-cache", "cache")
          << "rows depend on earlier rows only: a sequence may come in parts, "
             "its past is in "
          << std::to_string(writer.getCacheCount()) << " caches";
    symbols.remove(function);
    function.erase();
    symbols.insert(*ragged);
    return success();
  }
};

} // namespace
