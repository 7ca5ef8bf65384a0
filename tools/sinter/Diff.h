//===- Diff.h - Where a model leaves its reference --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_DIFF_H
#define SINTER_TOOLS_SINTER_DIFF_H

#include "tools/sinter/CommandLine.h"

namespace sinter {

/// Runs the math level of a model with the reference evaluator on the tokens
/// that a dump holds, and looks for the dump's tensors among the values of its
/// operations. Prints the first that is not there, with the operation whose
/// value is nearest. Returns whether what the model returns is in the dump.
///
/// The dump is a safetensors file (`tools/examples/dump_activations.py` writes
/// one from transformers): `input_ids`, and where there are `decoder_input_ids`
/// and `token_type_ids`, of one sequence, as i64; all other tensors in the
/// order of a number before their names, "0012 model.layers.0.mlp".
llvm::Expected<bool> compareWithReference(const CommandLine &line);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_DIFF_H
