// A linear group means what its region says; it writes caches, and takes and gives what tensors are not.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s

sinter.cache @key layers 2 : !sinter.history<[1, 2], f32> {persistent}

sinter.parameter @w layers 2 : !sinter.packed<[2, 2], f32, <columns = 4, depth = 1>> {
^bb0(%layer: index):
  %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %layer_number = sinter.layer_number %layer : !sinter.tensor<[], i32>
  %number = sinter.convert %layer_number : !sinter.tensor<[], i32> -> !sinter.tensor<[], f32>
  %n = sinter.add %one, %number : !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[], f32>
  %w = sinter.broadcast %n : !sinter.tensor<[], f32> -> !sinter.tensor<[2, 2], f32>
  %p = sinter.pack %w : !sinter.tensor<[2, 2], f32> -> !sinter.packed<[2, 2], f32, <columns = 4, depth = 1>>
  sinter.yield %p : !sinter.packed<[2, 2], f32, <columns = 4, depth = 1>>
}

// Rows [1, 2] and [3, 4]: doubled, summed by a weight of ones, and the row added: 6 + 1, 6 + 2, 14 + 3, 14 + 4. In
// the second layer the weight is of twos: 60 + 7, ...
// CHECK: @layers = {{\[\[}}67, 68], [157, 158]]
func.func @layers(%x: !sinter.tensor<[N, 2], f32> {sinter.value = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>},
                  %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[0, 7]> : tensor<2xi32>},
                  %position: !sinter.tensor<[N], i32> {sinter.value = dense<[0, 0]> : tensor<2xi32>}) -> !sinter.tensor<[N, 2], f32> {
  %y = sinter.repeat %layer in 2 (%a = %x : !sinter.tensor<[N, 2], f32>) {
    %p = sinter.parameter_load @w[%layer] : !sinter.packed<[2, 2], f32, <columns = 4, depth = 1>>
    %b:2 = sinter.linear_group (%i = %a : !sinter.tensor<[N, 2], f32>, %w = %p : !sinter.packed<[2, 2], f32, <columns = 4, depth = 1>>, %l = %layer : index, %s = %sequence : !sinter.tensor<[N], i32>, %t = %position : !sinter.tensor<[N], i32>) -> (!sinter.tensor<[N, 2], f32>, !sinter.history<[1, 2], f32>) {
      %d = sinter.add %i, %i : !sinter.tensor<[N, 2], f32>, !sinter.tensor<[N, 2], f32> -> !sinter.tensor<[N, 2], f32>
      %m = sinter.linear %d, %w : !sinter.tensor<[N, 2], f32>, !sinter.packed<[2, 2], f32, <columns = 4, depth = 1>> -> !sinter.tensor<[N, 2], f32>
      %e = sinter.add %m, %i : !sinter.tensor<[N, 2], f32>, !sinter.tensor<[N, 2], f32> -> !sinter.tensor<[N, 2], f32>
      %r = sinter.reshape %e : !sinter.tensor<[N, 2], f32> -> !sinter.tensor<[N, 1, 2], f32>
      %h = sinter.cache_append @key[%l], %r at %s, %t : !sinter.tensor<[N, 1, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[1, 2], f32>
      sinter.yield %e, %h : !sinter.tensor<[N, 2], f32>, !sinter.history<[1, 2], f32>
    }
    sinter.yield %b#0 : !sinter.tensor<[N, 2], f32>
  }
  return %y : !sinter.tensor<[N, 2], f32>
}

// What the first layer kept: 7, 8 of sequence 0 and 17, 18 of sequence 7. A query of ones sums them.
// CHECK: @kept = {{\[\[\[}}15], [35]]]
func.func @kept(%query: !sinter.tensor<[1, N, 2], f32> {sinter.value = dense<1.0> : tensor<1x2x2xf32>},
                %sequence: !sinter.tensor<[N], i32> {sinter.value = dense<[0, 7]> : tensor<2xi32>},
                %extent: !sinter.tensor<[N], i32> {sinter.input = "extent", sinter.value = dense<[1, 1]> : tensor<2xi32>}) -> !sinter.tensor<[1, N, P], f32> {
  %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %any = sinter.broadcast %one : !sinter.tensor<[], f32> -> !sinter.tensor<[1, N, P], f32>
  %s = sinter.repeat %layer in 1 (%x = %any : !sinter.tensor<[1, N, P], f32>) {
    %keys = sinter.cache_history @key[%layer] : !sinter.history<[1, 2], f32>
    %y = sinter.attention_scores %query, %keys, %sequence, %extent : !sinter.tensor<[1, N, 2], f32>, !sinter.history<[1, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[1, N, P], f32>
    sinter.yield %y : !sinter.tensor<[1, N, P], f32>
  }
  return %s : !sinter.tensor<[1, N, P], f32>
}
