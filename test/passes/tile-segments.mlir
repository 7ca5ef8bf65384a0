// Results of ranges of a contraction's columns, such as queries, keys and values, leave the tile for their places. Positions
// turn them there if both halves of a head stand in one panel: the weight is laid out so.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(fuse-linear),interleave-parts)' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// -----

// Halves of heads of 16 are half a panel of 16 columns each.

// CHECK: sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1, parts = 2, span = 16>>
// CHECK-LABEL: @halves
// CHECK: sinter.linear_group {{.*}} -> (!sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>) {
// CHECK: sinter.linear {{.*}} parts = 2, span = 16>>
// CHECK: sinter.rotary half_split
// CHECK: } {on_tile}
sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 48], f32>
  %p = sinter.pack %w : <[4, 48], f32> -> <[4, 48], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
}
func.func @halves(%x: !sinter.tensor<[N, 4], f32>, %cos: !sinter.tensor<[N, 8], f32>, %sin: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="one kernel: "}}
  // expected-remark @+1 {{BytesSavedPerRow=384, Remark="halves of heads stand side by side in panels: positions turn them, and caches get them, while sums are in registers"}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 48], f32, <columns = 16, depth = 1>> -> <[N, 48], f32>
  %q = sinter.slice %l axis 1 from 0 size 32 stride 1 : <[N, 48], f32> -> <[N, 32], f32>
  %a = sinter.reshape %q : <[N, 32], f32> -> <[N, 2, 16], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 16], f32> -> <[2, N, 16], f32>
  %c = sinter.rotary half_split %b width 16 by %cos, %sin : <[2, N, 16], f32>, <[N, 8], f32>
  %d = sinter.transpose %c [1, 0, 2] : <[2, N, 16], f32> -> <[N, 2, 16], f32>
  %k = sinter.slice %l axis 1 from 32 size 16 stride 1 : <[N, 48], f32> -> <[N, 16], f32>
  return %d, %k : !sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// Neighbours stand in one vector in the layout that there is; here half of each head of 32 is turned.

// CHECK: sinter.parameter @w layers 1 : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1>>
// CHECK-LABEL: @neighbours
// CHECK: sinter.linear_group
// CHECK: sinter.rotary interleaved
// CHECK: } {on_tile}
sinter.parameter @w layers 1 : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 80], f32>
  %p = sinter.pack %w : <[4, 80], f32> -> <[4, 80], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1>>
}
func.func @neighbours(%x: !sinter.tensor<[N, 4], f32>, %cos: !sinter.tensor<[N, 8], f32>, %sin: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 2, 32], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1>>
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 80], f32, <columns = 16, depth = 1>> -> <[N, 80], f32>
  %q = sinter.slice %l axis 1 from 0 size 64 stride 1 : <[N, 80], f32> -> <[N, 64], f32>
  %a = sinter.reshape %q : <[N, 64], f32> -> <[N, 2, 32], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 32], f32> -> <[2, N, 32], f32>
  %c = sinter.rotary interleaved %b width 16 by %cos, %sin : <[2, N, 32], f32>, <[N, 8], f32>
  %d = sinter.transpose %c [1, 0, 2] : <[2, N, 32], f32> -> <[N, 2, 32], f32>
  %k = sinter.slice %l axis 1 from 64 size 16 stride 1 : <[N, 80], f32> -> <[N, 16], f32>
  return %d, %k : !sinter.tensor<[N, 2, 32], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// A vector with neighbours of the next head.

// CHECK-LABEL: @few_neighbours
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 48], f32>
  %p = sinter.pack %w : <[4, 48], f32> -> <[4, 48], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
}
func.func @few_neighbours(%x: !sinter.tensor<[N, 4], f32>, %cos: !sinter.tensor<[N, 4], f32>, %sin: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="sums go through memory: ", Remark="positions turn neighbours in less than whole vectors"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 48], f32, <columns = 16, depth = 1>> -> <[N, 48], f32>
  %q = sinter.slice %l axis 1 from 0 size 32 stride 1 : <[N, 48], f32> -> <[N, 32], f32>
  %a = sinter.reshape %q : <[N, 32], f32> -> <[N, 2, 16], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 16], f32> -> <[2, N, 16], f32>
  %c = sinter.rotary interleaved %b width 8 by %cos, %sin : <[2, N, 16], f32>, <[N, 4], f32>
  %d = sinter.transpose %c [1, 0, 2] : <[2, N, 16], f32> -> <[N, 2, 16], f32>
  %k = sinter.slice %l axis 1 from 32 size 16 stride 1 : <[N, 48], f32> -> <[N, 16], f32>
  return %d, %k : !sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// Part of a head, in halves: spans are as wide as the part, and those of the rest of a head are not turned.

