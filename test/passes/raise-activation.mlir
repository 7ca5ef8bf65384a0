// GELU and SiLU in the forms that papers and exporters write; the table in passes/README.md names these functions.
//
// RUN: sinter-opt %s --verify-numerics --cse --raise-activation | FileCheck %s

// 0.5 x (1 + erf(x / sqrt(2)))
// CHECK-LABEL: @erf_half_first(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu erf %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @erf_half_first(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.constant 1.4142135623730951 : <[], f32>
  %3 = sinter.div %x, %2 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %4 = sinter.erf %3 : <[N, 8], f32>
  %5 = sinter.constant 1.0 : <[], f32>
  %6 = sinter.add %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %1, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// x (erf(x / sqrt(2)) + 1) 0.5, as PyTorch exports it.
// CHECK-LABEL: @erf_half_last(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu erf %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @erf_half_last(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 1.4142135623730951 : <[], f32>
  %1 = sinter.div %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.erf %1 : <[N, 8], f32>
  %3 = sinter.constant 1.0 : <[], f32>
  %4 = sinter.add %2, %3 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %5 = sinter.mul %x, %4 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.constant 0.5 : <[], f32>
  %7 = sinter.mul %5, %6 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// x times the probability, with a product in place of the quotient.
// CHECK-LABEL: @erf_half_within(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu erf %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @erf_half_within(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.7071067811865475 : <[], f32>
  %1 = sinter.mul %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.erf %1 : <[N, 8], f32>
  %3 = sinter.constant 1.0 : <[], f32>
  %4 = sinter.add %3, %2 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.constant 0.5 : <[], f32>
  %6 = sinter.mul %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %x, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// The half multiplied out, and the root of a half as f32.
// CHECK-LABEL: @erf_half_spread(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu erf %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @erf_half_spread(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.70710677 : <[], f32>
  %1 = sinter.mul %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.erf %1 : <[N, 8], f32>
  %3 = sinter.constant 0.5 : <[], f32>
  %4 = sinter.mul %3, %2 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.constant 0.5 : <[], f32>
  %6 = sinter.add %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %x, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// Over 2.
// CHECK-LABEL: @erf_divided(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu erf %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @erf_divided(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 2.0 : <[], f32>
  %1 = sinter.div %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.constant 1.4142135623730951 : <[], f32>
  %3 = sinter.div %x, %2 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %4 = sinter.erf %3 : <[N, 8], f32>
  %5 = sinter.constant 1.0 : <[], f32>
  %6 = sinter.add %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %1, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// x less x times the opposite probability.
// CHECK-LABEL: @erf_opposite(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu erf %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @erf_opposite(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 1.4142135623730951 : <[], f32>
  %1 = sinter.div %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.erf %1 : <[N, 8], f32>
  %3 = sinter.constant 1.0 : <[], f32>
  %4 = sinter.sub %3, %2 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.constant 0.5 : <[], f32>
  %6 = sinter.mul %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %x, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %8 = sinter.sub %x, %7 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %8 : !sinter.tensor<[N, 8], f32>
}

// A sum of two.
// CHECK-LABEL: @erf_sum(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu erf %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @erf_sum(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.constant 0.5 : <[], f32>
  %3 = sinter.mul %2, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.constant 1.4142135623730951 : <[], f32>
  %5 = sinter.div %x, %4 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %6 = sinter.erf %5 : <[N, 8], f32>
  %7 = sinter.mul %3, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %8 = sinter.add %1, %7 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %8 : !sinter.tensor<[N, 8], f32>
}

// The cube as a power.
// CHECK-LABEL: @tanh_power(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu tanh %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @tanh_power(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.constant 3.0 : <[], f32>
  %3 = sinter.pow %x, %2 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %4 = sinter.constant 0.044715 : <[], f32>
  %5 = sinter.mul %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.add %x, %5 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.constant 0.7978845608028654 : <[], f32>
  %8 = sinter.mul %7, %6 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %9 = sinter.tanh %8 : <[N, 8], f32>
  %10 = sinter.constant 1.0 : <[], f32>
  %11 = sinter.add %10, %9 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %12 = sinter.mul %1, %11 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// The cube as products.
