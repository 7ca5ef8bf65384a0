// Row work runs with the contraction in front of it or behind it, whichever moves fewer bytes.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(fuse-linear))' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// A normalization whose input is in memory, as the residual needs it, is computed where it is used; the addition of
// the residual where its contraction is, while its sums are in registers: on the tile.

// CHECK-LABEL: @pre_norm
// CHECK: %[[Y:.*]] = sinter.linear_group (%[[X:.*]] = %arg0 : {{.*}}, %[[W:.*]] = %{{.*}} : !sinter.packed{{.*}}) -> !sinter.tensor<[N, 4], f32> {
// CHECK: sinter.reduce mean
// CHECK: %[[D:.*]] = sinter.div %[[X]]
// CHECK: %[[L:.*]] = sinter.linear %[[D]], %[[W]]
// CHECK: %[[S:.*]] = sinter.add %[[X]], %[[L]]
// CHECK: sinter.yield %[[S]]
// CHECK-NEXT: } {on_tile}
// CHECK: return %[[Y]]
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @pre_norm(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %q = sinter.mul %x, %x : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  %m = sinter.reduce mean %q axis 1 : <[N, 4], f32> -> <[N, 1], f32>
  %c = sinter.constant 1.0 : <[], f32>
  %e = sinter.add %m, %c : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
  %s = sinter.sqrt %e : <[N, 1], f32>
  %d = sinter.div %x, %s : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
  // expected-remark @+1 {{Remark="one kernel: ", Remark=5, Remark=" operations before the contraction, ", Remark=1, Remark=" and ", Remark=0, Remark=" writes into caches behind it: saves ", Remark=64, Remark=" bytes a row"}}
  %l = sinter.linear %d, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %y = sinter.add %x, %l : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// A normalization whose result is used twice is computed where its input is made. The contraction that reads it says
// why it does not compute it, and adds the same rows behind it.

// CHECK-LABEL: @post_norm
// CHECK: %[[A:.*]] = sinter.linear_group
// CHECK: sinter.linear
// CHECK: sinter.exp
// CHECK: sinter.reduce sum
// CHECK: %[[D:.*]] = sinter.div
// CHECK: sinter.yield %[[D]] : !sinter.tensor<[N, 4], f32>
// CHECK: sinter.linear_group (%[[I:.*]] = %[[A]] : {{.*}}, %[[W:.*]] = %{{.*}})
// CHECK-NEXT: %[[L:.*]] = sinter.linear %[[I]], %[[W]]
// CHECK-NEXT: %[[S:.*]] = sinter.add %[[L]], %[[I]]
// CHECK-NEXT: sinter.yield %[[S]]
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @post_norm(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="sums go through memory: ", Remark="an operation behind the contraction needs more than the elements in its place"}}
  // expected-remark @+1 {{Remark=0, Remark=" operations before the contraction, ", Remark=3, Remark=" and "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %e = sinter.exp %l : <[N, 4], f32>
  %m = sinter.reduce sum %e axis 1 : <[N, 4], f32> -> <[N, 1], f32>
  %d = sinter.div %e, %m : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
  // expected-remark @+2 {{Remark="the contraction reads its input from memory: something later reads it too"}}
  // expected-remark @+1 {{Remark=0, Remark=" operations before the contraction, ", Remark=1, Remark=" and "}}
  %k = sinter.linear %d, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %y = sinter.add %k, %d : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// Where the first contraction's result is narrower than what is made of it, the second one makes it; where it is
// wider, the first.

