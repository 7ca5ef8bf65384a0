// What folds away, and that folding computes what running would.
//
// RUN: sinter-opt %s --canonicalize | FileCheck %s
// RUN: sinter-opt %s --canonicalize --verify-numerics -o /dev/null

// CHECK-LABEL: @transposes(
// CHECK: %[[T:.*]] = sinter.transpose %arg0 [2, 1, 0]
// CHECK: return %[[T]]
func.func @transposes(%x: !sinter.tensor<[T, 2, 3], f32>) -> !sinter.tensor<[3, 2, T], f32> {
  %y = sinter.transpose %x [1, 2, 0] : !sinter.tensor<[T, 2, 3], f32> -> !sinter.tensor<[2, 3, T], f32>
  %z = sinter.transpose %y [1, 0, 2] : !sinter.tensor<[2, 3, T], f32> -> !sinter.tensor<[3, 2, T], f32>
  return %z : !sinter.tensor<[3, 2, T], f32>
}

// CHECK-LABEL: @there_and_back(
// CHECK-NEXT: return %arg0
func.func @there_and_back(%x: !sinter.tensor<[T, 2, 3], f32>) -> !sinter.tensor<[T, 2, 3], f32> {
  %y = sinter.transpose %x [1, 2, 0] : !sinter.tensor<[T, 2, 3], f32> -> !sinter.tensor<[2, 3, T], f32>
  %z = sinter.transpose %y [2, 0, 1] : !sinter.tensor<[2, 3, T], f32> -> !sinter.tensor<[T, 2, 3], f32>
  return %z : !sinter.tensor<[T, 2, 3], f32>
}

// CHECK-LABEL: @reshapes(
// CHECK-NEXT: return %arg0
func.func @reshapes(%x: !sinter.tensor<[T, 6], f32>) -> !sinter.tensor<[T, 6], f32> {
  %y = sinter.reshape %x : !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 2, 3], f32>
  %z = sinter.reshape %y : !sinter.tensor<[T, 2, 3], f32> -> !sinter.tensor<[T, 6], f32>
  return %z : !sinter.tensor<[T, 6], f32>
}

// CHECK-LABEL: @whole(
// CHECK-NEXT: return %arg0
func.func @whole(%x: !sinter.tensor<[T, 6], f32>) -> !sinter.tensor<[T, 6], f32> {
  %y = sinter.slice %x axis 1 from 0 size 6 stride 1 : !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 6], f32>
  %z = sinter.broadcast %y : !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 6], f32>
  %w = sinter.convert %z : !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 6], f32>
  return %w : !sinter.tensor<[T, 6], f32>
}

// CHECK-LABEL: @neutral(
// CHECK-NEXT: return %arg0
func.func @neutral(%x: !sinter.tensor<[T, 6], f32>) -> !sinter.tensor<[T, 6], f32> {
  %zero = sinter.constant 0.0 : !sinter.tensor<[], f32>
  %one = sinter.constant 1.0 : !sinter.tensor<[6], f32>
  %a = sinter.add %zero, %x : !sinter.tensor<[], f32>, !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 6], f32>
  %b = sinter.sub %a, %zero : !sinter.tensor<[T, 6], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 6], f32>
  %c = sinter.mul %one, %b : !sinter.tensor<[6], f32>, !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 6], f32>
  %d = sinter.div %c, %one : !sinter.tensor<[T, 6], f32>, !sinter.tensor<[6], f32> -> !sinter.tensor<[T, 6], f32>
  %e = sinter.pow %d, %one : !sinter.tensor<[T, 6], f32>, !sinter.tensor<[6], f32> -> !sinter.tensor<[T, 6], f32>
  %f = sinter.neg %e : !sinter.tensor<[T, 6], f32>
  %g = sinter.neg %f : !sinter.tensor<[T, 6], f32>
  return %g : !sinter.tensor<[T, 6], f32>
}

// What stretches an operand, and what is not neutral on its side, stays.
// CHECK-LABEL: @not_neutral(
// CHECK: sinter.add
// CHECK: sinter.sub
// CHECK: sinter.div
// CHECK: sinter.pow
func.func @not_neutral(%x: !sinter.tensor<[6], f32>) -> !sinter.tensor<[2, 6], f32> {
  %zeros = sinter.constant 0.0 : !sinter.tensor<[2, 6], f32>
  %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %a = sinter.add %x, %zeros : !sinter.tensor<[6], f32>, !sinter.tensor<[2, 6], f32> -> !sinter.tensor<[2, 6], f32>
  %b = sinter.sub %zeros, %a : !sinter.tensor<[2, 6], f32>, !sinter.tensor<[2, 6], f32> -> !sinter.tensor<[2, 6], f32>
  %c = sinter.div %one, %b : !sinter.tensor<[], f32>, !sinter.tensor<[2, 6], f32> -> !sinter.tensor<[2, 6], f32>
  %d = sinter.pow %c, %x : !sinter.tensor<[2, 6], f32>, !sinter.tensor<[6], f32> -> !sinter.tensor<[2, 6], f32>
  return %d : !sinter.tensor<[2, 6], f32>
}

