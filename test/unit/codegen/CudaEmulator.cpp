//===- CudaEmulator.cpp - Runs CUDA kernels without a GPU -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaEmulator.h"
#include "CudaThreads.h"
#include "codegen/Codegen.h"
#include "codegen/Lowering.h"
#include "codegen/Object.h"
#include "codegen/Target.h"
#include "codegen/cuda/Ptx.h"
#include "ir/Sinter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace sinter;
using namespace sinter::test;

namespace {

/// Replaces the operations of a GPU by calls.
class Rewriter {
public:
  Rewriter(CudaBuilder &b, ModuleOp module) : b(b), module(module) {}

  /// Returns what it does not know.
  std::string run() {
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      auto product = dyn_cast<LLVM::FMAOp>(op);
      if (isa<NVVM::NVVMDialect>(op->getDialect()) ||
          isa<LLVM::InlineAsmOp>(op) ||
          (product && getElementTypeOrSelf(product.getType()).isBF16()))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      b.setInsertionPoint(op);
      Value result = rewrite(op);
      if (!unknown.empty())
        return unknown;
      if (op->getNumResults() > 0)
        op->getResult(0).replaceAllUsesWith(result);
      op->erase();
    }
    return "";
  }

private:
  Value number(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }

  Value rewrite(Operation *op) {
    return TypeSwitch<Operation *, Value>(op)
        .Case([&](NVVM::ThreadIdXOp) { return special(0); })
        .Case([&](NVVM::BlockIdXOp) { return special(1); })
        .Case([&](NVVM::BlockIdYOp) { return special(2); })
        .Case([&](NVVM::BlockIdZOp) { return special(3); })
        .Case([&](NVVM::BarrierOp op) {
          Value id = op.getBarrierId(), threads = op.getNumberOfThreads();
          call("emulate_barrier",
               {id ? id : number(0), threads ? threads : number(0)});
          return Value();
        })
        .Case([&](NVVM::ShflOp op) {
          Value value = op.getVal();
          bool isFloat = value.getType().isF32();
          if (isFloat)
            value = arith::BitcastOp::create(b, b.getI32Type(), value);
          Value result = call("emulate_shuffle",
                              {value, op.getOffset(),
                               number(op.getKind() == NVVM::ShflKind::idx)},
                              b.getI32Type());
          if (isFloat)
            result = arith::BitcastOp::create(b, b.getF32Type(), result);
          return result;
        })
        .Case([&](NVVM::CpAsyncOp op) {
          Value count = op.getCpSize();
          call("emulate_copy",
               {flat(op.getDst()), flat(op.getSrc()), number(op.getSize()),
                count ? count : number(op.getSize())});
          return Value();
        })
        .Case([&](NVVM::CpAsyncCommitGroupOp) {
          call("emulate_end_copies", {});
          return Value();
        })
        .Case([&](NVVM::CpAsyncWaitGroupOp op) {
          call("emulate_wait_for_copies", {number(op.getN())});
          return Value();
        })
        .Case([&](NVVM::LdMatrixOp op) {
          if (op.getNum() != 4)
            unknown = "the emulator loads four matrices at a time";
          Value results = memory(op.getRes().getType());
          call("emulate_load_matrices",
               {flat(op.getPtr()),
                number(op.getLayout() == NVVM::MMALayout::col), results});
          return Value(LLVM::LoadOp::create(b, op.getRes().getType(), results));
        })
        .Case([&](NVVM::MmaOp op) {
          Type type = op.getRes().getType();
          Value inputs = memory(b.vectorType(16, b.getI32Type()));
          for (auto [i, operand] : llvm::enumerate(op->getOperands()))
            b.store(operand,
                    b.elementsFrom(inputs, int64_t(i), b.getI32Type()));
          Value results = memory(type);
          call("emulate_multiply", {inputs, results});
          return Value(LLVM::LoadOp::create(b, type, results));
        })
        .Case([&](NVVM::MBarrierInitOp op) {
          call("emulate_make_barrier", {flat(op.getAddr()), op.getCount()});
          return Value();
        })
        .Case([&](NVVM::MBarrierArriveOp op) {
          call("emulate_arrive", {flat(op.getAddr()), number(0)});
          return Value();
        })
        .Case([&](NVVM::MBarrierArriveExpectTxOp op) {
          call("emulate_arrive", {flat(op.getAddr()), op.getTxcount()});
          return Value();
        })
        .Case([&](NVVM::MBarrierTryWaitParityOp op) {
          call("emulate_wait_for_phase", {flat(op.getAddr()), op.getPhase()});
          return Value();
        })
        .Case([&](NVVM::CpAsyncBulkGlobalToSharedClusterOp op) {
          call("emulate_copy_bulk", {flat(op.getDstMem()), flat(op.getSrcMem()),
                                     op.getSize(), flat(op.getMbar())});
          return Value();
        })
        .Case([&](NVVM::WgmmaMmaAsyncOp op) {
          Type type = op.getInouts().getType();
          Value sums = memory(type);
          LLVM::StoreOp::create(b, op.getInouts(), sums);
          call("emulate_multiply_warpgroup",
               {op.getDescriptorA(), op.getDescriptorB(),
                number(op.getShape().getN()), sums});
          return Value(LLVM::LoadOp::create(b, type, sums));
        })
        .Case([&](NVVM::WgmmaGroupSyncAlignedOp) {
          call("emulate_end_products", {});
          return Value();
        })
        .Case([&](NVVM::WgmmaWaitGroupSyncOp op) {
          call("emulate_wait_for_products", {number(op.getGroup())});
          return Value();
        })
        // Pairs of bf16, which not every CPU multiplies: their products are
        // exact in f32.
        .Case([&](LLVM::FMAOp op) {
          auto type = cast<VectorType>(op.getType());
          auto widened = [&](Value value) -> Value {
            return arith::ExtFOp::create(
                b, b.vectorType(type.getDimSize(0), b.getF32Type()), value);
          };
          Value sum = b.fusedMultiplyAdd(widened(op.getA()), widened(op.getB()),
                                         widened(op.getC()));
          return Value(arith::TruncFOp::create(b, type, sum));
        })
        .Case([&](LLVM::InlineAsmOp op) {
          if (op.getAsmString() != CudaBuilder::takeBitsText)
            unknown = "the emulator does not know " + op.getAsmString().str();
          return Value(arith::OrIOp::create(
              b, arith::AndIOp::create(b, op.getOperand(0), op.getOperand(1)),
              op.getOperand(2)));
        })
        // Orders what a machine may reorder; here, all stays in order.
        .Case<NVVM::FenceMbarrierInitOp, NVVM::FenceProxyOp,
              NVVM::WgmmaFenceAlignedOp>([](auto) { return Value(); })
        .Default([&](Operation *other) {
          unknown = "the emulator does not know " +
                    other->getName().getStringRef().str();
          return Value();
        });
  }