// CHECK-LABEL: @narrow
// CHECK: %[[A:.*]] = sinter.linear_group {{.*}} -> !sinter.tensor<[N, 4], f32> {
// CHECK: sinter.linear
// CHECK: sinter.linear_group {{.*}} -> !sinter.tensor<[N, 4], f32> {
// CHECK-NEXT: sinter.concat
// CHECK-NEXT: sinter.linear
// CHECK-LABEL: @wide
// CHECK: sinter.linear_group {{.*}} -> !sinter.tensor<[N, 4], f32> {
// CHECK: sinter.linear {{.*}} -> <[N, 8], f32>
// CHECK: sinter.slice
// CHECK: sinter.slice
// CHECK: sinter.mul
// CHECK: sinter.linear_group
// CHECK-NEXT: sinter.linear
sinter.parameter @square layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
sinter.parameter @down layers 1 : !sinter.packed<[8, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "d" : <[8, 4], f32>
  %p = sinter.pack %w : <[8, 4], f32> -> <[8, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[8, 4], f32, <columns = 16, depth = 1>>
}
sinter.parameter @up layers 1 : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "u" : <[4, 8], f32>
  %p = sinter.pack %w : <[4, 8], f32> -> <[4, 8], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
}
func.func @narrow(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @square : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %v = sinter.parameter_load @down : !sinter.packed<[8, 4], f32, <columns = 16, depth = 1>>
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %c = sinter.concat %l, %l axis 1 : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32> -> <[N, 8], f32>
  // expected-remark @+1 {{Remark=1, Remark=" operations before the contraction, ", Remark=0, Remark=" and "}}
  %k = sinter.linear %c, %v : <[N, 8], f32>, <[8, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  return %k : !sinter.tensor<[N, 4], f32>
}
func.func @wide(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @up : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
  %v = sinter.parameter_load @square : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  // Its parts become neighbours in a panel yet: nothing is said of sums in memory.
  // expected-remark @+1 {{Remark=0, Remark=" operations before the contraction, ", Remark=3, Remark=" and "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 8], f32, <columns = 16, depth = 1>> -> <[N, 8], f32>
  %g = sinter.slice %l axis 1 from 0 size 4 stride 1 : <[N, 8], f32> -> <[N, 4], f32>
  %u = sinter.slice %l axis 1 from 4 size 4 stride 1 : <[N, 8], f32> -> <[N, 4], f32>
  %m = sinter.mul %g, %u : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  // expected-remark @+1 {{Remark="the contraction reads its input from memory: making it here would move more bytes"}}
  %k = sinter.linear %m, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  return %k : !sinter.tensor<[N, 4], f32>
}

// -----

// The normalization of a sum that is in memory for its other use: computed behind the first contraction, it would need
// rows of sums, which otherwise stay in registers. The second contraction computes it.

// CHECK-LABEL: @stays_on_tile
// CHECK: %[[A:.*]] = sinter.linear_group {{.*}} -> !sinter.tensor<[N, 64], f32> {
// CHECK: sinter.linear
// CHECK-NEXT: sinter.add
// CHECK-NEXT: sinter.yield
// CHECK-NEXT: } {on_tile}
// CHECK: sinter.linear_group (%[[X:.*]] = %[[A]] :
// CHECK-NEXT: sinter.exp %[[X]]
// CHECK-NEXT: sinter.reduce
// CHECK-NEXT: sinter.div
// CHECK-NEXT: sinter.linear
sinter.parameter @w layers 1 : !sinter.packed<[64, 64], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[64, 64], f32>
  %p = sinter.pack %w : <[64, 64], f32> -> <[64, 64], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[64, 64], f32, <columns = 16, depth = 1>>
}
func.func @stays_on_tile(%x: !sinter.tensor<[N, 64], f32>) -> !sinter.tensor<[N, 64], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[64, 64], f32, <columns = 16, depth = 1>>
  // expected-remark @+1 {{one kernel}}
  %l = sinter.linear %x, %w : <[N, 64], f32>, <[64, 64], f32, <columns = 16, depth = 1>> -> <[N, 64], f32>
  %a = sinter.add %x, %l : <[N, 64], f32>, <[N, 64], f32> -> <[N, 64], f32>
  %e = sinter.exp %a : <[N, 64], f32>
  %m = sinter.reduce sum %e axis 1 : <[N, 64], f32> -> <[N, 1], f32>
  %d = sinter.div %a, %m : <[N, 64], f32>, <[N, 1], f32> -> <[N, 64], f32>
  // expected-remark @+1 {{one kernel}}
  %k = sinter.linear %d, %w : <[N, 64], f32>, <[64, 64], f32, <columns = 16, depth = 1>> -> <[N, 64], f32>
  %y = sinter.add %k, %a : <[N, 64], f32>, <[N, 64], f32> -> <[N, 64], f32>
  return %y : !sinter.tensor<[N, 64], f32>
}

