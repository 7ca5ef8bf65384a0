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
#include "runtime/device/Device.h"
#include "runtime/include/sinter.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <functional>
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

  /// Of a program for a device: the device, with the weights on it. The first
  /// who asks opens it and waits until they are there; `onUpload`, where it is
  /// set, hears how far that is, in bytes. Null where it runs on the CPU.
  sinter::runtime::Device *device() const;
  std::function<void(int64_t done, int64_t total)> onUpload;
  /// Where the weights are for who computes: on the device, or in memory.
  const unsigned char *stepWeights() const;

  bool hasTokenizer() const { return target != nullptr; }

  sinter_step_function stepOf(const sinter_entry &entry) const {
    return variant.steps[&entry - program.entries];
  }

  /// Throws where there is none. `source`: that of an encoder-decoder's source.
  const sinter::runtime::Tokenizer &tokenizer(bool source) const;

  /// Whether this token ends a sequence.
  bool endsSequence(int32_t token) const;

private:
  void openDevice() const;

  std::unique_ptr<sinter::runtime::Tokenizer> target, ofSource;
  mutable std::unique_ptr<sinter::runtime::Device> opened;
  mutable std::unique_ptr<sinter::runtime::StepMemory> uploaded;
};

#endif // SINTER_RUNTIME_MODEL_H
