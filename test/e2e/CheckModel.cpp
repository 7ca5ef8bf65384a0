//===- CheckModel.cpp - A compiled model against expected results -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     check-model libmodel.so expected.safetensors [tolerance]
//
// Loads a model that was compiled with --emit shared and feeds it what
// expected.safetensors holds (test/fixtures/README.md): whole; cut in two at
// every point; one token at a time; several sequences mixed in one call; with
// one, two and three threads. Logits must agree with the expected ones within
// the tolerance, with each other as closely, and for any number of threads
// exactly.
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Safetensors.h"
#include "test/e2e/CompiledModel.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <cstring>
#include <map>

using namespace sinter;
using namespace sinter::test;

namespace {

/// One prompt of the expected results.
struct Case {
  std::vector<int32_t> tokens, segments, source, rows;
  std::vector<float> features; ///< [frames, bins], of sources that are numbers
  std::vector<float> output;
};

/// Tokens of several cases, fed in one or more calls; collects all rows of all
/// of them.
class Feeding {
public:
  Feeding(const Runner &runner, llvm::ArrayRef<const Case *> cases,
          int64_t threads)
      : runner(runner), cases(cases) {
    sinter_session_options options = {int64_t(cases.size()), threads, nullptr};
    runner.check(CALL(runner.library,
                      sinter_session_create)(runner.model, &options, &session),
                 "session");
    for (auto [index, item] : llvm::enumerate(cases)) {
      if (int64_t width = runner.description.source_width)
        runner.check(CALL(runner.library, sinter_encode_features)(
                         session, index, item->features.data(),
                         item->features.size() / width),
                     "encode_features");
      else if (runner.description.head == SINTER_MODEL_ENCODER_DECODER)
        runner.check(CALL(runner.library, sinter_encode)(session, index,
                                                         item->source.data(),
                                                         item->source.size()),
                     "encode");
      results.emplace_back(item->tokens.size() *
                           runner.description.output_width);
    }
    fed.assign(cases.size(), 0);
  }
  ~Feeding() { CALL(runner.library, sinter_session_destroy)(session); }

  /// Feeds the next tokens of the sequences named, in this order, in one call.
  void feed(llvm::ArrayRef<int32_t> sequences) {
    std::vector<int32_t> token, segment, row;
    std::vector<std::pair<int32_t, int64_t>> places;
    bool segmented = false;
    for (int32_t sequence : sequences) {
      const Case &item = *cases[sequence];
      int64_t at = fed[sequence]++;
      row.push_back(token.size());
      token.push_back(item.tokens[at]);
      segment.push_back(item.segments.empty() ? 0 : item.segments[at]);
      segmented |= segment.back() != 0;
      places.emplace_back(sequence, at);
    }
    int64_t width = runner.description.output_width;
    std::vector<float> output(token.size() * width, NAN);
    sinter_batch batch = {};
    batch.tokens = token.size();
    batch.token = token.data();
    batch.sequence = sequences.data();
    batch.segment = segmented ? segment.data() : nullptr;
    batch.rows = row.size();
    batch.row = row.data();
    runner.check(
        CALL(runner.library, sinter_feed)(session, &batch, output.data()),
        "feed");
    if (findsLargest)
      checkMostProbable(batch, output);
    for (auto [index, place] : llvm::enumerate(places))
      std::copy_n(output.begin() + index * width, width,
                  results[place.first].begin() + place.second * width);
  }

  std::vector<std::vector<float>> results;
  /// Whether to ask for the most probable tokens of each call too.
  bool findsLargest = false;

private:
  /// The same tokens again, of one sequence: the most probable tokens alone are
  /// those of the output, the first of equals.
  void checkMostProbable(const sinter_batch &batch,
                         llvm::ArrayRef<float> output) {
    size_t width = runner.description.output_width;
    runner.check(CALL(runner.library, sinter_sequence_truncate)(
                     session, 0, fed[0] - batch.tokens),
                 "truncate");
    std::vector<int32_t> token(batch.rows, -1);
    std::vector<float> logit(batch.rows, NAN);
    runner.check(CALL(runner.library, sinter_feed_most_probable)(
                     session, &batch, token.data(), logit.data()),
                 "feed_most_probable");
    for (auto [row, found] : llvm::enumerate(token)) {
      llvm::ArrayRef<float> all = output.slice(row * width, width);
      if (found != llvm::max_element(all) - all.begin() ||
          logit[row] != all[found])
        fail("row " + llvm::Twine(row) + ": the most probable token is not " +
             llvm::Twine(found));
    }
  }

