//===- CheckGeneration.cpp - Texts against expected texts -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     check-generation libmodel.so expected.json
//     check-generation libmodel.so --sorts ALPHABET LENGTH
//
// Loads a model that was compiled with --emit shared and lets it do what
// expected.json holds (one case, a list of cases, or an object with `cases`).
// Of a case it checks what is there:
//
//   prompt, source, word        a text, and its ids
//   prompt_ids, source_ids, ... the ids that go in
//   greedy_ids, output_ids, ... the ids that greedy decoding gives
//   text, phonemes              their text
//   first_step_logits, ...      the logits of the first step (within 1e-4)
//   beams                       what beam search finds, best first
//   masks                       the most probable tokens at each mask
//   mask_pos, logits_at_mask    where the one mask is, and its logits (1e-4)
//
// With --sorts: every sequence of LENGTH symbols below ALPHABET, fed to the
// model, is followed by the same symbols in order.
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Json.h"
#include "test/e2e/CompiledModel.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <cmath>

using namespace sinter;
using namespace sinter::test;
using nlohmann::json;

using Ids = std::vector<int32_t>;

static std::string toText(const Ids &ids) {
  std::string text;
  for (int32_t id : ids)
    text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

namespace {

class Checker {
public:
  explicit Checker(Library &library) : runner(library), library(library) {
    sinter_session_options options = {/*sequences=*/8, /*threads=*/2, nullptr};
    runner.check(
        CALL(library, sinter_session_create)(runner.model, &options, &session),
        "session");
  }
  ~Checker() { CALL(library, sinter_session_destroy)(session); }

  void check(const json &item);
  void checkSort(Ids symbols);
  std::string summary() const;

private:
  Ids generate(const Ids &prompt, int64_t maximum, int64_t beams) const;
  Ids tokenize(const std::string &text) const;
  std::string detokenize(const Ids &ids) const;
  std::vector<float> firstLogits(const Ids &prompt) const;
  std::vector<float> logitsAt(const Ids &tokens, int32_t row) const;
  void checkMasks(const json &item);
  void checkMask(const json &item);
  void expectLogits(const std::vector<float> &found, const json &expected,
                    const llvm::Twine &where);
  void expectIds(const Ids &found, const Ids &expected,
                 const llvm::Twine &what);
  bool translates() const {
    return runner.description.head == SINTER_MODEL_ENCODER_DECODER;
  }

  Runner runner;
  Library &library;
  sinter_session *session = nullptr;
  int cases = 0, texts = 0, logits = 0, searches = 0, masks = 0;
};

} // namespace

/// The value of the first key that is there, or null.
static const json *find(const json &item,
                        std::initializer_list<const char *> keys) {
  for (const char *key : keys)
    if (auto found = item.find(key); found != item.end())
      return &*found;
  return nullptr;
}

Ids Checker::generate(const Ids &prompt, int64_t maximum, int64_t beams) const {
  sinter_generate_options options;
  CALL(library, sinter_generate_defaults)(&options);
  options.maximum_tokens = maximum;
  options.beams = beams;
  sinter_tokens tokens = {};
  runner.check(CALL(library, sinter_generate)(session, prompt.data(),
                                              prompt.size(), &options, &tokens,
                                              nullptr),
               "generate");
  Ids ids(tokens.data, tokens.data + tokens.count);
  CALL(library, sinter_tokens_free)(&tokens);
  return ids;
}

Ids Checker::tokenize(const std::string &text) const {
  sinter_tokens tokens = {};
  uint32_t flags =
      SINTER_TOKENIZE_SPECIAL | (translates() ? SINTER_TOKENIZE_SOURCE : 0);
  runner.check(CALL(library, sinter_tokenize)(runner.model, text.data(),
                                              text.size(), flags, &tokens),
               "tokenize");
  Ids ids(tokens.data, tokens.data + tokens.count);
  CALL(library, sinter_tokens_free)(&tokens);
  return ids;
}

std::string Checker::detokenize(const Ids &ids) const {
  char *text = nullptr;
  size_t bytes = 0;
  runner.check(CALL(library, sinter_detokenize)(runner.model, ids.data(),
                                                ids.size(), 1, &text, &bytes),
               "detokenize");
  std::string result(text, bytes);
  free(text);
  return result;
}

std::vector<float> Checker::firstLogits(const Ids &prompt) const {
  Ids tokens = prompt;
  if (translates()) {
    runner.check(
        CALL(library, sinter_encode)(session, 0, prompt.data(), prompt.size()),
        "encode");
    tokens = {runner.description.decoder_start};
  } else {
    runner.check(CALL(library, sinter_sequence_truncate)(session, 0, 0),
                 "truncate");
  }
  return logitsAt(tokens, tokens.size() - 1);
}

std::vector<float> Checker::logitsAt(const Ids &tokens, int32_t row) const {
  std::vector<float> output(runner.description.output_width);
  sinter_batch batch = {};
  batch.tokens = tokens.size();
  batch.token = tokens.data();
  batch.rows = 1;
  batch.row = &row;
  runner.check(CALL(library, sinter_feed)(session, &batch, output.data()),
               "feed");
  return output;
}

void Checker::expectIds(const Ids &found, const Ids &expected,
                        const llvm::Twine &what) {
  if (found != expected)
    fail(what + ": found " + toText(found) + ", expected " + toText(expected));
}

void Checker::checkMasks(const json &item) {
  Ids ids = item.at("ids");
  if (const json *text = find(item, {"text"}))
    expectIds(tokenize(*text), ids,
              "ids of '" + text->get<std::string>() + "'");
  constexpr int64_t top = 5;
  int64_t count = 0, *positions = nullptr;
  sinter_candidate *candidates = nullptr;
  runner.check(CALL(library, sinter_fill_mask)(session, ids.data(), nullptr,
                                               ids.size(), top, &count,
                                               &positions, &candidates),
               "fill masks");
  const json &expected = item.at("masks");
  if (count != int64_t(expected.size()))
    fail("found " + llvm::Twine(count) + " masks, expected " +
         llvm::Twine(expected.size()));
  for (int64_t mask = 0; mask < count; ++mask) {
    if (positions[mask] != expected[mask].at("position"))
      fail("a mask is at " + llvm::Twine(positions[mask]) + ", expected " +
           expected[mask].at("position").dump());
    for (int64_t rank = 0; rank < top; ++rank) {
      const sinter_candidate &candidate = candidates[mask * top + rank];
      double probability = expected[mask].at("probabilities")[rank];
      if (candidate.token != expected[mask].at("ids")[rank] ||
          std::fabs(candidate.probability - probability) > 1e-4)
        fail(llvm::formatv("mask {0}, rank {1}: found token {2} with {3}, "
                           "expected {4} with {5}",
                           mask, rank, candidate.token, candidate.probability,
                           expected[mask].at("ids")[rank].dump(), probability)
                 .str());
    }
    ++masks;
  }
  free(positions);
  free(candidates);
}

void Checker::expectLogits(const std::vector<float> &found,
                           const json &expected, const llvm::Twine &where) {
  if (found.size() != expected.size())
    fail("there are " + llvm::Twine(found.size()) + " logits, expected " +
         llvm::Twine(expected.size()));
  for (auto [index, value] : llvm::enumerate(expected))
    if (!(std::fabs(found[index] - value.get<double>()) <= 1e-4))
      fail(llvm::Twine(llvm::formatv("logit {0} ", index).str()) + where +
           llvm::formatv(" is {0}, expected {1}", found[index],
                         value.get<double>())
               .str());
}

void Checker::checkMask(const json &item) {
  std::vector<float> found = logitsAt(item.at("input_ids"), item["mask_pos"]);
  expectLogits(found, item.at("logits_at_mask"), "at the mask");
  int32_t best = std::max_element(found.begin(), found.end()) - found.begin();
  expectIds({best}, {item.at("pred_id").get<int32_t>()}, "the mask's token");
  ++masks;
}

void Checker::check(const json &item) {
  ++cases;
  if (item.contains("masks"))
    return checkMasks(item);
  if (item.contains("mask_pos"))
    return checkMask(item);

  const json *in =
      find(item, {"prompt_ids", "source_ids", "input_ids", "source"});
  const json *out = find(item, {"greedy_ids", "greedy_ids_64", "output_ids"});
  if (!in || !in->is_array() || !out)
    fail("a case has no ids: " + item.dump().substr(0, 80));
  Ids prompt = *in, expected = *out;
  const json *source = find(item, {"prompt", "source", "word"});
  if (source && source->is_string() && runner.description.has_tokenizer) {
    expectIds(tokenize(*source), prompt,
              "ids of '" + source->get<std::string>() + "'");
    ++texts;
  }

  int64_t known = translates() ? 1 : prompt.size();
  expectIds(generate(prompt, expected.size() - known, 1), expected,
            "greedy decoding of " + toText(prompt));
  const json *text = find(item, {"text", "phonemes"});
  if (text && runner.description.has_tokenizer) {
    std::string found = detokenize(expected);
    if (found != text->get<std::string>())
      fail("the text is '" + found + "', expected '" +
           text->get<std::string>() + "'");
    ++texts;
  }

  if (const json *values =
          find(item, {"first_step_logits", "logits_after_BOS"})) {
    expectLogits(firstLogits(prompt), *values, "of the first step");
    ++logits;
  }

  if (const json *beams = find(item, {"beams"})) {
    expectIds(generate(prompt, 0, beams->size()), beams->at(0).at("ids"),
              "beam search from " + toText(prompt));
    ++searches;
  }
}

void Checker::checkSort(Ids symbols) {
  Ids expected = symbols;
  std::sort(symbols.begin(), symbols.end());
  expected.insert(expected.end(), symbols.begin(), symbols.end());
  Ids prompt(expected.begin(), expected.begin() + symbols.size());
  // The last token is generated, but never read: the context ends before it.
  expectIds(generate(prompt, symbols.size(), 1), expected,
            "sorting " + toText(prompt));
  ++cases;
}

std::string Checker::summary() const {
  return llvm::formatv("{0}: {1} cases: ids equal; {2} texts, {3} first steps' "
                       "logits, {4} beam searches, {5} masks",
                       runner.description.architecture, cases, texts, logits,
                       searches, masks);
}

int main(int argumentCount, char **arguments) {
  if (argumentCount < 3)
    fail("usage: check-generation libmodel.so expected.json | --sorts ALPHABET "
         "LENGTH");
  Library library(arguments[1]);
  Checker checker(library);

  if (llvm::StringRef(arguments[2]) == "--sorts") {
    if (argumentCount != 5)
      fail("--sorts needs the alphabet's size and the length");
    int alphabet = atoi(arguments[3]), length = atoi(arguments[4]);
    Ids symbols(length, 0);
    for (bool more = true; more;) {
      checker.checkSort(symbols);
      int place = length - 1;
      while (place >= 0 && ++symbols[place] == alphabet)
        symbols[place--] = 0;
      more = place >= 0;
    }
  } else {
    llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
        llvm::MemoryBuffer::getFile(arguments[2]);
    if (!buffer)
      fail(llvm::Twine(arguments[2]) + ": " + buffer.getError().message());
    json expected = json::parse((*buffer)->getBuffer(), nullptr,
                                /*allow_exceptions=*/false);
    if (expected.is_discarded())
      fail(llvm::Twine(arguments[2]) + " is not JSON");
    const json &cases = expected.is_object() && expected.contains("cases")
                            ? expected["cases"]
                            : expected;
    if (cases.is_array())
      for (const json &item : cases)
        checker.check(item);
    else
      checker.check(cases);
  }
  llvm::outs() << checker.summary() << '\n';
  return 0;
}
