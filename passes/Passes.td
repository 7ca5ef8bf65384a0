//===- Passes.td - The passes, in the order of the pipeline ----*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_TD
#define SINTER_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// The layers of an unrolled graph
//===----------------------------------------------------------------------===//

def RollLayersPass : Pass<"roll-layers", "::mlir::func::FuncOp"> {
  let summary = "Layers that are the same but for their weights become a loop.";
  let description = [{
    Exporters write every layer out. Consecutive parts of a function that do the same become one
    `sinter.repeat`: each makes one value of the value before, of weights of its own, and of values
    that all share, wherever these stand. A body may hold several layers of a pattern, and first or
    last layers that differ stay outside. Names of weights become a pattern with `{i}` where there
    is one, else a list; whole numbers that count layers become functions of the layer's number.

    ```mlir
    %1 = sinter.matmul %0, sinter.weight "h.0.w"
    %2 = sinter.tanh %1
    %3 = sinter.matmul %2, sinter.weight "h.1.w"
    %4 = sinter.tanh %3
    // becomes
    %4 = sinter.repeat %layer in 2 (%x = %0) {
      %1 = sinter.matmul %x, sinter.weight "h.{i}.w"[%layer]
      %2 = sinter.tanh %1
      sinter.yield %2
    }
    ```

    Candidates are found by hash along the dominator tree of uses and compared in full
    (`passes/LayerChain.h`). What keeps two parts that are almost the same from being layers is a
    missed remark.
  }];
  let statistics = [
    Statistic<"loops", "loops", "Loops made">,
    Statistic<"operations", "operations", "Operations that went into loops">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

//===----------------------------------------------------------------------===//
// From one sequence to any rows of any sequences
//===----------------------------------------------------------------------===//

def SplitSourcePass : Pass<"split-source", "::mlir::ModuleOp"> {
  let summary = "Compute what depends on the source alone once for each source.";
  let description = [{
    A function of tokens and of a source becomes two: `@encode` computes what depends on the source
    alone and keeps what the other needs, which are the keys and values of cross-attention;
    `@forward` loads them. They are kept before they are repeated for query heads and transposed.

    ```mlir
    func.func @logits(%token: tensor<[T], i32>, %source: tensor<[S], i32>) {
      %k = f(%source) : tensor<[S, 8, 64], f32>
      %s = sinter.matmul %q, transpose(%k)
    // becomes
    func.func @encode(%token: tensor<[S], i32>) {
      sinter.cache_store @cross_key, f(%token)
    func.func @forward(%token: tensor<[T], i32>) {
      %k = sinter.cache_load @cross_key
      %s = sinter.matmul %q, transpose(%k)
    ```
  }];
  let statistics = [
    Statistic<"kept", "kept", "Values of the source that are kept for the decoder">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def DeriveKVCachePass : Pass<"derive-kv-cache", "::mlir::ModuleOp"> {
  let summary = "From a function of one whole sequence to one of any rows of any sequences.";
  let description = [{
    What a spec says of a sequence of T tokens is computed for N tokens of any sequences instead.
    Every axis T is either what rows are computed for (query: N) or what a row looks back at (key:
    P), which is asked from the logits up. What depends on tokens and is asked for as key alone is
    the past: it is computed for the call's rows, appended to a cache, and read from there.

    ```mlir
    %s = sinter.matmul %q, %kt : tensor<[12, T, 64], f32>, tensor<[12, 64, T], f32> -> tensor<[12, T, T], f32>
    // becomes
    %keys = sinter.cache_append @key[%layer], %k at %sequence, %position
    %s = sinter.attention_scores %q, %keys, %sequence, %extent : tensor<[12, N, 64], f32>, history<[12, 64], f32> -> tensor<[12, N, P], f32>
    ```

    Row n looks at the first `extent[n]` positions. Where it is proved that rows depend on earlier
    rows only (`passes/Causality.h`), that is its position + 1 and a sequence may come in parts; the
    entry is `sinter.causal` and its caches are `persistent`. Otherwise it is the sequence's length,
    every call must hold whole sequences, and a remark says which op looks ahead.
  }];
  let statistics = [
    Statistic<"cachesMade", "caches", "Caches introduced">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def SelectRowsPass : Pass<"select-rows", "::mlir::func::FuncOp"> {
  let summary = "Compute results for the rows asked for only.";
  let description = [{
    The entry takes `%row[R]`, which of its N rows are asked for, and returns these alone. The choice
    is made as early as possible: everything from the layers on that works row by row runs on R rows.

    ```mlir
    %l = sinter.matmul %x, %w : tensor<[N, 768], f32>, tensor<[768, 50257], f32> -> tensor<[N, 50257], f32>
    // becomes
    %r = sinter.gather %x[%row] : tensor<[N, 768], f32>, tensor<[R], i32> -> tensor<[R, 768], f32>
    %l = sinter.matmul %r, %w : tensor<[R, 768], f32>, tensor<[768, 50257], f32> -> tensor<[R, 50257], f32>
    ```
  }];
  let statistics = [
    Statistic<"opsMoved", "moved", "Operations that run for the rows asked for only">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

//===----------------------------------------------------------------------===//
// Fusion
//===----------------------------------------------------------------------===//

def FuseAttentionPass : Pass<"fuse-attention", "::mlir::func::FuncOp"> {
  let summary = "Attention as one kernel.";
  let description = [{
    Finds the product of queries and keys, any elementwise work on it, softmax in all its forms and the product with
    values. The four become one operation, in whose region the elementwise work stands; neither scores nor probabilities
    are in memory any more. Masks along the past are made within it, rather than read.

    ```mlir
    %s = sinter.attention_scores %q, %keys, %sequence, %extent : tensor<[12, N, 64], f32>, ... -> tensor<[12, N, P], f32>
    %x = sinter.mul %s, %scale
    %m = sinter.reduce max %x axis 2 extent %extent
    %e = sinter.exp (sinter.sub %x, %m)
    %t = sinter.reduce sum %e axis 2 extent %extent
    %p = sinter.div %e, %t
    %o = sinter.attention_values %p, %values, %sequence, %extent : ... -> tensor<[12, N, 64], f32>
    // becomes
    %o = sinter.attention transpose(%q), %keys, %values, %sequence, %extent (%s) -> tensor<[N, 12, 64], f32> {
      sinter.yield (sinter.mul %s, %scale)
    }
    ```

    Division by the sum may come before or after the product with values, as a reciprocal or not; what multiplies the
    probabilities of a row multiplies its result. A mask of a causal entry that hides all but the last W positions becomes a
    `window` of W: what stands before is not read. Attention that is left in parts has a remark that says why.
  }];
  let statistics = [
    Statistic<"fused", "fused", "Attentions that are one kernel">,
    Statistic<"windows", "windows", "Sliding windows proven from masks">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

//===----------------------------------------------------------------------===//
// Functions with a name
//===----------------------------------------------------------------------===//

def RaiseNormalizationPass : Pass<"raise-normalization", "::mlir::func::FuncOp"> {
  let summary = "Find LayerNorm and RMSNorm.";
  let description = [{
    Takes the expression behind a value, computes it for a few rows, and compares: whatever is a row, or a row less its
    mean, over its root mean square, times a weight and plus a weight, is a normalization, however it is written
    (passes/README.md has the forms that are tested). Epsilon is read off what comes out for a row that is next to nothing.

    ```mlir
    %q = sinter.mul %x, %x
    %m = sinter.reduce mean %q axis 1
    %r = sinter.rsqrt (sinter.add %m, %epsilon)
    %y = sinter.mul (sinter.mul %x, %r), %gain
    // becomes
    %y = sinter.rms_norm %x gain %gain epsilon 1.0e-06
    ```

    A root of a mean that belongs to no normalization has a remark that says why.
  }];
  let statistics = [
    Statistic<"raised", "raised", "Normalizations found">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def RaiseActivationPass : Pass<"raise-activation", "::mlir::func::FuncOp"> {
  let summary = "Find GELU and SiLU.";
  let description = [{
    Takes the expression between two values, computes it for numbers from -12 to 12, and compares with the functions that
    have a name: as all ops in it are analytic, whatever agrees there is that function, or a multiple of it.

    ```mlir
    %e = sinter.exp (sinter.neg %x)
    %s = sinter.div %one, (sinter.add %one, %e)
    %y = sinter.mul %x, %s
    // becomes
    %y = sinter.silu %x
    ```

    What is close to one of them but none, such as GELU with another constant, has a remark that says by how much.
  }];
  let statistics = [
    Statistic<"raised", "raised", "Activations found">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def RaiseRotaryPass : Pass<"raise-rotary", "::mlir::func::FuncOp"> {
  let summary = "Find rotary positions.";
  let description = [{
    Follows every element of a row through slices, concatenations, reshapes, sums and products back to elements of the row
    that they were taken from. Where these are `a * cosine - b * sine` and `b * cosine + a * sine`, pairs are turned: element i
    with element i + width / 2, or neighbours; all of the row, or its first elements.

    ```mlir
    %a = sinter.slice %x axis 2 from 0 size 32 stride 1
    %b = sinter.slice %x axis 2 from 32 size 32 stride 1
    %f = sinter.sub (sinter.mul %a, %cosine), (sinter.mul %b, %sine)
    %s = sinter.add (sinter.mul %b, %cosine), (sinter.mul %a, %sine)
    %y = sinter.concat %f, %s axis 2
    // becomes
    %y = sinter.rotary half_split %x width 64 by %cosine, %sine
    ```

    Cosines and sines that stand there twice, for both elements of a pair, have to be the same by how they are computed; where
    that is not known, a remark says so.
  }];
  let statistics = [
    Statistic<"raised", "raised", "Rotations found">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def RaiseSoftmaxPass : Pass<"raise-softmax", "::mlir::func::FuncOp"> {
  let summary = "Find softmax.";
  let description = [{
    Exponentials over their sum along the last axis, over each row's extent where there is one, with or without the maximum:
    the forms that attention has (`passes/SoftmaxMatch.h`), where it was left in parts or where there is none.

    ```mlir
    %m = sinter.reduce max %x axis 1
    %e = sinter.exp (sinter.sub %x, %m)
    %y = sinter.div %e, (sinter.reduce sum %e axis 1)
    // becomes
    %y = sinter.softmax %x axis 1
    ```
  }];
  let statistics = [
    Statistic<"raised", "raised", "Softmaxes found">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def DecomposeCompositesPass : Pass<"decompose-composites"> {
  let summary = "Named functions as arithmetic.";
  let description = [{
    Writes normalizations, activations and the like in the primitive form that code is generated for. The pipeline ends
    with names; codegen decomposes a copy.

    ```mlir
    %y = sinter.silu %x
    // becomes
    %e = sinter.exp (sinter.neg %x)
    %y = sinter.div %x, (sinter.add %e, %one)
    ```
  }];
  let dependentDialects = ["::sinter::SinterDialect"];
}

//===----------------------------------------------------------------------===//
// What is computed when compiling
//===----------------------------------------------------------------------===//

def MergeProjectionsPass : Pass<"merge-projections", "::mlir::func::FuncOp"> {
  let summary = "Products of one input with several weights become one product.";
  let description = [{
    Queries, keys and values are products of the same rows, so are a gate and what it gates. Their weights
    are put side by side when compiling, and biases too where every product has one: rows are read once,
    and one contraction runs where several did. Each column is summed as before.

    ```mlir
    %q = sinter.matmul %x, %wq : tensor<[N, 768], f32>, tensor<[768, 768], f32> -> ...
    %k = sinter.matmul %x, %wk : tensor<[N, 768], f32>, tensor<[768, 256], f32> -> ...
    // becomes
    %w = sinter.concat %wq, %wk axis 1
    %y = sinter.matmul %x, %w : tensor<[N, 768], f32>, tensor<[768, 1024], f32> -> ...
    %q = sinter.slice %y axis 1 from 0 size 768 stride 1
    %k = sinter.slice %y axis 1 from 768 size 256 stride 1
    ```
  }];
  let statistics = [
    Statistic<"merged", "merged", "Products that became part of a larger one">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def FoldScalesPass : Pass<"fold-scales", "::mlir::func::FuncOp"> {
  let summary = "Factors into the weights beside them.";
  let description = [{
    A normalization's gain becomes part of the matrices that its result is multiplied by, if nothing else uses the result; so
    does its bias, through the matrix, into the bias behind it. A constant that multiplies a product with weights, or divides it,
    becomes part of the weights and of the bias. Real numbers would come out the same; f32 within rounding.

    ```mlir
    %n = sinter.rms_norm %x gain %g epsilon 1.0e-06
    %y = sinter.matmul %n, %w
    // becomes
    %n = sinter.rms_norm %x epsilon 1.0e-06
    %y = sinter.matmul %n, (sinter.mul %w, (sinter.reshape %g))
    ```
  }];
  let options = [
    Option<"largestProduct", "largest-product", "int64_t", "16777216",
           "Elements of the largest matrix that a bias is multiplied by when compiling">,
  ];
  let statistics = [
    Statistic<"folded", "folded", "Factors that are part of weights">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def PackWeightsPass : Pass<"pack-weights", "::mlir::func::FuncOp"> {
  let summary = "Multiply by weights in panels.";
  let description = [{
    A matrix product whose right side depends on weights only becomes `sinter.linear` on that side,
    packed. The panels' width and depth come from the target description.

    ```mlir
    %y = sinter.matmul %x, %w : !sinter.tensor<[N, 768], f32>, !sinter.tensor<[768, 768], f32> -> ...
    // becomes
    %p = sinter.pack %w : ...
    %y = sinter.linear %x, %p : ...
    ```
  }];
  let options = [
    Option<"columns", "columns", "int64_t", "64", "Columns of a panel">,
    Option<"depth", "depth", "int64_t", "1", "Consecutive inputs that stand together">,
  ];
  let statistics = [
    Statistic<"packed", "packed", "Products with packed weights">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def ReducePrecisionPass : Pass<"reduce-precision", "::mlir::func::FuncOp"> {
  let summary = "Contractions of bf16 in place of f32.";
  let description = [{
    Packed weights and tables of rows are rounded to bf16, to the nearest and ties to even, and so is what weights are
    multiplied with: half the bytes, and twice the products where the machine has an instruction for pairs. Sums stay in
    f32, and so does all between contractions. The op that rounds inputs is row work: `fuse-linear` lets the kernel that
    makes a value write it rounded, or the one that reads it round each row once.

    ```mlir
    %p = sinter.pack %w : tensor<[768, 2304], f32> -> packed<[768, 2304], f32, <columns = 64, depth = 1>>
    %y = sinter.linear %x, %p
    // becomes
    %v = sinter.convert %w : tensor<[768, 2304], f32> -> tensor<[768, 2304], bf16>
    %p = sinter.pack %v : tensor<[768, 2304], bf16> -> packed<[768, 2304], bf16, <columns = 64, depth = 2>>
    %b = sinter.convert %x : tensor<[N, 768], f32> -> tensor<[N, 768], bf16>
    %y = sinter.linear %b, %p : tensor<[N, 768], bf16>, ... -> tensor<[N, 2304], f32>
    ```

    Without `round-inputs`, for machines without such an instruction, only weights are rounded: widening them is exact
    and the products are those of f32.
  }];
  let options = [
    Option<"roundInputs", "round-inputs", "bool", "true", "Round what weights are multiplied with too">,
    Option<"keep", "keep", "std::string", "", "Weights whose name this regular expression matches stay in f32">,
  ];
  let statistics = [
    Statistic<"reduced", "reduced", "Contractions and tables in bf16">,
    Statistic<"bytesSaved", "bytes-saved", "Bytes of weights that are not stored">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def HoistWeightsPass : Pass<"hoist-weights", "::mlir::ModuleOp"> {
  let summary = "What depends on weights only is computed when compiling.";
  let description = [{
    The largest expressions made of weights and constants become `sinter.parameter`s of the module:
    their regions run when compiling, for each layer, and the binary stores what comes out. Entries
    that need the same one share it. Constants, counting, and repeating a smaller value stay, as
    making them costs less than reading them.

    ```mlir
    %w = sinter.weight "h.{i}.c_fc.weight"[%layer] : tensor<[768, 3072], f32>
    %p = sinter.pack %w : ...
    // becomes
    %p = sinter.parameter_load @h.c_fc.weight[%layer] : ...
    ```
  }];
  let statistics = [
    Statistic<"parameters", "parameters", "Parameters stored">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

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
    place, a tensor or a cache. Where positions turn them, both halves of a head have to be in one panel: panels then
    hold shares of both halves of spans of a head, `parts = 2, span = 64`. Heads of which half is no multiple of half a
    panel, positions that turn neighbours or part of a head, and work on whole heads stay row work behind the
    contraction; `fuse-linear` says which it is.

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

#endif // SINTER_PASSES_TD
