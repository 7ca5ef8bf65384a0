//===- SinterOps.td - The whole dialect ------------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_OPS_TD
#define SINTER_OPS_TD

include "ir/SinterCompositeOps.td"
include "ir/SinterGroupOps.td"
include "ir/SinterKernelOps.td"
include "ir/SinterAttentionOps.td"

#endif // SINTER_OPS_TD
