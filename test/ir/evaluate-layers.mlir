// Weights, the loop over layers, what is computed from weights when compiling, and packed layouts.
//
// RUN: sinter-opt %s --evaluate=parameters -o /dev/null | FileCheck %s
// RUN: sinter-opt %s --evaluate="functions=layers trace" -o /dev/null | FileCheck %s --check-prefix=TRACE

module attributes {sinter.weights = {
  "h.1.b" = dense<[1.0, 2.0]> : tensor<2xf32>,
  "h.3.b" = dense<[10.0, 20.0]> : tensor<2xf32>,
  "h.5.b" = dense<[100.0, 200.0]> : tensor<2xf32>,
  "w" = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>}} {

// Panels of two outputs, inputs in pairs; the third input and output are padded with zeros:
// [panel][pair of inputs][output][input of the pair].
// CHECK: @packed layer 0 = {{\[\[\[\[}}1, 4], [2, 5]], {{\[\[}}7, 0], [8, 0]]], {{\[\[\[}}3, 6], [0, 0]], {{\[\[}}9, 0], [0, 0]]]]
sinter.parameter @packed layers 1 : !sinter.packed<[3, 3], f32, <columns = 2, depth = 2>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : !sinter.tensor<[3, 3], f32>
  %p = sinter.pack %w : !sinter.tensor<[3, 3], f32> -> !sinter.packed<[3, 3], f32, <columns = 2, depth = 2>>
  sinter.yield %p : !sinter.packed<[3, 3], f32, <columns = 2, depth = 2>>
}

// CHECK: @doubled layer 0 = [2, 4]
// CHECK: @doubled layer 1 = [20, 40]
// CHECK: @doubled layer 2 = [200, 400]
sinter.parameter @doubled layers 3 : !sinter.tensor<[2], f32> {
^bb0(%layer: index):
  %b = sinter.weight "h.{2i+1}.b"[%layer] : !sinter.tensor<[2], f32>
  %d = sinter.add %b, %b : !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32> -> !sinter.tensor<[2], f32>
  sinter.yield %d : !sinter.tensor<[2], f32>
}

// CHECK: @listed layer 0 = [100, 200]
// CHECK: @listed layer 1 = [1, 2]
// CHECK: @listed layer 2 = [1, 2]
sinter.parameter @listed layers 3 : !sinter.tensor<[2], f32> {
^bb0(%layer: index):
  %b = sinter.weight ["h.5.b", "h.1.b", "h.1.b"][%layer] : !sinter.tensor<[2], f32>
  sinter.yield %b : !sinter.tensor<[2], f32>
}

// CHECK: @layers = [116, 227]
// TRACE: sinter.repeat layer 0: [4]
// TRACE: sinter.add layer 1: [15, 26]
// TRACE: sinter.add layer 2: [115, 226]
// TRACE: sinter.repeat: [115, 226]
// TRACE: @layers = [116, 227]
func.func @layers(%x: !sinter.tensor<[2], f32> {sinter.value = dense<[4.0, 4.0]> : tensor<2xf32>},
                  %three: !sinter.tensor<[], f32> {sinter.value = dense<1.0> : tensor<f32>}) -> !sinter.tensor<[2], f32> {
  %four = sinter.constant 4.0 : !sinter.tensor<[1], f32>
  %y:2 = sinter.repeat %layer in 3 (%a = %x : !sinter.tensor<[2], f32>, %same = %four : !sinter.tensor<[1], f32>) {
    %inner = sinter.repeat %i in 2 (%s = %same : !sinter.tensor<[1], f32>) {
      sinter.yield %s : !sinter.tensor<[1], f32>
    }
    // The number is the outer layer's again.
    %b = sinter.weight "h.{2i+1}.b"[%layer] : !sinter.tensor<[2], f32>
    %c = sinter.add %a, %b : !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32> -> !sinter.tensor<[2], f32>
    sinter.yield %c, %inner : !sinter.tensor<[2], f32>, !sinter.tensor<[1], f32>
  }
  %z = sinter.add %y#0, %three : !sinter.tensor<[2], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[2], f32>
  return %z : !sinter.tensor<[2], f32>
}

