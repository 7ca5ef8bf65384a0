// Where kernels widen the numbers of weights, rows are rounded to bf16, once for all that they are multiplied by; tables of
// tokens stay with those that take rows out of no panels.
//
// RUN: sinter-opt %s --verify-numerics --pack-weights="columns=16" --quantize-weights="bits=4 group=32 columns=32 round-inputs=true tables=false" | FileCheck %s

// CHECK-LABEL: @rows
// CHECK-NOT: packed_gather
// CHECK: %[[X:.*]] = sinter.gather
// CHECK: %[[B:.*]] = sinter.convert %[[X]] : <[N, 12], f32> -> <[N, 12], bf16>
// CHECK: sinter.linear %[[B]], %{{.*}} : <[N, 12], bf16>, <[12, 40], !sinter.quantized<ui4, scale = bf16, group = 32>, <columns = 32, depth = 8>> -> <[N, 40], f32>
// CHECK-NOT: sinter.convert
// CHECK: sinter.linear %[[B]], %{{.*}} : <[N, 12], bf16>, <[12, 8], {{.*}} -> <[N, 8], f32>
func.func @rows(%token: !sinter.tensor<[N], i32>) -> (!sinter.tensor<[N, 40], f32>, !sinter.tensor<[N, 8], f32>) attributes {arg_names = ["token"]} {
  %t = sinter.weight "table" : <[20, 12], f32>
  %x = sinter.gather %t[%token] : !sinter.tensor<[20, 12], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[N, 12], f32>
  %w = sinter.weight "w" : <[12, 40], f32>
  %v = sinter.weight "v" : <[12, 8], f32>
  %y = sinter.matmul %x, %w : <[N, 12], f32>, <[12, 40], f32> -> <[N, 40], f32>
  %z = sinter.matmul %x, %v : <[N, 12], f32>, <[12, 8], f32> -> <[N, 8], f32>
  return %y, %z : !sinter.tensor<[N, 40], f32>, !sinter.tensor<[N, 8], f32>
}
