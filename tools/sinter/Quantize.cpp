//===- Quantize.cpp - What weights of few bits lose -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Quantize.h"
#include "codegen/Parameters.h"
#include "codegen/Target.h"
#include "frontend/huggingface/Json.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Names.h"
#include "passes/Pipeline.h"
#include "tools/sinter/Calibration.h"
#include "tools/sinter/Compile.h"
#include "tools/sinter/LoadModel.h"
#include "tools/sinter/Tiles.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/SourceMgr.h"

using namespace sinter;

namespace {

/// One layer of one weight, or of several that one contraction multiplies.
struct Row {
  std::string name;
  PackedType type;
  QuantizationError error;

  int64_t elements() const { return type.getInputs() * type.getOutputs(); }
};

} // namespace

/// "a + b" of the weights that a parameter is made of.
static std::string nameOf(ParameterOp parameter, int64_t layer) {
  llvm::SmallVector<std::string> names;
  parameter->walk([&](WeightOp weight) {
    if (!llvm::StringRef(weight.getLabel()).ends_with(meanSquareSuffix))
      names.push_back(llvm::cantFail(weight.getNameAt(layer)));
  });
  return llvm::join(names, " + ");
}

static llvm::Expected<std::vector<Row>> measure(mlir::ModuleOp module,
                                                const WeightSource &weights) {
  std::vector<Row> rows;
  for (auto parameter : module.getOps<ParameterOp>()) {
    auto type = mlir::dyn_cast<PackedType>(parameter.getType());
    if (!type || !type.getQuantized())
      continue;
    for (int64_t layer = 0; layer < int64_t(parameter.getLayers()); ++layer) {
      llvm::Expected<QuantizationError> error =
          measureQuantization(parameter, layer, weights);
      if (!error)
        return error.takeError();
      rows.push_back({nameOf(parameter, layer), type, *error});
    }
  }
  return rows;
}

static Row sumOf(llvm::ArrayRef<Row> rows) {
  Row sum{"all", {}, {}};
  for (const Row &row : rows)
    sum.error += row.error;
  return sum;
}

static double bytesOf(llvm::ArrayRef<Row> rows) {
  double bytes = 0;
  for (const Row &row : rows)
    bytes += double(row.type.getBytes());
  return bytes;
}

static void printTable(const CommandLine &line, llvm::ArrayRef<Row> rows,
                       llvm::raw_ostream &stream) {
  size_t width = 6;
  for (const Row &row : rows)
    width = std::max(width, row.name.size());
  auto print = [&](const Row &row, const std::string &shape, double bits) {
    const QuantizationError &error = row.error;
    stream << llvm::left_justify(row.name, width)
           << llvm::right_justify(shape, 16) << llvm::format("%8.2f", bits)
           << llvm::format("%12.3f %%",
                           100 * QuantizationError::relative(error.distances,
                                                             error.weights))
           << llvm::format("%12.3f %%",
                           100 * QuantizationError::relative(error.ofNearest,
                                                             error.weights))
           << llvm::format("%14.3g\n", double(error.largest));
  };
  stream
      << llvm::left_justify("weight", width)
      << "           shape    bits  relative RMS   of nearest       largest\n";
  double elements = 0;
  for (const Row &row : rows) {
    elements += double(row.elements());
    print(row,
          "[" + std::to_string(row.type.getInputs()) + ", " +
              std::to_string(row.type.getOutputs()) + "]",
          8.0 * double(row.type.getBytes()) / double(row.elements()));
  }
  double bytes = bytesOf(rows);
  print(sumOf(rows), "", elements > 0 ? 8 * bytes / elements : 0);
  stream << llvm::format("%.1f MB in %s, of %.1f MB in f32\n", bytes / 1e6,
                         nameOf(line.precision).str().c_str(),
                         4 * elements / 1e6);
}

static nlohmann::ordered_json asJson(const QuantizationError &error) {
  nlohmann::ordered_json json;
  json["relative_rms"] =
      QuantizationError::relative(error.distances, error.weights);
  json["relative_rms_of_nearest"] =
      QuantizationError::relative(error.ofNearest, error.weights);
  json["largest"] = error.largest;
  return json;
}

static void printJson(const CommandLine &line, llvm::ArrayRef<Row> rows,
                      llvm::raw_ostream &stream) {
  nlohmann::ordered_json json;
  json["precision"] = nameOf(line.precision);
  json["group_size"] = line.quantization().group;
  json["scale_type"] = line.quantization().scalesInHalf ? "f16" : "bf16";
  json["asymmetric"] = line.quantization().minimum;
  json["bytes"] = bytesOf(rows);
  json["all"] = asJson(sumOf(rows).error);
  for (const Row &row : rows) {
    nlohmann::ordered_json weight;
    weight["name"] = row.name;
    weight["shape"] = {row.type.getInputs(), row.type.getOutputs()};
    weight["bytes"] = row.type.getBytes();
    weight.update(asJson(row.error));
    json["weights"].push_back(std::move(weight));
  }
  stream << json.dump(2) << '\n';
}

llvm::Error sinter::reportQuantization(const CommandLine &line) {
  llvm::Expected<std::vector<TargetDescription>> targets = targetsOf(line);
  if (!targets)
    return targets.takeError();
  llvm::Expected<ModelFiles> files = openModel(line.operand);
  if (!files)
    return files.takeError();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<SinterDialect, mlir::func::FuncDialect>();
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context, llvm::errs());
  mlir::OwningOpRef<mlir::ModuleOp> module =
      loadModel(context, *files, line, llvm::errs());
  if (!module)
    return llvm::make_error<ReportedError>();
  std::unique_ptr<CalibratedWeights> calibrated;
  if (!line.calibration.empty()) {
    llvm::Expected<std::unique_ptr<CalibratedWeights>> measured =
        CalibratedWeights::measure(*module, *files, line.calibration);
    if (!measured)
      return measured.takeError();
    calibrated = std::move(*measured);
    calibrated->mark(*module);
  }
  PipelineOptions options;
  options.target = targets->front();
  options.precision = line.precision;
  options.quantization = line.quantization();
  options.keep = line.keep;
  mlir::PassManager passes(&context);
  buildPipeline(passes, options);
  if (mlir::failed(passes.run(*module)))
    return llvm::make_error<ReportedError>();
  llvm::Expected<std::vector<Row>> rows =
      measure(*module, calibrated ? *calibrated : files->weights());
  if (!rows)
    return rows.takeError();
  if (line.format == InspectFormat::Json)
    printJson(line, *rows, llvm::outs());
  else
    printTable(line, *rows, llvm::outs());
  return llvm::Error::success();
}
