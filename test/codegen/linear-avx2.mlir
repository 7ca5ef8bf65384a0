// The inner loop of a contraction, for six rows by two vectors of columns: each of eight steps loads the weights once and each
// input once, and nothing is spilled. Between them, a line of the next panel is asked for: no more lines than it has.
//
// RUN: sinter-translate --cpu x86-64-v3 %s | awk '/:$/ { n = 0; block = "" } { block = block $0 "\n" } /prefetcht1/ { ++n } n == 1 && /\tj/ && !found { printf "%%s", block; found = 1 }' > %t.loop
// RUN: FileCheck %s --implicit-check-not='(%rsp)' < %t.loop
// RUN: grep -c 'vfmadd231ps.*%ymm.*%ymm.*%ymm' %t.loop | FileCheck %s --check-prefix=PRODUCTS --match-full-lines
// RUN: grep -c 'vbroadcastss.*(' %t.loop | FileCheck %s --check-prefix=INPUTS --match-full-lines
// RUN: grep -c 'vmovaps.*(' %t.loop | FileCheck %s --check-prefix=WEIGHTS --match-full-lines
// RUN: grep -c -v ':' %t.loop | FileCheck %s --check-prefix=ALL --match-full-lines
//
// CHECK: vmovaps {{.*}}({{.*}}), %ymm
// CHECK: cmpq $767, [[LINE:%r[a-z0-9]+]]
// CHECK: prefetcht1 49152(
// CHECK: incq [[LINE]]
// CHECK: jne
// PRODUCTS: 96
// INPUTS: 48
// WEIGHTS: 16
// ALL: 169

module attributes {sinter.head = "next_token", sinter.context = 64 : i64, sinter.vocabulary = 100 : i64, sinter.weights_bytes = 131072 : i64} {
  sinter.parameter @table layers 1 at 0 : !sinter.tensor<[100, 768], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "table" : <[100, 768], f32>
    sinter.yield %w : !sinter.tensor<[100, 768], f32>
  }
  sinter.parameter @w layers 1 at 409600 : !sinter.packed<[768, 2304], f32, <columns = 16, depth = 1>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[768, 2304], f32>
    %p = sinter.pack %w : <[768, 2304], f32> -> <[768, 2304], f32, <columns = 16, depth = 1>>
    sinter.yield %p : !sinter.packed<[768, 2304], f32, <columns = 16, depth = 1>>
  }
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 2304], f32> attributes {sinter.maximum_tokens = 8 : i64, sinter.maximum_rows = 8 : i64, sinter.arena_bytes = 32768 : i64, sinter.causal} {
    %table = sinter.parameter_load @table : !sinter.tensor<[100, 768], f32>
    %x = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>, %e = %table : !sinter.tensor<[100, 768], f32>) -> !sinter.tensor<[N, 768], f32> to [0] {
      %g = sinter.gather %e[%t] : <[100, 768], f32>, <[N], i32> -> <[N, 768], f32>
      sinter.yield %g : !sinter.tensor<[N, 768], f32>
    }
    sinter.barrier
    %w = sinter.parameter_load @w : !sinter.packed<[768, 2304], f32, <columns = 16, depth = 1>>
    %y = sinter.linear %x, %w to [-1] : <[N, 768], f32>, <[768, 2304], f32, <columns = 16, depth = 1>> -> <[N, 2304], f32>
    return %y : !sinter.tensor<[N, 2304], f32>
  }
}
