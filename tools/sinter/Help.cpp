//===- Help.cpp - What `--help` says -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/CommandLine.h"
#include "tools/sinter/OptionTable.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace sinter;
using namespace llvm::opt;

std::string sinter::helpText(llvm::StringRef subcommand) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  bool known = llvm::any_of(optionTable().getSubCommands(),
                            [&](const OptTable::SubCommand &command) {
                              return subcommand == command.Name;
                            });
  if (!known) {
    stream << "sinter: compile transformer models to native binaries\n\n"
              "USAGE: sinter <command> [options]\n\nCOMMANDS:\n";
    for (const OptTable::SubCommand &command : optionTable().getSubCommands())
      stream << "  " << llvm::left_justify(command.Name, 12) << command.HelpText
             << '\n';
    stream
        << "\nOPTIONS:\n"
           "  --help      Show this help; `sinter <command> --help` shows a "
           "command's\n"
           "  --version   Show the version\n\n"
           "EXAMPLES:\n"
           "  sinter compile gpt2/ -o gpt2        a Hugging Face folder in, "
           "one executable out\n"
           "  ./gpt2 \"Once upon a time\" -n 64     nothing else to install\n"
           "  sinter run bert/ \"Paris is the [MASK] of France.\"\n";
    return text;
  }
  std::string usage;
  for (const OptTable::SubCommand &command : optionTable().getSubCommands())
    if (subcommand == command.Name)
      usage = command.Usage;
  optionTable().printHelp(
      stream, usage.c_str(),
      "sinter: compile transformer models to native binaries",
      /*ShowHidden=*/false, /*ShowAllAliases=*/false, llvm::opt::Visibility(),
      subcommand);
  if (subcommand == "compile")
    stream
        << "\nEXAMPLES:\n"
           "  sinter compile gpt2/ -o gpt2                     for this "
           "machine's CPU\n"
           "  sinter compile llama/ --cpu x86-64-v3 -o llama   for any "
           "machine with AVX2\n"
           "  sinter compile llama/ --cpu znver5,x86-64-v3     code for both: "
           "the machine takes what it can run\n"
           "  sinter compile llama/ --target aarch64 -o llama  for another "
           "machine, after `tools/cross aarch64`\n"
           "  sinter compile gpt2/ --target opencl -o gpt2     computes on an "
           "OpenCL device of this machine\n"
           "  sinter compile llama/ --target cuda --cpu sm_90a,sm_80 "
           "--precision bf16 --kv-type bf16 -o llama\n"
           "                                                   computes on "
           "NVIDIA's GPUs, from sm_80 on\n"
           "  sinter compile bert/ --emit shared -o libbert.so weights go "
           "to libbert.so.weights\n"
           "  sinter compile bert/ --emit package -o dist      the library, "
           "its header, and files for pkg-config and CMake\n"
           "  sinter compile mine/ --spec mine.sinter -v       a model of "
           "your own\n"
           "  sinter compile gpt2/ --emit mlir -o -            what the "
           "passes made of it\n";
  if (subcommand == "inspect")
    stream
        << "\nCosts are counted for one call: --tokens of a sequence behind "
           "--past others, and the output of the last --rows.\n\n"
           "EXAMPLES:\n"
           "  sinter inspect gpt2/ -o gpt2.html                a page for a "
           "browser\n"
           "  sinter inspect bert/ --format json | jq .final   for machines\n"
           "  sinter inspect llama/ --format dot | dot -Tsvg   the kernels "
           "as a graph\n"
           "  sinter inspect gpt2/ --format mlir               the IR after "
           "every pass\n";
  if (subcommand == "quantize")
    stream
        << "\nFor each weight: bits of an element with its share of scales, "
           "the "
           "distance to what is stored\n(root mean square, over that of the "
           "weights), the same without the search for scales, and\nthe largest "
           "distance.\n\n"
           "EXAMPLES:\n"
           "  sinter quantize gpt2/ --precision w4 --group-size 64\n"
           "  sinter quantize llama/ --precision w8 --format json | jq .all\n";
  if (subcommand == "tune")
    stream << "\nCompiles contractions of each kind of weights with all tiles "
              "that may fit into registers, times\nthem in turns by the "
              "processor's time, and names the fastest and what it gains. It "
              "takes a minute or two.\n\n"
              "EXAMPLES:\n"
              "  sinter tune -o tiles.json\n"
              "  sinter compile gpt2/ --precision w4 --tiles tiles.json\n";
  if (subcommand == "diff")
    stream << "\nEXAMPLES:\n"
              "  python3 tools/examples/dump_activations.py bert/ "
              "dump.safetensors \"Paris is the [MASK] of France.\"\n"
              "  sinter diff bert/ --reference dump.safetensors\n"
              "  sinter diff mine/ --spec mine.sinter --reference "
              "dump.safetensors -v    every value\n";
  if (subcommand == "run")
    stream << "\nOptions of sinter stand before the folder, those of the "
              "compiled model behind it\n"
              "(`sinter run <folder> --help` shows them). A compiled model is "
              "kept in\n"
              "$XDG_CACHE_HOME/sinter, by the content of what it was made "
              "from.\n\n"
              "EXAMPLES:\n"
              "  sinter run gpt2/ \"Once upon a time\" -n 64 --temperature 0.8 "
              "--seed 1\n"
              "  sinter run --cpu x86-64-v3 bert/ \"a [MASK] b\"\n";
  return text;
}
