// A small Llama after the passes: grouped heads, rotary positions, gated feed-forward.
//
// REQUIRES: avx2
// RUN: check-program --cpu x86-64-v3 %s | FileCheck %s
// RUN: check-program --cpu native %s | FileCheck %s
// CHECK: equal:

module attributes {sinter.architecture = "llama", sinter.context = 160 : i64, sinter.head = "next_token", sinter.special_tokens = {bos = 1 : i64, eos = [2]}, sinter.vocabulary = 101 : i64, sinter.weights_bytes = 153344 : i64} {
  sinter.cache @value layers 2 : !sinter.history<[2, 6], f32> {persistent}
  sinter.cache @key layers 2 : !sinter.history<[2, 6], f32> {persistent}
  sinter.parameter @model.embed_tokens.weight layers 1 at 0 stride 14592 : !sinter.tensor<[101, 36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.embed_tokens.weight" : <[101, 36], f32>
    sinter.yield %0 : !sinter.tensor<[101, 36], f32>
  }
  sinter.parameter @constant layers 1 at 14592 stride 64 : !sinter.tensor<[3], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.constant 5.000000e+05 : <[], f32>
    %1 = sinter.iota : <[3], i32>
    %2 = sinter.constant -2.000000e+00 : <[], i32>
    %3 = sinter.mul %1, %2 : <[3], i32>, <[], i32> -> <[3], i32>
    %4 = sinter.convert %3 : <[3], i32> -> <[3], f32>
    %5 = sinter.constant 6.000000e+00 : <[], f32>
    %6 = sinter.div %4, %5 : <[3], f32>, <[], f32> -> <[3], f32>
    %7 = sinter.pow %0, %6 : <[], f32>, <[3], f32> -> <[3], f32>
    sinter.yield %7 : !sinter.tensor<[3], f32>
  }
  sinter.parameter @model.layers.input_layernorm.weight layers 2 at 14656 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight ["norm_17", "norm_4"][%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @model.layers.self_attn.q_proj.weight layers 2 at 15040 stride 9216 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight ["MatMul_17", "MatMul_4"][%arg0] : <[36, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 36], f32> -> <[36, 36], f32>
    %2 = sinter.pack %1 : <[36, 36], f32> -> <[36, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @model.layers.self_attn.k_proj.weight layers 2 at 33472 stride 4608 : !sinter.packed<[36, 12], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.layers.{i}.self_attn.k_proj.weight"[%arg0] : <[12, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[12, 36], f32> -> <[36, 12], f32>
    %2 = sinter.pack %1 : <[36, 12], f32> -> <[36, 12], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 12], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @model.layers.self_attn.v_proj.weight layers 2 at 42688 stride 4608 : !sinter.packed<[36, 12], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.layers.{i}.self_attn.v_proj.weight"[%arg0] : <[12, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[12, 36], f32> -> <[36, 12], f32>
    %2 = sinter.pack %1 : <[36, 12], f32> -> <[36, 12], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 12], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @model.layers.self_attn.o_proj.weight layers 2 at 51904 stride 9216 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.layers.{i}.self_attn.o_proj.weight"[%arg0] : <[36, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 36], f32> -> <[36, 36], f32>
    %2 = sinter.pack %1 : <[36, 36], f32> -> <[36, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @model.layers.post_attention_layernorm.weight layers 2 at 70336 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.layers.{i}.post_attention_layernorm.weight"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @model.layers.mlp.gate_proj.weight layers 2 at 70720 stride 9216 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.layers.{i}.mlp.gate_proj.weight"[%arg0] : <[53, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[53, 36], f32> -> <[36, 53], f32>
    %2 = sinter.pack %1 : <[36, 53], f32> -> <[36, 53], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @model.layers.mlp.up_proj.weight layers 2 at 89152 stride 9216 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.layers.{i}.mlp.up_proj.weight"[%arg0] : <[53, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[53, 36], f32> -> <[36, 53], f32>
    %2 = sinter.pack %1 : <[36, 53], f32> -> <[36, 53], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @model.layers.mlp.down_proj.weight layers 2 at 107584 stride 13568 : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.layers.{i}.mlp.down_proj.weight"[%arg0] : <[36, 53], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 53], f32> -> <[53, 36], f32>
    %2 = sinter.pack %1 : <[53, 36], f32> -> <[53, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @model.norm.weight layers 1 at 134720 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.norm.weight" : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @model.embed_tokens.weight_0 layers 1 at 134912 stride 18432 : !sinter.packed<[36, 101], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "model.embed_tokens.weight" : <[101, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[101, 36], f32> -> <[36, 101], f32>
    %2 = sinter.pack %1 : <[36, 101], f32> -> <[36, 101], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 101], f32, <columns = 32, depth = 1>>
  }
  func.func @forward(%arg0: !sinter.tensor<[N], i32> {sinter.input = "token"}, %arg1: !sinter.tensor<[N], i32> {sinter.input = "position"}, %arg2: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %arg3: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %arg4: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R, 101], f32> attributes {sinter.arena_bytes = 279296 : i64, sinter.causal, sinter.maximum_rows = 32 : i64, sinter.maximum_tokens = 32 : i64} {
    %0 = sinter.parameter_load @model.embed_tokens.weight : !sinter.tensor<[101, 36], f32>
    %1 = sinter.row_group (%arg5 = %0 : !sinter.tensor<[101, 36], f32>, %arg6 = %arg0 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[N, 36], f32> to [266240] {
      %10 = sinter.gather %arg5[%arg6] : <[101, 36], f32>, <[N], i32> -> <[N, 36], f32>
      sinter.yield %10 : !sinter.tensor<[N, 36], f32>
    }
    %2 = sinter.row_group () -> !sinter.tensor<[N, P], f32> to [245760] {
      %10 = sinter.constant 1.000000e+00 : <[N, P], i1>
      %11 = sinter.constant 0.000000e+00 : <[], f32>
      %12 = sinter.constant 0xFFF0000000000000 : <[], f32>
      %13 = sinter.select %10, %11, %12 : <[N, P], i1>, <[], f32>, <[], f32> -> <[N, P], f32>
      sinter.yield %13 : !sinter.tensor<[N, P], f32>
    }
    %3 = sinter.parameter_load @constant : !sinter.tensor<[3], f32>
    %4:2 = sinter.row_group (%arg5 = %arg1 : !sinter.tensor<[N], i32>, %arg6 = %3 : !sinter.tensor<[3], f32>) -> (!sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>) to [278528, 278912] {
      %10 = sinter.reshape %arg5 : <[N], i32> -> <[N, 1], i32>
      %11 = sinter.convert %10 : <[N, 1], i32> -> <[N, 1], f32>
      %12 = sinter.mul %11, %arg6 : <[N, 1], f32>, <[3], f32> -> <[N, 3], f32>
      %13 = sinter.cos %12 : <[N, 3], f32>
      %14 = sinter.sin %12 : <[N, 3], f32>
      sinter.yield %13, %14 : !sinter.tensor<[N, 3], f32>, !sinter.tensor<[N, 3], f32>
    }
    %5 = sinter.repeat %arg5 in 2 (%arg6 = %1 : !sinter.tensor<[N, 36], f32>) {
      %10 = sinter.parameter_load @model.layers.input_layernorm.weight[%arg5] : !sinter.tensor<[36], f32>
      %11 = sinter.row_group (%arg7 = %arg6 : !sinter.tensor<[N, 36], f32>, %arg8 = %10 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[N, 36], f32> to [0] {
        %39 = sinter.mul %arg7, %arg7 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %40 = sinter.reduce mean %39 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %41 = sinter.constant 1.000000e-02 : <[], f32>
        %42 = sinter.add %40, %41 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %43 = sinter.sqrt %42 : <[N, 1], f32>
        %44 = sinter.div %arg7, %43 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %45 = sinter.mul %44, %arg8 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        sinter.yield %45 : !sinter.tensor<[N, 36], f32>
      }
      %12 = sinter.parameter_load @model.layers.self_attn.q_proj.weight[%arg5] : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %13 = sinter.linear %11, %12 to [4608] : <[N, 36], f32>, <[36, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %14 = sinter.row_group (%arg7 = %13 : !sinter.tensor<[N, 36], f32>, %arg8 = %4#0 : !sinter.tensor<[N, 3], f32>, %arg9 = %4#1 : !sinter.tensor<[N, 3], f32>) -> !sinter.tensor<[6, N, 6], f32> to [270848] {
        %39 = sinter.reshape %arg7 : <[N, 36], f32> -> <[N, 6, 6], f32>
        %40 = sinter.transpose %39 [1, 0, 2] : <[N, 6, 6], f32> -> <[6, N, 6], f32>
        %41 = sinter.slice %40 axis 2 from 0 size 3 stride 1 : <[6, N, 6], f32> -> <[6, N, 3], f32>
        %42 = sinter.slice %40 axis 2 from 3 size 3 stride 1 : <[6, N, 6], f32> -> <[6, N, 3], f32>
        %43 = sinter.mul %41, %arg8 : <[6, N, 3], f32>, <[N, 3], f32> -> <[6, N, 3], f32>
        %44 = sinter.mul %42, %arg9 : <[6, N, 3], f32>, <[N, 3], f32> -> <[6, N, 3], f32>
        %45 = sinter.sub %43, %44 : <[6, N, 3], f32>, <[6, N, 3], f32> -> <[6, N, 3], f32>
        %46 = sinter.mul %42, %arg8 : <[6, N, 3], f32>, <[N, 3], f32> -> <[6, N, 3], f32>
        %47 = sinter.mul %41, %arg9 : <[6, N, 3], f32>, <[N, 3], f32> -> <[6, N, 3], f32>
        %48 = sinter.add %46, %47 : <[6, N, 3], f32>, <[6, N, 3], f32> -> <[6, N, 3], f32>
        %49 = sinter.concat %45, %48 axis 2 : !sinter.tensor<[6, N, 3], f32>, !sinter.tensor<[6, N, 3], f32> -> <[6, N, 6], f32>
        sinter.yield %49 : !sinter.tensor<[6, N, 6], f32>
      }
      %15 = sinter.parameter_load @model.layers.self_attn.k_proj.weight[%arg5] : !sinter.packed<[36, 12], f32, <columns = 32, depth = 1>>
      %16 = sinter.linear %11, %15 to [9216] : <[N, 36], f32>, <[36, 12], f32, <columns = 32, depth = 1>> -> <[N, 12], f32>
      sinter.barrier
      %17 = sinter.row_group (%arg7 = %16 : !sinter.tensor<[N, 12], f32>, %arg8 = %4#0 : !sinter.tensor<[N, 3], f32>, %arg9 = %4#1 : !sinter.tensor<[N, 3], f32>) -> !sinter.tensor<[N, 2, 6], f32> to [4608] {
        %39 = sinter.reshape %arg7 : <[N, 12], f32> -> <[N, 2, 6], f32>
        %40 = sinter.transpose %39 [1, 0, 2] : <[N, 2, 6], f32> -> <[2, N, 6], f32>
        %41 = sinter.slice %40 axis 2 from 0 size 3 stride 1 : <[2, N, 6], f32> -> <[2, N, 3], f32>
        %42 = sinter.slice %40 axis 2 from 3 size 3 stride 1 : <[2, N, 6], f32> -> <[2, N, 3], f32>
        %43 = sinter.mul %41, %arg8 : <[2, N, 3], f32>, <[N, 3], f32> -> <[2, N, 3], f32>
        %44 = sinter.mul %42, %arg9 : <[2, N, 3], f32>, <[N, 3], f32> -> <[2, N, 3], f32>
        %45 = sinter.sub %43, %44 : <[2, N, 3], f32>, <[2, N, 3], f32> -> <[2, N, 3], f32>
        %46 = sinter.mul %42, %arg8 : <[2, N, 3], f32>, <[N, 3], f32> -> <[2, N, 3], f32>
        %47 = sinter.mul %41, %arg9 : <[2, N, 3], f32>, <[N, 3], f32> -> <[2, N, 3], f32>
        %48 = sinter.add %46, %47 : <[2, N, 3], f32>, <[2, N, 3], f32> -> <[2, N, 3], f32>
        %49 = sinter.concat %45, %48 axis 2 : !sinter.tensor<[2, N, 3], f32>, !sinter.tensor<[2, N, 3], f32> -> <[2, N, 6], f32>
        %50 = sinter.transpose %49 [1, 0, 2] : <[2, N, 6], f32> -> <[N, 2, 6], f32>
        sinter.yield %50 : !sinter.tensor<[N, 2, 6], f32>
      }
      %18 = sinter.cache_append @key[%arg5], %17 at %arg2, %arg1 : <[N, 2, 6], f32>, <[N], i32>, <[N], i32> -> <[2, 6], f32>
      %19 = sinter.parameter_load @model.layers.self_attn.v_proj.weight[%arg5] : !sinter.packed<[36, 12], f32, <columns = 32, depth = 1>>
      %20 = sinter.linear %11, %19 to [275456] : <[N, 36], f32>, <[36, 12], f32, <columns = 32, depth = 1>> -> <[N, 12], f32>
      sinter.barrier
      %21 = sinter.row_group (%arg7 = %20 : !sinter.tensor<[N, 12], f32>) -> !sinter.tensor<[N, 2, 6], f32> to [276992] {
        %39 = sinter.reshape %arg7 : <[N, 12], f32> -> <[N, 2, 6], f32>
        sinter.yield %39 : !sinter.tensor<[N, 2, 6], f32>
      }
      %22 = sinter.cache_append @value[%arg5], %21 at %arg2, %arg1 : <[N, 2, 6], f32>, <[N], i32>, <[N], i32> -> <[2, 6], f32>
      %23 = sinter.attention_scores %14, %18, %arg2, %arg3 to [0] : <[6, N, 6], f32>, <[2, 6], f32>, <[N], i32>, <[N], i32> -> <[6, N, P], f32>
      %24 = sinter.row_group (%arg7 = %23 : !sinter.tensor<[6, N, P], f32>, %arg8 = %2 : !sinter.tensor<[N, P], f32>, %arg9 = %arg3 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[6, N, P], f32> to [122880] {
        %39 = sinter.constant 2.4494897427831779 : <[], f32>
        %40 = sinter.div %arg7, %39 : <[6, N, P], f32>, <[], f32> -> <[6, N, P], f32>
        %41 = sinter.add %40, %arg8 : <[6, N, P], f32>, <[N, P], f32> -> <[6, N, P], f32>
        %42 = sinter.reduce max %41 axis 2 extent %arg9 : <[6, N, P], f32>, !sinter.tensor<[N], i32> -> <[6, N, 1], f32>
        %43 = sinter.sub %41, %42 : <[6, N, P], f32>, <[6, N, 1], f32> -> <[6, N, P], f32>
        %44 = sinter.exp %43 : <[6, N, P], f32>
        %45 = sinter.reduce sum %44 axis 2 extent %arg9 : <[6, N, P], f32>, !sinter.tensor<[N], i32> -> <[6, N, 1], f32>
        %46 = sinter.div %44, %45 : <[6, N, P], f32>, <[6, N, 1], f32> -> <[6, N, P], f32>
        sinter.yield %46 : !sinter.tensor<[6, N, P], f32>
      }
      sinter.barrier
      %25 = sinter.attention_values %24, %22, %arg2, %arg3 to [0] : <[6, N, P], f32>, <[2, 6], f32>, <[N], i32>, <[N], i32> -> <[6, N, 6], f32>
      %26 = sinter.row_group (%arg7 = %25 : !sinter.tensor<[6, N, 6], f32>) -> !sinter.tensor<[N, 36], f32> to [4608] {
        %39 = sinter.transpose %arg7 [1, 0, 2] : <[6, N, 6], f32> -> <[N, 6, 6], f32>
        %40 = sinter.reshape %39 : <[N, 6, 6], f32> -> <[N, 36], f32>
        sinter.yield %40 : !sinter.tensor<[N, 36], f32>
      }
      %27 = sinter.parameter_load @model.layers.self_attn.o_proj.weight[%arg5] : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %28 = sinter.linear %26, %27 to [0] : <[N, 36], f32>, <[36, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      %29 = sinter.parameter_load @model.layers.post_attention_layernorm.weight[%arg5] : !sinter.tensor<[36], f32>
      sinter.barrier
      %30:2 = sinter.row_group (%arg7 = %arg6 : !sinter.tensor<[N, 36], f32>, %arg8 = %28 : !sinter.tensor<[N, 36], f32>, %arg9 = %29 : !sinter.tensor<[36], f32>) -> (!sinter.tensor<[N, 36], f32>, !sinter.tensor<[N, 36], f32>) to [20352, 13568] {
        %39 = sinter.add %arg7, %arg8 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %40 = sinter.mul %39, %39 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %41 = sinter.reduce mean %40 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %42 = sinter.constant 1.000000e-02 : <[], f32>
        %43 = sinter.add %41, %42 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %44 = sinter.sqrt %43 : <[N, 1], f32>
        %45 = sinter.div %39, %44 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %46 = sinter.mul %45, %arg9 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        sinter.yield %39, %46 : !sinter.tensor<[N, 36], f32>, !sinter.tensor<[N, 36], f32>
      }
      %31 = sinter.parameter_load @model.layers.mlp.gate_proj.weight[%arg5] : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %32 = sinter.linear %30#1, %31 to [0] : <[N, 36], f32>, <[36, 53], f32, <columns = 32, depth = 1>> -> <[N, 53], f32>
      %33 = sinter.parameter_load @model.layers.mlp.up_proj.weight[%arg5] : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
      %34 = sinter.linear %30#1, %33 to [6784] : <[N, 36], f32>, <[36, 53], f32, <columns = 32, depth = 1>> -> <[N, 53], f32>
      sinter.barrier
      %35 = sinter.row_group (%arg7 = %32 : !sinter.tensor<[N, 53], f32>, %arg8 = %34 : !sinter.tensor<[N, 53], f32>) -> !sinter.tensor<[N, 53], f32> to [13568] {
        %39 = sinter.neg %arg7 : <[N, 53], f32>
        %40 = sinter.exp %39 : <[N, 53], f32>
        %41 = sinter.constant 1.000000e+00 : <[], f32>
        %42 = sinter.add %40, %41 : <[N, 53], f32>, <[], f32> -> <[N, 53], f32>
        %43 = sinter.div %41, %42 : <[], f32>, <[N, 53], f32> -> <[N, 53], f32>
        %44 = sinter.mul %arg7, %43 : <[N, 53], f32>, <[N, 53], f32> -> <[N, 53], f32>
        %45 = sinter.mul %44, %arg8 : <[N, 53], f32>, <[N, 53], f32> -> <[N, 53], f32>
        sinter.yield %45 : !sinter.tensor<[N, 53], f32>
      }
      %36 = sinter.parameter_load @model.layers.mlp.down_proj.weight[%arg5] : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %37 = sinter.linear %35, %36 to [4608] : <[N, 53], f32>, <[53, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %38 = sinter.row_group (%arg7 = %30#0 : !sinter.tensor<[N, 36], f32>, %arg8 = %37 : !sinter.tensor<[N, 36], f32>) -> !sinter.tensor<[N, 36], f32> to [266240] {
        %39 = sinter.add %arg7, %arg8 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        sinter.yield %39 : !sinter.tensor<[N, 36], f32>
      }
      sinter.yield %38 : !sinter.tensor<[N, 36], f32>
    }
    %6 = sinter.parameter_load @model.norm.weight : !sinter.tensor<[36], f32>
    sinter.barrier
    %7 = sinter.row_group (%arg5 = %5 : !sinter.tensor<[N, 36], f32>, %arg6 = %arg4 : !sinter.tensor<[R], i32>, %arg7 = %6 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[R, 36], f32> to [0] {
      %10 = sinter.gather %arg5[%arg6] : <[N, 36], f32>, <[R], i32> -> <[R, 36], f32>
      %11 = sinter.mul %10, %10 : <[R, 36], f32>, <[R, 36], f32> -> <[R, 36], f32>
      %12 = sinter.reduce mean %11 axis 1 : <[R, 36], f32> -> <[R, 1], f32>
      %13 = sinter.constant 1.000000e-02 : <[], f32>
      %14 = sinter.add %12, %13 : <[R, 1], f32>, <[], f32> -> <[R, 1], f32>
      %15 = sinter.sqrt %14 : <[R, 1], f32>
      %16 = sinter.div %10, %15 : <[R, 36], f32>, <[R, 1], f32> -> <[R, 36], f32>
      %17 = sinter.mul %16, %arg7 : <[R, 36], f32>, <[36], f32> -> <[R, 36], f32>
      sinter.yield %17 : !sinter.tensor<[R, 36], f32>
    }
    %8 = sinter.parameter_load @model.embed_tokens.weight_0 : !sinter.packed<[36, 101], f32, <columns = 32, depth = 1>>
    sinter.barrier
    %9 = sinter.linear %7, %8 to [-1] : <[R, 36], f32>, <[36, 101], f32, <columns = 32, depth = 1>> -> <[R, 101], f32>
    return %9 : !sinter.tensor<[R, 101], f32>
  }
}

