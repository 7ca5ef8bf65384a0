//===- Diff.cpp - Where a model leaves its reference ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Diff.h"
#include "frontend/huggingface/Safetensors.h"
#include "ir/Evaluator.h"
#include "mlir/IR/MLIRContext.h"
#include "passes/Names.h"
#include "tools/sinter/Compile.h"
#include "tools/sinter/LoadModel.h"
#include "tools/sinter/Progress.h"
#include "tools/sinter/Remarks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace sinter;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

namespace {

/// One run of one operation of the model.
struct Traced {
  mlir::Operation *op;
  int64_t layer;
  TensorValue value;
};

/// A tensor of the dump.
struct Expected {
  std::string name;
  llvm::SmallVector<int64_t> shape; // of one sequence
  std::vector<float> elements;
};

struct Difference {
  double size = INFINITY;
  size_t element = 0;
};

/// What of the trace is nearest to a tensor of the dump.
struct Nearest {
  size_t index = 0;
  Difference difference;
  bool exists = false;
};

class Comparison {
public:
  Comparison(const CommandLine &line, const ModelFiles &files,
             const WeightSource &dump)
      : line(line), files(files), dump(dump),
        tolerance(line.tolerance.value_or(1e-4)) {}

  llvm::Error readDump();
  llvm::Error evaluate(mlir::func::FuncOp function);
  bool report();

private:
  llvm::Expected<TensorValue> readTokens(llvm::StringRef name) const;
  Nearest findNearest(const Expected &expected, size_t from = 0) const;
  Difference differenceOf(const TensorValue &value,
                          const Expected &expected) const;
  std::string placeOf(const Traced &traced) const;
  std::string elementOf(const Expected &expected, size_t element) const;

  const CommandLine &line;
  const ModelFiles &files;
  const WeightSource &dump;
  double tolerance;
  std::vector<Expected> tensors;
  std::vector<Traced> trace;
};

} // namespace

/// "0012 model.layers.0.mlp" without the number.
static llvm::StringRef withoutNumber(llvm::StringRef name) {
  llvm::StringRef rest = name.ltrim("0123456789");
  return rest.size() < name.size() && rest.consume_front(" ") ? rest : name;
}

static bool isInput(llvm::StringRef name) {
  return llvm::is_contained(
      {"input_ids", "decoder_input_ids", "token_type_ids"}, name);
}

llvm::Error Comparison::readDump() {
  std::vector<std::string> names = dump.names();
  llvm::sort(names);
  for (const std::string &name : names) {
    if (isInput(name))
      continue;
    StoredTensor tensor = *dump.find(name);
    if (tensor.type == StoredType::Other)
      return error(line.reference + ": tensor '" + name + "' is of " +
                   tensor.typeName + ", expected floats");
    llvm::ArrayRef<int64_t> shape = tensor.shape;
    if (!shape.empty() && shape.front() == 1)
      shape = shape.drop_front();
    Expected expected;
    expected.name = withoutNumber(name).str();
    expected.shape.assign(shape.begin(), shape.end());
    expected.elements.resize(tensor.getNumElements());
    tensor.read(0, expected.elements);
    tensors.push_back(std::move(expected));
  }
  if (tensors.empty())
    return error(line.reference + ": expected tensors beside the tokens");
  return llvm::Error::success();
}

/// Ids, which may be of one sequence with or without an axis for it.
llvm::Expected<TensorValue> Comparison::readTokens(llvm::StringRef name) const {
  std::optional<StoredTensor> tensor = dump.find(name);
  if (!tensor)
    return error(line.reference + ": there is no '" + name +
                 "', the tokens that the tensors are of");
  int64_t elements = tensor->getNumElements();
  bool isWide = tensor->typeName == "I64";
  if ((!isWide && tensor->typeName != "I32") || elements == 0 ||
      elements != tensor->shape.back())
    return error(line.reference + ": '" + name +
                 "': expected i64 tokens of one sequence");
  TensorValue tokens{{elements}, {}};
  for (int64_t i = 0; i < elements; ++i)
    tokens.elements.push_back(
        isWide ? double(int64_t(
                     llvm::support::endian::read64le(&tensor->bytes[8 * i])))
               : double(int32_t(
                     llvm::support::endian::read32le(&tensor->bytes[4 * i]))));
  return tokens;
}

