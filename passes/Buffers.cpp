//===- Buffers.cpp - Which values share memory by definition ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Buffers.h"
#include "mlir/IR/Iterators.h"
#include "passes/Partition.h"
#include "llvm/ADT/EquivalenceClasses.h"

using namespace mlir;
using namespace sinter;

Buffers::Buffers(func::FuncOp function) {
  llvm::EquivalenceClasses<Value> same;
  SmallVector<Value> results;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto repeat = dyn_cast<RepeatOp>(op)) {
      auto yield = cast<YieldOp>(repeat.getBody()->getTerminator());
      for (auto [init, argument, yielded, result] :
           llvm::zip(repeat.getInits(), repeat.getCarried(), yield.getValues(),
                     repeat.getResults())) {
        same.unionSets(init, argument);
        same.unionSets(init, yielded);
        same.unionSets(init, result);
      }
    } else if (isa<KernelOpInterface>(op)) {
      llvm::copy_if(
          op->getResults(), std::back_inserter(results),
          [](Value result) { return isa<NamedTensorType>(result.getType()); });
    }
    // What stands in a group's region has no memory.
    return isa<RowGroupOp, LinearGroupOp>(op) ? WalkResult::skip()
                                              : WalkResult::advance();
  });
  DenseMap<Value, int64_t> leaders;
  for (Value result : results) {
    auto member = same.findLeader(result);
    Value leader = member == same.member_end() ? result : *member;
    auto [entry, isNew] = leaders.try_emplace(leader, members.size());
    if (isNew) {
      members.emplace_back();
      if (member == same.member_end())
        members.back().push_back(result);
      else
        members.back().assign(member, same.member_end());
    }
    for (Value name : members[entry->second])
      numbers[name] = entry->second;
  }
}

int64_t Buffers::find(Value value) const {
  auto found = numbers.find(value);
  return found == numbers.end() ? -1 : found->second;
}
