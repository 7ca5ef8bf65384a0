//===- Model.h - A compiled model, opened --------------------- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MODEL_H
#define SINTER_RUNTIME_MODEL_H

#include "runtime/Program.h"
#include "runtime/Weights.h"
#include "runtime/include/sinter.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <memory>
#include <string>

/// A program whose CPU, sizes and weights were checked.
struct sinter_model {
  explicit sinter_model(const sinter_program &program, const char *weightsPath);

  const sinter_program &program;
  /// The code that runs on this machine.
  const sinter_variant &variant;
  std::string cpus; ///< All that there is code for.
  const sinter_entry &forward;
  const sinter_entry *encode; ///< null unless it is an encoder-decoder
  sinter::runtime::Weights weights;

  bool hasTokenizer() const { return target != nullptr; }

  sinter_step_function stepOf(const sinter_entry &entry) const {
    return variant.steps[&entry - program.entries];
  }

  /// Throws where there is none. `source`: that of an encoder-decoder's source.
  const sinter::runtime::Tokenizer &tokenizer(bool source) const;

  /// Whether this token ends a sequence.
  bool endsSequence(int32_t token) const;

private:
  std::unique_ptr<sinter::runtime::Tokenizer> target, ofSource;
};

#endif // SINTER_RUNTIME_MODEL_H
