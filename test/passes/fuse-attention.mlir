// Attention as one kernel: every form that is accepted.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(fuse-attention),canonicalize)' --remarks-filter=fuse-attention -split-input-file -verify-diagnostics | FileCheck %s

// Softmax as the paper says it, with the maximum for the numbers' sake. Transposes on either side are absorbed.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: %[[C:.*]] = sinter.constant 5.000000e-01
// CHECK-NEXT: %[[L:.*]] = sinter.mul %[[S]], %[[C]]
// CHECK-NEXT: sinter.yield %[[L]]
// CHECK-NOT: sinter.transpose
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %scale = sinter.constant 5.000000e-01 : <[], f32>
  %l = sinter.mul %s, %scale : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Without the maximum.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: sinter.constant
// CHECK-NEXT: sinter.mul
// CHECK-NEXT: sinter.yield
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %scale = sinter.constant 5.000000e-01 : <[], f32>
  %l = sinter.mul %s, %scale : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %e = sinter.exp %l : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Times one over the sum.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %scale = sinter.constant 5.000000e-01 : <[], f32>
  %l = sinter.mul %s, %scale : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %one = sinter.constant 1.0 : <[], f32>
  %i = sinter.div %one, %t : <[], f32>, <[4, N, 1], f32> -> <[4, N, 1], f32>
  %p = sinter.mul %i, %e : <[4, N, 1], f32>, <[4, N, P], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Times the sum to the power of -1.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %scale = sinter.constant 5.000000e-01 : <[], f32>
  %l = sinter.mul %s, %scale : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %minus = sinter.constant -1.0 : <[], f32>
  %i = sinter.pow %t, %minus : <[4, N, 1], f32>, <[], f32> -> <[4, N, 1], f32>
  %p = sinter.mul %e, %i : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Divided by the sum behind the product with values.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK: sinter.yield
// CHECK-NOT: sinter.div
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %scale = sinter.constant 5.000000e-01 : <[], f32>
  %l = sinter.mul %s, %scale : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %u = sinter.attention_values %e, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %o = sinter.div %u, %t : <[4, N, 4], f32>, <[4, N, 1], f32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// And times one over it.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK: sinter.yield
// CHECK-NOT: sinter.mul
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %scale = sinter.constant 5.000000e-01 : <[], f32>
  %l = sinter.mul %s, %scale : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %u = sinter.attention_values %e, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %one = sinter.constant 1.0 : <[], f32>
  %i = sinter.div %one, %t : <[], f32>, <[4, N, 1], f32> -> <[4, N, 1], f32>
  %o = sinter.mul %u, %i : <[4, N, 4], f32>, <[4, N, 1], f32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Probabilities that are scaled: the result is, instead. The raw scores go into softmax.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: sinter.yield %[[S]]
// CHECK: sinter.mul %{{.*}}, %{{.*}} : <[4, N, 4], f32>, <[], f32>
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 0 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %two = sinter.constant 2.0 : <[], f32>
  %pp = sinter.mul %p, %two : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %pp, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// A number of each row between the exponential and the division.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK: sinter.mul %{{.*}}, %{{.*}} : <[4, N, 4], f32>, <[N, 1], f32>
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>, %gate: !sinter.tensor<[N, 1], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 0 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %w = sinter.mul %e, %gate : <[4, N, P], f32>, <[N, 1], f32> -> <[4, N, P], f32>
  %p = sinter.div %w, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Scale as a square root on queries and keys: nothing is left to do for the scores.

