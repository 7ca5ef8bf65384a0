//===- Architecture.cpp - What differs between machines -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Architecture.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/RISCVISAInfo.h"
#include "llvm/TargetParser/RISCVTargetParser.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using namespace sinter;

bool sinter::hasFeature(const TargetDescription &target, StringRef name) {
  SmallVector<StringRef> features;
  StringRef(target.features).split(features, ',');
  return any_of(features, [&](StringRef feature) {
    return feature.consume_front("+") && feature == name;
  });
}

// Tiles are rows by vectors of sums; beside them stand one vector of weights
// for each column and one for the activation: what fits without spilling.

//===----------------------------------------------------------------------===//
// x86-64
//===----------------------------------------------------------------------===//

namespace x86 {

static constexpr StringLiteral usedFeatures[] = {
    "avx",          "avx2",       "avx512bf16",
    "avx512bitalg", "avx512bw",   "avx512cd",
    "avx512dq",     "avx512f",    "avx512fp16",
    "avx512ifma",   "avx512vbmi", "avx512vbmi2",
    "avx512vl",     "avx512vnni", "avx512vpopcntdq",
    "avxifma",      "avxvnni",    "avxneconvert",
    "avxvnniint8",  "bmi",        "bmi2",
    "cmov",         "cx16",       "cx8",
    "f16c",         "fma",        "fma4",
    "gfni",         "lzcnt",      "mmx",
    "movbe",        "popcnt",     "sahf",
    "sse",          "sse2",       "sse3",
    "sse4.1",       "sse4.2",     "sse4a",
    "ssse3",        "tbm",        "xop"};

static bool findCpu(StringRef cpu, SmallVectorImpl<std::string> &features,
                    std::string &) {
  if (X86::parseArchX86(cpu, /*Only64Bit=*/true) == X86::CK_None)
    return false;
  // LLVM names what a CPU adds; what that implies is spelled out, because code
  // and binaries ask for features by name.
  SmallVector<StringRef> names;
  X86::getFeaturesForCPU(cpu, names);
  StringMap<bool> enabled;
  for (StringRef name : names) {
    enabled[name] = true;
    X86::updateImpliedFeatures(name, true, enabled);
  }
  for (const auto &feature : enabled)
    if (feature.second)
      features.push_back("+" + feature.first().str());
  return true;
}

static void listCpus(SmallVectorImpl<StringRef> &names) {
  X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
}

static void chooseTile(TargetDescription &target) {
  if (hasFeature(target, "avx512f")) {
    target.vectorBits = 512;
    target.vectorRegisters = 32;
    target.tile = {6, 4};
    target.dotProducts.bf16 = hasFeature(target, "avx512bf16");
    target.dotProducts.bytes = hasFeature(target, "avx512vnni");
    target.dotProducts.pairs = hasFeature(target, "avx512bw");
    // Measured; groups keep scaled sums beside whole ones.
    target.columnTile = {6, 4};
    target.groupTiles = {{64, {4, 4}}, {0, {8, 2}}};
  } else {
    target.vectorBits = hasFeature(target, "avx") ? 256 : 128;
    target.vectorRegisters = 16;
    target.tile = {6, 2};
    target.dotProducts.bytes = hasFeature(target, "avxvnni");
    target.dotProducts.pairs =
        target.vectorBits == 128 || hasFeature(target, "avx2");
    // Without the instruction, weights and inputs take two registers each.
    target.columnTile = {target.dotProducts.bytes ? 6 : 4, 2};
    target.groupTiles = {{0, {4, 2}}};
    target.prefetchesPanels = hasFeature(target, "avx2");
  }
}

} // namespace x86

//===----------------------------------------------------------------------===//
// AArch64
//===----------------------------------------------------------------------===//

namespace aarch64 {

static constexpr StringLiteral usedFeatures[] = {
    "bf16", "dotprod", "fp-armv8", "fp16fml", "fullfp16", "i8mm",
    "lse",  "neon",    "rdm",      "sve",     "sve2"};

static bool findCpu(StringRef cpu, SmallVectorImpl<std::string> &features,
                    std::string &) {
  if (cpu == "generic") {
    features.append({"+fp-armv8", "+neon"});
    return true;
  }
  std::optional<AArch64::CpuInfo> info = AArch64::parseCpu(cpu);
  if (!info)
    return false;
  std::vector<StringRef> names;
  AArch64::getExtensionFeatures(info->getImpliedExtensions(), names);
  for (StringRef name : names)
    if (name.starts_with("+"))
      features.push_back(name.str());
  return true;
}

static void listCpus(SmallVectorImpl<StringRef> &names) {
  AArch64::fillValidCPUArchList(names);
}

static void chooseTile(TargetDescription &target) {
  target.vectorBits = 128;
  target.vectorRegisters = 32;
  target.tile = {6, 4};
  target.dotProducts.bf16 = hasFeature(target, "bf16");
  target.dotProducts.bytes = hasFeature(target, "i8mm");
  target.dotProducts.signedBytes = hasFeature(target, "dotprod");
  if (target.dotProducts.bytes || target.dotProducts.signedBytes) {
    // As many registers as AVX-512 has; not measured.
    target.columnTile = {6, 4};
    target.groupTiles = {{64, {4, 4}}, {0, {8, 2}}};
  }
}

} // namespace aarch64

