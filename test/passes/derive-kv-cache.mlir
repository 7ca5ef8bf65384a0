// One whole sequence becomes any rows of any sequences: what rows look back at is kept in caches.
//
// RUN: sinter-opt %s --verify-numerics --derive-kv-cache --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// Causal attention: keys and values go to caches that outlive the call; queries are the call's rows, counted by their
// positions; the softmax runs over the first `extent` positions, within which the mask says nothing any more.

// CHECK: sinter.cache @key layers 1 : !sinter.history<[1, 4], f32> {persistent}
// CHECK: sinter.cache @value layers 1 : !sinter.history<[1, 4], f32> {persistent}
// CHECK-NOT: @logits
// CHECK: func.func @forward(%{{.*}}: !sinter.tensor<[N], i32> {sinter.input = "token"}, %[[POSITION:.*]]: !sinter.tensor<[N], i32> {sinter.input = "position"}, %[[SEQUENCE:.*]]: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %[[EXTENT:.*]]: !sinter.tensor<[N], i32> {sinter.input = "extent"}) -> !sinter.tensor<[N, 4], f32> attributes {sinter.causal}
// CHECK: %[[Q:.*]] = sinter.gather
// CHECK: %[[K:.*]] = sinter.tanh %[[Q]]
// CHECK: %[[KROWS:.*]] = sinter.reshape %[[K]] : <[N, 4], f32> -> <[N, 1, 4], f32>
// CHECK: %[[KEYS:.*]] = sinter.cache_append @key, %[[KROWS]] at %[[SEQUENCE]], %[[POSITION]]
// CHECK: sinter.exp
// CHECK: %[[VALUES:.*]] = sinter.cache_append @value
// CHECK: sinter.attention_scores %{{.*}}, %[[KEYS]], %[[SEQUENCE]], %[[EXTENT]] : {{.*}} -> <[1, N, P], f32>
// CHECK: %[[SEEN:.*]] = sinter.constant 1.000000e+00 : <[N, P], i1>
// CHECK: sinter.select %[[SEEN]]
// CHECK: sinter.reduce max {{.*}} axis 1 extent %[[EXTENT]]
// CHECK: sinter.reduce sum {{.*}} axis 1 extent %[[EXTENT]]
// CHECK: sinter.attention_values %{{.*}}, %[[VALUES]], %[[SEQUENCE]], %[[EXTENT]] : {{.*}} -> <[1, N, 4], f32>
// expected-remark @+1 {{Remark="rows depend on earlier rows only: a sequence may come in parts, its past is in ", Remark=2, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %seen = sinter.compare ge %query, %i : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  %masked = sinter.select %seen, %s, %never : <[T, T], i1>, <[T, T], f32>, <[], f32> -> <[T, T], f32>
  %m = sinter.reduce max %masked axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %masked, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// Masks may be added as a low number, and the comparison turned round.

// CHECK: attributes {sinter.causal}
// expected-remark @+1 {{Remark="rows depend on earlier rows only: a sequence may come in parts, its past is in ", Remark=2, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %later = sinter.compare gt %i, %query : <[T], i32>, <[T, 1], i32> -> <[T, T], i1>
  %low = sinter.constant -1.0e+09 : <[], f32>
  %zero = sinter.constant 0.0 : <[], f32>
  %bias = sinter.select %later, %low, %zero : <[T, T], i1>, <[], f32>, <[], f32> -> <[T, T], f32>
  %masked = sinter.add %s, %bias : <[T, T], f32>, <[T, T], f32> -> <[T, T], f32>
  %m = sinter.reduce max %masked axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %masked, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// -1e4, of GPT-2's and BERT's first code, is low enough.

// CHECK: attributes {sinter.causal}
// expected-remark @+1 {{Remark="rows depend on earlier rows only: a sequence may come in parts, its past is in ", Remark=2, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %later = sinter.compare gt %i, %query : <[T], i32>, <[T, 1], i32> -> <[T, T], i1>
  %low = sinter.constant -1.0e+04 : <[], f32>
  %zero = sinter.constant 0.0 : <[], f32>
  %bias = sinter.select %later, %low, %zero : <[T, T], i1>, <[], f32>, <[], f32> -> <[T, T], f32>
  %masked = sinter.add %s, %bias : <[T, T], f32>, <[T, T], f32> -> <[T, T], f32>
  %m = sinter.reduce max %masked axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %masked, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// But not where scores are divided behind the mask: -1250 need not be.

