//===- DeviceWork.h - Kernels for devices, without a compiler -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What passes between the side that knows MLIR (codegen/device) and the side
// that knows Halide (codegen/halide/device), as RowProgram.h does for a CPU.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_DEVICE_DEVICEWORK_H
#define SINTER_CODEGEN_HALIDE_DEVICE_DEVICEWORK_H

#include "codegen/halide/RowProgram.h"
#include <array>
#include <variant>

namespace sinter::rows {

/// Rows by a weight in panels, `[outputs / columns][inputs / depth][columns]
/// [depth]`. Buffers: rows [., inputs], the weight, results [., outputs].
struct LinearWork {
  Element element = Element::F32; ///< Of rows.
  Element weight = Element::F32;
  int64_t inputs = 0, outputs = 0, columns = 0, depth = 1;
  /// How many rows there are: the product.
  Size rows;
  int64_t rowsOfEach = 1;

  bool operator==(const LinearWork &other) const = default;
};

/// `sinter.attention`. Buffers: query, keys, values, sequence, extent, the
/// inputs of the scores' region, the result.
struct AttentionWork {
  int64_t heads = 0, keyHeads = 0, keyWidth = 0, valueHeads = 0, valueWidth = 0;
  int64_t keyPositions = 0, valuePositions = 0;
  int64_t window = 0; ///< 0: none
  Element keys = Element::F32, values = Element::F32;
  Size tokens, past;
  /// From the raw scores [H, N, P], its first input, to those of softmax.
  RowProgram scores;

  bool operator==(const AttentionWork &other) const = default;
};

/// `sinter.attention_scores`: query [H, N, D], keys, sequence, extent, result
/// [H, N, P]; or, `ofValues`, `sinter.attention_values`: probabilities
/// [H, N, P], values, sequence, extent, result [H, N, E].
struct AttentionPartWork {
  bool ofValues = false;
  int64_t heads = 0, historyHeads = 0, width = 0, positions = 0;
  Element history = Element::F32;
  Size tokens, past;

  bool operator==(const AttentionPartWork &other) const = default;
};

/// `sinter.argmax`. Buffers: [., width] of f32, index, largest.
struct ArgmaxWork {
  int64_t width = 0;
  Size rows;

  bool operator==(const ArgmaxWork &other) const = default;
};

/// A row program gives a kernel for each of its outputs, in their order.
using DeviceWork = std::variant<RowProgram, LinearWork, AttentionWork,
                                AttentionPartWork, ArgmaxWork>;

/// How many groups of threads: `number` times a dimension of the call, over
/// `divisor`, rounded up.
struct Groups {
  int64_t number = 1;
  int dimension = -1; ///< An `enum sinter_dimension`; -1: none.
  int64_t divisor = 1;
};

struct KernelArgument {
  /// Which of the work's buffers; -1: none.
  int buffer = -1;
  /// Else an `enum sinter_dimension`, as an i32.
  int dimension = -1;
};

struct DeviceKernel {
  std::string name;
  std::vector<KernelArgument> arguments;
  std::array<Groups, 3> groups;
  std::array<int, 3> threads{1, 1, 1};
  int64_t localBytes = 0;
  /// For calls of at most so many rows; the next kernel is for more. 0: any.
  int64_t mostRows = 0;
};

struct DeviceModule {
  /// For each work, what computes it.
  std::vector<std::vector<DeviceKernel>> kernels;
  /// OpenCL C.
  std::string source;
  /// Why nothing was compiled, and which work is in the way.
  std::string error;
  size_t failed = 0;
};

/// Compiles works to OpenCL C.
DeviceModule compileForDevice(const std::vector<DeviceWork> &works);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_DEVICE_DEVICEWORK_H
