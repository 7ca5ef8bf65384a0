// Places in the arena: buffers that are never needed at the same time share bytes.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(plan-buffers{maximum-tokens=16},verify-plan))' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s
// RUN: sinter-opt %s --pass-pipeline='builtin.module(func.func(plan-buffers{maximum-tokens=16 maximum-rows=2},verify-plan))' -split-input-file | FileCheck %s --check-prefix=ROWS

// Three buffers of 16 x 4 floats and two barriers: the third is written when the first is no longer read. What is
// returned lies in the caller's buffer and takes nothing.

// CHECK-LABEL: @reuse
// CHECK-SAME: sinter.arena_bytes = 512 : i64, sinter.causal, sinter.maximum_rows = 16 : i64, sinter.maximum_tokens = 16 : i64
// CHECK: sinter.row_group {{.*}} to [0]
// CHECK: sinter.linear {{.*}} to [256]
// CHECK: sinter.row_group {{.*}} to [0]
// CHECK: sinter.linear {{.*}} to [-1]
// ROWS-LABEL: @reuse
// ROWS-SAME: sinter.maximum_rows = 2 : i64
module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
// expected-remark @+1 {{Remark=4, Remark=" buffers of ", Remark=768, Remark=" bytes share an arena of ", Remark=512, Remark=" bytes over ", Remark=4, Remark=" phases"}}
func.func @reuse(%x: !sinter.tensor<[N, 4], f32>, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[N, 4], f32> attributes {sinter.causal} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  sinter.barrier
  %b = sinter.linear %a, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  sinter.barrier
  %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.neg %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  sinter.barrier
  %d = sinter.linear %c, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  return %d : !sinter.tensor<[N, 4], f32>
}
}

// -----

// Within a phase threads may be anywhere: two groups without a barrier between them never share bytes, although the
// second starts when one thread is done with the first. Buffers begin on 64 bytes: 16 x 3 floats are three of them.

// CHECK-LABEL: @one_phase
// CHECK-SAME: sinter.arena_bytes = 448 : i64
// CHECK-DAG: sinter.row_group {{.*}} -> !sinter.tensor<[N, 4], f32> to [0]
// CHECK-DAG: sinter.row_group {{.*}} -> !sinter.tensor<[N, 3], f32> to [256]
module attributes {sinter.context = 8 : i64} {
// expected-remark @+1 {{share an arena of ", Remark=448,}}
func.func @one_phase(%x: !sinter.tensor<[N, 4], f32>, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[N, 1], f32> attributes {sinter.causal} {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  %b = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 3], f32> {
    %j = sinter.slice %i axis 1 from 1 size 3 stride 1 : <[N, 4], f32> -> <[N, 3], f32>
    sinter.yield %j : !sinter.tensor<[N, 3], f32>
  }
  %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 3], f32>) -> !sinter.tensor<[N, 1], f32> {
    %j = sinter.reduce sum %i axis 1 : <[N, 3], f32> -> <[N, 1], f32>
    sinter.yield %j : !sinter.tensor<[N, 1], f32>
  }
  return %c : !sinter.tensor<[N, 1], f32>
}
}

// -----

// What layers carry is one buffer, from the value that they start from to the one that they leave, and what is needed
// of outside in any layer is kept through all.

