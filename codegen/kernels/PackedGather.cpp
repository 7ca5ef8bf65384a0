//===- PackedGather.cpp - Rows out of panels -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/PackedGather.h"
#include "codegen/kernels/Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sinter;

namespace {

/// The loops over rows and inputs. A step is what `depth` inputs of a column
/// take, which stand side by side; columns of a step follow one another.
class PackedGatherEmitter {
public:
  PackedGatherEmitter(KernelBuilder &b, PackedType weight)
      : b(b), weight(weight), quantized(weight.getQuantized()),
        inputs(weight.getInputs()), depth(weight.getLayout().getDepth()),
        columns(weight.getLayout().getColumns()), f32(b.getF32Type()),
        stepBytes(columns * columnBytes() *
                  (quantized ? quantized.getDepthWords() : 1)) {}

  void emit(Block::BlockArgListType arguments) {
    b.loop(arguments[3], arguments[4], 1, [&](Value row) {
      Value number = b.loadInteger(arguments[1], row);
      number =
          b.min(b.max(number, b.index(0)), b.index(weight.getOutputs() - 1));
      result = b.elementsFrom(arguments[2], b.mul(row, inputs), f32);
      Value panel = findColumn(number);
      emitColumn(
          b.bytesFrom(arguments[0], b.mul(panel, weight.getPanelBytes())));
    });
  }

private:
  /// Bytes of one column in a step; of quantized numbers, in one of its words.
  int64_t columnBytes() const {
    return quantized
               ? 4
               : depth * weight.getElementType().getIntOrFloatBitWidth() / 8;
  }

  /// As PackedType::getElementOffset has it; returns the panel.
  Value findColumn(Value output) {
    int64_t width = weight.getPartColumns();
    Value span = b.index(weight.getSpan()), part = b.index(weight.getPart()),
          share = b.index(width);
    Value inSpan = b.rem(output, span), place = b.rem(inSpan, part);
    column = b.add(b.mul(b.div(inSpan, part), width), b.rem(place, share));
    return b.add(b.mul(b.div(output, span), weight.getPanelsOfSpan()),
                 b.div(place, share));
  }

  void emitColumn(Value panel) {
    if (!quantized) {
      emitSteps(b.bytesFrom(panel, b.mul(column, columnBytes())), b.index(0),
                inputs);
      return;
    }
    int64_t block = quantized.getBlockOf(inputs), whole = inputs / block;
    b.loop(b.index(0), b.index(whole), 1, [&](Value number) {
      emitBlock(b.bytesFrom(panel, b.mul(number, weight.getBlockBytes())),
                b.mul(number, block), block);
    });
    if (inputs % block)
      emitBlock(b.bytesFrom(panel, whole * weight.getBlockBytes()),
                b.index(whole * block), inputs % block);
  }

  void emitBlock(Value begin, Value first, int64_t count) {
    Value ofBlock = loadHalf(begin, column), leastOfBlock;
    if (quantized.getMinimum())
      leastOfBlock = loadHalf(begin, b.add(column, b.index(columns)));
    Value numbers = b.bytesFrom(b.bytesFrom(begin, weight.getScaleBytes()),
                                b.mul(column, columnBytes()));
    if (!quantized.getBlock()) {
      scale = ofBlock, least = leastOfBlock;
      return emitSteps(numbers, first, count);
    }
    Value factors = b.bytesFrom(begin, columns * quantized.getScaleBytes());
    int64_t groups = quantized.getGroupsOfBlock(), size = quantized.getGroup();
    b.loop(b.index(0), b.index(groups), 1, [&](Value group) {
      Value ofGroup = b.bytesFrom(
          factors, b.mul(group, columns * quantized.getFactorBytes()));
      scale = b.mul(ofBlock, loadFactor(ofGroup, column));
      if (quantized.getMinimum())
        least = b.mul(leastOfBlock,
                      loadFactor(ofGroup, b.add(column, b.index(columns))));
      emitSteps(b.bytesFrom(numbers, b.mul(group, weight.getNumberBytes())),
                b.add(first, b.mul(group, size)), size);
    });
  }

  /// A whole number of a byte as f32.
  Value loadFactor(Value pointer, Value place) {
    Value byte = b.load(b.getI8Type(), b.bytesFrom(pointer, place));
    return arith::SIToFPOp::create(b, f32, byte);
  }

