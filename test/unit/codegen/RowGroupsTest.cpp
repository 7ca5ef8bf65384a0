//===- RowGroupsTest.cpp - Compiled row groups against the evaluator ------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/codegen/RowHarness.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace sinter::test;

namespace {

/// A module whose @f holds one row group. Types are written short:
/// "[N, 7] f32". `body` names its arguments %0, %1, ... and ends with a yield.
std::string group(std::vector<std::string> inputs,
                  std::vector<std::string> results, std::string body) {
  auto type = [](const std::string &shorthand) {
    auto [shape, element] = llvm::StringRef(shorthand).rsplit(' ');
    return ("!sinter.tensor<" + shape + ", " + element + ">").str();
  };
  std::vector<std::string> arguments, bindings, types, values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    arguments.push_back("%a" + std::to_string(i) + ": " + type(inputs[i]));
    bindings.push_back("%" + std::to_string(i) + " = %a" + std::to_string(i) +
                       " : " + type(inputs[i]));
  }
  for (size_t i = 0; i < results.size(); ++i) {
    types.push_back(type(results[i]));
    values.push_back("%r#" + std::to_string(i));
  }
  // `<[...] f32>` in the body.
  std::string expanded;
  llvm::StringRef rest = body;
  while (!rest.empty()) {
    size_t open = rest.find("<[");
    if (open == llvm::StringRef::npos) {
      expanded += rest;
      break;
    }
    size_t close = rest.find('>', open);
    expanded += rest.take_front(open);
    expanded += type(rest.slice(open + 1, close).str());
    rest = rest.drop_front(close + 1);
  }
  std::string all = llvm::join(types, ", ");
  std::string head =
      results.size() == 1 ? "%r" : "%r:" + std::to_string(results.size());
  if (results.size() == 1)
    values = {"%r"};
  return "func.func @f(" + llvm::join(arguments, ", ") + ") -> (" + all +
         ") {\n  " + head + " = sinter.row_group (" +
         llvm::join(bindings, ", ") + ") -> (" + all + ") {\n" + expanded +
         "\n  }\n  return " + llvm::join(values, ", ") + " : " + all + "\n}\n";
}

/// Several sizes of a call, whole and cut into ranges of rows; on this machine
/// and on an emulated GPU.
void checkAll(const std::string &text, double tolerance = 2e-5,
              decltype(CompiledGroup::fill) fill = nullptr,
              llvm::StringRef cpu = "native") {
  SCOPED_TRACE(text);
  auto compiled = CompiledGroup::compile(text, cpu);
  ASSERT_TRUE(compiled);
  if (fill)
    compiled->fill = fill;
  unsigned seed = 1;
  for (Dimensions dimensions : {Dimensions{1, 1, 1, 1}, Dimensions{2, 1, 5, 3},
                                Dimensions{17, 4, 33, 70}}) {
    compiled->check(dimensions, seed++, {}, tolerance);
    compiled->check(dimensions, seed++, {0.3, 0.3, 0.8}, tolerance);
    if (testing::Test::HasFatalFailure())
      return;
  }
  if (cpu == "native")
    checkAll(text, tolerance, fill, "cuda");
}

TEST(RowGroups, Add) {
  for (int width : {1, 3, 7, 8, 16, 33, 100, 768}) {
    std::string x = llvm::formatv("[N, {0}] f32", width),
                b = llvm::formatv("[{0}] f32", width);
    checkAll(group({x, b}, {x},
                   "%s = sinter.add %0, %1 : <" + x + ">, <" + b + "> -> <" +
                       x + ">\n sinter.yield %s : <" + x + ">"));
  }
}

