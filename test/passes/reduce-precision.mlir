// Contractions and tables in bf16; what is said of it, and what stays in f32.
//
// RUN: sinter-opt %s --verify-numerics --pack-weights="columns=16" --reduce-precision="keep=h\.1\." --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s
// RUN: sinter-opt %s --verify-numerics --pack-weights="columns=16" --reduce-precision="round-inputs=false" -split-input-file | FileCheck %s --check-prefix=WEIGHTS

// CHECK-LABEL: @plain
// CHECK: %[[X:.*]] = sinter.convert %arg0 : <[N, 8], f32> -> <[N, 8], bf16>
// CHECK: %[[W:.*]] = sinter.weight "w"
// CHECK: %[[V:.*]] = sinter.convert %[[W]] : <[8, 40], f32> -> <[8, 40], bf16>
// CHECK: %[[P:.*]] = sinter.pack %[[V]] : <[8, 40], bf16> -> <[8, 40], bf16, <columns = 16, depth = 2>>
// CHECK: sinter.linear %[[X]], %[[P]] : <[N, 8], bf16>, <[8, 40], bf16, <columns = 16, depth = 2>> -> <[N, 40], f32>
// Rows of f32 by weights of bf16.
// WEIGHTS-LABEL: @plain
// WEIGHTS: sinter.linear %arg0, %{{.*}} : <[N, 8], f32>, <[8, 40], bf16, <columns = 16, depth = 2>> -> <[N, 40], f32>
func.func @plain(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 40], f32> {
  %w = sinter.weight "w" : <[8, 40], f32>
  // expected-remark @+1 {{Remark="weights and inputs of the contraction", Remark=" in bf16: saves ", Remark=640, Remark=" bytes of weights"}}
  %y = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 40], f32> -> <[N, 40], f32>
  return %y : !sinter.tensor<[N, 40], f32>
}

// -----

// An input of two contractions is rounded once; every layer counts.

// CHECK-LABEL: @layers
// CHECK: sinter.repeat
// CHECK: %[[X:.*]] = sinter.convert %{{.*}} : <[N, 8], f32> -> <[N, 8], bf16>
// CHECK-NOT: sinter.convert %{{.*}} : <[N, 8], f32>
// CHECK: sinter.linear %[[X]]
// CHECK: sinter.linear %[[X]]
func.func @layers(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %y = sinter.repeat %l in 3 (%a = %x : !sinter.tensor<[N, 8], f32>) {
    %w = sinter.weight "h.{i}.w"[%l] : <[8, 8], f32>
    %v = sinter.weight "h.{i}.v"[%l] : <[8, 8], f32>
    // expected-remark @+1 {{Remark="weights and inputs of the contraction", Remark=" in bf16: saves ", Remark=384, Remark=" bytes of weights"}}
    %b = sinter.matmul %a, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
    // expected-remark @+1 {{Remark="weights and inputs of the contraction", Remark=" in bf16: saves ", Remark=384, Remark=" bytes of weights"}}
    %c = sinter.matmul %a, %v : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
    %d = sinter.add %b, %c : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
    sinter.yield %d : !sinter.tensor<[N, 8], f32>
  }
  return %y : !sinter.tensor<[N, 8], f32>
}

// -----

// Rows of a table are rounded like the table.

// CHECK-LABEL: @table
// CHECK: %[[T:.*]] = sinter.convert %{{.*}} : <[10, 8], f32> -> <[10, 8], bf16>
// CHECK: %[[R:.*]] = sinter.gather %[[T]][%arg0] : <[10, 8], bf16>, <[N], i32> -> <[N, 8], bf16>
// CHECK: %[[X:.*]] = sinter.convert %[[R]] : <[N, 8], bf16> -> <[N, 8], f32>
// CHECK: return %[[X]]
func.func @table(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "w" : <[10, 8], f32>
  // expected-remark @+1 {{Remark="the table that rows are taken from", Remark=" in bf16: saves ", Remark=160, Remark=" bytes of weights"}}
  %x = sinter.gather %w[%token] : <[10, 8], f32>, <[N], i32> -> <[N, 8], f32>
  return %x : !sinter.tensor<[N, 8], f32>
}

// -----

// What a regular expression names stays.

// CHECK-LABEL: @kept
// CHECK-NOT: bf16
// CHECK: return
func.func @kept(%x: !sinter.tensor<[N, 8], f32>, %token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "h.1.w" : <[8, 8], f32>
  // expected-remark @+1 {{the contraction stays in f32: `keep` names its weight}}
  %y = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
  // expected-remark @+1 {{the table stays in f32: `keep` names its weight}}
  %e = sinter.gather %w[%token] : <[8, 8], f32>, <[N], i32> -> <[N, 8], f32>
  %z = sinter.add %y, %e : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %z : !sinter.tensor<[N, 8], f32>
}