  /// A number of 16 bits as f32.
  Value loadHalf(Value pointer, Value place) {
    Type half = quantized.getScale();
    Value at = b.elementsFrom(pointer, place, half);
    Value single =
        half.isBF16()
            ? loadWidened(b, half, at, 1)
            : Value(arith::ExtFOp::create(b, b.vectorType(1, f32),
                                          b.load(b.vectorType(1, half), at)));
    return vector::ExtractOp::create(b, single, 0);
  }

  /// `count` inputs from `first` on, of a column whose first step is at
  /// `pointer`.
  void emitSteps(Value pointer, Value first, int64_t count) {
    int64_t whole = count / depth;
    b.loop(b.index(0), b.index(whole), 1, [&](Value step) {
      emitStep(b.bytesFrom(pointer, b.mul(step, stepBytes)),
               b.add(first, b.mul(step, depth)), depth);
    });
    if (count % depth)
      emitStep(b.bytesFrom(pointer, whole * stepBytes),
               b.add(first, b.index(whole * depth)), count % depth);
  }

  void emitStep(Value pointer, Value first, int64_t count) {
    Value to = b.elementsFrom(result, first, f32);
    if (!quantized)
      return b.storeFirst(
          loadWidened(b, weight.getElementType(), pointer, depth), count, to);
    SmallVector<Value> words;
    for (int64_t word = 0; word < quantized.getDepthWords(); ++word)
      words.push_back(
          b.load(b.vectorType(4, b.getI8Type()),
                 b.bytesFrom(pointer, word * columns * columnBytes())));
    for (int64_t four = 0; 4 * four < count; ++four)
      b.storeFirst(widen(joinPlanes(words, four)),
                   std::min<int64_t>(4, count - 4 * four),
                   b.elementsFrom(to, 4 * four, f32));
  }

  /// Numbers 4 * four and on of a step, as PanelsAttr has them.
  Value joinPlanes(ArrayRef<Value> words, int64_t four) {
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(b.vectorType(4, b.getI8Type()),
                                    b.getI8IntegerAttr(int8_t(value))));
    };
    Value joined;
    int64_t place = 0;
    for (int64_t plane : quantized.getPlanes()) {
      int64_t ofWord = 8 / plane;
      Value part = words[four / ofWord];
      words = words.drop_front(quantized.getDepth() * plane / 32);
      if (int64_t shift = plane * (four % ofWord))
        part = arith::ShRUIOp::create(b, part, constant(shift));
      if (plane < 8)
        part =
            arith::AndIOp::create(b, part, constant((int64_t(1) << plane) - 1));
      if (place > 0)
        part = arith::ShLIOp::create(b, part, constant(place));
      joined = joined ? Value(arith::OrIOp::create(b, joined, part)) : part;
      place += plane;
    }
    return joined;
  }

  /// What four numbers stand for, as ir/Quantization.h has it.
  Value widen(Value bytes) {
    VectorType words = b.vectorType(4, b.getI32Type());
    Value zero = arith::ConstantOp::create(
        b, DenseElementsAttr::get(
               words, b.getI32IntegerAttr(int32_t(quantized.getZero()))));
    Value numbers = arith::SIToFPOp::create(
        b, b.vectorType(4, f32),
        b.sub(arith::ExtUIOp::create(b, words, bytes), zero));
    Value product = b.mul(b.broadcast(scale, 4), numbers);
    return quantized.getMinimum() ? b.add(b.broadcast(least, 4), product)
                                  : product;
  }

  KernelBuilder &b;
  PackedType weight;
  QuantizedType quantized;
  int64_t inputs, depth, columns;
  Type f32;
  int64_t stepBytes;
  /// Of the row that is written.
  Value result, column, scale, least;
};

} // namespace

func::FuncOp sinter::emitPackedGather(KernelBuilder &builder, StringRef name,
                                      PackedType weight) {
  Type pointer = builder.pointerType(), index = builder.indexType();
  func::FuncOp function =
      builder.beginFunction(name, {pointer, pointer, pointer, index, index});
  PackedGatherEmitter(builder, weight).emit(function.getArguments());
  builder.endFunction();
  return function;
}
