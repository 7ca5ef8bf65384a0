//===- Sinter.cpp - The compiler's command -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/CommandLine.h"
#include "tools/sinter/Compile.h"
#include "tools/sinter/Diff.h"
#include "tools/sinter/Doctor.h"
#include "tools/sinter/Models.h"
#include "tools/sinter/Quantize.h"
#include "tools/sinter/Tune.h"
#include "tools/sinter/inspect/Inspect.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace sinter;

enum ExitCode { Done = 0, Failed = 1, Misused = 2 };

static ExitCode report(llvm::Error error) {
  llvm::handleAllErrors(
      std::move(error), [](const ReportedError &) {},
      [](const llvm::ErrorInfoBase &problem) {
        llvm::WithColor::error(llvm::errs(), "sinter")
            << problem.message() << '\n';
      });
  return Failed;
}

int main(int argumentCount, char **arguments) {
  llvm::InitLLVM init(argumentCount, arguments);
  // no-color.org, which LLVM does not read.
  if (const char *off = std::getenv("NO_COLOR"); off && *off)
    llvm::errs().enable_colors(false);
  llvm::Expected<CommandLine> line = parseCommandLine(
      llvm::ArrayRef<const char *>(arguments, argumentCount).drop_front());
  if (!line) {
    report(line.takeError());
    llvm::errs() << "`sinter --help` shows how it is used\n";
    return Misused;
  }
  switch (line->command) {
  case Command::Help:
    llvm::outs() << helpText(line->helpOf);
    return Done;
  case Command::Version:
    llvm::outs() << "sinter " << SINTER_VERSION << '\n';
    return Done;
  case Command::Models:
    printModels(llvm::outs());
    return Done;
  case Command::Diff: {
    llvm::Expected<bool> equal = compareWithReference(*line);
    if (!equal)
      return report(equal.takeError());
    return *equal ? Done : Failed;
  }
  case Command::Doctor:
    return examineMachine() ? Done : Failed;
  case Command::Tune:
    if (llvm::Error error = tuneTiles(*line))
      return report(std::move(error));
    return Done;
  case Command::Completion: {
    llvm::Expected<std::string> script = completionScript(line->operand);
    if (!script) {
      report(script.takeError());
      return Misused;
    }
    llvm::outs() << *script;
    return Done;
  }
  case Command::Compile:
    if (llvm::Error error = compileModel(*line))
      return report(std::move(error));
    return Done;
  case Command::Inspect:
    if (llvm::Error error = inspectModel(*line))
      return report(std::move(error));
    return Done;
  case Command::Quantize:
    if (llvm::Error error = reportQuantization(*line))
      return report(std::move(error));
    return Done;
  case Command::Run:
    if (llvm::Error error = runModel(*line))
      return report(std::move(error));
    return Done;
  }
  llvm_unreachable("all commands are handled");
}
