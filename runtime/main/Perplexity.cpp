//===- Perplexity.cpp - How probable a model finds a text -----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `./model --perplexity FILE`: what each token of a text costs the model.
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Perplexity.h"

#include "runtime/Failure.h"
#include "runtime/main/Commands.h"
#include "runtime/main/Interrupt.h"
#include "runtime/main/Output.h"
#include "runtime/main/Progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace sinter::runtime;

std::vector<ScoredWindow>
sinter::runtime::scoredWindows(int64_t length, int64_t window, int64_t stride) {
  std::vector<ScoredWindow> windows;
  int64_t scored = 0; // tokens before this one are done
  for (int64_t begin = 0; scored < length; begin += stride) {
    const int64_t end = std::min(begin + window, length);
    const int64_t first = std::max(scored, begin + 1);
    if (first < end)
      windows.push_back({begin, end, first});
    scored = end;
  }
  return windows;
}

double sinter::runtime::negativeLogLikelihood(std::span<const float> logits,
                                              int32_t token) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  // A logarithm forgives the rounding of each term, but not of their sum.
  for (float logit : logits)
    sum += static_cast<double>(std::exp(logit - largest));
  return std::log(sum) + static_cast<double>(largest) -
         static_cast<double>(logits[static_cast<size_t>(token)]);
}

namespace {

// Rows of fewer tokens leave arithmetic units idle; of more they gain nothing.
constexpr int64_t tokensAtOnce = 512;
// Of a large vocabulary, so many rows are too many.
constexpr int64_t mostLogitBytes = int64_t(64) << 20;

/// A window of one of the texts.
struct Piece {
  const std::vector<int32_t> *ids;
  ScoredWindow window;
};

struct Total {
  double nats = 0;
  int64_t scored = 0;

  double each() const { return nats / static_cast<double>(scored); }
};

std::vector<Piece> piecesOf(const Request &request, int64_t window,
                            int64_t stride) {
  std::vector<Piece> pieces;
  for (const Input &input : request.inputs)
    for (const ScoredWindow &each :
         scoredWindows(static_cast<int64_t>(input.ids.size()), window, stride))
      pieces.push_back({&input.ids, each});
  return pieces;
}

/// Feeds the tokens of some windows, each a sequence of its own, and adds up
/// what those that count cost.
class Scorer {
public:
  Scorer(const Request &request, int64_t window, int64_t windows)
      : width(static_cast<size_t>(request.description.output_width)),
        rowsAtOnce(std::clamp<int64_t>(
            mostLogitBytes /
                (int64_t(sizeof(float)) * request.description.output_width),
            1, tokensAtOnce)),
        sequences(std::clamp<int64_t>(tokensAtOnce / window, 1, windows)),
        session(openSession(request, sequences)) {}

  int64_t windowsAtOnce() const { return sequences; }

  void score(std::span<const Piece> pieces, Total &total);

private:
  void take(int32_t token, int32_t sequence, const int32_t *next, Total &total);
  void run(Total &total);

