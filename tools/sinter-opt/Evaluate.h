//===- Evaluate.h - The pass that runs functions and prints results -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTEROPT_EVALUATE_H
#define SINTER_TOOLS_SINTEROPT_EVALUATE_H

namespace sinter {

/// `--evaluate`: calls the functions of a module in their order with the
/// reference evaluator and prints what they return, so that a test can say what
/// an operation means. The caches keep what one call wrote for the next.
///
/// An argument's value is its attribute `sinter.value`, a weight's stands in
/// the module's attribute `sinter.weights`; what is not given is random:
///
///     module attributes {sinter.weights = {"h.0.bias" = dense<[1., 2.]> :
///     tensor<2xf32>}} {
///       func.func @f(%x: !sinter.tensor<[T], f32>
///           {sinter.value = dense<[3., 4.]> : tensor<2xf32>}) ...
void registerEvaluatePass();

} // namespace sinter

#endif // SINTER_TOOLS_SINTEROPT_EVALUATE_H