llvm::Error Comparison::evaluate(mlir::func::FuncOp function) {
  bool hasSource = false;
  auto inputOf = [&](unsigned index) {
    auto input =
        function.getArgAttrOfType<mlir::StringAttr>(index, inputAttributeName);
    return input ? input.getValue() : llvm::StringRef();
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    hasSource |= inputOf(i) == sourceInput;
  std::vector<TensorValue> arguments;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    llvm::StringRef input = inputOf(i);
    bool isSegment = input == segmentInput || input == sourceSegmentInput;
    llvm::StringRef name = isSegment ? "token_type_ids"
                           : input == tokenInput && hasSource
                               ? "decoder_input_ids"
                               : "input_ids";
    if (!isSegment && input != tokenInput && input != sourceInput)
      return error("the model takes '" + input +
                   "', of which a dump says nothing");
    if (llvm::cast<NamedTensorType>(function.getArgumentTypes()[i])
            .getElementType()
            .isF32())
      return error("the source of this model is numbers: 'sinter diff' reads "
                   "sources that are tokens");
    if (isSegment && !dump.find(name)) {
      // As transformers has it: all of the first segment.
      arguments.push_back({arguments.back().shape,
                           std::vector<double>(arguments.back().shape[0])});
      continue;
    }
    llvm::Expected<TensorValue> tokens = readTokens(name);
    if (!tokens)
      return tokens.takeError();
    arguments.push_back(std::move(*tokens));
  }
  EvaluatorOptions options;
  options.trace = [&](mlir::Operation *op, int64_t layer,
                      llvm::ArrayRef<const TensorValue *> values) {
    for (const TensorValue *value : values)
      trace.push_back({op, layer, *value});
  };
  Evaluator evaluator(files.weights(), options);
  if (mlir::failed(evaluator.call(function, arguments)))
    return llvm::make_error<ReportedError>();
  return llvm::Error::success();
}

/// The largest difference, in units of the tensor's own size where that is
/// above one. Shapes may differ as long as elements stand in the same order.
Difference Comparison::differenceOf(const TensorValue &value,
                                    const Expected &expected) const {
  Difference worst{0, 0};
  for (size_t i = 0; i < value.elements.size(); ++i) {
    double a = value.elements[i], b = expected.elements[i];
    double distance =
        a == b ? 0 : std::fabs(a - b) / std::max(1.0, std::fabs(b));
    if (std::isnan(distance))
      distance = INFINITY;
    if (distance > worst.size)
      worst = {distance, i};
  }
  return worst;
}

/// Among the values from `from` on.
Nearest Comparison::findNearest(const Expected &expected, size_t from) const {
  Nearest nearest;
  for (size_t index = from; index < trace.size(); ++index) {
    const Traced &traced = trace[index];
    if (traced.value.elements.size() != expected.elements.size())
      continue;
    Difference difference = differenceOf(traced.value, expected);
    if (!nearest.exists || difference.size < nearest.difference.size)
      nearest = {index, difference, true};
    if (difference.size <= tolerance)
      break;
  }
  return nearest;
}

std::string Comparison::placeOf(const Traced &traced) const {
  std::string text = traced.op->getName().getStringRef().str();
  std::vector<SourcePlace> places = placesOf(traced.op->getLoc());
  if (!places.empty()) {
    const SourcePlace &place = places.front();
    if (place.file.empty())
      text += " '" + place.name + "'";
    else
      text += llvm::formatv(" at {0}:{1}:{2}", place.file, place.line,
                            place.column);
    // A function that many call says less than who called it.
    if (places.size() > 1 && !places[1].file.empty())
      text +=
          llvm::formatv(", called at {0}:{1}", places[1].file, places[1].line);
  }
  if (traced.layer >= 0)
    text += " of layer " + std::to_string(traced.layer);
  return text;
}

std::string Comparison::elementOf(const Expected &expected,
                                  size_t element) const {
  llvm::SmallVector<std::string> at;
  for (int64_t size : llvm::reverse(expected.shape)) {
    at.push_back(std::to_string(element % size));
    element /= size;
  }
  std::reverse(at.begin(), at.end());
  return "[" + llvm::join(at, ", ") + "]";
}

