//===- RowModule.cpp - Row kernels as functions over buffers --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/RowModule.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace sinter;
using rows::BufferView;
using rows::Element;
using rows::Output;
using rows::RowKernel;
using rows::Size;

std::string sinter::rowFunctionName(size_t program) {
  return "row_group_" + std::to_string(program);
}

//===----------------------------------------------------------------------===//
// What Halide wrote
//===----------------------------------------------------------------------===//

/// Of what Halide writes, names and metadata come from counters and from the
/// Debian build of its runtime: they go, so that the same row work gives the
/// same bytes. Metadata of aliasing is wrong besides, once kernels that read
/// what others wrote stand in one function.
static void normalize(Module &module, const TargetDescription &target) {
  module.setModuleIdentifier("rows");
  module.setSourceFileName("rows");
  while (!module.named_metadata_empty())
    module.eraseNamedMetadata(&*module.named_metadata_begin());
  StripDebugInfo(module);
  for (GlobalVariable &global : module.globals())
    if (global.hasLocalLinkage())
      global.setName("");
  for (Function &function : module) {
    if (function.isIntrinsic())
      continue;
    function.removeFnAttr("target-cpu");
    function.removeFnAttr("target-features");
    function.removeFnAttr("reciprocal-estimates");
    function.removeFnAttr("frame-pointer");
    if (function.isDeclaration())
      continue;
    for (Argument &argument : function.args())
      argument.setName("");
    for (BasicBlock &block : function) {
      block.setName("");
      for (Instruction &instruction : block) {
        instruction.dropUnknownNonDebugMetadata();
        if (!instruction.getType()->isVoidTy())
          instruction.setName("");
        // One rounding less is never further from the exact result.
        if (isa<FPMathOperator>(instruction) &&
            (instruction.getOpcode() == Instruction::FMul ||
             instruction.getOpcode() == Instruction::FAdd ||
             instruction.getOpcode() == Instruction::FSub))
          instruction.setHasAllowContract(true);
      }
    }
  }
}

/// The runtime gives scratch memory and libm; nothing else may be asked for.
static Error checkSymbols(const Module &module) {
  static const StringSet<> known = {"halide_malloc", "halide_free", "powf",
                                    "memset",        "memcpy",      "memmove"};
  for (const Function &function : module) {
    if (!function.isDeclaration() || function.isIntrinsic() ||
        function.use_empty() || known.contains(function.getName()))
      continue;
    return createStringError(
        "row work calls '%s', which the runtime does not have",
        function.getName().str().c_str());
  }
  return Error::success();
}

static Expected<std::unique_ptr<Module>>
compileWithHalide(ArrayRef<rows::RowProgram> programs,
                  const TargetDescription &target, LLVMContext &context,
                  std::vector<std::vector<RowKernel>> &kernels) {
  SmallString<128> path;
  if (std::error_code code =
          sys::fs::createTemporaryFile("sinter-rows", "bc", path))
    return createStringError("cannot create a temporary file: " +
                             code.message());
  FileRemover remover(path);

  rows::Machine machine;
  machine.architecture =
      Triple::getArchTypeName(Triple(target.triple).getArch()).str();
  machine.vectorBits = target.vectorBits;
  SmallVector<StringRef> features;
  StringRef(target.features).split(features, ',', -1, /*KeepEmpty=*/false);
  for (StringRef feature : features)
    if (feature.consume_front("+"))
      machine.features.push_back(feature.str());

  rows::Compiled compiled =
      rows::compile(programs, machine, "row_kernel_", std::string(path.str()));
  if (!compiled.error.empty())
    return createStringError("row work: " + compiled.error);
  kernels = std::move(compiled.kernels);
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return createStringError("cannot read the compiled row work: " +
                             buffer.getError().message());
  return parseBitcodeFile((*buffer)->getMemBufferRef(), context);
}

//===----------------------------------------------------------------------===//
// Functions over buffers
//===----------------------------------------------------------------------===//

