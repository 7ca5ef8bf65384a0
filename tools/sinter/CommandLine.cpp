//===- CommandLine.cpp - What was typed -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/CommandLine.h"
#include "codegen/Target.h"
#include "frontend/Frontend.h"
#include "tools/sinter/OptionTable.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Option/Arg.h"
#include "llvm/Option/ArgList.h"
#include "llvm/Option/Option.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"

using namespace sinter;
using namespace llvm::opt;

#define OPTTABLE_STR_TABLE_CODE
#include "tools/sinter/Options.inc"
#undef OPTTABLE_STR_TABLE_CODE
#define OPTTABLE_PREFIXES_TABLE_CODE
#include "tools/sinter/Options.inc"
#undef OPTTABLE_PREFIXES_TABLE_CODE
#define OPTTABLE_SUBCOMMAND_IDS_TABLE_CODE
#include "tools/sinter/Options.inc"
#undef OPTTABLE_SUBCOMMAND_IDS_TABLE_CODE
#define OPTTABLE_SUBCOMMANDS_CODE
#include "tools/sinter/Options.inc"
#undef OPTTABLE_SUBCOMMANDS_CODE

static constexpr OptTable::Info optionInfos[] = {
#define OPTION(...) LLVM_CONSTRUCT_OPT_INFO(__VA_ARGS__),
#include "tools/sinter/Options.inc"
#undef OPTION
};

namespace {
class Table : public GenericOptTable {
public:
  Table()
      : GenericOptTable(OptionStrTable, OptionPrefixesTable, optionInfos,
                        /*IgnoreCase=*/false, OptionSubCommands,
                        OptionSubCommandIDsTable) {}
};
} // namespace

const OptTable &sinter::optionTable() {
  static const Table table;
  return table;
}

