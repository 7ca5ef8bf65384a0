//===- Options.cpp - What the command line of a model says ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <variant>

using namespace sinter::runtime;

namespace {

/// Which models an option is for.
enum Heads : unsigned {
  nextToken = 1u << SINTER_MODEL_NEXT_TOKEN,
  masked = 1u << SINTER_MODEL_MASKED_TOKEN,
  translation = 1u << SINTER_MODEL_ENCODER_DECODER,
  hidden = 1u << SINTER_MODEL_HIDDEN,
  sequences = 1u << SINTER_MODEL_SEQUENCE_CLASSIFICATION,
  tokens = 1u << SINTER_MODEL_TOKEN_CLASSIFICATION,
  answers = 1u << SINTER_MODEL_QUESTION_ANSWERING,
  embedding = 1u << SINTER_MODEL_EMBEDDING,
  generating = nextToken | translation,
  all = generating | masked | hidden | sequences | tokens | answers | embedding
};

struct Whole {
  std::optional<int64_t> Options::*value;
  int64_t least, most;
};
struct Real {
  std::optional<double> Options::*value;
};
/// One of some words, `--name=word`; `--name` alone is the first one.
struct Word {
  std::string Options::*value;
  std::vector<std::string> words;
};
using Target =
    std::variant<bool Options::*, std::string Options::*,
                 std::vector<std::string> Options::*, Whole, Real, Word>;

struct Flag {
  const char *name;
  char letter;          ///< 0: none
  const char *argument; ///< null: takes none
  const char *help;
  unsigned heads;
  Target target;
  /// What a user of another model should know.
  const char *elsewhere = nullptr;
};

constexpr int64_t large = std::numeric_limits<int64_t>::max();

// The one list of options: parsing, --help and completion come from it.
const std::vector<Flag> &flags() {
  static const std::vector<Flag> table = {
      {"tokens", 'n', "N", "generate at most N tokens", generating,
       Whole{&Options::tokens, 1, large}},
      {"temperature", 0, "T",
       "sample; 1: the model's probabilities, below: more certain, 0: the most "
       "probable token",
       generating, Real{&Options::temperature}},
      {"top-k", 0, "K", "sample among the K most probable tokens", generating,
       Whole{&Options::topK, 0, large}},
      {"top-k", 0, "K", "show the K most probable tokens (5)", masked,
       Whole{&Options::topK, 1, large}},
      {"top-k", 0, "K", "show the K most probable answers (1)", answers,
       Whole{&Options::topK, 1, 1000}},
      {"top-k", 0, "K", "show the K most probable classes (all)", sequences,
       Whole{&Options::topK, 1, large}},
      {"question", 0, "TEXT", "what is asked", answers, &Options::question},
      {"context", 0, "TEXT",
       "what the answer is looked for in (-: standard input)", answers,
       &Options::context},
      {"longest", 0, "N", "an answer has at most N tokens (15)", answers,
       Whole{&Options::longest, 1, 100000}},
      {"pair", 0, "TEXT", "a second text, which belongs to the first",
       sequences, &Options::pair},
      {"similarity", 0, nullptr,
       "print the cosine between the first text and each of the others",
       embedding, &Options::similarity},
      {"top-p", 0, "P", "sample among the fewest that reach probability P",
       generating, Real{&Options::topP}},
      {"min-p", 0, "M",
       "sample among those of at least M times the best one's probability",
       generating, Real{&Options::minP}},
      {"typical", 0, "P",
       "sample among the most typical that reach probability P", generating,
       Real{&Options::typical}},
      {"seed", 0, "S", "sample with these random numbers (0)", generating,
       Whole{&Options::seed, 0, large}},
      {"repetition-penalty", 0, "R",
       "above 1: make what was written already less likely", generating,
       Real{&Options::repetitionPenalty}},
      {"frequency-penalty", 0, "F",
       "subtract F from a token's logit each time it was written", generating,
       Real{&Options::frequencyPenalty}},
      {"presence-penalty", 0, "F",
       "subtract F from the logits of all tokens written", generating,
       Real{&Options::presencePenalty}},
      {"logit-bias", 0, "ID=B",
       "add B to the logit of token ID; -inf: never (may be repeated)",
       generating, &Options::logitBias},
      {"beam", 0, "N", "search with N beams", translation,
       Whole{&Options::beams, 1, 1024}},
      {"length-penalty", 0, "L",
       "beam search: above 1 prefers long texts, below short ones (1)",
       translation, Real{&Options::lengthPenalty}},
      {"early-stopping", 0, nullptr,
       "beam search: stop when as many texts as beams are complete",
       translation, &Options::earlyStopping},
      {"stop", 0, "TEXT", "end before TEXT (may be repeated)", generating,
       &Options::stop},
      {"ignore-end", 0, nullptr, "go on when the model ends the text",
       generating, &Options::ignoreEnd},
      {"no-echo", 0, nullptr, "do not print the prompt", nextToken,
       &Options::noEcho},
      {"lines", 0, nullptr, "every line of the input is a text of its own",
       all & ~unsigned(hidden | answers), &Options::lines},
      {"ids", 0, "LIST",
       "token ids in and out, 1,5,7 say (may be repeated; -: from standard "
       "input, one list a line)",
       all, &Options::ids},
      {"segments", 0, "LIST", "segment (token type) ids of each --ids",
       all & ~unsigned(generating), &Options::segments},
      {"decoder-ids", 0, "LIST",
       "with --logits: the target's tokens for each --ids", translation,
       &Options::decoderIds},
      {"logits", 0, "FILE",
       "write tensor 'logits' [rows, width] of all tokens as safetensors", all,
       &Options::logits},
      {"split", 0, "K",
       "with --logits: feed K tokens of each sequence at a time", generating,
       Whole{&Options::split, 1, large}},
      {"perplexity", 0, "FILE",
       "print the perplexity of a text (-: standard input), read in windows: "
       "each token but the first is scored once, by the first window that "
       "holds it and one before it; with --lines, each line by itself",
       nextToken, &Options::perplexity,
       "perplexity is of models that continue text, and pseudo-perplexity of "
       "others is not built"},
      {"perplexity-window", 0, "N", "tokens of a window (the context)",
       nextToken, Whole{&Options::perplexityWindow, 2, large}},
      {"perplexity-stride", 0, "N",
       "tokens that each window is further than the last (half of one)",
       nextToken, Whole{&Options::perplexityStride, 1, large}},
      {"threads", 0, "N", "run on N threads (as many as there are cores)", all,
       Whole{&Options::threads, 1, 1024}},
      {"weights", 0, "FILE", "take the weights from FILE", all,
       &Options::weights},
      {"json", 0, nullptr, "print JSON", all, &Options::json},
      {"stats", 0, nullptr, "print how fast it was, to standard error",
       generating, &Options::stats},
      {"profile", 0, nullptr,
       "print where the time went, kernel by kernel, to standard error, with "
       "the machine's limits, which are measured first (--profile=json: as "
       "JSON)",
       all, Word{&Options::profile, {"table", "json"}}},
      {"info", 0, nullptr, "print what is inside this file", all,
       &Options::info},
      {"verify", 0, nullptr, "read all weights and check their hash", all,
       &Options::verify},
      {"completion", 0, nullptr, "print a script for bash's completion", all,
       &Options::completion},
      {"version", 0, nullptr, "print the runtime's version", all,
       &Options::version},
      {"help", 'h', nullptr, "print this", all, &Options::help},
  };
  return table;
}

bool appliesTo(const Flag &flag, sinter_model_head head) {
  return flag.heads >> head & 1;
}

const char *taskOf(sinter_model_head head) {
  switch (head) {
  case SINTER_MODEL_NEXT_TOKEN:
    return "continues text";
  case SINTER_MODEL_MASKED_TOKEN:
    return "fills masks";
  case SINTER_MODEL_ENCODER_DECODER:
    return "turns one text into another";
  case SINTER_MODEL_HIDDEN:
    return "gives hidden states";
  case SINTER_MODEL_SEQUENCE_CLASSIFICATION:
    return "classifies texts";
  case SINTER_MODEL_TOKEN_CLASSIFICATION:
    return "classifies the tokens of texts";
  case SINTER_MODEL_QUESTION_ANSWERING:
    return "answers questions from a text";
  case SINTER_MODEL_EMBEDDING:
    return "turns texts into vectors";
  }
  return "";
}

/// Edits (Levenshtein) between two names.
size_t distance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string nearest(const std::string &name, sinter_model_head head) {
  std::string best;
  size_t fewest = std::max<size_t>(2, name.size() / 3) + 1;
  for (const Flag &flag : flags())
    if (appliesTo(flag, head) && distance(name, flag.name) < fewest) {
      fewest = distance(name, flag.name);
      best = flag.name;
    }
  // What people call it elsewhere.
  static const std::pair<const char *, const char *> synonyms[] = {
      {"n-predict", "tokens"},
      {"max-tokens", "tokens"},
      {"max-new-tokens", "tokens"},
      {"max-length", "tokens"},
      {"beams", "beam"},
      {"num-beams", "beam"},
      {"temp", "temperature"},
      {"bench", "stats"}};
  for (auto [other, ours] : synonyms)
    if (name == other)
      for (const Flag &flag : flags())
        if (ours == std::string(flag.name) && appliesTo(flag, head))
          best = ours;
  return best;
}

const Flag &findFlag(const std::string &name, char letter,
                     sinter_model_head head) {
  const std::string shown = letter ? std::string("-") + letter : "--" + name;
  const Flag *elsewhere = nullptr;
  for (const Flag &flag : flags()) {
    if (letter ? flag.letter != letter : name != flag.name)
      continue;
    if (appliesTo(flag, head))
      return flag;
    elsewhere = &flag;
  }
  if (elsewhere)
    throw UsageError(
        shown + " is not for this model: it " + taskOf(head) +
        (elsewhere->elsewhere ? std::string("; ") + elsewhere->elsewhere : ""));
  std::string guess = letter ? "" : nearest(name, head);
  throw UsageError(
      "unknown option " + shown +
      (guess.empty() ? "; see --help" : "; did you mean --" + guess + "?"));
}

int64_t parseWhole(const std::string &text, const std::string &what,
                   int64_t least, int64_t most) {
  int64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument ||
      end != text.data() + text.size() || text.empty())
    throw UsageError(what + ": '" + text + "' is not a whole number");
  if (error != std::errc() || value < least || value > most)
    throw UsageError(
        what + ": " + text + " is out of range, expected " +
        std::to_string(least) +
        (most == large ? " or more" : " to " + std::to_string(most)));
  return value;
}

