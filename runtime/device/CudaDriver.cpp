//===- CudaDriver.cpp - What is used of CUDA's driver -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/CudaDriver.h"

#include "runtime/Failure.h"

#include <cstdlib>
#include <dlfcn.h>
#include <type_traits>

using namespace sinter::runtime;

cuda::Driver::Driver() {
  const char *named = std::getenv("SINTER_CUDA_LIBRARY");
  const char *file = named && *named ? named : "libcuda.so.1";
  // It stays: drivers do not like to be unloaded.
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    fail(SINTER_ERROR_UNSUPPORTED,
         "CUDA's driver cannot be loaded: %s (it comes with NVIDIA's driver "
         "for its GPUs)",
         reason ? reason : file);
  }
  auto find = [&](auto &function, const char *name) {
    void *symbol = dlsym(library, name);
    if (!symbol)
      fail(SINTER_ERROR_UNSUPPORTED, "%s has no %s: a newer driver is needed",
           file, name);
    function = reinterpret_cast<std::decay_t<decltype(function)>>(symbol);
  };
  find(init, "cuInit");
  find(getErrorString, "cuGetErrorString");
  find(deviceGetCount, "cuDeviceGetCount");
  find(deviceGet, "cuDeviceGet");
  find(deviceGetName, "cuDeviceGetName");
  find(deviceTotalMem, "cuDeviceTotalMem_v2");
  find(deviceGetAttribute, "cuDeviceGetAttribute");
  find(primaryContextRetain, "cuDevicePrimaryCtxRetain");
  find(primaryContextRelease, "cuDevicePrimaryCtxRelease_v2");
  find(contextSetCurrent, "cuCtxSetCurrent");
  find(memoryInfo, "cuMemGetInfo_v2");
  find(moduleLoad, "cuModuleLoadDataEx");
  find(moduleUnload, "cuModuleUnload");
  find(moduleGetFunction, "cuModuleGetFunction");
  find(functionSetAttribute, "cuFuncSetAttribute");
  find(allocate, "cuMemAlloc_v2");
  find(release, "cuMemFree_v2");
  find(fill, "cuMemsetD8Async");
  find(copyToDevice, "cuMemcpyHtoDAsync_v2");
  find(copyToHost, "cuMemcpyDtoHAsync_v2");
  find(copyOnDevice, "cuMemcpyDtoDAsync_v2");
  find(streamCreate, "cuStreamCreate");
  find(streamDestroy, "cuStreamDestroy_v2");
  find(streamSynchronize, "cuStreamSynchronize");
  find(launchKernel, "cuLaunchKernel");
}
