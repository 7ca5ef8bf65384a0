//===- VerifyNumerics.cpp - Checks every pass by running it -----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/VerifyNumerics.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Experiment.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

namespace {

/// Two numbers that should be one.
struct Difference {
  RowKey key;
  size_t element;
  double before, after;
  /// In units of what is tolerated.
  double excess;
};

/// What a comparison of two sets of rows came to.
struct Comparison {
  /// How many numbers were compared: rows that only one side has are not.
  size_t compared = 0;
  /// The largest, if any is beyond the tolerance.
  std::optional<Difference> difference;
};

/// How far f32 rounding moves each row: the condition of what computes it, by
/// experiment. A few samples are enough for its size.
struct Noise {
  static constexpr uint64_t samples = 3;
  /// How much further than the samples a pass may move a row. It may round
  /// elsewhere, as with a constant that stands for another, but not pile it up.
  static constexpr double factor = 8;

  /// Takes in one sample of rows that are `exact` without rounding.
  void add(const Rows &exact, const Rows &rounded);
  double of(const RowKey &key) const {
    auto found = sizes.find(key);
    return found == sizes.end() ? 0 : found->second;
  }

private:
  std::map<RowKey, double> sizes;
};

} // namespace

void Noise::add(const Rows &exact, const Rows &rounded) {
  for (const auto &[key, row] : rounded) {
    auto match = exact.find(key);
    if (match == exact.end() || match->second.size() != row.size())
      continue;
    double &size = sizes[key];
    for (auto [x, y] : llvm::zip(match->second, row))
      if (std::isfinite(x) && std::isfinite(y))
        size = std::max(size, std::fabs(x - y));
  }
}

/// What f64 may leave where everything cancels, and normalizations in a row
/// have enlarged what was left: still less than f32 could hold beside one.
static constexpr double nothing = 1e-7;

static Comparison compare(const Rows &before, const Rows &after,
                          double tolerance, const Noise &noise) {
  Comparison comparison;
  double squares = 0;
  size_t finite = 0;
  for (const auto &[key, row] : before)
    for (double x : row)
      if (std::isfinite(x)) {
        squares += x * x;
        ++finite;
      }
  double size = finite == 0 ? 0 : std::sqrt(squares / finite);
  for (const auto &[key, row] : after) {
    auto match = before.find(key);
    if (match == before.end() || match->second.size() != row.size())
      continue;
    double rounding = Noise::factor * noise.of(key);
    for (size_t element = 0; element < row.size(); ++element) {
      double x = match->second[element], y = row[element];
      ++comparison.compared;
      if (x == y || (std::isnan(x) && std::isnan(y)))
        continue;
      double allowed =
          tolerance * std::max(size, std::fabs(x)) + rounding + nothing;
      double excess = std::fabs(x - y) / allowed;
      if (!std::isfinite(x) || !std::isfinite(y))
        excess = std::numeric_limits<double>::infinity();
      if (excess > 1 &&
          (!comparison.difference || excess > comparison.difference->excess))
        comparison.difference = {key, element, x, y, excess};
    }
  }
  return comparison;
}

static std::string text(const Difference &difference) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "element " << difference.element;
  if (difference.key.first >= 0)
    stream << " of position " << difference.key.second << " of sequence "
           << difference.key.first;
  stream << " was " << llvm::format("%.9g", difference.before) << " and is "
         << llvm::format("%.9g", difference.after);
  return text;
}

/// The shape of a value without its dimensions' names, so that it is the same
/// before and after its function was made ragged.
static std::string shapeOf(const TracedValue &value) {
  auto type =
      cast<NamedTensorType>(value.op->getResult(value.result).getType());
  std::string shape;
  for (Dimension dim : type.getShape()) {
    shape += dim.isStatic() ? std::to_string(dim.getSize()) : "T";
    shape += ",";
  }
  return shape;
}

/// The first value after the pass that no value before it equals, of those that
/// stood at the same location, in the same layer, with the same shape. Values
/// without such a counterpart are passed over.
static const TracedValue *findFirstChange(const Run &before, const Run &after,
                                          double tolerance,
                                          ArrayRef<Noise> noises,
                                          std::optional<Difference> &change) {
  for (const TracedValue &value : after.trace) {
    bool hasCounterpart = false, isEqual = false;
    for (auto [candidate, noise] : llvm::zip(before.trace, noises)) {
      if (candidate.op->getLoc() != value.op->getLoc() ||
          candidate.layer != value.layer ||
          shapeOf(candidate) != shapeOf(value))
        continue;
      Comparison comparison =
          compare(candidate.rows, value.rows, tolerance, noise);
      if (comparison.compared == 0)
        continue;
      hasCounterpart = true;
      isEqual = isEqual || !comparison.difference;
      if (comparison.difference)
        change = comparison.difference;
    }
    if (hasCounterpart && !isEqual)
      return &value;
  }
  return nullptr;
}

namespace {

class VerifyNumerics : public PassInstrumentation {
public:
  explicit VerifyNumerics(VerifyNumericsOptions options) : options(options) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    ModuleOp module = getModule(pass, op);
    if (!module || isDone)
      return;
    if (!experiment && failed(start(module))) {
      isDone = true;
      signalPassFailure(pass);
      return;
    }
    before = cast<ModuleOp>(module->clone());
  }

