//===- InstructionSets.cpp - What this machine can run --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/InstructionSets.h"

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__x86_64__)

namespace {

enum Register : uint8_t { EAX, EBX, ECX, EDX };

// Bits of XCR0: registers that the operating system saves for us.
enum State : uint32_t {
  none = 0,
  ymm = 0x6,      // SSE and AVX
  zmm = 0xe6,     // and AVX-512's mask and upper registers
  tile = 0x60000, // AMX
};

struct Feature {
  const char *name;
  uint32_t leaf, subleaf;
  Register where;
  uint8_t bit;
  State state;
};

// Intel's Software Developer's Manual, volume 2, CPUID, and AMD's Programmer's
// Manual, volume 3, appendix E.
const Feature features[] = {
    {"cx8", 1, 0, EDX, 8, none},
    {"cmov", 1, 0, EDX, 15, none},
    {"mmx", 1, 0, EDX, 23, none},
    {"fxsr", 1, 0, EDX, 24, none},
    {"sse", 1, 0, EDX, 25, none},
    {"sse2", 1, 0, EDX, 26, none},
    {"sse3", 1, 0, ECX, 0, none},
    {"pclmul", 1, 0, ECX, 1, none},
    {"ssse3", 1, 0, ECX, 9, none},
    {"fma", 1, 0, ECX, 12, ymm},
    {"cx16", 1, 0, ECX, 13, none},
    {"sse4.1", 1, 0, ECX, 19, none},
    {"sse4.2", 1, 0, ECX, 20, none},
    {"crc32", 1, 0, ECX, 20, none},
    {"movbe", 1, 0, ECX, 22, none},
    {"popcnt", 1, 0, ECX, 23, none},
    {"aes", 1, 0, ECX, 25, none},
    {"xsave", 1, 0, ECX, 26, none},
    {"avx", 1, 0, ECX, 28, ymm},
    {"f16c", 1, 0, ECX, 29, ymm},
    {"rdrnd", 1, 0, ECX, 30, none},
    {"fsgsbase", 7, 0, EBX, 0, none},
    {"bmi", 7, 0, EBX, 3, none},
    {"avx2", 7, 0, EBX, 5, ymm},
    {"bmi2", 7, 0, EBX, 8, none},
    {"invpcid", 7, 0, EBX, 10, none},
    {"rtm", 7, 0, EBX, 11, none},
    {"avx512f", 7, 0, EBX, 16, zmm},
    {"avx512dq", 7, 0, EBX, 17, zmm},
    {"rdseed", 7, 0, EBX, 18, none},
    {"adx", 7, 0, EBX, 19, none},
    {"avx512ifma", 7, 0, EBX, 21, zmm},
    {"clflushopt", 7, 0, EBX, 23, none},
    {"clwb", 7, 0, EBX, 24, none},
    {"avx512cd", 7, 0, EBX, 28, zmm},
    {"sha", 7, 0, EBX, 29, none},
    {"avx512bw", 7, 0, EBX, 30, zmm},
    {"avx512vl", 7, 0, EBX, 31, zmm},
    {"avx512vbmi", 7, 0, ECX, 1, zmm},
    {"pku", 7, 0, ECX, 4, none},
    {"waitpkg", 7, 0, ECX, 5, none},
    {"avx512vbmi2", 7, 0, ECX, 6, zmm},
    {"shstk", 7, 0, ECX, 7, none},
    {"gfni", 7, 0, ECX, 8, none},
    {"vaes", 7, 0, ECX, 9, ymm},
    {"vpclmulqdq", 7, 0, ECX, 10, ymm},
    {"avx512vnni", 7, 0, ECX, 11, zmm},
    {"avx512bitalg", 7, 0, ECX, 12, zmm},
    {"avx512vpopcntdq", 7, 0, ECX, 14, zmm},
    {"rdpid", 7, 0, ECX, 22, none},
    {"cldemote", 7, 0, ECX, 25, none},
    {"movdiri", 7, 0, ECX, 27, none},
    {"movdir64b", 7, 0, ECX, 28, none},
    {"enqcmd", 7, 0, ECX, 29, none},
    {"uintr", 7, 0, EDX, 5, none},
    {"avx512vp2intersect", 7, 0, EDX, 8, zmm},
    {"serialize", 7, 0, EDX, 14, none},
    {"tsxldtrk", 7, 0, EDX, 16, none},
    {"amx-bf16", 7, 0, EDX, 22, tile},
    {"avx512fp16", 7, 0, EDX, 23, zmm},
    {"amx-tile", 7, 0, EDX, 24, tile},
    {"amx-int8", 7, 0, EDX, 25, tile},
    {"sha512", 7, 1, EAX, 0, ymm},
    {"sm3", 7, 1, EAX, 1, ymm},
    {"sm4", 7, 1, EAX, 2, ymm},
    {"avxvnni", 7, 1, EAX, 4, ymm},
    {"avx512bf16", 7, 1, EAX, 5, zmm},
    {"cmpccxadd", 7, 1, EAX, 7, none},
    {"amx-fp16", 7, 1, EAX, 21, tile},
    {"hreset", 7, 1, EAX, 22, none},
    {"avxifma", 7, 1, EAX, 23, ymm},
    {"avxvnniint8", 7, 1, EDX, 4, ymm},
    {"avxneconvert", 7, 1, EDX, 5, ymm},
    {"amx-complex", 7, 1, EDX, 8, tile},
    {"avxvnniint16", 7, 1, EDX, 10, ymm},
    {"prefetchi", 7, 1, EDX, 14, none},
    {"xsaveopt", 0xd, 1, EAX, 0, none},
    {"xsavec", 0xd, 1, EAX, 1, none},
    {"xsaves", 0xd, 1, EAX, 3, none},
    {"ptwrite", 0x14, 0, EBX, 4, none},
    {"sahf", 0x80000001, 0, ECX, 0, none},
    {"lzcnt", 0x80000001, 0, ECX, 5, none},
    {"sse4a", 0x80000001, 0, ECX, 6, none},
    {"prfchw", 0x80000001, 0, ECX, 8, none},
    {"xop", 0x80000001, 0, ECX, 11, ymm},
    {"lwp", 0x80000001, 0, ECX, 15, none},
    {"fma4", 0x80000001, 0, ECX, 16, ymm},
    {"tbm", 0x80000001, 0, ECX, 21, none},
    {"mwaitx", 0x80000001, 0, ECX, 29, none},
    {"64bit", 0x80000001, 0, EDX, 29, none},
    {"clzero", 0x80000008, 0, EBX, 0, none},
    {"rdpru", 0x80000008, 0, EBX, 4, none},
    {"wbnoinvd", 0x80000008, 0, EBX, 9, none},
};

uint64_t savedState() {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1))
    return 0;
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