TEST(RowGroups, LayerNorm) {
  for (int width : {3, 7, 33, 100, 768}) {
    std::string x = llvm::formatv("<[N, {0}] f32>", width),
                b = llvm::formatv("<[{0}] f32>", width);
    std::string body = R"(
      %x = sinter.add %0, %1 : X, X -> X
      %m = sinter.reduce mean %x axis 1 : X -> <[N, 1] f32>
      %d = sinter.sub %x, %m : X, <[N, 1] f32> -> X
      %q = sinter.mul %d, %d : X, X -> X
      %v = sinter.reduce mean %q axis 1 : X -> <[N, 1] f32>
      %e = sinter.constant 1.0e-05 : <[] f32>
      %ve = sinter.add %v, %e : <[N, 1] f32>, <[] f32> -> <[N, 1] f32>
      %s = sinter.rsqrt %ve : <[N, 1] f32>
      %n = sinter.mul %d, %s : X, <[N, 1] f32> -> X
      %g = sinter.mul %n, %2 : X, B -> X
      %y = sinter.add %g, %3 : X, B -> X
      sinter.yield %x, %y : X, X)";
    std::string expanded;
    for (char c : body)
      expanded += c == 'X' ? x : c == 'B' ? b : std::string(1, c);
    std::string xs = x.substr(1, x.size() - 2), bs = b.substr(1, b.size() - 2);
    checkAll(group({xs, xs, bs, bs}, {xs, xs}, expanded));
  }
}

TEST(RowGroups, Softmax) {
  std::string body = R"(
      %m = sinter.reduce max %0 axis 2 extent %1 : <[3, N, P] f32>, <[N] i32> -> <[3, N, 1] f32>
      %d = sinter.sub %0, %m : <[3, N, P] f32>, <[3, N, 1] f32> -> <[3, N, P] f32>
      %e = sinter.exp %d : <[3, N, P] f32>
      %s = sinter.reduce sum %e axis 2 extent %1 : <[3, N, P] f32>, <[N] i32> -> <[3, N, 1] f32>
      %y = sinter.div %e, %s : <[3, N, P] f32>, <[3, N, 1] f32> -> <[3, N, P] f32>
      sinter.yield %y : <[3, N, P] f32>)";
  int64_t past = 0;
  checkAll(group({"[3, N, P] f32", "[N] i32"}, {"[3, N, P] f32"}, body), 2e-5,
           [&](int argument, sinter::TensorValue &value, std::mt19937 &random) {
             if (argument == 0)
               past = value.shape[2];
             else
               for (double &element : value.elements)
                 element = 1 + random() % past;
           });
}

/// One operation on a row of `width`, of several element types.
std::string unary(const std::string &op, const std::string &type) {
  return group({type}, {type},
               "%s = sinter." + op + " %0 : <" + type +
                   ">\n sinter.yield %s : <" + type + ">");
}

std::string binary(const std::string &op, const std::string &a,
                   const std::string &b, const std::string &result) {
  return group({a, b}, {result},
               "%s = sinter." + op + " %0, %1 : <" + a + ">, <" + b + "> -> <" +
                   result + ">\n sinter.yield %s : <" + result + ">");
}

TEST(RowGroups, Unary) {
  for (const char *op : {"neg", "abs", "exp", "sin", "cos", "tanh", "erf",
                         "floor", "sqrt", "rsqrt", "log"})
    for (const char *type : {"[N, 1] f32", "[N, 5] f32", "[N, 37] f32",
                             "[N, 37] bf16", "[N, 6] f16"})
      checkAll(unary(op, type), 2e-6,
               [&](int, sinter::TensorValue &value, std::mt19937 &) {
                 if (llvm::StringRef(op) == "sqrt" ||
                     llvm::StringRef(op) == "rsqrt" ||
                     llvm::StringRef(op) == "log")
                   for (double &element : value.elements)
                     element = std::abs(element) + 0.1;
               });
  for (const char *op : {"neg", "abs"})
    checkAll(unary(op, "[N, 19] i32"));
  checkAll(unary("not", "[N, 19] i1"));
}

TEST(RowGroups, Binary) {
  for (const char *op : {"add", "sub", "mul", "div", "mod", "max", "min"}) {
    // A step of the second operand that mod might fall on either side of.
    auto apart = [](int argument, sinter::TensorValue &value, std::mt19937 &) {
      for (double &element : value.elements)
        element = argument == 1 ? (element < 0 ? -1.0 : 1.0) + element / 7
                                : element + 0.01;
    };
    for (const char *element : {"f32", "bf16", "f16"}) {
      if (llvm::StringRef(op) == "mod" && llvm::StringRef(element) != "f32")
        continue;
      std::string e = std::string(" ") + element;
      checkAll(binary(op, "[N, 37]" + e, "[N, 37]" + e, "[N, 37]" + e), 2e-6,
               apart);
      checkAll(binary(op, "[N, 1]" + e, "[3, 1, 5]" + e, "[3, N, 5]" + e), 2e-6,
               apart);
    }
    checkAll(
        binary(op, "[N, 37] i32", "[37] i32", "[N, 37] i32"), 0,
        [](int argument, sinter::TensorValue &value, std::mt19937 &random) {
          for (double &element : value.elements) {
            element = int(random() % 41) - 20;
            if (argument == 1 && element == 0)
              element = -3;
          }
        });
  }
  for (const char *op : {"and", "or"})
    checkAll(binary(op, "[N, 1] i1", "[N, 9] i1", "[N, 9] i1"));
  for (const char *predicate : {"eq", "ne", "lt", "le", "gt", "ge"})
    for (const char *element : {"f32", "i32", "i1", "bf16"})
      checkAll(binary(std::string("compare ") + predicate,
                      std::string("[N, 9] ") + element,
                      std::string("[9] ") + element, "[N, 9] i1"));
}

