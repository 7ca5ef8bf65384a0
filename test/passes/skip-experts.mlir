// What no row chose is not computed: the loop gets the table of choices as its condition.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(skip-experts))' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @experts
// CHECK: sinter.repeat %{{.*}} in 2
// CHECK: sinter.repeat %{{.*}} in 3 of %{{.*}} (%{{.*}} = %{{.*}} : !sinter.tensor<[N, 4], f32>) where_any %[[TABLE:.*]] : !sinter.tensor<[N, 3], f32> {
func.func @experts(%x: !sinter.tensor<[N, 4], f32>, %table: !sinter.tensor<[N, 3], f32>) -> !sinter.tensor<[N, 4], f32> {
  %none = sinter.constant 0.0 : <[], f32>
  %three = sinter.constant 3.0 : <[], f32>
  %axis = sinter.iota : <[3], i32>
  %reals = sinter.convert %axis : <[3], i32> -> <[3], f32>
  %y = sinter.repeat %layer in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    // expected-remark @+1 {{experts, those that no row of a call chose are not computed}}
    %z = sinter.repeat %expert in 3 of %layer (%sum = %a : !sinter.tensor<[N, 4], f32>) {
      %i = sinter.layer_number %expert : <[], i32>
      %ir = sinter.convert %i : <[], i32> -> <[], f32>
      %number = sinter.mod %ir, %three : <[], f32>, <[], f32> -> <[], f32>
      %is = sinter.compare eq %reals, %number : <[3], f32>, <[], f32> -> <[3], i1>
      %of = sinter.select %is, %table, %none : <[3], i1>, <[N, 3], f32>, <[], f32> -> <[N, 3], f32>
      %gate = sinter.reduce sum %of axis 1 : <[N, 3], f32> -> <[N, 1], f32>
      %w = sinter.weight "h.{i/3}.e.{i%3}.w"[%expert] : <[4, 4], f32>
      %e = sinter.matmul %a, %w : <[N, 4], f32>, <[4, 4], f32> -> <[N, 4], f32>
      %part = sinter.mul %e, %gate : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
      %next = sinter.add %sum, %part : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
      sinter.yield %next : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %z : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// The column is that of another number: each expert but one counts.

// CHECK-LABEL: @shifted
// CHECK-NOT: where_any
func.func @shifted(%x: !sinter.tensor<[N, 4], f32>, %table: !sinter.tensor<[N, 3], f32>) -> !sinter.tensor<[N, 4], f32> {
  %none = sinter.constant 0.0 : <[], f32>
  %one = sinter.constant 1.0 : <[], f32>
  %axis = sinter.iota : <[3], i32>
  %reals = sinter.convert %axis : <[3], i32> -> <[3], f32>
  %y = sinter.repeat %layer in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    // expected-remark @+1 {{what is added has no factor that is a column of a table, one for each number of the loop}}
    %z = sinter.repeat %expert in 3 (%sum = %a : !sinter.tensor<[N, 4], f32>) {
      %i = sinter.layer_number %expert : <[], i32>
      %ir = sinter.convert %i : <[], i32> -> <[], f32>
      %number = sinter.sub %ir, %one : <[], f32>, <[], f32> -> <[], f32>
      %is = sinter.compare eq %reals, %number : <[3], f32>, <[], f32> -> <[3], i1>
      %of = sinter.select %is, %table, %none : <[3], i1>, <[N, 3], f32>, <[], f32> -> <[N, 3], f32>
      %gate = sinter.reduce sum %of axis 1 : <[N, 3], f32> -> <[N, 1], f32>
      %part = sinter.mul %a, %gate : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
      %next = sinter.add %sum, %part : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
      sinter.yield %next : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %z : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// What is not chosen leaves a mark: the sum is halved.

// CHECK-LABEL: @halved
// CHECK-NOT: where_any
func.func @halved(%x: !sinter.tensor<[N, 4], f32>, %table: !sinter.tensor<[N, 3], f32>) -> !sinter.tensor<[N, 4], f32> {
  %none = sinter.constant 0.0 : <[], f32>
  %half = sinter.constant 0.5 : <[], f32>
  %axis = sinter.iota : <[3], i32>
  %y = sinter.repeat %layer in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    // expected-remark @+1 {{what is carried is not a sum of parts}}
    %z = sinter.repeat %expert in 3 (%sum = %a : !sinter.tensor<[N, 4], f32>) {
      %i = sinter.layer_number %expert : <[], i32>
      %is = sinter.compare eq %axis, %i : <[3], i32>, <[], i32> -> <[3], i1>
      %of = sinter.select %is, %table, %none : <[3], i1>, <[N, 3], f32>, <[], f32> -> <[N, 3], f32>
      %gate = sinter.reduce sum %of axis 1 : <[N, 3], f32> -> <[N, 1], f32>
      %part = sinter.mul %a, %gate : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
      %less = sinter.mul %sum, %half : <[N, 4], f32>, <[], f32> -> <[N, 4], f32>
      %next = sinter.add %less, %part : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
      sinter.yield %next : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %z : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}
