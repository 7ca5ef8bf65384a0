//===- Safetensors.cpp - Weights in safetensors files -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Safetensors.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include <map>

using namespace sinter;
using nlohmann::json;

namespace {

/// The format's own limit for the header.
constexpr uint64_t maximumHeaderBytes = 100'000'000;

class SafetensorsFile : public WeightSource {
public:
  SafetensorsFile(llvm::StringRef path,
                  std::unique_ptr<llvm::MemoryBuffer> buffer)
      : path(path), buffer(std::move(buffer)) {}

  llvm::Error readHeader();

  std::optional<StoredTensor> find(llvm::StringRef name) const override {
    auto found = tensors.find(name);
    return found == tensors.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> names() const override {
    auto range = llvm::make_first_range(tensors);
    return {range.begin(), range.end()};
  }
  std::string description() const override { return path; }

private:
  llvm::Error readTensor(const std::string &name, const json &entry,
                         llvm::ArrayRef<uint8_t> data);
  llvm::Error checkGaps(llvm::ArrayRef<uint8_t> data) const;
  llvm::Error error(const llvm::Twine &message) const {
    return jsonError(path, message);
  }

  std::string path;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  std::map<std::string, StoredTensor, std::less<>> tensors;
};

} // namespace

/// Bits of one element; 0 for a type that the format does not have.
static uint64_t bitsOf(llvm::StringRef type) {
  return llvm::StringSwitch<uint64_t>(type)
      .Cases({"F64", "I64", "U64", "C64"}, 64)
      .Cases({"F32", "I32", "U32"}, 32)
      .Cases({"F16", "BF16", "I16", "U16"}, 16)
      .Cases({"I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0"}, 8)
      .Cases({"F6_E2M3", "F6_E3M2"}, 6)
      .Case("F4", 4)
      .Default(0);
}

llvm::Error SafetensorsFile::readTensor(const std::string &name,
                                        const json &entry,
                                        llvm::ArrayRef<uint8_t> data) {
  auto wrong = [&](const llvm::Twine &message) {
    return error("tensor '" + name + "': " + message);
  };
  if (!entry.is_object() || !entry.contains("dtype") ||
      !entry["dtype"].is_string() || !entry.contains("shape") ||
      !entry["shape"].is_array() || !entry.contains("data_offsets"))
    return wrong("expected an object with dtype, shape and data_offsets");

  StoredTensor tensor;
  tensor.typeName = entry["dtype"].get<std::string>();
  tensor.type = llvm::StringSwitch<StoredType>(tensor.typeName)
                    .Case("F32", StoredType::F32)
                    .Case("F16", StoredType::F16)
                    .Case("BF16", StoredType::BF16)
                    .Default(StoredType::Other);
  uint64_t bits = bitsOf(tensor.typeName);
  if (bits == 0)
    return wrong("'" + tensor.typeName + "' is no dtype of safetensors");

  for (const json &size : entry["shape"]) {
    if (!size.is_number_unsigned() ||
        size.get<uint64_t>() > uint64_t(INT64_MAX))
      return wrong("a size in its shape is not a number from 0 on: " +
                   size.dump());
    tensor.shape.push_back(size.get<int64_t>());
    if (__builtin_mul_overflow(bits, size.get<uint64_t>(), &bits))
      return wrong("its shape has more elements than can be counted");
  }

  const json &offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 ||
      !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
    return wrong("expected two numbers in data_offsets");
  uint64_t begin = offsets[0], end = offsets[1];
  if (begin > end || end > data.size())
    return wrong("its data are said to be bytes " + llvm::Twine(begin) +
                 " to " + llvm::Twine(end) + ", but the file holds " +
                 llvm::Twine(data.size()) + " bytes of tensors");
  if (bits % 8 != 0 || end - begin != bits / 8)
    return wrong("its shape and dtype need " + llvm::Twine(bits / 8) +
                 " bytes, but it is said to have " + llvm::Twine(end - begin));
  tensor.bytes = data.slice(begin, end - begin);
  tensors.emplace(name, std::move(tensor));
  return llvm::Error::success();
}

/// Tensors stand one behind the other: an overlap or a gap means that the
/// header lies.
llvm::Error SafetensorsFile::checkGaps(llvm::ArrayRef<uint8_t> data) const {
  std::vector<const std::pair<const std::string, StoredTensor> *> inOrder;
  for (const auto &entry : tensors)
    inOrder.push_back(&entry);
  llvm::sort(inOrder, [](const auto *left, const auto *right) {
    return std::pair(left->second.bytes.begin(), left->second.bytes.end()) <
           std::pair(right->second.bytes.begin(), right->second.bytes.end());
  });
  const uint8_t *expected = data.begin();
  for (const auto *entry : inOrder) {
    if (entry->second.bytes.begin() != expected)
      return error("tensor '" + entry->first + "': its data begin at byte " +
                   llvm::Twine(entry->second.bytes.begin() - data.begin()) +
                   ", expected " + llvm::Twine(expected - data.begin()) +
                   ", where the tensor before it ends");
    expected = entry->second.bytes.end();
  }
  if (expected != data.end())
    return error(llvm::Twine(data.end() - expected) +
                 " bytes at the end belong to no tensor");
  return llvm::Error::success();
}

llvm::Error SafetensorsFile::readHeader() {
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(buffer->getBufferStart()),
      buffer->getBufferSize());
  if (bytes.size() < 8)
    return error("the file has " + llvm::Twine(bytes.size()) +
                 " bytes: too short for the length of a safetensors header");
  uint64_t headerBytes = llvm::support::endian::read64le(bytes.data());
  bytes = bytes.drop_front(8);
  if (headerBytes > bytes.size() || headerBytes > maximumHeaderBytes)
    return error("the header is said to have " + llvm::Twine(headerBytes) +
                 " bytes, but " +
                 (headerBytes > bytes.size()
                      ? "the file has " + llvm::Twine(bytes.size()) +
                            " behind its length"
                      : "100,000,000 is the most that the format allows") +
                 "; is this a safetensors file, and whole?");

  llvm::Expected<json> header =
      parseJson(path, llvm::toStringRef(bytes.take_front(headerBytes)));
  if (!header)
    return header.takeError();
  bytes = bytes.drop_front(headerBytes);
  for (const auto &[name, entry] : header->items()) {
    if (name == "__metadata__")
      continue;
    if (llvm::Error problem = readTensor(name, entry, bytes))
      return problem;
  }
  return checkGaps(bytes);
}

llvm::Expected<std::unique_ptr<WeightSource>>
sinter::parseSafetensors(llvm::StringRef path,
                         std::unique_ptr<llvm::MemoryBuffer> buffer) {
  auto file = std::make_unique<SafetensorsFile>(path, std::move(buffer));
  if (llvm::Error problem = file->readHeader())
    return std::move(problem);
  return std::move(file);
}

llvm::Expected<std::unique_ptr<WeightSource>>
sinter::openSafetensors(llvm::StringRef path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return jsonError(path, "cannot read it: " + buffer.getError().message());
  return parseSafetensors(path, std::move(*buffer));
}
