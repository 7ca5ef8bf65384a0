// A function of tokens and of a source becomes an encoder and a decoder.
//
// RUN: sinter-opt %s --verify-numerics --split-source --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// What the scores need of the source is kept in the form that it has before it is transposed, and read back from there.

// CHECK: sinter.cache @cross_key layers 1 : !sinter.history<[1, 4], f32> {of_source, persistent}
// CHECK-NOT: sinter.cache @
// CHECK: func.func @encode(%[[SOURCE:.*]]: !sinter.tensor<[S], i32> {sinter.input = "token"}) {
// CHECK: sinter.gather %{{.*}}[%[[SOURCE]]]
// CHECK: %[[T:.*]] = sinter.tanh
// CHECK: %[[ROWS:.*]] = sinter.reshape %[[T]] : <[S, 4], f32> -> <[S, 1, 4], f32>
// CHECK: sinter.cache_store @cross_key, %[[ROWS]]
// CHECK-NOT: sinter.matmul
// CHECK: func.func @forward(%[[TOKEN:.*]]: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1], f32>
// CHECK-NOT: sinter.tanh
// CHECK: %[[LOADED:.*]] = sinter.cache_load @cross_key : <[S, 1, 4], f32>
// CHECK: %[[K:.*]] = sinter.reshape %[[LOADED]]
// CHECK: sinter.transpose
// CHECK: sinter.matmul
// expected-remark @+1 {{Remark=1, Remark=" values are computed once for each source"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %source: !sinter.tensor<[S], i32> {sinter.input = "source"}) -> !sinter.tensor<[T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %s = sinter.gather %wte[%source] : <[16, 4], f32>, <[S], i32> -> <[S, 4], f32>
  %k = sinter.tanh %s : <[S, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[S, 4], f32> -> <[4, S], f32>
  %scores = sinter.matmul %e, %kt : <[T, 4], f32>, <[4, S], f32> -> <[T, S], f32>
  %o = sinter.reduce max %scores axis 1 : <[T, S], f32> -> <[T, 1], f32>
  return %o : !sinter.tensor<[T, 1], f32>
}

// -----

// The encoder's layers go as they are; of the decoder's, what makes keys and values becomes a loop of the encoder that
// carries nothing, and each layer keeps its own. Heads are kept before query heads share them; segments go with the
// source.

