//===- Proto.h - What an ONNX file says -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The messages of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, as
// far as an inference graph needs them. Texts and tensors are views into the
// file's bytes, which must outlive them.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_ONNX_PROTO_H
#define SINTER_FRONTEND_ONNX_PROTO_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter::onnx {

/// TensorProto.DataType, the part that models use.
enum class DataType {
  Undefined = 0,
  Float = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  UInt32 = 12,
  UInt64 = 13,
  BFloat16 = 16,
};

/// As ONNX calls it, "FLOAT16"; "type 20" for one that is not listed.
std::string name(DataType type);
/// Bytes of an element; 0 where elements are not whole bytes of a known number.
int64_t byteSize(DataType type);
bool isFloat(DataType type);
bool isInteger(DataType type);

struct Tensor {
  std::string name;
  /// What it is called as a weight of the model, where every name is one
  /// tensor's: branches and the files of one model may each have their own.
  std::string weight;
  DataType type = DataType::Undefined;
  llvm::SmallVector<int64_t> shape;
  /// Row-major, little-endian: as many as shape and type need.
  llvm::ArrayRef<uint8_t> bytes;
  /// Behind `bytes` where the file holds the elements in another form.
  std::shared_ptr<std::vector<uint8_t>> owned;
  /// Where the elements are in a file beside this one.
  struct External {
    std::string location;
    uint64_t offset = 0;
    std::optional<uint64_t> length;
  };
  std::optional<External> external;

  int64_t getNumElements() const;
  int64_t getNumBytes() const { return getNumElements() * byteSize(type); }
  /// Element `index` as a number. For types with whole bytes, not strings.
  double real(int64_t index) const;
  int64_t integer(int64_t index) const;
};

struct Graph;

struct Attribute {
  std::string name;
  std::optional<double> real;
  std::optional<int64_t> integer;
  std::optional<std::string> text;
  std::optional<Tensor> tensor;
  std::vector<int64_t> integers;
  std::vector<float> reals;
  /// A branch; its nodes also see the names around it.
  std::shared_ptr<Graph> graph;
};

struct Node {
  std::string name, operation, domain;
  std::vector<std::string> inputs, outputs;
  std::vector<Attribute> attributes;

  const Attribute *find(llvm::StringRef attribute) const;
  int64_t integer(llvm::StringRef attribute, int64_t otherwise) const;
  double real(llvm::StringRef attribute, double otherwise) const;
};

/// An input or output. A dimension is a number, a name, or unknown ("").
struct ValueInfo {
  struct Dimension {
    std::optional<int64_t> size;
    std::string name;
  };
  std::string name;
  DataType type = DataType::Undefined;
  bool hasShape = false;
  llvm::SmallVector<Dimension> shape;
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<ValueInfo> inputs, outputs;
};

struct Model {
  std::string producer;
  /// The version of the default domain's operations.
  int64_t opset = 0;
  Graph graph;
};

/// Reads a model. Errors say what is wrong with the bytes.
llvm::Expected<Model> parseModel(llvm::ArrayRef<uint8_t> bytes);

} // namespace sinter::onnx

#endif // SINTER_FRONTEND_ONNX_PROTO_H
