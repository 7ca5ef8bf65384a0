// What is nearly a rotation stays, and a remark says why.
//
// RUN: sinter-opt %s --verify-numerics --cse --raise-rotary --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s --implicit-check-not=sinter.rotary

// Turned the other way: the sine would have to be negated.
// CHECK-LABEL: @other_way(
func.func @other_way(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %0, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.add %2, %3 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %6 = sinter.mul %0, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.sub %5, %6 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  // expected-remark @+1 {{these are no rotary positions: element 0 of a row has another sign than a turned one}}
  %8 = sinter.concat %4, %7 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  return %8 : !sinter.tensor<[2, N, 8], f32>
}

// -----

// Two cosines.
// CHECK-LABEL: @two_cosines(
func.func @two_cosines(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>, %k: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %0, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.sub %2, %3 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.mul %1, %k : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %6 = sinter.mul %0, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.add %5, %6 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  // expected-remark @+1 {{these are no rotary positions: not all elements are multiplied by the same cosines and sines}}
  %8 = sinter.concat %4, %7 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  return %8 : !sinter.tensor<[2, N, 8], f32>
}

// -----

// Whether both halves of the cosines are the same is known to the caller alone.
// CHECK-LABEL: @unknown_halves(
func.func @unknown_halves(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 8], f32>, %s: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[2, N, 8], f32> {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %x, %c : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  %3 = sinter.neg %1 : <[2, N, 4], f32>
  %4 = sinter.concat %3, %0 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  %5 = sinter.mul %4, %s : <[2, N, 8], f32>, <[N, 8], f32> -> <[2, N, 8], f32>
  // expected-remark @+1 {{these are no rotary positions: it is not known that both elements of a pair are turned by one angle}}
  %6 = sinter.add %2, %5 : <[2, N, 8], f32>, <[2, N, 8], f32> -> <[2, N, 8], f32>
  return %6 : !sinter.tensor<[2, N, 8], f32>
}

// -----

// A half is wanted by itself, too.
// CHECK-LABEL: @two_users(
func.func @two_users(%x: !sinter.tensor<[2, N, 8], f32>, %c: !sinter.tensor<[N, 4], f32>, %s: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[2, N, 8], f32>, !sinter.tensor<[2, N, 4], f32>) {
  %0 = sinter.slice %x axis 2 from 0 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %1 = sinter.slice %x axis 2 from 4 size 4 stride 1 : <[2, N, 8], f32> -> <[2, N, 4], f32>
  %2 = sinter.mul %0, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %3 = sinter.mul %1, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %4 = sinter.sub %2, %3 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  %5 = sinter.mul %1, %c : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %6 = sinter.mul %0, %s : <[2, N, 4], f32>, <[N, 4], f32> -> <[2, N, 4], f32>
  %7 = sinter.add %5, %6 : <[2, N, 4], f32>, <[2, N, 4], f32> -> <[2, N, 4], f32>
  // expected-remark @+1 {{these are no rotary positions: something else uses the 'sinter.sub' within, too}}
  %8 = sinter.concat %4, %7 axis 2 : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, N, 4], f32> -> <[2, N, 8], f32>
  return %8, %4 : !sinter.tensor<[2, N, 8], f32>, !sinter.tensor<[2, N, 4], f32>
}
