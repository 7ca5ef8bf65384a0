// Gate and up in one tile: the inner loop is that of any contraction, each weight and each input loaded once, nothing
// spilled; silu(gate) * up is computed of its sums, and only the product is written.
//
// RUN: sinter-translate --cpu x86-64-v4 %s | FileCheck %s
//
// CHECK-LABEL: linear_768_2304_f32_panels64_parts2of2304_epilogue0:
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
  sinter.parameter @w layers 1 at 409600 : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1, parts = 2>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[768, 2304], f32>
    %p = sinter.pack %w : <[768, 2304], f32> -> <[768, 2304], f32, <columns = 64, depth = 1, parts = 2>>
    sinter.yield %p : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1, parts = 2>>
  }
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N, 1152], f32> attributes {sinter.rows_at_once = 96 : i64, sinter.maximum_tokens = 8 : i64, sinter.maximum_rows = 8 : i64, sinter.arena_bytes = 32768 : i64, sinter.causal} {
    %table = sinter.parameter_load @table : !sinter.tensor<[100, 768], f32>
    %x = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>, %e = %table : !sinter.tensor<[100, 768], f32>) -> !sinter.tensor<[N, 768], f32> to [0] {
      %g = sinter.gather %e[%t] : <[100, 768], f32>, <[N], i32> -> <[N, 768], f32>
      sinter.yield %g : !sinter.tensor<[N, 768], f32>
    }
    sinter.barrier
    %w = sinter.parameter_load @w : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1, parts = 2>>
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 768], f32>, %b = %w : !sinter.packed<[768, 2304], f32, <columns = 64, depth = 1, parts = 2>>) -> !sinter.tensor<[N, 1152], f32> to [-1] {
      %l = sinter.linear %a, %b : <[N, 768], f32>, <[768, 2304], f32, <columns = 64, depth = 1, parts = 2>> -> <[N, 2304], f32>
      %g = sinter.slice %l axis 1 from 0 size 1152 stride 1 : <[N, 2304], f32> -> <[N, 1152], f32>
      %u = sinter.slice %l axis 1 from 1152 size 1152 stride 1 : <[N, 2304], f32> -> <[N, 1152], f32>
      %s = sinter.silu %g : <[N, 1152], f32>
      %m = sinter.mul %s, %u : <[N, 1152], f32>, <[N, 1152], f32> -> <[N, 1152], f32>
      sinter.yield %m : !sinter.tensor<[N, 1152], f32>
    } {on_tile}
    return %y : !sinter.tensor<[N, 1152], f32>
  }
}
