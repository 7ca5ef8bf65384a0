// Keys and values in bf16: rounded where they are written; what is said of it, and what stays in f32.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(fuse-attention),canonicalize,reduce-caches)' --remarks-filter=reduce-caches -split-input-file -verify-diagnostics | FileCheck %s

// CHECK: sinter.cache @key layers 1 : !sinter.history<[2, 4], bf16> {persistent}
// CHECK: sinter.cache @value layers 1 : !sinter.history<[2, 4], bf16> {persistent}
// CHECK-LABEL: @forward
// CHECK: %[[K:.*]] = sinter.convert %{{.*}} : <[N, 2, 4], f32> -> <[N, 2, 4], bf16>
// CHECK: %[[KEYS:.*]] = sinter.cache_append @key, %[[K]] at %{{.*}}, %{{.*}} : <[N, 2, 4], bf16>, <[N], i32>, <[N], i32> -> <[2, 4], bf16>
// CHECK: %[[V:.*]] = sinter.convert %{{.*}} : <[N, 2, 4], f32> -> <[N, 2, 4], bf16>
// CHECK: %[[VALUES:.*]] = sinter.cache_append @value, %[[V]]
// CHECK: sinter.attention %{{.*}}, %[[KEYS]], %[[VALUES]], {{.*}} !sinter.history<[2, 4], bf16>, !sinter.history<[2, 4], bf16> -> !sinter.tensor<[N, 4, 4], f32>
module {
// expected-remark @+1 {{Remark="cache @", Remark=key, Remark=" in bf16: saves ", Remark=16, Remark=" bytes of each position"}}
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
// expected-remark @+1 {{Remark="cache @", Remark=value, Remark=" in bf16: saves ", Remark=16, Remark=" bytes of each position"}}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %l = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %e = sinter.exp %l : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}
}

// -----

// Attention in parts, as weights are no softmax: what reads the cache has no kernel for bf16.

// CHECK: sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
// CHECK-LABEL: @forward
// CHECK-NOT: bf16
module {
// expected-remark @+1 {{Remark="cache @", Remark=key, Remark=" stays in f32: ", Remark=sinter.attention_scores, Remark=" uses it, and only sinter.attention reads bf16"}}
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[4, N, 1], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %l = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %t = sinter.reduce sum %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  return %t : !sinter.tensor<[4, N, 1], f32>
}
}
