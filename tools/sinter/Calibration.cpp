//===- Calibration.cpp - How large activations are on a text ----*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Calibration.h"
#include "frontend/tokenizer/ModelTokenizers.h"
#include "ir/Evaluator.h"
#include "passes/Entry.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "tools/sinter/Compile.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace sinter;

/// How much of a text is read: mean squares of a few thousand rows differ
/// little from those of more, and the evaluator is no fast way to run a model.
static constexpr int64_t mostTokens = 2048, tokensAtOnce = 128;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

/// The tokenizer of prompts, as a binary would hold it.
static llvm::Expected<std::vector<uint8_t>>
tokenizerOf(const ModelFiles &files) {
  frontend::TokenizerBlob blob;
  if (files.tokenizer)
    blob =
        frontend::buildTokenizer(files.tokenizer->json, {}, files.folder.path);
  else
    blob = frontend::readModelTokenizers(files.folder.path).target;
  if (!blob)
    return error(blob.error);
  return std::vector<uint8_t>(blob.bytes.begin(), blob.bytes.end());
}

static llvm::Expected<std::vector<int32_t>>
readTokens(const ModelFiles &files, const std::string &path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> text =
      llvm::MemoryBuffer::getFile(path);
  if (!text)
    return error("--calibrate: " + path +
                 ": cannot read it: " + text.getError().message());
  llvm::Expected<std::vector<uint8_t>> bytes = tokenizerOf(files);
  if (!bytes)
    return bytes.takeError();
  if (bytes->empty())
    return error("--calibrate: the model has no tokenizer to read a text with");
  std::string problem;
  std::unique_ptr<runtime::Tokenizer> tokenizer =
      runtime::Tokenizer::create(bytes->data(), bytes->size(), problem);
  runtime::Encoding encoding;
  if (!tokenizer ||
      !tokenizer->encode((*text)->getBuffer(),
                         /*addSpecialTokens=*/true, encoding, problem))
    return error("--calibrate: " + path + ": " + problem);
  if (encoding.ids.empty())
    return error("--calibrate: " + path + ": expected a text, found nothing");
  return std::move(encoding.ids);
}

namespace {

/// A contraction of activations with a weight, from the activations' side.
struct Use {
  /// All that the weight is made of and that has the shape of a matrix.
  llvm::SmallVector<WeightOp> weights;
};

/// Sums of squares of each input of a contraction.
struct Squares {
  std::vector<double> sums;
  double rows = 0;
  /// Whether the weight is multiplied from one side only.
  bool isOfOneWidth = true;

  void add(const TensorValue &value) {
    size_t width = value.shape.back();
    isOfOneWidth &= sums.empty() || sums.size() == width;
    sums.resize(width);
    for (size_t begin = 0; begin < value.elements.size(); begin += width) {
      for (size_t k = 0; k < width; ++k)
        sums[k] += value.elements[begin + k] * value.elements[begin + k];
      ++rows;
    }
  }
};

} // namespace

static llvm::SmallVector<WeightOp> weightsOf(mlir::Value value) {
  llvm::SmallVector<WeightOp> weights;
  llvm::SmallVector<mlir::Value> pending{value};
  while (!pending.empty()) {
    mlir::Operation *op = pending.pop_back_val().getDefiningOp();
    if (auto weight = mlir::dyn_cast_or_null<WeightOp>(op);
        weight && mlir::cast<NamedTensorType>(weight.getType()).getRank() == 2)
      weights.push_back(weight);
    if (op)
      llvm::append_range(pending, op->getOperands());
  }
  return weights;
}

/// Contractions by what is multiplied by a weight.
static llvm::DenseMap<mlir::Value, Use> findUses(mlir::func::FuncOp function) {
  llvm::DenseMap<mlir::Value, Use> uses;
  function.walk([&](MatmulOp matmul) {
    mlir::Value input = matmul.getLhs(), weight = matmul.getRhs();
    if (!dependsOnWeightsOnly(weight) || dependsOnWeightsOnly(input))
      return;
    llvm::append_range(uses[input].weights, weightsOf(weight));
  });
  return uses;
}