// CHECK: sinter.parameter @w layers 1 : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1, parts = 2, span = 16>>
// CHECK-LABEL: @part
// CHECK: } {on_tile}
sinter.parameter @w layers 1 : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 80], f32>
  %p = sinter.pack %w : <[4, 80], f32> -> <[4, 80], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1>>
}
func.func @part(%x: !sinter.tensor<[N, 4], f32>, %cos: !sinter.tensor<[N, 8], f32>, %sin: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 2, 32], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 80], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="one kernel: "}}
  // expected-remark @+1 {{BytesSavedPerRow=640, Remark="halves of heads stand side by side in panels: positions turn them, and caches get them, while sums are in registers"}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 80], f32, <columns = 16, depth = 1>> -> <[N, 80], f32>
  %q = sinter.slice %l axis 1 from 0 size 64 stride 1 : <[N, 80], f32> -> <[N, 64], f32>
  %a = sinter.reshape %q : <[N, 64], f32> -> <[N, 2, 32], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 32], f32> -> <[2, N, 32], f32>
  %c = sinter.rotary half_split %b width 16 by %cos, %sin : <[2, N, 32], f32>, <[N, 8], f32>
  %d = sinter.transpose %c [1, 0, 2] : <[2, N, 32], f32> -> <[N, 2, 32], f32>
  %k = sinter.slice %l axis 1 from 64 size 16 stride 1 : <[N, 80], f32> -> <[N, 16], f32>
  return %d, %k : !sinter.tensor<[N, 2, 32], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// Part of a head whose halves are less than half a panel.

// CHECK-LABEL: @small_part
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 48], f32>
  %p = sinter.pack %w : <[4, 48], f32> -> <[4, 48], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
}
func.func @small_part(%x: !sinter.tensor<[N, 4], f32>, %cos: !sinter.tensor<[N, 4], f32>, %sin: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="half of what positions turn in a head is no multiple of half a panel's columns"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 48], f32, <columns = 16, depth = 1>> -> <[N, 48], f32>
  %q = sinter.slice %l axis 1 from 0 size 32 stride 1 : <[N, 48], f32> -> <[N, 32], f32>
  %a = sinter.reshape %q : <[N, 32], f32> -> <[N, 2, 16], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 16], f32> -> <[2, N, 16], f32>
  %c = sinter.rotary half_split %b width 8 by %cos, %sin : <[2, N, 16], f32>, <[N, 4], f32>
  %d = sinter.transpose %c [1, 0, 2] : <[2, N, 16], f32> -> <[N, 2, 16], f32>
  %k = sinter.slice %l axis 1 from 32 size 16 stride 1 : <[N, 48], f32> -> <[N, 16], f32>
  return %d, %k : !sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// A part that ends amid a span.

// CHECK-LABEL: @uneven_part
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 48], f32>
  %p = sinter.pack %w : <[4, 48], f32> -> <[4, 48], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
}
func.func @uneven_part(%x: !sinter.tensor<[N, 4], f32>, %cos: !sinter.tensor<[N, 6], f32>, %sin: !sinter.tensor<[N, 6], f32>) -> (!sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="positions turn part of a head that it is no multiple of"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 48], f32, <columns = 16, depth = 1>> -> <[N, 48], f32>
  %q = sinter.slice %l axis 1 from 0 size 32 stride 1 : <[N, 48], f32> -> <[N, 32], f32>
  %a = sinter.reshape %q : <[N, 32], f32> -> <[N, 2, 16], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 16], f32> -> <[2, N, 16], f32>
  %c = sinter.rotary half_split %b width 12 by %cos, %sin : <[2, N, 16], f32>, <[N, 6], f32>
  %d = sinter.transpose %c [1, 0, 2] : <[2, N, 16], f32> -> <[N, 2, 16], f32>
  %k = sinter.slice %l axis 1 from 32 size 16 stride 1 : <[N, 48], f32> -> <[N, 16], f32>
  return %d, %k : !sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// Half a head of 24 are one and a half shares of a panel.

