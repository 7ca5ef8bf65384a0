//===- QuantizedLinear.cpp - Contractions with quantized weights *- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/QuantizedLinear.h"
#include "codegen/kernels/ByteProducts.h"
#include "codegen/kernels/FloatLinear.h"
#include "ir/Quantization.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/Scratch.h"
#include <bit>
#include <cmath>

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// The form
//===----------------------------------------------------------------------===//

/// A number of 32 bits of the row's group, in all lanes.
static Value loadShared(KernelBuilder &b, Type type, const SumGroup &group,
                        int64_t offset, int64_t lanes) {
  Value from =
      b.elementsFrom(b.bytesFrom(group.row, offset), group.number, type);
  return b.broadcast(b.load(type, from), lanes);
}

/// Numbers of bf16 or f16 as f32.
static Value loadHalves(KernelBuilder &b, Type type, Value pointer,
                        int64_t lanes) {
  if (!type.isBF16())
    return arith::ExtFOp::create(b, b.vectorType(lanes, b.getF32Type()),
                                 b.load(b.vectorType(lanes, type), pointer));
  VectorType words = b.vectorType(lanes, b.getI32Type());
  Value bits = arith::ExtUIOp::create(
      b, words, b.load(b.vectorType(lanes, b.getI16Type()), pointer));
  return withElements(b, arith::ShLIOp::create(b, bits, integers(b, words, 16)),
                      b.getF32Type());
}

/// Whole numbers of a byte as f32.
static Value loadFactors(KernelBuilder &b, Value pointer, int64_t lanes) {
  return arith::SIToFPOp::create(
      b, b.vectorType(lanes, b.getF32Type()),
      arith::ExtSIOp::create(
          b, b.vectorType(lanes, b.getI32Type()),
          b.load(b.vectorType(lanes, b.getI8Type()), pointer)));
}

static void addScales(LinearForm &form, PackedType weight, bool keepsZero) {
  QuantizedType type = weight.getQuantized();
  QuantizedRowLayout row(weight);
  int64_t columns = weight.getLayout().getColumns();
  form.scaledInputs = type.getGroupOf(weight.getInputs());
  form.loadScales = [=](KernelBuilder &b, Value scales, Value group,
                        int64_t column, int64_t lanes) {
    GroupVectors loaded;
    Value factors;
    if (type.getBlock())
      factors = b.bytesFrom(b.bytesFrom(scales, columns * type.getScaleBytes()),
                            b.mul(group, columns * type.getFactorBytes()));
    for (int64_t first = 0; first < (type.getMinimum() ? 2 : 1); ++first) {
      int64_t place = first * columns + column;
      Value scale =
          loadHalves(b, type.getScale(), b.bytesFrom(scales, 2 * place), lanes);
      // Exact: eleven bits by eight.
      if (factors)
        scale =
            b.mul(scale, loadFactors(b, b.bytesFrom(factors, place), lanes));
      loaded.push_back(scale);
    }
    return loaded;
  };
  if (!type.getMinimum() && keepsZero)
    form.beginSum = [=](KernelBuilder &b, const SumGroup &group,
                        int64_t lanes) {
      return loadShared(b, b.getI32Type(), group, row.offsets, lanes);
    };
  form.scaleSum = [=](KernelBuilder &b, Value sum, const GroupVectors &scales,
                      const SumGroup &group, Value total) -> Value {
    int64_t lanes = cast<VectorType>(sum.getType()).getNumElements();
    VectorType floats = b.vectorType(lanes, b.getF32Type());
    Value whole = arith::SIToFPOp::create(b, floats, sum);
    // A zero becomes a number too small to be seen beside what is not.
    if (row.halvings > 0)
      whole = withElements(
          b,
          b.add(withElements(b, whole, b.getI32Type()),
                loadShared(b, b.getI32Type(), group, row.exponents, lanes)),
          b.getF32Type());
    if (type.getMinimum()) {
      Value least = loadShared(b, b.getF32Type(), group, row.offsets, lanes);
      total = total ? b.fusedMultiplyAdd(scales[1], least, total)
                    : b.mul(scales[1], least);
    }
    return total ? b.fusedMultiplyAdd(whole, scales[0], total)
                 : b.mul(whole, scales[0]);
  };
  form.scaleTotal = [=](KernelBuilder &b, Value total, Value start) -> Value {
    int64_t lanes = cast<VectorType>(total.getType()).getNumElements();
    Value scale = b.load(b.getF32Type(), b.bytesFrom(start, row.scale));
    return b.mul(total, b.broadcast(scale, lanes));
  };
}

