//===- OpenCL.cpp - Devices through OpenCL -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/OpenCL.h"

#include "runtime/Failure.h"
#include "runtime/device/OpenCLLibrary.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

using namespace sinter::runtime;
using namespace sinter::runtime::cl;

namespace {

/// The upper bits of an address number a buffer, from 1 on.
constexpr int offsetBits = 48;
constexpr uint64_t offsetMask = (uint64_t(1) << offsetBits) - 1;
constexpr size_t mostBuffers = 0xffff;

/// A device, and what people call it.
struct Found {
  Platform platform;
  DeviceId device;
};

const char *meaningOf(int32_t code) {
  return code == memoryFailure || code == outOfHostMemory
             ? " (not enough memory)"
         : code == outOfResources ? " (not enough resources)"
                                  : "";
}

void check(int32_t code, const char *what) {
  if (code == success)
    return;
  fail(code == memoryFailure || code == outOfHostMemory ? SINTER_ERROR_MEMORY
                                                        : SINTER_ERROR_INTERNAL,
       "OpenCL cannot %s: error %d%s", what, code, meaningOf(code));
}

template <typename Number>
Number ask(const Library &library, DeviceId device, uint32_t what) {
  Number number = 0;
  library.getDeviceInfo(device, what, sizeof number, &number, nullptr);
  return number;
}

/// The devices of all platforms.
std::vector<Found> findAll(const Library &library);
std::string nameOf(const Library &library, const Found &found);
Found choose(const Library &library, const std::string &choice);

class OpenCLDevice final : public Device {
public:
  OpenCLDevice(const sinter_device_program &program, const std::string &choice);
  ~OpenCLDevice() override;

  std::string describe() const override { return description; }
  uint64_t allocate(int64_t bytes, const char *what) override;
  void release(uint64_t address) noexcept override;
  void upload(uint64_t to, const void *from, size_t bytes) override;
  void download(void *to, uint64_t from, size_t bytes) override;
  void copy(uint64_t to, uint64_t from, size_t bytes) override;
  void launch(int64_t kernel, const int64_t *groups,
              const uint64_t *arguments) noexcept override;
  void finish() override;

private:
  void build();
  void close() noexcept;

  Buffer bufferOf(uint64_t address) const {
    const size_t number = address >> offsetBits;
    return number < buffers.size() ? buffers[number] : nullptr;
  }
  static size_t offsetOf(uint64_t address) { return address & offsetMask; }
  int32_t tryLaunch(int64_t kernel, const int64_t *groups,
                    const uint64_t *arguments);

  Library library;
  const sinter_device_program &program;
  DeviceId device = nullptr;
  std::string description;
  int64_t memory = 0, largest = 0, allocated = 0;
  Context context = nullptr;
  Queue queue = nullptr;
  Program built = nullptr;
  std::vector<Kernel> kernels;

