//===- TorchWeightsTest.cpp - Files of torch.save, good and bad -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/TorchWeights.h"
#include "frontend/huggingface/Safetensors.h"
#include "frontend/huggingface/ShardedWeights.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <functional>
#include <gtest/gtest.h>
#include <random>

using namespace sinter;

namespace {

const std::string fixtures = SINTER_FIXTURES;

template <typename Value> Value valueOf(llvm::Expected<Value> result) {
  if (result)
    return std::move(*result);
  ADD_FAILURE() << llvm::toString(result.takeError());
  return {};
}

std::string readFile(const std::string &path) {
  return llvm::MemoryBuffer::getFile(path).get()->getBuffer().str();
}

llvm::Expected<std::unique_ptr<WeightSource>> parse(const std::string &bytes) {
  return parseTorchWeights("w.bin",
                           llvm::MemoryBuffer::getMemBufferCopy(bytes));
}

/// What is said of these bytes; "" if nothing is wrong. Then all is read.
std::string problemOf(const std::string &bytes) {
  llvm::Expected<std::unique_ptr<WeightSource>> file = parse(bytes);
  if (!file)
    return llvm::toString(file.takeError());
  for (const std::string &name : (*file)->names()) {
    std::optional<StoredTensor> tensor = (*file)->find(name);
    if (!tensor || tensor->type == StoredType::Other)
      continue;
    std::vector<float> values(size_t(tensor->getNumElements()));
    tensor->read(0, values);
  }
  return "";
}

void expectSame(const WeightSource &weights, const WeightSource &expected) {
  for (const std::string &name : expected.names()) {
    std::optional<StoredTensor> found = weights.find(name),
                                wanted = expected.find(name);
    ASSERT_TRUE(found) << name;
    ASSERT_EQ(found->shape, wanted->shape) << name;
    std::vector<float> a(size_t(found->getNumElements())), b(a.size());
    found->read(0, a);
    wanted->read(0, b);
    EXPECT_EQ(a, b) << name;
  }
}

std::unique_ptr<WeightSource> expected() {
  return valueOf(openSafetensors(fixtures + "/llama-f16/model.safetensors"));
}

//===----------------------------------------------------------------------===//
// Files as a hostile hand would write them
//===----------------------------------------------------------------------===//

template <typename Number> std::string bytesOf(Number number) {
  return std::string(reinterpret_cast<const char *>(&number), sizeof(number));
}

std::string text(llvm::StringRef value) {
  return "X" + bytesOf<uint32_t>(uint32_t(value.size())) + value.str();
}
std::string number(int32_t value) { return "J" + bytesOf(value); }
std::string wide(int64_t value) { return "\x8a\x08" + bytesOf(value); }
std::string global(const std::string &module, const std::string &name) {
  return "c" + module + "\n" + name + "\n";
}
std::string tuple(const std::string &values) { return "(" + values + "t"; }

struct TensorText {
  std::string storageClass = global("torch", "FloatStorage");
  std::string kind = text("storage"), key = text("0"), device = text("cpu");
  std::string elements = number(6);
  std::string offset = number(0), shape = tuple(number(2) + number(3)),
              strides = tuple(number(3) + number(1));
  std::string callee = global("torch._utils", "_rebuild_tensor_v2");
  std::string moreOfStorage = "";

