//===- RowBuilder.h - One kernel of row work in the making ------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the pipeline: RowPipeline.cpp writes algorithms, Reductions.cpp
// those of reductions, Schedule.cpp says where and in which order values are
// computed on a CPU, DeviceRows.cpp on a device.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_CODEGEN_HALIDE_ROWBUILDER_H
#define SINTER_CODEGEN_HALIDE_ROWBUILDER_H

#include "codegen/halide/Layout.h"
#include "codegen/halide/RowPipeline.h"
#include <array>
#include <functional>
#include <map>
#include <set>

namespace sinter::rows {

/// A kept value.
struct Kept {
  Halide::Func func;
  /// The running sums of a reduction; undefined for others.
  Halide::Func partial;
  /// The arguments of `func` are the value's axes that are not 1.
  std::vector<int> axes;
  std::vector<Halide::Var> arguments;
  /// Of a reduction along neighbours: its lanes; 0: none.
  int lanes = 0;
  Halide::Var lane;
  /// Of another reduction: what it runs over.
  Halide::RDom reduced;
  /// Who reads it: the kept value (or the root), and for each argument the
  /// reader's variables in it.
  struct Use {
    int reader;
    std::vector<std::set<std::string>> variables;
  };
  std::vector<Use> uses;
};

/// What a reduction does, whichever way its loops run.
struct Reduction {
  std::string name;
  Size size;
  /// How many of the elements count; undefined: all.
  Halide::Expr extent;
  Halide::Expr initial;
  std::function<Halide::Expr(const Halide::Expr &position)> body;
  std::function<Halide::Expr(const Halide::Expr &sum,
                             const Halide::Expr &element)>
      combine;
  std::function<Halide::Expr(const Halide::Expr &sum)> finish;
};

/// Computes what an expression holds twice once. Without it, what is small as a
/// graph may be exponentially large as the tree that lowering walks.
Halide::Expr share(const Halide::Expr &expression);

/// The algorithm of one output: its value as an expression of an index, and
/// what is kept for it. How it is scheduled is said by who derives from it.
class Builder {
protected:
  Builder(const RowProgram &program, int output, int lanes)
      : program(program), output(output), lanes(lanes) {}
  virtual ~Builder() = default;

  const Operation &operation(int value) const {
    return program.operations[value];
  }
  Halide::Expr sizeOf(const Size &size) const {
    return size.isStatic() ? Halide::Expr(int32_t(size.number))
                           : Halide::Expr(dimensions[size.dimension]);
  }

  int peel(int value) const;
  Halide::Expr read(int buffer, const Tensor &type, const Index &index);
  Halide::Expr at(int value, const Index &index);
  Halide::Expr compute(int value, const Index &index);
  Kept &keep(int value);
  void defineReduction(int value, Kept &kept, const Index &index);
  void defineAlongLanes(Kept &kept, const Reduction &reduction);
  void defineAcross(Kept &kept, const Reduction &reduction);
  /// Side by side, how many sums make one element of a reduction along
  /// neighbours of this size; at most that size.
  virtual int chooseLanes(const Size &size, int value) const;

  /// Stands for the output among the readers: the value itself may be kept.
  static constexpr int rootReader = -1;

  const RowProgram &program;
  int output;
  int lanes;

  std::array<Halide::Param<int>, 4> dimensions{
      Halide::Param<int>("N"), Halide::Param<int>("R"), Halide::Param<int>("P"),
      Halide::Param<int>("SP")};
  /// Which row is computed.
  Halide::Expr row;
  std::vector<bool> keptValues;
  /// Inputs that are computed where they are used, by their number.
  std::map<int, std::function<Halide::Expr(const Index &index)>> computed;

  std::vector<Halide::ImageParam> images;
  std::vector<BufferView> views;
  std::map<int, Kept> kept;
  /// Kept values in the order of definition: producers first.
  std::vector<int> order;

  /// The definition that is being written, and the expressions in it so far.
  int reader = rootReader;
  std::map<int, std::vector<std::pair<Index, Halide::Expr>>> known;
};

/// Makes the CPU's kernel of one output.
class RowBuilder : public Builder {
public:
  RowBuilder(const RowProgram &program, int output,
             const Halide::Target &target, int lanes)
      : Builder(program, output, lanes), target(target) {
    row = rowParameter;
  }

  LoweredRow lower(const std::string &name);

private:
  void schedule(Halide::Func func, const std::vector<Halide::Var> &arguments,
                const std::vector<Size> &sizes);
  void scheduleKept(int value, const Halide::LoopLevel &level,
                    const std::vector<bool> &whole);
  void
  vectorize(Halide::Stage stage, const Halide::Var &variable, const Size &size,
            Halide::TailStrategy tail = Halide::TailStrategy::ShiftInwards);

  Halide::Target target;
  Halide::Param<int> rowParameter{"row"};
};

} // namespace sinter::rows

#endif // SINTER_CODEGEN_HALIDE_ROWBUILDER_H
