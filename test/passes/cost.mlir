// Bytes and operations, counted by hand: two tokens behind three others, so five positions.
//
// RUN: sinter-opt %s --print-cost="tokens=2 past=3 rows=1 source=7" -o /dev/null | FileCheck %s --match-full-lines --strict-whitespace

//      CHECK:@elementwise: weights 0, read 48, written 32, operations 8
// CHECK-NEXT:  sinter.add: weights 0, read 48, written 32, operations 8
func.func @elementwise(%x: !sinter.tensor<[N, 4], f32>, %y: !sinter.tensor<[4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %a = sinter.add %x, %y : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[4], f32> -> !sinter.tensor<[N, 4], f32>
  return %a : !sinter.tensor<[N, 4], f32>
}

// What an op takes twice it reads once; reading a constant costs nothing, and neither does a reshape. A sum counts
// every element that goes in.
//      CHECK:@once: weights 0, read 96, written 72, operations 24
// CHECK-NEXT:  sinter.mul: weights 0, read 32, written 32, operations 8
// CHECK-NEXT:  sinter.add: weights 0, read 32, written 32, operations 8
// CHECK-NEXT:  sinter.reduce: weights 0, read 32, written 8, operations 8
func.func @once(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N], f32> {
  %s = sinter.mul %x, %x : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32> -> !sinter.tensor<[N, 4], f32>
  %c = sinter.constant 1.0 : !sinter.tensor<[], f32>
  %a = sinter.add %s, %c : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[N, 4], f32>
  %m = sinter.reduce sum %a axis 1 : !sinter.tensor<[N, 4], f32> -> !sinter.tensor<[N, 1], f32>
  %r = sinter.reshape %m : !sinter.tensor<[N, 1], f32> -> !sinter.tensor<[N], f32>
  return %r : !sinter.tensor<[N], f32>
}

// A function that has a name costs what its primitive form does, in one go: a negation, an exponential, a sum, a quotient.
//      CHECK:@named: weights 0, read 32, written 32, operations 32
// CHECK-NEXT:  sinter.silu: weights 0, read 32, written 32, operations 32
func.func @named(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %y = sinter.silu %x : !sinter.tensor<[N, 4], f32>
  return %y : !sinter.tensor<[N, 4], f32>
}

// A whole sequence is of five tokens. What is made of weights is made when compiling; reading it costs.
//      CHECK:@whole: weights 128, read 80, written 160, operations 320
// CHECK-NEXT:  sinter.matmul: weights 128, read 80, written 160, operations 320
func.func @whole(%x: !sinter.tensor<[T, 4], f32>) -> !sinter.tensor<[T, 8], f32> {
  %w = sinter.weight "w" : !sinter.tensor<[8, 4], f32>
  %t = sinter.transpose %w [1, 0] : !sinter.tensor<[8, 4], f32> -> !sinter.tensor<[4, 8], f32>
  %y = sinter.matmul %x, %t : !sinter.tensor<[T, 4], f32>, !sinter.tensor<[4, 8], f32> -> !sinter.tensor<[T, 8], f32>
  return %y : !sinter.tensor<[T, 8], f32>
}

// Of a table, the rows that are asked for; of an axis, the slice.
//      CHECK:@parts: weights 32, read 24, written 48, operations 0
// CHECK-NEXT:  sinter.gather: weights 32, read 8, written 32, operations 0
// CHECK-NEXT:  sinter.slice: weights 0, read 16, written 16, operations 0
func.func @parts(%token: !sinter.tensor<[N], i32>) -> !sinter.tensor<[N, 2], f32> {
  %w = sinter.weight "table" : !sinter.tensor<[100, 4], f32>
  %x = sinter.gather %w[%token] : !sinter.tensor<[100, 4], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[N, 4], f32>
  %s = sinter.slice %x axis 1 from 0 size 2 stride 1 : !sinter.tensor<[N, 4], f32> -> !sinter.tensor<[N, 2], f32>
  return %s : !sinter.tensor<[N, 2], f32>
}

// Layers run as often as they are many.
//      CHECK:@layers: weights 48, read 96, written 96, operations 24
// CHECK-NEXT:  sinter.repeat: weights 48, read 96, written 96, operations 24
// CHECK-NEXT:    sinter.add: weights 16, read 32, written 32, operations 8
func.func @layers(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %y = sinter.repeat %layer in 3 (%a = %x : !sinter.tensor<[N, 4], f32>) {
    %b = sinter.weight "h.{i}.b"[%layer] : !sinter.tensor<[4], f32>
    %c = sinter.add %a, %b : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[4], f32> -> !sinter.tensor<[N, 4], f32>
    sinter.yield %c : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

// In a kernel, what goes from one op to the next stays in registers.
//      CHECK:@kernel: weights 0, read 32, written 32, operations 16
// CHECK-NEXT:  sinter.row_group: weights 0, read 32, written 32, operations 16
func.func @kernel(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %y = sinter.row_group (%a = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %e = sinter.exp %a : !sinter.tensor<[N, 4], f32>
    %s = sinter.add %e, %a : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32> -> !sinter.tensor<[N, 4], f32>
    sinter.yield %s : !sinter.tensor<[N, 4], f32>
  }
  return %y : !sinter.tensor<[N, 4], f32>
}

sinter.cache @key layers 1 : !sinter.history<[1, 4], f32> {persistent}
sinter.cache @value layers 1 : !sinter.history<[1, 4], f32> {persistent}
sinter.cache @cross layers 1 : !sinter.history<[1, 4], f32> {of_source}

// Appending writes rows; attention reads five positions of keys and of values (160 bytes), the query (64), sequence
// and extent (16). Four scores a position: 20 scores of 8 operations, 5 of softmax, 8 of values, and one scale.
//      CHECK:@attention: weights 0, read 288, written 96, operations 440
// CHECK-NEXT:  sinter.cache_append: weights 0, read 48, written 32, operations 0
// CHECK-NEXT:  sinter.attention: weights 0, read 240, written 64, operations 440
func.func @attention(%q: !sinter.tensor<[N, 2, 4], f32>, %k: !sinter.tensor<[N, 1, 4], f32>, %sequence: !sinter.tensor<[N], i32>,
                     %position: !sinter.tensor<[N], i32>, %extent: !sinter.tensor<[N], i32>) -> !sinter.tensor<[N, 2, 4], f32> {
  %keys = sinter.cache_append @key, %k at %sequence, %position : !sinter.tensor<[N, 1, 4], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[1, 4], f32>
  %values = sinter.cache_history @value : !sinter.history<[1, 4], f32>
  %o = sinter.attention %q, %keys, %values, %sequence, %extent (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 4], f32>, !sinter.history<[1, 4], f32>, !sinter.history<[1, 4], f32> -> !sinter.tensor<[N, 2, 4], f32> {
    %half = sinter.constant 0.5 : !sinter.tensor<[], f32>
    %l = sinter.mul %s, %half : !sinter.tensor<[2, N, P], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[2, N, P], f32>
    sinter.yield %l : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 4], f32>
}

// A causal row sees none behind its own: rows 3 and 4 see four and five positions, and with a window four and four.
//      CHECK:@causal: weights 0, read 240, written 64, operations 378
// CHECK-NEXT:  sinter.attention: weights 0, read 240, written 64, operations 378
func.func @causal(%q: !sinter.tensor<[N, 2, 4], f32>, %sequence: !sinter.tensor<[N], i32>, %extent: !sinter.tensor<[N], i32>)
    -> !sinter.tensor<[N, 2, 4], f32> attributes {sinter.causal} {
  %keys = sinter.cache_history @key : !sinter.history<[1, 4], f32>
  %values = sinter.cache_history @value : !sinter.history<[1, 4], f32>
  %o = sinter.attention %q, %keys, %values, %sequence, %extent (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 4], f32>, !sinter.history<[1, 4], f32>, !sinter.history<[1, 4], f32> -> !sinter.tensor<[N, 2, 4], f32> {
    sinter.yield %s : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 4], f32>
}

//      CHECK:@window: weights 0, read 240, written 64, operations 336
// CHECK-NEXT:  sinter.attention: weights 0, read 240, written 64, operations 336
func.func @window(%q: !sinter.tensor<[N, 2, 4], f32>, %sequence: !sinter.tensor<[N], i32>, %extent: !sinter.tensor<[N], i32>)
    -> !sinter.tensor<[N, 2, 4], f32> attributes {sinter.causal} {
  %keys = sinter.cache_history @key : !sinter.history<[1, 4], f32>
  %values = sinter.cache_history @value : !sinter.history<[1, 4], f32>
  %o = sinter.attention %q, %keys, %values, %sequence, %extent window 4 (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 4], f32>, !sinter.history<[1, 4], f32>, !sinter.history<[1, 4], f32> -> !sinter.tensor<[N, 2, 4], f32> {
    sinter.yield %s : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 4], f32>
}

// Without causality, every row sees all positions, or as many as its window has: four of five.
//      CHECK:@sides: weights 0, read 240, written 64, operations 336
// CHECK-NEXT:  sinter.attention: weights 0, read 240, written 64, operations 336
func.func @sides(%q: !sinter.tensor<[N, 2, 4], f32>, %sequence: !sinter.tensor<[N], i32>, %extent: !sinter.tensor<[N], i32>)
    -> !sinter.tensor<[N, 2, 4], f32> {
  %keys = sinter.cache_history @key : !sinter.history<[1, 4], f32>
  %values = sinter.cache_history @value : !sinter.history<[1, 4], f32>
  %o = sinter.attention %q, %keys, %values, %sequence, %extent window 4 (%s : !sinter.tensor<[2, N, P], f32>) : !sinter.tensor<[N, 2, 4], f32>, !sinter.history<[1, 4], f32>, !sinter.history<[1, 4], f32> -> !sinter.tensor<[N, 2, 4], f32> {
    sinter.yield %s : !sinter.tensor<[2, N, P], f32>
  }
  return %o : !sinter.tensor<[N, 2, 4], f32>
}

// Of a source, its seven positions.
//      CHECK:@source: weights 0, read 192, written 112, operations 224
// CHECK-NEXT:  sinter.attention_scores: weights 0, read 192, written 112, operations 224
func.func @source(%q: !sinter.tensor<[2, N, 4], f32>, %sequence: !sinter.tensor<[N], i32>,
                  %extent: !sinter.tensor<[N], i32>) -> !sinter.tensor<[2, N, SP], f32> {
  %keys = sinter.cache_history @cross : !sinter.history<[1, 4], f32>
  %s = sinter.attention_scores %q, %keys, %sequence, %extent : !sinter.tensor<[2, N, 4], f32>, !sinter.history<[1, 4], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[2, N, SP], f32>
  return %s : !sinter.tensor<[2, N, SP], f32>
}

sinter.parameter @w layers 1 : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : !sinter.tensor<[4, 8], f32>
  %p = sinter.pack %w : !sinter.tensor<[4, 8], f32> -> !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
}

// A panel is read with its padding; it is not multiplied.
//      CHECK:@linear: weights 256, read 32, written 64, operations 144
// CHECK-NEXT:  sinter.linear_group: weights 256, read 32, written 64, operations 144
func.func @linear(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 8], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>
  %y = sinter.linear_group (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %w : !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 8], f32> {
    %l = sinter.linear %a, %b : !sinter.tensor<[N, 4], f32>, !sinter.packed<[4, 8], f32, <columns = 16, depth = 1>> -> !sinter.tensor<[N, 8], f32>
    %t = sinter.tanh %l : !sinter.tensor<[N, 8], f32>
    sinter.yield %t : !sinter.tensor<[N, 8], f32>
  }
  return %y : !sinter.tensor<[N, 8], f32>
}