  const Runner &runner;
  std::vector<const Case *> cases;
  sinter_session *session = nullptr;
  std::vector<int64_t> fed;
};

} // namespace

template <typename Element>
static std::vector<Element> readTensor(const WeightSource &source,
                                       llvm::StringRef name, const char *type) {
  std::optional<StoredTensor> tensor = source.find(name);
  if (!tensor)
    return {};
  if (tensor->typeName != type)
    fail(name + ": expected " + type + ", found " + tensor->typeName);
  std::vector<Element> elements(tensor->getNumElements());
  std::memcpy(elements.data(), tensor->bytes.data(), tensor->bytes.size());
  return elements;
}

/// [bins, frames], as transformers has them, with a row a frame.
static std::vector<float> readFeatures(const WeightSource &source,
                                       llvm::StringRef name) {
  std::vector<float> stored = readTensor<float>(source, name, "F32");
  if (stored.empty())
    return stored;
  int64_t bins = source.find(name)->shape[0], frames = stored.size() / bins;
  std::vector<float> rows(stored.size());
  for (int64_t bin = 0; bin < bins; ++bin)
    for (int64_t frame = 0; frame < frames; ++frame)
      rows[frame * bins + bin] = stored[bin * frames + frame];
  return rows;
}

static std::map<int64_t, Case> readCases(const WeightSource &source) {
  std::map<int64_t, Case> cases;
  for (const std::string &name : source.names()) {
    llvm::StringRef key = name;
    int64_t length;
    if (!key.consume_front("ids_") || key.getAsInteger(10, length))
      continue;
    std::string suffix = "_" + key.str();
    Case item;
    item.tokens = readTensor<int32_t>(source, name, "I32");
    item.segments = readTensor<int32_t>(source, "segments" + suffix, "I32");
    item.source = readTensor<int32_t>(source, "source" + suffix, "I32");
    item.features = readFeatures(source, "features" + suffix);
    item.rows = readTensor<int32_t>(source, "rows" + suffix, "I32");
    item.output = readTensor<float>(source, "logits" + suffix, "F32");
    if (item.output.empty())
      item.output = readTensor<float>(source, "hidden" + suffix, "F32");
    if (item.tokens.empty() || item.rows.empty() || item.output.empty())
      fail(name + " comes without rows or results");
    cases.emplace(length, std::move(item));
  }
  if (cases.empty())
    fail("there are no ids_N in the expected results");
  return cases;
}

/// The largest difference. NaN counts as infinitely far.
static double difference(llvm::ArrayRef<float> left,
                         llvm::ArrayRef<float> right) {
  double worst = left.size() == right.size() ? 0 : INFINITY;
  for (auto [a, b] : llvm::zip(left, right)) {
    double distance = std::fabs(double(a) - double(b));
    worst = distance <= worst      ? worst
            : std::isnan(distance) ? INFINITY
                                   : distance;
  }
  return worst;
}

static void expectWithin(double difference, double tolerance,
                         const llvm::Twine &what) {
  if (!(difference <= tolerance))
    fail(what + ": the results differ by " +
         llvm::Twine(llvm::formatv("{0:e}", difference).str()) +
         ", more than " + llvm::formatv("{0:e}", tolerance).str());
}

