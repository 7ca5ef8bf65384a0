//===- ElementwiseTest.cpp - Every operation on vectors -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each elementwise operation of the dialect, on all the types that it takes,
// against what it says of single elements.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Elementwise.h"
#include "KernelJit.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace sinter;
using namespace sinter::test;

namespace {

/// An operation: its name with attributes, the types of its operands and of its
/// result.
struct Case {
  const char *name, *operands, *result;
};

// f: f32, i: i32, b: i1.
const Case cases[] = {{"neg", "f", "f"},         {"neg", "i", "i"},
                      {"abs", "f", "f"},         {"abs", "i", "i"},
                      {"exp", "f", "f"},         {"log", "f", "f"},
                      {"sqrt", "f", "f"},        {"rsqrt", "f", "f"},
                      {"sin", "f", "f"},         {"cos", "f", "f"},
                      {"tanh", "f", "f"},        {"erf", "f", "f"},
                      {"floor", "f", "f"},       {"not", "b", "b"},
                      {"add", "ff", "f"},        {"add", "ii", "i"},
                      {"sub", "ff", "f"},        {"sub", "ii", "i"},
                      {"mul", "ff", "f"},        {"mul", "ii", "i"},
                      {"div", "ff", "f"},        {"div", "ii", "i"},
                      {"mod", "ff", "f"},        {"mod", "ii", "i"},
                      {"pow", "ff", "f"},        {"max", "ff", "f"},
                      {"max", "ii", "i"},        {"min", "ff", "f"},
                      {"min", "ii", "i"},        {"and", "bb", "b"},
                      {"or", "bb", "b"},         {"compare eq", "ff", "b"},
                      {"compare ne", "ff", "b"}, {"compare lt", "ff", "b"},
                      {"compare le", "ff", "b"}, {"compare gt", "ff", "b"},
                      {"compare ge", "ff", "b"}, {"compare eq", "ii", "b"},
                      {"compare ne", "ii", "b"}, {"compare lt", "ii", "b"},
                      {"compare le", "ii", "b"}, {"compare gt", "ii", "b"},
                      {"compare ge", "ii", "b"}, {"compare eq", "bb", "b"},
                      {"compare ne", "bb", "b"}, {"select", "bff", "f"},
                      {"select", "bii", "i"},    {"select", "bbb", "b"},
                      {"convert", "f", "i"},     {"convert", "i", "f"},
                      {"convert", "b", "f"},     {"convert", "f", "b"},
                      {"convert", "i", "b"},     {"convert", "b", "i"}};

std::string typeName(char letter) {
  return std::string("!sinter.tensor<[N], ") +
         (letter == 'f'   ? "f32"
          : letter == 'i' ? "i32"
                          : "i1") +
         ">";
}

/// A function of the operands, which holds the operation.
std::string textOf(const Case &c) {
  std::string arguments, operands, types;
  for (size_t i = 0; c.operands[i]; ++i) {
    std::string name = "%x" + std::to_string(i), comma = i ? ", " : "";
    std::string type = typeName(c.operands[i]);
    arguments += comma + name + ": " + type;
    operands += comma + name;
    types += comma + type;
  }
  bool isSameType = !c.operands[1] && std::string(c.name) != "convert";
  return "func.func @f(" + arguments + ") {\n  %r = sinter." + c.name + " " +
         operands + " : " + types +
         (isSameType ? "" : " -> " + typeName(c.result[0])) + "\n  return\n}\n";
}

/// Numbers that meet each other in all pairs, as three lists.
std::vector<double> operandNumbers(char letter, size_t which) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> all =
      letter == 'b' ? std::vector<double>{0, 1}
      : letter == 'i'
          ? std::vector<double>{-2147483647, -7, -3, -1, 0, 1, 2, 5, 1 << 30}
          : std::vector<double>{-infinity, -3.5, -1,  -0.25, 0,
                                0.5,       1,    2.5, 7,     infinity};
  std::vector<double> numbers;
  for (size_t i = 0; i < 96; ++i) {
    size_t step = which == 0 ? 1 : which == 1 ? 10 : 5;
    numbers.push_back(all[i / step % all.size()]);
  }
  return numbers;
}

/// Elements as they stand in memory.
std::vector<uint8_t> toBytes(char letter, const std::vector<double> &numbers) {
  std::vector<uint8_t> bytes;
  auto append = [&](auto number) {
    auto *first = reinterpret_cast<const uint8_t *>(&number);
    bytes.insert(bytes.end(), first, first + sizeof(number));
  };
  for (double number : numbers) {
    if (letter == 'f')
      append(float(number));
    else if (letter == 'i')
      append(int32_t(number));
    else
      append(uint8_t(number));
  }
  return bytes;
}

