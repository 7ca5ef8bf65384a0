// What verifiers refuse, and in which words.
//
// RUN: sinter-opt %s -split-input-file -verify-diagnostics -o /dev/null

// expected-error @+1 {{a dimension has at least one element, not 0}}
func.func @size(%x: !sinter.tensor<[0], f32>) { return }

// -----

// expected-error @+1 {{elements are f32, bf16, f16, i32, i1 or quantized, not 'f64'}}
func.func @element(%x: !sinter.tensor<[2], f64>) { return }

// -----

// expected-error @+2 {{a panel has 1 to 4096 columns, not 0}}
// expected-error @+1 {{failed to parse Sinter_PackedType parameter 'layout'}}
func.func @panels(%x: !sinter.packed<[2, 2], f32, <columns = 0, depth = 1>>) { return }

// -----

func.func @weight() {
  // expected-error @+1 {{'h.{i}.w' names a weight of each layer, but no layer is given}}
  %w = sinter.weight "h.{i}.w" : !sinter.tensor<[2], f32>
  return
}

// -----

func.func @pattern() {
  // expected-error @+1 {{what stands between braces in a weight's name is `i`, or a multiple of it plus a number}}
  %w = sinter.weight "h.{j}.w" : !sinter.tensor<[2], f32>
  return
}

// -----

func.func @list_alone() {
  // expected-error @+1 {{lists names by layer, but no layer is given}}
  %w = sinter.weight ["a", "b"] : !sinter.tensor<[2], f32>
  return
}

// -----

func.func @list_short(%x: !sinter.tensor<[2], f32>) {
  %y = sinter.repeat %layer in 3 (%a = %x : !sinter.tensor<[2], f32>) {
    // expected-error @+1 {{lists 2 names for 3 layers}}
    %w = sinter.weight ["a", "b"][%layer] : !sinter.tensor<[2], f32>
    sinter.yield %w : !sinter.tensor<[2], f32>
  }
  return
}

// -----

func.func @list_empty(%layer: index) {
  // expected-error @+1 {{lists layers without a name}}
  %w = sinter.weight ["a", ""][%layer] : !sinter.tensor<[2], f32>
  return
}

// -----

func.func @list_of_numbers(%layer: index) {
  // expected-error @+1 {{attribute 'name' failed to satisfy constraint: a name, or a list of names}}
  %w = sinter.weight ["a", 2][%layer] : !sinter.tensor<[2], f32>
  return
}

// -----

func.func @named() {
  // expected-error @+1 {{a weight's shape is known when compiling; [T] is not}}
  %w = sinter.weight "w" : !sinter.tensor<[T], f32>
  return
}

// -----

func.func @iota() {
  // expected-error @+1 {{counts along one axis in i32, it cannot make '!sinter.tensor<[T], f32>'}}
  %w = sinter.iota : !sinter.tensor<[T], f32>
  return
}

// -----

func.func @float(%x: !sinter.tensor<[T], i32>) {
  // expected-error @+1 {{operand #0 must be a tensor of floats}}
  %y = sinter.exp %x : !sinter.tensor<[T], i32>
  return
}

// -----

func.func @number(%x: !sinter.tensor<[T], i1>) {
  // expected-error @+1 {{operand #0 must be a tensor of floats or i32}}
  %y = sinter.add %x, %x : !sinter.tensor<[T], i1>, !sinter.tensor<[T], i1> -> !sinter.tensor<[T], i1>
  return
}

// -----

func.func @truth(%x: !sinter.tensor<[T], i32>) {
  // expected-error @+1 {{operand #0 must be a tensor of i1}}
  %y = sinter.and %x, %x : !sinter.tensor<[T], i32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T], i32>
  return
}

// -----

func.func @broadcast(%x: !sinter.tensor<[T, 3], f32>, %y: !sinter.tensor<[4], f32>) {
  // expected-error @+2 {{shapes [T, 3] and [4] do not broadcast: [3] and [4] differ and neither is 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.add %x, %y : !sinter.tensor<[T, 3], f32>, !sinter.tensor<[4], f32> -> !sinter.tensor<[T, 3], f32>
  return
}