  Value special(int64_t which) {
    return call("emulate_special", {number(which)}, b.getI32Type());
  }

  /// Every address space is this machine's one.
  Value flat(Value pointer) {
    return LLVM::AddrSpaceCastOp::create(b, b.pointerType(), pointer);
  }

  /// On the stack, once for a call of the kernel.
  Value memory(Type type) {
    OpBuilder::InsertionGuard guard(b);
    auto function =
        b.getInsertionBlock()->getParentOp()->getParentOfType<func::FuncOp>();
    if (!function)
      function = cast<func::FuncOp>(b.getInsertionBlock()->getParentOp());
    b.setInsertionPointToStart(&function.getBody().front());
    return LLVM::AllocaOp::create(b, b.pointerType(), type, b.index(1), 16);
  }

  Value call(StringRef name, ArrayRef<Value> arguments, Type result = {}) {
    auto function = module.lookupSymbol<func::FuncOp>(name);
    if (!function) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToEnd(module.getBody());
      SmallVector<Type> types;
      for (Value argument : arguments)
        types.push_back(argument.getType());
      function = func::FuncOp::create(
          b, name,
          b.getFunctionType(types, result ? TypeRange(result) : TypeRange()));
      function.setPrivate();
    }
    auto op = func::CallOp::create(b, function, arguments);
    return result ? op.getResult(0) : Value();
  }

  CudaBuilder &b;
  ModuleOp module;
  std::string unknown;
};

