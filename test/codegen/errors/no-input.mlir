// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: 'func.func' op argument 0 needs 'sinter.input', the name of an input of the step

module attributes {sinter.head = "next_token"} {
  func.func @forward(%token: !sinter.tensor<[N], i32>) {
    return
  }
}
