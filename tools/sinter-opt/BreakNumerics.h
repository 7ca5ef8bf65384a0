//===- BreakNumerics.h - A pass that is wrong on purpose --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTEROPT_BREAKNUMERICS_H
#define SINTER_TOOLS_SINTEROPT_BREAKNUMERICS_H

namespace sinter {

/// `--test-break-numerics`: makes the last `sinter.add` of a function a
/// `sinter.sub`, or with `kind=constant from=1e-5 to=1e-6` one constant
/// another, or with `kind=axis` reduces along the wrong axis. It proves that
/// `--verify-numerics` catches and names a wrong pass.
void registerBreakNumericsPass();

} // namespace sinter

#endif // SINTER_TOOLS_SINTEROPT_BREAKNUMERICS_H
