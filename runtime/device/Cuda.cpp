//===- Cuda.cpp - NVIDIA's GPUs -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Cuda.h"

#include "runtime/Failure.h"
#include "runtime/device/CudaDriver.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

using namespace sinter::runtime;
using namespace sinter::runtime::cuda;

namespace {

/// One GPU, as the driver describes it.
struct Gpu {
  int device = 0;
  std::string name;
  int major = 0, minor = 0;
  int64_t memory = 0, sharedOfBlock = 0;

  std::string describe() const {
    return name + ", sm_" + std::to_string(major) + std::to_string(minor) +
           ", " + readableBytes(memory);
  }
};

void check(const Driver &driver, int code, const char *what) {
  if (code == success)
    return;
  const char *text = nullptr;
  driver.getErrorString(code, &text);
  fail(code == outOfMemory ? SINTER_ERROR_MEMORY : SINTER_ERROR_INTERNAL,
       "CUDA cannot %s: %s (error %d)", what, text ? text : "unknown error",
       code);
}

std::vector<Gpu> findAll(const Driver &driver) {
  int count = 0;
  int code = driver.init(0);
  if (code == success)
    code = driver.deviceGetCount(&count);
  if (code == noDevice || (code == success && count == 0))
    fail(SINTER_ERROR_UNSUPPORTED,
         "CUDA's driver finds no GPU on this machine");
  check(driver, code, "list the GPUs");
  std::vector<Gpu> all;
  for (int i = 0; i < count; ++i) {
    Gpu gpu;
    check(driver, driver.deviceGet(&gpu.device, i), "describe a GPU");
    char name[256] = "";
    driver.deviceGetName(name, sizeof name - 1, gpu.device);
    gpu.name = name;
    size_t bytes = 0;
    driver.deviceTotalMem(&bytes, gpu.device);
    gpu.memory = int64_t(bytes);
    int shared = 0;
    driver.deviceGetAttribute(&gpu.major, capabilityMajor, gpu.device);
    driver.deviceGetAttribute(&gpu.minor, capabilityMinor, gpu.device);
    driver.deviceGetAttribute(&shared, maximumSharedOfBlock, gpu.device);
    gpu.sharedOfBlock = shared;
    all.push_back(std::move(gpu));
  }
  return all;
}

Gpu choose(const Driver &driver, const std::string &choice) {
  std::vector<Gpu> all = findAll(driver);
  std::vector<std::string> names;
  for (const Gpu &each : all)
    names.push_back(each.describe());
  return all[numberOfDevice(choice, "cuda", names).value_or(0)];
}

class CudaDevice final : public Device {
public:
  CudaDevice(const sinter_device_program &program, const std::string &choice);
  ~CudaDevice() override { close(); }

  std::string describe() const override { return gpu.describe(); }
  uint64_t allocate(int64_t bytes, const char *what) override;
  void release(uint64_t address) noexcept override;
  void upload(uint64_t to, const void *from, size_t bytes) override;
  void download(void *to, uint64_t from, size_t bytes) override;
  void copy(uint64_t to, uint64_t from, size_t bytes) override;
  void launch(int64_t kernel, const int64_t *groups,
              const uint64_t *arguments) noexcept override;
  void finish() override;

private:
  void load();
  void close() noexcept;
  int tryLaunch(const sinter_device_kernel &record, Function function,
                const int64_t *groups, const uint64_t *arguments);
  /// A context is a thread's: whoever calls makes it his.
  void enter() { check(driver, driver.contextSetCurrent(context), "be used"); }

  Driver driver;
  const sinter_device_program &program;
  Gpu gpu;
  Context context = nullptr;
  Stream stream = nullptr;
  Module module = nullptr;
  std::vector<Function> kernels;

