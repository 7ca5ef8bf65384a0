//===- SinterKernelOps.td - Kernel-level operations ------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_KERNEL_OPS_TD
#define SINTER_KERNEL_OPS_TD

include "ir/SinterMathOps.td"

class Sinter_KernelOp<string opMnemonic, list<Trait> traits = []>
    : Sinter_PureOp<opMnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<Sinter_KernelOpInterface>])> {
  // Every kernel op has an argument `OptionalAttr<DenseI64ArrayAttr>:$placement`.
  let extraClassDefinition = [{
    std::optional<llvm::ArrayRef<int64_t>> $cppClass::getSlots() { return getPlacement(); }
    void $cppClass::setSlots(llvm::ArrayRef<int64_t> slots) { setPlacement(slots); }
  }];
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

def Sinter_QuantizeOp : Sinter_PureOp<"quantize"> {
  let summary = "Rounds a weight [K, M] to numbers of few bits with a scale for each group of inputs of a column.";
  let description = [{
    The scale is that of the largest magnitude of the group, so that no number is cut off; with a least value, the
    group's range is divided evenly. With `search`, others are tried too, and the one whose numbers are nearest to the
    weights, by the sum of squares, is taken: never a worse one. `weighted by` says how much the square of each input
    counts, one number an input, in place of 1: what weights are multiplied with may be far from even. `ir/Quantization.h`
    says it to the bit. With `stored`, the elements are such numbers in the checkpoint already, group by group: they are
    taken from there, and nothing is rounded.

    Example:
    ```mlir
    %q = sinter.quantize %w search : !sinter.tensor<[768, 2304], f32> -> !sinter.tensor<[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$operand, Optional<Sinter_TensorType>:$importance, UnitAttr:$search,
                       UnitAttr:$stored);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$operand (`search` $search^)? (`weighted` `by` $importance^ `:` type($importance))?
                         (`stored` $stored^)? attr-dict `:` type($operand) `->` type($result)}];
  let hasVerifier = 1;
}

def Sinter_PackOp : Sinter_PureOp<"pack"> {
  let summary = "Lays a weight [K, M] out in panels.";
  let description = [{
    Example:
    ```mlir
    %p = sinter.pack %w : !sinter.tensor<[768, 2304], f32> -> !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$operand);
  let results = (outs Sinter_PackedType:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Sinter_ParameterOp : Sinter_Op<"parameter", [
    Symbol, IsolatedFromAbove, SingleBlock]> {
  let summary = "What the binary stores: a tensor made of weights when compiling.";
  let description = [{
    The region computes the parameter from the checkpoint: it runs once for each of `layers` layers
    when compiling, with the layer's number as argument, and its result goes to the output. All layers
    of a parameter stand behind one another. A parameter outside the layers has one.
    `offset` is where it stands among the binary's weights, in bytes; `stride` is the distance from one layer's to the next.

    Example:
    ```mlir
    sinter.parameter @c_attn layers 12 : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>> {
    ^bb0(%layer: index):
      %w = sinter.weight "h.{i}.attn.c_attn.weight"[%layer] : !sinter.tensor<[768, 2304], f32>
      %p = sinter.pack %w : !sinter.tensor<[768, 2304], f32> -> !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>>
      sinter.yield %p : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$layers, TypeAttr:$type,
                       OptionalAttr<I64Attr>:$offset, OptionalAttr<I64Attr>:$stride);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let assemblyFormat = [{$sym_name `layers` $layers (`at` $offset^)? (`stride` $stride^)? `:` $type $bodyRegion attr-dict}];
  let hasRegionVerifier = 1;
}

def Sinter_ParameterLoadOp : Sinter_PureOp<"parameter_load", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "A parameter, of one layer.";
  let description = [{
    Example:
    ```mlir
    %p = sinter.parameter_load @c_attn[%layer] : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$parameter, Optional<Index>:$layer);
  let results = (outs AnyTypeOf<[Sinter_TensorType, Sinter_PackedType]>:$result);
  let assemblyFormat = "$parameter (`[` $layer^ `]`)? attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// KV cache
//===----------------------------------------------------------------------===//

def Sinter_CacheOp : Sinter_Op<"cache", [Symbol]> {
  let summary = "Memory that outlives a call: one row for every layer, sequence and position.";
  let description = [{
    A row has `heads` heads of `width` elements. `of_source` marks a cache whose positions are those
    of the encoder's source. A cache that is not `persistent` is only used within a call, by a model
    that sees whole sequences.

    Example:
    ```mlir
    sinter.cache @key layers 12 : !sinter.history<[12, 64], f32> {persistent}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$layers, TypeAttrOf<Sinter_HistoryType>:$type,
                       UnitAttr:$of_source, UnitAttr:$persistent);
  let assemblyFormat = "$sym_name `layers` $layers `:` $type attr-dict";
}

def Sinter_CacheStoreOp : Sinter_Op<"cache_store", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                                                    MemoryEffects<[MemWrite]>]> {
  let summary = "Keeps a value of the source for the decoder.";
  let description = [{
    Math level: the encoder's side of a value that depends on the source only. The value is `[positions, heads, width]`.

    Example:
    ```mlir
    sinter.cache_store @cross_key[%layer], %k : !sinter.tensor<[S, 8, 64], f32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, Optional<Index>:$layer, Sinter_TensorType:$value);
  let assemblyFormat = "$cache (`[` $layer^ `]`)? `,` $value attr-dict `:` type($value)";
}

def Sinter_CacheLoadOp : Sinter_Op<"cache_load", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                                                  MemoryEffects<[MemRead]>]> {
  let summary = "A value of the source, kept by the encoder.";
  let description = [{
    Math level: the decoder's side of `sinter.cache_store`.

    Example:
    ```mlir
    %k = sinter.cache_load @cross_key[%layer] : !sinter.tensor<[S, 8, 64], f32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, Optional<Index>:$layer);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$cache (`[` $layer^ `]`)? attr-dict `:` type($result)";
}

def Sinter_CacheAppendOp : Sinter_Op<"cache_append", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                                                      MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Writes the call's rows into a cache; the result is the cache with them.";
  let description = [{
    Row n of `rows[N, heads, width]` goes to position `position[n]` of sequence `sequence[n]`.

    Example:
    ```mlir
    %keys = sinter.cache_append @key[%layer], %k at %sequence, %position : !sinter.tensor<[N, 4, 64], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[4, 64], f32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, Optional<Index>:$layer, Sinter_TensorType:$rows,
                       Sinter_TensorType:$sequence, Sinter_TensorType:$position);
  let results = (outs Sinter_HistoryType:$result);
  let assemblyFormat = [{$cache (`[` $layer^ `]`)? `,` $rows `at` $sequence `,` $position attr-dict `:`
                         type($rows) `,` type($sequence) `,` type($position) `->` type($result)}];
}

def Sinter_CacheHistoryOp : Sinter_Op<"cache_history", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                                                        MemoryEffects<[MemRead]>]> {
  let summary = "What a cache holds, without adding to it.";
  let description = [{
    Example:
    ```mlir
    %keys = sinter.cache_history @cross_key[%layer] : !sinter.history<[8, 64], f32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache, Optional<Index>:$layer);
  let results = (outs Sinter_HistoryType:$result);
  let assemblyFormat = "$cache (`[` $layer^ `]`)? attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def Sinter_LinearOp : Sinter_KernelOp<"linear"> {
  let summary = "Contraction with a packed weight.";
  let description = [{
    `x[..., K] @ w[K, M] -> [..., M]`: every row of x by the packed weight. Products are summed in f32 whatever they
    are of: a weight in bf16 takes rows in f32 or, rounded by an op that says so, in bf16.

    A quantized weight takes rows in f32, which the kernel rounds to whole numbers from -127 to 127: a row's scale is its
    largest magnitude over 127, and each group of inputs that shares a scale of the weight has that halved as often as it
    suits its own largest magnitude (ir/Quantization.h). Products of whole numbers are summed exactly within a group, and
    groups in f32. Or it takes rows in bf16: these are multiplied by what the weight's numbers stand for.

    Example:
    ```mlir
    %y = sinter.linear %x, %w : !sinter.tensor<[N, 768], f32>, !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>> -> !sinter.tensor<[N, 2304], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$input, Sinter_PackedType:$weight,
                       OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$input `,` $weight (`to` $placement^)? attr-dict `:` type($input) `,` type($weight)
                         `->` type($result)}];
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weight)>];
  let hasVerifier = 1;
}

def Sinter_PackedGatherOp : Sinter_KernelOp<"packed_gather"> {
  let summary = "Columns of a packed weight by their numbers, as rows.";
  let description = [{
    `result[n, k] = weight[k, index[n]]`, in f32: rows of a table that stands transposed in panels, as that of tokens does
    where it is the weight of the logits, too. Of a quantized weight, what its numbers stand for. A number outside the
    table reads its nearest row, as with `sinter.gather`.

    Example:
    ```mlir
    %x = sinter.packed_gather %wte[%token] : !sinter.packed<[768, 50257], f32, <columns = 64, depth = 1>>, !sinter.tensor<[N], i32> -> !sinter.tensor<[N, 768], f32>
    ```
  }];
  let arguments = (ins Sinter_PackedType:$weight, Sinter_TensorType:$index,
                       OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$weight `[` $index `]` (`to` $placement^)? attr-dict `:` type($weight) `,` type($index)
                         `->` type($result)}];
  let builders = [OpBuilder<(ins "::mlir::Value":$weight, "::mlir::Value":$index)>];
  let hasVerifier = 1;
}

def Sinter_AttentionScoresOp : Sinter_KernelOp<"attention_scores"> {
  let summary = "Queries times the keys of their own sequence's past.";
  let description = [{
    `result[h, n, p] = sum over d of query[h, n, d] * keys[sequence[n]][p][h / group, d]` for
    `p < extent[n]`; elements behind are undefined. `group` is the number of query heads
    that share a key head: H / heads.

    Example:
    ```mlir
    %s = sinter.attention_scores %q, %keys, %sequence, %extent : !sinter.tensor<[12, N, 64], f32>, !sinter.history<[4, 64], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[12, N, P], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$query, Sinter_HistoryType:$keys, Sinter_TensorType:$sequence,
                       Sinter_TensorType:$extent, OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$query `,` $keys `,` $sequence `,` $extent (`to` $placement^)? attr-dict `:` type($query) `,`
                         type($keys) `,` type($sequence) `,` type($extent) `->` type($result)}];
  let hasVerifier = 1;
}

def Sinter_AttentionValuesOp : Sinter_KernelOp<"attention_values"> {
  let summary = "The past's values, weighted by each row's probabilities.";
  let description = [{
    `result[h, n, e] = sum over p < extent[n] of probability[h, n, p] * values[sequence[n]][p][h / group, e]`.

    Example:
    ```mlir
    %o = sinter.attention_values %p, %values, %sequence, %extent : !sinter.tensor<[12, N, P], f32>, !sinter.history<[4, 64], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[12, N, 64], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$probability, Sinter_HistoryType:$values, Sinter_TensorType:$sequence,
                       Sinter_TensorType:$extent, OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$probability `,` $values `,` $sequence `,` $extent (`to` $placement^)? attr-dict `:`
                         type($probability) `,` type($values) `,` type($sequence) `,` type($extent) `->` type($result)}];
  let hasVerifier = 1;
}

def Sinter_AttentionRelativeOp : Sinter_KernelOp<"attention_relative"> {
  let summary = "Scores of a row, or of each key of its past, with the row of a table for their relative position.";
  let description = [{
    `result[h, n, p] = sum over d of rows[h, n, d] * table[h, index[n, p], d]` for `p < extent[n]`; elements behind are
    undefined. With a history in place of rows, it is the key of position p, `rows[sequence[n]][p][h, d]`, that is multiplied.
    A number outside the table takes its nearest row. (Disentangled attention, He et al. 2021: content to position, and
    position to content.)

    Example:
    ```mlir
    %s = sinter.attention_relative %keys, %table[%bucket], %sequence, %extent : !sinter.history<[12, 64], f32>, !sinter.tensor<[12, 512, 64], f32>, !sinter.tensor<[N, P], i32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[12, N, P], f32>
    ```
  }];
  let arguments = (ins AnyTypeOf<[Sinter_TensorType, Sinter_HistoryType]>:$rows, Sinter_TensorType:$table,
                       Sinter_TensorType:$index, Sinter_TensorType:$sequence, Sinter_TensorType:$extent,
                       OptionalAttr<DenseI64ArrayAttr>:$placement);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$rows `,` $table `[` $index `]` `,` $sequence `,` $extent (`to` $placement^)? attr-dict `:`
                         type($rows) `,` type($table) `,` type($index) `,` type($sequence) `,` type($extent) `->`
                         type($result)}];
  let hasVerifier = 1;
}

def Sinter_BarrierOp : Sinter_Op<"barrier"> {
  let summary = "All threads wait for all: data crosses threads here.";
  let description = [{
    With `when panels`, only in a call whose linear groups are shared by panels, as it has few tokens: where threads
    own rows, nothing crosses.

    Example: `sinter.barrier`, `sinter.barrier when panels`
  }];
  let arguments = (ins UnitAttr:$when_panels);
  let assemblyFormat = "(`when` `panels` $when_panels^)? attr-dict";
}

#endif // SINTER_KERNEL_OPS_TD
