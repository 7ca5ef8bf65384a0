//===- SinterInterfaces.td - What operations have in common ----*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_INTERFACES_TD
#define SINTER_INTERFACES_TD

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/LoopLikeInterface.td"

def Sinter_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::sinter";
  let description = [{
    An op that makes each element of its result from the elements that stand at the same place in
    its operands, after broadcasting.
  }];
  let methods = [
    InterfaceMethod<[{The exact result for one element of each operand, in f64. The caller rounds
                      it to the element type.}],
                    "double", "apply", (ins "::llvm::ArrayRef<double>":$operands)>
  ];
}

def Sinter_CompositeOpInterface : OpInterface<"CompositeOpInterface"> {
  let cppNamespace = "::sinter";
  let description = [{
    A function that has a name, such as a normalization: it means what its primitive form means, and code is
    generated for that.
  }];
  let methods = [
    InterfaceMethod<"Builds the primitive form where the builder stands, and returns its result.",
                    "::mlir::Value", "decompose", (ins "::mlir::OpBuilder &":$builder)>
  ];
}

def Sinter_KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::sinter";
  let description = [{
    An op of the kernel level that runs as one kernel. Each of its results is a buffer; after
    `plan-buffers`, `slots` holds the offset of each in the arena, in bytes. -1 marks the buffer that the caller
    provides, the entry's output; -2 a history, which stands in a cache.
  }];
  let methods = [
    InterfaceMethod<"Offsets of the results in the arena, one a result; absent before planning.",
                    "std::optional<::llvm::ArrayRef<int64_t>>", "getSlots">,
    InterfaceMethod<"Places the results.", "void", "setSlots", (ins "::llvm::ArrayRef<int64_t>":$slots)>
  ];
}

#endif // SINTER_INTERFACES_TD