// Elements 1, 4 and 7 of 2, 4, 6, ...
// CHECK-LABEL: @slices(
// CHECK-NEXT: %[[S:.*]] = sinter.slice %arg0 axis 1 from 4 size 3 stride 6 : <[T, 20], f32> -> <[T, 3], f32>
// CHECK-NEXT: return %[[S]]
func.func @slices(%x: !sinter.tensor<[T, 20], f32>) -> !sinter.tensor<[T, 3], f32> {
  %y = sinter.slice %x axis 1 from 2 size 9 stride 2 : !sinter.tensor<[T, 20], f32> -> !sinter.tensor<[T, 9], f32>
  %z = sinter.slice %y axis 1 from 1 size 3 stride 3 : !sinter.tensor<[T, 9], f32> -> !sinter.tensor<[T, 3], f32>
  return %z : !sinter.tensor<[T, 3], f32>
}

// An operand is repeated as it is read, where another gives the size.
// CHECK-LABEL: @broadcasts(
// CHECK-NEXT: %[[B:.*]] = sinter.broadcast %arg1
// CHECK-NEXT: %[[A:.*]] = sinter.add %arg0, %arg1 : <[T, 6], f32>, <[T, 1], f32> -> <[T, 6], f32>
// CHECK-NEXT: %[[C:.*]] = sinter.mul %[[B]], %[[B]]
// CHECK-NEXT: return %[[A]], %[[C]]
func.func @broadcasts(%x: !sinter.tensor<[T, 6], f32>, %m: !sinter.tensor<[T, 1], f32>)
    -> (!sinter.tensor<[T, 6], f32>, !sinter.tensor<[T, 6], f32>) {
  %a = sinter.broadcast %m : !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[T, 6], f32>
  %b = sinter.add %x, %a : !sinter.tensor<[T, 6], f32>, !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 6], f32>
  %c = sinter.mul %a, %a : !sinter.tensor<[T, 6], f32>, !sinter.tensor<[T, 6], f32> -> !sinter.tensor<[T, 6], f32>
  return %b, %c : !sinter.tensor<[T, 6], f32>, !sinter.tensor<[T, 6], f32>
}

// A quotient is rounded to f32: 1/3 is 0.3333333432674408.
// CHECK-LABEL: @rounds(
// CHECK-NEXT: %[[C:.*]] = sinter.constant 0.33333334326744{{[0-9]*}} : <[], f32>
// CHECK-NEXT: return %[[C]]
func.func @rounds() -> !sinter.tensor<[], f32> {
  %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %three = sinter.constant 3.0 : !sinter.tensor<[], f32>
  %third = sinter.div %one, %three : !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[], f32>
  return %third : !sinter.tensor<[], f32>
}

// Integers are divided downwards: -7 / 2 is -4, and 1 remains.
// CHECK-LABEL: @integers(
// CHECK-DAG: %[[Q:.*]] = sinter.constant -4.0{{.*}} : <[], i32>
// CHECK-DAG: %[[R:.*]] = sinter.constant 1.0{{.*}} : <[], i32>
// CHECK: return %[[Q]], %[[R]]
func.func @integers() -> (!sinter.tensor<[], i32>, !sinter.tensor<[], i32>) {
  %x = sinter.constant -7.0 : !sinter.tensor<[], i32>
  %two = sinter.constant 2.0 : !sinter.tensor<[], i32>
  %q = sinter.div %x, %two : !sinter.tensor<[], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[], i32>
  %r = sinter.mod %x, %two : !sinter.tensor<[], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[], i32>
  return %q, %r : !sinter.tensor<[], i32>, !sinter.tensor<[], i32>
}

// What has no result is not folded.
// CHECK-LABEL: @undefined(
// CHECK: sinter.div
// CHECK: sinter.mul
func.func @undefined() -> (!sinter.tensor<[], i32>, !sinter.tensor<[], i32>) {
  %x = sinter.constant 65536.0 : !sinter.tensor<[], i32>
  %zero = sinter.constant 0.0 : !sinter.tensor<[], i32>
  %q = sinter.div %x, %zero : !sinter.tensor<[], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[], i32>
  %r = sinter.mul %x, %x : !sinter.tensor<[], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[], i32>
  return %q, %r : !sinter.tensor<[], i32>, !sinter.tensor<[], i32>
}

