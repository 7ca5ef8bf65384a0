// What elementwise operations mean, in floats, integers and truth values, broadcast included.
//
// RUN: sinter-opt %s --evaluate -o /dev/null | FileCheck %s

// CHECK: @unary = [-1, 0.25, -4]
// CHECK-NEXT: @unary = [1, 0.25, 4]
// CHECK-NEXT: @unary = [1, -1, 4]
func.func @unary(%x: !sinter.tensor<[3], f32> {sinter.value = dense<[1.0, -0.25, 4.0]> : tensor<3xf32>})
    -> (!sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>) {
  %neg = sinter.neg %x : !sinter.tensor<[3], f32>
  %abs = sinter.abs %x : !sinter.tensor<[3], f32>
  %floor = sinter.floor %x : !sinter.tensor<[3], f32>
  return %neg, %abs, %floor : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>
}

// CHECK: @powers = [2.71828, 1.28403]
// CHECK-NEXT: @powers = [0, -1.38629]
// CHECK-NEXT: @powers = [1, 0.5]
// CHECK-NEXT: @powers = [1, 2]
func.func @powers(%x: !sinter.tensor<[2], f32> {sinter.value = dense<[1.0, 0.25]> : tensor<2xf32>})
    -> (!sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>) {
  %exp = sinter.exp %x : !sinter.tensor<[2], f32>
  %log = sinter.log %x : !sinter.tensor<[2], f32>
  %sqrt = sinter.sqrt %x : !sinter.tensor<[2], f32>
  %rsqrt = sinter.rsqrt %x : !sinter.tensor<[2], f32>
  return %exp, %log, %sqrt, %rsqrt : !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>
}

// CHECK: @waves = [0, 0.841471]
// CHECK-NEXT: @waves = [1, 0.540302]
// CHECK-NEXT: @waves = [0, 0.761594]
// CHECK-NEXT: @waves = [0, 0.842701]
func.func @waves(%x: !sinter.tensor<[2], f32> {sinter.value = dense<[0.0, 1.0]> : tensor<2xf32>})
    -> (!sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>) {
  %sin = sinter.sin %x : !sinter.tensor<[2], f32>
  %cos = sinter.cos %x : !sinter.tensor<[2], f32>
  %tanh = sinter.tanh %x : !sinter.tensor<[2], f32>
  %erf = sinter.erf %x : !sinter.tensor<[2], f32>
  return %sin, %cos, %tanh, %erf : !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>
}

// CHECK: @float = [10, 0, 7.5]
// CHECK-NEXT: @float = [4, -4, 3.5]
// CHECK-NEXT: @float = [21, -4, 11]
// CHECK-NEXT: @float = [2.33333, -1, 2.75]
// CHECK-NEXT: @float = [1, 0, 1.5]
// CHECK-NEXT: @float = [343, 4, 30.25]
// CHECK-NEXT: @float = [7, 2, 5.5]
// CHECK-NEXT: @float = [3, -2, 2]
func.func @float(%x: !sinter.tensor<[3], f32> {sinter.value = dense<[7.0, -2.0, 5.5]> : tensor<3xf32>},
                 %y: !sinter.tensor<[3], f32> {sinter.value = dense<[3.0, 2.0, 2.0]> : tensor<3xf32>})
    -> (!sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>,
        !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>) {
  %add = sinter.add %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  %sub = sinter.sub %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  %mul = sinter.mul %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  %div = sinter.div %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  %mod = sinter.mod %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  %pow = sinter.pow %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  %max = sinter.max %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  %min = sinter.min %x, %y : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32> -> !sinter.tensor<[3], f32>
  return %add, %sub, %mul, %div, %mod, %pow, %max, %min : !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>,
      !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>,
      !sinter.tensor<[3], f32>, !sinter.tensor<[3], f32>
}