double fromBytes(char letter, const uint8_t *bytes, size_t index) {
  if (letter == 'f')
    return reinterpret_cast<const float *>(bytes)[index];
  if (letter == 'i')
    return reinterpret_cast<const int32_t *>(bytes)[index];
  return bytes[index];
}

class Elementwise : public testing::TestWithParam<std::string> {};

/// Emits `op` as `void NAME(ptr x0, ptr x1, ptr x2, ptr result)` on one vector.
void emitKernel(KernelBuilder &b, llvm::StringRef name, mlir::Operation *op,
                int64_t lanes) {
  auto function =
      b.beginFunction(name, llvm::SmallVector<mlir::Type>(4, b.pointerType()));
  auto elementOf = [](mlir::Value value) {
    return mlir::cast<NamedTensorType>(value.getType()).getElementType();
  };
  mlir::Value all = emitConstant(b, 1, b.getI1Type(), lanes);
  llvm::SmallVector<mlir::Value> operands;
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    operands.push_back(
        loadMasked(b, elementOf(operand), function.getArgument(i), all));
  mlir::Value result = emitElementwise(b, op, operands);
  if (elementOf(op->getResult(0)).isInteger(1))
    result = mlir::arith::ExtUIOp::create(b, b.vectorType(lanes, b.getI8Type()),
                                          result);
  b.store(result, function.getArgument(3));
  b.endFunction();
}

TEST_P(Elementwise, EqualsWhatTheOperationSays) {
  mlir::MLIRContext context;
  context.loadDialect<SinterDialect, mlir::func::FuncDialect>();
  int64_t lanes = 0;
  KernelJit kernel(GetParam(),
                   [&](KernelBuilder &b, const TargetDescription &target) {
                     lanes = target.vectorLanes(32);
                     for (size_t i = 0; i < std::size(cases); ++i) {
                       auto module = mlir::parseSourceString<mlir::ModuleOp>(
                           textOf(cases[i]), b.getContext());
                       ASSERT_TRUE(module) << textOf(cases[i]);
                       module->walk([&](ElementwiseOpInterface op) {
                         emitKernel(b, "kernel" + std::to_string(i), op, lanes);
                       });
                     }
                   });
  for (size_t i = 0; i < std::size(cases); ++i) {
    const Case &c = cases[i];
    auto module = mlir::parseSourceString<mlir::ModuleOp>(textOf(c), &context);
    ASSERT_TRUE(module);
    ElementwiseOpInterface op;
    module->walk([&](ElementwiseOpInterface found) { op = found; });
    std::vector<std::vector<double>> numbers;
    std::vector<std::vector<uint8_t>> bytes;
    for (size_t j = 0; c.operands[j]; ++j) {
      numbers.push_back(operandNumbers(c.operands[j], j));
      bytes.push_back(toBytes(c.operands[j], numbers.back()));
    }
    std::string name = "kernel" + std::to_string(i);
    auto *function = kernel.get<void(const uint8_t *, const uint8_t *,
                                     const uint8_t *, uint8_t *)>(name);
    for (size_t first = 0; first + lanes <= 96; first += lanes) {
      const uint8_t *pointers[3] = {};
      for (size_t j = 0; j < bytes.size(); ++j)
        pointers[j] =
            bytes[j].data() + first * (bytes[j].size() / numbers[j].size());
      alignas(64) uint8_t result[64];
      function(pointers[0], pointers[1], pointers[2], result);
      for (int64_t lane = 0; lane < lanes; ++lane) {
        std::vector<double> x;
        for (const auto &list : numbers)
          x.push_back(list[first + lane]);
        double exact = op.apply(x);
        // What nothing defines may be anything.
        if (c.result[0] == 'i') {
          exact = std::floor(exact);
          if (!(std::fabs(exact) <= 2147483647))
            continue;
        }
        double found = fromBytes(c.result[0], result, lane);
        std::string what = std::string(c.name) + " of " + c.operands;
        for (double number : x)
          what += " " + std::to_string(number);
        if (std::isnan(exact))
          EXPECT_TRUE(std::isnan(found)) << what << " is " << found;
        else if (std::isinf(exact))
          EXPECT_EQ(float(exact), found) << what;
        else
          EXPECT_NEAR(exact, found,
                      c.result[0] == 'f' ? 1e-6 * (1 + std::fabs(exact)) : 0)
              << what;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Elementwise, testing::ValuesIn(testedCpus()),
                         [](const auto &info) {
                           return testNameOf(info.param);
                         });

} // namespace
