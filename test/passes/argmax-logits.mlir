// Greedy decoding finds the largest logit in the contraction that gives them, while sums are in registers.
//
// RUN: sinter-opt %s --verify-numerics --argmax-logits --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// Behind what rides on the tile.

// CHECK-LABEL: @forward
// CHECK-SAME: -> (!sinter.tensor<[R, 6], f32>, !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>)
// CHECK: %[[Y:.*]]:3 = sinter.linear_group
// CHECK-SAME: -> (!sinter.tensor<[R, 6], f32>, !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>) {
// CHECK: %[[T:.*]] = sinter.tanh
// CHECK: %[[I:.*]], %[[M:.*]] = sinter.argmax %[[T]]
// CHECK: sinter.yield %[[T]], %[[I]], %[[M]]
// CHECK: } {on_tile}
// CHECK: return %[[Y]]#0, %[[Y]]#1, %[[Y]]#2
module attributes {sinter.head = "next_token"} {
  sinter.parameter @w layers 1 : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>> {
  ^bb0(%layer: index):
    %w = sinter.weight "w" : <[4, 6], f32>
    %p = sinter.pack %w : <[4, 6], f32> -> <[4, 6], f32, <columns = 16, depth = 1>>
    sinter.yield %p : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>
  }
  func.func @forward(%x: !sinter.tensor<[R, 4], f32>) -> !sinter.tensor<[R, 6], f32> {
    %w = sinter.parameter_load @w : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[R, 4], f32>, %b = %w : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[R, 6], f32> {
      // expected-remark @+1 {{BytesSavedPerToken=48, Remark="the largest logit is found while sums are in registers: greedy decoding neither writes nor reads logits"}}
      %l = sinter.linear %a, %b : <[R, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[R, 6], f32>
      %t = sinter.tanh %l : <[R, 6], f32>
      sinter.yield %t : !sinter.tensor<[R, 6], f32>
    } {on_tile}
    return %y : !sinter.tensor<[R, 6], f32>
  }
}

// -----

// Sums as they are; the group moves to the end, as threads read one another's findings.

// CHECK-LABEL: @forward
// CHECK: sinter.row_group
// CHECK: %[[Y:.*]]:3 = sinter.linear_group
// CHECK: %[[L:.*]] = sinter.linear
// CHECK-NEXT: %[[I:.*]], %[[M:.*]] = sinter.argmax %[[L]]
// CHECK-NEXT: sinter.yield %[[L]], %[[I]], %[[M]]
// CHECK-NEXT: }
// CHECK-NEXT: return
module attributes {sinter.head = "encoder_decoder"} {
  func.func @forward(%x: !sinter.tensor<[R, 4], f32>, %w: !sinter.tensor<[4, 6], f32>) -> !sinter.tensor<[R, 6], f32> {
    %p = sinter.pack %w : <[4, 6], f32> -> <[4, 6], f32, <columns = 16, depth = 1>>
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[R, 4], f32>, %b = %p : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[R, 6], f32> {
      // expected-remark @+1 {{BytesSavedPerToken=48}}
      %l = sinter.linear %a, %b : <[R, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[R, 6], f32>
      sinter.yield %l : !sinter.tensor<[R, 6], f32>
    }
    %z = sinter.row_group (%a = %x : !sinter.tensor<[R, 4], f32>) -> !sinter.tensor<[R, 4], f32> {
      %e = sinter.exp %a : <[R, 4], f32>
      sinter.yield %e : !sinter.tensor<[R, 4], f32>
    }
    return %y : !sinter.tensor<[R, 6], f32>
  }
}

// -----

// A softmax behind the contraction needs whole rows.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.argmax
module attributes {sinter.head = "next_token"} {
  func.func @forward(%x: !sinter.tensor<[R, 4], f32>, %w: !sinter.tensor<[4, 6], f32>) -> !sinter.tensor<[R, 6], f32> {
    %p = sinter.pack %w : <[4, 6], f32> -> <[4, 6], f32, <columns = 16, depth = 1>>
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[R, 4], f32>, %b = %p : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[R, 6], f32> {
      %l = sinter.linear %a, %b : <[R, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[R, 6], f32>
      %s = sinter.softmax %l axis 1 : <[R, 6], f32>
      sinter.yield %s : !sinter.tensor<[R, 6], f32>
    }
    // expected-remark @+1 {{Remark="greedy decoding reads all logits: ", Remark="work behind the contraction needs whole rows of logits"}}
    return %y : !sinter.tensor<[R, 6], f32>
  }
}

// -----

// Logits that are no contraction's.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.argmax
module attributes {sinter.head = "next_token"} {
  func.func @forward(%x: !sinter.tensor<[R, 4], f32>) -> !sinter.tensor<[R, 4], f32> {
    %y = sinter.exp %x : <[R, 4], f32>
    // expected-remark @+1 {{Remark="greedy decoding reads all logits: ", Remark="the logits are not the result of a contraction and what rides on it"}}
    return %y : !sinter.tensor<[R, 4], f32>
  }
}

// -----

// Something else reads the logits.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.argmax
module attributes {sinter.head = "next_token"} {
  func.func @forward(%x: !sinter.tensor<[R, 4], f32>, %w: !sinter.tensor<[4, 6], f32>) -> (!sinter.tensor<[R, 6], f32>, !sinter.tensor<[R, 6], f32>) {
    %p = sinter.pack %w : <[4, 6], f32> -> <[4, 6], f32, <columns = 16, depth = 1>>
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[R, 4], f32>, %b = %p : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[R, 6], f32> {
      %l = sinter.linear %a, %b : <[R, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[R, 6], f32>
      sinter.yield %l : !sinter.tensor<[R, 6], f32>
    }
    // expected-remark @+1 {{Remark="greedy decoding reads all logits: ", Remark="the entry returns more or other than logits"}}
    return %y, %y : !sinter.tensor<[R, 6], f32>, !sinter.tensor<[R, 6], f32>
  }
}

// -----

// What fills masks looks at all logits: nothing is to be found, and nothing missed.

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.argmax
module attributes {sinter.head = "masked_token"} {
  func.func @forward(%x: !sinter.tensor<[R, 4], f32>) -> !sinter.tensor<[R, 4], f32> {
    return %x : !sinter.tensor<[R, 4], f32>
  }
}

// -----

// CHECK-LABEL: @forward
// CHECK-NOT: sinter.argmax
module attributes {sinter.head = "next_token"} {
  func.func @forward(%x: !sinter.tensor<[R, 4], f32>, %w: !sinter.tensor<[4, 6], f32>) -> !sinter.tensor<[R, 6], f32> {
    %p = sinter.pack %w : <[4, 6], f32> -> <[4, 6], f32, <columns = 16, depth = 1>>
    %y = sinter.linear_group (%a = %x : !sinter.tensor<[R, 4], f32>, %b = %p : !sinter.packed<[4, 6], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[R, 6], f32> {
      %l = sinter.linear %a, %b : <[R, 4], f32>, <[4, 6], f32, <columns = 16, depth = 1>> -> <[R, 6], f32>
      sinter.yield %l : !sinter.tensor<[R, 6], f32>
    }
    %z = sinter.row_group (%a = %y : !sinter.tensor<[R, 6], f32>) -> !sinter.tensor<[R, 6], f32> {
      %e = sinter.exp %a : <[R, 6], f32>
      sinter.yield %e : !sinter.tensor<[R, 6], f32>
    }
    // expected-remark @+1 {{Remark="greedy decoding reads all logits: ", Remark="something else reads the logits"}}
    return %y : !sinter.tensor<[R, 6], f32>
  }
}
