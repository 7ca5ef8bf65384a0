// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: 'func.return' op the entry's result is not computed in the caller's buffer: its place should be -1

module attributes {sinter.head = "next_token"} {
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N], f32> {
    %0 = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>) -> !sinter.tensor<[N], f32> to [0] {
      %1 = sinter.convert %t : <[N], i32> -> <[N], f32>
      sinter.yield %1 : !sinter.tensor<[N], f32>
    }
    return %0 : !sinter.tensor<[N], f32>
  }
}