// CHECK-NOT: sinter.causal
// CHECK: func.func @forward
// CHECK-NOT: sinter.causal
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %later = sinter.compare gt %i, %query : <[T], i32>, <[T, 1], i32> -> <[T, T], i1>
  %low = sinter.constant -1.0e+04 : <[], f32>
  %zero = sinter.constant 0.0 : <[], f32>
  %bias = sinter.select %later, %low, %zero : <[T, T], i1>, <[], f32>, <[], f32> -> <[T, T], f32>
  %masked = sinter.add %s, %bias : <[T, T], f32>, <[T, T], f32> -> <[T, T], f32>
  %eight = sinter.constant 8.0 : <[], f32>
  %scaled = sinter.div %masked, %eight : <[T, T], f32>, <[], f32> -> <[T, T], f32>
  // expected-remark @+1 {{takes the maximum over later positions too}}
  %m = sinter.reduce max %scaled axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %scaled, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// A low number that is added to all scores alike masks nothing.

// CHECK-NOT: sinter.causal
// CHECK: func.func @forward
// CHECK-NOT: sinter.causal
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %low = sinter.constant -1.0e+09 : <[], f32>
  %masked = sinter.add %s, %low : <[T, T], f32>, <[], f32> -> <[T, T], f32>
  // expected-remark @+1 {{takes the maximum over later positions too}}
  %m = sinter.reduce max %masked axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %masked, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// A window: what is too far back stays masked, by the row's position and the past's.

// CHECK: attributes {sinter.causal}
// CHECK-DAG: %[[PAST:.*]] = sinter.iota : <[P], i32>
// CHECK-DAG: %[[ROW:.*]] = sinter.reshape %arg1 : <[N], i32> -> <[N, 1], i32>
// CHECK: %[[FAR:.*]] = sinter.sub %[[ROW]], %[[PAST]] : <[N, 1], i32>, <[P], i32> -> <[N, P], i32>
// CHECK: sinter.compare lt %[[FAR]]
// expected-remark @+1 {{Remark="rows depend on earlier rows only: a sequence may come in parts, its past is in ", Remark=2, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %far = sinter.sub %query, %i : <[T, 1], i32>, <[T], i32> -> <[T, T], i32>
  %size = sinter.constant 3.0 : <[], i32>
  %near = sinter.compare lt %far, %size : <[T, T], i32>, <[], i32> -> <[T, T], i1>
  %past = sinter.compare ge %query, %i : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %seen = sinter.and %near, %past : <[T, T], i1>, <[T, T], i1> -> <[T, T], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  %masked = sinter.select %seen, %s, %never : <[T, T], i1>, <[T, T], f32>, <[], f32> -> <[T, T], f32>
  %m = sinter.reduce max %masked axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %masked, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// Without a mask rows see later ones: calls hold whole sequences, caches last for the call, and a remark says where.

// CHECK: sinter.cache @key layers 1 : !sinter.history<[1, 4], f32>{{$}}
// CHECK: sinter.cache @value layers 1 : !sinter.history<[1, 4], f32>{{$}}
// CHECK: func.func @forward
// CHECK-NOT: sinter.causal
// CHECK: sinter.attention_scores
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  // expected-remark @+1 {{Remark="every call must hold whole sequences: ", Remark=sinter.reduce, Remark=" ", Remark="takes the maximum over later positions too: they are not masked with minus infinity"}}
  %m = sinter.reduce max %s axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %s, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// A mask that is one position too generous is none.

// CHECK-NOT: sinter.causal
// CHECK: func.func @forward
// CHECK-NOT: sinter.causal
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %one = sinter.constant 1.0 : <[], i32>
  %next = sinter.add %query, %one : <[T, 1], i32>, <[], i32> -> <[T, 1], i32>
  %seen = sinter.compare ge %next, %i : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  %masked = sinter.select %seen, %s, %never : <[T, T], i1>, <[T, T], f32>, <[], f32> -> <[T, T], f32>
  // expected-remark @+1 {{takes the maximum over later positions too}}
  %m = sinter.reduce max %masked axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %d = sinter.sub %masked, %m : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %o = sinter.matmul %p, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// Other ways to look ahead: a sum that does not leave later positions out, a mean, and values that are weighed by
