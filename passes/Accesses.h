//===- Accesses.h - What kernels read and write -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_ACCESSES_H
#define SINTER_PASSES_ACCESSES_H

#include "passes/Buffers.h"
#include "passes/Partition.h"

namespace sinter {

/// A layer of a cache, or nothing.
struct CacheLayer {
  mlir::FlatSymbolRefAttr cache;
  mlir::Value layer;
};

/// The cache that a history is of.
CacheLayer getCacheLayer(mlir::Value history);

/// One kernel's use of memory that kernels write.
struct Access {
  /// Numbers beside those of buffers: a cache; where linear groups lay what
  /// their threads hand to one another.
  static constexpr int64_t ofCache = -1, ofExchange = -4;

  int64_t buffer;
  mlir::Attribute cache;
  /// Which layer of the cache; null for one without layers.
  mlir::Value layer;
  bool isWrite;
  Share share;

  bool operator==(const Access &other) const {
    return buffer == other.buffer && cache == other.cache &&
           layer == other.layer && isWrite == other.isWrite &&
           share == other.share;
  }
  bool isSameMemory(const Access &other) const {
    // Without a proof that two layers differ, they may be the same.
    return buffer == other.buffer && cache == other.cache;
  }
  /// Whether threads must wait between this access and a later one.
  bool conflicts(const Access &later) const {
    return isSameMemory(later) && (isWrite || later.isWrite) &&
           share.crosses(later.share);
  }
};

/// The accesses of all kernels of an entry.
class Accesses {
public:
  explicit Accesses(mlir::func::FuncOp function) : buffers(function) {}

  /// What threads do before a kernel's own wait, and behind it. Kernels without
  /// one have nothing behind it.
  llvm::SmallVector<Access> before(mlir::Operation *kernel,
                                   Sharing sharing) const;
  llvm::SmallVector<Access> behind(mlir::Operation *kernel,
                                   Sharing sharing) const;
  /// What every thread reads to know which numbers a loop leaves out.
  llvm::SmallVector<Access> ofCondition(RepeatOp repeat) const;
  const Buffers &getBuffers() const { return buffers; }

private:
  void addReads(mlir::Operation *kernel, Sharing sharing, bool behind,
                llvm::SmallVectorImpl<Access> &accesses) const;
  void addWrites(mlir::Operation *kernel, Sharing sharing,
                 llvm::SmallVectorImpl<Access> &accesses) const;

  Buffers buffers;
};

} // namespace sinter

template <> struct llvm::DenseMapInfo<sinter::Access> {
  static sinter::Access getEmptyKey() { return {-2, {}, {}, false, {}}; }
  static sinter::Access getTombstoneKey() { return {-3, {}, {}, false, {}}; }
  static unsigned getHashValue(const sinter::Access &access) {
    return llvm::hash_combine(access.buffer, access.cache,
                              mlir::hash_value(access.layer), access.isWrite,
                              access.share.rows,
                              mlir::hash_value(access.share.panels));
  }
  static bool isEqual(const sinter::Access &lhs, const sinter::Access &rhs) {
    return lhs == rhs;
  }
};

#endif // SINTER_PASSES_ACCESSES_H
