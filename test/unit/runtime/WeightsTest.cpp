//===- WeightsTest.cpp - Finding and checking a model's weights -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "runtime/CpuFeatures.h"
#include "runtime/Failure.h"
#include "runtime/Model.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <gnu/libc-version.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace sinter::runtime;
using namespace sinter::runtime::testing;

namespace {

/// A file of weights, which tests damage.
class Payload : public ::testing::Test {
protected:
  Payload() : fake({}), weights(100000) {
    for (size_t i = 0; i < weights.size(); ++i)
      weights[i] = static_cast<unsigned char>(i * 7 + i / 256);
    fake.program.weights_bytes = static_cast<int64_t>(weights.size());
    fake.program.weights_hash = XXH3_64bits(weights.data(), weights.size());
    path = ::testing::TempDir() + "sinter-payload-" + std::to_string(getpid());
    std::memcpy(trailer.magic, SINTER_PAYLOAD_MAGIC, 8);
    trailer.version = SINTER_PAYLOAD_VERSION;
    trailer.trailer_bytes = SINTER_PAYLOAD_TRAILER_BYTES;
    trailer.weights_offset = SINTER_PAYLOAD_ALIGNMENT;
    trailer.weights_bytes = weights.size();
    trailer.weights_hash = fake.program.weights_hash;
    trailer.file_bytes = trailer.weights_offset + weights.size() + 64;
  }
  ~Payload() override { unlink(path.c_str()); }

  void seal() { trailer.trailer_hash = XXH3_64bits(&trailer, 56); }

  /// Writes the file: something before, weights, trailer, `behind`.
  void write(const std::string &behind = "") {
    std::FILE *file = std::fopen(path.c_str(), "wb");
    ASSERT_TRUE(file);
    std::string before(SINTER_PAYLOAD_ALIGNMENT, 'x');
    std::fwrite(before.data(), 1, before.size(), file);
    std::fwrite(weights.data(), 1, weights.size(), file);
    std::fwrite(&trailer, sizeof(trailer), 1, file);
    std::fwrite(behind.data(), 1, behind.size(), file);
    ASSERT_EQ(std::fclose(file), 0);
  }

  /// What opening says, after the file's name; "" if it opens.
  std::string complaint() {
    try {
      sinter_model model(fake.program, path.c_str());
      return "";
    } catch (const Failure &failure) {
      EXPECT_EQ(failure.status(), SINTER_ERROR_FILE);
      std::string message = failure.what();
      size_t place = message.find(path);
      if (place != std::string::npos)
        message.replace(place, path.size(), "FILE");
      return message;
    }
  }

