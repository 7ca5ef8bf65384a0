// Products of one input with several weights are one product.
//
// RUN: sinter-opt %s --verify-numerics --merge-projections --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s
// RUN: sinter-opt %s --merge-projections="stored=true" -split-input-file | FileCheck %s --check-prefix=STORED

// Queries, keys and values with grouped heads: three widths. The result is cut where each part begins.

// CHECK-LABEL: @grouped
// CHECK: %[[W:.*]] = sinter.concat %{{.*}}, %{{.*}}, %{{.*}} axis 1 : {{.*}} -> <[8, 20], f32>
// CHECK: %[[Y:.*]] = sinter.matmul %arg0, %[[W]] : <[N, 8], f32>, <[8, 20], f32> -> <[N, 20], f32>
// CHECK: %[[Q:.*]] = sinter.slice %[[Y]] axis 1 from 0 size 12 stride 1
// CHECK: %[[K:.*]] = sinter.slice %[[Y]] axis 1 from 12 size 4 stride 1
// CHECK: %[[V:.*]] = sinter.slice %[[Y]] axis 1 from 16 size 4 stride 1
// CHECK-NOT: sinter.matmul
// CHECK: return %[[Q]], %{{.*}}, %[[V]]
func.func @grouped(%x: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 12], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
  %wq = sinter.weight "q" : <[8, 12], f32>
  // expected-remark @+1 {{Remark=3, Remark=" products of one input are one contraction of ", Remark=8, Remark=" by ", Remark=20, Remark=, Remark=": saves reading ", Remark=64, Remark=" bytes a token"}}
  %q = sinter.matmul %x, %wq : <[N, 8], f32>, <[8, 12], f32> -> <[N, 12], f32>
  %wk = sinter.weight "k" : <[4, 8], f32>
  %tk = sinter.transpose %wk [1, 0] : <[4, 8], f32> -> <[8, 4], f32>
  %k = sinter.matmul %x, %tk : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  // A use of the second before the third is made.
  %e = sinter.exp %k : <[N, 4], f32>
  %wv = sinter.weight "v" : <[8, 4], f32>
  %v = sinter.matmul %x, %wv : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  return %q, %e, %v : !sinter.tensor<[N, 12], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
}

// -----

// Where all have biases, these are one too, on whichever side of the addition they stand.

