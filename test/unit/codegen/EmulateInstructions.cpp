//===- EmulateInstructions.cpp - Another machine's code ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulateInstructions.h"
#include "codegen/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include <array>
#include <map>

using namespace llvm;
using namespace sinter;

bool test::isRunnable(const TargetDescription &target) {
  Expected<TargetDescription> native = describeTarget("native");
  if (!native ||
      Triple(native->triple).getArch() != Triple(target.triple).getArch()) {
    consumeError(native.takeError());
    return false;
  }
  std::string have = requiredFeatures(*native), need = requiredFeatures(target);
  SmallVector<StringRef> features, present;
  StringRef(need).split(features, ',', -1, /*KeepEmpty=*/false);
  StringRef(have).split(present, ',');
  return all_of(features,
                [&](StringRef name) { return is_contained(present, name); });
}

namespace {

/// Writes what instructions mean.
class Emulator {
public:
  Emulator(Instruction &instruction, bool isX86)
      : b(&instruction), instruction(instruction), isX86(isX86) {}

  /// What takes the place of the instruction; null for one of a machine that
  /// is not known.
  Value *emulate() {
    if (isa<FPTruncInst>(instruction))
      return roundToBrainFloat(instruction.getOperand(0));
    auto &call = cast<IntrinsicInst>(instruction);
    StringRef name = call.getCalledFunction()->getName();
    if (!name.consume_front("llvm.x86."))
      name.consume_front("llvm.aarch64.neon.");
    for (Value *operand : call.args())
      operands.push_back(operand);
    for (const auto &[prefix, way] : known)
      if (name == prefix || (prefix.ends_with(".") && name.starts_with(prefix)))
        return (this->*way)();
    return nullptr;
  }

private:
  using Way = Value *(Emulator::*)();
  static const std::array<std::pair<StringRef, Way>, 24> known;

  FixedVectorType *typeOf(Value *value) {
    return cast<FixedVectorType>(value->getType());
  }
  unsigned lanesOf(Value *value) { return typeOf(value)->getNumElements(); }
  FixedVectorType *vectorOf(Type *element, Value *like) {
    return FixedVectorType::get(element, lanesOf(like));
  }
  Constant *splat(Value *like, uint64_t number) {
    return ConstantInt::get(like->getType(), number);
  }
  /// Elements `first`, `first + step`, ...
  Value *every(Value *vector, unsigned first, unsigned step) {
    SmallVector<int> lanes;
    for (unsigned lane = first; lane < lanesOf(vector); lane += step)
      lanes.push_back(int(lane));
    return b.CreateShuffleVector(vector, lanes);
  }
  Value *withElements(Value *value, Type *element) {
    unsigned bits = value->getType()->getPrimitiveSizeInBits();
    return b.CreateBitCast(
        value, FixedVectorType::get(element,
                                    bits / element->getPrimitiveSizeInBits()));
  }

  //===--------------------------------------------------------------------===//
  // Whole numbers
  //===--------------------------------------------------------------------===//

  Value *widened(Value *value, bool isSigned) {
    Type *type = vectorOf(b.getInt32Ty(), value);
    return isSigned ? b.CreateSExt(value, type) : b.CreateZExt(value, type);
  }
  /// Products of `depth` neighbours, summed.
  Value *dotProduct(Value *left, bool leftSigned, Value *right,
                    bool rightSigned, unsigned depth) {
    Value *products =
        b.CreateMul(widened(left, leftSigned), widened(right, rightSigned));
    Value *sum = every(products, 0, depth);
    for (unsigned i = 1; i < depth; ++i)
      sum = b.CreateAdd(sum, every(products, i, depth));
    return sum;
  }
  Value *addBytes(bool leftSigned, bool rightSigned) {
    Type *byte = b.getInt8Ty();
    return b.CreateAdd(operands[0],
                       dotProduct(withElements(operands[1], byte), leftSigned,
                                  withElements(operands[2], byte), rightSigned,
                                  4));
  }
  Value *unsignedBySigned() { return addBytes(false, true); }
  Value *signedBySigned() { return addBytes(true, true); }
  Value *unsignedByUnsigned() { return addBytes(false, false); }