  FakeModel fake;
  std::vector<unsigned char> weights;
  sinter_payload_trailer trailer = {};
  std::string path;
};

const std::string foreign = "FILE does not hold the weights of model 'fake': ";

TEST_F(Payload, IsMappedAsItLies) {
  seal();
  write();
  sinter_model model(fake.program, path.c_str());
  ASSERT_TRUE(model.weights.data());
  EXPECT_EQ(std::memcmp(model.weights.data(), weights.data(), weights.size()),
            0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(model.weights.data()) % 4096, 0u);
  EXPECT_NO_THROW(model.weights.verify(fake.program));
}

TEST_F(Payload, DamagedWeightsAreFoundWhenVerified) {
  weights[12345] ^= 1;
  seal();
  write();
  sinter_model model(fake.program, path.c_str());
  try {
    model.weights.verify(fake.program);
    FAIL();
  } catch (const Failure &failure) {
    EXPECT_NE(std::string(failure.what()).find("are damaged: their hash is"),
              std::string::npos);
  }
}

TEST_F(Payload, MissingFile) {
  EXPECT_EQ(complaint(), "cannot open FILE: No such file or directory");
}

TEST_F(Payload, EveryTruncationIsRefused) {
  seal();
  write();
  const off_t size = static_cast<off_t>(trailer.file_bytes);
  for (off_t length : {off_t(0), off_t(1), off_t(63), off_t(64), size / 2,
                       size - 64, size - 63, size - 1}) {
    ASSERT_EQ(truncate(path.c_str(), length), 0);
    EXPECT_EQ(complaint(),
              "FILE has no weights at its end; model 'fake' needs 97.7 KiB of "
              "them (was the file cut or stripped?)")
        << length;
    ASSERT_EQ(truncate(path.c_str(), 0), 0);
    write();
  }
}

TEST_F(Payload, SomethingBehindTheTrailerIsRefused) {
  seal();
  write("x");
  EXPECT_EQ(complaint().substr(0, 31), "FILE has no weights at its end;");
}

TEST_F(Payload, EveryBitOfTheTrailerCounts) {
  seal();
  const sinter_payload_trailer good = trailer;
  for (size_t bit = 0; bit < 8 * sizeof(trailer); ++bit) {
    trailer = good;
    reinterpret_cast<unsigned char *>(&trailer)[bit / 8] ^= 1 << bit % 8;
    write();
    EXPECT_NE(complaint(), "") << bit;
  }
}

TEST_F(Payload, EachNumberIsCheckedBeforeItIsUsed) {
  const sinter_payload_trailer good = trailer;
  auto with = [&](auto change) {
    trailer = good;
    change();
    seal();
    write();
    return complaint();
  };
  EXPECT_EQ(with([&] { trailer.version = 2; }),
            foreign +
                "its trailer is of version 2 (64 bytes), expected 1 (64)");
  EXPECT_EQ(with([&] { trailer.trailer_bytes = 128; }),
            foreign +
                "its trailer is of version 1 (128 bytes), expected 1 (64)");
  EXPECT_EQ(with([&] { trailer.file_bytes += 1; }),
            foreign + "it has 165600 bytes, and its trailer says 165601; was "
                      "it cut or edited?");
  EXPECT_EQ(with([&] { trailer.weights_bytes -= 1; }),
            foreign + "it holds 99999 bytes of weights, expected 100000");
  EXPECT_EQ(with([&] { trailer.weights_hash += 1; }),
            foreign + "the hash of the weights is another one's");
  for (uint64_t offset :
       {uint64_t(1), uint64_t(SINTER_PAYLOAD_ALIGNMENT) * 2,
        ~uint64_t(0) - SINTER_PAYLOAD_ALIGNMENT + 1, uint64_t(1) << 63})
    EXPECT_EQ(with([&] { trailer.weights_offset = offset; }),
              foreign + "its trailer puts 100000 bytes of weights at offset " +
                  std::to_string(offset) + " of a file of 165600 bytes");
  trailer = good;
  write();
  EXPECT_EQ(complaint(), foreign + "its trailer is damaged");
}

TEST_F(Payload, ADirectoryIsNotAFileOfWeights) {
  path = ::testing::TempDir();
  EXPECT_EQ(complaint(), foreign + "it is not a regular file");
  path = "";
}

TEST_F(Payload, AnExecutableWithoutWeightsSaysSo) {
  try {
    sinter_model model(fake.program, nullptr);
    FAIL();
  } catch (const Failure &failure) {
    EXPECT_NE(std::string(failure.what())
                  .find("has no weights at its end, and beside it there is no "
                        "file of weights either; model 'fake' needs 97.7 KiB"),
              std::string::npos);
  }
}

TEST(FileOf, IsTheExecutableForItsOwnData) {
  static const int here = 0;
  EXPECT_NE(fileOf(&here).find("runtime_tests"), std::string::npos);
}

TEST(FileOf, IsTheLibraryForALibrarysData) {
  // A function that no sanitizer replaces by its own.
  EXPECT_NE(
      fileOf(reinterpret_cast<void *>(&gnu_get_libc_version)).find("libc"),
      std::string::npos);
}

//===----------------------------------------------------------------------===//
// What else is checked when a model is opened
//===----------------------------------------------------------------------===//

TEST(CpuFeatures, EmptyNeedsNothing) {
  EXPECT_TRUE(missingFeatures("").empty());
  EXPECT_TRUE(missingFeatures("-avx512f,-what").empty());
}

#if defined(__x86_64__)

TEST(CpuFeatures, AgreeWithTheCompilers) {
  EXPECT_TRUE(missingFeatures("sse2,+cmov,cx8").empty());
  EXPECT_EQ(missingFeatures("avx2").empty(),
            __builtin_cpu_supports("avx2") != 0);
  EXPECT_EQ(missingFeatures("fma").empty(), __builtin_cpu_supports("fma") != 0);
  EXPECT_EQ(missingFeatures("avx512f").empty(),
            __builtin_cpu_supports("avx512f") != 0);
  EXPECT_EQ(missingFeatures("avx512bw").empty(),
            __builtin_cpu_supports("avx512bw") != 0);
  EXPECT_EQ(missingFeatures("avx512vnni").empty(),
            __builtin_cpu_supports("avx512vnni") != 0);
  EXPECT_EQ(missingFeatures("avx512bf16").empty(),
            __builtin_cpu_supports("avx512bf16") != 0);
  EXPECT_EQ(missingFeatures("sse4a").empty(),
            __builtin_cpu_supports("sse4a") != 0);
}

TEST(CpuFeatures, WhatLacksIsNamedInOneLine) {
  FakeOptions options;
  options.features = "sse2,warp-drive,cmov,+flux";
  FakeModel fake(options);
  try {
    sinter_model model(fake.program, nullptr);
    FAIL();
  } catch (const Failure &failure) {
    EXPECT_EQ(failure.status(), SINTER_ERROR_CPU);
    EXPECT_STREQ(failure.what(),
                 "fake was compiled for the CPU 'any', and this machine lacks "
                 "warp-drive, flux; compile it with another --cpu, x86-64-v3 "
                 "say");
  }
}

TEST(CpuFeatures, TheFirstVariantThatRunsHereIsChosen) {
  FakeModel fake({});
  const sinter_variant variants[] = {
      {"best", "sse2,warp-drive", fake.steps, nullptr},
      {"good", "sse2", fake.steps, nullptr},
      {"least", "", fake.steps, nullptr}};
  fake.program.variants = variants;
  fake.program.variant_count = 3;
  EXPECT_STREQ(sinter_model(fake.program, nullptr).variant.cpu, "good");

  setenv("SINTER_CPU", "least", 1);
  EXPECT_STREQ(sinter_model(fake.program, nullptr).variant.cpu, "least");
  auto message = [&](const char *name) -> std::string {
    setenv("SINTER_CPU", name, 1);
    try {
      sinter_model model(fake.program, nullptr);
    } catch (const Failure &failure) {
      return failure.what();
    }
    return "";
  };
  EXPECT_EQ(
      message("best"),
      "fake was compiled for the CPUs 'best', 'good', 'least', and this "
      "machine lacks warp-drive; compile it with another --cpu, x86-64-v3 "
      "say");
  EXPECT_EQ(message("worse"),
            "SINTER_CPU is 'worse', and fake was compiled for the CPUs 'best', "
            "'good', 'least': choose one of these, or leave it to the machine");
  unsetenv("SINTER_CPU");
}

#endif

TEST(Model, RefusesProgramsThatMakeNoSense) {
  auto messageOf = [](auto change) -> std::string {
    FakeOptions options;
    options.head = SINTER_HEAD_ENCODER_DECODER;
    FakeModel fake(options);
    change(fake);
    try {
      sinter_model model(fake.program, nullptr);
    } catch (const Failure &failure) {
      EXPECT_EQ(failure.status(), SINTER_ERROR_INTERNAL);
      return failure.what();
    }
    return "";
  };
  const std::string prefix = "the compiled model 'fake' is inconsistent: ";
  EXPECT_EQ(messageOf([](FakeModel &) {}), "");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.program.abi_version = 9; }),
            "the compiled model is of ABI version 9, and this runtime of 8");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.program.head = 99; }),
            prefix + "its head is unknown");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.entries[0].name = "encode"; }),
            prefix + "its first entry is not 'forward'");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.entries[1].name = "other"; }),
            prefix + "it has no entry 'encode'");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.steps[0] = nullptr; }),
            prefix + "entry 'forward' has no code");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.entries[0].output_width = 3; }),
            prefix + "'forward' does not give logits of its vocabulary");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.entries[0].causal = 0; }),
            prefix + "it generates, and 'forward' is not causal");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.program.special.mask = 11; }),
            prefix + "a special token is outside its vocabulary");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.caches[1].positions = 0; }),
            prefix + "cache 'source keys' is empty");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.caches[0].positions = 63; }),
            prefix + "cache 'keys' has room for 63 positions of 64");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.caches[1].positions = 15; }),
            prefix + "cache 'source keys' has room for 15 positions of 16");
  EXPECT_EQ(messageOf([](FakeModel &f) { f.program.tokenizer_bytes = -1; }),
            prefix + "a tokenizer is missing");
}

} // namespace
