// What a linear group cannot be.
//
// RUN: sinter-opt %s -split-input-file -verify-diagnostics -o /dev/null

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @none(%x: !rows) -> !rows {
  // expected-error @+1 {{holds exactly one sinter.linear, not 0}}
  %y = sinter.linear_group (%a = %x : !rows) -> !rows {
    %b = sinter.exp %a : !rows
    sinter.yield %b : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @two(%x: !rows, %w: !weight) -> !rows {
  // expected-error @+1 {{holds exactly one sinter.linear, not 2}}
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %c = sinter.linear %b, %v : !rows, !weight -> !rows
    sinter.yield %c : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[2, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @no_rows(%x: !rows, %w: !weight) -> !rows {
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows {
    // expected-error @+1 {{a linear group contracts rows [N, ...] or [R, ...], not '!sinter.tensor<[2, 4], f32>'}}
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    sinter.yield %b : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @own_weight(%x: !rows) -> !rows {
  %y = sinter.linear_group (%a = %x : !rows) -> !rows {
    %u = sinter.weight "u" : !sinter.tensor<[4, 4], f32>
    %v = sinter.pack %u : !sinter.tensor<[4, 4], f32> -> !weight
    // expected-error @+1 {{the weight of a linear group is an input of it}}
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    sinter.yield %b : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @other_work(%x: !rows, %w: !weight) -> !rows {
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    // expected-error @+1 {{is neither row work nor a write into a cache: a linear group cannot hold it}}
    sinter.barrier
    sinter.yield %b : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @result_of_other_rows(%x: !rows, %z: !sinter.tensor<[R, 4], f32>, %w: !weight) -> !sinter.tensor<[R, 4], f32> {
  // expected-error @+1 {{gives '!sinter.tensor<[R, 4], f32>', which has no axis N}}
  %y = sinter.linear_group (%a = %x : !rows, %c = %z : !sinter.tensor<[R, 4], f32>, %v = %w : !weight) -> !sinter.tensor<[R, 4], f32> {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %e = sinter.exp %c : !sinter.tensor<[R, 4], f32>
    sinter.yield %e : !sinter.tensor<[R, 4], f32>
  }
  return %y : !sinter.tensor<[R, 4], f32>
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
!history = !sinter.history<[2, 2], f32>
sinter.cache @key layers 1 : !history {persistent}
func.func @hidden_write(%x: !rows, %w: !weight, %s: !sinter.tensor<[N], i32>, %p: !sinter.tensor<[N], i32>) -> !rows {
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight, %t = %s : !sinter.tensor<[N], i32>, %q = %p : !sinter.tensor<[N], i32>) -> !rows {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %c = sinter.reshape %b : !rows -> !sinter.tensor<[N, 2, 2], f32>
    // expected-error @+1 {{gives its history as a result of the group}}
    %h = sinter.cache_append @key, %c at %t, %q : !sinter.tensor<[N, 2, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !history
    sinter.yield %b : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
!history = !sinter.history<[2, 2], f32>
sinter.cache @key layers 1 : !history {persistent}
func.func @computed_position(%x: !rows, %w: !weight, %s: !sinter.tensor<[N], i32>, %p: !sinter.tensor<[N], i32>) -> !history {
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight, %t = %s : !sinter.tensor<[N], i32>, %q = %p : !sinter.tensor<[N], i32>) -> !history {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %c = sinter.reshape %b : !rows -> !sinter.tensor<[N, 2, 2], f32>
    %r = sinter.add %q, %q : !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[N], i32>
    // expected-error @+1 {{takes sequences and positions that are inputs of the group}}
    %h = sinter.cache_append @key, %c at %t, %r : !sinter.tensor<[N, 2, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !history
    sinter.yield %h : !history
  }
  return %y : !history
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @places(%x: !rows, %w: !weight) -> !rows {
  // expected-error @+1 {{has 1 results, but places for 2}}
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows to [0, 64] {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    sinter.yield %b : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @place_in_cache(%x: !rows, %w: !weight) -> !rows {
  // expected-error @+1 {{has a result '!sinter.tensor<[N, 4], f32>' at offset -2}}
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows to [-2] {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    sinter.yield %b : !rows
  }
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @rows_on_tile(%x: !rows, %w: !weight) -> !rows {
  // expected-error @+1 {{cannot be computed on the tile: an operation behind the contraction needs more than the elements in its place}}
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %s = sinter.reduce sum %b axis 1 : !rows -> !sinter.tensor<[N, 1], f32>
    %d = sinter.div %b, %s : !rows, !sinter.tensor<[N, 1], f32> -> !rows
    sinter.yield %d : !rows
  } {on_tile}
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @prologue_on_tile(%x: !rows, %w: !weight) -> !rows {
  // expected-error @+1 {{cannot be computed on the tile: an operation behind the contraction needs what is made before it}}
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows {
    %e = sinter.exp %a : !rows
    %b = sinter.linear %e, %v : !rows, !weight -> !rows
    %d = sinter.add %b, %e : !rows, !rows -> !rows
    sinter.yield %d : !rows
  } {on_tile}
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @two_on_tile(%x: !rows, %w: !weight) -> !rows {
  // expected-error @+1 {{cannot be computed on the tile: the group gives more or other than an element for each sum}}
  %y:2 = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> (!rows, !rows) {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %d = sinter.exp %b : !rows
    sinter.yield %b, %d : !rows, !rows
  } {on_tile}
  return %y#0 : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @argmax_alone(%x: !rows, %w: !weight) -> !sinter.tensor<[N], i32> {
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !sinter.tensor<[N], i32> {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    // expected-error @+1 {{in a linear group is of the group's first result, and gives the other two}}
    %i, %m = sinter.argmax %b : !rows -> !sinter.tensor<[N], i32>, !sinter.tensor<[N], f32>
    sinter.yield %i : !sinter.tensor<[N], i32>
  }
  return %y : !sinter.tensor<[N], i32>
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1>>
func.func @argmax_of_rows(%x: !rows, %w: !weight) -> !rows {
  %y:3 = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> (!rows, !sinter.tensor<[N], i32>, !sinter.tensor<[N], f32>) {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %s = sinter.softmax %b axis 1 : !rows
    // expected-error @+1 {{in a linear group finds the largest while sums are in registers: no other work may need whole rows of them}}
    %i, %m = sinter.argmax %s : !rows -> !sinter.tensor<[N], i32>, !sinter.tensor<[N], f32>
    sinter.yield %s, %i, %m : !rows, !sinter.tensor<[N], i32>, !sinter.tensor<[N], f32>
  }
  return %y#0 : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1, parts = 2>>
func.func @parts_on_tile(%x: !rows, %w: !weight) -> !rows {
  // expected-error @+1 {{cannot be computed on the tile: the group gives more or other than an element for each sum}}
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !rows {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %d = sinter.exp %b : !rows
    sinter.yield %d : !rows
  } {on_tile}
  return %y : !rows
}

// -----

!rows = !sinter.tensor<[N, 4], f32>
!weight = !sinter.packed<[4, 4], f32, <columns = 4, depth = 1, parts = 2>>
func.func @other_parts_on_tile(%x: !rows, %w: !weight) -> !sinter.tensor<[N, 2], f32> {
  // expected-error @+1 {{cannot be computed on the tile: an operation behind the contraction needs more than the elements in its place}}
  %y = sinter.linear_group (%a = %x : !rows, %v = %w : !weight) -> !sinter.tensor<[N, 2], f32> {
    %b = sinter.linear %a, %v : !rows, !weight -> !rows
    %s = sinter.slice %b axis 1 from 1 size 2 stride 1 : !rows -> !sinter.tensor<[N, 2], f32>
    sinter.yield %s : !sinter.tensor<[N, 2], f32>
  } {on_tile}
  return %y : !sinter.tensor<[N, 2], f32>
}
