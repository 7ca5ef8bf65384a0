//===- OnnxWriter.h - ONNX files for tests ----------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the messages of onnx.proto, right or wrong: lengths and types are what
// the test says, not what holds.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_FRONTEND_ONNXWRITER_H
#define SINTER_TEST_UNIT_FRONTEND_ONNXWRITER_H

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sinter::test {

/// One message, in protocol buffers' wire format.
class Message {
public:
  std::string bytes;

  Message &integer(uint64_t field, int64_t value) {
    varint(field << 3 | 0);
    varint(uint64_t(value));
    return *this;
  }
  Message &text(uint64_t field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes += value;
    return *this;
  }
  Message &message(uint64_t field, const Message &value) {
    return text(field, value.bytes);
  }
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      bytes += char(value | 0x80);
    bytes += char(value);
  }
};

inline constexpr int64_t onnxFloat = 1, onnxInt64 = 7, onnxString = 8,
                         onnxDouble = 11;

inline std::string rawIntegers(std::initializer_list<int64_t> values) {
  std::string bytes;
  for (int64_t value : values)
    for (int byte = 0; byte < 8; ++byte)
      bytes += char(uint64_t(value) >> (8 * byte));
  return bytes;
}

inline Message tensor(std::string_view name, int64_t type,
                      const std::vector<int64_t> &shape, std::string_view raw) {
  Message result;
  for (int64_t size : shape)
    result.integer(1, size);
  return result.integer(2, type).text(8, name).text(9, raw);
}

inline Message integers(std::string_view name,
                        std::initializer_list<int64_t> values) {
  return tensor(name, onnxInt64, {int64_t(values.size())}, rawIntegers(values));
}

/// A tensor whose bytes are said to be in another file.
inline Message externalTensor(std::string_view name,
                              const std::vector<int64_t> &shape,
                              std::string_view location,
                              std::string_view offset = "0",
                              std::string_view length = "") {
  Message result;
  for (int64_t size : shape)
    result.integer(1, size);
  result.integer(2, onnxFloat).text(8, name).integer(14, 1);
  auto entry = [&](std::string_view key, std::string_view value) {
    if (!value.empty())
      result.message(13, Message().text(1, key).text(2, value));
  };
  entry("location", location);
  entry("offset", offset);
  entry("length", length);
  return result;
}

inline Message node(std::string_view operation,
                    std::initializer_list<std::string_view> inputs,
                    std::initializer_list<std::string_view> outputs,
                    const std::vector<Message> &attributes = {},
                    std::string_view domain = "") {
  Message result;
  for (std::string_view input : inputs)
    result.text(1, input);
  for (std::string_view output : outputs)
    result.text(2, output);
  result.text(3, "my_" + std::string(operation)).text(4, operation);
  for (const Message &attribute : attributes)
    result.message(5, attribute);
  return domain.empty() ? result : result.text(7, domain);
}

inline Message integerAttribute(std::string_view name, int64_t value) {
  return Message().text(1, name).integer(3, value).integer(20, 2);
}

/// A dimension of "" is unknown; one of digits is a number.
inline Message valueInfo(std::string_view name, int64_t type,
                         const std::vector<std::string> &shape) {
  Message dimensions;
  for (const std::string &dimension : shape) {
    Message one;
    if (!dimension.empty() &&
        dimension.find_first_not_of("-0123456789") == std::string::npos)
      one.integer(1, std::stoll(dimension));
    else if (!dimension.empty())
      one.text(2, dimension);
    dimensions.message(1, one);
  }
  Message tensorType;
  tensorType.integer(1, type).message(2, dimensions);
  return Message().text(1, name).message(2, Message().message(1, tensorType));
}

/// The parts of a model, to be changed before it is written.
struct OnnxModel {
  std::vector<Message> nodes, initializers, inputs, outputs;
  int64_t opset = 18;

  Message graph() const {
    Message result;
    for (const Message &item : nodes)
      result.message(1, item);
    for (const Message &item : initializers)
      result.message(5, item);
    for (const Message &item : inputs)
      result.message(11, item);
    for (const Message &item : outputs)
      result.message(12, item);
    return result;
  }
  std::string bytes() const {
    Message opsetOf;
    opsetOf.text(1, "").integer(2, opset);
    return Message()
        .integer(1, 8)
        .text(2, "test")
        .message(7, graph())
        .message(8, opsetOf)
        .bytes;
  }
};

/// Embeddings of 5 tokens, times a matrix: logits of 5 tokens, with one node
/// of the test's own between. That node takes `x`, [1, T, 2], and gives `y`.
inline OnnxModel smallModel(const Message &middle) {
  OnnxModel model;
  std::string zeros(5 * 2 * 4, '\0');
  model.initializers = {tensor("table", onnxFloat, {5, 2}, zeros),
                        tensor("head", onnxFloat, {2, 5}, zeros)};
  model.inputs = {valueInfo("input_ids", onnxInt64, {"batch", "sequence"})};
  model.outputs = {valueInfo("logits", onnxFloat, {"batch", "sequence", "5"})};
  model.nodes = {node("Gather", {"table", "input_ids"}, {"x"}), middle,
                 node("MatMul", {"y", "head"}, {"logits"})};
  return model;
}

} // namespace sinter::test

#endif // SINTER_TEST_UNIT_FRONTEND_ONNXWRITER_H
