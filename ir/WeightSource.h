//===- WeightSource.h - Where the elements of weights come from -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_WEIGHTSOURCE_H
#define SINTER_IR_WEIGHTSOURCE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// How a checkpoint stores the elements of a tensor. Whole numbers are those of
/// quantized weights, where the model says what they stand for. `Blocks` are
/// read by their source alone. `Other` stands for all that cannot be a weight
/// of a model yet: 8-bit floats, f64.
enum class StoredType { F32, F16, BF16, I8, U8, I32, Blocks, Other };

/// That elements are whole numbers with a scale, and perhaps a least value, for
/// each group along an axis: least + scale * number.
struct StoredNumbers {
  /// 8 or 4. Numbers are from -2^(bits - 1) on, or from 0 where there are least
  /// values.
  int64_t bits;
  bool hasLeast;
  /// Elements of a group; every row has whole ones.
  int64_t group;
  int64_t axis;
  /// Whether scales and least values are f16. If not, the bits are what it
  /// takes to round the elements to such numbers anew and lose little.
  bool isExact;

  /// Numbers that hold both; none where their groups differ.
  static std::optional<StoredNumbers> join(const StoredNumbers &left,
                                           const StoredNumbers &right);
};

/// What is read of an element: itself, or what it is made of.
enum class StoredPart { Element, Number, Scale, Least };

/// Elements that need more than their place to be read: of blocks, or changed
/// on the way.
class StoredBlocks {
public:
  virtual ~StoredBlocks();
  /// Parts [begin, begin + result.size()), row-major. Parts other than Element
  /// only where the tensor says that its numbers are exact.
  virtual void read(StoredPart part, int64_t begin,
                    llvm::MutableArrayRef<float> result) const = 0;
};

/// A tensor of a checkpoint: row-major, little-endian, not necessarily aligned.
/// The bytes belong to the source and live as long as it does; there are
/// exactly as many as the shape and the type need.
struct StoredTensor {
  StoredType type;
  /// The type as the file names it, for messages: "F32", "I64".
  std::string typeName;
  llvm::SmallVector<int64_t> shape;
  llvm::ArrayRef<uint8_t> bytes;
  /// Of `Blocks`, in place of bytes; and what they say of their numbers.
  std::shared_ptr<const StoredBlocks> blocks = nullptr;
  std::optional<StoredNumbers> numbers = std::nullopt;
  StoredPart part = StoredPart::Element;
  /// Whether bytes or blocks hold the transpose of this matrix.
  bool isTransposed = false;

  int64_t getNumElements() const;
  /// Converts elements [begin, begin + result.size()) to f32. Not for `Other`.
  void read(int64_t begin, llvm::MutableArrayRef<float> result) const;
};

/// The tensors of a checkpoint by name. File formats implement it in the
/// frontend; the evaluator and codegen, which know no file format, read through
/// it.
class WeightSource {
public:
  virtual ~WeightSource();
  virtual std::optional<StoredTensor> find(llvm::StringRef name) const = 0;
  /// All names, sorted.
  virtual std::vector<std::string> names() const = 0;
  /// What messages call this source: the path of a file or folder.
  virtual std::string description() const = 0;
};

} // namespace sinter

#endif // SINTER_IR_WEIGHTSOURCE_H
