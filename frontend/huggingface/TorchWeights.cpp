//===- TorchWeights.cpp - Weights as torch.save writes them -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/TorchWeights.h"
#include "frontend/huggingface/Json.h"
#include "frontend/huggingface/Pickle.h"
#include "frontend/huggingface/ZipArchive.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include <bit>
#include <map>
#include <mutex>

using namespace sinter;
using namespace llvm::support::endian;

namespace {

struct StorageKind {
  llvm::StringRef global, type;
  uint64_t bytes;
};
constexpr StorageKind storageKinds[] = {
    {"torch FloatStorage", "F32", 4},     {"torch HalfStorage", "F16", 2},
    {"torch BFloat16Storage", "BF16", 2}, {"torch DoubleStorage", "F64", 8},
    {"torch LongStorage", "I64", 8},      {"torch IntStorage", "I32", 4},
    {"torch ShortStorage", "I16", 2},     {"torch CharStorage", "I8", 1},
    {"torch ByteStorage", "U8", 1},       {"torch BoolStorage", "BOOL", 1}};
constexpr llvm::StringRef rebuildTensor = "torch._utils _rebuild_tensor_v2",
                          rebuildParameter = "torch._utils _rebuild_parameter";

/// What files of the old form begin with: a pickle of this number.
constexpr llvm::StringRef oldMark("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20"
                                  "\x6a\xa8\x50\x19.",
                                  15);

struct Storage {
  const StorageKind *kind;
  int64_t elements;
  llvm::StringRef key;
};

/// A tensor as it lies in its storage; strides and the offset in elements.
struct Layout {
  llvm::ArrayRef<uint8_t> storage;
  uint64_t elementBytes;
  int64_t offset;
  llvm::SmallVector<int64_t> shape, strides;
};

class TorchFile : public WeightSource {
public:
  TorchFile(llvm::StringRef path, std::unique_ptr<llvm::MemoryBuffer> buffer)
      : path(path), buffer(std::move(buffer)) {}

  llvm::Error readFile();

  std::optional<StoredTensor> find(llvm::StringRef name) const override;
  std::vector<std::string> names() const override {
    auto range = llvm::make_first_range(tensors);
    return {range.begin(), range.end()};
  }
  std::string description() const override { return path; }

private:
  struct Tensor {
    StoredTensor stored;
    /// Where it must be copied: an element after the other from here.
    std::optional<Layout> layout;
  };

  llvm::Error error(const llvm::Twine &message) const {
    return jsonError(path, message);
  }
  llvm::Error readArchive(llvm::ArrayRef<uint8_t> bytes);
  llvm::Error readOldFile(llvm::ArrayRef<uint8_t> bytes);
  llvm::Error readTensors();
  llvm::Error readTensor(const std::string &name, const PickleValue &value);
  llvm::Expected<Storage> readStorage(const PickleValue &value) const;
  llvm::Expected<llvm::ArrayRef<uint8_t>>
  storageBytes(const Storage &storage) const;
  bool readSizes(uint32_t index, llvm::SmallVectorImpl<int64_t> &sizes) const;

  std::string path;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  Pickle pickle;
  /// Bytes of storages by their key.
  std::map<llvm::StringRef, llvm::ArrayRef<uint8_t>> storages;
  std::map<std::string, Tensor, std::less<>> tensors;
  /// What had to be copied; several threads may ask.
  mutable std::mutex mutex;
  mutable std::map<std::string, std::vector<uint8_t>, std::less<>> copies;
};

/// All globals that a pickle of weights may name.
std::vector<llvm::StringRef> allowedGlobals() {
  std::vector<llvm::StringRef> names = {"collections OrderedDict",
                                        rebuildTensor, rebuildParameter};
  for (const StorageKind &kind : storageKinds)
    names.push_back(kind.global);
  return names;
}

bool isContiguous(const Layout &layout) {
  int64_t expected = 1;
  for (auto [size, stride] :
       llvm::reverse(llvm::zip(layout.shape, layout.strides))) {
    if (size != 1 && stride != expected)
      return false;
    expected *= size;
  }
  return true;
}

/// The elements in the order of the shape; f64 becomes f32.
std::vector<uint8_t> copyElements(const Layout &layout, int64_t elements,
                                  bool isDouble) {
  uint64_t size = isDouble ? 4 : layout.elementBytes;
  std::vector<uint8_t> bytes(size_t(elements) * size);
  llvm::SmallVector<int64_t> at(layout.shape.size());
  int64_t place = layout.offset;
  for (int64_t i = 0; i < elements; ++i) {
    const uint8_t *from =
        layout.storage.data() + uint64_t(place) * layout.elementBytes;
    if (isDouble)
      write32le(&bytes[i * size], std::bit_cast<uint32_t>(float(
                                      std::bit_cast<double>(read64le(from)))));
    else
      std::copy_n(from, size, &bytes[i * size]);
    for (size_t axis = at.size(); axis-- > 0;) {
      place += layout.strides[axis];
      if (++at[axis] < layout.shape[axis])
        break;
      place -= layout.strides[axis] * layout.shape[axis];
      at[axis] = 0;
    }
  }
  return bytes;
}

} // namespace

