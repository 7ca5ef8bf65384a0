// Threads wait where data crosses from one to another, and nowhere else.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(place-barriers))' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// Row work after row work: each thread goes on with the rows that it made.

// CHECK-LABEL: @rows
// CHECK-NOT: sinter.barrier
// expected-remark @+1 {{Remark=0, Remark=" barriers"}}
func.func @rows(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  %b = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.neg %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %b : !sinter.tensor<[N, 4], f32>
}

// -----

// A contraction shares columns, row work shares rows: a barrier between them, both ways. None before the first
// kernel and none after the last.

// CHECK-LABEL: @columns
// CHECK-NOT: sinter.barrier
// CHECK: sinter.row_group
// CHECK: sinter.barrier
// CHECK-NEXT: sinter.linear
// CHECK-NEXT: sinter.barrier
// CHECK-NEXT: sinter.row_group
// CHECK-NOT: sinter.barrier
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
// expected-remark @+1 {{Remark=2, Remark=" barriers"}}
func.func @columns(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  // expected-remark @+1 {{Remark=sinter.linear, Remark=" reads what other threads write"}}
  %b = sinter.linear %a, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
  // expected-remark @+1 {{Remark=sinter.row_group, Remark=" reads what other threads write"}}
  %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.neg %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %c : !sinter.tensor<[N, 4], f32>
}

// -----

// A gather reads rows of others; so does a cache. Two kernels behind one barrier need no second one.

// CHECK-LABEL: @other_rows
// CHECK: sinter.row_group
// CHECK: sinter.cache_append
// CHECK: sinter.cache_append
// CHECK-NEXT: sinter.barrier
// CHECK-NEXT: sinter.attention_scores
// CHECK-NEXT: sinter.row_group
// CHECK-NOT: sinter.barrier
// CHECK: return
sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[2, 4], f32> {persistent}
// expected-remark @+1 {{Remark=1, Remark=" barriers"}}
func.func @other_rows(%x: !sinter.tensor<[N, 2, 4], f32>, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"},
    %position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"},
    %row: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> (!sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[R, 2, 4], f32>) attributes {sinter.causal} {
  %a:2 = sinter.row_group (%i = %x : !sinter.tensor<[N, 2, 4], f32>) -> (!sinter.tensor<[N, 2, 4], f32>, !sinter.tensor<[2, N, 4], f32>) {
    %j = sinter.exp %i : <[N, 2, 4], f32>
    %t = sinter.transpose %j [1, 0, 2] : <[N, 2, 4], f32> -> <[2, N, 4], f32>
    sinter.yield %j, %t : !sinter.tensor<[N, 2, 4], f32>, !sinter.tensor<[2, N, 4], f32>
  }
  %keys = sinter.cache_append @key, %a#0 at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  %values = sinter.cache_append @value, %a#0 at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
  // expected-remark @+1 {{Remark=sinter.attention_scores, Remark=" reads what other threads write"}}
  %s = sinter.attention_scores %a#1, %keys, %sequence, %extent : <[2, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, N, P], f32>
  %p = sinter.row_group (%i = %a#0 : !sinter.tensor<[N, 2, 4], f32>, %r = %row : !sinter.tensor<[R], i32>) -> !sinter.tensor<[R, 2, 4], f32> {
    %g = sinter.gather %i[%r] : <[N, 2, 4], f32>, <[R], i32> -> <[R, 2, 4], f32>
    sinter.yield %g : !sinter.tensor<[R, 2, 4], f32>
  }
  %o = sinter.attention_values %s, %values, %sequence, %extent : <[2, N, P], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, N, 4], f32>
  return %o, %p : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[R, 2, 4], f32>
}

// -----

// Around the back edge: the next layer's contraction reads what this layer's row work made, and this layer's row work
// writes over what other threads may still read. One barrier each, found although neither stands behind the other in
// the body.

