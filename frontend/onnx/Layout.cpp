//===- Layout.cpp - Other elements, or in another order -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/onnx/Importer.h"
#include <numeric>

using namespace mlir;
using namespace sinter;
using namespace sinter::onnx;

LogicalResult Importer::importTranspose() {
  if (failed(checkInputs(1)))
    return failure();
  int64_t rank = in(0).getRank();
  std::vector<int64_t> permutation(rank);
  std::iota(permutation.rbegin(), permutation.rend(), 0);
  if (const Attribute *given = node->find("perm"))
    permutation = given->integers;
  std::vector<int64_t> sorted = permutation;
  llvm::sort(sorted);
  for (int64_t i = 0; i < int64_t(sorted.size()); ++i)
    if (sorted[i] != i)
      return fail("its perm is no order of axes");
  if (int64_t(permutation.size()) != rank)
    return fail("its perm is not one of " + Twine(rank) + " axes");
  if (in(0).form == Value::Uniform) {
    Value result = in(0);
    for (int64_t i = 0; i < rank; ++i)
      result.shape[i] = in(0).shape[permutation[i]];
    return set(0, result);
  }
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure() : set(0, transpose(*tensor, permutation));
}

/// One part goes on where the one before ends.
std::optional<onnx::Value> Importer::joinCounting(ArrayRef<Value> parts,
                                                  int64_t along) const {
  int64_t step = 0;
  for (const Value &part : parts)
    if (part.form == Value::Counting && part.axis == along)
      step = part.step;
  if (step == 0)
    return std::nullopt;
  Value result;
  for (const Value &part : parts) {
    bool isOne = part.form == Value::Uniform && part.kind == Kind::Integer &&
                 part.shape[along] == Extent(1);
    if (!isOne && (part.form != Value::Counting || part.axis != along ||
                   part.step != step))
      return std::nullopt;
    if (result.isAbsent()) {
      result = counting(part.shape, along, part.numbers.front().integer, step);
      continue;
    }
    std::optional<Extent> length = result.shape[along].times(Extent(step));
    if (!length || part.numbers.front().integer !=
                       result.numbers.front().integer + *length)
      return std::nullopt;
    result.shape[along] = result.shape[along] + part.shape[along];
  }
  return result;
}

LogicalResult Importer::importConcat() {
  std::vector<Value> parts;
  // A past of no positions adds nothing.
  for (size_t i = 0; i < inputCount(); ++i)
    if (has(i) && in(i).getNumElements() != 0)
      parts.push_back(in(i));
  if (parts.empty()) {
    if (inputCount() == 0 || !has(0) || !in(0).isKnown())
      return fail("all its inputs are empty");
    Value empty = in(0);
    FailureOr<int64_t> along = axis(node->integer("axis", 0), empty.getRank());
    if (failed(along))
      return failure();
    for (size_t i = 1; i < inputCount(); ++i)
      if (has(i) && in(i).getRank() == empty.getRank())
        empty.shape[*along] = empty.shape[*along] + in(i).shape[*along];
    empty.stored = nullptr;
    return set(0, empty);
  }
  FailureOr<int64_t> along =
      axis(node->integer("axis", 0), parts.front().getRank());
  if (failed(along))
    return failure();
  if (parts.size() == 1)
    return set(0, parts.front());
  if (std::optional<Value> counted = joinCounting(parts, *along))
    return set(0, *counted);
  bool isVector = parts.front().getRank() == 1;
  std::vector<Number> numbers;
  for (const Value &part : parts) {
    std::optional<Value> elements = list(part);
    isVector &= elements && part.kind == parts.front().kind;
    if (isVector)
      llvm::append_range(numbers, elements->numbers);
  }
  if (isVector && numbers.size() <= mostListed)
    return set(0, listed(parts.front().kind, {Extent(numbers.size())},
                         std::move(numbers)));
  SmallVector<mlir::Value> tensors;
  for (const Value &part : parts) {
    Result tensor = materialize(part);
    if (failed(tensor))
      return failure();
    tensors.push_back(*tensor);
  }
  Result joined = concat(tensors, *along);
  if (failed(joined))
    return failure();
  Value result = wrap(*joined);
  bool isCoordinates = *along == result.getRank() - 1 &&
                       result.shape.back() == Extent(parts.size());
  if (isCoordinates && result.kind == Kind::Integer)
    result.parts = std::make_shared<std::vector<Value>>(std::move(parts));
  return set(0, result);
}

