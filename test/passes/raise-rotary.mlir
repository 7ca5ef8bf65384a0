// Rotary positions in the forms that papers and exporters write; the table in passes/README.md names these functions.
//
// RUN: sinter-opt %s --verify-numerics --cse --raise-rotary | FileCheck %s

// As the paper turns pairs, the halves of a row apart.
// CHECK-LABEL: @halves(
// CHECK-NEXT: %[[Y:.*]] = sinter.rotary half_split %arg0 width 8 by %arg1, %arg2 : <[2, N, 8], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @halves(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %0, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.sub %2, %3 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %6 = sinter.mul %0, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.add %5, %6 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %8 = sinter.concat %4, %7 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  return %8 : !sinter.tensor<[2, N, 8], f32>
}

// Sums the other way round, the sine's product negated.
// CHECK-LABEL: @halves_otherwise(
// CHECK-NEXT: %[[Y:.*]] = sinter.rotary half_split %arg0 width 8 by %arg1, %arg2 : <[2, N, 8], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @halves_otherwise(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.neg %2 : <[2, N, 4], f32>
  %4 = sinter.mul %c, %0 : <[N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.add %3, %4 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %6 = sinter.mul %s, %0 : <[N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %8 = sinter.add %6, %7 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %9 = sinter.concat %5, %8 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  return %9 : !sinter.tensor<[2, N, 8], f32>
}

// As Hugging Face writes it: cosines and sines stand there twice, and a negated half comes first.
// CHECK-LABEL: @rotate_half(
// CHECK: %[[Y:.*]] = sinter.rotary half_split %arg0 width 8 by %{{.*}}, %{{.*}} : <[2, N, 8], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @rotate_half(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.concat %c, %c axis 1 : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32> -> <[N, 8], f32>
  %1 = sinter.concat %s, %s axis 1 : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32> -> <[N, 8], f32>
  %2 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %3 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %4 = sinter.mul %x, %0 : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  %5 = sinter.neg %3 : <[2, N, 4], f32>
  %6 = sinter.concat %5, %2 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  %7 = sinter.mul %6, %1 : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  %8 = sinter.add %4, %7 : <[2, N, 8], f32>, <[2, N, 8], f32> -> <[2, N, 8], f32>
  return %8 : !sinter.tensor<[2, N, 8], f32>
}

// The angles stand there twice, and cosines and sines are scaled.
// CHECK-LABEL: @angles_twice(
// CHECK: %[[Y:.*]] = sinter.rotary half_split %arg0 width 8 by %{{.*}}, %{{.*}} : <[2, N, 8], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @angles_twice(%x: !sinter.tensor<[2, N, 8], f32>, %t: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.concat %t, %t axis 1 : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32> -> <[N, 8], f32>
  %1 = sinter.cos %0 : <[N, 8], f32>
  %2 = sinter.constant 0.5 : <[], f32>
  %3 = sinter.mul %1, %2 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %4 = sinter.sin %0 : <[N, 8], f32>
  %5 = sinter.constant 0.5 : <[], f32>
  %6 = sinter.mul %4, %5 : <[N, 8], f32>, <[], f32> -> <[N, 8], f32>
  %7 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %8 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %9 = sinter.mul %x, %3 : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  %10 = sinter.neg %8 : <[2, N, 4], f32>
  %11 = sinter.concat %10, %7 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  %12 = sinter.mul %11, %6 : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  %13 = sinter.add %9, %12 : <[2, N, 8], f32>, <[2, N, 8], f32> -> <[2, N, 8], f32>
  return %13 : !sinter.tensor<[2, N, 8], f32>
}

// Cosines and sines have an axis of 1 for the heads.
// CHECK-LABEL: @angles_with_axes(
// CHECK: sinter.rotary half_split %arg0 width 8 by %{{.*}}, %{{.*}} : <[2, N, 8], f32>, <[1, N, 4], f32>
func.func @angles_with_axes(%x: !sinter.tensor<[2, N, 8], f32>, %t: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.concat %t, %t axis 1 : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32> -> <[N, 8], f32>
  %1 = sinter.cos %0 : <[N, 8], f32>
  %2 = sinter.reshape %1 : <[N, 8], f32> -> <[1, N, 8], f32>
  %3 = sinter.sin %0 : <[N, 8], f32>
  %4 = sinter.reshape %3 : <[N, 8], f32> -> <[1, N, 8], f32>
  %5 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %6 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %7 = sinter.mul %x, %2 : <[2, N, 8], f32>, <[1, N, 8], f32> -> <[2, N, 8], f32>
  %8 = sinter.neg %6 : <[2, N, 4], f32>
  %9 = sinter.concat %8, %5 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  %10 = sinter.mul %9, %4 : <[2, N, 8], f32>, <[1, N, 8], f32> -> <[2, N, 8], f32>
  %11 = sinter.add %7, %10 : <[2, N, 8], f32>, <[2, N, 8], f32> -> <[2, N, 8], f32>
  return %11 : !sinter.tensor<[2, N, 8], f32>
}

// Only the first elements of a row turn.
// CHECK-LABEL: @part(
// CHECK-NEXT: %[[Y:.*]] = sinter.rotary half_split %arg0 width 8 by %arg1, %arg2 : <[2, N, 12], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @part(%x: !sinter.tensor<[2, N, 12], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 12], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 8 stride 1 : <[2, N, 12], f32> -> <[2, N, 8], f32>
  %1 = sinter.slice %0 axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.slice %0 axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.mul %2, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.sub %3, %4 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %6 = sinter.mul %2, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %8 = sinter.add %6, %7 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %9 = sinter.concat %5, %8 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  %10 = sinter.slice %x axis 2 from 8 size 4 stride 1 : <[2, N, 12], f32> -> <[2, N, 4], f32>
  %11 = sinter.concat %9, %10 axis 2 : !sinter.tensor<[2, N, 8], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 12], f32>
  return %11 : !sinter.tensor<[2, N, 12], f32>
}