/// Linux gives a process the tile registers only when it asks for them.
bool tilesAllowed() {
#if defined(__linux__) && defined(SYS_arch_prctl)
  constexpr int requestPermission = 0x1023, tileData = 18;
  static const bool allowed =
      syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
  return allowed;
#else
  return false;
#endif
}

bool present(const Feature &feature) {
  uint32_t registers[4];
  if (!__get_cpuid_count(feature.leaf, feature.subleaf, &registers[EAX],
                         &registers[EBX], &registers[ECX], &registers[EDX]))
    return false;
  if (!(registers[feature.where] >> feature.bit & 1))
    return false;
  static const uint64_t saved = savedState();
  if ((saved & feature.state) != feature.state)
    return false;
  return feature.state != tile || tilesAllowed();
}

} // namespace

const char *const sinter::runtime::modestCpu = "x86-64-v3";

bool sinter::runtime::hasInstructionSet(std::string_view name) {
  for (const Feature &feature : features)
    if (name == feature.name)
      return present(feature);
  return false;
}

#elif defined(__aarch64__) && defined(__linux__)

namespace {

struct Feature {
  const char *name;
  unsigned long word; // AT_HWCAP or AT_HWCAP2
  unsigned bit;
};

// Linux, Documentation/arch/arm64/elf_hwcaps.rst; the bits are those of
// asm/hwcap.h, which older systems have less of.
const Feature features[] = {
    {"fp-armv8", AT_HWCAP, 0},  {"neon", AT_HWCAP, 1},
    {"aes", AT_HWCAP, 3},       {"sha2", AT_HWCAP, 6},
    {"crc", AT_HWCAP, 7},       {"lse", AT_HWCAP, 8},
    {"fullfp16", AT_HWCAP, 10}, {"rdm", AT_HWCAP, 12},
    {"jsconv", AT_HWCAP, 13},   {"complxnum", AT_HWCAP, 14},
    {"rcpc", AT_HWCAP, 15},     {"dotprod", AT_HWCAP, 20},
    {"sve", AT_HWCAP, 22},      {"fp16fml", AT_HWCAP, 23},
    {"sve2", AT_HWCAP2, 1},     {"i8mm", AT_HWCAP2, 13},
    {"bf16", AT_HWCAP2, 14},
};

} // namespace

const char *const sinter::runtime::modestCpu = "generic";

bool sinter::runtime::hasInstructionSet(std::string_view name) {
  for (const Feature &feature : features)
    if (name == feature.name)
      return getauxval(feature.word) >> feature.bit & 1;
  return false;
}

#elif defined(__riscv) && defined(__linux__)

namespace {

struct Feature {
  const char *name;
  unsigned bit;
};

// Linux, Documentation/arch/riscv/hwprobe.rst, RISCV_HWPROBE_KEY_IMA_EXT_0.
const Feature features[] = {
    {"zba", 3}, {"zbb", 4}, {"zbs", 5}, {"zfh", 27}, {"zvfh", 30}};

/// Longer names are asked of the kernel; one that does not know the question
/// says that there is nothing.
uint64_t probe() {
  constexpr long hardwareProbe = 258;
  struct {
    int64_t key;
    uint64_t value;
  } pair = {4, 0};
  if (syscall(hardwareProbe, &pair, 1, 0, nullptr, 0) != 0 || pair.key != 4)
    return 0;
  return pair.value;
}

} // namespace

const char *const sinter::runtime::modestCpu = "rv64gc";

bool sinter::runtime::hasInstructionSet(std::string_view name) {
  if (name.size() == 1 && name[0] >= 'a' && name[0] <= 'z')
    return getauxval(AT_HWCAP) >> (name[0] - 'a') & 1;
  for (const Feature &feature : features)
    if (name == feature.name)
      return probe() >> feature.bit & 1;
  return false;
}

#else

const char *const sinter::runtime::modestCpu = "generic";

bool sinter::runtime::hasInstructionSet(std::string_view) { return true; }

#endif
