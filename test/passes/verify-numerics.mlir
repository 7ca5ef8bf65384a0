// A wrong pass is caught and named, and so is the operation that it changed; right ones pass.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(canonicalize,func.func(pack-weights,cse))' -o /dev/null
// RUN: not sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(canonicalize,func.func(pack-weights,test-break-numerics,cse))' -o /dev/null 2>&1 | FileCheck %s
// RUN: not sinter-opt %s --verify-numerics --numerics-seed=7 --test-break-numerics -o /dev/null 2>&1 | FileCheck %s
//
// A tolerance so large that it forgives everything.
// RUN: sinter-opt %s --verify-numerics --numerics-tolerance=100 --test-break-numerics -o /dev/null

// CHECK: error: --verify-numerics: 'test-break-numerics' changed @logits result 0: element {{[0-9]+}} of position {{[0-9]}} of sequence {{[02]}} was {{.*}} and is {{.*}} (each sequence by itself)
// CHECK: verify-numerics.mlir:[[# @LINE + 8]]:10: remark: the first value that changed is that of 'sinter.sub' here, in layer 0: element
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 16], f32> {
  %wte = sinter.weight "wte.weight" : !sinter.tensor<[16, 8], f32>
  %e = sinter.gather %wte[%token] : !sinter.tensor<[16, 8], f32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, 8], f32>
  %y = sinter.repeat %l in 2 (%a = %e : !sinter.tensor<[T, 8], f32>) {
    %w = sinter.weight "h.{i}.w"[%l] : !sinter.tensor<[8, 8], f32>
    %bias = sinter.weight "h.{i}.b"[%l] : !sinter.tensor<[8], f32>
    %b = sinter.matmul %a, %w : !sinter.tensor<[T, 8], f32>, !sinter.tensor<[8, 8], f32> -> !sinter.tensor<[T, 8], f32>
    %c = sinter.add %b, %bias : !sinter.tensor<[T, 8], f32>, !sinter.tensor<[8], f32> -> !sinter.tensor<[T, 8], f32>
    sinter.yield %c : !sinter.tensor<[T, 8], f32>
  }
  %t = sinter.transpose %wte [1, 0] : !sinter.tensor<[16, 8], f32> -> !sinter.tensor<[8, 16], f32>
  %o = sinter.matmul %y, %t : !sinter.tensor<[T, 8], f32>, !sinter.tensor<[8, 16], f32> -> !sinter.tensor<[T, 16], f32>
  return %o : !sinter.tensor<[T, 16], f32>
}
