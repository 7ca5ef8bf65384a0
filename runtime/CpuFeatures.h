//===- CpuFeatures.h - Does this machine have what the code needs  -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CPUFEATURES_H
#define SINTER_RUNTIME_CPUFEATURES_H

#include "runtime/Program.h"

#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// Which of `features` ("avx2,fma,avx512f", named as LLVM does, a leading '+'
/// allowed) this machine lacks, in the order given.
std::vector<std::string> missingFeatures(std::string_view features);

/// The variant whose code runs here: the first that this machine has all
/// features for, or the one that the environment names in SINTER_CPU. Throws
/// the one line that says what lacks where there is none.
const sinter_variant &chooseVariant(const sinter_program &program);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_CPUFEATURES_H
