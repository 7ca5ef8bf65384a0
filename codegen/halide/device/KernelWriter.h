//===- KernelWriter.h - Lowered Funcs as kernels of one module -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_DEVICE_KERNELWRITER_H
#define SINTER_CODEGEN_HALIDE_DEVICE_KERNELWRITER_H

#include "codegen/halide/device/DeviceWork.h"
#include <Halide.h>
#include <map>
#include <memory>

namespace sinter::rows {

/// Threads of a group, where there is work for so many.
constexpr int groupThreads = 128;

/// Collects kernels as OpenCL C.
///
/// Halide writes kernels whose arguments are pointers. Tensors of ours stand
/// anywhere in a few large buffers, so each kernel is wrapped into one that
/// takes a buffer and an offset in bytes for each pointer (runtime/Program.h).
class KernelWriter {
public:
  KernelWriter();
  ~KernelWriter();

  const Halide::Target &target() const { return machine; }

  /// Lowers a Func that is scheduled into one kernel: every loop outside of its
  /// threads is a loop over groups. `buffers` numbers its inputs by their
  /// names; `outputs` are the numbers of its own buffers, `parameters` those of
  /// the dimensions of a call by name. Throws Halide::Error.
  DeviceKernel add(Halide::Func func, const std::string &name,
                   const std::vector<Halide::Argument> &signature,
                   const std::map<std::string, int> &buffers,
                   const std::vector<int> &outputs,
                   const std::array<Groups, 3> &groups);

  /// All that was written.
  std::string finish();

private:
  Halide::Target machine;
  std::unique_ptr<Halide::Internal::CodeGen_GPU_Dev> code;
  std::vector<std::string> names;
  std::string wrappers;
};

/// The dimensions of a call, as parameters of kernels.
struct CallDimensions {
  std::array<Halide::Param<int>, 4> parameters{
      Halide::Param<int>("N"), Halide::Param<int>("R"), Halide::Param<int>("P"),
      Halide::Param<int>("SP")};

  Halide::Expr of(const Size &size) const {
    return size.isStatic() ? Halide::Expr(int32_t(size.number))
                           : Halide::Expr(parameters[size.dimension]);
  }
};

/// A dense buffer of these sizes, innermost first.
Halide::ImageParam denseBuffer(const std::string &name, Halide::Type type,
                               const std::vector<Halide::Expr> &sizes);

Groups groupsOf(const Size &size, int64_t number = 1, int64_t divisor = 1);

// The works. Each throws Halide::Error where it cannot be computed.
std::vector<DeviceKernel> addRows(KernelWriter &writer, const std::string &name,
                                  const RowProgram &program);
std::vector<DeviceKernel> addLinear(KernelWriter &writer,
                                    const std::string &name,
                                    const LinearWork &work);
std::vector<DeviceKernel> addAttention(KernelWriter &writer,
                                       const std::string &name,
                                       const AttentionWork &work);
std::vector<DeviceKernel> addAttentionPart(KernelWriter &writer,
                                           const std::string &name,
                                           const AttentionPartWork &work);
std::vector<DeviceKernel> addArgmax(KernelWriter &writer,
                                    const std::string &name,
                                    const ArgmaxWork &work);

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_DEVICE_KERNELWRITER_H
