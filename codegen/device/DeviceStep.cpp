//===- DeviceStep.cpp - A step that launches kernels -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/StepEmitter.h"
#include "codegen/device/DeviceProgram.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/Names.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sinter;

namespace {

class DeviceStep : public StepEmitter {
public:
  DeviceStep(func::FuncOp entry, ModuleOp module, KernelLibrary &library,
             const DeviceKernels &kernels)
      : StepEmitter(entry, module), library(library), kernels(kernels) {
    b.moveAnywhere();
  }

private:
  void emitPrologue() override {
    Type pointer = b.pointerType(), index = b.indexType();
    exchange = b.bytesFrom(arena, number(exchangeAttribute));
    scratch =
        b.bytesFrom(arena, llvm::alignTo(number(arenaBytesAttribute), 64));
    // Both arrays serve all launches.
    size_t most = 1;
    for (const DeviceKernelRecord &kernel : kernels.program.kernels)
      most = std::max(most, kernel.arguments.size());
    groups = LLVM::AllocaOp::create(b, pointer, index, b.index(3));
    arguments =
        LLVM::AllocaOp::create(b, pointer, index, b.index(int64_t(most)));
  }

  LogicalResult emitKernel(Operation *op) override {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<LinearOp, RowGroupOp, LinearGroupOp, CacheAppendOp, AttentionOp,
              AttentionScoresOp, AttentionValuesOp>(
            [&](auto typed) { return emitOp(typed); })
        // Launches run in their order.
        .Case([](BarrierOp) { return success(); })
        .Default([](Operation *other) {
          return other->emitOpError("has no kernel for a device");
        });
  }

  /// How many groups there are.
  Value countOf(const rows::Groups &count) {
    if (count.dimension < 0)
      return b.index(llvm::divideCeil(count.number, count.divisor));
    Value size = b.mul(dimensions[count.dimension], count.number);
    if (count.divisor == 1)
      return size;
    return b.div(b.add(size, b.index(count.divisor - 1)),
                 b.index(count.divisor));
  }

  void launch(int64_t number, const rows::DeviceKernel &kernel,
              ArrayRef<Value> buffers) {
    Type index = b.indexType(), pointer = b.pointerType();
    for (auto [axis, count] : llvm::enumerate(kernel.groups))
      b.store(countOf(count), b.elementsFrom(groups, axis, index));
    for (auto [slot, argument] : llvm::enumerate(kernel.arguments)) {
      Value value = argument.buffer >= 0
                        ? Value(LLVM::PtrToIntOp::create(
                              b, index, buffers[argument.buffer]))
                        : dimensions[argument.dimension];
      b.store(value, b.elementsFrom(arguments, slot, index));
    }
    func::FuncOp function = library.getExternal(
        "sinter_device_launch", {pointer, index, pointer, pointer});
    b.call(function, {context, b.index(number), groups, arguments});
  }

  /// All kernels of a work; `rows` chooses between those for few and for many.
  void launchWork(size_t work, ArrayRef<Value> buffers, Value rows = {}) {
    int64_t number = kernels.firstKernel[work];
    ArrayRef<rows::DeviceKernel> list = kernels.kernels[work];
    for (size_t i = 0; i < list.size(); ++i) {
      if (!list[i].mostRows) {
        launch(number + i, list[i], buffers);
        continue;
      }
      Value limit = b.index(list[i].mostRows);
      b.ifLess(rows, b.add(limit, b.index(1)),
               [&] { launch(number + i, list[i], buffers); });
      b.ifLess(limit, rows,
               [&] { launch(number + i + 1, list[i + 1], buffers); });
      ++i;
    }
  }

  LogicalResult launchLinear(LinearOp op, Value input, Value weight,
                             Value result) {
    Value rows = b.index(1);
    SmallVector<Dimension> shape = op.getInput().getType().getShape();
    for (Dimension dimension : ArrayRef(shape).drop_back()) {
      FailureOr<Value> size = sizeOf(op, dimension);
      if (failed(size))
        return failure();
      rows = b.mul(rows, *size);
    }
    launchWork(kernels.works.lookup(op), {input, weight, result}, rows);
    return success();
  }

