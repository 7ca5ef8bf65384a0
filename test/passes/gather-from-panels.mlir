// A table that is a contraction's weight too is stored once: its rows come from the panels.
//
// RUN: sinter-opt %s --verify-numerics --pack-weights="columns=16" --gather-from-panels --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s
// RUN: sinter-opt %s --pack-weights="columns=16" --reduce-precision --gather-from-panels -split-input-file | FileCheck %s --check-prefix=BRAIN

// CHECK-LABEL: @tied
// CHECK: %[[W:.*]] = sinter.weight "w"
// CHECK: %[[T:.*]] = sinter.transpose %{{.*}} [1, 0] : <[10, 8], f32> -> <[8, 10], f32>
// CHECK: %[[P:.*]] = sinter.pack %[[T]]
// CHECK: sinter.packed_gather %[[P]][%arg0] : <[8, 10], f32, <columns = 16, depth = 1>>, <[N], i32> -> <[N, 8], f32>
// CHECK-NOT: sinter.gather
// BRAIN-LABEL: @tied
// BRAIN: sinter.packed_gather %{{.*}}[%arg0] : <[8, 10], bf16, <columns = 16, depth = 2>>, <[N], i32> -> <[N, 8], f32>
// BRAIN-NOT: sinter.gather
func.func @tied(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 10], f32> {
  %w = sinter.weight "w" : <[10, 8], f32>
  // expected-remark @+1 {{Remark="rows come from the panels of the contraction that has the table for its weight: saves ", Remark=320, Remark=" bytes of weights"}}
  %x = sinter.gather %w[%token] : <[10, 8], f32>, <[N], i32> -> <[N, 8], f32>
  %t = sinter.transpose %w [1, 0] : <[10, 8], f32> -> <[8, 10], f32>
  %y = sinter.matmul %x, %t : <[N, 8], f32>, <[8, 10], f32> -> <[N, 10], f32>
  return %y : !sinter.tensor<[N, 10], f32>
}

// -----

// The contraction may be another entry's, and its weight the transpose of the table, whichever of the two a file holds.

// CHECK-LABEL: @encode
// CHECK: %[[P:.*]] = sinter.pack %{{.*}} : <[8, 10], f32>
// CHECK: sinter.packed_gather %[[P]][%arg0]
func.func @encode(%source: !sinter.tensor<[N], i32> {sinter.input = "source"}) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "w" : <[8, 10], f32>
  %t = sinter.transpose %w [1, 0] : <[8, 10], f32> -> <[10, 8], f32>
  // expected-remark @+1 {{rows come from the panels}}
  %x = sinter.gather %t[%source] : <[10, 8], f32>, <[N], i32> -> <[N, 8], f32>
  return %x : !sinter.tensor<[N, 8], f32>
}
func.func @forward(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 10], f32> {
  %w = sinter.weight "w" : <[8, 10], f32>
  %y = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 10], f32> -> <[N, 10], f32>
  return %y : !sinter.tensor<[N, 10], f32>
}

// -----

// Two weights are two, of whatever shapes; and a square one that is not transposed is another matrix.

// CHECK-LABEL: @untied
// BRAIN-LABEL: @untied
// CHECK-COUNT-2: sinter.gather
// CHECK-NOT: packed_gather
func.func @untied(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> (!sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>) {
  %w = sinter.weight "w" : <[8, 8], f32>
  %v = sinter.weight "v" : <[8, 8], f32>
  %x = sinter.gather %w[%token] : <[8, 8], f32>, <[N], i32> -> <[N, 8], f32>
  %u = sinter.gather %v[%token] : <[8, 8], f32>, <[N], i32> -> <[N, 8], f32>
  %y = sinter.matmul %u, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
  return %x, %y : !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>
}
