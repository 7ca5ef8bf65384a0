// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: 'sinter.parameter_load' op @w has no place among the weights: plan-weights gives one to each

module attributes {sinter.head = "next_token"} {
  sinter.parameter @w layers 1 : !sinter.tensor<[4], f32> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[4], f32>
    sinter.yield %w : !sinter.tensor<[4], f32>
  }
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) {
    %w = sinter.parameter_load @w : !sinter.tensor<[4], f32>
    %0 = sinter.row_group (%t = %token : !sinter.tensor<[N], i32>, %a = %w : !sinter.tensor<[4], f32>) -> !sinter.tensor<[N, 4], f32> to [0] {
      %1 = sinter.broadcast %a : <[4], f32> -> <[N, 4], f32>
      sinter.yield %1 : !sinter.tensor<[N, 4], f32>
    }
    return
  }
}