// -----

// Both: where rows of sums are needed anyway, for a first normalization, the sum of a second one is taken there too, one
// number instead of reading the row for it, and its division is done where the row is used.

// CHECK-LABEL: @split
// CHECK: %[[A:.*]]:2 = sinter.linear_group {{.*}} -> (!sinter.tensor<[N, 64], f32>, !sinter.tensor<[N, 1], f32>) {
// CHECK: sinter.linear
// CHECK: %[[S:.*]] = sinter.div
// CHECK: %[[M:.*]] = sinter.reduce
// CHECK: sinter.yield %[[S]], %[[M]]
// CHECK: sinter.linear_group (%[[X:.*]] = %[[A]]#0 : {{.*}}, %[[Y:.*]] = %[[A]]#1 : {{.*}}
// CHECK-NEXT: %[[D:.*]] = sinter.div %[[X]], %[[Y]]
// CHECK-NEXT: sinter.linear %[[D]]
sinter.parameter @w layers 1 : !sinter.packed<[64, 64], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[64, 64], f32>
  %p = sinter.pack %w : <[64, 64], f32> -> <[64, 64], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[64, 64], f32, <columns = 16, depth = 1>>
}
func.func @split(%x: !sinter.tensor<[N, 64], f32>) -> !sinter.tensor<[N, 64], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[64, 64], f32, <columns = 16, depth = 1>>
  // expected-remark @+2 {{Remark="sums go through memory: ", Remark="the group gives more or other than an element for each sum"}}
  // expected-remark @+1 {{one kernel}}
  %l = sinter.linear %x, %w : <[N, 64], f32>, <[64, 64], f32, <columns = 16, depth = 1>> -> <[N, 64], f32>
  %q = sinter.mul %l, %l : <[N, 64], f32>, <[N, 64], f32> -> <[N, 64], f32>
  %s = sinter.reduce max %q axis 1 : <[N, 64], f32> -> <[N, 1], f32>
  %a = sinter.div %l, %s : <[N, 64], f32>, <[N, 1], f32> -> <[N, 64], f32>
  %e = sinter.exp %a : <[N, 64], f32>
  %m = sinter.reduce sum %e axis 1 : <[N, 64], f32> -> <[N, 1], f32>
  %d = sinter.div %a, %m : <[N, 64], f32>, <[N, 1], f32> -> <[N, 64], f32>
  // expected-remark @+1 {{one kernel}}
  %k = sinter.linear %d, %w : <[N, 64], f32>, <[64, 64], f32, <columns = 16, depth = 1>> -> <[N, 64], f32>
  %y = sinter.add %k, %a : <[N, 64], f32>, <[N, 64], f32> -> <[N, 64], f32>
  return %y : !sinter.tensor<[N, 64], f32>
}

// -----

// Rows are written into caches by the contraction that makes them; what attention reads is the group's result.

