// Results are kept in f64, unless rounding to f32 is asked for. Constants are f32 from the start.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: sinter-opt %s --evaluate=round-to-f32 -o /dev/null | FileCheck %s --check-prefixes=CHECK,NARROW

// RUN: sinter-opt %s --evaluate='round-at-random=1' -o /dev/null > %t.1
// RUN: sinter-opt %s --evaluate='round-at-random=1' -o /dev/null | diff - %t.1
// RUN: sinter-opt %s --evaluate='round-at-random=2' -o /dev/null > %t.2
// RUN: sinter-opt %s --evaluate='round-at-random=3' -o /dev/null > %t.3
// RUN: sinter-opt %s --evaluate='round-at-random=4' -o /dev/null > %t.4
// RUN: sort -u %t.1 %t.2 %t.3 %t.4 | FileCheck %s --check-prefix=RANDOM

// Rounded up or down by chance, by a seed; what f32 holds stays as it is.
// RANDOM: @constant = 0
// RANDOM-NEXT: @sum = 0
// RANDOM-NEXT: @sum = 2
// RANDOM-NOT: @

// A sum that f32 cannot hold: 2^24 + 1.
// WIDE: @sum = 1
// NARROW: @sum = 0
func.func @sum(%large: !sinter.tensor<[], f32> {sinter.value = dense<16777216.0> : tensor<f32>}) -> !sinter.tensor<[], f32> {
  %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %sum = sinter.add %large, %one : !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[], f32>
  %rest = sinter.sub %sum, %large : !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[], f32>
  return %rest : !sinter.tensor<[], f32>
}

// CHECK: @constant = 0
func.func @constant(%tenth: !sinter.tensor<[], f32> {sinter.value = dense<0.1> : tensor<f32>}) -> !sinter.tensor<[], f32> {
  %c = sinter.constant 0.1 : !sinter.tensor<[], f32>
  %d = sinter.sub %c, %tenth : !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[], f32>
  return %d : !sinter.tensor<[], f32>
}
