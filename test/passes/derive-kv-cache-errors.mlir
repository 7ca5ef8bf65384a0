// What derive-kv-cache refuses, and in which words.
//
// RUN: sinter-opt %s --derive-kv-cache -split-input-file -verify-diagnostics -o /dev/null

// What a function of a whole sequence takes.

// expected-error @+1 {{argument 0 of @logits must be a tensor<[T], i32> with `sinter.input`, not '!sinter.tensor<[T], f32>'}}
func.func @logits(%x: !sinter.tensor<[T], f32> {sinter.input = "token"}) {
  return
}

// -----

// expected-error @+1 {{argument 1 of @logits must be a tensor<[T], i32> with `sinter.input`}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %x: !sinter.tensor<[T], i32>) {
  return
}

// -----

// expected-error @+1 {{@logits sees a whole sequence: it cannot take 'extent'}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %extent: !sinter.tensor<[T], i32> {sinter.input = "extent"}) {
  return
}

// -----

// expected-error @+1 {{@logits has no argument with `sinter.input = "token"`}}
func.func @logits(%segment: !sinter.tensor<[T], i32> {sinter.input = "segment"}) {
  return
}

// -----

// expected-error @+1 {{arguments of @logits are of different lengths: S and T}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %segment: !sinter.tensor<[S], i32> {sinter.input = "segment"}) {
  return
}

// -----