// 0 + 1 + 2.
// CHECK: @numbers = 3
func.func @numbers() -> !sinter.tensor<[], i32> {
  %zero = sinter.constant 0.0 : !sinter.tensor<[], i32>
  %y = sinter.repeat %layer in 3 (%a = %zero : !sinter.tensor<[], i32>) {
    %n = sinter.layer_number %layer : !sinter.tensor<[], i32>
    %c = sinter.add %a, %n : !sinter.tensor<[], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[], i32>
    sinter.yield %c : !sinter.tensor<[], i32>
  }
  return %y : !sinter.tensor<[], i32>
}

// A loop in a loop counts on from layer to layer, and leaves out what is zero in all rows: 3 + 0 + 2 + 3 + 5.
// CHECK: @experts = [13, 14]
func.func @experts(%x: !sinter.tensor<[2], f32> {sinter.value = dense<[3.0, 4.0]> : tensor<2xf32>},
                   %one: !sinter.tensor<[2, 3], f32> {sinter.value = dense<[[1.0, 0.0, 0.0], [1.0, 0.0, 2.0]]> : tensor<2x3xf32>})
    -> !sinter.tensor<[2], f32> {
  %y = sinter.repeat %layer in 2 (%a = %x : !sinter.tensor<[2], f32>) {
    %z = sinter.repeat %expert in 3 of %layer (%b = %a : !sinter.tensor<[2], f32>) where_any %one : !sinter.tensor<[2, 3], f32> {
      %i = sinter.layer_number %expert : !sinter.tensor<[], i32>
      %n = sinter.convert %i : !sinter.tensor<[], i32> -> !sinter.tensor<[], f32>
      %c = sinter.add %b, %n : !sinter.tensor<[2], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[2], f32>
      sinter.yield %c : !sinter.tensor<[2], f32>
    }
    sinter.yield %z : !sinter.tensor<[2], f32>
  }
  return %y : !sinter.tensor<[2], f32>
}

// CHECK: @parameters = [222, 444]
func.func @parameters(%x: !sinter.tensor<[2], f32> {sinter.value = dense<0.0> : tensor<2xf32>}) -> !sinter.tensor<[2], f32> {
  %y = sinter.repeat %layer in 3 (%a = %x : !sinter.tensor<[2], f32>) {
    %b = sinter.parameter_load @doubled[%layer] : !sinter.tensor<[2], f32>
    %c = sinter.add %a, %b : !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32> -> !sinter.tensor<[2], f32>
    sinter.yield %c : !sinter.tensor<[2], f32>
  }
  return %y : !sinter.tensor<[2], f32>
}

// CHECK: @linear = {{\[\[}}30, 36, 42], [12, 15, 18]]
// CHECK-NEXT: @linear = {{\[\[}}30, 36, 42], [12, 15, 18]]
func.func @linear(%x: !sinter.tensor<[N, 3], f32> {sinter.value = dense<[[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]> : tensor<2x3xf32>})
    -> (!sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>) {
  %p = sinter.parameter_load @packed : !sinter.packed<[3, 3], f32, <columns = 2, depth = 2>>
  %y = sinter.linear %x, %p : !sinter.tensor<[N, 3], f32>, !sinter.packed<[3, 3], f32, <columns = 2, depth = 2>> -> !sinter.tensor<[N, 3], f32>
  %w = sinter.weight "w" : !sinter.tensor<[3, 3], f32>
  %z = sinter.matmul %x, %w : !sinter.tensor<[N, 3], f32>, !sinter.tensor<[3, 3], f32> -> !sinter.tensor<[N, 3], f32>
  return %y, %z : !sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>
}

}