// CHECK-LABEL: @layers
// CHECK: sinter.repeat
// CHECK-NEXT: sinter.parameter_load
// CHECK-NEXT: sinter.barrier
// CHECK-NEXT: sinter.linear
// CHECK-NEXT: sinter.barrier
// CHECK-NEXT: sinter.row_group
// CHECK-NOT: sinter.barrier
// CHECK: return
sinter.parameter @w layers 2 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "h.{i}.w"[%layer] : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
// expected-remark @+1 {{Remark=2, Remark=" barriers"}}
func.func @layers(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  // expected-remark @+1 {{Remark=2, Remark=" barriers", Remark=" in each layer"}}
  %y = sinter.repeat %l in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    %w = sinter.parameter_load @w[%l] : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
    // expected-remark @+1 {{Remark=sinter.linear, Remark=" reads what other threads write"}}
    %b = sinter.linear %a, %w : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    // expected-remark @+1 {{Remark=sinter.row_group}}
    %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
      %j = sinter.neg %i : <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %c : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// A cache that is not of layers is written again in the next one: who read it must be done. With one of every layer,
// the second barrier is not needed.

// CHECK-LABEL: @shared_cache
// CHECK: sinter.repeat
// CHECK-NEXT: sinter.barrier
// CHECK-NEXT: sinter.cache_append
// CHECK-NEXT: sinter.barrier
// CHECK-NEXT: sinter.attention_scores
// CHECK-LABEL: @own_caches
// CHECK: sinter.repeat
// CHECK-NEXT: sinter.cache_append
// CHECK-NEXT: sinter.barrier
// CHECK-NEXT: sinter.attention_scores
// CHECK-NOT: sinter.barrier
sinter.cache @shared layers 1 : !sinter.history<[2, 4], f32>
sinter.cache @own layers 2 : !sinter.history<[2, 4], f32>
// expected-remark @+1 {{Remark=2, Remark=" barriers"}}
func.func @shared_cache(%x: !sinter.tensor<[N, 2, 4], f32>, %q: !sinter.tensor<[2, N, 4], f32>, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"},
    %position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}) {
  // expected-remark @+1 {{Remark=2, Remark=" barriers", Remark=" in each layer"}}
  sinter.repeat %l in 2 () {
    // expected-remark @+1 {{Remark=sinter.cache_append, Remark=" writes over what other threads may still use"}}
    %keys = sinter.cache_append @shared, %x at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
    // expected-remark @+1 {{Remark=sinter.attention_scores, Remark=" reads what other threads write"}}
    %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[2, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, N, P], f32>
    sinter.yield
  }
  return
}
// expected-remark @+1 {{Remark=1, Remark=" barriers"}}
func.func @own_caches(%x: !sinter.tensor<[N, 2, 4], f32>, %q: !sinter.tensor<[2, N, 4], f32>, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"},
    %position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"}) {
  // expected-remark @+1 {{Remark=1, Remark=" barriers", Remark=" in each layer"}}
  sinter.repeat %l in 2 () {
    %keys = sinter.cache_append @own[%l], %x at %sequence, %position : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
    // expected-remark @+1 {{Remark=sinter.attention_scores, Remark=" reads what other threads write"}}
    %s = sinter.attention_scores %q, %keys, %sequence, %extent : <[2, N, 4], f32>, <[2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, N, P], f32>
    sinter.yield
  }
  return
}

// -----

// Linear groups that follow one another: shared by panels, each reads rows of others; shared by rows, its own only.
// Within a group with an epilogue threads wait when they share by panels, which counts; without one they do not, and
// its columns belong to anyone.

// CHECK-LABEL: @groups
// CHECK-NOT: sinter.barrier
// CHECK: sinter.linear_group
// CHECK: sinter.barrier when panels
// CHECK-NEXT: sinter.linear_group
// CHECK: sinter.barrier when panels
// CHECK-NEXT: sinter.row_group
// CHECK-NOT: sinter.barrier
!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
sinter.parameter @w layers 1 : !weight {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !weight
}
// expected-remark @+1 {{Remark=0, Remark=" barriers", Remark=, Remark=", ", Remark=3, Remark=" in calls that are shared by panels"}}
func.func @groups(%x: !rows) -> !rows {
  %w = sinter.parameter_load @w : !weight
  %a = sinter.linear_group (%i = %x : !rows, %v = %w : !weight) -> !rows {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.exp %l : <[N, 4], f32>
    sinter.yield %e : !rows
  }
  // expected-remark @+1 {{Remark=sinter.linear_group, Remark=" reads what other threads write", Remark=", in calls that are shared by panels"}}
  %b = sinter.linear_group (%i = %a : !rows, %v = %w : !weight) -> !rows {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    sinter.yield %l : !rows
  }
  // expected-remark @+1 {{Remark=sinter.row_group, Remark=" reads what other threads write", Remark=", in calls that are shared by panels"}}
  %c = sinter.row_group (%i = %b : !rows) -> !rows {
    %e = sinter.exp %i : <[N, 4], f32>
    sinter.yield %e : !rows
  }
  return %c : !rows
}