  void runAfterPass(Pass *pass, Operation *op) override {
    ModuleOp module = getModule(pass, op);
    if (!module || isDone || !experiment)
      return;
    StringRef name = pass->getArgument();
    bool quantizes = name == "quantize-weights";
    bool rounds =
        quantizes || name == "reduce-precision" || name == "reduce-caches";
    double tolerance = quantizes ? options.quantizingTolerance
                       : rounds  ? options.roundingTolerance
                                 : options.tolerance;
    if (failed(check(module, name, tolerance)) ||
        (rounds && failed(start(module)))) {
      isDone = true;
      signalPassFailure(pass);
    }
  }

private:
  /// Passes that only hold others have no name of their own.
  static ModuleOp getModule(Pass *pass, Operation *op) {
    if (pass->getArgument().empty())
      return {};
    auto module = dyn_cast<ModuleOp>(op);
    return module ? module : op->getParentOfType<ModuleOp>();
  }

  /// What passes are compared with is what comes out now: at first, and behind
  /// a pass that rounds on purpose.
  LogicalResult start(ModuleOp module) {
    if (!experiment)
      experiment.emplace(module, options.seed);
    FailureOr<std::vector<Run>> runs = experiment->run(module);
    if (failed(runs))
      return emitError(module.getLoc(),
                       "--verify-numerics: the program cannot be evaluated");
    baseline = std::move(runs->front());
    for (uint64_t sample = 1; sample <= Noise::samples; ++sample)
      if (FailureOr<Run> rounded = experiment->runRounded(module, sample);
          succeeded(rounded))
        for (const auto &[name, rows] : baseline.findings)
          noise[name].add(rows, rounded->findings[name]);
    for (const Run &run : *runs)
      if (failed(checkRun(module, "", run, options.tolerance)))
        return failure();
    return success();
  }

  /// Compares with what was found before the first pass, so that small changes
  /// do not add up unnoticed.
  /// Without a pass, the input itself is checked.
  LogicalResult checkRun(ModuleOp module, StringRef pass, const Run &run,
                         double tolerance, size_t *compared = nullptr) {
    for (const auto &[name, rows] : run.findings) {
      auto known = baseline.findings.find(name);
      if (known == baseline.findings.end())
        continue;
      Comparison comparison =
          compare(known->second, rows, tolerance, noise[name]);
      if (compared)
        *compared += comparison.compared;
      if (!comparison.difference)
        continue;
      InFlightDiagnostic error = emitError(module.getLoc());
      error << "--verify-numerics: ";
      if (pass.empty())
        error << "before the first pass, " << name << " depends on how it is "
              << "called";
      else
        error << "'" << pass << "' changed " << name;
      return error << ": " << text(*comparison.difference) << " (" << run.way
                   << ")";
    }
    return success();
  }

  LogicalResult check(ModuleOp module, StringRef pass, double tolerance) {
    FailureOr<std::vector<Run>> runs = experiment->run(module);
    if (failed(runs))
      return emitError(module.getLoc()) << "--verify-numerics: after '" << pass
                                        << "' the program cannot be evaluated";
    size_t compared = 0;
    for (const Run &run : *runs)
      if (failed(checkRun(module, pass, run, tolerance, &compared))) {
        nameFirstChange(module, run.way, tolerance);
        return failure();
      }
    if (compared == 0 && !baseline.findings.empty())
      emitWarning(module.getLoc())
          << "--verify-numerics: no result before the first "
             "pass has a counterpart after '"
          << pass << "'";
    return success();
  }

  void nameFirstChange(ModuleOp module, StringRef way, double tolerance) {
    FailureOr<Run> was = experiment->trace(before.get(), way),
                   is = experiment->trace(module, way);
    if (failed(was) || failed(is))
      return;
    std::vector<Noise> noises(was->trace.size());
    for (uint64_t sample = 1; sample <= Noise::samples; ++sample) {
      FailureOr<Run> rounded = experiment->trace(
          before.get(), way, Experiment::roundedAtRandom(sample));
      if (failed(rounded) || rounded->trace.size() != noises.size())
        return;
      for (auto [index, value] : llvm::enumerate(rounded->trace))
        noises[index].add(was->trace[index].rows, value.rows);
    }
    std::optional<Difference> change;
    const TracedValue *value =
        findFirstChange(*was, *is, tolerance, noises, change);
    if (!value) {
      emitRemark(module.getLoc(),
                 "no operation could be matched with one before the "
                 "pass at the same location and with the same shape");
      return;
    }
    InFlightDiagnostic remark = emitRemark(value->op->getLoc());
    remark << "the first value that changed is that of '"
           << value->op->getName() << "' here";
    if (value->layer >= 0)
      remark << ", in layer " << value->layer;
    remark << ": " << text(*change);
  }

  VerifyNumericsOptions options;
  std::optional<Experiment> experiment;
  Run baseline;
  /// Of the baseline's findings.
  std::map<std::string, Noise> noise;
  /// The module before the pass that runs now.
  OwningOpRef<ModuleOp> before;
  /// After the first finding nothing more can be said.
  bool isDone = false;
};

} // namespace

void sinter::enableVerifyNumerics(PassManager &manager,
                                  VerifyNumericsOptions options) {
  manager.getContext()->disableMultithreading();
  manager.addInstrumentation(std::make_unique<VerifyNumerics>(options));
}
