//===- KernelBuilder.cpp - What kernels are written with -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sinter;

KernelBuilder::KernelBuilder(ModuleOp module)
    : ImplicitLocOpBuilder(UnknownLoc::get(module.getContext()),
                           module.getContext()) {
  setInsertionPointToEnd(module.getBody());
}

Type KernelBuilder::pointerType() {
  return LLVM::LLVMPointerType::get(getContext());
}

func::FuncOp KernelBuilder::beginFunction(StringRef name,
                                          ArrayRef<Type> arguments,
                                          bool isPublic) {
  auto function =
      func::FuncOp::create(*this, name, getFunctionType(arguments, {}));
  function.setVisibility(isPublic ? SymbolTable::Visibility::Public
                                  : SymbolTable::Visibility::Private);
  afterFunction = saveInsertionPoint();
  setInsertionPointToStart(function.addEntryBlock());
  return function;
}

void KernelBuilder::endFunction() {
  func::ReturnOp::create(*this);
  restoreInsertionPoint(afterFunction);
}

func::FuncOp KernelBuilder::declareFunction(StringRef name,
                                            ArrayRef<Type> arguments) {
  auto function =
      func::FuncOp::create(*this, name, getFunctionType(arguments, {}));
  function.setPrivate();
  return function;
}

void KernelBuilder::call(func::FuncOp function, ValueRange arguments) {
  func::CallOp::create(*this, function, arguments);
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Value KernelBuilder::index(int64_t number) {
  return arith::ConstantIntOp::create(*this, number, 64);
}

static bool isOfFloats(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}

Value KernelBuilder::add(Value lhs, Value rhs) {
  if (isOfFloats(lhs))
    return createOrFold<arith::AddFOp>(lhs, rhs);
  return createOrFold<arith::AddIOp>(lhs, rhs);
}

Value KernelBuilder::sub(Value lhs, Value rhs) {
  if (isOfFloats(lhs))
    return createOrFold<arith::SubFOp>(lhs, rhs);
  return createOrFold<arith::SubIOp>(lhs, rhs);
}

Value KernelBuilder::mul(Value lhs, Value rhs) {
  if (isOfFloats(lhs))
    return createOrFold<arith::MulFOp>(lhs, rhs);
  return createOrFold<arith::MulIOp>(lhs, rhs);
}

Value KernelBuilder::mul(Value lhs, int64_t rhs) {
  return mul(lhs, index(rhs));
}

Value KernelBuilder::div(Value lhs, Value rhs) {
  return createOrFold<arith::DivUIOp>(lhs, rhs);
}

Value KernelBuilder::rem(Value lhs, Value rhs) {
  return createOrFold<arith::RemUIOp>(lhs, rhs);
}

Value KernelBuilder::min(Value lhs, Value rhs) {
  return createOrFold<arith::MinSIOp>(lhs, rhs);
}

Value KernelBuilder::max(Value lhs, Value rhs) {
  return createOrFold<arith::MaxSIOp>(lhs, rhs);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value KernelBuilder::bytesFrom(Value pointer, Value offset) {
  return elementsFrom(pointer, offset, getI8Type());
}

Value KernelBuilder::bytesFrom(Value pointer, int64_t offset) {
  return elementsFrom(pointer, offset, getI8Type());
}

Value KernelBuilder::elementsFrom(Value pointer, Value offset,
                                  Type elementType) {
  // Of the pointer's own address space.
  return LLVM::GEPOp::create(*this, pointer.getType(), elementType, pointer,
                             ValueRange{offset}, pointerFlags);
}

Value KernelBuilder::elementsFrom(Value pointer, int64_t offset,
                                  Type elementType) {
  if (offset == 0)
    return pointer;
  return elementsFrom(pointer, index(offset), elementType);
}

static int64_t alignmentOf(Type type, int64_t alignment) {
  if (alignment)
    return alignment;
  // What the narrowest of the machines' pointers have.
  if (isa<LLVM::LLVMPointerType>(type))
    return 4;
  return llvm::divideCeil(getElementTypeOrSelf(type).getIntOrFloatBitWidth(),
                          8);
}

Value KernelBuilder::load(Type type, Value pointer, int64_t alignment) {
  return LLVM::LoadOp::create(*this, type, pointer,
                              alignmentOf(type, alignment));
}

void KernelBuilder::store(Value value, Value pointer, int64_t alignment) {
  LLVM::StoreOp::create(*this, value, pointer,
                        alignmentOf(value.getType(), alignment));
}

void KernelBuilder::storeFirst(Value vector, int64_t lanes, Value pointer) {
  auto type = cast<VectorType>(vector.getType());
  if (lanes >= type.getNumElements())
    return store(vector, pointer);
  LLVM::MaskedStoreOp::create(*this, vector, pointer,
                              firstLanes(lanes, type.getNumElements()),
                              alignmentOf(type, 0));
}

Value KernelBuilder::loadInteger(Value pointer, Value offset) {
  Type type = getI32Type();
  Value number = load(type, elementsFrom(pointer, offset, type));
  return arith::ExtSIOp::create(*this, getI64Type(), number);
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value KernelBuilder::zero(Type type) {
  return arith::ConstantOp::create(*this, getZeroAttr(type));
}

Value KernelBuilder::broadcast(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(*this, vectorType(lanes, scalar.getType()),
                                     scalar);
}

Value KernelBuilder::fusedMultiplyAdd(Value lhs, Value rhs, Value sum) {
  return vector::FMAOp::create(*this, lhs, rhs, sum);
}

Value KernelBuilder::callIntrinsic(const Twine &name, ValueRange operands,
                                   Type result) {
  return LLVM::CallIntrinsicOp::create(
             *this, TypeRange{result}, getStringAttr(name), operands,
             LLVM::FastmathFlagsAttr::get(getContext(),
                                          LLVM::FastmathFlags::none))
      .getResult(0);
}

Value KernelBuilder::firstLanes(int64_t used, int64_t lanes) {
  SmallVector<bool> mask(lanes, false);
  std::fill_n(mask.begin(), used, true);
  return arith::ConstantOp::create(
      *this, DenseElementsAttr::get(vectorType(lanes, getI1Type()), mask));
}

Value KernelBuilder::sumLanes(Value vector) {
  return vector::ReductionOp::create(*this, vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

SmallVector<Value> KernelBuilder::loop(Value begin, Value end, int64_t step,
                                       ValueRange carried, LoopBody body,
                                       bool keepRolled) {
  auto loop =
      scf::ForOp::create(*this, begin, end, index(step), carried,
                         [&](OpBuilder &nested, Location location, Value index,
                             ValueRange values) {
                           OpBuilder::InsertionGuard guard(*this);
                           restoreInsertionPoint(nested.saveInsertionPoint());
                           SmallVector<Value> next = body(index, values);
                           scf::YieldOp::create(*this, next);
                         });
  if (keepRolled) {
    auto disable = LLVM::LoopUnrollAttr::get(
        getContext(), /*disable=*/getBoolAttr(true), /*count=*/{},
        /*runtimeDisable=*/{}, /*full=*/{}, /*followupUnrolled=*/{},
        /*followupRemainder=*/{}, /*followupAll=*/{});
    loop->setAttr("loop_annotation",
                  LLVM::LoopAnnotationAttr::get(
                      getContext(), /*disableNonforced=*/{}, /*vectorize=*/{},
                      /*interleave=*/{}, disable, {}, {}, {}, {}, {}, {}, {},
                      {}, {}, {}, {}));
  }
  return SmallVector<Value>(loop.getResults());
}

void KernelBuilder::loop(Value begin, Value end, int64_t step,
                         llvm::function_ref<void(Value)> body) {
  loop(begin, end, step, {}, [&](Value index, ValueRange) {
    body(index);
    return SmallVector<Value>();
  });
}

void KernelBuilder::ifLess(Value lhs, Value rhs,
                           llvm::function_ref<void()> body) {
  ifTrue(arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, lhs, rhs),
         body);
}

void KernelBuilder::ifGiven(Value pointer, llvm::function_ref<void()> body) {
  ifTrue(isGiven(pointer), body);
}

void KernelBuilder::ifAnyRow(Value table, Value rows, int64_t width,
                             Value column, llvm::function_ref<void()> body) {
  Value no = arith::ConstantOp::create(*this, getBoolAttr(false));
  Value any = loop(index(0), rows, 1, no, [&](Value row, ValueRange found) {
                Value at = add(mul(row, width), column);
                Value element =
                    load(getF32Type(), elementsFrom(table, at, getF32Type()));
                // What is no number counts as chosen.
                Value isChosen =
                    arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE,
                                          element, zero(getF32Type()));
                return SmallVector<Value>{
                    arith::OrIOp::create(*this, found.front(), isChosen)};
              }).front();
  ifTrue(any, body);
}

Value KernelBuilder::unlessNull(Value pointer, Value value) {
  Value null = LLVM::ZeroOp::create(*this, pointerType());
  return LLVM::SelectOp::create(*this, isGiven(pointer), value, null);
}

Value KernelBuilder::isGiven(Value pointer) {
  Value null = LLVM::ZeroOp::create(*this, pointerType());
  return LLVM::ICmpOp::create(*this, LLVM::ICmpPredicate::ne, pointer, null);
}

void KernelBuilder::ifTrue(Value condition, llvm::function_ref<void()> body) {
  auto op = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPoint(op.thenBlock()->getTerminator());
  body();
}

void KernelBuilder::select(Value value, int64_t begin, int64_t end,
                           llvm::function_ref<void(int64_t)> body) {
  if (begin >= end)
    return;
  Value asIndex = arith::IndexCastOp::create(*this, getIndexType(), value);
  SmallVector<int64_t> cases = llvm::to_vector(llvm::seq(begin, end));
  auto op = scf::IndexSwitchOp::create(*this, TypeRange(), asIndex, cases,
                                       int64_t(cases.size()));
  OpBuilder::InsertionGuard guard(*this);
  for (auto [number, region] : llvm::zip(cases, op.getCaseRegions())) {
    setInsertionPointToStart(&region.emplaceBlock());
    body(number);
    scf::YieldOp::create(*this);
  }
  setInsertionPointToStart(&op.getDefaultRegion().emplaceBlock());
  scf::YieldOp::create(*this);
}

SmallVector<int64_t> sinter::cutIntoVectors(int64_t size, int64_t lanes) {
  SmallVector<int64_t> cut(size / lanes, lanes);
  for (int64_t rest = size % lanes; rest; rest -= cut.back())
    cut.push_back(llvm::bit_floor(uint64_t(rest)));
  return cut;
}