double parseReal(const std::string &text, const std::string &what) {
  double value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value))
    throw UsageError(what + ": '" + text + "' is not a number");
  return value;
}

std::string parseWord(const std::string &text, const std::string &what,
                      const std::vector<std::string> &words) {
  if (text.empty())
    return words.front();
  std::string all;
  for (const std::string &word : words) {
    if (text == word)
      return text;
    all += (all.empty() ? "" : " or ") + word;
  }
  throw UsageError(what + ": '" + text + "' is unknown, expected " + all);
}

void assign(Options &options, const Flag &flag, const std::string &value) {
  const std::string what = std::string("--") + flag.name;
  if (auto *target = std::get_if<bool Options::*>(&flag.target))
    options.*(*target) = true;
  else if (auto *target = std::get_if<std::string Options::*>(&flag.target))
    options.*(*target) = value;
  else if (auto *target =
               std::get_if<std::vector<std::string> Options::*>(&flag.target))
    (options.*(*target)).push_back(value);
  else if (auto *target = std::get_if<Whole>(&flag.target))
    options.*(target->value) =
        parseWhole(value, what, target->least, target->most);
  else if (auto *target = std::get_if<Real>(&flag.target))
    options.*(target->value) = parseReal(value, what);
  else if (auto *target = std::get_if<Word>(&flag.target))
    options.*(target->value) = parseWord(value, what, target->words);
}

