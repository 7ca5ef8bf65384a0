//===- OnnxFile.cpp - An ONNX file and the tensors in it -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Onnx.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace sinter;

llvm::Error OnnxFile::error(const llvm::Twine &message) const {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 (path + ": " + message).str().c_str());
}

static llvm::ArrayRef<uint8_t> bytesOf(const llvm::MemoryBuffer &buffer) {
  return {reinterpret_cast<const uint8_t *>(buffer.getBufferStart()),
          buffer.getBufferSize()};
}

static llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>>
mapFile(llvm::StringRef path) {
  if (llvm::sys::fs::is_directory(path))
    return std::make_error_code(std::errc::is_a_directory);
  return llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                     /*RequiresNullTerminator=*/false);
}

llvm::Expected<std::unique_ptr<OnnxFile>> OnnxFile::open(llvm::StringRef path) {
  std::unique_ptr<OnnxFile> file(new OnnxFile(path));
  llvm::Error problem = file->read();
  if (!problem)
    problem = file->openEncoder();
  if (problem)
    return std::move(problem);
  return std::move(file);
}

llvm::Error OnnxFile::read() {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> opened = mapFile(path);
  if (!opened)
    return error("cannot read it: " + opened.getError().message());
  buffer = std::move(*opened);
  llvm::Expected<onnx::Model> parsed = onnx::parseModel(bytesOf(*buffer));
  if (!parsed)
    return error(llvm::toString(parsed.takeError()));
  model = std::move(*parsed);
  return readTensors(model.graph, "");
}

/// Of a graph and its branches. `prefix` stands in front of the names of
/// weights.
llvm::Error OnnxFile::readTensors(onnx::Graph &graph,
                                  const std::string &prefix) {
  for (onnx::Tensor &tensor : graph.initializers) {
    if (llvm::Error problem = readTensor(tensor, prefix))
      return problem;
    if (!tensors.emplace(tensor.weight, &tensor).second)
      return error("there are two initializers '" + tensor.name + "'");
  }
  // Some exporters write weights as nodes.
  for (onnx::Node &node : graph.nodes)
    for (onnx::Attribute &attribute : node.attributes) {
      std::string output = node.outputs.empty() ? "" : node.outputs.front();
      if (attribute.graph)
        if (llvm::Error problem = readTensors(
                *attribute.graph, prefix + output + "/" + attribute.name + "/"))
          return problem;
      if (!attribute.tensor)
        continue;
      attribute.tensor->name = output;
      if (llvm::Error problem = readTensor(*attribute.tensor, prefix))
        return problem;
      tensors.emplace(attribute.tensor->weight, &*attribute.tensor);
    }
  return llvm::Error::success();
}

