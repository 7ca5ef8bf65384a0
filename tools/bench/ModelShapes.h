//===- ModelShapes.h - Shapes of well-known models --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_MODELSHAPES_H
#define SINTER_TOOLS_BENCH_MODELSHAPES_H

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace sinter::bench {

struct ModelShape {
  std::string architecture; ///< As config.json's model_type says it.
  int64_t layers, width, inner, heads, keyHeads, vocabulary, context;
};

/// A tensor of a checkpoint, and how its random values are distributed.
struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  float mean, deviation;

  int64_t elements() const;
};

/// gpt2: 124M; bert: base; llama: 1B.
std::optional<ModelShape> shapeOf(const std::string &architecture);

nlohmann::ordered_json configOf(const ModelShape &shape);

/// In the order of the file.
std::vector<Tensor> tensorsOf(const ModelShape &shape);

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_MODELSHAPES_H
