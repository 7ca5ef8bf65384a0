// Functions that have a name, as arithmetic: in a function, and in the region of a kernel.
//
// RUN: sinter-opt %s --verify-numerics --decompose-composites | FileCheck %s --implicit-check-not='sinter.{{silu|gelu|softmax|layer_norm|rms_norm|rotary}}'

// CHECK-LABEL: @silu(
//  CHECK-SAME: %[[X:.*]]: !sinter.tensor
//  CHECK-NEXT: %[[N:.*]] = sinter.neg %[[X]]
//  CHECK-NEXT: %[[E:.*]] = sinter.exp %[[N]]
//  CHECK-NEXT: %[[ONE:.*]] = sinter.constant 1.000000e+00
//  CHECK-NEXT: %[[S:.*]] = sinter.add %[[E]], %[[ONE]]
//  CHECK-NEXT: %[[Q:.*]] = sinter.div %[[X]], %[[S]]
//  CHECK-NEXT: return %[[Q]]
func.func @silu(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %y = sinter.silu %x : !sinter.tensor<[N, 4], f32>
  return %y : !sinter.tensor<[N, 4], f32>
}

// The other functions, one behind the other: the numbers are compared.
// CHECK-LABEL: @others(
//       CHECK: sinter.reduce mean
//       CHECK: sinter.rsqrt
//       CHECK: sinter.erf
//       CHECK: sinter.reduce max
//       CHECK: sinter.concat
func.func @others(%x: !sinter.tensor<[N, 4], f32>, %c: !sinter.tensor<[N, 2], f32>, %s: !sinter.tensor<[N, 2], f32>,
                  %g: !sinter.tensor<[4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %a = sinter.layer_norm %x gain %g : !sinter.tensor<[4], f32> bias %g : !sinter.tensor<[4], f32> epsilon 1.0e-05 : !sinter.tensor<[N, 4], f32>
  %b = sinter.rms_norm %a epsilon 1.0e-05 : !sinter.tensor<[N, 4], f32>
  %d = sinter.gelu erf %b : !sinter.tensor<[N, 4], f32>
  %e = sinter.softmax %d axis 1 : !sinter.tensor<[N, 4], f32>
  %r = sinter.rotary half_split %e width 4 by %c, %s : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 2], f32>
  return %r : !sinter.tensor<[N, 4], f32>
}

// CHECK-LABEL: @kernel(
//       CHECK: sinter.row_group
//       CHECK: sinter.exp
//       CHECK: sinter.yield
func.func @kernel(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %y = sinter.row_group (%a = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %b = sinter.silu %a : !sinter.tensor<[N, 4], f32>
    sinter.yield %b : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}