// CHECK-LABEL: @tanh_products(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu tanh %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @tanh_products(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %3 = sinter.mul %2, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.constant 0.044715 : <[], f32>
  %5 = sinter.mul %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.add %x, %5 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.constant 0.7978845608028654 : <[], f32>
  %8 = sinter.mul %7, %6 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %9 = sinter.tanh %8 : <[N, 8], f32>
  %10 = sinter.constant 1.0 : <[], f32>
  %11 = sinter.add %10, %9 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %12 = sinter.mul %1, %11 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// x before the parenthesis.
// CHECK-LABEL: @tanh_factored(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu tanh %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @tanh_factored(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.constant 0.7978845608028654 : <[], f32>
  %3 = sinter.mul %2, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.constant 0.044715 : <[], f32>
  %5 = sinter.mul %4, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.mul %5, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.constant 1.0 : <[], f32>
  %8 = sinter.add %7, %6 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %9 = sinter.mul %3, %8 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %10 = sinter.tanh %9 : <[N, 8], f32>
  %11 = sinter.constant 1.0 : <[], f32>
  %12 = sinter.add %11, %10 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %13 = sinter.mul %1, %12 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %13 : !sinter.tensor<[N, 8], f32>
}

// Both constants multiplied.
// CHECK-LABEL: @tanh_multiplied_out(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu tanh %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @tanh_multiplied_out(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.constant 0.7978845608 : <[], f32>
  %3 = sinter.mul %2, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.mul %x, %x : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.mul %x, %4 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.constant 0.0356774081 : <[], f32>
  %7 = sinter.mul %6, %5 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %8 = sinter.add %3, %7 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %9 = sinter.tanh %8 : <[N, 8], f32>
  %10 = sinter.constant 1.0 : <[], f32>
  %11 = sinter.add %9, %10 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %12 = sinter.mul %1, %11 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %12 : !sinter.tensor<[N, 8], f32>
}

// As a sigmoid: (1 + tanh(z)) / 2 is 1 / (1 + exp(-2 z)).
// CHECK-LABEL: @tanh_as_sigmoid(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu tanh %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @tanh_as_sigmoid(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 3.0 : <[], f32>
  %1 = sinter.pow %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.constant 0.044715 : <[], f32>
  %3 = sinter.mul %2, %1 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.add %x, %3 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.constant 1.5957691216057308 : <[], f32>
  %6 = sinter.mul %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.neg %6 : <[N, 8], f32>
  %8 = sinter.exp %7 : <[N, 8], f32>
  %9 = sinter.constant 1.0 : <[], f32>
  %10 = sinter.add %9, %8 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %11 = sinter.div %x, %10 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %11 : !sinter.tensor<[N, 8], f32>
}

// x times a sigmoid of 1.702 x.
// CHECK-LABEL: @sigmoid_scaled(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu sigmoid %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @sigmoid_scaled(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 1.702 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.neg %1 : <[N, 8], f32>
  %3 = sinter.exp %2 : <[N, 8], f32>
  %4 = sinter.constant 1.0 : <[], f32>
  %5 = sinter.add %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.constant 1.0 : <[], f32>
  %7 = sinter.div %6, %5 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %8 = sinter.mul %x, %7 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %8 : !sinter.tensor<[N, 8], f32>
}

// As a quotient.
// CHECK-LABEL: @sigmoid_quotient(
// CHECK-NEXT: %[[Y:.*]] = sinter.gelu sigmoid %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @sigmoid_quotient(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant -1.702 : <[], f32>
  %1 = sinter.mul %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.exp %1 : <[N, 8], f32>
  %3 = sinter.constant 1.0 : <[], f32>
  %4 = sinter.add %3, %2 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.div %x, %4 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %5 : !sinter.tensor<[N, 8], f32>
}

