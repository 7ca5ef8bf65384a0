// What group-rows refuses.
//
// RUN: sinter-opt %s --pass-pipeline='builtin.module(func.func(group-rows))' -split-input-file -verify-diagnostics | FileCheck %s

// A declaration has nothing to group.

// CHECK: func.func private @elsewhere
func.func private @elsewhere(!sinter.tensor<[N, 4], f32>)

// -----

func.func @product(%x: !sinter.tensor<[2, N, 4], f32>, %y: !sinter.tensor<[2, 4, 3], f32>) -> !sinter.tensor<[2, N, 3], f32> {
  // expected-error @+1 {{is neither a product with weights nor attention: this is not built}}
  %z = sinter.matmul %x, %y : <[2, N, 4], f32>, <[2, 4, 3], f32> -> <[2, N, 3], f32>
  return %z : !sinter.tensor<[2, N, 3], f32>
}

// -----

func.func @weight(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  // expected-error @+1 {{'sinter.weight' op is left over: run hoist-weights and derive-kv-cache before}}
  %w = sinter.weight "w" : <[4], f32>
  %y = sinter.add %x, %w : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

func.func @pooled(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[1, 4], f32> {
  // expected-error @+1 {{makes '!sinter.tensor<[1, 4], f32>' of all rows together: this is not built}}
  %y = sinter.reduce mean %x axis 0 : <[N, 4], f32> -> <[1, 4], f32>
  return %y : !sinter.tensor<[1, 4], f32>
}

// -----

// A value without rows can be nothing but a part of row work.

func.func @constant() -> !sinter.tensor<[4], f32> {
  // expected-error @+1 {{makes '!sinter.tensor<[4], f32>', which has no row, for something else than row work: this is not built}}
  %w = sinter.constant 1.0 : <[4], f32>
  return %w : !sinter.tensor<[4], f32>
}

// -----

func.func @mixed(%x: !sinter.tensor<[N, 1], f32>, %row: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[N, R], f32> {
  // expected-error @+1 {{mixes rows of all tokens with rows asked for: this is not built}}
  %i = sinter.convert %row : <[R], i32> -> <[R], f32>
  %y = sinter.add %x, %i : <[N, 1], f32>, <[R], f32> -> <[N, R], f32>
  return %y : !sinter.tensor<[N, R], f32>
}
