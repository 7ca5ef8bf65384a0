//===- CudaLibrary.cpp - Every kernel of a program for a GPU, once --------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/CudaLibrary.h"
#include "codegen/cuda/FewRows.h"
#include "codegen/cuda/FloatRows.h"
#include "codegen/cuda/MatrixAttention.h"
#include "codegen/cuda/MatrixTile.h"
#include "codegen/cuda/QuantizedFewRows.h"
#include "codegen/cuda/RowArgmax.h"
#include "codegen/cuda/RowAttention.h"
#include "codegen/cuda/RowBlocks.h"
#include "codegen/cuda/WarpgroupTile.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/TileEpilogue.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "runtime/Program.h"

using namespace mlir;
using namespace sinter;

/// All that the code for ops between `inputs` and `outputs` depends on.
static std::string describe(ArrayRef<Value> inputs, ArrayRef<Operation *> ops,
                            ArrayRef<Value> outputs) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::DenseMap<Value, int64_t> numbers;
  auto number = [&](Value value) {
    return numbers.try_emplace(value, numbers.size()).first->second;
  };
  for (Value input : inputs)
    stream << number(input) << input.getType() << ';';
  for (Operation *op : ops) {
    stream << op->getName() << op->getAttrDictionary() << '(';
    for (Value operand : op->getOperands())
      // The number of a layer says where a cache is, not what is done.
      if (!operand.getType().isIndex())
        stream << number(operand) << ',';
    stream << ')';
    for (Value result : op->getResults())
      stream << number(result) << result.getType() << ';';
  }
  for (Value output : outputs) {
    stream << number(output) << ';';
    // Which cache says how many positions there are.
    if (auto append = output.getDefiningOp<CacheAppendOp>())
      stream << append->getAttrDictionary() << append.getType();
  }
  return text;
}

FailureOr<int64_t> CudaLibrary::findOrEmit(
    const Twine &kind, const std::string &key,
    llvm::function_ref<FailureOr<CudaKernel>(StringRef)> emit) {
  std::string whole = (kind + ":" + key).str();
  if (auto found = kernels.find(whole); found != kernels.end())
    return found->second;
  int64_t number = records.size();
  std::string name = ("sinter_" + kind + "_" + Twine(number)).str();
  FailureOr<CudaKernel> kernel = emit(name);
  if (failed(kernel))
    return failure();
  DeviceKernelRecord record;
  record.name = name;
  for (Type type : kernel->function.getArgumentTypes())
    record.arguments += isa<LLVM::LLVMPointerType>(type)
                            ? char(SINTER_DEVICE_ADDRESS)
                            : char(SINTER_DEVICE_INT64);
  record.threads = {int(kernel->threads), 1, 1};
  record.localBytes = kernel->sharedBytes;
  records.push_back(std::move(record));
  emitted.push_back(*kernel);
  kernels[whole] = number;
  return number;
}

int64_t
CudaLibrary::alwaysEmit(const Twine &kind, const std::string &key,
                        llvm::function_ref<CudaKernel(StringRef)> emit) {
  return *findOrEmit(kind, key, [&](StringRef name) {
    return FailureOr<CudaKernel>(emit(name));
  });
}

FailureOr<int64_t> CudaLibrary::getRows(const CudaRowWork &work) {
  std::string key = describe(work.inputs, work.ops, work.outputs);
  if (work.isInPlace)
    key += "in place";
  if (work.givesBlocks)
    key += "blocks";
  return findOrEmit("rows", key, [&](StringRef name) {
    return emitRowKernel(builder, name, work);
  });
}

int64_t CudaLibrary::getRowBlocks(int64_t inputs, Type element) {
  const char *kind = element.isBF16() ? "row_blocks_bf16" : "row_blocks_f32";
  return alwaysEmit(kind, std::to_string(inputs), [&](StringRef name) {
    return emitRowBlocks(builder, name, inputs, element);
  });
}

