//===- Importer.h - From a graph's nodes to IR -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_ONNX_IMPORTER_H
#define SINTER_FRONTEND_ONNX_IMPORTER_H

#include "frontend/onnx/Onnx.h"
#include "frontend/onnx/Value.h"
#include "ir/Sinter.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace sinter::onnx {

/// Walks the nodes of a graph and writes what they compute at the end of a
/// block. What depends on shapes alone is computed on the way; masks and
/// positions that exporters store as tables become comparisons and counting
/// again. The first thing that cannot be imported ends it, with one message
/// that names the node.
class Importer {
public:
  Importer(mlir::OpBuilder &builder, const OnnxFile &file,
           llvm::raw_ostream &messages)
      : builder(builder), file(file), messages(messages),
        location(builder.getUnknownLoc()) {}

  /// What an input or an initializer stands for.
  void define(const std::string &name, Value value) {
    values[name] = std::move(value);
  }
  bool isDefined(llvm::StringRef name) const { return values.contains(name); }
  mlir::LogicalResult defineInitializers();
  /// The nodes that `outputs` need.
  mlir::LogicalResult importNodes(llvm::ArrayRef<std::string> outputs);
  /// A value as a tensor; fails where no node makes it.
  mlir::FailureOr<mlir::Value> getTensor(llvm::StringRef name);
  mlir::FailureOr<Value> getValue(llvm::StringRef name);

  /// Positions that the tables of the graph have room for.
  std::optional<int64_t> getContext() const { return context; }
  /// Of a graph for exactly `count` tokens: that is the length of a sequence,
  /// which has this name.
  void setFixedLength(int64_t count, llvm::StringRef name) {
    fixedLength = count;
    fixedLengthIs = Extent::symbol(name.str());
  }
  /// Says that an input cannot be imported.
  mlir::LogicalResult failAt(const llvm::Twine &where,
                             const llvm::Twine &message);

  //===--------------------------------------------------------------------===//
  // Tensors, with all shapes checked
  //===--------------------------------------------------------------------===//
  using Result = mlir::FailureOr<mlir::Value>;

  Value wrap(mlir::Value tensor) const;
  Value uniform(Kind kind, Extents shape, Number number) const;
  /// `start`, `start + step`, ... along one axis.
  Value counting(Extents shape, int64_t axis, Extent start, int64_t step) const;
  /// The value as a tensor of its shape.
  Result materialize(const Value &value);
  Result reshape(mlir::Value tensor, llvm::ArrayRef<Extent> shape);
  mlir::Value iota(const Extent &size);
  mlir::Value constant(double value, Kind kind = Kind::Float);
  mlir::OpBuilder &getBuilder() { return builder; }

private:
  using Handler = mlir::LogicalResult (Importer::*)();
  mlir::LogicalResult defineInitializers(const Graph &graph);
  mlir::LogicalResult importNodes(const Graph &graph,
                                  llvm::ArrayRef<std::string> outputs);
  mlir::FailureOr<std::vector<const Node *>>
  order(const Graph &graph, llvm::ArrayRef<std::string> outputs);
  static const llvm::StringMap<Handler> &handlers();
  friend struct HandlerTable;

  //===--------------------------------------------------------------------===//
  // The current node
  //===--------------------------------------------------------------------===//
  mlir::LogicalResult fail(const llvm::Twine &message);
  mlir::LogicalResult checkQuantized();
  void carryQuantized();
  std::string describe(const Node &node) const;
  const Value &in(size_t index) const;
  size_t inputCount() const { return node->inputs.size(); }
  bool has(size_t index) const { return !in(index).isAbsent(); }
  mlir::LogicalResult set(size_t index, Value value);
  mlir::LogicalResult set(size_t index, Result tensor);
  mlir::LogicalResult checkInputs(size_t least);
  /// Elements of an input of shape arithmetic.
  mlir::FailureOr<std::vector<Extent>> extents(size_t index,
                                               llvm::StringRef what);
  mlir::FailureOr<std::vector<int64_t>> integers(size_t index,
                                                 llvm::StringRef what);
  /// The axes of an attribute or, in later opsets, of an input.
  mlir::FailureOr<std::vector<int64_t>> axes(llvm::StringRef attribute,
                                             size_t input, int64_t rank);
  mlir::FailureOr<int64_t> axis(int64_t number, int64_t rank);

