//===- CpuFeatures.h - Does this machine have what the code needs  -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_CPUFEATURES_H
#define SINTER_RUNTIME_CPUFEATURES_H

#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// Which of `features` ("avx2,fma,avx512f", named as LLVM does, a leading '+'
/// allowed) this machine lacks, in the order given. On x86, a name that is not
/// an instruction set known here counts as lacking: a wrong "yes" would end in
/// an illegal instruction. On other machines nothing is checked.
std::vector<std::string> missingFeatures(std::string_view features);

/// Throws the one line that names what lacks, if anything does.
void requireFeatures(const char *model, const char *cpu,
                     std::string_view features);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_CPUFEATURES_H