std::optional<StoredTensor> TorchFile::find(llvm::StringRef name) const {
  auto found = tensors.find(name);
  if (found == tensors.end())
    return std::nullopt;
  StoredTensor result = found->second.stored;
  if (!found->second.layout)
    return result;
  std::lock_guard lock(mutex);
  auto place = copies.find(name);
  if (place == copies.end())
    place = copies
                .emplace(name.str(), copyElements(*found->second.layout,
                                                  result.getNumElements(),
                                                  result.typeName == "F64"))
                .first;
  result.bytes = place->second;
  return result;
}

/// ("storage", class, key, device, elements), in old files with a sixth value
/// for a part of another storage.
llvm::Expected<Storage> TorchFile::readStorage(const PickleValue &value) const {
  const PickleValue &id = pickle[value.items[0]];
  auto is = [&](size_t i, PickleValue::Kind kind) {
    return pickle[id.items[i]].kind == kind;
  };
  if (id.kind != PickleValue::Tuple || id.items.size() < 5 ||
      id.items.size() > 6 || !is(0, PickleValue::String) ||
      pickle[id.items[0]].string != "storage" || !is(1, PickleValue::Global) ||
      !is(2, PickleValue::String) || !is(4, PickleValue::Integer))
    return error("a storage of its pickle is not named by a class, a key and "
                 "a number of elements");
  if (id.items.size() == 6 && !is(5, PickleValue::None))
    return error("a storage of its pickle is part of another one, which is "
                 "not supported");
  llvm::StringRef global = pickle[id.items[1]].string;
  const StorageKind *kind =
      llvm::find_if(storageKinds, [&](const StorageKind &known) {
        return known.global == global;
      });
  if (kind == std::end(storageKinds))
    return error("a storage of its pickle is said to be a " + global);
  return Storage{kind, pickle[id.items[4]].integer, pickle[id.items[2]].string};
}

llvm::Expected<llvm::ArrayRef<uint8_t>>
TorchFile::storageBytes(const Storage &storage) const {
  auto found = storages.find(storage.key);
  if (found == storages.end())
    return error("storage '" + storage.key + "' is not in the file");
  uint64_t bytes;
  if (storage.elements < 0 ||
      __builtin_mul_overflow(uint64_t(storage.elements), storage.kind->bytes,
                             &bytes) ||
      found->second.size() != bytes)
    return error("storage '" + storage.key + "' is said to have " +
                 llvm::Twine(storage.elements) + " elements of " +
                 storage.kind->type + ", but has " +
                 llvm::Twine(found->second.size()) + " bytes");
  return found->second;
}

/// A tuple of numbers from 0 on.
bool TorchFile::readSizes(uint32_t index,
                          llvm::SmallVectorImpl<int64_t> &sizes) const {
  if (pickle[index].kind != PickleValue::Tuple ||
      pickle[index].items.size() > 64)
    return false;
  for (uint32_t item : pickle[index].items) {
    if (pickle[item].kind != PickleValue::Integer || pickle[item].integer < 0)
      return false;
    sizes.push_back(pickle[item].integer);
  }
  return true;
}

