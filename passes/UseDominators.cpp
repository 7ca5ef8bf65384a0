//===- UseDominators.cpp - What all uses of a value go through --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/UseDominators.h"
#include <optional>

using namespace mlir;
using namespace sinter;

UseDominators::UseDominators(Block &block) : block(&block) {
  for (Operation &op : block) {
    index[&op] = operations.size();
    operations.push_back(&op);
  }
  size_t count = operations.size(), root = count - 1;
  // Users stand behind: their dominators are known before.
  parent.assign(count, root);
  for (size_t i = root; i-- > 0;)
    parent[i] = findParent(i);

  std::vector<size_t> size(count, 1), next(count);
  for (size_t i = 0; i < root; ++i)
    size[parent[i]] += size[i];
  begin.assign(count, 0);
  end.assign(count, count);
  next[root] = 1;
  for (size_t i = root; i-- > 0;) {
    begin[i] = next[parent[i]];
    end[i] = next[parent[i]] += size[i];
    next[i] = begin[i] + 1;
  }
}

/// Where the ways up from all users meet. The root stands last.
size_t UseDominators::findParent(size_t i) const {
  std::optional<size_t> common;
  for (Operation *user : operations[i]->getUsers()) {
    size_t other = getIndex(block->findAncestorOpInBlock(*user));
    size_t here = common.value_or(other);
    while (here != other) {
      size_t &lower = here < other ? here : other;
      lower = parent[lower];
    }
    common = here;
  }
  return common.value_or(operations.size() - 1);
}

bool UseDominators::isStrictlyDominated(Operation *op, Operation *by) const {
  size_t inner = begin[getIndex(op)], outer = getIndex(by);
  return inner > begin[outer] && inner < end[outer];
}
