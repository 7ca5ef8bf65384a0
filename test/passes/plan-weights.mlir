// Parameters one behind the other, all layers of one together, each layer on 64 bytes.
//
// RUN: sinter-opt %s --verify-numerics --plan-weights --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// 3 layers of 5 floats, stride 64; then an odd matrix; then panels, whose last one is padded: 4 x 16 floats each.

// CHECK: module attributes {sinter.weights_bytes = 1408 : i64}
// CHECK: sinter.parameter @b layers 3 at 0 stride 64 :
// CHECK: sinter.parameter @m layers 1 at 192 stride 192 :
// CHECK: sinter.parameter @p layers 2 at 384 stride 512 :
// expected-remark @+1 {{Remark=1408, Remark=" bytes of parameters"}}
module {
  sinter.parameter @b layers 3 : !sinter.tensor<[5], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "h.{i}.b"[%layer] : <[5], f32>
    sinter.yield %w : !sinter.tensor<[5], f32>
  }
  sinter.parameter @m layers 1 : !sinter.tensor<[7, 5], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "m" : <[7, 5], f32>
    sinter.yield %w : !sinter.tensor<[7, 5], f32>
  }
  sinter.parameter @p layers 2 : !sinter.packed<[4, 20], f32, <columns = 16, depth = 1>> {
  ^bb0(%layer: index):
    %w = sinter.weight "h.{i}.p"[%layer] : <[4, 20], f32>
    %p = sinter.pack %w : <[4, 20], f32> -> <[4, 20], f32, <columns = 16, depth = 1>>
    sinter.yield %p : !sinter.packed<[4, 20], f32, <columns = 16, depth = 1>>
  }
}

// -----

// A program without weights has none.

// CHECK: module attributes {sinter.weights_bytes = 0 : i64}
// expected-remark @+1 {{Remark=0, Remark=" bytes of parameters"}}
module {
}
