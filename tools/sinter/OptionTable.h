//===- OptionTable.h - The table that Options.td generates -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_OPTIONTABLE_H
#define SINTER_TOOLS_SINTER_OPTIONTABLE_H

#include "llvm/Option/OptTable.h"

namespace sinter {

enum OptionId {
  OPT_INVALID = 0,
#define OPTION(...) LLVM_MAKE_OPT_ID(__VA_ARGS__),
#include "tools/sinter/Options.inc"
#undef OPTION
};

/// One table for parsing, help, spelling suggestions and completion.
const llvm::opt::OptTable &optionTable();

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_OPTIONTABLE_H
