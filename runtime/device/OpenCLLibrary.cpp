//===- OpenCLLibrary.cpp - What is used of OpenCL -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/OpenCLLibrary.h"

#include "runtime/Failure.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace sinter::runtime;
using namespace sinter::runtime::cl;

cl::Library::Library() {
  const char *named = std::getenv("SINTER_OPENCL_LIBRARY");
  const char *file = named && *named ? named : "libOpenCL.so.1";
  // It stays: implementations do not like to be unloaded.
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    fail(SINTER_ERROR_UNSUPPORTED,
         "OpenCL cannot be loaded: %s (Debian's package is "
         "ocl-icd-libopencl1, and pocl-opencl-icd runs it on the CPU)",
         reason ? reason : file);
  }
  auto find = [&](auto &function, const char *name) {
    void *symbol = dlsym(library, name);
    if (!symbol)
      fail(SINTER_ERROR_UNSUPPORTED, "%s has no %s: OpenCL 1.2 is needed", file,
           name);
    function = reinterpret_cast<std::decay_t<decltype(function)>>(symbol);
  };
  find(getPlatformIDs, "clGetPlatformIDs");
  find(getPlatformInfo, "clGetPlatformInfo");
  find(getDeviceIDs, "clGetDeviceIDs");
  find(getDeviceInfo, "clGetDeviceInfo");
  find(createContext, "clCreateContext");
  find(releaseContext, "clReleaseContext");
  find(createCommandQueue, "clCreateCommandQueue");
  find(releaseCommandQueue, "clReleaseCommandQueue");
  find(createBuffer, "clCreateBuffer");
  find(releaseMemObject, "clReleaseMemObject");
  find(createProgramWithSource, "clCreateProgramWithSource");
  find(buildProgram, "clBuildProgram");
  find(getProgramBuildInfo, "clGetProgramBuildInfo");
  find(releaseProgram, "clReleaseProgram");
  find(createKernel, "clCreateKernel");
  find(releaseKernel, "clReleaseKernel");
  find(setKernelArg, "clSetKernelArg");
  find(enqueueNDRangeKernel, "clEnqueueNDRangeKernel");
  find(enqueueReadBuffer, "clEnqueueReadBuffer");
  find(enqueueWriteBuffer, "clEnqueueWriteBuffer");
  find(enqueueCopyBuffer, "clEnqueueCopyBuffer");
  find(enqueueFillBuffer, "clEnqueueFillBuffer");
  find(finish, "clFinish");
}
