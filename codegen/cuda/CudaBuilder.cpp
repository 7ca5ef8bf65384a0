//===- CudaBuilder.cpp - What CUDA kernels are written with -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/CudaBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace sinter;

/// The address spaces of NVPTX.
static constexpr unsigned globalSpace = 1, sharedSpace = 3, clusterSpace = 7;

/// The name of what a launch gives a block of shared memory.
static constexpr StringLiteral sharedName = "sinter_shared";

func::FuncOp CudaBuilder::beginKernel(StringRef name, ArrayRef<Type> arguments,
                                      int64_t threads, int64_t blocks) {
  func::FuncOp function = beginFunction(name, arguments, /*isPublic=*/true);
  function->setAttr(threadsAttribute, getI64IntegerAttr(threads));
  function->setAttr(blocksAttribute, getI64IntegerAttr(blocks));
  return function;
}

Value CudaBuilder::thread() {
  Value number = NVVM::ThreadIdXOp::create(*this, getI32Type());
  return arith::ExtUIOp::create(*this, indexType(), number);
}

Value CudaBuilder::block(int64_t axis) {
  Value number =
      axis == 0   ? Value(NVVM::BlockIdXOp::create(*this, getI32Type()))
      : axis == 1 ? Value(NVVM::BlockIdYOp::create(*this, getI32Type()))
                  : Value(NVVM::BlockIdZOp::create(*this, getI32Type()));
  return arith::ExtUIOp::create(*this, indexType(), number);
}

Value CudaBuilder::shared(int64_t offset) {
  if (!module.lookupSymbol(sharedName)) {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(module.getBody());
    LLVM::GlobalOp::create(*this, LLVM::LLVMArrayType::get(getI8Type(), 0),
                           /*isConstant=*/false, LLVM::Linkage::External,
                           sharedName, Attribute(), /*alignment=*/1024,
                           sharedSpace);
  }
  Value start = LLVM::AddressOfOp::create(
      *this, LLVM::LLVMPointerType::get(getContext(), sharedSpace), sharedName);
  return bytesFrom(start, offset);
}

Value CudaBuilder::asGlobal(Value pointer) {
  return LLVM::AddrSpaceCastOp::create(
      *this, LLVM::LLVMPointerType::get(getContext(), globalSpace), pointer);
}

Value CudaBuilder::loadConstant(Type type, Value pointer, int64_t alignment) {
  return LLVM::LoadOp::create(*this, type, pointer, unsigned(alignment),
                              /*isVolatile=*/false, /*isNonTemporal=*/false,
                              /*isInvariant=*/true);
}

//===----------------------------------------------------------------------===//
// Threads of a block
//===----------------------------------------------------------------------===//

void CudaBuilder::wait() { NVVM::BarrierOp::create(*this); }

void CudaBuilder::waitNamed(int64_t barrier, int64_t threads) {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(*this, value, 32);
  };
  NVVM::BarrierOp::create(*this, TypeRange(), number(barrier), number(threads),
                          NVVM::BarrierReductionAttr(), Value());
}

Value CudaBuilder::exchange(Value value, int64_t mask) {
  auto number = [&](int64_t bits) -> Value {
    return arith::ConstantIntOp::create(*this, bits, 32);
  };
  return NVVM::ShflOp::create(*this, value.getType(), number(-1), value,
                              number(mask), number(31), NVVM::ShflKind::bfly,
                              UnitAttr());
}

Value CudaBuilder::takeFrom(Value value, Value lane) {
  auto number = [&](int64_t bits) -> Value {
    return arith::ConstantIntOp::create(*this, bits, 32);
  };
  return NVVM::ShflOp::create(*this, value.getType(), number(-1), value,
                              asInteger(lane), number(31), NVVM::ShflKind::idx,
                              UnitAttr());
}

Value CudaBuilder::sumOfLanes(Value value, int64_t lanes) {
  for (int64_t mask = lanes / 2; mask > 0; mask /= 2)
    value = add(value, exchange(value, mask));
  return value;
}

Value CudaBuilder::maximumOfLanes(Value value, int64_t lanes) {
  for (int64_t mask = lanes / 2; mask > 0; mask /= 2)
    value = arith::MaxNumFOp::create(*this, value, exchange(value, mask));
  return value;
}

//===----------------------------------------------------------------------===//
// Copies and matrices
//===----------------------------------------------------------------------===//

void CudaBuilder::copyAsync(Value shared, Value global, Value count) {
  // Past the first cache: what comes is for shared memory alone.
  NVVM::CpAsyncOp::create(*this, shared, asGlobal(global), 16,
                          NVVM::LoadCacheModifierKind::CG, count);
}

void CudaBuilder::endCopies() { NVVM::CpAsyncCommitGroupOp::create(*this); }