// -----

func.func @mixed(%x: !sinter.tensor<[T], f32>, %y: !sinter.tensor<[T], i32>) {
  // expected-error @+2 {{operands have elements of 'f32' and 'i32'; convert one of them}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.add %x, %y : !sinter.tensor<[T], f32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T], f32>
  return
}

// -----

func.func @condition(%x: !sinter.tensor<[T], f32>) {
  // expected-error @+2 {{the condition's elements are 'f32', not i1}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.select %x, %x, %x : !sinter.tensor<[T], f32>, !sinter.tensor<[T], f32>, !sinter.tensor<[T], f32> -> !sinter.tensor<[T], f32>
  return
}

// -----

func.func @convert(%x: !sinter.tensor<[T], f32>) {
  // expected-error @+1 {{changes elements, not the shape}}
  %z = sinter.convert %x : !sinter.tensor<[T], f32> -> !sinter.tensor<[S], i32>
  return
}

// -----

func.func @inner(%x: !sinter.tensor<[T, 3], f32>, %y: !sinter.tensor<[4, 2], f32>) {
  // expected-error @+2 {{[T, 3] @ [4, 2]: the last axis on the left ([3]) is not the last but one on the right ([4])}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.matmul %x, %y : !sinter.tensor<[T, 3], f32>, !sinter.tensor<[4, 2], f32> -> !sinter.tensor<[T, 2], f32>
  return
}

// -----

func.func @result(%x: !sinter.tensor<[T, 3], f32>, %y: !sinter.tensor<[3, 2], f32>) {
  // expected-error @+2 {{inferred type(s)}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.matmul %x, %y : !sinter.tensor<[T, 3], f32>, !sinter.tensor<[3, 2], f32> -> !sinter.tensor<[T, 4], f32>
  return
}

// -----

func.func @axis(%x: !sinter.tensor<[T, 3], f32>) {
  // expected-error @+2 {{[T, 3] has no axis 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.reduce sum %x axis 2 : !sinter.tensor<[T, 3], f32> -> !sinter.tensor<[T, 1], f32>
  return
}

// -----

func.func @extent(%x: !sinter.tensor<[N, 3], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @+1 {{reduces the axis of the rows themselves}}
  %z = sinter.reduce sum %x axis 0 extent %n : !sinter.tensor<[N, 3], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, 3], f32>
  return
}

// -----

func.func @transpose(%x: !sinter.tensor<[T, 3], f32>) {
  // expected-error @+2 {{[0, 0] is not an order of the 2 axes of [T, 3]}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.transpose %x [0, 0] : !sinter.tensor<[T, 3], f32> -> !sinter.tensor<[T, T], f32>
  return
}

// -----

func.func @reshape(%x: !sinter.tensor<[T, 6], f32>) {
  // expected-error @+1 {{[T, 6] cannot be read as [6, T]}}
  %z = sinter.reshape %x : !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[6, T], f32>
  return
}

// -----

func.func @stretch(%x: !sinter.tensor<[2], f32>) {
  // expected-error @+1 {{[2] does not stretch to [3]}}
  %z = sinter.broadcast %x : !sinter.tensor<[2], f32> -> !sinter.tensor<[3], f32>
  return
}

// -----

func.func @slice(%x: !sinter.tensor<[T, 6], f32>) {
  // expected-error @+2 {{4 elements from 0 on, every 2: axis 1 of [T, 6] does not have them}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.slice %x axis 1 from 0 size 4 stride 2 : !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 4], f32>
  return
}

// -----

func.func @concat(%x: !sinter.tensor<[T, 6], f32>, %y: !sinter.tensor<[S, 6], f32>) {
  // expected-error @+2 {{[T, 6] and [S, 6] cannot stand one behind the other along axis 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.concat %x, %y axis 1 : !sinter.tensor<[T, 6], f32>, !sinter.tensor<[S, 6], f32> -> !sinter.tensor<[T, 12], f32>
  return
}

// -----

