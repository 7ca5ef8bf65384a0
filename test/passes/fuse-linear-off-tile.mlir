// Where kernels have no sums in registers to work on, as on devices, epilogues stand behind the contraction.
// RUN: sinter-opt %s --fuse-linear=on-tile=false | FileCheck %s
// RUN: sinter-opt %s --fuse-linear | FileCheck %s --check-prefix=TILE

// CHECK: sinter.linear_group
// CHECK: sinter.linear
// CHECK: sinter.add
// CHECK-NOT: on_tile
// TILE: on_tile
func.func @forward(%x: !sinter.tensor<[N, 8], f32>, %w: !sinter.packed<[8, 64], f32, <columns = 64, depth = 1>>, %b: !sinter.tensor<[64], f32>) -> !sinter.tensor<[N, 64], f32> {
  %l = sinter.linear %x, %w : !sinter.tensor<[N, 8], f32>, !sinter.packed<[8, 64], f32, <columns = 64, depth = 1>> -> !sinter.tensor<[N, 64], f32>
  %y = sinter.add %l, %b : !sinter.tensor<[N, 64], f32>, !sinter.tensor<[64], f32> -> !sinter.tensor<[N, 64], f32>
  return %y : !sinter.tensor<[N, 64], f32>
}
