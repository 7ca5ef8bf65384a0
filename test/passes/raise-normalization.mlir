// LayerNorm and RMSNorm in the forms that papers and exporters write; the table in passes/README.md names these functions.
//
// RUN: sinter-opt %s --verify-numerics --cse --raise-normalization | FileCheck %s

// The mean is subtracted twice, squares are powers.
// CHECK-LABEL: @as_papers_write_it(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @as_papers_write_it(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 1.0e-05 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.sqrt %8 : <[N, 1], f32>
  %10 = sinter.div %1, %9 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %11 = sinter.weight "g" : <[8], f32>
  %12 = sinter.mul %10, %11 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %13 = sinter.weight "b" : <[8], f32>
  %14 = sinter.add %12, %13 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %14 : !sinter.tensor<[N, 8], f32>
}

// As PyTorch computes it: products and a reciprocal root.
// CHECK-LABEL: @reciprocal_root(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @reciprocal_root(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.mul %1, %1 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.reduce mean %2 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %4 = sinter.constant 1.0e-05 : <[], f32>
  %5 = sinter.add %3, %4 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %6 = sinter.rsqrt %5 : <[N, 1], f32>
  %7 = sinter.mul %1, %6 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %8 = sinter.weight "g" : <[8], f32>
  %9 = sinter.mul %7, %8 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %10 = sinter.weight "b" : <[8], f32>
  %11 = sinter.add %9, %10 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %11 : !sinter.tensor<[N, 8], f32>
}

// A power in place of the root, and everything the other way round.
// CHECK-LABEL: @power(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @power(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.weight "b" : <[8], f32>
  %3 = sinter.weight "g" : <[8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %1, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 1.0e-05 : <[], f32>
  %8 = sinter.add %7, %6 : <[], f32>, <[N, 1], f32> -> <[N, 1], f32>
  %9 = sinter.constant -0.5 : <[], f32>
  %10 = sinter.pow %8, %9 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %11 = sinter.mul %1, %10 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %12 = sinter.mul %3, %11 : <[8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %13 = sinter.add %2, %12 : <[8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %13 : !sinter.tensor<[N, 8], f32>
}

// Multiplied by the reciprocal of the root.
// CHECK-LABEL: @reciprocal(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @reciprocal(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.mul %1, %1 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.reduce mean %2 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %4 = sinter.constant 1.0e-05 : <[], f32>
  %5 = sinter.add %3, %4 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %6 = sinter.sqrt %5 : <[N, 1], f32>
  %7 = sinter.constant 1.0 : <[], f32>
  %8 = sinter.div %7, %6 : <[], f32>, <[N, 1], f32> -> <[N, 1], f32>
  %9 = sinter.mul %1, %8 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %10 = sinter.weight "g" : <[8], f32>
  %11 = sinter.mul %9, %10 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %12 = sinter.weight "b" : <[8], f32>
  %13 = sinter.add %11, %12 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %13 : !sinter.tensor<[N, 8], f32>
}

// The variance as the mean of squares less the square of the mean.
// CHECK-LABEL: @mean_of_squares(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @mean_of_squares(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.reduce mean %2 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %4 = sinter.mul %0, %0 : <[N, 1], f32>, <[N, 1], f32> -> <[N, 1], f32>
  %5 = sinter.sub %3, %4 : <[N, 1], f32>, <[N, 1], f32> -> <[N, 1], f32>
  %6 = sinter.constant 1.0e-05 : <[], f32>
  %7 = sinter.add %5, %6 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %8 = sinter.sqrt %7 : <[N, 1], f32>
  %9 = sinter.div %1, %8 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %10 = sinter.weight "g" : <[8], f32>
  %11 = sinter.mul %9, %10 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %12 = sinter.weight "b" : <[8], f32>
  %13 = sinter.add %11, %12 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %13 : !sinter.tensor<[N, 8], f32>
}

