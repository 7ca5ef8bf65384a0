//===- GgufFile.cpp - What stands in a GGUF file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/gguf/GgufFile.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Endian.h"
#include <bit>

using namespace sinter;
using namespace llvm::support::endian;

static constexpr GgufTypeInfo types[] = {
    {GgufType::F32, "F32", 1, 4},         {GgufType::F16, "F16", 1, 2},
    {GgufType::Q4_0, "Q4_0", 32, 18},     {GgufType::Q4_1, "Q4_1", 32, 20},
    {GgufType::Q5_0, "Q5_0", 32, 22},     {GgufType::Q5_1, "Q5_1", 32, 24},
    {GgufType::Q8_0, "Q8_0", 32, 34},     {GgufType::Q2_K, "Q2_K", 256, 84},
    {GgufType::Q3_K, "Q3_K", 256, 110},   {GgufType::Q4_K, "Q4_K", 256, 144},
    {GgufType::Q5_K, "Q5_K", 256, 176},   {GgufType::Q6_K, "Q6_K", 256, 210},
    {GgufType::IQ4_NL, "IQ4_NL", 32, 18}, {GgufType::I8, "I8", 1, 1},
    {GgufType::I16, "I16", 1, 2},         {GgufType::I32, "I32", 1, 4},
    {GgufType::I64, "I64", 1, 8},         {GgufType::F64, "F64", 1, 8},
    {GgufType::BF16, "BF16", 1, 2}};

const GgufTypeInfo *sinter::findGgufType(uint32_t type) {
  for (const GgufTypeInfo &info : types)
    if (static_cast<uint32_t>(info.type) == type)
      return &info;
  return nullptr;
}

int64_t GgufTensor::getNumElements() const {
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  return elements;
}

namespace {

/// The format's own numbers for types of metadata.
enum ValueType : uint32_t {
  Uint8,
  Int8,
  Uint16,
  Int16,
  Uint32,
  Int32,
  Float32,
  Boolean,
  Text,
  Array,
  Uint64,
  Int64,
  Float64
};

constexpr unsigned maximumDepth = 4;
constexpr size_t maximumNameBytes = 65535;
constexpr uint32_t maximumDimensions = 4;

/// A place in the file. The first mistake is kept, and all that is read after
/// it is zero.
class Reader {
public:
  Reader(llvm::StringRef path, llvm::ArrayRef<uint8_t> bytes)
      : path(path), bytes(bytes) {}

  llvm::Error takeProblem() { return std::move(problem); }
  bool failed() const { return hasFailed; }
  uint64_t position() const { return place; }
  uint64_t left() const { return bytes.size() - place; }

  void fail(const llvm::Twine &message) {
    if (hasFailed)
      return;
    hasFailed = true;
    llvm::consumeError(std::move(problem));
    problem = jsonError(path, message);
  }

  const uint8_t *take(uint64_t count, const llvm::Twine &what) {
    if (hasFailed || count > left()) {
      fail("it ends within " + what + ": at byte " + llvm::Twine(place) + ", " +
           llvm::Twine(count) + " bytes were expected, and " +
           llvm::Twine(left()) + " are left; is the file whole?");
      return nullptr;
    }
    place += count;
    return bytes.data() + place - count;
  }
  uint32_t take32(const llvm::Twine &what) {
    const uint8_t *at = take(4, what);
    return at ? read32le(at) : 0;
  }
  uint64_t take64(const llvm::Twine &what) {
    const uint8_t *at = take(8, what);
    return at ? read64le(at) : 0;
  }
  std::string takeString(const llvm::Twine &what) {
    uint64_t length = take64(what);
    const uint8_t *at = take(length, what);
    return at ? std::string(at, at + length) : std::string();
  }
  /// A text that messages may show.
  std::string takeName(const llvm::Twine &what) {
    uint64_t length = take64(what);
    if (length > maximumNameBytes) {
      fail("the name of " + what + " is said to have " + llvm::Twine(length) +
           " bytes");
      return "";
    }
    const uint8_t *at = take(length, what);
    if (!at)
      return "";
    const auto *begin = reinterpret_cast<const llvm::UTF8 *>(at);
    if (!llvm::isLegalUTF8String(&begin, begin + length) ||
        llvm::is_contained(llvm::ArrayRef(at, length), 0)) {
      fail("the name of " + what + " is not UTF-8 text");
      return "";
    }
    return std::string(at, at + length);
  }

  GgufValue takeValue(uint32_t type, llvm::StringRef key, unsigned depth = 0);

private:
  GgufValue takeList(llvm::StringRef key, unsigned depth);

