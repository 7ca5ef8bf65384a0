//===- StridedView.cpp - Elements of a checkpoint, moved about without copying
//-*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/StridedView.h"
#include <algorithm>

using namespace sinter;

static llvm::SmallVector<int64_t> rowMajor(llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t axis = int64_t(shape.size()) - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

void StridedView::Storage::read(int64_t begin, int64_t stride,
                                llvm::MutableArrayRef<float> result) const {
  if (!tensor) {
    for (auto [index, element] : llvm::enumerate(result))
      element = buffer[begin + int64_t(index) * stride];
  } else if (stride == 1) {
    tensor->read(begin, result);
  } else {
    for (int64_t index = 0; index < int64_t(result.size()); ++index)
      tensor->read(begin + index * stride, result.slice(index, 1));
  }
}

StridedView StridedView::ofTensor(StoredTensor tensor) {
  if (tensor.isTransposed) {
    // As it lies, so that what is read has neighbours.
    tensor.isTransposed = false;
    std::swap(tensor.shape[0], tensor.shape[1]);
    return ofTensor(std::move(tensor)).transpose({1, 0});
  }
  StridedView view;
  view.shape = tensor.shape;
  view.strides = rowMajor(view.shape);
  view.storage = std::make_shared<Storage>(Storage{std::move(tensor), {}});
  return view;
}

StridedView StridedView::ofBuffer(std::vector<float> buffer,
                                  llvm::ArrayRef<int64_t> shape) {
  StridedView view;
  view.shape.assign(shape.begin(), shape.end());
  view.strides = rowMajor(shape);
  view.storage =
      std::make_shared<Storage>(Storage{std::nullopt, std::move(buffer)});
  return view;
}

int64_t StridedView::getNumElements() const {
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  return elements;
}

StridedView StridedView::transpose(llvm::ArrayRef<int64_t> permutation) const {
  StridedView view = *this;
  for (auto [axis, from] : llvm::enumerate(permutation)) {
    view.shape[axis] = shape[from];
    view.strides[axis] = strides[from];
  }
  return view;
}

StridedView StridedView::slice(int64_t axis, int64_t start, int64_t size,
                               int64_t stride) const {
  StridedView view = *this;
  view.offset += start * strides[axis];
  view.shape[axis] = size;
  view.strides[axis] *= stride;
  return view;
}

StridedView StridedView::broadcast(llvm::ArrayRef<int64_t> to) const {
  StridedView view = *this;
  view.shape.assign(to.begin(), to.end());
  view.strides.assign(to.size(), 0);
  int64_t added = to.size() - shape.size();
  for (auto [axis, size] : llvm::enumerate(shape))
    view.strides[added + axis] = size == 1 ? 0 : strides[axis];
  return view;
}

StridedView StridedView::reshape(llvm::ArrayRef<int64_t> to) const {
  StridedView view = *this;
  if (!llvm::equal(strides, rowMajor(shape))) {
    std::vector<float> buffer(getNumElements());
    read(buffer);
    return ofBuffer(std::move(buffer), to);
  }
  view.shape.assign(to.begin(), to.end());
  view.strides = rowMajor(to);
  return view;
}

StridedView StridedView::concat(llvm::ArrayRef<StridedView> views,
                                int64_t axis) {
  llvm::SmallVector<int64_t> shape = views.front().shape;
  shape[axis] = 0;
  for (const StridedView &view : views)
    shape[axis] += view.shape[axis];
  StridedView target = ofBuffer({}, shape);
  std::vector<float> buffer(target.getNumElements());

  // Before the axis, rows of the result are made of one chunk of each view.
  int64_t chunks = 1, inner = 1;
  for (int64_t before = 0; before < axis; ++before)
    chunks *= shape[before];
  for (size_t behind = axis + 1; behind < shape.size(); ++behind)
    inner *= shape[behind];
  int64_t at = 0;
  for (const StridedView &view : views) {
    int64_t chunk = view.shape[axis] * inner;
    std::vector<float> elements(view.getNumElements());
    view.read(elements);
    for (int64_t row = 0; row < chunks; ++row)
      std::copy_n(elements.begin() + row * chunk, chunk,
                  buffer.begin() + row * shape[axis] * inner + at);
    at += chunk;
  }
  return ofBuffer(std::move(buffer), shape);
}

void StridedView::readAxis(int64_t axis, int64_t begin,
                           llvm::MutableArrayRef<float> &result) const {
  if (axis + 1 >= int64_t(shape.size())) {
    int64_t size = shape.empty() ? 1 : shape[axis];
    storage->read(begin, shape.empty() ? 1 : strides[axis],
                  result.take_front(size));
    result = result.drop_front(size);
    return;
  }
  for (int64_t index = 0; index < shape[axis]; ++index)
    readAxis(axis + 1, begin + index * strides[axis], result);
}

void StridedView::read(llvm::MutableArrayRef<float> result) const {
  readAxis(0, offset, result);
}

void StridedView::readColumns(int64_t first, int64_t count, PanelsAttr layout,
                              int64_t place,
                              llvm::MutableArrayRef<float> panel) const {
  int64_t inputs = shape[0], depth = layout.getDepth(),
          step = layout.getColumns() * depth;
  auto at = [&](int64_t input, int64_t column) -> float & {
    return panel[input / depth * step + (place + column) * depth +
                 input % depth];
  };
  std::vector<float> line(strides[0] == 1 ? inputs : count);
  // Read along the axis whose elements are neighbours in the file.
  if (strides[0] == 1) {
    for (int64_t column = 0; column < count; ++column) {
      storage->read(offset + (first + column) * strides[1], 1, line);
      for (int64_t input = 0; input < inputs; ++input)
        at(input, column) = line[input];
    }
    return;
  }
  for (int64_t input = 0; input < inputs; ++input) {
    storage->read(offset + input * strides[0] + first * strides[1], strides[1],
                  line);
    for (int64_t column = 0; column < count; ++column)
      at(input, column) = line[column];
  }
}