/// A function of one argument, the array of a kernel's.
void emitRunner(CudaBuilder &b, func::FuncOp kernel) {
  b.setInsertionPointAfter(kernel);
  func::FuncOp runner = b.beginFunction(("run_" + kernel.getName()).str(),
                                        {b.pointerType()}, /*isPublic=*/true);
  SmallVector<Value> arguments;
  for (auto [i, type] : llvm::enumerate(kernel.getArgumentTypes()))
    arguments.push_back(
        b.load(type, b.bytesFrom(runner.getArgument(0), int64_t(i) * 8)));
  b.call(kernel, arguments);
  b.endFunction();
}

} // namespace

CudaEmulator::CudaEmulator(const Emit &emit) {
  MLIRContext context;
  context.loadDialect<SinterDialect>();
  loadCudaDialects(context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  CudaBuilder builder(*module);
  compile(*module, emit(builder));
}

CudaEmulator::CudaEmulator(ModuleOp module,
                           const std::vector<CudaKernel> &kernels) {
  compile(module, kernels);
}

void CudaEmulator::compile(ModuleOp module,
                           const std::vector<CudaKernel> &emitted) {
  TargetDescription target = cantFail(describeTarget("native"));
  auto machine = cantFail(createTargetMachine(target));
  CudaBuilder builder(module);
  unknown = Rewriter(builder, module).run();
  for (const CudaKernel &kernel : emitted)
    emitRunner(builder, kernel.function);

  std::map<std::string, size_t> counts;
  for (const CudaKernel &kernel : emitted)
    counts[func::FuncOp(kernel.function).getName().str()] =
        func::FuncOp(kernel.function).getNumArguments();
  std::vector<std::tuple<std::string, int64_t, int64_t>> described;
  for (const CudaKernel &kernel : emitted)
    described.emplace_back(func::FuncOp(kernel.function).getName().str(),
                           kernel.threads, kernel.sharedBytes);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> lowered =
      cantFail(lowerToLLVM(module, context));
  lowered->setTargetTriple(machine->getTargetTriple());
  lowered->setDataLayout(machine->createDataLayout());
  optimizeFor(target, *machine, *lowered);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  cantFail(emitObject(*lowered, target, stream));

  jit = cantFail(llvm::orc::LLJITBuilder().create());
  llvm::orc::SymbolMap symbols;
  for (auto [name, address] : emulatedSymbols())
    symbols[jit->mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(address),
        llvm::JITSymbolFlags::Exported};
  cantFail(jit->getMainJITDylib().define(
      llvm::orc::absoluteSymbols(std::move(symbols))));
  cantFail(jit->addObjectFile(std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(bytes), "kernels")));
  for (auto [name, threads, sharedBytes] : described)
    kernels[name] = {cantFail(jit->lookup("run_" + name))
                         .toPtr<void (*)(const uint64_t *)>(),
                     threads, sharedBytes, counts[name]};
}

CudaEmulator::~CudaEmulator() = default;

std::string CudaEmulator::launch(const std::string &name,
                                 std::array<int64_t, 3> grid,
                                 const std::vector<uint64_t> &arguments,
                                 unsigned seed, int64_t first) {
  if (!unknown.empty())
    return unknown;
  auto found = kernels.find(name);
  if (found == kernels.end())
    return "there is no kernel '" + name + "'";
  const Compiled &kernel = found->second;
  if (arguments.size() != kernel.arguments)
    return name + " takes " + std::to_string(kernel.arguments) +
           " arguments, not " + std::to_string(arguments.size());
  for (int64_t z = 0; z < grid[2]; ++z)
    for (int64_t y = 0; y < grid[1]; ++y)
      for (int64_t x = first; x < first + grid[0]; ++x) {
        std::string error =
            runBlock(kernel.function, arguments.data(), kernel.threads,
                     kernel.sharedBytes, {x, y, z}, seed);
        if (!error.empty())
          return name + ", block " + std::to_string(x) + ", " +
                 std::to_string(y) + ", " + std::to_string(z) + ": " + error;
      }
  return "";
}