  Value *pairsOfWords() {
    return dotProduct(operands[0], true, operands[1], true, 2);
  }
  /// Of unsigned bytes by signed ones, into 16 bits: what does not fit becomes
  /// the largest or the least that does.
  Value *pairsOfBytes() {
    Value *sum = dotProduct(operands[0], false, operands[1], true, 2);
    Value *least = splat(sum, uint64_t(INT16_MIN)),
          *most = splat(sum, INT16_MAX);
    sum = b.CreateBinaryIntrinsic(Intrinsic::smax, sum, least);
    sum = b.CreateBinaryIntrinsic(Intrinsic::smin, sum, most);
    return b.CreateTrunc(sum, instruction.getType());
  }
  Value *takeSign() {
    Value *zero = Constant::getNullValue(operands[0]->getType());
    Value *turned = b.CreateSelect(b.CreateICmpSLT(operands[1], zero),
                                   b.CreateNeg(operands[0]), operands[0]);
    return b.CreateSelect(b.CreateICmpEQ(operands[1], zero), zero, turned);
  }

  Value *binary(Intrinsic::ID id) {
    return b.CreateBinaryIntrinsic(id, operands[0], operands[1]);
  }
  Value *signedLess() { return binary(Intrinsic::smin); }
  Value *signedMore() { return binary(Intrinsic::smax); }
  Value *unsignedLess() { return binary(Intrinsic::umin); }
  Value *unsignedMore() { return binary(Intrinsic::umax); }
  /// As the low bits of the second operand say.
  Value *roundWhole() {
    const Intrinsic::ID ways[] = {Intrinsic::roundeven, Intrinsic::floor,
                                  Intrinsic::ceil, Intrinsic::trunc};
    uint64_t way = cast<ConstantInt>(operands[1])->getZExtValue() & 3;
    return b.CreateUnaryIntrinsic(ways[way], operands[0]);
  }

  /// [2, 8] by the transpose of [2, 8], added to [2, 2].
  Value *multiplyMatrices(bool leftSigned, bool rightSigned) {
    SmallVector<int> left, right;
    for (int row = 0; row < 2; ++row)
      for (int column = 0; column < 2; ++column)
        for (int i = 0; i < 8; ++i) {
          left.push_back(8 * row + i);
          right.push_back(8 * column + i);
        }
    Value *sum =
        dotProduct(b.CreateShuffleVector(operands[1], left), leftSigned,
                   b.CreateShuffleVector(operands[2], right), rightSigned, 8);
    return b.CreateAdd(operands[0], sum);
  }
  Value *signedMatrices() { return multiplyMatrices(true, true); }
  Value *mixedMatrices() { return multiplyMatrices(false, true); }

  //===--------------------------------------------------------------------===//
  // bf16
  //===--------------------------------------------------------------------===//

  /// f32 without numbers below the normal ones.
  Value *flushed(Value *number) {
    Value *bits = withElements(number, b.getInt32Ty());
    Value *isTiny = b.CreateICmpEQ(b.CreateAnd(bits, splat(bits, 0x7f800000)),
                                   splat(bits, 0));
    Value *sign = b.CreateAnd(bits, splat(bits, 0x80000000));
    return withElements(b.CreateSelect(isTiny, sign, bits), b.getFloatTy());
  }
  /// The even or the odd elements as f32.
  Value *halves(Value *pairs, bool isOdd) {
    Value *bits = withElements(pairs, b.getInt32Ty());
    bits = isOdd ? b.CreateAnd(bits, splat(bits, 0xffff0000))
                 : b.CreateShl(bits, splat(bits, 16));
    return flushed(withElements(bits, b.getFloatTy()));
  }
  Value *pairsOfBrainFloats() {
    Value *sum = flushed(operands[0]);
    for (bool isOdd : {true, false}) {
      Value *left = halves(operands[1], isOdd);
      Value *right = halves(operands[2], isOdd);
      sum = flushed(b.CreateIntrinsic(Intrinsic::fma, {sum->getType()},
                                      {left, right, sum}));
    }
    return sum;
  }

