// Factors beside weights become part of them.
//
// RUN: sinter-opt %s --verify-numerics --fold-scales="largest-product=40" --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// A gain that two products use.

// CHECK-LABEL: @gain(
// CHECK: %[[N:.*]] = sinter.rms_norm %arg0 epsilon
// CHECK: %[[G:.*]] = sinter.reshape %{{.*}} : <[8], f32> -> <[8, 1], f32>
// CHECK: %[[S:.*]] = sinter.mul %{{.*}}, %[[G]] : <[8, 4], f32>, <[8, 1], f32> -> <[8, 4], f32>
// CHECK: sinter.matmul %[[N]], %[[S]]
// CHECK: sinter.matmul %[[N]], %{{.*}} : <[N, 8], f32>, <[8, 6], f32>
func.func @gain(%x: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 6], f32>) {
  %g = sinter.weight "g" : <[8], f32>
  %v = sinter.weight "v" : <[8, 4], f32>
  %w = sinter.weight "w" : <[8, 6], f32>
  // expected-remark @+1 {{the gain is part of the matrices behind}}
  %n = sinter.rms_norm %x gain %g : !sinter.tensor<[8], f32> epsilon 1.0e-06 : <[N, 8], f32>
  %y = sinter.matmul %n, %v : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  %z = sinter.matmul %n, %w : <[N, 8], f32>, <[8, 6], f32> -> <[N, 6], f32>
  return %y, %z : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 6], f32>
}

// -----

// A bias goes through the matrix into the one behind it, or stands by itself.

// CHECK-LABEL: @bias(
// CHECK: %[[N:.*]] = sinter.layer_norm %arg0 epsilon 1.000000e-05
// CHECK: sinter.matmul %[[N]]
// CHECK: %[[B:.*]] = sinter.add %{{.*}}, %{{.*}} : <[4], f32>, <[4], f32> -> <[4], f32>
// CHECK: sinter.add %[[B]], %{{.*}} : <[4], f32>, <[N, 4], f32> -> <[N, 4], f32>
// CHECK: sinter.matmul %[[N]]
// CHECK: sinter.add %{{.*}}, %{{.*}} : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
func.func @bias(%x: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
  %g = sinter.weight "g" : <[8], f32>
  %b = sinter.weight "b" : <[8], f32>
  %v = sinter.weight "v" : <[8, 4], f32>
  %w = sinter.weight "w" : <[8, 4], f32>
  %c = sinter.weight "c" : <[4], f32>
  // expected-remark @+1 {{gain and bias are part of the matrices behind}}
  %n = sinter.layer_norm %x gain %g : !sinter.tensor<[8], f32> bias %b : !sinter.tensor<[8], f32> epsilon 1.0e-05 : <[N, 8], f32>
  %p = sinter.matmul %n, %v : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  %y = sinter.add %c, %p : <[4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  %z = sinter.matmul %n, %w : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  return %y, %z : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
}

// -----

// A residual needs the gain.

// CHECK-LABEL: @residual(
// CHECK: sinter.rms_norm %arg0 gain
func.func @residual(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %g = sinter.weight "g" : <[8], f32>
  %w = sinter.weight "w" : <[8, 8], f32>
  // expected-remark @+1 {{the gain stays with the normalization: 'sinter.add' uses the result, too, which is no product with weights}}
  %n = sinter.rms_norm %x gain %g : !sinter.tensor<[8], f32> epsilon 1.0e-06 : <[N, 8], f32>
  %y = sinter.matmul %n, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
  %z = sinter.add %n, %y : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %z : !sinter.tensor<[N, 8], f32>
}

// -----

// CHECK-LABEL: @large(
// CHECK: sinter.layer_norm %arg0 gain
func.func @large(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 6], f32> {
  %g = sinter.weight "g" : <[8], f32>
  %b = sinter.weight "b" : <[8], f32>
  %w = sinter.weight "w" : <[8, 6], f32>
  // expected-remark @+1 {{the gain stays with the normalization: the bias would have to be multiplied by a matrix of 48 elements when compiling}}
  %n = sinter.layer_norm %x gain %g : !sinter.tensor<[8], f32> bias %b : !sinter.tensor<[8], f32> epsilon 1.0e-06 : <[N, 8], f32>
  %y = sinter.matmul %n, %w : <[N, 8], f32>, <[8, 6], f32> -> <[N, 6], f32>
  return %y : !sinter.tensor<[N, 6], f32>
}

// -----

// CHECK-LABEL: @input(
// CHECK: sinter.rms_norm %arg0 gain
func.func @input(%x: !sinter.tensor<[N, 8], f32>, %g: !sinter.tensor<[8], f32>) -> !sinter.tensor<[N, 6], f32> {
  %w = sinter.weight "w" : <[8, 6], f32>
  // expected-remark @+1 {{the gain stays with the normalization: it is no weight}}
  %n = sinter.rms_norm %x gain %g : !sinter.tensor<[8], f32> epsilon 1.0e-06 : <[N, 8], f32>
  %y = sinter.matmul %n, %w : <[N, 8], f32>, <[8, 6], f32> -> <[N, 6], f32>
  return %y : !sinter.tensor<[N, 6], f32>
}

// -----

// CHECK-LABEL: @constant(
// CHECK: %[[C:.*]] = sinter.constant 2.2{{.*}} : <[], f32>
// CHECK: %[[S:.*]] = sinter.mul %{{.*}}, %[[C]] : <[8, 6], f32>, <[], f32>
// CHECK: %[[Y:.*]] = sinter.matmul %arg0, %[[S]]
// CHECK-NEXT: return %[[Y]]
func.func @constant(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 6], f32> {
  %w = sinter.weight "w" : <[8, 6], f32>
  %c = sinter.constant 0.22 : <[], f32>
  // expected-remark @+1 {{a factor of the result is one of the weights}}
  %p = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 6], f32> -> <[N, 6], f32>
  %y = sinter.mul %c, %p : <[], f32>, <[N, 6], f32> -> <[N, 6], f32>
  return %y : !sinter.tensor<[N, 6], f32>
}

