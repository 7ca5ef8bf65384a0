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
#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// How a checkpoint stores the elements of a tensor. Whole numbers are those of
/// quantized weights, where the model says what they stand for. `Other` stands
/// for all that cannot be a weight of a model yet: 8-bit floats, f64.
enum class StoredType { F32, F16, BF16, I8, U8, I32, Other };

/// A tensor of a checkpoint: row-major, little-endian, not necessarily aligned.
/// The bytes belong to the source and live as long as it does; there are
/// exactly as many as the shape and the type need.
struct StoredTensor {
  StoredType type;
  /// The type as the file names it, for messages: "F32", "I64".
  std::string typeName;
  llvm::SmallVector<int64_t> shape;
  llvm::ArrayRef<uint8_t> bytes;

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
