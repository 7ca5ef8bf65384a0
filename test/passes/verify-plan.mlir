// Wrong plans are found by running them on paper.
//
// RUN: sinter-opt %s --pass-pipeline='builtin.module(func.func(verify-plan))' -split-input-file -verify-diagnostics -o /dev/null
//
// A whole program as the pipeline leaves it passes; without any one of its barriers, or with a linear group's
// result where its first input lies, it does not.
// RUN: sinter-opt %S/inputs/gpt.mlir --sinter-pipeline -o %t.mlir
// RUN: sinter-opt %t.mlir --pass-pipeline='builtin.module(func.func(verify-plan))' -o /dev/null
// RUN: %S/inputs/break-plan barriers %t.mlir %t.broken.mlir | FileCheck %s --check-prefix=BARRIERS
// RUN: %S/inputs/break-plan places %t.mlir %t.broken.mlir | FileCheck %s --check-prefix=PLACES
// BARRIERS: 6 of 6 plans with a barrier less are refused
// PLACES: 3 of 3 plans with a result over an input are refused

// What stands here is right: two buffers, a barrier between row work and a contraction.

module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @right(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> attributes {sinter.arena_bytes = 512 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  sinter.barrier
  %b = sinter.linear %a, %w to [256] : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  sinter.barrier
  %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [-1] {
    %j = sinter.neg %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %c : !sinter.tensor<[N, 4], f32>
}
}

// -----

// No barrier: the contraction's columns need rows that another thread makes.

module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @no_barrier(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 512 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  // expected-error @+1 {{reads bytes 0 to 256 while 'sinter.row_group' may still be writing there: no barrier stands between them}}
  %b = sinter.linear %a, %w to [256] : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  return
}
}

// -----

// No barrier: the second group's rows are others than the first's where their sizes differ.

module attributes {sinter.context = 8 : i64} {
func.func @other_rows(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 256 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  // expected-error @+1 {{writes bytes 0 to 64 while 'sinter.row_group' may still be reading there: no barrier stands between them}}
  %b = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 1], f32> to [0] {
    %j = sinter.reduce sum %i axis 1 : <[N, 4], f32> -> <[N, 1], f32>
    sinter.yield %j : !sinter.tensor<[N, 1], f32>
  }
  return
}
}

// -----

// A barrier, but the bytes hold another value by then.

