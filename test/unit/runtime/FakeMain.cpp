//===- FakeMain.cpp - Command lines of models written by hand -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// `fake-model KIND ARGUMENT...` does what a compiled model of that kind does,
// so that its command line is tested without a compiler. `fake-model append
// FILE` puts weights behind what FILE holds, as the compiler does; kind
// `weights` is a model that needs them.
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"
#include "FakeTokenizer.h"
#include "runtime/Payload.h"
#include "runtime/main/CommandLine.h"

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace sinter::runtime::testing;

namespace {

// Ids: 0 <s>, 1 </s>, 2 [MASK], 3 to 28 a to z, 29 space, 30 é, 31 €.
FakeOptions textModel() {
  FakeOptions options;
  options.vocabulary = 32;
  options.bos = 0;
  options.eos = {1};
  options.decoderStart = 0;
  std::vector<std::string> texts = {"<s>", "</s>", "[MASK]"};
  for (char letter = 'a'; letter <= 'z'; ++letter)
    texts.push_back(std::string(1, letter));
  for (const char *text : {" ", "\u00e9", "\u20ac"})
    texts.push_back(text);
  options.tokenizer = fakeTokenizer(texts, {0, 1, 2}, 0);
  return options;
}

std::vector<unsigned char> fakeWeights() {
  std::vector<unsigned char> weights(10001);
  for (size_t place = 0; place < weights.size(); ++place)
    weights[place] = static_cast<unsigned char>(place * 31 + place / 7);
  return weights;
}

int appendPayload(const char *path) {
  std::FILE *file = std::fopen(path, "ab");
  if (!file) {
    std::perror(path);
    return 1;
  }
  std::fseek(file, 0, SEEK_END);
  std::vector<unsigned char> weights = fakeWeights();
  auto roundUp = [](uint64_t size, uint64_t unit) {
    return (size + unit - 1) / unit * unit;
  };
  const uint64_t start = static_cast<uint64_t>(std::ftell(file));
  sinter_payload_trailer trailer = {};
  std::memcpy(trailer.magic, SINTER_PAYLOAD_MAGIC, 8);
  trailer.version = SINTER_PAYLOAD_VERSION;
  trailer.trailer_bytes = SINTER_PAYLOAD_TRAILER_BYTES;
  trailer.weights_offset = roundUp(start, SINTER_PAYLOAD_ALIGNMENT);
  trailer.weights_bytes = weights.size();
  trailer.weights_hash = XXH3_64bits(weights.data(), weights.size());
  const uint64_t end = roundUp(trailer.weights_offset + weights.size(), 8);
  trailer.file_bytes = end + sizeof(trailer);
  trailer.trailer_hash =
      XXH3_64bits(&trailer, offsetof(sinter_payload_trailer, trailer_hash));
  std::string bytes(trailer.weights_offset - start, '\0');
  bytes.append(weights.begin(), weights.end());
  bytes.resize(end - start);
  bytes.append(reinterpret_cast<const char *>(&trailer), sizeof(trailer));
  bool written =
      std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  return std::fclose(file) == 0 && written ? 0 : 1;
}

} // namespace

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "";
  auto is = [&](const char *name) { return std::strcmp(kind, name) == 0; };
  if (is("append") && argc == 3)
    return appendPayload(argv[2]);
  FakeOptions options = textModel();
  if (is("gpt-ids")) {
    options.tokenizer.clear();
  } else if (is("bert")) {
    options.head = SINTER_HEAD_MASKED_TOKEN;
    options.mask = 2;
    options.segments = 2;
    options.maximumTokens = options.context;
  } else if (is("translate")) {
    options.head = SINTER_HEAD_ENCODER_DECODER;
  } else if (is("hidden")) {
    options.head = SINTER_HEAD_HIDDEN;
    options.maximumTokens = options.context;
  } else if (is("slow")) {
    options.milliseconds = 50;
    options.context = 4096;
  } else if (is("other-cpu")) {
    options.features = "sse2,warp-drive";
  } else if (!is("gpt") && !is("weights")) {
    std::fprintf(stderr, "usage: fake-model gpt|gpt-ids|bert|translate|hidden|"
                         "other-cpu|slow|weights ...\n"
                         "       fake-model append FILE\n");
    return 2;
  }
  FakeModel model(options);
  if (is("weights")) {
    std::vector<unsigned char> weights = fakeWeights();
    model.program.weights_bytes = static_cast<int64_t>(weights.size());
    model.program.weights_hash = XXH3_64bits(weights.data(), weights.size());
  }
  argv[1] = argv[0];
  int status =
      sinter::runtime::runCommandLine(model.program, argc - 1, argv + 1);
  if (model.violations != 0) {
    std::fprintf(stderr, "fake-model: a call broke the contract\n");
    return 3;
  }
  return status;
}