llvm::Error OnnxFile::readTensor(onnx::Tensor &tensor,
                                 const std::string &prefix) {
  tensor.weight = prefix + tensor.name;
  return tensor.external ? mapExternal(tensor) : llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Files of one model
//===----------------------------------------------------------------------===//

static constexpr const char *encoderName = "encoder_model.onnx";

std::optional<std::string> OnnxFile::findIn(llvm::StringRef folder) {
  for (llvm::StringRef within : {"", "onnx"})
    for (llvm::StringRef name :
         {"model.onnx", "decoder_model.onnx", "decoder_model_merged.onnx",
          "decoder_with_past_model.onnx", encoderName}) {
      llvm::SmallString<256> path(folder);
      llvm::sys::path::append(path, within, name);
      if (llvm::sys::fs::exists(path))
        return std::string(path);
    }
  return std::nullopt;
}

/// Weights that both files hold are one; others of the encoder are told apart
/// by its name.
llvm::Error OnnxFile::openEncoder() {
  bool takesSource = llvm::any_of(model.graph.inputs, [](const auto &input) {
    return input.name == "encoder_hidden_states";
  });
  llvm::SmallString<256> beside(llvm::sys::path::parent_path(path));
  llvm::sys::path::append(beside, encoderName);
  // One that is missing is missed where the graph is taken for a model.
  if (!takesSource || !llvm::sys::fs::exists(beside))
    return llvm::Error::success();
  encoder.reset(new OnnxFile(beside));
  if (llvm::Error problem = encoder->read())
    return problem;
  std::map<std::string, onnx::Tensor *, std::less<>> renamed;
  for (const auto &[name, tensor] : encoder->tensors) {
    auto own = tensors.find(name);
    bool isShared = own != tensors.end() && own->second->type == tensor->type &&
                    own->second->shape == tensor->shape &&
                    own->second->bytes == tensor->bytes;
    if (!isShared) {
      tensor->weight = "encoder_model/" + name;
      renamed.emplace(tensor->weight, tensor);
    }
  }
  encoder->tensors = std::move(renamed);
  return llvm::Error::success();
}

std::vector<std::string> OnnxFile::filesBeside() const {
  auto range = llvm::make_first_range(beside);
  std::vector<std::string> names(range.begin(), range.end());
  if (encoder) {
    names.push_back(encoderName);
    llvm::append_range(names, encoder->filesBeside());
  }
  return names;
}

//===----------------------------------------------------------------------===//
// Tensors in other files
//===----------------------------------------------------------------------===//

/// Whether `inner` is the folder of the file `outer`, or below it, both with
/// all links followed.
static bool isBeside(llvm::StringRef inner, llvm::StringRef outer) {
  llvm::StringRef folder = llvm::sys::path::parent_path(outer);
  return inner.consume_front(folder) &&
         (inner.empty() || inner.starts_with("/") || folder.ends_with("/"));
}

/// Links are followed, as download caches keep both files under other names
/// and link to them, but no further than to beside the graph: under the name
/// that it was opened by, or where it is.
static bool leadsOutByLinks(llvm::StringRef graph, llvm::StringRef data) {
  llvm::SmallString<256> folder, whereGraphIs, whereDataIs;
  llvm::StringRef parent = llvm::sys::path::parent_path(graph);
  if (llvm::sys::fs::real_path(parent.empty() ? "." : parent, folder) ||
      llvm::sys::fs::real_path(graph, whereGraphIs) ||
      llvm::sys::fs::real_path(data, whereDataIs))
    return false; // not there: said by who reads it
  llvm::sys::path::append(folder, llvm::sys::path::filename(graph));
  return !isBeside(whereDataIs, folder) && !isBeside(whereDataIs, whereGraphIs);
}

llvm::Error OnnxFile::mapExternal(onnx::Tensor &tensor) {
  const onnx::Tensor::External &external = *tensor.external;
  auto wrong = [&](const llvm::Twine &message) {
    return error("tensor '" + tensor.name + "': " + message);
  };
  // A path that leads out of the model's folder would read files that are none
  // of the model's.
  llvm::StringRef location = external.location;
  bool leadsOut =
      llvm::sys::path::is_absolute(location) || location.contains('\0') ||
      location.contains('\\') ||
      llvm::is_contained(llvm::make_range(llvm::sys::path::begin(location),
                                          llvm::sys::path::end(location)),
                         llvm::StringRef(".."));
  if (leadsOut)
    return wrong("its elements are said to be in '" + location +
                 "', which is not in the model's folder");
  std::unique_ptr<llvm::MemoryBuffer> &data = beside[external.location];
  if (!data) {
    llvm::SmallString<256> full(llvm::sys::path::parent_path(path));
    llvm::sys::path::append(full, location);
    if (leadsOutByLinks(path, full))
      return wrong("its elements are said to be in '" + location +
                   "', a link that leads out of the model's folder");
    llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> opened = mapFile(full);
    if (!opened)
      return wrong("its elements are said to be in " + full.str() +
                   ", which cannot be read: " + opened.getError().message());
    data = std::move(*opened);
  }
  llvm::ArrayRef<uint8_t> bytes = bytesOf(*data);
  uint64_t length = tensor.getNumBytes();
  if (onnx::byteSize(tensor.type) == 0)
    return llvm::Error::success(); // said where it is used
  if (external.length && *external.length != length)
    return wrong("its shape and type need " + llvm::Twine(length) +
                 " bytes, but it is said to have " +
                 llvm::Twine(*external.length));
  if (external.offset > bytes.size() || length > bytes.size() - external.offset)
    return wrong("its elements are said to be " + llvm::Twine(length) +
                 " bytes from byte " + llvm::Twine(external.offset) + " of " +
                 location + " on, which has " + llvm::Twine(bytes.size()));
  tensor.bytes = bytes.slice(external.offset, length);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static StoredType storedTypeOf(onnx::DataType type) {
  switch (type) {
  case onnx::DataType::Float:
    return StoredType::F32;
  case onnx::DataType::Float16:
    return StoredType::F16;
  case onnx::DataType::BFloat16:
    return StoredType::BF16;
  case onnx::DataType::Int8:
    return StoredType::I8;
  case onnx::DataType::UInt8:
    return StoredType::U8;
  case onnx::DataType::Int32:
    return StoredType::I32;
  default:
    return StoredType::Other;
  }
}

std::optional<StoredTensor> OnnxFile::find(llvm::StringRef name) const {
  auto found = tensors.find(name);
  if (found == tensors.end())
    return encoder ? encoder->find(name) : std::nullopt;
  const onnx::Tensor &tensor = *found->second;
  return StoredTensor{storedTypeOf(tensor.type), onnx::name(tensor.type),
                      tensor.shape, tensor.bytes};
}

std::vector<std::string> OnnxFile::names() const {
  auto range = llvm::make_first_range(tensors);
  std::vector<std::string> names(range.begin(), range.end());
  if (encoder)
    llvm::append_range(names, encoder->names());
  llvm::sort(names);
  return names;
}
