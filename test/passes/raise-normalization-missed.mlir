// What is nearly a normalization stays, and a remark says why.
//
// RUN: sinter-opt %s --verify-numerics --cse --raise-normalization --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s --implicit-check-not=_norm

// Means over heads.
// CHECK-LABEL: @other_axis(
func.func @other_axis(%x: !sinter.tensor<[N, 4, 8], f32>) -> !sinter.tensor<[N, 4, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 4, 8], f32> -> <[N, 1, 8], f32>
  %1 = sinter.sub %x, %0 : <[N, 4, 8], f32>, <[N, 1, 8], f32> -> <[N, 4, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 4, 8], f32> -> <[N, 1, 8], f32>
  %3 = sinter.sub %x, %2 : <[N, 4, 8], f32>, <[N, 1, 8], f32> -> <[N, 4, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 4, 8], f32>, <[], f32> -> <[N, 4, 8], f32>
  %6 = sinter.reduce mean %5 axis 1 : <[N, 4, 8], f32> -> <[N, 1, 8], f32>
  %7 = sinter.constant 1.0e-05 : <[], f32>
  %8 = sinter.add %6, %7 : <[N, 1, 8], f32>, <[], f32> -> <[N, 1, 8], f32>
  // expected-remark @+1 {{this root belongs to no normalization: its mean goes along axis 1, while rows are along the last one, 2}}
  %9 = sinter.sqrt %8 : <[N, 1, 8], f32>
  %10 = sinter.div %1, %9 : <[N, 4, 8], f32>, <[N, 1, 8], f32> -> <[N, 4, 8], f32>
  return %10 : !sinter.tensor<[N, 4, 8], f32>
}

// -----

// The mean and variance of all elements of several rows.
// CHECK-LABEL: @several_axes(
func.func @several_axes(%x: !sinter.tensor<[2, 3, 4], f32>) -> !sinter.tensor<[2, 3, 4], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[2, 3, 4], f32> -> <[2, 1, 4], f32>
  %1 = sinter.reduce mean %0 axis 2 : <[2, 1, 4], f32> -> <[2, 1, 1], f32>
  %2 = sinter.sub %x, %1 : <[2, 3, 4], f32>, <[2, 1, 1], f32> -> <[2, 3, 4], f32>
  %3 = sinter.mul %2, %2 : <[2, 3, 4], f32>, <[2, 3, 4], f32> -> <[2, 3, 4], f32>
  %4 = sinter.reduce mean %3 axis 1 : <[2, 3, 4], f32> -> <[2, 1, 4], f32>
  %5 = sinter.reduce mean %4 axis 2 : <[2, 1, 4], f32> -> <[2, 1, 1], f32>
  %6 = sinter.constant 1.0e-05 : <[], f32>
  %7 = sinter.add %5, %6 : <[2, 1, 1], f32>, <[], f32> -> <[2, 1, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: its mean goes along axes 1, 2, while a row is the last one, 2, alone}}
  %8 = sinter.sqrt %7 : <[2, 1, 1], f32>
  %9 = sinter.div %2, %8 : <[2, 3, 4], f32>, <[2, 1, 1], f32> -> <[2, 3, 4], f32>
  return %9 : !sinter.tensor<[2, 3, 4], f32>
}

// -----

// Rows of a length that only a call knows.
// CHECK-LABEL: @width_of_call(
func.func @width_of_call(%x: !sinter.tensor<[3, W], f32>) -> !sinter.tensor<[3, W], f32> {
  %0 = sinter.mul %x, %x : <[3, W], f32>, <[3, W], f32> -> <[3, W], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[3, W], f32> -> <[3, 1], f32>
  %2 = sinter.constant 1.0e-05 : <[], f32>
  %3 = sinter.add %1, %2 : <[3, 1], f32>, <[], f32> -> <[3, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: how many elements its rows have, W, is not known when compiling}}
  %4 = sinter.sqrt %3 : <[3, 1], f32>
  %5 = sinter.div %x, %4 : <[3, W], f32>, <[3, 1], f32> -> <[3, W], f32>
  return %5 : !sinter.tensor<[3, W], f32>
}

// -----

// An epsilon that is trained.
// CHECK-LABEL: @epsilon_of_weights(
func.func @epsilon_of_weights(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.weight "e" : <[1], f32>
  %3 = sinter.add %1, %2 : <[N, 1], f32>, <[1], f32> -> <[N, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: its epsilon is no constant}}
  %4 = sinter.sqrt %3 : <[N, 1], f32>
  %5 = sinter.div %x, %4 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %5 : !sinter.tensor<[N, 8], f32>
}

// -----

// An epsilon that comes in.
// CHECK-LABEL: @epsilon_of_input(
func.func @epsilon_of_input(%x: !sinter.tensor<[N, 8], f32>, %e: !sinter.tensor<[N, 1], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.add %1, %e : <[N, 1], f32>, <[N, 1], f32> -> <[N, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: its epsilon is no constant}}
  %3 = sinter.sqrt %2 : <[N, 1], f32>
  %4 = sinter.div %x, %3 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %4 : !sinter.tensor<[N, 8], f32>
}

// -----

// The deviation is wanted by itself, too.
// CHECK-LABEL: @two_users(
func.func @two_users(%x: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 1], f32>) {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.mul %1, %1 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.reduce mean %2 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %4 = sinter.constant 1.0e-05 : <[], f32>
  %5 = sinter.add %3, %4 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: something else uses the 'sinter.sqrt' within, too}}
  %6 = sinter.sqrt %5 : <[N, 1], f32>
  %7 = sinter.div %1, %6 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %7, %6 : !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 1], f32>
}

// -----

// Over n - 1 elements.
// CHECK-LABEL: @unbiased(
func.func @unbiased(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %1 = sinter.sub %x, %0 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %2 = sinter.reduce mean %x axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %3 = sinter.sub %x, %2 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  %4 = sinter.constant 2.0 : <[], f32>
  %5 = sinter.pow %3, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.reduce sum %5 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %7 = sinter.constant 7.0 : <[], f32>
  %8 = sinter.div %6, %7 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %9 = sinter.constant 1.0e-05 : <[], f32>
  %10 = sinter.add %8, %9 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: a row is divided by something else than its root mean square or standard deviation: by 1.069}}
  %11 = sinter.sqrt %10 : <[N, 1], f32>
  %12 = sinter.div %1, %11 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// -----

// The root of another row.
// CHECK-LABEL: @other_row(
func.func @other_row(%x: !sinter.tensor<[N, 8], f32>, %y: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %y, %y : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.reduce mean %0 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %2 = sinter.constant 1.0e-05 : <[], f32>
  %3 = sinter.add %1, %2 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: nothing is divided by it that it is the root mean square of}}
  %4 = sinter.sqrt %3 : <[N, 1], f32>
  %5 = sinter.div %x, %4 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %5 : !sinter.tensor<[N, 8], f32>
}

// -----

// What is divided is not what is squared.
// CHECK-LABEL: @shifted(
func.func @shifted(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 1.0 : <[], f32>
  %1 = sinter.add %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.reduce mean %2 axis 1 : <[N, 8], f32> -> <[N, 1], f32>
  %4 = sinter.constant 1.0e-05 : <[], f32>
  %5 = sinter.add %3, %4 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  // expected-remark @+1 {{this root belongs to no normalization: what it leads to is not a row, or a row less its mean, over one number}}
  %6 = sinter.sqrt %5 : <[N, 1], f32>
  %7 = sinter.div %1, %6 : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}
