// Windows to both sides, as encoders have them: a row reads no more than the window, and at the end of a sequence the mask hides the
// rest of it.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(fuse-attention),canonicalize)' --remarks-filter=fuse-attention -split-input-file -verify-diagnostics | FileCheck %s

// The distance without its sign, as ModernBERT writes it.

// CHECK-LABEL: @forward
// CHECK: %[[A:.*]] = sinter.constant 3.000000e+00 : <[], i32>
// CHECK: %[[END:.*]] = sinter.add %arg0, %[[A]]
// CHECK: %[[E:.*]] = sinter.min %arg2, %[[END]]
// CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[E]] window 5 (
// CHECK: sinter.select
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32>
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %two = sinter.constant 2.0 : <[], i32>
  %three = sinter.constant 3.0 : <[], i32>
  %far = sinter.abs %dist : <[N, P], i32>
  %near = sinter.compare le %far, %two : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{softmax and the product with values are one kernel, which reads 5 positions only}}
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

// The limit first, and excluded.

// CHECK-LABEL: @forward
// CHECK: %[[A:.*]] = sinter.constant 3.000000e+00 : <[], i32>
// CHECK: %[[END:.*]] = sinter.add %arg0, %[[A]]
// CHECK: %[[E:.*]] = sinter.min %arg2, %[[END]]
// CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[E]] window 5 (
// CHECK: sinter.select
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32>
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %two = sinter.constant 2.0 : <[], i32>
  %three = sinter.constant 3.0 : <[], i32>
  %far = sinter.abs %dist : <[N, P], i32>
  %near = sinter.compare gt %three, %far : <[], i32>, <[N, P], i32> -> <[N, P], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{softmax and the product with values are one kernel, which reads 5 positions only}}
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

// Two conditions, and not the same to both sides.

// CHECK-LABEL: @forward
// CHECK: %[[A:.*]] = sinter.constant 2.000000e+00 : <[], i32>
// CHECK: %[[END:.*]] = sinter.add %arg0, %[[A]]
// CHECK: %[[E:.*]] = sinter.min %arg2, %[[END]]
// CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[E]] window 4 (
// CHECK: sinter.select
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32>
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %two = sinter.constant 2.0 : <[], i32>
  %three = sinter.constant 3.0 : <[], i32>
  %one = sinter.constant 1.0 : <[], i32>
  %notback = sinter.compare lt %dist, %three : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %turned = sinter.sub %i, %at : <[P], i32>, <[N, 1], i32> -> <[N, P], i32>
  %notahead = sinter.compare le %turned, %one : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %near = sinter.and %notback, %notahead : <[N, P], i1>, <[N, P], i1> -> <[N, P], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{softmax and the product with values are one kernel, which reads 4 positions only}}
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

// To one side only: all that is on the other side is read.

// CHECK-LABEL: @forward
// CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %arg2 (
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32>
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %two = sinter.constant 2.0 : <[], i32>
  %three = sinter.constant 3.0 : <[], i32>
  %near = sinter.compare lt %dist, %three : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{softmax and the product with values are one kernel: }}
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

// Around another position than the row's own: not taken for a window.

// CHECK-LABEL: @forward
// CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %arg2 (
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32>
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %two = sinter.constant 2.0 : <[], i32>
  %three = sinter.constant 3.0 : <[], i32>
  %shifted = sinter.add %dist, %two : <[N, P], i32>, <[], i32> -> <[N, P], i32>
  %far = sinter.abs %shifted : <[N, P], i32>
  %near = sinter.compare le %far, %three : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{softmax and the product with values are one kernel: }}
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

// Hidden where it is near: no window.

// CHECK-LABEL: @forward
// CHECK: sinter.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %arg2 (
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32>
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %x: !sinter.tensor<[N, 4, 4], f32>, %k: !sinter.tensor<[N, 2, 4], f32>, %v: !sinter.tensor<[N, 2, 4], f32>) -> !sinter.tensor<[N, 4, 4], f32> {
  %q = sinter.transpose %x [1, 0, 2] : <[N, 4, 4], f32> -> <[4, N, 4], f32>
  %keys = sinter.cache_append @key, %k at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %v at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %i = sinter.iota : <[P], i32>
  %at = sinter.reshape %position : <[N], i32> -> <[N, 1], i32>
  %dist = sinter.sub %at, %i : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
  %two = sinter.constant 2.0 : <[], i32>
  %three = sinter.constant 3.0 : <[], i32>
  %far = sinter.abs %dist : <[N, P], i32>
  %inside = sinter.compare le %far, %two : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %self = sinter.compare lt %far, %three : <[N, P], i32>, <[], i32> -> <[N, P], i1>
  %outside = sinter.not %inside : <[N, P], i1>
  %near = sinter.or %outside, %self : <[N, P], i1>, <[N, P], i1> -> <[N, P], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  // expected-remark @below {{softmax and the product with values are one kernel: }}
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
