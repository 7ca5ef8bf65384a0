//===- WaveFile.cpp - Samples of a WAV file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sound/WaveFile.h"

#include "runtime/Failure.h"
#include "runtime/sound/LogMel.h"

#include <bit>
#include <cstdint>

using namespace sinter::runtime;

namespace {

/// Little-endian, whatever the machine is.
uint32_t number(std::string_view bytes, size_t offset, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value |= uint32_t(uint8_t(bytes[offset + i])) << (8 * i);
  return value;
}

enum : uint32_t { wholeNumbers = 1, realNumbers = 3, extensible = 0xfffe };

struct Form {
  uint32_t format = 0, channels = 0, rate = 0, bits = 0;
};

[[noreturn]] void refuse(const std::string &name, const std::string &what) {
  fail(SINTER_ERROR_FILE, "%s %s", name.c_str(), what.c_str());
}

Form readForm(std::string_view chunk, const std::string &name) {
  if (chunk.size() < 16)
    refuse(name, "is broken: its part 'fmt ' has " +
                     std::to_string(chunk.size()) +
                     " bytes, at least 16 were expected");
  Form form{number(chunk, 0, 2), number(chunk, 2, 2), number(chunk, 4, 4),
            number(chunk, 14, 2)};
  // The format proper is the beginning of an identifier then.
  if (form.format == extensible && chunk.size() >= 26)
    form.format = number(chunk, 24, 2);
  if (form.channels != 1)
    refuse(name, "has " + std::to_string(form.channels) +
                     " channels, and one is expected (ffmpeg -ac 1 makes one)");
  if (form.rate != samplingRate)
    refuse(name, "has " + std::to_string(form.rate) +
                     " samples a second, and " + std::to_string(samplingRate) +
                     " are expected (ffmpeg -ar 16000 makes them)");
  const bool isKnown = (form.format == wholeNumbers && form.bits == 16) ||
                       (form.format == realNumbers && form.bits == 32);
  if (!isKnown)
    refuse(name, "has samples of " + std::to_string(form.bits) +
                     " bits in format " + std::to_string(form.format) +
                     "; 16-bit whole numbers (format 1) and 32-bit real "
                     "numbers (format 3) are read");
  return form;
}

} // namespace

std::vector<float> sinter::runtime::readWave(std::string_view bytes,
                                             const std::string &name) {
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" ||
      bytes.substr(8, 4) != "WAVE")
    refuse(name, "is no WAV file: it does not begin with 'RIFF' and 'WAVE'");
  Form form;
  for (size_t at = 12; bytes.size() - at >= 8;) {
    const std::string_view kind = bytes.substr(at, 4);
    const size_t size = number(bytes, at + 4, 4), left = bytes.size() - at - 8;
    // Who writes a stream does not know how long it becomes.
    const bool isOpen = kind == "data" && size == UINT32_MAX;
    if (size > left && !isOpen)
      refuse(name, "is cut off: its part '" + std::string(kind) + "' has " +
                       std::to_string(size) + " bytes, and " +
                       std::to_string(left) + " follow");
    const std::string_view chunk = bytes.substr(at + 8, isOpen ? left : size);
    if (kind == "fmt ")
      form = readForm(chunk, name);
    if (kind == "data") {
      if (form.rate == 0)
        refuse(name, "is broken: its samples come before 'fmt ', which says "
                     "what they are");
      const size_t width = form.bits / 8;
      std::vector<float> samples(chunk.size() / width);
      for (size_t i = 0; i < samples.size(); ++i) {
        const uint32_t stored = number(chunk, i * width, width);
        samples[i] = width == 2 ? float(int16_t(stored)) / 32768
                                : std::bit_cast<float>(stored);
      }
      return samples;
    }
    // Parts begin at even places.
    if (left - chunk.size() == 0)
      break;
    at += 8 + chunk.size() + chunk.size() % 2;
    if (at > bytes.size())
      break;
  }
  refuse(name, "has no samples: there is no part 'data'");
}