  std::string pickle() const {
    return callee +
           tuple(tuple(kind + storageClass + key + device + elements +
                       moreOfStorage) +
                 "Q" + offset + shape + strides + "\x89}") +
           "R";
  }
};

std::string dictionary(const std::string &entries) {
  return "\x80\x02}(" + entries + "u.";
}

/// An archive of stored files; `spoil` may change a directory's entry.
std::string
archive(const std::vector<std::pair<std::string, std::string>> &files,
        const std::function<void(std::string &)> &spoil = {}) {
  std::string result, directory;
  for (const auto &[name, content] : files) {
    std::string entry =
        "PK\1\2" + std::string(12, '\0') + bytesOf<uint32_t>(0) +
        bytesOf(uint32_t(content.size())) + bytesOf(uint32_t(content.size())) +
        bytesOf(uint16_t(name.size())) + std::string(12, '\0') +
        bytesOf(uint32_t(result.size())) + name;
    if (spoil)
      spoil(entry);
    directory += entry;
    result += "PK\3\4" + std::string(22, '\0') +
              bytesOf(uint16_t(name.size())) + std::string(2, '\0') + name +
              content;
  }
  return result + directory + "PK\5\6" + std::string(4, '\0') +
         bytesOf(uint16_t(files.size())) + bytesOf(uint16_t(files.size())) +
         bytesOf(uint32_t(directory.size())) +
         bytesOf(uint32_t(result.size())) + std::string(2, '\0');
}

std::string file(const std::string &pickle) {
  return archive({{"m/data.pkl", pickle}, {"m/data/0", std::string(24, '\0')}});
}
std::string fileOf(const TensorText &tensor) {
  return file(dictionary(text("a") + tensor.pickle()));
}
/// A file with one tensor that `change` spoils.
std::string with(const std::function<void(TensorText &)> &change) {
  TensorText tensor;
  change(tensor);
  return fileOf(tensor);
}
void write(std::string &bytes, size_t at, const std::string &piece) {
  bytes.replace(at, piece.size(), piece);
}

struct Case {
  const char *expected;
  std::string bytes;
};

} // namespace

TEST(TorchWeights, AllForms) {
  std::unique_ptr<WeightSource> wanted = expected();
  for (const char *name : {"/torch/zip.bin", "/torch/old.bin"}) {
    std::unique_ptr<WeightSource> weights =
        valueOf(openTorchWeights(fixtures + name));
    ASSERT_TRUE(weights);
    expectSame(*weights, *wanted);
    EXPECT_FALSE(weights->find("step"));
  }
  std::unique_ptr<WeightSource> weights = valueOf(openShardedWeights(
      fixtures + "/torch/sharded/pytorch_model.bin.index.json",
      openTorchWeights));
  ASSERT_TRUE(weights);
  expectSame(*weights, *wanted);
  EXPECT_EQ(problemOf(fileOf({})), "");
}

TEST(TorchWeights, MalformedPickles) {
  auto pickled = [](const std::string &bytes) {
    return file("\x80\x02" + bytes);
  };
  const Case cases[] = {
      {"it needs 1 bytes, but 0 are left", file("")},
      {"its protocol is 0, expected 2 to 5", file(std::string("\x80\0.", 3))},
      {"its protocol is 9", file("\x80\x09.")},
      {"it takes a value where there is none", pickled(".")},
      {"it leaves values behind", pickled("NN.")},
      {"it takes a value where there is none", pickled("N(.")},
      {"it names 'os.system'",
       pickled("cos\nsystem\n" + tuple(text("ls")) + "R.")},
      {"it names 'builtins.eval'",
       pickled(text("builtins") + text("eval") + "\x93.")},
      {"it names '__builtin__.getattr'", pickled("c__builtin__\ngetattr\n.")},
      {"it names 'torch.load'", pickled("ctorch\nload\n.")},
      {"it names '\\1B[2J.x'", pickled("c\x1b[2J\nx\n.")},
      {"a name does not end", pickled("ctorch\nload")},
      {"it names a global by what is no text", pickled("NN\x93.")},
      {"0x69 is no instruction", pickled("(ios\nsystem\n.")},
      {"0x81 is no instruction",
       pickled(global("torch", "FloatStorage") + ")\x81.")},
      {"0x6f is no instruction", pickled("(o.")},
      {"0x82 is no instruction", pickled("\x82\x01.")},
      {"0x53 is no instruction", pickled("S'a'\n.")},
      {"0xff is no instruction", pickled("\xff")},
      {"it calls what is no function", pickled("N)R.")},
      {"it calls what is no function",
       pickled(global("torch", "FloatStorage") + "NR.")},
      {"it makes an OrderedDict of a value",
       pickled(global("collections", "OrderedDict") + "]\x85R.")},
      {"it goes back to a mark where there is none", pickled("t.")},
      {"it takes a value where there is none", pickled("N\x86.")},
      {"it takes a value where there is none", pickled("N(\x85.")},
      {"it adds to a list where there is none", pickled("NNa.")},
      {"it adds to a dictionary where there is none", pickled("](NNu.")},
      {"it adds to the attributes of a dictionary", pickled("N}b.")},
      {"a key without a value", pickled("}(Nu.")},
      {"it asks for value 7, which was not remembered", pickled("h\x07.")},
      {"it remembers a value where there is none", pickled("q\1.")},
      {"it needs 4294967295 bytes", pickled("X\xff\xff\xff\xff.")},
      {"it needs 18446744073709551615 bytes",
       pickled("\x8d\xff\xff\xff\xff\xff\xff\xff\xff.")},
      {"it needs 255 bytes", pickled("\x8a\xff.")},
      {"it needs 4 bytes, but 1 are left", pickled("J.")},
      {"expected a dictionary from names to tensors", pickled("].")},
      {"expected a dictionary from names to tensors", pickled("N.")},
      {"there are no tensors in its dictionary", pickled("}.")},
      {"there are no tensors in its dictionary",
       file(dictionary(text("a") + number(1)))},
      {"a tensor of its pickle has a name that is no text",
       file(dictionary(number(1) + TensorText().pickle()))},
  };
  for (const Case &entry : cases)
    EXPECT_NE(problemOf(entry.bytes).find(entry.expected), std::string::npos)
        << entry.expected << "\n"
        << problemOf(entry.bytes);
}

