//===- Evaluate.cpp - The pass that runs functions and prints results -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter-opt/Evaluate.h"
#include "ir/RandomWeights.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/xxhash.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

static TensorValue toTensor(DenseElementsAttr dense) {
  TensorValue tensor;
  tensor.shape.assign(dense.getType().getShape().begin(),
                      dense.getType().getShape().end());
  if (isa<FloatType>(dense.getElementType()))
    for (const APFloat &element : dense.getValues<APFloat>())
      tensor.elements.push_back(element.convertToDouble());
  else
    for (const APInt &element : dense.getValues<APInt>())
      tensor.elements.push_back(element.getBitWidth() == 1
                                    ? double(element.getZExtValue())
                                    : double(element.getSExtValue()));
  return tensor;
}

/// `[[1, 2], [3, 4]]`
static void print(llvm::raw_ostream &stream, ArrayRef<int64_t> shape,
                  ArrayRef<double> elements) {
  if (shape.empty()) {
    if (std::isnan(elements.front()))
      stream << "nan"; // without a sign
    else
      stream << llvm::format("%.6g", elements.front());
    return;
  }
  stream << '[';
  size_t part = shape.front() == 0 ? 0 : elements.size() / shape.front();
  for (int64_t index = 0; index < shape.front(); ++index) {
    stream << (index == 0 ? "" : ", ");
    print(stream, shape.drop_front(), elements.slice(index * part, part));
  }
  stream << ']';
}

namespace {

struct EvaluatePass : PassWrapper<EvaluatePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(EvaluatePass)

  EvaluatePass() = default;
  EvaluatePass(const EvaluatePass &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "evaluate"; }
  StringRef getDescription() const override {
    return "Call the functions with the reference evaluator and print what "
           "they return";
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    RandomWeights weights(module, seed);
    if (auto given = module->getAttrOfType<DictionaryAttr>("sinter.weights"))
      for (NamedAttribute weight : given)
        if (auto dense = dyn_cast<DenseElementsAttr>(weight.getValue()))
          weights.set(weight.getName(), toTensor(dense));

    EvaluatorOptions options;
    if (roundToF32)
      options.rounding = Rounding::Nearest;
    if (roundAtRandom) {
      options.rounding = Rounding::Random;
      options.roundingSeed = roundAtRandom;
    }
    if (trace)
      options.trace = [](Operation *op, int64_t layer,
                         ArrayRef<const TensorValue *> results) {
        for (const TensorValue *result : results) {
          llvm::outs() << "  " << op->getName();
          if (layer >= 0)
            llvm::outs() << " layer " << layer;
          llvm::outs() << ": ";
          print(llvm::outs(), result->shape, result->elements);
          llvm::outs() << '\n';
        }
      };
    Evaluator evaluator(weights, options);
    for (ParameterOp parameter : module.getOps<ParameterOp>())
      for (int64_t layer = 0; layer < int64_t(parameter.getLayers()); ++layer) {
        if (!parameters)
          continue;
        FailureOr<TensorValue> value =
            evaluator.evaluateParameter(parameter, layer);
        if (failed(value))
          return signalPassFailure();
        llvm::outs() << '@' << parameter.getSymName() << " layer " << layer
                     << " = ";
        print(llvm::outs(), value->shape, value->elements);
        llvm::outs() << '\n';
      }
    for (func::FuncOp function : module.getOps<func::FuncOp>()) {
      if (!only.empty() && !llvm::is_contained(only, function.getSymName()))
        continue;
      if (failed(evaluate(evaluator, function)))
        return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }

  LogicalResult evaluate(Evaluator &evaluator, func::FuncOp function) {
    CallOptions call;
    call.sequence = sequence;
    std::vector<TensorValue> arguments;
    for (unsigned index = 0; index < function.getNumArguments(); ++index) {
      if (auto given = function.getArgAttrOfType<DenseElementsAttr>(
              index, "sinter.value")) {
        arguments.push_back(toTensor(given));
        continue;
      }
      auto type = dyn_cast<NamedTensorType>(function.getArgumentTypes()[index]);
      if (!type)
        return function.emitOpError()
               << "argument " << index << " is not a tensor";
      arguments.push_back(random(type, function.getSymName(), index));
    }
    FailureOr<std::vector<TensorValue>> results =
        evaluator.call(function, arguments, call);
    if (failed(results))
      return failure();
    for (const TensorValue &result : *results) {
      llvm::outs() << '@' << function.getSymName() << " = ";
      print(llvm::outs(), result.shape, result.elements);
      llvm::outs() << '\n';
    }
    return success();
  }

  /// Named dimensions have 3 elements, floats stand in [-1, 1), integers in
  /// [0, 3).
  TensorValue random(NamedTensorType type, StringRef function, unsigned index) {
    RandomStream stream(seed ^ (llvm::xxh3_64bits(function) + index));
    TensorValue tensor;
    int64_t elements = 1;
    for (Dimension dim : type.getShape()) {
      tensor.shape.push_back(dim.isStatic() ? dim.getSize() : 3);
      elements *= tensor.shape.back();
    }
    for (int64_t element = 0; element < elements; ++element)
      tensor.elements.push_back(isa<FloatType>(type.getElementType())
                                    ? stream.real(-1, 1)
                                    : stream.integer(0, 3));
    return tensor;
  }

  Option<uint64_t> seed{*this, "seed", llvm::cl::desc("Seed of what is random"),
                        llvm::cl::init(1)};
  Option<bool> roundToF32{*this, "round-to-f32",
                          llvm::cl::desc("Round every f32 result to f32")};
  Option<uint64_t> roundAtRandom{
      *this, "round-at-random",
      llvm::cl::desc("Round every f32 result up or down, by this seed"),
      llvm::cl::init(0)};
  Option<bool> trace{
      *this, "trace",
      llvm::cl::desc("Print the result of every operation as it runs")};
  Option<bool> parameters{*this, "parameters",
                          llvm::cl::desc("Print the parameters too")};
  Option<int64_t> sequence{
      *this, "sequence",
      llvm::cl::desc("Which sequence cache_store and cache_load mean")};
  ListOption<std::string> only{*this, "functions",
                               llvm::cl::desc("The functions to call: all")};
};

} // namespace

void sinter::registerEvaluatePass() { PassRegistration<EvaluatePass>(); }
