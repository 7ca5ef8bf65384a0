// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: no-kernel.mlir:[[#@LINE+5]]:{{.*}}error: 'sinter.add' op has no kernel: it should be in a row group by now
// CHECK: error: no code can be generated for @forward

module attributes {sinter.head = "next_token"} {
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) -> !sinter.tensor<[N], i32> {
    %0 = sinter.add %token, %token : <[N], i32>, <[N], i32> -> <[N], i32>
    return %0 : !sinter.tensor<[N], i32>
  }
}