TEST(TorchWeights, MalformedTensors) {
  using Text = TensorText;
  const Case cases[] = {
      {"tensor 'a': expected a storage, an offset",
       with([](Text &t) { t.offset = number(-1); })},
      {"tensor 'a': expected a storage, an offset",
       with([](Text &t) { t.offset = "N"; })},
      {"tensor 'a': expected a storage, an offset",
       with([](Text &t) { t.shape = tuple(number(2)); })},
      {"tensor 'a': expected a storage, an offset",
       with([](Text &t) { t.shape = number(2); })},
      {"tensor 'a': expected a storage, an offset",
       with([](Text &t) { t.shape = tuple(number(-2) + number(3)); })},
      {"tensor 'a': expected a storage, an offset",
       with([](Text &t) { t.strides = tuple(number(3) + number(-1)); })},
      {"lead to element 6 of storage '0', which has 6",
       with([](Text &t) { t.offset = number(1); })},
      {"lead to element 8 of storage '0'",
       with([](Text &t) { t.strides = tuple(number(6) + number(1)); })},
      {"lead to element 8 of storage '0'",
       with([](Text &t) { t.shape = tuple(number(3) + number(3)); })},
      {"more elements than can be counted", with([](Text &t) {
         t.shape = tuple(wide(1ll << 40) + wide(1ll << 40));
       })},
      {"its strides lead further than can be counted", with([](Text &t) {
         t.strides = tuple(wide(INT64_MAX) + wide(INT64_MAX));
       })},
      {"its strides lead further than can be counted",
       with([](Text &t) { t.offset = wide(INT64_MAX); })},
      {"uses elements of its storage several times", with([](Text &t) {
         t.shape = tuple(wide(1 << 30) + number(3));
         t.strides = tuple(number(0) + number(1));
       })},
      {"a storage of its pickle is not named",
       with([](Text &t) { t.kind = text("module"); })},
      {"a storage of its pickle is not named",
       with([](Text &t) { t.key = number(0); })},
      {"a storage of its pickle is not named",
       with([](Text &t) { t.elements = "N"; })},
      {"a storage of its pickle is not named",
       with([](Text &t) { t.storageClass = "N"; })},
      {"a storage of its pickle is not named",
       with([](Text &t) { t.moreOfStorage = "NN"; })},
      {"is part of another one",
       with([](Text &t) { t.moreOfStorage = tuple(number(1)); })},
      {"is said to be a torch._utils _rebuild_tensor_v2",
       with([](Text &t) { t.storageClass = t.callee; })},
      {"storage '9' is not in the file",
       with([](Text &t) { t.key = text("9"); })},
      {"storage '../0' is not in the file",
       with([](Text &t) { t.key = text("../0"); })},
      {"storage '0' is said to have 7 elements of F32, but has 24 bytes",
       with([](Text &t) { t.elements = number(7); })},
      {"storage '0' is said to have -6 elements",
       with([](Text &t) { t.elements = number(-6); })},
      {"storage '0' is said to have 4611686018427387904 elements",
       with([](Text &t) { t.elements = wide(1ll << 62); })},
      {"elements of F64, but has 24 bytes", with([](Text &t) {
         t.storageClass = global("torch", "DoubleStorage");
       })},
      {"it names 'torch.QInt8Storage'",
       with([](Text &t) { t.storageClass = global("torch", "QInt8Storage"); })},
      {"there are no tensors",
       with([](Text &t) { t.callee = global("torch", "FloatStorage"); })},
      {"it names 'torch._utils._rebuild_qtensor'", with([](Text &t) {
         t.callee = global("torch._utils", "_rebuild_qtensor");
       })},
  };
  for (Case entry : cases) {
    std::string expected = entry.expected;
    if (expected.starts_with("uses"))
      expected = "its strides use elements of its storage several times";
    EXPECT_NE(problemOf(entry.bytes).find(expected), std::string::npos)
        << expected << "\n"
        << problemOf(entry.bytes);
  }
}