// x times its sigmoid.
// CHECK-LABEL: @silu_product(
// CHECK-NEXT: %[[Y:.*]] = sinter.silu %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @silu_product(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.neg %x : <[N, 8], f32>
  %1 = sinter.exp %0 : <[N, 8], f32>
  %2 = sinter.constant 1.0 : <[], f32>
  %3 = sinter.add %2, %1 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.constant 1.0 : <[], f32>
  %5 = sinter.div %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.mul %x, %5 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %6 : !sinter.tensor<[N, 8], f32>
}

// As a quotient.
// CHECK-LABEL: @silu_quotient(
// CHECK-NEXT: %[[Y:.*]] = sinter.silu %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @silu_quotient(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.neg %x : <[N, 8], f32>
  %1 = sinter.exp %0 : <[N, 8], f32>
  %2 = sinter.constant 1.0 : <[], f32>
  %3 = sinter.add %2, %1 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.div %x, %3 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %4 : !sinter.tensor<[N, 8], f32>
}

// The exponential of x itself.
// CHECK-LABEL: @silu_growing(
// CHECK-NEXT: %[[Y:.*]] = sinter.silu %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @silu_growing(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.exp %x : <[N, 8], f32>
  %1 = sinter.mul %x, %0 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.exp %x : <[N, 8], f32>
  %3 = sinter.constant 1.0 : <[], f32>
  %4 = sinter.add %2, %3 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %5 = sinter.div %1, %4 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %5 : !sinter.tensor<[N, 8], f32>
}

// The sigmoid from a tangent.
// CHECK-LABEL: @silu_tanh(
// CHECK-NEXT: %[[Y:.*]] = sinter.silu %arg0 : <[N, 8], f32>
// CHECK-NEXT: return %[[Y]]
func.func @silu_tanh(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 0.5 : <[], f32>
  %1 = sinter.mul %0, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %2 = sinter.constant 0.5 : <[], f32>
  %3 = sinter.mul %2, %x : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.tanh %3 : <[N, 8], f32>
  %5 = sinter.constant 1.0 : <[], f32>
  %6 = sinter.add %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %1, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// Without its half it is two times the function.
// CHECK-LABEL: @multiple(
// CHECK: %[[G:.*]] = sinter.gelu erf %arg0
// CHECK: %[[T:.*]] = sinter.constant 2.0
// CHECK: %[[Y:.*]] = sinter.mul %[[G]], %[[T]]
// CHECK-NEXT: return %[[Y]]
func.func @multiple(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.constant 1.4142135623730951 : <[], f32>
  %1 = sinter.div %x, %0 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %2 = sinter.erf %1 : <[N, 8], f32>
  %3 = sinter.constant 1.0 : <[], f32>
  %4 = sinter.add %3, %2 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.mul %x, %4 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %5 : !sinter.tensor<[N, 8], f32>
}

// A gate that is multiplied first leaves nothing of one variable.
// CHECK-LABEL: @gated(
// CHECK: sinter.exp
func.func @gated(%x: !sinter.tensor<[N, 8], f32>, %u: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.mul %x, %u : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %1 = sinter.neg %x : <[N, 8], f32>
  %2 = sinter.exp %1 : <[N, 8], f32>
  %3 = sinter.constant 1.0 : <[], f32>
  %4 = sinter.add %3, %2 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %5 = sinter.constant 1.0 : <[], f32>
  %6 = sinter.div %5, %4 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %0, %6 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}

// The activation of a gate: what it gates stays a product.
// CHECK-LABEL: @gate(
// CHECK-NEXT: %[[S:.*]] = sinter.silu %arg0
// CHECK-NEXT: sinter.mul %[[S]], %arg1
func.func @gate(%x: !sinter.tensor<[N, 8], f32>, %u: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %0 = sinter.neg %x : <[N, 8], f32>
  %1 = sinter.exp %0 : <[N, 8], f32>
  %2 = sinter.constant 1.0 : <[], f32>
  %3 = sinter.add %2, %1 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %4 = sinter.constant 1.0 : <[], f32>
  %5 = sinter.div %4, %3 : <[], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %6 = sinter.mul %x, %5 : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  %7 = sinter.mul %6, %u : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %7 : !sinter.tensor<[N, 8], f32>
}
