// Matrix products and reductions.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s

// CHECK: @matmul = {{\[\[}}58, 64], [139, 154]]
func.func @matmul(%x: !sinter.tensor<[T, 3], f32> {sinter.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                  %y: !sinter.tensor<[3, 2], f32> {sinter.value = dense<[[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]> : tensor<3x2xf32>})
    -> !sinter.tensor<[T, 2], f32> {
  %z = sinter.matmul %x, %y : !sinter.tensor<[T, 3], f32>, !sinter.tensor<[3, 2], f32> -> !sinter.tensor<[T, 2], f32>
  return %z : !sinter.tensor<[T, 2], f32>
}

// The axes before the last two broadcast: one left side for two right ones, of one batch each.
// CHECK: @batches = {{\[\[\[\[}}11], [17]], {{\[\[}}17], [39]]], {{\[\[\[}}110], [170]], {{\[\[}}170], [390]]]]
func.func @batches(%x: !sinter.tensor<[2, 2, 2], f32> {sinter.value = dense<[[[1.0, 2.0], [3.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]]> : tensor<2x2x2xf32>},
                   %y: !sinter.tensor<[2, 2, 2, 1], f32> {sinter.value = dense<[[[[3.0], [4.0]], [[5.0], [6.0]]], [[[30.0], [40.0]], [[50.0], [60.0]]]]> : tensor<2x2x2x1xf32>})
    -> !sinter.tensor<[2, 2, 2, 1], f32> {
  %z = sinter.matmul %x, %y : !sinter.tensor<[2, 2, 2], f32>, !sinter.tensor<[2, 2, 2, 1], f32> -> !sinter.tensor<[2, 2, 2, 1], f32>
  return %z : !sinter.tensor<[2, 2, 2, 1], f32>
}

// CHECK: @reduce = {{\[\[}}6], [1]]
// CHECK-NEXT: @reduce = {{\[\[}}3], [5]]
// CHECK-NEXT: @reduce = {{\[\[}}2], [0.333333]]
// CHECK-NEXT: @reduce = {{\[\[}}2, -3, 8]]
func.func @reduce(%x: !sinter.tensor<[2, 3], f32> {sinter.value = dense<[[1.0, 2.0, 3.0], [1.0, -5.0, 5.0]]> : tensor<2x3xf32>})
    -> (!sinter.tensor<[2, 1], f32>, !sinter.tensor<[2, 1], f32>, !sinter.tensor<[2, 1], f32>, !sinter.tensor<[1, 3], f32>) {
  %sum = sinter.reduce sum %x axis 1 : !sinter.tensor<[2, 3], f32> -> !sinter.tensor<[2, 1], f32>
  %max = sinter.reduce max %x axis 1 : !sinter.tensor<[2, 3], f32> -> !sinter.tensor<[2, 1], f32>
  %mean = sinter.reduce mean %x axis 1 : !sinter.tensor<[2, 3], f32> -> !sinter.tensor<[2, 1], f32>
  %columns = sinter.reduce sum %x axis 0 : !sinter.tensor<[2, 3], f32> -> !sinter.tensor<[1, 3], f32>
  %one = sinter.constant 1.0 : !sinter.tensor<[1, 3], f32>
  %shifted = sinter.add %columns, %one : !sinter.tensor<[1, 3], f32>, !sinter.tensor<[1, 3], f32> -> !sinter.tensor<[1, 3], f32>
  %less = sinter.sub %shifted, %one : !sinter.tensor<[1, 3], f32>, !sinter.tensor<[1, 3], f32> -> !sinter.tensor<[1, 3], f32>
  return %sum, %max, %mean, %less : !sinter.tensor<[2, 1], f32>, !sinter.tensor<[2, 1], f32>, !sinter.tensor<[2, 1], f32>, !sinter.tensor<[1, 3], f32>
}

// With an extent, what stands behind it is not read. Of no elements, the sum is 0 and the mean undefined.
// CHECK: @extent = {{\[\[}}[1], [5], [0]]]
// CHECK-NEXT: @extent = {{\[\[}}[1], [3], [-inf]]]
// CHECK-NEXT: @extent = {{\[\[}}[1], [2.5], [nan]]]
// CHECK-NEXT: @extent = {{\[\[}}[nan], [5], [nan]]]
func.func @extent(%x: !sinter.tensor<[1, N, P], f32> {sinter.value = dense<[[[1.0, -1.0], [2.0, 3.0], [-1.0, -1.0]]]> : tensor<1x3x2xf32>},
                  %extent: !sinter.tensor<[N], i32> {sinter.value = dense<[1, 2, 0]> : tensor<3xi32>})
    -> (!sinter.tensor<[1, N, 1], f32>, !sinter.tensor<[1, N, 1], f32>, !sinter.tensor<[1, N, 1], f32>, !sinter.tensor<[1, N, 1], f32>) {
  // Every -1 becomes undefined.
  %root = sinter.sqrt %x : !sinter.tensor<[1, N, P], f32>
  %y = sinter.mul %root, %root : !sinter.tensor<[1, N, P], f32>, !sinter.tensor<[1, N, P], f32> -> !sinter.tensor<[1, N, P], f32>
  %sum = sinter.reduce sum %y axis 2 extent %extent : !sinter.tensor<[1, N, P], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, 1], f32>
  %max = sinter.reduce max %y axis 2 extent %extent : !sinter.tensor<[1, N, P], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, 1], f32>
  %mean = sinter.reduce mean %y axis 2 extent %extent : !sinter.tensor<[1, N, P], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, 1], f32>
  %all = sinter.reduce sum %y axis 2 : !sinter.tensor<[1, N, P], f32> -> !sinter.tensor<[1, N, 1], f32>
  return %sum, %max, %mean, %all : !sinter.tensor<[1, N, 1], f32>, !sinter.tensor<[1, N, 1], f32>, !sinter.tensor<[1, N, 1], f32>, !sinter.tensor<[1, N, 1], f32>
}

