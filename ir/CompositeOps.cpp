//===- CompositeOps.cpp - Functions with a name -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Shape.h"
#include "ir/Sinter.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/Error.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

static NamedTensorType typeOf(Value value) {
  return cast<NamedTensorType>(value.getType());
}

namespace {

/// Writes formulas: every method is one op.
class Formula {
public:
  Formula(OpBuilder &builder, Operation *op)
      : b(op->getLoc(), builder),
        elementType(typeOf(op->getResult(0)).getElementType()) {}

  Value number(double value) {
    return ConstantOp::create(b, value, NamedTensorType::get({}, elementType));
  }
  Value add(Value x, Value y) { return AddOp::create(b, x, y); }
  Value add(Value x, double y) { return add(x, number(y)); }
  Value sub(Value x, Value y) { return SubOp::create(b, x, y); }
  Value mul(Value x, Value y) { return MulOp::create(b, x, y); }
  Value mul(Value x, double y) { return mul(x, number(y)); }
  Value div(Value x, Value y) { return DivOp::create(b, x, y); }
  Value exp(Value x) { return ExpOp::create(b, x); }
  Value meanOfSquares(Value x) { return reduce(ReduceKind::mean, mul(x, x)); }
  Value mean(Value x) { return reduce(ReduceKind::mean, x); }
  Value slice(Value x, int64_t start, int64_t size, int64_t stride = 1) {
    return SliceOp::create(b, x, typeOf(x).getRank() - 1, start, size, stride);
  }
  Value concat(ValueRange parts) {
    return ConcatOp::create(b, parts, typeOf(parts[0]).getRank() - 1);
  }
  Value reshape(Value x, ArrayRef<Dimension> shape) {
    return ReshapeOp::create(b, typeOf(x).withShape(shape), x);
  }

  ImplicitLocOpBuilder b;

private:
  Value reduce(ReduceKind kind, Value x) {
    return ReduceOp::create(b, kind, x, typeOf(x).getRank() - 1);
  }

  Type elementType;
};

} // namespace

void sinter::decomposeComposites(Operation *root) {
  root->walk([](CompositeOpInterface op) {
    // What turns halves of heads on the tile is known there.
    auto group = op->getParentOfType<LinearGroupOp>();
    if (isa<RotaryOp>(op) && group && group.getOnTile() &&
        llvm::is_contained(group.getEpilogue(), op))
      return;
    OpBuilder builder(op);
    op->getResult(0).replaceAllUsesWith(op.decompose(builder));
    op->erase();
  });
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

static constexpr double cubicTerm = 0.044715;
static constexpr double sigmoidScale = 1.702;

double GeluOp::apply(ArrayRef<double> x) {
  switch (getKind()) {
  case GeluKind::erf:
    return 0.5 * x[0] * (1 + std::erf(x[0] / std::sqrt(2.0)));
  case GeluKind::tanh:
    return 0.5 * x[0] *
           (1 + std::tanh(std::sqrt(2 / M_PI) *
                          (x[0] + cubicTerm * x[0] * x[0] * x[0])));
  case GeluKind::sigmoid:
    return x[0] / (1 + std::exp(-sigmoidScale * x[0]));
  }
  llvm_unreachable("all kinds are handled");
}

Value GeluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = getOperand();
  switch (getKind()) {
  case GeluKind::erf: {
    Value erf = ErfOp::create(f.b, f.mul(x, std::sqrt(0.5)));
    return f.mul(f.mul(x, 0.5), f.add(erf, 1));
  }
  case GeluKind::tanh: {
    // sqrt(2 / pi) x (1 + 0.044715 x^2)
    Value factor = f.add(f.mul(f.mul(x, x), cubicTerm), 1);
    Value tanh =
        TanhOp::create(f.b, f.mul(f.mul(x, std::sqrt(2 / M_PI)), factor));
    return f.mul(f.mul(x, 0.5), f.add(tanh, 1));
  }
  case GeluKind::sigmoid:
    return f.div(x, f.add(f.exp(f.mul(x, -sigmoidScale)), 1));
  }
  llvm_unreachable("all kinds are handled");
}

double SiluOp::apply(ArrayRef<double> x) {
  return x[0] / (1 + std::exp(-x[0]));
}

Value SiluOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  Value x = getOperand();
  return f.div(x, f.add(f.exp(NegOp::create(f.b, x)), 1));
}

//===----------------------------------------------------------------------===//
// Normalizations
//===----------------------------------------------------------------------===//

