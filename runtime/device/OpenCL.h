//===- OpenCL.h - Devices through OpenCL -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_DEVICE_OPENCL_H
#define SINTER_RUNTIME_DEVICE_OPENCL_H

#include "runtime/device/Device.h"

namespace sinter::runtime {

/// A device of libOpenCL.so.1, which is loaded now; the variable
/// SINTER_OPENCL_LIBRARY names another one. `choice` is "auto" or "opencl" (the
/// first GPU, else the first device of any kind), or "opencl:N" for device N of
/// all platforms, from 0.
std::unique_ptr<Device> openOpenCL(const sinter_device_program &program,
                                   const std::string &choice);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_DEVICE_OPENCL_H
