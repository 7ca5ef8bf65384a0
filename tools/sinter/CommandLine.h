//===- CommandLine.h - What was typed -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_COMMANDLINE_H
#define SINTER_TOOLS_SINTER_COMMANDLINE_H

#include "passes/Pipeline.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sinter {

enum class Command {
  Compile,
  Run,
  Inspect,
  Diff,
  Quantize,
  Models,
  Doctor,
  Completion,
  Help,
  Version
};

/// What `--emit` can name.
enum class EmitKind {
  Executable,
  Object,
  Shared,
  Static,
  Package,
  Assembly,
  LLVM,
  MLIR,
  Math
};

/// What `--format` of `inspect` and `quantize` can name.
enum class InspectFormat { Page, Json, Dot, MLIR, Table };

enum class Verbosity { Quiet, Normal, Verbose };

struct CommandLine {
  Command command = Command::Help;
  /// For Help: the subcommand that help is asked of; empty: all.
  std::string helpOf;
  /// The model's folder, or the shell of `completion`.
  std::string operand;
  /// What stands behind the folder of `run`: the compiled model's own.
  std::vector<std::string> modelArguments;

  std::string output, spec;
  /// The machine and its CPU; empty: this one's.
  std::string target, cpu;
  /// What the program is for, and how it embeds; empty: as the folder says.
  std::string head, pooling;
  EmitKind emit = EmitKind::Executable;
  /// Weights of an executable go to a file beside it.
  bool weightsFile = false;
  std::optional<int64_t> context, maximumTokens;
  Verbosity verbosity = Verbosity::Normal;
  bool remarks = false, timing = false;
  /// `--remarks=yaml`, and `--remarks=` with a regular expression.
  bool remarksAsYaml = false;
  std::string remarksOf;
  /// Where remarks go as YAML, too.
  std::string remarksFile;
  Precision precision = Precision::stored;
  /// Inputs that share a scale, 0 for a whole column; whether scales are f16.
  std::optional<int64_t> groupSize;
  std::optional<bool> scalesInHalf;
  /// Whether groups have least values of their own.
  bool asymmetric = false;
  /// What these come to, where weights are quantized.
  Quantization quantization() const;
  /// `--kv-type`.
  CacheType cacheType = CacheType::f32;
  /// `--keep-f32`: a regular expression.
  std::string keep;
  /// `--passes=none`: only the passes that a program needs to run.
  bool fuse = true;
  /// Of `diff`.
  std::string reference;
  std::optional<double> tolerance;
  InspectFormat format = InspectFormat::Page;
  /// What costs are counted for.
  std::optional<int64_t> tokens, past, rows;
};

/// Understands the arguments (without the program's name), or says in one
/// message what is wrong.
llvm::Expected<CommandLine>
parseCommandLine(llvm::ArrayRef<const char *> arguments);

/// Help for all of sinter, or for one subcommand.
std::string helpText(llvm::StringRef subcommand);

/// A completion script for `bash`, `zsh` or `fish`.
llvm::Expected<std::string> completionScript(llvm::StringRef shell);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_COMMANDLINE_H
