// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: the module has no function @forward: the passes have not run

module attributes {sinter.head = "next_token"} {}
