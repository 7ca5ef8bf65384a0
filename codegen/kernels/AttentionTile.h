//===- AttentionTile.h - What a tile of attention knows -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_ATTENTIONTILE_H
#define SINTER_CODEGEN_KERNELS_ATTENTIONTILE_H

#include "codegen/kernels/AttentionParts.h"

namespace sinter {

/// A head of a history, of one sequence: its elements at position 0, and of
/// whole numbers its scale.
struct HistoryHead {
  HistoryType type;
  mlir::Value elements, scale;

  mlir::Value placeOf(KernelBuilder &b, mlir::Value position) const;
  mlir::Value scaleOf(KernelBuilder &b, mlir::Value position) const;
};

/// Rows of one tile of attention: which they are, what they see, and the memory
/// in which a block of keys is worked on.
class AttentionTile {
public:
  /// Rows of a tile that all heads of a group make, about: enough to make up
  /// for turning a block of keys, few enough to stay in the cache near the
  /// core.
  static constexpr int64_t rowsOfTile = 48;
  /// Keys of a block: whole vectors on every machine.
  static constexpr int64_t keysOfBlock = 64;

  AttentionTile(KernelBuilder &b, const TargetDescription &target,
                AttentionOp op);

  KernelBuilder &b;
  const TargetDescription &target;
  AttentionOp op;
  mlir::Type f32;
  RegisterTile registers;
  int64_t lanes;
  PartRecords records;
  int64_t heads, group, keyWidth, valueWidth;
  /// Tokens of a tile, and rows that it has room for.
  int64_t tileTokens, capacity;

  /// Room that a pointer will point to, aligned to a cache line.
  void reserve(mlir::Value *pointer, int64_t bytes);
  /// Cuts all of it from one block of the stack.
  void allocate();

  // The tile at hand, as its tables say: of each row its query, the positions
  // that it sees, and those that all rows of its tile of registers see.
  mlir::Value rows;
  mlir::Value rowQuery, rowBegin, rowEnd, sharedBegin, sharedEnd;
  HistoryHead keys, values;
  /// [row][key]: raw scores of a block, then logits, then weights.
  mlir::Value scores;
  /// [row]: what sums made before a block are multiplied with.
  mlir::Value corrections;
  /// A record of each row, of the part at hand and of all parts so far.
  mlir::Value ofPart, ofAll;

  mlir::Value at(mlir::Value table, mlir::Value row, int64_t elements = 1) {
    return b.elementsFrom(table, b.mul(row, elements), f32);
  }
  mlir::Value numberAt(mlir::Value table, mlir::Value row) {
    return b.elementsFrom(table, row, b.indexType());
  }
  mlir::Value load(mlir::Value table, mlir::Value row) {
    return b.load(b.indexType(), numberAt(table, row));
  }
  mlir::Value queryOf(mlir::Value row) {
    return b.load(b.pointerType(), numberAt(rowQuery, row));
  }
  mlir::Value scoresOf(mlir::Value row) { return at(scores, row, keysOfBlock); }
  /// What a row makes of the part at hand.
  mlir::Value recordAt(mlir::Value row) {
    return at(ofPart, row, records.elements());
  }
  mlir::VectorType vector(int64_t size) { return b.vectorType(size, f32); }
  /// Bytes of a vector, which blocks of keys are aligned to.
  int64_t vectorAlignment() const { return lanes * 4; }

  /// All rows, in tiles of `registers.rows` and one smaller tile for the rest.
  void
  forRowTiles(llvm::function_ref<void(mlir::Value row, int64_t size)> body);
  /// Scores of `size` rows from `row` on by a block's vectors of keys: `body`
  /// makes `count` vectors of each row, from the block's vector `vector` on.
  void emitScores(mlir::Value row, int64_t size, mlir::Value vectors,
                  llvm::function_ref<llvm::SmallVector<mlir::Value>(
                      mlir::Value column, int64_t count)>
                      body);
  /// The sums of `size` rows' values, part of the width at a time, so that they
  /// stay in registers: `body` adds to them, given the columns' begin and
  /// vectors. The first to add to a block's sums brings them to the block's
  /// maximum.
  void addToRecords(mlir::Value row, int64_t size, bool isFirst,
                    llvm::function_ref<llvm::SmallVector<mlir::Value>(
                        int64_t column, llvm::ArrayRef<int64_t> widths,
                        mlir::ValueRange sums)>
                        body);

private:
  llvm::SmallVector<std::pair<mlir::Value *, int64_t>> reserved;
  int64_t bytes = 0;
};

/// How a tile's rows are multiplied with keys and values.
class AttentionProducts {
public:
  virtual ~AttentionProducts() = default;
  /// Once the tile's rows are known.
  virtual void beginTile() {}
  /// Keys, and what else a block needs, of positions within [begin, end), in so
  /// many vectors of keys from `block` on; before scores. Behind the end the
  /// last key is taken again: what comes of it is masked.
  virtual void beginBlock(mlir::Value block, mlir::Value begin, mlir::Value end,
                          mlir::Value vectors) = 0;
  virtual void emitScores(mlir::Value row, int64_t size,
                          mlir::Value vectors) = 0;
  /// Adds the values of positions [start, stop), weighted, to all rows' sums.
  /// Positions that a tile of rows sees as a whole are taken for all of them at
  /// once. Those that only some see are taken row by row: a weight of 0 would
  /// not hide from the others a value that is infinite or NaN.
  virtual void emitValues(mlir::Value block, mlir::Value start,
                          mlir::Value stop) = 0;
};

/// In f32, whatever keys and values are kept in.
std::unique_ptr<AttentionProducts> makeFloatProducts(AttentionTile &tile);
/// In pairs of bf16: of neighbours along the width of keys, and of values at
/// positions that follow one another.
std::unique_ptr<AttentionProducts> makePairProducts(AttentionTile &tile);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_ATTENTIONTILE_H
