// Attention in one pass: softmax of what the region makes of the scores, over the positions that a row sees.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s

sinter.cache @key layers 1 : !sinter.history<[1, 2], f32> {persistent}

// Sequence 5 has the rows (1, 2) and (3, 4), sequence 3 has (10, 20).
func.func @write(%rows: !sinter.tensor<[N, 1, 2], f32> {sinter.value = dense<[[[1.0, 2.0]], [[10.0, 20.0]], [[3.0, 4.0]]]> : tensor<3x1x2xf32>},
                 %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3, 5]> : tensor<3xi32>},
                 %position: !sinter.tensor<[N], i32> {sinter.value = dense<[0, 0, 1]> : tensor<3xi32>}) {
  %history = sinter.cache_append @key, %rows at %sequence, %position : !sinter.tensor<[N, 1, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[1, 2], f32>
  return
}

// Logarithms of scores are logits whose probabilities are the scores themselves: 1 and 3 give 1/4 and 3/4, 3 and 7 give
// 3/10 and 7/10. Two query heads share the one head of the cache. A row that sees nothing gives zeros.
// CHECK: @attend = {{\[\[\[}}2.5, 3.5], [2.4, 3.4]], {{\[\[}}10, 20], [10, 20]], {{\[\[}}1, 2], [1, 2]], {{\[\[}}0, 0], [0, 0]]]
func.func @attend(%query: !sinter.tensor<[N, 2, 2], f32> {sinter.value = dense<[[[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]]> : tensor<4x2x2xf32>},
                  %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3, 5, 5]> : tensor<4xi32>},
                  %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2, 1, 1, 0]> : tensor<4xi32>})
    -> !sinter.tensor<[N, 2, 2], f32> {
  %keys = sinter.cache_history @key : !sinter.history<[1, 2], f32>
  %o = sinter.attention %query, %keys, %keys, %sequence, %extent (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 2], f32>, !sinter.history<[1, 2], f32>, !sinter.history<[1, 2], f32> -> !sinter.tensor<[N, 2, 2], f32> {
    %l = sinter.log %s : !sinter.tensor<[2, N, P], f32>
    sinter.yield %l : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 2], f32>
}

// Products with the row of a table that the index names for each pair: of the row itself, and of the key. (2, 0) and (0, 1).
// CHECK: @own_rows = {{\[\[\[}}2, 0], [8, nan]]]
func.func @own_rows(%rows: !sinter.tensor<[1, N, 2], f32> {sinter.value = dense<[[[1.0, 0.0], [4.0, 5.0]]]> : tensor<1x2x2xf32>},
                    %table: !sinter.tensor<[1, 2, 2], f32> {sinter.value = dense<[[[2.0, 0.0], [0.0, 1.0]]]> : tensor<1x2x2xf32>},
                    %index: !sinter.tensor<[N, P], i32> {sinter.value = dense<[[0, 1], [-3, 1]]> : tensor<2x2xi32>},
                    %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 5]> : tensor<2xi32>},
                    %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2, 1]> : tensor<2xi32>})
    -> !sinter.tensor<[1, N, P], f32> {
  %s = sinter.attention_relative %rows, %table[%index], %sequence, %extent : !sinter.tensor<[1, N, 2], f32>, !sinter.tensor<[1, 2, 2], f32>, !sinter.tensor<[N, P], i32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, P], f32>
  return %s : !sinter.tensor<[1, N, P], f32>
}

// CHECK: @keys = {{\[\[\[}}2, 4], [20, nan]]]
func.func @keys(%table: !sinter.tensor<[1, 2, 2], f32> {sinter.value = dense<[[[2.0, 0.0], [0.0, 1.0]]]> : tensor<1x2x2xf32>},
                %index: !sinter.tensor<[N, P], i32> {sinter.value = dense<[[0, 9], [0, 1]]> : tensor<2x2xi32>},
                %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3]> : tensor<2xi32>},
                %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2, 1]> : tensor<2xi32>})
    -> !sinter.tensor<[1, N, P], f32> {
  %keys = sinter.cache_history @key : !sinter.history<[1, 2], f32>
  %s = sinter.attention_relative %keys, %table[%index], %sequence, %extent : !sinter.history<[1, 2], f32>, !sinter.tensor<[1, 2, 2], f32>, !sinter.tensor<[N, P], i32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, P], f32>
  return %s : !sinter.tensor<[1, N, P], f32>
}

