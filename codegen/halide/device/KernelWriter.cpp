//===- KernelWriter.cpp - Lowered Funcs as kernels of one module -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/device/KernelWriter.h"
#include <cstring>

using namespace Halide;
using namespace Halide::Internal;

namespace sinter::rows {

namespace {

/// Finds what a kernel is launched with, in its loops over groups and threads.
class LaunchFinder : public IRVisitor {
public:
  std::array<int, 3> threads{1, 1, 1};
  int64_t localBytes = 0;

private:
  using IRVisitor::visit;

  void visit(const For *op) override {
    for (int axis = 0; axis < 3; ++axis)
      if (ends_with(op->name, std::string(".__thread_id_") + "xyz"[axis])) {
        const int64_t *extent = as_const_int(op->extent);
        if (!extent)
          throw CompileError("a group of threads has no fixed size");
        threads[axis] = std::max(threads[axis], int(*extent));
      }
    IRVisitor::visit(op);
  }

  void visit(const Allocate *op) override {
    if (op->memory_type == MemoryType::GPUShared) {
      int64_t bytes = op->type.bytes();
      for (const Expr &extent : op->extents) {
        const int64_t *size = as_const_int(extent);
        if (!size)
          throw CompileError("what a group keeps has no fixed size");
        bytes *= *size;
      }
      if (localBytes)
        throw CompileError("a group keeps two arrays");
      localBytes = bytes;
    }
    IRVisitor::visit(op);
  }
};

/// Nobody could be told of an assertion that fails on a device.
class AssertionRemover : public IRMutator {
  using IRMutator::visit;
  Stmt visit(const AssertStmt *) override { return Evaluate::make(0); }
};

/// Takes the kernel out of what was lowered, before Halide itself makes calls
/// of its own runtime of it.
class KernelTaker : public IRMutator {
public:
  Stmt kernel;

private:
  using IRMutator::visit;

  Stmt visit(const For *op) override {
    if (!CodeGen_GPU_Dev::is_gpu_var(op->name))
      return IRMutator::visit(op);
    if (kernel.defined())
      throw CompileError("it is more than one kernel");
    kernel = AssertionRemover().mutate(Stmt(op));
    return Evaluate::make(0);
  }

  /// What does not change within the kernel has been moved in front of it: it
  /// goes back, for only the dimensions of a call are handed to a kernel. What
  /// would be read of a buffer's description is what that is checked against.
  Stmt visit(const LetStmt *op) override {
    Stmt body = mutate(op->body);
    auto expected = checked.find(op->name);
    if (kernel.defined())
      kernel = substitute(
          op->name, expected != checked.end() ? expected->second : op->value,
          kernel);
    return body;
  }

  Stmt visit(const AssertStmt *op) override {
    if (const auto *equal = op->condition.as<EQ>())
      if (const auto *variable = equal->a.as<Variable>())
        checked[variable->name] = equal->b;
    return op;
  }

  std::map<std::string, Expr> checked;

