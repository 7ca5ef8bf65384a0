// What split-source refuses.
//
// RUN: sinter-opt %s --split-source -split-input-file -verify-diagnostics -o /dev/null

// expected-error @+1 {{@logits takes a source, but no attention looks at it}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %source: !sinter.tensor<[S], i32> {sinter.input = "source"}) -> !sinter.tensor<[T], i32> {
  return %token : !sinter.tensor<[T], i32>
}

// -----

func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %source: !sinter.tensor<[S], i32> {sinter.input = "source"}) -> !sinter.tensor<[T, 1], f32> {
  %w = sinter.weight "w" : <[16, 4], f32>
  %e = sinter.gather %w[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %s = sinter.gather %w[%source] : <[16, 4], f32>, <[S], i32> -> <[S, 4], f32>
  %mean = sinter.reduce mean %s axis 0 : <[S, 4], f32> -> <[1, 4], f32>
  // expected-error @+1 {{uses '!sinter.tensor<[1, 4], f32>' of the source other than as keys or values of attention: this is not built}}
  %y = sinter.add %e, %mean : <[T, 4], f32>, <[1, 4], f32> -> <[T, 4], f32>
  %o = sinter.reduce max %y axis 1 : <[T, 4], f32> -> <[T, 1], f32>
  return %o : !sinter.tensor<[T, 1], f32>
}

// -----

func.func private @forward()
// expected-error @+1 {{@logits becomes @encode and @forward, but there is a @forward already}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %source: !sinter.tensor<[S], i32> {sinter.input = "source"}) -> !sinter.tensor<[T, 1], f32> {
  %w = sinter.weight "w" : <[16, 4], f32>
  %e = sinter.gather %w[%token] : <[16, 4], f32>, <[T], i32> -> <[T, 4], f32>
  %s = sinter.gather %w[%source] : <[16, 4], f32>, <[S], i32> -> <[S, 4], f32>
  %kt = sinter.transpose %s [1, 0] : <[S, 4], f32> -> <[4, S], f32>
  %scores = sinter.matmul %e, %kt : <[T, 4], f32>, <[4, S], f32> -> <[T, S], f32>
  %o = sinter.reduce max %scores axis 1 : <[T, S], f32> -> <[T, 1], f32>
  return %o : !sinter.tensor<[T, 1], f32>
}

// -----

func.func private @encode()
// expected-error @+1 {{@logits becomes @encode and @forward, but there is a @encode already}}
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}, %source: !sinter.tensor<[S], i32> {sinter.input = "source"}) -> !sinter.tensor<[T], i32> {
  return %token : !sinter.tensor<[T], i32>
}