// CHECK-LABEL: @odd_heads
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 72], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 72], f32>
  %p = sinter.pack %w : <[4, 72], f32> -> <[4, 72], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 72], f32, <columns = 16, depth = 1>>
}
func.func @odd_heads(%x: !sinter.tensor<[N, 4], f32>, %cos: !sinter.tensor<[N, 12], f32>, %sin: !sinter.tensor<[N, 12], f32>) -> (!sinter.tensor<[N, 2, 24], f32>, !sinter.tensor<[N, 24], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 72], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="half of what positions turn in a head is no multiple of half a panel's columns"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 72], f32, <columns = 16, depth = 1>> -> <[N, 72], f32>
  %q = sinter.slice %l axis 1 from 0 size 48 stride 1 : <[N, 72], f32> -> <[N, 48], f32>
  %a = sinter.reshape %q : <[N, 48], f32> -> <[N, 2, 24], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 24], f32> -> <[2, N, 24], f32>
  %c = sinter.rotary half_split %b width 24 by %cos, %sin : <[2, N, 24], f32>, <[N, 12], f32>
  %d = sinter.transpose %c [1, 0, 2] : <[2, N, 24], f32> -> <[N, 2, 24], f32>
  %k = sinter.slice %l axis 1 from 48 size 24 stride 1 : <[N, 72], f32> -> <[N, 24], f32>
  return %d, %k : !sinter.tensor<[N, 2, 24], f32>, !sinter.tensor<[N, 24], f32>
}

// -----

// Nothing to turn: the layout is right as it is. Different work on different columns.

// CHECK: sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
// CHECK-LABEL: @ranges
// CHECK: sinter.linear_group
// CHECK: } {on_tile}
sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 48], f32>
  %p = sinter.pack %w : <[4, 48], f32> -> <[4, 48], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
}
func.func @ranges(%x: !sinter.tensor<[N, 4], f32>, %bias: !sinter.tensor<[48], f32>) -> (!sinter.tensor<[N, 32], f32>, !sinter.tensor<[N, 2, 8], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 48], f32, <columns = 16, depth = 1>> -> <[N, 48], f32>
  %s = sinter.add %l, %bias : <[N, 48], f32>, <[48], f32> -> <[N, 48], f32>
  %q = sinter.slice %s axis 1 from 0 size 32 stride 1 : <[N, 48], f32> -> <[N, 32], f32>
  %g = sinter.gelu erf %q : <[N, 32], f32>
  %k = sinter.slice %s axis 1 from 32 size 16 stride 1 : <[N, 48], f32> -> <[N, 16], f32>
  %h = sinter.reshape %k : <[N, 16], f32> -> <[N, 2, 8], f32>
  return %g, %h : !sinter.tensor<[N, 32], f32>, !sinter.tensor<[N, 2, 8], f32>
}

// -----

// A panel with columns of both.

// CHECK-LABEL: @border
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 48], f32>
  %p = sinter.pack %w : <[4, 48], f32> -> <[4, 48], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
}
func.func @border(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 24], f32>, !sinter.tensor<[N, 24], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="two results have columns in one panel"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 48], f32, <columns = 16, depth = 1>> -> <[N, 48], f32>
  %q = sinter.slice %l axis 1 from 0 size 24 stride 1 : <[N, 48], f32> -> <[N, 24], f32>
  %g = sinter.exp %q : <[N, 24], f32>
  %k = sinter.slice %l axis 1 from 24 size 24 stride 1 : <[N, 48], f32> -> <[N, 24], f32>
  %h = sinter.tanh %k : <[N, 24], f32>
  return %g, %h : !sinter.tensor<[N, 24], f32>, !sinter.tensor<[N, 24], f32>
}

// -----

// Queries and keys of a head side by side.

// CHECK-LABEL: @by_heads
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 64], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 64], f32>
  %p = sinter.pack %w : <[4, 64], f32> -> <[4, 64], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 64], f32, <columns = 16, depth = 1>>
}
func.func @by_heads(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 2, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 64], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="a slice behind the contraction takes part of every head"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 64], f32, <columns = 16, depth = 1>> -> <[N, 64], f32>
  %a = sinter.reshape %l : <[N, 64], f32> -> <[N, 2, 32], f32>
  %q = sinter.slice %a axis 2 from 0 size 16 stride 1 : <[N, 2, 32], f32> -> <[N, 2, 16], f32>
  %k = sinter.slice %a axis 2 from 16 size 16 stride 1 : <[N, 2, 32], f32> -> <[N, 2, 16], f32>
  return %q, %k : !sinter.tensor<[N, 2, 16], f32>, !sinter.tensor<[N, 2, 16], f32>
}

