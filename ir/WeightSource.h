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
  /// 2, 4, 5, 6 or 8. Numbers are from -2^(bits - 1) on, or from 0 where there
  /// are least values.
  int64_t bits;
  bool hasLeast;
  /// Elements of a group; every row has whole ones.
  int64_t group;
  /// Elements that share a scale and a least value in f16, which each group
  /// multiplies by whole numbers of a byte; 0: each group has its own.
  int64_t block;
  int64_t axis;
  /// Whether numbers hold the elements as they are. If not, they are what it
  /// takes to round the elements anew and lose little.
  bool isExact = true;
  /// Whether they hold elements that narrower ones would, too.
  bool isMixed = false;

  /// The number that stands for 0 where numbers are counted from 0 on.
  int64_t zero() const { return hasLeast ? 0 : int64_t(1) << (bits - 1); }

  /// Numbers that hold both: those without least values have least values of
  /// `-zero` scales. None where their axes differ.
  static std::optional<StoredNumbers> join(const StoredNumbers &left,
                                           const StoredNumbers &right);
};

/// What is read of an element: itself, or what it is made of: its number, the
/// scale and least value of 16 bits, and the factors of its group; 1 where
/// there are no blocks.
enum class StoredPart {
  Element,
  Number,
  Scale,
  Least,
  ScaleFactor,
  LeastFactor
};

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
