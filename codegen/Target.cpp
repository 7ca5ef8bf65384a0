//===- Target.cpp - Descriptions of machines by name -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Target.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using namespace sinter;

/// Instruction sets that LLVM chooses by itself for code like ours. Those that
/// are reached by intrinsics only (tiles, cryptography, transactions) and those
/// that only the operating system uses are left out, so that a virtual machine
/// that hides them does not refuse a binary.
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

static bool hasFeature(const TargetDescription &target, StringRef name) {
  SmallVector<StringRef> features;
  StringRef(target.features).split(features, ',');
  return any_of(features, [&](StringRef feature) {
    return feature.consume_front("+") && feature == name;
  });
}

/// How registers are filled on machines of one vector width. Rows by vectors of
/// sums, beside them one vector of weights for each column and one for the
/// activation: what fits without spilling.
static void chooseTile(TargetDescription &target) {
  if (hasFeature(target, "avx512f")) {
    target.vectorBits = 512;
    target.vectorRegisters = 32;
    target.tile = {6, 4};
    target.dotProducts.bf16 = hasFeature(target, "avx512bf16");
    target.dotProducts.bytes = hasFeature(target, "avx512vnni");
    // Measured; groups keep scaled sums beside whole ones.
    target.columnTile = {6, 4};
    target.groupTiles = {{64, {4, 4}}, {0, {8, 2}}};
  } else {
    target.vectorBits = hasFeature(target, "avx") ? 256 : 128;
    target.vectorRegisters = 16;
    target.tile = {6, 2};
    target.dotProducts.bytes = hasFeature(target, "avxvnni");
    // Without the instruction, weights and inputs take two registers each.
    target.columnTile = {target.dotProducts.bytes ? 6 : 4, 2};
    target.groupTiles = {{0, {4, 2}}};
  }
}

static Error unknownCpu(StringRef cpu) {
  SmallVector<StringRef> names;
  X86::fillValidCPUArchList(names, /*Only64Bit=*/true);
  sort(names, [&](StringRef a, StringRef b) {
    return std::pair(cpu.edit_distance(a), a) <
           std::pair(cpu.edit_distance(b), b);
  });
  names.resize(3);
  return createStringError("'%s' is not a CPU that LLVM knows: did you mean "
                           "%s? `native` is this machine's",
                           cpu.str().c_str(), join(names, ", ").c_str());
}

llvm::Expected<TargetDescription> sinter::describeTarget(StringRef cpu) {
  TargetDescription target;
  Triple triple(Triple::normalize(sys::getDefaultTargetTriple()));
  target.triple = triple.str();
  if (!triple.isX86_64())
    return createStringError("code for %s is not built yet: x86-64 only",
                             triple.getArchName().str().c_str());

  SmallVector<std::string> features;
  if (cpu == "native") {
    target.cpu = sys::getHostCPUName().str();
    for (const auto &feature : sys::getHostCPUFeatures())
      features.push_back((feature.second ? "+" : "-") + feature.first().str());
  } else {
    if (X86::parseArchX86(cpu, /*Only64Bit=*/true) == X86::CK_None)
      return unknownCpu(cpu);
    target.cpu = cpu.str();
    // LLVM names what a CPU adds; what that implies is spelled out, because
    // code and binaries ask for features by name.
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
  }
  // In the order of names, not of a hash table.
  llvm::sort(features, [](StringRef a, StringRef b) {
    return a.drop_front() < b.drop_front();
  });
  target.features = join(features, ",");
  chooseTile(target);
  return target;
}

llvm::Expected<std::vector<TargetDescription>>
sinter::describeTargets(StringRef cpus) {
  SmallVector<StringRef> names;
  cpus.split(names, ',');
  std::vector<TargetDescription> targets;
  for (StringRef name : names) {
    llvm::Expected<TargetDescription> target = describeTarget(name.trim());
    if (!target)
      return target.takeError();
    if (none_of(targets, [&](const TargetDescription &other) {
          return other.cpu == target->cpu;
        }))
      targets.push_back(std::move(*target));
  }
  auto needs = [](const TargetDescription &target) {
    return std::pair(target.vectorBits,
                     StringRef(requiredFeatures(target)).count(','));
  };
  stable_sort(targets,
              [&](const TargetDescription &a, const TargetDescription &b) {
                return needs(a) > needs(b);
              });
  return targets;
}

std::string sinter::requiredFeatures(const TargetDescription &target) {
  SmallVector<StringRef> features;
  for (StringRef name : usedFeatures)
    if (hasFeature(target, name))
      features.push_back(name);
  return join(features, ",");
}

llvm::Expected<std::unique_ptr<TargetMachine>>
sinter::createTargetMachine(const TargetDescription &description) {
  // Registration is of all back ends that the installed LLVM has; creating one
  // costs nothing until it is used.
  static const bool initialized = [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    return true;
  }();
  (void)initialized;
  Triple triple(description.triple);
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("LLVM has no back end for '%s': %s",
                             description.triple.c_str(), message.c_str());
  TargetOptions options;
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, description.cpu, description.features, options, Reloc::PIC_,
      std::nullopt, CodeGenOptLevel::Aggressive));
  if (!machine)
    return createStringError("LLVM's back end for '%s' cannot be used",
                             description.triple.c_str());
  return machine;
}
