//===- Frontend.h - A spec and a config into IR -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_FRONTEND_H
#define SINTER_FRONTEND_FRONTEND_H

#include "ir/WeightSource.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>
#include <vector>

namespace sinter {

/// What a model is made of.
struct SpecInput {
  /// Path of the spec; empty: the one that comes with the compiler for the
  /// config's `model_type`.
  std::string spec;
  /// The text of a spec that is in no file; then `spec` is what messages call
  /// it, and imports come from those that come with the compiler.
  std::optional<std::string> specText;
  /// config.json: what messages call it, and its text.
  std::string configName = "config.json";
  std::string configText;
  /// generation_config.json, whose token ids go before those of the config;
  /// empty: there is none.
  std::string generationConfigName = "generation_config.json";
  std::string generationConfigText;
  /// Which weights there are. Without it, the spec's declarations are taken as
  /// they stand, and optional weights are taken to be there.
  const WeightSource *weights = nullptr;
  /// Names of config values and weights are those of GGUF.
  bool gguf = false;
  /// Most positions of a sequence, where the user wants fewer than the model
  /// has.
  std::optional<int64_t> context;
  /// Which head the program gets ("embedding"), whatever the config says;
  /// empty: the one that is for this config.
  std::string head;
  /// What sentence-transformers says of a sentence's embedding, a JSON object
  /// whose values are config values under "sentence_transformers."; empty: it
  /// says nothing.
  std::string embeddingConfigText;
};

/// Names of the attributes on the module, beside `sinter.head`: what the
/// program needs to know of the model. Counts are i64; an absent one means that
/// the model has none.
inline constexpr llvm::StringLiteral architectureAttributeName =
    "sinter.architecture";
inline constexpr llvm::StringLiteral contextAttributeName = "sinter.context";
inline constexpr llvm::StringLiteral sourceContextAttributeName =
    "sinter.source_context";
inline constexpr llvm::StringLiteral vocabularyAttributeName =
    "sinter.vocabulary";
inline constexpr llvm::StringLiteral sourceVocabularyAttributeName =
    "sinter.source_vocabulary";
inline constexpr llvm::StringLiteral segmentsAttributeName = "sinter.segments";
/// Of a head for whole sequences: "first" or "last", the token whose row stands
/// for the sequence.
inline constexpr llvm::StringLiteral poolingAttributeName = "sinter.pooling";
/// Of a head that classifies: what the classes are called, an array of strings;
/// and, where the config says it, "single_label_classification",
/// "multi_label_classification" or "regression".
inline constexpr llvm::StringLiteral labelsAttributeName = "sinter.labels";
inline constexpr llvm::StringLiteral problemAttributeName = "sinter.problem";
/// How the numbers of a source are made of sound: "log_mel".
inline constexpr llvm::StringLiteral soundAttributeName = "sinter.sound";
/// A dictionary: `bos`, `pad`, `mask`, `decoder_start`, `forced_bos`,
/// `forced_eos` as i64; as arrays of i64, `eos`, `prompt` (tokens behind
/// `decoder_start`, where -1 is the language that is heard), `languages`,
/// `suppress` and `begin_suppress` (tokens that never come, or not as the first
/// behind the prompt). Only ids of the vocabulary are in it.
inline constexpr llvm::StringLiteral specialTokensAttributeName =
    "sinter.special_tokens";

/// The math-level IR of a model: a module with one function `logits`. Every
/// message, with place and caret, goes to `messages`; after an error the result
/// is null.
mlir::OwningOpRef<mlir::ModuleOp> elaborate(mlir::MLIRContext &context,
                                            const SpecInput &input,
                                            llvm::raw_ostream &messages);

/// The text of a spec by what locations call it: one that comes with the
/// compiler ("models/gpt2.sinter"), or a file.
std::optional<std::string> specText(llvm::StringRef name);

/// What a head can be called.
std::vector<std::string> headNames();

/// A model that comes with the compiler, as its spec tells it.
struct BuiltinModel {
  std::string type;               ///< `model_type` in config.json
  std::string family;             ///< of the spec's first line: name and paper
  std::vector<std::string> heads; ///< in the spec's order
};
/// All of them, sorted by type.
std::vector<BuiltinModel> builtinModels();

} // namespace sinter

#endif // SINTER_FRONTEND_FRONTEND_H
