//===- Completion.cpp - Completion scripts for shells -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/CommandLine.h"
#include "tools/sinter/OptionTable.h"
#include "llvm/Option/Option.h"
#include "llvm/Support/raw_ostream.h"

using namespace sinter;
using llvm::opt::OptTable;

/// Calls `visit` with each option of a subcommand that has a help text.
template <typename Visit>
static void forEachOption(llvm::StringRef subcommand, Visit visit) {
  for (unsigned id = 1; id <= optionTable().getNumOptions(); ++id) {
    llvm::opt::Option option = optionTable().getOption(id);
    llvm::StringRef help = optionTable().getOptionHelpText(id);
    if (!help.empty() && option.isRegisteredSC(subcommand))
      visit(option.getPrefixedName(), help);
  }
}

static std::string subcommandNames() {
  std::string names;
  for (const OptTable::SubCommand &command : optionTable().getSubCommands())
    names += (names.empty() ? "" : " ") + std::string(command.Name);
  return names;
}

static constexpr llvm::StringLiteral emitKinds =
    "exe obj shared static package asm llvm mlir math";
static constexpr llvm::StringLiteral cpuNames =
    "native x86-64-v3 x86-64-v4 znver4 znver5 skylake-avx512 sapphirerapids "
    "cortex-a76 neoverse-v1 rv64gcv";
static constexpr llvm::StringLiteral targetNames =
    "x86_64 aarch64 riscv64 opencl";

static constexpr llvm::StringLiteral precisions = "stored f32 bf16 w8 w4";
static constexpr llvm::StringLiteral groupSizes = "channel 32 64 128";

static void bash(llvm::raw_ostream &stream) {
  stream
      << "_sinter() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} "
         "previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W '"
      << subcommandNames()
      << " --help --version' -- \"$word\"))\n    return\n  fi\n"
         "  case $previous in\n    --emit) COMPREPLY=($(compgen -W '"
      << emitKinds
      << "' -- \"$word\")); return ;;\n    --cpu) COMPREPLY=($(compgen -W '"
      << cpuNames
      << "' -- \"$word\")); return ;;\n    --target) COMPREPLY=($(compgen -W '"
      << targetNames
      << "' -- \"$word\")); return ;;\n"
         "    --format) COMPREPLY=($(compgen -W 'html json dot mlir table' -- "
         "\"$word\")); return ;;\n"
         "    --passes) COMPREPLY=($(compgen -W 'all none' -- \"$word\")); "
         "return ;;\n"
         "    --precision) COMPREPLY=($(compgen -W '"
      << precisions
      << "' -- \"$word\")); return ;;\n"
         "    --group-size) COMPREPLY=($(compgen -W '"
      << groupSizes
      << "' -- \"$word\")); return ;;\n"
         "    --scale-type) COMPREPLY=($(compgen -W 'bf16 f16' -- "
         "\"$word\")); return ;;\n"
         "    -o|--output|--spec) COMPREPLY=($(compgen -f -- \"$word\")); "
         "return ;;\n  esac\n"
         "  case ${COMP_WORDS[1]} in\n";
  for (const OptTable::SubCommand &command : optionTable().getSubCommands()) {
    stream << "    " << command.Name << ") local options='";
    forEachOption(command.Name, [&](llvm::StringRef name, llvm::StringRef) {
      stream << name << ' ';
    });
    stream << (llvm::StringRef(command.Name) == "completion" ? "bash zsh fish"
                                                             : "")
           << "' ;;\n";
  }
  stream << "  esac\n"
            "  case $word in\n"
            "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
            "    *) if [ \"${COMP_WORDS[1]}\" = completion ]; then "
            "COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\"))\n"
            "       else COMPREPLY=($(compgen -d -- \"$word\")); fi ;;\n"
            "  esac\n}\ncomplete -o filenames -F _sinter sinter\n";
}

static std::string quoted(llvm::StringRef text) {
  std::string result = "'";
  for (char c : text)
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

static void zsh(llvm::raw_ostream &stream) {
  stream
      << "#compdef sinter\n_sinter() {\n"
         "  if (( CURRENT == 2 )); then\n    compadd "
      << subcommandNames()
      << " --help --version\n    return\n  fi\n  case ${words[CURRENT-1]} "
         "in\n    --emit) compadd "
      << emitKinds << "; return ;;\n    --cpu) compadd " << cpuNames
      << "; return ;;\n    --target) compadd " << targetNames
      << "; return ;;\n    --format) compadd html json dot mlir table; return "
         ";;\n    --passes) compadd all none; return "
         ";;\n    --precision) compadd "
      << precisions
      << "; return ;;\n    --kv-type) compadd f32 bf16; return ;;\n    "
         "--group-size) compadd "
      << groupSizes
      << "; return ;;\n    --scale-type) compadd bf16 f16; return ;;\n    "
         "--kv-type) compadd f32 bf16 int8; return ;;\n    "
         "-o|--output|--spec) _files; return ;;\n  esac\n"
         "  if [[ ${words[CURRENT]} != -* ]]; then\n"
         "    [[ ${words[2]} = completion ]] && compadd bash zsh fish || "
         "_files -/\n    return\n  fi\n"
         "  case ${words[2]} in\n";
  for (const OptTable::SubCommand &command : optionTable().getSubCommands()) {
    stream << "    " << command.Name << ") compadd --";
    forEachOption(command.Name, [&](llvm::StringRef name, llvm::StringRef) {
      stream << ' ' << name;
    });
    stream << " ;;\n";
  }
  stream << "  esac\n}\n_sinter \"$@\"\n";
}

static void fish(llvm::raw_ostream &stream) {
  stream << "complete -c sinter -n __fish_use_subcommand -f -a '"
         << subcommandNames() << "'\n";
  for (const OptTable::SubCommand &command : optionTable().getSubCommands())
    forEachOption(
        command.Name, [&](llvm::StringRef name, llvm::StringRef help) {
          stream << "complete -c sinter -n '__fish_seen_subcommand_from "
                 << command.Name << "' ";
          if (name.consume_front("--"))
            stream << "-l " << name;
          else
            stream << "-s " << name.drop_front();
          if (name == "emit")
            stream << " -x -a '" << emitKinds << "'";
          else if (name == "cpu")
            stream << " -x -a '" << cpuNames << "'";
          else if (name == "target")
            stream << " -x -a '" << targetNames << "'";
          else if (name == "format")
            stream << " -x -a 'html json dot mlir table'";
          else if (name == "precision")
            stream << " -x -a '" << precisions << "'";
          else if (name == "group-size")
            stream << " -x -a '" << groupSizes << "'";
          else if (name == "scale-type")
            stream << " -x -a 'bf16 f16'";
          else if (name == "kv-type")
            stream << " -x -a 'f32 bf16 int8'";
          else if (name == "passes")
            stream << " -x -a 'all none'";
          stream << " -d " << quoted(help) << '\n';
        });
}

llvm::Expected<std::string> sinter::completionScript(llvm::StringRef shell) {
  std::string script;
  llvm::raw_string_ostream stream(script);
  if (shell == "bash")
    bash(stream);
  else if (shell == "zsh")
    zsh(stream);
  else if (shell == "fish")
    fish(stream);
  else
    return llvm::createStringError(
        std::errc::invalid_argument,
        "completion: expected bash, zsh or fish, not '%s'",
        shell.str().c_str());
  return script;
}
