//===- Compile.cpp - Row programs to bitcode ------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/RowPipeline.h"
#include <algorithm>

using namespace Halide;

namespace sinter::rows {

static int findAxis(const Tensor &type, int dimension, int alternative) {
  for (size_t axis = 0; axis < type.shape.size(); ++axis)
    if (type.shape[axis].dimension == dimension ||
        type.shape[axis].dimension == alternative)
      return axis;
  return -1;
}

// N is 0 and R is 1 in `enum sinter_dimension`.
int findRowAxis(const Tensor &type) { return findAxis(type, 0, 1); }
int findTokenAxis(const Tensor &type) { return findAxis(type, 0, 0); }

/// Halide's name for a machine. Only what Halide chooses instructions by
/// itself for matters: LLVM makes the rest of them from the whole description.
static Target makeTarget(const Machine &machine) {
  Target target;
  target.os = Target::Linux;
  target.bits = 64;
  if (machine.architecture == "x86_64")
    target.arch = Target::X86;
  else if (machine.architecture == "aarch64")
    target.arch = Target::ARM;
  else if (machine.architecture == "riscv64")
    target.arch = Target::RISCV;
  else if (machine.architecture == "wasm32") {
    target.arch = Target::WebAssembly;
    target.os = Target::WebAssemblyRuntime;
    target.bits = 32;
  } else
    throw CompileError("row work cannot be compiled for " +
                       machine.architecture + " yet");
  auto has = [&](const char *name) {
    return std::find(machine.features.begin(), machine.features.end(), name) !=
           machine.features.end();
  };
  if (target.arch == Target::WebAssembly && has("simd128"))
    target.set_feature(Target::WasmSimd128);
  if (target.arch == Target::X86) {
    const std::pair<const char *, Target::Feature> known[] = {
        {"sse4.1", Target::SSE41}, {"avx", Target::AVX},
        {"avx2", Target::AVX2},    {"fma", Target::FMA},
        {"f16c", Target::F16C},
    };
    for (auto [name, feature] : known)
      if (has(name))
        target.set_feature(feature);
    bool skylake = true;
    for (const char *name :
         {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"})
      skylake &= has(name);
    if (skylake)
      target.set_features({Target::AVX512, Target::AVX512_Skylake});
  }
  // Infinities are at home in masks, so no arithmetic may assume that there are
  // none; a table of embeddings may have more than 2^31 bytes; sizes were
  // checked when the model was compiled.
  target.set_features({Target::StrictFloat, Target::LargeBuffers,
                       Target::NoAsserts, Target::NoBoundsQuery,
                       Target::NoRuntime});
  return target;
}

Compiled compile(const std::vector<RowProgram> &programs,
                 const Machine &machine, const std::string &prefix,
                 const std::string &bitcodePath) {
  Compiled result;
  try {
    Target target = makeTarget(machine);
    Module all("rows", target);
    all.set_any_strict_float(true);
    for (size_t number = 0; number < programs.size(); ++number) {
      const RowProgram &program = programs[number];
      auto &kernels = result.kernels.emplace_back();
      for (size_t output = 0; output < program.outputs.size(); ++output) {
        LoweredRow row = lowerRow(program, output,
                                  prefix + std::to_string(number) + "_" +
                                      std::to_string(output),
                                  target, std::max(1, machine.vectorBits / 32));
        for (const Internal::LoweredFunc &function : row.module.functions())
          all.append(function);
        kernels.push_back(std::move(row.kernel));
      }
    }
    all.compile({{OutputFileType::bitcode, bitcodePath}});
  } catch (const std::exception &error) {
    result.error = error.what();
    while (!result.error.empty() && result.error.back() == '\n')
      result.error.pop_back();
  }
  return result;
}

} // namespace sinter::rows
