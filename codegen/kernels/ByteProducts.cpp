//===- ByteProducts.cpp - Products of bytes -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/ByteProducts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace sinter;

Value sinter::integers(KernelBuilder &b, Type type, int64_t number) {
  auto vector = cast<VectorType>(type);
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(
             vector, b.getIntegerAttr(vector.getElementType(), number)));
}

Value sinter::withElements(KernelBuilder &b, Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  int64_t bits =
      type.getNumElements() * type.getElementType().getIntOrFloatBitWidth();
  return LLVM::BitcastOp::create(
      b, b.vectorType(bits / element.getIntOrFloatBitWidth(), element), vector);
}

/// The name of one of AArch64's products of bytes.
static std::string armName(StringRef instruction, VectorType sums) {
  int64_t lanes = sums.getNumElements();
  return ("llvm.aarch64.neon." + instruction + ".v" + Twine(lanes) + "i32.v" +
          Twine(4 * lanes) + "i8")
      .str();
}

static Value callByteProduct(KernelBuilder &b, StringRef name, Value sum,
                             Value left, Value right) {
  return b.callIntrinsic(name,
                         {sum, withElements(b, left, b.getI8Type()),
                          withElements(b, right, b.getI8Type())},
                         sum.getType());
}

/// sum + the products of four unsigned bytes and four signed ones.
static Value multiplyBytes(KernelBuilder &b, bool isArm, Value sum, Value bytes,
                           Value signedBytes) {
  auto type = cast<VectorType>(sum.getType());
  std::string name = isArm ? armName("usdot", type)
                           : "llvm.x86.avx512.vpdpbusd." +
                                 std::to_string(32 * type.getNumElements());
  return callByteProduct(b, name, sum, bytes, signedBytes);
}

/// sum + the products of four signed bytes and four others.
static Value multiplySignedBytes(KernelBuilder &b, Value sum, Value left,
                                 Value right) {
  return callByteProduct(b, armName("sdot", cast<VectorType>(sum.getType())),
                         sum, left, right);
}

/// sum + the products of pairs of 16 bits.
static Value multiplyPairs(KernelBuilder &b, Value sum, Value left, Value right,
                           bool isWasm = false) {
  auto type = cast<VectorType>(sum.getType());
  int64_t lanes = type.getNumElements();
  StringRef name = isWasm        ? "llvm.wasm.dot"
                   : lanes == 16 ? "llvm.x86.avx512.pmaddw.d.512"
                   : lanes == 8  ? "llvm.x86.avx2.pmadd.wd"
                                 : "llvm.x86.sse2.pmadd.wd";
  return arith::AddIOp::create(b, sum,
                               b.callIntrinsic(name, {left, right}, type));
}

/// Bytes 0 and 2 of each 32 bits, and bytes 1 and 3, as pairs of 16 bits.
static GroupVectors widenToPairs(KernelBuilder &b, Value words, bool isSigned) {
  Value halves = withElements(b, words, b.getI16Type());
  Type type = halves.getType();
  Value eight = integers(b, type, 8);
  if (isSigned)
    return {arith::ShRSIOp::create(b, arith::ShLIOp::create(b, halves, eight),
                                   eight),
            arith::ShRSIOp::create(b, halves, eight)};
  return {arith::AndIOp::create(b, halves, integers(b, type, 0xff)),
          arith::ShRUIOp::create(b, halves, eight)};
}

/// Each byte of 32 bits as a number of 32 bits.
static GroupVectors widenToWords(KernelBuilder &b, Value words, bool isSigned) {
  GroupVectors bytes;
  for (int64_t byte = 0; byte < 4; ++byte) {
    Value left = arith::ShLIOp::create(
        b, words, integers(b, words.getType(), 24 - 8 * byte));
    Value right = integers(b, words.getType(), 24);
    bytes.push_back(isSigned ? Value(arith::ShRSIOp::create(b, left, right))
                             : Value(arith::ShRUIOp::create(b, left, right)));
  }
  return bytes;
}

/// A name of AVX2's, or of SSSE3's for half a vector.
static std::string byteIntrinsic(StringRef avx2, StringRef ssse3,
                                 VectorType type) {
  bool isWhole = type.getNumElements() * type.getElementTypeBitWidth() == 256;
  return ("llvm.x86." + (isWhole ? avx2 : ssse3)).str();
}

/// Pairs of products of unsigned bytes and signed ones, in 16 bits, where they
/// must fit.
static Value multiplyBytePairs(KernelBuilder &b, Value bytes,
                               Value signedBytes) {
  Value left = withElements(b, bytes, b.getI8Type());
  Value right = withElements(b, signedBytes, b.getI8Type());
  auto type = cast<VectorType>(left.getType());
  return b.callIntrinsic(
      byteIntrinsic("avx2.pmadd.ub.sw", "ssse3.pmadd.ub.sw.128", type),
      {left, right}, b.vectorType(type.getNumElements() / 2, b.getI16Type()));
}

/// sum + pairs of 16 bits.
static Value addPairs(KernelBuilder &b, Value sum, Value pairs) {
  return multiplyPairs(b, sum, pairs, integers(b, pairs.getType(), 1));
}

