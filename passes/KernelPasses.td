//===- KernelPasses.td - Kernels, and where data lies ------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_KERNEL_PASSES_TD
#define SINTER_KERNEL_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def FuseLinearPass : Pass<"fuse-linear", "::mlir::func::FuncOp"> {
  let summary = "Row work into the contractions before and behind it.";
  let description = [{
    Each contraction over rows becomes the centre of a `sinter.linear_group`. Row work between two kernels can
    be the end of the first or the start of the second, or part of it the one and part the other: which, is a
    minimum cut (`passes/FusionCut.h`) of the graph of the ops between them, by the bytes of a row that have to go
    through memory. A normalization whose input is in memory anyway is computed where it is needed; one whose
    result something later reads too, where it is made. Writes into caches go with the rows that they write.
    Row work that no contraction before it could do, and that several kernels need, is computed again in each if
    that moves no more bytes (`passes/Recompute.h`). An epilogue which for each element needs only that element and
    numbers of its row and column is `on_tile`: computed while sums are in registers. So are results of a range of
    columns each, such as keys that go to a cache.

    ```mlir
    %n = normalize(%x)
    %y = sinter.linear %n, %w : ...
    %r = sinter.add %x, %y : ...
    // becomes
    %r = sinter.linear_group (%a = %x, %b = %w) -> ... {
      %n = normalize(%a)
      %y = sinter.linear %n, %b : ...
      %r = sinter.add %a, %y : ...
      sinter.yield %r
    }
    ```
  }];
  let options = [
    Option<"onTile", "on-tile", "bool", "true", "Kernels take in epilogues while sums are in registers">,
  ];
  let statistics = [
    Statistic<"groupsMade", "groups", "Linear groups made">,
    Statistic<"opsFused", "ops", "Operations that run with a contraction">,
    Statistic<"opsRecomputed", "recomputed", "Copies of operations for a second kernel that needs them">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def InterleavePartsPass : Pass<"interleave-parts", "::mlir::ModuleOp"> {
  let summary = "Gate and up, and halves of heads, in one tile: what is joined stands side by side in panels.";
  let description = [{
    A contraction of several weights (`merge-projections`) whose epilogue joins equal parts of its outputs element by
    element, as `silu(gate) * up` does, needs those in the same place of each part together. Their columns become
    neighbours in the panels of the weight, by its layout, so that the epilogue is `on_tile`: what goes to memory is
    one part, not all.

    ```mlir
    sinter.parameter @w ... : !sinter.packed<[64, 256], f32, <columns = 64, depth = 1>>
    %y = sinter.linear_group (...) -> !sinter.tensor<[N, 128], f32> {
      %l = sinter.linear %a, %b : ... -> <[N, 256], f32>
      %g = sinter.slice %l axis 1 from 0 size 128 : ...
      %u = sinter.slice %l axis 1 from 128 size 128 : ...
      %s = sinter.silu %g : ...
      %m = sinter.mul %s, %u : ...
      sinter.yield %m
    }
    // becomes
    sinter.parameter @w ... : !sinter.packed<[64, 256], f32, <columns = 64, depth = 1, parts = 2>>
    %y = sinter.linear_group (...) -> !sinter.tensor<[N, 128], f32> {
      ...
    } {on_tile}
    ```

    Queries, keys and values are ranges of one contraction's columns (`ir/TileSegments.h`); each leaves the tile for its
    place, a tensor or a cache. Where positions turn halves, both have to be in one panel: panels then hold shares of both
    halves of spans of a head, or of the part of one that is turned, `parts = 2, span = 64`. Neighbours stand in one vector
    as they are. What is turned in halves of no multiple of half a panel, a part that does not divide its head, neighbours
    in less than whole vectors, and work on whole heads stay row work behind the contraction; `fuse-linear` says which it
    is.

    *Missed* where something else reads the weight as it lies.
  }];
  let statistics = [Statistic<"interleaved", "interleaved", "Contractions whose parts are joined in registers">];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def ArgmaxLogitsPass : Pass<"argmax-logits", "::mlir::func::FuncOp"> {
  let summary = "The most probable token, found behind the tiles of the logits.";
  let description = [{
    Whoever decodes greedily needs of each row of logits where the largest stands. `@forward` of a program that
    generates gets two more results, `sinter.argmax` of the logits, found in the contraction's group while sums are in
    registers. A call says which results it wants: the others are not computed. All kernels of the layers are the same
    for both.

    ```mlir
    %y = sinter.linear_group (%a = %x, %b = %w) -> !sinter.tensor<[R, 50257], f32> {
      %l = sinter.linear %a, %b : ...
      sinter.yield %l
    }
    return %y
    // becomes
    %y:3 = sinter.linear_group (%a = %x, %b = %w) -> !sinter.tensor<[R, 50257], f32>, !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32> {
      %l = sinter.linear %a, %b : ...
      %i, %m = sinter.argmax %l : ...
      sinter.yield %l, %i, %m
    }
    return %y#0, %y#1, %y#2
    ```

    *Missed* where the logits are no contraction's result, or where work behind it needs whole rows.
  }];
  let statistics = [Statistic<"found", "found", "Entries that give the most probable token alone">];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def GroupRowsPass : Pass<"group-rows", "::mlir::func::FuncOp"> {
  let summary = "Row work into kernels.";
  let description = [{
    What is left beside contractions and caches works row by row. It goes into `sinter.row_group`s,
    each of which runs as one kernel. Which ops run together is decided on a Boost graph of the block
    (`passes/BlockGraph.h`), so that nothing has to run in the middle of a group. Values without rows,
    such as the numbers of past positions, are made again in every group that uses them.

    ```mlir
    %a = sinter.add %x, %bias : ...
    %b = sinter.tanh %a : ...
    // becomes
    %b = sinter.row_group (%i = %x, %j = %bias) -> ... {
      %a = sinter.add %i, %j : ...
      %b = sinter.tanh %a : ...
      sinter.yield %b
    }
    ```
  }];
  let statistics = [
    Statistic<"groupsMade", "groups", "Row groups made">,
    Statistic<"opsGrouped", "ops", "Operations in row groups">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

//===----------------------------------------------------------------------===//
// Where data lies
//===----------------------------------------------------------------------===//

def InsertCopiesPass : Pass<"insert-copies", "::mlir::func::FuncOp"> {
  let summary = "Everything carried or returned is written by a kernel into its own place.";
  let description = [{
    What layers carry lies in one buffer from the initial value to the loop's result, and what the
    entry returns lies in the caller's. A kernel can write there directly if all who read the value
    before are done, itself included if it reads each element no later than it writes the new one there
    (`passes/InPlace.h`); where that is not so, a group that copies rows is inserted.
  }];
  let statistics = [
    Statistic<"copies", "copies", "Copies inserted">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def PlaceBarriersPass : Pass<"place-barriers", "::mlir::func::FuncOp"> {
  let summary = "Threads wait where data crosses from one to another.";
  let description = [{
    All threads run all kernels, each on its share (`passes/Partition.h`). A barrier stands before a
    kernel that reads what another thread may have written since the last barrier, or that writes
    what another thread may still read; also around the back edge of the layers. Row work on rows
    that the same thread made needs none. Threads share linear groups in one of two ways, by panels
    or by rows, as the call has few tokens or many: a barrier that only the first way needs is
    `when panels`.
  }];
  let statistics = [
    Statistic<"barriers", "barriers", "Barriers placed">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def PlanBuffersPass : Pass<"plan-buffers", "::mlir::func::FuncOp"> {
  let summary = "A place in the arena for every buffer.";
  let description = [{
    Two buffers interfere if a phase, which is what runs between two barriers, needs both. The
    interference graph (Boost.Graph) is coloured with ranges of the arena, largest buffers first,
    each into the smallest gap that fits. Named dimensions count at their largest. Behind the buffers
    stands where threads hand each other the sums of linear groups that they share by panels.
  }];
  let options = [
    Option<"maximumTokens", "maximum-tokens", "int64_t", "512", "Most tokens of a call">,
    Option<"maximumRows", "maximum-rows", "int64_t", "0", "Most rows asked for in a call; 0: as many as tokens">,
    Option<"rowsAtOnce", "rows-at-once", "int64_t", "96", "Rows that a linear group takes at once">,
  ];
  let statistics = [
    Statistic<"arenaBytes", "arena-bytes", "Bytes of the arena">,
    Statistic<"bufferBytes", "buffer-bytes", "Bytes of all buffers">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def VerifyPlanPass : Pass<"verify-plan", "::mlir::func::FuncOp"> {
  let summary = "Check barriers and buffers by running the plan on paper.";
  let description = [{
    Walks the entry as threads do and keeps book of what each byte of the arena holds and who touched
    it since the last barrier. Changes nothing; fails where a kernel would read another value than it
    is given, or where two threads would use the same bytes without a barrier between them.
  }];
}

def PlanWeightsPass : Pass<"plan-weights", "::mlir::ModuleOp"> {
  let summary = "A place among the binary's weights for every parameter.";
  let description = [{
    Parameters stand one behind the other, all layers of one together, each layer aligned to 64 bytes.
  }];
  let statistics = [
    Statistic<"weightBytes", "weight-bytes", "Bytes of all parameters">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

#endif // SINTER_KERNEL_PASSES_TD
