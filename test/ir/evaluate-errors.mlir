// What cannot be evaluated is said at the operation.
//
// RUN: sinter-opt %s --evaluate -split-input-file -verify-diagnostics -o /dev/null

// expected-error @+1 {{argument 0 is a '!sinter.tensor<[2], f32>', but was given 3 elements of shape [3]}}
func.func @shape(%x: !sinter.tensor<[2], f32> {sinter.value = dense<0.0> : tensor<3xf32>}) {
  return
}

// -----

// expected-error @+1 {{dimension T is both 3 and 2}}
func.func @dimension(%x: !sinter.tensor<[T], f32> {sinter.value = dense<0.0> : tensor<3xf32>},
                     %y: !sinter.tensor<[T], f32> {sinter.value = dense<0.0> : tensor<2xf32>}) {
  return
}

// -----

func.func @unbound() -> !sinter.tensor<[S], i32> {
  // expected-error @+1 {{the size of dimension S is not known: no argument has it}}
  %x = sinter.iota : !sinter.tensor<[S], i32>
  return %x : !sinter.tensor<[S], i32>
}

// -----

func.func @large(%x: !sinter.tensor<[], f32>) -> !sinter.tensor<[100000, 100000], f32> {
  // expected-error @+1 {{of this size is too large to evaluate}}
  %y = sinter.broadcast %x : !sinter.tensor<[], f32> -> !sinter.tensor<[100000, 100000], f32>
  return %y : !sinter.tensor<[100000, 100000], f32>
}

// -----

module attributes {sinter.weights = {"w" = dense<0.0> : tensor<3xf32>}} {
func.func @weight() -> !sinter.tensor<[2], f32> {
  // expected-error @+1 {{weight 'w' is of shape [3], not [2]}}
  %w = sinter.weight "w" : !sinter.tensor<[2], f32>
  return %w : !sinter.tensor<[2], f32>
}
}

// -----

sinter.cache @key layers 1 : !sinter.history<[1, 1], f32> {persistent}
func.func @unwritten(%probability: !sinter.tensor<[1, N, P], f32> {sinter.value = dense<1.0> : tensor<1x1x1xf32>},
                     %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<4> : tensor<1xi32>},
                     %extent: !sinter.tensor<[N], i32> {sinter.value = dense<1> : tensor<1xi32>}) {
  %h = sinter.cache_history @key : !sinter.history<[1, 1], f32>
  // expected-error @+1 {{reads position 0 of sequence 4, which was never written}}
  %o = sinter.attention_values %probability, %h, %sequence, %extent : !sinter.tensor<[1, N, P], f32>, !sinter.history<[1, 1], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, 1], f32>
  return
}

// -----

func.func @extent(%x: !sinter.tensor<[N, P], f32> {sinter.value = dense<1.0> : tensor<1x2xf32>},
                  %extent: !sinter.tensor<[N], i32> {sinter.value = dense<3> : tensor<1xi32>}) {
  // expected-error @+1 {{row 0 has an extent of 3 in a dimension of 2}}
  %s = sinter.reduce sum %x axis 1 extent %extent : !sinter.tensor<[N, P], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[N, 1], f32>
  return
}

// -----

sinter.cache @key layers 1 : !sinter.history<[1, 1], f32> {persistent}
func.func @stale(%x: !sinter.tensor<[N, 1, 1], f32> {sinter.value = dense<1.0> : tensor<1x1x1xf32>},
                 %q: !sinter.tensor<[1, N, 1], f32> {sinter.value = dense<1.0> : tensor<1x1x1xf32>},
                 %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<0> : tensor<1xi32>},
                 %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<1> : tensor<1xi32>}) {
  %first = sinter.cache_append @key, %x at %sequence, %sequence : !sinter.tensor<[N, 1, 1], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[1, 1], f32>
  %second = sinter.cache_append @key, %x at %sequence, %sequence : !sinter.tensor<[N, 1, 1], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[1, 1], f32>
  // expected-error @+1 {{reads a history after its cache was written again}}
  %s = sinter.attention_scores %q, %first, %sequence, %extent : !sinter.tensor<[1, N, 1], f32>, !sinter.history<[1, 1], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, P], f32>
  return
}

// -----

sinter.cache @key layers 1 : !sinter.history<[1, 1], f32> {persistent}
func.func @place(%x: !sinter.tensor<[N, 1, 1], f32> {sinter.value = dense<1.0> : tensor<1x1x1xf32>},
                 %at: !sinter.tensor<[N], i32> {sinter.value = dense<-1> : tensor<1xi32>}) {
  // expected-error @+1 {{row 0 goes to position -1 of sequence -1; there is no such place}}
  %first = sinter.cache_append @key, %x at %at, %at : !sinter.tensor<[N, 1, 1], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[1, 1], f32>
  return
}

// -----

func.func @call(%x: !sinter.tensor<[1], f32>) {
  // expected-error @+1 {{'builtin.unrealized_conversion_cast' op has no meaning to the evaluator}}
  %y = builtin.unrealized_conversion_cast %x : !sinter.tensor<[1], f32> to !sinter.tensor<[1], f32>
  return
}

// -----

// expected-error @+1 {{has no body of one block to evaluate}}
func.func private @declaration(!sinter.tensor<[1], f32>)

// -----

// expected-error @+1 {{is made of itself}}
sinter.parameter @p layers 1 : !sinter.tensor<[2], f32> {
^bb0(%layer: index):
  %w = sinter.parameter_load @q : !sinter.tensor<[2], f32>
  sinter.yield %w : !sinter.tensor<[2], f32>
}
sinter.parameter @q layers 1 : !sinter.tensor<[2], f32> {
^bb0(%layer: index):
  %w = sinter.parameter_load @p : !sinter.tensor<[2], f32>
  sinter.yield %w : !sinter.tensor<[2], f32>
}
func.func @cycle() -> !sinter.tensor<[2], f32> {
  %w = sinter.parameter_load @p : !sinter.tensor<[2], f32>
  return %w : !sinter.tensor<[2], f32>
}
