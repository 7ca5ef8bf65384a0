//===- Compile.cpp - From a model's folder to an output file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Compile.h"
#include "codegen/Codegen.h"
#include "codegen/Link.h"
#include "codegen/Parameters.h"
#include "codegen/Target.h"
#include "frontend/Frontend.h"
#include "frontend/gguf/GgufModel.h"
#include "frontend/huggingface/Json.h"
#include "frontend/huggingface/StackedWeights.h"
#include "frontend/tokenizer/ChatTemplate.h"
#include "frontend/tokenizer/ModelTokenizers.h"
#include "ir/Sinter.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "passes/Pipeline.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "tools/sinter/Calibration.h"
#include "tools/sinter/LoadModel.h"
#include "tools/sinter/Package.h"
#include "tools/sinter/Progress.h"
#include "tools/sinter/Remarks.h"
#include "tools/sinter/Tiles.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"
#include <chrono>

using namespace sinter;

char ReportedError::ID = 0;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

namespace {

/// One compilation, phase by phase.
class Compilation {
public:
  explicit Compilation(const CommandLine &line)
      : line(line), progress(line.verbosity != Verbosity::Quiet &&
                             line.verbosity != Verbosity::Verbose),
        started(std::chrono::steady_clock::now()),
        diagnostics(sources, &context, llvm::errs()) {
    context.loadDialect<SinterDialect, mlir::func::FuncDialect>();
    if (line.timing) {
      timing.setEnabled(true);
      timing.setDisplayMode(mlir::DefaultTimingManager::DisplayMode::Tree);
    }
    root = timing.getRootScope();
  }

  llvm::Error run();

private:
  llvm::Error loadProgram();
  void describeModel();
  llvm::Error calibrate();
  llvm::Error runPasses();
  llvm::Error writeRemarks();
  llvm::Error buildTokenizers();
  void addTokensOfTokenizer();
  void takeChatTemplate(const frontend::ChatTemplateRecord &record);
  llvm::Error emitText();
  llvm::Error emitBinary();

  std::string defaultOutput() const;
  bool isBinary() const;
  llvm::Error
  print(std::function<llvm::Error(llvm::raw_pwrite_stream &)> write) const;
  void note(const llvm::Twine &text) const {
    if (line.verbosity == Verbosity::Verbose)
      llvm::errs() << text << '\n';
  }

  void warn(const llvm::Twine &text) const {
    if (line.verbosity != Verbosity::Quiet)
      llvm::WithColor::warning(llvm::errs(), "sinter") << text << '\n';
  }

  const CommandLine &line;
  Progress progress;
  std::chrono::steady_clock::time_point started;
  mlir::DefaultTimingManager timing;
  mlir::TimingScope root;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics;

  RemarkLog remarks;
  ModelFiles files;
  Precision precision = Precision::f32;
  /// Their weights, with what `--calibrate` found.
  std::unique_ptr<CalibratedWeights> calibrated;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  CodegenOptions options;
  /// The file that is written, and the folder around it where that is all that
  /// is asked for.
  std::string output;
  std::optional<Package> package;
};

} // namespace

bool Compilation::isBinary() const {
  return line.emit == EmitKind::Executable || line.emit == EmitKind::Object ||
         line.emit == EmitKind::Shared || line.emit == EmitKind::Static ||
         line.emit == EmitKind::Package;
}

std::string Compilation::defaultOutput() const {
  switch (line.emit) {
  case EmitKind::Executable:
    if (llvm::StringRef(line.target).starts_with("wasm"))
      return files.folder.name + ".wasm";
    // The folder itself may stand here under that name.
    return llvm::sys::fs::is_directory(files.folder.name)
               ? files.folder.name + ".out"
               : files.folder.name;
  case EmitKind::Object:
    return files.folder.name + ".o";
  case EmitKind::Shared:
    return "lib" + files.folder.name + ".so";
  case EmitKind::Static:
    return "lib" + files.folder.name + ".a";
  case EmitKind::Package:
    return files.folder.name + "-package";
  case EmitKind::Assembly:
    return files.folder.name + ".s";
  case EmitKind::LLVM:
    return files.folder.name + ".ll";
  case EmitKind::MLIR:
  case EmitKind::Math:
    return files.folder.name + ".mlir";
  }
  llvm_unreachable("all kinds are handled");
}

