//===- Remarks.h - What passes say of what they do --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     remarkPassed(op, "fuse-foo", "foo") << "this and that are one kernel"
//                                         << bytesSaved(64, Per::row);
//
// The sentence is for people. What is said with a key is a field of its own
// for machines, and no part of the sentence.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_REMARKS_H
#define SINTER_PASSES_REMARKS_H

#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace sinter {

/// A remark of `pass` on `name`, with the function that `op` is or stands in.
inline mlir::remark::RemarkOpts
remarkOptions(mlir::Operation *op, llvm::StringRef pass, llvm::StringRef name) {
  auto options = mlir::remark::RemarkOpts::name(name).category(pass);
  auto function = llvm::dyn_cast<mlir::FunctionOpInterface>(op);
  if (!function)
    function = op->getParentOfType<mlir::FunctionOpInterface>();
  return function ? options.function(function.getName()) : options;
}

/// Something was done.
inline mlir::remark::detail::InFlightRemark
remarkPassed(mlir::Operation *op, llvm::StringRef pass, llvm::StringRef name) {
  return mlir::remark::passed(op->getLoc(), remarkOptions(op, pass, name));
}

/// Something that a person might have hoped for was not, and why.
inline mlir::remark::detail::InFlightRemark
remarkMissed(mlir::Operation *op, llvm::StringRef pass, llvm::StringRef name) {
  return mlir::remark::missed(op->getLoc(), remarkOptions(op, pass, name));
}

/// A number or a fact about the result.
inline mlir::remark::detail::InFlightRemark
remarkAnalysis(mlir::Operation *op, llvm::StringRef pass,
               llvm::StringRef name) {
  return mlir::remark::analysis(op->getLoc(), remarkOptions(op, pass, name));
}

/// What a number of bytes or operations is meant for.
enum class Per { token, row, tokenAndPosition };

/// Bytes that are not moved any more, as a field.
inline mlir::remark::detail::LazyTextBuild bytesSaved(int64_t bytes, Per per) {
  llvm::StringRef key = per == Per::token ? "BytesSavedPerToken"
                        : per == Per::row ? "BytesSavedPerRow"
                                          : "BytesSavedPerTokenAndPosition";
  return mlir::remark::metric(key, bytes);
}

} // namespace sinter

#endif // SINTER_PASSES_REMARKS_H