  llvm::StringRef path;
  llvm::ArrayRef<uint8_t> bytes;
  uint64_t place = 0;
  llvm::Error problem = llvm::Error::success();
  bool hasFailed = false;
};

/// Bytes of a scalar; of what has a length of its own, the bytes of that.
uint64_t leastBytes(uint32_t type) {
  switch (type) {
  case Uint8:
  case Int8:
  case Boolean:
    return 1;
  case Uint16:
  case Int16:
    return 2;
  case Uint32:
  case Int32:
  case Float32:
    return 4;
  case Text:
  case Uint64:
  case Int64:
  case Float64:
    return 8;
  case Array:
    return 12;
  default:
    return 0;
  }
}

GgufValue makeInteger(int64_t value) {
  GgufValue result;
  result.integer = value;
  return result;
}

GgufValue makeReal(double value) {
  GgufValue result;
  result.kind = GgufValue::Real;
  result.real = value;
  return result;
}

GgufValue scalar(uint32_t type, const uint8_t *at) {
  switch (type) {
  case Uint8:
    return makeInteger(*at);
  case Int8:
    return makeInteger(static_cast<int8_t>(*at));
  case Uint16:
    return makeInteger(read16le(at));
  case Int16:
    return makeInteger(static_cast<int16_t>(read16le(at)));
  case Uint32:
    return makeInteger(read32le(at));
  case Int32:
    return makeInteger(static_cast<int32_t>(read32le(at)));
  case Float32:
    return makeReal(std::bit_cast<float>(read32le(at)));
  case Boolean: {
    GgufValue result = makeInteger(*at != 0);
    result.kind = GgufValue::Bool;
    return result;
  }
  case Uint64: {
    // What does not fit is kept as the real number it is close to.
    uint64_t value = read64le(at);
    return value > uint64_t(INT64_MAX) ? makeReal(static_cast<double>(value))
                                       : makeInteger(int64_t(value));
  }
  case Int64:
    return makeInteger(static_cast<int64_t>(read64le(at)));
  default:
    return makeReal(std::bit_cast<double>(read64le(at)));
  }
}

GgufValue Reader::takeValue(uint32_t type, llvm::StringRef key,
                            unsigned depth) {
  const std::string what = ("the value of '" + key + "'").str();
  if (leastBytes(type) == 0) {
    fail(what + " is said to be of type " + llvm::Twine(type) +
         ", which the format does not have");
    return {};
  }
  if (type == Array)
    return takeList(key, depth);
  if (type == Text) {
    GgufValue result;
    result.kind = GgufValue::String;
    result.string = takeString(what);
    return result;
  }
  const uint8_t *at = take(leastBytes(type), what);
  return at ? scalar(type, at) : GgufValue();
}

GgufValue Reader::takeList(llvm::StringRef key, unsigned depth) {
  GgufValue result;
  result.kind = GgufValue::List;
  uint32_t type = take32("the list '" + key + "'");
  uint64_t count = take64("the list '" + key + "'");
  if (failed())
    return result;
  if (depth >= maximumDepth) {
    fail("the list '" + key + "' holds lists more than " +
         llvm::Twine(maximumDepth) + " deep");
    return result;
  }
  // Before anything of this size is taken from memory.
  uint64_t least = leastBytes(type);
  if (least != 0 && count > left() / least) {
    fail("the list '" + key + "' is said to have " + llvm::Twine(count) +
         " items, and " + llvm::Twine(left()) +
         " bytes are left; is the file whole?");
    return result;
  }
  if (least == 0)
    takeValue(type, key, depth + 1); // says what is wrong
  for (uint64_t i = 0; i < count && !failed(); ++i)
    result.list.push_back(takeValue(type, key, depth + 1));
  return result;
}

/// A row of the table of tensors; its bytes are found once the table ends.
struct TensorRow {
  std::string name;
  GgufTensor tensor;
  uint64_t offset = 0, size = 0;
};

TensorRow takeTensor(Reader &reader, uint64_t index, uint64_t alignment) {
  TensorRow row;
  row.name = reader.takeName("tensor " + llvm::Twine(index));
  const std::string what = "tensor '" + row.name + "'";
  uint32_t dimensions = reader.take32(what);
  if (dimensions > maximumDimensions)
    reader.fail(what + " is said to have " + llvm::Twine(dimensions) +
                " dimensions; the format has " +
                llvm::Twine(maximumDimensions) + " at most");
  uint64_t elements = 1;
  for (uint32_t i = 0; i < dimensions && !reader.failed(); ++i) {
    uint64_t size = reader.take64(what);
    if (size > uint64_t(INT64_MAX) ||
        __builtin_mul_overflow(elements, size, &elements) ||
        elements > uint64_t(INT64_MAX))
      reader.fail(what + " has more elements than can be counted");
    row.tensor.shape.insert(row.tensor.shape.begin(), int64_t(size));
  }
  uint32_t type = reader.take32(what);
  row.offset = reader.take64(what);
  if (reader.failed())
    return row;
  row.tensor.type = findGgufType(type);
  if (!row.tensor.type) {
    reader.fail(what + " is stored as type " + llvm::Twine(type) +
                " of GGUF, which cannot be read; requantize the model to Q8_0, "
                "Q6_K, Q5_K, Q4_K or another of the types that can");
    return row;
  }
  const GgufTypeInfo &info = *row.tensor.type;
  uint64_t width = dimensions == 0 ? 1 : uint64_t(row.tensor.shape.back());
  if (width % info.elements != 0)
    reader.fail(what + " has rows of " + llvm::Twine(width) +
                " elements, but " + info.name + " stores " +
                llvm::Twine(info.elements) + " at a time");
  if (__builtin_mul_overflow(elements / info.elements, uint64_t(info.bytes),
                             &row.size))
    reader.fail(what + " has more bytes than can be counted");
  if (row.offset % alignment != 0)
    reader.fail(what + " begins at byte " + llvm::Twine(row.offset) +
                ", which is no multiple of the alignment, " +
                llvm::Twine(alignment));
  return row;
}

} // namespace

