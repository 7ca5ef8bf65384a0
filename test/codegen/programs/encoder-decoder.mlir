// A small encoder-decoder after the passes: two entries, cross-attention on the source's cache.
//
// REQUIRES: avx2
// RUN: check-program --cpu x86-64-v3 %s | FileCheck %s
// RUN: check-program --cpu native %s | FileCheck %s
// CHECK: equal:

module attributes {sinter.architecture = "transformer", sinter.context = 136 : i64, sinter.head = "encoder_decoder", sinter.source_context = 136 : i64, sinter.source_vocabulary = 61 : i64, sinter.special_tokens = {bos = 1 : i64, decoder_start = 1 : i64, eos = [2], pad = 0 : i64}, sinter.vocabulary = 47 : i64, sinter.weights_bytes = 301760 : i64} {
  sinter.cache @value layers 2 : !sinter.history<[3, 12], f32> {persistent}
  sinter.cache @key layers 2 : !sinter.history<[3, 12], f32> {persistent}
  sinter.cache @encoder_value layers 1 : !sinter.history<[3, 12], f32> {of_source}
  sinter.cache @encoder_key layers 1 : !sinter.history<[3, 12], f32> {of_source}
  sinter.cache @cross_value layers 2 : !sinter.history<[3, 12], f32> {of_source, persistent}
  sinter.cache @cross_key layers 2 : !sinter.history<[3, 12], f32> {of_source, persistent}
  sinter.parameter @source_embedding.weight layers 1 at 0 stride 8832 : !sinter.tensor<[61, 36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "source_embedding.weight" : <[61, 36], f32>
    sinter.yield %0 : !sinter.tensor<[61, 36], f32>
  }
  sinter.parameter @constant layers 1 at 8832 stride 128 : !sinter.tensor<[18], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.constant 1.000000e+04 : <[], f32>
    %1 = sinter.iota : <[18], i32>
    %2 = sinter.constant -2.000000e+00 : <[], i32>
    %3 = sinter.mul %1, %2 : <[18], i32>, <[], i32> -> <[18], i32>
    %4 = sinter.convert %3 : <[18], i32> -> <[18], f32>
    %5 = sinter.constant 3.600000e+01 : <[], f32>
    %6 = sinter.div %4, %5 : <[18], f32>, <[], f32> -> <[18], f32>
    %7 = sinter.pow %0, %6 : <[], f32>, <[18], f32> -> <[18], f32>
    sinter.yield %7 : !sinter.tensor<[18], f32>
  }
  sinter.parameter @encoder.layers.self_attn.in_proj_weight layers 2 at 8960 stride 18432 : !sinter.packed<[36, 108], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.self_attn.in_proj_weight"[%arg0] : <[108, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[108, 36], f32> -> <[36, 108], f32>
    %2 = sinter.pack %1 : <[36, 108], f32> -> <[36, 108], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 108], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @encoder.layers.self_attn.in_proj_bias layers 2 at 45824 stride 448 : !sinter.tensor<[108], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.self_attn.in_proj_bias"[%arg0] : <[108], f32>
    sinter.yield %0 : !sinter.tensor<[108], f32>
  }
  sinter.parameter @encoder.layers.self_attn.out_proj.weight layers 2 at 46720 stride 9216 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.self_attn.out_proj.weight"[%arg0] : <[36, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 36], f32> -> <[36, 36], f32>
    %2 = sinter.pack %1 : <[36, 36], f32> -> <[36, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @encoder.layers.self_attn.out_proj.bias layers 2 at 65152 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.self_attn.out_proj.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @encoder.layers.norm1.weight layers 2 at 65536 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.norm1.weight"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @encoder.layers.norm1.bias layers 2 at 65920 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.norm1.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @encoder.layers.linear1.weight layers 2 at 66304 stride 9216 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.linear1.weight"[%arg0] : <[53, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[53, 36], f32> -> <[36, 53], f32>
    %2 = sinter.pack %1 : <[36, 53], f32> -> <[36, 53], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @encoder.layers.linear1.bias layers 2 at 84736 stride 256 : !sinter.tensor<[53], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.linear1.bias"[%arg0] : <[53], f32>
    sinter.yield %0 : !sinter.tensor<[53], f32>
  }
  sinter.parameter @encoder.layers.linear2.weight layers 2 at 85248 stride 13568 : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.linear2.weight"[%arg0] : <[36, 53], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 53], f32> -> <[53, 36], f32>
    %2 = sinter.pack %1 : <[53, 36], f32> -> <[53, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @encoder.layers.linear2.bias layers 2 at 112384 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.linear2.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @encoder.layers.norm2.weight layers 2 at 112768 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.norm2.weight"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @encoder.layers.norm2.bias layers 2 at 113152 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.layers.{i}.norm2.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @encoder.norm.weight layers 1 at 113536 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.norm.weight" : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @encoder.norm.bias layers 1 at 113728 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "encoder.norm.bias" : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.multihead_attn.in_proj_weight layers 2 at 113920 stride 13824 : !sinter.packed<[36, 72], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.multihead_attn.in_proj_weight"[%arg0] : <[108, 36], f32>
    %1 = sinter.slice %0 axis 0 from 36 size 72 stride 1 : <[108, 36], f32> -> <[72, 36], f32>
    %2 = sinter.transpose %1 [1, 0] : <[72, 36], f32> -> <[36, 72], f32>
    %3 = sinter.pack %2 : <[36, 72], f32> -> <[36, 72], f32, <columns = 32, depth = 1>>
    sinter.yield %3 : !sinter.packed<[36, 72], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @decoder.layers.multihead_attn.in_proj_bias layers 2 at 141568 stride 320 : !sinter.tensor<[72], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.multihead_attn.in_proj_bias"[%arg0] : <[108], f32>
    %1 = sinter.slice %0 axis 0 from 36 size 72 stride 1 : <[108], f32> -> <[72], f32>
    sinter.yield %1 : !sinter.tensor<[72], f32>
  }
  sinter.parameter @target_embedding.weight layers 1 at 142208 stride 6784 : !sinter.tensor<[47, 36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "target_embedding.weight" : <[47, 36], f32>
    sinter.yield %0 : !sinter.tensor<[47, 36], f32>
  }
  sinter.parameter @decoder.layers.self_attn.in_proj_weight layers 2 at 148992 stride 18432 : !sinter.packed<[36, 108], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.self_attn.in_proj_weight"[%arg0] : <[108, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[108, 36], f32> -> <[36, 108], f32>
    %2 = sinter.pack %1 : <[36, 108], f32> -> <[36, 108], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 108], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @decoder.layers.self_attn.in_proj_bias layers 2 at 185856 stride 448 : !sinter.tensor<[108], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.self_attn.in_proj_bias"[%arg0] : <[108], f32>
    sinter.yield %0 : !sinter.tensor<[108], f32>
  }
  sinter.parameter @decoder.layers.self_attn.out_proj.weight layers 2 at 186752 stride 9216 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.self_attn.out_proj.weight"[%arg0] : <[36, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 36], f32> -> <[36, 36], f32>
    %2 = sinter.pack %1 : <[36, 36], f32> -> <[36, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @decoder.layers.self_attn.out_proj.bias layers 2 at 205184 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.self_attn.out_proj.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.norm1.weight layers 2 at 205568 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.norm1.weight"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.norm1.bias layers 2 at 205952 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.norm1.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.multihead_attn.in_proj_weight_0 layers 2 at 206336 stride 9216 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.multihead_attn.in_proj_weight"[%arg0] : <[108, 36], f32>
    %1 = sinter.slice %0 axis 0 from 0 size 36 stride 1 : <[108, 36], f32> -> <[36, 36], f32>
    %2 = sinter.transpose %1 [1, 0] : <[36, 36], f32> -> <[36, 36], f32>
    %3 = sinter.pack %2 : <[36, 36], f32> -> <[36, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %3 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @decoder.layers.multihead_attn.in_proj_bias_1 layers 2 at 224768 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.multihead_attn.in_proj_bias"[%arg0] : <[108], f32>
    %1 = sinter.slice %0 axis 0 from 0 size 36 stride 1 : <[108], f32> -> <[36], f32>
    sinter.yield %1 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.multihead_attn.out_proj.weight layers 2 at 225152 stride 9216 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.multihead_attn.out_proj.weight"[%arg0] : <[36, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 36], f32> -> <[36, 36], f32>
    %2 = sinter.pack %1 : <[36, 36], f32> -> <[36, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @decoder.layers.multihead_attn.out_proj.bias layers 2 at 243584 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.multihead_attn.out_proj.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.norm2.weight layers 2 at 243968 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.norm2.weight"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.norm2.bias layers 2 at 244352 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.norm2.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.linear1.weight layers 2 at 244736 stride 9216 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.linear1.weight"[%arg0] : <[53, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[53, 36], f32> -> <[36, 53], f32>
    %2 = sinter.pack %1 : <[36, 53], f32> -> <[36, 53], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @decoder.layers.linear1.bias layers 2 at 263168 stride 256 : !sinter.tensor<[53], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.linear1.bias"[%arg0] : <[53], f32>
    sinter.yield %0 : !sinter.tensor<[53], f32>
  }
  sinter.parameter @decoder.layers.linear2.weight layers 2 at 263680 stride 13568 : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.linear2.weight"[%arg0] : <[36, 53], f32>
    %1 = sinter.transpose %0 [1, 0] : <[36, 53], f32> -> <[53, 36], f32>
    %2 = sinter.pack %1 : <[53, 36], f32> -> <[53, 36], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @decoder.layers.linear2.bias layers 2 at 290816 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.linear2.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.norm3.weight layers 2 at 291200 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.norm3.weight"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.layers.norm3.bias layers 2 at 291584 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.layers.{i}.norm3.bias"[%arg0] : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.norm.weight layers 1 at 291968 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.norm.weight" : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @decoder.norm.bias layers 1 at 292160 stride 192 : !sinter.tensor<[36], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "decoder.norm.bias" : <[36], f32>
    sinter.yield %0 : !sinter.tensor<[36], f32>
  }
  sinter.parameter @generator.weight layers 1 at 292352 stride 9216 : !sinter.packed<[36, 47], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "generator.weight" : <[47, 36], f32>
    %1 = sinter.transpose %0 [1, 0] : <[47, 36], f32> -> <[36, 47], f32>
    %2 = sinter.pack %1 : <[36, 47], f32> -> <[36, 47], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[36, 47], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @generator.bias layers 1 at 301568 stride 192 : !sinter.tensor<[47], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "generator.bias" : <[47], f32>
    sinter.yield %0 : !sinter.tensor<[47], f32>
  }
  func.func @encode(%arg0: !sinter.tensor<[N], i32> {sinter.input = "token"}, %arg1: !sinter.tensor<[N], i32> {sinter.input = "position"}, %arg2: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %arg3: !sinter.tensor<[N], i32> {sinter.input = "extent"}) attributes {sinter.arena_bytes = 522240 : i64, sinter.maximum_rows = 136 : i64, sinter.maximum_tokens = 136 : i64} {
    %0 = sinter.parameter_load @source_embedding.weight : !sinter.tensor<[61, 36], f32>
    %1 = sinter.parameter_load @constant : !sinter.tensor<[18], f32>
    %2 = sinter.row_group (%arg4 = %0 : !sinter.tensor<[61, 36], f32>, %arg5 = %arg0 : !sinter.tensor<[N], i32>, %arg6 = %arg1 : !sinter.tensor<[N], i32>, %arg7 = %1 : !sinter.tensor<[18], f32>) -> !sinter.tensor<[N, 36], f32> to [443904] {
      %7 = sinter.gather %arg4[%arg5] : <[61, 36], f32>, <[N], i32> -> <[N, 36], f32>
      %8 = sinter.constant 6.000000e+00 : <[], f32>
      %9 = sinter.mul %7, %8 : <[N, 36], f32>, <[], f32> -> <[N, 36], f32>
      %10 = sinter.constant 0.000000e+00 : <[], i32>
      %11 = sinter.add %arg6, %10 : <[N], i32>, <[], i32> -> <[N], i32>
      %12 = sinter.reshape %11 : <[N], i32> -> <[N, 1], i32>
      %13 = sinter.convert %12 : <[N, 1], i32> -> <[N, 1], f32>
      %14 = sinter.mul %13, %arg7 : <[N, 1], f32>, <[18], f32> -> <[N, 18], f32>
      %15 = sinter.sin %14 : <[N, 18], f32>
      %16 = sinter.reshape %15 : <[N, 18], f32> -> <[N, 18, 1], f32>
      %17 = sinter.cos %14 : <[N, 18], f32>
      %18 = sinter.reshape %17 : <[N, 18], f32> -> <[N, 18, 1], f32>
      %19 = sinter.concat %16, %18 axis 2 : !sinter.tensor<[N, 18, 1], f32>, !sinter.tensor<[N, 18, 1], f32> -> <[N, 18, 2], f32>
      %20 = sinter.reshape %19 : <[N, 18, 2], f32> -> <[N, 36], f32>
      %21 = sinter.add %9, %20 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
      sinter.yield %21 : !sinter.tensor<[N, 36], f32>
    }
    %3 = sinter.repeat %arg4 in 2 (%arg5 = %2 : !sinter.tensor<[N, 36], f32>) {
      %7 = sinter.parameter_load @encoder.layers.self_attn.in_proj_weight[%arg4] : !sinter.packed<[36, 108], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %8 = sinter.linear %arg5, %7 to [0] : <[N, 36], f32>, <[36, 108], f32, <columns = 32, depth = 1>> -> <[N, 108], f32>
      %9 = sinter.parameter_load @encoder.layers.self_attn.in_proj_bias[%arg4] : !sinter.tensor<[108], f32>
      sinter.barrier
      %10:3 = sinter.row_group (%arg6 = %8 : !sinter.tensor<[N, 108], f32>, %arg7 = %9 : !sinter.tensor<[108], f32>) -> (!sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[3, N, 12], f32>) to [58752, 78336, 463488] {
        %33 = sinter.add %arg6, %arg7 : <[N, 108], f32>, <[108], f32> -> <[N, 108], f32>
        %34 = sinter.slice %33 axis 1 from 0 size 36 stride 1 : <[N, 108], f32> -> <[N, 36], f32>
        %35 = sinter.slice %33 axis 1 from 36 size 36 stride 1 : <[N, 108], f32> -> <[N, 36], f32>
        %36 = sinter.reshape %35 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %37 = sinter.slice %33 axis 1 from 72 size 36 stride 1 : <[N, 108], f32> -> <[N, 36], f32>
        %38 = sinter.reshape %37 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %39 = sinter.reshape %34 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %40 = sinter.transpose %39 [1, 0, 2] : <[N, 3, 12], f32> -> <[3, N, 12], f32>
        sinter.yield %36, %38, %40 : !sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[3, N, 12], f32>
      }
      %11 = sinter.parameter_load @encoder.layers.self_attn.out_proj.weight[%arg4] : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
      %12 = sinter.parameter_load @encoder.layers.self_attn.out_proj.bias[%arg4] : !sinter.tensor<[36], f32>
      %13 = sinter.parameter_load @encoder.layers.norm1.weight[%arg4] : !sinter.tensor<[36], f32>
      %14 = sinter.parameter_load @encoder.layers.norm1.bias[%arg4] : !sinter.tensor<[36], f32>
      %15 = sinter.parameter_load @encoder.layers.linear1.weight[%arg4] : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
      %16 = sinter.parameter_load @encoder.layers.linear1.bias[%arg4] : !sinter.tensor<[53], f32>
      %17 = sinter.parameter_load @encoder.layers.linear2.weight[%arg4] : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>>
      %18 = sinter.parameter_load @encoder.layers.linear2.bias[%arg4] : !sinter.tensor<[36], f32>
      %19 = sinter.parameter_load @encoder.layers.norm2.weight[%arg4] : !sinter.tensor<[36], f32>
      %20 = sinter.parameter_load @encoder.layers.norm2.bias[%arg4] : !sinter.tensor<[36], f32>
      %21 = sinter.cache_append @encoder_key, %10#0 at %arg2, %arg1 : <[N, 3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, 12], f32>
      %22 = sinter.cache_append @encoder_value, %10#1 at %arg2, %arg1 : <[N, 3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, 12], f32>
      sinter.barrier
      %23 = sinter.attention_scores %10#2, %21, %arg2, %arg3 to [0] : <[3, N, 12], f32>, <[3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, N, P], f32>
      %24 = sinter.row_group (%arg6 = %23 : !sinter.tensor<[3, N, P], f32>, %arg7 = %arg3 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[3, N, P], f32> to [221952] {
        %33 = sinter.constant 3.4641016151377544 : <[], f32>
        %34 = sinter.div %arg6, %33 : <[3, N, P], f32>, <[], f32> -> <[3, N, P], f32>
        %35 = sinter.reduce max %34 axis 2 extent %arg7 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %36 = sinter.sub %34, %35 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        %37 = sinter.exp %36 : <[3, N, P], f32>
        %38 = sinter.reduce sum %37 axis 2 extent %arg7 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %39 = sinter.div %37, %38 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        sinter.yield %39 : !sinter.tensor<[3, N, P], f32>
      }
      %25 = sinter.attention_values %24, %22, %arg2, %arg3 to [483072] : <[3, N, P], f32>, <[3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, N, 12], f32>
      %26 = sinter.row_group (%arg6 = %25 : !sinter.tensor<[3, N, 12], f32>) -> !sinter.tensor<[N, 36], f32> to [502656] {
        %33 = sinter.transpose %arg6 [1, 0, 2] : <[3, N, 12], f32> -> <[N, 3, 12], f32>
        %34 = sinter.reshape %33 : <[N, 3, 12], f32> -> <[N, 36], f32>
        sinter.yield %34 : !sinter.tensor<[N, 36], f32>
      }
      sinter.barrier
      %27 = sinter.linear %26, %11 to [463488] : <[N, 36], f32>, <[36, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %28 = sinter.row_group (%arg6 = %27 : !sinter.tensor<[N, 36], f32>, %arg7 = %12 : !sinter.tensor<[36], f32>, %arg8 = %arg5 : !sinter.tensor<[N, 36], f32>, %arg9 = %13 : !sinter.tensor<[36], f32>, %arg10 = %14 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[N, 36], f32> to [57728] {
        %33 = sinter.add %arg6, %arg7 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %34 = sinter.add %arg8, %33 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %35 = sinter.reduce mean %34 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %36 = sinter.sub %34, %35 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %37 = sinter.mul %36, %36 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %38 = sinter.reduce mean %37 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %39 = sinter.constant 1.000000e-05 : <[], f32>
        %40 = sinter.add %38, %39 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %41 = sinter.sqrt %40 : <[N, 1], f32>
        %42 = sinter.div %36, %41 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %43 = sinter.mul %42, %arg9 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %44 = sinter.add %43, %arg10 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        sinter.yield %44 : !sinter.tensor<[N, 36], f32>
      }
      sinter.barrier
      %29 = sinter.linear %28, %15 to [0] : <[N, 36], f32>, <[36, 53], f32, <columns = 32, depth = 1>> -> <[N, 53], f32>
      sinter.barrier
      %30 = sinter.row_group (%arg6 = %29 : !sinter.tensor<[N, 53], f32>, %arg7 = %16 : !sinter.tensor<[53], f32>) -> !sinter.tensor<[N, 53], f32> to [28864] {
        %33 = sinter.add %arg6, %arg7 : <[N, 53], f32>, <[53], f32> -> <[N, 53], f32>
        %34 = sinter.constant 0.000000e+00 : <[], f32>
        %35 = sinter.max %33, %34 : <[N, 53], f32>, <[], f32> -> <[N, 53], f32>
        sinter.yield %35 : !sinter.tensor<[N, 53], f32>
      }
      sinter.barrier
      %31 = sinter.linear %30, %17 to [77312] : <[N, 53], f32>, <[53, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %32 = sinter.row_group (%arg6 = %31 : !sinter.tensor<[N, 36], f32>, %arg7 = %18 : !sinter.tensor<[36], f32>, %arg8 = %28 : !sinter.tensor<[N, 36], f32>, %arg9 = %19 : !sinter.tensor<[36], f32>, %arg10 = %20 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[N, 36], f32> to [443904] {
        %33 = sinter.add %arg6, %arg7 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %34 = sinter.add %arg8, %33 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %35 = sinter.reduce mean %34 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %36 = sinter.sub %34, %35 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %37 = sinter.mul %36, %36 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %38 = sinter.reduce mean %37 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %39 = sinter.constant 1.000000e-05 : <[], f32>
        %40 = sinter.add %38, %39 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %41 = sinter.sqrt %40 : <[N, 1], f32>
        %42 = sinter.div %36, %41 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %43 = sinter.mul %42, %arg9 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %44 = sinter.add %43, %arg10 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        sinter.yield %44 : !sinter.tensor<[N, 36], f32>
      }
      sinter.yield %32 : !sinter.tensor<[N, 36], f32>
    }
    %4 = sinter.parameter_load @encoder.norm.weight : !sinter.tensor<[36], f32>
    %5 = sinter.parameter_load @encoder.norm.bias : !sinter.tensor<[36], f32>
    %6 = sinter.row_group (%arg4 = %3 : !sinter.tensor<[N, 36], f32>, %arg5 = %4 : !sinter.tensor<[36], f32>, %arg6 = %5 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[N, 36], f32> to [96896] {
      %7 = sinter.reduce mean %arg4 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
      %8 = sinter.sub %arg4, %7 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
      %9 = sinter.mul %8, %8 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
      %10 = sinter.reduce mean %9 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
      %11 = sinter.constant 1.000000e-05 : <[], f32>
      %12 = sinter.add %10, %11 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
      %13 = sinter.sqrt %12 : <[N, 1], f32>
      %14 = sinter.div %8, %13 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
      %15 = sinter.mul %14, %arg5 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
      %16 = sinter.add %15, %arg6 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
      sinter.yield %16 : !sinter.tensor<[N, 36], f32>
    }
    sinter.repeat %arg4 in 2 () {
      %7 = sinter.parameter_load @decoder.layers.multihead_attn.in_proj_weight[%arg4] : !sinter.packed<[36, 72], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %8 = sinter.linear %6, %7 to [0] : <[N, 36], f32>, <[36, 72], f32, <columns = 32, depth = 1>> -> <[N, 72], f32>
      %9 = sinter.parameter_load @decoder.layers.multihead_attn.in_proj_bias[%arg4] : !sinter.tensor<[72], f32>
      sinter.barrier
      %10:2 = sinter.row_group (%arg5 = %8 : !sinter.tensor<[N, 72], f32>, %arg6 = %9 : !sinter.tensor<[72], f32>) -> (!sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[N, 3, 12], f32>) to [116480, 136064] {
        %13 = sinter.add %arg5, %arg6 : <[N, 72], f32>, <[72], f32> -> <[N, 72], f32>
        %14 = sinter.slice %13 axis 1 from 0 size 36 stride 1 : <[N, 72], f32> -> <[N, 36], f32>
        %15 = sinter.slice %13 axis 1 from 36 size 36 stride 1 : <[N, 72], f32> -> <[N, 36], f32>
        %16 = sinter.reshape %14 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %17 = sinter.reshape %15 : <[N, 36], f32> -> <[N, 3, 12], f32>
        sinter.yield %16, %17 : !sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[N, 3, 12], f32>
      }
      %11 = sinter.cache_append @cross_value[%arg4], %10#1 at %arg2, %arg1 : <[N, 3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, 12], f32>
      %12 = sinter.cache_append @cross_key[%arg4], %10#0 at %arg2, %arg1 : <[N, 3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, 12], f32>
    }
    return
  }
  func.func @forward(%arg0: !sinter.tensor<[N], i32> {sinter.input = "token"}, %arg1: !sinter.tensor<[N], i32> {sinter.input = "position"}, %arg2: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %arg3: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %arg4: !sinter.tensor<[N], i32> {sinter.input = "source_extent"}, %arg5: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R, 47], f32> attributes {sinter.arena_bytes = 149504 : i64, sinter.causal, sinter.maximum_rows = 32 : i64, sinter.maximum_tokens = 32 : i64} {
    %0 = sinter.parameter_load @constant : !sinter.tensor<[18], f32>
    %1 = sinter.parameter_load @target_embedding.weight : !sinter.tensor<[47, 36], f32>
    %2 = sinter.row_group (%arg6 = %1 : !sinter.tensor<[47, 36], f32>, %arg7 = %arg0 : !sinter.tensor<[N], i32>, %arg8 = %arg1 : !sinter.tensor<[N], i32>, %arg9 = %0 : !sinter.tensor<[18], f32>) -> !sinter.tensor<[N, 36], f32> to [121856] {
      %12 = sinter.gather %arg6[%arg7] : <[47, 36], f32>, <[N], i32> -> <[N, 36], f32>
      %13 = sinter.constant 6.000000e+00 : <[], f32>
      %14 = sinter.mul %12, %13 : <[N, 36], f32>, <[], f32> -> <[N, 36], f32>
      %15 = sinter.constant 0.000000e+00 : <[], i32>
      %16 = sinter.add %arg8, %15 : <[N], i32>, <[], i32> -> <[N], i32>
      %17 = sinter.reshape %16 : <[N], i32> -> <[N, 1], i32>
      %18 = sinter.convert %17 : <[N, 1], i32> -> <[N, 1], f32>
      %19 = sinter.mul %18, %arg9 : <[N, 1], f32>, <[18], f32> -> <[N, 18], f32>
      %20 = sinter.sin %19 : <[N, 18], f32>
      %21 = sinter.reshape %20 : <[N, 18], f32> -> <[N, 18, 1], f32>
      %22 = sinter.cos %19 : <[N, 18], f32>
      %23 = sinter.reshape %22 : <[N, 18], f32> -> <[N, 18, 1], f32>
      %24 = sinter.concat %21, %23 axis 2 : !sinter.tensor<[N, 18, 1], f32>, !sinter.tensor<[N, 18, 1], f32> -> <[N, 18, 2], f32>
      %25 = sinter.reshape %24 : <[N, 18, 2], f32> -> <[N, 36], f32>
      %26 = sinter.add %14, %25 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
      sinter.yield %26 : !sinter.tensor<[N, 36], f32>
    }
    %3 = sinter.row_group () -> !sinter.tensor<[N, P], f32> to [104448] {
      %12 = sinter.constant 1.000000e+00 : <[N, P], i1>
      %13 = sinter.constant 0.000000e+00 : <[], f32>
      %14 = sinter.constant 0xFFF0000000000000 : <[], f32>
      %15 = sinter.select %12, %13, %14 : <[N, P], i1>, <[], f32>, <[], f32> -> <[N, P], f32>
      sinter.yield %15 : !sinter.tensor<[N, P], f32>
    }
    %4 = sinter.repeat %arg6 in 2 (%arg7 = %2 : !sinter.tensor<[N, 36], f32>) {
      %12 = sinter.parameter_load @decoder.layers.self_attn.in_proj_weight[%arg6] : !sinter.packed<[36, 108], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %13 = sinter.linear %arg7, %12 to [0] : <[N, 36], f32>, <[36, 108], f32, <columns = 32, depth = 1>> -> <[N, 108], f32>
      %14 = sinter.parameter_load @decoder.layers.self_attn.in_proj_bias[%arg6] : !sinter.tensor<[108], f32>
      sinter.barrier
      %15:3 = sinter.row_group (%arg8 = %13 : !sinter.tensor<[N, 108], f32>, %arg9 = %14 : !sinter.tensor<[108], f32>) -> (!sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[3, N, 12], f32>) to [13824, 18432, 126464] {
        %54 = sinter.add %arg8, %arg9 : <[N, 108], f32>, <[108], f32> -> <[N, 108], f32>
        %55 = sinter.slice %54 axis 1 from 0 size 36 stride 1 : <[N, 108], f32> -> <[N, 36], f32>
        %56 = sinter.slice %54 axis 1 from 36 size 36 stride 1 : <[N, 108], f32> -> <[N, 36], f32>
        %57 = sinter.reshape %56 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %58 = sinter.slice %54 axis 1 from 72 size 36 stride 1 : <[N, 108], f32> -> <[N, 36], f32>
        %59 = sinter.reshape %58 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %60 = sinter.reshape %55 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %61 = sinter.transpose %60 [1, 0, 2] : <[N, 3, 12], f32> -> <[3, N, 12], f32>
        sinter.yield %57, %59, %61 : !sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[N, 3, 12], f32>, !sinter.tensor<[3, N, 12], f32>
      }
      %16 = sinter.parameter_load @decoder.layers.self_attn.out_proj.weight[%arg6] : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
      %17 = sinter.parameter_load @decoder.layers.self_attn.out_proj.bias[%arg6] : !sinter.tensor<[36], f32>
      %18 = sinter.parameter_load @decoder.layers.norm1.weight[%arg6] : !sinter.tensor<[36], f32>
      %19 = sinter.parameter_load @decoder.layers.norm1.bias[%arg6] : !sinter.tensor<[36], f32>
      %20 = sinter.parameter_load @decoder.layers.multihead_attn.in_proj_weight_0[%arg6] : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
      %21 = sinter.parameter_load @decoder.layers.multihead_attn.in_proj_bias_1[%arg6] : !sinter.tensor<[36], f32>
      %22 = sinter.cache_history @cross_key[%arg6] : <[3, 12], f32>
      %23 = sinter.cache_history @cross_value[%arg6] : <[3, 12], f32>
      %24 = sinter.parameter_load @decoder.layers.multihead_attn.out_proj.weight[%arg6] : !sinter.packed<[36, 36], f32, <columns = 32, depth = 1>>
      %25 = sinter.parameter_load @decoder.layers.multihead_attn.out_proj.bias[%arg6] : !sinter.tensor<[36], f32>
      %26 = sinter.parameter_load @decoder.layers.norm2.weight[%arg6] : !sinter.tensor<[36], f32>
      %27 = sinter.parameter_load @decoder.layers.norm2.bias[%arg6] : !sinter.tensor<[36], f32>
      %28 = sinter.parameter_load @decoder.layers.linear1.weight[%arg6] : !sinter.packed<[36, 53], f32, <columns = 32, depth = 1>>
      %29 = sinter.parameter_load @decoder.layers.linear1.bias[%arg6] : !sinter.tensor<[53], f32>
      %30 = sinter.parameter_load @decoder.layers.linear2.weight[%arg6] : !sinter.packed<[53, 36], f32, <columns = 32, depth = 1>>
      %31 = sinter.parameter_load @decoder.layers.linear2.bias[%arg6] : !sinter.tensor<[36], f32>
      %32 = sinter.parameter_load @decoder.layers.norm3.weight[%arg6] : !sinter.tensor<[36], f32>
      %33 = sinter.parameter_load @decoder.layers.norm3.bias[%arg6] : !sinter.tensor<[36], f32>
      %34 = sinter.cache_append @key[%arg6], %15#0 at %arg2, %arg1 : <[N, 3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, 12], f32>
      %35 = sinter.cache_append @value[%arg6], %15#1 at %arg2, %arg1 : <[N, 3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, 12], f32>
      sinter.barrier
      %36 = sinter.attention_scores %15#2, %34, %arg2, %arg3 to [0] : <[3, N, 12], f32>, <[3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, N, P], f32>
      %37 = sinter.row_group (%arg8 = %36 : !sinter.tensor<[3, N, P], f32>, %arg9 = %3 : !sinter.tensor<[N, P], f32>, %arg10 = %arg3 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[3, N, P], f32> to [52224] {
        %54 = sinter.constant 3.4641016151377544 : <[], f32>
        %55 = sinter.div %arg8, %54 : <[3, N, P], f32>, <[], f32> -> <[3, N, P], f32>
        %56 = sinter.add %55, %arg9 : <[3, N, P], f32>, <[N, P], f32> -> <[3, N, P], f32>
        %57 = sinter.reduce max %56 axis 2 extent %arg10 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %58 = sinter.sub %56, %57 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        %59 = sinter.exp %58 : <[3, N, P], f32>
        %60 = sinter.reduce sum %59 axis 2 extent %arg10 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %61 = sinter.div %59, %60 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        sinter.yield %61 : !sinter.tensor<[3, N, P], f32>
      }
      %38 = sinter.attention_values %37, %35, %arg2, %arg3 to [131072] : <[3, N, P], f32>, <[3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, N, 12], f32>
      %39 = sinter.row_group (%arg8 = %38 : !sinter.tensor<[3, N, 12], f32>) -> !sinter.tensor<[N, 36], f32> to [135680] {
        %54 = sinter.transpose %arg8 [1, 0, 2] : <[3, N, 12], f32> -> <[N, 3, 12], f32>
        %55 = sinter.reshape %54 : <[N, 3, 12], f32> -> <[N, 36], f32>
        sinter.yield %55 : !sinter.tensor<[N, 36], f32>
      }
      sinter.barrier
      %40 = sinter.linear %39, %16 to [126464] : <[N, 36], f32>, <[36, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %41 = sinter.row_group (%arg8 = %40 : !sinter.tensor<[N, 36], f32>, %arg9 = %17 : !sinter.tensor<[36], f32>, %arg10 = %arg7 : !sinter.tensor<[N, 36], f32>, %arg11 = %18 : !sinter.tensor<[36], f32>, %arg12 = %19 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[N, 36], f32> to [131072] {
        %54 = sinter.add %arg8, %arg9 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %55 = sinter.add %arg10, %54 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %56 = sinter.reduce mean %55 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %57 = sinter.sub %55, %56 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %58 = sinter.mul %57, %57 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %59 = sinter.reduce mean %58 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %60 = sinter.constant 1.000000e-05 : <[], f32>
        %61 = sinter.add %59, %60 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %62 = sinter.sqrt %61 : <[N, 1], f32>
        %63 = sinter.div %57, %62 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %64 = sinter.mul %63, %arg11 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %65 = sinter.add %64, %arg12 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        sinter.yield %65 : !sinter.tensor<[N, 36], f32>
      }
      sinter.barrier
      %42 = sinter.linear %41, %20 to [126464] : <[N, 36], f32>, <[36, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %43 = sinter.row_group (%arg8 = %42 : !sinter.tensor<[N, 36], f32>, %arg9 = %21 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[3, N, 12], f32> to [135680] {
        %54 = sinter.add %arg8, %arg9 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %55 = sinter.reshape %54 : <[N, 36], f32> -> <[N, 3, 12], f32>
        %56 = sinter.transpose %55 [1, 0, 2] : <[N, 3, 12], f32> -> <[3, N, 12], f32>
        sinter.yield %56 : !sinter.tensor<[3, N, 12], f32>
      }
      %44 = sinter.attention_scores %43, %22, %arg2, %arg4 to [0] : <[3, N, 12], f32>, <[3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, N, SP], f32>
      %45 = sinter.row_group (%arg8 = %44 : !sinter.tensor<[3, N, SP], f32>, %arg9 = %arg4 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[3, N, SP], f32> to [52224] {
        %54 = sinter.constant 3.4641016151377544 : <[], f32>
        %55 = sinter.div %arg8, %54 : <[3, N, SP], f32>, <[], f32> -> <[3, N, SP], f32>
        %56 = sinter.reduce max %55 axis 2 extent %arg9 : <[3, N, SP], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %57 = sinter.sub %55, %56 : <[3, N, SP], f32>, <[3, N, 1], f32> -> <[3, N, SP], f32>
        %58 = sinter.exp %57 : <[3, N, SP], f32>
        %59 = sinter.reduce sum %58 axis 2 extent %arg9 : <[3, N, SP], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %60 = sinter.div %58, %59 : <[3, N, SP], f32>, <[3, N, 1], f32> -> <[3, N, SP], f32>
        sinter.yield %60 : !sinter.tensor<[3, N, SP], f32>
      }
      %46 = sinter.attention_values %45, %23, %arg2, %arg4 to [140288] : <[3, N, SP], f32>, <[3, 12], f32>, <[N], i32>, <[N], i32> -> <[3, N, 12], f32>
      %47 = sinter.row_group (%arg8 = %46 : !sinter.tensor<[3, N, 12], f32>) -> !sinter.tensor<[N, 36], f32> to [144896] {
        %54 = sinter.transpose %arg8 [1, 0, 2] : <[3, N, 12], f32> -> <[N, 3, 12], f32>
        %55 = sinter.reshape %54 : <[N, 3, 12], f32> -> <[N, 36], f32>
        sinter.yield %55 : !sinter.tensor<[N, 36], f32>
      }
      sinter.barrier
      %48 = sinter.linear %47, %24 to [126464] : <[N, 36], f32>, <[36, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %49 = sinter.row_group (%arg8 = %48 : !sinter.tensor<[N, 36], f32>, %arg9 = %25 : !sinter.tensor<[36], f32>, %arg10 = %41 : !sinter.tensor<[N, 36], f32>, %arg11 = %26 : !sinter.tensor<[36], f32>, %arg12 = %27 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[N, 36], f32> to [13568] {
        %54 = sinter.add %arg8, %arg9 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %55 = sinter.add %arg10, %54 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %56 = sinter.reduce mean %55 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %57 = sinter.sub %55, %56 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %58 = sinter.mul %57, %57 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %59 = sinter.reduce mean %58 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %60 = sinter.constant 1.000000e-05 : <[], f32>
        %61 = sinter.add %59, %60 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %62 = sinter.sqrt %61 : <[N, 1], f32>
        %63 = sinter.div %57, %62 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %64 = sinter.mul %63, %arg11 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %65 = sinter.add %64, %arg12 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        sinter.yield %65 : !sinter.tensor<[N, 36], f32>
      }
      sinter.barrier
      %50 = sinter.linear %49, %28 to [0] : <[N, 36], f32>, <[36, 53], f32, <columns = 32, depth = 1>> -> <[N, 53], f32>
      sinter.barrier
      %51 = sinter.row_group (%arg8 = %50 : !sinter.tensor<[N, 53], f32>, %arg9 = %29 : !sinter.tensor<[53], f32>) -> !sinter.tensor<[N, 53], f32> to [6784] {
        %54 = sinter.add %arg8, %arg9 : <[N, 53], f32>, <[53], f32> -> <[N, 53], f32>
        %55 = sinter.constant 0.000000e+00 : <[], f32>
        %56 = sinter.max %54, %55 : <[N, 53], f32>, <[], f32> -> <[N, 53], f32>
        sinter.yield %56 : !sinter.tensor<[N, 53], f32>
      }
      sinter.barrier
      %52 = sinter.linear %51, %30 to [0] : <[N, 53], f32>, <[53, 36], f32, <columns = 32, depth = 1>> -> <[N, 36], f32>
      sinter.barrier
      %53 = sinter.row_group (%arg8 = %52 : !sinter.tensor<[N, 36], f32>, %arg9 = %31 : !sinter.tensor<[36], f32>, %arg10 = %49 : !sinter.tensor<[N, 36], f32>, %arg11 = %32 : !sinter.tensor<[36], f32>, %arg12 = %33 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[N, 36], f32> to [121856] {
        %54 = sinter.add %arg8, %arg9 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %55 = sinter.add %arg10, %54 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %56 = sinter.reduce mean %55 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %57 = sinter.sub %55, %56 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %58 = sinter.mul %57, %57 : <[N, 36], f32>, <[N, 36], f32> -> <[N, 36], f32>
        %59 = sinter.reduce mean %58 axis 1 : <[N, 36], f32> -> <[N, 1], f32>
        %60 = sinter.constant 1.000000e-05 : <[], f32>
        %61 = sinter.add %59, %60 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %62 = sinter.sqrt %61 : <[N, 1], f32>
        %63 = sinter.div %57, %62 : <[N, 36], f32>, <[N, 1], f32> -> <[N, 36], f32>
        %64 = sinter.mul %63, %arg11 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        %65 = sinter.add %64, %arg12 : <[N, 36], f32>, <[36], f32> -> <[N, 36], f32>
        sinter.yield %65 : !sinter.tensor<[N, 36], f32>
      }
      sinter.yield %53 : !sinter.tensor<[N, 36], f32>
    }
    %5 = sinter.parameter_load @decoder.norm.weight : !sinter.tensor<[36], f32>
    %6 = sinter.parameter_load @decoder.norm.bias : !sinter.tensor<[36], f32>
    sinter.barrier
    %7 = sinter.row_group (%arg6 = %4 : !sinter.tensor<[N, 36], f32>, %arg7 = %arg5 : !sinter.tensor<[R], i32>, %arg8 = %5 : !sinter.tensor<[36], f32>, %arg9 = %6 : !sinter.tensor<[36], f32>) -> !sinter.tensor<[R, 36], f32> to [6016] {
      %12 = sinter.gather %arg6[%arg7] : <[N, 36], f32>, <[R], i32> -> <[R, 36], f32>
      %13 = sinter.reduce mean %12 axis 1 : <[R, 36], f32> -> <[R, 1], f32>
      %14 = sinter.sub %12, %13 : <[R, 36], f32>, <[R, 1], f32> -> <[R, 36], f32>
      %15 = sinter.mul %14, %14 : <[R, 36], f32>, <[R, 36], f32> -> <[R, 36], f32>
      %16 = sinter.reduce mean %15 axis 1 : <[R, 36], f32> -> <[R, 1], f32>
      %17 = sinter.constant 1.000000e-05 : <[], f32>
      %18 = sinter.add %16, %17 : <[R, 1], f32>, <[], f32> -> <[R, 1], f32>
      %19 = sinter.sqrt %18 : <[R, 1], f32>
      %20 = sinter.div %14, %19 : <[R, 36], f32>, <[R, 1], f32> -> <[R, 36], f32>
      %21 = sinter.mul %20, %arg8 : <[R, 36], f32>, <[36], f32> -> <[R, 36], f32>
      %22 = sinter.add %21, %arg9 : <[R, 36], f32>, <[36], f32> -> <[R, 36], f32>
      sinter.yield %22 : !sinter.tensor<[R, 36], f32>
    }
    %8 = sinter.parameter_load @generator.weight : !sinter.packed<[36, 47], f32, <columns = 32, depth = 1>>
    sinter.barrier
    %9 = sinter.linear %7, %8 to [0] : <[R, 36], f32>, <[36, 47], f32, <columns = 32, depth = 1>> -> <[R, 47], f32>
    %10 = sinter.parameter_load @generator.bias : !sinter.tensor<[47], f32>
    sinter.barrier
    %11 = sinter.row_group (%arg6 = %9 : !sinter.tensor<[R, 47], f32>, %arg7 = %10 : !sinter.tensor<[47], f32>) -> !sinter.tensor<[R, 47], f32> to [-1] {
      %12 = sinter.add %arg6, %arg7 : <[R, 47], f32>, <[47], f32> -> <[R, 47], f32>
      sinter.yield %12 : !sinter.tensor<[R, 47], f32>
    }
    return %11 : !sinter.tensor<[R, 47], f32>
  }
}

