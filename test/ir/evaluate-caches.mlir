// Caches keep what a call wrote for the next; attention reads its own sequence's rows, up to its extent.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s

sinter.cache @key layers 2 : !sinter.history<[1, 2], f32> {persistent}

// Rows of sequences 5 and 3; the second layer gets twice of each.
func.func @write(%rows: !sinter.tensor<[N, 1, 2], f32> {sinter.value = dense<[[[1.0, 2.0]], [[10.0, 20.0]], [[3.0, 4.0]]]> : tensor<3x1x2xf32>},
                 %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3, 5]> : tensor<3xi32>},
                 %position: !sinter.tensor<[N], i32> {sinter.value = dense<[0, 0, 1]> : tensor<3xi32>}) {
  %r = sinter.repeat %layer in 2 (%x = %rows : !sinter.tensor<[N, 1, 2], f32>) {
    %history = sinter.cache_append @key[%layer], %x at %sequence, %position : !sinter.tensor<[N, 1, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[1, 2], f32>
    %y = sinter.add %x, %x : !sinter.tensor<[N, 1, 2], f32>, !sinter.tensor<[N, 1, 2], f32> -> !sinter.tensor<[N, 1, 2], f32>
    sinter.yield %y : !sinter.tensor<[N, 1, 2], f32>
  }
  return
}

// Two query heads share the one head of the cache. Scores behind the extent are undefined.
// CHECK: @scores = {{\[\[\[}}1, 3], [10, nan], [1, nan]], {{\[\[}}2, 4], [20, nan], [2, nan]]]
func.func @scores(%query: !sinter.tensor<[2, N, 2], f32> {sinter.value = dense<[[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]]> : tensor<2x3x2xf32>},
                  %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3, 5]> : tensor<3xi32>},
                  %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2, 1, 1]> : tensor<3xi32>})
    -> !sinter.tensor<[2, N, P], f32> {
  %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %any = sinter.broadcast %one : !sinter.tensor<[], f32> -> !sinter.tensor<[2, N, P], f32>
  // One layer: the first.
  %s = sinter.repeat %layer in 1 (%x = %any : !sinter.tensor<[2, N, P], f32>) {
    %keys = sinter.cache_history @key[%layer] : !sinter.history<[1, 2], f32>
    %y = sinter.attention_scores %query, %keys, %sequence, %extent : !sinter.tensor<[2, N, 2], f32>, !sinter.history<[1, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[2, N, P], f32>
    sinter.yield %y : !sinter.tensor<[2, N, P], f32>
  }
  return %s : !sinter.tensor<[2, N, P], f32>
}

// Probabilities behind the extent are not read: sequence 5 at extent 1 sees its first row alone.
// CHECK: @values = {{\[\[\[}}4, 6], [20, 40], [1, 2]]]
func.func @values(%probability: !sinter.tensor<[1, N, P], f32> {sinter.value = dense<[[[0.5, 0.5], [1.0, 7.0], [0.5, 7.0]]]> : tensor<1x3x2xf32>},
                  %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[5, 3, 5]> : tensor<3xi32>},
                  %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[2, 1, 1]> : tensor<3xi32>})
    -> !sinter.tensor<[1, N, 2], f32> {
  %zero = sinter.constant 0.0 : !sinter.tensor<[1, N, 2], f32>
  // Two layers: the result is the second's, whose rows are twice the first's.
  %o = sinter.repeat %layer in 2 (%x = %zero : !sinter.tensor<[1, N, 2], f32>) {
    %values = sinter.cache_history @key[%layer] : !sinter.history<[1, 2], f32>
    %y = sinter.attention_values %probability, %values, %sequence, %extent : !sinter.tensor<[1, N, P], f32>, !sinter.history<[1, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, 2], f32>
    sinter.yield %y : !sinter.tensor<[1, N, 2], f32>
  }
  return %o : !sinter.tensor<[1, N, 2], f32>
}

sinter.cache @cross layers 1 : !sinter.history<[1, 2], f32> {of_source, persistent}

// What an encoder stores, a decoder loads; the length of the source is what was stored.
func.func @encode(%source: !sinter.tensor<[S, 1, 2], f32> {sinter.value = dense<[[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]]> : tensor<3x1x2xf32>}) {
  sinter.cache_store @cross, %source : !sinter.tensor<[S, 1, 2], f32>
  return
}

// CHECK: @decode = {{\[\[\[}}1, 2]], {{\[\[}}3, 4]], {{\[\[}}5, 6]]]
func.func @decode() -> !sinter.tensor<[S, 1, 2], f32> {
  %x = sinter.cache_load @cross : !sinter.tensor<[S, 1, 2], f32>
  return %x : !sinter.tensor<[S, 1, 2], f32>
}

// A row group is its operations; a barrier is for threads alone.
// CHECK: @group = {{\[\[}}2, 4], [6, 8]]
func.func @group(%x: !sinter.tensor<[N, 2], f32> {sinter.value = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>}) -> !sinter.tensor<[N, 2], f32> {
  sinter.barrier
  %y = sinter.row_group (%a = %x : !sinter.tensor<[N, 2], f32>) -> !sinter.tensor<[N, 2], f32> {
    %s = sinter.add %a, %a : !sinter.tensor<[N, 2], f32>, !sinter.tensor<[N, 2], f32> -> !sinter.tensor<[N, 2], f32>
    sinter.yield %s : !sinter.tensor<[N, 2], f32>
  }
  return %y : !sinter.tensor<[N, 2], f32>
}
