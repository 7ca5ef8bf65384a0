//===- DeviceRows.h - Row work on a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_DEVICE_DEVICEROWS_H
#define SINTER_CODEGEN_HALIDE_DEVICE_DEVICEROWS_H

#include "codegen/halide/RowBuilder.h"
#include "codegen/halide/device/KernelWriter.h"

namespace sinter::rows {

/// Makes a device's kernel of one output of a row program.
class DeviceBuilder : public Builder {
public:
  DeviceBuilder(const RowProgram &program, int output)
      : Builder(program, output, /*lanes=*/1) {}

  /// Outputs before it are in memory already.
  DeviceKernel add(KernelWriter &writer, const std::string &name);

protected:
  int chooseLanes(const Size &size, int value) const override;

private:
  void scheduleKept(int value, const Halide::LoopLevel &level);
};

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_DEVICE_DEVICEROWS_H