llvm::Error Compilation::run() {
  if (line.remarks || !line.remarksFile.empty())
    if (llvm::Error problem = remarks.listenTo(context, line.remarksOf))
      return problem;
  llvm::Expected<std::vector<TargetDescription>> targets = targetsOf(line);
  if (!targets)
    return targets.takeError();
  options.targets = std::move(*targets);

  llvm::Expected<ModelFiles> opened = openModel(line.operand);
  if (!opened)
    return opened.takeError();
  files = std::move(*opened);
  precision = precisionOf(line, files);
  output = line.output.empty() ? defaultOutput() : line.output;
  if (output == "-" && isBinary())
    return error("-o -: a binary does not go to the standard output; name a "
                 "file, or use --emit asm, llvm, mlir or math");
  // Said now, not after minutes of work.
  if (output != "-" && line.emit != EmitKind::Package &&
      llvm::sys::fs::is_directory(output))
    return error(output + ": cannot write it: it is a folder");
  llvm::StringRef parent = llvm::sys::path::parent_path(output);
  if (!parent.empty() && !llvm::sys::fs::is_directory(parent))
    return error(output + ": cannot write it: there is no folder " + parent);
  if (line.emit == EmitKind::Package) {
    llvm::Expected<Package> made = Package::create(output, files.folder.name);
    if (!made)
      return made.takeError();
    package.emplace(std::move(*made));
    output = package->libraryPath();
  }

  if (llvm::Error problem = loadProgram())
    return problem;
  describeModel();
  if (llvm::Error problem = calibrate())
    return problem;
  if (line.emit == EmitKind::Math)
    return emitText();
  if (llvm::Error problem = runPasses())
    return problem;
  if (line.emit == EmitKind::MLIR)
    return emitText();
  if (llvm::Error problem = buildTokenizers())
    return problem;
  return emitBinary();
}

//===----------------------------------------------------------------------===//
// From files to IR
//===----------------------------------------------------------------------===//

llvm::Error Compilation::loadProgram() {
  mlir::TimingScope scope = root.nest("Read the model");
  progress.step("reading the model");
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  module = loadModel(context, files, line, stream);
  if (!messages.empty())
    llvm::errs() << messages;
  if (!module)
    return llvm::make_error<ReportedError>();
  if (!line.context)
    limitContext(*module, [&](const llvm::Twine &text) { note(text); });
  return llvm::Error::success();
}

void sinter::limitContext(mlir::ModuleOp module,
                          llvm::function_ref<void(const llvm::Twine &)> note) {
  constexpr int64_t moderateContext = 4096;
  for (llvm::StringRef name :
       {contextAttributeName, sourceContextAttributeName})
    if (auto context = module->getAttrOfType<mlir::IntegerAttr>(name);
        context && context.getInt() > moderateContext) {
      note("context: " + llvm::Twine(moderateContext) + " of the model's " +
           llvm::Twine(context.getInt()) + " positions; --context gives more");
      module->setAttr(name, mlir::Builder(module.getContext())
                                .getI64IntegerAttr(moderateContext));
    }
}

void Compilation::describeModel() {
  // Which weights the program reads: names of layers' weights are patterns.
  llvm::StringSet<> used;
  module->walk([&](WeightOp weight) {
    int64_t elements = weight.getType().getNumElements();
    for (int64_t layer = 0; layer < weight.getLayerCount(); ++layer) {
      std::string name = llvm::cantFail(weight.getNameAt(layer));
      if (auto element = elementOfStack(name))
        used.insert(element->first);
      if (used.insert(name).second)
        options.parameters += elements;
    }
  });
  for (const std::string &name : files.weights().names())
    if (!used.contains(name))
      note("unused weight: " + name);

  nlohmann::ordered_json info;
  info["compiler"] = std::string("sinter ") + SINTER_VERSION;
  info["precision"] = nameOf(precision);
  if (precision == Precision::stored)
    info["stored"] = ggufQuantizedTypes(*files.gguf);
  if (isQuantized(line.precision)) {
    Quantization how = line.quantization();
    info["group size"] =
        how.group ? nlohmann::ordered_json(how.group) : "channel";
    if (how.minimum)
      info["asymmetric"] = true;
    info["scale type"] = how.scalesInHalf ? "f16" : "bf16";
  }
  info["keys and values"] = nameOf(line.cacheType);
  if (!line.keep.empty())
    info["kept in f32"] = line.keep;
  // The frontend has parsed this text already.
  if (!files.folder.configText.empty())
    info["config"] =
        nlohmann::ordered_json::parse(files.folder.configText, nullptr,
                                      /*allow_exceptions=*/false);
  mlir::Builder builder(&context);
  (*module)->setAttr("sinter.name", builder.getStringAttr(files.folder.name));
  (*module)->setAttr("sinter.info", builder.getStringAttr(info.dump()));
}

llvm::Error Compilation::calibrate() {
  if (line.calibration.empty())
    return llvm::Error::success();
  mlir::TimingScope scope = root.nest("Calibrate");
  progress.step("running the model on " + line.calibration);
  llvm::Expected<std::unique_ptr<CalibratedWeights>> measured =
      CalibratedWeights::measure(*module, files, line.calibration);
  if (!measured)
    return measured.takeError();
  calibrated = std::move(*measured);
  calibrated->mark(*module);
  note("calibrated on " + llvm::Twine(calibrated->getTokens()) + " tokens of " +
       line.calibration);
  return llvm::Error::success();
}