namespace {

/// Writes the function of one program:
///
///     describe all buffers on the stack
///     for row in [row_begin, row_end):
///       for each kernel: set the output's host pointer; call
class WrapperBuilder {
public:
  WrapperBuilder(Module &module)
      : module(module), context(module.getContext()), b(context),
        pointer(PointerType::getUnqual(context)) {
    Type *i8 = b.getInt8Ty(), *i16 = b.getInt16Ty(), *i32 = b.getInt32Ty(),
         *i64 = b.getInt64Ty();
    // As HalideRuntime.h lays them out.
    elementType = StructType::get(context, {i8, i8, i16});
    dimensionType = StructType::get(context, {i32, i32, i32, i32});
    bufferType = StructType::get(context, {i64, pointer, pointer, i64,
                                           elementType, i32, pointer, pointer});
  }

  void build(StringRef name, ArrayRef<RowKernel> kernels);

private:
  Value *sizeOf(const Size &size) {
    return size.isStatic() ? b.getInt64(size.number)
                           : dimensions[size.dimension];
  }
  Value *loadBase(int buffer) {
    Value *slot = b.CreateConstInBoundsGEP1_64(pointer, buffers, buffer);
    return b.CreateLoad(pointer, slot);
  }
  Value *describe(const BufferView &view, Value *host, int droppedAxis,
                  Value **droppedStride);
  Value *rowOf(const Output &place, Value *row);

  Module &module;
  LLVMContext &context;
  IRBuilder<> b;
  PointerType *pointer;
  StructType *elementType, *dimensionType, *bufferType;
  Value *buffers = nullptr;
  SmallVector<Value *> dimensions;
};

} // namespace

static std::pair<int, int> halideElement(Element element) {
  switch (element) {
  case Element::F32:
    return {2, 32};
  case Element::I32:
    return {0, 32};
  case Element::F16:
  case Element::BF16:
    return {1, 16};
  case Element::I1:
    return {1, 8};
  }
  llvm_unreachable("all elements are handled");
}

/// A halide_buffer_t on the stack. `droppedAxis` (-1: none) is left out of it;
/// its stride goes to `droppedStride`, in elements.
Value *WrapperBuilder::describe(const BufferView &view, Value *host,
                                int droppedAxis, Value **droppedStride) {
  int rank = 0;
  for (auto [axis, size] : enumerate(view.type.shape))
    rank += int(axis) != droppedAxis && !size.isOne();
  Value *axes = b.CreateAlloca(ArrayType::get(dimensionType, rank));
  Value *stride = b.getInt64(1);
  int next = 0;
  for (int axis = int(view.type.shape.size()) - 1; axis >= 0; --axis) {
    const Size &size = view.type.shape[axis];
    if (axis == droppedAxis) {
      *droppedStride = stride;
    } else if (!size.isOne()) {
      Value *fields[] = {b.getInt32(0),
                         b.CreateTrunc(sizeOf(size), b.getInt32Ty()),
                         b.CreateTrunc(stride, b.getInt32Ty()), b.getInt32(0)};
      Value *entry = b.CreateConstInBoundsGEP1_64(dimensionType, axes, next++);
      for (auto [number, field] : enumerate(fields))
        b.CreateStore(field, b.CreateStructGEP(dimensionType, entry, number));
    }
    stride = b.CreateMul(stride, sizeOf(size));
  }
  auto [code, bits] = halideElement(view.type.element);
  Value *buffer = b.CreateAlloca(bufferType);
  Value *null = ConstantPointerNull::get(pointer);
  Value *type = ConstantStruct::get(
      elementType, {b.getInt8(code), b.getInt8(bits), b.getInt16(1)});
  Value *fields[] = {b.getInt64(0),    null, host, b.getInt64(0), type,
                     b.getInt32(rank), axes, null};
  for (auto [number, field] : enumerate(fields))
    b.CreateStore(field, b.CreateStructGEP(bufferType, buffer, number));
  return buffer;
}

/// Which row of where an output goes is its row `row`.
Value *WrapperBuilder::rowOf(const Output &place, Value *row) {
  if (!place.isCached())
    return row;
  auto number = [&](int buffer) {
    Value *element = b.CreateGEP(b.getInt32Ty(), loadBase(buffer), row);
    return b.CreateSExt(b.CreateLoad(b.getInt32Ty(), element), b.getInt64Ty());
  };
  return b.CreateAdd(
      b.CreateMul(number(place.sequence), b.getInt64(place.positions)),
      number(place.position));
}

