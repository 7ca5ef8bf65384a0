// What depends on weights only is computed when compiling, once for each layer.
//
// RUN: sinter-opt %s --verify-numerics --hoist-weights --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// The largest expression becomes one parameter, with a layer as its region's argument; its parts leave the program.

// CHECK: sinter.parameter @h.w layers 3 : !sinter.packed<[8, 5], f32, <columns = 16, depth = 1>> {
// CHECK-NEXT: ^bb0(%[[L:.*]]: index):
// CHECK-NEXT: %[[W:.*]] = sinter.weight "h.{i}.w"[%[[L]]]
// CHECK-NEXT: %[[T:.*]] = sinter.transpose %[[W]]
// CHECK-NEXT: %[[P:.*]] = sinter.pack %[[T]]
// CHECK-NEXT: sinter.yield %[[P]]
// CHECK-LABEL: @forward
// CHECK: sinter.repeat %[[LAYER:.*]] in 3
// CHECK-NEXT: %[[LOADED:.*]] = sinter.parameter_load @h.w[%[[LAYER]]]
// CHECK-NEXT: sinter.linear %{{.*}}, %[[LOADED]]
func.func @forward(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %y = sinter.repeat %l in 3 (%a = %x : !sinter.tensor<[N, 8], f32>) {
    %w = sinter.weight "h.{i}.w"[%l] : <[5, 8], f32>
    %t = sinter.transpose %w [1, 0] : <[5, 8], f32> -> <[8, 5], f32>
    // expected-remark @+1 {{Remark="computed when compiling: ", Remark=3, Remark=" operations, ", Remark=3, Remark=" layers"}}
    %p = sinter.pack %t : <[8, 5], f32> -> <[8, 5], f32, <columns = 16, depth = 1>>
    %b = sinter.linear %a, %p : <[N, 8], f32>, <[8, 5], f32, <columns = 16, depth = 1>> -> <[N, 5], f32>
    %c = sinter.reduce sum %b axis 1 : <[N, 5], f32> -> <[N, 1], f32>
    %d = sinter.add %a, %c : <[N, 8], f32>, <[N, 1], f32> -> <[N, 8], f32>
    sinter.yield %d : !sinter.tensor<[N, 8], f32>
  }
  return %y : !sinter.tensor<[N, 8], f32>
}

// -----

// Entries that need the same value share what is stored; one weight in two forms is stored twice.

// CHECK: sinter.parameter @wte layers 1 : !sinter.tensor<[5, 4], f32>
// CHECK: sinter.parameter @wte_0 layers 1 : !sinter.packed<[4, 5], f32
// CHECK-NOT: sinter.parameter @
// CHECK-LABEL: @encode
// CHECK: sinter.parameter_load @wte :
// CHECK-LABEL: @forward
// CHECK: sinter.parameter_load @wte :
// CHECK: sinter.parameter_load @wte_0 :
func.func @encode(%x: !sinter.tensor<[N], i32>) -> !sinter.tensor<[N, 4], f32> {
  // expected-remark @+1 {{computed when compiling}}
  %wte = sinter.weight "wte" : <[5, 4], f32>
  %e = sinter.gather %wte[%x] : <[5, 4], f32>, <[N], i32> -> <[N, 4], f32>
  return %e : !sinter.tensor<[N, 4], f32>
}
func.func @forward(%x: !sinter.tensor<[N], i32>) -> !sinter.tensor<[N, 5], f32> {
  %wte = sinter.weight "wte" : <[5, 4], f32>
  %e = sinter.gather %wte[%x] : <[5, 4], f32>, <[N], i32> -> <[N, 4], f32>
  %t = sinter.transpose %wte [1, 0] : <[5, 4], f32> -> <[4, 5], f32>
  // expected-remark @+1 {{computed when compiling}}
  %p = sinter.pack %t : <[4, 5], f32> -> <[4, 5], f32, <columns = 16, depth = 1>>
  %y = sinter.linear %e, %p : <[N, 4], f32>, <[4, 5], f32, <columns = 16, depth = 1>> -> <[N, 5], f32>
  return %y : !sinter.tensor<[N, 5], f32>
}

// -----

// Constants, counting and repeating are cheaper to make than to read: a broadcast is not stored, what it repeats is.

// CHECK: sinter.parameter @b layers 1 : !sinter.tensor<[4], f32>
// CHECK-NOT: sinter.parameter @
// CHECK-LABEL: @cheap
// CHECK-DAG: sinter.constant 2.0
// CHECK-DAG: sinter.iota
// CHECK-DAG: %[[B:.*]] = sinter.parameter_load @b
// CHECK-DAG: sinter.broadcast %[[B]]
func.func @cheap(%x: !sinter.tensor<[N, 3, 4], f32>) -> !sinter.tensor<[N, 3, 4], f32> {
  %two = sinter.constant 2.0 : <[], f32>
  %i = sinter.iota : <[4], i32>
  %f = sinter.convert %i : <[4], i32> -> <[4], f32>
  // expected-remark @+1 {{computed when compiling}}
  %b = sinter.weight "b" : <[4], f32>
  %r = sinter.broadcast %b : <[4], f32> -> <[3, 4], f32>
  %y = sinter.mul %x, %two : <[N, 3, 4], f32>, <[], f32> -> <[N, 3, 4], f32>
  %z = sinter.add %y, %f : <[N, 3, 4], f32>, <[4], f32> -> <[N, 3, 4], f32>
  %o = sinter.add %z, %r : <[N, 3, 4], f32>, <[3, 4], f32> -> <[N, 3, 4], f32>
  return %o : !sinter.tensor<[N, 3, 4], f32>
}

