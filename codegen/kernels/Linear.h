//===- Linear.h - Contractions with packed weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_LINEAR_H
#define SINTER_CODEGEN_KERNELS_LINEAR_H

#include "codegen/kernels/KernelBuilder.h"
#include "ir/Sinter.h"
#include "passes/TargetDescription.h"
#include <functional>
#include <optional>

namespace sinter {

/// Where a vector of a result's elements stands.
struct TilePlace {
  /// Its row, and the column of its first element; of vectors of several parts,
  /// within the part.
  mlir::Value row, column;
  /// How many of its elements count: the last columns may be fewer.
  int64_t used, lanes;
  /// The pointers that the kernel takes beside its own.
  mlir::ValueRange extras;
  /// Which of the form's segments the column is in.
  int64_t segment = 0;
  /// Whether vectors from here on stand at multiples of their size, in all
  /// tensors.
  bool isAligned = false;
};

/// A group of inputs or of weights: one vector where an instruction takes the
/// whole group, or one for each of it.
using GroupVectors = llvm::SmallVector<mlir::Value, 2>;

/// A group of inputs whose sums are scaled together, where form functions are
/// asked of it: its number, and the start of the row in question.
struct SumGroup {
  mlir::Value number, row;
};

/// Steps whose products are summed in a narrower type before they are added to
/// the sums, because an instruction gives them so: as many as cannot overflow.
struct SumRun {
  int64_t steps;
  /// Of an element of the run's sums, which fill a vector as sums do.
  mlir::Type type;
  /// `sum + run`.
  std::function<mlir::Value(KernelBuilder &, mlir::Value sum, mlir::Value run)>
      add;
};

/// What one kind of contraction does with registers, apart from the loops
/// around it. A step of the inner loop takes one group of `depth` inputs.
struct LinearForm {
  /// How registers are filled.
  RegisterTile tile;
  /// Inputs that one step takes: the depth of the weight's panels; and the
  /// vectors of `weightType` that it loads of as many columns as lanes.
  int64_t depth = 1, loads = 1;
  /// Bytes from one row of inputs to the next; 0: elements stand side by side.
  int64_t rowBytes = 0;
  /// Whether rows are padded so that the last step of a group is whole.
  bool isPadded = false;
  /// Types of an element of the input, of one column's group of weights in a
  /// vector, of a sum and of an element of the result.
  mlir::Type inputType, weightType, sumType, resultType;
  /// The group of inputs at `pointer`, in every lane. Only the first `count`
  /// are a row's: the last group may be smaller.
  std::function<GroupVectors(KernelBuilder &, mlir::Value pointer,
                             int64_t count, int64_t lanes)>
      loadInputs;
  /// Weights as they are multiplied, of a step's vectors as they are loaded.
  std::function<GroupVectors(KernelBuilder &, const GroupVectors &loaded)>
      unpackWeights;
  /// `sum + inputs * weights`, lane by lane, of what the two give.
  std::function<mlir::Value(KernelBuilder &, const GroupVectors &inputs,
                            const GroupVectors &weights, mlir::Value sum)>
      multiplyAdd;
  /// With it, `multiplyAdd` takes and gives sums of a run.
  std::optional<SumRun> run;
  /// Whether steps of several rows stay a loop: unrolled, LLVM loads inputs
  /// long before they are multiplied, and has no registers for them.
  bool keepRolled = false;
  /// Of weights that are scaled in groups of so many inputs, 0 if they are not:
  /// what sums begin with, what is loaded of the scales of group `group` of a
  /// block for one vector of columns, and the group's sums in f32, scaled and
  /// added to `total`, which is null where there is one group; and what the row
  /// makes of its totals.
  int64_t scaledInputs = 0;
  std::function<mlir::Value(KernelBuilder &, const SumGroup &group,
                            int64_t lanes)>
      beginSum;
  std::function<GroupVectors(KernelBuilder &, mlir::Value scales,
                             mlir::Value group, int64_t column, int64_t lanes)>
      loadScales;
  std::function<mlir::Value(KernelBuilder &, mlir::Value sum,
                            const GroupVectors &scales, const SumGroup &group,
                            mlir::Value total)>
      scaleSum;
  std::function<mlir::Value(KernelBuilder &, mlir::Value total,
                            mlir::Value row)>
      scaleTotal;
  /// A finished vector of sums as elements of the result. What is fused behind
  /// a contraction happens here, while the tile is in registers.
  std::function<mlir::Value(KernelBuilder &, mlir::Value sum,
                            const TilePlace &place)>
      finish;
  /// One vector of the result, made of finished ones: those in the same place
  /// of each of the parts that the weight's panels hold shares of. Without it,
  /// all parts are the result's.
  std::function<mlir::Value(KernelBuilder &, mlir::ValueRange parts,
                            const TilePlace &place)>
      join;
  /// Writes finished vectors in one place of each part, in place of the result.
  std::function<void(KernelBuilder &, mlir::ValueRange parts,
                     const TilePlace &place)>
      write;
  /// Ranges of columns of which `write` makes different things: a panel is of
  /// one, which is `segmentOf` its first column.
  int64_t segments = 1;
  std::function<mlir::Value(KernelBuilder &, mlir::Value column)> segmentOf;
  /// Where these ranges begin, and the widths of what is turned in them: a
  /// vector must not cross one.
  llvm::SmallVector<int64_t> borders;
  /// What else becomes of a row of a tile: its finished vectors from `place`
  /// on, of whose elements `place.used` count. With it, the pointer to the
  /// result may be null: nothing is written there.
  std::function<void(KernelBuilder &, mlir::ValueRange vectors,
                     const TilePlace &place)>
      take;
  /// What the kernel does first, if anything.
  std::function<void(KernelBuilder &, mlir::Value rows,
                     mlir::ValueRange extras)>
      begin;
  /// How far ahead of what is multiplied with a single row weights are asked
  /// for, as the target says.
  int64_t prefetchBytes = 0;
  /// Whether tiles of rows ask for the next panel, as the target says. For
  /// weights in one group alone.
  bool prefetchesPanels = false;
  /// How many pointers the kernel takes beside its own, for these.
  int64_t extras = 0;
};

/// Emits
///
///     void NAME(ptr x, ptr w, ptr y, i64 rows, i64 panel_begin, i64 panel_end,
///               ptr extra...)
///
/// which writes y[row, m] = sum over k of x[row, k] * w[k, m] for all rows and
/// for the columns m of the panels in [panel_begin, panel_end), or what `form`
/// makes of the sums. x and y are
/// dense and row-major, aligned to their elements, but for the rows of a
/// quantized weight (QuantizedLinear.h); w is packed as `weight` says and
/// 64-byte aligned. Each sum is taken in the order of k whatever the
/// number of rows, so that a row's result does not depend on its company.
mlir::func::FuncOp emitLinear(KernelBuilder &builder, llvm::StringRef name,
                              const TargetDescription &target,
                              PackedType weight, const LinearForm &form);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_LINEAR_H
