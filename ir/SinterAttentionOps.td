//===- SinterAttentionOps.td - Attention as one kernel ---------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_ATTENTION_OPS_TD
#define SINTER_ATTENTION_OPS_TD

include "ir/SinterKernelOps.td"

def Sinter_AttentionOp : Sinter_KernelOp<"attention", [SingleBlockImplicitTerminator<"::sinter::YieldOp">,
                                                       IsolatedFromAbove]> {
  let summary = "Attention over the past, in one pass over its keys and values.";
  let description = [{
    For every row n and head h, where consecutive heads share a head of the keys, `k = h / (H / heads of keys)`, and one
    of the values, `v = h / (H / heads of values)`:

        score[p]     = region(sum over d of query[n, h, d] * keys[sequence[n]][p][k, d], ...)
        result[n, h] = sum over p of softmax(score)[p] * values[sequence[n]][p][v]

    where p goes over the positions that the row sees: those below `extent[n]` and, with a `window`, only the
    last `window` of these. A row that sees none gives zeros.

    With `rounded`, what is multiplied is rounded to bf16 first, to the nearest and ties to even, for machines that multiply pairs
    of bf16: queries and keys; values; and weights, which are `exp(score[p] - m)`, where m is the smallest multiple of ln 2
    that is not below the row's largest score. A sum of rounded weights is what a row is divided by. (With such an m, a weight
    keeps its digits when a larger score is found behind it: what rounding does is the same in any order.) Sums stay in
    f32. Histories of whole numbers are not multiplied so.

    The region says what becomes of a raw score before softmax: scale, cap, mask and bias. Its first argument is the
    scores `[H, N, P]`, the others are the inputs. It holds elementwise operations, constants and the count of
    positions (`sinter.iota` along P), all of shapes that broadcast to the scores' without a transposition, so that each
    score is made of itself and of what belongs to its head, row and position. Nothing of the size of the scores is in memory.

    Example: scaled, with a bias that falls with the distance.
    ```mlir
    %o = sinter.attention %q, %keys, %values, %sequence, %extent (%s : !sinter.tensor<[12, N, P], f32>, %b = %bias : !sinter.tensor<[12, N, P], f32>) : !sinter.tensor<[N, 12, 64], f32>, !sinter.history<[4, 64], f32>, !sinter.history<[4, 64], f32> -> !sinter.tensor<[N, 12, 64], f32> {
      %scale = sinter.constant 1.250000e-01 : !sinter.tensor<[], f32>
      %1 = sinter.mul %s, %scale : !sinter.tensor<[12, N, P], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[12, N, P], f32>
      %2 = sinter.add %1, %b : !sinter.tensor<[12, N, P], f32>, !sinter.tensor<[12, N, P], f32> -> !sinter.tensor<[12, N, P], f32>
      sinter.yield %2 : !sinter.tensor<[12, N, P], f32>
    }
    ```
  }];
  let arguments = (ins Sinter_TensorType:$query, Sinter_HistoryType:$keys, Sinter_HistoryType:$values,
                       Sinter_TensorType:$sequence, Sinter_TensorType:$extent, Variadic<Sinter_TensorType>:$inputs,
                       OptionalAttr<I64Attr>:$window, UnitAttr:$rounded, OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Sinter_TensorType:$result);
  let regions = (region SizedRegion<1>:$scoreRegion);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// What the region calls the raw scores, [H, N, P].
    mlir::BlockArgument getScores() { return getBody()->getArgument(0); }
    /// What the region calls the inputs.
    mlir::Block::BlockArgListType getInputArguments() { return getBody()->getArguments().drop_front(); }
    NamedTensorType getScoreType() { return mlir::cast<NamedTensorType>(getScores().getType()); }
    int64_t getHeads() { return getQuery().getType().getDim(1).getSize(); }
    /// Query heads that share a head of the keys, one of the values, and both.
    int64_t getKeyGroup() { return getHeads() / getKeys().getType().getHeads(); }
    int64_t getValueGroup() { return getHeads() / getValues().getType().getHeads(); }
    int64_t getGroup();
    /// The score that goes into softmax.
    mlir::Value getYielded();
  }];
}

#endif // SINTER_ATTENTION_OPS_TD