// -----

// What only the epilogue reads is the thread's own rows, and comes behind the wait: no barrier before, both ways.

// CHECK-LABEL: @residual
// CHECK-NOT: sinter.barrier
!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
sinter.parameter @w layers 1 : !weight {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !weight
}
// expected-remark @+1 {{Remark=0, Remark=" barriers", Remark=, Remark=", ", Remark=1, Remark=" in calls that are shared by panels"}}
func.func @residual(%x: !rows) -> !rows {
  %w = sinter.parameter_load @w : !weight
  %c = sinter.row_group (%i = %x : !rows) -> !rows {
    %e = sinter.exp %i : <[N, 4], f32>
    sinter.yield %e : !rows
  }
  %a = sinter.linear_group (%i = %x : !rows, %r = %c : !rows, %v = %w : !weight) -> !rows {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %e = sinter.add %l, %r : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
    sinter.yield %e : !rows
  }
  return %a : !rows
}

// -----

// Caches that a group writes are read by other threads, whichever way it is shared. Rows asked for are picked from
// rows of anyone; as they may be few where tokens are many, their group counts as shared either way.

// CHECK-LABEL: @caches_and_rows
// CHECK: sinter.linear_group
// CHECK: sinter.barrier{{$}}
// CHECK-NEXT: sinter.attention_scores
// CHECK: sinter.barrier{{$}}
// CHECK-NEXT: sinter.linear_group
!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
sinter.cache @key layers 1 : !sinter.history<[1, 4], f32> {persistent}
sinter.parameter @w layers 1 : !weight {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !weight
}
// expected-remark @+1 {{Remark=2, Remark=" barriers"}}
func.func @caches_and_rows(%x: !rows, %q: !sinter.tensor<[1, N, 4], f32>, %sequence: !sinter.tensor<[N], i32> {sinter.input = "sequence"},
    %position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "extent"},
    %row: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> (!sinter.tensor<[1, N, P], f32>, !sinter.tensor<[R, 4], f32>) attributes {sinter.causal} {
  %w = sinter.parameter_load @w : !weight
  %a:2 = sinter.linear_group (%i = %x : !rows, %v = %w : !weight, %s = %sequence : !sinter.tensor<[N], i32>, %p = %position : !sinter.tensor<[N], i32>) -> (!rows, !sinter.history<[1, 4], f32>) {
    %l = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
    %r = sinter.reshape %l : <[N, 4], f32> -> <[N, 1, 4], f32>
    %h = sinter.cache_append @key, %r at %s, %p : <[N, 1, 4], f32>, <[N], i32>, <[N], i32> -> <[1, 4], f32>
    sinter.yield %l, %h : !rows, !sinter.history<[1, 4], f32>
  }
  // expected-remark @+1 {{Remark=sinter.attention_scores, Remark=" reads what other threads write", Remark=}}
  %s = sinter.attention_scores %q, %a#1, %sequence, %extent : <[1, N, 4], f32>, <[1, 4], f32>, <[N], i32>, <[N], i32> -> <[1, N, P], f32>
  %b = sinter.row_group (%i = %a#0 : !rows) -> !rows {
    %e = sinter.exp %i : <[N, 4], f32>
    sinter.yield %e : !rows
  }
  // expected-remark @+1 {{Remark=sinter.linear_group, Remark=" reads what other threads write", Remark=}}
  %c = sinter.linear_group (%i = %b : !rows, %g = %row : !sinter.tensor<[R], i32>, %v = %w : !weight) -> !sinter.tensor<[R, 4], f32> {
    %t = sinter.gather %i[%g] : <[N, 4], f32>, <[R], i32> -> <[R, 4], f32>
    %l = sinter.linear %t, %v : <[R, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[R, 4], f32>
    sinter.yield %l : !sinter.tensor<[R, 4], f32>
  }
  return %s, %c : !sinter.tensor<[1, N, P], f32>, !sinter.tensor<[R, 4], f32>
}
