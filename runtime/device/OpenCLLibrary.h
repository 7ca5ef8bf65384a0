//===- OpenCLLibrary.h - What is used of OpenCL -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of OpenCL 1.2 (Khronos, "The OpenCL Specification", 2012) that
// the runtime calls, loaded when a program needs them: no compiled model needs
// OpenCL to be linked or started, and no header of it to be built.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_DEVICE_OPENCLLIBRARY_H
#define SINTER_RUNTIME_DEVICE_OPENCLLIBRARY_H

#include <cstddef>
#include <cstdint>

namespace sinter::runtime::cl {

using Platform = struct OpaquePlatform *;
using DeviceId = struct OpaqueDevice *;
using Context = struct OpaqueContext *;
using Queue = struct OpaqueQueue *;
using Buffer = struct OpaqueBuffer *;
using Program = struct OpaqueProgram *;
using Kernel = struct OpaqueKernel *;
using Event = struct OpaqueEvent *;

// Their numbers in the specification.
constexpr int32_t success = 0, deviceNotFound = -1, memoryFailure = -4,
                  outOfResources = -5, outOfHostMemory = -6,
                  noPlatforms = -1001;
constexpr uint64_t anyDevice = 0xffffffff, isGpu = 1 << 2;
constexpr uint32_t deviceType = 0x1000, deviceMaximumAllocation = 0x1010,
                   deviceMemory = 0x101f, deviceLocalMemory = 0x1023,
                   deviceMaximumGroup = 0x1004, deviceCompiler = 0x1028,
                   deviceName = 0x102b, platformName = 0x0902;
constexpr uint64_t readWrite = 1 << 0;
constexpr uint32_t buildLog = 0x1183;

struct Library {
  /// Throws where the library or a function of it is missing.
  Library();

#define SINTER_CL(result, name, ...) result (*name)(__VA_ARGS__)
  SINTER_CL(int32_t, getPlatformIDs, uint32_t, Platform *, uint32_t *);
  SINTER_CL(int32_t, getPlatformInfo, Platform, uint32_t, size_t, void *,
            size_t *);
  SINTER_CL(int32_t, getDeviceIDs, Platform, uint64_t, uint32_t, DeviceId *,
            uint32_t *);
  SINTER_CL(int32_t, getDeviceInfo, DeviceId, uint32_t, size_t, void *,
            size_t *);
  SINTER_CL(Context, createContext, const intptr_t *, uint32_t,
            const DeviceId *,
            void (*)(const char *, const void *, size_t, void *), void *,
            int32_t *);
  SINTER_CL(int32_t, releaseContext, Context);
  SINTER_CL(Queue, createCommandQueue, Context, DeviceId, uint64_t, int32_t *);
  SINTER_CL(int32_t, releaseCommandQueue, Queue);
  SINTER_CL(Buffer, createBuffer, Context, uint64_t, size_t, void *, int32_t *);
  SINTER_CL(int32_t, releaseMemObject, Buffer);
  SINTER_CL(Program, createProgramWithSource, Context, uint32_t, const char **,
            const size_t *, int32_t *);
  SINTER_CL(int32_t, buildProgram, Program, uint32_t, const DeviceId *,
            const char *, void (*)(Program, void *), void *);
  SINTER_CL(int32_t, getProgramBuildInfo, Program, DeviceId, uint32_t, size_t,
            void *, size_t *);
  SINTER_CL(int32_t, releaseProgram, Program);
  SINTER_CL(Kernel, createKernel, Program, const char *, int32_t *);
  SINTER_CL(int32_t, releaseKernel, Kernel);
  SINTER_CL(int32_t, setKernelArg, Kernel, uint32_t, size_t, const void *);
  SINTER_CL(int32_t, enqueueNDRangeKernel, Queue, Kernel, uint32_t,
            const size_t *, const size_t *, const size_t *, uint32_t,
            const Event *, Event *);
  SINTER_CL(int32_t, enqueueReadBuffer, Queue, Buffer, uint32_t, size_t, size_t,
            void *, uint32_t, const Event *, Event *);
  SINTER_CL(int32_t, enqueueWriteBuffer, Queue, Buffer, uint32_t, size_t,
            size_t, const void *, uint32_t, const Event *, Event *);
  SINTER_CL(int32_t, enqueueCopyBuffer, Queue, Buffer, Buffer, size_t, size_t,
            size_t, uint32_t, const Event *, Event *);
  SINTER_CL(int32_t, enqueueFillBuffer, Queue, Buffer, const void *, size_t,
            size_t, size_t, uint32_t, const Event *, Event *);
  SINTER_CL(int32_t, finish, Queue);
#undef SINTER_CL
};

} // namespace sinter::runtime::cl

#endif // SINTER_RUNTIME_DEVICE_OPENCLLIBRARY_H