  std::mutex lock; ///< Of what follows.
  int failure = success;
  int64_t failedKernel = 0;
};

CudaDevice::CudaDevice(const sinter_device_program &program,
                       const std::string &choice)
    : program(program), gpu(choose(driver, choice)) {
  if (!runsOnCapability(program.architecture, gpu.major, gpu.minor)) {
    const std::string own =
        "sm_" + std::to_string(gpu.major) + std::to_string(gpu.minor);
    fail(SINTER_ERROR_UNSUPPORTED,
         "this program is compiled for %s, and %s does not run that: %s",
         program.architecture, gpu.describe().c_str(),
         gpu.major < 8 ? "kernels are built for sm_80 and newer ones"
                       : ("compile it with --cpu " + own +
                          ", or sm_80, which "
                          "all newer ones run")
                             .c_str());
  }
  for (int64_t i = 0; i < program.kernel_count; ++i)
    if (program.kernels[i].local_bytes > gpu.sharedOfBlock)
      fail(SINTER_ERROR_UNSUPPORTED,
           "%s is too small for this program: kernel '%s' needs %d bytes of "
           "shared memory, and it has %lld",
           gpu.describe().c_str(), program.kernels[i].name,
           program.kernels[i].local_bytes,
           static_cast<long long>(gpu.sharedOfBlock));
  try {
    check(driver, driver.primaryContextRetain(&context, gpu.device),
          "open the GPU");
    enter();
    check(driver, driver.streamCreate(&stream, /*non-blocking=*/1),
          "open the GPU");
    load();
  } catch (...) {
    close();
    throw;
  }
}

/// Machine code is loaded as it is, unless it is another GPU's or a newer
/// driver's. PTX the driver compiles, and keeps.
void CudaDevice::load() {
  char log[4096] = "";
  int names[] = {errorLog, errorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof log - 1)};
  int code = noBinaryForDevice;
  if (program.machine_code)
    code = driver.moduleLoad(&module, program.machine_code, 2, names, values);
  if (code != success) {
    *log = '\0';
    code = driver.moduleLoad(&module, program.code, 2, names, values);
  }
  if (code == unsupportedPtx || code == noBinaryForDevice)
    fail(SINTER_ERROR_UNSUPPORTED,
         "the driver of %s is older than this program's kernels: it cannot "
         "compile them for it",
         gpu.describe().c_str());
  if (code != success && *log) {
    log[std::strcspn(log, "\n")] = '\0';
    fail(SINTER_ERROR_UNSUPPORTED,
         "the driver of %s cannot compile this program's kernels: %s",
         gpu.describe().c_str(), log);
  }
  check(driver, code, "load the program's kernels");
  for (int64_t i = 0; i < program.kernel_count; ++i) {
    const sinter_device_kernel &record = program.kernels[i];
    Function function = nullptr;
    check(driver, driver.moduleGetFunction(&function, module, record.name),
          "find a kernel of the program");
    // More than 48 KiB must be asked for.
    if (record.local_bytes > 48 << 10)
      check(driver,
            driver.functionSetAttribute(function, dynamicSharedOfFunction,
                                        record.local_bytes),
            "give a kernel its shared memory");
    kernels.push_back(function);
  }
}

void CudaDevice::close() noexcept {
  if (!context)
    return;
  driver.contextSetCurrent(context);
  if (stream) {
    driver.streamSynchronize(stream);
    driver.streamDestroy(stream);
  }
  if (module)
    driver.moduleUnload(module);
  driver.primaryContextRelease(gpu.device);
  context = nullptr;
}

uint64_t CudaDevice::allocate(int64_t bytes, const char *what) {
  enter();
  Address address = 0;
  const int code = driver.allocate(&address, size_t(bytes));
  if (code == outOfMemory) {
    size_t free = 0, total = 0;
    driver.memoryInfo(&free, &total);
    fail(SINTER_ERROR_MEMORY, "%s needs %s, and of the memory of %s %s is free",
         what, readableBytes(bytes).c_str(), gpu.describe().c_str(),
         readableBytes(int64_t(free)).c_str());
  }
  check(driver, code, what);
  check(driver, driver.fill(address, 0, size_t(bytes), stream), what);
  return address;
}

