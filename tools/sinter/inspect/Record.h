//===- Record.h - A program after every pass --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INSPECT_RECORD_H
#define SINTER_TOOLS_SINTER_INSPECT_RECORD_H

#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Cost.h"
#include "tools/sinter/Remarks.h"
#include <map>
#include <string>
#include <vector>

namespace sinter {

/// One operation, or one input of a function, at one stage.
struct OpRecord {
  int64_t id = 0;
  int64_t parent = -1; ///< The layers or the kernel that it stands in.
  int64_t runs = 1;    ///< In how many layers.
  bool isKernel = false, isChanged = false;
  std::string name, text;
  std::vector<std::string> types; ///< Of the results.
  std::vector<int64_t> inputs;    ///< Whose results it takes.
  std::vector<std::string> weights;
  std::vector<SourcePlace> places;
  /// Of one run; within a kernel bytes are none.
  Cost cost;
};

struct FunctionRecord {
  std::string name;
  std::vector<OpRecord> ops;
  Cost cost;
};

struct StageRecord {
  std::string pass, description;
  std::vector<FunctionRecord> functions;
  /// Whether any op is new or takes other inputs than before.
  bool isChanged = false;
  std::string ir; ///< If it was asked for.
};

/// Takes down what a function is now, and marks the ops that none of `before`
/// equals.
FunctionRecord recordFunction(mlir::func::FuncOp function,
                              const Workload &workload,
                              const std::vector<FunctionRecord> &before);

/// Listens to a pass manager. Stages are in the order of the passes; the first
/// is the program before any.
class Recorder {
public:
  Recorder(mlir::ModuleOp module, const Workload &workload, bool keepsText);
  void listenTo(mlir::PassManager &manager);
  /// After the passes have run: stages without change lose their functions.
  std::vector<StageRecord> takeStages();

private:
  struct Instrumentation;
  void record(mlir::Pass &pass, mlir::Operation *op);
  std::string textOf(mlir::Operation *op) const;

  mlir::ModuleOp module;
  Workload workload;
  bool keepsText;
  std::vector<StageRecord> stages;
  std::map<const mlir::Pass *, size_t> stageOf;
};

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INSPECT_RECORD_H