// What cannot be said of rows one by one.

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, T], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %qt = sinter.transpose %q [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %qt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  // expected-error @+1 {{hands on '!sinter.tensor<[T, T], f32>', which has a row for each pair of positions: this is not built}}
  return %s : !sinter.tensor<[T, T], f32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[1, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  // expected-error @+1 {{makes one of all positions of the sequence, with no row to stand in: pooling is not built}}
  %o = sinter.reduce mean %q axis 0 : <[T, 4], f32> -> <[1, 4], f32>
  return %o : !sinter.tensor<[1, 4], f32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[1, 4], i32> {
  %i = sinter.iota : <[T], i32>
  %r = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %four = sinter.broadcast %r : <[T, 1], i32> -> <[T, 4], i32>
  // expected-error @+1 {{makes one of all positions of the sequence, with no row to stand in: pooling is not built}}
  %o = sinter.reduce max %four axis 0 : <[T, 4], i32> -> <[1, 4], i32>
  return %o : !sinter.tensor<[1, 4], i32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %one = sinter.reduce sum %q axis 1 : <[T, 4], f32> -> <[T, 1], f32>
  %row = sinter.transpose %one [1, 0] : <[T, 1], f32> -> <[1, T], f32>
  // expected-error @+1 {{uses '!sinter.tensor<[1, T], f32>' of all positions at once; only a matrix product of attention may: this is not built}}
  %pairs = sinter.add %one, %row : <[T, 1], f32>, <[1, T], f32> -> <[T, T], f32>
  %o = sinter.reduce sum %pairs axis 1 : <[T, T], f32> -> <[T, 1], f32>
  return %o : !sinter.tensor<[T, 1], f32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1, 1], f32> {
  %i = sinter.iota : <[T], i32>
  %f = sinter.convert %i : <[T], i32> -> <[T], f32>
  %a = sinter.reshape %f : <[T], f32> -> <[T, 1, 1], f32>
  %b = sinter.reshape %f : <[T], f32> -> <[1, T, 1], f32>
  %c = sinter.reshape %f : <[T], f32> -> <[1, 1, T], f32>
  %ab = sinter.mul %a, %b : <[T, 1, 1], f32>, <[1, T, 1], f32> -> <[T, T, 1], f32>
  %abc = sinter.mul %ab, %c : <[T, T, 1], f32>, <[1, 1, T], f32> -> <[T, T, T], f32>
  // expected-error @+1 {{uses '!sinter.tensor<[T, T, T], f32>' with two axes of past positions: this is not built}}
  %r = sinter.reduce sum %abc axis 2 : <[T, T, T], f32> -> <[T, T, 1], f32>
  %o = sinter.reduce sum %r axis 1 : <[T, T, 1], f32> -> <[T, 1, 1], f32>
  return %o : !sinter.tensor<[T, 1, 1], f32>
}

// -----

// Contractions over the sequence that are not attention.

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %qt = sinter.transpose %q [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  // expected-error @+1 {{sums over all positions of the sequence with no row to stand in: a state of the whole sequence is not built}}
  %state = sinter.matmul %qt, %q : <[4, T], f32>, <[T, 4], f32> -> <[4, 4], f32>
  %o = sinter.matmul %q, %state : <[T, 4], f32>, <[4, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %i = sinter.iota : <[T], i32>
  %f = sinter.convert %i : <[T], i32> -> <[T], f32>
  %three = sinter.broadcast %f : <[T], f32> -> <[3, T], f32>
  // expected-error @+1 {{looks at all positions of the sequence, but not for a row of each: this is not built}}
  %s = sinter.matmul %three, %q : <[3, T], f32>, <[T, 4], f32> -> <[3, 4], f32>
  %m = sinter.reduce max %s axis 0 : <[3, 4], f32> -> <[1, 4], f32>
  %o = sinter.add %q, %m : <[T, 4], f32>, <[1, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %rows = sinter.reshape %q : <[T, 4], f32> -> <[T, 1, 4], f32>
  %qt = sinter.transpose %q [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  // expected-error @+1 {{has past positions among the axes that are multiplied one by one: this is not built}}
  %s = sinter.matmul %rows, %qt : <[T, 1, 4], f32>, <[4, T], f32> -> <[T, 1, T], f32>
  %sum = sinter.reduce sum %s axis 0 : <[T, 1, T], f32> -> <[1, 1, T], f32>
  %o = sinter.reshape %sum : <[1, 1, T], f32> -> <[T, 1], f32>
  return %o : !sinter.tensor<[T, 1], f32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %rows = sinter.reshape %q : <[T, 4], f32> -> <[T, 1, 4], f32>
  %qt = sinter.transpose %q [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  // expected-error @+1 {{this is not built}}
  %s = sinter.matmul %rows, %qt : <[T, 1, 4], f32>, <[4, T], f32> -> <[T, 1, T], f32>
  %sum = sinter.reduce sum %s axis 2 : <[T, 1, T], f32> -> <[T, 1, 1], f32>
  %o = sinter.reshape %sum : <[T, 1, 1], f32> -> <[T, 1], f32>
  return %o : !sinter.tensor<[T, 1], f32>
}

// -----

// The source must be kept by an encoder first.

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %rows = sinter.cache_load @cross_key : !sinter.tensor<[S, 1, 4], f32>
  %k = sinter.reshape %rows : <[S, 1, 4], f32> -> <[S, 4], f32>
  %more = sinter.tanh %k : <[S, 4], f32>
  %kt = sinter.transpose %more [1, 0] : <[S, 4], f32> -> <[4, S], f32>
  // expected-error @+1 {{attends to the source, but not to rows that the encoder keeps: run split-source before}}
  %s = sinter.matmul %e, %kt : <[T, 4], f32>, <[4, S], f32> -> <[T, S], f32>
  %sum = sinter.reduce sum %s axis 1 : <[T, S], f32> -> <[T, 1], f32>
  return %sum : !sinter.tensor<[T, 1], f32>
}
sinter.cache @cross_key layers 1 : !sinter.history<[1, 4], f32> {of_source, persistent}

// -----

// Query heads 0 and 2 share a head of keys, and so do 1 and 3: the cache's readers share with their neighbours.

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[4, T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4, 4], f32>, <[T], i32> -> <[T, 4, 4], f32>
  %q = sinter.transpose %e [1, 0, 2] : <[T, 4, 4], f32> -> <[4, T, 4], f32>
  %two = sinter.slice %e axis 1 from 0 size 2 stride 1 : <[T, 4, 4], f32> -> <[T, 2, 4], f32>
  %k = sinter.transpose %two [1, 2, 0] : <[T, 2, 4], f32> -> <[2, 4, T], f32>
  %k1 = sinter.reshape %k : <[2, 4, T], f32> -> <[1, 2, 4, T], f32>
  %q2 = sinter.reshape %q : <[4, T, 4], f32> -> <[2, 2, T, 4], f32>
  // expected-error @+1 {{query heads that share a head of keys or values do not stand next to one another: this is not built}}
  %s = sinter.matmul %q2, %k1 : <[2, 2, T, 4], f32>, <[1, 2, 4, T], f32> -> <[2, 2, T, T], f32>
  %sum = sinter.reduce sum %s axis 3 : <[2, 2, T, T], f32> -> <[2, 2, T, 1], f32>
  %o = sinter.reshape %sum : <[2, 2, T, 1], f32> -> <[4, T, 1], f32>
  return %o : !sinter.tensor<[4, T, 1], f32>
}

// -----

// Kernels are made of what this pass gives: they cannot stand before it.

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  // expected-error @+1 {{'sinter.linear' op is not of the math level}}
  %o = sinter.linear %e, %p : <[T, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T], i32> {
  // expected-error @+1 {{'sinter.barrier' op is not of the math level}}
  sinter.barrier
  return %token : !sinter.tensor<[T], i32>
}

// -----

func.func private @forward()
// expected-error @+1 {{@logits becomes @forward, but there is a @forward already}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T], i32> {
  return %token : !sinter.tensor<[T], i32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %e = sinter.weight "e" : <[8, 4], f32>
  %x = sinter.gather %e[%token] : <[8, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %h = sinter.reshape %x : <[T, 4], f32> -> <[1, T, 4], f32>
  %i = sinter.iota : <[T], i32>
  %row = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %column = sinter.reshape %i : <[T], i32> -> <[1, T], i32>
  %apart = sinter.sub %row, %column : <[T, 1], i32>, <[1, T], i32> -> <[T, T], i32>
  // expected-error @+1 {{takes elements of what is no product of rows of heads with a table of each head: this is not built}}
  %t = sinter.take %h[%apart] : <[1, T, 4], f32>, <[T, T], i32> -> <[1, T, T], f32>
  %m = sinter.matmul %t, %h : <[1, T, T], f32>, <[1, T, 4], f32> -> <[1, T, 4], f32>
  %y = sinter.reshape %m : <[1, T, 4], f32> -> <[T, 4], f32>
  return %y : !sinter.tensor<[T, 4], f32>
}
