//===- MathPasses.td - From one sequence to entries, and what ops mean ----*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_MATH_PASSES_TD
#define SINTER_MATH_PASSES_TD

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
    every call must hold whole sequences, the rows of each together and in order, and a remark says
    which op looks ahead. There, a product with a matrix that is 1 where query - key = n and 0 elsewhere
    becomes a gather: it moves rows, as convolutions do.
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
    `window` of W: what stands before is not read. One that hides what is further than W to either side of an entry that is
    not causal also ends each row's extent there. Products written the other way around (`k @ q^T`, softmax along columns,
    `v^T @ p^T`) are turned first (`passes/StraightenScores.h`). Attention that is left in parts has a remark that says why.
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

def SkipExpertsPass : Pass<"skip-experts", "::mlir::func::FuncOp"> {
  let summary = "What no row chose is not computed.";
  let description = [{
    A loop whose body adds something to what it carries, times a column of a table that has one for each of the loop's
    numbers, adds nothing where the column is zero in all rows. Such a loop gets the table as its condition: a number
    whose column is zero is left out, and its weights are not read. So are routed experts (Shazeer et al. 2017): a token
    that chose 2 of 8 reads the weights of 2.

    ```mlir
    %y = sinter.repeat %e in 8 of %layer (%sum = %zero : tensor<[N, 64], f32>) {
      %is = sinter.compare eq %iota, %number                 // number of e, from 0
      %of = sinter.select %is, %gates, %none
      %gate = sinter.reduce sum %of axis 1                   // column e of %gates
      ...
      %part = sinter.mul %expert, %gate
      %next = sinter.add %sum, %part
      sinter.yield %next
    }
    // becomes
    %y = sinter.repeat %e in 8 of %layer (%sum = %zero : ...) where_any %gates : tensor<[N, 8], f32> { ... }
    ```

    What an expert that any row chose costs is that of all rows of the call: rows are not sorted by what they chose.
    Where a factor of zero would meet an infinite value, nothing is added instead of what is no number.
  }];
  let statistics = [Statistic<"loops", "loops", "Loops that leave numbers out">];
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

#endif // SINTER_MATH_PASSES_TD
