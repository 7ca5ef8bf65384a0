//===- CudaStep.cpp - A step that launches kernels of a GPU ---------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/CudaStep.h"
#include "codegen/StepEmitter.h"
#include "codegen/cuda/MatrixAttention.h"
#include "codegen/cuda/RowAttention.h"
#include "codegen/cuda/RowBlocks.h"
#include "codegen/kernels/AttentionParts.h"
#include "codegen/kernels/TileEpilogue.h"
#include "ir/TileSegments.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "passes/Buffers.h"
#include "passes/Names.h"
#include "passes/Scratch.h"
#include "runtime/Program.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sinter;

/// Rows from which on tiles are faster than weights that are read once for each
/// eight of them.
static constexpr int64_t manyRows = 33;

/// Tokens from which on attention goes by tiles of them.
static constexpr int64_t manyTokens = 33;

/// Bytes of a contraction's rows as a kernel takes them, for `rows` of them: in
/// blocks, and behind these as they are.
static int64_t blockBytes(LinearOp op, int64_t rows) {
  return llvm::alignTo(
      RowBlocks(op.getWeight().getType().getInputs()).bytes(rows), 64);
}

static int64_t plainBytes(LinearOp op, int64_t rows) {
  return llvm::alignTo(rows * op.getWeight().getType().getInputs() * 4, 64);
}

/// The most rows that a call has of a contraction.
static int64_t mostRows(func::FuncOp entry, LinearOp op) {
  auto number = [&](StringRef name) -> int64_t {
    auto attribute = entry->getAttrOfType<IntegerAttr>(name);
    return attribute ? attribute.getInt() : 0;
  };
  int64_t rows = 1;
  SmallVector<Dimension> shape = op.getInput().getType().getShape();
  for (Dimension dimension : ArrayRef(shape).drop_back()) {
    if (dimension.isStatic()) {
      rows *= dimension.getSize();
      continue;
    }
    // No number of rows: as many as tokens.
    int64_t most = dimension.isSymbol(rowsDimension)
                       ? number(maximumRowsAttribute)
                       : number(maximumTokensAttribute);
    rows *= most > 0 ? most : number(maximumTokensAttribute);
  }
  return rows;
}

void sinter::reserveCudaScratch(func::FuncOp entry) {
  auto before = entry->getAttrOfType<IntegerAttr>(threadBytesAttribute);
  int64_t bytes = before ? before.getInt() : 0;
  entry.walk([&](LinearOp op) {
    int64_t rows = mostRows(entry, op);
    bytes = std::max(bytes, blockBytes(op, rows) + plainBytes(op, rows));
  });
  entry->setAttr(threadBytesAttribute,
                 Builder(entry.getContext()).getI64IntegerAttr(bytes));
}

namespace {

class CudaStep : public StepEmitter {
public:
  CudaStep(func::FuncOp entry, ModuleOp module, KernelLibrary &host,
           CudaLibrary &library)
      : StepEmitter(entry, module), host(host), library(library),
        inPlace(entry) {
    b.moveAnywhere();
  }

private:
  void emitPrologue() override {
    exchange = b.bytesFrom(arena, number(exchangeAttribute));
    scratch =
        b.bytesFrom(arena, llvm::alignTo(number(arenaBytesAttribute), 64));
    // Both arrays serve all launches.
    groups =
        LLVM::AllocaOp::create(b, b.pointerType(), b.indexType(), b.index(3));
    arguments = LLVM::AllocaOp::create(b, b.pointerType(), b.indexType(),
                                       b.index(mostArguments()));
  }

  /// A kernel takes what its op reads and writes, and a few numbers.
  int64_t mostArguments() {
    size_t most = 0;
    entry.walk([&](Operation *op) {
      most = std::max<size_t>(most, op->getNumOperands() + op->getNumResults());
    });
    return most + 16;
  }

