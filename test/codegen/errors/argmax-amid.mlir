// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: 'sinter.linear_group' op lets threads read one another's scratch memory: it must be the last kernel of its entry

module attributes {sinter.head = "next_token"} {
  sinter.parameter @w layers 1 at 0 stride 4096 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[4, 4], f32>
    %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
    sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  }
  func.func @forward(%row: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> (!sinter.tensor<[R, 4], f32>, !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>)
      attributes {sinter.rows_at_once = 4 : i64} {
    %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
    %x = sinter.row_group (%t = %row : !sinter.tensor<[R], i32>) -> !sinter.tensor<[R, 4], f32> to [0] {
      %c = sinter.convert %t : <[R], i32> -> <[R], f32>
      %d = sinter.reshape %c : <[R], f32> -> <[R, 1], f32>
      %b = sinter.broadcast %d : <[R, 1], f32> -> <[R, 4], f32>
      sinter.yield %b : !sinter.tensor<[R, 4], f32>
    }
    %y:3 = sinter.linear_group (%a = %x : !sinter.tensor<[R, 4], f32>, %b = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> (!sinter.tensor<[R, 4], f32>, !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>) to [-1, -1, -1] {
      %l = sinter.linear %a, %b : <[R, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[R, 4], f32>
      %i, %m = sinter.argmax %l : <[R, 4], f32> -> <[R], i32>, <[R], f32>
      sinter.yield %l, %i, %m : !sinter.tensor<[R, 4], f32>, !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>
    }
    %z = sinter.row_group (%a = %x : !sinter.tensor<[R, 4], f32>) -> !sinter.tensor<[R, 4], f32> to [64] {
      %e = sinter.exp %a : <[R, 4], f32>
      sinter.yield %e : !sinter.tensor<[R, 4], f32>
    }
    return %y#0, %y#1, %y#2 : !sinter.tensor<[R, 4], f32>, !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>
  }
}