  std::mutex lock; ///< Of all below, and of kernels' arguments.
  std::vector<Buffer> buffers{nullptr};
  std::vector<int64_t> sizes{0};
  int32_t failure = success;
  int64_t failedKernel = 0;
};

std::vector<Found> findAll(const Library &library) {
  uint32_t count = 0;
  int32_t code = library.getPlatformIDs(0, nullptr, &count);
  if (code == noPlatforms || count == 0)
    fail(SINTER_ERROR_UNSUPPORTED,
         "OpenCL has no platform on this machine: install the driver of its "
         "GPU, or pocl-opencl-icd, which runs it on the CPU");
  check(code, "list its platforms");
  std::vector<Platform> platforms(count);
  check(library.getPlatformIDs(count, platforms.data(), nullptr),
        "list its platforms");
  std::vector<Found> all;
  for (Platform platform : platforms) {
    if (library.getDeviceIDs(platform, anyDevice, 0, nullptr, &count) !=
        success)
      continue;
    std::vector<DeviceId> devices(count);
    check(library.getDeviceIDs(platform, anyDevice, count, devices.data(),
                               nullptr),
          "list its devices");
    for (DeviceId each : devices)
      all.push_back({platform, each});
  }
  if (all.empty())
    fail(SINTER_ERROR_UNSUPPORTED, "OpenCL has no device on this machine");
  return all;
}

std::string nameOf(const Library &library, const Found &found) {
  char platform[256] = "", name[256] = "";
  library.getPlatformInfo(found.platform, platformName, sizeof platform - 1,
                          platform, nullptr);
  library.getDeviceInfo(found.device, deviceName, sizeof name - 1, name,
                        nullptr);
  return std::string(platform) + ": " + name;
}

Found choose(const Library &library, const std::string &choice) {
  const std::vector<Found> all = findAll(library);
  std::vector<std::string> names;
  for (const Found &each : all)
    names.push_back(nameOf(library, each));
  if (std::optional<size_t> number = numberOfDevice(choice, "opencl", names))
    return all[*number];
  auto gpu = std::find_if(all.begin(), all.end(), [&](const Found &each) {
    return ask<uint64_t>(library, each.device, deviceType) & isGpu;
  });
  return gpu != all.end() ? *gpu : all.front();
}

OpenCLDevice::OpenCLDevice(const sinter_device_program &program,
                           const std::string &choice)
    : program(program) {
  const Found found = choose(library, choice);
  device = found.device;
  memory = int64_t(ask<uint64_t>(library, device, deviceMemory));
  largest = int64_t(ask<uint64_t>(library, device, deviceMaximumAllocation));
  description = nameOf(library, found) + ", " + readableBytes(memory);
  if (!ask<uint32_t>(library, device, deviceCompiler))
    fail(SINTER_ERROR_UNSUPPORTED,
         "%s has no compiler for kernels: it cannot run this program",
         description.c_str());
  try {
    int32_t code;
    context =
        library.createContext(nullptr, 1, &device, nullptr, nullptr, &code);
    check(code, "open the device");
    queue = library.createCommandQueue(context, device, 0, &code);
    check(code, "open the device");
    build();
  } catch (...) {
    close();
    throw;
  }
}

/// The device's own compiler makes kernels of the program's source.
void OpenCLDevice::build() {
  const int64_t localBytes =
      int64_t(ask<uint64_t>(library, device, deviceLocalMemory));
  const size_t mostThreads = ask<size_t>(library, device, deviceMaximumGroup);
  for (int64_t i = 0; i < program.kernel_count; ++i) {
    const sinter_device_kernel &kernel = program.kernels[i];
    const size_t threads = size_t(kernel.threads[0]) *
                           size_t(kernel.threads[1]) *
                           size_t(kernel.threads[2]);
    if (kernel.local_bytes > localBytes || threads > mostThreads)
      fail(SINTER_ERROR_UNSUPPORTED,
           "%s is too small for this program: kernel '%s' needs %d bytes of "
           "local memory and groups of %zu threads, and it has %lld and %zu",
           description.c_str(), kernel.name, kernel.local_bytes, threads,
           static_cast<long long>(localBytes), mostThreads);
  }
  const char *source = reinterpret_cast<const char *>(program.code);
  const size_t bytes = size_t(program.code_bytes);
  int32_t code;
  built = library.createProgramWithSource(context, 1, &source, &bytes, &code);
  check(code, "read the program's kernels");
  code = library.buildProgram(built, 1, &device, "-w", nullptr, nullptr);
  if (code != success) {
    std::string log(4096, '\0');
    size_t used = 0;
    library.getProgramBuildInfo(built, device, buildLog, log.size(), log.data(),
                                &used);
    log.resize(std::min(log.find('\0'), log.size()));
    log.resize(std::min(log.find('\n'), log.size()));
    fail(SINTER_ERROR_UNSUPPORTED,
         "%s cannot build this program's kernels: error %d%s%s",
         description.c_str(), code, log.empty() ? "" : ": ", log.c_str());
  }
  for (int64_t i = 0; i < program.kernel_count; ++i) {
    kernels.push_back(
        library.createKernel(built, program.kernels[i].name, &code));
    check(code, "find a kernel of the program");
  }
}

void OpenCLDevice::close() noexcept {
  if (queue)
    library.finish(queue);
  for (Buffer buffer : buffers)
    if (buffer)
      library.releaseMemObject(buffer);
  for (Kernel kernel : kernels)
    if (kernel)
      library.releaseKernel(kernel);
  if (built)
    library.releaseProgram(built);
  if (queue)
    library.releaseCommandQueue(queue);
  if (context)
    library.releaseContext(context);
}

OpenCLDevice::~OpenCLDevice() { close(); }

uint64_t OpenCLDevice::allocate(int64_t bytes, const char *what) {
  std::lock_guard guard(lock);
  if (allocated + bytes > memory)
    fail(SINTER_ERROR_MEMORY,
         "%s needs %s, and of the memory of %s %s are taken already", what,
         readableBytes(bytes).c_str(), description.c_str(),
         readableBytes(allocated).c_str());
  if (bytes > largest)
    fail(SINTER_ERROR_MEMORY,
         "%s needs %s in one piece, and %s gives at most %s", what,
         readableBytes(bytes).c_str(), description.c_str(),
         readableBytes(largest).c_str());
  size_t number = 1;
  while (number < buffers.size() && buffers[number])
    ++number;
  if (number > mostBuffers)
    fail(SINTER_ERROR_MEMORY, "%s: there are %zu buffers already", what,
         mostBuffers);
  int32_t code;
  Buffer buffer =
      library.createBuffer(context, readWrite, size_t(bytes), nullptr, &code);
  check(code, what);
  const uint8_t zero = 0;
  code = library.enqueueFillBuffer(queue, buffer, &zero, sizeof zero, 0,
                                   size_t(bytes), 0, nullptr, nullptr);
  // Some take the memory only now.
  if (code == success)
    code = library.finish(queue);
  if (code != success)
    library.releaseMemObject(buffer);
  check(code, what);
  if (number == buffers.size()) {
    buffers.emplace_back();
    sizes.emplace_back();
  }
  buffers[number] = buffer;
  sizes[number] = bytes;
  allocated += bytes;
  return uint64_t(number) << offsetBits;
}

void OpenCLDevice::release(uint64_t address) noexcept {
  std::lock_guard guard(lock);
  const size_t number = address >> offsetBits;
  if (Buffer buffer = bufferOf(address)) {
    library.releaseMemObject(buffer);
    allocated -= sizes[number];
    buffers[number] = nullptr;
  }
}

void OpenCLDevice::upload(uint64_t to, const void *from, size_t bytes) {
  std::lock_guard guard(lock);
  if (bytes > 0)
    check(library.enqueueWriteBuffer(queue, bufferOf(to), /*blocking=*/1,
                                     offsetOf(to), bytes, from, 0, nullptr,
                                     nullptr),
          "write to the device");
}

void OpenCLDevice::download(void *to, uint64_t from, size_t bytes) {
  std::lock_guard guard(lock);
  if (bytes > 0)
    check(library.enqueueReadBuffer(queue, bufferOf(from), /*blocking=*/1,
                                    offsetOf(from), bytes, to, 0, nullptr,
                                    nullptr),
          "read from the device");
}

void OpenCLDevice::copy(uint64_t to, uint64_t from, size_t bytes) {
  std::lock_guard guard(lock);
  if (bytes > 0)
    check(library.enqueueCopyBuffer(queue, bufferOf(from), bufferOf(to),
                                    offsetOf(from), offsetOf(to), bytes, 0,
                                    nullptr, nullptr),
          "copy on the device");
}

void OpenCLDevice::launch(int64_t kernel, const int64_t *groups,
                          const uint64_t *arguments) noexcept {
  std::lock_guard guard(lock);
  if (failure != success)
    return;
  failure = tryLaunch(kernel, groups, arguments);
  failedKernel = kernel;
}

int32_t OpenCLDevice::tryLaunch(int64_t number, const int64_t *groups,
                                const uint64_t *arguments) {
  const sinter_device_kernel &record = program.kernels[number];
  Kernel kernel = kernels[size_t(number)];
  size_t local[3], global[3];
  for (int axis = 0; axis < 3; ++axis) {
    if (groups[axis] <= 0)
      return success;
    local[axis] = size_t(record.threads[axis]);
    global[axis] = size_t(groups[axis]) * local[axis];
  }
  uint32_t place = 0;
  for (const char *kind = record.arguments; *kind; ++kind) {
    const uint64_t value = *arguments++;
    int32_t code;
    if (*kind == SINTER_DEVICE_ADDRESS) {
      const Buffer buffer = bufferOf(value);
      const uint64_t offset = offsetOf(value);
      code = library.setKernelArg(kernel, place++, sizeof buffer, &buffer);
      if (code == success)
        code = library.setKernelArg(kernel, place++, sizeof offset, &offset);
    } else {
      const size_t size = *kind == SINTER_DEVICE_INT32 ? 4 : 8;
      const int32_t lower = int32_t(value);
      code = library.setKernelArg(kernel, place++, size,
                                  size == 4 ? static_cast<const void *>(&lower)
                                            : &value);
    }
    if (code != success)
      return code;
  }
  if (record.local_bytes > 0)
    if (int32_t code = library.setKernelArg(
            kernel, place, size_t(record.local_bytes), nullptr))
      return code;
  return library.enqueueNDRangeKernel(queue, kernel, 3, nullptr, global, local,
                                      0, nullptr, nullptr);
}

void OpenCLDevice::finish() {
  std::lock_guard guard(lock);
  const int32_t launched = std::exchange(failure, success);
  const int32_t finished = library.finish(queue);
  if (launched != success)
    fail(SINTER_ERROR_INTERNAL, "OpenCL cannot run kernel '%s': error %d%s",
         program.kernels[failedKernel].name, launched, meaningOf(launched));
  check(finished, "run the program");
}

} // namespace

std::unique_ptr<Device>
sinter::runtime::openOpenCL(const sinter_device_program &program,
                            const std::string &choice) {
  return std::make_unique<OpenCLDevice>(program, choice);
}
