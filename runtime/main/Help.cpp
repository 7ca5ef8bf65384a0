//===- Help.cpp - --help and completion -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/OptionTable.h"

#include <algorithm>

using namespace sinter::runtime;

/// Breaks `text` into lines that fit beside a column of option names.
static std::string wrapped(const std::string &text, size_t indent) {
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

std::string sinter::runtime::helpText(const std::string &program,
                                      const std::string &model,
                                      sinter_model_head head, bool hasTokenizer,
                                      bool hears) {
  std::string text = model + " " + taskOf(head) + ".\n\nusage: " + program;
  const bool asks = head == SINTER_MODEL_QUESTION_ANSWERING;
  text += hears           ? " [options] --audio FILE\n"
          : !hasTokenizer ? " [options] --ids LIST\n"
          : asks          ? " [options] --question TEXT --context TEXT\n"
                          : " [options] TEXT\n";
  if (hasTokenizer && !asks && !hears)
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
      example("--chat --system \"You are a poet.\"");
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
    if (hears) {
      example("--audio speech.wav");
      example("--audio speech.wav --language de --task translate");
      break;
    }
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
  example((hears                   ? std::string("--audio speech.wav")
           : hasTokenizer && !asks ? std::string("\"A text\"")
                                   : "--ids 1,5,7") +
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
