//===- Proto.cpp - What an ONNX file says -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Proto.h"
#include "frontend/onnx/Wire.h"
#include "ir/WeightSource.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include <bit>
#include <limits>

using namespace sinter;
using namespace sinter::onnx;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

std::string sinter::onnx::name(DataType type) {
  static constexpr const char *names[] = {
      "UNDEFINED", "FLOAT",  "UINT8",     "INT8",       "UINT16",  "INT16",
      "INT32",     "INT64",  "STRING",    "BOOL",       "FLOAT16", "DOUBLE",
      "UINT32",    "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"};
  auto index = size_t(type);
  return index < std::size(names) ? names[index]
                                  : "type " + std::to_string(index);
}

int64_t sinter::onnx::byteSize(DataType type) {
  switch (type) {
  case DataType::UInt8:
  case DataType::Int8:
  case DataType::Bool:
    return 1;
  case DataType::UInt16:
  case DataType::Int16:
  case DataType::Float16:
  case DataType::BFloat16:
    return 2;
  case DataType::Float:
  case DataType::Int32:
  case DataType::UInt32:
    return 4;
  case DataType::Int64:
  case DataType::UInt64:
  case DataType::Double:
    return 8;
  default:
    return 0;
  }
}

bool sinter::onnx::isFloat(DataType type) {
  return type == DataType::Float || type == DataType::Float16 ||
         type == DataType::BFloat16 || type == DataType::Double;
}

bool sinter::onnx::isInteger(DataType type) {
  return byteSize(type) > 0 && !isFloat(type) && type != DataType::Bool;
}

int64_t Tensor::getNumElements() const {
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  return elements;
}

int64_t Tensor::integer(int64_t index) const {
  using namespace llvm::support::endian;
  const uint8_t *at = bytes.data() + index * byteSize(type);
  switch (type) {
  case DataType::Bool:
    return *at != 0;
  case DataType::UInt8:
    return *at;
  case DataType::Int8:
    return int8_t(*at);
  case DataType::UInt16:
    return read16le(at);
  case DataType::Int16:
    return int16_t(read16le(at));
  case DataType::Int32:
    return int32_t(read32le(at));
  case DataType::UInt32:
    return read32le(at);
  case DataType::Int64:
  case DataType::UInt64:
    return int64_t(read64le(at));
  default:
    return int64_t(real(index));
  }
}

double Tensor::real(int64_t index) const {
  if (!isFloat(type))
    return double(integer(index));
  const uint8_t *at = bytes.data() + index * byteSize(type);
  if (type == DataType::Double)
    return std::bit_cast<double>(llvm::support::endian::read64le(at));
  StoredTensor stored{type == DataType::Float     ? StoredType::F32
                      : type == DataType::Float16 ? StoredType::F16
                                                  : StoredType::BF16,
                      "", shape, bytes};
  float result;
  stored.read(index, result);
  return result;
}

const Attribute *Node::find(llvm::StringRef attribute) const {
  auto found = llvm::find_if(attributes, [&](const Attribute &candidate) {
    return candidate.name == attribute;
  });
  return found == attributes.end() ? nullptr : &*found;
}

int64_t Node::integer(llvm::StringRef attribute, int64_t otherwise) const {
  const Attribute *found = find(attribute);
  return found ? found->integer.value_or(otherwise) : otherwise;
}

double Node::real(llvm::StringRef attribute, double otherwise) const {
  const Attribute *found = find(attribute);
  return found ? found->real.value_or(otherwise) : otherwise;
}

namespace {

/// Reads messages inside messages; the first thing that is wrong is kept.
class Parser {
public:
  llvm::Expected<Model> parse(llvm::ArrayRef<uint8_t> bytes) {
    Model model;
    bool hasGraph = false;
    forEach(bytes, "the model", [&](const Field &field) {
      if (field.number == 2 && isBytes(field))
        model.producer = field.text().str();
      else if (field.number == 7 && isBytes(field)) {
        hasGraph = true;
        parseGraph(field.bytes, model.graph);
      } else if (field.number == 8 && isBytes(field))
        parseOpset(field.bytes, model);
      else if (field.number == 25)
        fail("it has functions of its own; export it with functions inlined");
    });
    if (problem.empty() && !hasGraph)
      fail("there is no graph in it; is this an ONNX file?");
    if (!problem.empty())
      return error(problem);
    return std::move(model);
  }

private:
  void fail(const llvm::Twine &message) {
    if (problem.empty())
      problem = message.str();
  }

  bool isBytes(const Field &field) {
    if (field.type != Field::Bytes)
      fail("field " + llvm::Twine(field.number) + " of " + where +
           " is a number; is this an ONNX file?");
    return field.type == Field::Bytes;
  }

