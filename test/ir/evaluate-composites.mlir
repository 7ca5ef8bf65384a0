// What functions with a name give, and that their primitive form gives the same.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s
// RUN: sinter-opt %s --verify-numerics --decompose-composites | FileCheck %s --check-prefix=PRIMITIVE
// RUN: sinter-opt %s --decompose-composites --evaluate -o /dev/null | FileCheck %s
//
// PRIMITIVE-NOT: sinter.{{gelu|silu|layer_norm|rms_norm|softmax|rotary}}

// CHECK: @gelu = [0, 0.841345, -0.158655]
// CHECK-NEXT: @gelu = [0, 0.841192, -0.158808]
// CHECK-NEXT: @gelu = [0, 0.845796, -0.154204]
// CHECK-NEXT: @gelu = [0, 0.731059, -0.268941]
func.func @gelu(%x: !sinter.tensor<[3], f32> {sinter.value = dense<[0.0, 1.0, -1.0]> : tensor<3xf32>})
    -> (!sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>) {
  %erf = sinter.gelu erf %x : !sinter.tensor<[3], f32>
  %tanh = sinter.gelu tanh %x : !sinter.tensor<[3], f32>
  %sigmoid = sinter.gelu sigmoid %x : !sinter.tensor<[3], f32>
  %silu = sinter.silu %x : !sinter.tensor<[3], f32>
  return %erf, %tanh, %sigmoid, %silu : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>
}

// The mean is 2 and the variance 3.375: over 3 with epsilon inside of the root, over 6 with epsilon outside.
// CHECK: @layer_norm = [-1, 0.5, 0.5, 0]
// CHECK-NEXT: @layer_norm = [-9, 20.5, 30.5, 40]
// CHECK-NEXT: @layer_norm = [-0.5, 0.25, 0.25, 0]
func.func @layer_norm(%x: !sinter.tensor<[4], f32> {sinter.value = dense<[-1.0, 3.5, 3.5, 2.0]> : tensor<4xf32>},
                      %g: !sinter.tensor<[4], f32> {sinter.value = dense<[1.0, 1.0, 1.0, 7.0]> : tensor<4xf32>},
                      %b: !sinter.tensor<[4], f32> {sinter.value = dense<[-8.0, 20.0, 30.0, 40.0]> : tensor<4xf32>})
    -> (!sinter.tensor<[4], f32>, !sinter.tensor<[4], f32>, !sinter.tensor<[4], f32>) {
  %bare = sinter.layer_norm %x epsilon 5.625 : !sinter.tensor<[4], f32>
  %whole = sinter.layer_norm %x gain %g : !sinter.tensor<[4], f32> bias %b : !sinter.tensor<[4], f32> epsilon 5.625 : !sinter.tensor<[4], f32>
  %outside = sinter.layer_norm %x epsilon 4.16288269 outside_root : !sinter.tensor<[4], f32>
  return %bare, %whole, %outside : !sinter.tensor<[4], f32>, !sinter.tensor<[4], f32>, !sinter.tensor<[4], f32>
}

// The mean square is 25 / 2: with 3.5 the root of it is 4, with 0.464 outside of the root, too.
// CHECK: @rms_norm = {{\[\[}}0.75, 1], [0, 0]]
// CHECK-NEXT: @rms_norm = {{\[\[}}1.75, 4], [1, 2]]
// CHECK-NEXT: @rms_norm = {{\[\[}}0.75, 1], [0, 0]]
func.func @rms_norm(%x: !sinter.tensor<[2, 2], f32> {sinter.value = dense<[[3.0, 4.0], [0.0, 0.0]]> : tensor<2x2xf32>},
                    %g: !sinter.tensor<[2], f32> {sinter.value = dense<[1.0, 2.0]> : tensor<2xf32>})
    -> (!sinter.tensor<[2, 2], f32>, !sinter.tensor<[2, 2], f32>, !sinter.tensor<[2, 2], f32>) {
  %bare = sinter.rms_norm %x epsilon 3.5 : !sinter.tensor<[2, 2], f32>
  %whole = sinter.rms_norm %x gain %g : !sinter.tensor<[2], f32> bias %g : !sinter.tensor<[2], f32> epsilon 3.5 : !sinter.tensor<[2, 2], f32>
  %outside = sinter.rms_norm %x epsilon 0.46446609406 outside_root : !sinter.tensor<[2, 2], f32>
  return %bare, %whole, %outside : !sinter.tensor<[2, 2], f32>, !sinter.tensor<[2, 2], f32>, !sinter.tensor<[2, 2], f32>
}

