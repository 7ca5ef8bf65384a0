// What a checkpoint stores as whole numbers keeps them, if only whole groups of inputs are moved.
//
// RUN: sinter-opt %s --pack-weights="columns=16" --quantize-weights="stored=true columns=64" -split-input-file | FileCheck %s
// RUN: sinter-opt %s --pack-weights="columns=16" --quantize-weights="stored=true blocks=false tables=false columns=64" -split-input-file | FileCheck %s --check-prefix=GROUPS
// RUN: sinter-opt %s --pack-weights="columns=16" --quantize-weights="stored=true columns=64" --remarks-filter=.* -split-input-file -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

!q4 = !sinter.quantized<ui4, scale = f16, group = 32>
!q8 = !sinter.quantized<ui8, scale = f16, group = 32>

// Matrices of 4 and 8 bits, one above the other and transposed.
// CHECK-LABEL: @moved
// CHECK: %[[Q:.*]] = sinter.quantize %{{.*}} stored : <[64, 40], f32> -> <[64, 40], !sinter.quantized<ui8, scale = f16, group = 32>>
// CHECK: sinter.pack %[[Q]] : {{.*}}<columns = 64, depth = 4>
// REMARK: kept {{.*}}weights of the contraction keep their numbers: ", Remark=8
func.func @moved(%x: !sinter.tensor<[N, 64], f32>) -> !sinter.tensor<[N, 40], f32> {
  %a = sinter.weight "a" {stored = #sinter.stored<type = !q4, axis = 1, exact = true>} : <[16, 64], f32>
  %b = sinter.weight "b" {stored = #sinter.stored<type = !q8, axis = 1, exact = true>} : <[24, 64], f32>
  %at = sinter.transpose %a [1, 0] : <[16, 64], f32> -> <[64, 16], f32>
  %bt = sinter.transpose %b [1, 0] : <[24, 64], f32> -> <[64, 24], f32>
  %w = sinter.concat %at, %bt axis 1 : !sinter.tensor<[64, 16], f32>, !sinter.tensor<[64, 24], f32> -> <[64, 40], f32>
  %y = sinter.matmul %x, %w : <[N, 64], f32>, <[64, 40], f32> -> <[N, 40], f32>
  return %y : !sinter.tensor<[N, 40], f32>
}

// -----

!q4 = !sinter.quantized<ui4, scale = f16, group = 32>

// Groups along outputs cannot be: 8 bits hold what is rounded.
// CHECK-LABEL: @across
// CHECK: sinter.quantize %{{.*}} search : <[64, 64], f32> -> <[64, 64], !sinter.quantized<ui8, scale = f16, group = 32>>
// REMARK: requantized {{.*}}rounded anew: ", Remark=8
func.func @across(%x: !sinter.tensor<[N, 64], f32>) -> !sinter.tensor<[N, 64], f32> {
  %w = sinter.weight "w" {stored = #sinter.stored<type = !q4, axis = 1, exact = true>} : <[64, 64], f32>
  %y = sinter.matmul %x, %w : <[N, 64], f32>, <[64, 64], f32> -> <[N, 64], f32>
  return %y : !sinter.tensor<[N, 64], f32>
}

// -----

!q4 = !sinter.quantized<ui4, scale = f16, group = 32>

// Inputs from the middle of a group on.
// CHECK-LABEL: @cut
// CHECK: sinter.quantize %{{.*}} search
func.func @cut(%x: !sinter.tensor<[N, 32], f32>) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "w" {stored = #sinter.stored<type = !q4, axis = 0, exact = true>} : <[64, 8], f32>
  %s = sinter.slice %w axis 0 from 16 size 32 stride 1 : <[64, 8], f32> -> <[32, 8], f32>
  %y = sinter.matmul %x, %s : <[N, 32], f32>, <[32, 8], f32> -> <[N, 8], f32>
  return %y : !sinter.tensor<[N, 8], f32>
}

// -----

!q4 = !sinter.quantized<ui4, scale = f16, group = 32>

// Half of a contraction in plain numbers; and one that is in plain numbers as a whole, of which nothing is said.
// CHECK-LABEL: @partly
// CHECK-NOT: sinter.quantize %
// REMARK: the contraction stays in f32: a part of its weights is stored as plain numbers
func.func @partly(%x: !sinter.tensor<[N, 32], f32>) -> !sinter.tensor<[N, 16], f32> {
  %a = sinter.weight "a" {stored = #sinter.stored<type = !q4, axis = 0, exact = true>} : <[32, 8], f32>
  %b = sinter.weight "b" : <[32, 8], f32>
  %w = sinter.concat %a, %b axis 1 : !sinter.tensor<[32, 8], f32>, !sinter.tensor<[32, 8], f32> -> <[32, 16], f32>
  %y = sinter.matmul %x, %w : <[N, 32], f32>, <[32, 16], f32> -> <[N, 16], f32>
  return %y : !sinter.tensor<[N, 16], f32>
}

// -----

!k4 = !sinter.quantized<ui4, scale = f16, group = 32, minimum = true, block = 256>
!k6 = !sinter.quantized<ui6, scale = f16, group = 16, block = 256>

// One type holds both: groups of the smaller, bits of the larger, least values of one.
// CHECK-LABEL: @blocks
// CHECK: sinter.quantize %{{.*}} stored : <[512, 24], f32> -> <[512, 24], !sinter.quantized<ui6, scale = f16, group = 16, minimum = true, block = 256>>
// CHECK: sinter.pack {{.*}}<columns = 64, depth = 16>
// GROUPS-LABEL: @blocks
// GROUPS: sinter.quantize %{{.*}} search : {{.*}}!sinter.quantized<ui8, scale = f16, group = 32>>
// REMARK: kept {{.*}}keep their numbers, which are stored in several types, in one that holds them all: ", Remark=6
func.func @blocks(%x: !sinter.tensor<[N, 512], f32>) -> !sinter.tensor<[N, 24], f32> {
  %a = sinter.weight "a" {stored = #sinter.stored<type = !k4, axis = 0, exact = true>} : <[512, 16], f32>
  %b = sinter.weight "b" {stored = #sinter.stored<type = !k6, axis = 0, exact = true>} : <[512, 8], f32>
  %w = sinter.concat %a, %b axis 1 : !sinter.tensor<[512, 16], f32>, !sinter.tensor<[512, 8], f32> -> <[512, 24], f32>
  %y = sinter.matmul %x, %w : <[N, 512], f32>, <[512, 24], f32> -> <[N, 24], f32>
  return %y : !sinter.tensor<[N, 24], f32>
}

// -----

!k5 = !sinter.quantized<ui5, scale = f16, group = 32, minimum = true, block = 256>
!k2 = !sinter.quantized<ui2, scale = f16, group = 16, minimum = true, block = 256>

// Five bits do not fill words in groups of 16.
// CHECK-LABEL: @fives
// CHECK: sinter.quantize %{{.*}} stored : {{.*}}!sinter.quantized<ui6, scale = f16, group = 16, minimum = true, block = 256>>
func.func @fives(%x: !sinter.tensor<[N, 256], f32>) -> !sinter.tensor<[N, 24], f32> {
  %a = sinter.weight "a" {stored = #sinter.stored<type = !k5, axis = 0, exact = true>} : <[256, 16], f32>
  %b = sinter.weight "b" {stored = #sinter.stored<type = !k2, axis = 0, exact = true>} : <[256, 8], f32>
  %w = sinter.concat %a, %b axis 1 : !sinter.tensor<[256, 16], f32>, !sinter.tensor<[256, 8], f32> -> <[256, 24], f32>
  %y = sinter.matmul %x, %w : <[N, 256], f32>, <[256, 24], f32> -> <[N, 24], f32>
  return %y : !sinter.tensor<[N, 24], f32>
}

// -----

!k4 = !sinter.quantized<ui4, scale = f16, group = 32, minimum = true, block = 256>
!q4 = !sinter.quantized<ui4, scale = f16, group = 32, minimum = true>

// A scale for 256 is none for each 32, nor the other way about.
// CHECK-LABEL: @beside
// CHECK: sinter.quantize %{{.*}} search : {{.*}}!sinter.quantized<ui8, scale = f16, group = 32>>
func.func @beside(%x: !sinter.tensor<[N, 256], f32>) -> !sinter.tensor<[N, 24], f32> {
  %a = sinter.weight "a" {stored = #sinter.stored<type = !k4, axis = 0, exact = true>} : <[256, 16], f32>
  %b = sinter.weight "b" {stored = #sinter.stored<type = !q4, axis = 0, exact = true>} : <[256, 8], f32>
  %w = sinter.concat %a, %b axis 1 : !sinter.tensor<[256, 16], f32>, !sinter.tensor<[256, 8], f32> -> <[256, 24], f32>
  %y = sinter.matmul %x, %w : <[N, 256], f32>, <[256, 24], f32> -> <[N, 24], f32>
  return %y : !sinter.tensor<[N, 24], f32>
}

// -----

!k4 = !sinter.quantized<ui4, scale = f16, group = 32, minimum = true, block = 256>

// Inputs from a whole group on, but not from a whole block on; and layers of which some are of fewer bits.
// CHECK-LABEL: @cut_block
// CHECK: sinter.quantize %{{.*}} search
// CHECK: sinter.quantize %{{.*}} stored
// REMARK: requantized {{.*}}rounded anew
// REMARK: kept {{.*}}stored in several types
func.func @cut_block(%x: !sinter.tensor<[N, 256], f32>) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "w" {stored = #sinter.stored<type = !k4, axis = 0, exact = true>} : <[512, 8], f32>
  %s = sinter.slice %w axis 0 from 128 size 256 stride 1 : <[512, 8], f32> -> <[256, 8], f32>
  %y = sinter.matmul %x, %s : <[N, 256], f32>, <[256, 8], f32> -> <[N, 8], f32>
  %v = sinter.weight "v" {stored = #sinter.stored<type = !k4, axis = 0, exact = true, mixed = true>} : <[256, 8], f32>
  %z = sinter.matmul %x, %v : <[N, 256], f32>, <[256, 8], f32> -> <[N, 8], f32>
  %a = sinter.add %y, %z : <[N, 8], f32>, <[N, 8], f32> -> <[N, 8], f32>
  return %a : !sinter.tensor<[N, 8], f32>
}

// -----

!k4 = !sinter.quantized<ui4, scale = f16, group = 32, minimum = true, block = 256>

// A table of tokens keeps its numbers; one of plain numbers stays.
// CHECK-LABEL: @table
// CHECK: %[[T:.*]] = sinter.transpose
// CHECK: %[[Q:.*]] = sinter.quantize %[[T]] stored : <[256, 40], f32> -> <[256, 40], !sinter.quantized<ui4, scale = f16, group = 32, minimum = true, block = 256>>
// CHECK: %[[P:.*]] = sinter.pack %[[Q]]
// CHECK: sinter.packed_gather %[[P]][%arg0]
// CHECK: sinter.gather
// GROUPS-LABEL: @table
// GROUPS-NOT: sinter.packed_gather
// GROUPS-COUNT-2: sinter.gather
// REMARK: kept {{.*}}rows of the table that tokens are looked up in keep their numbers
func.func @table(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> (!sinter.tensor<[N, 256], f32>, !sinter.tensor<[N, 256], f32>) {
  %w = sinter.weight "w" {stored = #sinter.stored<type = !k4, axis = 1, exact = true>} : <[40, 256], f32>
  %v = sinter.weight "v" : <[40, 256], f32>
  %x = sinter.gather %w[%token] : <[40, 256], f32>, <[N], i32> -> <[N, 256], f32>
  %y = sinter.gather %v[%token] : <[40, 256], f32>, <[N], i32> -> <[N, 256], f32>
  return %x, %y : !sinter.tensor<[N, 256], f32>, !sinter.tensor<[N, 256], f32>
}

// -----

!q5 = !sinter.quantized<ui5, scale = f16, group = 32, minimum = true>

// CHECK-LABEL: @five_bits
// CHECK: sinter.quantize %{{.*}} stored : {{.*}}!sinter.quantized<ui5, scale = f16, group = 32, minimum = true>>
// GROUPS-LABEL: @five_bits
// GROUPS: sinter.quantize %{{.*}} stored : {{.*}}!sinter.quantized<ui8, scale = f16, group = 32, minimum = true>>
func.func @five_bits(%x: !sinter.tensor<[N, 64], f32>) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.weight "w" {stored = #sinter.stored<type = !q5, axis = 0, exact = true>} : <[64, 8], f32>
  %y = sinter.matmul %x, %w : <[N, 64], f32>, <[64, 8], f32> -> <[N, 8], f32>
  return %y : !sinter.tensor<[N, 8], f32>
}