  Stmt visit(const Allocate *op) override {
    throw CompileError("it keeps '" + op->name +
                       "', whose size depends on the call");
  }
};

} // namespace

static Target makeTarget() {
  Target target;
  target.os = Target::Linux;
  target.arch = Target::X86;
  target.bits = 64;
  // As for a CPU; sines reduce their argument in f64.
  target.set_features({Target::OpenCL, Target::CLDoubles, Target::StrictFloat,
                       Target::LargeBuffers, Target::NoAsserts,
                       Target::NoBoundsQuery, Target::NoRuntime});
  return target;
}

KernelWriter::KernelWriter()
    : machine(makeTarget()), code(new_CodeGen_OpenCL_Dev(machine)) {
  code->init_module();
}

KernelWriter::~KernelWriter() = default;

DeviceKernel KernelWriter::add(Func func, const std::string &name,
                               const std::vector<Argument> &signature,
                               const std::map<std::string, int> &buffers,
                               const std::vector<int> &outputs,
                               const std::array<Groups, 3> &groups) {
  KernelTaker taker;
  Pipeline pipeline(func);
  pipeline.add_custom_lowering_pass(&taker, nullptr);
  pipeline.compile_to_module(signature, name, machine);
  if (!taker.kernel.defined())
    throw CompileError("it is no kernel");
  LaunchFinder launch;
  taker.kernel.accept(&launch);
  HostClosure closure;
  taker.kernel.accept(&closure);
  std::vector<DeviceArgument> arguments = closure.arguments();
  code->add_kernel(taker.kernel, name, arguments);
  names.push_back(name);

  DeviceKernel kernel{name, {}, groups, launch.threads, launch.localBytes};
  std::string declared, passed;
  auto separate = [&] {
    declared += declared.empty() ? "" : ", ";
    passed += passed.empty() ? "" : ", ";
  };
  std::map<std::string, int> numbers = buffers;
  for (size_t i = 0; i < outputs.size(); ++i)
    numbers[func.output_buffers()[i].name()] = outputs[i];
  static const char *const dimensions[] = {"N", "R", "P", "SP"};
  for (const DeviceArgument &argument : arguments) {
    std::string number = std::to_string(kernel.arguments.size());
    separate();
    if (argument.is_buffer) {
      auto found = numbers.find(argument.name);
      if (found == numbers.end())
        throw CompileError("it reads '" + argument.name + "'");
      kernel.arguments.push_back({found->second, -1});
      declared += "__global uchar *b" + number + ", ulong o" + number;
      passed += "(__global void *)(b" + number + " + o" + number + ")";
      continue;
    }
    int dimension = 0;
    while (dimension < 4 && argument.name != dimensions[dimension])
      ++dimension;
    if (dimension == 4 || argument.type != Int(32))
      throw CompileError("it takes '" + argument.name + "'");
    kernel.arguments.push_back({-1, dimension});
    declared += "int d" + number;
    passed += "d" + number;
  }
  // Halide's kernels take local memory whether they need it or not.
  separate();
  if (kernel.localBytes)
    declared += "__local int16 *local_memory";
  else
    declared.resize(declared.size() - 2);
  passed += kernel.localBytes ? "local_memory" : "(__local int16 *)0";
  std::string size;
  for (int threads : kernel.threads)
    size += (size.empty() ? "" : ", ") + std::to_string(threads);
  wrappers += "__kernel __attribute__((reqd_work_group_size(" + size +
              "))) void " + name + "(" + declared + ") { " + name + "_rows(" +
              passed + "); }\n";
  return kernel;
}

std::string KernelWriter::finish() {
  std::vector<char> written = code->compile_to_src();
  std::string text(written.data(), strnlen(written.data(), written.size()));
  // Kernels become functions of their wrappers.
  for (const std::string &name : names) {
    const std::string before = "__kernel void " + name + "(";
    size_t place = text.find(before);
    if (place == std::string::npos)
      throw CompileError("Halide left out '" + name + "'");
    text.replace(place, before.size(), "void " + name + "_rows(");
  }
  return "#define powf pow\n" + text + wrappers;
}

ImageParam denseBuffer(const std::string &name, Type type,
                       const std::vector<Expr> &sizes) {
  ImageParam image(type, int(sizes.size()), name);
  Expr stride = 1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    image.dim(int(i)).set_bounds(0, sizes[i]).set_stride(stride);
    stride = simplify(stride * sizes[i]);
  }
  return image;
}

Groups groupsOf(const Size &size, int64_t number, int64_t divisor) {
  if (size.isStatic())
    return {number * size.number, -1, divisor};
  return {number, size.dimension, divisor};
}

DeviceModule compileForDevice(const std::vector<DeviceWork> &works) {
  DeviceModule result;
  try {
    KernelWriter writer;
    for (size_t number = 0; number < works.size(); ++number) {
      result.failed = number;
      std::string suffix = std::to_string(number);
      result.kernels.push_back(std::visit(
          [&](const auto &work) {
            using Work = std::decay_t<decltype(work)>;
            if constexpr (std::is_same_v<Work, RowProgram>)
              return addRows(writer, "rows_" + suffix, work);
            else if constexpr (std::is_same_v<Work, LinearWork>)
              return addLinear(writer, "linear_" + suffix, work);
            else if constexpr (std::is_same_v<Work, AttentionWork>)
              return addAttention(writer, "attention_" + suffix, work);
            else if constexpr (std::is_same_v<Work, AttentionPartWork>)
              return addAttentionPart(writer, "attention_part_" + suffix, work);
            else
              return addArgmax(writer, "argmax_" + suffix, work);
          },
          works[number]));
    }
    result.source = writer.finish();
  } catch (const std::exception &error) {
    result.error = error.what();
    while (!result.error.empty() && result.error.back() == '\n')
      result.error.pop_back();
  }
  return result;
}

} // namespace sinter::rows