  void forEach(llvm::ArrayRef<uint8_t> bytes, const char *what,
               llvm::function_ref<void(const Field &)> visit) {
    const char *outside = std::exchange(where, what);
    WireReader reader(bytes);
    while (problem.empty()) {
      std::optional<Field> field = reader.next();
      if (!field)
        break;
      visit(*field);
    }
    if (reader.failed())
      fail(llvm::Twine("the bytes of ") + what +
           " are broken or cut off; is this an ONNX file, and whole?");
    where = outside;
  }

  void parseOpset(llvm::ArrayRef<uint8_t> bytes, Model &model) {
    std::string domain;
    int64_t version = 0;
    forEach(bytes, "an opset", [&](const Field &field) {
      if (field.number == 1 && isBytes(field))
        domain = field.text().str();
      else if (field.number == 2)
        version = field.integer();
    });
    if (domain.empty() || domain == "ai.onnx")
      model.opset = version;
  }

  void parseGraph(llvm::ArrayRef<uint8_t> bytes, Graph &graph) {
    forEach(bytes, "the graph", [&](const Field &field) {
      switch (field.number) {
      case 1:
        if (isBytes(field))
          parseNode(field.bytes, graph.nodes.emplace_back());
        break;
      case 5:
        if (isBytes(field))
          parseTensor(field.bytes, graph.initializers.emplace_back());
        break;
      case 11:
      case 12:
        if (isBytes(field))
          parseValueInfo(field.bytes,
                         (field.number == 11 ? graph.inputs : graph.outputs)
                             .emplace_back());
        break;
      case 15:
        fail("sparse initializers are not supported");
        break;
      }
    });
  }

  void parseNode(llvm::ArrayRef<uint8_t> bytes, Node &node) {
    forEach(bytes, "a node", [&](const Field &field) {
      if (field.number > 7 || !isBytes(field))
        return;
      std::string text = field.text().str();
      switch (field.number) {
      case 1:
        node.inputs.push_back(text);
        break;
      case 2:
        node.outputs.push_back(text);
        break;
      case 3:
        node.name = text;
        break;
      case 4:
        node.operation = text;
        break;
      case 5:
        parseAttribute(field.bytes, node.attributes.emplace_back());
        break;
      case 7:
        node.domain = text == "ai.onnx" ? "" : text;
        break;
      }
    });
  }

  void parseAttribute(llvm::ArrayRef<uint8_t> bytes, Attribute &attribute) {
    forEach(bytes, "an attribute", [&](const Field &field) {
      switch (field.number) {
      case 1:
        if (isBytes(field))
          attribute.name = field.text().str();
        break;
      case 2:
        attribute.real = std::bit_cast<float>(uint32_t(field.value));
        break;
      case 3:
        attribute.integer = field.integer();
        break;
      case 4:
        if (isBytes(field))
          attribute.text = field.text().str();
        break;
      case 5:
        if (isBytes(field))
          parseTensor(field.bytes, attribute.tensor.emplace());
        break;
      case 6:
        if (isBytes(field))
          parseBranch(field.bytes, attribute);
        break;
      case 7: {
        std::vector<uint8_t> raw;
        if (!appendFixed(field, 4, raw))
          return fail("the numbers of attribute '" +
                      llvm::Twine(attribute.name) + "' are broken");
        for (size_t i = 0; i < raw.size(); i += 4)
          attribute.reals.push_back(std::bit_cast<float>(
              llvm::support::endian::read32le(raw.data() + i)));
        break;
      }
      case 8:
        if (!appendIntegers(field, attribute.integers))
          fail("the numbers of attribute '" + llvm::Twine(attribute.name) +
               "' are broken");
        break;
      }
    });
  }

  /// Graphs in graphs in graphs, as deep as exporters go and bytes must not.
  void parseBranch(llvm::ArrayRef<uint8_t> bytes, Attribute &attribute) {
    constexpr int deepest = 16;
    if (depth == deepest)
      return fail("its graphs stand in one another more than " +
                  llvm::Twine(deepest) + " deep");
    ++depth;
    attribute.graph = std::make_shared<Graph>();
    parseGraph(bytes, *attribute.graph);
    --depth;
  }

  void parseValueInfo(llvm::ArrayRef<uint8_t> bytes, ValueInfo &info) {
    forEach(bytes, "an input or output", [&](const Field &field) {
      if (field.number == 1 && isBytes(field))
        info.name = field.text().str();
      else if (field.number == 2 && isBytes(field))
        forEach(field.bytes, "a type", [&](const Field &type) {
          if (type.number == 1 && isBytes(type))
            parseTensorType(type.bytes, info);
        });
    });
  }