// Sums over the number of elements, as a division and as a product.
// CHECK-LABEL: @sums(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @sums(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce sum %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.constant 0.125 : <[], f32>
  %2 = sinter.mul %0, %1 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.mul %3, %3 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.reduce sum %4 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %6 = sinter.constant 8.0 : <[], f32>
  %7 = sinter.div %5, %6 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %8 = sinter.constant 1.0e-05 : <[], f32>
  %9 = sinter.add %7, %8 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %10 = sinter.sqrt %9 : <[N, 1], f32>
  %11 = sinter.div %3, %10 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %12 = sinter.weight "g" : <[8], f32>
  %13 = sinter.mul %11, %12 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %14 = sinter.weight "b" : <[8], f32>
  %15 = sinter.add %13, %14 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %15 : !sinter.tensor<[N, 8], f32>
}

// A seventh as f32 holds it.
// CHECK-LABEL: @sums_of_sevenths(
// CHECK: sinter.layer_norm %arg0 epsilon {{.*}}E-7 : <[N, 7], f32>
// CHECK-NEXT: return
func.func @sums_of_sevenths(%x: !sinter.tensor<[N, 7], f32>) -> !sinter.tensor<[N, 7], f32> {
  %0 = sinter.reduce sum %x axis 1 : <[N, 7], f32> -> <[N, 1], f32>
  %1 = sinter.constant 0.14285714924335479736328125 : <[], f32>
  %2 = sinter.mul %0, %1 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 7], f32>, <[N, 1], f32> -> <[N, 7], f32>
  %4 = sinter.mul %3, %3 : <[N, 7], f32>, <[N, 7], f32> -> <[N, 7], f32>
  %5 = sinter.reduce sum %4 axis 1 : <[N, 7], f32> -> <[N, 1], f32>
  %6 = sinter.mul %5, %1 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %7 = sinter.constant 1.0e-06 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.rsqrt %8 : <[N, 1], f32>
  %10 = sinter.mul %3, %9 : <[N, 7], f32>, <[N, 1], f32> -> <[N, 7], f32>
  return %10 : !sinter.tensor<[N, 7], f32>
}

// As TensorFlow folds it: one factor and one summand a row.
// CHECK-LABEL: @scale_and_shift(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @scale_and_shift(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.mul %1, %1 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.reduce mean %2 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %4 = sinter.constant 1.0e-05 : <[], f32>
  %5 = sinter.add %3, %4 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %6 = sinter.rsqrt %5 : <[N, 1], f32>
  %7 = sinter.weight "g" : <[8], f32>
  %8 = sinter.mul %6, %7 : <[N, 1], f32>, <[8], f32> -> <[N, 8], f32>
  %9 = sinter.mul %x, %8 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %10 = sinter.weight "b" : <[8], f32>
  %11 = sinter.mul %0, %8 : <[N, 1], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %12 = sinter.sub %10, %11 : <[8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %13 = sinter.add %9, %12 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %13 : !sinter.tensor<[N, 8], f32>
}

// Means and roots are repeated before they are used.
// CHECK-LABEL: @broadcast(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @broadcast(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.broadcast %0 : <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.sub %x, %1 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.mul %2, %2 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.reduce mean %3 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %5 = sinter.constant 1.0e-05 : <[], f32>
  %6 = sinter.add %4, %5 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %7 = sinter.sqrt %6 : <[N, 1], f32>
  %8 = sinter.broadcast %7 : <[N, 1], f32> -> <[N, 8], f32>
  %9 = sinter.div %2, %8 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %10 = sinter.weight "g" : <[8], f32>
  %11 = sinter.mul %9, %10 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %12 = sinter.weight "b" : <[8], f32>
  %13 = sinter.add %11, %12 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %13 : !sinter.tensor<[N, 8], f32>
}

// No bias.
// CHECK-LABEL: @without_bias(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @without_bias(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 1.0e-05 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.sqrt %8 : <[N, 1], f32>
  %10 = sinter.div %1, %9 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %11 = sinter.weight "g" : <[8], f32>
  %12 = sinter.mul %10, %11 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// No gain.
