// Where f32 can tell, what is nearly right is wrong: another constant, another epsilon, another axis.
//
// RUN: sinter-opt %s --verify-numerics --cse --derive-kv-cache --fuse-attention --raise-normalization --raise-activation -o /dev/null
// RUN: not sinter-opt %s --verify-numerics --test-break-numerics='kind=constant from=0.044715 to=0.0447' -o /dev/null 2>&1 | FileCheck %s
// RUN: not sinter-opt %s --verify-numerics --test-break-numerics='kind=constant from=1e-5 to=1.1e-5' -o /dev/null 2>&1 | FileCheck %s
// RUN: not sinter-opt %s --verify-numerics --test-break-numerics='kind=axis' -o /dev/null 2>&1 | FileCheck %s
// CHECK: error: --verify-numerics: 'test-break-numerics' changed @logits result 0: element
func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 11], f32> {
  %wte = sinter.weight "wte" : <[11, 8], f32>
  %x = sinter.gather %wte[%token] : <[11, 8], f32>, <[T], i32> -> <[T, 8], f32>

  %k = sinter.transpose %x [1, 0] : <[T, 8], f32> -> <[8, T], f32>
  %scores = sinter.matmul %x, %k : <[T, 8], f32>, <[8, T], f32> -> <[T, T], f32>
  %position = sinter.iota : <[T], i32>
  %one = sinter.reshape %position : <[T], i32> -> <[T, 1], i32>
  %seen = sinter.compare ge %one, %position : <[T, 1], i32>, <[T], i32> -> <[T, T], i1>
  %never = sinter.constant 0xFFF0000000000000 : <[], f32>
  %masked = sinter.select %seen, %scores, %never : <[T, T], i1>, <[T, T], f32>, <[], f32> -> <[T, T], f32>
  %largest = sinter.reduce max %masked axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %less = sinter.sub %masked, %largest : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %e = sinter.exp %less : <[T, T], f32>
  %sum = sinter.reduce sum %e axis 1 : <[T, T], f32> -> <[T, 1], f32>
  %p = sinter.div %e, %sum : <[T, T], f32>, <[T, 1], f32> -> <[T, T], f32>
  %a = sinter.matmul %p, %x : <[T, T], f32>, <[T, 8], f32> -> <[T, 8], f32>

  %mean = sinter.reduce mean %a axis 1 : <[T, 8], f32> -> <[T, 1], f32>
  %d = sinter.sub %a, %mean : <[T, 8], f32>, <[T, 1], f32> -> <[T, 8], f32>
  %d2 = sinter.mul %d, %d : <[T, 8], f32>, <[T, 8], f32> -> <[T, 8], f32>
  %variance = sinter.reduce mean %d2 axis 1 : <[T, 8], f32> -> <[T, 1], f32>
  %epsilon = sinter.constant 1.0e-5 : <[], f32>
  %v = sinter.add %variance, %epsilon : <[T, 1], f32>, <[], f32> -> <[T, 1], f32>
  %root = sinter.sqrt %v : <[T, 1], f32>
  %n = sinter.div %d, %root : <[T, 8], f32>, <[T, 1], f32> -> <[T, 8], f32>

  %w = sinter.weight "up.weight" : <[8, 8], f32>
  %u = sinter.matmul %n, %w : <[T, 8], f32>, <[8, 8], f32> -> <[T, 8], f32>
  // Nothing but noise.
  %zero = sinter.reduce mean %n axis 1 : <[T, 8], f32> -> <[T, 1], f32>
  %three = sinter.constant 3.0 : <[], f32>
  %u3 = sinter.pow %u, %three : <[T, 8], f32>, <[], f32> -> <[T, 8], f32>
  %cubic = sinter.constant 0.044715 : <[], f32>
  %c = sinter.mul %u3, %cubic : <[T, 8], f32>, <[], f32> -> <[T, 8], f32>
  %s = sinter.add %u, %c : <[T, 8], f32>, <[T, 8], f32> -> <[T, 8], f32>
  %rootpi = sinter.constant 0.7978845608 : <[], f32>
  %i = sinter.mul %s, %rootpi : <[T, 8], f32>, <[], f32> -> <[T, 8], f32>
  %t = sinter.tanh %i : <[T, 8], f32>
  %unit = sinter.constant 1.0 : <[], f32>
  %gate = sinter.add %t, %unit : <[T, 8], f32>, <[], f32> -> <[T, 8], f32>
  %half = sinter.constant 0.5 : <[], f32>
  %uh = sinter.mul %u, %half : <[T, 8], f32>, <[], f32> -> <[T, 8], f32>
  %g = sinter.mul %uh, %gate : <[T, 8], f32>, <[T, 8], f32> -> <[T, 8], f32>
  %h = sinter.add %g, %zero : <[T, 8], f32>, <[T, 1], f32> -> <[T, 8], f32>
  %head = sinter.weight "head" : <[8, 11], f32>
  %o = sinter.matmul %h, %head : <[T, 8], f32>, <[8, 11], f32> -> <[T, 11], f32>
  return %o : !sinter.tensor<[T, 11], f32>
}