// Division of integers rounds down, and the remainder has the divisor's sign. Where there is no result there is
// none: a division by zero, and a sum or product of more than 32 bits.
// CHECK: @integer = [2, -3, -3, 2, nan]
// CHECK-NEXT: @integer = [1, 2, -2, -1, nan]
// CHECK-NEXT: @integer = [10, -4, 4, -10, nan]
// CHECK-NEXT: @integer = [21, -21, -21, 21, 0]
// CHECK-NEXT: @integer = [-7, 7, -7, 7, -2.14748e+09]
func.func @integer(%x: !sinter.tensor<[5], i32> {sinter.value = dense<[7, -7, 7, -7, 2147483647]> : tensor<5xi32>},
                   %y: !sinter.tensor<[5], i32> {sinter.value = dense<[3, 3, -3, -3, 0]> : tensor<5xi32>},
                   %one: !sinter.tensor<[5], i32> {sinter.value = dense<[3, 3, -3, -3, 1]> : tensor<5xi32>})
    -> (!sinter.tensor<[5], i32>, !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32>,
        !sinter.tensor<[5], i32>) {
  %div = sinter.div %x, %y : !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32> -> !sinter.tensor<[5], i32>
  %mod = sinter.mod %x, %y : !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32> -> !sinter.tensor<[5], i32>
  %add = sinter.add %x, %one : !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32> -> !sinter.tensor<[5], i32>
  %mul = sinter.mul %x, %y : !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32> -> !sinter.tensor<[5], i32>
  %neg = sinter.neg %x : !sinter.tensor<[5], i32>
  return %div, %mod, %add, %mul, %neg : !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32>,
      !sinter.tensor<[5], i32>, !sinter.tensor<[5], i32>
}

// CHECK: @logic = [1, 0, 0, 0]
// CHECK-NEXT: @logic = [1, 1, 1, 0]
// CHECK-NEXT: @logic = [0, 0, 1, 1]
func.func @logic(%x: !sinter.tensor<[4], i1> {sinter.value = dense<[true, true, false, false]> : tensor<4xi1>},
                 %y: !sinter.tensor<[4], i1> {sinter.value = dense<[true, false, true, false]> : tensor<4xi1>})
    -> (!sinter.tensor<[4], i1>, !sinter.tensor<[4], i1>, !sinter.tensor<[4], i1>) {
  %and = sinter.and %x, %y : !sinter.tensor<[4], i1>, !sinter.tensor<[4], i1> -> !sinter.tensor<[4], i1>
  %or = sinter.or %x, %y : !sinter.tensor<[4], i1>, !sinter.tensor<[4], i1> -> !sinter.tensor<[4], i1>
  %not = sinter.not %x : !sinter.tensor<[4], i1>
  return %and, %or, %not : !sinter.tensor<[4], i1>, !sinter.tensor<[4], i1>, !sinter.tensor<[4], i1>
}

// CHECK: @compare = [0, 1, 0]
// CHECK-NEXT: @compare = [1, 0, 1]
// CHECK-NEXT: @compare = [1, 0, 0]
// CHECK-NEXT: @compare = [1, 1, 0]
// CHECK-NEXT: @compare = [0, 0, 1]
// CHECK-NEXT: @compare = [0, 1, 1]
func.func @compare(%x: !sinter.tensor<[3], i32> {sinter.value = dense<[1, 2, 3]> : tensor<3xi32>},
                   %y: !sinter.tensor<[], i32> {sinter.value = dense<2> : tensor<i32>})
    -> (!sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>,
        !sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>) {
  %eq = sinter.compare eq %x, %y : !sinter.tensor<[3], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[3], i1>
  %ne = sinter.compare ne %x, %y : !sinter.tensor<[3], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[3], i1>
  %lt = sinter.compare lt %x, %y : !sinter.tensor<[3], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[3], i1>
  %le = sinter.compare le %x, %y : !sinter.tensor<[3], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[3], i1>
  %gt = sinter.compare gt %x, %y : !sinter.tensor<[3], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[3], i1>
  %ge = sinter.compare ge %x, %y : !sinter.tensor<[3], i32>, !sinter.tensor<[], i32> -> !sinter.tensor<[3], i1>
  return %eq, %ne, %lt, %le, %gt, %ge : !sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>,
      !sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>, !sinter.tensor<[3], i1>
}

