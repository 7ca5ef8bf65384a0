// Operations that move elements without changing them.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s

// CHECK: @transpose = {{\[\[\[}}1, 5], [3, 7]], {{\[\[}}2, 6], [4, 8]]]
func.func @transpose(%x: !sinter.tensor<[2, 2, 2], f32> {sinter.value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>})
    -> !sinter.tensor<[2, 2, 2], f32> {
  // Axis 0 of the result is axis 2 of the operand, and so on.
  %y = sinter.transpose %x [2, 1, 0] : !sinter.tensor<[2, 2, 2], f32> -> !sinter.tensor<[2, 2, 2], f32>
  return %y : !sinter.tensor<[2, 2, 2], f32>
}

// A permutation that is not its own inverse.
// CHECK: @rotate = {{\[\[\[}}1, 4]], {{\[\[}}2, 5]], {{\[\[}}3, 6]]]
func.func @rotate(%x: !sinter.tensor<[1, T, 3], f32> {sinter.value = dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>})
    -> !sinter.tensor<[3, 1, T], f32> {
  %y = sinter.transpose %x [2, 0, 1] : !sinter.tensor<[1, T, 3], f32> -> !sinter.tensor<[3, 1, T], f32>
  return %y : !sinter.tensor<[3, 1, T], f32>
}

// Of row i of each head the elements that row i of the index names; -1 and 7 are the nearest.
// CHECK: @take = {{\[\[\[}}3, 1, 1], [4, 6, 6]], {{\[\[}}9, 7, 7], [10, 12, 12]]]
func.func @take(%x: !sinter.tensor<[2, T, 3], f32> {sinter.value = dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0], [10.0, 11.0, 12.0]]]> : tensor<2x2x3xf32>},
                %i: !sinter.tensor<[T, 3], i32> {sinter.value = dense<[[2, 0, -1], [0, 2, 7]]> : tensor<2x3xi32>})
    -> !sinter.tensor<[2, T, 3], f32> {
  %y = sinter.take %x[%i] : !sinter.tensor<[2, T, 3], f32>, !sinter.tensor<[T, 3], i32> -> !sinter.tensor<[2, T, 3], f32>
  return %y : !sinter.tensor<[2, T, 3], f32>
}

// CHECK: @reshape = {{\[\[\[}}1, 2], [3, 4]], {{\[\[}}5, 6], [7, 8]]]
func.func @reshape(%x: !sinter.tensor<[T, 4], f32> {sinter.value = dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32>})
    -> !sinter.tensor<[T, 2, 2], f32> {
  %y = sinter.reshape %x : !sinter.tensor<[T, 4], f32> -> !sinter.tensor<[T, 2, 2], f32>
  return %y : !sinter.tensor<[T, 2, 2], f32>
}

// CHECK: @broadcast = {{\[\[\[}}1, 1, 1], [2, 2, 2]], {{\[\[}}1, 1, 1], [2, 2, 2]]]
func.func @broadcast(%x: !sinter.tensor<[T, 1], f32> {sinter.value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>})
    -> !sinter.tensor<[2, T, 3], f32> {
  %y = sinter.broadcast %x : !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[2, T, 3], f32>
  return %y : !sinter.tensor<[2, T, 3], f32>
}

// CHECK: @slice = {{\[\[}}2, 3], [7, 8]]
// CHECK-NEXT: @slice = {{\[\[}}1, 3, 5], [6, 8, 10]]
func.func @slice(%x: !sinter.tensor<[T, 5], f32> {sinter.value = dense<[[1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]]> : tensor<2x5xf32>})
    -> (!sinter.tensor<[T, 2], f32>, !sinter.tensor<[T, 3], f32>) {
  %part = sinter.slice %x axis 1 from 1 size 2 stride 1 : !sinter.tensor<[T, 5], f32> -> !sinter.tensor<[T, 2], f32>
  %even = sinter.slice %x axis 1 from 0 size 3 stride 2 : !sinter.tensor<[T, 5], f32> -> !sinter.tensor<[T, 3], f32>
  return %part, %even : !sinter.tensor<[T, 2], f32>, !sinter.tensor<[T, 3], f32>
}

// CHECK: @concat = {{\[\[}}1, 5, 6, 1], [2, 7, 8, 2]]
func.func @concat(%x: !sinter.tensor<[T, 1], i32> {sinter.value = dense<[[1], [2]]> : tensor<2x1xi32>},
                  %y: !sinter.tensor<[T, 2], i32> {sinter.value = dense<[[5, 6], [7, 8]]> : tensor<2x2xi32>})
    -> !sinter.tensor<[T, 4], i32> {
  %z = sinter.concat %x, %y, %x axis 1 : !sinter.tensor<[T, 1], i32>, !sinter.tensor<[T, 2], i32>, !sinter.tensor<[T, 1], i32> -> !sinter.tensor<[T, 4], i32>
  return %z : !sinter.tensor<[T, 4], i32>
}

// A number outside the table reads the nearest row.
// CHECK: @gather = {{\[\[}}5, 6], [1, 2], [5, 6], [1, 2]]
func.func @gather(%table: !sinter.tensor<[3, 2], f32> {sinter.value = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>},
                  %index: !sinter.tensor<[T], i32> {sinter.value = dense<[2, 0, 7, -1]> : tensor<4xi32>})
    -> !sinter.tensor<[T, 2], f32> {
  %y = sinter.gather %table[%index] : !sinter.tensor<[3, 2], f32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, 2], f32>
  return %y : !sinter.tensor<[T, 2], f32>
}

// CHECK: @iota = [0, 1, 2, 3]
// CHECK-NEXT: @iota = [0, 1, 2]
func.func @iota(%x: !sinter.tensor<[T], f32> {sinter.value = dense<0.0> : tensor<3xf32>}) -> (!sinter.tensor<[4], i32>, !sinter.tensor<[T], i32>) {
  %four = sinter.iota : !sinter.tensor<[4], i32>
  %positions = sinter.iota : !sinter.tensor<[T], i32>
  return %four, %positions : !sinter.tensor<[4], i32>, !sinter.tensor<[T], i32>
}