// Neighbours make pairs.
// CHECK-LABEL: @neighbours(
// CHECK-NEXT: %[[Y:.*]] = sinter.rotary interleaved %arg0 width 8 by %arg1, %arg2 : <[2, N, 8], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @neighbours(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 2 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 1 size 4 stride 2 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %0, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.sub %2, %3 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.reshape %4 : <[2, N, 4], f32> -> <[2, N, 4, 1], f32>
  %6 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.mul %0, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %8 = sinter.add %6, %7 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %9 = sinter.reshape %8 : <[2, N, 4], f32> -> <[2, N, 4, 1], f32>
  %10 = sinter.concat %5, %9 axis 3 : !sinter.tensor<[2, N, 4, 1], f32>, !sinter.tensor<[2, N, 4, 1], f32> -> <[2, N, 4, 2], f32>
  %11 = sinter.reshape %10 : <[2, N, 4, 2], f32> -> <[2, N, 8], f32>
  return %11 : !sinter.tensor<[2, N, 8], f32>
}

// As GPT-J writes it: each cosine and sine stands there twice in turn.
// CHECK-LABEL: @rotate_every_two(
// CHECK: %[[Y:.*]] = sinter.rotary interleaved %arg0 width 8 by %{{.*}}, %{{.*}} : <[2, N, 8], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @rotate_every_two(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.reshape %c : <[N, 4], f32> -> <[N, 4, 1], f32>
  %1 = sinter.broadcast %0 : <[N, 4, 1], f32> -> <[N, 4, 2], f32>
  %2 = sinter.reshape %1 : <[N, 4, 2], f32> -> <[N, 8], f32>
  %3 = sinter.reshape %s : <[N, 4], f32> -> <[N, 4, 1], f32>
  %4 = sinter.broadcast %3 : <[N, 4, 1], f32> -> <[N, 4, 2], f32>
  %5 = sinter.reshape %4 : <[N, 4, 2], f32> -> <[N, 8], f32>
  %6 = sinter.slice %x axis 2 from 0 size 4 stride 2 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %7 = sinter.slice %x axis 2 from 1 size 4 stride 2 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %8 = sinter.mul %x, %2 : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  %9 = sinter.neg %7 : <[2, N, 4], f32>
  %10 = sinter.reshape %9 : <[2, N, 4], f32> -> <[2, N, 4, 1], f32>
  %11 = sinter.reshape %6 : <[2, N, 4], f32> -> <[2, N, 4, 1], f32>
  %12 = sinter.concat %10, %11 axis 3 : !sinter.tensor<[2, N, 4, 1], f32>, !sinter.tensor<[2, N, 4, 1], f32> -> <[2, N, 4, 2], f32>
  %13 = sinter.reshape %12 : <[2, N, 4, 2], f32> -> <[2, N, 8], f32>
  %14 = sinter.mul %13, %5 : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  %15 = sinter.add %8, %14 : <[2, N, 8], f32>, <[2, N, 8], f32> -> <[2, N, 8], f32>
  return %15 : !sinter.tensor<[2, N, 8], f32>
}

// Neighbours, of the first elements only.
// CHECK-LABEL: @part_of_neighbours(
// CHECK-NEXT: %[[Y:.*]] = sinter.rotary interleaved %arg0 width 8 by %arg1, %arg2 : <[2, N, 12], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @part_of_neighbours(%x: !sinter.tensor<[2, N, 12], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 12], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 2 : <[2, N, 12], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 1 size 4 stride 2 : <[2, N, 12], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %0, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.sub %2, %3 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.reshape %4 : <[2, N, 4], f32> -> <[2, N, 4, 1], f32>
  %6 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.mul %0, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %8 = sinter.add %6, %7 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %9 = sinter.reshape %8 : <[2, N, 4], f32> -> <[2, N, 4, 1], f32>
  %10 = sinter.concat %5, %9 axis 3 : !sinter.tensor<[2, N, 4, 1], f32>, !sinter.tensor<[2, N, 4, 1], f32> -> <[2, N, 4, 2], f32>
  %11 = sinter.reshape %10 : <[2, N, 4, 2], f32> -> <[2, N, 8], f32>
  %12 = sinter.slice %x axis 2 from 8 size 4 stride 1 : <[2, N, 12], f32> -> <[2, N, 4], f32>
  %13 = sinter.concat %11, %12 axis 2 : !sinter.tensor<[2, N, 8], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 12], f32>
  return %13 : !sinter.tensor<[2, N, 12], f32>
}

// Queries, keys and values stand together: what is turned is a range of the row.
// CHECK-LABEL: @range(
// CHECK-NEXT: %[[X:.*]] = sinter.slice %arg0 axis 2 from 8 size 8 stride 1
// CHECK-NEXT: %[[Y:.*]] = sinter.rotary half_split %[[X]] width 8 by %arg1, %arg2 : <[2, N, 8], f32>, <[N, 4], f32>
// CHECK-NEXT: return %[[Y]]
func.func @range(%x: !sinter.tensor<[2, N, 24], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.slice %x axis 2 from 8 size 4 stride 1 : <[2, N, 24], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 12 size 4 stride 1 : <[2, N, 24], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %0, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.sub %2, %3 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %6 = sinter.mul %0, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.add %5, %6 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %8 = sinter.concat %4, %7 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  return %8 : !sinter.tensor<[2, N, 8], f32>
}
