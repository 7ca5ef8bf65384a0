//===- Shape.cpp - Shapes of results from shapes of operands -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Shape.h"
#include "ir/Elements.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace sinter;

static std::string text(ArrayRef<Dimension> shape) { return toString(shape); }

template <typename... Arguments>
static llvm::Error error(const char *format, const Arguments &...arguments) {
  return llvm::createStringError(
      std::errc::invalid_argument, "%s",
      llvm::formatv(format, arguments...).str().c_str());
}

ShapeOr sinter::broadcastShapes(ArrayRef<Dimension> lhs,
                                ArrayRef<Dimension> rhs) {
  SmallVector<Dimension> result(lhs.size() > rhs.size() ? lhs : rhs);
  size_t shared = std::min(lhs.size(), rhs.size());
  for (size_t back = 1; back <= shared; ++back) {
    Dimension l = lhs[lhs.size() - back], r = rhs[rhs.size() - back];
    if (l != r && !l.isOne() && !r.isOne())
      return error("shapes {0} and {1} do not broadcast: {2} and {3} differ "
                   "and neither is 1",
                   text(lhs), text(rhs), text({l}), text({r}));
    result[result.size() - back] = l.isOne() ? r : l;
  }
  return result;
}

ShapeOr sinter::matmulShape(ArrayRef<Dimension> lhs, ArrayRef<Dimension> rhs) {
  if (lhs.size() < 2 || rhs.size() < 2)
    return error(
        "a matrix product needs at least two axes on both sides, not {0} @ {1}",
        text(lhs), text(rhs));
  Dimension inner = lhs.back(), outer = rhs[rhs.size() - 2];
  if (inner != outer)
    return error("{0} @ {1}: the last axis on the left ({2}) is not the last "
                 "but one on the right ({3})",
                 text(lhs), text(rhs), text({inner}), text({outer}));
  ShapeOr batch = broadcastShapes(lhs.drop_back(2), rhs.drop_back(2));
  if (!batch)
    return batch.takeError();
  batch->push_back(lhs[lhs.size() - 2]);
  batch->push_back(rhs.back());
  return batch;
}

ShapeOr sinter::transposeShape(ArrayRef<Dimension> shape,
                               ArrayRef<int64_t> permutation) {
  SmallVector<bool> seen(shape.size());
  SmallVector<Dimension> result;
  for (int64_t axis : permutation) {
    if (axis < 0 || axis >= int64_t(shape.size()) || seen[axis])
      break;
    seen[axis] = true;
    result.push_back(shape[axis]);
  }
  if (result.size() != shape.size() || permutation.size() != shape.size())
    return error("[{0}] is not an order of the {1} axes of {2}",
                 llvm::join(llvm::map_range(permutation,
                                            [](int64_t axis) {
                                              return std::to_string(axis);
                                            }),
                            ", "),
                 shape.size(), text(shape));
  return result;
}

static llvm::Error checkAxis(ArrayRef<Dimension> shape, int64_t axis) {
  if (axis < 0 || axis >= int64_t(shape.size()))
    return error("{0} has no axis {1}", text(shape), axis);
  return llvm::Error::success();
}

ShapeOr sinter::reduceShape(ArrayRef<Dimension> shape, int64_t axis) {
  if (llvm::Error problem = checkAxis(shape, axis))
    return problem;
  SmallVector<Dimension> result(shape);
  result[axis] = Dimension::get(shape[axis].getAttribute().getContext(), 1);
  return result;
}

ShapeOr sinter::sliceShape(ArrayRef<Dimension> shape, int64_t axis,
                           int64_t start, int64_t size, int64_t stride) {
  if (llvm::Error problem = checkAxis(shape, axis))
    return problem;
  if (!shape[axis].isStatic())
    return error("axis {0} of {1} has no size that is known when compiling, so "
                 "it cannot be sliced",
                 axis, text(shape));
  int64_t extent = shape[axis].getSize();
  // In this order nothing overflows: every factor is at most the extent.
  if (start < 0 || size < 1 || stride < 1 || start >= extent || size > extent ||
      stride > extent || start + (size - 1) * stride >= extent)
    return error("{0} elements from {1} on, every {2}: axis {3} of {4} does "
                 "not have them",
                 size, start, stride, axis, text(shape));
  SmallVector<Dimension> result(shape);
  result[axis] = Dimension::get(shape[axis].getAttribute().getContext(), size);
  return result;
}

ShapeOr sinter::concatShape(ArrayRef<SmallVector<Dimension>> shapes,
                            int64_t axis) {
  if (shapes.empty())
    return error("nothing to concatenate");
  SmallVector<Dimension> result = shapes.front();
  if (llvm::Error problem = checkAxis(result, axis))
    return problem;
  int64_t total = 0;
  for (const SmallVector<Dimension> &shape : shapes) {
    bool fits = shape.size() == result.size() && shape[axis].isStatic();
    for (size_t other = 0; fits && other < shape.size(); ++other)
      fits = int64_t(other) == axis || shape[other] == result[other];
    if (!fits)
      return error("{0} and {1} cannot stand one behind the other along axis "
                   "{2}: all other axes must be "
                   "equal, and this one's size known when compiling",
                   text(shapes.front()), text(shape), axis);
    total += shape[axis].getSize();
  }
  result[axis] =
      Dimension::get(result[axis].getAttribute().getContext(), total);
  return result;
}

