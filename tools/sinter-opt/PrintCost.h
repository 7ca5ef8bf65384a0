//===- PrintCost.h - What a program costs, as text --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTEROPT_PRINTCOST_H
#define SINTER_TOOLS_SINTEROPT_PRINTCOST_H

namespace sinter {

/// `--print-cost="tokens=1 past=0 rows=1 source=0"`: on the standard output,
/// the costs of every op of every function (passes/Cost.h).
void registerPrintCostPass();

} // namespace sinter

#endif // SINTER_TOOLS_SINTEROPT_PRINTCOST_H
