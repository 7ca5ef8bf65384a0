//===- GraphBuilder.h - Math-level operations in few words ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_FUZZ_GRAPHBUILDER_H
#define SINTER_TOOLS_SINTER_FUZZ_GRAPHBUILDER_H

#include "ir/RandomWeights.h"
#include "ir/Sinter.h"

namespace sinter {

/// Random choices, and what they are built with. Every operation gets a
/// location of its own, so that reports can tell them apart.
class GraphBuilder {
public:
  GraphBuilder(mlir::MLIRContext *context, uint64_t seed)
      : builder(context), random(seed) {}

  bool chance(int percent) { return random.integer(0, 100) < percent; }
  int64_t below(int64_t end) { return random.integer(0, end); }
  template <typename T> T pick(std::initializer_list<T> choices) {
    return choices.begin()[below(choices.size())];
  }

  mlir::Location location();
  NamedTensorType type(llvm::ArrayRef<Dimension> shape,
                       mlir::Type element = {});
  Dimension length() { return Dimension::get(builder.getContext(), "T"); }
  Dimension size(int64_t number) {
    return Dimension::get(builder.getContext(), number);
  }
  static llvm::SmallVector<Dimension> shapeOf(mlir::Value value) {
    return llvm::cast<NamedTensorType>(value.getType()).getShape();
  }

  mlir::Value constant(double value, llvm::ArrayRef<Dimension> shape = {});
  mlir::Value integer(int64_t value);
  /// A weight, of each layer while there is one.
  mlir::Value weight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape);
  template <typename Op> mlir::Value unary(mlir::Value x) {
    return Op::create(builder, location(), x);
  }
  template <typename Op> mlir::Value binary(mlir::Value x, mlir::Value y) {
    return Op::create(builder, location(), x, y);
  }
  mlir::Value add(mlir::Value x, mlir::Value y) { return binary<AddOp>(x, y); }
  mlir::Value sub(mlir::Value x, mlir::Value y) { return binary<SubOp>(x, y); }
  mlir::Value mul(mlir::Value x, mlir::Value y) { return binary<MulOp>(x, y); }
  mlir::Value div(mlir::Value x, mlir::Value y) { return binary<DivOp>(x, y); }
  mlir::Value matmul(mlir::Value x, mlir::Value y) {
    return binary<MatmulOp>(x, y);
  }
  /// Either order of the operands.
  mlir::Value addAny(mlir::Value x, mlir::Value y) {
    return chance(50) ? add(x, y) : add(y, x);
  }
  mlir::Value mulAny(mlir::Value x, mlir::Value y) {
    return chance(50) ? mul(x, y) : mul(y, x);
  }
  mlir::Value reduce(ReduceKind kind, mlir::Value x, int64_t axis) {
    return ReduceOp::create(builder, location(), kind, x, axis);
  }
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation) {
    return TransposeOp::create(builder, location(), x, permutation);
  }
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<Dimension> shape) {
    return ReshapeOp::create(builder, location(), type(shape, elementOf(x)), x);
  }
  mlir::Value broadcast(mlir::Value x, llvm::ArrayRef<Dimension> shape) {
    return BroadcastOp::create(builder, location(), type(shape, elementOf(x)),
                               x);
  }
  mlir::Value slice(mlir::Value x, int64_t axis, int64_t start, int64_t count,
                    int64_t stride = 1) {
    return SliceOp::create(builder, location(), x, axis, start, count, stride);
  }
  mlir::Value concat(llvm::ArrayRef<mlir::Value> parts, int64_t axis) {
    return ConcatOp::create(builder, location(), mlir::ValueRange(parts), axis);
  }
  mlir::Value convert(mlir::Value x, mlir::Type element) {
    return ConvertOp::create(builder, location(), type(shapeOf(x), element), x);
  }
  mlir::Value compare(ComparePredicate predicate, mlir::Value x,
                      mlir::Value y) {
    return CompareOp::create(builder, location(), predicate, x, y);
  }
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y) {
    return SelectOp::create(builder, location(), condition, x, y);
  }
  /// 0, 1, ... of f32 or i32.
  mlir::Value iota(Dimension dimension) {
    return IotaOp::create(builder, location(),
                          type({dimension}, builder.getI32Type()));
  }

  mlir::OpBuilder builder;
  RandomStream random;
  /// Of the loop or, unrolled, the number in the names; -1 outside of layers.
  mlir::Value layer;
  int64_t layerNumber = -1;

private:
  static mlir::Type elementOf(mlir::Value x) {
    return llvm::cast<NamedTensorType>(x.getType()).getElementType();
  }
  unsigned line = 0;
};

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_FUZZ_GRAPHBUILDER_H