// CHECK-LABEL: @without_gain(
// CHECK: sinter.layer_norm %arg0 bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-05 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @without_gain(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 1.0e-05 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.sqrt %8 : <[N, 1], f32>
  %10 = sinter.div %1, %9 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %11 = sinter.weight "b" : <[8], f32>
  %12 = sinter.add %10, %11 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// Neither, and the epsilon of BERT.
// CHECK-LABEL: @bare(
// CHECK: sinter.layer_norm %arg0 epsilon 9.9{{9+}}8E-13 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @bare(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 1.0e-12 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.sqrt %8 : <[N, 1], f32>
  %10 = sinter.div %1, %9 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %10 : !sinter.tensor<[N, 8], f32>
}

// Epsilon outside of the root.
// CHECK-LABEL: @outside(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-03 outside_root : <[N, 8], f32>
// CHECK-NEXT: return
func.func @outside(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.sqrt %6 : <[N, 1], f32>
  %8 = sinter.constant 0.001 : <[], f32>
  %9 = sinter.add %7, %8 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %10 = sinter.div %1, %9 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %11 = sinter.weight "g" : <[8], f32>
  %12 = sinter.mul %10, %11 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %13 = sinter.weight "b" : <[8], f32>
  %14 = sinter.add %12, %13 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %14 : !sinter.tensor<[N, 8], f32>
}

// No epsilon at all.
// CHECK-LABEL: @no_epsilon(
// CHECK: sinter.layer_norm %arg0 epsilon 0.000000e+00 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @no_epsilon(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.sqrt %6 : <[N, 1], f32>
  %8 = sinter.div %1, %7 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %8 : !sinter.tensor<[N, 8], f32>
}

// Within each head.
// CHECK-LABEL: @heads(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[4], f32> epsilon 1.000000e-05 : <[2, N, 4], f32>
// CHECK-NEXT: return
func.func @heads(%x: !sinter.tensor<[2, N, 4], f32>) -> !sinter.tensor<[2, N, 4], f32> {
  %0 = sinter.reduce mean %x axis 2 : <[2, N, 4], f32> -> <[2, N, 1], f32>
  %1 = sinter.sub %x, %0 : <[2, N, 4], f32>, <[2, N, 1], f32> -> <[2, N, 4], f32>
  %2 = sinter.reduce mean %x axis 2 : <[2, N, 4], f32> -> <[2, N, 1], f32>
  %3 = sinter.sub %x, %2 : <[2, N, 4], f32>, <[2, N, 1], f32> -> <[2, N, 4], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[2, N, 4], f32>, <[], f32> -> <[2, N, 4], f32>
  %6 = sinter.reduce mean %5 axis 2 : <[2, N, 4], f32> -> <[2, N, 1], f32>
  %7 = sinter.constant 1.0e-05 : <[], f32>
  %8 = sinter.add %6, %7 : <[2, N, 1], f32>, <[], f32> -> <[2, N, 1], f32>
  %9 = sinter.sqrt %8 : <[2, N, 1], f32>
  %10 = sinter.div %1, %9 : <[2, N, 4], f32>, <[2, N, 1], f32> -> <[2, N, 4], f32>
  %11 = sinter.weight "g4" : <[4], f32>
  %12 = sinter.mul %10, %11 : <[2, N, 4], f32>, <[4], f32> -> <[2, N, 4], f32>
  return %12 : !sinter.tensor<[2, N, 4], f32>
}

// A gain with an axis of 1 in front.
// CHECK-LABEL: @matrix_of_one_row(
// CHECK: sinter.layer_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon
// CHECK-NEXT: return
func.func @matrix_of_one_row(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 1.0e-05 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.sqrt %8 : <[N, 1], f32>
  %10 = sinter.div %1, %9 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %11 = sinter.weight "g1" : <[1, 8], f32>
  %12 = sinter.mul %10, %11 : <[N, 8], f32>, <[1, 8], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// RMSNorm as the paper writes it.
// CHECK-LABEL: @rms(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 2.0 : <[], f32>
  %1 = sinter.pow %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %1 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.constant 1.0e-06 : <[], f32>
  %4 = sinter.add %2, %3 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %5 = sinter.sqrt %4 : <[N, 1], f32>
  %6 = sinter.div %x, %5 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %7 = sinter.weight "g" : <[8], f32>
  %8 = sinter.mul %6, %7 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %8 : !sinter.tensor<[N, 8], f32>
}