// e^0, e^(log 3): a quarter and three quarters. Columns, too.
// CHECK: @softmax = {{\[\[}}0.25, 0.75], [0.5, 0.5]]
// CHECK-NEXT: @softmax = {{\[\[}}0.5, 0.75], [0.5, 0.25]]
func.func @softmax(%x: !sinter.tensor<[2, 2], f32> {sinter.value = dense<[[0.0, 1.0986122887], [0.0, 0.0]]> : tensor<2x2xf32>})
    -> (!sinter.tensor<[2, 2], f32>, !sinter.tensor<[2, 2], f32>) {
  %rows = sinter.softmax %x axis 1 : !sinter.tensor<[2, 2], f32>
  %columns = sinter.softmax %x axis 0 : !sinter.tensor<[2, 2], f32>
  return %rows, %columns : !sinter.tensor<[2, 2], f32>, !sinter.tensor<[2, 2], f32>
}

// The first row sees one element, the second two: the sums are of these alone.
// CHECK: @extent = {{\[\[}}1], [1]]
func.func @extent(%x: !sinter.tensor<[N, P], f32> {sinter.value = dense<[[0.0, 5.0], [0.0, 5.0]]> : tensor<2x2xf32>},
                  %n: !sinter.tensor<[N], i32> {sinter.value = dense<[1, 2]> : tensor<2xi32>}) -> !sinter.tensor<[N, 1], f32> {
  %p = sinter.softmax %x axis 1 extent %n : !sinter.tensor<[N, P], f32>, !sinter.tensor<[N], i32>
  %s = sinter.reduce sum %p axis 1 extent %n : !sinter.tensor<[N, P], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[N, 1], f32>
  return %s : !sinter.tensor<[N, 1], f32>
}

// A quarter turn makes (a, b) of (-b, a); the last two stay.
// CHECK: @rotary = {{\[\[}}-3, 2, 1, 4, 5, 6], [-2, 1, 3, 4, 5, 6]]
func.func @rotary(%x: !sinter.tensor<[6], f32> {sinter.value = dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]> : tensor<6xf32>},
                  %c: !sinter.tensor<[2], f32> {sinter.value = dense<[0.0, 1.0]> : tensor<2xf32>},
                  %s: !sinter.tensor<[2], f32> {sinter.value = dense<[1.0, 0.0]> : tensor<2xf32>}) -> !sinter.tensor<[2, 6], f32> {
  %half = sinter.rotary half_split %x width 4 by %c, %s : !sinter.tensor<[6], f32>, !sinter.tensor<[2], f32>
  %pairs = sinter.rotary interleaved %x width 4 by %c, %s : !sinter.tensor<[6], f32>, !sinter.tensor<[2], f32>
  %a = sinter.reshape %half : !sinter.tensor<[6], f32> -> !sinter.tensor<[1, 6], f32>
  %b = sinter.reshape %pairs : !sinter.tensor<[6], f32> -> !sinter.tensor<[1, 6], f32>
  %y = sinter.concat %a, %b axis 0 : !sinter.tensor<[1, 6], f32>, !sinter.tensor<[1, 6], f32> -> !sinter.tensor<[2, 6], f32>
  return %y : !sinter.tensor<[2, 6], f32>
}

// Angles that belong to rows, for all heads.
// CHECK: @heads = {{\[\[\[}}1, 2], [-4, 3]], {{\[\[}}5, 6], [-8, 7]]]
func.func @heads(%x: !sinter.tensor<[2, N, 2], f32> {sinter.value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>},
                 %c: !sinter.tensor<[N, 1], f32> {sinter.value = dense<[[1.0], [0.0]]> : tensor<2x1xf32>},
                 %s: !sinter.tensor<[N, 1], f32> {sinter.value = dense<[[0.0], [1.0]]> : tensor<2x1xf32>}) -> !sinter.tensor<[2, N, 2], f32> {
  %y = sinter.rotary half_split %x width 2 by %c, %s : !sinter.tensor<[2, N, 2], f32>, !sinter.tensor<[N, 1], f32>
  return %y : !sinter.tensor<[2, N, 2], f32>
}