// CHECK-LABEL: @caches
// CHECK: sinter.repeat %[[L:.*]] in 2
// CHECK: %[[A:.*]]:2 = sinter.linear_group {{.*}}, %[[I:.*]] = %[[L]] : index, {{.*}} -> (!sinter.tensor<[1, N, 4], f32>, !sinter.history<[1, 4], f32>) {
// CHECK: %[[H:.*]] = sinter.cache_append @key[%[[I]]]
// CHECK: sinter.yield %{{.*}}, %[[H]]
// CHECK: sinter.attention_scores %[[A]]#0, %[[A]]#1
// CHECK-NOT: sinter.cache_append
sinter.cache @key layers 2 : !sinter.history<[1, 4], f32> {persistent}
sinter.parameter @w layers 2 : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "h.{i}.w"[%layer] : <[4, 8], f32>
  %p = sinter.pack %w : <[4, 8], f32> -> <[4, 8], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
}
func.func @caches(%x: !sinter.tensor<[N, 4], f32>, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"},
    %position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}) -> !sinter.tensor<[N, 4], f32> attributes {sinter.causal} {
  %r = sinter.repeat %l in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    %w = sinter.parameter_load @w[%l] : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
    // expected-remark @+2 {{Remark="sums go through memory: ", Remark="the group gives more or other than an element for each sum"}}
    // expected-remark @+1 {{Remark=0, Remark=" operations before the contraction, ", Remark=3, Remark=" and ", Remark=1, Remark=" writes into caches behind it: saves ", Remark=96, Remark=" bytes a row"}}
    %y = sinter.linear %a, %w : <[N, 4], f32>, <[4, 8], f32, <columns = 16, depth = 1>> -> <[N, 8], f32>
    %q = sinter.slice %y axis 1 from 0 size 4 stride 1 : <[N, 8], f32> -> <[N, 4], f32>
    %h = sinter.reshape %q : <[N, 4], f32> -> <[N, 1, 4], f32>
    %t = sinter.transpose %h [1, 0, 2] : <[N, 1, 4], f32> -> <[1, N, 4], f32>
    %k = sinter.slice %y axis 1 from 4 size 4 stride 1 : <[N, 8], f32> -> <[N, 4], f32>
    %g = sinter.reshape %k : <[N, 4], f32> -> <[N, 1, 4], f32>
    %keys = sinter.cache_append @key[%l], %g at %sequence, %position : <[N, 1, 4], f32>, <[N], i32>, <[N], i32> -> <[1, 4], f32>
    %s = sinter.attention_scores %t, %keys, %sequence, %extent : <[1, N, 4], f32>, <[1, 4], f32>, <[N], i32>, <[N], i32> -> <[1, N, P], f32>
    %sum = sinter.reduce sum %s axis 2 extent %extent : <[1, N, P], f32>, !sinter.tensor<[N], i32> -> <[1, N, 1], f32>
    %f = sinter.reshape %sum : <[1, N, 1], f32> -> <[N, 1], f32>
    %z = sinter.mul %a, %f : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
    sinter.yield %z : !sinter.tensor<[N, 4], f32>
  }
  return %r : !sinter.tensor<[N, 4], f32>
}

// -----

// Rows asked for: they are picked, and what follows computed, by the contraction that needs them. The rows that they
// are picked from are made before, by a kernel that all threads have finished.

// CHECK-LABEL: @rows_asked_for
// CHECK: %[[L:.*]] = sinter.linear_group
// CHECK: sinter.exp
// CHECK: sinter.linear_group (%[[A:.*]] = %[[L]] : {{.*}}, %[[R:.*]] = %arg1 : !sinter.tensor<[R], i32>
// CHECK-NEXT: %[[G:.*]] = sinter.gather %[[A]][%[[R]]]
// CHECK-NEXT: %[[N:.*]] = sinter.neg %[[G]]
// CHECK-NEXT: sinter.linear %[[N]]
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @rows_asked_for(%x: !sinter.tensor<[N, 4], f32>, %row: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  // expected-remark @+1 {{Remark=1, Remark=" and "}}
  %l = sinter.linear %x, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %e = sinter.exp %l : <[N, 4], f32>
  %g = sinter.gather %e[%row] : <[N, 4], f32>, <[R], i32> -> <[R, 4], f32>
  %n = sinter.neg %g : <[R, 4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" operations before the contraction, "}}
  %k = sinter.linear %n, %w : <[R, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[R, 4], f32>
  return %k : !sinter.tensor<[R, 4], f32>
}

// -----

// Constants and counting are made again in every group that uses them. A contraction alone is a group too.

// CHECK-LABEL: @rowless
// CHECK-NOT: sinter.iota
// CHECK: sinter.linear_group
// CHECK-NEXT: sinter.linear
// CHECK: sinter.linear_group
// CHECK: sinter.iota : <[4], i32>
// CHECK: sinter.mul
// CHECK: sinter.linear
// CHECK: sinter.add
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @rowless(%x: !sinter.tensor<[N, 4], f32>, %z: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %i = sinter.iota : <[4], i32>
  %f = sinter.convert %i : <[4], i32> -> <[4], f32>
  %k = sinter.linear %z, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %m = sinter.mul %x, %f : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
  // expected-remark @+2 {{Remark="sums go through memory: ", Remark="an operation behind the contraction needs more than the elements in its place"}}
  // expected-remark @+1 {{one kernel}}
  %l = sinter.linear %m, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %a = sinter.add %l, %f : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
  return %k, %a : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
}