/// _rebuild_tensor_v2(storage, offset, shape, strides, ...)
llvm::Error TorchFile::readTensor(const std::string &name,
                                  const PickleValue &value) {
  auto wrong = [&](const llvm::Twine &message) {
    return error("tensor '" + name + "': " + message);
  };
  const std::vector<uint32_t> &arguments = pickle[value.items[1]].items;
  Layout layout;
  if (arguments.size() < 4 ||
      pickle[arguments[0]].kind != PickleValue::Persistent ||
      pickle[arguments[1]].kind != PickleValue::Integer ||
      pickle[arguments[1]].integer < 0 ||
      !readSizes(arguments[2], layout.shape) ||
      !readSizes(arguments[3], layout.strides) ||
      layout.shape.size() != layout.strides.size())
    return wrong("expected a storage, an offset, a shape and as many strides, "
                 "none of them negative");
  layout.offset = pickle[arguments[1]].integer;
  llvm::Expected<Storage> storage = readStorage(pickle[arguments[0]]);
  if (!storage)
    return storage.takeError();
  llvm::Expected<llvm::ArrayRef<uint8_t>> bytes = storageBytes(*storage);
  if (!bytes)
    return bytes.takeError();
  layout.storage = *bytes;
  layout.elementBytes = storage->kind->bytes;

  // The place of the last element, and how many there are.
  int64_t elements = 1, last = layout.offset;
  for (int64_t size : layout.shape)
    if (__builtin_mul_overflow(elements, size, &elements))
      return wrong("its shape has more elements than can be counted");
  for (auto [size, stride] : llvm::zip(layout.shape, layout.strides)) {
    int64_t step;
    if (elements > 0 && (__builtin_mul_overflow(size - 1, stride, &step) ||
                         __builtin_add_overflow(last, step, &last)))
      return wrong("its strides lead further than can be counted");
  }
  if (elements > 0 && last >= storage->elements)
    return wrong("its shape, strides and offset lead to element " +
                 llvm::Twine(last) + " of storage '" + storage->key +
                 "', which has " + llvm::Twine(storage->elements));
  if (elements > storage->elements)
    return wrong("its strides use elements of its storage several times, which "
                 "is not supported");

  StoredType type = llvm::StringSwitch<StoredType>(storage->kind->type)
                        .Cases({"F32", "F64"}, StoredType::F32)
                        .Case("F16", StoredType::F16)
                        .Case("BF16", StoredType::BF16)
                        .Default(StoredType::Other);
  Tensor tensor{{type, storage->kind->type.str(), layout.shape, {}}, {}};
  if (elements > 0 && (storage->kind->type == "F64" || !isContiguous(layout)))
    tensor.layout = std::move(layout);
  else if (elements > 0)
    tensor.stored.bytes =
        layout.storage.slice(uint64_t(layout.offset) * layout.elementBytes,
                             uint64_t(elements) * layout.elementBytes);
  // The last of two under one name counts, as in Python.
  tensors.insert_or_assign(name, std::move(tensor));
  return llvm::Error::success();
}

/// The dictionary from names to tensors. What is no tensor is no weight.
llvm::Error TorchFile::readTensors() {
  const PickleValue &root = pickle[pickle.root];
  if (root.kind != PickleValue::Dict)
    return error("expected a dictionary from names to tensors (a state_dict)");
  for (size_t i = 0; i < root.items.size(); i += 2) {
    const PickleValue &key = pickle[root.items[i]];
    const PickleValue *value = &pickle[root.items[i + 1]];
    auto callee = [&]() -> llvm::StringRef {
      return value->kind == PickleValue::Call ? pickle[value->items[0]].string
                                              : "";
    };
    // A parameter is a tensor with more said of it.
    if (callee() == rebuildParameter && !pickle[value->items[1]].items.empty())
      value = &pickle[pickle[value->items[1]].items[0]];
    if (callee() != rebuildTensor)
      continue;
    if (key.kind != PickleValue::String)
      return error("a tensor of its pickle has a name that is no text");
    if (llvm::Error problem = readTensor(key.string.str(), *value))
      return problem;
  }
  if (tensors.empty())
    return error("there are no tensors in its dictionary; expected a "
                 "state_dict, as save_pretrained writes it");
  return llvm::Error::success();
}

