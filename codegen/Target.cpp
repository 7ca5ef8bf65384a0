//===- Target.cpp - Descriptions of machines by name -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Target.h"
#include "codegen/Architecture.h"
#include "codegen/cuda/Ptx.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace sinter;

/// Names near `cpu`, in a sentence.
static Error unknownCpu(const Architecture &architecture, StringRef cpu) {
  SmallVector<StringRef> names;
  architecture.listCpus(names);
  sort(names, [&](StringRef a, StringRef b) {
    return std::pair(cpu.edit_distance(a), a) <
           std::pair(cpu.edit_distance(b), b);
  });
  names.resize(3);
  return createStringError("'%s' is not a CPU that LLVM knows: did you mean "
                           "%s? `native` is this machine's",
                           cpu.str().c_str(), join(names, ", ").c_str());
}

static Triple thisMachine() {
  return Triple(Triple::normalize(sys::getDefaultTargetTriple()));
}

std::vector<std::string> sinter::machinesKnown() {
  std::vector<std::string> names;
  for (const Architecture &architecture : allArchitectures())
    names.push_back(architecture.triple.str());
  return names;
}

std::vector<std::string> sinter::targetsKnown() {
  std::vector<std::string> names = machinesKnown();
  names.push_back("opencl");
  names.push_back("cuda");
  return names;
}

Device sinter::findDevice(StringRef name) {
  return name == "opencl" ? Device::openCL
         : name == "cuda" ? Device::cuda
                          : Device::none;
}

/// What passes choose for NVIDIA's GPUs: tiles of 128 columns, rows and weights
/// of bf16 in runs of eight inputs, weights of few bits that become bf16 where
/// they are multiplied, epilogues on tiles.
static void describeCuda(TargetDescription &target) {
  target.vectorBits = 1024;
  target.tile = target.columnTile = {8, 4};
  target.groupTiles = {{0, target.tile}};
  target.dotProducts = {};
  target.dotProducts.bf16 = true;
  target.widensWeights = true;
  target.brainFloatDepth = 8;
  // A launch computes all rows.
  target.rowsAtOnce = INT32_MAX;
}

/// What passes choose for kernels on a device: groups of threads own a panel.
static void describeDevice(TargetDescription &target) {
  target.gathersFromPanels = false;
  if (target.device == Device::cuda)
    return describeCuda(target);
  target.vectorBits = 512;
  target.tile = {8, 4};
  target.dotProducts = {};
  // A launch computes all rows.
  target.rowsAtOnce = INT32_MAX;
  target.epiloguesOnTile = false;
}

llvm::Expected<std::string> sinter::findTriple(StringRef name) {
  if (findDevice(name) != Device::none)
    return findTriple("");
  Triple triple =
      name.empty() ? thisMachine() : Triple(Triple::normalize(name));
  const Architecture *architecture = findArchitecture(triple);
  if (!architecture ||
      (!name.empty() && name != architecture->triple &&
       name != StringRef(architecture->triple).split('-').first))
    return createStringError("code for '%s' is not built yet: there is %s",
                             (name.empty() ? triple.str() : name.str()).c_str(),
                             join(targetsKnown(), ", ").c_str());
  return triple.getArch() == thisMachine().getArch()
             ? thisMachine().str()
             : architecture->triple.str();
}

llvm::Expected<TargetDescription> sinter::describeTarget(StringRef cpu,
                                                         StringRef machine) {
  llvm::Expected<std::string> name = findTriple(machine);
  if (!name)
    return name.takeError();
  TargetDescription target;
  Triple triple(*name);
  target.triple = triple.str();
  const Architecture &architecture = *findArchitecture(triple);
  bool isThisMachine = target.triple == thisMachine().str();
  if (cpu.empty())
    cpu =
        isThisMachine ? StringRef("native") : StringRef(architecture.baseline);

  SmallVector<std::string> features;
  if (cpu == "native") {
    if (!isThisMachine)
      return createStringError(
          "the CPU `native` is this machine's, which is no %s: name another, "
          "or none for %s",
          triple.getArchName().str().c_str(), architecture.baseline.data());
    target.cpu = sys::getHostCPUName().str();
    for (const auto &feature : sys::getHostCPUFeatures())
      features.push_back((feature.second ? "+" : "-") + feature.first().str());
  } else {
    target.cpu = cpu.str();
    if (!architecture.findCpu(cpu, features, target.processor))
      return unknownCpu(architecture, cpu);
  }
  if (target.processor.empty())
    target.processor = target.cpu;
  // In the order of names, not of a hash table.
  llvm::sort(features, [](StringRef a, StringRef b) {
    return a.drop_front() < b.drop_front();
  });
  target.features = join(features, ",");
  architecture.chooseTile(target);
  return target;
}

