//===- Wire.h - The wire format of protocol buffers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// https://protobuf.dev/programming-guides/encoding: a message is a sequence of
// fields, each a key (number and wire type) and a value. ONNX needs four of the
// six wire types, and a file may hold anything: every length is checked against
// the bytes that are there before it is used.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_ONNX_WIRE_H
#define SINTER_FRONTEND_ONNX_WIRE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace sinter::onnx {

/// One field of a message.
struct Field {
  enum Type { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

  uint32_t number = 0;
  Type type = Varint;
  /// The value of a varint or of a fixed field.
  uint64_t value = 0;
  /// What a field of bytes holds: a string, a message, packed numbers.
  llvm::ArrayRef<uint8_t> bytes;

  llvm::StringRef text() const { return llvm::toStringRef(bytes); }
  int64_t integer() const { return int64_t(value); }
};

/// Reads the fields of one message in their order. After the last one, or where
/// the bytes are no message, `next` gives nothing; `failed` tells which.
class WireReader {
public:
  explicit WireReader(llvm::ArrayRef<uint8_t> bytes) : rest(bytes) {}

  std::optional<Field> next();
  bool failed() const { return broken; }

private:
  std::optional<uint64_t> readVarint();
  std::optional<uint64_t> readFixed(size_t size);

  llvm::ArrayRef<uint8_t> rest;
  bool broken = false;
};

/// Appends what a field of repeated integers holds, packed or not. False where
/// the bytes are not of that form.
bool appendIntegers(const Field &field, std::vector<int64_t> &result);
/// Appends the elements of a field of repeated floats (or doubles) as the bytes
/// that they are.
bool appendFixed(const Field &field, size_t size, std::vector<uint8_t> &result);

} // namespace sinter::onnx

#endif // SINTER_FRONTEND_ONNX_WIRE_H