/// `value[start : end : step]` along one axis.
LogicalResult Importer::sliceAxis(Value &value, int64_t along, Extent start,
                                  Extent end, int64_t step) {
  Extent size = value.shape[along];
  auto clamp = [&](Extent at) {
    // Exporters write "to the end" as the largest integer.
    if (at.isStatic() && at.getStatic() > INT32_MAX / 2)
      return size;
    if (at.isStatic() && at.getStatic() < 0)
      at = size + at;
    Extent beyond = at - size;
    if (beyond.isStatic() && beyond.getStatic() > 0)
      return size;
    return at.isStatic() && at.getStatic() < 0 ? Extent(0) : at;
  };
  if (step < 0)
    return fail("a step of " + Twine(step) + " is not supported");
  start = clamp(start), end = clamp(end);
  Extent span = end - start;
  if (start == Extent(0) && end == size && step == 1)
    return success();
  // The beginning of a table, as long as the sequence.
  bool isBeginning = start == Extent(0) && step == 1 && end.getSymbol();
  if (value.stored && isBeginning && size.isStatic()) {
    value.form = Value::Stored;
    value.numbers.clear();
    value.shape[along] = end;
    return success();
  }
  if (span.isStatic() && span.getStatic() < 0)
    span = Extent(0);
  if (value.form == Value::Uniform && step == 1) {
    value.shape[along] = span;
    return success();
  }
  if (value.form == Value::Counting && step == 1) {
    std::optional<Extent> skipped =
        along == value.axis ? start.times(Extent(value.step)) : Extent(0);
    if (skipped) {
      value.numbers.front().integer = value.numbers.front().integer + *skipped;
      value.shape[along] = span;
      if (span == Extent(1) && along == value.axis)
        value = uniform(Kind::Integer, value.shape, value.numbers.front());
      return success();
    }
  }
  if (!start.isStatic() || !span.isStatic() || !size.isStatic())
    return fail("elements " + start.toString() + " to " + end.toString() +
                " of an axis of " + size.toString() +
                ": a part of a sequence is not supported");
  int64_t count = (span.getStatic() + step - 1) / step;
  if (std::optional<Value> elements = list(value);
      elements && value.getRank() == 1) {
    Value result = listed(value.kind, {Extent(count)}, {});
    for (int64_t i = 0; i < count; ++i)
      result.numbers.push_back(elements->numbers[start.getStatic() + i * step]);
    value = result;
    return success();
  }
  if (count == 0) {
    value = uniform(value.kind, value.shape, {});
    value.shape[along] = Extent(0);
    return success();
  }
  Result tensor = materialize(value);
  if (failed(tensor))
    return failure();
  tensor = slice(*tensor, along, start.getStatic(), count, step);
  if (failed(tensor))
    return failure();
  value = wrap(*tensor);
  return success();
}

LogicalResult Importer::importSlice() {
  if (failed(checkInputs(3)))
    return failure();
  Value value = in(0);
  FailureOr<std::vector<Extent>> starts = extents(1, "where it starts");
  FailureOr<std::vector<Extent>> ends =
      failed(starts) ? starts : extents(2, "where it ends");
  if (failed(ends))
    return failure();
  std::vector<int64_t> along(starts->size()), steps(starts->size(), 1);
  std::iota(along.begin(), along.end(), 0);
  if (has(3)) {
    FailureOr<std::vector<int64_t>> given = axes("", 3, value.getRank());
    if (failed(given))
      return failure();
    along = *given;
  }
  if (has(4)) {
    FailureOr<std::vector<int64_t>> given = integers(4, "its steps");
    if (failed(given))
      return failure();
    steps = *given;
  }
  if (ends->size() != starts->size() || along.size() != starts->size() ||
      steps.size() != starts->size())
    return fail("its starts, ends, axes and steps are not of one length");
  for (size_t i = 0; i < along.size(); ++i) {
    if (along[i] >= value.getRank() || steps[i] == 0)
      return fail("there is no axis " + Twine(along[i]) + ", or a step of 0");
    if (failed(sliceAxis(value, along[i], (*starts)[i], (*ends)[i], steps[i])))
      return failure();
  }
  return set(0, value);
}