/// Four numbers of each column at a time, of a step's words: of each plane
/// those that hold the numbers' lowest bits come first.
static GroupVectors joinPlanes(KernelBuilder &b, QuantizedType type,
                               const GroupVectors &words) {
  GroupVectors bytes;
  for (int64_t four = 0; four < type.getDepth() / 4; ++four) {
    Value joined;
    int64_t place = 0, firstWord = 0;
    for (int64_t plane : type.getPlanes()) {
      int64_t ofWord = 8 / plane;
      Value part = words[firstWord + four / ofWord];
      int64_t shift = plane * (four % ofWord) - place;
      Value distance = integers(b, part.getType(), std::abs(shift));
      if (shift > 0)
        part = arith::ShRUIOp::create(b, part, distance);
      else if (shift < 0)
        part = arith::ShLIOp::create(b, part, distance);
      if (plane < 8) {
        int64_t mask = ((int64_t(1) << plane) - 1) << place;
        part = arith::AndIOp::create(
            b, part, integers(b, part.getType(), mask * 0x01010101));
      }
      joined = joined ? arith::OrIOp::create(b, joined, part) : part;
      place += plane;
      firstWord += type.getDepth() * plane / 32;
    }
    bytes.push_back(joined);
  }
  return bytes;
}

LinearForm sinter::quantizedForm(KernelBuilder &builder,
                                 const TargetDescription &target,
                                 PackedType weight) {
  LinearForm form = floatForm(builder, target);
  QuantizedType type = weight.getQuantized();
  ByteProducts products(target, type);
  form.tile = target.quantizedTile(
      type.getGroupCount(weight.getInputs()) == 1 ? 0 : type.getGroup());
  form.depth = type.getDepth();
  form.loads = type.getDepthWords();
  form.rowBytes = QuantizedRowLayout(weight).bytes;
  form.isPadded = true;
  form.prefetchBytes = target.quantizedPrefetchBytes;
  form.prefetchesPanels = false;
  form.keepRolled = target.vectorRegisters < 32;
  form.inputType = builder.getI8Type();
  form.weightType = form.sumType = builder.getI32Type();
  form.loadInputs = [=](KernelBuilder &b, Value pointer, int64_t,
                        int64_t lanes) {
    GroupVectors bytes;
    for (int64_t first = 0; first < type.getDepth(); first += 4)
      bytes.push_back(b.broadcast(
          b.load(b.getI32Type(), b.bytesFrom(pointer, first)), lanes));
    return products.asInputs(b, bytes);
  };
  form.unpackWeights = [=](KernelBuilder &b, const GroupVectors &loaded) {
    return products.asWeights(b, joinPlanes(b, type, loaded));
  };
  form.multiplyAdd = [=](KernelBuilder &b, const GroupVectors &inputs,
                         const GroupVectors &weights, Value sum) {
    return products.multiplyAdd(b, inputs, weights, sum);
  };
  form.run = products.run(builder);
  addScales(form, weight, products.keepsZero());
  return form;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

namespace {

/// Rounds rows: the largest magnitudes first, then the numbers.
class RowQuantizer {
public:
  RowQuantizer(KernelBuilder &b, const TargetDescription &target,
               PackedType weight)
      : b(b), type(weight.getQuantized()), inputs(weight.getInputs()),
        size(type.getGroupOf(inputs)), layout(weight),
        lanes(target.vectorLanes(32)),
        words(b.vectorType(lanes, b.getI32Type())) {}

  void emit(Value x, Value q, Value rows) {
    b.loop(b.index(0), rows, 1, [&](Value row) {
      from = b.elementsFrom(x, b.mul(row, inputs), b.getF32Type());
      to = b.bytesFrom(q, b.mul(row, layout.bytes));
      Value most = overGroups(b.zero(b.getI32Type()),
                              [&](Value group, int64_t count, Value carried) {
                                return findLargest(group, count, carried);
                              });
      beginRow(most);
      overGroups(most, [&](Value group, int64_t count, Value carried) {
        roundGroup(group, count);
        return carried;
      });
      padRow();
    });
  }

private:
  /// The bits of vector `index` of the group; zeros where it ends.
  Value loadBits(Value begin, Value index, int64_t count) {
    Value pointer = b.elementsFrom(begin, b.mul(index, lanes), b.getI32Type());
    if (count == lanes)
      return b.load(words, pointer);
    SmallVector<bool> mask(lanes, false);
    std::fill_n(mask.begin(), count, true);
    Value used = arith::ConstantOp::create(
        b, DenseElementsAttr::get(b.vectorType(lanes, b.getI1Type()),
                                  ArrayRef<bool>(mask)));
    return LLVM::MaskedLoadOp::create(b, words, pointer, used, b.zero(words),
                                      /*alignment=*/4);
  }

  /// Goes over the vectors of a group of `count` inputs.
  Value overVectors(
      int64_t count, Value initial,
      llvm::function_ref<Value(Value index, int64_t used, Value carried)>
          body) {
    Value result =
        b.loop(b.index(0), b.index(count / lanes), 1, initial,
               [&](Value index, ValueRange carried) {
                 return SmallVector<Value>{body(index, lanes, carried[0])};
               })[0];
    if (int64_t rest = count % lanes)
      result = body(b.index(count / lanes), rest, result);
    return result;
  }

  /// Goes over the groups of a row.
  Value overGroups(
      Value initial,
      llvm::function_ref<Value(Value group, int64_t count, Value carried)>
          body) {
    Value result =
        b.loop(b.index(0), b.index(inputs / size), 1, initial,
               [&](Value group, ValueRange carried) {
                 return SmallVector<Value>{body(group, size, carried[0])};
               })[0];
    if (int64_t rest = inputs % size)
      result = body(b.index(inputs / size), rest, result);
    return result;
  }

  Value startOf(Value group) {
    return b.elementsFrom(from, b.mul(group, size), b.getF32Type());
  }
  Value exponentOf(Value group) {
    return b.elementsFrom(b.bytesFrom(to, layout.exponents), group,
                          b.getI32Type());
  }
  Value number(float value) {
    return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
  }
  Value integer(int64_t value) {
    return arith::ConstantOp::create(
        b, b.getI32IntegerAttr(int32_t(uint32_t(value))));
  }
  Value asFloat(Value bits) {
    return LLVM::BitcastOp::create(b, b.getF32Type(), bits);
  }

  /// Keeps the bits of a group's largest magnitude where its exponent will
  /// stand; gives the larger of them and `carried`.
  Value findLargest(Value group, int64_t count, Value carried) {
    Value begin = startOf(group);
    Value magnitude = integers(b, words, 0x7fffffff);
    // As bits, a NaN is larger than all numbers.
    Value most = overVectors(
        count, b.zero(words), [&](Value index, int64_t used, Value carried) {
          Value bits = loadBits(begin, index, used);
          return arith::MaxUIOp::create(
              b, carried, arith::AndIOp::create(b, bits, magnitude));
        });
    Value largest =
        vector::ReductionOp::create(b, vector::CombiningKind::MAXUI, most);
    b.store(largest, exponentOf(group));
    return arith::MaxUIOp::create(b, carried, largest);
  }

  /// The row's scale, and what its elements are multiplied with.
  void beginRow(Value bits) {
    largestOfRow = bits;
    Value largest = asFloat(bits);
    Value isNothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT,
                                            largest, number(smallestMagnitude));
    auto unlessNothing = [&](Value value) {
      return arith::SelectOp::create(b, isNothing, number(0), value);
    };
    // What is not finite leaves no number behind.
    Value scale =
        b.add(b.mul(largest, number(1.0f / 127)), b.sub(largest, largest));
    scale = b.mul(scale, number(std::ldexp(1.0f, -int(layout.halvings))));
    b.store(unlessNothing(scale), b.bytesFrom(to, layout.scale));
    inverse = unlessNothing(arith::DivFOp::create(b, number(127), largest));
  }

  void roundGroup(Value group, int64_t count) {
    Type f32 = b.getF32Type(), i32 = b.getI32Type();
    Value begin = startOf(group);
    Value numbers = b.bytesFrom(to, b.mul(group, size));
    auto atExponent = [&](Value power) {
      return arith::ShLIOp::create(b, power, integer(23));
    };
    Value factor = inverse, fromScale = integer(0);
    if (layout.halvings > 0) {
      Value bits = b.load(i32, exponentOf(group));
      Value halvings = arith::MinUIOp::create(
          b, arith::ShRUIOp::create(b, b.sub(largestOfRow, bits), integer(23)),
          integer(layout.halvings));
      factor =
          b.mul(inverse, asFloat(atExponent(b.add(halvings, integer(127)))));
      fromScale = b.sub(integer(layout.halvings), halvings);
    }
    b.store(atExponent(fromScale), exponentOf(group));
    factor = b.broadcast(factor, lanes);
    // Whole numbers stand in the low bits of what this makes of them.
    constexpr float roundingNumber = 0x1.8p23f;
    constexpr int32_t roundingBits = std::bit_cast<int32_t>(roundingNumber);
    Value rounding = b.broadcast(number(roundingNumber), lanes);
    Value bytesOf = overVectors(
        count, b.zero(words), [&](Value index, int64_t used, Value carried) {
          Value element = withElements(b, loadBits(begin, index, used), f32);
          Value rounded = withElements(
              b, b.fusedMultiplyAdd(element, factor, rounding), i32);
          Value bytes = arith::TruncIOp::create(
              b, b.vectorType(lanes, b.getI8Type()), rounded);
          b.store(bytes, b.bytesFrom(numbers, b.mul(index, lanes)));
          return arith::AddIOp::create(b, carried, rounded);
        });
    Value sum = b.sumLanes(bytesOf);
    sum = b.sub(sum, integer(llvm::alignTo(count, lanes) * roundingBits));
    Value offset = arith::MulIOp::create(b, sum, integer(-type.getZero()));
    if (type.getMinimum())
      offset = b.mul(arith::SIToFPOp::create(b, f32, sum),
                     asFloat(atExponent(b.add(fromScale, integer(127)))));
    b.store(offset,
            b.elementsFrom(b.bytesFrom(to, layout.offsets), group, f32));
  }

  /// Steps take whole groups of bytes.
  void padRow() {
    int64_t end = llvm::alignTo(inputs, type.getDepth());
    for (int64_t at =
             llvm::alignTo(inputs % size ? inputs % size : size, lanes) +
             (inputs - 1) / size * size;
         at < end; ++at)
      b.store(b.zero(b.getI8Type()), b.bytesFrom(to, at));
  }

  KernelBuilder &b;
  QuantizedType type;
  int64_t inputs, size;
  QuantizedRowLayout layout;
  int64_t lanes;
  VectorType words;
  /// The row at hand.
  Value from, to, largestOfRow, inverse;
};

} // namespace

func::FuncOp sinter::emitQuantizeRows(KernelBuilder &builder, StringRef name,
                                      const TargetDescription &target,
                                      PackedType weight) {
  Type pointer = builder.pointerType();
  func::FuncOp function =
      builder.beginFunction(name, {pointer, pointer, builder.indexType()});
  RowQuantizer(builder, target, weight)
      .emit(function.getArgument(0), function.getArgument(1),
            function.getArgument(2));
  builder.endFunction();
  return function;
}