TEST(TorchWeights, MalformedArchives) {
  std::string pickle = dictionary(text("a") + TensorText().pickle());
  std::string data(24, '\0');
  std::string good = archive({{"m/data.pkl", pickle}, {"m/data/0", data}});
  auto entry = [&](size_t at, const std::string &piece) {
    return archive({{"m/data.pkl", pickle}, {"m/data/0", data}},
                   [&](std::string &bytes) { write(bytes, at, piece); });
  };
  auto end = [&](size_t at, const std::string &piece) {
    std::string bytes = good;
    write(bytes, bytes.size() - 22 + at, piece);
    return bytes;
  };
  std::string wideEnd = good;
  wideEnd.insert(wideEnd.size() - 22, "PK\6\7" + std::string(4, '\0') +
                                          bytesOf<uint64_t>(1ull << 60) +
                                          bytesOf<uint32_t>(1));
  std::string otherName = good;
  write(otherName, 30, "x");
  const Case cases[] = {
      {"it is no file of torch.save", ""},
      {"it is no file of torch.save", "hello"},
      {"a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\n"},
      {"there is no end of a zip archive", "PK"},
      {"there is no end of a zip archive", good.substr(0, good.size() - 1)},
      {"there is no end of a zip archive", end(20, "\1")},
      {"in several parts", end(4, "\1")},
      {"the directory of its zip archive ends at file 2 of 9", end(10, "\x09")},
      {"but the file has", end(12, "\xff\xff\xff\x7f")},
      {"but the file has", end(16, "\xff\xff\xff\x7f")},
      {"the directory of its zip archive ends at file 0",
       end(16, std::string(4, '\0'))},
      {"is said to be at byte 1152921504606846976, but is not there", wideEnd},
      {"encrypted", entry(8, "\1")},
      {"compressed", entry(10, "\x08")},
      {"compressed", entry(20, "\7")},
      {"lacks its size of 64 bits", entry(24, "\xff\xff\xff\xff")},
      {"the directory of its zip archive is cut in file 0",
       entry(28, "\xff\xff")},
      {"is said to be at byte", entry(42, "\x10")},
      {"is said to be at byte 2147483647", entry(42, "\xff\xff\xff\x7f")},
      {"has another name in its zip archive", otherName},
      {"stands twice",
       archive({{"m/data.pkl", pickle}, {"m/data.pkl", pickle}})},
      {"there are two 'data.pkl'",
       archive({{"m/data.pkl", pickle}, {"n/data.pkl", pickle}})},
      {"there is no 'data.pkl'", archive({{"data.pkl", pickle}})},
      {"there is no 'data.pkl'", archive({})},
      {"TorchScript",
       archive({{"m/data.pkl", pickle}, {"m/constants.pkl", ""}})},
      {"not stored in little-endian order",
       archive({{"m/data.pkl", pickle}, {"m/byteorder", "big"}})},
      {"storage '0' is not in the file",
       archive({{"m/data.pkl", pickle}, {"n/data/0", data}})},
  };
  for (const Case &entry : cases)
    EXPECT_NE(problemOf(entry.bytes).find(entry.expected), std::string::npos)
        << entry.expected << "\n"
        << problemOf(entry.bytes);
}

