//===- Cuda.h - NVIDIA's GPUs -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_DEVICE_CUDA_H
#define SINTER_RUNTIME_DEVICE_CUDA_H

#include "runtime/device/Device.h"

#include <vector>

namespace sinter::runtime {

/// A GPU of the driver that is installed. `choice` is "auto" or "cuda" (the
/// first), or "cuda:N" for the one of that number, from 0. Throws one message
/// where there is none, where it is older than what the program is compiled
/// for, or where its driver is.
std::unique_ptr<Device> openCuda(const sinter_device_program &program,
                                 const std::string &choice);

/// Of programs for several architectures, the number of the one that the chosen
/// GPU runs best: the first that it can run, as compilers put the newest first.
/// 0 where it can run none, or where there is no GPU: opening it says so.
int64_t chooseCuda(const std::vector<const sinter_device_program *> &programs,
                   const std::string &choice) noexcept;

/// Whether a GPU of compute capability major.minor runs code for an
/// architecture: "sm_80" all from 8.0 on, "sm_90a" 9.0 alone.
bool runsOnCapability(const std::string &architecture, int major, int minor);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_DEVICE_CUDA_H