  /// left + right, exact to the last bit: of the two f64 next to it the one
  /// with an odd last bit, unless it is one itself. (Boldo and Melquiond,
  /// "Emulation of FMA and correctly rounded sums", 2008.)
  Value *addToOdd(Value *left, Value *right) {
    // The rounding error of a sum (Knuth).
    Value *sum = b.CreateFAdd(left, right);
    Value *part = b.CreateFSub(sum, left);
    Value *error = b.CreateFAdd(b.CreateFSub(left, b.CreateFSub(sum, part)),
                                b.CreateFSub(right, part));
    Value *zero = Constant::getNullValue(sum->getType());
    Value *bits = withElements(sum, b.getInt64Ty());
    Value *isEven =
        b.CreateICmpEQ(b.CreateAnd(bits, splat(bits, 1)), splat(bits, 0));
    Value *isInexact = b.CreateFCmpONE(error, zero);
    // Towards the error: away from zero where it has the sum's sign.
    Value *isAway = b.CreateICmpEQ(b.CreateFCmpOGT(error, zero),
                                   b.CreateFCmpOGT(sum, zero));
    Value *next = b.CreateSelect(isAway, b.CreateAdd(bits, splat(bits, 1)),
                                 b.CreateSub(bits, splat(bits, 1)));
    bits = b.CreateSelect(b.CreateAnd(isEven, isInexact), next, bits);
    return withElements(bits, b.getDoubleTy());
  }
  /// f64 to f32: cut off, and odd where something was; tiny numbers to zero.
  Value *narrowToOdd(Value *number) {
    Value *near = b.CreateFPTrunc(number, vectorOf(b.getFloatTy(), number));
    Value *back = b.CreateFPExt(near, number->getType());
    auto magnitude = [&](Value *value) {
      return b.CreateUnaryIntrinsic(Intrinsic::fabs, value);
    };
    Value *bits = withElements(near, b.getInt32Ty());
    Value *isAbove = b.CreateFCmpOGT(magnitude(back), magnitude(number));
    Value *cut =
        b.CreateSelect(isAbove, b.CreateSub(bits, splat(bits, 1)), bits);
    Value *odd = b.CreateOr(cut, splat(bits, 1));
    Value *isInexact = b.CreateFCmpONE(back, number);
    return flushed(
        withElements(b.CreateSelect(isInexact, odd, bits), b.getFloatTy()));
  }
  /// sum + (a[0] b[0] + a[1] b[1]), rounded to odd twice.
  Value *addPair(Value *sum, Value *left, Value *right) {
    auto wide = [&](Value *value) {
      return b.CreateFPExt(value, vectorOf(b.getDoubleTy(), value));
    };
    Value *products[2];
    for (bool isOdd : {false, true})
      products[isOdd] = narrowToOdd(
          b.CreateFMul(wide(halves(left, isOdd)), wide(halves(right, isOdd))));
    Value *both = narrowToOdd(addToOdd(wide(products[0]), wide(products[1])));
    return narrowToOdd(addToOdd(wide(flushed(sum)), wide(both)));
  }
  Value *armPairs() { return addPair(operands[0], operands[1], operands[2]); }
  /// [2, 4] by the transpose of [2, 4], a pair at a time, added to [2, 2].
  Value *armMatrices() {
    Value *left = withElements(operands[1], b.getInt32Ty());
    Value *right = withElements(operands[2], b.getInt32Ty());
    Value *sum = operands[0];
    for (int pair = 0; pair < 2; ++pair)
      sum = addPair(
          sum, b.CreateShuffleVector(left, {pair, pair, 2 + pair, 2 + pair}),
          b.CreateShuffleVector(right, {pair, 2 + pair, pair, 2 + pair}));
    return sum;
  }

