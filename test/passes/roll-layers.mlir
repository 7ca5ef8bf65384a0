// An unrolled graph's layers become a loop.
//
// RUN: sinter-opt %s --verify-numerics --roll-layers --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// The mask is made within the first layer; what comes before and behind stays. Names follow a pattern or stand in a list.

// CHECK-LABEL: @logits
// CHECK: %[[X:.*]] = sinter.gather
// CHECK: %[[Y:.*]] = sinter.repeat %[[L:.*]] in 3 (%[[C:.*]] = %[[X]] : !sinter.tensor<[T, 4], f32>) {
// CHECK-NEXT: %[[W:.*]] = sinter.weight "h.{i}.w"[%[[L]]]
// CHECK-NEXT: sinter.matmul %[[C]], %[[W]]
// CHECK-NEXT: %[[B:.*]] = sinter.weight ["onnx::Add_7", "onnx::Add_12", "onnx::Add_9"][%[[L]]]
// CHECK-NEXT: sinter.add %{{.*}}, %[[B]]
// CHECK-NEXT: sinter.mul %{{.*}}, %{{.*}}
// CHECK-NEXT: %[[R:.*]] = sinter.add %[[C]]
// CHECK-NEXT: sinter.yield %[[R]]
// CHECK: sinter.matmul %[[Y]]
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 9], f32> {
  %e = sinter.weight "e" : <[9, 4], f32>
  %w0 = sinter.weight "h.0.w" : <[4, 4], f32>
  %w1 = sinter.weight "h.1.w" : <[4, 4], f32>
  %w2 = sinter.weight "h.2.w" : <[4, 4], f32>
  %b0 = sinter.weight "onnx::Add_7" : <[4], f32>
  %b1 = sinter.weight "onnx::Add_12" : <[4], f32>
  %b2 = sinter.weight "onnx::Add_9" : <[4], f32>
  %x0 = sinter.gather %e[%token] : <[9, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %p0 = sinter.matmul %x0, %w0 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  %q0 = sinter.add %p0, %b0 : <[T, 4], f32>, <[4], f32> -> <[T, 4], f32>
  %i = sinter.iota : <[T], i32>
  %f = sinter.convert %i : <[T], i32> -> <[T], f32>
  %m = sinter.reshape %f : <[T], f32> -> <[T, 1], f32>
  %r0 = sinter.mul %q0, %m : <[T, 4], f32>, <[T, 1], f32> -> <[T, 4], f32>
  // expected-remark @+1 {{Remark=3, Remark=" layers of ", Remark=4, Remark=" operations are a loop now"}}
  %x1 = sinter.add %x0, %r0 : <[T, 4], f32>, <[T, 4], f32> -> <[T, 4], f32>
  %p1 = sinter.matmul %x1, %w1 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  %q1 = sinter.add %p1, %b1 : <[T, 4], f32>, <[4], f32> -> <[T, 4], f32>
  %r1 = sinter.mul %q1, %m : <[T, 4], f32>, <[T, 1], f32> -> <[T, 4], f32>
  %x2 = sinter.add %x1, %r1 : <[T, 4], f32>, <[T, 4], f32> -> <[T, 4], f32>
  %p2 = sinter.matmul %x2, %w2 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  %q2 = sinter.add %p2, %b2 : <[T, 4], f32>, <[4], f32> -> <[T, 4], f32>
  %r2 = sinter.mul %q2, %m : <[T, 4], f32>, <[T, 1], f32> -> <[T, 4], f32>
  %x3 = sinter.add %x2, %r2 : <[T, 4], f32>, <[T, 4], f32> -> <[T, 4], f32>
  %u = sinter.transpose %e [1, 0] : <[9, 4], f32> -> <[4, 9], f32>
  %y = sinter.matmul %x3, %u : <[T, 4], f32>, <[4, 9], f32> -> <[T, 9], f32>
  return %y : !sinter.tensor<[T, 9], f32>
}

// -----

// Two kinds of layers in turn are a body of two; the fifth layer stays outside. Numbers that count layers go along.

// CHECK-LABEL: @logits
// CHECK: %[[Y:.*]] = sinter.repeat %[[L:.*]] in 2
// CHECK-NEXT: %[[W:.*]] = sinter.weight "h.{2i}.w"[%[[L]]]
// CHECK-NEXT: sinter.matmul
// CHECK-NEXT: sinter.tanh
// CHECK-NEXT: %[[V:.*]] = sinter.weight "h.{2i+1}.w"[%[[L]]]
// CHECK-NEXT: sinter.matmul
// CHECK-NEXT: %[[N:.*]] = sinter.layer_number %[[L]] : <[], i32>
// CHECK-NEXT: %[[F:.*]] = sinter.convert %[[N]]
// CHECK-NEXT: %[[THREE:.*]] = sinter.constant 3.0
// CHECK-NEXT: %[[G:.*]] = sinter.add %[[F]], %[[THREE]]
// CHECK-NEXT: sinter.mul %{{.*}}, %[[G]]
// CHECK: sinter.matmul %[[Y]]
// CHECK: sinter.tanh
func.func @logits(%x: !sinter.tensor<[T, 4], f32>) -> !sinter.tensor<[T, 4], f32> {
  %c3 = sinter.constant 3.0 : <[], f32>
  %c4 = sinter.constant 4.0 : <[], f32>
  %w0 = sinter.weight "h.0.w" : <[4, 4], f32>
  %w1 = sinter.weight "h.1.w" : <[4, 4], f32>
  %w2 = sinter.weight "h.2.w" : <[4, 4], f32>
  %w3 = sinter.weight "h.3.w" : <[4, 4], f32>
  %w4 = sinter.weight "h.4.w" : <[4, 4], f32>
  %a0 = sinter.matmul %x, %w0 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  %b0 = sinter.tanh %a0 : <[T, 4], f32>
  %a1 = sinter.matmul %b0, %w1 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" layers of ", Remark=4}}
  %b1 = sinter.mul %a1, %c3 : <[T, 4], f32>, <[], f32> -> <[T, 4], f32>
  %a2 = sinter.matmul %b1, %w2 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  %b2 = sinter.tanh %a2 : <[T, 4], f32>
  %a3 = sinter.matmul %b2, %w3 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  %b3 = sinter.mul %a3, %c4 : <[T, 4], f32>, <[], f32> -> <[T, 4], f32>
  %a4 = sinter.matmul %b3, %w4 : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  %b4 = sinter.tanh %a4 : <[T, 4], f32>
  return %b4 : !sinter.tensor<[T, 4], f32>
}

