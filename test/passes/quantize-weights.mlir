// Weights of 8 and 4 bits; what is said of them, and what stays in f32.
//
// RUN: sinter-opt %s --verify-numerics --pack-weights="columns=16" --quantize-weights="keep=h\.1\. columns=32" --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s
// RUN: sinter-opt %s --verify-numerics --pack-weights="columns=16" --quantize-weights="bits=4 group=8 scale=f16 search=false columns=32" -split-input-file | FileCheck %s --check-prefix=GROUPS

// Rows stay f32: the kernel rounds them.
// CHECK-LABEL: @plain
// CHECK: %[[W:.*]] = sinter.weight "w"
// CHECK: %[[Q:.*]] = sinter.quantize %[[W]] search : <[12, 40], f32> -> <[12, 40], !sinter.quantized<ui8, scale = bf16>>
// CHECK: %[[P:.*]] = sinter.pack %[[Q]] : <[12, 40], !sinter.quantized<ui8, scale = bf16>> -> <[12, 40], !sinter.quantized<ui8, scale = bf16>, <columns = 32, depth = 4>>
// CHECK: sinter.linear %arg0, %[[P]] : <[N, 12], f32>, <[12, 40], !sinter.quantized<ui8, scale = bf16>, <columns = 32, depth = 4>> -> <[N, 40], f32>
// GROUPS-LABEL: @plain
// GROUPS: sinter.quantize %{{.*}} : <[12, 40], f32> -> <[12, 40], !sinter.quantized<ui4, scale = f16, group = 8>>
// GROUPS: sinter.linear %arg0, %{{.*}} : <[N, 12], f32>, <[12, 40], !sinter.quantized<ui4, scale = f16, group = 8>, <columns = 32, depth = 8>> -> <[N, 40], f32>
func.func @plain(%x: !sinter.tensor<[N, 12], f32>) -> !sinter.tensor<[N, 40], f32> {
  %w = sinter.weight "w" : <[12, 40], f32>
  // Three panels of 12 x 16 x 4 bytes, and two of 64 for scales and 12 x 32.
  // expected-remark @+1 {{Remark="weights of the contraction in ", Remark=8, Remark=" bits, a scale for each ", Remark=column, Remark=": saves ", Remark=1408, Remark=" bytes of weights"}}
  %y = sinter.matmul %x, %w : <[N, 12], f32>, <[12, 40], f32> -> <[N, 40], f32>
  return %y : !sinter.tensor<[N, 40], f32>
}

// -----

// Every layer counts. Layers of a loop are of one type.

// CHECK-LABEL: @layers
// CHECK: sinter.repeat
// CHECK: sinter.linear {{.*}}!sinter.quantized<ui8, scale = bf16>
func.func @layers(%x: !sinter.tensor<[N, 64], f32>) -> !sinter.tensor<[N, 64], f32> {
  %y = sinter.repeat %l in 3 (%a = %x : !sinter.tensor<[N, 64], f32>) {
    %w = sinter.weight "h.{i}.w"[%l] : <[64, 64], f32>
    // expected-remark @+1 {{Remark=" bits, a scale for each ", Remark=column, Remark=": saves ", Remark=36480, Remark=" bytes of weights"}}
    %b = sinter.matmul %a, %w : <[N, 64], f32>, <[64, 64], f32> -> <[N, 64], f32>
    sinter.yield %b : !sinter.tensor<[N, 64], f32>
  }
  return %y : !sinter.tensor<[N, 64], f32>
}

// -----

// Where 32 bits could not hold the sum of a column, groups share scales.

// CHECK-LABEL: @long
// CHECK: sinter.quantize %{{.*}} search : <[65540, 1], f32> -> <[65540, 1], !sinter.quantized<ui8, scale = bf16, group = 65536>>
func.func @long(%x: !sinter.tensor<[N, 65540], f32>) -> !sinter.tensor<[N, 1], f32> {
  %w = sinter.weight "w" : <[65540, 1], f32>
  // expected-remark @+1 {{Remark=" bits, a scale for each ", Remark="65536 inputs", Remark=": saves ", Remark=2097152, Remark=" bytes of weights"}}
  %y = sinter.matmul %x, %w : <[N, 65540], f32>, <[65540, 1], f32> -> <[N, 1], f32>
  return %y : !sinter.tensor<[N, 1], f32>
}