  void parseTensorType(llvm::ArrayRef<uint8_t> bytes, ValueInfo &info) {
    forEach(bytes, "a tensor's type", [&](const Field &field) {
      if (field.number == 1)
        info.type = DataType(field.value);
      else if (field.number == 2 && isBytes(field)) {
        info.hasShape = true;
        forEach(field.bytes, "a shape", [&](const Field &dim) {
          if (dim.number != 1 || !isBytes(dim))
            return;
          ValueInfo::Dimension &dimension = info.shape.emplace_back();
          forEach(dim.bytes, "a dimension", [&](const Field &part) {
            // Some exporters write -1 for a size that is not known.
            if (part.number == 1 && part.type == Field::Varint) {
              if (part.integer() != -1)
                dimension.size = part.integer();
            } else if (part.number == 2 && isBytes(part))
              dimension.name = part.text().str();
          });
        });
      }
    });
  }

  void parseTensor(llvm::ArrayRef<uint8_t> bytes, Tensor &tensor) {
    std::vector<int64_t> dims, integers;
    std::vector<uint8_t> fixed;
    std::optional<llvm::ArrayRef<uint8_t>> raw;
    bool isExternal = false, isWhole = true;
    forEach(bytes, "a tensor", [&](const Field &field) {
      switch (field.number) {
      case 1:
        isWhole &= appendIntegers(field, dims);
        break;
      case 2:
        tensor.type = DataType(uint32_t(field.value));
        break;
      case 4:
        isWhole &= appendFixed(field, 4, fixed);
        break;
      case 5:
      case 7:
      case 11:
        isWhole &= appendIntegers(field, integers);
        break;
      case 8:
        if (isBytes(field))
          tensor.name = field.text().str();
        break;
      case 9:
        if (isBytes(field))
          raw = field.bytes;
        break;
      case 10:
        isWhole &= appendFixed(field, 8, fixed);
        break;
      case 13:
        if (isBytes(field))
          parseExternal(field.bytes, tensor);
        break;
      case 14:
        isExternal = field.value == 1;
        break;
      }
    });
    if (!problem.empty())
      return;
    auto wrong = [&](const llvm::Twine &message) {
      fail("tensor '" + llvm::Twine(tensor.name) + "': " + message);
    };
    if (!isWhole)
      return wrong("its numbers are broken");
    int64_t count = std::max<int64_t>(1, byteSize(tensor.type));
    for (int64_t size : dims)
      if (size < 0 || __builtin_mul_overflow(count, size, &count))
        return wrong("its shape has a size below 0, or more elements than can "
                     "be counted");
    tensor.shape.assign(dims.begin(), dims.end());
    if (isExternal) {
      if (!tensor.external || tensor.external->location.empty())
        return wrong("its elements are said to be in another file, but not in "
                     "which");
      return;
    }
    tensor.external.reset();
    if (byteSize(tensor.type) == 0)
      return; // said where it is used
    if (raw)
      tensor.bytes = *raw;
    else
      storeNumbers(tensor, integers, std::move(fixed));
    if (int64_t(tensor.bytes.size()) != tensor.getNumBytes())
      wrong("its shape and type need " + llvm::Twine(tensor.getNumBytes()) +
            " bytes, but it has " + llvm::Twine(tensor.bytes.size()));
  }

  /// Elements that stand as numbers of the message: f32 and f64 as they are,
  /// all others as integers, 16-bit floats by their bits.
  static void storeNumbers(Tensor &tensor, llvm::ArrayRef<int64_t> integers,
                           std::vector<uint8_t> fixed) {
    int64_t size = byteSize(tensor.type);
    for (int64_t integer : integers)
      for (int64_t byte = 0; byte < size; ++byte)
        fixed.push_back(uint8_t(uint64_t(integer) >> (8 * byte)));
    tensor.owned = std::make_shared<std::vector<uint8_t>>(std::move(fixed));
    tensor.bytes = *tensor.owned;
  }

  void parseExternal(llvm::ArrayRef<uint8_t> bytes, Tensor &tensor) {
    std::string key, value;
    forEach(bytes, "a tensor's place", [&](const Field &field) {
      if (field.number == 1 && isBytes(field))
        key = field.text().str();
      else if (field.number == 2 && isBytes(field))
        value = field.text().str();
    });
    if (!tensor.external)
      tensor.external.emplace();
    uint64_t number = 0;
    if (key == "location")
      tensor.external->location = value;
    else if (key == "offset" || key == "length") {
      if (llvm::StringRef(value).getAsInteger(10, number))
        return fail("tensor '" + llvm::Twine(tensor.name) + "': its " + key +
                    " in another file is '" + value + "', expected a number");
      if (key == "offset")
        tensor.external->offset = number;
      else
        tensor.external->length = number;
    }
  }

  std::string problem;
  const char *where = "the model";
  int depth = 0; // of branches in branches
};

} // namespace

llvm::Expected<Model> sinter::onnx::parseModel(llvm::ArrayRef<uint8_t> bytes) {
  return Parser().parse(bytes);
}
