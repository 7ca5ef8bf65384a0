//===- PeakLoops.cpp - Multiplying and adding in registers ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each loop keeps twelve sums in registers: more than latency times throughput
// of any CPU so far, and few enough that AVX2's sixteen hold them. A loop is
// compiled for its instruction set by an attribute and runs only where the CPU
// has it.
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Limits.h"

using namespace sinter::runtime;

#if defined(__x86_64__)

#include <immintrin.h>

namespace {

constexpr int sums = 12;

// The compiler must neither know the operands nor merge steps.
#define OPAQUE(value) asm volatile("" : "+v"(value))

#define PEAK_LOOP(name, features, Type, zero, operand, step, operations)       \
  __attribute__((target(features))) double name(int64_t count) {               \
    Type sum[sums], a = operand, b = operand;                                  \
    OPAQUE(a);                                                                 \
    OPAQUE(b);                                                                 \
    for (Type &each : sum)                                                     \
      each = zero;                                                             \
    for (int64_t i = 0; i < count; ++i) {                                      \
      _Pragma("clang loop unroll(full)") for (int j = 0; j < sums; ++j) {      \
        sum[j] = step(sum[j], a, b);                                           \
        OPAQUE(sum[j]);                                                        \
      }                                                                        \
    }                                                                          \
    return static_cast<double>(count) * sums * (operations);                   \
  }

#define FMA_256(sum, a, b) _mm256_fmadd_ps(a, b, sum)
#define FMA_512(sum, a, b) _mm512_fmadd_ps(a, b, sum)
#define BF16_512(sum, a, b)                                                    \
  _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a),                         \
                   reinterpret_cast<__m512bh>(b))
// Pairs of bytes, added in 16 bits: what AVX2 has without AVX-VNNI.
#define PAIRS_256(sum, a, b) _mm256_add_epi16(sum, _mm256_maddubs_epi16(a, b))
#define INT8_256(sum, a, b) _mm256_dpbusd_avx_epi32(sum, a, b)
#define INT8_512(sum, a, b) _mm512_dpbusd_epi32(sum, a, b)

PEAK_LOOP(fma256, "avx2,fma", __m256, _mm256_setzero_ps(),
          _mm256_set1_ps(1.25f), FMA_256, 16)
PEAK_LOOP(fma512, "avx512f", __m512, _mm512_setzero_ps(), _mm512_set1_ps(1.25f),
          FMA_512, 32)
PEAK_LOOP(bf16, "avx512f,avx512bf16", __m512, _mm512_setzero_ps(),
          _mm512_set1_ps(1.25f), BF16_512, 64)
PEAK_LOOP(pairs256, "avx2", __m256i, _mm256_setzero_si256(),
          _mm256_set1_epi32(0x01020304), PAIRS_256, 64)
PEAK_LOOP(int8256, "avx2,avxvnni", __m256i, _mm256_setzero_si256(),
          _mm256_set1_epi32(0x01020304), INT8_256, 64)
PEAK_LOOP(int8512, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(),
          _mm512_set1_epi32(0x01020304), INT8_512, 128)

} // namespace

std::vector<PeakLoop> sinter::runtime::peakLoops() {
  std::vector<PeakLoop> loops;
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    loops.push_back({"f32", "vfmadd231ps ymm", fma256});
  if (__builtin_cpu_supports("avx2"))
    loops.push_back({"int8", "vpmaddubsw ymm", pairs256});
  if (__builtin_cpu_supports("avx512f"))
    loops.push_back({"f32", "vfmadd231ps zmm", fma512});
  if (__builtin_cpu_supports("avx512bf16"))
    loops.push_back({"bf16", "vdpbf16ps zmm", bf16});
  if (__builtin_cpu_supports("avxvnni"))
    loops.push_back({"int8", "vpdpbusd ymm", int8256});
  if (__builtin_cpu_supports("avx512vnni"))
    loops.push_back({"int8", "vpdpbusd zmm", int8512});
  return loops;
}

#else

std::vector<PeakLoop> sinter::runtime::peakLoops() { return {}; }

#endif