llvm::Error Compilation::runPasses() {
  mlir::TimingScope scope = root.nest("Passes");
  progress.step("running the passes");
  PipelineOptions pipeline;
  pipeline.target = options.targets.front();
  pipeline.precision = precision;
  pipeline.quantization = line.quantization();
  pipeline.cacheType = line.cacheType;
  pipeline.keep = line.keep;
  pipeline.fuse = line.fuse;
  if (line.maximumTokens)
    pipeline.maximumTokens = *line.maximumTokens;
  mlir::PassManager passes(&context);
  if (line.timing)
    passes.enableTiming(scope);
  buildPipeline(passes, pipeline);
  bool isDone = mlir::succeeded(passes.run(*module));
  // What was said before an error may explain it.
  if (llvm::Error problem = writeRemarks())
    return problem;
  if (!isDone)
    return llvm::make_error<ReportedError>();
  return llvm::Error::success();
}

llvm::Error Compilation::writeRemarks() {
  remarks.sort();
  progress.clear();
  if (line.remarks && line.remarksAsYaml)
    remarks.printYaml(llvm::errs());
  else if (line.remarks)
    remarks.print(llvm::errs(),
                  llvm::errs().colors_enabled() && llvm::errs().has_colors());
  if (line.remarksFile.empty())
    return llvm::Error::success();
  return writeFile(line.remarksFile, [&](llvm::raw_pwrite_stream &stream) {
    remarks.printYaml(stream);
    return llvm::Error::success();
  });
}

llvm::Error Compilation::buildTokenizers() {
  mlir::TimingScope scope = root.nest("Tokenizer");
  progress.step("building the tokenizer");
  auto take = [&](frontend::TokenizerBlob blob,
                  std::string &bytes) -> llvm::Error {
    if (!blob)
      return error(blob.error);
    for (const std::string &warning : blob.warnings)
      warn(warning);
    bytes.assign(blob.bytes.begin(), blob.bytes.end());
    return llvm::Error::success();
  };
  // The target's is the one that prompts of a model without encoder go through.
  frontend::ModelTokenizers tokenizers;
  if (files.tokenizer) {
    if (files.tokenizer->json.empty()) {
      warn(files.tokenizer->missing +
           ": the compiled model takes and gives token ids");
      return llvm::Error::success();
    }
    if (llvm::Error problem =
            take(frontend::buildTokenizer(files.tokenizer->json, {},
                                          files.folder.path),
                 options.tokenizer))
      return problem;
    addTokensOfTokenizer();
    takeChatTemplate(files.tokenizer->chatTemplate);
    return llvm::Error::success();
  }
  takeChatTemplate(frontend::readChatTemplate(files.folder.path));
  tokenizers = frontend::readModelTokenizers(files.folder.path);
  if (tokenizers.target && tokenizers.target.bytes.empty())
    note(
        "the folder has no tokenizer: the compiled model takes and gives token "
        "ids");
  if (llvm::Error problem =
          take(std::move(tokenizers.target), options.tokenizer))
    return problem;
  addTokensOfTokenizer();
  return take(std::move(tokenizers.source), options.sourceTokenizer);
}

void Compilation::takeChatTemplate(const frontend::ChatTemplateRecord &record) {
  for (const std::string &warning : record.warnings)
    warn(warning);
  options.chatTemplate = record.json;
}

/// Configs do not name the mask token, tokenizers do; and some name the others
/// there alone. What the config says goes before.
void Compilation::addTokensOfTokenizer() {
  if (options.tokenizer.empty())
    return;
  using runtime::Tokenizer;
  std::string problem;
  std::unique_ptr<Tokenizer> tokenizer = Tokenizer::create(
      options.tokenizer.data(), options.tokenizer.size(), problem);
  auto vocabulary =
      (*module)->getAttrOfType<mlir::IntegerAttr>(vocabularyAttributeName);
  if (!tokenizer || !vocabulary)
    return;
  mlir::Builder builder(&context);
  mlir::NamedAttrList tokens((*module)->getAttrOfType<mlir::DictionaryAttr>(
      specialTokensAttributeName));
  const std::pair<llvm::StringRef, Tokenizer::Role> roles[] = {
      {"bos", Tokenizer::Role::Begin},
      {"eos", Tokenizer::Role::End},
      {"pad", Tokenizer::Role::Padding},
      {"mask", Tokenizer::Role::Mask}};
  for (auto [name, role] : roles) {
    int32_t id = tokenizer->roleToken(role);
    if (id < 0 || id >= vocabulary.getInt() || tokens.get(name))
      continue;
    mlir::Attribute token = builder.getI64IntegerAttr(id);
    tokens.set(name, name == "eos" ? builder.getArrayAttr(token) : token);
  }
  (*module)->setAttr(specialTokensAttributeName,
                     tokens.getDictionary(&context));
}

