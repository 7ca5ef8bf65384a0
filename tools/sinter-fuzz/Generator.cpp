//===- Generator.cpp - Random programs of the math level --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-fuzz/Generator.h"
#include "tools/sinter-fuzz/Forms.h"

using namespace mlir;
using namespace sinter;

namespace {

/// One random operation among values of rows.
class RowWork {
public:
  RowWork(GraphBuilder &graph, Value x, StringRef name)
      : graph(graph), name(name), shape(GraphBuilder::shapeOf(x)) {
    wide.push_back(x);
  }

  void step() {
    int64_t axis = shape.size() - 1, width = shape[axis].getSize();
    Value x = any();
    switch (graph.below(16)) {
    case 0:
      wide.push_back(graph.add(x, any()));
      break;
    case 1:
      wide.push_back(graph.sub(x, any()));
      break;
    case 2:
      wide.push_back(graph.mul(tame(x), any()));
      break;
    case 3:
      wide.push_back(graph.div(
          x, graph.add(graph.unary<AbsOp>(any()), graph.constant(0.5))));
      break;
    case 4:
      wide.push_back(unary(x));
      break;
    case 5:
      wide.push_back(graph.chance(50) ? graph.binary<MaxOp>(x, any())
                                      : graph.binary<MinOp>(x, any()));
      break;
    case 6: {
      Value truth = graph.compare(
          graph.pick({ComparePredicate::lt, ComparePredicate::ge}), x, any());
      if (graph.chance(30))
        truth = graph.unary<NotOp>(truth);
      wide.push_back(graph.chance(70)
                         ? graph.select(truth, x, any())
                         : graph.convert(truth, graph.builder.getF32Type()));
      break;
    }
    case 7: // one number a row goes into all
      narrow = graph.reduce(
          graph.pick({ReduceKind::sum, ReduceKind::mean, ReduceKind::max}),
          tame(x), axis);
      wide.push_back(graph.addAny(x, narrow));
      break;
    case 8:
      if (narrow)
        wide.push_back(graph.mulAny(tame(x), narrow));
      break;
    case 9: {
      Value w = graph.weight((name + ".w" + std::to_string(weights++)).str(),
                             {width});
      wide.push_back(graph.chance(50) ? graph.addAny(x, w)
                                      : graph.mulAny(x, w));
      break;
    }
    case 10:
      wide.push_back(graph.mulAny(
          x, graph.constant(graph.pick({0.5, -1.0, 1.0, 2.0, 0.0, 0.1}))));
      break;
    case 11: { // halves change places
      int64_t cut = 1 + graph.below(width - 1);
      wide.push_back(graph.concat({graph.slice(x, axis, cut, width - cut),
                                   graph.slice(x, axis, 0, cut)},
                                  axis));
      break;
    }
    case 12:
      if (width % 2 == 0) {
        SmallVector<Dimension> pairs{shape[0], graph.size(2),
                                     graph.size(width / 2)};
        Value y = graph.transpose(graph.reshape(x, pairs), {0, 2, 1});
        wide.push_back(graph.reshape(y, shape));
      }
      break;
    case 13: { // positions
      Value position =
          graph.convert(graph.iota(graph.length()), graph.builder.getF32Type());
      position = graph.reshape(position, {graph.length(), graph.size(1)});
      wide.push_back(graph.addAny(
          x, graph.unary<SinOp>(graph.mulAny(position, graph.constant(0.3)))));
      break;
    }
    case 14:
      wide.push_back(writeSoftmax(graph, x));
      break;
    default:
      wide.push_back(graph.unary<FloorOp>(
          graph.add(graph.unary<TanhOp>(x), graph.constant(0.37))));
      break;
    }
  }

  Value getLast() { return tame(wide.back()); }

private:
  Value any() {
    return wide[graph.chance(50) ? wide.size() - 1 : graph.below(wide.size())];
  }

  /// Numbers that grow from layer to layer say nothing in the end.
  Value tame(Value x) {
    return graph.chance(50)
               ? graph.unary<TanhOp>(x)
               : graph.binary<MinOp>(graph.binary<MaxOp>(x, graph.constant(-3)),
                                     graph.constant(3));
  }

  Value unary(Value x) {
    switch (graph.below(9)) {
    case 0:
      return graph.unary<NegOp>(x);
    case 1:
      return graph.unary<AbsOp>(x);
    case 2:
      return graph.unary<ExpOp>(tame(x));
    case 3:
      return graph.unary<SinOp>(x);
    case 4:
      return graph.unary<CosOp>(x);
    case 5:
      return graph.unary<ErfOp>(x);
    case 6:
      return graph.unary<SqrtOp>(
          graph.add(graph.unary<AbsOp>(x), graph.constant(0.1)));
    case 7:
      return graph.unary<LogOp>(
          graph.add(graph.unary<AbsOp>(x), graph.constant(0.1)));
    default:
      return writeActivation(graph, tame(x));
    }
  }

  GraphBuilder &graph;
  StringRef name;
  SmallVector<Dimension> shape;
  std::vector<Value> wide;
  Value narrow;
  int weights = 0;
};

class Generator {
public:
  Generator(MLIRContext &context, uint64_t seed)
      : graph(&context, seed * 0x9e3779b97f4a7c15 + 1) {}