  LogicalResult emitKernel(Operation *op) override {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<LinearOp, RowGroupOp, LinearGroupOp, CacheAppendOp, AttentionOp>(
            [&](auto typed) { return emitOp(typed); })
        // Launches run in their order.
        .Case([](BarrierOp) { return success(); })
        .Default([](Operation *other) {
          return other->emitOpError("has no kernel for a GPU");
        });
  }

  //===--------------------------------------------------------------------===//
  // Launches
  //===--------------------------------------------------------------------===//

  void launch(int64_t kernel, ArrayRef<Value> grid, ArrayRef<Value> values) {
    Type index = b.indexType(), pointer = b.pointerType();
    for (int64_t axis = 0; axis < 3; ++axis)
      b.store(axis < int64_t(grid.size()) ? grid[axis] : b.index(1),
              b.elementsFrom(groups, axis, index));
    for (auto [slot, given] : llvm::enumerate(values)) {
      Value value = given;
      if (isa<LLVM::LLVMPointerType>(value.getType()))
        value = LLVM::PtrToIntOp::create(b, index, value);
      b.store(value, b.elementsFrom(arguments, int64_t(slot), index));
    }
    func::FuncOp function = host.getExternal(
        "sinter_device_launch", {pointer, index, pointer, pointer});
    b.call(function, {context, b.index(kernel), groups, arguments});
  }

  Value blocksOf(Value size, int64_t each) {
    return b.div(b.add(size, b.index(each - 1)), b.index(each));
  }

  /// Runs one body for fewer than `limit`, another for more.
  void choose(Value size, int64_t limit, llvm::function_ref<void()> few,
              llvm::function_ref<void()> many) {
    b.ifLess(size, b.index(limit), few);
    b.ifLess(b.index(limit - 1), size, many);
  }

  //===--------------------------------------------------------------------===//
  // Row work
  //===--------------------------------------------------------------------===//

  LogicalResult launchRows(const CudaRowWork &work, Operation *op,
                           ValueRange places) {
    FailureOr<int64_t> kernel = library.getRows(work);
    if (failed(kernel))
      return failure();
    SmallVector<Value> values;
    for (Value input : work.inputs)
      values.push_back(place(input));
    llvm::append_range(values, places);
    llvm::append_range(values, dimensions);
    Value output = work.outputs.front();
    if (auto append = output.getDefiningOp<CacheAppendOp>())
      output = append.getRows();
    auto type = cast<NamedTensorType>(output.getType());
    bool isOfTokens = type.findSymbol(tokensDimension) >= 0;
    if (!isOfTokens && type.findSymbol(rowsDimension) < 0)
      return op->emitOpError("gives no rows N or R");
    launch(*kernel,
           {dimensions[isOfTokens ? SINTER_DIMENSION_TOKENS
                                  : SINTER_DIMENSION_ROWS]},
           values);
    return success();
  }

  SmallVector<Value> placesOf(ValueRange values) {
    return llvm::map_to_vector(values,
                               [&](Value value) { return place(value); });
  }

