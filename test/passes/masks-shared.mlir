// Two masks that say the same, each written by itself, are one value: it is made once, and both attentions read it.
//
// RUN: sinter-opt %s --verify-numerics --canonicalize --cse --derive-kv-cache | FileCheck %s --check-prefix=MATH
// RUN: sinter-opt %s --verify-numerics --sinter-pipeline=maximum-tokens=16 | FileCheck %s

// MATH-COUNT-1: sinter.gather {{.*}} : <[8], f32>, <[N, P], i32> -> <[N, P], f32>
// MATH-NOT:     sinter.gather {{.*}} : <[8], f32>

// CHECK-COUNT-1: sinter.gather {{.*}} : <[8], f32>
// CHECK-NOT:     sinter.gather {{.*}} : <[8], f32>
// CHECK:     sinter.attention %{{.*}} = %[[BIAS:.*]] : !sinter.tensor<[N, P], f32>)
// CHECK:     sinter.attention %{{.*}} = %[[BIAS]] : !sinter.tensor<[N, P], f32>)
module attributes {sinter.context = 16 : i64, sinter.head = "next_token", sinter.vocabulary = 16 : i64} {
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 16], f32> {
  %wte = sinter.weight "wte" : <[16, 8], f32>
  %x = sinter.gather %wte[%token] : <[16, 8], f32>, <[T], i32> -> <[T, 8], f32>

  // Attention 1, with a mask and a bias by distance of its own making.
  %q1 = sinter.weight "q1" : <[8, 8], f32>
  %query1 = sinter.matmul %x, %q1 : <[T, 8], f32>, <[8, 8], f32> -> <[T, 8], f32>
  %k1 = sinter.transpose %x [1, 0] : <[T, 8], f32> -> <[8, T], f32>
  %scores1 = sinter.matmul %query1, %k1 : <[T, 8], f32>, <[8, T], f32> -> <[T, T], f32>
  %position1 = sinter.iota : <[T], i32>
  %row1 = sinter.reshape %position1 : <[T], i32> -> <[T, 1], i32>
  %distance1 = sinter.sub %row1, %position1 : <[T, 1], i32>, <[T], i32> -> <[T, T], i32>
  %none1 = sinter.constant 0.0 : <[], i32>
  %back1 = sinter.max %distance1, %none1 : <[T, T], i32>, <[], i32> -> <[T, T], i32>
  %table1 = sinter.weight "distances" : <[8], f32>
  %bias1 = sinter.gather %table1[%back1] : <[8], f32>, <[T, T], i32> -> <[T, T], f32>
  %seen1 = sinter.compare ge %row1, %position1 : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never1 = sinter.constant 0xFFF0000000000000 : <[], f32>
  %mask1 = sinter.select %seen1, %bias1, %never1 : <[T, T], i1>, <[T, T], f32>, <[], f32> -> <[T, T], f32>
  %logits1 = sinter.add %scores1, %mask1 : <[T, T], f32>, <[T, T], f32> -> <[T, T], f32>
  %e1 = sinter.exp %logits1 : <[T, T], f32>
  %sum1 = sinter.reduce sum %e1 axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p1 = sinter.div %e1, %sum1 : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o1 = sinter.matmul %p1, %x : <[T, T], f32>, <[T, 8], f32> -> <[T, 8], f32>

  // Attention 2, with a mask and a bias by distance of its own making.
  %q2 = sinter.weight "q2" : <[8, 8], f32>
  %query2 = sinter.matmul %x, %q2 : <[T, 8], f32>, <[8, 8], f32> -> <[T, 8], f32>
  %k2 = sinter.transpose %x [1, 0] : <[T, 8], f32> -> <[8, T], f32>
  %scores2 = sinter.matmul %query2, %k2 : <[T, 8], f32>, <[8, T], f32> -> <[T, T], f32>
  %position2 = sinter.iota : <[T], i32>
  %row2 = sinter.reshape %position2 : <[T], i32> -> <[T, 1], i32>
  %distance2 = sinter.sub %row2, %position2 : <[T, 1], i32>, <[T], i32> -> <[T, T], i32>
  %none2 = sinter.constant 0.0 : <[], i32>
  %back2 = sinter.max %distance2, %none2 : <[T, T], i32>, <[], i32> -> <[T, T], i32>
  %table2 = sinter.weight "distances" : <[8], f32>
  %bias2 = sinter.gather %table2[%back2] : <[8], f32>, <[T, T], i32> -> <[T, T], f32>
  %seen2 = sinter.compare ge %row2, %position2 : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never2 = sinter.constant 0xFFF0000000000000 : <[], f32>
  %mask2 = sinter.select %seen2, %bias2, %never2 : <[T, T], i1>, <[T, T], f32>, <[], f32> -> <[T, T], f32>
  %logits2 = sinter.add %scores2, %mask2 : <[T, T], f32>, <[T, T], f32> -> <[T, T], f32>
  %e2 = sinter.exp %logits2 : <[T, T], f32>
  %sum2 = sinter.reduce sum %e2 axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p2 = sinter.div %e2, %sum2 : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o2 = sinter.matmul %p2, %x : <[T, T], f32>, <[T, 8], f32> -> <[T, 8], f32>

  %both = sinter.add %o1, %o2 : <[T, 8], f32>, <[T, 8], f32> -> <[T, 8], f32>
  %head = sinter.transpose %wte [1, 0] : <[16, 8], f32> -> <[8, 16], f32>
  %r = sinter.matmul %both, %head : <[T, 8], f32>, <[8, 16], f32> -> <[T, 16], f32>
  return %r : !sinter.tensor<[T, 16], f32>
}
}