TEST(RowGroups, Power) {
  checkAll(binary("pow", "[N, 37] f32", "[37] f32", "[N, 37] f32"), 2e-6,
           [](int argument, sinter::TensorValue &value, std::mt19937 &) {
             if (argument == 0)
               for (double &element : value.elements)
                 element = std::abs(element) * 5000;
           });
  for (const char *exponent : {"2.0", "3.0", "-1.0", "0.5", "-2.0", "0.0"})
    checkAll(
        group({"[N, 19] f32"}, {"[N, 19] f32"},
              std::string("%c = sinter.constant ") + exponent + R"( : <[] f32>
                     %s = sinter.pow %0, %c : <[N, 19] f32>, <[] f32> -> <[N, 19] f32>
                     sinter.yield %s : <[N, 19] f32>)"),
        2e-6, [](int, sinter::TensorValue &value, std::mt19937 &) {
          for (double &element : value.elements)
            element = std::abs(element) + 0.1;
        });
}

TEST(RowGroups, Convert) {
  for (const char *from : {"f32", "bf16", "f16", "i32", "i1"})
    for (const char *to : {"f32", "bf16", "f16", "i32", "i1"}) {
      if (llvm::StringRef(from) == to)
        continue;
      std::string a = std::string("[N, 21] ") + from,
                  b = std::string("[N, 21] ") + to;
      checkAll(group({a}, {b},
                     "%s = sinter.convert %0 : <" + a + "> -> <" + b +
                         ">\n sinter.yield %s : <" + b + ">"));
    }
}