// A window of one position: a row sees its last.
// CHECK: @window = {{\[\[\[}}3, 4], [3, 4]], {{\[\[}}10, 20], [10, 20]], {{\[\[}}1, 2], [1, 2]], {{\[\[}}0, 0], [0, 0]]]
func.func @window(%query: !sinter.tensor<[N, 2, 2], f32> {sinter.value = dense<[[[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]]> : tensor<4x2x2xf32>},
                  %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3, 5, 5]> : tensor<4xi32>},
                  %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2, 1, 1, 0]> : tensor<4xi32>})
    -> !sinter.tensor<[N, 2, 2], f32> {
  %keys = sinter.cache_history @key : !sinter.history<[1, 2], f32>
  %o = sinter.attention %query, %keys, %keys, %sequence, %extent window 1 (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 2], f32>, !sinter.history<[1, 2], f32>, !sinter.history<[1, 2], f32> -> !sinter.tensor<[N, 2, 2], f32> {
    %l = sinter.log %s : !sinter.tensor<[2, N, P], f32>
    sinter.yield %l : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 2], f32>
}

// Inputs of each row and of each head, and the count of positions: the first row sees the first position only; a bias
// that is the same for all positions changes nothing.
// CHECK: @masked = {{\[\[\[}}1, 2], [1, 2]], {{\[\[}}10, 20], [10, 20]], {{\[\[}}2.5, 3.5], [2.4, 3.4]], {{\[\[}}0, 0], [0, 0]]]
func.func @masked(%query: !sinter.tensor<[N, 2, 2], f32> {sinter.value = dense<[[[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]]> : tensor<4x2x2xf32>},
                  %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3, 5, 5]> : tensor<4xi32>},
                  %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2, 1, 2, 0]> : tensor<4xi32>},
                  %limit: !sinter.tensor<[N, 1], i32> {sinter.value = dense<[[1], [1], [2], [2]]> : tensor<4x1xi32>},
                  %bias: !sinter.tensor<[2, 1, 1], f32> {sinter.value = dense<[[[1.0]], [[1.0]]]> : tensor<2x1x1xf32>})
    -> !sinter.tensor<[N, 2, 2], f32> {
  %keys = sinter.cache_history @key : !sinter.history<[1, 2], f32>
  %o = sinter.attention %query, %keys, %keys, %sequence, %extent (%s : !sinter.tensor<[2, N, P], f32>, %m = %limit : !sinter.tensor<[N, 1], i32>, %b = %bias : !sinter.tensor<[2, 1, 1], f32>) : !sinter.tensor<[N, 2, 2], f32>, !sinter.history<[1, 2], f32>, !sinter.history<[1, 2], f32> -> !sinter.tensor<[N, 2, 2], f32> {
    %p = sinter.iota : !sinter.tensor<[P], i32>
    %seen = sinter.compare lt %p, %m : !sinter.tensor<[P], i32>, !sinter.tensor<[N, 1], i32> -> !sinter.tensor<[N, P], i1>
    %l = sinter.log %s : !sinter.tensor<[2, N, P], f32>
    %x = sinter.add %l, %b : !sinter.tensor<[2, N, P], f32>, !sinter.tensor<[2, 1, 1], f32> -> !sinter.tensor<[2, N, P], f32>
    %never = sinter.constant 0xFFF0000000000000 : !sinter.tensor<[], f32>
    %y = sinter.select %seen, %x, %never : !sinter.tensor<[N, P], i1>, !sinter.tensor<[2, N, P], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[2, N, P], f32>
    sinter.yield %y : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 2], f32>
}

// What is multiplied in bf16: 1 + 2^-8 is 1 there, and weights have 8 bits (in f32 the first head would give 2.7633 and 3.7633).
// CHECK: @rounded = {{\[\[\[}}2.76197, 3.76197], [1.8754, 2.8754]]]
func.func @rounded(%query: !sinter.tensor<[N, 2, 2], f32> {sinter.value = dense<[[[1.00390625, 0.0], [0.125, -0.25]]]> : tensor<1x2x2xf32>},
                   %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5]> : tensor<1xi32>},
                   %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2]> : tensor<1xi32>})
    -> !sinter.tensor<[N, 2, 2], f32> {
  %keys = sinter.cache_history @key : !sinter.history<[1, 2], f32>
  %o = sinter.attention %query, %keys, %keys, %sequence, %extent rounded (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 2], f32>, !sinter.history<[1, 2], f32>, !sinter.history<[1, 2], f32> -> !sinter.tensor<[N, 2, 2], f32> {
    sinter.yield %s : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 2], f32>
}
