//===- Embed.cpp - Vectors of texts, and how near they are ------------- -===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Commands.h"
#include "runtime/main/Output.h"

#include <cmath>
#include <cstdio>

using namespace sinter::runtime;

namespace {

double product(const std::vector<float> &a, const std::vector<float> &b) {
  double sum = 0;
  for (size_t index = 0; index < a.size(); ++index)
    sum += double(a[index]) * double(b[index]);
  return sum;
}

double cosine(const std::vector<float> &a, const std::vector<float> &b) {
  const double lengths = std::sqrt(product(a, a) * product(b, b));
  return lengths > 0 ? product(a, b) / lengths : 0;
}

std::string number(double value, const char *format) {
  char text[40];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

void printSimilarities(const Request &request,
                       const std::vector<std::vector<float>> &vectors) {
  if (vectors.size() < 2)
    throw UsageError("--similarity: give at least two texts");
  std::string json;
  for (size_t other = 1; other < vectors.size(); ++other) {
    const double near = cosine(vectors[0], vectors[other]);
    const Input &input = request.inputs[other];
    if (request.options.json)
      json += (other > 1 ? ", " : "") + number(near, "%.6g");
    else
      print(number(near, "%8.4f  ") +
            (input.text.empty() ? idList(input.ids) : input.text) + "\n");
  }
  if (request.options.json)
    print("{\"similarities\": [" + json + "]}\n");
}

void printVector(const Request &request, const std::vector<float> &vector) {
  const bool json = request.options.json;
  std::string text;
  for (float value : vector)
    text += (text.empty() ? "" : json ? ", " : " ") + number(value, "%.9g");
  print(json ? "{\"embedding\": [" + text + "]}\n" : text + "\n");
}

} // namespace

int sinter::runtime::embed(const Request &request) {
  SessionHandle session = openSession(request, 1);
  std::vector<std::vector<float>> vectors;
  for (const Input &input : request.inputs) {
    std::vector<float> vector(
        static_cast<size_t>(request.description.output_width));
    check(sinter_embed(session.get(), input.ids.data(),
                       input.segments.empty() ? nullptr : input.segments.data(),
                       static_cast<int64_t>(input.ids.size()), vector.data()));
    if (request.options.similarity)
      vectors.push_back(std::move(vector));
    else
      printVector(request, vector);
  }
  if (request.options.similarity)
    printSimilarities(request, vectors);
  return 0;
}
