//===- RowKernel.cpp - Row work as kernels for GPUs -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/RowKernel.h"
#include "codegen/cuda/RowBlocks.h"
#include "codegen/cuda/RowElements.h"
#include "codegen/kernels/Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/Names.h"

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

/// Elements that a value has of each row; -1 where a call says how many.
static int64_t elementsOfRow(NamedTensorType type) {
  int64_t elements = 1, rows = RowElements::rowAxis(type);
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (axis == rows)
      continue;
    if (type.getDim(axis).isSymbol())
      return -1;
    elements *= type.getDim(axis).getSize();
  }
  return elements;
}

namespace {

class RowKernelEmitter {
public:
  static constexpr int64_t threads = 256,
                           warps = threads / CudaBuilder::warpThreads;
  /// Of what a block keeps in shared memory: all GPUs give it as much.
  static constexpr int64_t mostBytes = 48 << 10;

  RowKernelEmitter(CudaBuilder &b, const CudaRowWork &work,
                   Block::BlockArgListType arguments)
      : b(b), work(work), buffers(arguments.drop_back(4)),
        sizes(arguments.take_back(4)), elements(b, sizes) {}

  LogicalResult emit() {
    row = b.block();
    thread = b.thread();
    lane = b.rem(thread, b.index(CudaBuilder::warpThreads));
    warp = b.div(thread, b.index(CudaBuilder::warpThreads));
    for (auto [value, buffer] : llvm::zip(work.inputs, buffers))
      elements.setBuffer(value, buffer);
    // The first bytes are for what warps bring together.
    keptBytes = warps * 4;
    for (Operation *op : work.ops)
      if (auto reduce = dyn_cast<ReduceOp>(op))
        keep(reduce);
    for (auto [i, output] : llvm::enumerate(work.outputs))
      if (failed(write(output, buffers[work.inputs.size() + i])))
        return failure();
    return success();
  }

  int64_t sharedBytes() const { return keptBytes; }

private:
  /// All threads compute what a reduction gives of this row, if there is room.
  void keep(ReduceOp op) {
    NamedTensorType type = op.getType();
    int64_t count = elementsOfRow(type);
    int64_t bytes = count * elementBytes(type.getElementType());
    if (count < 1 || keptBytes + bytes > mostBytes ||
        elementBytes(type.getElementType()) != 4)
      return;
    Value place = b.shared(keptBytes);
    keptBytes += llvm::alignTo(bytes, 16);
    if (count == 1)
      reduceTogether(op, place);
    else
      reduceByWarps(op, count, place);
    b.wait();
    elements.setKept(op.getResult(), row, place);
  }

  /// Where the first element of a result is, of this row.
  RowElements::Indices placeOf(ReduceOp op, Value number) {
    NamedTensorType type = op.getType();
    return elements.indicesOf(type, number, RowElements::rowAxis(type), row);
  }

  /// What one of `step` threads makes of the elements from `first` on.
  Value reduceShare(ReduceOp op, const RowElements::Indices &at, Value count,
                    Value first, int64_t step) {
    Value begin = elements.beginReduction(op);
    return b
        .loop(first, count, step, {begin},
              [&](Value index, ValueRange carried) {
                return elements.inRegion([&] {
                  RowElements::Indices from = at;
                  from[op.getAxis()] = index;
                  return SmallVector<Value>{elements.addToReduction(
                      op, carried[0], elements.element(op.getOperand(), from))};
                });
              })
        .front();
  }

  /// Of a share of each lane's.
  Value reduceLanes(ReduceOp op, Value share) {
    for (int64_t mask = CudaBuilder::warpThreads / 2; mask > 0; mask /= 2) {
      Value other = b.exchange(b.elementOf(share, 0), mask);
      share = elements.addToReduction(op, share, b.broadcast(other, 1));
    }
    return share;
  }

  void reduceTogether(ReduceOp op, Value place) {
    Type type = op.getType().getElementType();
    RowElements::Indices at = placeOf(op, b.index(0));
    Value count = elements.reducedCount(op, at);
    Value share = reduceLanes(op, reduceShare(op, at, count, thread, threads));
    auto ofWarp = [&](Value number) {
      return b.elementsFrom(b.shared(), number, type);
    };
    b.ifEqual(lane, b.index(0),
              [&] { b.store(b.elementOf(share, 0), ofWarp(warp)); });
    b.wait();
    b.ifEqual(thread, b.index(0), [&] {
      elements.inRegion([&] {
        Value sum = b.broadcast(b.load(type, ofWarp(b.index(0))), 1);
        for (int64_t i = 1; i < warps; ++i)
          sum = elements.addToReduction(
              op, sum, b.broadcast(b.load(type, ofWarp(b.index(i))), 1));
        b.store(b.elementOf(elements.endReduction(op, sum, count), 0), place);
        return 0;
      });
    });
  }

