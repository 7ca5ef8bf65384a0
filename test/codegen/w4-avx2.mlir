// A contraction with weights of 4 bits on a machine whose AVX2 has no instruction for bytes into 32 bits: four rows by two vectors of
// columns. In a step of the inner loop, eight inputs of a row are loaded into all lanes in two halves, each vector of weights is
// taken apart once, and every product of 32 bytes is one instruction and one addition in 16 bits. The loop stays one, and nothing is
// spilled in it.
//
// RUN: sinter-translate --cpu x86-64-v3 %s | awk '/:$/ { n = 0; block = "" } { block = block $0 "\n" } /vpmaddubsw/ { ++n } n == 16 && /\tj/ && !found { printf "%%s", block; found = 1 }' > %t.loop
// RUN: FileCheck %s --implicit-check-not='(%rsp)' < %t.loop
// RUN: grep -c 'vpmaddubsw' %t.loop | FileCheck %s --check-prefix=PRODUCTS --match-full-lines
// RUN: grep -c 'vpaddw' %t.loop | FileCheck %s --check-prefix=PRODUCTS --match-full-lines
// RUN: grep -c 'vpbroadcastd.*(' %t.loop | FileCheck %s --check-prefix=INPUTS --match-full-lines
// RUN: grep -c 'vmovdqa.*(' %t.loop | FileCheck %s --check-prefix=WEIGHTS --match-full-lines
// RUN: grep -c -v ':' %t.loop | FileCheck %s --check-prefix=ALL --match-full-lines
//
// CHECK: vmovdqa {{.*}}, %[[W:ymm[0-9]+]]
// CHECK: vpsrld $4, %[[W]]
// PRODUCTS: 16
// INPUTS: 8
// WEIGHTS: 2
// ALL: 51

module attributes {sinter.head = "next_token", sinter.context = 64 : i64, sinter.vocabulary = 100 : i64, sinter.weights_bytes = 131072 : i64} {
  sinter.parameter @table layers 1 at 0 : !sinter.tensor<[100, 768], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "table" : <[100, 768], f32>
    sinter.yield %w : !sinter.tensor<[100, 768], f32>
  }
  sinter.parameter @w layers 1 at 409600 : !sinter.packed<[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>, <columns = 16, depth = 8>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[768, 2304], f32>
    %v = sinter.quantize %w search : <[768, 2304], f32> -> <[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>>
    %p = sinter.pack %v : <[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>> -> <[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>, <columns = 16, depth = 8>>
    sinter.yield %p : !sinter.packed<[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>, <columns = 16, depth = 8>>
  }
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 2304], f32> attributes {sinter.rows_at_once = 96 : i64, sinter.maximum_tokens = 8 : i64, sinter.maximum_rows = 8 : i64, sinter.arena_bytes = 32768 : i64, sinter.causal} {
    %table = sinter.parameter_load @table : !sinter.tensor<[100, 768], f32>
    %x = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>, %e = %table : !sinter.tensor<[100, 768], f32>) -> !sinter.tensor<[N, 768], f32> to [0] {
      %g = sinter.gather %e[%t] : <[100, 768], f32>, <[N], i32> -> <[N, 768], f32>
      sinter.yield %g : !sinter.tensor<[N, 768], f32>
    }
    sinter.barrier
    %w = sinter.parameter_load @w : !sinter.packed<[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>, <columns = 16, depth = 8>>
    %y = sinter.linear %x, %w to [-1] : !sinter.tensor<[N, 768], f32>, !sinter.packed<[768, 2304], !sinter.quantized<ui4, scale = bf16, group = 32>, <columns = 16, depth = 8>> -> !sinter.tensor<[N, 2304], f32>
    return %y : !sinter.tensor<[N, 2304], f32>
  }
}
