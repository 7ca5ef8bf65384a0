//===- Plan.cpp - Which values of a group are kept ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Plan.h"
#include <algorithm>
#include <set>

namespace sinter::rows {

bool isReduction(Kind kind) {
  return kind == Kind::ReduceSum || kind == Kind::ReduceMax ||
         kind == Kind::ReduceMean || kind == Kind::Matmul;
}

bool isLayout(Kind kind) { return kind >= Kind::Transpose; }

/// Additions that one element of a value costs, its operands not counted.
static int64_t costOf(Kind kind) {
  switch (kind) {
  case Kind::Exp:
  case Kind::Log:
  case Kind::Tanh:
  case Kind::Erf:
    return 20;
  case Kind::Sin:
  case Kind::Cos:
    return 40;
  case Kind::Pow:
    return 100;
  case Kind::Sqrt:
  case Kind::Rsqrt:
  case Kind::Div:
  case Kind::Mod:
    return 4;
  case Kind::Input:
  case Kind::Constant:
  case Kind::Iota:
  case Kind::Transpose:
  case Kind::Reshape:
  case Kind::Broadcast:
  case Kind::Slice:
    return 0;
  default:
    return 1;
  }
}

int64_t rowElements(const Tensor &type) {
  int row = findRowAxis(type);
  int64_t elements = 1;
  for (size_t axis = 0; axis < type.shape.size(); ++axis) {
    if (int(axis) == row)
      continue;
    if (!type.shape[axis].isStatic() ||
        __builtin_mul_overflow(elements, type.shape[axis].number, &elements))
      return -1;
  }
  return elements;
}

std::vector<bool> chooseKept(const RowProgram &program, int root,
                             int64_t most) {
  // An expression deeper than this would exhaust the recursions that walk it.
  constexpr int64_t deepest = 100;
  constexpr int64_t mostCost = 1 << 20;

  const auto &operations = program.operations;
  size_t count = operations.size();
  std::vector<bool> reached(count);
  reached[root] = true;
  std::vector<std::vector<int>> users(count);
  for (int value = root; value >= 0; --value) {
    if (!reached[value])
      continue;
    for (int operand : operations[value].operands) {
      reached[operand] = true;
      users[operand].push_back(value);
    }
  }

  // Upwards: what computing one element costs if nothing is kept but
  // reductions.
  std::vector<bool> kept(count);
  std::vector<int64_t> cost(count), depth(count);
  for (size_t value = 0; value < count; ++value) {
    const Operation &op = operations[value];
    if (!reached[value] || op.kind == Kind::Input)
      continue;
    cost[value] = costOf(op.kind);
    for (int operand : op.operands) {
      cost[value] = std::min(cost[value] + cost[operand], mostCost);
      depth[value] = std::max(depth[value], depth[operand] + 1);
    }
    if (isReduction(op.kind) || depth[value] >= deepest) {
      kept[value] = true;
      cost[value] = depth[value] = 0;
    }
  }

  // Downwards: a value that is computed in several places is kept where that is
  // cheaper. A place is a kept value, or the root.
  std::vector<std::set<int>> places(count);
  places[root] = {root};
  for (int value = root - 1; value >= 0; --value) {
    if (!reached[value])
      continue;
    bool moved = false;
    for (int user : users[value]) {
      if (kept[user])
        places[value].insert(user);
      else
        places[value].insert(places[user].begin(), places[user].end());
      moved |= isLayout(operations[user].kind);
    }
    bool again = places[value].size() > 1 || (moved && users[value].size() > 1);
    int64_t elements = rowElements(operations[value].type);
    bool small = elements >= 0 && elements <= smallRow;
    bool fits = most < 0 || (elements >= 0 && elements <= most);
    if (!kept[value] && again && fits && cost[value] >= (small ? 2 : 256))
      kept[value] = true;
  }
  return kept;
}

} // namespace sinter::rows
