// Products with weights on one side read them from panels.
//
// RUN: sinter-opt %s --verify-numerics --pack-weights="columns=16 depth=2" --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s
// RUN: sinter-opt %s --pack-weights -split-input-file | FileCheck %s --check-prefix=DEFAULT

// CHECK-LABEL: @plain
// CHECK: %[[W:.*]] = sinter.weight "w"
// CHECK: %[[P:.*]] = sinter.pack %[[W]] : <[8, 40], f32> -> <[8, 40], f32, <columns = 16, depth = 2>>
// CHECK: sinter.linear %{{.*}}, %[[P]] : <[N, 8], f32>, <[8, 40], f32, <columns = 16, depth = 2>> -> <[N, 40], f32>
// CHECK-NOT: sinter.matmul
// DEFAULT: sinter.pack {{.*}} <columns = 64, depth = 1>>
func.func @plain(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 40], f32> {
  %w = sinter.weight "w" : <[8, 40], f32>
  %y = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 40], f32> -> <[N, 40], f32>
  return %y : !sinter.tensor<[N, 40], f32>
}

// -----

// What is computed of weights is packed like a weight; leading axes of the input stay.

// CHECK-LABEL: @computed
// CHECK: %[[T:.*]] = sinter.transpose
// CHECK: %[[S:.*]] = sinter.mul %[[T]]
// CHECK: %[[P:.*]] = sinter.pack %[[S]]
// CHECK: sinter.linear %{{.*}}, %[[P]] : <[2, N, 8], f32>, <[8, 5], f32, {{.*}}> -> <[2, N, 5], f32>
func.func @computed(%x: !sinter.tensor<[2, N, 8], f32>) -> !sinter.tensor<[2, N, 5], f32> {
  %w = sinter.weight "w" : <[5, 8], f32>
  %t = sinter.transpose %w [1, 0] : <[5, 8], f32> -> <[8, 5], f32>
  %half = sinter.constant 0.5 : <[], f32>
  %s = sinter.mul %t, %half : <[8, 5], f32>, <[], f32> -> <[8, 5], f32>
  %y = sinter.matmul %x, %s : <[2, N, 8], f32>, <[8, 5], f32> -> <[2, N, 5], f32>
  return %y : !sinter.tensor<[2, N, 5], f32>
}

// -----

// A batch of one sequence is no axis of a contraction.

// CHECK-LABEL: @one_sequence
// CHECK: %[[X:.*]] = sinter.reshape %arg0 : <[1, N, 8], f32> -> <[N, 8], f32>
// CHECK: %[[Y:.*]] = sinter.linear %[[X]], %{{.*}} -> <[N, 5], f32>
// CHECK: sinter.reshape %[[Y]] : <[N, 5], f32> -> <[1, N, 5], f32>
func.func @one_sequence(%x: !sinter.tensor<[1, N, 8], f32>) -> !sinter.tensor<[1, N, 5], f32> {
  %w = sinter.weight "w" : <[8, 5], f32>
  %y = sinter.matmul %x, %w : <[1, N, 8], f32>, <[8, 5], f32> -> <[1, N, 5], f32>
  return %y : !sinter.tensor<[1, N, 5], f32>
}

// -----

// Each layer has panels of its own: the layer's number counts as known when compiling.

// CHECK-LABEL: @layers
// CHECK: sinter.repeat %[[L:.*]] in 3
// CHECK: %[[W:.*]] = sinter.weight "h.{i}.w"[%[[L]]]
// CHECK: %[[P:.*]] = sinter.pack %[[W]]
// CHECK: sinter.linear %{{.*}}, %[[P]]
func.func @layers(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %y = sinter.repeat %l in 3 (%a = %x : !sinter.tensor<[N, 8], f32>) {
    %w = sinter.weight "h.{i}.w"[%l] : <[8, 8], f32>
    %b = sinter.matmul %a, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
    sinter.yield %b : !sinter.tensor<[N, 8], f32>
  }
  return %y : !sinter.tensor<[N, 8], f32>
}

// -----

// Weights on the left: (W x) = (x' W')'.

// CHECK-LABEL: @left
// CHECK-DAG: %[[X:.*]] = sinter.transpose %arg0 [1, 0]
// CHECK-DAG: %[[W:.*]] = sinter.weight "w"
// CHECK-DAG: %[[T:.*]] = sinter.transpose %[[W]] [1, 0]
// CHECK: %[[P:.*]] = sinter.pack %[[T]]
// CHECK: %[[Y:.*]] = sinter.linear %[[X]], %[[P]]
// CHECK: sinter.transpose %[[Y]] [1, 0]
func.func @left(%x: !sinter.tensor<[8, N], f32>) -> !sinter.tensor<[5, N], f32> {
  %w = sinter.weight "w" : <[5, 8], f32>
  %y = sinter.matmul %w, %x : <[5, 8], f32>, <[8, N], f32> -> <[5, N], f32>
  return %y : !sinter.tensor<[5, N], f32>
}

// -----

// The product of two weights is a weight: it is computed when compiling, not packed.

// CHECK-LABEL: @both
// CHECK: %[[W:.*]] = sinter.matmul
// CHECK: %[[P:.*]] = sinter.pack %[[W]] : <[8, 5], f32>
// CHECK: sinter.linear %arg0, %[[P]]
// CHECK-NOT: sinter.pack
func.func @both(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 5], f32> {
  %a = sinter.weight "a" : <[8, 3], f32>
  %b = sinter.weight "b" : <[3, 5], f32>
  %w = sinter.matmul %a, %b : <[8, 3], f32>, <[3, 5], f32> -> <[8, 5], f32>
  %y = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 5], f32> -> <[N, 5], f32>
  return %y : !sinter.tensor<[N, 5], f32>
}

// -----

// Without a matrix of weights there is nothing to pack, and a remark says so: neither for a product of two inputs
// nor for a stack of matrices.

// CHECK-LABEL: @none
// CHECK: sinter.matmul
// CHECK: sinter.matmul
// CHECK-NOT: sinter.pack
func.func @none(%x: !sinter.tensor<[2, N, 8], f32>, %k: !sinter.tensor<[2, 8, 4], f32>) -> !sinter.tensor<[2, N, 4], f32> {
  %w = sinter.weight "w" : <[2, 4, 4], f32>
  // expected-remark @+1 {{neither side is a matrix of weights}}
  %y = sinter.matmul %x, %k : <[2, N, 8], f32>, <[2, 8, 4], f32> -> <[2, N, 4], f32>
  // expected-remark @+1 {{neither side is a matrix of weights}}
  %z = sinter.matmul %y, %w : <[2, N, 4], f32>, <[2, 4, 4], f32> -> <[2, N, 4], f32>
  return %z : !sinter.tensor<[2, N, 4], f32>
}