// As Llama computes it.
// CHECK-LABEL: @rms_reciprocal_root(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_reciprocal_root(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.weight "g" : <[8], f32>
  %1 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %1 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.constant 1.0e-06 : <[], f32>
  %4 = sinter.add %2, %3 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %5 = sinter.rsqrt %4 : <[N, 1], f32>
  %6 = sinter.mul %x, %5 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %7 = sinter.mul %0, %6 : <[8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// As exporters write it.
// CHECK-LABEL: @rms_power(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_power(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 2.0 : <[], f32>
  %1 = sinter.pow %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %1 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.constant 1.0e-06 : <[], f32>
  %4 = sinter.add %2, %3 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %5 = sinter.constant -0.5 : <[], f32>
  %6 = sinter.pow %4, %5 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %7 = sinter.mul %x, %6 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %8 = sinter.weight "g" : <[8], f32>
  %9 = sinter.mul %7, %8 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %9 : !sinter.tensor<[N, 8], f32>
}

// A sum and a reciprocal.
// CHECK-LABEL: @rms_sum(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_sum(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce sum %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.constant 0.125 : <[], f32>
  %3 = sinter.mul %1, %2 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %4 = sinter.constant 1.0e-06 : <[], f32>
  %5 = sinter.add %4, %3 : <[], f32>, <[N, 1], f32> -> <[N, 1], f32>
  %6 = sinter.sqrt %5 : <[N, 1], f32>
  %7 = sinter.constant 1.0 : <[], f32>
  %8 = sinter.div %7, %6 : <[], f32>, <[N, 1], f32> -> <[N, 1], f32>
  %9 = sinter.mul %x, %8 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %10 = sinter.weight "g" : <[8], f32>
  %11 = sinter.mul %9, %10 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %11 : !sinter.tensor<[N, 8], f32>
}

// Gemma stores the gain's distance from 1.
// CHECK-LABEL: @rms_distance_from_one(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_distance_from_one(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.constant 1.0e-06 : <[], f32>
  %3 = sinter.add %1, %2 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %4 = sinter.rsqrt %3 : <[N, 1], f32>
  %5 = sinter.mul %x, %4 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %6 = sinter.weight "g" : <[8], f32>
  %7 = sinter.constant 1.0 : <[], f32>
  %8 = sinter.add %7, %6 : <[], f32>, <[8], f32> -> <[8], f32>
  %9 = sinter.mul %5, %8 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %9 : !sinter.tensor<[N, 8], f32>
}