//===----------------------------------------------------------------------===//
// From IR to files
//===----------------------------------------------------------------------===//

llvm::Error Compilation::print(
    std::function<llvm::Error(llvm::raw_pwrite_stream &)> write) const {
  if (output != "-")
    return writeFile(output, write);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  if (llvm::Error problem = write(stream))
    return problem;
  llvm::outs() << text;
  return llvm::Error::success();
}

llvm::Error Compilation::emitText() {
  return print([&](llvm::raw_pwrite_stream &stream) {
    module->print(stream);
    stream << '\n';
    return llvm::Error::success();
  });
}

llvm::Error Compilation::emitBinary() {
  // The weights go first: the program knows their hash.
  WeightsFile weights;
  llvm::SmallString<256> weightsPath;
  llvm::scope_exit removeWeights([&] {
    if (!weightsPath.empty())
      llvm::sys::fs::remove(weightsPath);
  });
  if (isBinary()) {
    mlir::TimingScope scope = root.nest("Write weights");
    int descriptor;
    if (std::error_code code = llvm::sys::fs::createUniqueFile(
            output + ".%%%%%%%%.tmp", descriptor, weightsPath))
      return error(output + ": cannot write it: " + code.message());
    llvm::sys::RemoveFileOnSignal(weightsPath);
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    llvm::Error problem =
        writeParameters(*module, calibrated ? *calibrated : files.weights(),
                        stream, [&](uint64_t done, uint64_t total) {
                          progress.bytes("writing weights", done, total);
                        });
    stream.close();
    if (stream.has_error()) {
      std::error_code code = stream.error();
      stream.clear_error();
      problem = llvm::joinErrors(
          std::move(problem),
          error(output + ": cannot write it: " + code.message()));
    }
    if (problem)
      return problem;
    llvm::Expected<WeightsFile> described = describeWeights(weightsPath);
    if (!described)
      return described.takeError();
    weights = std::move(*described);
    options.weightsHash = weights.hash;
  }

  mlir::TimingScope codeScope = root.nest("Generate and optimize code");
  progress.step("generating code");
  llvm::LLVMContext llvmContext;
  llvm::Expected<std::unique_ptr<llvm::Module>> program =
      generate(*module, options, llvmContext);
  if (!program)
    return program.takeError();
  codeScope.stop();
  mlir::TimingScope objectScope = root.nest("Write machine code");
  if (line.emit == EmitKind::LLVM)
    return print([&](llvm::raw_pwrite_stream &stream) {
      return emitLLVM(**program, stream);
    });
  if (line.emit == EmitKind::Assembly)
    return print([&](llvm::raw_pwrite_stream &stream) {
      return emitAssembly(**program, options.targets.back(), stream);
    });

  llvm::SmallString<0> object;
  llvm::raw_svector_ostream stream(object);
  if (llvm::Error problem =
          emitObject(**program, options.targets.back(), stream))
    return problem;
  objectScope.stop();

  mlir::TimingScope linkScope = root.nest("Link");
  progress.step("linking");
  BinaryKind kind =
      line.emit == EmitKind::Executable
          ? (line.weightsFile ? BinaryKind::ExecutableWithoutWeights
                              : BinaryKind::Executable)
      : line.emit == EmitKind::Static ? BinaryKind::Static
      : line.emit == EmitKind::Object ? BinaryKind::Object
                                      : BinaryKind::Shared;
  if (llvm::Error problem = writeBinary(kind, options.targets.front().triple,
                                        object, weights, output))
    return problem;
  linkScope.stop();
  uint64_t bytes = 0;
  llvm::sys::fs::file_size(output, bytes);
  if (package) {
    llvm::sys::fs::remove(weightsPath);
    weightsPath.clear();
    output = line.output.empty() ? defaultOutput() : line.output;
    if (llvm::Error problem = package->finish())
      return problem;
  }

  if (line.verbosity != Verbosity::Quiet) {
    progress.clear();
    std::chrono::duration<double> seconds =
        std::chrono::steady_clock::now() - started;
    llvm::outs() << llvm::formatv(
        "{0}: {1:f2} million parameters in {5}, {2:f2} MB of code, {3:f2} MB "
        "in all, compiled in {4:f1} s\n",
        output, double(options.parameters) / 1e6, double(object.size()) / 1e6,
        double(bytes) / 1e6, seconds.count(),
        precision == Precision::stored ? "the file's bits" : nameOf(precision));
  }
  return llvm::Error::success();
}

llvm::Error sinter::compileModel(const CommandLine &line) {
  return Compilation(line).run();
}
