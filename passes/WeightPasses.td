//===- WeightPasses.td - What is computed when compiling ----*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_WEIGHT_PASSES_TD
#define SINTER_WEIGHT_PASSES_TD

include "mlir/Pass/PassBase.td"

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

    With `stored`, weights that a checkpoint stores as whole numbers stand side by side only where one type holds them in at
    most an eighth more than they take apart: queries and keys in 4 bits stay apart from values in 6, and all of these from
    plain numbers. Who reads fewer bytes is faster than who rounds rows once.
  }];
  let options = [
    Option<"stored", "stored", "bool", "false", "Weights keep the numbers that the checkpoint has">,
  ];
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

    With `attention`, where inputs are rounded, `sinter.attention` rounds what it multiplies as well (its `rounded`).
  }];
  let options = [
    Option<"contractions", "contractions", "bool", "true", "Round weights of contractions, not tables alone">,
    Option<"roundInputs", "round-inputs", "bool", "true", "Round what weights are multiplied with too">,
    Option<"attention", "attention", "bool", "false", "Round what attention multiplies too, where inputs are rounded">,
    Option<"depth", "depth", "int64_t", "2", "Inputs that stand together in panels: what an instruction takes">,
    Option<"keep", "keep", "std::string", "", "Weights whose name this regular expression matches stay in f32">,
  ];
  let statistics = [
    Statistic<"reduced", "reduced", "Contractions and tables in bf16">,
    Statistic<"bytesSaved", "bytes-saved", "Bytes of weights that are not stored">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def QuantizeWeightsPass : Pass<"quantize-weights", "::mlir::func::FuncOp"> {
  let summary = "Contractions of weights of 8 or 4 bits.";
  let description = [{
    Packed weights become whole numbers with a scale for each column, or for each group of its inputs. What they are multiplied
    with stays f32 between kernels: the kernel rounds each row to bytes, group by group, so that products of whole numbers
    are summed (`sinter.linear`).

    ```mlir
    %p = sinter.pack %w : tensor<[768, 2304], f32> -> packed<[768, 2304], f32, <columns = 64, depth = 1>>
    %y = sinter.linear %x, %p
    // becomes
    %q = sinter.quantize %w search : tensor<[768, 2304], f32> -> tensor<[768, 2304], quantized<ui8, scale = bf16>>
    %p = sinter.pack %q : ... -> packed<[768, 2304], quantized<ui8, scale = bf16>, <columns = 64, depth = 4>>
    %y = sinter.linear %x, %p
    ```

    With `round-inputs`, for machines whose units multiply bf16 only, rows are rounded to bf16 and the kernel widens the
    weight's numbers as it reads them: fewer bytes, the products of bf16.

    ```mlir
    %b = sinter.convert %x : tensor<[N, 768], f32> -> tensor<[N, 768], bf16>
    %y = sinter.linear %b, %p
    ```

    With `stored`, only weights that are whole numbers in the checkpoint already are. They keep their numbers and scales to
    the bit where a type holds them (`sinter.quantize ... stored`) and they are only moved about: transposed, cut between
    groups, put side by side. Where types differ, within a contraction or among its layers, they take the room of one that
    holds all: the most bits, the smallest groups, least values if one has any. Where no type does, they are rounded to 8 bits
    in groups of 32. Without `blocks`, for machines whose kernels take 4 and 8 bits with a scale for each group, so are numbers
    of blocks, and others take 8 bits.

    Where the module names weights in `sinter.calibrated`, the mean squares of their inputs stand beside them, and the search
    for scales counts the square of each input by them.

    So does the table that rows of tokens are taken from; where it is the weight of the logits as well, both are one. Tables of
    positions and the like stay: they are small.

    ```mlir
    %x = sinter.gather %wte[%token] : tensor<[50257, 768], f32>, tensor<[N], i32> -> tensor<[N, 768], f32>
    // becomes
    %t = sinter.transpose %wte [1, 0]
    %q = sinter.quantize %t search : tensor<[768, 50257], f32> -> tensor<[768, 50257], quantized<ui8, scale = bf16>>
    %p = sinter.pack %q : ...
    %x = sinter.packed_gather %p[%token] : ... -> tensor<[N, 768], f32>
    ```
  }];
  let options = [
    Option<"bits", "bits", "int64_t", "8", "Bits of a number: 8 or 4">,
    Option<"group", "group", "int64_t", "0", "Inputs that share a scale; 0: all">,
    Option<"scale", "scale", "std::string", "\"bf16\"", "Type of scales: bf16 or f16">,
    Option<"minimum", "minimum", "bool", "false", "Each group has a least value of its own, too">,
    Option<"search", "search", "bool", "true", "Choose the scales of the smallest squared error">,
    Option<"stored", "stored", "bool", "false", "Only weights that the checkpoint stores as whole numbers, in its own bits and groups">,
    Option<"blocks", "blocks", "bool", "true", "Of stored numbers, kernels take all: those of blocks, and of 2, 5 and 6 bits">,
    Option<"columns", "columns", "int64_t", "64", "Columns of a panel">,
    Option<"roundInputs", "round-inputs", "bool", "false", "Round what weights are multiplied with to bf16: kernels widen the numbers">,
    Option<"tables", "tables", "bool", "true", "Quantize the table that rows of tokens are taken from, too">,
    Option<"keep", "keep", "std::string", "", "Weights whose name this regular expression matches stay in f32">,
  ];
  let statistics = [
    Statistic<"quantized", "quantized", "Contractions and tables with quantized weights">,
    Statistic<"bytesSaved", "bytes-saved", "Bytes of weights that are not stored">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def GatherFromPanelsPass : Pass<"gather-from-panels", "::mlir::ModuleOp"> {
  let summary = "Rows of a table that is a contraction's weight too come from its panels.";
  let description = [{
    A table of tokens that is tied to the logits would be stored twice: as rows, and transposed in panels. The few rows that a
    call gathers are taken from the panels, whatever elements those have, so that it is stored once.

    ```mlir
    %x = sinter.gather %wte[%token] : tensor<[50257, 768], f32>, tensor<[N], i32> -> tensor<[N, 768], f32>
    %t = sinter.transpose %wte [1, 0]
    %p = sinter.pack %t : tensor<[768, 50257], f32> -> packed<[768, 50257], f32, <columns = 64, depth = 1>>
    %y = sinter.linear %z, %p
    // becomes
    %x = sinter.packed_gather %p[%token] : packed<[768, 50257], f32, <columns = 64, depth = 1>>, tensor<[N], i32> -> tensor<[N, 768], f32>
    %y = sinter.linear %z, %p
    ```

    The contraction may stand in another entry: entries share what they store.
  }];
  let statistics = [
    Statistic<"gathers", "gathers", "Tables whose rows come from panels">,
    Statistic<"bytesSaved", "bytes-saved", "Bytes of weights that are not stored">,
  ];
  let dependentDialects = ["::sinter::SinterDialect"];
}

def ReduceCachesPass : Pass<"reduce-caches", "::mlir::ModuleOp"> {
  let summary = "Keys and values of the past in bf16 or int8 in place of f32.";
  let description = [{
    What is written into a cache is rounded to bf16, to the nearest and ties to even: half the bytes of the past to hold and to
    read. Attention widens what it reads, which is exact, and computes in f32. A cache that something else than `sinter.attention`
    reads stays in f32.

    ```mlir
    sinter.cache @key layers 12 : history<[12, 64], f32>
    %h = sinter.cache_append @key[%layer], %k at %sequence, %position : <[N, 12, 64], f32>, ... -> <[12, 64], f32>
    // becomes
    sinter.cache @key layers 12 : history<[12, 64], bf16>
    %b = sinter.convert %k : <[N, 12, 64], f32> -> <[N, 12, 64], bf16>
    %h = sinter.cache_append @key[%layer], %b at %sequence, %position : <[N, 12, 64], bf16>, ... -> <[12, 64], bf16>
    ```

    With `type=int8`, each head of a row becomes whole numbers from -127 to 127 and a scale, where it is written: about a quarter
    of the bytes. Rows come to the write as f32, by a kernel of its own, for it needs the largest element of each head.
  }];
  let options = [
    Option<"type", "type", "std::string", "\"bf16\"", "What caches hold: bf16 or int8">,
  ];
  let statistics = [
    Statistic<"reduced", "reduced", "Caches in fewer bytes">,
    Statistic<"bytesSaved", "bytes-saved", "Bytes of each position that are not kept">,
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

#endif // SINTER_WEIGHT_PASSES_TD
