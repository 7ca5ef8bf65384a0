//===- SinterGroupOps.td - Groups that run as one kernel -------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_GROUP_OPS_TD
#define SINTER_GROUP_OPS_TD

include "ir/SinterKernelOps.td"

def Sinter_RowGroupOp : Sinter_KernelOp<"row_group", [SingleBlockImplicitTerminator<"::sinter::YieldOp">,
                                                      IsolatedFromAbove]> {
  let summary = "A group of row work that runs as one kernel.";
  let description = [{
    The region holds math-level ops (no contraction but small ones, no layers) on its arguments, which are the operands. Each result
    has an axis `N` or `R`: rows are independent of one another in what they write, so that threads take ranges of them.

    Example:
    ```mlir
    %y = sinter.row_group (%a = %x : !sinter.tensor<[N, 768], f32>, %b = %bias : !sinter.tensor<[768], f32>) -> !sinter.tensor<[N, 768], f32> {
      %s = sinter.add %a, %b : !sinter.tensor<[N, 768], f32>, !sinter.tensor<[768], f32> -> !sinter.tensor<[N, 768], f32>
      sinter.yield %s : !sinter.tensor<[N, 768], f32>
    }
    ```
  }];
  let arguments = (ins Variadic<Sinter_TensorType>:$inputs, OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Variadic<Sinter_TensorType>:$results);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Sinter_LinearGroupOp : Sinter_Op<"linear_group", [
    SingleBlockImplicitTerminator<"::sinter::YieldOp">, IsolatedFromAbove, RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<Sinter_KernelOpInterface>]> {
  let summary = "A contraction with the row work in front of it and behind it, as one kernel.";
  let description = [{
    The region holds exactly one `sinter.linear`, over rows N or R, and math-level row work: what the contraction's
    input is made by is the prologue, what its result is used by is the epilogue. What both need is computed in
    both, but the contraction's input is handed on. `sinter.cache_append` in the epilogue writes rows into their
    places; its history is a result. A result that is a tensor has an axis of the same rows as the contraction.

    Threads share the kernel in one of two ways, which all of them choose alike from the number of rows:

    - *by rows*, where they are many: a thread takes its range of rows, in pieces that stay in its cache: prologue,
      all panels, epilogue. It reads and writes its own rows only.
    - *by panels*, where they are few: every thread computes the prologue of all rows for itself and multiplies
      with its share of the panels; all wait for all; a thread computes the epilogue of its own rows.

    So results belong to the thread of the row in both, unless the contraction's result is the only one as it is:
    then no one waits, and by panels it belongs to the threads of its columns. The same holds with `on_tile`: the
    epilogue, which for each element needs that element, its row's and its column's numbers alone, is computed while
    sums are in registers. If the weight's panels hold shares of several equal parts of the outputs, an element of
    the result is made of those in the same place of each part, which slices name.

    A group that gives an element for each sum may also give `sinter.argmax` of them, as results behind it. It is
    found while they are in registers too, and each is computed when the caller asks for it.

    Example:
    ```mlir
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 768], f32>, %w = %weight : !sinter.packed<[768, 768], f32, <columns = 64, depth = 1>>) -> !sinter.tensor<[N, 768], f32> {
      %e = sinter.exp %a : !sinter.tensor<[N, 768], f32> -> !sinter.tensor<[N, 768], f32>
      %l = sinter.linear %e, %w : !sinter.tensor<[N, 768], f32>, !sinter.packed<[768, 768], f32, <columns = 64, depth = 1>> -> !sinter.tensor<[N, 768], f32>
      %s = sinter.add %l, %a : !sinter.tensor<[N, 768], f32>, !sinter.tensor<[N, 768], f32> -> !sinter.tensor<[N, 768], f32>
      sinter.yield %s : !sinter.tensor<[N, 768], f32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyTypeOf<[Sinter_TensorType, Sinter_PackedType, Index]>>:$inputs,
                       UnitAttr:$on_tile, OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Variadic<AnyTypeOf<[Sinter_TensorType, Sinter_HistoryType]>>:$results);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The contraction.
    LinearOp getLinear();
    /// What the contraction reads, before reshapes that move nothing.
    mlir::Value getContractionInput();
    /// The ops that make the contraction's input; none where it is an input of the group.
    llvm::SmallVector<mlir::Operation *> getPrologue();
    /// The ops that make the results of the contraction's result; none where that is the only result.
    llvm::SmallVector<mlir::Operation *> getEpilogue();
    bool hasPrologue() { return !getPrologue().empty(); }
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// Whether the epilogue needs whole rows of sums, in memory.
    bool hasRowEpilogue() { return !getOnTile() && hasEpilogue(); }
    /// What finds the largest of the first result's elements; null if nothing does.
    ArgmaxOp getArgmax();
    /// Why the epilogue cannot be computed while sums are in registers; empty if it can. If panels held shares of
    /// `parts` equal parts of the outputs; 0: as the weight's do.
    llvm::StringRef whyNotOnTile(int64_t parts = 0);
    /// Whether the prologue or the contraction (else: the epilogue) reads the input.
    bool isReadBefore(unsigned input);
    bool isReadBehind(unsigned input);
    /// The rows' dimension, N or R.
    Dimension getRows();
  }];
  let extraClassDefinition = [{
    std::optional<llvm::ArrayRef<int64_t>> $cppClass::getSlots() { return getPlacement(); }
    void $cppClass::setSlots(llvm::ArrayRef<int64_t> slots) { setPlacement(slots); }
  }];
}

#endif // SINTER_GROUP_OPS_TD