  /// To the nearest, ties to even; a NaN stays one. In integers: not every
  /// machine has an instruction for it.
  Value *roundToBrainFloat(Value *number) {
    Type *word = b.getInt32Ty(), *half = b.getInt16Ty();
    bool isVector = number->getType()->isVectorTy();
    if (isVector)
      word = vectorOf(word, number), half = vectorOf(half, number);
    Value *bits = b.CreateBitCast(number, word);
    auto constant = [&](uint64_t value) {
      return ConstantInt::get(word, value);
    };
    if (isX86) {
      Value *isTiny =
          b.CreateICmpEQ(b.CreateAnd(bits, constant(0x7f800000)), constant(0));
      bits =
          b.CreateSelect(isTiny, b.CreateAnd(bits, constant(0x80000000)), bits);
    }
    Value *even = b.CreateAnd(b.CreateLShr(bits, constant(16)), constant(1));
    Value *rounded = b.CreateAdd(bits, b.CreateAdd(even, constant(0x7fff)));
    Value *isNaN = b.CreateICmpUGT(b.CreateAnd(bits, constant(0x7fffffff)),
                                   constant(0x7f800000));
    Value *quiet = b.CreateOr(bits, constant(0x400000));
    rounded = b.CreateSelect(isNaN, quiet, rounded);
    return b.CreateBitCast(
        b.CreateTrunc(b.CreateLShr(rounded, constant(16)), half),
        instruction.getType());
  }
  Value *convertToBrainFloats() { return roundToBrainFloat(operands[0]); }

  IRBuilder<> b;
  Instruction &instruction;
  bool isX86;
  SmallVector<Value *> operands;
};

/// By name, behind that of the machine; a name that ends with a dot is a
/// beginning.
const std::array<std::pair<StringRef, Emulator::Way>, 24> Emulator::known = {{
    {"avx512.vpdpbusd.", &Emulator::unsignedBySigned},
    {"avx512.pmaddw.d.512", &Emulator::pairsOfWords},
    {"avx2.pmadd.wd", &Emulator::pairsOfWords},
    {"sse2.pmadd.wd", &Emulator::pairsOfWords},
    {"avx2.pmadd.ub.sw", &Emulator::pairsOfBytes},
    {"ssse3.pmadd.ub.sw.128", &Emulator::pairsOfBytes},
    {"avx2.psign.b", &Emulator::takeSign},
    {"ssse3.psign.b.128", &Emulator::takeSign},
    {"avx512bf16.dpbf16ps.", &Emulator::pairsOfBrainFloats},
    {"avx512bf16.cvtneps2bf16.512", &Emulator::convertToBrainFloats},
    {"avx512bf16.cvtneps2bf16.256", &Emulator::convertToBrainFloats},
    {"sdot.", &Emulator::signedBySigned},
    {"udot.", &Emulator::unsignedByUnsigned},
    {"usdot.", &Emulator::unsignedBySigned},
    {"smmla.", &Emulator::signedMatrices},
    {"usmmla.", &Emulator::mixedMatrices},
    {"bfdot.", &Emulator::armPairs},
    {"bfmmla", &Emulator::armMatrices},
    {"sse41.round.ps", &Emulator::roundWhole},
    {"sse41.round.pd", &Emulator::roundWhole},
    {"smin.", &Emulator::signedLess},
    {"smax.", &Emulator::signedMore},
    {"umin.", &Emulator::unsignedLess},
    {"umax.", &Emulator::unsignedMore},
}};

} // namespace

namespace {

/// Functions that compute instructions, one for each. What they mean is not put
/// in their place: LLVM would select instructions of an unrolled loop for
/// minutes.
class Outliner {
public:
  Outliner(Module &module, const TargetDescription &native)
      : module(module), native(native),
        isX86(module.getTargetTriple().isX86()) {}