/// Breaks `text` into lines that fit beside a column of option names.
std::string wrapped(const std::string &text, size_t indent) {
  std::string out;
  size_t column = indent;
  for (size_t start = 0; start < text.size();) {
    size_t end = std::min(text.find(' ', start), text.size());
    if (column > indent && column + 1 + end - start > 78) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(start, end - start);
    column += end - start;
    start = end + 1;
  }
  return out;
}

} // namespace

Options sinter::runtime::parseOptions(const std::vector<std::string> &arguments,
                                      sinter_model_head head) {
  Options options;
  bool texts = false;
  for (size_t index = 0; index < arguments.size(); ++index) {
    const std::string &argument = arguments[index];
    if (texts || argument.size() < 2 || argument[0] != '-') {
      options.texts.push_back(argument);
      continue;
    }
    if (argument == "--") {
      texts = true;
      continue;
    }
    const bool named = argument[1] == '-';
    std::string name, value;
    bool hasValue = false;
    if (named) {
      size_t equals = argument.find('=');
      name = argument.substr(2, equals - 2);
      hasValue = equals != std::string::npos;
      value = hasValue ? argument.substr(equals + 1) : "";
      if (equals != std::string::npos)
        name = argument.substr(2, equals - 2);
    }
    const Flag &flag = findFlag(name, named ? '\0' : argument[1], head);
    const std::string shown =
        named ? "--" + name : std::string("-") + argument[1];
    if (!named && argument.size() > 2) {
      hasValue = true;
      value = argument.substr(2);
    }
    if (!flag.argument && hasValue &&
        !std::holds_alternative<Word>(flag.target))
      throw UsageError(shown + " takes no value");
    if (flag.argument && !hasValue) {
      if (index + 1 == arguments.size())
        throw UsageError(shown + " needs a value: " + flag.argument);
      value = arguments[++index];
    }
    assign(options, flag, value);
  }
  return options;
}

