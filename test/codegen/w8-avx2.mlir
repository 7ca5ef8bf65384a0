// A contraction with weights of bytes on a machine whose AVX2 has no instruction for bytes into 32 bits: four rows by two vectors of
// columns. Magnitudes of weights are taken once a step; every product is that of a magnitude and of inputs that have taken the
// weight's sign. Nothing is spilled.
//
// RUN: sinter-translate --cpu x86-64-v3 %s | awk '/:$/ { n = 0; block = "" } { block = block $0 "\n" } /vpmaddubsw/ { ++n } n == 8 && /\tj/ && !found { printf "%%s", block; found = 1 }' > %t.loop
// RUN: FileCheck %s --implicit-check-not='(%rsp)' < %t.loop
// RUN: grep -c 'vpsignb' %t.loop | FileCheck %s --check-prefix=PRODUCTS --match-full-lines
// RUN: grep -c 'vpmaddwd' %t.loop | FileCheck %s --check-prefix=PRODUCTS --match-full-lines
// RUN: grep -c 'vpabsb' %t.loop | FileCheck %s --check-prefix=WEIGHTS --match-full-lines
// RUN: grep -c 'vpbroadcastd.*(' %t.loop | FileCheck %s --check-prefix=INPUTS --match-full-lines
// RUN: grep -c -v ':' %t.loop | FileCheck %s --check-prefix=ALL --match-full-lines
//
// CHECK: vpsignb %[[W:ymm[0-9]+]], %[[X:ymm[0-9]+]], %[[Y:ymm[0-9]+]]
// CHECK-NEXT: vpmaddubsw %[[Y]], %{{ymm[0-9]+}}, %[[P:ymm[0-9]+]]
// CHECK-NEXT: vpmaddwd %{{ymm[0-9]+}}, %[[P]]
// PRODUCTS: 8
// WEIGHTS: 2
// INPUTS: 4
// ALL: 43

module attributes {sinter.head = "next_token", sinter.context = 64 : i64, sinter.vocabulary = 100 : i64, sinter.weights_bytes = 131072 : i64} {
  sinter.parameter @table layers 1 at 0 : !sinter.tensor<[100, 768], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "table" : <[100, 768], f32>
    sinter.yield %w : !sinter.tensor<[100, 768], f32>
  }
  sinter.parameter @w layers 1 at 409600 : !sinter.packed<[768, 2304], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[768, 2304], f32>
    %v = sinter.quantize %w search : <[768, 2304], f32> -> <[768, 2304], !sinter.quantized<ui8, scale = bf16>>
    %p = sinter.pack %v : <[768, 2304], !sinter.quantized<ui8, scale = bf16>> -> <[768, 2304], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>>
    sinter.yield %p : !sinter.packed<[768, 2304], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>>
  }
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 2304], f32> attributes {sinter.rows_at_once = 96 : i64, sinter.maximum_tokens = 8 : i64, sinter.maximum_rows = 8 : i64, sinter.arena_bytes = 32768 : i64, sinter.causal} {
    %table = sinter.parameter_load @table : !sinter.tensor<[100, 768], f32>
    %x = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>, %e = %table : !sinter.tensor<[100, 768], f32>) -> !sinter.tensor<[N, 768], f32> to [0] {
      %g = sinter.gather %e[%t] : <[100, 768], f32>, <[N], i32> -> <[N, 768], f32>
      sinter.yield %g : !sinter.tensor<[N, 768], f32>
    }
    sinter.barrier
    %w = sinter.parameter_load @w : !sinter.packed<[768, 2304], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>>
    %y = sinter.linear %x, %w to [-1] : !sinter.tensor<[N, 768], f32>, !sinter.packed<[768, 2304], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>> -> !sinter.tensor<[N, 2304], f32>
    return %y : !sinter.tensor<[N, 2304], f32>
  }
}
