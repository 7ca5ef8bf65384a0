//===- RandomRowGroupsTest.cpp - Row groups made at random ----------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/Target.h"
#include "mlir/Parser/Parser.h"
#include "test/unit/codegen/RowHarness.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sinter;
using namespace sinter::test;

namespace {

/// Grows a group operation by operation. All numbers stay of moderate size, so
/// that the compiled group and the evaluator differ by rounding only.
class Generator {
public:
  explicit Generator(unsigned seed) : random(seed) {}

  std::string generate() {
    int width = pick({3, 8, 20, 48, 64});
    int heads = pick({1, 2, 4});
    bool past = pick({0, 0, 1});
    std::vector<std::string> inputs;
    auto input = [&](Shape shape) {
      inputs.push_back(type(shape));
      values.push_back({"%i" + std::to_string(inputs.size() - 1), shape});
    };
    Shape row{"N", std::to_string(heads * width)};
    if (past)
      row = {std::to_string(heads), "N", "P"};
    input(row);
    input(row);
    input(past ? Shape{"P"} : Shape{row.back()});
    input({"N", "1"});

    int steps = 4 + random() % 10;
    for (int step = 0; step < steps; ++step)
      grow();
    // The last values that have rows are the results.
    std::vector<Value> results;
    for (size_t i = values.size(); i-- > 0 && results.size() < 2;)
      if (llvm::is_contained(values[i].shape, "N"))
        results.push_back(values[i]);
    // The later one may need the other.
    std::reverse(results.begin(), results.end());
    std::string names, types;
    for (const Value &value : results) {
      names += (names.empty() ? "" : ", ") + value.name;
      types += (types.empty() ? "" : ", ") + type(value.shape);
    }
    std::string arguments, bindings;
    for (auto [i, input] : llvm::enumerate(inputs)) {
      std::string comma = i ? ", " : "", number = std::to_string(i);
      arguments += comma + "%a" + number + ": " + input;
      bindings += comma + "%i" + number + " = %a" + number + " : " + input;
    }
    std::string outer = results.size() == 1 ? "%r" : "%r#0, %r#1";
    return "func.func @f(" + arguments + ") -> (" + types + ") {\n%r" +
           (results.size() == 1 ? "" : ":2") + " = sinter.row_group (" +
           bindings + ") -> (" + types + ") {\n" + body + "sinter.yield " +
           names + " : " + types + "\n}\nreturn " + outer + " : " + types +
           "\n}\n";
  }

private:
  using Shape = std::vector<std::string>;
  struct Value {
    std::string name;
    Shape shape;
  };

  int pick(std::initializer_list<int> list) {
    return *(list.begin() + random() % list.size());
  }
  static std::string type(const Shape &shape) {
    std::string dims;
    for (const std::string &dim : shape)
      dims += (dims.empty() ? "" : ", ") + dim;
    return "!sinter.tensor<[" + dims + "], f32>";
  }
  static bool isNumber(const std::string &dim) { return std::isdigit(dim[0]); }
  Value any() { return values[random() % values.size()]; }
  Value emit(const std::string &text, const Shape &shape) {
    std::string name = "%v" + std::to_string(next++);
    body += "  " + name + " = " + text + "\n";
    values.push_back({name, shape});
    return values.back();
  }
  Value unary(const char *op, const Value &x) {
    return emit(std::string("sinter.") + op + " " + x.name + " : " +
                    type(x.shape),
                x.shape);
  }

  static std::optional<Shape> broadcast(const Shape &a, const Shape &b) {
    Shape result = a.size() > b.size() ? a : b;
    for (size_t back = 1; back <= std::min(a.size(), b.size()); ++back) {
      const std::string &x = a[a.size() - back], &y = b[b.size() - back];
      if (x != y && x != "1" && y != "1")
        return std::nullopt;
      result[result.size() - back] = x == "1" ? y : x;
    }
    return result;
  }

