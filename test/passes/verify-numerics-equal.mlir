// Rows of equal numbers: every normalization in a row enlarges what f64 left of their mean by the inverse of its epsilon, and
// the last one shows more of it than f64 can hold and less than f32 can.
//
// RUN: sinter-opt --verify-numerics --raise-normalization %s | FileCheck %s

// CHECK-COUNT-3: sinter.layer_norm
func.func @equal(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 6], f32> {
  %table = sinter.weight "table" : <[16, 1], f32>
  %number = sinter.gather %table[%token] : <[16, 1], f32>, <[T], i32> -> <[T, 1], f32>
  %ones = sinter.constant 1.000000e+00 : <[T, 6], f32>
  %x = sinter.mul %ones, %number : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
  %mean0 = sinter.reduce mean %x axis 1 : <[T, 6], f32> -> <[T, 1], f32>
  %d0 = sinter.sub %x, %mean0 : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
  %dd0 = sinter.mul %d0, %d0 : <[T, 6], f32>, <[T, 6], f32> -> <[T, 6], f32>
  %v0 = sinter.reduce mean %dd0 axis 1 : <[T, 6], f32> -> <[T, 1], f32>
  %eps0 = sinter.constant 1.000000e-03 : <[], f32>
  %s0 = sinter.add %v0, %eps0 : <[T, 1], f32>, <[], f32> -> <[T, 1], f32>
  %r0 = sinter.rsqrt %s0 : <[T, 1], f32>
  %n0 = sinter.mul %d0, %r0 : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
  %g0 = sinter.weight "gain0" : <[6], f32>
  %y0 = sinter.mul %n0, %g0 : <[T, 6], f32>, <[6], f32> -> <[T, 6], f32>
  %mean1 = sinter.reduce mean %y0 axis 1 : <[T, 6], f32> -> <[T, 1], f32>
  %d1 = sinter.sub %y0, %mean1 : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
  %dd1 = sinter.mul %d1, %d1 : <[T, 6], f32>, <[T, 6], f32> -> <[T, 6], f32>
  %v1 = sinter.reduce mean %dd1 axis 1 : <[T, 6], f32> -> <[T, 1], f32>
  %eps1 = sinter.constant 1.000000e-06 : <[], f32>
  %s1 = sinter.add %v1, %eps1 : <[T, 1], f32>, <[], f32> -> <[T, 1], f32>
  %r1 = sinter.rsqrt %s1 : <[T, 1], f32>
  %n1 = sinter.mul %d1, %r1 : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
  %g1 = sinter.weight "gain1" : <[6], f32>
  %y1 = sinter.mul %n1, %g1 : <[T, 6], f32>, <[6], f32> -> <[T, 6], f32>
  %mean2 = sinter.reduce mean %y1 axis 1 : <[T, 6], f32> -> <[T, 1], f32>
  %d2 = sinter.sub %y1, %mean2 : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
  %dd2 = sinter.mul %d2, %d2 : <[T, 6], f32>, <[T, 6], f32> -> <[T, 6], f32>
  %v2 = sinter.reduce mean %dd2 axis 1 : <[T, 6], f32> -> <[T, 1], f32>
  %eps2 = sinter.constant 1.000000e-12 : <[], f32>
  %s2 = sinter.add %v2, %eps2 : <[T, 1], f32>, <[], f32> -> <[T, 1], f32>
  %r2 = sinter.rsqrt %s2 : <[T, 1], f32>
  %n2 = sinter.mul %d2, %r2 : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
  %g2 = sinter.weight "gain2" : <[6], f32>
  %y2 = sinter.mul %n2, %g2 : <[T, 6], f32>, <[6], f32> -> <[T, 6], f32>
  return %y2 : !sinter.tensor<[T, 6], f32>
}
