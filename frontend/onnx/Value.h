//===- Value.h - What a name of the graph stands for -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_ONNX_VALUE_H
#define SINTER_FRONTEND_ONNX_VALUE_H

#include "frontend/onnx/Extent.h"
#include "frontend/onnx/Proto.h"
#include "mlir/IR/Value.h"
#include <memory>
#include <vector>

namespace sinter::onnx {

/// The three kinds of elements that models compute with: all floats are f32
/// there, all integers i32 (i64 in shape arithmetic).
enum class Kind { Float, Integer, Truth };

/// One element that is known while importing.
struct Number {
  double real = 0; ///< of floats
  Extent integer;  ///< of integers and truths
  bool operator==(const Number &other) const = default;
};

/// A value of the graph. Exporters mix tensors with the arithmetic of their
/// shapes, and build masks from constants; what is known while importing is
/// computed then, and never becomes an operation.
struct Value {
  enum Form {
    Absent,   ///< an optional input that is not given
    Tensor,   ///< an operation's result, `tensor`
    Uniform,  ///< all elements are `numbers[0]`
    Counting, ///< integers: `numbers[0]`, then `step` more each, along `axis`
    Listed,   ///< few elements, all in `numbers`, row-major
    Stored,   ///< an initializer, or its first elements along some axes
  };
  Form form = Absent;
  Kind kind = Kind::Float;
  Extents shape;
  mlir::Value tensor;
  std::vector<Number> numbers;
  int64_t axis = 0, step = 0; // of Counting
  /// Coordinates along the last axis, each a value of its own.
  std::shared_ptr<std::vector<Value>> parts;
  /// In a quantized graph, floats in place of whole numbers: what was rounded
  /// and scaled to make them, or rows of a table of them as they are.
  enum Quantized { Plain, Rounded, Table } quantized = Plain;
  /// Of Stored; also of Listed, where the elements are those of a table.
  const onnx::Tensor *stored = nullptr;

  bool isAbsent() const { return form == Absent; }
  /// Computed while importing.
  bool isKnown() const { return form == Uniform || form == Listed; }
  /// Known, and all elements are one number.
  bool isOneNumber() const {
    return isKnown() && !numbers.empty() && llvm::all_equal(numbers);
  }
  int64_t getRank() const { return shape.size(); }
  /// Nothing if it depends on the length of a sequence, or is too large.
  std::optional<int64_t> getNumElements() const;
};

/// The largest value whose elements are listed.
constexpr int64_t mostListed = 4096;

} // namespace sinter::onnx

#endif // SINTER_FRONTEND_ONNX_VALUE_H
