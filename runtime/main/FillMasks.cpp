//===- FillMasks.cpp - Filling masks for a user ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/Output.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace sinter::runtime;

namespace {

struct Release {
  void operator()(void *pointer) const { std::free(pointer); }
};

/// A token's text as part of a table: without the spaces around it.
std::string wordOf(const sinter_model *model, int32_t token) {
  std::string text = textOf(model, {token}, false);
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos)
    return text;
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

void printJson(const Request &request, int64_t masks, const int64_t *positions,
               const sinter_candidate *candidates, int64_t topK,
               const std::vector<int32_t> &filled) {
  const bool text = request.description.has_tokenizer;
  std::string line = "{";
  if (text)
    line +=
        "\"text\": " + jsonString(textOf(request.model, filled, true)) + ", ";
  line += "\"ids\": [" + idList(filled) + "], \"masks\": [";
  for (int64_t mask = 0; mask < masks; ++mask) {
    line += std::string(mask ? ", " : "") +
            "{\"position\": " + std::to_string(positions[mask]) +
            ", \"candidates\": [";
    for (int64_t rank = 0; rank < topK; ++rank) {
      const sinter_candidate &candidate = candidates[mask * topK + rank];
      char probability[32];
      std::snprintf(probability, sizeof(probability), "%.6g",
                    candidate.probability);
      line += std::string(rank ? ", " : "") +
              "{\"token\": " + std::to_string(candidate.token);
      if (text)
        line +=
            ", \"text\": " + jsonString(wordOf(request.model, candidate.token));
      line += std::string(", \"probability\": ") + probability + "}";
    }
    line += "]}";
  }
  print(line + "]}\n");
}

void printTable(const Request &request, int64_t masks, const int64_t *positions,
                const sinter_candidate *candidates, int64_t topK,
                const std::vector<int32_t> &filled) {
  print(textOf(request.model, filled, true) + "\n");
  for (int64_t mask = 0; mask < masks; ++mask) {
    if (masks > 1)
      print("mask " + std::to_string(mask + 1) + ", token " +
            std::to_string(positions[mask]) + "\n");
    for (int64_t rank = 0; rank < topK; ++rank) {
      const sinter_candidate &candidate = candidates[mask * topK + rank];
      char percent[32];
      std::snprintf(percent, sizeof(percent), "%7.2f %%  ",
                    candidate.probability * 100);
      print(percent + wordOf(request.model, candidate.token) + "\n");
    }
  }
}

} // namespace

int sinter::runtime::fillMasks(const Request &request) {
  const Options &options = request.options;
  const int64_t topK =
      std::min(options.topK.value_or(5), request.description.vocabulary);
  SessionHandle session = openSession(request, 1);
  for (const Input &input : request.inputs) {
    int64_t masks = 0, *positions = nullptr;
    sinter_candidate *candidates = nullptr;
    check(sinter_fill_mask(session.get(), input.ids.data(),
                           input.segments.empty() ? nullptr
                                                  : input.segments.data(),
                           static_cast<int64_t>(input.ids.size()), topK, &masks,
                           &positions, &candidates));
    std::unique_ptr<int64_t, Release> ownPositions(positions);
    std::unique_ptr<sinter_candidate, Release> ownCandidates(candidates);
    std::vector<int32_t> filled = input.ids;
    for (int64_t mask = 0; mask < masks; ++mask)
      filled[positions[mask]] = candidates[mask * topK].token;
    if (options.json)
      printJson(request, masks, positions, candidates, topK, filled);
    else if (!options.ids.empty())
      print(idList(filled) + "\n");
    else
      printTable(request, masks, positions, candidates, topK, filled);
  }
  return 0;
}
