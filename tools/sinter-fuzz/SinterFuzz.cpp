//===- SinterFuzz.cpp - Random programs, compiled and compared --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "tools/sinter-fuzz/Check.h"
#include "tools/sinter-fuzz/Generator.h"
#include "tools/sinter-fuzz/Reduce.h"
#include "tools/sinter-opt/BreakNumerics.h"
#include "tools/sinter-opt/UnrollLayers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <map>

using namespace mlir;
using namespace sinter;
namespace cl = llvm::cl;

static cl::OptionCategory category("Options");
static cl::opt<std::string>
    seedRange("seeds", cl::init("0..100"), cl::cat(category),
              cl::desc("First seed, and the one behind the last: 0..100"));
static cl::opt<std::string>
    timeLimit("time", cl::cat(category),
              cl::desc("Go on from the first seed for so long: 30s, 10m, 8h"));
static cl::opt<bool> print("print", cl::cat(category),
                           cl::desc("Print the program of the first seed"));
static cl::opt<bool>
    reduce("reduce", cl::cat(category),
           cl::desc("Make what fails small before it is written"));
static cl::opt<unsigned> codeEvery(
    "code-every", cl::init(0), cl::cat(category),
    cl::desc("Also run generated code, of every so many programs: 0, never"));
static cl::opt<std::string>
    checkProgramPath("check-program", cl::init("check-program"),
                     cl::cat(category),
                     cl::desc("The program that runs generated code"));
static cl::opt<std::string>
    firstPasses("first", cl::cat(category),
                cl::desc("Passes to run before all others, as text"));
static cl::opt<std::string>
    inputFile("check", cl::cat(category),
              cl::desc("Check the program in this file instead"));
static cl::opt<std::string>
    folder("output", cl::init("."), cl::cat(category),
           cl::desc("Folder for the programs that fail"));

[[noreturn]] static void fail(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "sinter-fuzz") << message << '\n';
  exit(2);
}

static std::chrono::seconds readTime(StringRef text) {
  uint64_t number, unit = 1;
  StringRef digits = text;
  if (text.ends_with("h"))
    unit = 3600;
  else if (text.ends_with("m"))
    unit = 60;
  if (!text.empty() && llvm::isAlpha(text.back()))
    digits = text.drop_back();
  if (digits.getAsInteger(10, number) ||
      (text.size() != digits.size() && !StringRef("smh").contains(text.back())))
    fail("--time takes 30s, 10m or 8h, not '" + text + "'");
  return std::chrono::seconds(number * unit);
}

namespace {

class Fuzzer {
public:
  int run() {
    auto [firstText, lastText] = StringRef(seedRange).split("..");
    uint64_t first, last;
    if (firstText.getAsInteger(10, first) ||
        (lastText.empty() ? (last = first + 1, false)
                          : lastText.getAsInteger(10, last)))
      fail("--seeds takes a range as 0..100, not '" + seedRange + "'");
    if (std::error_code error = llvm::sys::fs::create_directories(folder))
      fail("--output '" + folder + "': " + error.message());
    auto begin = std::chrono::steady_clock::now();
    std::optional<std::chrono::seconds> limit;
    if (!timeLimit.empty())
      limit = readTime(timeLimit);
    for (uint64_t seed = first; limit || seed < last; ++seed) {
      if (limit && std::chrono::steady_clock::now() - begin > *limit)
        break;
      check(seed);
    }
    report(first);
    return wrong ? 1 : 0;
  }

private:
  void check(uint64_t seed) {
    // A context of its own: one program leaves nothing to the next.
    MLIRContext context(registry(), MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    OwningOpRef<ModuleOp> module = generateProgram(context, seed);
    CheckOptions options;
    options.seed = seed;
    options.firstPasses = firstPasses;
    if (codeEvery && seed % codeEvery == 0)
      options.checkProgram = checkProgramPath;
    Outcome outcome = checkProgram(*module, options);
    ++checked;
    if (outcome.kind == Outcome::Refused)
      ++refusals[outcome.message];
    if (outcome.kind != Outcome::Wrong)
      return;
    ++wrong;
    llvm::outs() << "seed " << seed << ": " << outcome.message << '\n';
    llvm::outs().flush();
    OwningOpRef<ModuleOp> written = module->clone();
    if (reduce)
      written = reduceProgram(*module, [&](ModuleOp trial) {
        Outcome now = checkProgram(trial, options);
        return now.kind == Outcome::Wrong && now.message == outcome.message;
      });
    std::string path = folder + "/fuzz-" + std::to_string(seed) + ".mlir";
    std::error_code error;
    llvm::raw_fd_ostream stream(path, error);
    if (error)
      fail("'" + path + "': " + error.message());
    written->print(stream);
  }

  void report(uint64_t first) {
    uint64_t refused = 0;
    for (const auto &[message, count] : refusals) {
      refused += count;
      llvm::outs() << "refused " << count << ": " << message << '\n';
    }
    llvm::outs() << checked << " programs from seed " << first << ": "
                 << checked - refused - wrong << " right, " << refused
                 << " refused, " << wrong << " wrong\n";
  }

public:
  static const DialectRegistry &registry() {
    static const DialectRegistry dialects = [] {
      DialectRegistry result;
      result.insert<SinterDialect, func::FuncDialect>();
      return result;
    }();
    return dialects;
  }

private:
  uint64_t checked = 0, wrong = 0;
  std::map<std::string, uint64_t> refusals;
};

} // namespace

/// One program of a file: what it says is what the fuzzer would say of it.
static int checkFile() {
  MLIRContext context(Fuzzer::registry(), MLIRContext::Threading::DISABLED);
  auto module = parseSourceFile<ModuleOp>(inputFile, &context);
  if (!module)
    return 2;
  CheckOptions options;
  options.firstPasses = firstPasses;
  if (codeEvery)
    options.checkProgram = checkProgramPath;
  Outcome outcome = checkProgram(*module, options);
  llvm::outs() << (outcome.kind == Outcome::Right     ? "right"
                   : outcome.kind == Outcome::Refused ? "refused: "
                                                      : "wrong: ")
               << outcome.message << '\n';
  if (outcome.kind == Outcome::Wrong && reduce)
    reduceProgram(*module, [&](ModuleOp trial) {
      Outcome now = checkProgram(trial, options);
      return now.kind == Outcome::Wrong && now.message == outcome.message;
    })->print(llvm::outs());
  return outcome.kind == Outcome::Wrong;
}

int main(int argumentCount, char **arguments) {
  llvm::InitLLVM initialize(argumentCount, arguments);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argumentCount, arguments,
      "Compiles random programs and compares them with the evaluator\n");
  if (codeEvery) {
    auto found = llvm::sys::findProgramByName(checkProgramPath);
    if (!found)
      fail("'" + checkProgramPath + "' is not on the PATH");
    checkProgramPath = *found;
  }
  llvm::CrashRecoveryContext::Enable();
  registerBreakNumericsPass();
  registerUnrollLayersPass();
  if (!inputFile.empty())
    return checkFile();
  if (print) {
    uint64_t seed;
    if (StringRef(seedRange).split("..").first.getAsInteger(10, seed))
      fail("--seeds takes a range as 0..100, not '" + seedRange + "'");
    MLIRContext context(Fuzzer::registry());
    context.loadAllAvailableDialects();
    generateProgram(context, seed)->print(llvm::outs());
    return 0;
  }
  return Fuzzer().run();
}