// -----

// A stack of matrices has no rows to share.

// CHECK-LABEL: @stack
// CHECK-NOT: sinter.linear_group
// CHECK: sinter.linear
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @stack(%x: !sinter.tensor<[2, N, 4], f32>) -> !sinter.tensor<[2, N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  // expected-remark @+1 {{Remark="nothing runs together with this contraction: ", Remark="its input is not a matrix of rows"}}
  %l = sinter.linear %x, %w : <[2, N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[2, N, 4], f32>
  return %l : !sinter.tensor<[2, N, 4], f32>
}

// -----

// The normalization of what is given, needed by a contraction and by what is added behind another: each computes it, the
// first before its contraction and the second behind its own. No kernel of its own is left.

// CHECK-LABEL: @computed_again
// CHECK-NOT: sinter.reduce
// CHECK: %[[A:.*]] = sinter.linear_group
// CHECK: sinter.reduce sum
// CHECK: sinter.div
// CHECK: sinter.linear
// CHECK: sinter.exp
// CHECK: sinter.linear_group
// CHECK: sinter.linear
// CHECK: sinter.div
// CHECK: sinter.add
// CHECK: return
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @computed_again(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  // expected-remark @+1 {{Remark="computed again in each of ", Remark=2, Remark=" kernels that need it"}}
  %s = sinter.reduce sum %x axis 1 : <[N, 4], f32> -> <[N, 1], f32>
  // expected-remark @+1 {{Remark="computed again in each of ", Remark=2, Remark=" kernels that need it"}}
  %d = sinter.div %x, %s : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
  // expected-remark @+1 {{Remark=2, Remark=" operations before the contraction, ", Remark=1, Remark=" and "}}
  %l = sinter.linear %d, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %e = sinter.exp %l : <[N, 4], f32>
  // expected-remark @+3 {{Remark="sums go through memory: ", Remark="an operation behind the contraction needs more than the elements in its place"}}
  // expected-remark @+2 {{Remark="the contraction reads its input from memory: making it here would move more bytes"}}
  // expected-remark @+1 {{Remark=0, Remark=" operations before the contraction, ", Remark=3, Remark=" and "}}
  %k = sinter.linear %e, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %y = sinter.add %k, %d : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// Not where it reads more than it makes, nor where it must be in memory anyway: then it is left for a kernel of its own.

// CHECK-LABEL: @wide_input
// CHECK: %[[R:.*]] = sinter.reduce sum
// CHECK: sinter.linear_group
// CHECK-NOT: sinter.reduce
// CHECK-LABEL: @returned
// CHECK: %[[S:.*]] = sinter.exp
// CHECK: sinter.linear_group (%{{.*}} = %[[S]]
// CHECK-NOT: sinter.exp
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @wide_input(%x: !sinter.tensor<[N, 4, 64], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %s = sinter.reduce sum %x axis 2 : <[N, 4, 64], f32> -> <[N, 4, 1], f32>
  %d = sinter.reshape %s : <[N, 4, 1], f32> -> <[N, 4], f32>
  // expected-remark @+2 {{Remark="the contraction reads its input from memory: something later reads it too"}}
  // expected-remark @+1 {{one kernel}}
  %l = sinter.linear %d, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %e = sinter.exp %l : <[N, 4], f32>
  // expected-remark @+2 {{Remark="the contraction reads its input from memory: making it here would move more bytes"}}
  // expected-remark @+1 {{one kernel}}
  %k = sinter.linear %e, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  %y = sinter.add %k, %d : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  return %y : !sinter.tensor<[N, 4], f32>
}
func.func @returned(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %s = sinter.exp %x : <[N, 4], f32>
  // expected-remark @+1 {{Remark="the contraction reads its input from memory: something later reads it too"}}
  %l = sinter.linear %s, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  return %l, %s : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
}
