//===- RowProgram.h - Row work, described without a compiler ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What passes between the side that knows MLIR (codegen/RowGroups.cpp) and the
// side that knows Halide (codegen/halide). Neither includes the other's
// headers: their exceptions and type information do not agree.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_ROWPROGRAM_H
#define SINTER_CODEGEN_HALIDE_ROWPROGRAM_H

#include <cstdint>
#include <string>
#include <vector>

namespace sinter::rows {

enum class Element { F32, F16, BF16, I32, I1 };

/// How many bytes an element takes in a buffer.
constexpr int64_t byteSize(Element element) {
  if (element == Element::F32 || element == Element::I32)
    return 4;
  return element == Element::I1 ? 1 : 2;
}

/// The size of an axis: a number, or one of the dimensions of a call.
struct Size {
  int64_t number = 1;
  /// An `enum sinter_dimension`; -1: `number` holds.
  int dimension = -1;

  bool isStatic() const { return dimension < 0; }
  bool isOne() const { return isStatic() && number == 1; }
  bool operator==(const Size &other) const = default;
};

struct Tensor {
  Element element = Element::F32;
  std::vector<Size> shape;

  bool operator==(const Tensor &other) const = default;
};

/// The dialect's operations of row work, with the dialect's meaning. The
/// comment says what `Operation::numbers` holds.
enum class Kind {
  Input,
  Constant, // no numbers; `value`
  Iota,
  // One operand
  Neg,
  Abs,
  Exp,
  Log,
  Sqrt,
  Rsqrt,
  Sin,
  Cos,
  Tanh,
  Erf,
  Floor,
  Not,
  Convert,
  // Two operands
  Add,
  Sub,
  Mul,
  Div,
  Mod,
  Pow,
  Max,
  Min,
  And,
  Or,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  // Condition, then, else
  Select,
  Matmul,
  // Operand, and optionally the extent of each row; the axis
  ReduceSum,
  ReduceMax,
  ReduceMean,
  // Layout
  Transpose, // the permutation
  Reshape,
  Broadcast,
  Slice,  // axis, start, stride
  Concat, // axis
  Gather, // table, index
};

struct Operation {
  Kind kind;
  Tensor type;
  /// Indices into RowProgram::operations, all smaller than this one's own.
  std::vector<int> operands;
  std::vector<int64_t> numbers;
  double value = 0;

  bool operator==(const Operation &other) const = default;
};

/// A value that a program gives, one row behind the other; or row n to
/// `position[n]` of `sequence[n]` of a cache.
struct Output {
  int value = 0;
  /// Inputs of the program, of i32 [N]; -1: no cache.
  int sequence = -1, position = -1;
  /// How many positions of a sequence the cache has room for.
  int64_t positions = 0;
  /// Whether it takes the place of an input: no element may be written twice.
  bool inPlace = false;

  bool isCached() const { return sequence >= 0; }
  bool operator==(const Output &other) const = default;
};

/// A group: its operations in an order in which operands stand before their
/// users. The first `inputs` of them are its inputs.
struct RowProgram {
  std::vector<Operation> operations;
  int inputs = 0;
  std::vector<Output> outputs;

  bool operator==(const RowProgram &other) const = default;
};

/// A tensor in memory that a kernel reads or writes.
struct BufferView {
  /// Which of the group's buffers: inputs, then outputs.
  int buffer = 0;
  Tensor type;
};

/// The function that computes one row of one output:
///
///     int NAME(halide_buffer_t *input..., int32 N, int32 R, int32 P, int32 SP,
///              int32 row, halide_buffer_t *output)
///
/// An input's buffer has the axes of `type` that are not 1, innermost first.
/// The output's has them without the axis of rows, and its host pointer stands
/// at the row. All are dense, from 0 on.
struct RowKernel {
  std::string name;
  std::vector<BufferView> inputs;
  BufferView output;
  /// Where the rows of the output go.
  Output place;
};

/// The axis of rows: the first whose size is N or R; -1 if there is none.
int findRowAxis(const Tensor &type);
/// The axis whose size is N; -1 if there is none.
int findTokenAxis(const Tensor &type);

/// A machine, as Halide wants to know it.
struct Machine {
  /// As LLVM names it: "x86_64".
  std::string architecture;
  /// As LLVM names them: "avx2", sorted or not.
  std::vector<std::string> features;
  int vectorBits = 256;
};

struct Compiled {
  /// One list for each program, one kernel for each of its outputs; they must
  /// run in this order for a row, since later ones read what earlier ones
  /// wrote.
  std::vector<std::vector<RowKernel>> kernels;
  /// Why nothing was compiled; empty if all is well.
  std::string error;
};

/// Compiles programs into one file of LLVM bitcode. Kernels are named
/// "PREFIX<program>_<output>".
Compiled compile(const std::vector<RowProgram> &programs,
                 const Machine &machine, const std::string &prefix,
                 const std::string &bitcodePath);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_ROWPROGRAM_H
