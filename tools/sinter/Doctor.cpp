//===- Doctor.cpp - What this machine can compile and run -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Doctor.h"
#include "codegen/Link.h"
#include "codegen/Target.h"
#include "codegen/cuda/Ptx.h"
#include "runtime/Cores.h"
#include "tools/sinter/Compile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>

using namespace sinter;
namespace fs = llvm::sys::fs;

namespace {

/// What a finding means for who compiles and runs models on this machine.
enum class Finding {
  Good,
  /// Something goes on without it.
  Absent,
  /// Nothing does.
  Bad
};

class Examination {
public:
  void machine();
  void linking();
  void otherMachines();
  void devices();
  void gpus();
  void cache();
  bool isHealthy = true;

private:
  void say(Finding finding, llvm::StringRef what, const llvm::Twine &text) {
    static const std::pair<const char *, llvm::raw_ostream::Colors> marks[] = {
        {"ok", llvm::raw_ostream::GREEN},
        {"--", llvm::raw_ostream::YELLOW},
        {"no", llvm::raw_ostream::RED}};
    auto [mark, color] = marks[int(finding)];
    llvm::WithColor(llvm::outs(), color) << mark;
    llvm::outs() << "  " << llvm::left_justify(what, 16) << text << '\n';
    isHealthy &= finding != Finding::Bad;
  }
};

} // namespace

void Examination::machine() {
  say(Finding::Good, "compiler",
      "sinter " SINTER_VERSION ", LLVM " LLVM_VERSION_STRING);
  llvm::Expected<TargetDescription> target = describeTarget("native");
  if (!target)
    return say(Finding::Bad, "CPU", llvm::toString(target.takeError()));
  int64_t cores = runtime::usableCores();
  std::string about =
      llvm::formatv("{0}, {1} core{2}, vectors of {3} bits{4}", target->cpu,
                    cores, cores == 1 ? "" : "s", target->vectorBits,
                    target->dotProducts.bf16 ? ", multiplies bf16" : "");
  bool isWide =
      target->vectorBits >= 256 || !llvm::Triple(target->triple).isX86_64();
  say(isWide ? Finding::Good : Finding::Absent, "CPU",
      isWide ? about : about + ": slow, for AVX2 lacks");
  double memory = double(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  say(Finding::Good, "memory",
      llvm::formatv("{0:f1} GB; weights are mapped, so a model needs what its "
                    "weights take (4 bytes for a parameter in f32, 2 in bf16)",
                    memory / 1e9)
          .str());
}

void Examination::linking() {
  llvm::Expected<std::string> found =
      describeToolchain(llvm::sys::getDefaultTargetTriple());
  if (found)
    return say(Finding::Good, "linking", *found);
  say(Finding::Bad, "linking", llvm::toString(found.takeError()));
}

void Examination::otherMachines() {
  for (const std::string &triple : machinesKnown()) {
    llvm::StringRef machine = llvm::StringRef(triple).split('-').first;
    if (llvm::Triple(triple).getArch() ==
        llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArch())
      continue;
    llvm::Expected<std::string> found = describeToolchain(triple);
    std::string emulator =
        llvm::Triple(triple).isWasm() ? "node" : ("qemu-" + machine).str();
    if (!found)
      say(Finding::Absent, ("for " + machine).str(),
          llvm::toString(found.takeError()));
    else
      say(Finding::Good, ("for " + machine).str(),
          *found + (llvm::sys::findProgramByName(emulator)
                        ? "; " + emulator + " runs it here"
                        : "; no " + emulator + " to run it here"));
  }
}

/// Drivers bring a compiler, and often an LLVM, of their own: here it is only
/// said which there are. A compiled model's `--info` opens the device.
void Examination::devices() {
  const char *variable = std::getenv("OCL_ICD_VENDORS");
  std::string folder = variable && *variable ? variable : "/etc/OpenCL/vendors";
  llvm::SmallVector<std::string> drivers;
  std::error_code code;
  for (fs::directory_iterator file(folder, code), end; file != end && !code;
       file.increment(code))
    if (llvm::StringRef name = llvm::sys::path::filename(file->path());
        name.ends_with(".icd"))
      drivers.push_back(name.drop_back(4).str());
  llvm::sort(drivers);
  void *library = dlopen("libOpenCL.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (library && !drivers.empty())
    say(Finding::Good, "for OpenCL",
        "libOpenCL.so.1 with the drivers " + llvm::join(drivers, ", ") +
            "; `--target opencl` compiles for their devices");
  else
    say(Finding::Absent, "for OpenCL",
        std::string(library ? "no driver is in " + folder
                            : "libOpenCL.so.1 is not installed") +
            ": programs are compiled, but do not run here");
  if (library)
    dlclose(library);
}

/// As with OpenCL, only whether there is a driver.
void Examination::gpus() {
  std::string assembler = findPtxas();
  std::string compiled =
      assembler.empty() ? "" : "; " + assembler + " checks kernels in tests";
  if (void *library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL)) {
    say(Finding::Good, "for CUDA",
        "libcuda.so.1; `--target cuda` compiles for its GPUs" + compiled);
    dlclose(library);
  } else {
    say(Finding::Absent, "for CUDA",
        "libcuda.so.1 is not installed: programs are compiled, but do not run "
        "here" +
            compiled);
  }
}

void Examination::cache() {
  llvm::Expected<std::string> folder = cacheFolder();
  if (!folder)
    return say(Finding::Absent, "`sinter run`",
               llvm::toString(folder.takeError()));
  llvm::ErrorOr<fs::space_info> space = fs::disk_space(*folder);
  std::string free =
      space ? llvm::formatv(", {0:f1} GB free", double(space->available) / 1e9)
                  .str()
            : "";
  if (fs::access(*folder, fs::AccessMode::Write))
    return say(Finding::Absent, "`sinter run`",
               *folder + ": cannot be written; set XDG_CACHE_HOME");
  say(Finding::Good, "`sinter run`",
      "keeps compiled models in " + *folder + free);
}

bool sinter::examineMachine() {
  Examination examination;
  examination.machine();
  examination.linking();
  examination.otherMachines();
  examination.devices();
  examination.gpus();
  examination.cache();
  return examination.isHealthy;
}
