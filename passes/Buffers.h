//===- Buffers.h - Which values share memory by definition ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_BUFFERS_H
#define SINTER_PASSES_BUFFERS_H

#include "ir/Sinter.h"

namespace sinter {

/// The buffers of an entry. Each result of a kernel has one; what layers carry
/// is one buffer under four names: the initial value, the argument of the
/// loop's body, what the body yields and the loop's result.
class Buffers {
public:
  explicit Buffers(mlir::func::FuncOp function);

  /// The number of a value's buffer, or -1: inputs of the entry, parameters and
  /// histories have none.
  int64_t find(mlir::Value value) const;
  int64_t size() const { return members.size(); }
  /// All names of a buffer.
  llvm::ArrayRef<mlir::Value> getMembers(int64_t buffer) const {
    return members[buffer];
  }

private:
  llvm::SmallVector<llvm::SmallVector<mlir::Value, 1>> members;
  llvm::DenseMap<mlir::Value, int64_t> numbers;
};

} // namespace sinter

#endif // SINTER_PASSES_BUFFERS_H
