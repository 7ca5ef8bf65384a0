// What plan-weights refuses: more than there is memory for, of one layer or of all together.
//
// RUN: sinter-opt %s --plan-weights -split-input-file -verify-diagnostics -o /dev/null

// expected-error @+1 {{makes '!sinter.tensor<[10000000, 20000000], f32>', which does not fit into memory}}
sinter.parameter @w layers 1 : !sinter.tensor<[10000000, 20000000], f32> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[10000000, 20000000], f32>
  sinter.yield %w : !sinter.tensor<[10000000, 20000000], f32>
}

// -----

// expected-error @+1 {{'sinter.parameter' op does not fit into memory}}
sinter.parameter @w layers 9000000 : !sinter.tensor<[1000000, 1000000], f32> {
^bb0(%layer: index):
  %w = sinter.weight "h.{i}.w"[%layer] : <[1000000, 1000000], f32>
  sinter.yield %w : !sinter.tensor<[1000000, 1000000], f32>
}
