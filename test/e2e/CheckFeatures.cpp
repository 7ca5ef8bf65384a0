//===- CheckFeatures.cpp - What a model hears, as numbers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     check-features sound.wav features.safetensors
//
// Reads a WAV file, puts silence behind it, computes its log-mel features and
// compares them with a tensor `input_features` [bins, frames] that transformers
// computed: within 1e-4.
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Safetensors.h"
#include "runtime/sound/LogMel.h"
#include "runtime/sound/WaveFile.h"
#include "test/e2e/CompiledModel.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>
#include <cstring>

using namespace sinter;
using namespace sinter::test;

int main(int argumentCount, char **arguments) {
  if (argumentCount != 3)
    fail("usage: check-features sound.wav features.safetensors");
  auto sound = llvm::MemoryBuffer::getFile(arguments[1]);
  llvm::Expected<std::unique_ptr<WeightSource>> expected =
      openSafetensors(arguments[2]);
  if (!sound)
    fail(llvm::Twine("cannot open ") + arguments[1]);
  if (!expected)
    fail(llvm::toString(expected.takeError()));
  std::optional<StoredTensor> tensor = (*expected)->find("input_features");
  if (!tensor || tensor->typeName != "F32" || tensor->shape.size() != 2)
    fail("there are no 'input_features' [bins, frames] of F32");
  int64_t bins = tensor->shape[0], frames = tensor->shape[1];
  std::vector<float> wanted(tensor->getNumElements());
  std::memcpy(wanted.data(), tensor->bytes.data(), tensor->bytes.size());

  std::vector<float> samples =
      runtime::readWave((*sound)->getBuffer(), arguments[1]);
  samples.resize(frames * runtime::samplesPerFrame, 0);
  std::vector<float> found = runtime::logMel(samples, bins);
  if (found.size() != wanted.size())
    fail(llvm::Twine(found.size()) + " numbers, not " +
         llvm::Twine(wanted.size()));
  double worst = 0;
  for (int64_t bin = 0; bin < bins; ++bin)
    for (int64_t frame = 0; frame < frames; ++frame) {
      double distance = std::fabs(double(found[frame * bins + bin]) -
                                  double(wanted[bin * frames + frame]));
      if (!(distance <= 1e-4))
        fail("bin " + llvm::Twine(bin) + " of frame " + llvm::Twine(frame) +
             llvm::formatv(" differs by {0:e}", distance).str());
      worst = std::max(worst, distance);
    }
  llvm::outs() << llvm::formatv("{0} frames of {1} bins; largest difference "
                                "{2:e}\n",
                                frames, bins, worst);
  return 0;
}