/// One argument for each input of the function: `ids`, as tokens and as the
/// source, in one segment.
static llvm::Expected<std::vector<TensorValue>>
argumentsOf(mlir::func::FuncOp function, llvm::ArrayRef<int32_t> ids) {
  std::vector<TensorValue> arguments;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto input =
        function.getArgAttrOfType<mlir::StringAttr>(i, inputAttributeName);
    llvm::StringRef name = input ? input.getValue() : "";
    if (llvm::cast<NamedTensorType>(function.getArgumentTypes()[i])
            .getElementType()
            .isF32())
      return error("--calibrate: the source of this model is numbers, of which "
                   "a text says nothing");
    TensorValue value{{int64_t(ids.size())}, {}};
    if (name == tokenInput || name == sourceInput)
      value.elements.assign(ids.begin(), ids.end());
    else if (name == segmentInput || name == sourceSegmentInput)
      value.elements.assign(ids.size(), 0);
    else
      return error("--calibrate: the model takes '" + name +
                   "', of which a text says nothing");
    arguments.push_back(std::move(value));
  }
  return arguments;
}

llvm::Expected<std::unique_ptr<CalibratedWeights>>
CalibratedWeights::measure(mlir::ModuleOp module, const ModelFiles &files,
                           const std::string &textPath) {
  llvm::Expected<std::vector<int32_t>> ids = readTokens(files, textPath);
  if (!ids)
    return ids.takeError();
  auto function = module.lookupSymbol<mlir::func::FuncOp>(logitsName);
  auto context = module->getAttrOfType<mlir::IntegerAttr>(contextAttribute);
  if (!function || !context)
    return error("--calibrate: the model has no function of its logits");
  llvm::DenseMap<mlir::Value, Use> uses = findUses(function);
  std::map<std::string, Squares> squares;
  EvaluatorOptions options;
  options.trace = [&](mlir::Operation *op, int64_t layer,
                      llvm::ArrayRef<const TensorValue *> values) {
    for (auto [result, value] : llvm::zip(op->getResults(), values)) {
      auto use = uses.find(result);
      if (use == uses.end())
        continue;
      for (WeightOp weight : use->second.weights) {
        llvm::Expected<std::string> name = weight.getNameAt(layer);
        if (name)
          squares[*name].add(*value);
        else
          llvm::consumeError(name.takeError());
      }
    }
  };
  std::unique_ptr<CalibratedWeights> result(
      new CalibratedWeights(files.weights()));
  Evaluator evaluator(files.weights(), options);
  llvm::ArrayRef<int32_t> rest = llvm::ArrayRef(*ids).take_front(mostTokens);
  size_t atOnce = std::min<int64_t>(tokensAtOnce, context.getInt());
  for (; !rest.empty(); rest = rest.drop_front(std::min(atOnce, rest.size()))) {
    llvm::ArrayRef<int32_t> part = rest.take_front(atOnce);
    llvm::Expected<std::vector<TensorValue>> arguments =
        argumentsOf(function, part);
    if (!arguments)
      return arguments.takeError();
    if (mlir::failed(evaluator.call(function, *arguments)))
      return llvm::make_error<ReportedError>();
    result->tokens += int64_t(part.size());
  }
  for (const auto &[name, sums] : squares) {
    if (!sums.isOfOneWidth)
      continue;
    std::vector<float> &means = result->meanSquares[name];
    for (double sum : sums.sums)
      means.push_back(float(sum / sums.rows));
  }
  return std::move(result);
}

std::optional<StoredTensor>
CalibratedWeights::find(llvm::StringRef name) const {
  if (!name.consume_back(meanSquareSuffix))
    return weights.find(name);
  auto found = meanSquares.find(name.str());
  if (found == meanSquares.end())
    return std::nullopt;
  const std::vector<float> &means = found->second;
  return StoredTensor{
      StoredType::F32,
      "F32",
      {int64_t(means.size())},
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(means.data()),
                     means.size() * sizeof(float))};
}

void CalibratedWeights::mark(mlir::ModuleOp module) const {
  mlir::Builder builder(module.getContext());
  mlir::NamedAttrList widths;
  for (const auto &[name, means] : meanSquares)
    widths.set(name, builder.getI64IntegerAttr(int64_t(means.size())));
  module->setAttr(calibratedAttribute,
                  widths.getDictionary(module.getContext()));
}
