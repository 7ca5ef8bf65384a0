// Attention whose products are of bf16; whole numbers with scales stay as they are.
//
// RUN: sinter-opt %s --reduce-precision="attention=true" --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s
// RUN: sinter-opt %s --reduce-precision="attention=true round-inputs=false" | FileCheck %s --check-prefix=WEIGHTS
// RUN: sinter-opt %s --reduce-precision | FileCheck %s --check-prefix=WEIGHTS

sinter.cache @key layers 1 : !sinter.history<[1, 2], bf16> {persistent}
sinter.cache @byte layers 1 : !sinter.history<[1, 2], i8> {persistent}

// CHECK-LABEL: @attention
// CHECK: sinter.attention {{.*}}, %arg2 rounded (
// CHECK: sinter.attention {{.*}}, %arg2 (
// WEIGHTS-LABEL: @attention
// WEIGHTS-NOT: rounded
// WEIGHTS: return
func.func @attention(%q: !sinter.tensor<[N, 2, 2], f32>, %n: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %e: !sinter.tensor<[N], i32> {sinter.input = "extent"}) -> !sinter.tensor<[N, 2, 2], f32> {
  %keys = sinter.cache_history @key : !sinter.history<[1, 2], bf16>
  %bytes = sinter.cache_history @byte : !sinter.history<[1, 2], i8>
  // expected-remark @+1 {{products with keys and values in bf16}}
  %o = sinter.attention %q, %keys, %keys, %n, %e (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 2], f32>, !sinter.history<[1, 2], bf16>, !sinter.history<[1, 2], bf16> -> !sinter.tensor<[N, 2, 2], f32> {
    sinter.yield %s : !sinter.tensor<[2, N, P], f32>
  }
  %r = sinter.attention %o, %bytes, %bytes, %n, %e (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 2], f32>, !sinter.history<[1, 2], i8>, !sinter.history<[1, 2], i8> -> !sinter.tensor<[N, 2, 2], f32> {
    sinter.yield %s : !sinter.tensor<[2, N, P], f32>
  }
  return %r : !sinter.tensor<[N, 2, 2], f32>
}