// The first of equals; what is not a number is larger than all numbers; minus infinity is a number.
// CHECK: @argmax = [1, 2, 0]
// CHECK-NEXT: @argmax = [7, nan, -inf]
func.func @argmax(%x: !sinter.tensor<[R, 4], f32> {sinter.value = dense<[[2.0, 7.0, 7.0, -1.0], [1.0, 0x7F800000, 0x7FC00000, 0x7FC00000], [0xFF800000, 0xFF800000, 0xFF800000, 0xFF800000]]> : tensor<3x4xf32>})
    -> (!sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>) {
  %i, %m = sinter.argmax %x : !sinter.tensor<[R, 4], f32> -> !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>
  return %i, %m : !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>
}

// Where weights stand in panels changes nothing of a product: six outputs as two parts of three, side by side in panels
// of two of each; in spans of four, whose halves stand side by side.
// CHECK: @parts = {{\[\[}}9, 12, 15, 18, 21, 24]]
// CHECK-NEXT: @parts = {{\[\[}}9, 12, 15, 18]]
func.func @parts(%x: !sinter.tensor<[N, 2], f32> {sinter.value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>},
                 %w: !sinter.tensor<[2, 6], f32> {sinter.value = dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]]> : tensor<2x6xf32>},
                 %v: !sinter.tensor<[2, 4], f32> {sinter.value = dense<[[1.0, 2.0, 3.0, 4.0], [4.0, 5.0, 6.0, 7.0]]> : tensor<2x4xf32>})
    -> (!sinter.tensor<[N, 6], f32>, !sinter.tensor<[N, 4], f32>) {
  %p = sinter.pack %w : <[2, 6], f32> -> <[2, 6], f32, <columns = 4, depth = 1, parts = 2>>
  %y = sinter.linear %x, %p : <[N, 2], f32>, <[2, 6], f32, <columns = 4, depth = 1, parts = 2>> -> <[N, 6], f32>
  %q = sinter.pack %v : <[2, 4], f32> -> <[2, 4], f32, <columns = 2, depth = 1, parts = 2, span = 4>>
  %z = sinter.linear %x, %q : <[N, 2], f32>, <[2, 4], f32, <columns = 2, depth = 1, parts = 2, span = 4>> -> <[N, 4], f32>
  return %y, %z : !sinter.tensor<[N, 6], f32>, !sinter.tensor<[N, 4], f32>
}

