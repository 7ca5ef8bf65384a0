// What is nearly an activation stays, and a remark says why.
//
// RUN: sinter-opt %s --verify-numerics --raise-activation --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// The constant is rounded too far.
// CHECK-LABEL: @other_cubic_term(
// CHECK: sinter.tanh
func.func @other_cubic_term(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.constant 3.0 : <[], f32>
  %3 = sinter.pow %x, %2 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %4 = sinter.constant 0.0447 : <[], f32>
  %5 = sinter.mul %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.add %x, %5 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.constant 0.7978845608028654 : <[], f32>
  %8 = sinter.mul %7, %6 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %9 = sinter.tanh %8 : <[N, 8], f32>
  %10 = sinter.constant 1.0 : <[], f32>
  %11 = sinter.add %10, %9 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  // expected-remark @+1 {{this is not gelu tanh: it differs by}}
  %12 = sinter.mul %1, %11 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// -----

// 1.41 is not the root of 2.
// CHECK-LABEL: @other_root(
// CHECK: sinter.erf
func.func @other_root(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.constant 1.41 : <[], f32>
  %3 = sinter.div %x, %2 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %4 = sinter.erf %3 : <[N, 8], f32>
  %5 = sinter.constant 1.0 : <[], f32>
  %6 = sinter.add %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  // expected-remark @+1 {{this is not gelu erf: it differs by}}
  %7 = sinter.mul %1, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// -----

// 1.7 in place of 1.702.
// CHECK-LABEL: @other_scale(
// CHECK: sinter.exp
func.func @other_scale(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 1.7 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.neg %1 : <[N, 8], f32>
  %3 = sinter.exp %2 : <[N, 8], f32>
  %4 = sinter.constant 1.0 : <[], f32>
  %5 = sinter.add %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  // expected-remark @+1 {{this is not gelu sigmoid: it differs by}}
  %6 = sinter.div %x, %5 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %6 : !sinter.tensor<[N, 8], f32>
}

// -----

// The sigmoid is wanted by itself, too.
// CHECK-LABEL: @two_users(
// CHECK: sinter.exp
func.func @two_users(%x: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>) {
  %0 = sinter.neg %x : <[N, 8], f32>
  %1 = sinter.exp %0 : <[N, 8], f32>
  %2 = sinter.constant 1.0 : <[], f32>
  %3 = sinter.add %2, %1 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.constant 1.0 : <[], f32>
  %5 = sinter.div %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  // expected-remark @+1 {{this is silu, but something else uses the 'sinter.div' within, too}}
  %6 = sinter.mul %x, %5 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %6, %5 : !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>
}
