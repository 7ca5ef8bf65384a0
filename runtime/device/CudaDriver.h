//===- CudaDriver.h - What is used of CUDA's driver -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of NVIDIA's driver API (CUDA Toolkit documentation, "CUDA
// Driver API") that the runtime calls, loaded when a program needs them: no
// toolkit is needed to build it, no driver to start it.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_DEVICE_CUDADRIVER_H
#define SINTER_RUNTIME_DEVICE_CUDADRIVER_H

#include <cstddef>
#include <cstdint>

namespace sinter::runtime::cuda {

using Address = uint64_t;
using Context = struct OpaqueContext *;
using Module = struct OpaqueModule *;
using Function = struct OpaqueFunction *;
using Stream = struct OpaqueStream *;

// Their numbers in cuda.h.
constexpr int success = 0, outOfMemory = 2, noDevice = 100,
              noBinaryForDevice = 209, unsupportedPtx = 222;
constexpr int maximumSharedOfBlock = 97, capabilityMajor = 75,
              capabilityMinor = 76; // of a device
constexpr int dynamicSharedOfFunction = 8;
constexpr int errorLog = 5, errorLogBytes = 6; // of a module's compilation

struct Driver {
  /// libcuda.so.1, or what the variable SINTER_CUDA_LIBRARY names. Throws where
  /// the library or a function of it is missing.
  Driver();

#define SINTER_CU(name, ...) int (*name)(__VA_ARGS__)
  SINTER_CU(init, unsigned flags);
  SINTER_CU(getErrorString, int code, const char **text);
  SINTER_CU(deviceGetCount, int *count);
  SINTER_CU(deviceGet, int *device, int number);
  SINTER_CU(deviceGetName, char *name, int size, int device);
  SINTER_CU(deviceTotalMem, size_t *bytes, int device);
  SINTER_CU(deviceGetAttribute, int *value, int attribute, int device);
  SINTER_CU(primaryContextRetain, Context *context, int device);
  SINTER_CU(primaryContextRelease, int device);
  SINTER_CU(contextSetCurrent, Context context);
  SINTER_CU(memoryInfo, size_t *free, size_t *total);
  SINTER_CU(moduleLoad, Module *module, const void *image, unsigned options,
            int *names, void **values);
  SINTER_CU(moduleUnload, Module module);
  SINTER_CU(moduleGetFunction, Function *function, Module module,
            const char *name);
  SINTER_CU(functionSetAttribute, Function function, int attribute, int value);
  SINTER_CU(allocate, Address *address, size_t bytes);
  SINTER_CU(release, Address address);
  SINTER_CU(fill, Address to, unsigned char byte, size_t bytes, Stream stream);
  SINTER_CU(copyToDevice, Address to, const void *from, size_t bytes,
            Stream stream);
  SINTER_CU(copyToHost, void *to, Address from, size_t bytes, Stream stream);
  SINTER_CU(copyOnDevice, Address to, Address from, size_t bytes,
            Stream stream);
  SINTER_CU(streamCreate, Stream *stream, unsigned flags);
  SINTER_CU(streamDestroy, Stream stream);
  SINTER_CU(streamSynchronize, Stream stream);
  SINTER_CU(launchKernel, Function function, unsigned groupsX, unsigned groupsY,
            unsigned groupsZ, unsigned threadsX, unsigned threadsY,
            unsigned threadsZ, unsigned sharedBytes, Stream stream,
            void **arguments, void **extra);
#undef SINTER_CU
};

} // namespace sinter::runtime::cuda

#endif // SINTER_RUNTIME_DEVICE_CUDADRIVER_H