// Products of bf16 are summed without rounding: 257 is no bf16, and lies between 256 and 258, of which 256 is even.
// CHECK: @pairs = {{\[\[}}259]]
// CHECK-NEXT: @pairs = {{\[\[}}260]]
func.func @pairs(%x: !sinter.tensor<[N, 3], f32> {sinter.value = dense<[[257.0, 1.0, 2.0]]> : tensor<1x3xf32>})
    -> (!sinter.tensor<[N, 1], f32>, !sinter.tensor<[N, 1], f32>) {
  %w = sinter.constant 1.0 : <[3, 1], bf16>
  %p = sinter.pack %w : <[3, 1], bf16> -> <[3, 1], bf16, <columns = 4, depth = 2>>
  %b = sinter.convert %x : <[N, 3], f32> -> <[N, 3], bf16>
  %y = sinter.linear %b, %p : <[N, 3], bf16>, <[3, 1], bf16, <columns = 4, depth = 2>> -> <[N, 1], f32>
  %z = sinter.linear %x, %p : <[N, 3], f32>, <[3, 1], bf16, <columns = 4, depth = 2>> -> <[N, 1], f32>
  return %y, %z : !sinter.tensor<[N, 1], f32>, !sinter.tensor<[N, 1], f32>
}

// A column of bytes with one scale, 1/64 here: 127 of it is the largest magnitude, and what lies between two is rounded to the
// nearest. Rows are rounded to 127 parts of their largest magnitude: 0.4 of one is lost.
// CHECK: @bytes = {{\[\[}}1.98437, -0.015625], [0.5, 0], [0.015625, -1.98437]]
// CHECK-NEXT: @bytes = {{\[\[}}252.016, -1.98438]]
func.func @bytes(%x: !sinter.tensor<[N, 3], f32> {sinter.value = dense<[[127.0, 0.4, 0.0]]> : tensor<1x3xf32>},
                 %unit: !sinter.tensor<[3, 3], f32> {sinter.value = dense<[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]> : tensor<3x3xf32>},
                 %w: !sinter.tensor<[3, 2], f32> {sinter.value = dense<[[1.984375, -0.01], [0.501, 0.007], [0.0155, -1.984375]]> : tensor<3x2xf32>})
    -> (!sinter.tensor<[3, 2], f32>, !sinter.tensor<[N, 2], f32>) {
  %q = sinter.quantize %w : <[3, 2], f32> -> <[3, 2], !sinter.quantized<ui8, scale = bf16>>
  %p = sinter.pack %q : <[3, 2], !sinter.quantized<ui8, scale = bf16>> -> <[3, 2], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>>
  %y = sinter.linear %x, %p : <[N, 3], f32>, <[3, 2], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>> -> <[N, 2], f32>
  %z = sinter.linear %unit, %p : <[3, 3], f32>, <[3, 2], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>> -> <[3, 2], f32>
  return %z, %y : !sinter.tensor<[3, 2], f32>, !sinter.tensor<[N, 2], f32>
}

// Rows in bf16 are multiplied as they are: 2^-9 beside 1, which no byte of the same scale could tell from 0.
// CHECK: @bf16_by_quantized = {{\[\[}}127.002], [-0.496094]]
func.func @bf16_by_quantized(%x: !sinter.tensor<[N, 2], bf16> {sinter.value = dense<[[1.0, 0.001953125], [0.0, -0.49609375]]> : tensor<2x2xf32>},
                             %w: !sinter.tensor<[2, 1], f32> {sinter.value = dense<[[127.0], [1.0]]> : tensor<2x1xf32>})
    -> !sinter.tensor<[N, 1], f32> {
  %q = sinter.quantize %w : <[2, 1], f32> -> <[2, 1], !sinter.quantized<ui8, scale = bf16>>
  %p = sinter.pack %q : <[2, 1], !sinter.quantized<ui8, scale = bf16>> -> <[2, 1], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>>
  %y = sinter.linear %x, %p : <[N, 2], bf16>, <[2, 1], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>> -> <[N, 1], f32>
  return %y : !sinter.tensor<[N, 1], f32>
}

// Columns as rows, by their numbers; one outside is its nearest.
// CHECK: @columns = {{\[\[}}2, 5], [1, 4], [3, 6], [1, 4]]
func.func @columns(%w: !sinter.tensor<[2, 3], f32> {sinter.value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>},
                   %index: !sinter.tensor<[N], i32> {sinter.value = dense<[1, 0, 7, -1]> : tensor<4xi32>})
    -> !sinter.tensor<[N, 2], f32> {
  %p = sinter.pack %w : <[2, 3], f32> -> <[2, 3], f32, <columns = 2, depth = 1>>
  %x = sinter.packed_gather %p[%index] : <[2, 3], f32, <columns = 2, depth = 1>>, <[N], i32> -> <[N, 2], f32>
  return %x : !sinter.tensor<[N, 2], f32>
}
