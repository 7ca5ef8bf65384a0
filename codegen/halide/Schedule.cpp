//===- Schedule.cpp - Where and in which order values are computed --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Plan.h"
#include "codegen/halide/RowBuilder.h"
#include <algorithm>

using namespace Halide;

namespace sinter::rows {

/// Vectorizes a loop over a whole axis: nothing outside is written or read.
void RowBuilder::vectorize(Stage stage, const Var &variable, const Size &size,
                           TailStrategy tail) {
  if (!size.isStatic()) {
    stage.vectorize(variable, lanes, TailStrategy::GuardWithIf);
    return;
  }
  int width = lanes;
  while (width > size.number)
    width /= 2;
  if (width > 1)
    stage.vectorize(variable, width, tail);
}

/// Where kept values are computed: within the innermost loop of the root, the
/// vectors aside, on which they depend, so that each is computed once.
void RowBuilder::schedule(Func func, const std::vector<Var> &arguments,
                          const std::vector<Size> &sizes) {
  // Loops are numbered from the outermost, 0; -1 stands before all of them.
  int count = arguments.size();
  using Loops = std::set<int>;
  std::map<int, std::map<std::string, Loops>> loopsOf;
  std::map<int, int> levels;
  for (int i = 0; i < count; ++i)
    loopsOf[rootReader][arguments[i].name()] = {count - 1 - i};
  int innermost = count - 2;
  levels[rootReader] = innermost;

  for (size_t position = order.size(); position-- > 0;) {
    int value = order[position];
    Kept &producer = kept.at(value);
    int level = -1, bound = innermost;
    std::vector<Loops> loops(producer.arguments.size());
    for (const Kept::Use &use : producer.uses) {
      bound = std::min(bound, levels.at(use.reader));
      for (size_t i = 0; i < loops.size(); ++i)
        for (const std::string &name : use.variables[i]) {
          const Loops &more = loopsOf[use.reader][name];
          loops[i].insert(more.begin(), more.end());
        }
    }
    for (size_t i = 0; i < loops.size(); ++i) {
      loopsOf[value][producer.arguments[i].name()] = loops[i];
      for (int loop : loops[i])
        if (loop <= innermost)
          level = std::max(level, loop);
    }
    level = std::min(level, bound);
    levels[value] = level;
    // An axis that depends on no loop around is computed whole.
    std::vector<bool> whole;
    for (const Loops &own : loops)
      whole.push_back(own.empty() || *own.begin() > level);
    scheduleKept(value,
                 level < 0 ? LoopLevel::root()
                           : LoopLevel(func, arguments[count - 1 - level]),
                 whole);
  }

  if (count == 0)
    return;
  if (sizes[0].isStatic()) {
    // Shifted inwards, the last vector would compute elements again from what
    // stands in their place now.
    vectorize(func, arguments[0], sizes[0],
              program.outputs[output].inPlace ? TailStrategy::GuardWithIf
                                              : TailStrategy::ShiftInwards);
    return;
  }
  // A row that is shorter than a vector is computed element by element.
  func.specialize(sizeOf(sizes[0]) >= lanes)
      .vectorize(arguments[0], lanes, TailStrategy::ShiftInwards);
}

void RowBuilder::scheduleKept(int value, const LoopLevel &level,
                              const std::vector<bool> &whole) {
  Kept &own = kept.at(value);
  const Tensor &type = operation(value).type;
  Func &func = own.func;
  func.compute_at(level);
  bool fixed = true;
  auto isWhole = [&](size_t i) {
    return whole[i] && type.shape[own.axes[i]].isStatic();
  };
  for (size_t i = 0; i < own.arguments.size(); ++i) {
    fixed &= isWhole(i);
    if (isWhole(i))
      func.bound(own.arguments[i], 0, int32_t(type.shape[own.axes[i]].number));
  }
  // Halide itself puts less on the stack.
  if (fixed && rowElements(type) <= smallRow)
    func.store_in(MemoryType::Stack);
  bool vectors = !own.arguments.empty() && whole[0];
  if (vectors && own.lanes == 0)
    vectorize(func, own.arguments[0], type.shape[own.axes[0]]);
  if (!own.partial.defined())
    return;

  Func &partial = own.partial;
  if (own.lanes > 0) {
    if (own.arguments.empty())
      partial.compute_at(level);
    else
      partial.compute_at(func, own.arguments[0]);
    partial.bound(own.lane, 0, own.lanes);
    if (own.lanes > 1) {
      partial.vectorize(own.lane, own.lanes);
      for (int i = 0; i < partial.num_update_definitions(); ++i)
        partial.update(i).vectorize(own.lane, own.lanes);
    }
    return;
  }
  partial.compute_at(level);
  for (size_t i = 0; i < own.arguments.size(); ++i)
    if (isWhole(i))
      partial.bound(own.arguments[i], 0,
                    int32_t(type.shape[own.axes[i]].number));
  if (!vectors)
    return;
  partial.update().reorder(own.arguments[0], own.reduced);
  vectorize(partial, own.arguments[0], type.shape[own.axes[0]]);
  partial.update().vectorize(own.arguments[0], lanes,
                             TailStrategy::GuardWithIf);
}

} // namespace sinter::rows
