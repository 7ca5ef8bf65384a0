// What verifiers of the kernel level refuse, and in which words.
//
// RUN: sinter-opt %s -split-input-file -verify-diagnostics -o /dev/null

func.func @pack(%w: !sinter.tensor<[2, 3], f32>) {
  // expected-error @+1 {{packs '!sinter.tensor<[3, 2], f32>' into}}
  %p = sinter.pack %w : !sinter.tensor<[2, 3], f32> -> !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>>
  return
}

// -----

// expected-error @+1 {{has at least one layer, not 0}}
sinter.parameter @p layers 0 : !sinter.tensor<[2], f32> {
^bb0(%layer: index):
  %w = sinter.weight "w" : !sinter.tensor<[2], f32>
  sinter.yield %w : !sinter.tensor<[2], f32>
}

// -----

// expected-error @+1 {{the region must yield one value of '!sinter.tensor<[3], f32>'}}
sinter.parameter @p layers 1 : !sinter.tensor<[3], f32> {
^bb0(%layer: index):
  %w = sinter.weight "w" : !sinter.tensor<[2], f32>
  sinter.yield %w : !sinter.tensor<[2], f32>
}

// -----

sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
// expected-error @+1 {{is computed when compiling, when no cache holds anything}}
sinter.parameter @p layers 1 : !sinter.tensor<[3, 2, 4], f32> {
^bb0(%layer: index):
  %w = sinter.cache_load @key : !sinter.tensor<[3, 2, 4], f32>
  sinter.yield %w : !sinter.tensor<[3, 2, 4], f32>
}

// -----

func.func @missing() {
  // expected-error @+1 {{there is no parameter @p}}
  %w = sinter.parameter_load @p : !sinter.tensor<[2], f32>
  return
}

// -----

sinter.parameter @p layers 2 : !sinter.tensor<[2], f32> {
^bb0(%layer: index):
  %w = sinter.weight "h.{i}.w"[%layer] : !sinter.tensor<[2], f32>
  sinter.yield %w : !sinter.tensor<[2], f32>
}
func.func @layer() {
  // expected-error @+1 {{@p has 2 layers, but no layer is given}}
  %w = sinter.parameter_load @p : !sinter.tensor<[2], f32>
  return
}

// -----

sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
func.func @rows(%x: !sinter.tensor<[N, 4, 2], f32>, %at: !sinter.tensor<[N], i32>) {
  // expected-error @+1 {{takes rows of [2, 4] elements of 'f32', not '!sinter.tensor<[N, 4, 2], f32>'}}
  %h = sinter.cache_append @key, %x at %at, %at : !sinter.tensor<[N, 4, 2], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.history<[2, 4], f32>
  return
}

// -----

sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
func.func @position(%x: !sinter.tensor<[N, 2, 4], f32>, %at: !sinter.tensor<[N], i32>, %other: !sinter.tensor<[3], i32>) {
  // expected-error @+1 {{takes one position of each row, '!sinter.tensor<[N], i32>', not '!sinter.tensor<[3], i32>'}}
  %h = sinter.cache_append @key, %x at %at, %other : !sinter.tensor<[N, 2, 4], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[3], i32> -> !sinter.history<[2, 4], f32>
  return
}

// -----

sinter.cache @key layers 1 : !sinter.history<[2, 4], f32>
func.func @type() {
  // expected-error @+1 {{@key is of '!sinter.history<[2, 4], f32>', not '!sinter.history<[4, 4], f32>'}}
  %h = sinter.cache_history @key : !sinter.history<[4, 4], f32>
  return
}

// -----

func.func @linear(%x: !sinter.tensor<[N, 4], f32>, %w: !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>>) {
  // expected-error @+1 {{the weight takes rows of 3 elements, not '!sinter.tensor<[N, 4], f32>'}}
  %y = sinter.linear %x, %w : !sinter.tensor<[N, 4], f32>, !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>> -> !sinter.tensor<[N, 2], f32>
  return
}

// -----

func.func @placement(%x: !sinter.tensor<[N, 3], f32>, %w: !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>>) {
  // expected-error @+1 {{has 1 results, but places for 2}}
  %y = sinter.linear %x, %w to [0, 64] : !sinter.tensor<[N, 3], f32>, !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>> -> !sinter.tensor<[N, 2], f32>
  return
}

