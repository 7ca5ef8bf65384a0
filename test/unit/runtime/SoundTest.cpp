//===- SoundTest.cpp - Sources that are sound, or numbers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "runtime/Failure.h"
#include "runtime/Sampler.h"
#include "runtime/Session.h"
#include "runtime/sound/LogMel.h"
#include "runtime/sound/WaveFile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace sinter::runtime;
using namespace sinter::runtime::testing;

namespace {

template <typename Action> std::string messageOf(Action action) {
  try {
    action();
  } catch (const Failure &failure) {
    return failure.what();
  }
  return "";
}

std::vector<float> tone(double hertz, int64_t count) {
  std::vector<float> samples;
  for (int64_t i = 0; i < count; ++i)
    samples.push_back(
        float(std::sin(2 * std::numbers::pi * hertz * double(i) / 16000)));
  return samples;
}

/// A little-endian number.
std::string bytesOf(uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i)
    bytes += char(value >> (8 * i));
  return bytes;
}

std::string part(const std::string &kind, const std::string &bytes) {
  return kind + bytesOf(uint32_t(bytes.size()), 4) + bytes +
         std::string(bytes.size() % 2, '\0');
}

std::string form(uint32_t format, uint32_t channels, uint32_t rate,
                 uint32_t bits) {
  return bytesOf(format, 2) + bytesOf(channels, 2) + bytesOf(rate, 4) +
         bytesOf(rate * channels * bits / 8, 4) +
         bytesOf(channels * bits / 8, 2) + bytesOf(bits, 2);
}

std::string riff(const std::string &parts) {
  return part("RIFF", "WAVE" + parts);
}

TEST(LogMel, ATonePeaksInItsBand) {
  // The middle of band i of 80 is 1000 Hz times 6.4^((mel - 15) / 27),
  // at 45.245 / 81 * (i + 1) mel.
  for (auto [hertz, band] : {std::pair{330.0, 8}, {2000.0, 44}, {6000.0, 72}}) {
    const std::vector<float> rows = logMel(tone(hertz, 3200), 80);
    ASSERT_EQ(rows.size(), 20u * 80);
    const auto begin = rows.begin() + 10 * 80;
    EXPECT_EQ(std::max_element(begin, begin + 80) - begin, band) << hertz;
  }
}

TEST(LogMel, QuietIsCutOffBelowTheLoudest) {
  std::vector<float> samples = tone(1000, 1600);
  samples.resize(3200, 0);
  const std::vector<float> rows = logMel(samples, 80);
  const float loudest = *std::max_element(rows.begin(), rows.end());
  // (x + 4) / 4 of what is 8 below.
  EXPECT_FLOAT_EQ(rows.back(), loudest - 2);
  const std::vector<float> silence = logMel(std::vector<float>(800, 0), 80);
  EXPECT_EQ(silence.size(), 5u * 80);
  for (float value : silence)
    EXPECT_FLOAT_EQ(value, (-10.f + 4) / 4);
}

TEST(WaveFile, ReadsItsForms) {
  const std::string whole = bytesOf(uint16_t(-32768), 2) + bytesOf(16384, 2);
  const std::vector<float> expected = {-1, 0.5};
  EXPECT_EQ(
      readWave(riff(part("fmt ", form(1, 1, 16000, 16)) + part("data", whole)),
               "a"),
      expected);
  // Other parts are left out, of odd length, too; what is extensible says its
  // format further back; a stream does not know its length.
  const std::string more = bytesOf(22, 2) + bytesOf(16, 2) + bytesOf(4, 4) +
                           bytesOf(1, 2) + std::string(14, 'x');
  EXPECT_EQ(readWave(riff(part("LIST", "odd") +
                          part("fmt ", form(0xfffe, 1, 16000, 16) + more) +
                          "data\xff\xff\xff\xff" + whole),
                     "a"),
            expected);
  EXPECT_EQ(readWave(riff(part("fmt ", form(3, 1, 16000, 32)) +
                          part("data", bytesOf(0xbf800000, 4) +
                                           bytesOf(0x3f000000, 4))),
                     "a"),
            expected);
}

TEST(WaveFile, SaysWhatIsWrong) {
  auto message = [](const std::string &parts) {
    return messageOf([&] { readWave(riff(parts), "a.wav"); });
  };
  const std::string good = part("fmt ", form(1, 1, 16000, 16));
  EXPECT_EQ(message(good), "a.wav has no samples: there is no part 'data'");
  EXPECT_EQ(message(part("data", "abcd") + good),
            "a.wav is broken: its samples come before 'fmt ', which says what "
            "they are");
  EXPECT_EQ(message(part("fmt ", "short") + part("data", "abcd")),
            "a.wav is broken: its part 'fmt ' has 5 bytes, at least 16 were "
            "expected");
  EXPECT_EQ(message(part("fmt ", form(6, 1, 16000, 8)) + part("data", "a")),
            "a.wav has samples of 8 bits in format 6; 16-bit whole numbers "
            "(format 1) and 32-bit real numbers (format 3) are read");
  EXPECT_EQ(messageOf([] { readWave("RIFF", "a.wav"); }),
            "a.wav is no WAV file: it does not begin with 'RIFF' and 'WAVE'");
  // Wherever it is cut off.
  const std::string whole = riff(good + part("data", "abcd"));
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_NE(messageOf([&] { readWave(whole.substr(0, length), "a"); }), "")
        << length;
}

TEST(Session, SourcesOfNumbersAreChecked) {
  FakeOptions options;
  options.head = SINTER_HEAD_ENCODER_DECODER;
  FakeModel fake(options);
  fake.program.source_width = 6;
  fake.program.source_frames = 2;
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 2, 1);
  auto message = [&](std::vector<float> features, int64_t sequence = 0) {
    return messageOf([&] { session.encodeFeatures(sequence, features); });
  };
  EXPECT_EQ(
      message(std::vector<float>(7)),
      "7 numbers are no whole rows of the source of 'fake', which have 6");
  EXPECT_EQ(message({}), "the source of sequence 0 is empty");
  EXPECT_EQ(message(std::vector<float>(6), 2),
            "sequence 2 does not exist: the session has room for 2");
  EXPECT_NE(message(std::vector<float>(17 * 6)).find("the source has 17 rows"),
            std::string::npos);
  std::vector<float> broken(12);
  broken[8] = NAN;
  EXPECT_EQ(message(broken), "number 2 of row 1 of the source is not finite");
  EXPECT_EQ(messageOf([&] { session.encode(0, std::vector<int32_t>{1}); }),
            "the source of 'fake' is rows of 6 numbers, not tokens");
}

TEST(Session, SourcesOfTokensAreNoNumbers) {
  FakeOptions options;
  options.head = SINTER_HEAD_ENCODER_DECODER;
  FakeModel fake(options);
  sinter_model model(fake.program, nullptr);
  sinter_session session(model, 1, 1);
  EXPECT_EQ(
      messageOf([&] { session.encodeFeatures(0, std::vector<float>(4)); }),
      "model 'fake' takes no source of numbers: its source is tokens");
}

TEST(Sampler, TokensThatNeverComeOrNotFirst) {
  SamplerOptions options;
  options.never = {1};
  options.notFirst = {3};
  Sampler sampler(options, 5);
  EXPECT_FALSE(sampler.isGreedy());
  sampler.countFrom(2);
  auto choose = [&](std::vector<int32_t> history) {
    std::vector<float> logits = {0, 9, 1, 5, 2};
    return sampler.choose(logits, history);
  };
  EXPECT_EQ(choose({0, 0}), 4);
  EXPECT_EQ(choose({0, 0, 4}), 3);
}

} // namespace