// something else than zero.

// CHECK: func.func @forward
// CHECK-NOT: sinter.causal
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  // expected-remark @+1 {{sums over later positions too: they are not zero}}
  %sum = sinter.reduce sum %s axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %o = sinter.add %q, %sum : <[T, 4], f32>, <[T, 1], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// CHECK: func.func @forward
// CHECK-NOT: sinter.causal
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  // expected-remark @+1 {{takes the mean over all positions}}
  %mean = sinter.reduce mean %s axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %o = sinter.add %q, %mean : <[T, 4], f32>, <[T, 1], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// CHECK: func.func @forward
// CHECK-NOT: sinter.causal
// CHECK: return
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %q, %kt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  // expected-remark @+1 {{weighs later positions too: what it weighs them with is not zero}}
  %o = sinter.matmul %s, %v : <[T, T], f32>, <[T, 4], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// Without attention there is no past to keep, and every row depends on itself.

// CHECK-NOT: sinter.cache
// CHECK: func.func @forward
// CHECK-SAME: sinter.causal
// expected-remark @+1 {{its past is in ", Remark=0, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  return %e : !sinter.tensor<[T, 4], f32>
}

// -----

// In layers, each has a past of its own. Heads stand in the rows of the cache; keys are kept before they are transposed.

// CHECK: sinter.cache @key layers 3 : !sinter.history<[2, 4], f32> {persistent}
// CHECK: sinter.cache @value layers 3 : !sinter.history<[2, 4], f32> {persistent}
// CHECK: sinter.repeat %[[L:.*]] in 3
// CHECK: %[[K:.*]] = sinter.tanh {{.*}} : <[N, 2, 4], f32>
// CHECK: sinter.cache_append @key[%[[L]]], %[[K]]
// CHECK: sinter.attention_scores {{.*}} -> <[2, N, P], f32>
// expected-remark @+1 {{Remark=2, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 8], f32> {
  %wte = sinter.weight "wte" : <[16, 8], f32>
  %e = sinter.gather %wte[%token] : <[16, 8], f32>, <[T], i32> -> <[T, 8], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %seen = sinter.compare ge %query, %i : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  %y = sinter.repeat %l in 3 (%a = %e : !sinter.tensor<[T, 8], f32>) {
    %h = sinter.reshape %a : <[T, 8], f32> -> <[T, 2, 4], f32>
    %q = sinter.transpose %h [1, 0, 2] : <[T, 2, 4], f32> -> <[2, T, 4], f32>
    %kh = sinter.tanh %h : <[T, 2, 4], f32>
    %kt = sinter.transpose %kh [1, 2, 0] : <[T, 2, 4], f32> -> <[2, 4, T], f32>
    %vh = sinter.sin %h : <[T, 2, 4], f32>
    %v = sinter.transpose %vh [1, 0, 2] : <[T, 2, 4], f32> -> <[2, T, 4], f32>
    %s = sinter.matmul %q, %kt : <[2, T, 4], f32>, <[2, 4, T], f32> -> <[2, T, T], f32>
    %masked = sinter.select %seen, %s, %never : <[T, T], i1>, <[2, T, T], f32>, <[], f32> -> <[2, T, T], f32>
    %m = sinter.reduce max %masked axis 2 : <[2, T, T], f32> -> <[2, T, 1], f32>
    %d = sinter.sub %masked, %m : <[2, T, T], f32>, <[2, T, 1], f32> -> <[2, T, T], f32>
    %x = sinter.exp %d : <[2, T, T], f32>
    %sum = sinter.reduce sum %x axis 2 : <[2, T, T], f32> -> <[2, T, 1], f32>
    %p = sinter.div %x, %sum : <[2, T, T], f32>, <[2, T, 1], f32> -> <[2, T, T], f32>
    %o = sinter.matmul %p, %v : <[2, T, T], f32>, <[2, T, 4], f32> -> <[2, T, 4], f32>
    %ot = sinter.transpose %o [1, 0, 2] : <[2, T, 4], f32> -> <[T, 2, 4], f32>
    %b = sinter.reshape %ot : <[T, 2, 4], f32> -> <[T, 8], f32>
    sinter.yield %b : !sinter.tensor<[T, 8], f32>
  }
  return %y : !sinter.tensor<[T, 8], f32>
}

