//===- Experiment.cpp - One experiment on any form of a program -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Experiment.h"
#include "ir/RandomWeights.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace sinter;

/// Names of the dimensions at the math level.
static constexpr llvm::StringLiteral lengthDimension = "T";
static constexpr llvm::StringLiteral sourceDimension = "S";

static constexpr llvm::StringLiteral encoder = "encode";

/// The specification's function and the entry that it becomes are one thing to
/// the experiment.
static StringRef roleOf(func::FuncOp function) {
  StringRef name = function.getSymName();
  return name == "forward" ? "logits" : name;
}

static bool isRagged(func::FuncOp function) {
  return llvm::any_of(function.getArgumentTypes(), [](Type type) {
    auto tensor = dyn_cast<NamedTensorType>(type);
    return tensor && tensor.findSymbol(tokensDimension) >= 0;
  });
}

//===----------------------------------------------------------------------===//
// Samples
//===----------------------------------------------------------------------===//

/// One call: which tokens of which sequences, in the order of rows. A call of a
/// whole-sequence function has all tokens of one sequence.
struct Experiment::Call {
  struct Token {
    const Sequence *sequence;
    int64_t position;
  };
  std::vector<Token> tokens;
  /// Indices into `tokens`: the rows asked for.
  std::vector<int64_t> rows;
};

/// A way to carry out the experiment.
struct Experiment::Way {
  enum Kind { Whole, Mixed, Parts, Alone };
  Kind kind;
  std::string name;
};

Experiment::Experiment(ModuleOp module, uint64_t seed) : seed(seed) {
  auto limit = [&](StringRef name, int64_t otherwise) {
    auto attribute = module->getAttrOfType<IntegerAttr>(name);
    return attribute ? std::max<int64_t>(1, attribute.getInt()) : otherwise;
  };
  vocabulary = limit("sinter.vocabulary", vocabulary);
  sourceVocabulary = limit("sinter.source_vocabulary", vocabulary);
  int64_t context = limit("sinter.context", 64);
  int64_t sourceContext = limit("sinter.source_context", 64);

  RandomStream random(seed);
  int64_t length = random.integer(4, 8), source = random.integer(3, 6);
  // Numbers that are not rows' indices, and lengths that differ.
  sequences = {{2, std::min(length, context), std::min(source, sourceContext)},
               {0, std::min(length - random.integer(1, 3), context),
                std::min(source + random.integer(1, 3), sourceContext)}};
}

std::vector<Experiment::Way> Experiment::waysFor(ModuleOp module) const {
  bool anyRagged = false, anyCausal = false;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    anyRagged |= isRagged(function);
    anyCausal |= function->hasAttr("sinter.causal");
  }
  if (!anyRagged)
    return {{Way::Whole, "each sequence by itself"}};
  std::vector<Way> ways{{Way::Mixed, "both sequences mixed in one call"},
                        {Way::Alone, "one sequence a call"}};
  if (anyCausal)
    ways.push_back({Way::Parts, "both sequences in parts over several calls"});
  return ways;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Carries out one way on one module.
class Experiment::Runner {
public:
  Runner(const Experiment &experiment, ModuleOp module, const Way &way,
         const EvaluatorOptions &options, bool withTrace)
      : experiment(experiment), module(module), way(way),
        weights(module, experiment.seed),
        evaluator(weights, withTrace ? traced(options) : options),
        random(experiment.seed + 1) {
    run.way = way.name;
  }

  FailureOr<Run> execute();

private:
  EvaluatorOptions traced(EvaluatorOptions options);
  std::vector<Call> callsOf(func::FuncOp function);
  LogicalResult execute(func::FuncOp function, const Call &call);
  TensorValue makeArgument(func::FuncOp function, unsigned index,
                           NamedTensorType type, const Call &call);
  double makeElement(StringRef input, Type elementType, bool ofEncoder,
                     const Sequence &sequence, int64_t position, bool isCausal,
                     RandomStream &stream) const;
  /// Cuts a tensor along its axis of tokens or rows, if it has one, and adds
  /// the pieces under their tokens' keys.
  void addRows(Rows &rows, const TensorValue &value, NamedTensorType type,
               const Call &call) const;