  LogicalResult emitOp(RowGroupOp op) {
    if (failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    Block *body = op.getBody();
    CudaRowWork work;
    work.inputs.assign(body->args_begin(), body->args_end());
    for (Operation &inner : body->without_terminator())
      work.ops.push_back(&inner);
    llvm::append_range(work.outputs, body->getTerminator()->getOperands());
    work.isInPlace = isInPlace(op);
    for (auto [argument, input] : llvm::zip(work.inputs, op.getInputs()))
      setPlace(argument, place(input));
    return launchRows(work, op, placesOf(op.getResults()));
  }

  /// Whether a result of a group stands where an input does.
  bool isInPlace(Operation *group) {
    return llvm::any_of(group->getResults(), [&](Value result) {
      int64_t buffer = inPlace.find(result);
      return buffer >= 0 &&
             llvm::any_of(group->getOperands(), [&](Value input) {
               return inPlace.find(input) == buffer;
             });
    });
  }

  LogicalResult emitOp(CacheAppendOp op) {
    FailureOr<Value> layer = layerOf(op, op.getCacheAttr(), op.getLayer());
    if (failed(layer))
      return failure();
    setPlace(op.getResult(), *layer);
    CudaRowWork work;
    work.inputs = {op.getRows(), op.getSequence(), op.getPosition()};
    work.outputs = {op.getResult()};
    return launchRows(work, op, {*layer});
  }

  //===--------------------------------------------------------------------===//
  // Contractions
  //===--------------------------------------------------------------------===//

  FailureOr<Value> rowsOf(LinearOp op) {
    Value rows = b.index(1);
    SmallVector<Dimension> shape = op.getInput().getType().getShape();
    for (Dimension dimension : ArrayRef(shape).drop_back()) {
      FailureOr<Value> size = sizeOf(op, dimension);
      if (failed(size))
        return failure();
      rows = b.mul(rows, *size);
    }
    return rows;
  }

  /// Of rows that are where and as the kernel takes them.
  void launchContraction(const CudaContraction &kernels, Value rows,
                         ArrayRef<Value> values) {
    auto launchOne = [&](int64_t kernel, int64_t ofBlock, int64_t columnBlocks,
                         bool rowsFirst) {
      Value along = blocksOf(rows, ofBlock), across = b.index(columnBlocks);
      launch(kernel,
             rowsFirst ? ArrayRef<Value>{along, across}
                       : ArrayRef<Value>{across, along},
             values);
    };
    if (kernels.few == kernels.many)
      return launchOne(kernels.few, kernels.fewRows, kernels.fewColumnBlocks,
                       /*rowsFirst=*/false);
    choose(
        rows, manyRows,
        [&] {
          launchOne(kernels.few, kernels.fewRows, kernels.fewColumnBlocks,
                    /*rowsFirst=*/false);
        },
        [&] {
          launchOne(kernels.many, kernels.manyRows, kernels.manyColumnBlocks,
                    /*rowsFirst=*/true);
        });
  }

  /// Rounds rows that are somewhere to blocks in scratch memory.
  Value launchRowBlocks(LinearOp op, Value input, Value rows) {
    int64_t kernel =
        library.getRowBlocks(op.getWeight().getType().getInputs(),
                             op.getInput().getType().getElementType());
    launch(kernel, {blocksOf(rows, RowBlocks::rows)}, {input, scratch, rows});
    return scratch;
  }

  LogicalResult emitOp(LinearOp op) {
    FailureOr<CudaContraction> kernels = library.get(op, {});
    FailureOr<Value> rows = rowsOf(op);
    if (failed(kernels) || failed(rows) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    Value input = place(op.getInput());
    if (kernels->takesBlocks)
      input = launchRowBlocks(op, input, *rows);
    launchContraction(
        *kernels, *rows,
        {input, place(op.getWeight()), place(op.getResult()), *rows});
    return success();
  }

  /// Prologue, contraction and epilogue, each of all rows; an epilogue on tiles
  /// is the contraction's.
  LogicalResult emitOp(LinearGroupOp op) {
    LinearOp linear = op.getLinear();
    FailureOr<CudaContraction> kernels = library.get(linear, op);
    if (failed(kernels) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    Block *body = op.getBody();
    for (auto [argument, input] :
         llvm::zip(body->getArguments(), op.getInputs()))
      setPlace(argument, place(input));
    Value rows = dimensions[*dimensionIndex(op.getRows().getSymbol())];
    Value handed = op.getContractionInput();
    FailureOr<Value> input = emitRowsBefore(op, *kernels, rows);
    if (failed(input))
      return failure();
    bool hasRowEpilogue = op.hasRowEpilogue();
    Value sums = hasRowEpilogue ? exchange : place(op.getResult(0));
    SmallVector<Value> values{*input, place(linear.getWeight()), sums, rows};
    if (op.getOnTile())
      for (Value value : tileInputs(op))
        values.push_back(place(value));
    if (isSegmented(op)) {
      SmallVector<TileSegment> segments;
      findTileSegments(op, segments);
      ValueRange given = body->getTerminator()->getOperands();
      for (const TileSegment &segment : segments)
        values.push_back(place(
            op.getResult(llvm::find(given, segment.given) - given.begin())));
    }
    launchContraction(*kernels, rows, values);
    if (hasRowEpilogue && failed(emitRowsBehind(op, handed, sums)))
      return failure();
    if (ArgmaxOp argmax = op.getArgmax()) {
      int64_t width =
          cast<NamedTensorType>(op.getResult(0).getType()).getDim(1).getSize();
      int64_t kernel = library.getArgmax(width);
      b.ifGiven(place(op.getResult(1)), [&] {
        launch(kernel, {rows},
               {place(op.getResult(0)), place(op.getResult(1)),
                place(op.getResult(2))});
      });
    }
    return success();
  }

  /// Where the contraction's rows are, as its kernels take them.
  FailureOr<Value> emitRowsBefore(LinearGroupOp op,
                                  const CudaContraction &kernels, Value rows) {
    LinearOp linear = op.getLinear();
    Value handed = op.getContractionInput();
    if (!op.hasPrologue())
      return kernels.takesBlocks ? launchRowBlocks(linear, place(handed), rows)
                                 : place(handed);
    CudaRowWork work;
    for (BlockArgument argument : op.getBody()->getArguments())
      if (isa<NamedTensorType>(argument.getType()) &&
          op.isReadBefore(argument.getArgNumber()))
        work.inputs.push_back(argument);
    work.ops = op.getPrologue();
    work.outputs = {handed};
    // Row work behind the contraction reads rows as they are.
    bool isReadBehind = op.hasRowEpilogue() &&
                        llvm::any_of(handed.getUsers(), [&](Operation *user) {
                          return llvm::is_contained(op.getEpilogue(), user);
                        });
    work.givesBlocks = kernels.takesBlocks && !isReadBehind;
    Value plain =
        b.bytesFrom(scratch, blockBytes(linear, mostRows(entry, linear)));
    Value to = work.givesBlocks ? scratch : plain;
    setPlace(handed, to);
    if (failed(launchRows(work, op, {to})))
      return failure();
    if (kernels.takesBlocks && !work.givesBlocks)
      return launchRowBlocks(linear, plain, rows);
    return to;
  }

  LogicalResult emitRowsBehind(LinearGroupOp op, Value handed, Value sums) {
    LinearOp linear = op.getLinear();
    Block *body = op.getBody();
    setPlace(linear.getResult(), sums);
    CudaRowWork work;
    for (BlockArgument argument : body->getArguments())
      if (isa<NamedTensorType>(argument.getType()) &&
          op.isReadBehind(argument.getArgNumber()))
        work.inputs.push_back(argument);
    work.inputs.push_back(linear.getResult());
    work.ops = op.getEpilogue();
    if (op.hasPrologue() &&
        llvm::any_of(handed.getUsers(), [&](Operation *user) {
          return llvm::is_contained(work.ops, user);
        }))
      work.inputs.push_back(handed);
    Operation *yield = body->getTerminator();
    SmallVector<Value> places;
    for (auto [given, result] :
         llvm::zip(yield->getOperands(), op.getResults()))
      if (!given.getDefiningOp<ArgmaxOp>()) {
        work.outputs.push_back(given);
        places.push_back(place(result));
      }
    llvm::erase_if(work.ops,
                   [](Operation *inner) { return isa<ArgmaxOp>(inner); });
    work.isInPlace = isInPlace(op);
    return launchRows(work, op, places);
  }

  //===--------------------------------------------------------------------===//
  // Attention
  //===--------------------------------------------------------------------===//

  LogicalResult emitOp(AttentionOp op) {
    FailureOr<CudaAttention> kernels = library.get(op);
    if (failed(kernels) ||
        failed(placeResults(cast<KernelOpInterface>(op.getOperation()))))
      return failure();
    FailureOr<Value> tokens = sizeOf(op, op.getScoreType().getDim(1));
    FailureOr<Value> past = sizeOf(op, op.getScoreType().getDim(2));
    FailureOr<int64_t> keyPositions = positionsOf(op, op.getKeys());
    FailureOr<int64_t> valuePositions = positionsOf(op, op.getValues());
    if (failed(tokens) || failed(past) || failed(keyPositions) ||
        failed(valuePositions))
      return failure();
    PartialsPlace partials = findPartials(op);
    if (partials.bytes > 0 && partials.offset < 0)
      return op.emitOpError("has no memory for parts of its past: plan-buffers "
                            "gives it some");
    SmallVector<Value> common;
    for (Value value : {Value(op.getQuery()), Value(op.getKeys()),
                        Value(op.getValues()), Value(op.getSequence()),
                        Value(op.getExtent()), Value(op.getResult())})
      common.push_back(place(value));
    SmallVector<Value> inputs;
    for (Value input : op.getInputs())
      inputs.push_back(place(input));
    SmallVector<Value> numbers{*tokens, *past, b.index(*keyPositions),
                               b.index(*valuePositions)};
    auto byRows = [&] {
      Value place = b.bytesFrom(arena, std::max<int64_t>(partials.offset, 0));
      Value parts = b.index(1);
      if (partials.bytes > 0)
        parts = arith::SelectOp::create(
            b, isInParts(b, *tokens, *past),
            blocksOf(*past, RowAttention::positions), b.index(1));
      SmallVector<Value> values = common;
      values.push_back(place);
      llvm::append_range(values, inputs);
      llvm::append_range(values, numbers);
      values.push_back(parts);
      launch(kernels->few, {*tokens, b.index(kernels->headBlocks), parts},
             values);
      if (partials.bytes > 0)
        ifInParts(b, *tokens, *past, [&] {
          launch(kernels->merge, {*tokens, b.index(op.getHeads())},
                 {place, common[4], common[5], *tokens});
        });
    };
    if (kernels->many < 0) {
      byRows();
      return success();
    }
    choose(*tokens, manyTokens, byRows, [&] {
      SmallVector<Value> values = common;
      llvm::append_range(values, inputs);
      llvm::append_range(values, numbers);
      launch(kernels->many,
             {blocksOf(*tokens, MatrixAttention::rows), b.index(op.getHeads())},
             values);
    });
    return success();
  }

  KernelLibrary &host;
  CudaLibrary &library;
  Buffers inPlace;
  Value exchange, scratch, groups, arguments;
};

} // namespace

LogicalResult sinter::emitCudaStep(func::FuncOp entry, ModuleOp module,
                                   KernelLibrary &host, CudaLibrary &library) {
  return CudaStep(entry, module, host, library).emit();
}

llvm::Expected<DeviceProgram>
sinter::compileCudaProgram(ModuleOp kernels, const CudaLibrary &library) {
  llvm::Expected<std::string> text =
      emitPtx(kernels, library.getArchitecture());
  if (!text)
    return text.takeError();
  DeviceProgram program;
  program.kind = SINTER_DEVICE_CUDA;
  program.architecture = library.getArchitecture().name;
  program.kernels = library.getKernels();
  program.code = std::move(*text);
  if (std::string ptxas = findPtxas(); !ptxas.empty()) {
    llvm::Expected<std::string> cubin =
        assemblePtx(ptxas, program.code, library.getArchitecture());
    if (!cubin)
      return cubin.takeError();
    program.machineCode = std::move(*cubin);
  }
  return program;
}