/// Gives the tensors their bytes.
static void placeTensors(Reader &reader, std::vector<TensorRow> &rows,
                         llvm::ArrayRef<uint8_t> data) {
  llvm::stable_sort(rows, [](const TensorRow &left, const TensorRow &right) {
    return left.offset < right.offset;
  });
  uint64_t end = 0;
  for (TensorRow &row : rows) {
    if (row.offset > data.size() || row.size > data.size() - row.offset)
      reader.fail("tensor '" + row.name + "' needs " + llvm::Twine(row.size) +
                  " bytes from byte " + llvm::Twine(row.offset) +
                  " on, but the file holds " + llvm::Twine(data.size()) +
                  " bytes of tensors; is it whole?");
    else if (row.offset < end)
      reader.fail("tensor '" + row.name +
                  "' begins before the tensor in front of it ends");
    if (reader.failed())
      return;
    end = row.offset + row.size;
    row.tensor.bytes = data.slice(row.offset, row.size);
  }
}

static void readHeader(Reader &reader) {
  const uint8_t *magic = reader.take(4, "the first word");
  if (magic &&
      llvm::StringRef(reinterpret_cast<const char *>(magic), 4) != "GGUF")
    reader.fail("it does not begin with \"GGUF\": it is no GGUF file");
  uint32_t version = reader.take32("the version");
  if (reader.failed() || version == 2 || version == 3)
    return;
  if (version == 0x02000000 || version == 0x03000000)
    reader.fail("it was written for a big-endian machine, which is not "
                "supported");
  else
    reader.fail("it is GGUF of version " + llvm::Twine(version) +
                "; 2 and 3 are read");
}

llvm::Expected<std::unique_ptr<GgufFile>>
GgufFile::parse(llvm::StringRef path,
                std::unique_ptr<llvm::MemoryBuffer> buffer) {
  auto file = std::make_unique<GgufFile>();
  file->path = path.str();
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(buffer->getBufferStart()),
      buffer->getBufferSize());
  file->buffers.push_back(std::move(buffer));
  Reader reader(path, bytes);
  readHeader(reader);
  uint64_t tensorCount = reader.take64("the number of tensors");
  uint64_t valueCount = reader.take64("the number of metadata values");
  for (uint64_t i = 0; i < valueCount && !reader.failed(); ++i) {
    std::string key = reader.takeName("metadata value " + llvm::Twine(i));
    uint32_t type = reader.take32("the value of '" + key + "'");
    GgufValue value = reader.takeValue(type, key);
    if (!file->metadata.emplace(key, std::move(value)).second)
      reader.fail("the metadata have '" + key + "' twice");
  }

  int64_t alignment = file->integer("general.alignment").value_or(32);
  if (alignment < 1 || alignment > (1 << 20) ||
      !std::has_single_bit(uint64_t(alignment)))
    reader.fail("general.alignment is " + llvm::Twine(alignment) +
                "; a power of two is expected");
  std::vector<TensorRow> rows;
  for (uint64_t i = 0; i < tensorCount && !reader.failed(); ++i)
    rows.push_back(takeTensor(reader, i, uint64_t(alignment)));
  if (!reader.failed()) {
    uint64_t padding = -reader.position() & uint64_t(alignment - 1);
    placeTensors(reader, rows,
                 bytes.drop_front(std::min<uint64_t>(
                     reader.position() + padding, bytes.size())));
  }
  for (TensorRow &row : rows)
    if (!reader.failed() &&
        !file->tensors.emplace(row.name, std::move(row.tensor)).second)
      reader.fail("tensor '" + row.name + "' stands there twice");
  if (llvm::Error problem = reader.takeProblem())
    return std::move(problem);
  return std::move(file);
}

const GgufValue *GgufFile::find(llvm::StringRef key) const {
  auto found = metadata.find(key);
  return found == metadata.end() ? nullptr : &found->second;
}

llvm::StringRef GgufFile::string(llvm::StringRef key) const {
  const GgufValue *value = find(key);
  return value && value->kind == GgufValue::String
             ? llvm::StringRef(value->string)
             : llvm::StringRef();
}

std::optional<int64_t> GgufFile::integer(llvm::StringRef key) const {
  const GgufValue *value = find(key);
  return value && value->kind == GgufValue::Integer
             ? std::optional(value->integer)
             : std::nullopt;
}

std::optional<bool> GgufFile::boolean(llvm::StringRef key) const {
  const GgufValue *value = find(key);
  return value && value->kind == GgufValue::Bool
             ? std::optional(value->integer != 0)
             : std::nullopt;
}

std::string GgufFile::architectureKey(llvm::StringRef rest) const {
  return (string("general.architecture") + "." + rest).str();
}
