//===- Classify.cpp - Classes of texts and of tokens ------------------- -===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/Output.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

using namespace sinter::runtime;

namespace {

std::string number(double value, const char *format) {
  char text[40];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

/// The label and its score, as a person or a program reads it.
class Printer {
public:
  explicit Printer(const sinter_model_description &model) : model(model) {}

  std::string shown(double score) const {
    return model.problem == SINTER_MODEL_REGRESSION
               ? number(score, "%10.4f  ")
               : number(score * 100, "%7.2f %%  ");
  }
  std::string json(size_t label, double score) const {
    return "\"label\": " + jsonString(model.labels[label]) +
           ", \"score\": " + number(score, "%.6g");
  }
  const char *label(size_t index) const { return model.labels[index]; }

private:
  const sinter_model_description &model;
};

/// Labels, the most probable first; among equals the lower.
std::vector<size_t> ranked(const double *scores, size_t labels) {
  std::vector<size_t> order(labels);
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return order;
}

void printSequence(const Request &request, const Printer &printer,
                   const std::vector<double> &scores) {
  std::vector<size_t> order = ranked(scores.data(), scores.size());
  const size_t all = scores.size();
  order.resize(std::min<size_t>(
      all, static_cast<size_t>(request.options.topK.value_or(
               static_cast<int64_t>(request.options.lines ? 1 : all)))));
  std::string line;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const double score = scores[order[rank]];
    if (request.options.json)
      line += (rank ? ", {" : "{") + printer.json(order[rank], score) + "}";
    else
      line += printer.shown(score) + printer.label(order[rank]) + "\n";
  }
  print(request.options.json ? "{\"labels\": [" + line + "]}\n" : line);
}

void printTokens(const Request &request, const Printer &printer,
                 const Input &input, const std::vector<double> &scores) {
  const size_t labels = scores.size() / std::max<size_t>(1, input.ids.size());
  const bool hasText = request.description.has_tokenizer;
  std::string text;
  for (size_t place = 0; place < input.ids.size(); ++place) {
    const double *row = scores.data() + place * labels;
    const size_t best = ranked(row, labels).front();
    const std::string word =
        hasText ? textOf(request.model, {input.ids[place]}, true) : "";
    // What the template puts around a text is no part of it.
    if (hasText && word.empty())
      continue;
    if (request.options.json) {
      text += text.empty() ? "{" : ", {";
      text += "\"position\": " + std::to_string(place) +
              ", \"token\": " + std::to_string(input.ids[place]) + ", ";
      if (hasText)
        text += "\"text\": " + jsonString(word) + ", ";
      text += printer.json(best, row[best]) + "}";
    } else {
      text += printer.shown(row[best]) + printer.label(best) + "  " +
              (hasText ? word : std::to_string(input.ids[place])) + "\n";
    }
  }
  print(request.options.json ? "{\"tokens\": [" + text + "]}\n" : text);
}

} // namespace

int sinter::runtime::classify(const Request &request) {
  const sinter_model_description &model = request.description;
  const bool ofTokens = model.head == SINTER_MODEL_TOKEN_CLASSIFICATION;
  const Printer printer(model);
  SessionHandle session = openSession(request, 1);
  for (const Input &input : request.inputs) {
    const size_t rows = ofTokens ? input.ids.size() : 1;
    std::vector<double> scores(rows * static_cast<size_t>(model.label_count));
    check(sinter_classify(
        session.get(), input.ids.data(),
        input.segments.empty() ? nullptr : input.segments.data(),
        static_cast<int64_t>(input.ids.size()), scores.data()));
    if (ofTokens)
      printTokens(request, printer, input, scores);
    else
      printSequence(request, printer, scores);
  }
  return 0;
}