TEST(TorchWeights, MalformedOldFiles) {
  std::string mark("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
                   15);
  std::string version = "\x80\x02M\xe9\x03.", machine = "\x80\x02}.";
  TensorText tensor;
  tensor.moreOfStorage = "N";
  std::string weights = dictionary(text("a") + tensor.pickle());
  std::string keys = "\x80\x02](" + text("0") + "e.";
  std::string data = bytesOf<uint64_t>(6) + std::string(24, '\0');
  EXPECT_EQ(problemOf(mark + version + machine + weights + keys + data), "");
  const Case cases[] = {
      {"it needs 1 bytes", mark},
      {"it needs 1 bytes", mark + version + machine},
      {"its version is not 1001",
       mark + "\x80\x02K\1." + machine + weights + keys + data},
      {"little-endian", mark + version + "\x80\x02}(" + text("little_endian") +
                            "\x89u." + weights + keys + data},
      {"it ends within storage '0'", mark + version + machine + weights + keys},
      {"it ends within storage '0'",
       mark + version + machine + weights + keys + data.substr(0, 31)},
      {"it ends within storage '0'", mark + version + machine + weights + keys +
                                         bytesOf<uint64_t>(1ull << 62)},
      {"names one that no tensor uses", mark + version + machine + weights +
                                            "\x80\x02](" + text("1") + "e." +
                                            data},
      {"storage '0' is not in the file",
       mark + version + machine + weights + "\x80\x02]." + data},
      {"storage '0' is said to have 6 elements",
       mark + version + machine + weights + keys + bytesOf<uint64_t>(5) +
           std::string(24, '\0')},
      {"it names 'posix.system'", mark + version + machine + "\x80\x02" +
                                      global("posix", "system") +
                                      tuple(text("ls")) + "R."},
  };
  for (const Case &entry : cases)
    EXPECT_NE(problemOf(entry.bytes).find(entry.expected), std::string::npos)
        << entry.expected << "\n"
        << problemOf(entry.bytes);
}

/// A pickle that is cheap to write must be cheap to read.
TEST(TorchWeights, ManyValues) {
  EXPECT_NE(problemOf(file("\x80\x02" + std::string(9'000'000, '}')))
                .find("more values than any checkpoint"),
            std::string::npos);
}

TEST(TorchWeights, CutAnywhere) {
  for (const char *name : {"/torch/zip.bin", "/torch/old.bin"}) {
    std::string whole = readFile(fixtures + name);
    for (size_t size = 0; size < whole.size(); size += size < 300 ? 1 : 211)
      EXPECT_NE(problemOf(whole.substr(0, size)), "") << name << " " << size;
  }
}

TEST(TorchWeights, ChangedAnywhere) {
  std::mt19937_64 random(7);
  for (const char *name : {"/torch/zip.bin", "/torch/old.bin"}) {
    std::string whole = readFile(fixtures + name);
    for (int i = 0; i < 2000; ++i) {
      std::string changed = whole;
      // Where the descriptions are, at both ends.
      size_t range = std::min<size_t>(changed.size(), 4000);
      for (int count = 1 + int(random() % 3); count > 0; --count) {
        size_t at = random() % range;
        changed[random() % 2 ? at : changed.size() - 1 - at] = char(random());
      }
      problemOf(changed); // a message or weights, never a crash
    }
  }
}