//===----------------------------------------------------------------------===//
// RISC-V
//===----------------------------------------------------------------------===//

namespace riscv {

static constexpr StringLiteral usedFeatures[] = {
    "a", "c", "d", "f", "m", "v", "zba", "zbb", "zbs", "zfh", "zvfh"};

/// A CPU, or an instruction set as RISC-V's manual writes them: "rv64gcv",
/// "rva23u64".
static bool findCpu(StringRef cpu, SmallVectorImpl<std::string> &features,
                    std::string &processor) {
  StringRef set = cpu;
  if (RISCV::parseCPU(cpu, /*IsRV64=*/true))
    set = RISCV::getMArchFromMcpu(cpu);
  else
    processor = "generic-rv64";
  if (!set.starts_with("rv64") && !set.starts_with("rva"))
    return false;
  auto parsed =
      RISCVISAInfo::parseArchString(set, /*EnableExperimentalExtension=*/false);
  if (!parsed) {
    consumeError(parsed.takeError());
    return false;
  }
  for (const std::string &feature : (*parsed)->toFeatures())
    features.push_back(feature);
  return true;
}

static void listCpus(SmallVectorImpl<StringRef> &names) {
  RISCV::fillValidCPUArchList(names, /*IsRV64=*/true);
  names.append({"rv64gc", "rv64gcv", "rva20u64", "rva22u64", "rva23u64"});
}

static void chooseTile(TargetDescription &target) {
  target.vectorRegisters = 32;
  if (hasFeature(target, "v")) {
    target.vectorBits = 128;
    target.tile = {6, 4};
  } else {
    // Vectors of one element: registers hold no more.
    target.vectorBits = 32;
    target.tile = {4, 4};
  }
}

} // namespace riscv

//===----------------------------------------------------------------------===//
// WebAssembly
//===----------------------------------------------------------------------===//

namespace wasm {

static constexpr StringLiteral usedFeatures[] = {"relaxed-simd", "simd128"};

/// What a module asks of the engine that runs it: vectors, and vectors whose
/// multiply-and-add may round once. An engine takes a module or refuses it.
static bool findCpu(StringRef cpu, SmallVectorImpl<std::string> &features,
                    std::string &processor) {
  processor = "generic";
  if (cpu == "relaxed-simd")
    features.push_back("+relaxed-simd");
  if (cpu == "relaxed-simd" || cpu == "simd128")
    features.push_back("+simd128");
  return cpu == "generic" || !features.empty();
}

static void listCpus(SmallVectorImpl<StringRef> &names) {
  names.append({"simd128", "relaxed-simd", "generic"});
}

static void chooseTile(TargetDescription &target) {
  bool hasVectors = hasFeature(target, "simd128");
  // Engines compile for machines of 16 registers, most of them.
  target.vectorBits = hasVectors ? 128 : 32;
  target.vectorRegisters = 16;
  target.tile = {hasVectors ? 6 : 4, 2};
  target.columnTile = {4, 2};
  target.groupTiles = {{0, {4, 2}}};
  target.dotProducts.pairs = hasVectors;
}

} // namespace wasm

static constexpr Architecture architectures[] = {
    {"x86_64-linux-gnu", "x86-64-v3", x86::usedFeatures, x86::findCpu,
     x86::listCpus, x86::chooseTile},
    {"aarch64-linux-gnu", "generic", aarch64::usedFeatures, aarch64::findCpu,
     aarch64::listCpus, aarch64::chooseTile},
    {"riscv64-linux-gnu", "rv64gc", riscv::usedFeatures, riscv::findCpu,
     riscv::listCpus, riscv::chooseTile},
    {"wasm32-wasi", "simd128", wasm::usedFeatures, wasm::findCpu,
     wasm::listCpus, wasm::chooseTile}};

ArrayRef<Architecture> sinter::allArchitectures() { return architectures; }

const Architecture *sinter::findArchitecture(const Triple &triple) {
  for (const Architecture &architecture : architectures)
    if (Triple(architecture.triple).getArch() == triple.getArch())
      return &architecture;
  return nullptr;
}