std::pair<int32_t, float>
sinter::runtime::parseLogitBias(const std::string &text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos)
    throw UsageError("--logit-bias: '" + text +
                     "' is not a token and a number, as in 5=-1.5");
  const int64_t token = parseWhole(text.substr(0, equals), "--logit-bias", 0,
                                   std::numeric_limits<int32_t>::max());
  const std::string value = text.substr(equals + 1);
  const double bias = value == "-inf" ? -std::numeric_limits<double>::infinity()
                                      : parseReal(value, "--logit-bias");
  return {static_cast<int32_t>(token), static_cast<float>(bias)};
}

std::vector<int32_t> sinter::runtime::parseIds(const std::string &text,
                                               const std::string &what) {
  std::vector<int32_t> ids;
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find(',', start), text.size());
    std::string id = text.substr(start, end - start);
    const size_t first = id.find_first_not_of(" \t\r");
    const size_t last = id.find_last_not_of(" \t\r");
    id = first == std::string::npos ? "" : id.substr(first, last - first + 1);
    ids.push_back(static_cast<int32_t>(
        parseWhole(id, what, 0, std::numeric_limits<int32_t>::max())));
    start = end + 1;
  }
  return ids;
}

std::string sinter::runtime::helpText(const std::string &program,
                                      const std::string &model,
                                      sinter_model_head head,
                                      bool hasTokenizer) {
  std::string text = model + " " + taskOf(head) + ".\n\nusage: " + program;
  const bool asks = head == SINTER_MODEL_QUESTION_ANSWERING;
  text += !hasTokenizer ? " [options] --ids LIST\n"
          : asks        ? " [options] --question TEXT --context TEXT\n"
                        : " [options] TEXT\n";
  if (hasTokenizer && !asks)
    text += "TEXT is - for standard input.\n";
  text += "\noptions:\n";
  constexpr size_t indent = 26;
  for (const Flag &flag : flags()) {
    if (!appliesTo(flag, head))
      continue;
    std::string left = flag.letter ? std::string("  -") + flag.letter + ", --"
                                   : std::string("      --");
    left += flag.name;
    if (flag.argument)
      left += std::string(" ") + flag.argument;
    left += left.size() + 2 > indent ? "\n" + std::string(indent, ' ')
                                     : std::string(indent - left.size(), ' ');
    text += left + wrapped(flag.help, indent) + "\n";
  }
  text += "\nexamples:\n";
  auto example = [&](const std::string &rest) {
    text += "  " + program + " " + rest + "\n";
  };
  switch (head) {
  case SINTER_MODEL_NEXT_TOKEN:
    if (hasTokenizer) {
      example("\"Once upon a time\" -n 64");
      example("\"Once upon a time\" -n 64 --temperature 0.8 --top-k 40 "
              "--seed 1");
      text += "  echo \"Once upon a time\" | " + program + " - -n 64 --json\n";
    }
    example("--ids 1,5,7 -n 6");
    break;
  case SINTER_MODEL_MASKED_TOKEN:
    if (hasTokenizer) {
      example("\"Paris is the [MASK] of France.\"");
      example("\"Paris is the [MASK] of France.\" --top-k 3 --json");
    }
    example("--ids 1,5,7");
    break;
  case SINTER_MODEL_ENCODER_DECODER:
    if (hasTokenizer) {
      example("\"forty two\"");
      example("\"forty two\" --beam 4");
      text += "  " + program + " - --lines < texts\n";
    }
    example("--ids 1,5,7,2");
    break;
  case SINTER_MODEL_HIDDEN:
    break;
  case SINTER_MODEL_SEQUENCE_CLASSIFICATION:
  case SINTER_MODEL_TOKEN_CLASSIFICATION:
    if (hasTokenizer)
      example("\"What a day.\" --json");
    break;
  case SINTER_MODEL_QUESTION_ANSWERING:
    if (hasTokenizer)
      example("--question \"Who wrote it?\" --context \"Ada wrote it.\"");
    break;
  case SINTER_MODEL_EMBEDDING:
    if (hasTokenizer)
      example("--similarity \"a cat\" \"a kitten\" \"a car\"");
    break;
  }
  example((hasTokenizer && !asks ? std::string("\"A text\"") : "--ids 1,5,7") +
          std::string(" --logits out.safetensors"));
  text +=
      "\nexit status: 0 done, 1 it failed, 2 the command line is wrong, 130 "
      "interrupted\n";
  return text;
}

std::string sinter::runtime::completionScript(const std::string &program,
                                              sinter_model_head head) {
  std::string names;
  for (const Flag &flag : flags())
    if (appliesTo(flag, head))
      names += (names.empty() ? "--" : " --") + std::string(flag.name);
  return "complete -o default -W \"" + names + "\" " + program + "\n";
}
