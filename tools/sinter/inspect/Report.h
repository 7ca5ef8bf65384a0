//===- Report.h - What is known of a run of the passes ----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INSPECT_REPORT_H
#define SINTER_TOOLS_SINTER_INSPECT_REPORT_H

#include "tools/sinter/inspect/Record.h"

namespace sinter {

/// A buffer of an entry's arena: where it lies, and in which phases (what runs
/// between two barriers) it holds something.
struct BufferRecord {
  std::string name; ///< The op that writes it first.
  int64_t offset = 0, size = 0;
  std::vector<std::pair<int64_t, int64_t>> phases; ///< First to last.
};

struct MemoryRecord {
  std::string function;
  int64_t arena = 0, phases = 0, barriers = 0;
  std::vector<BufferRecord> buffers;
};

/// The plans of all entries of a planned module.
std::vector<MemoryRecord> recordMemory(mlir::ModuleOp module);

struct Report {
  std::string model, architecture, cpu, compiler;
  bool fused = true;
  Workload workload;
  std::vector<StageRecord> stages;
  RemarkLog remarks;
  std::vector<MemoryRecord> memory;
  int64_t weightBytes = 0;
};

/// The last stage that has functions, at or before `index`.
const StageRecord &stageWithFunctions(const Report &report, size_t index);
/// The stage that costs are compared with: entries, with every op by itself.
size_t unfusedStage(const Report &report);

std::string toJson(const Report &report);
/// One self-contained page.
std::string toPage(const Report &report);
/// The kernels of the last stage, for Graphviz.
void writeDot(const Report &report, llvm::raw_ostream &stream);
/// The IR after every pass, under headings.
void writeIR(const Report &report, llvm::raw_ostream &stream);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INSPECT_REPORT_H