  //===--------------------------------------------------------------------===//
  // Values
  //===--------------------------------------------------------------------===//
  Value listed(Kind kind, Extents shape, std::vector<Number> numbers) const;
  Value load(const Tensor &tensor) const;
  /// Listed elements of a known value, if they are few.
  std::optional<Value> list(const Value &value) const;
  mlir::Type elementType(Kind kind) const;
  mlir::FailureOr<llvm::SmallVector<Dimension>>
  dimensions(llvm::ArrayRef<Extent> shape);
  mlir::FailureOr<NamedTensorType> tensorType(Kind kind,
                                              llvm::ArrayRef<Extent> shape);
  mlir::FailureOr<Extents> broadcastShape(llvm::ArrayRef<Extent> lhs,
                                          llvm::ArrayRef<Extent> rhs);
  Result materializeListed(const Value &value);
  Result materializeCounting(const Value &value);
  Result materializeStored(const Value &value);
  Result materializeWindow(const Value &value);
  /// As an operand that broadcasts: a uniform value is a scalar.
  Result operand(const Value &value);

  Result broadcastTo(mlir::Value tensor, llvm::ArrayRef<Extent> shape);
  Result transpose(mlir::Value tensor, llvm::ArrayRef<int64_t> permutation);
  Result reduce(ReduceKind kind, mlir::Value tensor, int64_t axis);
  Result slice(mlir::Value tensor, int64_t axis, int64_t start, int64_t size,
               int64_t step);
  Result concat(llvm::ArrayRef<mlir::Value> tensors, int64_t axis);
  Result matmul(mlir::Value lhs, mlir::Value rhs);
  Result gather(mlir::Value table, mlir::Value index);
  Result select(mlir::Value condition, mlir::Value onTrue, mlir::Value onFalse);
  Result compare(ComparePredicate predicate, mlir::Value lhs, mlir::Value rhs);
  mlir::Value convert(mlir::Value tensor, Kind kind);
  /// key <= query + offset, over [queries, keys].
  mlir::Value triangle(const Extent &queries, const Extent &keys,
                       int64_t offset);
  template <typename OpTy> Result binary(mlir::Value lhs, mlir::Value rhs) {
    if (!lhs || !rhs || mlir::failed(checkBroadcast(lhs, rhs)))
      return mlir::failure();
    return OpTy::create(builder, location, lhs, rhs).getResult();
  }
  template <typename OpTy> mlir::Value unary(mlir::Value operand) {
    return OpTy::create(builder, location, operand).getResult();
  }
  mlir::LogicalResult checkBroadcast(mlir::Value lhs, mlir::Value rhs);

  bool isFixedLength(const Extent &extent) const {
    return fixedLength && extent == Extent(*fixedLength);
  }
  /// A table or a mask for exactly as many tokens as a graph has is as long as
  /// the sequence that it meets.
  Value stretched(const Value &value, llvm::ArrayRef<Extent> other) const;

  using Fold = llvm::function_ref<std::optional<Number>(
      const Number &lhs, const Number &rhs, Kind kind)>;
  /// Of two known values; nothing where it has to be computed by an operation.
  std::optional<Value> fold(const Value &lhs, const Value &rhs, Kind result,
                            Fold function);
  /// `lhs + sign * rhs` of integers that are all the same or count; nothing
  /// where the result does neither.
  std::optional<Value> addCounting(const Value &lhs, const Value &rhs,
                                   int64_t sign);
  using EmitBinary =
      llvm::function_ref<Result(mlir::Value lhs, mlir::Value rhs)>;
  mlir::FailureOr<Value> combine(const Value &lhs, const Value &rhs,
                                 Kind result, Fold function, EmitBinary emit);
  mlir::LogicalResult
  combineAll(llvm::function_ref<mlir::FailureOr<Value>(const Value &lhs,
                                                       const Value &rhs)>
                 step);
  mlir::LogicalResult foldUnary(llvm::function_ref<double(double)> function,
                                llvm::function_ref<Result(mlir::Value)> emit);

