//===- LogMel.h - From sound to rows of an encoder -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_SOUND_LOGMEL_H
#define SINTER_RUNTIME_SOUND_LOGMEL_H

#include "runtime/Program.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sinter::runtime {

/// Samples a second, and from one frame to the next.
inline constexpr int64_t samplingRate = 16000, samplesPerFrame = 160;

/// Logarithms of the power in `bins` bands of the mel scale (Slaney 1998), for
/// each whole 160 samples: [frames, bins]. As transformers'
/// WhisperFeatureExtractor computes them: a Hann window of 400 samples around
/// the frame, mirrored at the ends; log10 of at least 1e-10, cut off 8 below
/// the largest of all; (x + 4) / 4. Needs more than 200 samples.
std::vector<float> logMel(std::span<const float> samples, int64_t bins);

/// The rows of a program that hears, with silence behind the sound up to the
/// longest source. Throws where the sound is longer, or is no number.
std::vector<float> logMelOf(const sinter_program &program,
                            std::span<const float> samples);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_SOUND_LOGMEL_H