// -----

// Query heads that share keys and values: the cache holds each once, before it is repeated. Keys that are also the
// values are kept once.

// CHECK: sinter.cache @key layers 3 : !sinter.history<[1, 4], f32> {persistent}
// CHECK-NOT: sinter.cache @
// CHECK: %[[ROWS:.*]] = sinter.cache_append @key
// CHECK: sinter.attention_scores %{{.*}}, %[[ROWS]], {{.*}} : <[2, N, 4], f32>, <[1, 4], f32>
// CHECK: sinter.attention_values %{{.*}}, %[[ROWS]], {{.*}} : <[2, N, P], f32>, <[1, 4], f32>
// expected-remark @+1 {{Remark=1, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 8], f32> {
  %wte = sinter.weight "wte" : <[16, 8], f32>
  %e = sinter.gather %wte[%token] : <[16, 8], f32>, <[T], i32> -> <[T, 8], f32>
  %i = sinter.iota : <[T], i32>
  %query = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %seen = sinter.compare ge %query, %i : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  %y = sinter.repeat %l in 3 (%a = %e : !sinter.tensor<[T, 8], f32>) {
    %h = sinter.reshape %a : <[T, 8], f32> -> <[T, 2, 4], f32>
    %q = sinter.transpose %h [1, 0, 2] : <[T, 2, 4], f32> -> <[2, T, 4], f32>
    %one = sinter.slice %h axis 1 from 0 size 1 stride 1 : <[T, 2, 4], f32> -> <[T, 1, 4], f32>
    %kh = sinter.tanh %one : <[T, 1, 4], f32>
    %both = sinter.broadcast %kh : <[T, 1, 4], f32> -> <[T, 2, 4], f32>
    %kt = sinter.transpose %both [1, 2, 0] : <[T, 2, 4], f32> -> <[2, 4, T], f32>
    %v = sinter.transpose %both [1, 0, 2] : <[T, 2, 4], f32> -> <[2, T, 4], f32>
    %s = sinter.matmul %q, %kt : <[2, T, 4], f32>, <[2, 4, T], f32> -> <[2, T, T], f32>
    %masked = sinter.select %seen, %s, %never : <[T, T], i1>, <[2, T, T], f32>, <[], f32> -> <[2, T, T], f32>
    %m = sinter.reduce max %masked axis 2 : <[2, T, T], f32> -> <[2, T, 1], f32>
    %d = sinter.sub %masked, %m : <[2, T, T], f32>, <[2, T, 1], f32> -> <[2, T, T], f32>
    %x = sinter.exp %d : <[2, T, T], f32>
    %sum = sinter.reduce sum %x axis 2 : <[2, T, T], f32> -> <[2, T, 1], f32>
    %p = sinter.div %x, %sum : <[2, T, T], f32>, <[2, T, 1], f32> -> <[2, T, T], f32>
    %o = sinter.matmul %p, %v : <[2, T, T], f32>, <[2, T, 4], f32> -> <[2, T, 4], f32>
    %ot = sinter.transpose %o [1, 0, 2] : <[2, T, 4], f32> -> <[T, 2, 4], f32>
    %b = sinter.reshape %ot : <[T, 2, 4], f32> -> <[T, 8], f32>
    sinter.yield %b : !sinter.tensor<[T, 8], f32>
  }
  return %y : !sinter.tensor<[T, 8], f32>
}

// -----

// Keys on the left: scores come out transposed.