// CHECK-LABEL: @forward
// CHECK: sinter.mul
// CHECK: sinter.mul
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: sinter.yield %[[S]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %root = sinter.constant 0.70710678118654757 : <[], f32>
  %qs = sinter.mul %q, %root : <[4, N, 4], f32>, <[], f32> -> <[4, N, 4], f32>
  %krows = sinter.mul %k, %root : <[N, 2, 4], f32>, <[], f32> -> <[N, 2, 4], f32>
  %kscaled = sinter.cache_append @key, %krows at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 0 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %qs, %kscaled, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// A sliding window as an additive mask: what is further back is not read, and within the window the mask says nothing.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} window 3 (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: sinter.yield %[[S]]
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %w = sinter.constant 3.0 : <[], i32>
  %near = sinter.compare lt %dist, %w : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %zero = sinter.constant 0.0 : <[], f32>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{Remark="scores, 0 operations on them, softmax and the product with values are one kernel, which reads the last 3 positions only: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %mask = sinter.select %near, %zero, %never : <[N, P], i1>, <[], f32>, <[], f32> -> <[N, P], f32>
  %l = sinter.add %s, %mask : <[4, N, P], f32>, <[N, P], f32> -> <[4, N, P], f32>
  %mx = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %mx : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// As a choice, with the limit included.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} window 4 (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: sinter.yield %[[S]]
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %w = sinter.constant 3.0 : <[], i32>
  %near = sinter.compare le %dist, %w : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %zero = sinter.constant 0.0 : <[], f32>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{Remark="scores, 0 operations on them, softmax and the product with values are one kernel, which reads the last 4 positions only: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %l = sinter.select %near, %s, %never : <[N, P], i1>, <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %mx = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %mx : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// No window: what is further back counts less, but it counts. The mask is made within the kernel.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>, %[[A:.*]] = %{{.*}} : !sinter.tensor<[N, 1], i32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK: %[[I:.*]] = sinter.iota : <[P], i32>
// CHECK-NEXT: sinter.sub %[[A]], %[[I]]
// CHECK: sinter.compare lt
// CHECK: sinter.select
// CHECK: sinter.add
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %w = sinter.constant 3.0 : <[], i32>
  %near = sinter.compare lt %dist, %w : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %zero = sinter.constant 0.0 : <[], f32>
  %never = sinter.constant -5.0 : <[], f32>
  // expected-remark @below {{Remark="scores, 4 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %mask = sinter.select %near, %zero, %never : <[N, P], i1>, <[], f32>, <[], f32> -> <[N, P], f32>
  %l = sinter.add %s, %mask : <[4, N, P], f32>, <[N, P], f32> -> <[4, N, P], f32>
  %mx = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %mx : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// A bias that falls with the distance, differently for each head: read are a slope for each head and a position for each row.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>, %[[SL:.*]] = %{{.*}} : !sinter.tensor<[4, 1, 1], f32>, %[[A:.*]] = %{{.*}} : !sinter.tensor<[N, 1], i32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: %[[I:.*]] = sinter.iota
// CHECK-NEXT: sinter.sub
// CHECK-NEXT: sinter.convert
// CHECK-NEXT: sinter.mul
// CHECK-NEXT: sinter.sub
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>, %slopes: !sinter.tensor<[4, 1, 1], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %far = sinter.convert %dist : <[N, P], i32> -> <[N, P], f32>
  // expected-remark @below {{Remark="scores, 4 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %fall = sinter.mul %slopes, %far : <[4, 1, 1], f32>, <[N, P], f32> -> <[4, N, P], f32>
  %l = sinter.sub %s, %fall : <[4, N, P], f32>, <[4, N, P], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// A soft cap.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK: sinter.constant 2.000000e-01
// CHECK: sinter.mul %[[S]]
// CHECK: sinter.tanh
// CHECK: sinter.mul
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 3 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %cap = sinter.constant 5.0 : <[], f32>
  %c0 = sinter.div %s, %cap : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %c1 = sinter.tanh %c0 : <[4, N, P], f32>
  %l = sinter.mul %c1, %cap : <[4, N, P], f32>, <[], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// A tensor that is not made element by element is read.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>, %[[B:.*]] = %{{.*}} : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: sinter.mul %[[S]], %[[B]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>, %table: !sinter.tensor<[9, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %g = sinter.gather %table[%position] : <[9, 4], f32>, <[N], i32> -> <[N, 4], f32>
  %gt = sinter.transpose %g [1, 0] : <[N, 4], f32> -> <[4, N], f32>
  %gb = sinter.reshape %gt : <[4, N], f32> -> <[4, N, 1], f32>
  %wide = sinter.broadcast %gb : <[4, N, 1], f32> -> <[4, N, P], f32>
  %l = sinter.mul %s, %wide : <[4, N, P], f32>, <[4, N, P], f32> -> <[4, N, P], f32>
  %m = sinter.reduce max %l axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %l, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Keys that were repeated for the query heads before they were kept, and values that were not.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: sinter.attention {{.*}}, !sinter.history<[4, 4], f32>, !sinter.history<[2, 4], f32>
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @more layers 1 : !sinter.history<[4, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %wide = sinter.reshape %k : <[N, 2, 4], f32> -> <[N, 2, 1, 4], f32>
  %both = sinter.broadcast %wide : <[N, 2, 1, 4], f32> -> <[N, 2, 2, 4], f32>
  %k4 = sinter.reshape %both : <[N, 2, 2, 4], f32> -> <[N, 4, 4], f32>
  %more = sinter.cache_append @more, %k4 at %sequence, %position : <[N, 4, 4], f32>, <[N], i32>, <[N], i32> -> <[4, 4], f32>
  // expected-remark @below {{Remark="scores, 0 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %more, %sequence, %extent : <[4, N, 4], f32>, <[4, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %m = sinter.reduce max %s axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %d = sinter.sub %s, %m : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %e = sinter.exp %d : <[4, N, P], f32>
  %t = sinter.reduce sum %e axis 2 extent %extent : <[4, N, P], f32>, !sinter.tensor<[N], i32> -> <[4, N, 1], f32>
  %p = sinter.div %e, %t : <[4, N, P], f32>, <[4, N, 1], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}

// -----

// Groups of heads as an axis of their own.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.attention_
// CHECK: sinter.broadcast %{{.*}} : <[2, 1, 1, 1], f32> -> <[2, 2, 1, 1], f32>
// CHECK: sinter.reshape %{{.*}} : <[2, 2, 1, 1], f32> -> <[4, 1, 1], f32>
// CHECK: %[[O:.*]] = sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} (%[[S:.*]] : !sinter.tensor<[4, N, P], f32>, %[[B:.*]] = %{{.*}} : !sinter.tensor<[4, 1, 1], f32>) : !sinter.tensor<[N, 4, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 4, 4], f32> {
// CHECK-NEXT: sinter.mul %[[S]], %[[B]]
// CHECK: return %[[O]]
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>, %temperature: !sinter.tensor<[2, 1, 1, 1], f32>) -> !sinter.tensor<[N, 4, 4], f32> attributes {sinter.causal} {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @below {{Remark="scores, 1 operations on them, softmax and the product with values are one kernel: 32 bytes are not written per token and position that it sees"}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[4, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, P], f32>
  %s4 = sinter.reshape %s : <[4, N, P], f32> -> <[2, 2, N, P], f32>
  %l = sinter.mul %s4, %temperature : <[2, 2, N, P], f32>, <[2, 1, 1, 1], f32> -> <[2, 2, N, P], f32>
  %m = sinter.reduce max %l axis 3 extent %extent : <[2, 2, N, P], f32>, !sinter.tensor<[N], i32> -> <[2, 2, N, 1], f32>
  %d = sinter.sub %l, %m : <[2, 2, N, P], f32>, <[2, 2, N, 1], f32> -> <[2, 2, N, P], f32>
  %e = sinter.exp %d : <[2, 2, N, P], f32>
  %t = sinter.reduce sum %e axis 3 extent %extent : <[2, 2, N, P], f32>, !sinter.tensor<[N], i32> -> <[2, 2, N, 1], f32>
  %p = sinter.div %e, %t : <[2, 2, N, P], f32>, <[2, 2, N, 1], f32> -> <[2, 2, N, P], f32>
  %p3 = sinter.reshape %p : <[2, 2, N, P], f32> -> <[4, N, P], f32>
  %o = sinter.attention_values %p3, %values, %sequence, %extent : <[4, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[4, N, 4], f32>
  %r = sinter.transpose %o [1, 0, 2] : <[4, N, 4], f32> -> <[N, 4, 4], f32>
  return %r : !sinter.tensor<[N, 4, 4], f32>
}