// A causal mask of three positions, from iota.
// CHECK: @mask = {{\[\[}}0, -1, -1], [0, 0, -1], [0, 0, 0]]
func.func @mask(%x: !sinter.tensor<[T], f32>) -> !sinter.tensor<[T, T], f32> {
  %key = sinter.iota : !sinter.tensor<[T], i32>
  %query = sinter.reshape %key : !sinter.tensor<[T], i32> -> !sinter.tensor<[T, 1], i32>
  %seen = sinter.compare ge %query, %key : !sinter.tensor<[T, 1], i32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, T], i1>
  %zero = sinter.constant 0.0 : !sinter.tensor<[], f32>
  %never = sinter.constant -1.0 : !sinter.tensor<[], f32>
  %mask = sinter.select %seen, %zero, %never : !sinter.tensor<[T, T], i1>, !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, T], f32>
  return %mask : !sinter.tensor<[T, T], f32>
}

// CHECK: @convert = [2, -2, 0]
// CHECK-NEXT: @convert = [1, 1, 0]
// CHECK-NEXT: @convert = [2.70312, -2.70312, 0]
// CHECK-NEXT: @convert = [2, -2, 0]
func.func @convert(%x: !sinter.tensor<[3], f32> {sinter.value = dense<[2.7, -2.7, 0.0]> : tensor<3xf32>})
    -> (!sinter.tensor<[3], i32>, !sinter.tensor<[3], i1>, !sinter.tensor<[3], bf16>, !sinter.tensor<[3], f32>) {
  %integer = sinter.convert %x : !sinter.tensor<[3], f32> -> !sinter.tensor<[3], i32>
  %truth = sinter.convert %x : !sinter.tensor<[3], f32> -> !sinter.tensor<[3], i1>
  %short = sinter.convert %x : !sinter.tensor<[3], f32> -> !sinter.tensor<[3], bf16>
  %back = sinter.convert %integer : !sinter.tensor<[3], i32> -> !sinter.tensor<[3], f32>
  return %integer, %truth, %short, %back : !sinter.tensor<[3], i32>, !sinter.tensor<[3], i1>, !sinter.tensor<[3], bf16>, !sinter.tensor<[3], f32>
}

// What depends on an undefined number is undefined; what does not is not. (-1)^0.5 is undefined.
// CHECK: @undefined = [nan, 2]
// CHECK-NEXT: @undefined = [nan, 1]
// CHECK-NEXT: @undefined = [3, 2]
// CHECK-NEXT: @undefined = [nan, 3]
// CHECK-NEXT: @undefined = [0, 0]
func.func @undefined(%x: !sinter.tensor<[2], f32> {sinter.value = dense<[-1.0, 4.0]> : tensor<2xf32>},
                     %three: !sinter.tensor<[], f32> {sinter.value = dense<3.0> : tensor<f32>},
                     %first: !sinter.tensor<[2], i1> {sinter.value = dense<[true, false]> : tensor<2xi1>},
                     %no: !sinter.tensor<[], i1> {sinter.value = dense<false> : tensor<i1>})
    -> (!sinter.tensor<[2], f32>, !sinter.tensor<[2], i1>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>,
        !sinter.tensor<[2], i1>) {
  %root = sinter.sqrt %x : !sinter.tensor<[2], f32>
  %smaller = sinter.compare lt %root, %three : !sinter.tensor<[2], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[2], i1>
  %chosen = sinter.select %first, %three, %root : !sinter.tensor<[2], i1>, !sinter.tensor<[], f32>, !sinter.tensor<[2], f32> -> !sinter.tensor<[2], f32>
  %by = sinter.select %smaller, %three, %root : !sinter.tensor<[2], i1>, !sinter.tensor<[], f32>, !sinter.tensor<[2], f32> -> !sinter.tensor<[2], f32>
  %and = sinter.and %smaller, %no : !sinter.tensor<[2], i1>, !sinter.tensor<[], i1> -> !sinter.tensor<[2], i1>
  return %root, %smaller, %chosen, %by, %and : !sinter.tensor<[2], f32>, !sinter.tensor<[2], i1>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], f32>, !sinter.tensor<[2], i1>
}