// CHECK-LABEL: @biases
// CHECK: %[[W:.*]] = sinter.concat %{{.*}}, %{{.*}} axis 1
// CHECK: %[[Y:.*]] = sinter.matmul %arg0, %[[W]]
// CHECK: %[[B:.*]] = sinter.concat %{{.*}}, %{{.*}} axis 0 : {{.*}} -> <[9], f32>
// CHECK: %[[S:.*]] = sinter.add %[[Y]], %[[B]]
// CHECK: sinter.slice %[[S]] axis 1 from 0 size 5
// CHECK: sinter.slice %[[S]] axis 1 from 5 size 4
// CHECK-NOT: sinter.add
func.func @biases(%x: !sinter.tensor<[N, 8], f32>) -> (!sinter.tensor<[N, 5], f32>, !sinter.tensor<[N, 4], f32>) {
  %wa = sinter.weight "a" : <[8, 5], f32>
  // expected-remark @+1 {{Remark=9, Remark=", with their biases"}}
  %a = sinter.matmul %x, %wa : <[N, 8], f32>, <[8, 5], f32> -> <[N, 5], f32>
  %ba = sinter.weight "a.bias" : <[5], f32>
  %c = sinter.add %a, %ba : <[N, 5], f32>, <[5], f32> -> <[N, 5], f32>
  %wb = sinter.weight "b" : <[8, 4], f32>
  %b = sinter.matmul %x, %wb : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  %bb = sinter.weight "b.bias" : <[4], f32>
  %d = sinter.add %bb, %b : <[4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  return %c, %d : !sinter.tensor<[N, 5], f32>, !sinter.tensor<[N, 4], f32>
}

// -----

// One without a bias, one that something else reads before its bias, one whose addend has rows: these additions stay.

// CHECK-LABEL: @other_additions
// CHECK: sinter.matmul {{.*}} -> <[N, 12], f32>
// CHECK-NOT: sinter.matmul
// CHECK-COUNT-3: sinter.slice
// CHECK-COUNT-2: sinter.add
func.func @other_additions(%x: !sinter.tensor<[N, 8], f32>, %r: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
  %wa = sinter.weight "a" : <[8, 4], f32>
  %wb = sinter.weight "b" : <[8, 4], f32>
  %wc = sinter.weight "c" : <[8, 4], f32>
  %bias = sinter.weight "bias" : <[4], f32>
  // expected-remark @+1 {{Remark=3, Remark=" products of one input are one contraction of ", Remark=8, Remark=" by ", Remark=12, Remark=, Remark=": saves}}
  %a = sinter.matmul %x, %wa : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  %b = sinter.matmul %x, %wb : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  %c = sinter.matmul %x, %wc : <[N, 8], f32>, <[8, 4], f32> -> <[N, 4], f32>
  %d = sinter.add %b, %bias : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
  %e = sinter.add %c, %r : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
  return %a, %b, %d, %e : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
}

// -----

// Layers: weights of each layer side by side. Products of different inputs have nothing in common.

// CHECK-LABEL: @layers
// CHECK: sinter.repeat
// CHECK: sinter.concat %{{.*}}, %{{.*}} axis 1
// CHECK: %[[Y:.*]] = sinter.matmul {{.*}} -> <[N, 16], f32>
// CHECK: sinter.slice %[[Y]]
// CHECK: sinter.slice %[[Y]]
// CHECK: sinter.matmul {{.*}} -> <[N, 8], f32>
// CHECK-NOT: sinter.matmul
func.func @layers(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %y = sinter.repeat %l in 3 (%a = %x : !sinter.tensor<[N, 8], f32>) {
    %wg = sinter.weight "h.{i}.gate"[%l] : <[8, 8], f32>
    %wu = sinter.weight "h.{i}.up"[%l] : <[8, 8], f32>
    %wd = sinter.weight "h.{i}.down"[%l] : <[8, 8], f32>
    // expected-remark @+1 {{products of one input are one contraction}}
    %g = sinter.matmul %a, %wg : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
    %u = sinter.matmul %a, %wu : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
    %m = sinter.mul %g, %u : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
    %d = sinter.matmul %m, %wd : <[N, 8], f32>, <[8, 8], f32> -> <[N, 8], f32>
    sinter.yield %d : !sinter.tensor<[N, 8], f32>
  }
  return %y : !sinter.tensor<[N, 8], f32>
}

// -----

// What cannot be merged says why, if something else of the same input is there.

// CHECK-LABEL: @near_misses
// CHECK-COUNT-3: sinter.matmul
// CHECK-NOT: sinter.slice
func.func @near_misses(%x: !sinter.tensor<[2, N, 8], f32>, %k: !sinter.tensor<[8, 4], f32>) -> (!sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32>) {
  %w = sinter.weight "w" : <[8, 4], f32>
  %stack = sinter.weight "stack" : <[2, 8, 4], f32>
  %a = sinter.matmul %x, %w : <[2, N, 8], f32>, <[8, 4], f32> -> <[2, N, 4], f32>
  // expected-remark @+1 {{Remark="not merged with other products of its input: ", Remark="its right side is not a matrix of a size known when compiling"}}
  %b = sinter.matmul %x, %stack : <[2, N, 8], f32>, <[2, 8, 4], f32> -> <[2, N, 4], f32>
  // expected-remark @+1 {{Remark="its right side depends on more than weights"}}
  %c = sinter.matmul %x, %k : <[2, N, 8], f32>, <[8, 4], f32> -> <[2, N, 4], f32>
  return %a, %b, %c : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32>
}

// -----

// Queries and keys in 4 bits, values in 6 with scales for 16, and plain numbers: apart where numbers are kept.
!k4 = !sinter.quantized<ui4, scale = f16, group = 32, minimum = true, block = 256>
!k6 = !sinter.quantized<ui6, scale = f16, group = 16, block = 256>

// CHECK-LABEL: @several_types
// CHECK-COUNT-1: sinter.matmul
// CHECK-NOT: sinter.matmul
// STORED-LABEL: @several_types
// STORED-COUNT-2: sinter.matmul
// STORED: %[[W:.*]] = sinter.concat
// STORED: sinter.matmul %arg0, %[[W]] : <[N, 256], f32>, <[256, 24], f32>
// STORED-NOT: sinter.matmul
func.func @several_types(%x: !sinter.tensor<[N, 256], f32>) -> (!sinter.tensor<[N, 16], f32>, !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>) {
  %wv = sinter.weight "v" {stored = #sinter.stored<type = !k6, axis = 0, exact = true>} : <[256, 8], f32>
  // expected-remark @+1 {{Remark=4, Remark=" products of one input are one contraction of "}}
  %v = sinter.matmul %x, %wv : <[N, 256], f32>, <[256, 8], f32> -> <[N, 8], f32>
  %wp = sinter.weight "p" : <[256, 8], f32>
  %p = sinter.matmul %x, %wp : <[N, 256], f32>, <[256, 8], f32> -> <[N, 8], f32>
  %wq = sinter.weight "q" {stored = #sinter.stored<type = !k4, axis = 0, exact = true>} : <[256, 16], f32>
  %q = sinter.matmul %x, %wq : <[N, 256], f32>, <[256, 16], f32> -> <[N, 16], f32>
  %wk = sinter.weight "k" {stored = #sinter.stored<type = !k4, axis = 0, exact = true>} : <[256, 8], f32>
  %k = sinter.matmul %x, %wk : <[N, 256], f32>, <[256, 8], f32> -> <[N, 8], f32>
  return %q, %k, %v, %p : !sinter.tensor<[N, 16], f32>, !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>, !sinter.tensor<[N, 8], f32>
}
