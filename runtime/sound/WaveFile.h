//===- WaveFile.h - Samples of a WAV file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_SOUND_WAVEFILE_H
#define SINTER_RUNTIME_SOUND_WAVEFILE_H

#include <string>
#include <string_view>
#include <vector>

namespace sinter::runtime {

/// The samples, from -1 to 1, of a WAV file (RIFF, Microsoft and IBM 1991): one
/// channel at 16 kHz, of 16-bit whole numbers or of f32. Throws, with `name` in
/// the message, where the file is broken or of another form.
std::vector<float> readWave(std::string_view bytes, const std::string &name);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_SOUND_WAVEFILE_H