/// This machine's CPU beside GPUs of the architectures of a list, the newest
/// first.
static llvm::Expected<std::vector<TargetDescription>>
describeGpus(StringRef names) {
  std::vector<CudaArchitecture> architectures;
  SmallVector<StringRef> list;
  (names.empty() ? StringRef("sm_80") : names).split(list, ',');
  for (StringRef name : list) {
    llvm::Expected<CudaArchitecture> found = findCudaArchitecture(name.trim());
    if (!found)
      return found.takeError();
    if (none_of(architectures, [&](const CudaArchitecture &other) {
          return other.name == found->name;
        }))
      architectures.push_back(*found);
  }
  stable_sort(architectures,
              [](const CudaArchitecture &a, const CudaArchitecture &b) {
                return std::pair(a.version, a.hasWarpgroups) >
                       std::pair(b.version, b.hasWarpgroups);
              });
  llvm::Expected<TargetDescription> host = describeTarget("");
  if (!host)
    return host.takeError();
  host->device = Device::cuda;
  describeDevice(*host);
  std::vector<TargetDescription> targets;
  for (const CudaArchitecture &architecture : architectures) {
    targets.push_back(*host);
    targets.back().deviceArchitecture = architecture.name;
  }
  return targets;
}

llvm::Expected<std::vector<TargetDescription>>
sinter::describeTargets(StringRef cpus, StringRef machine) {
  if (findDevice(machine) == Device::cuda)
    return describeGpus(cpus);
  SmallVector<StringRef> names;
  cpus.split(names, ',');
  std::vector<TargetDescription> targets;
  for (StringRef name : names) {
    llvm::Expected<TargetDescription> target =
        describeTarget(name.trim(), machine);
    if (!target)
      return target.takeError();
    target->device = findDevice(machine);
    if (none_of(targets, [&](const TargetDescription &other) {
          return other.cpu == target->cpu;
        }))
      targets.push_back(std::move(*target));
  }
  if (targets.size() > 1 && Triple(targets.front().triple).isWasm())
    return createStringError(
        "a WebAssembly module holds code for one CPU: an engine that lacks "
        "an instruction of it refuses all");
  auto needs = [](const TargetDescription &target) {
    return std::pair(target.vectorBits,
                     StringRef(requiredFeatures(target)).count(','));
  };
  stable_sort(targets,
              [&](const TargetDescription &a, const TargetDescription &b) {
                return needs(a) > needs(b);
              });
  for (TargetDescription &target : targets)
    if (target.device != Device::none)
      describeDevice(target);
  return targets;
}

std::string sinter::requiredFeatures(const TargetDescription &target) {
  SmallVector<StringRef> features;
  const Architecture *architecture = findArchitecture(Triple(target.triple));
  if (!architecture)
    return "";
  for (StringRef name : architecture->usedFeatures)
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
  // Floating-point numbers go between functions in registers of their own, as
  // Linux on RISC-V has it.
  if (triple.isRISCV64())
    options.MCOptions.ABIName = "lp64d";
  // Of WebAssembly, what moves is libraries, which are not built.
  Reloc::Model relocation = triple.isWasm() ? Reloc::Static : Reloc::PIC_;
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, description.processor, description.features, options, relocation,
      std::nullopt, CodeGenOptLevel::Aggressive));
  if (!machine)
    return createStringError("LLVM's back end for '%s' cannot be used",
                             description.triple.c_str());
  return machine;
}
