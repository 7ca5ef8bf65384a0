//===- SpecFuzzTest.cpp - Specs and configs that no one would write -------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes the specs that come with the compiler, breaks them at random, and
// elaborates what is left. The result is a module or a message, never a crash,
// an endless loop or silence. The asan preset makes this test sharp.
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/spec/BuiltinSpecs.h"
#include "mlir/IR/MLIRContext.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <random>

using namespace sinter;

namespace {

/// Config values for every spec at once; each takes what it knows.
constexpr const char *configText = R"({
  "vocab_size": 11, "n_embd": 8, "n_positions": 16, "n_head": 2, "n_layer": 2,
  "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2,
  "num_attention_heads": 2, "num_key_value_heads": 1, "d_model": 8,
  "max_position_embeddings": 16, "encoder_layers": 2, "decoder_layers": 1,
  "encoder_attention_heads": 2, "decoder_attention_heads": 2,
  "encoder_ffn_dim": 9, "decoder_ffn_dim": 10, "num_heads": 2, "ffn_dim": 5,
  "source_vocab_size": 7, "target_vocab_size": 9, "partial_rotary_factor": 0.5,
  "architectures": ["BertForMaskedLM"], "tie_word_embeddings": false,
  "rope_scaling": {"type": "llama3", "factor": 2.0}, "eos_token_id": [1, 2]
})";

class Mutator {
public:
  explicit Mutator(uint64_t seed) : random(seed) {}

  size_t below(size_t bound) { return bound ? random() % bound : 0; }

  /// One to four changes.
  std::string mutate(std::string text, const std::string &other) {
    for (size_t count = 1 + below(4); count > 0; --count)
      change(text, other);
    return text;
  }

private:
  void change(std::string &text, const std::string &other) {
    static const std::vector<std::string> pieces = {"(",
                                                    ")",
                                                    "[",
                                                    "]",
                                                    ",",
                                                    ":",
                                                    "..",
                                                    "=",
                                                    "==",
                                                    "-",
                                                    "@",
                                                    "^",
                                                    "^T",
                                                    "0",
                                                    "-1",
                                                    "1",
                                                    "2",
                                                    "1.5",
                                                    "1e999",
                                                    "\"",
                                                    "\\",
                                                    "\n",
                                                    "\n  ",
                                                    "\n    ",
                                                    "\t",
                                                    "#",
                                                    "let ",
                                                    "def ",
                                                    "if ",
                                                    " then ",
                                                    " else ",
                                                    "new",
                                                    "none",
                                                    "true",
                                                    "\xff",
                                                    "\xc3\xa9",
                                                    "T",
                                                    "S",
                                                    "token",
                                                    "through",
                                                    " in ",
                                                    "infinity",
                                                    "when ",
                                                    "optional ",
                                                    "config\n",
                                                    "struct ",
                                                    "h[0]",
                                                    "[.., 0]",
                                                    "iota(T)",
                                                    "range(3)",
                                                    "vector([1, 2])",
                                                    "size(x, 0)",
                                                    "split(x, 2)",
                                                    "9223372036854775807",
                                                    "99999999999999999999",
                                                    "model a from a\n",
                                                    "concat(x, x)",
                                                    "reshape(x, [1])",
                                                    "sum(x)",
                                                    "mask",
                                                    " times 3 "};
    size_t at = below(text.size() + 1), length = below(12);
    switch (below(7)) {
    case 0: // a byte
      if (at < text.size())
        text[at] = static_cast<char>(random());
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
    case 3:
      text.insert(at, pieces[below(pieces.size())]);
      break;
    case 4: // a piece of another spec in place of one of this
      text.replace(at, length, other, below(other.size()), below(40));
      break;
    case 5: { // two lines change places
      size_t first = text.find('\n', at), second = text.find('\n', first + 1);
      size_t third = text.find('\n', second + 1);
      if (third == std::string::npos || first == std::string::npos ||
          second == std::string::npos)
        break;
      std::string line = text.substr(first, second - first);
      text.erase(first, second - first);
      text.insert(first + (third - second), line);
      break;
    }
    default: // a word in place of another
      size_t end = text.find_first_of(" \n", at);
      if (end != std::string::npos)
        text.replace(at, end - at, pieces[below(pieces.size())]);
      break;
    }
  }

  std::mt19937_64 random;
};

/// SINTER_FUZZ=100000 runs longer.
size_t iterations(size_t usual) {
  const char *wanted = std::getenv("SINTER_FUZZ");
  return wanted ? std::strtoull(wanted, nullptr, 10) : usual;
}