llvm::Error TorchFile::readArchive(llvm::ArrayRef<uint8_t> bytes) {
  llvm::Expected<ZipFiles> files = readZipArchive(path, bytes);
  if (!files)
    return files.takeError();
  llvm::StringRef folder;
  for (const auto &[name, content] : *files) {
    llvm::StringRef found = name;
    if (!found.consume_back("/data.pkl") || found.contains('/'))
      continue;
    if (!folder.empty())
      return error("there are two 'data.pkl' in its zip archive");
    folder = found;
  }
  if (folder.empty())
    return error("there is no 'data.pkl' in its zip archive: torch.save did "
                 "not write it");
  auto inFolder = [&](llvm::StringRef name) {
    return files->find((folder + "/" + name).str());
  };
  if (inFolder("constants.pkl") != files->end())
    return error("it is a TorchScript program; expected a state_dict, as "
                 "save_pretrained writes it");
  if (auto order = inFolder("byteorder");
      order != files->end() && llvm::toStringRef(order->second) != "little")
    return error("its numbers are not stored in little-endian order");
  std::string data = (folder + "/data/").str();
  llvm::Expected<Pickle> read =
      readPickle(path, inFolder("data.pkl")->second, allowedGlobals());
  if (!read)
    return read.takeError();
  pickle = std::move(*read);
  // Keys are named by the pickle, whose texts live as long as the file.
  for (const PickleValue &value : pickle.values) {
    if (value.kind != PickleValue::Persistent)
      continue;
    llvm::Expected<Storage> storage = readStorage(value);
    if (!storage)
      return storage.takeError();
    auto found = files->find(data + storage->key.str());
    if (found != files->end())
      storages[storage->key] = found->second;
  }
  return readTensors();
}

/// Pickles of a mark, a version, facts about the machine, the dictionary and
/// the list of storages; then each storage behind the number of its elements.
llvm::Error TorchFile::readOldFile(llvm::ArrayRef<uint8_t> bytes) {
  Pickle parts[4];
  bytes = bytes.drop_front(oldMark.size());
  for (Pickle &part : parts) {
    llvm::Expected<Pickle> read = readPickle(path, bytes, allowedGlobals());
    if (!read)
      return read.takeError();
    part = std::move(*read);
    bytes = bytes.drop_front(part.size);
  }
  auto &[version, machine, dictionary, keys] = parts;
  if (version[version.root].integer != 1001)
    return error("its version is not 1001, the only one of old files");
  const PickleValue &facts = machine[machine.root];
  for (size_t i = 0; facts.kind == PickleValue::Dict && i < facts.items.size();
       i += 2)
    if (machine[facts.items[i]].string == "little_endian" &&
        !machine[facts.items[i + 1]].integer)
      return error("its numbers are not stored in little-endian order");
  pickle = std::move(dictionary);
  std::map<llvm::StringRef, uint64_t> elementBytes;
  for (const PickleValue &value : pickle.values) {
    if (value.kind != PickleValue::Persistent)
      continue;
    llvm::Expected<Storage> storage = readStorage(value);
    if (!storage)
      return storage.takeError();
    elementBytes[storage->key] = storage->kind->bytes;
  }
  for (uint32_t item : keys[keys.root].items) {
    llvm::StringRef key = keys[item].string;
    auto size = elementBytes.find(key);
    if (size == elementBytes.end())
      return error("its list of storages names one that no tensor uses");
    uint64_t count = bytes.size() < 8 ? 0 : read64le(bytes.data()), needed;
    if (bytes.size() < 8 ||
        __builtin_mul_overflow(count, size->second, &needed) ||
        needed > bytes.size() - 8)
      return error("it ends within storage '" + key + "'; is the file whole?");
    storages[key] = bytes.slice(8, needed);
    bytes = bytes.drop_front(8 + needed);
  }
  return readTensors();
}

llvm::Error TorchFile::readFile() {
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(buffer->getBufferStart()),
      buffer->getBufferSize());
  llvm::StringRef text = llvm::toStringRef(bytes);
  if (text.starts_with(oldMark))
    return readOldFile(bytes);
  if (text.starts_with("PK"))
    return readArchive(bytes);
  return error("it is no file of torch.save: expected a zip archive" +
               llvm::Twine(text.starts_with("version https://git-lfs")
                               ? "; it is a pointer of Git LFS, so fetch the "
                                 "file itself"
                               : ""));
}

llvm::Expected<std::unique_ptr<WeightSource>>
sinter::parseTorchWeights(llvm::StringRef path,
                          std::unique_ptr<llvm::MemoryBuffer> buffer) {
  auto file = std::make_unique<TorchFile>(path, std::move(buffer));
  if (llvm::Error problem = file->readFile())
    return std::move(problem);
  return std::move(file);
}

llvm::Expected<std::unique_ptr<WeightSource>>
sinter::openTorchWeights(llvm::StringRef path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return jsonError(path, "cannot read it: " + buffer.getError().message());
  return parseTorchWeights(path, std::move(*buffer));
}
