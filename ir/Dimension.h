//===- Dimension.h - A number or a name -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_IR_DIMENSION_H
#define SINTER_IR_DIMENSION_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

namespace sinter {

/// One dimension of a tensor: a number of elements that is known when
/// compiling, or the name of one that is known when the model runs. Two
/// dimensions are equal if and only if they are the same number or the same
/// name.
class Dimension {
public:
  explicit Dimension(mlir::Attribute attribute) : attribute(attribute) {}
  static Dimension get(mlir::MLIRContext *context, int64_t size);
  static Dimension get(mlir::MLIRContext *context, llvm::StringRef symbol);

  bool isStatic() const { return mlir::isa<mlir::IntegerAttr>(attribute); }
  bool isSymbol() const { return !isStatic(); }
  bool isOne() const { return isStatic() && getSize() == 1; }
  bool isSymbol(llvm::StringRef name) const {
    return isSymbol() && getSymbol() == name;
  }
  int64_t getSize() const {
    return mlir::cast<mlir::IntegerAttr>(attribute).getInt();
  }
  llvm::StringRef getSymbol() const {
    return mlir::cast<mlir::StringAttr>(attribute).getValue();
  }
  mlir::Attribute getAttribute() const { return attribute; }

  bool operator==(const Dimension &other) const {
    return attribute == other.attribute;
  }
  bool operator!=(const Dimension &other) const {
    return attribute != other.attribute;
  }

private:
  mlir::Attribute attribute;
};

llvm::raw_ostream &operator<<(llvm::raw_ostream &stream, Dimension dimension);
mlir::Diagnostic &operator<<(mlir::Diagnostic &diagnostic, Dimension dimension);

/// "[T, 12, 64]", as types print their shape.
std::string toString(llvm::ArrayRef<Dimension> shape);

} // namespace sinter

#endif // SINTER_IR_DIMENSION_H