// -----

func.func @heads(%q: !sinter.tensor<[3, N, 4], f32>, %keys: !sinter.history<[2, 4], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @+1 {{3 heads cannot share the 2 heads of '!sinter.history<[2, 4], f32>'}}
  %s = sinter.attention_scores %q, %keys, %n, %n : !sinter.tensor<[3, N, 4], f32>, !sinter.history<[2, 4], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[3, N, P], f32>
  return
}

// -----

func.func @extent(%p: !sinter.tensor<[2, N, P], f32>, %values: !sinter.history<[2, 4], f32>, %n: !sinter.tensor<[N], i32>, %r: !sinter.tensor<[R], i32>) {
  // expected-error @+1 {{takes one extent of each row, '!sinter.tensor<[N], i32>', not '!sinter.tensor<[R], i32>'}}
  %s = sinter.attention_values %p, %values, %n, %r : !sinter.tensor<[2, N, P], f32>, !sinter.history<[2, 4], f32>, !sinter.tensor<[N], i32>, !sinter.tensor<[R], i32> -> !sinter.tensor<[2, N, 4], f32>
  return
}

// -----

func.func @group(%x: !sinter.tensor<[N, 2], f32>) {
  // expected-error @+1 {{the region must yield the results, with their types}}
  %y = sinter.row_group (%a = %x : !sinter.tensor<[N, 2], f32>) -> !sinter.tensor<[N, 3], f32> {
    sinter.yield %a : !sinter.tensor<[N, 2], f32>
  }
  return
}

// -----

func.func @linear_elements(%x: !sinter.tensor<[N, 3], bf16>, %w: !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>>) {
  // expected-error @+1 {{a weight in 'f32' takes rows in it or in f32, not in 'bf16'}}
  %y = sinter.linear %x, %w : !sinter.tensor<[N, 3], bf16>, !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>> -> !sinter.tensor<[N, 2], f32>
  return
}

// -----

func.func @linear_quantized(%x: !sinter.tensor<[N, 3], f16>, %w: !sinter.packed<[3, 2], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>>) {
  // expected-error @+1 {{a weight in '!sinter.quantized<ui8, scale = bf16>' takes rows in bf16 or in f32, not in 'f16'}}
  %y = sinter.linear %x, %w : !sinter.tensor<[N, 3], f16>, !sinter.packed<[3, 2], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>> -> !sinter.tensor<[N, 2], f32>
  return
}

// -----

func.func @linear_sums(%x: !sinter.tensor<[N, 3], bf16>, %w: !sinter.packed<[3, 2], bf16, <columns = 2, depth = 2>>) {
  // expected-error @+1 {{gives '!sinter.tensor<[N, 2], f32>', not '!sinter.tensor<[N, 2], bf16>'}}
  %y = sinter.linear %x, %w : !sinter.tensor<[N, 3], bf16>, !sinter.packed<[3, 2], bf16, <columns = 2, depth = 2>> -> !sinter.tensor<[N, 2], bf16>
  return
}

// -----

// expected-error @+1 {{quantized elements are stored as ui2, ui4, ui5, ui6 or ui8, not 'i8'}}
func.func @storage(%w: !sinter.tensor<[8, 2], !sinter.quantized<i8, scale = bf16>>) {
  return
}

// -----

// expected-error @+1 {{the scale of quantized elements is bf16 or f16, not 'f32'}}
func.func @scale(%w: !sinter.tensor<[8, 2], !sinter.quantized<ui8, scale = f32>>) {
  return
}

// -----

// expected-error @+1 {{a group of quantized elements has a multiple of 4 inputs up to 65536, or 0 for all, not 6}}
func.func @group_of_inputs(%w: !sinter.tensor<[8, 2], !sinter.quantized<ui8, scale = bf16, group = 6>>) {
  return
}

// -----

// expected-error @+1 {{a group of quantized elements has a multiple of 32 inputs up to 65536, or 0 for all, not 16}}
func.func @group_of_five_bits(%w: !sinter.tensor<[32, 2], !sinter.quantized<ui5, scale = bf16, group = 16>>) {
  return
}

// -----

// expected-error @+1 {{a block of quantized elements has whole groups and up to 65536 inputs, not 40}}
func.func @block(%w: !sinter.tensor<[80, 2], !sinter.quantized<ui4, scale = f16, group = 16, block = 40>>) {
  return
}

