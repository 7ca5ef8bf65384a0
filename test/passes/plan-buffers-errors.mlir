// What plan-buffers refuses.
//
// RUN: sinter-opt %s --pass-pipeline='builtin.module(func.func(plan-buffers))' -split-input-file -verify-diagnostics -o /dev/null
// RUN: not sinter-opt %S/inputs/entry.mlir --pass-pipeline='builtin.module(func.func(plan-buffers{maximum-tokens=0}))' 2>&1 | FileCheck %s
// RUN: not sinter-opt %S/inputs/entry.mlir --pass-pipeline='builtin.module(func.func(plan-buffers{maximum-rows=-1}))' 2>&1 | FileCheck %s
// CHECK: entry.mlir:4:3: error: a call holds at least one token and asks for at least one row

// expected-error @+1 {{the module must say how long a sequence may be: `sinter.context` is missing or below 1}}
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}) {
  return
}

// -----

module attributes {sinter.context = 8 : i64} {
  // expected-error @+1 {{the module must say how long a sequence may be: `sinter.source_context` is missing or below 1}}
  func.func @encode(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}) {
    return
  }
}

// -----

module attributes {sinter.context = 8 : i64, sinter.source_context = 0 : i64} {
  // expected-error @+1 {{the module must say how long a source may be: `sinter.source_context` is missing or below 1}}
  func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %extent: !sinter.tensor<[N], i32> {sinter.input = "source_extent"}) {
    return
  }
}

// -----

module attributes {sinter.context = 8 : i64} {
  func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %x: !sinter.tensor<[N, A], f32>) {
    // expected-error @+1 {{makes '!sinter.tensor<[N, A], f32>': nothing says how large A becomes}}
    %a = sinter.row_group (%i = %x : !sinter.tensor<[N, A], f32>) -> !sinter.tensor<[N, A], f32> {
      %j = sinter.exp %i : <[N, A], f32>
      sinter.yield %j : !sinter.tensor<[N, A], f32>
    }
    return
  }
}

// -----

module attributes {sinter.context = 8 : i64} {
  func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}, %x: !sinter.tensor<[N, 1000000, 1000000], f32>) {
    // expected-error @+1 {{which does not fit into memory}}
    %a = sinter.row_group (%i = %x : !sinter.tensor<[N, 1000000, 1000000], f32>) -> !sinter.tensor<[N, 1000000, 1000000], f32> {
      %j = sinter.exp %i : <[N, 1000000, 1000000], f32>
      sinter.yield %j : !sinter.tensor<[N, 1000000, 1000000], f32>
    }
    return
  }
}
