// The inner loop of a contraction, for six rows by four vectors of columns: each step loads the weights once and
// each input once, and nothing is spilled.
//
// RUN: sinter-translate --cpu x86-64-v4 %s -o %t && FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=ONE < %t
//
// One row asks for its weights ahead, every vector of them, and more rows do not.
// ONE-LABEL: linear_768_2304_f32_panels64:
// Three steps are unrolled, of four vectors each.
// ONE-COUNT-12: prefetcht0
// ONE-NOT:      prefetch
// ONE:          .Lfunc_end
//
// CHECK-LABEL: linear_768_2304_f32_panels64:
// CHECK:       vmovaps {{.*}}({{.*}}), %zmm
// CHECK-NEXT:  vmovaps {{.*}}({{.*}}), %zmm
// CHECK-NEXT:  vmovaps {{.*}}({{.*}}), %zmm
// CHECK-NEXT:  vmovaps {{.*}}({{.*}}), %zmm
// CHECK-NEXT:  vbroadcastss {{.*}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vbroadcastss {{.*}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vbroadcastss {{.*}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vbroadcastss {{.*}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vbroadcastss {{.*}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vbroadcastss {{.*}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  vfmadd231ps %zmm{{[0-9]+}}, %zmm{{[0-9]+}}, %zmm
// CHECK-NEXT:  addq
// CHECK-NEXT:  addq
// CHECK-NEXT:  jne

module attributes {sinter.head = "next_token", sinter.context = 64 : i64, sinter.vocabulary = 100 : i64, sinter.weights_bytes = 131072 : i64} {
  sinter.parameter @table layers 1 at 0 : !sinter.tensor<[100, 768], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "table" : <[100, 768], f32>
    sinter.yield %w : !sinter.tensor<[100, 768], f32>
  }
  sinter.parameter @w layers 1 at 409600 : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[768, 2304], f32>
    %p = sinter.pack %w : <[768, 2304], f32> -> <[768, 2304], f32, <columns = 64, depth = 1>>
    sinter.yield %p : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>>
  }
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 2304], f32> attributes {sinter.maximum_tokens = 8 : i64, sinter.maximum_rows = 8 : i64, sinter.arena_bytes = 32768 : i64, sinter.causal} {
    %table = sinter.parameter_load @table : !sinter.tensor<[100, 768], f32>
    %x = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>, %e = %table : !sinter.tensor<[100, 768], f32>) -> !sinter.tensor<[N, 768], f32> to [0] {
      %g = sinter.gather %e[%t] : <[100, 768], f32>, <[N], i32> -> <[N, 768], f32>
      sinter.yield %g : !sinter.tensor<[N, 768], f32>
    }
    sinter.barrier
    %w = sinter.parameter_load @w : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>>
    %y = sinter.linear %x, %w to [-1] : <[N, 768], f32>, <[768, 2304], f32, <columns = 64, depth = 1>> -> <[N, 2304], f32>
    return %y : !sinter.tensor<[N, 2304], f32>
  }
}