module attributes {sinter.context = 8 : i64} {
func.func @overwritten(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 256 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  sinter.barrier
  %b = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 1], f32> to [192] {
    %j = sinter.reduce sum %i axis 1 : <[N, 4], f32> -> <[N, 1], f32>
    sinter.yield %j : !sinter.tensor<[N, 1], f32>
  }
  sinter.barrier
  // expected-error @+1 {{reads operand 0, which 'sinter.row_group' has written over}}
  %c = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [-1] {
    %j = sinter.neg %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

// A layer may write over what it was given only where the next one looks for it.

module attributes {sinter.context = 8 : i64} {
func.func @moves(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 512 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  // expected-error @+1 {{carries a value from byte 0 of the arena to byte 256}}
  %y = sinter.repeat %l in 2 (%b = %a : !sinter.tensor<[N, 4], f32>) {
    %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [256] {
      %j = sinter.neg %i : <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %c : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

// What only the second layer meets: the first writes over what comes from outside.

module attributes {sinter.context = 8 : i64} {
func.func @second_layer(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 512 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  sinter.repeat %l in 2 () {
    // expected-error @+1 {{reads operand 0, which 'sinter.row_group' has written over}}
    %b = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [256] {
      %j = sinter.neg %i : <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    sinter.barrier
    %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
      %j = sinter.neg %i : <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    sinter.barrier
    sinter.yield
  }
  return
}
}

// -----

// Places that there are not.

module attributes {sinter.context = 8 : i64} {
func.func @outside(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 256 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  // expected-error @+1 {{has a result of 256 bytes at byte 64 of an arena of 256}}
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [64] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

module attributes {sinter.context = 8 : i64} {
func.func @unaligned(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 512 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  // expected-error @+1 {{has a result of 256 bytes at byte 4 of an arena of 512}}
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> to [4] {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

module attributes {sinter.context = 8 : i64} {
func.func @nowhere(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 512 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  // expected-error @+1 {{has no place for each of its results}}
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

// A size that nobody knows, and an entry without a plan, which is not looked at.

module attributes {sinter.context = 8 : i64} {
func.func @unplanned(%x: !sinter.tensor<[N, 4], f32>) {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return
}
func.func @unknown(%x: !sinter.tensor<[N, A], f32>) attributes {sinter.arena_bytes = 512 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  // expected-error @+1 {{makes '!sinter.tensor<[N, A], f32>': nothing says how large A becomes}}
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, A], f32>) -> !sinter.tensor<[N, A], f32> to [0] {
    %j = sinter.exp %i : <[N, A], f32>
    sinter.yield %j : !sinter.tensor<[N, A], f32>
  }
  return
}
}

// -----

// Two linear groups: right with a barrier for calls that are shared by panels.

module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @groups(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 640 : i64, sinter.exchange = 512 : i64, sinter.rows_at_once = 8 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.linear_group (%i = %x : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.exp %l : <[N, 4], f32>
    sinter.yield %e : !sinter.tensor<[N, 4], f32>
  }
  sinter.barrier when panels
  %b = sinter.linear_group (%i = %a : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> to [256] {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.exp %l : <[N, 4], f32>
    sinter.yield %e : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

// Without it, a thread's share of the panels reads rows that others make.

module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @panels(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 640 : i64, sinter.exchange = 512 : i64, sinter.rows_at_once = 8 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.linear_group (%i = %x : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.exp %l : <[N, 4], f32>
    sinter.yield %e : !sinter.tensor<[N, 4], f32>
  }
  // expected-error @+1 {{reads bytes 0 to 256 while 'sinter.linear_group' may still be writing there: no barrier stands between them}}
  %b = sinter.linear_group (%i = %a : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> to [256] {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.exp %l : <[N, 4], f32>
    sinter.yield %e : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

// Where they share by rows a barrier of the other calls does not count: the second group's sums cannot lie where the
// first group's rows are read by a kernel that cuts them otherwise.

module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @rows(%x: !sinter.tensor<[N, 4], f32>, %row: !sinter.tensor<[R], i32>) attributes {sinter.arena_bytes = 640 : i64, sinter.exchange = 512 : i64, sinter.rows_at_once = 8 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.linear_group (%i = %x : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.exp %l : <[N, 4], f32>
    sinter.yield %e : !sinter.tensor<[N, 4], f32>
  }
  sinter.barrier when panels
  // expected-error @+1 {{reads bytes 0 to 256 while 'sinter.linear_group' may still be writing there: no barrier stands between them}}
  %b = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>, %r = %row : !sinter.tensor<[R], i32>) -> !sinter.tensor<[R, 4], f32> to [256] {
    %g = sinter.gather %i[%r] : <[N, 4], f32>, <[R], i32> -> <[R, 4], f32>
    sinter.yield %g : !sinter.tensor<[R, 4], f32>
  }
  return
}
}

// -----

// Where sums are handed on must be in the arena.

module attributes {sinter.context = 8 : i64} {
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @exchange(%x: !sinter.tensor<[N, 4], f32>) attributes {sinter.arena_bytes = 600 : i64, sinter.exchange = 512 : i64, sinter.rows_at_once = 8 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  // expected-error @+1 {{hands sums of 128 bytes on at byte 512 of an arena of 600}}
  %a = sinter.linear_group (%i = %x : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> to [0] {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.exp %l : <[N, 4], f32>
    sinter.yield %e : !sinter.tensor<[N, 4], f32>
  }
  return
}
}

// -----

// A cache that a row's thread writes is read by all.

module attributes {sinter.context = 8 : i64} {
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @cache(%x: !sinter.tensor<[N, 2, 4], f32>, %q: !sinter.tensor<[2, N, 4], f32>, %sequence: !sinter.tensor<[N], i32>, %position: !sinter.tensor<[N], i32>, %extent: !sinter.tensor<[N], i32>) attributes {sinter.arena_bytes = 1024 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %keys = sinter.cache_append @key, %x at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-error @+1 {{reads @key while 'sinter.cache_append' may still be writing there: no barrier stands between them}}
  %s = sinter.attention_scores %q, %keys, %sequence, %extent to [0] : <[2, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, N, P], f32>
  return
}
}

// -----

// Parts of a past of two hundred and more that threads hand to one another need a place in the arena.

module attributes {sinter.context = 300 : i64} {
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
func.func @partials(%q: !sinter.tensor<[N, 2, 4], f32>, %sequence: !sinter.tensor<[N], i32>, %extent: !sinter.tensor<[N], i32>) attributes {sinter.arena_bytes = 4096 : i64, sinter.partials = 1024 : i64, sinter.maximum_tokens = 16 : i64, sinter.maximum_rows = 16 : i64} {
  %keys = sinter.cache_history @key : !sinter.history<[2, 4], f32>
  %values = sinter.cache_history @value : !sinter.history<[2, 4], f32>
  // expected-error @+1 {{hands parts of 6144 bytes on at byte 1024 of an arena of 4096}}
  %o = sinter.attention %q, %keys, %values, %sequence, %extent (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.history<[2, 4], f32> -> !sinter.tensor<[N, 2, 4], f32> to [0] {
    sinter.yield %s : !sinter.tensor<[2, N, P], f32>
  }
  return
}
}
