//===- Device.cpp - Memory and kernels of a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Device.h"

#include "runtime/Failure.h"
#if !defined(__wasi__) // which cannot load a device's library
#include "runtime/device/Cuda.h"
#include "runtime/device/OpenCL.h"
#endif

#include <cstdlib>
#include <utility>

using namespace sinter::runtime;

std::string sinter::runtime::targetOf(const sinter_device_program &program) {
  std::string name = program.kind == SINTER_DEVICE_OPENCL ? "OpenCL"
                     : program.kind == SINTER_DEVICE_CUDA ? "CUDA"
                                                          : "unknown device";
  return *program.architecture ? name + ", " + program.architecture : name;
}

/// What the variable SINTER_DEVICE names.
static std::string chosenDevice() {
  const char *variable = std::getenv("SINTER_DEVICE");
  return variable && *variable ? variable : "auto";
}

std::optional<size_t>
sinter::runtime::numberOfDevice(const std::string &choice,
                                const std::string &kind,
                                const std::vector<std::string> &names) {
  if (choice == "auto" || choice == kind)
    return std::nullopt;
  const std::string prefix = kind + ":";
  char *end = nullptr;
  long number = -1;
  if (choice.starts_with(prefix) && choice.size() > prefix.size())
    number = std::strtol(choice.c_str() + prefix.size(), &end, 10);
  if (!end || *end)
    fail(SINTER_ERROR_ARGUMENT,
         "device '%s' is none that this program can run on: it takes auto, "
         "%s or %s:N",
         choice.c_str(), kind.c_str(), kind.c_str());
  if (number >= 0 && static_cast<size_t>(number) < names.size())
    return static_cast<size_t>(number);
  std::string known;
  for (size_t i = 0; i < names.size(); ++i)
    known += (i ? ", " : "") + prefix + std::to_string(i) + " is " + names[i];
  fail(SINTER_ERROR_ARGUMENT, "there is no device '%s': %s", choice.c_str(),
       known.c_str());
}

const sinter_variant &
sinter::runtime::variantForDevice(const sinter_program &program,
                                  const sinter_variant &chosen) {
  if (!chosen.device || chosen.device->kind != SINTER_DEVICE_CUDA ||
      program.variant_count == 1)
    return chosen;
#if defined(__wasi__)
  return chosen;
#else
  std::vector<const sinter_device_program *> programs;
  for (int64_t i = 0; i < program.variant_count; ++i)
    programs.push_back(program.variants[i].device);
  return program.variants[chooseCuda(programs, chosenDevice())];
#endif
}

std::unique_ptr<Device>
sinter::runtime::openDevice(const sinter_device_program &program) {
  const std::string choice = chosenDevice();
  if (choice == "cpu")
    fail(SINTER_ERROR_UNSUPPORTED,
         "device 'cpu': this program is compiled for %s alone; compile it "
         "without --target for the CPU",
         targetOf(program).c_str());
#if !defined(__wasi__)
  if (program.kind == SINTER_DEVICE_OPENCL)
    return openOpenCL(program, choice);
  if (program.kind == SINTER_DEVICE_CUDA)
    return openCuda(program, choice);
#endif
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