ShapeOr sinter::gatherShape(ArrayRef<Dimension> table,
                            ArrayRef<Dimension> index) {
  if (table.empty())
    return error("a scalar has no rows to gather");
  if (!table.front().isStatic() && !table.front().isSymbol(tokensDimension))
    return error("a table's first axis has a size that is known when "
                 "compiling; {0} has not",
                 text(table));
  SmallVector<Dimension> result(index);
  llvm::append_range(result, table.drop_front());
  return result;
}

ShapeOr sinter::takeShape(ArrayRef<Dimension> rows, ArrayRef<Dimension> index) {
  if (rows.size() != 3 || index.size() != 2 || rows[1] != index[0] ||
      !rows[2].isStatic())
    return error("elements are taken of [heads, rows, elements] by [rows, "
                 "chosen], not of {0} by {1}",
                 text(rows), text(index));
  return SmallVector<Dimension>{rows[0], rows[1], index[1]};
}

namespace {
/// A shape cut at its names: the names, and how many elements stand before,
/// between and behind them.
struct Segments {
  SmallVector<StringRef> symbols;
  SmallVector<int64_t> products{1};
};
} // namespace

static Segments cut(ArrayRef<Dimension> shape) {
  Segments segments;
  for (Dimension dim : shape) {
    if (dim.isStatic()) {
      segments.products.back() *= dim.getSize();
    } else {
      segments.symbols.push_back(dim.getSymbol());
      segments.products.push_back(1);
    }
  }
  return segments;
}

llvm::Error sinter::checkReshape(ArrayRef<Dimension> from,
                                 ArrayRef<Dimension> to) {
  Segments before = cut(from), after = cut(to);
  if (before.symbols != after.symbols || before.products != after.products)
    return error("{0} cannot be read as {1}: the number of elements before, "
                 "between and behind the named "
                 "dimensions must stay",
                 text(from), text(to));
  return llvm::Error::success();
}

llvm::Error sinter::checkBroadcast(ArrayRef<Dimension> from,
                                   ArrayRef<Dimension> to) {
  bool fits = from.size() <= to.size();
  for (size_t back = 1; fits && back <= from.size(); ++back) {
    Dimension f = from[from.size() - back];
    fits = f.isOne() || f == to[to.size() - back];
  }
  if (!fits)
    return error("{0} does not stretch to {1}", text(from), text(to));
  return llvm::Error::success();
}

LogicalResult sinter::detail::inferBroadcast(std::optional<Location> location,
                                             StringRef name,
                                             ValueRange operands,
                                             SmallVectorImpl<Type> &results) {
  auto first = dyn_cast<NamedTensorType>(operands.front().getType());
  if (!first)
    return failure();
  SmallVector<Dimension> shape = first.getShape();
  for (Value operand : operands.drop_front()) {
    auto type = dyn_cast<NamedTensorType>(operand.getType());
    if (!type)
      return failure();
    if (type.getElementType() != first.getElementType())
      return emitOptionalError(location, "'", name,
                               "' op operands have elements of ",
                               first.getElementType(), " and ",
                               type.getElementType(), "; convert one of them");
    ShapeOr broadcast = broadcastShapes(shape, type.getShape());
    if (!broadcast)
      return emitOptionalError(location, "'", name, "' op ",
                               llvm::toString(broadcast.takeError()));
    shape = *broadcast;
  }
  results.push_back(first.withShape(shape));
  return success();
}

/// The operand that an op gives back as it is: x of x + 0, x * 1, x / 1, x ^ 1
/// and -(-x).
static Value findUnchanged(Operation *op, ArrayRef<Attribute> operands) {
  if (isa<NegOp>(op))
    if (auto inner = op->getOperand(0).getDefiningOp<NegOp>())
      return inner.getOperand();
  auto isNumber = [&](unsigned operand, double value) {
    auto number = dyn_cast_or_null<FloatAttr>(operands[operand]);
    return number && number.getValueAsDouble() == value;
  };
  bool isSum = isa<AddOp, SubOp>(op);
  if (!isSum && !isa<MulOp, DivOp, PowOp>(op))
    return {};
  double neutral = isSum ? 0 : 1;
  if (isNumber(1, neutral))
    return op->getOperand(0);
  if (isa<AddOp, MulOp>(op) && isNumber(0, neutral))
    return op->getOperand(1);
  return {};
}

OpFoldResult sinter::detail::foldElementwise(Operation *op,
                                             ArrayRef<Attribute> operands) {
  if (Value same = findUnchanged(op, operands))
    if (same.getType() == op->getResult(0).getType())
      return same;
  SmallVector<double> values;
  for (Attribute operand : operands) {
    auto number = dyn_cast_or_null<FloatAttr>(operand);
    if (!number)
      return {};
    values.push_back(number.getValueAsDouble());
  }
  double value = cast<ElementwiseOpInterface>(op).apply(values);
  Type type =
      cast<NamedTensorType>(op->getResult(0).getType()).getElementType();
  // A constant holds what the element type can: folding must round where
  // running would. What has no value is left for running to find.
  value = roundToElementType(value, type);
  if (std::isnan(value))
    return {};
  return FloatAttr::get(Float64Type::get(op->getContext()), value);
}