func.func @gather(%x: !sinter.tensor<[4, 6], f32>, %i: !sinter.tensor<[T], f32>) {
  // expected-error @+2 {{rows are numbered in i32, not 'f32'}}
  // expected-error @+1 {{failed to infer returned types}}
  %z = sinter.gather %x[%i] : !sinter.tensor<[4, 6], f32>, !sinter.tensor<[T], f32> -> !sinter.tensor<[T, 6], f32>
  return
}

// -----

func.func @count(%x: !sinter.tensor<[2], f32>) {
  // expected-error @+1 {{runs its body at least once, not 0 times}}
  %y = sinter.repeat %i in 0 (%a = %x : !sinter.tensor<[2], f32>) {
    sinter.yield %a : !sinter.tensor<[2], f32>
  }
  return
}

// -----

func.func @counts_on(%x: !sinter.tensor<[2], f32>, %layer: index) {
  // expected-error @+1 {{counts on from the number of a layer of a sinter.repeat around it}}
  %y = sinter.repeat %i in 2 of %layer (%a = %x : !sinter.tensor<[2], f32>) {
    sinter.yield %a : !sinter.tensor<[2], f32>
  }
  return
}

// -----

func.func @leaves_out(%x: !sinter.tensor<[2], f32>, %c: !sinter.tensor<[T, 3], f32>) {
  // expected-error @+1 {{needs a column of f32 for each of its 2 numbers, not '!sinter.tensor<[T, 3], f32>'}}
  %y = sinter.repeat %i in 2 (%a = %x : !sinter.tensor<[2], f32>) where_any %c : !sinter.tensor<[T, 3], f32> {
    sinter.yield %a : !sinter.tensor<[2], f32>
  }
  return
}

// -----

func.func @yield(%x: !sinter.tensor<[2], f32>, %y: !sinter.tensor<[3], f32>) {
  // expected-error @+1 {{0-th region iter_arg and 0-th yielded value have different type}}
  %z = sinter.repeat %i in 2 (%a = %x : !sinter.tensor<[2], f32>) {
    sinter.yield %y : !sinter.tensor<[3], f32>
  }
  return
}

// -----

// expected-error @+2 {{a panel of 16 columns cannot have equal shares of 3 parts}}
// expected-error @+1 {{failed to parse Sinter_PackedType parameter 'layout'}}
func.func @parts_of_panel(%x: !sinter.packed<[2, 6], f32, <columns = 16, depth = 1, parts = 3>>) { return }

// -----

// expected-error @+2 {{a span of 6 outputs cannot be cut into 4 parts}}
// expected-error @+1 {{failed to parse Sinter_PackedType parameter 'layout'}}
func.func @parts_of_span(%x: !sinter.packed<[2, 6], f32, <columns = 16, depth = 1, parts = 4, span = 6>>) { return }

// -----

// expected-error @+1 {{7 outputs cannot be cut into spans of 7 of 2 equal parts}}
func.func @parts_of_outputs(%x: !sinter.packed<[2, 7], f32, <columns = 16, depth = 1, parts = 2>>) { return }

// -----

// expected-error @+1 {{12 outputs cannot be cut into spans of 8 of 2 equal parts}}
func.func @spans_of_outputs(%x: !sinter.packed<[2, 12], f32, <columns = 16, depth = 1, parts = 2, span = 8>>) { return }

// -----

func.func @argmax_types(%x: !sinter.tensor<[R, 3], f32>) {
  // expected-error @+1 {{finds '!sinter.tensor<[R], i32>' and '!sinter.tensor<[R], f32>' in '!sinter.tensor<[R, 3], f32>', not '!sinter.tensor<[R], f32>' and '!sinter.tensor<[R], i32>'}}
  %m, %i = sinter.argmax %x : !sinter.tensor<[R, 3], f32> -> !sinter.tensor<[R], f32>, !sinter.tensor<[R], i32>
  return
}

// -----

func.func @argmax_of_scalar(%x: !sinter.tensor<[], f32>) {
  // expected-error @+1 {{a scalar has no axis to look along}}
  %m, %i = sinter.argmax %x : !sinter.tensor<[], f32> -> !sinter.tensor<[], i32>, !sinter.tensor<[], f32>
  return
}