// CHECK-LABEL: @layers
// CHECK-SAME: sinter.arena_bytes = 768 : i64
// CHECK: sinter.row_group {{.*}} to [[CARRIED:\[[0-9]+\]]]
// CHECK: sinter.row_group {{.*}} to [[KEPT:\[[0-9]+\]]]
// CHECK: sinter.repeat
// CHECK-NOT: to [[KEPT]]
// CHECK: sinter.linear {{.*}} to [{{[0-9]+}}]
// CHECK-NOT: to [[KEPT]]
// CHECK: sinter.row_group {{.*}} to [[CARRIED]] {
module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
// expected-remark @+1 {{buffers of}}
func.func @layers(%x: !sinter.tensor<[N, 4], f32>, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[N, 4], f32> attributes {sinter.causal} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  %k = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.abs %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  %y = sinter.repeat %l in 3 (%b = %a : !sinter.tensor<[N, 4], f32>) {
    sinter.barrier
    %c = sinter.linear %b, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    sinter.barrier
    %d = sinter.row_group (%i = %c : !sinter.tensor<[N, 4], f32>, %h = %k : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
      %j = sinter.add %i, %h : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %d : !sinter.tensor<[N, 4], f32>
  }
  %z = sinter.row_group (%i = %y : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.abs %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %z : !sinter.tensor<[N, 4], f32>
}
}

// -----

// An entry that is not causal is given whole sequences: its calls hold at least the longest.

// CHECK-LABEL: @forward
// CHECK-SAME: sinter.maximum_rows = 100 : i64, sinter.maximum_tokens = 100 : i64
// ROWS-LABEL: @forward
// ROWS-SAME: sinter.maximum_rows = 2 : i64, sinter.maximum_tokens = 100 : i64
module attributes {sinter.context = 100 : i64} {
// expected-remark @+1 {{Remark=1, Remark=" buffers of ", Remark=0, Remark=" bytes share an arena of ", Remark=0,}}
func.func @forward(%x: !sinter.tensor<[N, 4], f32>, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[N, 4], f32> {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %a : !sinter.tensor<[N, 4], f32>
}
}

// -----

// A function that is no entry is left alone.

// CHECK-LABEL: @logits
// CHECK-NOT: sinter.arena_bytes
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T], i32> {
  return %token : !sinter.tensor<[T], i32>
}

// -----

// Linear groups: rows taken at once, no more than a call has; scratch for their inputs (16 x 4 floats) and sums
// (16 x 8 floats) of each thread; behind the buffers, 16 x 8 floats to hand sums on. A history lies in its cache. The
// second group writes its sums where they are returned.

// CHECK-LABEL: @groups
// CHECK-SAME: sinter.arena_bytes = 768 : i64
// CHECK-SAME: sinter.exchange = 256 : i64
// CHECK-SAME: sinter.rows_at_once = 16 : i64
// CHECK-SAME: sinter.thread_bytes = 768 : i64
// CHECK: sinter.linear_group {{.*}} to [0, -2]
// CHECK: sinter.linear_group {{.*}} to [-1]
// ROWS-LABEL: @groups
module attributes {sinter.context = 8 : i64} {
sinter.cache @key layers 1 : !sinter.history<[1, 4], f32> {persistent}
sinter.parameter @w layers 1 : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 8], f32>
  %p = sinter.pack %w : <[4, 8], f32> -> <[4, 8], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
}
// expected-remark @+2 {{Remark=2, Remark=" buffers of ", Remark=256, Remark=" bytes share an arena of ", Remark=768}}
// expected-remark @+1 {{Remark="linear groups take ", Remark=16, Remark=" rows at once: ", Remark=768, Remark=" bytes of each thread's own, ", Remark=512, Remark=" bytes to hand sums to one another"}}
func.func @groups(%x: !sinter.tensor<[N, 4], f32>, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[N, 8], f32> attributes {sinter.causal} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
  %a:2 = sinter.linear_group (%i = %x : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>, %s = %sequence : !sinter.tensor<[N], i32>, %p = %position : !sinter.tensor<[N], i32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.history<[1, 4], f32>) {
    %e = sinter.exp %i : <[N, 4], f32>
    %l = sinter.linear %e, %v : <[N, 4], f32>, <[4, 8], f32, <columns = 16, depth = 1>> -> <[N, 8], f32>
    %q = sinter.slice %l axis 1 from 0 size 4 stride 1 : <[N, 8], f32> -> <[N, 4], f32>
    %k = sinter.slice %l axis 1 from 4 size 4 stride 1 : <[N, 8], f32> -> <[N, 4], f32>
    %r = sinter.reshape %k : <[N, 4], f32> -> <[N, 1, 4], f32>
    %h = sinter.cache_append @key, %r at %s, %p : <[N, 1, 4], f32>, <[N], i32>, <[N], i32> -> <[1, 4], f32>
    sinter.yield %q, %h : !sinter.tensor<[N, 4], f32>, !sinter.history<[1, 4], f32>
  }
  sinter.barrier when panels
  %b = sinter.linear_group (%i = %a#0 : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 8], f32> {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 8], f32, <columns = 16, depth = 1>> -> <[N, 8], f32>
    sinter.yield %l : !sinter.tensor<[N, 8], f32>
  }
  return %b : !sinter.tensor<[N, 8], f32>
}
}