template <typename NormOp> static LogicalResult verifyNorm(NormOp op) {
  NamedTensorType type = op.getOperand().getType();
  if (type.getRank() == 0 || !type.getShape().back().isStatic())
    return op.emitOpError() << "normalizes along a last axis of static size; "
                            << type << " has none";
  auto vector =
      NamedTensorType::get({type.getShape().back()}, type.getElementType());
  for (auto [value, name] :
       {std::pair(op.getGain(), "gain"), std::pair(op.getBias(), "bias")})
    if (value && value.getType() != vector)
      return op.emitOpError()
             << "the " << name << " of rows of " << type.getShape().back()
             << " elements is " << vector << ", not " << value.getType();
  double epsilon = op.getEpsilon().convertToDouble();
  if (!(epsilon >= 0) || std::isinf(epsilon))
    return op.emitOpError() << "epsilon is a number from 0 up, not " << epsilon;
  return success();
}

/// `centred` over its root mean square, with gain and bias.
template <typename NormOp>
static Value normalize(Formula &f, NormOp op, Value centred) {
  double epsilon = op.getEpsilon().convertToDouble();
  Value squares = f.meanOfSquares(centred), result;
  if (op.getOutsideRoot())
    result = f.div(centred, f.add(SqrtOp::create(f.b, squares), epsilon));
  else // one division a row
    result = f.mul(centred, RsqrtOp::create(f.b, f.add(squares, epsilon)));
  if (op.getGain())
    result = f.mul(result, op.getGain());
  return op.getBias() ? f.add(result, op.getBias()) : result;
}

LogicalResult LayerNormOp::verify() { return verifyNorm(*this); }
LogicalResult RMSNormOp::verify() { return verifyNorm(*this); }

Value LayerNormOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  return normalize(f, *this, f.sub(getOperand(), f.mean(getOperand())));
}

Value RMSNormOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  return normalize(f, *this, getOperand());
}

LogicalResult SoftmaxOp::verify() {
  NamedTensorType type = getOperand().getType();
  if (getAxis() >= uint64_t(type.getRank()))
    return emitOpError() << type << " has no axis " << getAxis();
  if (!getExtent())
    return success();
  if (getExtent().getType() !=
      NamedTensorType::get({Dimension::get(getContext(), tokensDimension)},
                           IntegerType::get(getContext(), 32)))
    return emitOpError() << "an extent is one i32 a row, tensor<[N], i32>, not "
                         << getExtent().getType();
  int64_t rows = type.findSymbol(tokensDimension);
  if (rows < 0 || rows == int64_t(getAxis()))
    return emitOpError() << "has an extent for each row, but " << type
                         << " has no axis N beside axis " << getAxis();
  return success();
}

Value SoftmaxOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  auto reduce = [&](ReduceKind kind, Value x) -> Value {
    return ReduceOp::create(f.b, kind, x, getAxis(), getExtent());
  };
  Value e = f.exp(f.sub(getOperand(), reduce(ReduceKind::max, getOperand())));
  return f.div(e, reduce(ReduceKind::sum, e));
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

LogicalResult RotaryOp::verify() {
  NamedTensorType type = getOperand().getType();
  if (type.getRank() == 0 || !type.getShape().back().isStatic())
    return emitOpError() << "turns pairs along a last axis of static size; "
                         << type << " has none";
  int64_t width = getWidth(), size = type.getShape().back().getSize();
  if (width < 2 || width % 2 != 0 || width > size)
    return emitOpError() << "turns an even number of elements, at most " << size
                         << ", not " << width;
  NamedTensorType angles = getCosine().getType();
  SmallVector<Dimension> pairs = type.getShape();
  pairs.back() = Dimension::get(getContext(), width / 2);
  if (angles.getElementType() != type.getElementType() ||
      angles.getRank() == 0 || angles.getShape().back() != pairs.back())
    return emitOpError() << "takes the cosines of " << width / 2
                         << " angles a row for " << type << ", not " << angles;
  if (llvm::Error problem = checkBroadcast(angles.getShape(), pairs))
    return emitOpError() << llvm::toString(std::move(problem));
  return success();
}

Value RotaryOp::decompose(OpBuilder &builder) {
  Formula f(builder, *this);
  int64_t width = getWidth(), half = width / 2;
  NamedTensorType type = getOperand().getType();
  Value x = getOperand();
  bool split = getKind() == RotaryKind::half_split;
  Value a = split ? f.slice(x, 0, half) : f.slice(x, 0, half, 2);
  Value b = split ? f.slice(x, half, half) : f.slice(x, 1, half, 2);
  Value first = f.sub(f.mul(a, getCosine()), f.mul(b, getSine()));
  Value second = f.add(f.mul(b, getCosine()), f.mul(a, getSine()));
  Value turned;
  if (split) {
    turned = f.concat({first, second});
  } else {
    SmallVector<Dimension> pairs = typeOf(first).getShape();
    pairs.push_back(Dimension::get(getContext(), 1));
    SmallVector<Dimension> row = type.getShape();
    row.back() = Dimension::get(getContext(), width);
    turned = f.reshape(
        f.concat({f.reshape(first, pairs), f.reshape(second, pairs)}), row);
  }
  int64_t rest = type.getShape().back().getSize() - width;
  return rest == 0 ? turned : f.concat({turned, f.slice(x, width, rest)});
}