// -----

// expected-error @+1 {{are whole blocks, but there are 384 inputs}}
func.func @blocks(%w: !sinter.packed<[384, 2], !sinter.quantized<ui6, scale = f16, group = 16, block = 256>, <columns = 16, depth = 16>>) {
  return
}

// -----

func.func @rounded_to_blocks(%w: !sinter.tensor<[256, 2], f32>) {
  // expected-error @+1 {{takes scales of blocks only as they are stored}}
  %q = sinter.quantize %w : <[256, 2], f32> -> <[256, 2], !sinter.quantized<ui6, scale = f16, group = 16, block = 256>>
  return
}

// -----

// expected-error @+1 {{panels of '!sinter.quantized<ui4, scale = bf16>' are 8 deep, not 4}}
func.func @panels(%w: !sinter.packed<[8, 2], !sinter.quantized<ui4, scale = bf16>, <columns = 16, depth = 4>>) {
  return
}

// -----

// expected-error @+1 {{a scale is shared by at most 65536 inputs, not 65540}}
func.func @long_column(%w: !sinter.packed<[65540, 2], !sinter.quantized<ui8, scale = bf16>, <columns = 16, depth = 4>>) {
  return
}

// -----

func.func @quantize(%w: !sinter.tensor<[8, 2], f32>) {
  // expected-error @+1 {{gives quantized elements in the shape of f32, not '!sinter.tensor<[8, 2], bf16>' of '!sinter.tensor<[8, 2], f32>'}}
  %q = sinter.quantize %w : <[8, 2], f32> -> <[8, 2], bf16>
  return
}

// -----

func.func @quantize_rows(%w: !sinter.tensor<[N, 2], f32>) {
  // expected-error @+1 {{takes a matrix of a size known when compiling, not '!sinter.tensor<[N, 2], f32>'}}
  %q = sinter.quantize %w : <[N, 2], f32> -> <[N, 2], !sinter.quantized<ui8, scale = bf16>>
  return
}

// -----

func.func @relative(%k: !sinter.history<[2, 4], f32>, %t: !sinter.tensor<[2, 8, 5], f32>, %i: !sinter.tensor<[N, P], i32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @+1 {{multiplies '!sinter.history<[2, 4], f32>' with '!sinter.tensor<[2, 8, 5], f32>': heads and widths must be equal}}
  %s = sinter.attention_relative %k, %t[%i], %n, %n : !sinter.history<[2, 4], f32>, !sinter.tensor<[2, 8, 5], f32>, !sinter.tensor<[N, P], i32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[2, N, P], f32>
  return
}

// -----

func.func @relative_rows(%r: !sinter.tensor<[2, N, 4], f32>, %t: !sinter.tensor<[2, 8, 5], f32>, %i: !sinter.tensor<[N, P], i32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @+1 {{takes rows '!sinter.tensor<[2, N, 5], f32>', not '!sinter.tensor<[2, N, 4], f32>'}}
  %s = sinter.attention_relative %r, %t[%i], %n, %n : !sinter.tensor<[2, N, 4], f32>, !sinter.tensor<[2, 8, 5], f32>, !sinter.tensor<[N, P], i32>, !sinter.tensor<[N], i32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[2, N, P], f32>
  return
}

// -----

func.func @gathered(%n: !sinter.tensor<[N], i32>, %w: !sinter.packed<[3, 2], bf16, <columns = 2, depth = 2>>) {
  // expected-error @+1 {{gives '!sinter.tensor<[N, 3], f32>', not '!sinter.tensor<[N, 2], f32>'}}
  %x = sinter.packed_gather %w[%n] : !sinter.packed<[3, 2], bf16, <columns = 2, depth = 2>>, !sinter.tensor<[N], i32> -> !sinter.tensor<[N, 2], f32>
  return
}

// -----

func.func @numbers(%n: !sinter.tensor<[1, N], i32>, %w: !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>>) {
  // expected-error @+1 {{takes one number of i32 for each row, not '!sinter.tensor<[1, N], i32>'}}
  %x = sinter.packed_gather %w[%n] : !sinter.packed<[3, 2], f32, <columns = 2, depth = 1>>, !sinter.tensor<[1, N], i32> -> !sinter.tensor<[N, 3], f32>
  return
}
