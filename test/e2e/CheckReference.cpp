//===- CheckReference.cpp - A model's meaning, value by value ---*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     check-reference <folder> activations.safetensors [name...]
//
// Runs the math level of a model, as its spec says it, with the reference
// evaluator, on the sequences that a tensor `idx` of the activations holds, and
// looks for the tensors named, or for all, `[sequences, ...]` or `[1, ...]`,
// among the values that operations give: the first that is equal within 1e-4.
// Prints where each is found, in the order of execution; fails if one is not.
//
// `probs` is the softmax of what the function returns.
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/huggingface/Folder.h"
#include "frontend/huggingface/Safetensors.h"
#include "ir/Evaluator.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace sinter;

[[noreturn]] static void fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << '\n';
  exit(1);
}

namespace {

/// What one run of one operation gave.
struct Traced {
  mlir::Operation *op;
  int64_t layer;
  TensorValue value;
};

struct Activation {
  std::string name;
  llvm::SmallVector<int64_t> shape; // of one sequence
  std::vector<float> elements;      // of all
};

} // namespace

static constexpr double tolerance = 1e-4;

/// The largest difference; infinities must be the same ones.
static double difference(llvm::ArrayRef<double> found,
                         llvm::ArrayRef<float> expected) {
  double worst = 0;
  for (auto [a, b] : llvm::zip_equal(found, expected)) {
    double distance = a == double(b) ? 0 : std::fabs(a - double(b));
    worst = distance <= worst      ? worst
            : std::isnan(distance) ? INFINITY
                                   : distance;
  }
  return worst;
}

static Activation read(const WeightSource &source, llvm::StringRef name) {
  std::optional<StoredTensor> tensor = source.find(name);
  if (!tensor || tensor->type != StoredType::F32 || tensor->shape.empty())
    fail("there is no f32 tensor '" + name + "' of sequences");
  Activation result{name.str(), {}, {}};
  result.shape.assign(tensor->shape.begin() + 1, tensor->shape.end());
  result.elements.resize(tensor->getNumElements());
  tensor->read(0, result.elements);
  return result;
}

static TensorValue softmax(TensorValue value) {
  int64_t width = value.shape.back();
  for (size_t row = 0; row < value.elements.size(); row += width) {
    llvm::MutableArrayRef<double> scores(&value.elements[row], width);
    double largest = *llvm::max_element(scores), sum = 0;
    for (double &score : scores)
      sum += score = std::exp(score - largest);
    for (double &score : scores)
      score /= sum;
  }
  return value;
}

int main(int argumentCount, char **arguments) {
  if (argumentCount < 3)
    fail("usage: check-reference <folder> activations.safetensors [name...]");
  llvm::Expected<HuggingFaceFolder> folder =
      openHuggingFaceFolder(arguments[1]);
  if (!folder)
    fail(llvm::toString(folder.takeError()));
  llvm::Expected<std::unique_ptr<WeightSource>> reference =
      openSafetensors(arguments[2]);
  if (!reference)
    fail(llvm::toString(reference.takeError()));

  SpecInput input;
  input.configText = folder->configText;
  input.weights = folder->weights.get();
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      elaborate(context, input, llvm::errs());
  auto function =
      module ? module->lookupSymbol<mlir::func::FuncOp>("logits") : nullptr;
  if (!function)
    fail("the model has no function @logits");

  Activation tokens = read(**reference, "idx");
  int64_t length = tokens.shape.front();
  int64_t sequences = tokens.elements.size() / length;
  std::vector<std::vector<Traced>> traces(sequences);
  std::vector<TensorValue> results;
  for (int64_t sequence = 0; sequence < sequences; ++sequence) {
    EvaluatorOptions options;
    options.trace = [&](mlir::Operation *op, int64_t layer,
                        llvm::ArrayRef<const TensorValue *> values) {
      for (const TensorValue *value : values)
        traces[sequence].push_back({op, layer, *value});
    };
    auto first = tokens.elements.begin() + sequence * length;
    TensorValue argument{{length}, {first, first + length}};
    Evaluator evaluator(*folder->weights, options);
    mlir::FailureOr<std::vector<TensorValue>> returned =
        evaluator.call(function, argument);
    if (mlir::failed(returned))
      return 1;
    results.push_back(returned->front());
  }

  struct Found {
    size_t index;
    std::string text;
  };
  std::vector<Found> found;
  bool complete = true;
  std::vector<std::string> names(arguments + 3, arguments + argumentCount);
  if (names.empty())
    llvm::copy_if((*reference)->names(), std::back_inserter(names),
                  [](llvm::StringRef name) { return name != "idx"; });
  for (const std::string &name : names) {
    Activation expected = read(**reference, name);
    int64_t size = 1;
    for (int64_t dim : expected.shape)
      size *= dim;
    int64_t stored = expected.elements.size() / size;
    auto part = [&](int64_t sequence) {
      // One for all sequences has no axis of them.
      return llvm::ArrayRef(expected.elements)
          .slice(stored == 1 ? 0 : sequence * size, size);
    };
    if (stored != 1 && stored != sequences)
      fail(name + " is of another number of sequences than idx");
    auto differs = [&](auto &&valueOf) {
      double worst = 0;
      for (int64_t sequence = 0; sequence < sequences; ++sequence) {
        const TensorValue &value = valueOf(sequence);
        if (value.shape != expected.shape)
          return double(INFINITY);
        worst = std::max(worst, difference(value.elements, part(sequence)));
      }
      return worst;
    };
    if (name == "probs") {
      std::vector<TensorValue> probabilities;
      for (const TensorValue &result : results)
        probabilities.push_back(softmax(result));
      double worst = differs([&](int64_t sequence) -> const TensorValue & {
        return probabilities[sequence];
      });
      complete &= worst <= tolerance;
      found.push_back(
          {traces[0].size(),
           llvm::formatv("{0}: softmax of the result, {1:e}", name, worst)});
      continue;
    }
    double best = INFINITY;
    size_t where = 0;
    for (size_t index = 0; index < traces[0].size() && !(best <= tolerance);
         ++index) {
      double worst = differs([&](int64_t sequence) -> const TensorValue & {
        return traces[sequence][index].value;
      });
      if (worst < best) {
        best = worst;
        where = index;
      }
    }
    if (!(best <= tolerance)) {
      complete = false;
      found.push_back(
          {0, llvm::formatv("{0}: no operation gives it; the nearest differs "
                            "by {1:e}",
                            name, best)});
      continue;
    }
    const Traced &traced = traces[0][where];
    std::string layer =
        traced.layer < 0 ? "" : " of layer " + std::to_string(traced.layer);
    found.push_back({where, llvm::formatv("{0}: {1}{2}, {3:e}", name,
                                          traced.op->getName().getStringRef(),
                                          layer, best)});
  }
  llvm::stable_sort(
      found, [](const Found &l, const Found &r) { return l.index < r.index; });
  for (const Found &item : found)
    llvm::outs() << item.text << '\n';
  llvm::outs() << found.size() << " values of " << sequences
               << " sequences: " << (complete ? "all found" : "not all found")
               << '\n';
  return complete ? 0 : 1;
}