  OwningOpRef<ModuleOp> generate() {
    OpBuilder &builder = graph.builder;
    OwningOpRef<ModuleOp> module = ModuleOp::create(graph.location());
    vocabulary = graph.pick<int64_t>({5, 11, 16});
    (*module)->setAttr(headAttributeName, builder.getStringAttr("next_token"));
    (*module)->setAttr("sinter.vocabulary",
                       builder.getI64IntegerAttr(vocabulary));
    (*module)->setAttr("sinter.context", builder.getI64IntegerAttr(32));
    (*module)->setAttr("sinter.architecture", builder.getStringAttr("fuzz"));
    builder.setInsertionPointToEnd(module->getBody());

    auto tokens = graph.type({graph.length()}, builder.getI32Type());
    auto logits = graph.type({graph.length(), graph.size(vocabulary)});
    auto function =
        func::FuncOp::create(builder, graph.location(), "logits",
                             builder.getFunctionType({tokens}, {logits}));
    function.setArgAttr(0, inputAttributeName, builder.getStringAttr("token"));
    builder.setInsertionPointToEnd(function.addEntryBlock());
    chooseShapes();
    Value x = writeEmbedding(function.getArgument(0));
    if (graph.chance(12))
      attention.bias =
          writeDistanceTable(graph, attention.heads, attention.isBidirectional);
    x = writeLayers(x);
    if (graph.chance(60))
      x = writeNormalization(graph, x, "norm");
    Value table =
        isTied && graph.chance(70)
            ? graph.transpose(graph.weight("wte", {vocabulary, width}), {1, 0})
            : graph.weight("head", {width, vocabulary});
    func::ReturnOp::create(builder, graph.location(), graph.matmul(x, table));
    return module;
  }

private:
  void chooseShapes() {
    attention.heads = graph.pick<int64_t>({1, 2, 3, 4});
    attention.keyHeads = graph.chance(60)           ? attention.heads
                         : graph.chance(50)         ? 1
                         : attention.heads % 2 == 0 ? attention.heads / 2
                                                    : attention.heads;
    attention.width = graph.pick<int64_t>({2, 3, 4, 6});
    attention.isBidirectional = graph.chance(15);
    attention.window = graph.chance(20) ? graph.pick<int64_t>({2, 3, 5}) : 0;
    width = graph.pick<int64_t>({4, 6, 7, 9});
    isTied = graph.chance(40);
  }

  Value writeEmbedding(Value token) {
    Value table = graph.weight("wte", {vocabulary, width});
    Value x = GatherOp::create(graph.builder, graph.location(), table, token);
    if (graph.chance(40)) {
      Value positions = graph.weight("wpe", {32, width});
      Value p = GatherOp::create(graph.builder, graph.location(), positions,
                                 graph.iota(graph.length()));
      x = graph.addAny(x, p);
    }
    return graph.chance(20) ? writeNormalization(graph, x, "embedding") : x;
  }

  /// As a loop, or each by itself; the random choices of all are the same.
  Value writeLayers(Value x) {
    int64_t count = graph.pick<int64_t>({1, 1, 2, 3});
    if (graph.chance(50)) {
      auto repeat = RepeatOp::create(graph.builder, graph.location(), count, x);
      OpBuilder::InsertionGuard guard(graph.builder);
      graph.builder.setInsertionPointToEnd(repeat.getBody());
      graph.layer = repeat.getLayer();
      Value y = writeLayer(repeat.getCarried()[0]);
      YieldOp::create(graph.builder, graph.location(), y);
      graph.layer = {};
      return repeat.getResult(0);
    }
    RandomStream choices = graph.random;
    bool differs = graph.chance(20);
    for (graph.layerNumber = 0; graph.layerNumber < count;
         ++graph.layerNumber) {
      if (!differs)
        graph.random = choices;
      x = writeLayer(x);
    }
    graph.layerNumber = -1;
    return x;
  }

  Value writeLayer(Value x) {
    int64_t parts = 1 + graph.below(2);
    for (int64_t part = 0; part < parts; ++part)
      x = writePart(x, ("part" + llvm::Twine(part)).str());
    return x;
  }

  Value writePart(Value x, const std::string &name) {
    int normalize = graph.below(4); // before, behind, both or not
    Value y = normalize % 2 ? writeNormalization(graph, x, name + ".ln") : x;
    switch (graph.below(4)) {
    case 0:
    case 1:
      y = writeAttention(graph, y, attention, name);
      break;
    case 2:
      y = writeFeedForward(graph, y, name);
      break;
    default:
      y = writeRowWork(graph, y, name);
      break;
    }
    if (graph.chance(8)) // an inner value is needed elsewhere, too
      y = addAnyOther(y);
    if (graph.chance(75))
      y = graph.addAny(x, y);
    if (normalize >= 2)
      y = writeNormalization(graph, y, name + ".post");
    return y;
  }

  /// Adds a value of rows that was computed before in this layer, any.
  Value addAnyOther(Value y) {
    SmallVector<Value> others;
    int64_t width = GraphBuilder::shapeOf(y).back().getSize();
    for (Operation &op : *graph.builder.getInsertionBlock()) {
      auto type = op.getNumResults() == 1
                      ? dyn_cast<NamedTensorType>(op.getResult(0).getType())
                      : NamedTensorType();
      if (type && type.getElementType().isF32() && type.getRank() == 2 &&
          type.getDim(0) == graph.length() &&
          (type.getDim(1).isOne() || type.getDim(1) == graph.size(width)))
        others.push_back(op.getResult(0));
    }
    if (others.empty())
      return y;
    Value other = others[graph.below(others.size())];
    return graph.addAny(y, graph.unary<TanhOp>(other));
  }

  GraphBuilder graph;
  AttentionShape attention;
  int64_t vocabulary, width;
  bool isTied;
};

} // namespace

Value sinter::writeRowWork(GraphBuilder &graph, Value x, StringRef name) {
  RowWork work(graph, x, name);
  for (int64_t steps = 2 + graph.below(10); steps > 0; --steps)
    work.step();
  return work.getLast();
}

OwningOpRef<ModuleOp> sinter::generateProgram(MLIRContext &context,
                                              uint64_t seed) {
  return Generator(context, seed).generate();
}
