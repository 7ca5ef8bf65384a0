//===- UnrollLayers.h - Layers as exporters write them ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_OPT_UNROLLLAYERS_H
#define SINTER_TOOLS_SINTER_OPT_UNROLLLAYERS_H

namespace sinter {

/// `test-unroll-layers`: the reverse of `roll-layers`, for its tests.
void registerUnrollLayersPass();

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_OPT_UNROLLLAYERS_H
