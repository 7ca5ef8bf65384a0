// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: 'sinter.cache' op the module needs 'sinter.context', the number of positions the cache has room for

module attributes {sinter.head = "next_token"} {
  sinter.cache @key layers 1 : !sinter.history<[2, 4], f32> {persistent}
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) {
    %0 = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>) -> !sinter.tensor<[N, 2, 4], f32> to [0] {
      %1 = sinter.constant 1.0 : <[N, 2, 4], f32>
      sinter.yield %1 : !sinter.tensor<[N, 2, 4], f32>
    }
    %1 = sinter.cache_append @key, %0 at %token, %token : <[N, 2, 4], f32>, <[N], i32>, <[N], i32> -> <[2, 4], f32>
    return
  }
}
