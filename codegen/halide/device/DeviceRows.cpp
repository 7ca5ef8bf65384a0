//===- DeviceRows.cpp - Row work on a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/device/DeviceRows.h"
#include "codegen/halide/Elementwise.h"
#include "codegen/halide/Plan.h"
#include <bit>
#include <limits>

using namespace Halide;

namespace sinter::rows {

// A group of threads computes a row, or where nothing of a row is kept a part
// of one. Threads take every `groupThreads`th element, so that neighbours read
// neighbours. What is kept of a row stands in the group's local memory.

/// Elements of a row that one kept value may have: local memory is 32 KiB on
/// the smallest devices.
static constexpr int64_t mostKept = 1024;
/// Elements of all lanes of one reduction.
static constexpr int64_t mostLanes = 2048;

int DeviceBuilder::chooseLanes(const Size &size, int value) const {
  int64_t most = 32;
  if (size.isStatic())
    most = std::min(most, int64_t(std::bit_floor(uint64_t(size.number))));
  int64_t sums = std::max<int64_t>(1, rowElements(operation(value).type));
  while (most > 1 && most * sums > mostLanes)
    most /= 2;
  return int(most);
}

/// Hands the elements of these axes, the innermost first, to the threads of the
/// group; other axes become loops around.
static void distribute(Stage stage, const std::vector<Var> &axes,
                       int64_t elements, const std::vector<Var> &others) {
  if (axes.empty())
    return;
  Var all = axes[0];
  for (size_t i = 1; i < axes.size(); ++i) {
    Var fused;
    stage.fuse(all, axes[i], fused);
    all = fused;
  }
  std::vector<VarOrRVar> order;
  if (elements > groupThreads) {
    Var outer, inner;
    stage.split(all, outer, inner, groupThreads, TailStrategy::GuardWithIf);
    order = {outer, inner};
    all = inner;
  } else {
    order = {all};
  }
  order.insert(order.end(), others.begin(), others.end());
  if (order.size() > 1)
    stage.reorder(order);
  stage.gpu_threads(all, DeviceAPI::OpenCL);
}

void DeviceBuilder::scheduleKept(int value, const LoopLevel &level) {
  Kept &own = kept.at(value);
  const Tensor &type = operation(value).type;
  std::vector<Var> whole, others;
  int64_t elements = 1;
  for (size_t i = 0; i < own.arguments.size(); ++i) {
    const Size &size = type.shape[own.axes[i]];
    if (!size.isStatic()) {
      others.push_back(own.arguments[i]);
      continue;
    }
    whole.push_back(own.arguments[i]);
    elements *= size.number;
  }
  auto bind = [&](Func func) {
    for (size_t i = 0; i < own.arguments.size(); ++i)
      if (const Size &size = type.shape[own.axes[i]]; size.isStatic())
        func.bound(own.arguments[i], 0, int32_t(size.number));
    func.compute_at(level).store_in(MemoryType::GPUShared);
  };
  bind(own.func);
  distribute(own.func, whole, elements, others);
  if (!own.partial.defined())
    return;
  bind(own.partial);
  if (own.lanes > 0) {
    own.partial.bound(own.lane, 0, own.lanes);
    whole.insert(whole.begin(), own.lane);
    elements *= own.lanes;
  }
  distribute(own.partial, whole, elements, others);
  for (int i = 0; i < own.partial.num_update_definitions(); ++i)
    distribute(own.partial.update(i), whole, elements, others);
}

DeviceKernel DeviceBuilder::add(KernelWriter &writer, const std::string &name) {
  const Output &place = program.outputs[output];
  int root = peel(place.value);
  keptValues = chooseKept(program, root, mostKept);
  const Tensor &type = operation(root).type;
  int rowAxis = findRowAxis(type);
  const Size rows = type.shape[rowAxis];

  Var rowVariable("row");
  RDom rowDomain(0, sizeOf(rows), "row");
  row = place.isCached() ? Expr(rowDomain.x) : Expr(rowVariable);
  reader = rootReader;
  Index index(type.shape.size(), Expr(0));
  std::vector<Var> axes, left;
  Groups elements; // of a row
  Func func("out");
  Expr stride = 1;
  std::vector<std::array<Expr, 2>> layout;
  for (int axis = int(index.size()) - 1; axis >= 0; --axis) {
    const Size &size = type.shape[axis];
    if (axis == rowAxis) {
      index[axis] = row;
      left.push_back(rowVariable);
      // A cache has more rows than the call.
      layout.push_back(
          {place.isCached() ? Expr(0x7fffffff) : sizeOf(size), stride});
    } else if (!size.isOne()) {
      axes.emplace_back("o" + std::to_string(axis));
      left.push_back(axes.back());
      index[axis] = axes.back();
      layout.push_back({sizeOf(size), stride});
      if (!size.isStatic() && elements.dimension >= 0)
        throw CompileError("a row has two axes of unknown size");
      if (size.isStatic())
        elements.number *= size.number;
      else
        elements.dimension = size.dimension;
    }
    stride = Internal::simplify(stride * sizeOf(size));
  }
  Expr element = share(toStorage(at(root, index), type.element));
  if (!place.isCached()) {
    func(left) = element;
  } else {
    if (rowAxis != 0)
      throw CompileError("rows of a cache are not those of the outermost axis");
    Expr at = this->at(place.sequence, {row}) * int32_t(place.positions) +
              this->at(place.position, {row});
    std::vector<Expr> where(left.begin(), left.end());
    where.back() = unsafe_promise_clamped(at, 0, 0x7ffffffe);
    func(left) = undef(element.type());
    func(where) = element;
  }
  for (size_t i = 0; i < layout.size(); ++i)
    func.output_buffer()
        .dim(int(i))
        .set_bounds(0, layout[i][0])
        .set_stride(layout[i][1]);

  VarOrRVar ofRow =
      place.isCached() ? VarOrRVar(rowDomain.x) : VarOrRVar(rowVariable);
  LoopLevel level = place.isCached() ? LoopLevel(func, rowDomain.x)
                                     : LoopLevel(func, rowVariable);
  std::array<Groups, 3> groups{groupsOf(rows)};
  Stage stage = func;
  if (place.isCached()) {
    stage = func.update();
    // No two tokens of a call stand in one place.
    func.update().allow_race_conditions();
  }
  if (axes.empty()) {
    stage.gpu_blocks(ofRow, DeviceAPI::OpenCL);
  } else {
    Var all = axes[0];
    for (size_t i = 1; i < axes.size(); ++i) {
      Var fused;
      stage.fuse(all, axes[i], fused);
      all = fused;
    }
    Var outer("part"), inner("thread");
    stage.split(all, outer, inner, groupThreads, TailStrategy::GuardWithIf);
    if (order.empty()) {
      stage.reorder(inner, outer, ofRow)
          .gpu_blocks(outer, ofRow, DeviceAPI::OpenCL);
      groups = {Groups{elements.number, elements.dimension, groupThreads},
                groupsOf(rows), Groups()};
    } else {
      stage.reorder(outer, inner, ofRow).gpu_blocks(ofRow, DeviceAPI::OpenCL);
    }
    stage.gpu_threads(inner, DeviceAPI::OpenCL);
  }
  for (int value : order)
    scheduleKept(value, level);

  std::vector<Argument> signature(images.begin(), images.end());
  signature.insert(signature.end(), dimensions.begin(), dimensions.end());
  std::map<std::string, int> buffers;
  for (size_t i = 0; i < images.size(); ++i)
    buffers[images[i].name()] = views[i].buffer;
  return writer.add(func, name, signature, buffers, {program.inputs + output},
                    groups);
}

std::vector<DeviceKernel> addRows(KernelWriter &writer, const std::string &name,
                                  const RowProgram &program) {
  std::vector<DeviceKernel> kernels;
  for (size_t output = 0; output < program.outputs.size(); ++output)
    kernels.push_back(DeviceBuilder(program, int(output))
                          .add(writer, name + "_" + std::to_string(output)));
  return kernels;
}

} // namespace sinter::rows