int main(int argumentCount, char **arguments) {
  if (argumentCount < 3)
    fail("usage: check-model libmodel.so expected.safetensors [tolerance]");
  double tolerance = argumentCount > 3 ? atof(arguments[3]) : 1e-4;
  llvm::Expected<std::unique_ptr<WeightSource>> expected =
      openSafetensors(arguments[2]);
  if (!expected)
    fail(llvm::toString(expected.takeError()));
  std::map<int64_t, Case> cases = readCases(**expected);

  Library library(arguments[1]);
  Runner runner(library);
  int64_t width = runner.description.output_width;
  double worst = 0, worstParts = 0;

  // Whole, against the expected rows.
  std::map<int64_t, std::vector<float>> whole;
  for (auto &[length, item] : cases) {
    Feeding feeding(runner, {&item}, 1);
    feeding.feed(std::vector<int32_t>(length, 0));
    whole[length] = feeding.results[0];
    for (auto [index, row] : llvm::enumerate(item.rows)) {
      double distance =
          difference(llvm::ArrayRef(whole[length]).slice(row * width, width),
                     llvm::ArrayRef(item.output).slice(index * width, width));
      expectWithin(distance, tolerance,
                   llvm::Twine(length) + " tokens, row " + llvm::Twine(row));
      worst = std::max(worst, distance);
    }
  }

  // Any number of threads gives the same bits, and the same choice by them.
  for (int64_t threads : {1, 2, 3})
    for (auto &[length, item] : cases) {
      Feeding feeding(runner, {&item}, threads);
      feeding.findsLargest = runner.description.causal;
      feeding.feed(std::vector<int32_t>(length, 0));
      if (std::memcmp(feeding.results[0].data(), whole[length].data(),
                      whole[length].size() * sizeof(float)) != 0)
        fail(llvm::Twine(length) + " tokens: " + llvm::Twine(threads) +
             " threads give other bits than one");
    }

  auto compareParts = [&](const std::vector<float> &parts, int64_t length,
                          const llvm::Twine &what) {
    double distance = difference(parts, whole[length]);
    expectWithin(distance, tolerance, what);
    worstParts = std::max(worstParts, distance);
  };

  if (runner.description.causal) {
    for (auto &[length, item] : cases) {
      // At every point where that is affordable, else at some.
      for (int64_t cut = 1; cut < length; cut += length > 32 ? 13 : 1) {
        Feeding feeding(runner, {&item}, 2);
        feeding.feed(std::vector<int32_t>(cut, 0));
        feeding.feed(std::vector<int32_t>(length - cut, 0));
        compareParts(feeding.results[0], length,
                     llvm::Twine(length) + " tokens cut at " +
                         llvm::Twine(cut));
      }
      Feeding feeding(runner, {&item}, 1);
      feeding.findsLargest = true;
      for (int64_t token = 0; token < length; ++token)
        feeding.feed({0});
      compareParts(feeding.results[0], length,
                   llvm::Twine(length) + " tokens one by one");
    }
  }

  // All sequences in one call: their tokens interleaved, or, where a call must
  // hold each sequence whole, one behind the other.
  std::vector<const Case *> all;
  std::vector<int64_t> lengths;
  for (auto &[length, item] : cases) {
    all.push_back(&item);
    lengths.push_back(length);
  }
  std::vector<int32_t> order;
  if (runner.description.causal) {
    for (int64_t round = 0; round < lengths.back(); ++round)
      for (size_t sequence = 0; sequence < all.size(); ++sequence)
        if (round < lengths[sequence])
          order.push_back(sequence);
  } else {
    for (size_t sequence = 0; sequence < all.size(); ++sequence)
      order.insert(order.end(), lengths[sequence], sequence);
  }
  Feeding mixed(runner, all, 2);
  mixed.feed(order);
  for (auto [sequence, length] : llvm::enumerate(lengths))
    compareParts(mixed.results[sequence], length,
                 llvm::Twine(length) + " tokens among other sequences");

  llvm::outs() << llvm::formatv("{0}: {1} prompts; largest difference from the "
                                "expected results {2:e}, of parts and "
                                "mixtures from whole prompts {3:e}\n",
                                runner.description.architecture, cases.size(),
                                worst, worstParts);
  return 0;
}