// A carried value that nobody reads goes, with what computes it.
// CHECK-LABEL: @carried(
// CHECK: sinter.repeat %{{.*}} in 2 (%{{[^,]*}} = %arg0 : !sinter.tensor<[T], f32>) {
// CHECK-NOT: sinter.exp
// CHECK: sinter.yield %{{[^,]*}} : !sinter.tensor<[T], f32>
func.func @carried(%x: !sinter.tensor<[T], f32>, %y: !sinter.tensor<[T], f32>) -> !sinter.tensor<[T], f32> {
  %z:2 = sinter.repeat %i in 2 (%a = %x : !sinter.tensor<[T], f32>, %b = %y : !sinter.tensor<[T], f32>) {
    %c = sinter.neg %a : !sinter.tensor<[T], f32>
    %d = sinter.exp %b : !sinter.tensor<[T], f32>
    sinter.yield %c, %d : !sinter.tensor<[T], f32>, !sinter.tensor<[T], f32>
  }
  return %z#0 : !sinter.tensor<[T], f32>
}

// One that another needs stays.
// CHECK-LABEL: @needed(
// CHECK: sinter.repeat %{{.*}} in 2 (%{{[^,]*}} = %arg0 : !sinter.tensor<[T], f32>, %{{[^,]*}} = %arg1 : !sinter.tensor<[T], f32>) {
func.func @needed(%x: !sinter.tensor<[T], f32>, %y: !sinter.tensor<[T], f32>) -> !sinter.tensor<[T], f32> {
  %z:2 = sinter.repeat %i in 2 (%a = %x : !sinter.tensor<[T], f32>, %b = %y : !sinter.tensor<[T], f32>) {
    sinter.yield %b, %a : !sinter.tensor<[T], f32>, !sinter.tensor<[T], f32>
  }
  return %z#0 : !sinter.tensor<[T], f32>
}

// A counter that layers carry is the number of the layer.
// CHECK-LABEL: @counter(
// CHECK: sinter.repeat %[[I:.*]] in 3 (%{{[^,]*}} = %arg0 : !sinter.tensor<[T], f32>) {
// CHECK: sinter.layer_number %[[I]]
func.func @counter(%x: !sinter.tensor<[T], f32>) -> !sinter.tensor<[T], f32> {
  %zero = sinter.constant 0.0 : !sinter.tensor<[], f32>
  %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %z:2 = sinter.repeat %i in 3 (%a = %x : !sinter.tensor<[T], f32>, %n = %zero : !sinter.tensor<[], f32>) {
    %c = sinter.add %a, %n : !sinter.tensor<[T], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T], f32>
    %m = sinter.add %n, %one : !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[], f32>
    sinter.yield %c, %m : !sinter.tensor<[T], f32>, !sinter.tensor<[], f32>
  }
  return %z#0 : !sinter.tensor<[T], f32>
}

// What lies in one piece of a concatenation is cut from that piece; what lies in two is not.
// CHECK-LABEL: @slice_of_concat(
// CHECK: %[[BOTH:.*]] = sinter.concat %arg0, %arg1 axis 1
// CHECK: %[[PART:.*]] = sinter.slice %arg1 axis 1 from 1 size 2 stride 1 : <[T, 3], f32> -> <[T, 2], f32>
// CHECK: %[[ACROSS:.*]] = sinter.slice %[[BOTH]] axis 1 from 1 size 2 stride 1
// CHECK: return %arg0, %[[PART]], %[[ACROSS]]
func.func @slice_of_concat(%x: !sinter.tensor<[T, 2], f32>, %y: !sinter.tensor<[T, 3], f32>)
    -> (!sinter.tensor<[T, 2], f32>, !sinter.tensor<[T, 2], f32>, !sinter.tensor<[T, 2], f32>) {
  %c = sinter.concat %x, %y axis 1 : !sinter.tensor<[T, 2], f32>, !sinter.tensor<[T, 3], f32> -> !sinter.tensor<[T, 5], f32>
  %a = sinter.slice %c axis 1 from 0 size 2 stride 1 : !sinter.tensor<[T, 5], f32> -> !sinter.tensor<[T, 2], f32>
  %b = sinter.slice %c axis 1 from 3 size 2 stride 1 : !sinter.tensor<[T, 5], f32> -> !sinter.tensor<[T, 2], f32>
  %d = sinter.slice %c axis 1 from 1 size 2 stride 1 : !sinter.tensor<[T, 5], f32> -> !sinter.tensor<[T, 2], f32>
  return %a, %b, %d : !sinter.tensor<[T, 2], f32>, !sinter.tensor<[T, 2], f32>, !sinter.tensor<[T, 2], f32>
}