  LogicalResult emitOp(LinearOp op) {
    if (failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    return launchLinear(op, place(op.getInput()), place(op.getWeight()),
                        place(op.getResult()));
  }

  LogicalResult emitOp(RowGroupOp op) {
    if (failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    const RowFunction &function = kernels.rows.groups.find(op)->second;
    SmallVector<Value> buffers;
    for (Value value : function.buffers)
      buffers.push_back(place(value));
    launchWork(function.program, buffers);
    return success();
  }

  /// Prologue, contraction and epilogue, each of all rows: what goes between
  /// them stands where threads of a CPU would hand it to one another.
  LogicalResult emitOp(LinearGroupOp op) {
    if (op.getOnTile())
      return op.emitOpError("has its epilogue on the tile, which no device "
                            "kernel does");
    if (failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    for (auto [argument, input] :
         llvm::zip(op.getBody()->getArguments(), op.getInputs()))
      setPlace(argument, place(input));
    LinearOp contraction = op.getLinear();
    auto prologue = kernels.rows.prologues.find(op),
         epilogue = kernels.rows.epilogues.find(op);
    bool hasPrologue = prologue != kernels.rows.prologues.end(),
         hasEpilogue = epilogue != kernels.rows.epilogues.end();
    Value input = hasPrologue ? scratch : place(op.getContractionInput());
    Value sums = hasEpilogue ? exchange : place(op.getResult(0));
    auto launchRows = [&](const RowFunction &function) {
      SmallVector<Value> buffers;
      for (Value value : function.buffers)
        buffers.push_back(value == contraction.getResult() ? sums
                          : hasPrologue && value == op.getContractionInput()
                              ? input
                              : place(value));
      launchWork(function.program, buffers);
    };
    if (hasPrologue)
      launchRows(prologue->second);
    if (failed(launchLinear(contraction, input, place(contraction.getWeight()),
                            sums)))
      return failure();
    if (hasEpilogue)
      launchRows(epilogue->second);
    if (ArgmaxOp argmax = op.getArgmax())
      b.ifGiven(place(op.getResult(1)), [&] {
        launchWork(kernels.works.lookup(argmax),
                   {place(op.getResult(0)), place(op.getResult(1)),
                    place(op.getResult(2))});
      });
    return success();
  }

  LogicalResult emitOp(CacheAppendOp op) {
    FailureOr<Value> layer = layerOf(op, op.getCacheAttr(), op.getLayer());
    if (failed(layer))
      return failure();
    setPlace(op.getResult(), *layer);
    launchWork(kernels.works.lookup(op),
               {place(op.getRows()), place(op.getSequence()),
                place(op.getPosition()), *layer});
    return success();
  }

  LogicalResult emitOp(AttentionOp op) {
    if (failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    SmallVector<Value> buffers{place(op.getQuery()), place(op.getKeys()),
                               place(op.getValues()), place(op.getSequence()),
                               place(op.getExtent())};
    for (Value input : op.getInputs())
      buffers.push_back(place(input));
    buffers.push_back(place(op.getResult()));
    launchWork(kernels.works.lookup(op), buffers);
    return success();
  }

  LogicalResult emitOp(AttentionScoresOp op) {
    return emitPart(op, op.getQuery(), op.getKeys());
  }

  LogicalResult emitOp(AttentionValuesOp op) {
    return emitPart(op, op.getProbability(), op.getValues());
  }

  template <typename OpTy>
  LogicalResult emitPart(OpTy op, Value left, Value history) {
    if (failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    launchWork(kernels.works.lookup(op),
               {place(left), place(history), place(op.getSequence()),
                place(op.getExtent()), place(op.getResult())});
    return success();
  }

  KernelLibrary &library;
  const DeviceKernels &kernels;
  Value exchange, scratch, groups, arguments;
};

} // namespace

LogicalResult sinter::emitDeviceStep(func::FuncOp entry, ModuleOp module,
                                     KernelLibrary &library,
                                     const DeviceKernels &kernels) {
  return DeviceStep(entry, module, library, kernels).emit();
}
