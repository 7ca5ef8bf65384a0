//===- DeviceArgmax.cpp - The largest of each row on a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/device/KernelWriter.h"
#include <functional>
#include <limits>

using namespace Halide;

namespace sinter::rows {

/// Whether `a` counts as larger than `b`: what is not a number does.
static Expr isLarger(const Expr &a, const Expr &b) {
  return a > b || (is_nan(a) && !is_nan(b));
}

/// Of `count` indices and elements; of equal ones the lower index.
static Tuple largestOf(const std::function<Tuple(int)> &at, int count) {
  std::vector<Tuple> found;
  for (int i = 0; i < count; ++i)
    found.push_back(at(i));
  while (found.size() > 1) {
    size_t half = found.size() / 2;
    for (size_t i = 0; i < half; ++i) {
      Tuple a = found[i], b = found[half + i];
      Expr isEqual = !isLarger(a[1], b[1]) && !isLarger(b[1], a[1]);
      Expr second = isLarger(b[1], a[1]) || (isEqual && b[0] < a[0]);
      found[i] = Tuple(select(second, b[0], a[0]), select(second, b[1], a[1]));
    }
    found.erase(found.begin() + half, found.end());
  }
  return found[0];
}

std::vector<DeviceKernel> addArgmax(KernelWriter &writer,
                                    const std::string &name,
                                    const ArgmaxWork &work) {
  constexpr int lanes = groupThreads, pieceLanes = 16;
  CallDimensions dimensions;
  Expr rows = dimensions.of(work.rows);
  int32_t width = work.width;
  ImageParam in = denseBuffer("in", Float(32), {width, rows});
  Var lane("lane"), row("row");
  RDom r(0, (width + lanes - 1) / lanes, "r");
  Func best("best"), out("out");
  best(lane, row) = Tuple(0x7fffffff, -std::numeric_limits<float>::infinity());
  Expr index = r * lanes + lane;
  Expr element = in(min(index, width - 1), row);
  // Elements come in their order, so the first of equals stays; the first of
  // all counts even where it is minus infinity.
  Expr takes = index < width && (isLarger(element, best(lane, row)[1]) ||
                                 best(lane, row)[0] == 0x7fffffff);
  best(lane, row) = Tuple(select(takes, index, best(lane, row)[0]),
                          select(takes, element, best(lane, row)[1]));
  // In two turns, so that the text of the kernel stays short. Threads without
  // any element have the last index of all.
  Var piece("piece");
  Func ofPiece("of_piece");
  ofPiece(piece, row) =
      largestOf([&](int i) { return Tuple(best(piece * pieceLanes + i, row)); },
                pieceLanes);
  out(row) = largestOf([&](int i) { return Tuple(ofPiece(i, row)); },
                       lanes / pieceLanes);
  out.gpu_blocks(row, DeviceAPI::OpenCL);
  ofPiece.compute_at(out, row).bound(piece, 0, lanes / pieceLanes);
  ofPiece.gpu_threads(piece, DeviceAPI::OpenCL);
  best.compute_at(out, row).bound(lane, 0, lanes);
  best.gpu_threads(lane, DeviceAPI::OpenCL);
  best.update().gpu_threads(lane, DeviceAPI::OpenCL);
  out.output_buffers()[0].dim(0).set_bounds(0, rows);
  std::vector<Argument> signature{in};
  signature.insert(signature.end(), dimensions.parameters.begin(),
                   dimensions.parameters.end());
  return {writer.add(out, name, signature, {{"in", 0}}, {1, 2},
                     {groupsOf(work.rows), Groups(), Groups()})};
}

} // namespace sinter::rows