  //===--------------------------------------------------------------------===//
  // Parts that several nodes share
  //===--------------------------------------------------------------------===//
  Result softmax(mlir::Value tensor, int64_t axis);
  Result sigmoid(mlir::Value tensor);
  Result gelu(mlir::Value tensor);
  Result tanhGelu(mlir::Value tensor);
  Result normalize(mlir::Value tensor, int64_t firstAxis, double epsilon,
                   bool centered, const Value &gain, const Value &bias);
  Result addIfThere(mlir::Value tensor, const Value &value);
  /// Whole numbers of a quantized graph as floats.
  Result wholeNumbers(const Value &value);
  Result alongAxis(const Value &value, int64_t axis, int64_t rank);
  Result dequantize(const Value &value, const Value &scale,
                    const Value &zeroPoint, int64_t axis);
  mlir::FailureOr<Value>
  quantizedProduct(const Value &rows, const Value &weight, const Value &scale,
                   const Value &zeroPoint, const Value &bias);

  /// What attention is computed of: [batch, heads, length, width] each.
  struct AttentionParts {
    mlir::Value queries, keys, values;
    /// Added to scores, where it is there.
    mlir::Value bias = {};
    /// Who sees whom, where not everybody sees all.
    mlir::Value seen = {};
    double scale = 0; ///< 0: one over the root of the width
    double cap = 0;   ///< 0: none
    /// The cap comes behind bias and mask, not before.
    bool isBiasCapped = false;
    bool isCausal = false;
    int64_t window = -1; ///< keys that a query sees; -1: all
  };
  struct Rotation {
    const Value &cosines, &sines, &positions;
    bool isInterleaved;
  };
  Result splitHeads(mlir::Value rows, int64_t heads);
  Result mergeHeads(mlir::Value heads);
  Result shareHeads(mlir::Value heads, Extent wanted);
  Result joinPast(const Value &past, mlir::Value present);
  mlir::LogicalResult joinPasts(AttentionParts &parts, const Value &keys,
                                const Value &values);
  mlir::LogicalResult joinPackedPast(AttentionParts &parts);
  mlir::LogicalResult splitPart(llvm::SmallVectorImpl<mlir::Value> &split,
                                size_t index, int64_t heads);
  mlir::FailureOr<mlir::Value> hiddenBias(const Value &mask, Extent batch,
                                          Extent keys);
  mlir::LogicalResult addBiases(AttentionParts &parts, const Value &mask,
                                const Value &bias);
  Result capped(mlir::Value scores, double cap);
  Result attend(const AttentionParts &parts);
  Result rotate(mlir::Value heads, const Rotation &rotation);
  mlir::LogicalResult importMicrosoftAttention();

  mlir::LogicalResult sliceAxis(Value &value, int64_t axis, Extent start,
                                Extent end, int64_t step);
  mlir::FailureOr<Extents> resolveShape(const Value &value,
                                        llvm::ArrayRef<Extent> target,
                                        bool zeroCopies);
  std::optional<Value> joinCounting(llvm::ArrayRef<Value> parts,
                                    int64_t axis) const;
  mlir::FailureOr<Value> reshaped(const Value &value,
                                  llvm::ArrayRef<Extent> shape);
  mlir::LogicalResult reduceNode(ReduceKind kind);
  std::optional<Value> reduceUniform(ReduceKind kind,
                                     llvm::ArrayRef<int64_t> along) const;
  mlir::LogicalResult compareNode(ComparePredicate predicate);
  /// The least that `lhs - rhs` is anywhere, of integers that are all the same
  /// or count up.
  std::optional<int64_t> leastDifference(const Value &lhs, const Value &rhs);
  std::optional<bool> compareBounds(ComparePredicate predicate);
  mlir::LogicalResult pickNode(bool larger);

#define SINTER_ONNX_HANDLER(name) mlir::LogicalResult import##name();
#include "frontend/onnx/Handlers.def"

  mlir::OpBuilder &builder;
  const OnnxFile &file;
  llvm::raw_ostream &messages;
  mlir::Location location;
  llvm::StringMap<Value> values;
  const Node *node = nullptr;
  std::optional<int64_t> context;
  std::optional<int64_t> fixedLength;
  std::optional<Extent> fixedLengthIs;
};

} // namespace sinter::onnx

#endif // SINTER_FRONTEND_ONNX_IMPORTER_H
