// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: 'sinter.row_group' op has no place for its results: plan-buffers gives one to each

module attributes {sinter.head = "next_token"} {
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N], f32> {
    %0 = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>) -> !sinter.tensor<[N], f32> {
      %1 = sinter.convert %t : <[N], i32> -> <[N], f32>
      sinter.yield %1 : !sinter.tensor<[N], f32>
    }
    return %0 : !sinter.tensor<[N], f32>
  }
}
