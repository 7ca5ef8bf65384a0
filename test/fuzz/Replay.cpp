//===- Replay.cpp - A fuzz target without a fuzzer -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     fuzz-gguf [-runs=N] folder...
//
// Gives a target every file of the folders, and N variants of them, the same in
// every run: a few bytes changed, cut out or doubled. With SINTER_FUZZ the same
// targets are linked with libFuzzer instead, which takes the same words and
// looks for what reaches new code.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void give(const std::string &bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(bytes.data()),
                         bytes.size());
}

int main(int argumentCount, char **arguments) {
  std::vector<std::string> inputs;
  long runs = 0;
  for (int i = 1; i < argumentCount; ++i) {
    std::string argument = arguments[i];
    if (argument.starts_with("-runs="))
      runs = std::atol(argument.c_str() + 6);
    if (argument.starts_with("-"))
      continue;
    std::vector<std::filesystem::path> paths;
    for (const auto &entry : std::filesystem::directory_iterator(argument))
      paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto &path : paths) {
      std::ifstream stream(path, std::ios::binary);
      inputs.emplace_back(std::istreambuf_iterator<char>(stream),
                          std::istreambuf_iterator<char>());
    }
  }
  if (inputs.empty()) {
    std::fprintf(stderr, "fuzz: the folders have no files\n");
    return 1;
  }
  for (const std::string &input : inputs)
    give(input);
  std::mt19937_64 random(1);
  for (long run = 0; run < runs; ++run) {
    std::string bytes = inputs[random() % inputs.size()];
    for (int change = 1 + int(random() % 4); change > 0 && !bytes.empty();
         --change) {
      // Half of the changes are near the begin, where headers are.
      size_t range =
          random() % 2 ? std::min<size_t>(bytes.size(), 1024) : bytes.size();
      size_t at = random() % range, length = 1 + random() % 8;
      switch (random() % 4) {
      case 0:
        bytes[at] = char(random());
        break;
      case 1:
        bytes[at] = char(1u << random() % 8 ^ uint8_t(bytes[at]));
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, length));
        break;
      }
    }
    give(bytes);
  }
  std::printf("%zu files, %ld variants: no crash\n", inputs.size(), runs);
  return 0;
}
