// Rows that nobody asks for are not computed beyond the last op that mixes rows.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(select-rows))' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// Everything behind the layers runs on R rows; the layers on all.

// CHECK-LABEL: @forward
// CHECK-SAME: %[[ROW:[a-z0-9]+]]: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R, 5], f32>
// CHECK: %[[Y:.*]] = sinter.repeat {{.*}} : !sinter.tensor<[N, 4], f32>
// CHECK: %[[P:.*]] = sinter.gather %[[Y]][%[[ROW]]] : <[N, 4], f32>, <[R], i32> -> <[R, 4], f32>
// CHECK: sinter.reduce mean %[[P]] axis 1 : <[R, 4], f32> -> <[R, 1], f32>
// CHECK: sinter.sub {{.*}} -> <[R, 4], f32>
// CHECK: %[[L:.*]] = sinter.matmul {{.*}} -> <[R, 5], f32>
// CHECK-NOT: sinter.gather
// CHECK: return %[[L]]
// expected-remark @+1 {{[Passed] rows | Category:select-rows | Function=forward | Remark=3, Remark=" operations run for the rows asked for only"}}
func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[N, 5], f32> {
  %wte = sinter.weight "wte" : <[5, 4], f32>
  %e = sinter.gather %wte[%token] : <[5, 4], f32>, <[N], i32> -> <[N, 4], f32>
  %y = sinter.repeat %l in 2 (%a = %e : !sinter.tensor<[N, 4], f32>) {
    %b = sinter.tanh %a : <[N, 4], f32>
    sinter.yield %b : !sinter.tensor<[N, 4], f32>
  }
  %m = sinter.reduce mean %y axis 1 : <[N, 4], f32> -> <[N, 1], f32>
  %d = sinter.sub %y, %m : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
  %t = sinter.transpose %wte [1, 0] : <[5, 4], f32> -> <[4, 5], f32>
  %o = sinter.matmul %d, %t : <[N, 4], f32>, <[4, 5], f32> -> <[N, 5], f32>
  return %o : !sinter.tensor<[N, 5], f32>
}

// -----

// Rows that are not the first axis are brought there to be picked, and back. What is used by an op that mixes rows
// stays with all rows.

// CHECK-LABEL: @forward
// CHECK: %[[E:.*]] = sinter.exp {{.*}} : <[2, N, 4], f32>
// CHECK: sinter.cache_append
// CHECK: %[[S:.*]] = sinter.attention_scores %[[E]]
// CHECK: %[[M:.*]] = sinter.reduce max %[[S]] axis 2 extent {{.*}} -> <[2, N, 1], f32>
// CHECK: %[[TO:.*]] = sinter.transpose %[[M]] [1, 0, 2] : <[2, N, 1], f32> -> <[N, 2, 1], f32>
// CHECK: %[[PICKED:.*]] = sinter.gather %[[TO]][%{{.*}}] : <[N, 2, 1], f32>, <[R], i32> -> <[R, 2, 1], f32>
// CHECK: %[[BACK:.*]] = sinter.transpose %[[PICKED]] [1, 0, 2] : <[R, 2, 1], f32> -> <[2, R, 1], f32>
// CHECK: sinter.neg %[[BACK]] : <[2, R, 1], f32>
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
// expected-remark @+1 {{Remark=1, Remark=" operations run}}
func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}, %position: !sinter.tensor<[N], i32> {sinter.input = "position"},
    %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}) -> !sinter.tensor<[2, N, 1], f32> attributes {sinter.causal} {
  %wte = sinter.weight "wte" : <[100, 2, 4], f32>
  %k = sinter.gather %wte[%token] : <[100, 2, 4], f32>, <[N], i32> -> <[N, 2, 4], f32>
  %t = sinter.transpose %k [1, 0, 2] : <[N, 2, 4], f32> -> <[2, N, 4], f32>
  %e = sinter.exp %t : <[2, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %e, %keys, %sequence, %extent : <[2, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[2, N, P], f32>, !sinter.tensor<[N], i32> -> <[2, N, 1], f32>
  %n = sinter.neg %m : <[2, N, 1], f32>
  return %n : !sinter.tensor<[2, N, 1], f32>
}

// -----

// An encoder keeps all rows and returns none; an entry that takes rows already is done; so is a whole-sequence
// function.

// CHECK-LABEL: @encode(
// CHECK-NOT: sinter.input = "row"
// CHECK-LABEL: @forward(
// CHECK: sinter.input = "row"
// CHECK-NOT: sinter.input = "row"
// CHECK-LABEL: @logits(
// CHECK-NOT: sinter.input = "row"
func.func @encode(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) {
  return
}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %row: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R], i32> {
  %p = sinter.gather %position[%row] : <[N], i32>, <[R], i32> -> <[R], i32>
  return %p : !sinter.tensor<[R], i32>
}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T], i32> {
  return %token : !sinter.tensor<[T], i32>
}

// -----

func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[4], f32> {
  %w = sinter.weight "w" : <[4], f32>
  // expected-error @+1 {{returns '!sinter.tensor<[4], f32>': the rows asked for must be an axis N}}
  return %w : !sinter.tensor<[4], f32>
}