  const Experiment &experiment;
  ModuleOp module;
  const Way &way;
  RandomWeights weights;
  Evaluator evaluator;
  RandomStream random;
  const Call *current = nullptr;
  std::map<std::tuple<Operation *, unsigned, int64_t>, size_t> places;
  Run run;
};

EvaluatorOptions Experiment::Runner::traced(EvaluatorOptions options) {
  options.trace = [this](Operation *op, int64_t layer,
                         ArrayRef<const TensorValue *> results) {
    for (auto [index, result] : llvm::enumerate(results)) {
      auto type = dyn_cast<NamedTensorType>(op->getResult(index).getType());
      if (!type)
        continue;
      auto [entry, isNew] =
          places.try_emplace({op, unsigned(index), layer}, run.trace.size());
      if (isNew)
        run.trace.push_back({op, unsigned(index), layer, {}});
      addRows(run.trace[entry->second].rows, *result, type, *current);
    }
  };
  return options;
}

void Experiment::Runner::addRows(Rows &rows, const TensorValue &value,
                                 NamedTensorType type, const Call &call) const {
  // Which tokens the rows of which axis belong to.
  std::vector<Call::Token> tokens = call.tokens;
  int64_t axis = type.findSymbol(lengthDimension);
  if (axis < 0)
    axis = type.findSymbol(tokensDimension);
  if (axis < 0 && (axis = type.findSymbol(rowsDimension)) >= 0) {
    tokens.clear();
    for (int64_t row : call.rows)
      tokens.push_back(call.tokens[row]);
  }
  if (axis < 0 && (axis = type.findSymbol(sourceDimension)) >= 0) {
    const Sequence *sequence = call.tokens.front().sequence;
    tokens.clear();
    for (int64_t position = 0; position < sequence->sourceLength; ++position)
      tokens.push_back({sequence, position});
  }
  if (axis < 0) {
    rows[{-1, -1}] = value.elements;
    return;
  }
  int64_t count = value.shape[axis], inner = 1;
  for (int64_t size : ArrayRef(value.shape).drop_front(axis + 1))
    inner *= size;
  if (count != int64_t(tokens.size()))
    return; // not the rows of this call
  for (int64_t row = 0; row < count; ++row) {
    const Call::Token &token = tokens[row];
    std::vector<double> &piece = rows[{token.sequence->number, token.position}];
    piece.clear();
    for (size_t begin = row * inner; begin < value.elements.size();
         begin += count * inner)
      piece.insert(piece.end(), value.elements.begin() + begin,
                   value.elements.begin() + begin + inner);
  }
}

std::vector<Experiment::Call>
Experiment::Runner::callsOf(func::FuncOp function) {
  bool ofEncoder = function.getSymName() == encoder;
  auto lengthOf = [&](const Sequence &sequence) {
    return ofEncoder ? sequence.sourceLength : sequence.length;
  };
  bool together = isRagged(function) && way.kind != Way::Alone;
  bool inParts =
      together && way.kind == Way::Parts && function->hasAttr("sinter.causal");

  std::vector<Call> calls;
  if (!together) {
    for (const Sequence &sequence : experiment.sequences) {
      Call &call = calls.emplace_back();
      for (int64_t position = 0; position < lengthOf(sequence); ++position)
        call.tokens.push_back({&sequence, position});
    }
  } else {
    // What each sequence has left, in order; a random one goes next.
    std::vector<int64_t> next(experiment.sequences.size(), 0);
    calls.emplace_back();
    while (true) {
      std::vector<size_t> left;
      for (auto [index, sequence] : llvm::enumerate(experiment.sequences))
        if (next[index] < lengthOf(sequence))
          left.push_back(index);
      if (left.empty())
        break;
      if (inParts && !calls.back().tokens.empty() && random.integer(0, 3) == 0)
        calls.emplace_back();
      // Who sees whole sequences is given each in one piece, as the runtime
      // gives it.
      size_t index = function->hasAttr("sinter.causal")
                         ? left[random.integer(0, left.size())]
                         : left.front();
      calls.back().tokens.push_back(
          {&experiment.sequences[index], next[index]++});
    }
  }
  for (Call &call : calls) {
    // In parts, only some rows are asked for; the other ways ask for all, in
    // any order.
    for (int64_t row = 0; row < int64_t(call.tokens.size()); ++row)
      if (!inParts || call.tokens.size() == 1 || random.integer(0, 2) == 0)
        call.rows.insert(
            call.rows.begin() + random.integer(0, call.rows.size() + 1), row);
    if (call.rows.empty())
      call.rows.push_back(0);
  }
  return calls;
}