// CHECK: sinter.attention_scores
// CHECK: sinter.transpose {{.*}} -> <[P, N], f32>
// CHECK: sinter.reduce max {{.*}} axis 0 extent
// expected-remark @+1 {{Remark="rows depend on earlier rows only: a sequence may come in parts, its past is in ", Remark=2, Remark=" caches"}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %q = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %k = sinter.tanh %q : <[T, 4], f32>
  %v = sinter.exp %q : <[T, 4], f32>
  %qt = sinter.transpose %q [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %s = sinter.matmul %k, %qt : <[T, 4], f32>, <[4, T], f32> -> <[T, T], f32>
  %i = sinter.iota : <[T], i32>
  %key = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %seen = sinter.compare le %key, %i : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  %masked = sinter.select %seen, %s, %never : <[T, T], i1>, <[T, T], f32>, <[], f32> -> <[T, T], f32>
  %m = sinter.reduce max %masked axis 0 : <[T, T], f32> -> <[1, T], f32>
  %d = sinter.sub %masked, %m : <[T, T], f32>, <[1, T], f32> -> <[T, T], f32>
  %x = sinter.exp %d : <[T, T], f32>
  %sum = sinter.reduce sum %x axis 0 : <[T, T], f32> -> <[1, T], f32>
  %p = sinter.div %x, %sum : <[T, T], f32>, <[1, T], f32> -> <[T, T], f32>
  %vt = sinter.transpose %v [1, 0] : <[T, 4], f32> -> <[4, T], f32>
  %ot = sinter.matmul %vt, %p : <[4, T], f32>, <[T, T], f32> -> <[4, T], f32>
  %o = sinter.transpose %ot [1, 0] : <[4, T], f32> -> <[T, 4], f32>
  return %o : !sinter.tensor<[T, 4], f32>
}

// -----

// An encoder's own caches are of the source and last for its call; what it keeps for the decoder stays. The decoder
// reads that over the source's length.

