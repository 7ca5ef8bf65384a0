// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: @forward needs 'sinter.maximum_tokens': plan-buffers gives it

module attributes {sinter.head = "next_token"} {
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) {
    return
  }
}