/// Elaborates, and expects a module or a message. A context is used a few
/// times only: its types and attributes stay until its end.
bool elaborates(mlir::MLIRContext &context, const SpecInput &input) {
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  bool made = static_cast<bool>(elaborate(context, input, stream));
  EXPECT_EQ(made, messages.find("error:") == std::string::npos)
      << messages << "\n--- of ---\n"
      << input.specText.value_or(input.spec);
  EXPECT_EQ(messages.find("mistake of the compiler"), std::string::npos)
      << messages << "\n--- of ---\n"
      << input.specText.value_or(input.spec);
  return made;
}

TEST(SpecFuzz, WholeSpecsElaborate) {
  mlir::MLIRContext context;
  for (const char *name : {"bart", "bert", "gpt2", "gpt_neox", "llama",
                           "mistral", "phi", "qwen2", "transformer"}) {
    SpecInput input;
    input.spec = name;
    input.configText = configText;
    if (llvm::StringRef(name) == "gpt_neox" || llvm::StringRef(name) == "phi") {
      size_t at = input.configText.find("llama3");
      input.configText.replace(at, 6, "linear");
    }
    EXPECT_TRUE(elaborates(context, input)) << name;
  }
}

TEST(SpecFuzz, BrokenSpecs) {
  Mutator mutator(1);
  llvm::ArrayRef<spec::BuiltinSpec> specs = spec::builtinSpecs();
  std::unique_ptr<mlir::MLIRContext> context;
  for (size_t iteration = 0; iteration < iterations(3000); ++iteration) {
    if (iteration % 100 == 0)
      context = std::make_unique<mlir::MLIRContext>(
          mlir::MLIRContext::Threading::DISABLED);
    const spec::BuiltinSpec &chosen = specs[mutator.below(specs.size())];
    const spec::BuiltinSpec &other = specs[mutator.below(specs.size())];
    SpecInput input;
    input.spec = chosen.name.str();
    input.specText = mutator.mutate(chosen.text.str(), other.text.str());
    input.configText = configText;
    elaborates(*context, input);
  }
}

TEST(SpecFuzz, BrokenConfigs) {
  Mutator mutator(2);
  std::vector<std::string> models;
  for (const BuiltinModel &model : builtinModels())
    models.push_back(model.type);
  std::unique_ptr<mlir::MLIRContext> context;
  for (size_t iteration = 0; iteration < iterations(1000); ++iteration) {
    if (iteration % 100 == 0)
      context = std::make_unique<mlir::MLIRContext>(
          mlir::MLIRContext::Threading::DISABLED);
    SpecInput input;
    input.spec = models[mutator.below(models.size())];
    input.configText = mutator.mutate(configText, configText);
    elaborates(*context, input);
  }
}

TEST(SpecFuzz, Towers) {
  mlir::MLIRContext context;
  auto elaborateBody = [&](const std::string &expression,
                           const std::string &functions = "") {
    SpecInput input;
    input.spec = "tower";
    input.configText = "{}";
    input.specText =
        "model tower\nhead next_token = logits\nprogram\n  context "
        "= 4\nweights\n  w [4, 4]\n" +
        functions + "def logits(token[T]) =\n  " + expression + "\n";
    EXPECT_FALSE(elaborates(context, input));
  };
  auto repeated = [](const char *piece, size_t count) {
    std::string text;
    for (size_t index = 0; index < count; ++index)
      text += piece;
    return text;
  };
  elaborateBody(repeated("(", 100000));
  elaborateBody(repeated("[", 100000));
  elaborateBody(repeated("-", 100000) + "1");
  elaborateBody(repeated("not ", 100000) + "true");
  elaborateBody("w[token]" + repeated(" + 1", 100000));
  elaborateBody("w" + repeated(".a", 100000));
  elaborateBody("w" + repeated("^T", 100000));
  elaborateBody("w[token]" + repeated(" ^ 2", 100000));
  elaborateBody(repeated("if true then ", 100000));
  elaborateBody(repeated("f(", 100000));
  elaborateBody("1" + repeated(" through f(1)", 100000));
  elaborateBody("f(w[token])", "def f(x) = f(x)\n");
  elaborateBody("f(w[token])", "def f(x) = f(f(x))\n");
  elaborateBody("[[[range(65536) for a in range(65536)] for b in "
                "range(65536)] for c in range(65536)]");
  // Each function calls the one before twice: 2 to the 40 calls.
  std::string doubling = "def f0(x) = x + 1\n";
  for (int level = 1; level <= 40; ++level)
    doubling += "def f" + std::to_string(level) + "(x) = f" +
                std::to_string(level - 1) + "(f" + std::to_string(level - 1) +
                "(x))\n";
  elaborateBody("f40(w[token])", doubling);
}

} // namespace