double Experiment::Runner::makeElement(StringRef input, Type elementType,
                                       bool ofEncoder, const Sequence &sequence,
                                       int64_t position, bool isCausal,
                                       RandomStream &stream) const {
  // A source whose rows are numbers.
  if (input == "source" && isa<FloatType>(elementType))
    return stream.real(-1, 1);
  if (input == "source" || (ofEncoder && input == "token"))
    return stream.integer(0, experiment.sourceVocabulary);
  if (input == "token")
    return stream.integer(0, experiment.vocabulary);
  if (input == "segment" || input == "source_segment")
    return stream.integer(0, 2);
  if (input == "position")
    return position;
  if (input == "sequence")
    return sequence.number;
  if (input == "extent" && isCausal)
    return position + 1;
  if (input == "extent")
    return ofEncoder ? sequence.sourceLength : sequence.length;
  if (input == "source_extent")
    return sequence.sourceLength;
  if (isa<FloatType>(elementType))
    return stream.real(-1, 1);
  return stream.integer(0, elementType.isInteger(1) ? 2 : 3);
}

TensorValue Experiment::Runner::makeArgument(func::FuncOp function,
                                             unsigned index,
                                             NamedTensorType type,
                                             const Call &call) {
  bool ofEncoder = function.getSymName() == encoder;
  bool isCausal = function->hasAttr("sinter.causal");
  auto attribute =
      function.getArgAttrOfType<StringAttr>(index, inputAttributeName);
  // An argument without a name is known by its number.
  std::string input =
      attribute ? attribute.str() : "argument " + std::to_string(index);
  int64_t longest = 0, longestSource = 0;
  for (const Call::Token &token : call.tokens) {
    const Sequence &sequence = *token.sequence;
    longest = std::max(longest, isCausal    ? token.position + 1
                                : ofEncoder ? sequence.sourceLength
                                            : sequence.length);
    longestSource = std::max(longestSource, sequence.sourceLength);
  }

  TensorValue tensor;
  int64_t rowAxis = -1, elements = 1, inner = 1;
  for (auto [axis, dim] : llvm::enumerate(type.getShape())) {
    int64_t size = 4; // a name that means nothing here
    bool ofTokens = dim.isSymbol(tokensDimension) ||
                    dim.isSymbol(lengthDimension) ||
                    (ofEncoder && dim.isSymbol(sourceDimension));
    if (dim.isStatic())
      size = dim.getSize();
    else if (ofTokens)
      size = call.tokens.size();
    else if (dim.isSymbol(rowsDimension))
      size = call.rows.size();
    else if (dim.isSymbol(pastDimension))
      size = longest;
    else if (dim.isSymbol(sourceDimension) || dim.isSymbol(sourcePastDimension))
      size = longestSource;
    if (ofTokens && rowAxis < 0)
      rowAxis = axis;
    inner = axis > size_t(rowAxis) && rowAxis >= 0 ? inner * size : inner;
    elements *= size;
    tensor.shape.push_back(size);
  }

  if (input == "row") {
    tensor.elements.assign(call.rows.begin(), call.rows.end());
    return tensor;
  }
  // A source has the name that the encoder's tokens have, so that both see the
  // same.
  if (ofEncoder && (input == "token" || input == "features"))
    input = "source";
  if (ofEncoder && input == "segment")
    input = "source_segment";
  // Elements depend on the argument, the sequence and the position alone,
  // whatever else is in the call.
  Type elementType = type.getElementType();
  auto streamOf = [&](const Sequence &sequence, int64_t position) {
    std::string key = input + "," + std::to_string(sequence.number) + "," +
                      std::to_string(position);
    return RandomStream(experiment.seed ^ llvm::xxh3_64bits(key));
  };
  tensor.elements.resize(elements);
  if (rowAxis < 0) {
    bool ofSource = input == "source" || input == "source_segment";
    const Sequence &sequence = *call.tokens.front().sequence;
    RandomStream shared(experiment.seed ^ llvm::xxh3_64bits(input));
    // A row of the source draws its numbers one after the other, as it does
    // where the encoder takes it.
    int64_t width =
        ofSource && elements > 0 ? elements / tensor.shape.front() : 1;
    for (int64_t row = 0; row * width < elements; ++row) {
      RandomStream own = streamOf(sequence, row);
      for (int64_t element = row * width; element < (row + 1) * width;
           ++element)
        tensor.elements[element] =
            makeElement(input, elementType, ofEncoder, sequence, row, isCausal,
                        ofSource ? own : shared);
    }
    return tensor;
  }
  int64_t count = tensor.shape[rowAxis];
  for (int64_t row = 0; row < count; ++row) {
    const Call::Token &token = call.tokens[row];
    RandomStream stream = streamOf(*token.sequence, token.position);
    for (int64_t begin = row * inner; begin < elements; begin += count * inner)
      for (int64_t element = begin; element < begin + inner; ++element)
        tensor.elements[element] =
            makeElement(input, elementType, ofEncoder, *token.sequence,
                        token.position, isCausal, stream);
  }
  return tensor;
}

