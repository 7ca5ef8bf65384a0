//===- CpuFeatures.cpp - Does this machine have what the code needs -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/CpuFeatures.h"

#include "runtime/Failure.h"
#include "runtime/InstructionSets.h"

#include <cstdlib>

using namespace sinter::runtime;

std::vector<std::string>
sinter::runtime::missingFeatures(std::string_view names) {
  std::vector<std::string> missing;
  while (!names.empty()) {
    size_t comma = names.find(',');
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(comma == names.npos ? names.size() : comma + 1);
    if (!name.empty() && name.front() == '-')
      continue; // code that does without it runs everywhere
    if (!name.empty() && name.front() == '+')
      name.remove_prefix(1);
    if (!name.empty() && !hasInstructionSet(name))
      missing.emplace_back(name);
  }
  return missing;
}

namespace {

std::string joined(const std::vector<std::string> &names) {
  std::string list;
  for (const std::string &name : names)
    list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// "the CPU 'a'", or "the CPUs 'a', 'b'".
std::string cpusOf(const sinter_program &program) {
  std::string list = program.variant_count == 1 ? "the CPU " : "the CPUs ";
  for (int64_t i = 0; i < program.variant_count; ++i)
    list += (i ? ", '" : "'") + std::string(program.variants[i].cpu) + "'";
  return list;
}

} // namespace

const sinter_variant &
sinter::runtime::chooseVariant(const sinter_program &program) {
  const char *wanted = std::getenv("SINTER_CPU");
  const sinter_variant *last = nullptr;
  for (int64_t i = 0; i < program.variant_count; ++i) {
    const sinter_variant &variant = program.variants[i];
    if (wanted && *wanted && variant.cpu != std::string_view(wanted))
      continue;
    if (missingFeatures(variant.features).empty())
      return variant;
    last = &variant;
  }
  if (!last)
    fail(SINTER_ERROR_CPU,
         "SINTER_CPU is '%s', and %s was compiled for %s: choose one of these, "
         "or leave it to the machine",
         wanted, program.name, cpusOf(program).c_str());
  // The last needs least.
  fail(SINTER_ERROR_CPU,
       "%s was compiled for %s, and this machine lacks %s; compile it with "
       "another --cpu, %s say",
       program.name, cpusOf(program).c_str(),
       joined(missingFeatures(last->features)).c_str(), modestCpu);
}
