//===- LogMel.cpp - From sound to rows of an encoder -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/sound/LogMel.h"

#include "runtime/Failure.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

using namespace sinter::runtime;

namespace {

constexpr size_t windowLength = 400, frequencies = windowLength / 2 + 1;
constexpr double highest = 8000; // Hz

/// The discrete Fourier transform of 400 = 2^4 * 5^2 numbers (Cooley and Tukey
/// 1965).
class Fourier {
public:
  using Number = std::complex<double>;

  Fourier() : roots(windowLength) {
    for (size_t k = 0; k < windowLength; ++k)
      roots[k] = std::polar(1.0, -2 * std::numbers::pi * double(k) /
                                     double(windowLength));
  }

  void transform(const std::vector<Number> &from, std::vector<Number> &to) {
    split(from.data(), 1, to.data(), windowLength);
  }

private:
  /// Transforms the `count` numbers that are `stride` apart.
  void split(const Number *from, size_t stride, Number *to, size_t count) {
    if (count == 1) {
      *to = *from;
      return;
    }
    const size_t factor = count % 2 == 0 ? 2 : 5, part = count / factor;
    for (size_t piece = 0; piece < factor; ++piece)
      split(from + piece * stride, stride * factor, to + piece * part, part);
    Number pieces[5];
    for (size_t k = 0; k < part; ++k) {
      for (size_t piece = 0; piece < factor; ++piece)
        pieces[piece] = to[piece * part + k];
      for (size_t block = 0; block < factor; ++block) {
        Number sum = 0;
        for (size_t piece = 0; piece < factor; ++piece)
          sum += pieces[piece] *
                 roots[piece * (k + block * part) * stride % windowLength];
        to[block * part + k] = sum;
      }
    }
  }

  std::vector<Number> roots;
};

double melOf(double hertz) {
  return hertz < 1000 ? 3 * hertz / 200
                      : 15 + std::log(hertz / 1000) * (27 / std::log(6.4));
}

double hertzOf(double mel) {
  return mel < 15 ? 200 * mel / 3
                  : 1000 * std::exp(std::log(6.4) / 27 * (mel - 15));
}

/// How much of each frequency a band takes: triangles of the same area.
struct Band {
  size_t first;
  std::vector<float> weights;
};

std::vector<Band> makeBands(int64_t count) {
  std::vector<double> corners;
  for (int64_t i = 0; i < count + 2; ++i)
    corners.push_back(hertzOf(melOf(highest) * double(i) / double(count + 1)));
  std::vector<Band> bands;
  for (size_t i = 0; i < size_t(count); ++i) {
    const double low = corners[i], peak = corners[i + 1], high = corners[i + 2];
    Band band{0, {}};
    for (size_t k = 0; k < frequencies; ++k) {
      const double hertz = highest * double(k) / double(frequencies - 1);
      const double weight = std::min((hertz - low) / (peak - low),
                                     (high - hertz) / (high - peak));
      if (weight <= 0)
        continue;
      if (band.weights.empty())
        band.first = k;
      band.weights.push_back(float(weight * 2 / (high - low)));
    }
    bands.push_back(std::move(band));
  }
  return bands;
}

/// Place `index` of what is mirrored at both ends, without its last element
/// twice.
size_t mirrored(int64_t index, int64_t count) {
  if (index < 0)
    index = -index;
  return size_t(index < count ? index : 2 * (count - 1) - index);
}

} // namespace

std::vector<float> sinter::runtime::logMel(std::span<const float> samples,
                                           int64_t bins) {
  const auto count = int64_t(samples.size());
  const int64_t frames = count / samplesPerFrame;
  const std::vector<Band> bands = makeBands(bins);
  std::vector<double> window(windowLength), power(frequencies);
  for (size_t i = 0; i < windowLength; ++i)
    window[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * double(i) /
                                     double(windowLength));
  Fourier fourier;
  std::vector<Fourier::Number> cut(windowLength), spectrum(windowLength);
  std::vector<float> result(size_t(frames * bins));
  float largest = -HUGE_VALF;
  for (int64_t frame = 0; frame < frames; ++frame) {
    const int64_t start = frame * samplesPerFrame - int64_t(windowLength / 2);
    for (size_t i = 0; i < windowLength; ++i)
      cut[i] = window[i] * double(samples[mirrored(start + int64_t(i), count)]);
    fourier.transform(cut, spectrum);
    for (size_t k = 0; k < frequencies; ++k)
      power[k] = std::norm(spectrum[k]);
    for (size_t bin = 0; bin < size_t(bins); ++bin) {
      double sum = 0;
      for (size_t k = 0; k < bands[bin].weights.size(); ++k)
        sum += double(bands[bin].weights[k]) * power[bands[bin].first + k];
      float &value = result[size_t(frame * bins) + bin];
      value = float(std::log10(std::max(sum, 1e-10)));
      largest = std::max(largest, value);
    }
  }
  for (float &value : result)
    value = (std::max(value, largest - 8) + 4) / 4;
  return result;
}

std::vector<float> sinter::runtime::logMelOf(const sinter_program &program,
                                             std::span<const float> samples) {
  if (program.sound != SINTER_SOUND_LOG_MEL)
    fail(SINTER_ERROR_UNSUPPORTED, "model '%s' does not hear", program.name);
  const int64_t frames = program.source_context * program.source_frames;
  const auto most = size_t(frames * samplesPerFrame);
  if (samples.empty())
    fail(SINTER_ERROR_ARGUMENT, "there is no sound");
  if (samples.size() > most)
    fail(SINTER_ERROR_CONTEXT_FULL,
         "the sound is %.2f s long, and '%s' hears at most %.2f s at a time",
         double(samples.size()) / samplingRate, program.name,
         double(most) / samplingRate);
  for (size_t place = 0; place < samples.size(); ++place)
    if (!std::isfinite(samples[place]))
      fail(SINTER_ERROR_ARGUMENT, "sample %zu of the sound is not finite",
           place);
  std::vector<float> filled(samples.begin(), samples.end());
  filled.resize(most, 0);
  return logMel(filled, program.source_width / program.source_frames);
}
