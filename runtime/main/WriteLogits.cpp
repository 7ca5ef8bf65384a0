//===- WriteLogits.cpp - Logits of given tokens, for tests and tools ------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/Output.h"

#include <algorithm>

using namespace sinter::runtime;

namespace {

/// The tokens that are fed: for an encoder-decoder the target's.
std::vector<std::vector<int32_t>> fedTokens(const Request &request) {
  const Options &options = request.options;
  std::vector<std::vector<int32_t>> fed;
  if (request.description.head != SINTER_MODEL_ENCODER_DECODER) {
    for (const Input &input : request.inputs)
      fed.push_back(input.ids);
    return fed;
  }
  if (options.decoderIds.empty())
    fed.assign(request.inputs.size(), {request.description.decoder_start});
  else if (options.decoderIds.size() != request.inputs.size())
    throw UsageError("--decoder-ids: give as many lists as sources (" +
                     std::to_string(request.inputs.size()) + ")");
  for (const std::string &list : options.decoderIds)
    fed.push_back(parseIds(list, "--decoder-ids"));
  return fed;
}

} // namespace

int sinter::runtime::writeLogits(const Request &request) {
  const Options &options = request.options;
  const auto fed = fedTokens(request);
  SessionHandle session =
      openSession(request, static_cast<int64_t>(fed.size()));
  if (request.description.head == SINTER_MODEL_ENCODER_DECODER)
    for (size_t sequence = 0; sequence < fed.size(); ++sequence) {
      const std::vector<int32_t> &ids = request.inputs[sequence].ids;
      const std::vector<float> &features = request.inputs[sequence].features;
      if (int64_t width = request.description.source_width) {
        check(sinter_encode_features(
            session.get(), static_cast<int64_t>(sequence), features.data(),
            static_cast<int64_t>(features.size()) / width));
        continue;
      }
      check(sinter_encode(session.get(), static_cast<int64_t>(sequence),
                          ids.data(), static_cast<int64_t>(ids.size())));
    }

  const size_t width = static_cast<size_t>(request.description.output_width);
  std::vector<size_t> firstRow; // of each sequence, in the file
  size_t rows = 0, longest = 0;
  for (const auto &ids : fed) {
    firstRow.push_back(rows);
    rows += ids.size();
    longest = std::max(longest, ids.size());
  }
  std::vector<float> logits(rows * width), output;
  const size_t part = options.split ? static_cast<size_t>(*options.split)
                                    : std::max<size_t>(longest, 1);
  for (size_t start = 0; start < longest; start += part) {
    std::vector<int32_t> tokens, sequences, segments, row;
    std::vector<size_t> target;
    for (size_t sequence = 0; sequence < fed.size(); ++sequence)
      for (size_t place = start;
           place < std::min(start + part, fed[sequence].size()); ++place) {
        const std::vector<int32_t> &types = request.inputs[sequence].segments;
        row.push_back(static_cast<int32_t>(tokens.size()));
        tokens.push_back(fed[sequence][place]);
        sequences.push_back(static_cast<int32_t>(sequence));
        segments.push_back(types.empty() ? 0 : types[place]);
        target.push_back(firstRow[sequence] + place);
      }
    output.resize(tokens.size() * width);
    sinter_batch batch = {};
    batch.tokens = batch.rows = static_cast<int64_t>(tokens.size());
    batch.token = tokens.data();
    batch.sequence = sequences.data();
    batch.segment = segments.data();
    batch.row = row.data();
    check(sinter_feed(session.get(), &batch, output.data()));
    for (size_t index = 0; index < target.size(); ++index)
      std::copy_n(output.begin() + static_cast<ptrdiff_t>(index * width), width,
                  logits.begin() +
                      static_cast<ptrdiff_t>(target[index] * width));
  }
  writeSafetensors(options.logits, "logits", static_cast<int64_t>(rows),
                   static_cast<int64_t>(width), logits);
  return 0;
}
