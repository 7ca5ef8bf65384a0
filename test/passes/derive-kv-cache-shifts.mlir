// A product with a matrix of ones where query - key = n moves rows: in a function of whole sequences it becomes a gather.
//
// RUN: sinter-opt %s --verify-numerics --derive-kv-cache -split-input-file | FileCheck %s

// The row before, and the one behind: zeros outside of the sequence. No cache is made, and no matrix.

// CHECK-NOT: sinter.cache @
// CHECK: func.func @forward(%[[TOKEN:[^:]*]]: {{.*}}, %[[POSITION:[^:]*]]: !sinter.tensor<[N], i32> {sinter.input = "position"}, %{{[^:]*}}: {{.*}}, %[[EXTENT:[^:]*]]: !sinter.tensor<[N], i32> {sinter.input = "extent"})
// CHECK: %[[X:.*]] = sinter.gather %{{.*}}[%[[TOKEN]]]
// CHECK-NOT: [N, P]
// CHECK: %[[ROW:.*]] = sinter.iota : <[N], i32>
// CHECK: %[[ONE:.*]] = sinter.constant 1.000000e+00 : <[], i32>
// CHECK: %[[BEFORE:.*]] = sinter.sub %[[ROW]], %[[ONE]]
// CHECK: %[[MOVED:.*]] = sinter.gather %{{.*}}[%[[BEFORE]]]
// CHECK: %[[FROM:.*]] = sinter.sub %[[POSITION]], %[[ONE]]
// CHECK: sinter.compare ge %[[FROM]]
// CHECK: sinter.compare lt %[[FROM]], %[[EXTENT]]
// CHECK: sinter.select %{{.*}}, %[[MOVED]], %{{.*}} : <[N, 1], i1>, <[N, 4], f32>, <[], f32> -> <[N, 4], f32>
// CHECK: sinter.constant -1.000000e+00 : <[], i32>
// CHECK: sinter.gather
// CHECK-NOT: [N, P]
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %table = sinter.weight "table" : <[16, 4], f32>
  %x = sinter.gather %table[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %i = sinter.iota : <[T], i32>
  %q = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %k = sinter.reshape %i : <[T], i32> -> <[1, T], i32>
  %d = sinter.sub %q, %k : <[T, 1], i32>, <[1, T], i32> -> <[T, T], i32>
  %one = sinter.constant 1.0 : <[], i32>
  %minus = sinter.constant -1.0 : <[], i32>
  %yes = sinter.constant 1.0 : <[], f32>
  %no = sinter.constant 0.0 : <[], f32>
  %c = sinter.compare eq %d, %one : <[T, T], i32>, <[], i32> -> <[T, T], i1>
  %m = sinter.select %c, %yes, %no : <[T, T], i1>, <[], f32>, <[], f32> -> <[T, T], f32>
  %before = sinter.matmul %m, %x : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  // The same, as truth values that are numbers.
  %c1 = sinter.compare eq %minus, %d : <[], i32>, <[T, T], i32> -> <[T, T], i1>
  %m1 = sinter.convert %c1 : <[T, T], i1> -> <[T, T], f32>
  %behind = sinter.matmul %m1, %x : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  %s = sinter.mul %before, %behind : <[T, 4], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %s : !sinter.tensor<[T, 4], f32>
}

// -----

// Rows before alone: a sequence may come in parts, so the row before may be of an earlier call. It comes from a cache.

// CHECK: sinter.cache @value layers 1 : !sinter.history<[1, 4], f32> {persistent}
// CHECK: func.func @forward
// CHECK-SAME: sinter.causal
// CHECK: sinter.attention_values
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %table = sinter.weight "table" : <[16, 4], f32>
  %x = sinter.gather %table[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %i = sinter.iota : <[T], i32>
  %q = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %k = sinter.reshape %i : <[T], i32> -> <[1, T], i32>
  %d = sinter.sub %q, %k : <[T, 1], i32>, <[1, T], i32> -> <[T, T], i32>
  %one = sinter.constant 1.0 : <[], i32>
  %yes = sinter.constant 1.0 : <[], f32>
  %no = sinter.constant 0.0 : <[], f32>
  %c = sinter.compare eq %d, %one : <[T, T], i32>, <[], i32> -> <[T, T], i1>
  %m = sinter.select %c, %yes, %no : <[T, T], i1>, <[], f32>, <[], f32> -> <[T, T], f32>
  %before = sinter.matmul %m, %x : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %before : !sinter.tensor<[T, 4], f32>
}

// -----

// Near misses: twice the row behind, and all rows but the one behind. Both are sums over positions.

// CHECK: func.func @forward
// CHECK: sinter.attention_values
// CHECK: sinter.attention_values
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %table = sinter.weight "table" : <[16, 4], f32>
  %x = sinter.gather %table[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %i = sinter.iota : <[T], i32>
  %q = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %k = sinter.reshape %i : <[T], i32> -> <[1, T], i32>
  %d = sinter.sub %q, %k : <[T, 1], i32>, <[1, T], i32> -> <[T, T], i32>
  %minus = sinter.constant -1.0 : <[], i32>
  %yes = sinter.constant 2.0 : <[], f32>
  %no = sinter.constant 0.0 : <[], f32>
  %c = sinter.compare eq %d, %minus : <[T, T], i32>, <[], i32> -> <[T, T], i1>
  %m = sinter.select %c, %yes, %no : <[T, T], i1>, <[], f32>, <[], f32> -> <[T, T], f32>
  %twice = sinter.matmul %m, %x : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  %c1 = sinter.compare ne %d, %minus : <[T, T], i32>, <[], i32> -> <[T, T], i1>
  %m1 = sinter.convert %c1 : <[T, T], i1> -> <[T, T], f32>
  %others = sinter.matmul %m1, %x : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  %s = sinter.mul %twice, %others : <[T, 4], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %s : !sinter.tensor<[T, 4], f32>
}