LogicalResult Importer::importSplit() {
  if (failed(checkInputs(1)))
    return failure();
  FailureOr<int64_t> along = axis(node->integer("axis", 0), in(0).getRank());
  if (failed(along))
    return failure();
  Extent size = in(0).shape[*along];
  std::vector<int64_t> sizes;
  if (const Attribute *given = node->find("split")) {
    sizes = given->integers;
  } else if (has(1)) {
    FailureOr<std::vector<int64_t>> numbers = integers(1, "its sizes");
    if (failed(numbers))
      return failure();
    sizes = *numbers;
  } else {
    int64_t count = node->outputs.size();
    if (!size.isStatic() || count == 0)
      return fail("it splits an axis of " + size.toString() +
                  ": this is not supported");
    int64_t each = (size.getStatic() + count - 1) / count;
    for (int64_t i = 0, left = size.getStatic(); i < count; ++i, left -= each)
      sizes.push_back(std::min(each, left));
  }
  if (sizes.size() < node->outputs.size())
    return fail("it has more outputs than sizes");
  int64_t start = 0;
  for (size_t i = 0; i < node->outputs.size(); ++i) {
    if (sizes[i] < 0 || sizes[i] > INT32_MAX)
      return fail("a size of " + Twine(sizes[i]));
    Value part = in(0);
    if (failed(sliceAxis(part, *along, Extent(start), Extent(start + sizes[i]),
                         1)) ||
        failed(set(i, part)))
      return failure();
    start += sizes[i];
  }
  return success();
}

LogicalResult Importer::importGather() {
  if (failed(checkInputs(2)))
    return failure();
  Value table = in(0);
  const Value &index = in(1);
  FailureOr<int64_t> along = axis(node->integer("axis", 0), table.getRank());
  if (failed(along))
    return failure();
  if (table.form == Value::Uniform) {
    Value result = table;
    result.shape.assign(table.shape.begin(), table.shape.begin() + *along);
    result.shape.append(index.shape.begin(), index.shape.end());
    result.shape.append(table.shape.begin() + *along + 1, table.shape.end());
    return set(0, result);
  }
  // The rows of all positions, in their order.
  if (index.form == Value::Counting && index.step == 1 &&
      index.numbers.front().integer == Extent(0) &&
      index.shape[index.axis] == table.shape[*along]) {
    Extents shape(table.shape.begin(), table.shape.begin() + *along);
    shape.append(index.shape.begin(), index.shape.end());
    shape.append(table.shape.begin() + *along + 1, table.shape.end());
    FailureOr<Value> result = reshaped(table, shape);
    return failed(result) ? failure() : set(0, *result);
  }
  std::optional<Value> indices = list(index);
  if (std::optional<Value> elements = list(table);
      elements && table.getRank() == 1 && indices) {
    Value result = listed(table.kind, index.shape, {});
    for (const Number &number : indices->numbers) {
      int64_t size = elements->numbers.size();
      int64_t at =
          number.integer.isStatic() ? number.integer.getStatic() : size;
      if (at < -size || at >= size)
        return fail("it takes element " + number.integer.toString() + " of " +
                    Twine(size));
      result.numbers.push_back(elements->numbers[at < 0 ? at + size : at]);
    }
    return set(0, result);
  }
  if (indices && indices->numbers.size() == 1) {
    // One of an axis: a slice.
    Extent at = indices->numbers.front().integer;
    Extent size = table.shape[*along];
    if (at.isStatic() && at.getStatic() < 0)
      at = size + at;
    if (!at.isStatic() || !size.isStatic())
      return fail("one position of a sequence, " + at.toString() + " of " +
                  size.toString() + ": this is not supported");
    Extents shape(table.shape.begin(), table.shape.begin() + *along);
    shape.append(index.shape.begin(), index.shape.end());
    shape.append(table.shape.begin() + *along + 1, table.shape.end());
    if (failed(sliceAxis(table, *along, at, at + Extent(1), 1)))
      return failure();
    FailureOr<Value> result = reshaped(table, shape);
    return failed(result) ? failure() : set(0, *result);
  }
  bool isQuantized = table.stored && *along == 0 &&
                     (table.stored->type == DataType::Int8 ||
                      table.stored->type == DataType::UInt8);
  Result rows = isQuantized ? wholeNumbers(table) : materialize(table),
         numbers = materialize(index);
  if (failed(rows) || failed(numbers))
    return failure();
  if (*along == 0) {
    Result taken = gather(*rows, *numbers);
    if (failed(taken))
      return failure();
    Value result = wrap(*taken);
    if (isQuantized)
      result.quantized = Value::Table;
    return set(0, result);
  }
  // The axis goes to the front, and its place is taken by the indices' axes.
  SmallVector<int64_t> toFront{*along}, back;
  for (int64_t i = 0; i < table.getRank(); ++i)
    if (i != *along)
      toFront.push_back(i);
  Result front = transpose(*rows, toFront);
  if (failed(front))
    return failure();
  Result taken = gather(*front, *numbers);
  if (failed(taken))
    return failure();
  for (int64_t i = 0; i < *along; ++i)
    back.push_back(index.getRank() + i);
  for (int64_t i = 0; i < index.getRank(); ++i)
    back.push_back(i);
  for (int64_t i = *along + 1; i < table.getRank(); ++i)
    back.push_back(index.getRank() + i - 1);
  return set(0, transpose(*taken, back));
}

