//===- FakeCuda.cpp - A driver without a GPU -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library in place of libcuda.so.1 (SINTER_CUDA_LIBRARY names it): what a
// program says where a GPU is missing, too old or too small, and that it asks
// for what the driver's documentation demands. Kernels do nothing. The variable
// FAKE_GPU holds its compute capability and bytes of memory, "9 0 1000000"; no
// GPU where it is empty.
//
//===----------------------------------------------------------------------===//

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

namespace {

constexpr int outOfMemory = 2, invalidValue = 1, noDevice = 100,
              invalidContext = 201;

struct Gpu {
  int major = 0, minor = 0;
  long long memory = 0;
};

bool find(Gpu &gpu) {
  const char *text = std::getenv("FAKE_GPU");
  return text && std::sscanf(text, "%d %d %lld", &gpu.major, &gpu.minor,
                             &gpu.memory) == 3;
}

Gpu gpu() {
  Gpu found;
  find(found);
  return found;
}

thread_local bool isCurrent = false;
std::map<uint64_t, size_t> taken;
size_t total = 0;
int shared = 0;
char object;

} // namespace

extern "C" {

int cuInit(unsigned) {
  Gpu found;
  return find(found) ? 0 : noDevice;
}

int cuGetErrorString(int code, const char **text) {
  *text = code == outOfMemory      ? "out of memory"
          : code == invalidContext ? "invalid device context"
                                   : "invalid argument";
  return 0;
}

int cuDeviceGetCount(int *count) {
  *count = 1;
  return 0;
}

int cuDeviceGet(int *device, int number) {
  *device = number;
  return 0;
}

int cuDeviceGetName(char *name, int size, int) {
  std::snprintf(name, size_t(size), "Fake GPU");
  return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int) {
  *bytes = size_t(gpu().memory);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
  *value = attribute == 75   ? gpu().major
           : attribute == 76 ? gpu().minor
           : attribute == 97 ? 101376
                             : 0;
  return 0;
}

int cuDevicePrimaryCtxRetain(void **context, int) {
  *context = &object;
  return 0;
}

int cuDevicePrimaryCtxRelease_v2(int) { return 0; }

int cuCtxSetCurrent(void *context) {
  isCurrent = context == &object;
  return 0;
}

int cuMemGetInfo_v2(size_t *free, size_t *all) {
  *all = size_t(gpu().memory);
  *free = *all - total;
  return isCurrent ? 0 : invalidContext;
}

/// PTX that says what it is for: machine code is another GPU's.
int cuModuleLoadDataEx(void **module, const void *image, unsigned, int *,
                       void **) {
  const char *text = static_cast<const char *>(image);
  *module = &object;
  return !isCurrent                        ? invalidContext
         : std::strstr(text, ".target sm") ? 0
                                           : invalidValue;
}

int cuModuleUnload(void *) { return 0; }

int cuModuleGetFunction(void **function, void *, const char *) {
  *function = &object;
  return 0;
}

int cuFuncSetAttribute(void *, int attribute, int value) {
  shared = value;
  return attribute == 8 && value <= 101376 ? 0 : invalidValue;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  if (!isCurrent || bytes == 0)
    return isCurrent ? invalidValue : invalidContext;
  if (total + bytes > size_t(gpu().memory))
    return outOfMemory;
  *address = reinterpret_cast<uint64_t>(std::malloc(bytes));
  taken[*address] = bytes;
  total += bytes;
  return 0;
}

int cuMemFree_v2(uint64_t address) {
  auto found = taken.find(address);
  if (found == taken.end())
    return invalidValue;
  total -= found->second;
  taken.erase(found);
  std::free(reinterpret_cast<void *>(address));
  return 0;
}

int cuMemsetD8Async(uint64_t to, unsigned char byte, size_t bytes, void *) {
  std::memset(reinterpret_cast<void *>(to), byte, bytes);
  return isCurrent ? 0 : invalidContext;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *) {
  std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  return isCurrent ? 0 : invalidContext;
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *) {
  std::memcpy(to, reinterpret_cast<void *>(from), bytes);
  return isCurrent ? 0 : invalidContext;
}

int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *) {
  std::memcpy(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from),
              bytes);
  return isCurrent ? 0 : invalidContext;
}

int cuStreamCreate(void **stream, unsigned) {
  *stream = &object;
  return 0;
}

int cuStreamDestroy_v2(void *) { return 0; }

int cuStreamSynchronize(void *) { return isCurrent ? 0 : invalidContext; }

int cuLaunchKernel(void *, unsigned groupsX, unsigned groupsY, unsigned groupsZ,
                   unsigned threadsX, unsigned threadsY, unsigned threadsZ,
                   unsigned sharedBytes, void *, void **, void **) {
  if (!isCurrent)
    return invalidContext;
  // Grids are limited along their last axes, and what is more than 48 KiB of
  // shared memory must have been asked for.
  bool isFine = groupsX > 0 && groupsY > 0 && groupsZ > 0 && groupsY < 65536 &&
                groupsZ < 65536 && threadsX * threadsY * threadsZ <= 1024 &&
                (sharedBytes <= 49152 || int(sharedBytes) <= shared);
  return isFine ? 0 : invalidValue;
}

} // extern "C"
