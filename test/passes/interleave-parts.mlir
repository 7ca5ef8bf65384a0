// Parts of a contraction that its epilogue joins element by element become neighbours in the weight's panels, so that
// they are joined while sums are in registers.
//
// RUN: sinter-opt %s --verify-numerics --interleave-parts --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// SwiGLU, with a bias for both parts.

// CHECK: sinter.parameter @w layers 2 : !sinter.packed<[4, 10], f32, <columns = 16, depth = 1, parts = 2>>
// CHECK: sinter.pack {{.*}} -> <[4, 10], f32, <columns = 16, depth = 1, parts = 2>>
// CHECK: sinter.yield {{.*}} : !sinter.packed<[4, 10], f32, <columns = 16, depth = 1, parts = 2>>
// CHECK-LABEL: @swiglu
// CHECK: sinter.parameter_load @w[%{{.*}}] : !sinter.packed<[4, 10], f32, <columns = 16, depth = 1, parts = 2>>
// CHECK: sinter.linear_group
// CHECK: sinter.linear {{.*}} <[4, 10], f32, <columns = 16, depth = 1, parts = 2>> -> <[N, 10], f32>
// CHECK: } {on_tile}
sinter.parameter @w layers 2 : !sinter.packed<[4, 10], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w.{i}"[%layer] : <[4, 10], f32>
  %p = sinter.pack %w : <[4, 10], f32> -> <[4, 10], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 10], f32, <columns = 16, depth = 1>>
}
func.func @swiglu(%x: !sinter.tensor<[N, 4], f32>, %bias: !sinter.tensor<[10], f32>) -> !sinter.tensor<[N, 5], f32> {
  %c = sinter.constant 0.0 : <[], f32>
  %z = sinter.broadcast %c : <[], f32> -> <[N, 5], f32>
  %r = sinter.repeat %layer in 2 (%s = %z : !sinter.tensor<[N, 5], f32>) {
    %w = sinter.parameter_load @w[%layer] : !sinter.packed<[4, 10], f32, <columns = 16, depth = 1>>
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 10], f32, <columns = 16, depth = 1>>, %d = %bias : !sinter.tensor<[10], f32>, %t = %s : !sinter.tensor<[N, 5], f32>) -> !sinter.tensor<[N, 5], f32> {
      // expected-remark @+1 {{BytesSavedPerRow=80, Remark=2, Remark=" parts of the contraction stand side by side in its panels: what joins them does so while sums are in registers"}}
      %l = sinter.linear %a, %b : <[N, 4], f32>, <[4, 10], f32, <columns = 16, depth = 1>> -> <[N, 10], f32>
      %e = sinter.add %l, %d : <[N, 10], f32>, <[10], f32> -> <[N, 10], f32>
      %g = sinter.slice %e axis 1 from 0 size 5 stride 1 : <[N, 10], f32> -> <[N, 5], f32>
      %u = sinter.slice %e axis 1 from 5 size 5 stride 1 : <[N, 10], f32> -> <[N, 5], f32>
      %h = sinter.silu %g : <[N, 5], f32>
      %m = sinter.mul %h, %u : <[N, 5], f32>, <[N, 5], f32> -> <[N, 5], f32>
      %o = sinter.add %m, %t : <[N, 5], f32>, <[N, 5], f32> -> <[N, 5], f32>
      sinter.yield %o : !sinter.tensor<[N, 5], f32>
    }
    sinter.yield %y : !sinter.tensor<[N, 5], f32>
  }
  return %r : !sinter.tensor<[N, 5], f32>
}

// -----

// Four parts, two of which nothing needs; a part of a bias of its own.

// CHECK-LABEL: @four_parts
// CHECK: sinter.linear_group
// CHECK: sinter.linear {{.*}} parts = 4>>
// CHECK: } {on_tile}
sinter.parameter @w layers 1 : !sinter.packed<[4, 12], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 12], f32>
  %p = sinter.pack %w : <[4, 12], f32> -> <[4, 12], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 12], f32, <columns = 16, depth = 1>>
}
func.func @four_parts(%x: !sinter.tensor<[N, 4], f32>, %bias: !sinter.tensor<[3], f32>) -> !sinter.tensor<[N, 3], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 12], f32, <columns = 16, depth = 1>>
  %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 12], f32, <columns = 16, depth = 1>>, %d = %bias : !sinter.tensor<[3], f32>) -> !sinter.tensor<[N, 3], f32> {
    // expected-remark @+1 {{BytesSavedPerRow=96, Remark=4}}
    %l = sinter.linear %a, %b : <[N, 4], f32>, <[4, 12], f32, <columns = 16, depth = 1>> -> <[N, 12], f32>
    %g = sinter.slice %l axis 1 from 9 size 3 stride 1 : <[N, 12], f32> -> <[N, 3], f32>
    %u = sinter.slice %l axis 1 from 3 size 3 stride 1 : <[N, 12], f32> -> <[N, 3], f32>
    %e = sinter.add %g, %d : <[N, 3], f32>, <[3], f32> -> <[N, 3], f32>
    %m = sinter.sub %e, %u : <[N, 3], f32>, <[N, 3], f32> -> <[N, 3], f32>
    sinter.yield %m : !sinter.tensor<[N, 3], f32>
  }
  return %y : !sinter.tensor<[N, 3], f32>
}