// -----

// Two stacks, interleaved in the text: each is a loop. One of them reads the other's result in every layer.

// CHECK-LABEL: @logits
// CHECK: %[[E:.*]] = sinter.repeat {{.*}} in 2 (
// CHECK: "enc.{i}"
// CHECK: sinter.repeat {{.*}} in 2 (
// CHECK: "dec.{i}"
// CHECK: sinter.mul %{{.*}}, %[[E]]
func.func @logits(%x: !sinter.tensor<[4, 4], f32>, %y: !sinter.tensor<[4, 4], f32>) -> !sinter.tensor<[4, 4], f32> {
  %e0 = sinter.weight "enc.0" : <[4, 4], f32>
  %d0 = sinter.weight "dec.0" : <[4, 4], f32>
  %e1 = sinter.weight "enc.1" : <[4, 4], f32>
  %d1 = sinter.weight "dec.1" : <[4, 4], f32>
  %a0 = sinter.matmul %x, %e0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %c0 = sinter.matmul %y, %d0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" layers of ", Remark=2}}
  %b0 = sinter.tanh %a0 : <[4, 4], f32>
  %a1 = sinter.matmul %b0, %e1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b1 = sinter.tanh %a1 : <[4, 4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" layers of ", Remark=2}}
  %f0 = sinter.mul %c0, %b1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %c1 = sinter.matmul %f0, %d1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %f1 = sinter.mul %c1, %b1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  return %f1 : !sinter.tensor<[4, 4], f32>
}

// -----

// All use what the first layer made: it stays outside, the others are a loop.

// CHECK-LABEL: @logits
// CHECK: %[[FIRST:.*]] = sinter.add
// CHECK: sinter.repeat {{.*}} in 2 (%{{.*}} = %[[FIRST]]
// CHECK: "h.{i+1}"
// CHECK: sinter.add %{{.*}}, %[[FIRST]]
func.func @logits(%x: !sinter.tensor<[4, 4], f32>) -> !sinter.tensor<[4, 4], f32> {
  %w0 = sinter.weight "h.0" : <[4, 4], f32>
  %w1 = sinter.weight "h.1" : <[4, 4], f32>
  %w2 = sinter.weight "h.2" : <[4, 4], f32>
  %a0 = sinter.matmul %x, %w0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b0 = sinter.add %a0, %x : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %a1 = sinter.matmul %b0, %w1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" layers of "}}
  %b1 = sinter.add %a1, %b0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %a2 = sinter.matmul %b1, %w2 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b2 = sinter.add %a2, %b0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  return %b2 : !sinter.tensor<[4, 4], f32>
}

// -----

// A constant differs.

// CHECK-LABEL: @logits
// CHECK-NOT: sinter.repeat
func.func @logits(%x: !sinter.tensor<[4, 4], f32>) -> !sinter.tensor<[4, 4], f32> {
  %half = sinter.constant 0.5 : <[], f32>
  %quarter = sinter.constant 0.25 : <[], f32>
  %w0 = sinter.weight "h.0" : <[4, 4], f32>
  %w1 = sinter.weight "h.1" : <[4, 4], f32>
  %a0 = sinter.matmul %x, %w0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b0 = sinter.mul %a0, %half : <[4, 4], f32>, <[], f32> -> <[4, 4], f32>
  %c0 = sinter.exp %b0 : <[4, 4], f32>
  %d0 = sinter.add %x, %c0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %a1 = sinter.matmul %d0, %w1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  // expected-remark @+1 {{layers are not the same: the constant is 0.25, and in the layer before 0.5}}
  %b1 = sinter.mul %a1, %quarter : <[4, 4], f32>, <[], f32> -> <[4, 4], f32>
  %c1 = sinter.exp %b1 : <[4, 4], f32>
  %d1 = sinter.add %d0, %c1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  return %d1 : !sinter.tensor<[4, 4], f32>
}