// -----

// Columns of two ranges.

// CHECK-LABEL: @joined
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 48], f32>
  %p = sinter.pack %w : <[4, 48], f32> -> <[4, 48], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
}
func.func @joined(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 16], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 48], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="columns of different places are joined"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 48], f32, <columns = 16, depth = 1>> -> <[N, 48], f32>
  %q = sinter.slice %l axis 1 from 0 size 16 stride 1 : <[N, 48], f32> -> <[N, 16], f32>
  %e = sinter.exp %q : <[N, 16], f32>
  %k = sinter.slice %l axis 1 from 32 size 16 stride 1 : <[N, 48], f32> -> <[N, 16], f32>
  %m = sinter.mul %e, %k : <[N, 16], f32>, <[N, 16], f32> -> <[N, 16], f32>
  return %e, %m : !sinter.tensor<[N, 16], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// Whole rows of sums.

// CHECK-LABEL: @normalized
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 32], f32>
  %p = sinter.pack %w : <[4, 32], f32> -> <[4, 32], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
}
func.func @normalized(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 16], f32>, !sinter.tensor<[N, 16], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="an operation behind the contraction needs more than the elements in its place"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 32], f32, <columns = 16, depth = 1>> -> <[N, 32], f32>
  %m = sinter.rms_norm %l epsilon 1.0 : <[N, 32], f32>
  %q = sinter.slice %m axis 1 from 0 size 16 stride 1 : <[N, 32], f32> -> <[N, 16], f32>
  %k = sinter.slice %m axis 1 from 16 size 16 stride 1 : <[N, 32], f32> -> <[N, 16], f32>
  return %q, %k : !sinter.tensor<[N, 16], f32>, !sinter.tensor<[N, 16], f32>
}

// -----

// Another order within a row.

// CHECK-LABEL: @turned_round
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 32], f32>
  %p = sinter.pack %w : <[4, 32], f32> -> <[4, 32], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
}
func.func @turned_round(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 16, 2], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="a transposition behind the contraction changes the order within a row"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 32], f32, <columns = 16, depth = 1>> -> <[N, 32], f32>
  %a = sinter.reshape %l : <[N, 32], f32> -> <[N, 2, 16], f32>
  %b = sinter.transpose %a [0, 2, 1] : <[N, 2, 16], f32> -> <[N, 16, 2], f32>
  %e = sinter.exp %b : <[N, 16, 2], f32>
  return %e : !sinter.tensor<[N, 16, 2], f32>
}

// -----

// Heads outside of rows.

// CHECK-LABEL: @by_head
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 32], f32>
  %p = sinter.pack %w : <[4, 32], f32> -> <[4, 32], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
}
func.func @by_head(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 16], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="rows of a result do not stand behind one another"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 32], f32, <columns = 16, depth = 1>> -> <[N, 32], f32>
  %a = sinter.reshape %l : <[N, 32], f32> -> <[N, 2, 16], f32>
  %b = sinter.transpose %a [1, 0, 2] : <[N, 2, 16], f32> -> <[2, N, 16], f32>
  %e = sinter.exp %b : <[2, N, 16], f32>
  return %e : !sinter.tensor<[2, N, 16], f32>
}

// -----

// One result that has an element for each sum is no range of columns: what is done to it in another shape is done behind.

// CHECK-LABEL: @reshaped_between
// CHECK-NOT: on_tile
sinter.parameter @w layers 1 : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 32], f32>
  %p = sinter.pack %w : <[4, 32], f32> -> <[4, 32], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
}
func.func @reshaped_between(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 32], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 32], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="an operation behind the contraction needs more than the elements in its place"}}
  // expected-remark @+1 {{Remark="one kernel: "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 32], f32, <columns = 16, depth = 1>> -> <[N, 32], f32>
  %a = sinter.reshape %l : <[N, 32], f32> -> <[1, N, 32], f32>
  %c = sinter.constant 0.5 : <[], f32>
  %m = sinter.mul %a, %c : <[1, N, 32], f32>, <[], f32> -> <[1, N, 32], f32>
  %b = sinter.reshape %m : <[1, N, 32], f32> -> <[N, 32], f32>
  return %b : !sinter.tensor<[N, 32], f32>
}
