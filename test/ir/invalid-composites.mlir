// What is wrong with a function that has a name is said at the operation.
//
// RUN: sinter-opt %s -split-input-file -verify-diagnostics

func.func @last_axis(%x: !sinter.tensor<[8, N], f32>) {
  // expected-error @+1 {{'sinter.layer_norm' op normalizes along a last axis of static size; '!sinter.tensor<[8, N], f32>' has none}}
  %y = sinter.layer_norm %x epsilon 1.0e-05 : !sinter.tensor<[8, N], f32>
  return
}

// -----

func.func @gain(%x: !sinter.tensor<[N, 8], f32>, %g: !sinter.tensor<[4], f32>) {
  // expected-error @+1 {{'sinter.rms_norm' op the gain of rows of 8 elements is '!sinter.tensor<[8], f32>', not '!sinter.tensor<[4], f32>'}}
  %y = sinter.rms_norm %x gain %g : !sinter.tensor<[4], f32> epsilon 1.0e-05 : !sinter.tensor<[N, 8], f32>
  return
}

// -----

func.func @bias(%x: !sinter.tensor<[N, 8], f32>, %b: !sinter.tensor<[1, 8], f32>) {
  // expected-error @+1 {{'sinter.layer_norm' op the bias of rows of 8 elements is '!sinter.tensor<[8], f32>', not '!sinter.tensor<[1, 8], f32>'}}
  %y = sinter.layer_norm %x bias %b : !sinter.tensor<[1, 8], f32> epsilon 1.0e-05 : !sinter.tensor<[N, 8], f32>
  return
}

// -----

func.func @epsilon(%x: !sinter.tensor<[N, 8], f32>) {
  // expected-error @+1 {{'sinter.layer_norm' op epsilon is a number from 0 up, not -1}}
  %y = sinter.layer_norm %x epsilon -1.0 : !sinter.tensor<[N, 8], f32>
  return
}

// -----

func.func @softmax_axis(%x: !sinter.tensor<[N, 8], f32>) {
  // expected-error @+1 {{'sinter.softmax' op '!sinter.tensor<[N, 8], f32>' has no axis 2}}
  %y = sinter.softmax %x axis 2 : !sinter.tensor<[N, 8], f32>
  return
}

// -----

func.func @softmax_extent(%x: !sinter.tensor<[N, P], f32>, %n: !sinter.tensor<[P], i32>) {
  // expected-error @+1 {{'sinter.softmax' op an extent is one i32 a row, tensor<[N], i32>, not '!sinter.tensor<[P], i32>'}}
  %y = sinter.softmax %x axis 1 extent %n : !sinter.tensor<[N, P], f32>, !sinter.tensor<[P], i32>
  return
}

// -----

func.func @softmax_rows(%x: !sinter.tensor<[N, P], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @+1 {{'sinter.softmax' op has an extent for each row, but '!sinter.tensor<[N, P], f32>' has no axis N beside axis 0}}
  %y = sinter.softmax %x axis 0 extent %n : !sinter.tensor<[N, P], f32>, !sinter.tensor<[N], i32>
  return
}

// -----

func.func @rotary_last_axis(%x: !sinter.tensor<[8, N], f32>, %c: !sinter.tensor<[4], f32>) {
  // expected-error @+1 {{'sinter.rotary' op turns pairs along a last axis of static size; '!sinter.tensor<[8, N], f32>' has none}}
  %y = sinter.rotary half_split %x width 8 by %c, %c : !sinter.tensor<[8, N], f32>, !sinter.tensor<[4], f32>
  return
}

// -----

func.func @width(%x: !sinter.tensor<[N, 8], f32>, %c: !sinter.tensor<[N, 5], f32>) {
  // expected-error @+1 {{'sinter.rotary' op turns an even number of elements, at most 8, not 10}}
  %y = sinter.rotary half_split %x width 10 by %c, %c : !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 5], f32>
  return
}

// -----

func.func @angles(%x: !sinter.tensor<[N, 8], f32>, %c: !sinter.tensor<[N, 8], f32>) {
  // expected-error @+1 {{'sinter.rotary' op takes the cosines of 4 angles a row for '!sinter.tensor<[N, 8], f32>', not '!sinter.tensor<[N, 8], f32>'}}
  %y = sinter.rotary interleaved %x width 8 by %c, %c : !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>
  return
}

// -----

func.func @angle_rows(%x: !sinter.tensor<[N, 8], f32>, %c: !sinter.tensor<[R, 4], f32>) {
  // expected-error @+1 {{'sinter.rotary' op}}
  %y = sinter.rotary interleaved %x width 8 by %c, %c : !sinter.tensor<[N, 8], f32>, !sinter.tensor<[R, 4], f32>
  return
}