// -----

// The bias is divided, too.

// CHECK-LABEL: @quotient(
// CHECK: sinter.constant 1.250000e-01
// CHECK: %[[Y:.*]] = sinter.matmul %arg0
// CHECK: %[[B:.*]] = sinter.mul %{{.*}} : <[6], f32>, <[], f32>
// CHECK: sinter.add %[[Y]], %[[B]]
// CHECK-NOT: sinter.div
func.func @quotient(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 6], f32> {
  %w = sinter.weight "w" : <[8, 6], f32>
  %b = sinter.weight "b" : <[6], f32>
  %c = sinter.constant 8.0 : <[], f32>
  %p = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 6], f32> -> <[N, 6], f32>
  // expected-remark @+1 {{a factor of the result is one of the weights}}
  %a = sinter.add %p, %b : <[N, 6], f32>, <[6], f32> -> <[N, 6], f32>
  %y = sinter.div %a, %c : <[N, 6], f32>, <[], f32> -> <[N, 6], f32>
  return %y : !sinter.tensor<[N, 6], f32>
}

// -----

// A factor that is no constant stays, and so does one of a sum with something else than weights.

// CHECK-LABEL: @left(
// CHECK: sinter.matmul
// CHECK: sinter.mul %{{.*}}, %arg1
// CHECK: sinter.matmul
// CHECK: sinter.add
// CHECK: sinter.mul
func.func @left(%x: !sinter.tensor<[N, 8], f32>, %s: !sinter.tensor<[N, 1], f32>) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "w" : <[8, 8], f32>
  %c = sinter.constant 8.0 : <[], f32>
  %p = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
  %y = sinter.mul %p, %s : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %q = sinter.matmul %y, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
  %r = sinter.add %q, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %z = sinter.mul %r, %c : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  return %z : !sinter.tensor<[N, 8], f32>
}