// CHECK: sinter.cache @encoder_key layers 1 : !sinter.history<[1, 4], f32> {of_source}
// CHECK: func.func @encode(
// CHECK: sinter.cache_append @encoder_key
// CHECK: sinter.cache_append @cross_key
// CHECK: func.func @forward({{.*}}sinter.input = "extent"}, %[[SOURCE:.*]]: !sinter.tensor<[N], i32> {sinter.input = "source_extent"})
// CHECK: %[[H:.*]] = sinter.cache_history @cross_key
// CHECK: sinter.attention_scores %{{.*}}, %[[H]], %{{.*}}, %[[SOURCE]] : {{.*}} -> <[1, N, SP], f32>
// CHECK: sinter.reduce sum {{.*}} extent %[[SOURCE]]
sinter.cache @cross_key layers 1 : !sinter.history<[1, 4], f32> {of_source, persistent}
func.func @encode(%token: !sinter.tensor<[S], i32> {sinter.input = "token"}) {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4], f32>, <[S], i32> -> <[S, 4], f32>
  %et = sinter.transpose %e [1, 0] : <[S, 4], f32> -> <[4, S], f32>
  %s = sinter.matmul %e, %et : <[S, 4], f32>, <[4, S], f32> -> <[S, S], f32>
  // expected-remark @+1 {{sums over later positions too}}
  %sum = sinter.reduce sum %s axis 1 : <[S, S], f32> -> <[S, 1], f32>
  %k = sinter.add %e, %sum : <[S, 4], f32>, <[S, 1], f32> -> <[S, 4], f32>
  %rows = sinter.reshape %k : <[S, 4], f32> -> <[S, 1, 4], f32>
  sinter.cache_store @cross_key, %rows : <[S, 1, 4], f32>
  return
}
// expected-remark @+1 {{its past is in ", Remark=0, Remark=" caches"}}
func.func @forward(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 1], f32> {
  %wte = sinter.weight "wte" : <[16, 4], f32>
  %e = sinter.gather %wte[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %rows = sinter.cache_load @cross_key : !sinter.tensor<[S, 1, 4], f32>
  %k = sinter.reshape %rows : <[S, 1, 4], f32> -> <[S, 4], f32>
  %kt = sinter.transpose %k [1, 0] : <[S, 4], f32> -> <[4, S], f32>
  %s = sinter.matmul %e, %kt : <[T, 4], f32>, <[4, S], f32> -> <[T, S], f32>
  %sum = sinter.reduce sum %s axis 1 : <[T, S], f32> -> <[T, 1], f32>
  return %sum : !sinter.tensor<[T, 1], f32>
}

// -----

// What takes positions is such a function already; what has another name is none.

// CHECK: func.func @forward(%{{.*}}: !sinter.tensor<[N], i32> {sinter.input = "position"}) {
// CHECK: func.func @other(%{{.*}}: !sinter.tensor<[T], i32> {sinter.input = "token"}) {
func.func @forward(%position: !sinter.tensor<[N], i32> {sinter.input = "position"}) {
  return
}
func.func @other(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) {
  return
}

// -----

// Products with a table, of which each pair of positions takes one: of the row's own, and of each key, which come from the
// cache that the scores read.

// CHECK: func.func @forward
// CHECK: %[[KEYS:.*]] = sinter.cache_append @key
// CHECK: sinter.attention_relative %{{.*}}, %{{.*}}[%{{.*}}], %{{.*}} : !sinter.tensor<[1, N, 4], f32>, <[1, 5, 4], f32>, <[N, P], i32>, <[N], i32>, <[N], i32> -> <[1, N, P], f32>
// CHECK: sinter.attention_relative %[[KEYS]], %{{.*}}[%{{.*}}], %{{.*}} : !sinter.history<[1, 4], f32>, <[1, 5, 4], f32>, <[N, P], i32>, <[N], i32>, <[N], i32> -> <[1, N, P], f32>
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 4], f32> {
  %e = sinter.weight "e" : <[8, 4], f32>
  %t = sinter.weight "t" : <[1, 4, 5], f32>
  %two = sinter.constant 2.0 : <[], i32>
  %x = sinter.gather %e[%token] : <[8, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %q = sinter.reshape %x : <[T, 4], f32> -> <[1, T, 4], f32>
  %k = sinter.transpose %q [0, 2, 1] : <[1, T, 4], f32> -> <[1, 4, T], f32>
  %s = sinter.matmul %q, %k : <[1, T, 4], f32>, <[1, 4, T], f32> -> <[1, T, T], f32>
  %i = sinter.iota : <[T], i32>
  %row = sinter.reshape %i : <[T], i32> -> <[T, 1], i32>
  %column = sinter.reshape %i : <[T], i32> -> <[1, T], i32>
  %apart = sinter.sub %row, %column : <[T, 1], i32>, <[1, T], i32> -> <[T, T], i32>
  %index = sinter.add %apart, %two : <[T, T], i32>, <[], i32> -> <[T, T], i32>
  %back = sinter.sub %column, %row : <[1, T], i32>, <[T, 1], i32> -> <[T, T], i32>
  %index_of_keys = sinter.add %back, %two : <[T, T], i32>, <[], i32> -> <[T, T], i32>
  %c = sinter.matmul %q, %t : <[1, T, 4], f32>, <[1, 4, 5], f32> -> <[1, T, 5], f32>
  %ct = sinter.take %c[%index] : <[1, T, 5], f32>, <[T, T], i32> -> <[1, T, T], f32>
  %pt = sinter.take %c[%index_of_keys] : <[1, T, 5], f32>, <[T, T], i32> -> <[1, T, T], f32>
  %p = sinter.transpose %pt [0, 2, 1] : <[1, T, T], f32> -> <[1, T, T], f32>
  %s1 = sinter.add %s, %ct : <[1, T, T], f32>, <[1, T, T], f32> -> <[1, T, T], f32>
  %s2 = sinter.add %s1, %p : <[1, T, T], f32>, <[1, T, T], f32> -> <[1, T, T], f32>
  %exp = sinter.exp %s2 : <[1, T, T], f32>
  // expected-remark @+1 {{every call must hold whole sequences}}
  %sum = sinter.reduce sum %exp axis 2 : <[1, T, T], f32> -> <[1, T, 1], f32>
  %a = sinter.div %exp, %sum : <[1, T, T], f32>, <[1, T, 1], f32> -> <[1, T, T], f32>
  %o = sinter.matmul %a, %q : <[1, T, T], f32>, <[1, T, 4], f32> -> <[1, T, 4], f32>
  %y = sinter.reshape %o : <[1, T, 4], f32> -> <[T, 4], f32>
  return %y : !sinter.tensor<[T, 4], f32>
}
