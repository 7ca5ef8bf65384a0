//===- RowHarness.cpp - Runs row groups, compiled and evaluated -----------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/codegen/RowHarness.h"
#include "codegen/Target.h"
#include "codegen/cuda/RowKernel.h"
#include "ir/Elements.h"
#include "ir/RandomWeights.h"
#include "mlir/Parser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Target/TargetMachine.h"
#include <bit>
#include <cmath>
#include <cstring>

using namespace sinter;
using namespace sinter::test;

// What the runtime provides to row kernels.
extern "C" void *halide_malloc(void *, uint64_t bytes) {
  return std::aligned_alloc(64, llvm::alignTo(bytes, 64));
}
extern "C" void halide_free(void *, void *pointer) { std::free(pointer); }

static double fromHalfBits(uint16_t bits) {
  llvm::APFloat number(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits));
  return number.convertToDouble();
}

static double load(mlir::Type type, const unsigned char *from) {
  if (type.isF32()) {
    float number;
    std::memcpy(&number, from, 4);
    return number;
  }
  if (type.isInteger(32)) {
    int32_t number;
    std::memcpy(&number, from, 4);
    return number;
  }
  if (type.isInteger(1))
    return *from;
  uint16_t bits;
  std::memcpy(&bits, from, 2);
  return type.isF16() ? fromHalfBits(bits)
                      : std::bit_cast<float>(uint32_t(bits) << 16);
}

std::unique_ptr<CompiledGroup> CompiledGroup::compile(const std::string &text,
                                                      llvm::StringRef cpu) {
  auto result = std::make_unique<CompiledGroup>();
  result->context.loadDialect<SinterDialect, mlir::func::FuncDialect>();
  result->module =
      mlir::parseSourceString<mlir::ModuleOp>(text, &result->context);
  if (!result->module) {
    ADD_FAILURE() << "the test's text is wrong:\n" << text;
    return nullptr;
  }
  result->function = result->module->lookupSymbol<mlir::func::FuncOp>("f");

  if (cpu == "cuda")
    return result->compileForCuda(text) ? std::move(result) : nullptr;
  auto target = describeTarget(cpu);
  auto llvmContext = std::make_unique<llvm::LLVMContext>();
  auto groups = compileRowGroups(*result->module, *target, *llvmContext);
  if (!groups) {
    ADD_FAILURE() << llvm::toString(groups.takeError()) << "\n" << text;
    return nullptr;
  }
  auto machine = createTargetMachine(*target);
  groups->module->setDataLayout((*machine)->createDataLayout());
  std::string name = groups->groups.begin()->second.name;
  llvm::orc::JITTargetMachineBuilder builder(llvm::Triple(target->triple));
  builder.setCPU(target->cpu);
  builder.addFeatures(
      llvm::StringRef(target->features).str().empty()
          ? std::vector<std::string>()
          : [&] {
              llvm::SmallVector<llvm::StringRef> list;
              llvm::StringRef(target->features).split(list, ',');
              return std::vector<std::string>(list.begin(), list.end());
            }());
  result->jit = llvm::cantFail(
      llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(builder).create());
  llvm::orc::SymbolMap support;
  for (auto [symbol, address] :
       {std::pair<const char *, void *>{"halide_malloc", (void *)halide_malloc},
        {"halide_free", (void *)halide_free}})
    support[result->jit->mangleAndIntern(symbol)] = {
        llvm::orc::ExecutorAddr::fromPtr(address),
        llvm::JITSymbolFlags::Exported};
  llvm::cantFail(result->jit->getMainJITDylib().define(
      llvm::orc::absoluteSymbols(std::move(support))));
  llvm::cantFail(result->jit->addIRModule(llvm::orc::ThreadSafeModule(
      std::move(groups->module), std::move(llvmContext))));
  auto symbol = result->jit->lookup(name);
  if (!symbol) {
    ADD_FAILURE() << llvm::toString(symbol.takeError());
    return nullptr;
  }
  result->entry =
      symbol->toPtr<void (*)(void **, const int64_t *, int64_t, int64_t)>();
  return result;
}

