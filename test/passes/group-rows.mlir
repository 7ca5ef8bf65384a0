// Row work into kernels: as much together as nothing has to run amid.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(group-rows))' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// One chain, one kernel. Inputs of the group are what is not made in it; a value that only the group uses does not
// leave it.

// CHECK-LABEL: @chain
// CHECK-NEXT: %[[W:.*]] = sinter.parameter_load @w
// CHECK-NEXT: %[[G:.*]] = sinter.row_group (%[[A:.*]] = %arg0 : {{.*}}, %[[B:.*]] = %[[W]] : {{.*}}) -> !sinter.tensor<[N, 4], f32> {
// CHECK-NEXT: %[[S:.*]] = sinter.add %[[A]], %[[B]]
// CHECK-NEXT: %[[T:.*]] = sinter.tanh %[[S]]
// CHECK-NEXT: sinter.yield %[[T]]
// CHECK-NEXT: }
// CHECK-NEXT: return %[[G]]
sinter.parameter @w layers 1 : !sinter.tensor<[4], f32> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4], f32>
  sinter.yield %w : !sinter.tensor<[4], f32>
}
func.func @chain(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.tensor<[4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" operations in one kernel, ", Remark=2, Remark=" inputs, ", Remark=1, Remark=" results"}}
  %a = sinter.add %x, %w : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
  %b = sinter.tanh %a : <[N, 4], f32>
  return %b : !sinter.tensor<[N, 4], f32>
}

// -----

// A contraction between two ops keeps them apart, although the second also reads what the first made: in one
// group, the contraction would have to run amid it.

// CHECK-LABEL: @residual
// CHECK: %[[E:.*]] = sinter.row_group
// CHECK: sinter.exp
// CHECK: %[[L:.*]] = sinter.linear %[[E]]
// CHECK: sinter.row_group (%[[A:.*]] = %[[E]] : {{.*}}, %[[B:.*]] = %[[L]]
// CHECK: sinter.add %[[A]], %[[B]]
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @residual(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  // expected-remark @+1 {{Remark=1, Remark=" operations in one kernel, "}}
  %e = sinter.exp %x : <[N, 4], f32>
  %l = sinter.linear %e, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  // expected-remark @+1 {{Remark=1, Remark=" operations in one kernel, "}}
  %a = sinter.add %e, %l : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  return %a : !sinter.tensor<[N, 4], f32>
}

// -----

// Two values for two readers leave one group: what reads both stays in it, too.

// CHECK-LABEL: @two
// CHECK: %[[G:.*]]:2 = sinter.row_group
// CHECK-NOT: sinter.row_group
// CHECK: return %[[G]]#0, %[[G]]#1
func.func @two(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 1], f32>) {
  // expected-remark @+1 {{Remark=2, Remark=" operations in one kernel, ", Remark=1, Remark=" inputs, ", Remark=2, Remark=" results"}}
  %e = sinter.exp %x : <[N, 4], f32>
  %s = sinter.reduce sum %e axis 1 : <[N, 4], f32> -> <[N, 1], f32>
  return %e, %s : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 1], f32>
}

// -----

// Picking rows across the table waits until all of the table is there.

// CHECK-LABEL: @pick
// CHECK: %[[A:.*]] = sinter.row_group
// CHECK: sinter.exp
// CHECK: sinter.row_group (%[[T:.*]] = %[[A]] : {{.*}}, %[[R:.*]] = %{{.*}} : !sinter.tensor<[R], i32>)
// CHECK: %[[P:.*]] = sinter.gather %[[T]][%[[R]]]
// CHECK: sinter.neg %[[P]]
func.func @pick(%x: !sinter.tensor<[N, 4], f32>, %row: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R, 4], f32> {
  // expected-remark @+1 {{operations in one kernel}}
  %e = sinter.exp %x : <[N, 4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" operations in one kernel, "}}
  %p = sinter.gather %e[%row] : <[N, 4], f32>, <[R], i32> -> <[R, 4], f32>
  %n = sinter.neg %p : <[R, 4], f32>
  return %n : !sinter.tensor<[R, 4], f32>
}

// -----

// What has no row is made again in every group that uses it, also from outside of the layers.

// CHECK-LABEL: @rowless
// CHECK-NOT: sinter.iota
// CHECK: sinter.repeat
// CHECK: sinter.row_group
// CHECK: sinter.iota : <[4], i32>
// CHECK: sinter.convert
// CHECK: sinter.add
// CHECK: sinter.row_group
// CHECK: sinter.iota : <[4], i32>
// CHECK: sinter.mul
func.func @rowless(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %i = sinter.iota : <[4], i32>
  %f = sinter.convert %i : <[4], i32> -> <[4], f32>
  %y = sinter.repeat %l in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    // expected-remark @+1 {{Remark=1, Remark=" operations in one kernel, ", Remark=1, Remark=" inputs}}
    %b = sinter.add %a, %f : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
    sinter.yield %b : !sinter.tensor<[N, 4], f32>
  }
  // expected-remark @+1 {{operations in one kernel}}
  %z = sinter.mul %y, %f : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
  return %z : !sinter.tensor<[N, 4], f32>
}