TEST(RowGroups, Select) {
  // What is not chosen may be no number.
  checkAll(
      group({"[N, 21] f32", "[N, 1] i1"}, {"[N, 21] f32", "[N, 21] i1"}, R"(
      %z = sinter.constant 0.0 : <[] f32>
      %p = sinter.compare gt %0, %z : <[N, 21] f32>, <[] f32> -> <[N, 21] i1>
      %l = sinter.log %0 : <[N, 21] f32>
      %s = sinter.select %p, %l, %z : <[N, 21] i1>, <[N, 21] f32>, <[] f32> -> <[N, 21] f32>
      %b = sinter.select %p, %1, %p : <[N, 21] i1>, <[N, 1] i1>, <[N, 21] i1> -> <[N, 21] i1>
      sinter.yield %s, %b : <[N, 21] f32>, <[N, 21] i1>)"));
}

TEST(RowGroups, MaskedSoftmax) {
  // A mask of -inf, as the specs write it, where at least one element counts.
  checkAll(group({"[2, N, P] f32", "[N] i32"}, {"[2, N, P] f32"}, R"(
      %k = sinter.iota : <[P] i32>
      %q = sinter.reshape %1 : <[N] i32> -> <[N, 1] i32>
      %seen = sinter.compare le %k, %q : <[P] i32>, <[N, 1] i32> -> <[N, P] i1>
      %never = sinter.constant 0xFFF0000000000000 : <[] f32>
      %x = sinter.select %seen, %0, %never : <[N, P] i1>, <[2, N, P] f32>, <[] f32> -> <[2, N, P] f32>
      %m = sinter.reduce max %x axis 2 : <[2, N, P] f32> -> <[2, N, 1] f32>
      %d = sinter.sub %x, %m : <[2, N, P] f32>, <[2, N, 1] f32> -> <[2, N, P] f32>
      %e = sinter.exp %d : <[2, N, P] f32>
      %s = sinter.reduce sum %e axis 2 : <[2, N, P] f32> -> <[2, N, 1] f32>
      %y = sinter.div %e, %s : <[2, N, P] f32>, <[2, N, 1] f32> -> <[2, N, P] f32>
      sinter.yield %y : <[2, N, P] f32>)"));
}

TEST(RowGroups, Reductions) {
  struct Case {
    const char *from, *to;
    int axis;
  };
  for (const char *kind : {"sum", "max", "mean"})
    for (Case c :
         {Case{"[N, 1]", "[N, 1]", 1}, Case{"[N, 2]", "[N, 1]", 1},
          Case{"[N, 33]", "[N, 1]", 1}, Case{"[N, 1000]", "[N, 1]", 1},
          Case{"[N, 12, 20]", "[N, 1, 20]", 1},
          Case{"[12, N, 7]", "[1, N, 7]", 0},
          Case{"[3, N, SP]", "[3, N, 1]", 2}, Case{"[3, N, P]", "[1, N, P]", 0},
          Case{"[N, P, 5]", "[N, 1, 5]", 1}, Case{"[N, 6, 1]", "[N, 1, 1]", 1}})
      for (const char *element : {"f32", "i32"}) {
        std::string from = std::string(c.from) + " " + element,
                    to = std::string(c.to) + " " + element;
        if (llvm::StringRef(element) == "i32" &&
            llvm::StringRef(kind) == "mean")
          continue;
        checkAll(group({from}, {to},
                       std::string("%s = sinter.reduce ") + kind + " %0 axis " +
                           std::to_string(c.axis) + " : <" + from + "> -> <" +
                           to + ">\n sinter.yield %s : <" + to + ">"),
                 1e-5);
      }
}

TEST(RowGroups, ReductionOfAllRows) {
  checkAll(group({"[N, 5] f32", "[N, 3] f32"}, {"[N, 5] f32"}, R"(
      %s = sinter.reduce mean %0 axis 0 : <[N, 5] f32> -> <[1, 5] f32>
      %y = sinter.sub %0, %s : <[N, 5] f32>, <[1, 5] f32> -> <[N, 5] f32>
      sinter.yield %y : <[N, 5] f32>)"));
}

TEST(RowGroups, ExtentAcross) {
  int64_t past = 0;
  checkAll(group({"[N, P, 9] f32", "[N] i32"}, {"[N, 1, 9] f32"}, R"(
      %s = sinter.reduce mean %0 axis 1 extent %1 : <[N, P, 9] f32>, <[N] i32> -> <[N, 1, 9] f32>
      sinter.yield %s : <[N, 1, 9] f32>)"),
           1e-5,
           [&](int argument, sinter::TensorValue &value, std::mt19937 &random) {
             if (argument == 0)
               past = value.shape[1];
             else
               for (double &element : value.elements)
                 element = 1 + random() % past;
           });
}

TEST(RowGroups, Matmul) {
  checkAll(group({"[N, 7] f32", "[7, 21] f32"}, {"[N, 21] f32"}, R"(
      %s = sinter.matmul %0, %1 : <[N, 7] f32>, <[7, 21] f32> -> <[N, 21] f32>
      sinter.yield %s : <[N, 21] f32>)"));
  checkAll(group({"[3, N, 4] f32", "[3, 4, 2] f32"}, {"[3, N, 2] f32"}, R"(
      %s = sinter.matmul %0, %1 : <[3, N, 4] f32>, <[3, 4, 2] f32> -> <[3, N, 2] f32>
      sinter.yield %s : <[3, N, 2] f32>)"));
}

TEST(RowGroups, Layout) {
  checkAll(group({"[N, 60] f32"},
                 {"[3, N, 20] f32", "[N, 60] f32", "[N, 6, 2, 5] f32"}, R"(
      %h = sinter.reshape %0 : <[N, 60] f32> -> <[N, 3, 20] f32>
      %t = sinter.transpose %h [1, 0, 2] : <[N, 3, 20] f32> -> <[3, N, 20] f32>
      %u = sinter.transpose %h [0, 2, 1] : <[N, 3, 20] f32> -> <[N, 20, 3] f32>
      %v = sinter.reshape %u : <[N, 20, 3] f32> -> <[N, 60] f32>
      %w = sinter.reshape %v : <[N, 60] f32> -> <[N, 6, 1, 2, 5] f32>
      %x = sinter.exp %w : <[N, 6, 1, 2, 5] f32>
      %y = sinter.reshape %x : <[N, 6, 1, 2, 5] f32> -> <[N, 6, 2, 5] f32>
      sinter.yield %t, %v, %y : <[3, N, 20] f32>, <[N, 60] f32>, <[N, 6, 2, 5] f32>)"));
  checkAll(group({"[4, 1, N, 6] f32"}, {"[12, N, 6] f32"}, R"(
      %b = sinter.broadcast %0 : <[4, 1, N, 6] f32> -> <[4, 3, N, 6] f32>
      %r = sinter.reshape %b : <[4, 3, N, 6] f32> -> <[12, N, 6] f32>
      sinter.yield %r : <[12, N, 6] f32>)"));
  for (int stride : {1, 2, 3})
    checkAll(group({"[N, 50] f32"}, {"[N, 11] f32"},
                   llvm::formatv(R"(
      %s = sinter.slice %0 axis 1 from 7 size 11 stride {0} : <[N, 50] f32> -> <[N, 11] f32>
      sinter.yield %s : <[N, 11] f32>)",
                                 stride)));
  checkAll(
      group({"[N, 5] f32", "[N, 12] f32", "[N, 1] f32"}, {"[N, 18] f32"}, R"(
      %s = sinter.concat %0, %1, %2 axis 1 : <[N, 5] f32>, <[N, 12] f32>, <[N, 1] f32> -> <[N, 18] f32>
      sinter.yield %s : <[N, 18] f32>)"));
  checkAll(group({"[5, N, 3] i1", "[2, N, 3] i1"}, {"[7, N, 3] i1"}, R"(
      %s = sinter.concat %0, %1 axis 0 : <[5, N, 3] i1>, <[2, N, 3] i1> -> <[7, N, 3] i1>
      sinter.yield %s : <[7, N, 3] i1>)"));
}

TEST(RowGroups, Gather) {
  // Numbers outside the table read its nearest row.
  auto beyond = [](int argument, sinter::TensorValue &value,
                   std::mt19937 &random) {
    if (argument == 1)
      for (double &element : value.elements)
        element = int(random() % 17) - 3;
  };
  checkAll(
      group({"[11, 48] f32", "[N] i32", "[N, 48] f32"}, {"[N, 48] f32"}, R"(
      %g = sinter.gather %0[%1] : <[11, 48] f32>, <[N] i32> -> <[N, 48] f32>
      %s = sinter.add %g, %2 : <[N, 48] f32>, <[N, 48] f32> -> <[N, 48] f32>
      sinter.yield %s : <[N, 48] f32>)"),
      2e-6, beyond);
  // Rows asked for, of a value that is computed on the way.
  checkAll(group({"[N, 20] f32", "[R] i32"}, {"[R, 20] f32"}, R"(
      %m = sinter.reduce mean %0 axis 1 : <[N, 20] f32> -> <[N, 1] f32>
      %d = sinter.sub %0, %m : <[N, 20] f32>, <[N, 1] f32> -> <[N, 20] f32>
      %g = sinter.gather %d[%1] : <[N, 20] f32>, <[R] i32> -> <[R, 20] f32>
      sinter.yield %g : <[R, 20] f32>)"),
           1e-5, beyond);
}

TEST(RowGroups, Rotary) {
  // Positions up to a context of 131072.
  checkAll(
      group({"[N, 256] f32", "[N] i32", "[32] f32"}, {"[4, N, 64] f32"}, R"(
      %x = sinter.reshape %0 : <[N, 256] f32> -> <[N, 4, 64] f32>
      %p = sinter.convert %1 : <[N] i32> -> <[N] f32>
      %c = sinter.reshape %p : <[N] f32> -> <[N, 1] f32>
      %a = sinter.mul %c, %2 : <[N, 1] f32>, <[32] f32> -> <[N, 32] f32>
      %aa = sinter.concat %a, %a axis 1 : <[N, 32] f32>, <[N, 32] f32> -> <[N, 64] f32>
      %ar = sinter.reshape %aa : <[N, 64] f32> -> <[N, 1, 64] f32>
      %cos = sinter.cos %ar : <[N, 1, 64] f32>
      %sin = sinter.sin %ar : <[N, 1, 64] f32>
      %x0 = sinter.slice %x axis 2 from 0 size 32 stride 1 : <[N, 4, 64] f32> -> <[N, 4, 32] f32>
      %x1 = sinter.slice %x axis 2 from 32 size 32 stride 1 : <[N, 4, 64] f32> -> <[N, 4, 32] f32>
      %n1 = sinter.neg %x1 : <[N, 4, 32] f32>
      %h = sinter.concat %n1, %x0 axis 2 : <[N, 4, 32] f32>, <[N, 4, 32] f32> -> <[N, 4, 64] f32>
      %l = sinter.mul %x, %cos : <[N, 4, 64] f32>, <[N, 1, 64] f32> -> <[N, 4, 64] f32>
      %r = sinter.mul %h, %sin : <[N, 4, 64] f32>, <[N, 1, 64] f32> -> <[N, 4, 64] f32>
      %s = sinter.add %l, %r : <[N, 4, 64] f32>, <[N, 4, 64] f32> -> <[N, 4, 64] f32>
      %t = sinter.transpose %s [1, 0, 2] : <[N, 4, 64] f32> -> <[4, N, 64] f32>
      sinter.yield %t : <[4, N, 64] f32>)"),
      2e-2, [](int argument, sinter::TensorValue &value, std::mt19937 &random) {
        for (size_t i = 0; i < value.elements.size(); ++i) {
          if (argument == 1)
            value.elements[i] = random() % 131072;
          if (argument == 2)
            value.elements[i] = std::pow(10000.0, -double(i) / 32);
        }
      });
}

/// Distance from the exact result in units in the last place of f32, counted
/// from the smallest normal number's on.
double unitsApart(float found, double exact) {
  if (std::isnan(exact) || std::isnan(found))
    return std::isnan(exact) && std::isnan(found) ? 0 : HUGE_VAL;
  if (found == float(exact))
    return 0;
  if (std::isinf(exact) || std::isinf(found))
    return HUGE_VAL;
  int exponent = std::max(std::ilogb(exact), -126);
  return std::abs(found - exact) / std::ldexp(1.0, exponent - 23);
}

TEST(RowGroups, Accuracy) {
  struct Case {
    const char *op;
    double (*exact)(double);
    double from, to, units;
  };
  constexpr float infinity = HUGE_VALF;
  for (Case c :
       {Case{"exp", std::exp, -110, 90, 2}, Case{"exp", std::exp, -1, 1, 2},
        Case{"log", std::log, 1e-39, 1e-37, 2}, Case{"log", std::log, 0, 2, 2},
        Case{"log", std::log, 1, 1e9, 2}, Case{"tanh", std::tanh, -10, 10, 2},
        Case{"tanh", std::tanh, -1, 1, 2}, Case{"erf", std::erf, -5, 5, 2},
        Case{"erf", std::erf, -0.01, 0.01, 2}, Case{"sin", std::sin, -4, 4, 2},
        Case{"cos", std::cos, -4, 4, 2},
        Case{"sin", std::sin, -131072, 131072, 2},
        Case{"cos", std::cos, -131072, 131072, 2},
        Case{"sqrt", std::sqrt, 0, 1e9, 0.51},
        Case{"floor", std::floor, -1e6, 1e6, 0}}) {
    auto compiled = CompiledGroup::compile(unary(c.op, "[N, 1001] f32"));
    ASSERT_TRUE(compiled);
    std::mt19937 random(1);
    std::uniform_real_distribution<double> uniform(c.from, c.to);
    std::vector<float> x(1001 * 100);
    for (float &element : x)
      element = uniform(random);
    if (std::string(c.op) != "sin" && std::string(c.op) != "cos")
      llvm::copy(std::array{0.0f, -0.0f, 1.0f, infinity, -infinity,
                            std::nanf(""), 1e-45f, 3e38f, -3e38f, 1e-30f},
                 x.begin());
    x[10] = infinity;
    std::vector<float> y = compiled->apply(x, {100, 1, 1, 1});
    double worst = 0;
    size_t where = 0;
    for (size_t i = 0; i < x.size(); ++i)
      if (double apart = unitsApart(y[i], c.exact(x[i])); apart > worst) {
        worst = apart;
        where = i;
      }
    EXPECT_LE(worst, c.units) << c.op << "(" << x[where] << ") = " << y[where];
    RecordProperty(std::string(c.op) + std::to_string(int(c.to)),
                   std::to_string(worst));
  }
}

} // namespace
