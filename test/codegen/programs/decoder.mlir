// A small GPT-2 after the passes: causal, with a cache, odd widths.
//
// REQUIRES: avx2
// RUN: check-program --cpu x86-64-v3 %s | FileCheck %s
// RUN: check-program --cpu native %s | FileCheck %s
// CHECK: equal:

module attributes {sinter.architecture = "gpt2", sinter.context = 160 : i64, sinter.head = "next_token", sinter.special_tokens = {bos = 96 : i64, eos = [96]}, sinter.vocabulary = 97 : i64, sinter.weights_bytes = 351936 : i64} {
  sinter.cache @value layers 3 : !sinter.history<[3, 13], f32> {persistent}
  sinter.cache @key layers 3 : !sinter.history<[3, 13], f32> {persistent}
  sinter.parameter @transformer.wte.weight layers 1 at 0 stride 15168 : !sinter.tensor<[97, 39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.wte.weight" : <[97, 39], f32>
    sinter.yield %0 : !sinter.tensor<[97, 39], f32>
  }
  sinter.parameter @transformer.wpe.weight layers 1 at 15168 stride 24960 : !sinter.tensor<[160, 39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.wpe.weight" : <[160, 39], f32>
    sinter.yield %0 : !sinter.tensor<[160, 39], f32>
  }
  sinter.parameter @transformer.h.ln_1.weight layers 3 at 40128 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.ln_1.weight"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.h.ln_1.bias layers 3 at 40704 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.ln_1.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.h.attn.c_attn.weight layers 3 at 41280 stride 19968 : !sinter.packed<[39, 117], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.attn.c_attn.weight"[%arg0] : <[39, 117], f32>
    %1 = sinter.pack %0 : <[39, 117], f32> -> <[39, 117], f32, <columns = 32, depth = 1>>
    sinter.yield %1 : !sinter.packed<[39, 117], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @transformer.h.attn.c_attn.bias layers 3 at 101184 stride 512 : !sinter.tensor<[117], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.attn.c_attn.bias"[%arg0] : <[117], f32>
    sinter.yield %0 : !sinter.tensor<[117], f32>
  }
  sinter.parameter @transformer.h.attn.c_proj.weight layers 3 at 102720 stride 9984 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.attn.c_proj.weight"[%arg0] : <[39, 39], f32>
    %1 = sinter.pack %0 : <[39, 39], f32> -> <[39, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %1 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @transformer.h.attn.c_proj.bias layers 3 at 132672 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.attn.c_proj.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.h.ln_2.weight layers 3 at 133248 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.ln_2.weight"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.h.ln_2.bias layers 3 at 133824 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.ln_2.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.h.mlp.c_fc.weight layers 3 at 134400 stride 24960 : !sinter.packed<[39, 156], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.mlp.c_fc.weight"[%arg0] : <[39, 156], f32>
    %1 = sinter.pack %0 : <[39, 156], f32> -> <[39, 156], f32, <columns = 32, depth = 1>>
    sinter.yield %1 : !sinter.packed<[39, 156], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @transformer.h.mlp.c_fc.bias layers 3 at 209280 stride 640 : !sinter.tensor<[156], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.mlp.c_fc.bias"[%arg0] : <[156], f32>
    sinter.yield %0 : !sinter.tensor<[156], f32>
  }
  sinter.parameter @transformer.h.mlp.c_proj.weight layers 3 at 211200 stride 39936 : !sinter.packed<[156, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.mlp.c_proj.weight"[%arg0] : <[156, 39], f32>
    %1 = sinter.pack %0 : <[156, 39], f32> -> <[156, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %1 : !sinter.packed<[156, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @transformer.h.mlp.c_proj.bias layers 3 at 331008 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.h.{i}.mlp.c_proj.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.ln_f.weight layers 1 at 331584 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.ln_f.weight" : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.ln_f.bias layers 1 at 331776 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.ln_f.bias" : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @transformer.wte.weight_0 layers 1 at 331968 stride 19968 : !sinter.packed<[39, 97], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "transformer.wte.weight" : <[97, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[97, 39], f32> -> <[39, 97], f32>
    %2 = sinter.pack %1 : <[39, 97], f32> -> <[39, 97], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 97], f32, <columns = 32, depth = 1>>
  }
  func.func @forward(%arg0: !sinter.tensor<[N], i32> {sinter.input = "token"}, %arg1: !sinter.tensor<[N], i32> {sinter.input = "position"}, %arg2: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %arg3: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %arg4: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R, 97], f32> attributes {sinter.arena_bytes = 163328 : i64, sinter.causal, sinter.maximum_rows = 32 : i64, sinter.maximum_tokens = 32 : i64} {
    %0 = sinter.parameter_load @transformer.wte.weight : !sinter.tensor<[97, 39], f32>
    %1 = sinter.parameter_load @transformer.wpe.weight : !sinter.tensor<[160, 39], f32>
    %2 = sinter.row_group (%arg5 = %0 : !sinter.tensor<[97, 39], f32>, %arg6 = %arg0 : !sinter.tensor<[N], i32>, %arg7 = %1 : !sinter.tensor<[160, 39], f32>, %arg8 = %arg1 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[N, 39], f32> to [143360] {
      %10 = sinter.gather %arg5[%arg6] : <[97, 39], f32>, <[N], i32> -> <[N, 39], f32>
      %11 = sinter.gather %arg7[%arg8] : <[160, 39], f32>, <[N], i32> -> <[N, 39], f32>
      %12 = sinter.add %10, %11 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
      sinter.yield %12 : !sinter.tensor<[N, 39], f32>
    }
    %3 = sinter.row_group () -> !sinter.tensor<[N, P], f32> to [122880] {
      %10 = sinter.constant 1.000000e+00 : <[N, P], i1>
      %11 = sinter.constant 0.000000e+00 : <[], f32>
      %12 = sinter.constant 0xFFF0000000000000 : <[], f32>
      %13 = sinter.select %10, %11, %12 : <[N, P], i1>, <[], f32>, <[], f32> -> <[N, P], f32>
      sinter.yield %13 : !sinter.tensor<[N, P], f32>
    }
    %4 = sinter.repeat %arg5 in 3 (%arg6 = %2 : !sinter.tensor<[N, 39], f32>) {
      %10 = sinter.parameter_load @transformer.h.ln_1.weight[%arg5] : !sinter.tensor<[39], f32>
      %11 = sinter.parameter_load @transformer.h.ln_1.bias[%arg5] : !sinter.tensor<[39], f32>
      %12 = sinter.row_group (%arg7 = %arg6 : !sinter.tensor<[N, 39], f32>, %arg8 = %10 : !sinter.tensor<[39], f32>, %arg9 = %11 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[N, 39], f32> to [14976] {
        %37 = sinter.reduce mean %arg7 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %38 = sinter.sub %arg7, %37 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %39 = sinter.mul %38, %38 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        %40 = sinter.reduce mean %39 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %41 = sinter.constant 1.000000e-05 : <[], f32>
        %42 = sinter.add %40, %41 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %43 = sinter.sqrt %42 : <[N, 1], f32>
        %44 = sinter.div %38, %43 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %45 = sinter.mul %44, %arg8 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %46 = sinter.add %45, %arg9 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        sinter.yield %46 : !sinter.tensor<[N, 39], f32>
      }
      %13 = sinter.parameter_load @transformer.h.attn.c_attn.weight[%arg5] : !sinter.packed<[39, 117], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %14 = sinter.linear %12, %13 to [0] : <[N, 39], f32>, <[39, 117], f32, <columns = 32, depth = 1>> -> <[N, 117], f32>
      %15 = sinter.parameter_load @transformer.h.attn.c_attn.bias[%arg5] : !sinter.tensor<[117], f32>
      sinter.barrier
      %16:3 = sinter.row_group (%arg7 = %14 : !sinter.tensor<[N, 117], f32>, %arg8 = %15 : !sinter.tensor<[117], f32>) -> (!sinter.tensor<[N, 3, 13], f32>, !sinter.tensor<[N, 3, 13], f32>, !sinter.tensor<[3, N, 13], f32>) to [14976, 19968, 148352] {
        %37 = sinter.add %arg7, %arg8 : <[N, 117], f32>, <[117], f32> -> <[N, 117], f32>
        %38 = sinter.slice %37 axis 1 from 0 size 39 stride 1 : <[N, 117], f32> -> <[N, 39], f32>
        %39 = sinter.slice %37 axis 1 from 39 size 39 stride 1 : <[N, 117], f32> -> <[N, 39], f32>
        %40 = sinter.reshape %39 : <[N, 39], f32> -> <[N, 3, 13], f32>
        %41 = sinter.slice %37 axis 1 from 78 size 39 stride 1 : <[N, 117], f32> -> <[N, 39], f32>
        %42 = sinter.reshape %41 : <[N, 39], f32> -> <[N, 3, 13], f32>
        %43 = sinter.reshape %38 : <[N, 39], f32> -> <[N, 3, 13], f32>
        %44 = sinter.transpose %43 [1, 0, 2] : <[N, 3, 13], f32> -> <[3, N, 13], f32>
        sinter.yield %40, %42, %44 : !sinter.tensor<[N, 3, 13], f32>, !sinter.tensor<[N, 3, 13], f32>, !sinter.tensor<[3, N, 13], f32>
      }
      %17 = sinter.parameter_load @transformer.h.attn.c_proj.weight[%arg5] : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
      %18 = sinter.parameter_load @transformer.h.attn.c_proj.bias[%arg5] : !sinter.tensor<[39], f32>
      %19 = sinter.parameter_load @transformer.h.ln_2.weight[%arg5] : !sinter.tensor<[39], f32>
      %20 = sinter.parameter_load @transformer.h.ln_2.bias[%arg5] : !sinter.tensor<[39], f32>
      %21 = sinter.parameter_load @transformer.h.mlp.c_fc.weight[%arg5] : !sinter.packed<[39, 156], f32, <columns = 32, depth = 1>>
      %22 = sinter.parameter_load @transformer.h.mlp.c_fc.bias[%arg5] : !sinter.tensor<[156], f32>
      %23 = sinter.parameter_load @transformer.h.mlp.c_proj.weight[%arg5] : !sinter.packed<[156, 39], f32, <columns = 32, depth = 1>>
      %24 = sinter.parameter_load @transformer.h.mlp.c_proj.bias[%arg5] : !sinter.tensor<[39], f32>
      %25 = sinter.cache_append @key[%arg5], %16#0 at %arg2, %arg1 : <[N, 3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, 13], f32>
      %26 = sinter.cache_append @value[%arg5], %16#1 at %arg2, %arg1 : <[N, 3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, 13], f32>
      sinter.barrier
      %27 = sinter.attention_scores %16#2, %25, %arg2, %arg3 to [0] : <[3, N, 13], f32>, <[3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, N, P], f32>
      %28 = sinter.row_group (%arg7 = %27 : !sinter.tensor<[3, N, P], f32>, %arg8 = %3 : !sinter.tensor<[N, P], f32>, %arg9 = %arg3 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[3, N, P], f32> to [61440] {
        %37 = sinter.constant 3.6055512754639891 : <[], f32>
        %38 = sinter.div %arg7, %37 : <[3, N, P], f32>, <[], f32> -> <[3, N, P], f32>
        %39 = sinter.add %38, %arg8 : <[3, N, P], f32>, <[N, P], f32> -> <[3, N, P], f32>
        %40 = sinter.reduce max %39 axis 2 extent %arg9 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %41 = sinter.sub %39, %40 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        %42 = sinter.exp %41 : <[3, N, P], f32>
        %43 = sinter.reduce sum %42 axis 2 extent %arg9 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %44 = sinter.div %42, %43 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        sinter.yield %44 : !sinter.tensor<[3, N, P], f32>
      }
      %29 = sinter.attention_values %28, %26, %arg2, %arg3 to [153344] : <[3, N, P], f32>, <[3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, N, 13], f32>
      %30 = sinter.row_group (%arg7 = %29 : !sinter.tensor<[3, N, 13], f32>) -> !sinter.tensor<[N, 39], f32> to [158336] {
        %37 = sinter.transpose %arg7 [1, 0, 2] : <[3, N, 13], f32> -> <[N, 3, 13], f32>
        %38 = sinter.reshape %37 : <[N, 3, 13], f32> -> <[N, 39], f32>
        sinter.yield %38 : !sinter.tensor<[N, 39], f32>
      }
      sinter.barrier
      %31 = sinter.linear %30, %17 to [148352] : <[N, 39], f32>, <[39, 39], f32, <columns = 32, depth = 1>> -> <[N, 39], f32>
      sinter.barrier
      %32:2 = sinter.row_group (%arg7 = %31 : !sinter.tensor<[N, 39], f32>, %arg8 = %18 : !sinter.tensor<[39], f32>, %arg9 = %arg6 : !sinter.tensor<[N, 39], f32>, %arg10 = %19 : !sinter.tensor<[39], f32>, %arg11 = %20 : !sinter.tensor<[39], f32>) -> (!sinter.tensor<[N, 39], f32>, !sinter.tensor<[N, 39], f32>) to [39936, 19968] {
        %37 = sinter.add %arg7, %arg8 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %38 = sinter.add %arg9, %37 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        %39 = sinter.reduce mean %38 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %40 = sinter.sub %38, %39 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %41 = sinter.mul %40, %40 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        %42 = sinter.reduce mean %41 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %43 = sinter.constant 1.000000e-05 : <[], f32>
        %44 = sinter.add %42, %43 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %45 = sinter.sqrt %44 : <[N, 1], f32>
        %46 = sinter.div %40, %45 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %47 = sinter.mul %46, %arg10 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %48 = sinter.add %47, %arg11 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        sinter.yield %38, %48 : !sinter.tensor<[N, 39], f32>, !sinter.tensor<[N, 39], f32>
      }
      sinter.barrier
      %33 = sinter.linear %32#1, %21 to [0] : <[N, 39], f32>, <[39, 156], f32, <columns = 32, depth = 1>> -> <[N, 156], f32>
      sinter.barrier
      %34 = sinter.row_group (%arg7 = %33 : !sinter.tensor<[N, 156], f32>, %arg8 = %22 : !sinter.tensor<[156], f32>) -> !sinter.tensor<[N, 156], f32> to [19968] {
        %37 = sinter.add %arg7, %arg8 : <[N, 156], f32>, <[156], f32> -> <[N, 156], f32>
        %38 = sinter.constant 5.000000e-01 : <[], f32>
        %39 = sinter.mul %37, %38 : <[N, 156], f32>, <[], f32> -> <[N, 156], f32>
        %40 = sinter.mul %37, %37 : <[N, 156], f32>, <[N, 156], f32> -> <[N, 156], f32>
        %41 = sinter.mul %40, %37 : <[N, 156], f32>, <[N, 156], f32> -> <[N, 156], f32>
        %42 = sinter.constant 4.471500e-02 : <[], f32>
        %43 = sinter.mul %41, %42 : <[N, 156], f32>, <[], f32> -> <[N, 156], f32>
        %44 = sinter.add %37, %43 : <[N, 156], f32>, <[N, 156], f32> -> <[N, 156], f32>
        %45 = sinter.constant 0.79788456080286541 : <[], f32>
        %46 = sinter.mul %44, %45 : <[N, 156], f32>, <[], f32> -> <[N, 156], f32>
        %47 = sinter.tanh %46 : <[N, 156], f32>
        %48 = sinter.constant 1.000000e+00 : <[], f32>
        %49 = sinter.add %47, %48 : <[N, 156], f32>, <[], f32> -> <[N, 156], f32>
        %50 = sinter.mul %39, %49 : <[N, 156], f32>, <[N, 156], f32> -> <[N, 156], f32>
        sinter.yield %50 : !sinter.tensor<[N, 156], f32>
      }
      sinter.barrier
      %35 = sinter.linear %34, %23 to [0] : <[N, 156], f32>, <[156, 39], f32, <columns = 32, depth = 1>> -> <[N, 39], f32>
      sinter.barrier
      %36 = sinter.row_group (%arg7 = %35 : !sinter.tensor<[N, 39], f32>, %arg8 = %24 : !sinter.tensor<[39], f32>, %arg9 = %32#0 : !sinter.tensor<[N, 39], f32>) -> !sinter.tensor<[N, 39], f32> to [143360] {
        %37 = sinter.add %arg7, %arg8 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %38 = sinter.add %arg9, %37 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        sinter.yield %38 : !sinter.tensor<[N, 39], f32>
      }
      sinter.yield %36 : !sinter.tensor<[N, 39], f32>
    }
    %5 = sinter.parameter_load @transformer.ln_f.weight : !sinter.tensor<[39], f32>
    %6 = sinter.parameter_load @transformer.ln_f.bias : !sinter.tensor<[39], f32>
    sinter.barrier
    %7 = sinter.row_group (%arg5 = %4 : !sinter.tensor<[N, 39], f32>, %arg6 = %arg4 : !sinter.tensor<[R], i32>, %arg7 = %5 : !sinter.tensor<[39], f32>, %arg8 = %6 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[R, 39], f32> to [0] {
      %10 = sinter.gather %arg5[%arg6] : <[N, 39], f32>, <[R], i32> -> <[R, 39], f32>
      %11 = sinter.reduce mean %10 axis 1 : <[R, 39], f32> -> <[R, 1], f32>
      %12 = sinter.sub %10, %11 : <[R, 39], f32>, <[R, 1], f32> -> <[R, 39], f32>
      %13 = sinter.mul %12, %12 : <[R, 39], f32>, <[R, 39], f32> -> <[R, 39], f32>
      %14 = sinter.reduce mean %13 axis 1 : <[R, 39], f32> -> <[R, 1], f32>
      %15 = sinter.constant 1.000000e-05 : <[], f32>
      %16 = sinter.add %14, %15 : <[R, 1], f32>, <[], f32> -> <[R, 1], f32>
      %17 = sinter.sqrt %16 : <[R, 1], f32>
      %18 = sinter.div %12, %17 : <[R, 39], f32>, <[R, 1], f32> -> <[R, 39], f32>
      %19 = sinter.mul %18, %arg7 : <[R, 39], f32>, <[39], f32> -> <[R, 39], f32>
      %20 = sinter.add %19, %arg8 : <[R, 39], f32>, <[39], f32> -> <[R, 39], f32>
      sinter.yield %20 : !sinter.tensor<[R, 39], f32>
    }
    %8 = sinter.parameter_load @transformer.wte.weight_0 : !sinter.packed<[39, 97], f32, <columns = 32, depth = 1>>
    sinter.barrier
    %9 = sinter.linear %7, %8 to [-1] : <[R, 39], f32>, <[39, 97], f32, <columns = 32, depth = 1>> -> <[R, 97], f32>
    return %9 : !sinter.tensor<[R, 97], f32>
  }
}

