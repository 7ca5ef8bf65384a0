//===- KernelCosts.cpp - What the kernels of an entry cost -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CostModel gives numbers for one workload; the binary needs functions of it.
// They are sums of a few quantities, so that numbers for some small workloads
// give their coefficients.
//
//===----------------------------------------------------------------------===//

#include "codegen/KernelCosts.h"
#include "ir/Sinter.h"
#include "passes/Cost.h"
#include "passes/Names.h"
#include "passes/Partition.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

namespace {

using Quantities = std::array<double, SINTER_QUANTITY_COUNT>;

/// Workloads in which no quantity is a sum of others, unless it always is. Of a
/// table with fewer rows than they have tokens all is read.
std::vector<Workload> probes() {
  std::vector<Workload> workloads;
  for (int64_t tokens : {16, 17, 19, 23})
    for (int64_t past : {0, 1, 6, 29})
      for (int64_t rows : {1, 2, 14})
        workloads.push_back(
            {tokens, past, rows, 3 + (tokens * 5 + past * 3 + rows) % 11});
  return workloads;
}

/// The quantities of a call of one sequence, as CostModel counts them.
Quantities quantitiesOf(const Workload &workload, int64_t window, bool causal) {
  const int64_t last = workload.past + workload.tokens;
  const int64_t most = window > 0 ? window : last;
  const int64_t positions = std::min(last, most + workload.tokens - 1);
  auto seenBy = [&](int64_t count) {
    if (!causal)
      return count * std::min(positions, most);
    int64_t sum = 0;
    for (int64_t seen = last - count + 1; seen <= last; ++seen)
      sum += std::min(seen, most);
    return sum;
  };
  Quantities result;
  result[SINTER_QUANTITY_ONE] = 1;
  result[SINTER_QUANTITY_TOKENS] = double(workload.tokens);
  result[SINTER_QUANTITY_ROWS] = double(workload.rows);
  result[SINTER_QUANTITY_POSITIONS] = double(positions);
  result[SINTER_QUANTITY_PAIRS] = double(seenBy(workload.tokens));
  result[SINTER_QUANTITY_ROW_PAIRS] = double(seenBy(workload.rows));
  result[SINTER_QUANTITY_SOURCE] = double(workload.source);
  result[SINTER_QUANTITY_SOURCE_PAIRS] =
      double(workload.tokens * workload.source);
  result[SINTER_QUANTITY_ROW_SOURCE_PAIRS] =
      double(workload.rows * workload.source);
  result[SINTER_QUANTITY_SCORES] = double(workload.tokens * last);
  result[SINTER_QUANTITY_ROW_SCORES] = double(workload.rows * last);
  return result;
}

/// The coefficients with which quantities make the values: Gauss's elimination.
/// Of quantities that are the same in all probes the first one counts.
Quantities solve(std::vector<Quantities> rows, std::vector<double> values) {
  constexpr double nothing = 1e-6;
  Quantities result = {};
  std::vector<int> pivots;
  for (int column = 0; column < SINTER_QUANTITY_COUNT; ++column) {
    const size_t done = pivots.size();
    size_t best = done;
    for (size_t row = done; row < rows.size(); ++row)
      if (std::fabs(rows[row][column]) > std::fabs(rows[best][column]))
        best = row;
    if (done == rows.size() || std::fabs(rows[best][column]) < nothing)
      continue;
    std::swap(rows[done], rows[best]);
    std::swap(values[done], values[best]);
    for (size_t row = 0; row < rows.size(); ++row) {
      if (row == done)
        continue;
      const double factor = rows[row][column] / rows[done][column];
      for (int other = 0; other < SINTER_QUANTITY_COUNT; ++other)
        rows[row][other] -= factor * rows[done][other];
      values[row] -= factor * values[done];
    }
    pivots.push_back(column);
  }
  // Costs are whole numbers, and so are what they grow with.
  for (auto [row, column] : llvm::enumerate(pivots))
    result[column] = std::round(values[row] / rows[row][column]);
  return result;
}

/// "a.{b,c}.weight" of "a.b.weight" and "a.c.weight".
std::string joined(ArrayRef<std::string> names) {
  if (names.size() == 1)
    return names[0];
  auto commonStart = [&](bool backwards) {
    size_t length = 0;
    for (;; ++length)
      for (const std::string &name : names) {
        if (length >= name.size())
          return length;
        auto at = [&](const std::string &text) {
          return backwards ? text[text.size() - 1 - length] : text[length];
        };
        if (at(name) != at(names[0]))
          return length;
      }
  };
  // Names are cut at dots.
  size_t front = names[0].rfind('.', commonStart(false));
  front = front == std::string::npos ? 0 : front + 1;
  std::string parts;
  for (const std::string &name : names)
    parts += (parts.empty() ? "" : ",") + name.substr(front);
  return names[0].substr(0, front) + "{" + parts + "}";
}

class Describer {
public:
  explicit Describer(func::FuncOp entry)
      : isCausal(entry->hasAttr(causalAttribute)), workloads(probes()) {
    for (const Workload &workload : workloads)
      models.emplace_back(workload);
  }

