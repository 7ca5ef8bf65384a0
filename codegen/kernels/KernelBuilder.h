//===- KernelBuilder.h - What kernels are written with -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_KERNELS_KERNELBUILDER_H
#define SINTER_CODEGEN_KERNELS_KERNELBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace sinter {

/// Writes functions of scf loops, vectors and plain pointers. Numbers are i64,
/// memory is reached by byte or element offsets from pointers: no descriptors
/// stand between a kernel and its registers.
class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;

  /// Builds at the end of `module`.
  explicit KernelBuilder(mlir::ModuleOp module);

  Type pointerType();
  Type indexType() { return getI64Type(); }
  mlir::VectorType vectorType(int64_t lanes, Type elementType) {
    return mlir::VectorType::get({lanes}, elementType);
  }

  /// A function without result; the body is written by the caller, between
  /// `beginFunction` and `endFunction`.
  mlir::func::FuncOp beginFunction(llvm::StringRef name,
                                   llvm::ArrayRef<Type> arguments,
                                   bool isPublic = false);
  void endFunction();
  /// Declares a function that is defined elsewhere.
  mlir::func::FuncOp declareFunction(llvm::StringRef name,
                                     llvm::ArrayRef<Type> arguments);
  void call(mlir::func::FuncOp function, mlir::ValueRange arguments);

  Value index(int64_t number);
  /// Of integers or floats, also of vectors of them.
  Value add(Value lhs, Value rhs);
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value mul(Value lhs, int64_t rhs);
  Value div(Value lhs, Value rhs); ///< of numbers that are not negative
  Value rem(Value lhs, Value rhs); ///< of numbers that are not negative
  Value min(Value lhs, Value rhs);
  Value max(Value lhs, Value rhs);

  /// Pointers are numbers from here on, which need not stand in any object: the
  /// addresses of a device.
  void moveAnywhere() { pointerFlags = mlir::LLVM::GEPNoWrapFlags::none; }
  /// `pointer + offset`, counted in bytes.
  Value bytesFrom(Value pointer, Value offset);
  Value bytesFrom(Value pointer, int64_t offset);
  /// `pointer + offset`, counted in elements of `elementType`.
  Value elementsFrom(Value pointer, Value offset, Type elementType);
  Value elementsFrom(Value pointer, int64_t offset, Type elementType);

  /// Loads or stores a scalar or a vector; `alignment` in bytes, 0 for that of
  /// one element.
  Value load(Type type, Value pointer, int64_t alignment = 0);
  void store(Value value, Value pointer, int64_t alignment = 0);
  /// Stores the first `lanes` elements of a vector.
  void storeFirst(Value vector, int64_t lanes, Value pointer);
  /// An i32 from memory, as an i64.
  Value loadInteger(Value pointer, Value offset);

  Value zero(Type type);
  Value broadcast(Value scalar, int64_t lanes);
  Value fusedMultiplyAdd(Value lhs, Value rhs, Value sum);
  /// Calls an instruction by the name of LLVM's intrinsic.
  Value callIntrinsic(const llvm::Twine &name, mlir::ValueRange operands,
                      Type result);
  /// A mask of `lanes` that names the first `used`.
  Value firstLanes(int64_t used, int64_t lanes);
  /// The sum of a vector's elements, in the order that is fastest.
  Value sumLanes(Value vector);

  using LoopBody = llvm::function_ref<llvm::SmallVector<Value>(
      Value index, mlir::ValueRange carried)>;
  /// `for (index = begin; index < end; index += step)`; returns the carried
  /// values after the last turn. LLVM may unroll it, unless `keepRolled`.
  llvm::SmallVector<Value> loop(Value begin, Value end, int64_t step,
                                mlir::ValueRange carried, LoopBody body,
                                bool keepRolled = false);
  void loop(Value begin, Value end, int64_t step,
            llvm::function_ref<void(Value index)> body);
  void ifLess(Value lhs, Value rhs, llvm::function_ref<void()> body);
  /// Runs `body` unless the pointer is null.
  void ifGiven(Value pointer, llvm::function_ref<void()> body);
  /// Runs `body` if `column` of [rows, width] in f32 is not zero in all rows.
  void ifAnyRow(Value table, Value rows, int64_t width, Value column,
                llvm::function_ref<void()> body);
  /// `value`, a pointer too; null where `pointer` is.
  Value unlessNull(Value pointer, Value value);
  /// Runs `body(i)` for the one i in [begin, end) that equals `index`, if any.
  void select(Value index, int64_t begin, int64_t end,
              llvm::function_ref<void(int64_t)> body);

  void ifTrue(Value condition, llvm::function_ref<void()> body);

private:
  Value isGiven(Value pointer);

  InsertPoint afterFunction;
  mlir::LLVM::GEPNoWrapFlags pointerFlags =
      mlir::LLVM::GEPNoWrapFlags::inbounds;
};

/// The machine's widest vectors, as powers of two that cut `size` elements
/// without remainder: 40 of 16 lanes are 16, 16, 8. (So tails need no masks.)
llvm::SmallVector<int64_t> cutIntoVectors(int64_t size, int64_t lanes);

} // namespace sinter

#endif // SINTER_CODEGEN_KERNELS_KERNELBUILDER_H