void CudaBuilder::waitForCopies(int64_t groups) {
  NVVM::CpAsyncWaitGroupOp::create(*this, uint32_t(groups));
}

SmallVector<Value> CudaBuilder::loadMatrices(Value pointer, bool transposed) {
  SmallVector<Type> four(4, getI32Type());
  Value loaded = NVVM::LdMatrixOp::create(
      *this, LLVM::LLVMStructType::getLiteral(getContext(), four), pointer,
      /*num=*/4, transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      NVVM::LdStMatrixShapeAttr::get(getContext(), 8, 8),
      NVVM::LdStMatrixEltType::B16);
  SmallVector<Value> registers;
  for (int64_t i = 0; i < 4; ++i)
    registers.push_back(elementOf(loaded, i));
  return registers;
}

SmallVector<Value> CudaBuilder::multiply(ValueRange rows, ValueRange columns,
                                         ValueRange sums) {
  SmallVector<Type> four(4, getF32Type());
  Value product = NVVM::MmaOp::create(
      *this, LLVM::LLVMStructType::getLiteral(getContext(), four), rows,
      columns, sums, ArrayRef<int64_t>{16, 8, 16}, std::nullopt, std::nullopt,
      std::array{NVVM::MMATypes::bf16, NVVM::MMATypes::bf16},
      std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  SmallVector<Value> results;
  for (int64_t i = 0; i < 4; ++i)
    results.push_back(elementOf(product, i));
  return results;
}

//===----------------------------------------------------------------------===//
// Warpgroups
//===----------------------------------------------------------------------===//

void CudaBuilder::makeBarrier(Value barrier, int64_t count) {
  NVVM::MBarrierInitOp::create(*this, barrier, asInteger(index(count)),
                               /*predicate=*/Value());
}

void CudaBuilder::publishBarriers() {
  NVVM::FenceMbarrierInitOp::create(*this);
}

void CudaBuilder::arrive(Value barrier) {
  NVVM::MBarrierArriveOp::create(*this, getI64Type(), barrier,
                                 /*count=*/Value());
}

void CudaBuilder::arriveExpecting(Value barrier, Value bytes) {
  NVVM::MBarrierArriveExpectTxOp::create(*this, TypeRange(), barrier, bytes,
                                         NVVM::MemScopeKind::CTA,
                                         /*relaxed=*/false,
                                         /*predicate=*/Value());
}

void CudaBuilder::waitForPhase(Value barrier, Value parity) {
  // The hint of how long a thread may sleep, in ns: long.
  NVVM::MBarrierTryWaitParityOp::create(*this, barrier, parity,
                                        asInteger(index(0x989680)));
}

void CudaBuilder::copyBulk(Value shared, Value global, Value bytes,
                           Value barrier) {
  // A block's own memory is part of its cluster's: older PTX has no copy that
  // says less.
  Value destination = LLVM::AddrSpaceCastOp::create(
      *this, LLVM::LLVMPointerType::get(getContext(), clusterSpace), shared);
  NVVM::CpAsyncBulkGlobalToSharedClusterOp::create(
      *this, destination, asGlobal(global), barrier, bytes,
      /*multicastMask=*/Value(), /*l2CacheHint=*/Value());
}

void CudaBuilder::publishToCopies() {
  NVVM::FenceProxyOp::create(
      *this,
      NVVM::ProxyKindAttr::get(getContext(), NVVM::ProxyKind::async_shared),
      NVVM::SharedSpaceAttr::get(getContext(), NVVM::SharedSpace::shared_cta));
}

Value CudaBuilder::describeOperand(Value shared, int64_t alongInputs,
                                   int64_t alongRows) {
  // PTX ISA, "Matrix Descriptor": addresses and distances in 16 bytes, of 14
  // bits each.
  Value address = LLVM::PtrToIntOp::create(*this, getI64Type(), shared);
  Value place = arith::ShRUIOp::create(
      *this, arith::AndIOp::create(*this, address, index(0x3ffff)), index(4));
  int64_t distances = alongInputs / 16 << 16 | alongRows / 16 << 32;
  return arith::OrIOp::create(*this, place, index(distances));
}

Type CudaBuilder::warpgroupSums(int64_t columns) {
  SmallVector<Type> types(columns / 2, getF32Type());
  return LLVM::LLVMStructType::getLiteral(getContext(), types);
}

Value CudaBuilder::multiplyWarpgroup(Value rows, Value columns, Value sums) {
  auto type = cast<LLVM::LLVMStructType>(sums.getType());
  auto bf16 = NVVM::WGMMATypesAttr::get(getContext(), NVVM::WGMMATypes::bf16);
  auto one = NVVM::WGMMAScaleInAttr::get(getContext(), NVVM::WGMMAScaleIn::one);
  return NVVM::WgmmaMmaAsyncOp::create(
      *this, type, sums, rows, columns,
      NVVM::MMAShapeAttr::get(getContext(), 64, int(type.getBody().size()) * 2,
                              16),
      bf16, bf16,
      NVVM::WGMMATypesAttr::get(getContext(), NVVM::WGMMATypes::f32),
      NVVM::WGMMAScaleOutAttr::get(getContext(), NVVM::WGMMAScaleOut::one), one,
      one, NVVM::MMALayoutAttr::get(getContext(), NVVM::MMALayout::row),
      NVVM::MMALayoutAttr::get(getContext(), NVVM::MMALayout::col),
      NVVM::MMAIntOverflowAttr());
}

void CudaBuilder::beginProducts() { NVVM::WgmmaFenceAlignedOp::create(*this); }

void CudaBuilder::endProducts() {
  NVVM::WgmmaGroupSyncAlignedOp::create(*this);
}

void CudaBuilder::waitForProducts(int64_t groups) {
  NVVM::WgmmaWaitGroupSyncOp::create(*this, uint64_t(groups));
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Value CudaBuilder::packBrainFloats(Value first, Value second) {
  Value pair = vectorOf({first, second});
  Value rounded =
      arith::TruncFOp::create(*this, vectorType(2, getBF16Type()), pair);
  return LLVM::BitcastOp::create(*this, getI32Type(), rounded);
}

Value CudaBuilder::multiplyAddPairs(Value factors, Value others,
                                    Value addends) {
  Type pair = vectorType(2, getBF16Type());
  auto of = [&](Value bits) -> Value {
    return LLVM::BitcastOp::create(*this, pair, bits);
  };
  Value result =
      LLVM::FMAOp::create(*this, of(factors), of(others), of(addends));
  return LLVM::BitcastOp::create(*this, getI32Type(), result);
}

std::pair<Value, Value> CudaBuilder::sortHalves(Value first, Value second) {
  // As shuffles, which become `prmt`: shifts and masks would not.
  Type halves = vectorType(2, getI16Type());
  Value one = LLVM::BitcastOp::create(*this, halves, first);
  Value other = LLVM::BitcastOp::create(*this, halves, second);
  auto take = [&](int64_t half) -> Value {
    Value both = vector::ShuffleOp::create(*this, one, other,
                                           ArrayRef<int64_t>{half, half + 2});
    return LLVM::BitcastOp::create(*this, getI32Type(), both);
  };
  Value lower = take(0);
  return {lower, take(1)};
}

Value CudaBuilder::takeBits(Value word, int64_t shift, uint32_t mask,
                            uint32_t bits) {
  if (shift > 0)
    word = arith::ShRUIOp::create(*this, word, integer(uint32_t(shift)));
  if (bits == 0)
    return arith::AndIOp::create(*this, word, integer(mask));
  // Said as one instruction: of two constants ptxas would make two.
  return LLVM::InlineAsmOp::create(
             *this, getI32Type(),
             ValueRange{word, integer(mask), integer(bits)}, takeBitsText,
             "=r,r,r,r", /*has_side_effects=*/false,
             /*is_align_stack=*/false, LLVM::TailCallKind::None,
             LLVM::AsmDialectAttr(), ArrayAttr())
      .getRes();
}

Value CudaBuilder::integer(uint32_t number) {
  return arith::ConstantOp::create(*this, getI32IntegerAttr(int32_t(number)));
}

Value CudaBuilder::asInteger(Value index) {
  return arith::TruncIOp::create(*this, getI32Type(), index);
}

void CudaBuilder::ifEqual(Value lhs, Value rhs,
                          llvm::function_ref<void()> body) {
  ifTrue(arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, lhs, rhs),
         body);
}

Value CudaBuilder::constant(double number) {
  return arith::ConstantOp::create(*this, getF32FloatAttr(float(number)));
}

Value CudaBuilder::isLess(Value lhs, Value rhs) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, lhs, rhs);
}

Value CudaBuilder::choose(Value condition, Value onTrue, Value onFalse) {
  return arith::SelectOp::create(*this, condition, onTrue, onFalse);
}

Value CudaBuilder::elementOf(Value vector, int64_t position) {
  if (isa<LLVM::LLVMStructType>(vector.getType()))
    return LLVM::ExtractValueOp::create(*this, vector,
                                        ArrayRef<int64_t>{position});
  return vector::ExtractOp::create(*this, vector, position);
}

Value CudaBuilder::vectorOf(ValueRange elements) {
  return vector::FromElementsOp::create(
      *this, vectorType(elements.size(), elements.front().getType()), elements);
}
