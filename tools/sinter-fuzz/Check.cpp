//===- Check.cpp - Does a program survive the compiler? ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-fuzz/Check.h"
#include "ir/RandomWeights.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "passes/Pipeline.h"
#include "passes/VerifyNumerics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sinter;

/// The same for one mistake on two graphs: numbers become #, and types !.
static std::string generalize(StringRef message) {
  std::string result;
  message = message.take_until([](char c) { return c == '\n'; });
  while (!message.empty()) {
    if (message.consume_front("!sinter.")) {
      result += '!';
      message = message.drop_until([](char c) { return c == '>'; });
      message.consume_front(">");
    } else if (llvm::isDigit(message.front())) {
      result += '#';
      message = message.drop_while(
          [](char c) { return llvm::isAlnum(c) || c == '.'; });
    } else {
      result += message.front();
      message = message.drop_front();
    }
  }
  // Behind the colon stand the numbers of a difference.
  if (StringRef(result).starts_with("--verify-numerics: '"))
    result = StringRef(result).take_until([](char c) { return c == '@'; });
  return result;
}

/// Generated code against the evaluator, in a process of its own.
static Outcome checkCode(ModuleOp module, StringRef program) {
  SmallString<128> input, log;
  if (llvm::sys::fs::createTemporaryFile("sinter-fuzz", "mlir", input) ||
      llvm::sys::fs::createTemporaryFile("sinter-fuzz", "log", log))
    return {Outcome::Wrong, "there is no place for temporary files"};
  {
    std::error_code error;
    llvm::raw_fd_ostream stream(input, error);
    module.print(stream);
  }
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(log),
                                          StringRef(log)};
  int status = llvm::sys::ExecuteAndWait(program, {program, input},
                                         std::nullopt, redirects,
                                         /*SecondsToWait=*/60);
  Outcome outcome{Outcome::Right, ""};
  if (status != 0) {
    auto text = llvm::MemoryBuffer::getFile(log);
    StringRef said = text ? (*text)->getBuffer() : "";
    outcome = {Outcome::Wrong, "generated code: " + generalize(said.trim())};
  }
  llvm::sys::fs::remove(input);
  llvm::sys::fs::remove(log);
  return outcome;
}

Outcome sinter::checkProgram(ModuleOp module, const CheckOptions &options) {
  OwningOpRef<ModuleOp> copy = module.clone();
  std::string first;
  bool isBroken = false;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
            first.empty())
          first = diagnostic.str();
        // What a pass leaves must verify, whoever made the message first.
        isBroken |=
            StringRef(diagnostic.str()).contains("see current operation");
        return success();
      });

  RandomStream random(options.seed);
  PipelineOptions pipeline;
  pipeline.maximumTokens = random.integer(16, 70);
  if (random.integer(0, 2))
    pipeline.maximumRows = random.integer(8, 17);
  pipeline.target.vectorBits = 128 << random.integer(0, 3);
  bool succeeded = false;
  llvm::CrashRecoveryContext recovery;
  bool survived = recovery.RunSafely([&] {
    PassManager manager(module.getContext());
    if (!options.firstPasses.empty() &&
        failed(parsePassPipeline(options.firstPasses, manager)))
      return;
    buildPipeline(manager, pipeline);
    enableVerifyNumerics(manager, {options.seed, 1e-6});
    succeeded = mlir::succeeded(manager.run(*copy));
  });
  if (!survived) {
    copy.release(); // nobody knows what state it is in
    return {Outcome::Wrong, "a pass crashed"};
  }
  if (succeeded)
    return options.checkProgram.empty()
               ? Outcome{Outcome::Right, ""}
               : checkCode(*copy, options.checkProgram);
  // Scores too large for exp, say: what comes out depends on the way.
  if (StringRef(first).contains(" was nan") ||
      StringRef(first).contains(" was -nan"))
    return {Outcome::Refused, "a number of the program is not defined"};
  bool isWrong = first.empty() || isBroken ||
                 StringRef(first).contains("--verify-numerics") ||
                 StringRef(first).contains("verify-plan");
  return {isWrong ? Outcome::Wrong : Outcome::Refused,
          first.empty() ? "a pass failed without a message"
                        : generalize(first)};
}
