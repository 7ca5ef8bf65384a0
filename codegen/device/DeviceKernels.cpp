//===- DeviceKernels.cpp - What computes ops on a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/StepEmitter.h"
#include "codegen/device/DeviceProgram.h"
#include "passes/Accesses.h"
#include "passes/Names.h"
#include "runtime/Program.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sinter;
using rows::Element;

namespace {

/// Describes what the ops of a module compute, each work once.
class Collector {
public:
  explicit Collector(DeviceKernels &result) : result(result) {}

  LogicalResult collect(ModuleOp module) {
    auto described = describeRowGroups(module);
    if (!described)
      return module.emitError() << llvm::toString(described.takeError());
    result.rows = std::move(*described);
    for (const rows::RowProgram &program : result.rows.programs)
      works.push_back(program);
    owners.resize(works.size());
    for (const auto *functions :
         {&result.rows.groups, &result.rows.prologues, &result.rows.epilogues})
      for (const auto &[op, function] : *functions)
        owners[function.program] = op;
    bool isFine = true;
    module.walk([&](Operation *op) {
      llvm::TypeSwitch<Operation *>(op)
          .Case<LinearOp, AttentionOp, AttentionScoresOp, AttentionValuesOp,
                ArgmaxOp>([&](auto typed) { isFine &= succeeded(add(typed)); })
          .Case([&](CacheAppendOp append) {
            if (!isa<RowGroupOp, LinearGroupOp>(append->getParentOp()))
              isFine &= succeeded(add(append));
          });
    });
    return success(isFine);
  }

  std::vector<rows::DeviceWork> works;
  /// An op that needs it, for each work.
  SmallVector<Operation *> owners;

private:
  void add(Operation *op, rows::DeviceWork work) {
    size_t number = llvm::find(works, work) - works.begin();
    if (number == works.size()) {
      works.push_back(std::move(work));
      owners.push_back(op);
    }
    result.works[op] = number;
  }

  static LogicalResult notBuilt(Operation *op, const Twine &what) {
    return op->emitOpError() << "is not built for OpenCL yet with " << what;
  }

  /// f32 and bf16.
  static std::optional<Element> elementOf(Type type) {
    if (type.isF32())
      return Element::F32;
    if (type.isBF16())
      return Element::BF16;
    return std::nullopt;
  }

  static FailureOr<rows::Size> sizeOf(Operation *op, Dimension dimension) {
    if (dimension.isStatic())
      return rows::Size{dimension.getSize()};
    std::optional<int64_t> index = dimensionIndex(dimension.getSymbol());
    if (!index)
      return op->emitOpError()
             << "has a dimension " << dimension << ", which no call binds";
    return rows::Size{1, int(*index)};
  }

  FailureOr<int64_t> positionsOf(Operation *op, Value history) {
    FlatSymbolRefAttr symbol = getCacheLayer(history).cache;
    auto cache = symbol
                     ? SymbolTable::lookupNearestSymbolFrom<CacheOp>(op, symbol)
                     : CacheOp();
    if (!cache)
      return op->emitOpError("reads a history that is not a cache's");
    auto positions =
        op->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(
            cache.getOfSource() ? sourceContextAttribute : contextAttribute);
    if (!positions)
      return op->emitOpError("reads a cache, but the module does not say how "
                             "many positions it has room for");
    return positions.getInt();
  }

  LogicalResult add(LinearOp op) {
    PackedType weight = op.getWeight().getType();
    std::optional<Element> input = elementOf(
                               op.getInput().getType().getElementType()),
                           element = elementOf(weight.getElementType());
    if (!input || !element)
      return notBuilt(op, "a weight of " + llvm::Twine(weight.getQuantized()
                                                           ? "quantized numbers"
                                                           : "this type"));
    if (weight.getLayout().getParts() > 1)
      return notBuilt(op, "parts that stand side by side in panels");
    rows::LinearWork work;
    work.element = *input;
    work.weight = *element;
    work.inputs = weight.getInputs();
    work.outputs = weight.getOutputs();
    work.columns = weight.getLayout().getColumns();
    work.depth = weight.getLayout().getDepth();
    SmallVector<Dimension> shape = op.getInput().getType().getShape();
    for (Dimension dimension : ArrayRef(shape).drop_back()) {
      FailureOr<rows::Size> size = sizeOf(op, dimension);
      if (failed(size))
        return failure();
      if (size->isStatic())
        work.rowsOfEach *= size->number;
      else if (work.rows.isStatic())
        work.rows = *size;
      else
        return notBuilt(op, "rows of two unknown sizes");
    }
    add(op, std::move(work));
    return success();
  }

