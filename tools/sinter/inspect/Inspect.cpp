//===- Inspect.cpp - What every pass did to a model -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/inspect/Inspect.h"
#include "codegen/Link.h"
#include "codegen/Target.h"
#include "frontend/Frontend.h"
#include "mlir/IR/MLIRContext.h"
#include "passes/Names.h"
#include "passes/Pipeline.h"
#include "tools/sinter/Compile.h"
#include "tools/sinter/LoadModel.h"
#include "tools/sinter/Tiles.h"
#include "tools/sinter/inspect/Report.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace sinter;

/// The call that costs are counted for: one token behind half of the context,
/// or a whole sequence where there are no parts.
static Workload chooseWorkload(mlir::ModuleOp module, const CommandLine &line) {
  auto read = [&](llvm::StringRef name) {
    auto attribute = module->getAttrOfType<mlir::IntegerAttr>(name);
    return attribute ? attribute.getInt() : 0;
  };
  auto head = module->getAttrOfType<mlir::StringAttr>(headAttributeName);
  bool isWhole = head && head.getValue() != "next_token" &&
                 head.getValue() != "encoder_decoder";
  int64_t context = std::max<int64_t>(1, read(contextAttribute));
  Workload workload;
  workload.tokens =
      line.tokens.value_or(isWhole ? std::min<int64_t>(context, 512) : 1);
  workload.past =
      line.past.value_or(isWhole ? 0 : std::min<int64_t>(context, 1024) - 1);
  workload.rows = line.rows.value_or(isWhole ? workload.tokens : 1);
  workload.source = std::min<int64_t>(read(sourceContextAttribute), 512);
  return workload;
}

static std::string textAttribute(mlir::ModuleOp module, llvm::StringRef name) {
  auto attribute = module->getAttrOfType<mlir::StringAttr>(name);
  return attribute ? attribute.getValue().str() : "";
}

static llvm::Error write(const Report &report, const CommandLine &line) {
  auto print = [&](llvm::raw_ostream &stream) {
    switch (line.format) {
    case InspectFormat::Page:
      stream << toPage(report);
      break;
    case InspectFormat::Json:
      stream << toJson(report) << '\n';
      break;
    case InspectFormat::Dot:
      writeDot(report, stream);
      break;
    case InspectFormat::MLIR:
      writeIR(report, stream);
      break;
    case InspectFormat::Table:
      llvm_unreachable("a page is no table");
    }
  };
  std::string output = line.output;
  if (output.empty())
    output = line.format == InspectFormat::Page ? report.model + ".html" : "-";
  if (output == "-") {
    print(llvm::outs());
    return llvm::Error::success();
  }
  return writeFile(output, [&](llvm::raw_pwrite_stream &stream) {
    print(stream);
    return llvm::Error::success();
  });
}

llvm::Error sinter::inspectModel(const CommandLine &line) {
  llvm::Expected<std::vector<TargetDescription>> targets = targetsOf(line);
  if (!targets)
    return targets.takeError();
  const TargetDescription &target = targets->front();
  llvm::Expected<ModelFiles> files = openModel(line.operand);
  if (!files)
    return files.takeError();

  Report report;
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<SinterDialect, mlir::func::FuncDialect>();
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context, llvm::errs());
  if (llvm::Error problem = report.remarks.listenTo(context, ""))
    return problem;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      loadModel(context, *files, line, llvm::errs());
  if (!module)
    return llvm::make_error<ReportedError>();
  if (!line.context)
    limitContext(*module, [](const llvm::Twine &) {});

  report.model = files->folder.name;
  report.architecture = textAttribute(*module, architectureAttributeName);
  report.cpu = target.cpu;
  report.compiler = std::string("sinter ") + SINTER_VERSION;
  report.fused = line.fuse;
  report.workload = chooseWorkload(*module, line);
  if (report.workload.rows > report.workload.tokens)
    return llvm::createStringError(
        "--rows: %lld rows of %lld tokens cannot be asked for",
        static_cast<long long>(report.workload.rows),
        static_cast<long long>(report.workload.tokens));
  PipelineOptions options;
  options.target = target;
  options.precision = precisionOf(line, *files);
  options.quantization = line.quantization();
  options.cacheType = line.cacheType;
  options.keep = line.keep;
  options.fuse = line.fuse;
  if (line.maximumTokens)
    options.maximumTokens = *line.maximumTokens;
  Recorder recorder(*module, report.workload,
                    line.format == InspectFormat::MLIR);
  mlir::PassManager passes(&context);
  recorder.listenTo(passes);
  buildPipeline(passes, options);
  if (mlir::failed(passes.run(*module)))
    return llvm::make_error<ReportedError>();
  report.stages = recorder.takeStages();
  report.remarks.sort();
  report.memory = recordMemory(*module);
  if (auto bytes =
          (*module)->getAttrOfType<mlir::IntegerAttr>(weightsBytesAttribute))
    report.weightBytes = bytes.getInt();
  return write(report, line);
}