bool CompiledGroup::compileForCuda(const std::string &text) {
  bool isEmitted = false;
  size_t buffers = 0;
  emulator = std::make_unique<CudaEmulator>(
      [&](CudaBuilder &b) -> std::vector<CudaKernel> {
        auto own =
            mlir::parseSourceString<mlir::ModuleOp>(text, b.getContext());
        std::vector<CudaKernel> kernels;
        own->walk([&](RowGroupOp group) {
          CudaRowWork work;
          mlir::Block *body = group.getBody();
          work.inputs.assign(body->args_begin(), body->args_end());
          for (mlir::Operation &op : body->without_terminator())
            work.ops.push_back(&op);
          work.outputs.assign(body->getTerminator()->operand_begin(),
                              body->getTerminator()->operand_end());
          buffers = work.inputs.size() + work.outputs.size();
          auto kernel = emitRowKernel(b, "rows", work);
          isEmitted = mlir::succeeded(kernel);
          if (isEmitted)
            kernels.push_back(*kernel);
        });
        return kernels;
      });
  if (!isEmitted)
    ADD_FAILURE() << "no kernel for\n" << text;
  entry = [this, buffers, seed = 0u](void **pointers, const int64_t *dimensions,
                                     int64_t begin, int64_t end) mutable {
    std::vector<uint64_t> arguments;
    for (size_t i = 0; i < buffers; ++i)
      arguments.push_back(reinterpret_cast<uintptr_t>(pointers[i]));
    for (int64_t i = 0; i < 4; ++i)
      arguments.push_back(dimensions[i]);
    EXPECT_EQ("", emulator->launch("rows", {end - begin, 1, 1}, arguments,
                                   seed++, begin));
  };
  return isEmitted;
}

static llvm::SmallVector<int64_t> shapeOf(NamedTensorType type,
                                          const Dimensions &dimensions) {
  llvm::SmallVector<int64_t> shape;
  for (Dimension dimension : type.getShape()) {
    if (dimension.isStatic()) {
      shape.push_back(dimension.getSize());
      continue;
    }
    llvm::StringRef name = dimension.getSymbol();
    shape.push_back(dimensions[name == "N"   ? 0
                               : name == "R" ? 1
                               : name == "P" ? 2
                                             : 3]);
  }
  return shape;
}

static int64_t product(llvm::ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  return elements;
}