  void reduceByWarps(ReduceOp op, int64_t results, Value place) {
    Type type = op.getType().getElementType();
    b.loop(warp, b.index(results), warps, [&](Value number) {
      elements.inRegion([&] {
        RowElements::Indices at = placeOf(op, number);
        Value count = elements.reducedCount(op, at);
        Value sum = reduceLanes(
            op, reduceShare(op, at, count, lane, CudaBuilder::warpThreads));
        sum = elements.endReduction(op, sum, count);
        b.ifEqual(lane, b.index(0), [&] {
          b.store(b.elementOf(sum, 0), b.elementsFrom(place, number, type));
        });
        return 0;
      });
    });
  }

  LogicalResult write(Value output, Value buffer) {
    auto append = output.getDefiningOp<CacheAppendOp>();
    Value value = append ? append.getRows() : output;
    NamedTensorType type = typeOf(value);
    Type element = type.getElementType();
    int64_t axis = RowElements::rowAxis(type);
    if (axis < 0)
      return value.getDefiningOp()->emitOpError(
          "gives no rows: a kernel has a block for each");
    if (append && append.getType().isQuantized() && element.isF32()) {
      appendNumbers(append, buffer);
      return success();
    }
    if (append && append.getType().getElementType() != element)
      return append.emitOpError()
             << "no kernel is built yet that rounds rows to "
             << append.getType();
    Value count = b.index(1);
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (i != axis)
        count = b.mul(count, elements.sizeOf(type.getDim(i)));
    if (append) {
      Value start = b.mul(cacheRow(append), count);
      buffer = b.bytesFrom(buffer, b.mul(start, elementBytes(element)));
    }
    if (work.givesBlocks) {
      writeBlocks(value, buffer);
      return success();
    }
    if (work.isInPlace)
      return writeInPlace(value, buffer);
    b.loop(thread, count, threads, [&](Value number) {
      elements.inRegion([&] {
        auto at = elements.indicesOf(type, number, axis, row);
        Value offset = append ? number : elements.offsetOf(type, at);
        store(elements.element(value, at), buffer, offset);
        return 0;
      });
    });
    return success();
  }

  /// Whole numbers up to 127 and a scale for each head, as the evaluator makes
  /// them. A warp takes a head.
  void appendNumbers(CacheAppendOp append, Value buffer) {
    HistoryType history = append.getType();
    NamedTensorType type = append.getRows().getType();
    int64_t axis = RowElements::rowAxis(type), width = history.getWidth();
    Type f32 = b.getF32Type();
    Value kept =
        b.bytesFrom(buffer, b.mul(cacheRow(append), history.getRowBytes()));
    Value scales = b.bytesFrom(kept, history.getScalesOffset());
    b.loop(warp, b.index(history.getHeads()), warps, [&](Value head) {
      Value first = b.mul(head, width);
      auto elementAt = [&](Value column) {
        auto at = elements.indicesOf(type, b.add(first, column), axis, row);
        return b.elementOf(elements.element(append.getRows(), at), 0);
      };
      // NaN if one is.
      Value largest =
          b.loop(lane, b.index(width), CudaBuilder::warpThreads,
                 {b.constant(0)},
                 [&](Value column, ValueRange carried) {
                   return elements.inRegion([&] {
                     Value size = LLVM::FAbsOp::create(b, elementAt(column));
                     return SmallVector<Value>{
                         arith::MaximumFOp::create(b, carried[0], size)};
                   });
                 })
              .front();
      for (int64_t mask = CudaBuilder::warpThreads / 2; mask > 0; mask /= 2)
        largest =
            arith::MaximumFOp::create(b, largest, b.exchange(largest, mask));
      Value most = b.constant(127);
      Value inverse = arith::DivFOp::create(b, most, largest);
      b.loop(lane, b.index(width), CudaBuilder::warpThreads, [&](Value column) {
        elements.inRegion([&] {
          Value steps =
              LLVM::RoundEvenOp::create(b, b.mul(elementAt(column), inverse));
          // 0 of 0, and of infinities, whose scale says what they are.
          Value isNumber =
              arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, steps, steps);
          Value whole = arith::FPToSIOp::create(
              b, b.getI32Type(), b.choose(isNumber, steps, b.constant(0)));
          b.store(arith::TruncIOp::create(b, b.getI8Type(), whole),
                  b.bytesFrom(kept, b.add(first, column)));
          return 0;
        });
      });
      b.ifEqual(lane, b.index(0), [&] {
        b.store(arith::DivFOp::create(b, largest, most),
                b.elementsFrom(scales, head, f32));
      });
    });
  }

