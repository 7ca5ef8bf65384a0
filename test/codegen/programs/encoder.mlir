// A small BERT after the passes: whole sequences, a cache that only lives within a call.
//
// REQUIRES: avx2
// RUN: check-program --cpu x86-64-v3 %s | FileCheck %s
// RUN: check-program --cpu native %s | FileCheck %s
// CHECK: equal:

module attributes {sinter.architecture = "bert", sinter.context = 136 : i64, sinter.head = "masked_token", sinter.segments = 2 : i64, sinter.special_tokens = {pad = 0 : i64}, sinter.vocabulary = 97 : i64, sinter.weights_bytes = 197504 : i64} {
  sinter.cache @value layers 1 : !sinter.history<[3, 13], f32>
  sinter.cache @key layers 1 : !sinter.history<[3, 13], f32>
  sinter.parameter @bert.embeddings.word_embeddings.weight layers 1 at 0 stride 15168 : !sinter.tensor<[97, 39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.embeddings.word_embeddings.weight" : <[97, 39], f32>
    sinter.yield %0 : !sinter.tensor<[97, 39], f32>
  }
  sinter.parameter @bert.embeddings.token_type_embeddings.weight layers 1 at 15168 stride 320 : !sinter.tensor<[2, 39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.embeddings.token_type_embeddings.weight" : <[2, 39], f32>
    sinter.yield %0 : !sinter.tensor<[2, 39], f32>
  }
  sinter.parameter @bert.embeddings.position_embeddings.weight layers 1 at 15488 stride 21248 : !sinter.tensor<[136, 39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.embeddings.position_embeddings.weight" : <[136, 39], f32>
    sinter.yield %0 : !sinter.tensor<[136, 39], f32>
  }
  sinter.parameter @bert.embeddings.LayerNorm.weight layers 1 at 36736 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.embeddings.LayerNorm.weight" : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.embeddings.LayerNorm.bias layers 1 at 36928 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.embeddings.LayerNorm.bias" : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.attention.self.query.weight layers 2 at 37120 stride 9984 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.self.query.weight"[%arg0] : <[39, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[39, 39], f32> -> <[39, 39], f32>
    %2 = sinter.pack %1 : <[39, 39], f32> -> <[39, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @bert.encoder.layer.attention.self.query.bias layers 2 at 57088 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.self.query.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.attention.self.key.weight layers 2 at 57472 stride 9984 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.self.key.weight"[%arg0] : <[39, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[39, 39], f32> -> <[39, 39], f32>
    %2 = sinter.pack %1 : <[39, 39], f32> -> <[39, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @bert.encoder.layer.attention.self.key.bias layers 2 at 77440 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.self.key.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.attention.self.value.weight layers 2 at 77824 stride 9984 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.self.value.weight"[%arg0] : <[39, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[39, 39], f32> -> <[39, 39], f32>
    %2 = sinter.pack %1 : <[39, 39], f32> -> <[39, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @bert.encoder.layer.attention.self.value.bias layers 2 at 97792 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.self.value.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.attention.output.dense.weight layers 2 at 98176 stride 9984 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.output.dense.weight"[%arg0] : <[39, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[39, 39], f32> -> <[39, 39], f32>
    %2 = sinter.pack %1 : <[39, 39], f32> -> <[39, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @bert.encoder.layer.attention.output.dense.bias layers 2 at 118144 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.output.dense.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.attention.output.LayerNorm.weight layers 2 at 118528 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.output.LayerNorm.weight"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.attention.output.LayerNorm.bias layers 2 at 118912 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.attention.output.LayerNorm.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.intermediate.dense.weight layers 2 at 119296 stride 9984 : !sinter.packed<[39, 50], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.intermediate.dense.weight"[%arg0] : <[50, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[50, 39], f32> -> <[39, 50], f32>
    %2 = sinter.pack %1 : <[39, 50], f32> -> <[39, 50], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 50], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @bert.encoder.layer.intermediate.dense.bias layers 2 at 139264 stride 256 : !sinter.tensor<[50], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.intermediate.dense.bias"[%arg0] : <[50], f32>
    sinter.yield %0 : !sinter.tensor<[50], f32>
  }
  sinter.parameter @bert.encoder.layer.output.dense.weight layers 2 at 139776 stride 12800 : !sinter.packed<[50, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.output.dense.weight"[%arg0] : <[39, 50], f32>
    %1 = sinter.transpose %0 [1, 0] : <[39, 50], f32> -> <[50, 39], f32>
    %2 = sinter.pack %1 : <[50, 39], f32> -> <[50, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[50, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @bert.encoder.layer.output.dense.bias layers 2 at 165376 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.output.dense.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.output.LayerNorm.weight layers 2 at 165760 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.output.LayerNorm.weight"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.encoder.layer.output.LayerNorm.bias layers 2 at 166144 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.encoder.layer.{i}.output.LayerNorm.bias"[%arg0] : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @cls.predictions.transform.dense.weight layers 1 at 166528 stride 9984 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "cls.predictions.transform.dense.weight" : <[39, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[39, 39], f32> -> <[39, 39], f32>
    %2 = sinter.pack %1 : <[39, 39], f32> -> <[39, 39], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @cls.predictions.transform.dense.bias layers 1 at 176512 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "cls.predictions.transform.dense.bias" : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @cls.predictions.transform.LayerNorm.weight layers 1 at 176704 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "cls.predictions.transform.LayerNorm.weight" : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @cls.predictions.transform.LayerNorm.bias layers 1 at 176896 stride 192 : !sinter.tensor<[39], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "cls.predictions.transform.LayerNorm.bias" : <[39], f32>
    sinter.yield %0 : !sinter.tensor<[39], f32>
  }
  sinter.parameter @bert.embeddings.word_embeddings.weight_0 layers 1 at 177088 stride 19968 : !sinter.packed<[39, 97], f32, <columns = 32, depth = 1>> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "bert.embeddings.word_embeddings.weight" : <[97, 39], f32>
    %1 = sinter.transpose %0 [1, 0] : <[97, 39], f32> -> <[39, 97], f32>
    %2 = sinter.pack %1 : <[39, 97], f32> -> <[39, 97], f32, <columns = 32, depth = 1>>
    sinter.yield %2 : !sinter.packed<[39, 97], f32, <columns = 32, depth = 1>>
  }
  sinter.parameter @cls.predictions.bias layers 1 at 197056 stride 448 : !sinter.tensor<[97], f32> {
  ^bb0(%arg0: index):
    %0 = sinter.weight "cls.predictions.bias" : <[97], f32>
    sinter.yield %0 : !sinter.tensor<[97], f32>
  }
  func.func @forward(%arg0: !sinter.tensor<[N], i32> {sinter.input = "token"}, %arg1: !sinter.tensor<[N], i32> {sinter.input = "position"}, %arg2: !sinter.tensor<[N], i32> {sinter.input = "sequence"}, %arg3: !sinter.tensor<[N], i32> {sinter.input = "extent"}, %arg4: !sinter.tensor<[N], i32> {sinter.input = "segment"}, %arg5: !sinter.tensor<[R], i32> {sinter.input = "row"}) -> !sinter.tensor<[R, 97], f32> attributes {sinter.arena_bytes = 528896 : i64, sinter.maximum_rows = 136 : i64, sinter.maximum_tokens = 136 : i64} {
    %0 = sinter.parameter_load @bert.embeddings.word_embeddings.weight : !sinter.tensor<[97, 39], f32>
    %1 = sinter.parameter_load @bert.embeddings.token_type_embeddings.weight : !sinter.tensor<[2, 39], f32>
    %2 = sinter.parameter_load @bert.embeddings.position_embeddings.weight : !sinter.tensor<[136, 39], f32>
    %3 = sinter.parameter_load @bert.embeddings.LayerNorm.weight : !sinter.tensor<[39], f32>
    %4 = sinter.parameter_load @bert.embeddings.LayerNorm.bias : !sinter.tensor<[39], f32>
    %5 = sinter.row_group (%arg6 = %0 : !sinter.tensor<[97, 39], f32>, %arg7 = %arg0 : !sinter.tensor<[N], i32>, %arg8 = %1 : !sinter.tensor<[2, 39], f32>, %arg9 = %arg4 : !sinter.tensor<[N], i32>, %arg10 = %2 : !sinter.tensor<[136, 39], f32>, %arg11 = %arg1 : !sinter.tensor<[N], i32>, %arg12 = %3 : !sinter.tensor<[39], f32>, %arg13 = %4 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[N, 39], f32> to [443904] {
      %18 = sinter.gather %arg6[%arg7] : <[97, 39], f32>, <[N], i32> -> <[N, 39], f32>
      %19 = sinter.gather %arg8[%arg9] : <[2, 39], f32>, <[N], i32> -> <[N, 39], f32>
      %20 = sinter.add %18, %19 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
      %21 = sinter.gather %arg10[%arg11] : <[136, 39], f32>, <[N], i32> -> <[N, 39], f32>
      %22 = sinter.add %20, %21 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
      %23 = sinter.reduce mean %22 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
      %24 = sinter.sub %22, %23 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
      %25 = sinter.mul %24, %24 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
      %26 = sinter.reduce mean %25 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
      %27 = sinter.constant 9.9999999999999998E-13 : <[], f32>
      %28 = sinter.add %26, %27 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
      %29 = sinter.sqrt %28 : <[N, 1], f32>
      %30 = sinter.div %24, %29 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
      %31 = sinter.mul %30, %arg12 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
      %32 = sinter.add %31, %arg13 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
      sinter.yield %32 : !sinter.tensor<[N, 39], f32>
    }
    %6 = sinter.repeat %arg6 in 2 (%arg7 = %5 : !sinter.tensor<[N, 39], f32>) {
      %18 = sinter.parameter_load @bert.encoder.layer.attention.self.query.weight[%arg6] : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %19 = sinter.linear %arg7, %18 to [0] : <[N, 39], f32>, <[39, 39], f32, <columns = 32, depth = 1>> -> <[N, 39], f32>
      %20 = sinter.parameter_load @bert.encoder.layer.attention.self.query.bias[%arg6] : !sinter.tensor<[39], f32>
      sinter.barrier
      %21 = sinter.row_group (%arg8 = %19 : !sinter.tensor<[N, 39], f32>, %arg9 = %20 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[3, N, 13], f32> to [465152] {
        %52 = sinter.add %arg8, %arg9 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %53 = sinter.reshape %52 : <[N, 39], f32> -> <[N, 3, 13], f32>
        %54 = sinter.transpose %53 [1, 0, 2] : <[N, 3, 13], f32> -> <[3, N, 13], f32>
        sinter.yield %54 : !sinter.tensor<[3, N, 13], f32>
      }
      %22 = sinter.parameter_load @bert.encoder.layer.attention.self.key.weight[%arg6] : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
      %23 = sinter.linear %arg7, %22 to [21248] : <[N, 39], f32>, <[39, 39], f32, <columns = 32, depth = 1>> -> <[N, 39], f32>
      %24 = sinter.parameter_load @bert.encoder.layer.attention.self.key.bias[%arg6] : !sinter.tensor<[39], f32>
      sinter.barrier
      %25 = sinter.row_group (%arg8 = %23 : !sinter.tensor<[N, 39], f32>, %arg9 = %24 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[N, 3, 13], f32> to [0] {
        %52 = sinter.add %arg8, %arg9 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %53 = sinter.reshape %52 : <[N, 39], f32> -> <[N, 3, 13], f32>
        sinter.yield %53 : !sinter.tensor<[N, 3, 13], f32>
      }
      %26 = sinter.cache_append @key, %25 at %arg2, %arg1 : <[N, 3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, 13], f32>
      %27 = sinter.parameter_load @bert.encoder.layer.attention.self.value.weight[%arg6] : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
      %28 = sinter.linear %arg7, %27 to [486400] : <[N, 39], f32>, <[39, 39], f32, <columns = 32, depth = 1>> -> <[N, 39], f32>
      %29 = sinter.parameter_load @bert.encoder.layer.attention.self.value.bias[%arg6] : !sinter.tensor<[39], f32>
      sinter.barrier
      %30 = sinter.row_group (%arg8 = %28 : !sinter.tensor<[N, 39], f32>, %arg9 = %29 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[N, 3, 13], f32> to [507648] {
        %52 = sinter.add %arg8, %arg9 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %53 = sinter.reshape %52 : <[N, 39], f32> -> <[N, 3, 13], f32>
        sinter.yield %53 : !sinter.tensor<[N, 3, 13], f32>
      }
      %31 = sinter.cache_append @value, %30 at %arg2, %arg1 : <[N, 3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, 13], f32>
      %32 = sinter.attention_scores %21, %26, %arg2, %arg3 to [0] : <[3, N, 13], f32>, <[3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, N, P], f32>
      %33 = sinter.row_group (%arg8 = %32 : !sinter.tensor<[3, N, P], f32>, %arg9 = %arg3 : !sinter.tensor<[N], i32>) -> !sinter.tensor<[3, N, P], f32> to [221952] {
        %52 = sinter.constant 3.6055512754639891 : <[], f32>
        %53 = sinter.div %arg8, %52 : <[3, N, P], f32>, <[], f32> -> <[3, N, P], f32>
        %54 = sinter.reduce max %53 axis 2 extent %arg9 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %55 = sinter.sub %53, %54 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        %56 = sinter.exp %55 : <[3, N, P], f32>
        %57 = sinter.reduce sum %56 axis 2 extent %arg9 : <[3, N, P], f32>, !sinter.tensor<[N], i32> -> <[3, N, 1], f32>
        %58 = sinter.div %56, %57 : <[3, N, P], f32>, <[3, N, 1], f32> -> <[3, N, P], f32>
        sinter.yield %58 : !sinter.tensor<[3, N, P], f32>
      }
      sinter.barrier
      %34 = sinter.attention_values %33, %31, %arg2, %arg3 to [0] : <[3, N, P], f32>, <[3, 13], f32>, <[N], i32>, <[N], i32> -> <[3, N, 13], f32>
      %35 = sinter.row_group (%arg8 = %34 : !sinter.tensor<[3, N, 13], f32>) -> !sinter.tensor<[N, 39], f32> to [21248] {
        %52 = sinter.transpose %arg8 [1, 0, 2] : <[3, N, 13], f32> -> <[N, 3, 13], f32>
        %53 = sinter.reshape %52 : <[N, 3, 13], f32> -> <[N, 39], f32>
        sinter.yield %53 : !sinter.tensor<[N, 39], f32>
      }
      %36 = sinter.parameter_load @bert.encoder.layer.attention.output.dense.weight[%arg6] : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %37 = sinter.linear %35, %36 to [0] : <[N, 39], f32>, <[39, 39], f32, <columns = 32, depth = 1>> -> <[N, 39], f32>
      %38 = sinter.parameter_load @bert.encoder.layer.attention.output.dense.bias[%arg6] : !sinter.tensor<[39], f32>
      %39 = sinter.parameter_load @bert.encoder.layer.attention.output.LayerNorm.weight[%arg6] : !sinter.tensor<[39], f32>
      %40 = sinter.parameter_load @bert.encoder.layer.attention.output.LayerNorm.bias[%arg6] : !sinter.tensor<[39], f32>
      sinter.barrier
      %41 = sinter.row_group (%arg8 = %37 : !sinter.tensor<[N, 39], f32>, %arg9 = %38 : !sinter.tensor<[39], f32>, %arg10 = %arg7 : !sinter.tensor<[N, 39], f32>, %arg11 = %39 : !sinter.tensor<[39], f32>, %arg12 = %40 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[N, 39], f32> to [54400] {
        %52 = sinter.add %arg8, %arg9 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %53 = sinter.add %arg10, %52 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        %54 = sinter.reduce mean %53 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %55 = sinter.sub %53, %54 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %56 = sinter.mul %55, %55 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        %57 = sinter.reduce mean %56 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %58 = sinter.constant 9.9999999999999998E-13 : <[], f32>
        %59 = sinter.add %57, %58 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %60 = sinter.sqrt %59 : <[N, 1], f32>
        %61 = sinter.div %55, %60 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %62 = sinter.mul %61, %arg11 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %63 = sinter.add %62, %arg12 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        sinter.yield %63 : !sinter.tensor<[N, 39], f32>
      }
      %42 = sinter.parameter_load @bert.encoder.layer.intermediate.dense.weight[%arg6] : !sinter.packed<[39, 50], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %43 = sinter.linear %41, %42 to [0] : <[N, 39], f32>, <[39, 50], f32, <columns = 32, depth = 1>> -> <[N, 50], f32>
      %44 = sinter.parameter_load @bert.encoder.layer.intermediate.dense.bias[%arg6] : !sinter.tensor<[50], f32>
      sinter.barrier
      %45 = sinter.row_group (%arg8 = %43 : !sinter.tensor<[N, 50], f32>, %arg9 = %44 : !sinter.tensor<[50], f32>) -> !sinter.tensor<[N, 50], f32> to [27200] {
        %52 = sinter.add %arg8, %arg9 : <[N, 50], f32>, <[50], f32> -> <[N, 50], f32>
        %53 = sinter.constant 5.000000e-01 : <[], f32>
        %54 = sinter.mul %52, %53 : <[N, 50], f32>, <[], f32> -> <[N, 50], f32>
        %55 = sinter.constant 1.4142135623730951 : <[], f32>
        %56 = sinter.div %52, %55 : <[N, 50], f32>, <[], f32> -> <[N, 50], f32>
        %57 = sinter.erf %56 : <[N, 50], f32>
        %58 = sinter.constant 1.000000e+00 : <[], f32>
        %59 = sinter.add %57, %58 : <[N, 50], f32>, <[], f32> -> <[N, 50], f32>
        %60 = sinter.mul %54, %59 : <[N, 50], f32>, <[N, 50], f32> -> <[N, 50], f32>
        sinter.yield %60 : !sinter.tensor<[N, 50], f32>
      }
      %46 = sinter.parameter_load @bert.encoder.layer.output.dense.weight[%arg6] : !sinter.packed<[50, 39], f32, <columns = 32, depth = 1>>
      sinter.barrier
      %47 = sinter.linear %45, %46 to [0] : <[N, 50], f32>, <[50, 39], f32, <columns = 32, depth = 1>> -> <[N, 39], f32>
      %48 = sinter.parameter_load @bert.encoder.layer.output.dense.bias[%arg6] : !sinter.tensor<[39], f32>
      %49 = sinter.parameter_load @bert.encoder.layer.output.LayerNorm.weight[%arg6] : !sinter.tensor<[39], f32>
      %50 = sinter.parameter_load @bert.encoder.layer.output.LayerNorm.bias[%arg6] : !sinter.tensor<[39], f32>
      sinter.barrier
      %51 = sinter.row_group (%arg8 = %47 : !sinter.tensor<[N, 39], f32>, %arg9 = %48 : !sinter.tensor<[39], f32>, %arg10 = %41 : !sinter.tensor<[N, 39], f32>, %arg11 = %49 : !sinter.tensor<[39], f32>, %arg12 = %50 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[N, 39], f32> to [443904] {
        %52 = sinter.add %arg8, %arg9 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %53 = sinter.add %arg10, %52 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        %54 = sinter.reduce mean %53 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %55 = sinter.sub %53, %54 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %56 = sinter.mul %55, %55 : <[N, 39], f32>, <[N, 39], f32> -> <[N, 39], f32>
        %57 = sinter.reduce mean %56 axis 1 : <[N, 39], f32> -> <[N, 1], f32>
        %58 = sinter.constant 9.9999999999999998E-13 : <[], f32>
        %59 = sinter.add %57, %58 : <[N, 1], f32>, <[], f32> -> <[N, 1], f32>
        %60 = sinter.sqrt %59 : <[N, 1], f32>
        %61 = sinter.div %55, %60 : <[N, 39], f32>, <[N, 1], f32> -> <[N, 39], f32>
        %62 = sinter.mul %61, %arg11 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        %63 = sinter.add %62, %arg12 : <[N, 39], f32>, <[39], f32> -> <[N, 39], f32>
        sinter.yield %63 : !sinter.tensor<[N, 39], f32>
      }
      sinter.yield %51 : !sinter.tensor<[N, 39], f32>
    }
    sinter.barrier
    %7 = sinter.row_group (%arg6 = %6 : !sinter.tensor<[N, 39], f32>, %arg7 = %arg5 : !sinter.tensor<[R], i32>) -> !sinter.tensor<[R, 39], f32> to [0] {
      %18 = sinter.gather %arg6[%arg7] : <[N, 39], f32>, <[R], i32> -> <[R, 39], f32>
      sinter.yield %18 : !sinter.tensor<[R, 39], f32>
    }
    %8 = sinter.parameter_load @cls.predictions.transform.dense.weight : !sinter.packed<[39, 39], f32, <columns = 32, depth = 1>>
    sinter.barrier
    %9 = sinter.linear %7, %8 to [21248] : <[R, 39], f32>, <[39, 39], f32, <columns = 32, depth = 1>> -> <[R, 39], f32>
    %10 = sinter.parameter_load @cls.predictions.transform.dense.bias : !sinter.tensor<[39], f32>
    %11 = sinter.parameter_load @cls.predictions.transform.LayerNorm.weight : !sinter.tensor<[39], f32>
    %12 = sinter.parameter_load @cls.predictions.transform.LayerNorm.bias : !sinter.tensor<[39], f32>
    sinter.barrier
    %13 = sinter.row_group (%arg6 = %9 : !sinter.tensor<[R, 39], f32>, %arg7 = %10 : !sinter.tensor<[39], f32>, %arg8 = %11 : !sinter.tensor<[39], f32>, %arg9 = %12 : !sinter.tensor<[39], f32>) -> !sinter.tensor<[R, 39], f32> to [52800] {
      %18 = sinter.add %arg6, %arg7 : <[R, 39], f32>, <[39], f32> -> <[R, 39], f32>
      %19 = sinter.constant 5.000000e-01 : <[], f32>
      %20 = sinter.mul %18, %19 : <[R, 39], f32>, <[], f32> -> <[R, 39], f32>
      %21 = sinter.constant 1.4142135623730951 : <[], f32>
      %22 = sinter.div %18, %21 : <[R, 39], f32>, <[], f32> -> <[R, 39], f32>
      %23 = sinter.erf %22 : <[R, 39], f32>
      %24 = sinter.constant 1.000000e+00 : <[], f32>
      %25 = sinter.add %23, %24 : <[R, 39], f32>, <[], f32> -> <[R, 39], f32>
      %26 = sinter.mul %20, %25 : <[R, 39], f32>, <[R, 39], f32> -> <[R, 39], f32>
      %27 = sinter.reduce mean %26 axis 1 : <[R, 39], f32> -> <[R, 1], f32>
      %28 = sinter.sub %26, %27 : <[R, 39], f32>, <[R, 1], f32> -> <[R, 39], f32>
      %29 = sinter.mul %28, %28 : <[R, 39], f32>, <[R, 39], f32> -> <[R, 39], f32>
      %30 = sinter.reduce mean %29 axis 1 : <[R, 39], f32> -> <[R, 1], f32>
      %31 = sinter.constant 9.9999999999999998E-13 : <[], f32>
      %32 = sinter.add %30, %31 : <[R, 1], f32>, <[], f32> -> <[R, 1], f32>
      %33 = sinter.sqrt %32 : <[R, 1], f32>
      %34 = sinter.div %28, %33 : <[R, 39], f32>, <[R, 1], f32> -> <[R, 39], f32>
      %35 = sinter.mul %34, %arg8 : <[R, 39], f32>, <[39], f32> -> <[R, 39], f32>
      %36 = sinter.add %35, %arg9 : <[R, 39], f32>, <[39], f32> -> <[R, 39], f32>
      sinter.yield %36 : !sinter.tensor<[R, 39], f32>
    }
    %14 = sinter.parameter_load @bert.embeddings.word_embeddings.weight_0 : !sinter.packed<[39, 97], f32, <columns = 32, depth = 1>>
    sinter.barrier
    %15 = sinter.linear %13, %14 to [0] : <[R, 39], f32>, <[39, 97], f32, <columns = 32, depth = 1>> -> <[R, 97], f32>
    %16 = sinter.parameter_load @cls.predictions.bias : !sinter.tensor<[97], f32>
    sinter.barrier
    %17 = sinter.row_group (%arg6 = %15 : !sinter.tensor<[R, 97], f32>, %arg7 = %16 : !sinter.tensor<[97], f32>) -> !sinter.tensor<[R, 97], f32> to [-1] {
      %18 = sinter.add %arg6, %arg7 : <[R, 97], f32>, <[97], f32> -> <[R, 97], f32>
      sinter.yield %18 : !sinter.tensor<[R, 97], f32>
    }
    return %17 : !sinter.tensor<[R, 97], f32>
  }
}