static llvm::Error usageError(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

/// The name nearest to `word`, as ", did you mean '...'?"; nothing if none is
/// near.
static std::string didYouMean(llvm::StringRef word,
                              llvm::ArrayRef<llvm::StringRef> names) {
  llvm::StringRef best;
  unsigned bestDistance = 1 + word.size() / 3;
  for (llvm::StringRef name : names) {
    unsigned distance =
        word.edit_distance(name, /*AllowReplacements=*/true, bestDistance + 1);
    if (distance <= bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best.empty() ? "" : (", did you mean '" + best + "'?").str();
}

static llvm::Error unknownOption(llvm::StringRef spelling,
                                 llvm::StringRef subcommand) {
  llvm::SmallVector<std::string> owned;
  for (unsigned id = 1; id <= optionTable().getNumOptions(); ++id) {
    Option option = optionTable().getOption(id);
    if (option.isRegisteredSC(subcommand))
      owned.push_back(option.getPrefixedName().str());
  }
  llvm::SmallVector<llvm::StringRef> names(owned.begin(), owned.end());
  return usageError("'" + spelling + "' is no option of sinter " + subcommand +
                    didYouMean(spelling.split('=').first, names));
}

static llvm::Expected<int64_t> readNumber(const llvm::opt::Arg &argument,
                                          int64_t least = 1) {
  int64_t number;
  llvm::StringRef text = argument.getValue();
  if (text.getAsInteger(10, number) || number < least ||
      number > (int64_t(1) << 31))
    return usageError(argument.getSpelling() + ": expected a number from " +
                      llvm::Twine(least) + " on, not '" + text + "'");
  return number;
}

static llvm::Error apply(const llvm::opt::Arg &argument, CommandLine &line) {
  switch (argument.getOption().getUnaliasedOption().getID()) {
  case OPT_o:
  case OPT_output:
    line.output = argument.getValue();
    if (line.output.empty())
      return usageError("-o: expected the name of a file");
    break;
  case OPT_emit: {
    auto kind = llvm::StringSwitch<std::optional<EmitKind>>(argument.getValue())
                    .Case("exe", EmitKind::Executable)
                    .Case("obj", EmitKind::Object)
                    .Case("shared", EmitKind::Shared)
                    .Case("static", EmitKind::Static)
                    .Case("package", EmitKind::Package)
                    .Case("asm", EmitKind::Assembly)
                    .Case("llvm", EmitKind::LLVM)
                    .Case("mlir", EmitKind::MLIR)
                    .Case("math", EmitKind::Math)
                    .Default(std::nullopt);
    if (!kind)
      return usageError(
          llvm::Twine("--emit: expected exe, obj, shared, "
                      "static, package, asm, llvm, mlir or math, not '") +
          argument.getValue() + "'");
    line.emit = *kind;
    break;
  }
  case OPT_weights_file:
    line.weightsFile = true;
    break;
  case OPT_spec:
    line.spec = argument.getValue();
    break;
  case OPT_head: {
    std::vector<std::string> known = headNames();
    line.head = argument.getValue();
    if (!llvm::is_contained(known, line.head)) {
      llvm::SmallVector<llvm::StringRef> names(known.begin(), known.end());
      return usageError("--head: there is no head '" + line.head +
                        "'; there are " + llvm::join(known, ", ") +
                        didYouMean(line.head, names));
    }
    break;
  }
  case OPT_pooling:
    line.pooling = argument.getValue();
    if (line.pooling != "first" && line.pooling != "mean" &&
        line.pooling != "last")
      return usageError("--pooling: expected first, mean or last, not '" +
                        line.pooling + "'");
    break;
  case OPT_target: {
    line.target = argument.getValue();
    llvm::Expected<std::string> triple = findTriple(line.target);
    if (!triple)
      return usageError("--target: " + llvm::toString(triple.takeError()));
    break;
  }
  case OPT_cpu:
    line.cpu = argument.getValue();
    break;
  case OPT_context:
  case OPT_max_tokens: {
    llvm::Expected<int64_t> number = readNumber(argument);
    if (!number)
      return number.takeError();
    (argument.getOption().getUnaliasedOption().matches(OPT_context)
         ? line.context
         : line.maximumTokens) = *number;
    break;
  }
  case OPT_precision: {
    auto precision =
        llvm::StringSwitch<std::optional<Precision>>(argument.getValue())
            .Case("stored", Precision::stored)
            .Case("f32", Precision::f32)
            .Case("bf16", Precision::bf16)
            .Case("w8", Precision::w8)
            .Case("w4", Precision::w4)
            .Default(std::nullopt);
    if (!precision)
      return usageError(
          llvm::Twine(
              "--precision: expected stored, f32, bf16, w8 or w4, not '") +
          argument.getValue() + "'");
    line.precision = *precision;
    break;
  }
  case OPT_kv_type: {
    std::optional<CacheType> type = findCacheType(argument.getValue());
    if (!type)
      return usageError(
          llvm::Twine("--kv-type: expected f32, bf16 or int8, not '") +
          argument.getValue() + "'");
    line.cacheType = *type;
    break;
  }
  case OPT_group_size: {
    auto group = llvm::StringSwitch<std::optional<int64_t>>(argument.getValue())
                     .Case("channel", 0)
                     .Case("32", 32)
                     .Case("64", 64)
                     .Case("128", 128)
                     .Default(std::nullopt);
    if (!group)
      return usageError(
          llvm::Twine("--group-size: expected 32, 64, 128 or channel, not '") +
          argument.getValue() + "'");
    line.groupSize = *group;
    break;
  }
  case OPT_scale_type: {
    llvm::StringRef type = argument.getValue();
    if (type != "bf16" && type != "f16")
      return usageError("--scale-type: expected bf16 or f16, not '" + type +
                        "'");
    line.scalesInHalf = type == "f16";
    break;
  }
  case OPT_keep_f32: {
    line.keep = argument.getValue();
    std::string problem;
    if (line.keep.empty() || !llvm::Regex(line.keep).isValid(problem))
      return usageError("--keep-f32: '" + line.keep +
                        "' is no regular expression: " + problem);
    break;
  }
  case OPT_tiles:
    line.tiles = argument.getValue();
    break;
  case OPT_calibrate:
    line.calibration = argument.getValue();
    break;
  case OPT_asymmetric:
    line.asymmetric = true;
    break;
  case OPT_report: // all that there is to ask for
    break;
  case OPT_passes: {
    llvm::StringRef which = argument.getValue();
    if (which != "all" && which != "none")
      return usageError("--passes: expected all or none, not '" + which + "'");
    line.fuse = which == "all";
    break;
  }
  case OPT_remarks:
    line.remarks = true;
    break;
  case OPT_remarks_eq:
    line.remarks = true;
    if (llvm::StringRef(argument.getValue()) == "yaml")
      line.remarksAsYaml = true;
    else
      line.remarksOf = argument.getValue();
    break;
  case OPT_remarks_file:
    line.remarksFile = argument.getValue();
    break;
  case OPT_format: {
    auto format =
        llvm::StringSwitch<std::optional<InspectFormat>>(argument.getValue())
            .Case("html", InspectFormat::Page)
            .Case("table", InspectFormat::Table)
            .Case("json", InspectFormat::Json)
            .Case("dot", InspectFormat::Dot)
            .Case("mlir", InspectFormat::MLIR)
            .Default(std::nullopt);
    bool isReport = line.command == Command::Quantize;
    if (!format || (isReport ? *format != InspectFormat::Table &&
                                   *format != InspectFormat::Json
                             : *format == InspectFormat::Table))
      return usageError(
          llvm::Twine("--format: expected ") +
          (isReport ? "table or json" : "html, json, dot or mlir") + ", not '" +
          argument.getValue() + "'");
    line.format = *format;
    break;
  }
  case OPT_tokens:
  case OPT_rows:
  case OPT_past: {
    llvm::opt::Option option = argument.getOption().getUnaliasedOption();
    bool isPast = option.matches(OPT_past);
    llvm::Expected<int64_t> number = readNumber(argument, isPast ? 0 : 1);
    if (!number)
      return number.takeError();
    (isPast                     ? line.past
     : option.matches(OPT_rows) ? line.rows
                                : line.tokens) = *number;
    break;
  }
  case OPT_reference:
    line.reference = argument.getValue();
    break;
  case OPT_tolerance: {
    double number;
    if (llvm::StringRef(argument.getValue()).getAsDouble(number) ||
        !(number >= 0 && number < 1e9))
      return usageError(llvm::Twine("--tolerance: expected a number, not '") +
                        argument.getValue() + "'");
    line.tolerance = number;
    break;
  }
  case OPT_timing:
    line.timing = true;
    break;
  case OPT_verbose:
    line.verbosity = Verbosity::Verbose;
    break;
  case OPT_quiet:
    line.verbosity = Verbosity::Quiet;
    break;
  default:
    llvm_unreachable("every option of a subcommand is handled");
  }
  return llvm::Error::success();
}

/// What kernels for OpenCL cannot do yet is known before a model is read.
static llvm::Error checkDevice(const CommandLine &line) {
  if (findDevice(line.target) != Device::openCL)
    return llvm::Error::success();
  auto notBuilt = [&](const llvm::Twine &what) {
    return usageError("--target " + line.target + ": " + what +
                      " are not built for OpenCL yet: f32 and bf16 are");
  };
  if (isQuantized(line.precision))
    return notBuilt("weights in " + nameOf(line.precision));
  if (line.cacheType == CacheType::int8)
    return notBuilt("keys and values in int8");
  return llvm::Error::success();
}

/// Scales are there only where weights are whole numbers.
static llvm::Error checkQuantization(const CommandLine &line) {
  if (isQuantized(line.precision))
    return llvm::Error::success();
  if (line.command == Command::Quantize)
    return usageError("quantize: expected --precision w8 or w4");
  llvm::StringRef given = line.groupSize              ? "--group-size"
                          : line.scalesInHalf         ? "--scale-type"
                          : line.asymmetric           ? "--asymmetric"
                          : !line.calibration.empty() ? "--calibrate"
                                                      : "";
  if (given.empty())
    return llvm::Error::success();
  llvm::StringRef precision =
      line.precision == Precision::stored ? "f32" : nameOf(line.precision);
  return usageError(given + ": weights in " + precision +
                    " have no scales; those of --precision w8 and w4 have");
}

Quantization CommandLine::quantization() const {
  Quantization how;
  how.group = groupSize.value_or(precision == Precision::w4 ? 32 : 0);
  how.scalesInHalf = scalesInHalf.value_or(false);
  how.minimum = asymmetric;
  return how;
}

llvm::Expected<CommandLine>
sinter::parseCommandLine(llvm::ArrayRef<const char *> arguments) {
  CommandLine line;
  if (arguments.empty())
    return usageError("expected a command: compile, run, inspect, diff, "
                      "quantize, models, doctor, tune or "
                      "completion");

  llvm::StringRef name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    line.helpOf = arguments.size() > 1 ? arguments[1] : "";
    return line;
  }
  if (name == "--version") {
    line.command = Command::Version;
    return line;
  }
  auto command = llvm::StringSwitch<std::optional<Command>>(name)
                     .Case("compile", Command::Compile)
                     .Case("run", Command::Run)
                     .Case("inspect", Command::Inspect)
                     .Case("quantize", Command::Quantize)
                     .Case("diff", Command::Diff)
                     .Case("models", Command::Models)
                     .Case("doctor", Command::Doctor)
                     .Case("tune", Command::Tune)
                     .Case("completion", Command::Completion)
                     .Default(std::nullopt);
  if (!command)
    return usageError("'" + name + "' is no command of sinter" +
                      didYouMean(name, {"compile", "run", "inspect", "diff",
                                        "quantize", "models", "doctor", "tune",
                                        "completion", "--help", "--version"}));
  line.command = *command;

  llvm::opt::InputArgList list(arguments.begin(), arguments.end());
  std::vector<std::string> operands;
  for (unsigned index = 1; index < arguments.size();) {
    llvm::StringRef text = arguments[index];
    if (text == "--") {
      for (++index; index < arguments.size(); ++index)
        operands.push_back(arguments[index]);
      break;
    }
    if (!text.starts_with("-") || text == "-") {
      operands.push_back(text.str());
      ++index;
      // What stands behind the folder is for the compiled model, whatever it
      // looks like.
      if (line.command == Command::Run)
        for (; index < arguments.size(); ++index)
          line.modelArguments.push_back(arguments[index]);
      continue;
    }
    unsigned at = index;
    std::unique_ptr<llvm::opt::Arg> argument =
        optionTable().ParseOneArg(list, index);
    if (!argument)
      return usageError(text + ": expected a value behind it");
    llvm::opt::Option option = argument->getOption().getUnaliasedOption();
    if (option.getKind() == llvm::opt::Option::UnknownClass ||
        option.getKind() == llvm::opt::Option::InputClass ||
        !option.isRegisteredSC(name))
      return unknownOption(arguments[at], name);
    if (option.matches(OPT_help)) {
      line.command = Command::Help;
      line.helpOf = name.str();
      return line;
    }
    if (llvm::Error problem = apply(*argument, line))
      return std::move(problem);
  }

  if (llvm::Error problem = checkQuantization(line))
    return std::move(problem);
  if (llvm::Error problem = checkDevice(line))
    return std::move(problem);
  if (line.command == Command::Models || line.command == Command::Doctor ||
      line.command == Command::Tune) {
    if (!operands.empty())
      return usageError(name + ": expected nothing behind it, not '" +
                        operands.front() + "'");
    return line;
  }
  if (operands.size() != 1) {
    llvm::StringRef expected = line.command == Command::Completion
                                   ? "the name of a shell: bash, zsh or fish"
                                   : "the folder of one model";
    return usageError(
        name + ": expected " + expected +
        (operands.empty() ? "" : ", but there is '" + operands[1] + "' too"));
  }
  if (line.weightsFile && line.emit != EmitKind::Executable)
    return usageError("--weights-file is for executables: what else holds "
                      "weights has such a file in any case");
  const bool isLibrary = line.emit == EmitKind::Shared ||
                         line.emit == EmitKind::Static ||
                         line.emit == EmitKind::Package;
  if (isLibrary && llvm::StringRef(line.target).starts_with("wasm"))
    return usageError("--emit: libraries are not built for WebAssembly yet: "
                      "there are exe and obj, besides texts");
  if (line.command == Command::Diff && line.reference.empty())
    return usageError("diff: expected --reference and a file of values");
  line.operand = operands.front();
  return line;
}