  LogicalResult add(AttentionOp op) {
    HistoryType keys = op.getKeys().getType(),
                values = op.getValues().getType();
    std::optional<Element> keyElement = elementOf(keys.getElementType()),
                           valueElement = elementOf(values.getElementType());
    if (!op.getType().getElementType().isF32() || !keyElement || !valueElement)
      return notBuilt(op, "keys and values of this type");
    FailureOr<rows::Size> tokens = sizeOf(op, op.getScoreType().getDim(1)),
                          past = sizeOf(op, op.getScoreType().getDim(2));
    FailureOr<int64_t> keyPositions = positionsOf(op, op.getKeys()),
                       valuePositions = positionsOf(op, op.getValues());
    if (failed(tokens) || failed(past) || failed(keyPositions) ||
        failed(valuePositions))
      return failure();
    auto scores = describeScores(op);
    if (!scores)
      return op.emitError() << llvm::toString(scores.takeError());
    rows::AttentionWork work;
    work.heads = op.getHeads();
    work.keyHeads = keys.getHeads();
    work.keyWidth = keys.getWidth();
    work.valueHeads = values.getHeads();
    work.valueWidth = values.getWidth();
    work.keyPositions = *keyPositions;
    work.valuePositions = *valuePositions;
    work.window = int64_t(op.getWindow().value_or(0));
    work.keys = *keyElement;
    work.values = *valueElement;
    work.tokens = *tokens;
    work.past = *past;
    work.scores = std::move(*scores);
    add(op, std::move(work));
    return success();
  }

  template <typename OpTy>
  LogicalResult addPart(OpTy op, bool ofValues, HistoryType history,
                        Value source, NamedTensorType perPast) {
    std::optional<Element> element = elementOf(history.getElementType());
    if (!op.getType().getElementType().isF32() || !element)
      return notBuilt(op, "keys and values of this type");
    FailureOr<rows::Size> tokens = sizeOf(op, perPast.getDim(1)),
                          past = sizeOf(op, perPast.getDim(2));
    FailureOr<int64_t> positions = positionsOf(op, source);
    if (failed(tokens) || failed(past) || failed(positions))
      return failure();
    add(op, rows::AttentionPartWork{ofValues, perPast.getDim(0).getSize(),
                                    history.getHeads(), history.getWidth(),
                                    *positions, *element, *tokens, *past});
    return success();
  }

  LogicalResult add(AttentionScoresOp op) {
    return addPart(op, /*ofValues=*/false, op.getKeys().getType(), op.getKeys(),
                   op.getType());
  }

  LogicalResult add(AttentionValuesOp op) {
    return addPart(op, /*ofValues=*/true, op.getValues().getType(),
                   op.getValues(), op.getProbability().getType());
  }

  LogicalResult add(ArgmaxOp op) {
    auto type = cast<NamedTensorType>(op.getOperand().getType());
    if (type.getRank() != 2 || !type.getElementType().isF32())
      return notBuilt(op, "other than one f32 row for each token");
    FailureOr<rows::Size> rows = sizeOf(op, type.getDim(0));
    if (failed(rows))
      return failure();
    add(op, rows::ArgmaxWork{type.getDim(1).getSize(), *rows});
    return success();
  }

  LogicalResult add(CacheAppendOp op) {
    if (op.getType().isQuantized())
      return notBuilt(op, "rows that are kept in int8");
    auto program = describeAppend(op);
    if (!program)
      return op.emitError() << llvm::toString(program.takeError());
    add(op, std::move(*program));
    return success();
  }

  DeviceKernels &result;
};

} // namespace

llvm::Expected<DeviceKernels> sinter::compileDeviceKernels(ModuleOp module) {
  DeviceKernels result;
  Collector collector(result);
  if (failed(collector.collect(module)))
    return llvm::createStringError("no kernels can be generated for OpenCL");
  rows::DeviceModule compiled = rows::compileForDevice(collector.works);
  if (!compiled.error.empty()) {
    if (Operation *owner = collector.owners[compiled.failed])
      owner->emitOpError("cannot be computed by OpenCL yet: ")
          << compiled.error;
    return llvm::createStringError("no kernels can be generated for OpenCL");
  }
  result.kernels = std::move(compiled.kernels);
  result.program.kind = SINTER_DEVICE_OPENCL;
  result.program.code = std::move(compiled.source);
  for (const std::vector<rows::DeviceKernel> &kernels : result.kernels) {
    result.firstKernel.push_back(result.program.kernels.size());
    for (const rows::DeviceKernel &kernel : kernels) {
      std::string arguments;
      for (const rows::KernelArgument &argument : kernel.arguments)
        arguments += char(argument.buffer >= 0 ? SINTER_DEVICE_ADDRESS
                                               : SINTER_DEVICE_INT32);
      result.program.kernels.push_back({kernel.name, std::move(arguments),
                                        kernel.threads, kernel.localBytes});
    }
  }
  return result;
}
