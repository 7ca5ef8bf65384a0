//===- Pipeline.h - All passes in their order -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_PIPELINE_H
#define SINTER_PASSES_PIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "passes/TargetDescription.h"

namespace sinter {

/// What weights are stored in, and contractions multiply: w8 and w4 are whole
/// numbers of 8 and 4 bits with scales, by rows rounded to bytes. `stored`:
/// such numbers where the checkpoint has them, f32 elsewhere.
enum class Precision { stored, f32, bf16, w8, w4 };

/// How w8 and w4 share scales.
struct Quantization {
  /// Inputs that share a scale; 0: all of a column.
  int64_t group = 0;
  /// Whether scales are f16 rather than bf16.
  bool scalesInHalf = false;
  /// Whether each group has a least value of its own, too.
  bool minimum = false;
};

llvm::StringRef nameOf(Precision precision);

/// Whether weights are whole numbers with scales.
inline bool isQuantized(Precision precision) {
  return precision == Precision::w8 || precision == Precision::w4;
}

/// What keys and values of the past are kept in.
enum class CacheType { f32, bf16, int8 };

llvm::StringRef nameOf(CacheType type);
/// Of a name; none of any other.
std::optional<CacheType> findCacheType(llvm::StringRef name);

struct PipelineOptions {
  TargetDescription target;
  Precision precision = Precision::f32;
  Quantization quantization;
  CacheType cacheType = CacheType::f32;
  /// Weights whose name this regular expression matches stay in f32.
  std::string keep;
  /// Most tokens that a call may hold. A model that sees whole sequences takes
  /// at least one whole sequence.
  int64_t maximumTokens = 512;
  /// Most rows that a call may ask for; 0: as many as tokens.
  int64_t maximumRows = 0;
  /// Whether the passes run that only make a program faster. Without them it
  /// computes the same, kernel by kernel as the spec says it.
  bool fuse = true;
};

/// From the math level, as a frontend makes it, to the kernel level, as codegen
/// takes it.
void buildPipeline(mlir::OpPassManager &manager,
                   const PipelineOptions &options);

/// The first passes of it: up to functions that have their names and attention
/// as one, while weights are still plain matrices.
void buildMathPipeline(mlir::OpPassManager &manager);

/// `--sinter-pipeline` for tools.
void registerPipeline();

} // namespace sinter

#endif // SINTER_PASSES_PIPELINE_H