  const size_t width;
  const int64_t rowsAtOnce;
  const int64_t sequences;
  SessionHandle session;
  // The batch that is being put together.
  std::vector<int32_t> token, sequence, row, targets;
  std::vector<float> logits;
};

void Scorer::score(std::span<const Piece> pieces, Total &total) {
  for (size_t index = 0; index < pieces.size(); ++index) {
    const auto &[ids, window] = pieces[index];
    check(sinter_sequence_truncate(session.get(), static_cast<int64_t>(index),
                                   0));
    // The last token is only scored: nobody asks what comes behind it.
    for (int64_t place = window.begin; place + 1 < window.end; ++place)
      take((*ids)[static_cast<size_t>(place)], static_cast<int32_t>(index),
           place + 1 >= window.scored ? &(*ids)[static_cast<size_t>(place) + 1]
                                      : nullptr,
           total);
  }
  run(total);
}

void Scorer::take(int32_t id, int32_t of, const int32_t *next, Total &total) {
  if (static_cast<int64_t>(token.size()) == tokensAtOnce ||
      (next && static_cast<int64_t>(row.size()) == rowsAtOnce))
    run(total);
  if (next) {
    row.push_back(static_cast<int32_t>(token.size()));
    targets.push_back(*next);
  }
  token.push_back(id);
  sequence.push_back(of);
}

void Scorer::run(Total &total) {
  if (token.empty())
    return;
  logits.resize(row.size() * width);
  sinter_batch batch = {};
  batch.tokens = static_cast<int64_t>(token.size());
  batch.token = token.data();
  batch.sequence = sequence.data();
  batch.rows = static_cast<int64_t>(row.size());
  batch.row = row.data();
  check(sinter_feed(session.get(), &batch, logits.data()));
  for (size_t index = 0; index < row.size(); ++index) {
    const double nats = negativeLogLikelihood(
        std::span(logits).subspan(index * width, width), targets[index]);
    if (!std::isfinite(nats))
      fail(SINTER_ERROR_UNSUPPORTED,
           "token %lld of those that count cannot be scored: the model gives "
           "it no finite logarithm of a probability",
           static_cast<long long>(total.scored));
    total.nats += nats;
    ++total.scored;
  }
  token.clear();
  sequence.clear();
  row.clear();
  targets.clear();
}

std::string formatted(const char *format, double value) {
  char text[40];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

int64_t windowOf(const Request &request) {
  const int64_t context = request.description.context;
  const int64_t window = request.options.perplexityWindow.value_or(context);
  if (window > context)
    throw UsageError("--perplexity-window: " + std::to_string(window) +
                     " tokens do not fit the context of " +
                     std::to_string(context));
  if (window < 2)
    throw UsageError("the context of '" +
                     std::string(request.description.name) +
                     "' is one token: nothing stands before another");
  return window;
}

int64_t strideOf(const Request &request, int64_t window) {
  const int64_t stride =
      request.options.perplexityStride.value_or((window + 1) / 2);
  if (stride > window)
    throw UsageError("--perplexity-stride: " + std::to_string(stride) +
                     " would leave tokens out between windows of " +
                     std::to_string(window));
  return stride;
}

void printResult(const Request &request, const Total &total, int64_t tokens,
                 int64_t window, int64_t stride) {
  const std::string each = formatted("%.9g", total.each());
  const std::string perplexity = formatted("%.9g", std::exp(total.each()));
  if (request.options.json)
    print("{\"perplexity\": " + perplexity + ", \"negative_log_likelihood\": " +
          each + ", \"scored\": " + std::to_string(total.scored) +
          ", \"tokens\": " + std::to_string(tokens) +
          ", \"texts\": " + std::to_string(request.inputs.size()) +
          ", \"window\": " + std::to_string(window) +
          ", \"stride\": " + std::to_string(stride) + "}\n");
  else
    print("perplexity " + perplexity + ", negative log-likelihood " + each +
          " nats per token: " + std::to_string(total.scored) + " of " +
          std::to_string(tokens) + " tokens scored, windows of " +
          std::to_string(window) + " advance by " + std::to_string(stride) +
          "\n");
}

} // namespace

int sinter::runtime::measurePerplexity(const Request &request) {
  const int64_t window = windowOf(request);
  const int64_t stride = strideOf(request, window);
  const std::vector<Piece> pieces = piecesOf(request, window, stride);
  int64_t tokens = 0, scored = 0;
  for (const Input &input : request.inputs)
    tokens += static_cast<int64_t>(input.ids.size());
  for (const Piece &piece : pieces)
    scored += piece.window.end - piece.window.scored;
  if (pieces.empty())
    throw UsageError("--perplexity: " + request.options.perplexity +
                     " has no text of at least 2 tokens, and the first one has "
                     "nothing before it");

  Scorer scorer(request, window, static_cast<int64_t>(pieces.size()));
  Progress progress(scored);
  Total total;
  const size_t atOnce = static_cast<size_t>(scorer.windowsAtOnce());
  for (size_t done = 0; done < pieces.size(); done += atOnce) {
    scorer.score(
        std::span(pieces).subspan(done, std::min(atOnce, pieces.size() - done)),
        total);
    progress.advance(total.scored,
                     "perplexity " + formatted("%.5g", std::exp(total.each())));
    if (interrupted())
      return 130;
  }
  progress.finish();
  printResult(request, total, tokens, window, stride);
  return 0;
}