// -----

// An attribute differs.

// CHECK-LABEL: @logits
// CHECK-NOT: sinter.repeat
func.func @logits(%x: !sinter.tensor<[4, 4], f32>) -> !sinter.tensor<[4, 4], f32> {
  %w0 = sinter.weight "h.0" : <[4, 4], f32>
  %w1 = sinter.weight "h.1" : <[4, 4], f32>
  %a0 = sinter.matmul %x, %w0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b0 = sinter.reduce sum %a0 axis 1 : <[4, 4], f32> -> <[4, 1], f32>
  %c0 = sinter.sub %a0, %b0 : <[4, 4], f32>, <[4, 1], f32> -> <[4, 4], f32>
  %d0 = sinter.add %x, %c0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %a1 = sinter.matmul %d0, %w1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  // expected-remark @+1 {{layers are not the same: 'kind' is 2, and in the layer before 0}}
  %b1 = sinter.reduce mean %a1 axis 1 : <[4, 4], f32> -> <[4, 1], f32>
  %c1 = sinter.sub %a1, %b1 : <[4, 4], f32>, <[4, 1], f32> -> <[4, 4], f32>
  %d1 = sinter.add %d0, %c1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  return %d1 : !sinter.tensor<[4, 4], f32>
}

// -----

// A shape differs.

// CHECK-LABEL: @logits
// CHECK-NOT: sinter.repeat
func.func @logits(%x: !sinter.tensor<[4, 4], f32>) -> !sinter.tensor<[4, 4], f32> {
  %u0 = sinter.weight "h.0.u" : <[4, 8], f32>
  %v0 = sinter.weight "h.0.v" : <[8, 4], f32>
  %u1 = sinter.weight "h.1.u" : <[4, 6], f32>
  %v1 = sinter.weight "h.1.v" : <[6, 4], f32>
  %a0 = sinter.matmul %x, %u0 : <[4, 4], f32>, <[4, 8], f32> -> <[4, 8], f32>
  %b0 = sinter.matmul %a0, %v0 : <[4, 8], f32>, <[8, 4], f32> -> <[4, 4], f32>
  %c0 = sinter.exp %b0 : <[4, 4], f32>
  %g0 = sinter.tanh %c0 : <[4, 4], f32>
  %d0 = sinter.add %x, %g0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  // expected-remark @+1 {{layers are not the same: it is !sinter.tensor<[4, 6], f32>, and in the layer before !sinter.tensor<[4, 8], f32>}}
  %a1 = sinter.matmul %d0, %u1 : <[4, 4], f32>, <[4, 6], f32> -> <[4, 6], f32>
  %b1 = sinter.matmul %a1, %v1 : <[4, 6], f32>, <[6, 4], f32> -> <[4, 4], f32>
  %c1 = sinter.exp %b1 : <[4, 4], f32>
  %g1 = sinter.tanh %c1 : <[4, 4], f32>
  %d1 = sinter.add %d0, %g1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  return %d1 : !sinter.tensor<[4, 4], f32>
}

// -----

// All hidden states are returned.

// CHECK-LABEL: @logits
// CHECK-NOT: sinter.repeat
func.func @logits(%x: !sinter.tensor<[4, 4], f32>) -> !sinter.tensor<[4, 8], f32> {
  %w0 = sinter.weight "h.0" : <[4, 4], f32>
  %w1 = sinter.weight "h.1" : <[4, 4], f32>
  %a0 = sinter.matmul %x, %w0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b0 = sinter.tanh %a0 : <[4, 4], f32>
  %a1 = sinter.matmul %b0, %w1 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b1 = sinter.tanh %a1 : <[4, 4], f32>
  // expected-remark @+1 {{layers stay as they are: a value from within one is used here, outside of it}}
  %y = sinter.concat %b0, %b1 axis 1 : !sinter.tensor<[4, 4], f32>, !sinter.tensor<[4, 4], f32> -> <[4, 8], f32>
  return %y : !sinter.tensor<[4, 8], f32>
}

// -----

// One layer is no loop, and nothing was missed.

// CHECK-LABEL: @logits
// CHECK-NOT: sinter.repeat
func.func @logits(%x: !sinter.tensor<[4, 4], f32>) -> !sinter.tensor<[4, 4], f32> {
  %w0 = sinter.weight "h.0" : <[4, 4], f32>
  %a0 = sinter.matmul %x, %w0 : <[4, 4], f32>, <[4, 4], f32> -> <[4, 4], f32>
  %b0 = sinter.tanh %a0 : <[4, 4], f32>
  return %b0 : !sinter.tensor<[4, 4], f32>
}
