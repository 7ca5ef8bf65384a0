// Attention that stays in parts, and what the remark says of it.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(fuse-attention),canonicalize)' --remarks-filter=fuse-attention -split-input-file -verify-diagnostics | FileCheck %s

// The probabilities are used elsewhere.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: 'sinter.reduce' uses what 'sinter.div' makes, too"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %top = sinter.reduce max %p axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %o2 = sinter.mul %o, %top : <[4, N, 4], f32>, <[4, N, 1], f32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o2 [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// The scores are, by another attention.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: 'sinter.add' uses what 'sinter.attention_scores' makes, too"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %twice = sinter.add %s, %s : <[4, N, P], f32>, <[4, N, P], f32> -> <[4, N, P], f32>
  %most = sinter.reduce max %twice axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %o2 = sinter.mul %o, %most : <[4, N, 4], f32>, <[4, N, 1], f32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o2 [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Weights that are no softmax.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %p = sinter.tanh %s : <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: what weighs the values is not made by softmax but by 'sinter.tanh'"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Exponentials without a sum.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %e = sinter.exp %s : <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: the exponentials are not divided by their sum"}}
  %o = sinter.attention_values %e, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Divided by their mean.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce mean %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: the exponentials are not divided by their sum"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Scores that are centered before.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %mean = sinter.reduce mean %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %l = sinter.sub %s, %mean : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: 'sinter.reduce' of the scores is not part of their softmax"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Heads that change places.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %four = sinter.reshape %s : <[4, N, P], f32> -> <[2, 2, N, P], f32>
  %turned = sinter.transpose %four [1, 0, 2, 3] : <[2, 2, N, P], f32> -> <[2, 2, N, P], f32>
  %l = sinter.reshape %turned : <[2, 2, N, P], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: 'sinter.transpose' stands between scores and softmax and is not elementwise"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Values of a longer past than the keys.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>, %other: !sinter.tensor<[N], i32> {sinter.input = "extent"}) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %other : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: keys and values are those of different pasts"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// A sum over another extent.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention %
// CHECK: sinter.attention_scores
// CHECK: sinter.attention_values
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>, %other: !sinter.tensor<[N], i32> {sinter.input = "extent"}) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %other : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  // expected-remark @below {{Remark="attention stays in parts: the exponentials are not divided by their sum"}}
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}