  /// What else is read of the row is read before any of it is written.
  LogicalResult writeInPlace(Value value, Value buffer) {
    NamedTensorType type = typeOf(value);
    int64_t count = elementsOfRow(type), axis = RowElements::rowAxis(type);
    int64_t bytes = count * elementBytes(type.getElementType());
    if (count < 0 || keptBytes + bytes > mostBytes)
      return value.getDefiningOp()->emitOpError()
             << "no kernel is built yet that writes " << type
             << " over what it reads";
    Value place = b.shared(keptBytes);
    keptBytes += llvm::alignTo(bytes, 16);
    auto forEach = [&](llvm::function_ref<void(Value)> body) {
      b.loop(thread, b.index(count), threads, [&](Value number) {
        elements.inRegion([&] {
          body(number);
          return 0;
        });
      });
    };
    forEach([&](Value number) {
      auto at = elements.indicesOf(type, number, axis, row);
      store(elements.element(value, at), place, number);
    });
    b.wait();
    forEach([&](Value number) {
      auto at = elements.indicesOf(type, number, axis, row);
      Value element = loadEverywhere(
          b, type.getElementType(),
          b.bytesFrom(place,
                      b.mul(number, elementBytes(type.getElementType()))),
          1);
      store(element, buffer, elements.offsetOf(type, at));
    });
    return success();
  }

  /// A row of bf16 in its block, zeros behind it.
  void writeBlocks(Value value, Value buffer) {
    NamedTensorType type = typeOf(value);
    int64_t inputs = elementsOfRow(type), axis = RowElements::rowAxis(type);
    RowBlocks blocks(inputs);
    Value start = b.bytesFrom(
        buffer,
        b.add(b.mul(b.div(row, b.index(RowBlocks::rows)), blocks.blockBytes()),
              b.mul(b.rem(row, b.index(RowBlocks::rows)), RowBlocks::run * 2)));
    auto placeOf = [&](Value number) {
      Value run =
          b.mul(b.div(number, b.index(RowBlocks::run)), blocks.runBytes());
      return b.bytesFrom(
          start, b.add(run, b.mul(b.rem(number, b.index(RowBlocks::run)), 2)));
    };
    b.loop(thread, b.index(inputs), threads, [&](Value number) {
      elements.inRegion([&] {
        Value element = elements.element(
            value, elements.indicesOf(type, number, axis, row));
        Value scalar = b.elementOf(element, 0);
        if (!scalar.getType().isBF16())
          scalar = arith::TruncFOp::create(b, b.getBF16Type(), scalar);
        b.store(scalar, placeOf(number));
        return 0;
      });
    });
    b.loop(b.add(b.index(inputs), thread), b.index(blocks.paddedInputs()),
           threads, [&](Value number) {
             b.store(b.zero(b.getBF16Type()), placeOf(number));
           });
  }

  void store(Value element, Value buffer, Value offset) {
    Value scalar = b.elementOf(element, 0);
    if (scalar.getType().isInteger(1))
      scalar = arith::ExtUIOp::create(b, b.getI8Type(), scalar);
    b.store(scalar, b.elementsFrom(buffer, offset, scalar.getType()));
  }

  /// The number of the row's place among those of a layer of its cache.
  Value cacheRow(CacheAppendOp append) {
    auto cache = SymbolTable::lookupNearestSymbolFrom<CacheOp>(
        append, append.getCacheAttr());
    auto positions =
        cache->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(
            cache.getOfSource() ? sourceContextAttribute : contextAttribute);
    auto number = [&](Value value) -> Value {
      return arith::ExtSIOp::create(
          b, b.indexType(), b.elementOf(elements.element(value, {row}), 0));
    };
    return b.add(b.mul(number(append.getSequence()), positions.getInt()),
                 number(append.getPosition()));
  }

  CudaBuilder &b;
  const CudaRowWork &work;
  SmallVector<Value> buffers, sizes;
  RowElements elements;
  Value row, thread, lane, warp;
  int64_t keptBytes = 0;
};

} // namespace

FailureOr<CudaKernel> sinter::emitRowKernel(CudaBuilder &b, StringRef name,
                                            const CudaRowWork &work) {
  SmallVector<Type> types(work.inputs.size() + work.outputs.size(),
                          b.pointerType());
  types.append(4, b.indexType());
  func::FuncOp kernel = b.beginKernel(name, types, RowKernelEmitter::threads,
                                      /*blocks=*/4);
  RowKernelEmitter emitter(b, work, kernel.getArguments());
  LogicalResult result = emitter.emit();
  b.endFunction();
  if (failed(result))
    return failure();
  return CudaKernel{kernel, RowKernelEmitter::threads, emitter.sharedBytes()};
}
