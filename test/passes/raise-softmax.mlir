// Softmax in the forms that papers and exporters write; the table in passes/README.md names these functions.
//
// RUN: sinter-opt %s -split-input-file --verify-numerics --cse --raise-softmax | FileCheck %s

// As everybody computes it.
// CHECK-LABEL: @with_maximum(
// CHECK-NEXT: %[[Y:.*]] = sinter.softmax %arg0 axis 2 : <[2, N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @with_maximum(%x: !sinter.tensor<[2, N, 8], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.reduce max %x axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %1 = sinter.sub %x, %0 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  %2 = sinter.exp %1 : <[2, N, 8], f32>
  %3 = sinter.reduce sum %2 axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %4 = sinter.div %2, %3 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  return %4 : !sinter.tensor<[2, N, 8], f32>
}

// As papers write it.
// CHECK-LABEL: @without_maximum(
// CHECK-NEXT: %[[Y:.*]] = sinter.softmax %arg0 axis 2 : <[2, N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @without_maximum(%x: !sinter.tensor<[2, N, 8], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.exp %x : <[2, N, 8], f32>
  %1 = sinter.reduce sum %0 axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %2 = sinter.div %0, %1 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  return %2 : !sinter.tensor<[2, N, 8], f32>
}

// Times the reciprocal of the sum.
// CHECK-LABEL: @times_reciprocal(
// CHECK-NEXT: %[[Y:.*]] = sinter.softmax %arg0 axis 2 : <[2, N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @times_reciprocal(%x: !sinter.tensor<[2, N, 8], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.reduce max %x axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %1 = sinter.sub %x, %0 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  %2 = sinter.exp %1 : <[2, N, 8], f32>
  %3 = sinter.reduce sum %2 axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %4 = sinter.constant 1.0 : <[], f32>
  %5 = sinter.div %4, %3 : <[], f32>, <[2, N, 1], f32> -> <[2, N, 1], f32>
  %6 = sinter.mul %5, %2 : <[2, N, 1], f32>, <[2, N, 8], f32> -> <[2, N, 8], f32>
  return %6 : !sinter.tensor<[2, N, 8], f32>
}

// Times a power of the sum.
// CHECK-LABEL: @times_power(
// CHECK-NEXT: %[[Y:.*]] = sinter.softmax %arg0 axis 2 : <[2, N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @times_power(%x: !sinter.tensor<[2, N, 8], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.reduce max %x axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %1 = sinter.sub %x, %0 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  %2 = sinter.exp %1 : <[2, N, 8], f32>
  %3 = sinter.reduce sum %2 axis 2 : <[2, N, 8], f32> -> <[2, N, 1], f32>
  %4 = sinter.constant -1.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[2, N, 1], f32>, <[], f32> -> <[2, N, 1], f32>
  %6 = sinter.mul %2, %5 : <[2, N, 8], f32>, <[2, N, 1], f32> -> <[2, N, 8], f32>
  return %6 : !sinter.tensor<[2, N, 8], f32>
}

// -----

// Over what each row sees.
// CHECK-LABEL: @over_extent(
// CHECK-NEXT: %[[Y:.*]] = sinter.softmax %arg0 axis 1 extent %arg1 : <[N, P], f32>, !sinter.tensor<[N], i32>
// CHECK-NEXT: sinter.reduce sum %[[Y]]
func.func @over_extent(%x: !sinter.tensor<[N, P], f32>, %n: !sinter.tensor<[N], i32> {sinter.input = "extent"}) -> !sinter.tensor<[N, 1], f32> {
  %0 = sinter.reduce max %x axis 1 extent %n : <[N, P], f32>, !sinter.tensor<[N], i32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, P], f32>, <[N, 1], f32> -> <[N, P], f32>
  %2 = sinter.exp %1 : <[N, P], f32>
  %3 = sinter.reduce sum %2 axis 1 extent %n : <[N, P], f32>, !sinter.tensor<[N], i32> -> <[N, 1], f32>
  %4 = sinter.div %2, %3 : <[N, P], f32>, <[N, 1], f32> -> <[N, P], f32>
  %5 = sinter.reduce sum %4 axis 1 extent %n : <[N, P], f32>, !sinter.tensor<[N], i32> -> <[N, 1], f32>
  return %5 : !sinter.tensor<[N, 1], f32>
}
