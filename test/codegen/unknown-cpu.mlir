// A CPU that LLVM does not know is named, with names near it.
//
// RUN: not sinter-translate --cpu znver55 %s 2>&1 | FileCheck %s
// CHECK: error: 'znver55' is not a CPU that LLVM knows: did you mean znver5, {{.*}}? `native` is this machine's

module {}
