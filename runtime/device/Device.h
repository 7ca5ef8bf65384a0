//===- Device.h - Memory and kernels of a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_DEVICE_DEVICE_H
#define SINTER_RUNTIME_DEVICE_DEVICE_H

#include "runtime/Memory.h"
#include "runtime/Program.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinter::runtime {

/// A device that a program's kernels were built for. All that it is asked to do
/// runs in the order in which it was asked, for all sessions. Addresses are
/// those of runtime/Program.h. Every function may be called by any thread, and
/// throws where it fails.
class Device {
public:
  virtual ~Device() = default;

  /// "PoCL: cpu-skylake, 21 GiB", for people.
  virtual std::string describe() const = 0;

  /// Zeroed memory, for any type; `what` names it where there is not enough.
  virtual uint64_t allocate(int64_t bytes, const char *what) = 0;
  virtual void release(uint64_t address) noexcept = 0;

  /// Returns when `from` may be changed.
  virtual void upload(uint64_t to, const void *from, size_t bytes) = 0;
  /// Returns when all that was asked for before is done, and `to` filled.
  virtual void download(void *to, uint64_t from, size_t bytes) = 0;
  /// The two do not overlap.
  virtual void copy(uint64_t to, uint64_t from, size_t bytes) = 0;

  /// See sinter_device_launch. Of launches that fail, the first is kept for
  /// finish().
  virtual void launch(int64_t kernel, const int64_t *groups,
                      const uint64_t *arguments) noexcept = 0;
  /// Waits until all is done; throws what went wrong since the last time.
  virtual void finish() = 0;
};

/// Opens the device that the variable SINTER_DEVICE names, or the best one, and
/// builds the program's kernels for it. Throws one message where there is none.
std::unique_ptr<Device> openDevice(const sinter_device_program &program);

/// Which of the devices of `kind` ("opencl", "cuda") with these names `choice`
/// asks for: "opencl:1". Nothing for "auto" and the kind itself, which leave it
/// open. Throws where there is no such device.
std::optional<size_t> numberOfDevice(const std::string &choice,
                                     const std::string &kind,
                                     const std::vector<std::string> &names);

/// Of a program with code for several architectures of GPUs, the variant for
/// the one that is here; `chosen` where all are for one.
const sinter_variant &variantForDevice(const sinter_program &program,
                                       const sinter_variant &chosen);

/// What `--info` says a program is compiled for: "OpenCL", "CUDA, sm_90a".
std::string targetOf(const sinter_device_program &program);

/// Memory that steps work in: the device's where there is one, else the CPU's.
class StepMemory {
public:
  /// Zeroed. `device` may be null, and outlives it.
  StepMemory(Device *device, int64_t bytes, const char *what,
             Pages pages = Pages::usual);
  ~StepMemory();
  StepMemory(StepMemory &&other) noexcept;
  StepMemory &operator=(StepMemory &&) = delete;

  /// Of a device an address, which nobody reads through.
  unsigned char *data() const {
    return device ? reinterpret_cast<unsigned char *>(address) : host.data();
  }
  int64_t bytes() const { return device ? size : host.bytes(); }

private:
  Device *device;
  Memory host;
  uint64_t address = 0;
  int64_t size = 0;
};

inline uint64_t addressOf(const void *pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_DEVICE_DEVICE_H
