//===- Calibration.h - How large activations are on a text ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_CALIBRATION_H
#define SINTER_TOOLS_SINTER_CALIBRATION_H

#include "tools/sinter/LoadModel.h"
#include <map>
#include <set>

namespace sinter {

/// A checkpoint's weights, and for each that activations are multiplied by, the
/// mean square of each of its inputs on a text, under the weight's name with
/// `meanSquareSuffix` (passes/Names.h).
class CalibratedWeights : public WeightSource {
public:
  /// Runs the model on a text: `module` is what `loadModel` gave. What is wrong
  /// with the text's file, or with the model for this, is the error.
  static llvm::Expected<std::unique_ptr<CalibratedWeights>>
  measure(mlir::ModuleOp module, const ModelFiles &files,
          const std::string &textPath);

  std::optional<StoredTensor> find(llvm::StringRef name) const override;
  std::vector<std::string> names() const override { return weights.names(); }
  std::string description() const override { return weights.description(); }

  /// Says in the module which weights are calibrated, for `quantize-weights`.
  void mark(mlir::ModuleOp module) const;
  /// Tokens of the text that the model was run on.
  int64_t getTokens() const { return tokens; }

private:
  explicit CalibratedWeights(const WeightSource &weights) : weights(weights) {}

  const WeightSource &weights;
  std::map<std::string, std::vector<float>, std::less<>> meanSquares;
  int64_t tokens = 0;
};

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_CALIBRATION_H
