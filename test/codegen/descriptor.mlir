// The constant that the runtime reads, the same bytes in every run, and nothing else that it could see.
//
// RUN: sinter-translate --cpu x86-64-v3 --emit llvm %s > %t.ll
// RUN: FileCheck %s < %t.ll
// RUN: sinter-translate --cpu x86-64-v3 --emit llvm %s | cmp - %t.ll
// RUN: sinter-translate --cpu x86-64-v3 --emit obj %s -o %t.o
// RUN: llvm-nm --extern-only --defined-only --format=just-symbols %t.o | FileCheck --check-prefix=SYMBOLS %s
//
// CHECK-DAG: @sinter_program_eos = internal constant [2 x i32] [i32 7, i32 9]
// CHECK-DAG: @sinter_program_cpu = internal constant [10 x i8] c"x86-64-v3\00"
// CHECK-DAG: @sinter_program_features = internal constant {{.*}} c"avx,avx2,bmi,bmi2,{{.*}},f16c,fma,lzcnt
// CHECK-DAG: @sinter_program_cache_key = internal constant [4 x i8] c"key\00"
// CHECK-DAG: @sinter_program_steps = internal constant [1 x ptr] [ptr @step_forward]
// CHECK-DAG: @sinter_program_variants = {{.*}} ptr @sinter_program_cpu, ptr @sinter_program_features, ptr @sinter_program_steps
// CHECK-DAG: @sinter_program_entries = {{.*}} i32 3, i32 1, i64 8, i64 6, i64 32768, i64 0, i64 0
// CHECK-DAG: @sinter_program_caches = {{.*}} i64 5, i64 64, i64 32, i32 0, i32 1
// CHECK-DAG: @sinter_compiled_model = {{.*}} i64 64, i64 0, i64 100, i64 100, i64 0, i64 0, i32 0, i64 2, i64 4096, {{.*}} i32 1, i32 -1, i32 -1, i32 -1, i32 -1, i32 -1, i32 2
//
// SYMBOLS: {{^}}sinter_compiled_model{{$}}
// SYMBOLS-NOT: {{.}}

module attributes {sinter.head = "next_token", sinter.name = "tiny", sinter.architecture = "test", sinter.context = 64 : i64,
                   sinter.vocabulary = 100 : i64, sinter.segments = 2 : i64, sinter.weights_bytes = 4096 : i64,
                   sinter.special_tokens = {bos = 1 : i64, eos = [7, 9]}} {
  sinter.cache @key layers 5 : !sinter.history<[2, 4], f32> {persistent}
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"},
                     %position: !sinter.tensor<[N], i32> {sinter.input = "position"})
      attributes {sinter.maximum_tokens = 8 : i64, sinter.maximum_rows = 6 : i64, sinter.arena_bytes = 32768 : i64, sinter.causal} {
    return
  }
}