  void grow() {
    Value x = any();
    switch (random() % 8) {
    case 0:
      unary(llvm::ArrayRef<const char *>{"tanh", "erf", "sin", "cos", "neg",
                                         "abs"}[random() % 6],
            x);
      return;
    case 1:
    case 2: {
      Value y = any();
      auto shape = broadcast(x.shape, y.shape);
      if (!shape)
        return;
      const char *op = llvm::ArrayRef<const char *>{"add", "sub", "max", "min",
                                                    "mul"}[random() % 5];
      Value result = emit(std::string("sinter.") + op + " " + x.name + ", " +
                              y.name + " : " + type(x.shape) + ", " +
                              type(y.shape) + " -> " + type(*shape),
                          *shape);
      // Bounded again.
      if (llvm::StringRef(op) == "mul" || random() % 2)
        unary("tanh", result);
      return;
    }
    case 3: { // a reduction
      size_t axis = random() % x.shape.size();
      if (x.shape[axis] == "N")
        return;
      Shape shape = x.shape;
      shape[axis] = "1";
      const char *kind = random() % 2 ? "mean" : "max";
      emit(llvm::formatv("sinter.reduce {0} {1} axis {2} : {3} -> {4}", kind,
                         x.name, axis, type(x.shape), type(shape)),
           shape);
      return;
    }
    case 4: { // a transpose
      std::vector<size_t> order(x.shape.size());
      std::iota(order.begin(), order.end(), 0);
      std::shuffle(order.begin(), order.end(), random);
      Shape shape;
      std::string text;
      for (size_t axis : order) {
        shape.push_back(x.shape[axis]);
        text += (text.empty() ? "" : ", ") + std::to_string(axis);
      }
      emit("sinter.transpose " + x.name + " [" + text + "] : " + type(x.shape) +
               " -> " + type(shape),
           shape);
      return;
    }
    case 5: { // one axis into two, or two into one
      for (size_t axis = 0; axis < x.shape.size(); ++axis) {
        Shape shape = x.shape;
        if (axis + 1 < shape.size() && isNumber(shape[axis]) &&
            isNumber(shape[axis + 1])) {
          shape[axis] = std::to_string(std::stoi(shape[axis]) *
                                       std::stoi(shape[axis + 1]));
          shape.erase(shape.begin() + axis + 1);
        } else if (isNumber(shape[axis]) && std::stoi(shape[axis]) % 4 == 0) {
          shape.insert(shape.begin() + axis + 1,
                       std::to_string(std::stoi(shape[axis]) / 4));
          shape[axis] = "4";
        } else {
          continue;
        }
        emit("sinter.reshape " + x.name + " : " + type(x.shape) + " -> " +
                 type(shape),
             shape);
        return;
      }
      return;
    }
    case 6: { // a slice
      size_t axis = random() % x.shape.size();
      if (!isNumber(x.shape[axis]))
        return;
      int size = std::stoi(x.shape[axis]);
      int stride = size > 1 ? 1 + random() % 2 : 1;
      int taken = std::max(1, size / stride / 2);
      int start = random() % (size - (taken - 1) * stride);
      Shape shape = x.shape;
      shape[axis] = std::to_string(taken);
      emit(llvm::formatv("sinter.slice {0} axis {1} from {2} size {3} stride "
                         "{4} : {5} -> {6}",
                         x.name, axis, start, taken, stride, type(x.shape),
                         type(shape)),
           shape);
      return;
    }
    case 7: { // a concatenation
      Value y = any();
      for (size_t axis = 0; axis < x.shape.size(); ++axis) {
        Shape a = x.shape, b = y.shape;
        if (a.size() != b.size() || !isNumber(a[axis]) || !isNumber(b[axis]))
          continue;
        int total = std::stoi(a[axis]) + std::stoi(b[axis]);
        a[axis] = b[axis] = std::to_string(total);
        if (a != b)
          continue;
        emit(llvm::formatv("sinter.concat {0}, {1} axis {2} : {3}, {4} -> {5}",
                           x.name, y.name, axis, type(x.shape), type(y.shape),
                           type(a)),
             a);
        return;
      }
      return;
    }
    }
  }

  std::mt19937 random;
  std::vector<Value> values;
  std::string body;
  int next = 0;
};

TEST(RandomRowGroups, EqualTheEvaluator) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    std::string text = Generator(seed).generate();
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
    for (const char *cpu : {seed % 3 == 0 ? "x86-64-v2" : "native", "cuda"}) {
      auto compiled = CompiledGroup::compile(text, cpu);
      ASSERT_TRUE(compiled) << cpu;
      compiled->check({1, 1, 2, 1}, seed, {}, 1e-4);
      compiled->check({9, 1, 21, 1}, seed + 1, {0.4}, 1e-4);
      if (HasFatalFailure())
        return;
    }
  }
}

std::string bitcodeOf(const std::string &text) {
  mlir::MLIRContext mlirContext;
  mlirContext.loadDialect<SinterDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &mlirContext);
  llvm::LLVMContext context;
  auto target = llvm::cantFail(describeTarget("x86-64-v3"));
  auto groups = llvm::cantFail(compileRowGroups(*module, target, context));
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  llvm::WriteBitcodeToFile(*groups.module, stream);
  return bytes;
}

TEST(RandomRowGroups, SameBytesEachTime) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::string text = Generator(seed).generate();
    EXPECT_EQ(bitcodeOf(text), bitcodeOf(text)) << text;
  }
}

} // namespace
