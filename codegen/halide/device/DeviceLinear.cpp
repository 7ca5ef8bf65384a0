//===- DeviceLinear.cpp - Contractions on a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Elementwise.h"
#include "codegen/halide/device/KernelWriter.h"

using namespace Halide;

namespace sinter::rows {

namespace {

/// Rows of a tile, where there are many; of fewer rows than `leastRows` each is
/// computed by itself.
constexpr int tileRows = 8;
constexpr int leastRows = 5;
/// Of one row, the inputs are cut into so many slices, that a group has enough
/// threads to hide how long weights take to come.
constexpr int slices = 4;

/// Makes the kernels of one contraction. A thread owns a column of a panel, so
/// that the threads of a group read weights that stand side by side.
class LinearBuilder {
public:
  LinearBuilder(const LinearWork &work)
      : work(work), steps((work.inputs + work.depth - 1) / work.depth),
        count(dimensions.of(work.rows) * int32_t(work.rowsOfEach)),
        panels((work.outputs + work.columns - 1) / work.columns),
        rows(denseBuffer("rows", storageType(work.element),
                         {int32_t(work.inputs), count})),
        weight(denseBuffer("weight", storageType(work.weight),
                           {int32_t(work.depth), int32_t(work.columns),
                            int32_t(steps), int32_t(panels)})) {}

  DeviceKernel addOfFewRows(KernelWriter &writer, const std::string &name) {
    Var slice("slice");
    Func part("part"), out("out");
    RDom r(0, int32_t((steps + slices - 1) / slices), "step");
    Expr step = r * slices + slice;
    part(column, slice, panel, row) = 0.0f;
    part(column, slice, panel, row) +=
        select(step < int32_t(steps),
               product(min(step, int32_t(steps - 1)), row), 0.0f);
    int32_t columns = work.columns;
    Expr sum = 0.0f;
    for (int i = 0; i < slices; ++i)
      sum += part(output % columns, i, output / columns, row);
    out(output, row) = sum;

    out.split(output, panel, column, columns, TailStrategy::GuardWithIf)
        .reorder(column, panel, row)
        .gpu_blocks(panel, row, DeviceAPI::OpenCL)
        .gpu_threads(column, DeviceAPI::OpenCL);
    part.compute_at(out, panel)
        .store_in(MemoryType::GPUShared)
        .bound(column, 0, columns)
        .bound(slice, 0, slices)
        .bound_extent(panel, 1)
        .reorder(column, slice, panel, row)
        .gpu_threads(column, slice, DeviceAPI::OpenCL);
    part.update()
        .reorder(r, column, slice, panel, row)
        .gpu_threads(column, slice, DeviceAPI::OpenCL);
    DeviceKernel kernel =
        add(writer, out, name, groupsOf(work.rows, work.rowsOfEach));
    kernel.mostRows = leastRows - 1;
    return kernel;
  }

  DeviceKernel addOfManyRows(KernelWriter &writer, const std::string &name) {
    Var inTile("in_tile"), tile("tile");
    Func sums("sums"), out("out");
    RDom r(0, int32_t(steps), "step");
    sums(column, inTile, panel, tile) = 0.0f;
    sums(column, inTile, panel, tile) +=
        product(r, min(tile * tileRows + inTile, count - 1));
    int32_t columns = work.columns;
    out(output, row) = sums(output % columns, row % tileRows, output / columns,
                            row / tileRows);

    out.split(output, panel, column, columns, TailStrategy::GuardWithIf)
        .split(row, tile, inTile, tileRows, TailStrategy::GuardWithIf)
        .reorder(inTile, column, panel, tile)
        .unroll(inTile)
        .gpu_blocks(panel, tile, DeviceAPI::OpenCL)
        .gpu_threads(column, DeviceAPI::OpenCL);
    sums.compute_at(out, column)
        .bound(inTile, 0, tileRows)
        .bound_extent(panel, 1)
        .bound_extent(tile, 1)
        .unroll(inTile);
    sums.update().reorder(inTile, r, column, panel, tile).unroll(inTile);
    return add(writer, out, name,
               groupsOf(work.rows, work.rowsOfEach, tileRows));
  }

private:
  /// What inputs that stand side by side add to a sum.
  Expr product(const Expr &step, const Expr &row) {
    Expr sum;
    for (int64_t i = 0; i < work.depth; ++i) {
      Expr input = step * int32_t(work.depth) + int32_t(i);
      // Weights are padded to whole steps, rows are not.
      bool isPadded = work.inputs % work.depth != 0;
      Expr at = isPadded ? min(input, int32_t(work.inputs - 1)) : input;
      Expr factor = fromStorage(rows(at, row), work.element);
      if (isPadded)
        factor = select(input < int32_t(work.inputs), factor, 0.0f);
      Expr term = factor * fromStorage(weight(int32_t(i), column, step, panel),
                                       work.weight);
      sum = sum.defined() ? sum + term : term;
    }
    return sum;
  }

  DeviceKernel add(KernelWriter &writer, Func out, const std::string &name,
                   const Groups &ofRows) {
    out.output_buffer().dim(0).set_bounds(0, int32_t(work.outputs));
    out.output_buffer().dim(1).set_bounds(0, count).set_stride(
        int32_t(work.outputs));
    std::vector<Argument> signature{rows, weight};
    signature.insert(signature.end(), dimensions.parameters.begin(),
                     dimensions.parameters.end());
    return writer.add(out, name, signature, {{"rows", 0}, {"weight", 1}}, {2},
                      {Groups{panels}, ofRows, Groups()});
  }

  const LinearWork &work;
  CallDimensions dimensions;
  int64_t steps;
  Expr count;
  int64_t panels;
  ImageParam rows, weight;
  Var column{"column"}, panel{"panel"}, row{"row"}, output{"output"};
};

} // namespace

std::vector<DeviceKernel> addLinear(KernelWriter &writer,
                                    const std::string &name,
                                    const LinearWork &work) {
  return {LinearBuilder(work).addOfFewRows(writer, name + "_few"),
          LinearBuilder(work).addOfManyRows(writer, name)};
}

} // namespace sinter::rows