// -----

// What is computed of constants alone is stored under a name of its own; a layer's number counts as an input.

// CHECK: sinter.parameter @constant layers 1 : !sinter.tensor<[4], f32>
// CHECK: sinter.parameter @constant_0 layers 2 : !sinter.tensor<[], f32>
// CHECK: ^bb0(%[[L:.*]]: index):
// CHECK: sinter.layer_number %[[L]]
func.func @constants(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %base = sinter.constant 10000.0 : <[], f32>
  %i = sinter.iota : <[4], i32>
  %f = sinter.convert %i : <[4], i32> -> <[4], f32>
  // expected-remark @+1 {{Remark=4, Remark=" operations, ", Remark=1, Remark=" layers"}}
  %p = sinter.pow %base, %f : <[], f32>, <[4], f32> -> <[4], f32>
  %s = sinter.add %x, %p : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
  %y = sinter.repeat %l in 2 (%a = %s : !sinter.tensor<[N, 4], f32>) {
    %i32 = sinter.layer_number %l : <[], i32>
    %n = sinter.convert %i32 : <[], i32> -> <[], f32>
    // expected-remark @+1 {{Remark=" operations, ", Remark=2, Remark=" layers"}}
    %m = sinter.sqrt %n : <[], f32>
    %b = sinter.mul %a, %m : <[N, 4], f32>, <[], f32> -> <[N, 4], f32>
    sinter.yield %b : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// A loop in a loop: what each of its turns in each layer has, and what each layer has.

// CHECK: sinter.parameter @h.w layers 2
// CHECK: sinter.parameter @h.expert.w layers 6
// CHECK-NEXT: ^bb0(%[[L:.*]]: index):
// CHECK-NEXT: sinter.weight "h.{i/3}.expert.{i%3}.w"[%[[L]]]
// CHECK: sinter.repeat %[[OUTER:.*]] in 2
// CHECK: sinter.repeat %[[INNER:.*]] in 3 of %[[OUTER]]
// CHECK-DAG: sinter.parameter_load @h.w[%[[OUTER]]]
// CHECK-DAG: sinter.parameter_load @h.expert.w[%[[INNER]]]
func.func @nested(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %y = sinter.repeat %l in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    %z = sinter.repeat %m in 3 of %l (%b = %a : !sinter.tensor<[N, 4], f32>) {
      // expected-remark @+1 {{Remark=" operations, ", Remark=2, Remark=" layers"}}
      %w = sinter.weight "h.{i}.w"[%l] : <[4], f32>
      %c = sinter.add %b, %w : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
      // expected-remark @+1 {{Remark=" operations, ", Remark=6, Remark=" layers"}}
      %v = sinter.weight "h.{i/3}.expert.{i%3}.w"[%m] : <[4], f32>
      %d = sinter.add %c, %v : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
      sinter.yield %d : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %z : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

func.func @of_two(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %y = sinter.repeat %l in 2 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    %z = sinter.repeat %m in 2 of %l (%b = %a : !sinter.tensor<[N, 4], f32>) {
      %v = sinter.weight "h.{i/2}.expert.{i%2}.w"[%m] : <[4], f32>
      // expected-error @+1 {{depends on the layers of two loops: this is not built}}
      %w = sinter.weight "h.{i}.w"[%l] : <[4], f32>
      %s = sinter.add %v, %w : <[4], f32>, <[4], f32> -> <[4], f32>
      %c = sinter.add %b, %s : <[N, 4], f32>, <[4], f32> -> <[N, 4], f32>
      sinter.yield %c : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %z : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

// -----

// Names listed by layer go along; the parameter is called after what they have in common.

// CHECK: sinter.parameter @onnx__MatMul_ layers 2
// CHECK-NEXT: ^bb0(%[[L:.*]]: index):
// CHECK-NEXT: sinter.weight ["onnx::MatMul_12", "onnx::MatMul_9"][%[[L]]]
func.func @forward(%x: !sinter.tensor<[N, 8], f32>) -> !sinter.tensor<[N, 8], f32> {
  %y = sinter.repeat %l in 2 (%a = %x : !sinter.tensor<[N, 8], f32>) {
    %w = sinter.weight ["onnx::MatMul_12", "onnx::MatMul_9"][%l] : <[8, 8], f32>
    // expected-remark @+1 {{computed when compiling}}
    %p = sinter.pack %w : <[8, 8], f32> -> <[8, 8], f32, <columns = 16, depth = 1>>
    %b = sinter.linear %a, %p : <[N, 8], f32>, <[8, 8], f32, <columns = 16, depth = 1>> -> <[N, 8], f32>
    sinter.yield %b : !sinter.tensor<[N, 8], f32>
  }
  return %y : !sinter.tensor<[N, 8], f32>
}
