//===- GgufFile.h - What stands in a GGUF file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
// Counts, metadata by key, a table of tensors, then the tensors' bytes.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_GGUF_GGUFFILE_H
#define SINTER_FRONTEND_GGUF_GGUFFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// A value of the metadata. All integers are one kind, all floats another.
struct GgufValue {
  enum Kind { Integer, Real, Bool, String, List } kind = Integer;
  int64_t integer = 0; ///< of a Bool, too
  double real = 0;
  std::string string;
  std::vector<GgufValue> list;
};

/// How a tensor's elements are stored: the numbers that the format gives.
enum class GgufType : uint32_t {
  F32 = 0,
  F16 = 1,
  Q4_0 = 2,
  Q4_1 = 3,
  Q5_0 = 6,
  Q5_1 = 7,
  Q8_0 = 8,
  Q2_K = 10,
  Q3_K = 11,
  Q4_K = 12,
  Q5_K = 13,
  Q6_K = 14,
  IQ4_NL = 20,
  I8 = 24,
  I16 = 25,
  I32 = 26,
  I64 = 27,
  F64 = 28,
  BF16 = 30
};

/// A type's name, and how many bytes a block of how many elements takes.
struct GgufTypeInfo {
  GgufType type;
  const char *name;
  uint32_t elements, bytes;
};
/// Null for a type that Sinter does not read.
const GgufTypeInfo *findGgufType(uint32_t type);

struct GgufTensor {
  const GgufTypeInfo *type;
  /// Row-major: the last axis is the one that lies together (the file names it
  /// first).
  llvm::SmallVector<int64_t> shape;
  llvm::ArrayRef<uint8_t> bytes;

  int64_t getNumElements() const;
};

/// A whole file, checked: every tensor has exactly the bytes that its shape and
/// type need, within the file, and none overlaps another.
class GgufFile {
public:
  /// Of a file in several parts, `path` is any of them; the others are found by
  /// their names, and all become one.
  static llvm::Expected<std::unique_ptr<GgufFile>> open(llvm::StringRef path);
  /// One file; `path` is for messages only.
  static llvm::Expected<std::unique_ptr<GgufFile>>
  parse(llvm::StringRef path, std::unique_ptr<llvm::MemoryBuffer> buffer);

  const std::string &getPath() const { return path; }
  /// Null where there is no such key.
  const GgufValue *find(llvm::StringRef key) const;
  /// The value of a string, or empty.
  llvm::StringRef string(llvm::StringRef key) const;
  std::optional<int64_t> integer(llvm::StringRef key) const;
  std::optional<bool> boolean(llvm::StringRef key) const;
  /// The key of this file's architecture: "llama.context_length".
  std::string architectureKey(llvm::StringRef rest) const;

  std::map<std::string, GgufValue, std::less<>> metadata;
  std::map<std::string, GgufTensor, std::less<>> tensors;

private:
  llvm::Error takeTensorsOf(GgufFile &part);

  std::string path;
  /// One for each part.
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
};

/// The names of all parts, in their order, of a file
/// "name-00001-of-00003.gguf"; of any other, its own.
std::vector<std::string> ggufParts(llvm::StringRef path);
/// The name of a file without what numbers its part, and without ".gguf".
std::string ggufStem(llvm::StringRef path);

} // namespace sinter

#endif // SINTER_FRONTEND_GGUF_GGUFFILE_H