  static bool isForeign(const Instruction &instruction) {
    if (isa<FPTruncInst>(instruction))
      return instruction.getType()->getScalarType()->isBFloatTy();
    auto *call = dyn_cast<IntrinsicInst>(&instruction);
    StringRef name = call ? call->getCalledFunction()->getName() : "";
    return name.starts_with("llvm.x86.") ||
           name.starts_with("llvm.aarch64.neon.");
  }

  Error replace(Instruction &instruction) {
    SmallVector<Value *> arguments;
    for (Use &use : operandsOf(instruction))
      if (!isa<ConstantInt>(use))
        arguments.push_back(use);
    Function *&function = functions[keyOf(instruction)];
    if (!function)
      if (Error error = outline(instruction, arguments, function))
        return error;
    auto *call =
        CallInst::Create(function, arguments, "", instruction.getIterator());
    instruction.replaceAllUsesWith(call);
    instruction.eraseFromParent();
    return Error::success();
  }

  void retarget(Function &function) const {
    for (const char *name : {"target-cpu", "target-features", "tune-cpu",
                             "prefer-vector-width", "min-legal-vector-width"})
      function.removeFnAttr(name);
    function.addFnAttr("target-cpu", native.processor);
    function.addFnAttr("target-features", native.features);
  }

private:
  static iterator_range<Use *> operandsOf(Instruction &instruction) {
    if (auto *call = dyn_cast<CallBase>(&instruction))
      return call->args();
    return instruction.operands();
  }

  /// Name and types, and the numbers that are part of the instruction.
  static std::string keyOf(Instruction &instruction) {
    std::string key;
    raw_string_ostream stream(key);
    if (auto *call = dyn_cast<CallBase>(&instruction))
      stream << call->getCalledFunction()->getName();
    else
      stream << *instruction.getOperand(0)->getType();
    for (Use &use : operandsOf(instruction))
      if (auto *number = dyn_cast<ConstantInt>(use))
        stream << ',' << number->getZExtValue();
    return key;
  }

  Error outline(Instruction &instruction, ArrayRef<Value *> arguments,
                Function *&function) {
    SmallVector<Type *> types;
    for (Value *argument : arguments)
      types.push_back(argument->getType());
    function = Function::Create(
        FunctionType::get(instruction.getType(), types, /*isVarArg=*/false),
        GlobalValue::InternalLinkage, "emulated", module);
    function->addFnAttr(Attribute::NoInline);
    retarget(*function);
    IRBuilder<> builder(BasicBlock::Create(module.getContext(), "", function));
    Instruction *copy = builder.Insert(instruction.clone());
    unsigned number = 0;
    for (Use &use : operandsOf(*copy))
      if (!isa<ConstantInt>(use))
        use.set(function->getArg(number++));
    builder.CreateRet(copy);
    Emulator emulator(*copy, isX86);
    Value *value = emulator.emulate();
    if (!value)
      return createStringError(
          "%s is not emulated: add it to EmulateInstructions.cpp",
          keyOf(instruction).c_str());
    copy->replaceAllUsesWith(value);
    copy->eraseFromParent();
    return Error::success();
  }

  Module &module;
  const TargetDescription &native;
  bool isX86;
  std::map<std::string, Function *> functions;
};

} // namespace

Error test::emulateInstructions(Module &module) {
  Expected<TargetDescription> native = describeTarget("native");
  if (!native)
    return native.takeError();
  auto machine = createTargetMachine(*native);
  if (!machine)
    return machine.takeError();
  Outliner outliner(module, *native);
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  SmallVector<Instruction *> foreign;
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    outliner.retarget(function);
    for (Instruction &instruction : instructions(function))
      if (Outliner::isForeign(instruction))
        foreign.push_back(&instruction);
  }
  for (Instruction *instruction : foreign)
    if (Error error = outliner.replace(*instruction))
      return error;
  std::string message;
  raw_string_ostream stream(message);
  if (verifyModule(module, &stream))
    return createStringError("emulated code is not well-formed: %s",
                             message.c_str());
  return Error::success();
}
