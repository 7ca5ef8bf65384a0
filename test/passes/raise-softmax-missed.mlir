// What is nearly softmax stays, and a remark says why.
//
// RUN: sinter-opt %s --verify-numerics --cse --raise-softmax --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s --implicit-check-not=sinter.softmax

// Over heads.
// CHECK-LABEL: @other_axis(
func.func @other_axis(%x: !sinter.tensor<[2, N, 8], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.exp %x : <[2, N, 8], f32>
  %1 = sinter.reduce sum %0 axis 0 : <[2, N, 8], f32> -> <[1, N, 8], f32>
  // expected-remark @+1 {{this is no softmax: its sum goes along axis 0, while rows are along the last one, 2}}
  %2 = sinter.div %0, %1 : <[2, N, 8], f32>, <[1, N, 8], f32> -> <[2, N, 8], f32>
  return %2 : !sinter.tensor<[2, N, 8], f32>
}

// -----

// Over the sum of others.
// CHECK-LABEL: @other_sum(
func.func @other_sum(%x: !sinter.tensor<[2, N, 8], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.exp %x : <[2, N, 8], f32>
  %1 = sinter.constant 2.0 : <[], f32>
  %2 = sinter.mul %x, %1 : <[2, N, 8], f32>, <[], f32> -> <[2, N, 8], f32>
  %3 = sinter.exp %2 : <[2, N, 8], f32>
  %4 = sinter.reduce sum %3 axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  // expected-remark @+1 {{this is no softmax: the exponentials are not divided by their own sum alone}}
  %5 = sinter.div %0, %4 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  return %5 : !sinter.tensor<[2, N, 8], f32>
}

// -----

// The exponentials are wanted by themselves, too.
// CHECK-LABEL: @two_users(
func.func @two_users(%x: !sinter.tensor<[2, N, 8], f32>) -> (!sinter.tensor<[2, N, 8], f32>, !sinter.tensor<[2, N, 8], f32>) {
  %0 = sinter.reduce max %x axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %1 = sinter.sub %x, %0 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  %2 = sinter.exp %1 : <[2, N, 8], f32>
  %3 = sinter.reduce sum %2 axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  // expected-remark @+1 {{this is no softmax: something else uses the 'sinter.exp' within, too}}
  %4 = sinter.div %2, %3 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  return %4, %2 : !sinter.tensor<[2, N, 8], f32>, !sinter.tensor<[2, N, 8], f32>
}