static Value multiplyMagnitudes(KernelBuilder &b, Value sum, Value magnitude,
                                Value signedWeight, Value input) {
  Value bytes = withElements(b, input, b.getI8Type());
  auto type = cast<VectorType>(bytes.getType());
  Value turned =
      b.callIntrinsic(byteIntrinsic("avx2.psign.b", "ssse3.psign.b.128", type),
                      {bytes, signedWeight}, type);
  // 2 * 128 * 127 fits.
  return addPairs(b, sum, multiplyBytePairs(b, magnitude, turned));
}

ByteProducts::ByteProducts(const TargetDescription &target, QuantizedType type)
    : isArm(target.isArm()), isWasm(target.isWasm()), depth(type.getDepth()),
      bits(type.getBits()), hasMinimum(type.getMinimum()),
      pairsIn16Bits(32767 / (2 * 127 * type.getLargest())) {
  if (target.dotProducts.bytes)
    way = Fours;
  else if (target.dotProducts.signedBytes)
    way = SignedFours;
  else if (!target.dotProducts.pairs)
    way = Words;
  // AVX2 has SSSE3's instructions in its width, AVX-512 lacks psignb.
  else if (target.vectorBits != 256)
    way = Pairs;
  else if (type.getBits() <= 6)
    way = Narrow;
  else
    way = type.getMinimum() ? Pairs : Magnitudes;
}

GroupVectors ByteProducts::widened(KernelBuilder &b, const GroupVectors &bytes,
                                   bool isSigned) const {
  GroupVectors wide;
  for (Value each : bytes)
    llvm::append_range(wide, way == Pairs ? widenToPairs(b, each, isSigned)
                                          : widenToWords(b, each, isSigned));
  return wide;
}

GroupVectors ByteProducts::asInputs(KernelBuilder &b,
                                    const GroupVectors &bytes) const {
  return way == Pairs || way == Words ? widened(b, bytes, /*isSigned=*/true)
                                      : bytes;
}

GroupVectors ByteProducts::asWeights(KernelBuilder &b,
                                     const GroupVectors &bytes) const {
  if (way == Fours || way == Narrow || (way == SignedFours && bits < 8))
    return bytes;
  if (way == SignedFours) {
    GroupVectors turned;
    for (Value each : bytes) {
      Value number = withElements(b, each, b.getI8Type());
      turned.push_back(arith::XOrIOp::create(
          b, number, integers(b, number.getType(), -128)));
    }
    return turned;
  }
  if (way != Magnitudes)
    return widened(b, bytes, /*isSigned=*/false);
  GroupVectors both;
  for (Value each : bytes) {
    Value number = withElements(b, each, b.getI8Type());
    number =
        arith::XOrIOp::create(b, number, integers(b, number.getType(), -128));
    // -128 stays as it is, which is 128 without a sign.
    both.push_back(LLVM::AbsOp::create(b, number.getType(), number,
                                       /*is_int_min_poison=*/false));
    both.push_back(number);
  }
  return both;
}

Value ByteProducts::multiplyAdd(KernelBuilder &b, const GroupVectors &inputs,
                                const GroupVectors &weights, Value sum) const {
  if (way == Magnitudes)
    return multiplyMagnitudes(b, sum, weights[0], weights[1], inputs[0]);
  if (way == Narrow)
    return multiplyNarrow(b, inputs, weights, sum);
  for (auto [input, weight] : llvm::zip_equal(inputs, weights)) {
    if (way == Fours)
      sum = multiplyBytes(b, isArm, sum, weight, input);
    else if (way == SignedFours)
      sum = multiplySigned(b, sum, weight, input);
    else if (way == Pairs)
      sum = multiplyPairs(b, sum, weight, input, isWasm);
    else
      sum = arith::AddIOp::create(b, sum,
                                  arith::MulIOp::create(b, weight, input));
  }
  return sum;
}

Value ByteProducts::multiplySigned(KernelBuilder &b, Value sum, Value weight,
                                   Value input) const {
  sum = multiplySignedBytes(b, sum, weight, input);
  if (bits < 8 || !hasMinimum)
    return sum;
  // The 128 that weights have lost, in two halves, each of which is a byte.
  Value bytes = withElements(b, input, b.getI8Type());
  Value half = integers(b, bytes.getType(), 64);
  for (int64_t time = 0; time < 2; ++time)
    sum = multiplySignedBytes(b, sum, half, bytes);
  return sum;
}

/// Into a run's sums, or, where a step has too many for 16 bits, into some sums
/// of its own.
Value ByteProducts::multiplyNarrow(KernelBuilder &b, const GroupVectors &inputs,
                                   const GroupVectors &weights,
                                   Value sum) const {
  const bool isRun = runSteps() > 0;
  Value pairs = isRun ? sum : Value();
  int64_t held = 0;
  for (auto [input, weight] : llvm::zip_equal(inputs, weights)) {
    Value product = multiplyBytePairs(b, weight, input);
    pairs = pairs ? Value(arith::AddIOp::create(b, pairs, product)) : product;
    if (isRun || ++held % pairsIn16Bits != 0)
      continue;
    sum = addPairs(b, sum, pairs);
    pairs = {};
  }
  if (isRun)
    return pairs;
  return pairs ? addPairs(b, sum, pairs) : sum;
}

std::optional<SumRun> ByteProducts::run(KernelBuilder &b) const {
  if (way != Narrow || runSteps() == 0)
    return std::nullopt;
  return SumRun{runSteps(), b.getI16Type(), addPairs};
}