/// Masks of padding are looked up by sequence and position: everybody is there.
/// Positions are looked up by position: they are what they are looked up by.
LogicalResult Importer::importGatherND() {
  if (failed(checkInputs(2)))
    return failure();
  const Value &table = in(0), &index = in(1);
  int64_t batch = node->integer("batch_dims", 0);
  if (index.getRank() == 0 || !index.shape.back().isStatic() || batch < 0 ||
      index.shape.back().getStatic() < 0 ||
      index.shape.back().getStatic() > table.getRank() - batch)
    return fail("its indices do not go with its table");
  int64_t coordinates = index.shape.back().getStatic();
  Extents shape(index.shape.begin(), index.shape.end() - 1);
  shape.append(table.shape.begin() + batch + coordinates, table.shape.end());
  if (table.isOneNumber())
    return set(0, uniform(table.kind, shape, table.numbers.front()));
  if (table.form == Value::Counting && table.step == 1 && batch == 0 &&
      coordinates == table.getRank() && index.parts) {
    FailureOr<Value> place = reshaped((*index.parts)[table.axis], shape);
    if (failed(place))
      return failure();
    Value start = uniform(Kind::Integer, {}, table.numbers.front());
    if (std::optional<Value> sum = addCounting(*place, start, 1))
      return set(0, *sum);
  }
  return fail("only of masks of padding and of positions is it supported");
}

LogicalResult Importer::importGatherElements() {
  if (failed(checkInputs(2)))
    return failure();
  if (!in(0).isOneNumber())
    return fail("only of what is the same everywhere is it supported");
  return set(0, uniform(in(0).kind, in(1).shape, in(0).numbers.front()));
}

LogicalResult Importer::importExpand() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<std::vector<Extent>> target = extents(1, "its shape");
  if (failed(target))
    return failure();
  FailureOr<Extents> shape = broadcastShape(in(0).shape, *target);
  if (failed(shape))
    return failure();
  if (in(0).form == Value::Uniform)
    return set(0, uniform(in(0).kind, *shape, in(0).numbers.front()));
  if (in(0).shape == *shape)
    return set(0, in(0));
  if (in(0).form == Value::Counting && in(0).shape[in(0).axis] != Extent(1))
    return set(0,
               counting(*shape,
                        int64_t(shape->size()) - in(0).getRank() + in(0).axis,
                        in(0).numbers.front().integer, in(0).step));
  Result tensor = materialize(in(0));
  return failed(tensor) ? failure() : set(0, broadcastTo(*tensor, *shape));
}

LogicalResult Importer::importTile() {
  if (failed(checkInputs(2)))
    return failure();
  FailureOr<std::vector<Extent>> repeats = extents(1, "how often it repeats");
  if (failed(repeats))
    return failure();
  if (int64_t(repeats->size()) != in(0).getRank())
    return fail("it does not say for each axis how often it repeats");
  // [a, b] repeated [m, n] times is [1, a, 1, b] stretched to [m, a, n, b].
  Extents spread, stretched, shape;
  for (auto [size, count] : llvm::zip(in(0).shape, *repeats)) {
    std::optional<Extent> product = size.times(count);
    if (!product)
      return fail(count.toString() + " times " + size.toString() +
                  " is not supported");
    shape.push_back(*product);
    spread.push_back(Extent(1)), spread.push_back(size);
    stretched.push_back(count), stretched.push_back(size);
  }
  if (in(0).form == Value::Uniform)
    return set(0, uniform(in(0).kind, shape, in(0).numbers.front()));
  if (shape == in(0).shape)
    return set(0, in(0));
  Result tensor = materialize(in(0));
  if (failed(tensor))
    return failure();
  tensor = reshape(*tensor, spread);
  if (succeeded(tensor))
    tensor = broadcastTo(*tensor, stretched);
  return set(0, failed(tensor) ? tensor : reshape(*tensor, shape));
}