void CudaDevice::release(uint64_t address) noexcept {
  driver.contextSetCurrent(context);
  driver.streamSynchronize(stream);
  driver.release(address);
}

// Of memory that is not pinned, the driver has made a copy when it returns.
void CudaDevice::upload(uint64_t to, const void *from, size_t bytes) {
  if (bytes == 0)
    return;
  enter();
  check(driver, driver.copyToDevice(to, from, bytes, stream),
        "write to the GPU");
}

void CudaDevice::download(void *to, uint64_t from, size_t bytes) {
  if (bytes == 0)
    return;
  enter();
  check(driver, driver.copyToHost(to, from, bytes, stream),
        "read from the GPU");
  check(driver, driver.streamSynchronize(stream), "read from the GPU");
}

void CudaDevice::copy(uint64_t to, uint64_t from, size_t bytes) {
  if (bytes == 0)
    return;
  enter();
  check(driver, driver.copyOnDevice(to, from, bytes, stream),
        "copy on the GPU");
}

void CudaDevice::launch(int64_t kernel, const int64_t *groups,
                        const uint64_t *arguments) noexcept {
  std::lock_guard guard(lock);
  if (failure != success)
    return;
  failure = driver.contextSetCurrent(context);
  if (failure == success)
    failure = tryLaunch(program.kernels[kernel], kernels[size_t(kernel)],
                        groups, arguments);
  failedKernel = kernel;
}

int CudaDevice::tryLaunch(const sinter_device_kernel &record, Function function,
                          const int64_t *groups, const uint64_t *arguments) {
  for (int axis = 0; axis < 3; ++axis)
    if (groups[axis] <= 0)
      return success;
  constexpr size_t most = 256;
  void *pointers[most];
  const size_t count = std::strlen(record.arguments);
  if (count > most)
    return 1; // CUDA_ERROR_INVALID_VALUE
  // All are 64 bits, of which an i32 is the lower half.
  for (size_t i = 0; i < count; ++i)
    pointers[i] = const_cast<uint64_t *>(arguments + i);
  return driver.launchKernel(
      function, unsigned(groups[0]), unsigned(groups[1]), unsigned(groups[2]),
      unsigned(record.threads[0]), unsigned(record.threads[1]),
      unsigned(record.threads[2]), unsigned(record.local_bytes), stream,
      pointers, nullptr);
}

void CudaDevice::finish() {
  enter();
  const int code = driver.streamSynchronize(stream);
  int kept;
  int64_t kernel;
  {
    std::lock_guard guard(lock);
    kept = std::exchange(failure, success);
    kernel = failedKernel;
  }
  if (kept != success) {
    const std::string what =
        std::string("start kernel '") + program.kernels[kernel].name + "'";
    check(driver, kept, what.c_str());
  }
  check(driver, code, "run the program's kernels");
}

} // namespace

bool sinter::runtime::runsOnCapability(const std::string &architecture,
                                       int major, int minor) {
  const std::string prefix = "sm_";
  char *end = nullptr;
  if (architecture.compare(0, prefix.size(), prefix) != 0)
    return false;
  const long version =
      std::strtol(architecture.c_str() + prefix.size(), &end, 10);
  const long own = major * 10L + minor;
  return *end == 'a' ? own == version : !*end && own >= version;
}

int64_t sinter::runtime::chooseCuda(
    const std::vector<const sinter_device_program *> &programs,
    const std::string &choice) noexcept {
  try {
    Driver driver;
    const Gpu gpu = choose(driver, choice);
    for (size_t i = 0; i < programs.size(); ++i)
      if (runsOnCapability(programs[i]->architecture, gpu.major, gpu.minor))
        return int64_t(i);
  } catch (const Failure &) {
    // Who opens the device hears of it.
  }
  return 0;
}

std::unique_ptr<Device>
sinter::runtime::openCuda(const sinter_device_program &program,
                          const std::string &choice) {
  return std::make_unique<CudaDevice>(program, choice);
}