LogicalResult Experiment::Runner::execute(func::FuncOp function,
                                          const Call &call) {
  current = &call;
  std::vector<TensorValue> arguments;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor = dyn_cast<NamedTensorType>(type);
    if (!tensor)
      return function.emitOpError()
             << "argument " << index << " is a " << type << ", not a tensor";
    arguments.push_back(makeArgument(function, index, tensor, call));
  }
  CallOptions callOptions;
  callOptions.sequence = call.tokens.front().sequence->number;
  FailureOr<std::vector<TensorValue>> results =
      evaluator.call(function, arguments, callOptions);
  if (failed(results))
    return failure();
  for (auto [index, result] : llvm::enumerate(*results)) {
    auto type = cast<NamedTensorType>(function.getResultTypes()[index]);
    std::string name =
        ("@" + roleOf(function) + " result " + Twine(index)).str();
    addRows(run.findings[name], result, type, call);
  }
  return success();
}

FailureOr<Run> Experiment::Runner::execute() {
  // An encoder fills the caches that the decoder reads.
  SmallVector<func::FuncOp> functions;
  for (func::FuncOp function : module.getOps<func::FuncOp>())
    functions.insert(function.getSymName() == encoder ? functions.begin()
                                                      : functions.end(),
                     function);
  for (func::FuncOp function : functions)
    for (const Call &call : callsOf(function))
      if (failed(execute(function, call)))
        return failure();
  return std::move(run);
}

FailureOr<Run> Experiment::run(ModuleOp module, const Way &way,
                               const EvaluatorOptions &options,
                               bool withTrace) const {
  return Runner(*this, module, way, options, withTrace).execute();
}

FailureOr<std::vector<Run>> Experiment::run(ModuleOp module) const {
  std::vector<Run> runs;
  for (const Way &way : waysFor(module)) {
    FailureOr<Run> found = run(module, way, {}, /*withTrace=*/false);
    if (failed(found))
      return failure();
    runs.push_back(std::move(*found));
  }
  return runs;
}

EvaluatorOptions Experiment::roundedAtRandom(uint64_t sample) {
  EvaluatorOptions options;
  options.rounding = Rounding::Random;
  options.roundingSeed = sample;
  return options;
}

FailureOr<Run> Experiment::runRounded(ModuleOp module, uint64_t sample) const {
  return run(module, waysFor(module).front(), roundedAtRandom(sample),
             /*withTrace=*/false);
}

FailureOr<Run> Experiment::trace(ModuleOp module, StringRef name,
                                 EvaluatorOptions options) const {
  std::vector<Way> ways = waysFor(module);
  for (const Way &way : ways)
    if (way.name == name)
      return run(module, way, options, /*withTrace=*/true);
  return run(module, ways.front(), options, /*withTrace=*/true);
}
