//===- CudaBuilder.h - What CUDA kernels are written with -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_CUDA_CUDABUILDER_H
#define SINTER_CODEGEN_CUDA_CUDABUILDER_H

#include "codegen/kernels/KernelBuilder.h"

namespace sinter {

/// A kernel, and what a launch of it needs to know.
struct CudaKernel {
  mlir::func::FuncOp function;
  /// Threads of a block, and bytes of shared memory that a launch gives it.
  int64_t threads = 0, sharedBytes = 0;
};

/// Writes kernels for NVIDIA GPUs: functions that every thread of a grid runs,
/// with what threads of a block have together. Each method beside those of
/// `KernelBuilder` is an operation of MLIR's `nvvm` dialect; the PTX ISA says
/// what it does. Pointers that a kernel takes are to global memory.
class CudaBuilder : public KernelBuilder {
public:
  static constexpr int64_t warpThreads = 32;
  /// What marks a kernel: threads of its blocks, and how many blocks should fit
  /// a multiprocessor.
  static constexpr llvm::StringLiteral threadsAttribute = "sinter.threads";
  static constexpr llvm::StringLiteral blocksAttribute = "sinter.blocks";

  explicit CudaBuilder(mlir::ModuleOp module)
      : KernelBuilder(module), module(module) {}

  /// A kernel of blocks of so many threads. At least `blocks` of them should
  /// fit a multiprocessor: what registers they may take follows from that.
  mlir::func::FuncOp beginKernel(llvm::StringRef name,
                                 llvm::ArrayRef<Type> arguments,
                                 int64_t threads, int64_t blocks = 1);

  /// Which thread of its block, and which block of its grid along an axis.
  Value thread();
  Value block(int64_t axis = 0);

  /// `offset` bytes into the block's shared memory.
  Value shared(int64_t offset = 0);
  /// A pointer to global memory, as copies want it.
  Value asGlobal(Value pointer);
  /// Loads what no kernel writes while this one runs, past the cache that is
  /// for data of the block's own.
  Value loadConstant(Type type, Value pointer, int64_t alignment);

  /// All threads of the block wait for all; of `threads` of them, for those
  /// that name the same barrier.
  void wait();
  void waitNamed(int64_t barrier, int64_t threads);
  /// What the lane whose number differs in the bits of `mask` holds: f32 or
  /// i32.
  Value exchange(Value value, int64_t mask);
  /// What a lane holds.
  Value takeFrom(Value value, Value lane);
  /// Sum or largest over the 2^k lanes whose numbers differ below `lanes`.
  Value sumOfLanes(Value value, int64_t lanes = warpThreads);
  Value maximumOfLanes(Value value, int64_t lanes = warpThreads);

  /// Copies 16 bytes from global to shared memory, later. If `count` is given,
  /// an i32, that many, and zeros for the rest.
  void copyAsync(Value shared, Value global, Value count = {});
  void endCopies();
  /// Until no more than `groups` of the groups that `endCopies` ends are on
  /// their way.
  void waitForCopies(int64_t groups);

  /// Four 8x8 matrices of 16 bits, of whose rows each lane gives one's place:
  /// four i32 (ldmatrix). `transposed`: of their transposes.
  llvm::SmallVector<Value> loadMatrices(Value pointer, bool transposed = false);
  /// sums + rows * columns, bf16 into f32: [16, 16] in four i32 by [16, 8] in
  /// two, in the layout of mma.m16n8k16.
  llvm::SmallVector<Value> multiply(mlir::ValueRange rows,
                                    mlir::ValueRange columns,
                                    mlir::ValueRange sums);

  //===--- GPUs with warpgroups (sm_90a) ---===//

  /// A barrier at eight bytes of shared memory, for `count` arrivals a phase;
  /// `publishBarriers` makes those that a thread has made known.
  void makeBarrier(Value barrier, int64_t count);
  void publishBarriers();
  void arrive(Value barrier);
  /// Arrives, and makes the phase wait for so many bytes of copies, an i32.
  void arriveExpecting(Value barrier, Value bytes);
  /// Until the phase of that parity, an i32, has ended.
  void waitForPhase(Value barrier, Value parity);
  /// Copies a stretch of memory, later: `bytes`, an i32, a multiple of 16. The
  /// barrier counts them.
  void copyBulk(Value shared, Value global, Value bytes, Value barrier);
  /// What was stored in shared memory is seen by copies and `wgmma`.
  void publishToCopies();

  /// What `wgmma` needs to know of an operand in shared memory without swizzle:
  /// matrices of eight rows of 16 bytes, `alongInputs` and `alongRows` bytes
  /// from one to the next.
  Value describeOperand(Value shared, int64_t alongInputs, int64_t alongRows);
  /// A struct of the sums that a thread of a warpgroup has of [64, columns].
  Type warpgroupSums(int64_t columns);
  /// sums + rows * columns of sixteen inputs, bf16 into f32, later: the sums
  /// are there once `waitForProducts` says so.
  Value multiplyWarpgroup(Value rows, Value columns, Value sums);
  void beginProducts();
  void endProducts();
  void waitForProducts(int64_t groups);

  /// Two f32 as bf16 in an i32, the first in its lower half.
  Value packBrainFloats(Value first, Value second);

  /// Of two bf16 each, in an i32: factors * others + addends, rounded once.
  Value multiplyAddPairs(Value factors, Value others, Value addends);
  /// The lower halves of two i32, and the upper ones: the first's stay lower.
  std::pair<Value, Value> sortHalves(Value first, Value second);
  /// (word >> shift) & mask | bits, of an i32: `lop3`, as text.
  static constexpr llvm::StringLiteral takeBitsText =
      "lop3.b32 $0, $1, $2, $3, 0xea;";
  Value takeBits(Value word, int64_t shift, uint32_t mask, uint32_t bits);
  Value integer(uint32_t number); ///< an i32

  Value asInteger(Value index); ///< an i64 as an i32
  void ifEqual(Value lhs, Value rhs, llvm::function_ref<void()> body);
  Value constant(double number); ///< an f32
  /// `lhs < rhs`, of integers.
  Value isLess(Value lhs, Value rhs);
  Value choose(Value condition, Value onTrue, Value onFalse);

  /// An element of a vector or a struct.
  Value elementOf(Value vector, int64_t position);
  /// A vector of scalars.
  Value vectorOf(mlir::ValueRange elements);

private:
  mlir::ModuleOp module;
};

} // namespace sinter

#endif // SINTER_CODEGEN_CUDA_CUDABUILDER_H
