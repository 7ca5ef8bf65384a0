//===- Device.cpp - Memory and kernels of a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Device.h"

#include "runtime/Failure.h"
#include "runtime/device/OpenCL.h"

#include <cstdlib>
#include <utility>

using namespace sinter::runtime;

std::string sinter::runtime::targetOf(const sinter_device_program &program) {
  std::string name = program.kind == SINTER_DEVICE_OPENCL ? "OpenCL"
                     : program.kind == SINTER_DEVICE_CUDA ? "CUDA"
                                                          : "unknown device";
  return *program.architecture ? name + ", " + program.architecture : name;
}

std::unique_ptr<Device>
sinter::runtime::openDevice(const sinter_device_program &program) {
  const char *variable = std::getenv("SINTER_DEVICE");
  const std::string choice = variable && *variable ? variable : "auto";
  if (choice == "cpu")
    fail(SINTER_ERROR_UNSUPPORTED,
         "device 'cpu': this program is compiled for %s alone; compile it "
         "without --target for the CPU",
         targetOf(program).c_str());
  if (program.kind == SINTER_DEVICE_OPENCL)
    return openOpenCL(program, choice);
  fail(SINTER_ERROR_UNSUPPORTED,
       "this program is compiled for %s, which this runtime cannot run yet",
       targetOf(program).c_str());
}

StepMemory::StepMemory(Device *device, int64_t bytes, const char *what,
                       Pages pages)
    : device(device) {
  if (!device) {
    host = Memory(bytes, what, pages);
    return;
  }
  size = bytes;
  if (bytes > 0)
    address = device->allocate(bytes, what);
}

StepMemory::~StepMemory() {
  if (address)
    device->release(address);
}

StepMemory::StepMemory(StepMemory &&other) noexcept
    : device(other.device), host(std::move(other.host)),
      address(std::exchange(other.address, 0)), size(other.size) {}

extern "C" void sinter_device_launch(const sinter_step_context *context,
                                     int64_t kernel, const int64_t *groups,
                                     const uint64_t *arguments) {
  static_cast<Device *>(context->device)->launch(kernel, groups, arguments);
}
