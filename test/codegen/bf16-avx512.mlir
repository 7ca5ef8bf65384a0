// A contraction in bf16 of six rows by four vectors of columns: in two steps of the inner loop, each pair of inputs is loaded
// once into all lanes, each vector of pairs of weights once, and every product is one instruction. Nothing is spilled.
//
// RUN: sinter-translate --cpu znver4 %s | awk '/:$/ { n = 0; block = "" } { block = block $0 "\n" } /vdpbf16ps/ { ++n } n == 48 && /\tj/ && !found { printf "%%s", block; found = 1 }' > %t.loop
// RUN: FileCheck %s --implicit-check-not='(%rsp)' < %t.loop
// RUN: grep -c 'vdpbf16ps.*%zmm.*%zmm.*%zmm' %t.loop | FileCheck %s --check-prefix=PRODUCTS --match-full-lines
// RUN: grep -c 'vbroadcastss.*(' %t.loop | FileCheck %s --check-prefix=INPUTS --match-full-lines
// RUN: grep -c 'vmovaps.*(' %t.loop | FileCheck %s --check-prefix=WEIGHTS --match-full-lines
//
// CHECK: vdpbf16ps
// PRODUCTS: 48
// INPUTS: 12
// WEIGHTS: 8

module attributes {sinter.head = "next_token", sinter.context = 64 : i64, sinter.vocabulary = 100 : i64, sinter.weights_bytes = 131072 : i64} {
  sinter.parameter @table layers 1 at 0 : !sinter.tensor<[100, 768], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "table" : <[100, 768], f32>
    sinter.yield %w : !sinter.tensor<[100, 768], f32>
  }
  sinter.parameter @w layers 1 at 409600 : !sinter.packed<[768, 2304], bf16, <columns = 64, depth = 2>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[768, 2304], f32>
    %v = sinter.convert %w : <[768, 2304], f32> -> <[768, 2304], bf16>
    %p = sinter.pack %v : <[768, 2304], bf16> -> <[768, 2304], bf16, <columns = 64, depth = 2>>
    sinter.yield %p : !sinter.packed<[768, 2304], bf16, <columns = 64, depth = 2>>
  }
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 2304], f32> attributes {sinter.rows_at_once = 96 : i64, sinter.maximum_tokens = 8 : i64, sinter.maximum_rows = 8 : i64, sinter.arena_bytes = 32768 : i64, sinter.causal} {
    %table = sinter.parameter_load @table : !sinter.tensor<[100, 768], f32>
    %x = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>, %e = %table : !sinter.tensor<[100, 768], f32>) -> !sinter.tensor<[N, 768], bf16> to [0] {
      %g = sinter.gather %e[%t] : <[100, 768], f32>, <[N], i32> -> <[N, 768], f32>
      %h = sinter.convert %g : <[N, 768], f32> -> <[N, 768], bf16>
      sinter.yield %h : !sinter.tensor<[N, 768], bf16>
    }
    sinter.barrier
    %w = sinter.parameter_load @w : !sinter.packed<[768, 2304], bf16, <columns = 64, depth = 2>>
    %y = sinter.linear %x, %w to [-1] : !sinter.tensor<[N, 768], bf16>, !sinter.packed<[768, 2304], bf16, <columns = 64, depth = 2>> -> !sinter.tensor<[N, 2304], f32>
    return %y : !sinter.tensor<[N, 2304], f32>
  }
}