bool Comparison::report() {
  Progress progress(line.verbosity == Verbosity::Normal);
  std::vector<Nearest> nearest;
  for (auto [index, expected] : llvm::enumerate(tensors)) {
    progress.step(("looking for " + llvm::Twine(index + 1) + " of " +
                   llvm::Twine(tensors.size()) + " tensors")
                      .str());
    nearest.push_back(findNearest(expected));
  }
  progress.clear();
  auto isEqual = [&](const Nearest &found) {
    return found.exists && found.difference.size <= tolerance;
  };
  size_t equal = llvm::count_if(nearest, isEqual);
  bool isDone = isEqual(nearest.back());
  if (line.verbosity == Verbosity::Verbose)
    for (auto [expected, found] : llvm::zip(tensors, nearest))
      llvm::outs() << llvm::formatv(
          "{0} {1}: {2}\n", isEqual(found) ? "  equal" : "unequal",
          expected.name,
          found.exists ? llvm::formatv("{0:e1}, {1}", found.difference.size,
                                       placeOf(trace[found.index]))
                             .str()
                       : "no value of the model has as many elements");
  llvm::outs() << llvm::formatv(
      "{0} of {1} tensors are values of the model within {2:e0}; what it "
      "returns, '{3}', is {4}\n",
      equal, tensors.size(), tolerance, tensors.back().name,
      isDone ? "equal" : "not");
  if (isDone)
    return true;

  // A tensor that the model does not compute as such says nothing while those
  // behind it are equal: what is wrong is behind the last equal one. Where the
  // parts of a layer are independent, it may be before it as well.
  size_t first = 0, last = tensors.size();
  for (size_t i = 0; i < nearest.size(); ++i)
    if (isEqual(nearest[i]))
      last = i;
  for (first = last == tensors.size() ? 0 : last + 1; first < tensors.size();
       ++first)
    if (nearest[first].exists)
      break;
  if (last < tensors.size())
    llvm::outs() << llvm::formatv("the last that is equal: {0}, {1}\n",
                                  tensors[last].name,
                                  placeOf(trace[nearest[last].index]));
  if (first == tensors.size())
    return false;
  const Expected &expected = tensors[first];
  Nearest found = findNearest(
      expected, last == tensors.size() ? 0 : nearest[last].index + 1);
  if (!found.exists)
    found = nearest[first];
  const Traced &traced = trace[found.index];
  size_t element = found.difference.element;
  llvm::outs() << llvm::formatv(
      "the first that is not: {0}; nearest is {1}, whose element {2} is {3}, "
      "expected {4}\n",
      expected.name, placeOf(traced), elementOf(expected, element),
      traced.value.elements[element], expected.elements[element]);
  llvm::SmallVector<llvm::StringRef> before;
  for (size_t i = 0; i < last && last < tensors.size(); ++i)
    if (!isEqual(nearest[i]))
      before.push_back(tensors[i].name);
  if (!before.empty())
    llvm::outs() << "not found before that, which may mean nothing: "
                 << llvm::join(before, ", ") << '\n';
  llvm::outs().flush();
  traced.op->emitRemark("this is the nearest to '" + expected.name + "'");
  return false;
}

llvm::Expected<bool> sinter::compareWithReference(const CommandLine &line) {
  llvm::Expected<std::unique_ptr<WeightSource>> dump =
      openSafetensors(line.reference);
  if (!dump)
    return dump.takeError();
  llvm::Expected<ModelFiles> files = openModel(line.operand);
  if (!files)
    return files.takeError();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<SinterDialect, mlir::func::FuncDialect>();
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context, llvm::errs());
  Comparison comparison(line, *files, **dump);
  if (llvm::Error problem = comparison.readDump())
    return std::move(problem);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      loadModel(context, *files, line, llvm::errs());
  if (!module)
    return llvm::make_error<ReportedError>();
  auto function = module->lookupSymbol<mlir::func::FuncOp>(logitsName);
  if (!function)
    return error("the model has no function @" + logitsName);
  if (llvm::Error problem = comparison.evaluate(function))
    return std::move(problem);
  return comparison.report();
}
