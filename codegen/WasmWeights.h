//===- WasmWeights.h - Weights as an object of WebAssembly -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_WASMWEIGHTS_H
#define SINTER_CODEGEN_WASMWEIGHTS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace sinter {

/// Weights that leave some room for all else in the 4 GiB that a module
/// addresses.
inline constexpr uint64_t mostWasmWeights = (uint64_t(4) << 30) - (64 << 20);

/// Writes an object file that wasm-ld takes, with `weights` as a segment of
/// data at the symbol of runtime/Payload.h, on a boundary of WebAssembly's
/// pages of 64 KiB. The bytes are not copied in between: weights of gigabytes
/// would not go through LLVM's own writer, which holds a constant three times.
///
/// The form is that of WebAssembly/tool-conventions, Linking.md: a module with
/// a custom section "linking", version 2.
llvm::Error writeWasmWeights(llvm::raw_ostream &stream,
                             llvm::StringRef weights);

} // namespace sinter

#endif // SINTER_CODEGEN_WASMWEIGHTS_H