// The gain on the other factor.
// CHECK-LABEL: @rms_gain_within(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_gain_within(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.constant 1.0e-06 : <[], f32>
  %3 = sinter.add %1, %2 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %4 = sinter.rsqrt %3 : <[N, 1], f32>
  %5 = sinter.weight "g" : <[8], f32>
  %6 = sinter.mul %4, %5 : <[N, 1], f32>, <[8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %x, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// The gain before the division.
// CHECK-LABEL: @rms_gain_first(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_gain_first(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.weight "g" : <[8], f32>
  %1 = sinter.mul %0, %x : <[8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.reduce mean %2 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %4 = sinter.constant 1.0e-06 : <[], f32>
  %5 = sinter.add %3, %4 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %6 = sinter.sqrt %5 : <[N, 1], f32>
  %7 = sinter.div %1, %6 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// With a bias.
// CHECK-LABEL: @rms_bias(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> bias %{{.*}} : !sinter.tensor<[8], f32> epsilon {{1.000000e-06|9.9999999999999995E-7}} : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_bias(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.constant 1.0e-06 : <[], f32>
  %3 = sinter.add %1, %2 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %4 = sinter.sqrt %3 : <[N, 1], f32>
  %5 = sinter.div %x, %4 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %6 = sinter.weight "g" : <[8], f32>
  %7 = sinter.mul %5, %6 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  %8 = sinter.weight "b" : <[8], f32>
  %9 = sinter.add %7, %8 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %9 : !sinter.tensor<[N, 8], f32>
}

// Epsilon outside of the root.
// CHECK-LABEL: @rms_outside(
// CHECK: sinter.rms_norm %arg0 gain %{{.*}} : !sinter.tensor<[8], f32> epsilon 1.000000e-03 outside_root : <[N, 8], f32>
// CHECK-NEXT: return
func.func @rms_outside(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.sqrt %1 : <[N, 1], f32>
  %3 = sinter.constant 0.001 : <[], f32>
  %4 = sinter.add %2, %3 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %5 = sinter.div %x, %4 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %6 = sinter.weight "g" : <[8], f32>
  %7 = sinter.mul %5, %6 : <[N, 8], f32>, <[8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// Over the length of the row, times the root of its number of elements: the same.
// CHECK-LABEL: @scale_norm(
// CHECK: sinter.rms_norm %arg0 epsilon 0.000000e+00 : <[N, 8], f32>
// CHECK-NEXT: return
func.func @scale_norm(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce sum %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.sqrt %1 : <[N, 1], f32>
  %3 = sinter.div %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.8284271247461903 : <[], f32>
  %5 = sinter.mul %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  return %5 : !sinter.tensor<[N, 8], f32>
}

// A factor of the input is one of epsilon.
// CHECK-LABEL: @scaled_input(
// CHECK: sinter.rms_norm %arg0 epsilon {{1.000000e-06|9.9999999999999995E-7}}
// CHECK-NEXT: return
func.func @scaled_input(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 2.0 : <[], f32>
  %1 = sinter.mul %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.constant 2.0 : <[], f32>
  %3 = sinter.mul %x, %2 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 4.0e-06 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.sqrt %8 : <[N, 1], f32>
  %10 = sinter.div %1, %9 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %10 : !sinter.tensor<[N, 8], f32>
}

// Together they are LayerNorm of most rows, but not of those that hardly vary. Found by sinter-fuzz.
// CHECK-LABEL: @rms_before_layer_norm(
// CHECK: %[[RMS:.*]] = sinter.rms_norm %arg0 epsilon {{.*}}E-7 : <[N, 7], f32>
// CHECK-NEXT: sinter.layer_norm %[[RMS]] epsilon {{.*}}E-7 : <[N, 7], f32>
// CHECK-NEXT: return
func.func @rms_before_layer_norm(%x: !sinter.tensor<[N, 7], f32>) -> !sinter.tensor<[N, 7], f32> {
  %0 = sinter.mul %x, %x : <[N, 7], f32>, <[N, 7], f32> -> <[N, 7], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 7], f32> -> <[N, 1], f32>
  %2 = sinter.constant 1.0e-06 : <[], f32>
  %3 = sinter.add %1, %2 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %4 = sinter.sqrt %3 : <[N, 1], f32>
  %5 = sinter.div %x, %4 : <[N, 7], f32>, <[N, 1], f32> -> <[N, 7], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 7], f32> -> <[N, 1], f32>
  %7 = sinter.sub %5, %6 : <[N, 7], f32>, <[N, 1], f32> -> <[N, 7], f32>
  %8 = sinter.mul %7, %7 : <[N, 7], f32>, <[N, 7], f32> -> <[N, 7], f32>
  %9 = sinter.reduce mean %8 axis 1 : <[N, 7], f32> -> <[N, 1], f32>
  %10 = sinter.add %9, %2 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %11 = sinter.sqrt %10 : <[N, 1], f32>
  %12 = sinter.div %7, %11 : <[N, 7], f32>, <[N, 1], f32> -> <[N, 7], f32>
  return %12 : !sinter.tensor<[N, 7], f32>
}