// CHECK: sinter.cache @cross_key layers 2 : !sinter.history<[1, 4], f32> {of_source, persistent}
// CHECK: sinter.cache @cross_value layers 2 : !sinter.history<[1, 4], f32> {of_source, persistent}
// CHECK: func.func @encode(%{{.*}}: !sinter.tensor<[S], i32> {sinter.input = "token"}, %{{.*}}: !sinter.tensor<[S], i32> {sinter.input = "segment"}) {
// CHECK: %[[MEMORY:.*]] = sinter.repeat %{{.*}} in 3
// CHECK: sinter.repeat %[[L:.*]] in 2 () {
// CHECK: sinter.weight "decoder.{i}.k"[%[[L]]]
// CHECK: sinter.matmul %[[MEMORY]]
// CHECK: sinter.cache_store @cross_key[%[[L]]]
// CHECK: sinter.cache_store @cross_value[%[[L]]]
// CHECK: func.func @forward(%{{[^,]*}}: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 8], f32>
// CHECK: sinter.repeat %[[L:.*]] in 2
// CHECK: sinter.cache_load @cross_key[%[[L]]]
// CHECK: sinter.cache_load @cross_value[%[[L]]]
// expected-remark @+1 {{Remark=2, Remark=" values are computed once for each source"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %source: !sinter.tensor<[S], i32> {sinter.input = "source"}, %segment: !sinter.tensor<[S], i32> {sinter.input = "source_segment"}) -> !sinter.tensor<[T, 8], f32> {
  %wte = sinter.weight "wte" : <[16, 8], f32>
  %e = sinter.gather %wte[%token] : <[16, 8], f32>, <[T], i32> -> <[T, 8], f32>
  %s = sinter.gather %wte[%source] : <[16, 8], f32>, <[S], i32> -> <[S, 8], f32>
  %g = sinter.gather %wte[%segment] : <[16, 8], f32>, <[S], i32> -> <[S, 8], f32>
  %sg = sinter.add %s, %g : <[S, 8], f32>, <[S, 8], f32> -> <[S, 8], f32>
  %memory = sinter.repeat %l in 3 (%a = %sg : !sinter.tensor<[S, 8], f32>) {
    %w = sinter.weight "encoder.{i}.w"[%l] : <[8], f32>
    %b = sinter.add %a, %w : <[S, 8], f32>, <[8], f32> -> <[S, 8], f32>
    sinter.yield %b : !sinter.tensor<[S, 8], f32>
  }
  %y = sinter.repeat %l in 2 (%a = %e : !sinter.tensor<[T, 8], f32>) {
    %h = sinter.reshape %a : <[T, 8], f32> -> <[T, 2, 4], f32>
    %q = sinter.transpose %h [1, 0, 2] : <[T, 2, 4], f32> -> <[2, T, 4], f32>
    %wk = sinter.weight "decoder.{i}.k"[%l] : <[8, 4], f32>
    %k = sinter.matmul %memory, %wk : <[S, 8], f32>, <[8, 4], f32> -> <[S, 4], f32>
    %k1 = sinter.reshape %k : <[S, 4], f32> -> <[1, S, 4], f32>
    %k2 = sinter.broadcast %k1 : <[1, S, 4], f32> -> <[2, S, 4], f32>
    %kt = sinter.transpose %k2 [0, 2, 1] : <[2, S, 4], f32> -> <[2, 4, S], f32>
    %scores = sinter.matmul %q, %kt : <[2, T, 4], f32>, <[2, 4, S], f32> -> <[2, T, S], f32>
    %wv = sinter.weight "decoder.{i}.v"[%l] : <[8, 4], f32>
    %v = sinter.matmul %memory, %wv : <[S, 8], f32>, <[8, 4], f32> -> <[S, 4], f32>
    %v1 = sinter.reshape %v : <[S, 4], f32> -> <[1, S, 4], f32>
    %o = sinter.matmul %scores, %v1 : <[2, T, S], f32>, <[1, S, 4], f32> -> <[2, T, 4], f32>
    %ot = sinter.transpose %o [1, 0, 2] : <[2, T, 4], f32> -> <[T, 2, 4], f32>
    %b = sinter.reshape %ot : <[T, 2, 4], f32> -> <[T, 8], f32>
    sinter.yield %b : !sinter.tensor<[T, 8], f32>
  }
  return %y : !sinter.tensor<[T, 8], f32>
}

// -----

// Without a source there is nothing to split.

// CHECK-NOT: sinter.cache
// CHECK: func.func @logits
// CHECK-NOT: func.func
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T], i32> {
  return %token : !sinter.tensor<[T], i32>
}

// -----

// A source whose rows are numbers: the encoder's input is features.

// CHECK: func.func @encode(%[[SOURCE:.*]]: !sinter.tensor<[S, 2, 2], f32> {sinter.input = "features"}) {
// CHECK: %[[ROWS:.*]] = sinter.reshape %[[SOURCE]] : <[S, 2, 2], f32> -> <[S, 1, 4], f32>
// CHECK: sinter.cache_store @cross_key, %[[ROWS]]
// CHECK: func.func @forward(%{{[^,]*}}: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1], f32>
// expected-remark @+1 {{Remark=1, Remark=" values are computed once for each source"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %source: !sinter.tensor<[S, 2, 2], f32> {sinter.input = "source"}) -> !sinter.tensor<[T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.reshape %source : <[S, 2, 2], f32> -> <[S, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[S, 4], f32> -> <[4, S], f32>
  %scores = sinter.matmul %e, %kt : <[T, 4], f32>, <[4, S], f32> -> <[T, S], f32>
  %o = sinter.reduce max %scores axis 1 : <[T, S], f32> -> <[T, 1], f32>
  return %o : !sinter.tensor<[T, 1], f32>
}
