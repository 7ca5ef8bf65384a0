func.func @forward(%x: !sinter.tensor<[N, 4], f32>, %y: !sinter.tensor<[4, N], f32>) -> !sinter.tensor<[N, N], f32> {
  %s = sinter.matmul %x, %y : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[4, N], f32> -> !sinter.tensor<[N, N], f32>
  return %s : !sinter.tensor<[N, N], f32>
}