// -----

// What a regular expression names stays.

// CHECK-LABEL: @kept
// CHECK-NOT: quantized
// CHECK: return
func.func @kept(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "h.1.w" : <[8, 8], f32>
  // expected-remark @+1 {{the contraction stays in f32: `keep` names its weight}}
  %y = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
  return %y : !sinter.tensor<[N, 8], f32>
}

// -----

// Tables of tokens are stored as the weights of contractions are, transposed; that of positions stays.

// CHECK-LABEL: @tables
// CHECK: %[[T:.*]] = sinter.transpose %{{.*}} [1, 0] : <[40, 12], f32> -> <[12, 40], f32>
// CHECK: %[[Q:.*]] = sinter.quantize %[[T]] search
// CHECK: %[[P:.*]] = sinter.pack %[[Q]]
// CHECK: sinter.packed_gather %[[P]][%arg0] : <[12, 40], !sinter.quantized<ui8, scale = bf16>, <columns = 32, depth = 4>>, <[N], i32> -> <[N, 12], f32>
// CHECK: sinter.gather %{{.*}}[%arg1]
func.func @tables(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}, %position: !sinter.tensor<[N], i32> {sinter.input = "position"}) -> !sinter.tensor<[N, 12], f32> {
  %w = sinter.weight "wte" : <[40, 12], f32>
  %v = sinter.weight "wpe" : <[16, 12], f32>
  // expected-remark @+1 {{Remark="the table that rows of tokens are taken from in ", Remark=8, Remark=" bits, a scale for each ", Remark=column, Remark=": saves ", Remark=1024, Remark=" bytes of weights"}}
  %x = sinter.gather %w[%token] : <[40, 12], f32>, <[N], i32> -> <[N, 12], f32>
  %p = sinter.gather %v[%position] : <[16, 12], f32>, <[N], i32> -> <[N, 12], f32>
  %y = sinter.add %x, %p : <[N, 12], f32>, <[N, 12], f32> -> <[N, 12], f32>
  return %y : !sinter.tensor<[N, 12], f32>
}

// -----

// What is known of inputs counts in the search: of several weights side by side, the first one's inputs are those of all.

// CHECK-LABEL: @calibrated
// CHECK: %[[M:.*]] = sinter.weight "a.mean_square" : <[8], f32>
// CHECK: sinter.quantize %{{.*}} search weighted by %[[M]] : !sinter.tensor<[8], f32> : <[8, 12], f32>
// A weight of which nothing is known, or of another number of inputs, is weighed evenly.
// CHECK: sinter.quantize %{{.*}} search : <[8, 4], f32>
// CHECK: sinter.quantize %{{.*}} search : <[8, 5], f32>
module attributes {sinter.calibrated = {a = 8 : i64, c = 4 : i64}} {
  func.func @calibrated(%x: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 12], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 5], f32>) {
    %a = sinter.weight "a" : <[8, 4], f32>
    %b = sinter.weight "b" : <[8, 8], f32>
    %w = sinter.concat %a, %b axis 1 : !sinter.tensor<[8, 4], f32>, !sinter.tensor<[8, 8], f32> -> !sinter.tensor<[8, 12], f32>
    %c = sinter.weight "c" : <[8, 4], f32>
    %d = sinter.weight "d" : <[8, 5], f32>
    // expected-remark @+1 {{weights of the contraction}}
    %y = sinter.matmul %x, %w : <[N, 8], f32>, <[8, 12], f32> -> <[N, 12], f32>
    // expected-remark @+1 {{weights of the contraction}}
    %z = sinter.matmul %x, %c : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
    // expected-remark @+1 {{weights of the contraction}}
    %u = sinter.matmul %x, %d : <[N, 8], f32>, <[8, 5], f32> -> <[N, 5], f32>
    return %y, %z, %u : !sinter.tensor<[N, 12], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 5], f32>
  }
}