FailureOr<CudaContraction> CudaLibrary::get(LinearOp op, LinearGroupOp group) {
  PackedType weight = op.getWeight().getType();
  Type input = op.getInput().getType().getElementType();
  bool isQuantized = input.isBF16() && QuantizedFewRows::fits(weight) &&
                     MatrixTile::fits(weight);
  if (!isQuantized &&
      (!FloatRows::fits(weight) || !(input.isF32() || input.isBF16())))
    return op.emitOpError() << "no kernel is built yet for " << input << " by "
                            << weight << " on a GPU";
  if (group && group.getOnTile())
    if (StringRef reason = group.whyNotOnTile(); !reason.empty())
      return group.emitOpError() << "no kernel is built yet: " << reason;
  std::string key;
  llvm::raw_string_ostream(key) << input << weight;
  if (group && group.getOnTile())
    key += describeTileEpilogue(group);
  LinearForm form = outputForm(builder, group);
  CudaContraction result;
  result.takesBlocks =
      isQuantized ||
      (input.isBF16() && FewRows::fits(weight) && MatrixTile::fits(weight));
  if (!result.takesBlocks) {
    result.few = result.many = alwaysEmit("linear", key, [&](StringRef name) {
      return emitFloatRows(builder, name, weight, input, form);
    });
    result.fewColumnBlocks = result.manyColumnBlocks =
        FloatRows::columnBlocks(weight);
    return result;
  }
  result.few = alwaysEmit("linear_few", key, [&](StringRef name) {
    return isQuantized ? emitQuantizedFewRows(builder, name, weight, form)
                       : emitFewRows(builder, name, weight, form);
  });
  result.fewColumnBlocks = isQuantized ? QuantizedFewRows::columnBlocks(weight)
                                       : FewRows::columnBlocks(weight);
  bool hasWarpgroups =
      architecture.hasWarpgroups && WarpgroupTile::fits(weight);
  result.many = alwaysEmit("linear_many", key, [&](StringRef name) {
    return hasWarpgroups ? emitWarpgroupTile(builder, name, weight, form)
                         : emitMatrixTile(builder, name, weight, form);
  });
  result.manyRows = hasWarpgroups ? WarpgroupTile::rows : MatrixTile::rows;
  // Both have tiles of as many columns, of whole panels.
  result.manyColumnBlocks =
      llvm::divideCeil(weight.getPanelCount(),
                       MatrixTile::columns / weight.getLayout().getColumns());
  return result;
}

FailureOr<CudaAttention> CudaLibrary::get(AttentionOp op) {
  HistoryType keys = op.getKeys().getType(), values = op.getValues().getType();
  if (!op.getType().getElementType().isF32())
    return op.emitOpError()
           << "no kernel is built yet for " << op.getType() << " over " << keys
           << " and " << values << " on a GPU";
  SmallVector<Operation *> ops;
  for (Operation &inner : op.getBody()->without_terminator()) {
    ops.push_back(&inner);
    for (Type type :
         llvm::concat<const Type>(SmallVector<Type>(inner.getOperandTypes()),
                                  SmallVector<Type>(inner.getResultTypes())))
      if (!isVectorElement(cast<NamedTensorType>(type).getElementType()))
        return inner.emitOpError()
               << "no kernel is built yet for scores made of " << type;
  }
  std::string key = describe(SmallVector<Value>(op.getBody()->getArguments()),
                             ops, {op.getYielded()});
  llvm::raw_string_ostream(key)
      << op.getType() << keys << values << op.getWindow().value_or(0);
  CudaAttention result;
  result.few = alwaysEmit("attention", key, [&](StringRef name) {
    return emitRowAttention(builder, name, op);
  });
  result.headBlocks = RowAttention::headBlocks(op);
  result.merge = alwaysEmit("attention_merge", key, [&](StringRef name) {
    return emitRowAttentionMerge(builder, name, op);
  });
  if (MatrixAttention::fits(op))
    result.many = alwaysEmit("attention_many", key, [&](StringRef name) {
      return emitMatrixAttention(builder, name, op);
    });
  return result;
}

int64_t CudaLibrary::getArgmax(int64_t width) {
  return alwaysEmit("argmax", std::to_string(width), [&](StringRef name) {
    return emitRowArgmax(builder, name, width);
  });
}
