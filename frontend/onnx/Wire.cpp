//===- Wire.cpp - The wire format of protocol buffers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Wire.h"

using namespace sinter::onnx;

std::optional<uint64_t> WireReader::readVarint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    uint8_t byte = rest.front();
    rest = rest.drop_front();
    // The tenth byte has room for one bit.
    if (shift == 63 && byte > 1)
      return std::nullopt;
    value |= uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80)
      return value;
  }
  return std::nullopt;
}

std::optional<uint64_t> WireReader::readFixed(size_t size) {
  if (rest.size() < size)
    return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value |= uint64_t(rest[i]) << (8 * i);
  rest = rest.drop_front(size);
  return value;
}

std::optional<Field> WireReader::next() {
  if (rest.empty() || broken)
    return std::nullopt;
  auto fail = [&]() -> std::optional<Field> {
    broken = true;
    return std::nullopt;
  };
  std::optional<uint64_t> key = readVarint();
  if (!key || *key >> 3 == 0 || *key >> 3 > (1u << 29) - 1)
    return fail();
  Field field;
  field.number = uint32_t(*key >> 3);
  std::optional<uint64_t> value;
  switch (*key & 7) {
  case Field::Varint:
    field.type = Field::Varint;
    value = readVarint();
    break;
  case Field::Fixed64:
    field.type = Field::Fixed64;
    value = readFixed(8);
    break;
  case Field::Fixed32:
    field.type = Field::Fixed32;
    value = readFixed(4);
    break;
  case Field::Bytes:
    field.type = Field::Bytes;
    value = readVarint();
    if (!value || *value > rest.size())
      return fail();
    field.bytes = rest.take_front(*value);
    rest = rest.drop_front(*value);
    break;
  default: // groups, which ONNX does not have
    return fail();
  }
  if (!value)
    return fail();
  field.value = *value;
  return field;
}

bool sinter::onnx::appendIntegers(const Field &field,
                                  std::vector<int64_t> &result) {
  if (field.type == Field::Varint) {
    result.push_back(field.integer());
    return true;
  }
  if (field.type != Field::Bytes)
    return false;
  // Packed: one varint behind the other.
  llvm::ArrayRef<uint8_t> rest = field.bytes;
  while (!rest.empty()) {
    uint64_t value = 0;
    unsigned shift = 0;
    bool more = true;
    while (more) {
      if (rest.empty() || shift > 63 || (shift == 63 && rest.front() > 1))
        return false;
      value |= uint64_t(rest.front() & 0x7f) << shift;
      more = rest.front() >= 0x80;
      rest = rest.drop_front();
      shift += 7;
    }
    result.push_back(int64_t(value));
  }
  return true;
}

bool sinter::onnx::appendFixed(const Field &field, size_t size,
                               std::vector<uint8_t> &result) {
  if (field.type == Field::Bytes) {
    result.insert(result.end(), field.bytes.begin(), field.bytes.end());
    return field.bytes.size() % size == 0;
  }
  if (field.type != (size == 4 ? Field::Fixed32 : Field::Fixed64))
    return false;
  for (size_t i = 0; i < size; ++i)
    result.push_back(uint8_t(field.value >> (8 * i)));
  return true;
}