void WrapperBuilder::build(StringRef name, ArrayRef<RowKernel> kernels) {
  Type *i64 = b.getInt64Ty();
  auto *function = Function::Create(
      FunctionType::get(b.getVoidTy(), {pointer, pointer, i64, i64}, false),
      GlobalValue::ExternalLinkage, name, module);
  function->setDoesNotThrow();
  buffers = function->getArg(0);
  Value *begin = function->getArg(2), *end = function->getArg(3);
  auto *entry = BasicBlock::Create(context, "", function);
  auto *loop = BasicBlock::Create(context, "", function);
  auto *exit = BasicBlock::Create(context, "", function);

  b.SetInsertPoint(entry);
  dimensions.clear();
  for (int i = 0; i < 4; ++i)
    dimensions.push_back(b.CreateLoad(
        i64, b.CreateConstInBoundsGEP1_64(i64, function->getArg(1), i)));
  struct Call {
    Function *callee;
    SmallVector<Value *> inputs;
    Value *output, *base, *rowBytes;
    const Output *place;
  };
  SmallVector<Call> calls;
  for (const RowKernel &kernel : kernels) {
    Call call;
    call.callee = module.getFunction(kernel.name);
    for (const BufferView &view : kernel.inputs)
      call.inputs.push_back(
          describe(view, loadBase(view.buffer), /*droppedAxis=*/-1, nullptr));
    Value *stride = nullptr;
    call.base = loadBase(kernel.output.buffer);
    call.output = describe(kernel.output, call.base,
                           rows::findRowAxis(kernel.output.type), &stride);
    call.rowBytes = b.CreateMul(
        stride, b.getInt64(rows::byteSize(kernel.output.type.element)));
    call.place = &kernel.place;
    calls.push_back(std::move(call));
  }
  b.CreateCondBr(b.CreateICmpSLT(begin, end), loop, exit);

  b.SetInsertPoint(loop);
  PHINode *row = b.CreatePHI(i64, 2);
  row->addIncoming(begin, entry);
  for (Call &call : calls) {
    Value *host =
        b.CreateGEP(b.getInt8Ty(), call.base,
                    b.CreateMul(rowOf(*call.place, row), call.rowBytes));
    b.CreateStore(host, b.CreateStructGEP(bufferType, call.output, 2));
    SmallVector<Value *> arguments = call.inputs;
    for (Value *dimension : dimensions)
      arguments.push_back(b.CreateTrunc(dimension, b.getInt32Ty()));
    arguments.push_back(b.CreateTrunc(row, b.getInt32Ty()));
    arguments.push_back(call.output);
    b.CreateCall(call.callee, arguments);
  }
  Value *next = b.CreateAdd(row, b.getInt64(1));
  row->addIncoming(next, loop);
  b.CreateCondBr(b.CreateICmpSLT(next, end), loop, exit);

  b.SetInsertPoint(exit);
  b.CreateRetVoid();
}

Expected<std::unique_ptr<Module>>
sinter::makeRowModule(ArrayRef<rows::RowProgram> programs,
                      const TargetDescription &target, LLVMContext &context) {
  std::vector<std::vector<RowKernel>> kernels;
  Expected<std::unique_ptr<Module>> module =
      compileWithHalide(programs, target, context, kernels);
  if (!module)
    return module;
  normalize(**module, target);
  (*module)->setTargetTriple(Triple(target.triple));
  if (Error error = checkSymbols(**module))
    return error;
  for (auto [number, list] : enumerate(kernels)) {
    for (const RowKernel &kernel : list)
      if (Function *function = (*module)->getFunction(kernel.name))
        function->setLinkage(GlobalValue::InternalLinkage);
      else
        return createStringError("row work: Halide left out '%s'",
                                 kernel.name.c_str());
    WrapperBuilder(**module).build(rowFunctionName(number), list);
  }
  std::string message;
  raw_string_ostream stream(message);
  if (verifyModule(**module, &stream))
    return createStringError("row work is not well-formed: " + message);
  return module;
}