// -----

// Three parts: no share of sixteen columns.

// CHECK-LABEL: @three_parts
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 9], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 9], f32>
  %p = sinter.pack %w : <[4, 9], f32> -> <[4, 9], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 9], f32, <columns = 16, depth = 1>>
}
func.func @three_parts(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 3], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 9], f32, <columns = 16, depth = 1>>
  %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 9], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 3], f32> {
    // expected-remark @+1 {{Remark="sums go through memory on their way to what joins them: ", Remark="a panel's columns cannot be shared among so many parts"}}
    %l = sinter.linear %a, %b : <[N, 4], f32>, <[4, 9], f32, <columns = 16, depth = 1>> -> <[N, 9], f32>
    %g = sinter.slice %l axis 1 from 0 size 3 stride 1 : <[N, 9], f32> -> <[N, 3], f32>
    %u = sinter.slice %l axis 1 from 6 size 3 stride 1 : <[N, 9], f32> -> <[N, 3], f32>
    %m = sinter.mul %g, %u : <[N, 3], f32>, <[N, 3], f32> -> <[N, 3], f32>
    sinter.yield %m : !sinter.tensor<[N, 3], f32>
  }
  return %y : !sinter.tensor<[N, 3], f32>
}

// -----

// Another contraction reads the same panels.

// CHECK-LABEL: @shared
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 6], f32>
  %p = sinter.pack %w : <[4, 6], f32> -> <[4, 6], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>
}
func.func @shared(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 6], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>
  %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 3], f32> {
    // expected-remark @+1 {{Remark="something else needs its weight as it lies"}}
    %l = sinter.linear %a, %b : <[N, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[N, 6], f32>
    %g = sinter.slice %l axis 1 from 0 size 3 stride 1 : <[N, 6], f32> -> <[N, 3], f32>
    %u = sinter.slice %l axis 1 from 3 size 3 stride 1 : <[N, 6], f32> -> <[N, 3], f32>
    %m = sinter.mul %g, %u : <[N, 3], f32>, <[N, 3], f32> -> <[N, 3], f32>
    sinter.yield %m : !sinter.tensor<[N, 3], f32>
  }
  %z = sinter.linear %x, %w : <[N, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[N, 6], f32>
  return %y, %z : !sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 6], f32>
}

// -----

// A weight that the entry is given has no layout of ours; parts of a part are not parts of the contraction, and a sum
// over a row needs all of it: neither is looked at.

// CHECK-LABEL: @not_stored
// CHECK-NOT: on_tile
func.func @not_stored(%x: !sinter.tensor<[N, 4], f32>, %v: !sinter.tensor<[4, 6], f32>) -> (!sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>) {
  %w = sinter.pack %v : <[4, 6], f32> -> <[4, 6], f32, <columns = 16, depth = 1>>
  %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 3], f32> {
    // expected-remark @+1 {{Remark="its weight is not one that is stored"}}
    %l = sinter.linear %a, %b : <[N, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[N, 6], f32>
    %g = sinter.slice %l axis 1 from 0 size 3 stride 1 : <[N, 6], f32> -> <[N, 3], f32>
    %u = sinter.slice %l axis 1 from 3 size 3 stride 1 : <[N, 6], f32> -> <[N, 3], f32>
    %m = sinter.mul %g, %u : <[N, 3], f32>, <[N, 3], f32> -> <[N, 3], f32>
    sinter.yield %m : !sinter.tensor<[N, 3], f32>
  }
  %z = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 3], f32> {
    %l = sinter.linear %a, %b : <[N, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[N, 6], f32>
    %g = sinter.slice %l axis 1 from 0 size 3 stride 1 : <[N, 6], f32> -> <[N, 3], f32>
    %u = sinter.slice %l axis 1 from 2 size 3 stride 1 : <[N, 6], f32> -> <[N, 3], f32>
    %m = sinter.mul %g, %u : <[N, 3], f32>, <[N, 3], f32> -> <[N, 3], f32>
    sinter.yield %m : !sinter.tensor<[N, 3], f32>
  }
  %r = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 3], f32> {
    %l = sinter.linear %a, %b : <[N, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[N, 6], f32>
    %g = sinter.slice %l axis 1 from 0 size 3 stride 1 : <[N, 6], f32> -> <[N, 3], f32>
    %s = sinter.reduce sum %l axis 1 : <[N, 6], f32> -> <[N, 1], f32>
    %m = sinter.mul %g, %s : <[N, 3], f32>, <[N, 1], f32> -> <[N, 3], f32>
    sinter.yield %m : !sinter.tensor<[N, 3], f32>
  }
  return %y, %z, %r : !sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>
}