  KernelCost describe(Operation *op) {
    KernelCost cost;
    cost.name = nameOf(op);
    cost.type = typeOf(op);
    if (auto attention = dyn_cast<AttentionOp>(op))
      cost.window = int64_t(attention.getWindow().value_or(0));
    std::vector<Quantities> rows;
    std::vector<double> bytes, operations;
    for (auto [workload, model] : llvm::zip(workloads, models)) {
      rows.push_back(quantitiesOf(workload, cost.window, isCausal));
      const Cost found = model.of(op);
      bytes.push_back(double(found.bytes()));
      operations.push_back(double(found.operations));
    }
    cost.bytes = solve(rows, std::move(bytes));
    cost.operations = solve(std::move(rows), std::move(operations));
    return cost;
  }

private:
  static LinearOp contractionOf(Operation *op) {
    if (auto group = dyn_cast<LinearGroupOp>(op))
      return group.getLinear();
    return dyn_cast<LinearOp>(op);
  }

  /// What a kernel multiplies, by the name of its peak loop.
  static std::string typeOf(Operation *op) {
    LinearOp contraction = contractionOf(op);
    if (!contraction)
      return "f32";
    Type type = contraction.getWeight().getType().getElementType();
    return type.isF32() ? "f32" : type.isBF16() ? "bf16" : "int8";
  }

  static std::string nameOf(Operation *op) {
    if (LinearOp contraction = contractionOf(op))
      return nameOfContraction(op, contraction);
    if (isa<RowGroupOp>(op))
      return nameOfRows(op);
    // "sinter.attention"
    StringRef name = op->getName().stripDialect();
    return llvm::join(llvm::split(name, '_'), " ");
  }

  static std::string nameOfContraction(Operation *op, LinearOp contraction) {
    Value weight = contraction.getWeight();
    if (auto argument = dyn_cast<BlockArgument>(weight);
        argument && argument.getOwner()->getParentOp() == op)
      weight = op->getOperand(argument.getArgNumber());
    SmallVector<std::string> names;
    if (auto load = weight.getDefiningOp<ParameterLoadOp>())
      if (Operation *parameter = SymbolTable::lookupNearestSymbolFrom(
              load, load.getParameterAttr()))
        parameter->walk([&](WeightOp read) {
          Attribute name = read.getName();
          if (auto list = dyn_cast<ArrayAttr>(name))
            name = list[0];
          StringRef text = cast<StringAttr>(name).getValue();
          text.consume_back(".weight");
          // What is beside the matrix, a gain or a bias, is not its name.
          if (cast<NamedTensorType>(read.getType()).getRank() > 1 &&
              !llvm::is_contained(names, text))
            names.push_back(text.str());
        });
    if (names.empty())
      return "linear";
    return joined(names);
  }

  /// "rows: gather, add", what moves elements only left out.
  static std::string nameOfRows(Operation *op) {
    llvm::SmallSetVector<StringRef, 8> names;
    op->walk([&](Operation *inner) {
      if (inner != op && !inner->hasTrait<OpTrait::IsTerminator>() &&
          !isa<ReshapeOp, SliceOp, TransposeOp, ConstantOp, ConcatOp>(inner))
        names.insert(inner->getName().stripDialect());
    });
    constexpr size_t most = 5;
    std::string text = "rows: ";
    if (names.empty())
      return text + "copy";
    return text +
           llvm::join(ArrayRef(names.getArrayRef()).take_front(most), ", ") +
           (names.size() > most ? ", ..." : "");
  }

  bool isCausal;
  std::vector<Workload> workloads;
  std::vector<CostModel> models;
};

} // namespace

std::vector<KernelCost> sinter::costsOfKernels(func::FuncOp entry) {
  Describer describer(entry);
  std::vector<KernelCost> costs;
  // A step calls kernels in the order of the text, as long as none is in the
  // region of another.
  entry.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isKernel(op))
      return WalkResult::advance();
    costs.push_back(describer.describe(op));
    return WalkResult::skip();
  });
  return costs;
}
