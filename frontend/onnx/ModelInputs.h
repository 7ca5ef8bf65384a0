//===- ModelInputs.h - What the inputs of a model stand for -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_ONNX_MODELINPUTS_H
#define SINTER_FRONTEND_ONNX_MODELINPUTS_H

#include "frontend/onnx/Importer.h"

namespace sinter::onnx {

/// The lengths of a model's sequence and of an encoder's source.
inline constexpr const char *sequenceLength = "T", *sourceLength = "S";
/// Where neither the graph nor its config bounds a sequence.
inline constexpr int64_t unboundedContext = 4096;

/// What exporters call things: names as PyTorch's and Keras's models have them.
bool isTokens(llvm::StringRef name);
bool isSegments(llvm::StringRef name);
bool isMask(llvm::StringRef name);
bool isPositions(llvm::StringRef name);
bool isPast(llvm::StringRef name);

/// Gives the inputs of one graph their meaning: arguments of the function that
/// it becomes, or what is known of them while importing.
class ModelInputs {
public:
  ModelInputs(mlir::func::FuncOp function, Importer &importer)
      : function(function), importer(importer) {}

  /// A new argument of the function, `[length]` integers of this kind; or that
  /// one, where it is there already.
  mlir::Value getArgument(llvm::StringRef kind, llvm::StringRef name);
  /// `[batch, sequence]` of integers: one sequence.
  mlir::LogicalResult defineTokens(const ValueInfo &input,
                                   llvm::StringRef kind);
  /// A past of no positions, whatever the order of its axes.
  mlir::LogicalResult definePast(const ValueInfo &input);
  /// Everybody is there: whole sequences have no padding.
  mlir::LogicalResult defineMask(const ValueInfo &input,
                                 llvm::StringRef length);
  void definePositions(const ValueInfo &input, llvm::StringRef length);
  mlir::LogicalResult fail(const ValueInfo &input, const llvm::Twine &message) {
    return importer.failAt("input '" + input.name + "'", message);
  }

private:
  mlir::func::FuncOp function;
  Importer &importer;
};

/// Whether this is an opset that is known; says so where it is not.
mlir::LogicalResult checkOpset(const OnnxFile &file,
                               llvm::raw_ostream &messages);
/// A module with an empty function, and the builder at its beginning.
mlir::func::FuncOp startFunction(mlir::OpBuilder &builder,
                                 mlir::OwningOpRef<mlir::ModuleOp> &module,
                                 llvm::StringRef name);
/// Ends the function with these results.
void finishFunction(mlir::OpBuilder &builder, mlir::func::FuncOp function,
                    mlir::ValueRange results);
/// The module, unless the verifier refuses what should not be possible.
mlir::OwningOpRef<mlir::ModuleOp>
verified(mlir::OwningOpRef<mlir::ModuleOp> module, const OnnxFile &file,
         llvm::raw_ostream &messages);

} // namespace sinter::onnx

#endif // SINTER_FRONTEND_ONNX_MODELINPUTS_H