void CompiledGroup::check(Dimensions dimensions, unsigned seed,
                          std::vector<double> cuts, double tolerance) {
  constexpr int64_t guard = 256;
  constexpr unsigned char poison = 0xa5;
  std::mt19937 random(seed);
  std::vector<TensorValue> arguments;
  std::vector<std::vector<unsigned char>> buffers;
  CallOptions options;
  constexpr const char *names[] = {"N", "R", "P", "SP"};
  for (auto [name, size] : llvm::zip_equal(names, dimensions))
    options.dimensions[name] = size;

  for (auto [number, plain] : llvm::enumerate(function.getArgumentTypes())) {
    auto type = llvm::cast<NamedTensorType>(plain);
    TensorValue value;
    value.shape = shapeOf(type, dimensions);
    value.elements.resize(product(value.shape));
    std::uniform_real_distribution<double> real(-2, 2);
    for (double &element : value.elements)
      element = real(random);
    if (type.getElementType().isInteger(32))
      for (double &element : value.elements)
        element = std::floor((element + 2) * 2);
    if (type.getElementType().isInteger(1))
      for (double &element : value.elements)
        element = element > 0;
    if (fill)
      fill(number, value, random);
    for (double &element : value.elements)
      element = roundToElementType(element, type.getElementType());
    appendElements(value.elements, type.getElementType(),
                   buffers.emplace_back());
    arguments.push_back(std::move(value));
  }

  RandomWeights weights(*module, /*seed=*/0);
  Evaluator evaluator(weights);
  auto expected = evaluator.call(function, arguments, options);
  ASSERT_TRUE(mlir::succeeded(expected));

  llvm::SmallVector<NamedTensorType> results;
  for (mlir::Type type : function.getResultTypes())
    results.push_back(llvm::cast<NamedTensorType>(type));
  int64_t inputs = buffers.size();
  for (auto [type, value] : llvm::zip_equal(results, *expected))
    buffers.emplace_back(guard * 2 + value.elements.size() *
                                         elementByteSize(type.getElementType()),
                         poison);
  std::vector<void *> pointers;
  for (auto [number, buffer] : llvm::enumerate(buffers))
    pointers.push_back(buffer.data() + (int64_t(number) < inputs ? 0 : guard));

  // Which axis are the rows?
  int64_t rowAxisOfFirst = results[0].findSymbol("N");
  bool tokens = rowAxisOfFirst >= 0;
  int64_t rows = dimensions[tokens ? 0 : 1];
  std::vector<int64_t> bounds{0};
  for (double cut : cuts)
    bounds.push_back(std::clamp<int64_t>(cut * rows, bounds.back(), rows));
  bounds.push_back(rows);
  for (size_t part = 0; part + 1 < bounds.size(); ++part) {
    entry(pointers.data(), dimensions.data(), bounds[part], bounds[part + 1]);
    // Rows behind this range are untouched still.
    for (auto [number, type] : llvm::enumerate(results)) {
      int64_t axis = type.findSymbol(tokens ? "N" : "R");
      auto shape = shapeOf(type, dimensions);
      int64_t inner = product(llvm::ArrayRef(shape).drop_front(axis + 1)) *
                      elementByteSize(type.getElementType());
      const unsigned char *data = buffers[inputs + number].data() + guard;
      for (int64_t outer = 0;
           outer < product(llvm::ArrayRef(shape).take_front(axis)); ++outer)
        for (int64_t byte = bounds[part + 1] * inner; byte < rows * inner;
             ++byte)
          ASSERT_EQ(data[outer * rows * inner + byte], poison)
              << "a row outside the range was written";
    }
  }

  for (auto [number, type] : llvm::enumerate(results)) {
    const auto &buffer = buffers[inputs + number];
    for (int64_t i = 0; i < guard; ++i) {
      ASSERT_EQ(buffer[i], poison) << "written before the result";
      ASSERT_EQ(buffer[buffer.size() - 1 - i], poison)
          << "written behind the result";
    }
    mlir::Type element = type.getElementType();
    const TensorValue &value = (*expected)[number];
    for (size_t i = 0; i < value.elements.size(); ++i) {
      double wanted = value.elements[i];
      double found =
          load(element, &buffer[guard + i * elementByteSize(element)]);
      if (std::isnan(wanted))
        continue;
      if (std::isinf(wanted) || element.isInteger(32) || element.isInteger(1)) {
        ASSERT_EQ(found, wanted)
            << "result " << number << " element " << i
            << " of N, R, P, SP = " << dimensions[0] << " " << dimensions[1]
            << " " << dimensions[2] << " " << dimensions[3];
        continue;
      }
      double bound = tolerance * std::max(1.0, std::abs(wanted));
      if (element.isBF16())
        bound = 0.02 * std::max(1.0, std::abs(wanted));
      if (element.isF16())
        bound = 0.003 * std::max(1.0, std::abs(wanted));
      ASSERT_NEAR(found, wanted, bound)
          << "result " << number << " element " << i
          << " of N, R, P, SP = " << dimensions[0] << " " << dimensions[1]
          << " " << dimensions[2] << " " << dimensions[3];
    }
  }
}

std::vector<float> CompiledGroup::apply(llvm::ArrayRef<float> argument,
                                        Dimensions dimensions) {
  std::vector<float> result(argument.size());
  void *pointers[] = {const_cast<float *>(argument.data()), result.data()};
  entry(pointers, dimensions.data(), 0, dimensions[0]);
  return result;
}
