//===- Pipeline.cpp - All passes in their order -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipeline.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace sinter;

// A program needs the passes of `makeEntries`, `storeWeights`, `makeKernels`
// and `planMemory` to run at all. Those of `improveMath` and `fuseKernels` make
// it faster: `PipelineOptions::fuse` leaves them out, and what comes out must
// compute the same.

StringRef sinter::nameOf(Precision precision) {
  switch (precision) {
  case Precision::stored:
    return "stored";
  case Precision::f32:
    return "f32";
  case Precision::bf16:
    return "bf16";
  case Precision::w8:
    return "w8";
  case Precision::w4:
    return "w4";
  }
  llvm_unreachable("all precisions have a name");
}

StringRef sinter::nameOf(CacheType type) {
  switch (type) {
  case CacheType::f32:
    return "f32";
  case CacheType::bf16:
    return "bf16";
  case CacheType::int8:
    return "int8";
  }
  llvm_unreachable("all types of caches have a name");
}

std::optional<CacheType> sinter::findCacheType(StringRef name) {
  for (CacheType type : {CacheType::f32, CacheType::bf16, CacheType::int8})
    if (nameOf(type) == name)
      return type;
  return std::nullopt;
}

/// Required: from a function of one whole sequence to entries.
static void makeEntries(OpPassManager &manager) {
  // Specs and exporters repeat themselves; what is equal should be one value
  // before anything is decided by counting uses.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());

  // What follows works on one layer instead of all of them. Equal values are
  // one by now, so that what layers share can be told from what is their own.
  manager.addNestedPass<func::FuncOp>(createRollLayersPass());

  // While the source is still a value of the same function, what depends on
  // it alone can be seen.
  manager.addPass(createSplitSourcePass());
  // The proof of causality reads masks as the spec wrote them: before anything
  // is fused.
  manager.addPass(createDeriveKVCachePass());
  // Rows exist now: not all of them need logits.
  manager.addNestedPass<func::FuncOp>(createSelectRowsPass());
}

/// Optional: less work, or work that fewer kernels can do, at the math level.
static void improveMath(OpPassManager &manager, bool stored) {
  // Transposes around caches cancel, causal masks fold away, and what all
  // layers share leaves the loop.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createLoopInvariantCodeMotionPass());

  // Tables of choices have left the loops that read them, and factors are still
  // factors of a sum: not yet parts of kernels.
  manager.addNestedPass<func::FuncOp>(createSkipExpertsPass());

  // Needs the extents that caches brought. Before weights are packed and row
  // work is grouped: attention in parts would be kernels of its own.
  manager.addNestedPass<func::FuncOp>(createFuseAttentionPass());
  // Transposes around attention cancel with those that it brought.
  manager.addPass(createCanonicalizerPass());

  // Behind attention, whose softmax and cap it reads as arithmetic; before work
  // is grouped, which goes by what is one function. Weights are still weights,
  // so that gains can be told from inputs.
  manager.addNestedPass<func::FuncOp>(createRaiseNormalizationPass());
  manager.addNestedPass<func::FuncOp>(createRaiseActivationPass());
  manager.addNestedPass<func::FuncOp>(createRaiseRotaryPass());
  manager.addNestedPass<func::FuncOp>(createRaiseSoftmaxPass());
  // Cosines and sines of queries are those of keys.
  manager.addPass(createCSEPass());

  // While weights are still plain matrices that can stand side by side.
  manager.addNestedPass<func::FuncOp>(createMergeProjectionsPass({stored}));
}

/// Once it is known what is a contraction; rounding weights is part of what is
/// computed when compiling, rounding inputs is row work or the kernels'.
static void reducePrecision(OpPassManager &manager,
                            const PipelineOptions &options) {
  const TargetDescription &target = options.target;
  bool hasScales = isQuantized(options.precision);
  if (hasScales) {
    const Quantization &how = options.quantization;
    manager.addNestedPass<func::FuncOp>(createQuantizeWeightsPass(
        {/*bits=*/options.precision == Precision::w8 ? 8 : 4, how.group,
         how.scalesInHalf ? "f16" : "bf16", how.minimum, /*search=*/true,
         /*stored=*/false, /*blocks=*/true,
         target.quantizedTile(how.group).vectors * target.vectorLanes(32),
         /*roundInputs=*/target.widensWeights,
         /*tables=*/target.gathersFromPanels, options.keep}));
  }
  if (options.precision == Precision::stored) {
    QuantizeWeightsPassOptions kept;
    kept.stored = true;
    kept.blocks = !target.widensWeights;
    kept.tables = target.gathersFromPanels;
    // The groups of the formats that are known.
    kept.columns = target.quantizedTile(32).vectors * target.vectorLanes(32);
    kept.roundInputs = target.widensWeights;
    kept.keep = options.keep;
    manager.addNestedPass<func::FuncOp>(createQuantizeWeightsPass(kept));
    return;
  }
  // Attention keeps up with contractions in bf16; behind those of whole numbers
  // it does where keys and values are of so many digits anyway. GPUs' kernels
  // choose by what is in the cache.
  bool rounds = target.device == Device::none && !target.widensWeights &&
                options.cacheType != CacheType::int8 &&
                (!hasScales || options.cacheType == CacheType::bf16);
  // Tables that rows are taken from are no contractions.
  if (options.precision != Precision::f32)
    manager.addNestedPass<func::FuncOp>(createReducePrecisionPass(
        {/*contractions=*/!hasScales,
         /*roundInputs=*/target.dotProducts.bf16,
         /*attention=*/rounds, target.brainFloatDepth, options.keep}));
}

/// Required: what depends on weights only is computed when compiling.
static void storeWeights(OpPassManager &manager,
                         const PipelineOptions &options) {
  const TargetDescription &target = options.target;
  // Before weights are hoisted, as packing is part of what is computed when
  // compiling.
  manager.addNestedPass<func::FuncOp>(createPackWeightsPass(
      {/*columns=*/target.panelColumns(32), /*depth=*/1}));
  reducePrecision(manager, options);
  // Once panels have their last type; while tables are still named by the
  // weights that they are made of.
  if (target.gathersFromPanels)
    manager.addPass(createGatherFromPanelsPass());
  // Once attention is one; rounding what is written is row work too.
  if (options.cacheType != CacheType::f32)
    manager.addPass(createReduceCachesPass({nameOf(options.cacheType).str()}));
  // Leaves nothing but row work outside of kernels.
  manager.addPass(createHoistWeightsPass());
  manager.addPass(createSymbolDCEPass());
}

/// Optional: kernels that take row work in.
static void fuseKernels(OpPassManager &manager,
                        const TargetDescription &target) {
  // Contractions take what they can of it; the rest are kernels of their own.
  manager.addNestedPass<func::FuncOp>(
      createFuseLinearPass({target.epiloguesOnTile}));
  // Groups say what joins which outputs; weights are only described yet.
  if (target.epiloguesOnTile)
    manager.addPass(createInterleavePartsPass());
  // The contraction that gives logits, and what rides on it, stand.
  manager.addNestedPass<func::FuncOp>(createArgmaxLogitsPass());
}

/// Required: what is left becomes kernels.
static void makeKernels(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(createGroupRowsPass());
}

/// Required: the kernels stand, and where their data lies is decided.
static void planMemory(OpPassManager &manager, const PipelineOptions &options) {
  // Barriers need to know what takes the place of what, buffers where barriers
  // are.
  manager.addNestedPass<func::FuncOp>(createInsertCopiesPass());
  manager.addNestedPass<func::FuncOp>(createPlaceBarriersPass());
  manager.addNestedPass<func::FuncOp>(createPlanBuffersPass(
      {options.maximumTokens, options.maximumRows, options.target.rowsAtOnce}));
  manager.addNestedPass<func::FuncOp>(createVerifyPlanPass());
  manager.addPass(createPlanWeightsPass());
}

void sinter::buildPipeline(OpPassManager &manager,
                           const PipelineOptions &options) {
  makeEntries(manager);
  if (options.fuse)
    improveMath(manager, options.precision == Precision::stored);
  storeWeights(manager, options);
  if (options.fuse)
    fuseKernels(manager, options.target);
  makeKernels(manager);
  planMemory(manager, options);
}

void sinter::buildMathPipeline(OpPassManager &manager) {
  makeEntries(manager);
  improveMath(manager, /*stored=*/false);
}

namespace {
struct TextOptions : PassPipelineOptions<TextOptions> {
  Option<int64_t> maximumTokens{*this, "maximum-tokens",
                                llvm::cl::desc("Most tokens of a call"),
                                llvm::cl::init(512)};
  Option<int64_t> maximumRows{
      *this, "maximum-rows",
      llvm::cl::desc("Most rows asked for in a call; 0: as many as tokens"),
      llvm::cl::init(0)};
  Option<int64_t> rowsAtOnce{
      *this, "rows-at-once",
      llvm::cl::desc("Rows that a linear group takes at once"),
      llvm::cl::init(TargetDescription().rowsAtOnce)};
  Option<int64_t> vectorBits{*this, "vector-bits",
                             llvm::cl::desc("Bits of the widest register"),
                             llvm::cl::init(256)};
  Option<Precision> precision{
      *this, "precision", llvm::cl::desc("What weights are stored in"),
      llvm::cl::init(Precision::f32),
      llvm::cl::values(clEnumValN(Precision::stored, "stored", ""),
                       clEnumValN(Precision::f32, "f32", ""),
                       clEnumValN(Precision::bf16, "bf16", ""),
                       clEnumValN(Precision::w8, "w8", ""),
                       clEnumValN(Precision::w4, "w4", ""))};
  Option<CacheType> cacheType{
      *this, "kv-type",
      llvm::cl::desc("What keys and values of the past are kept in"),
      llvm::cl::init(CacheType::f32),
      llvm::cl::values(clEnumValN(CacheType::f32, "f32", ""),
                       clEnumValN(CacheType::bf16, "bf16", ""),
                       clEnumValN(CacheType::int8, "int8", ""))};
  Option<int64_t> group{*this, "group",
                        llvm::cl::desc("Inputs that share a scale; 0: all"),
                        llvm::cl::init(0)};
  Option<bool> minimum{*this, "minimum",
                       llvm::cl::desc("Groups have least values"),
                       llvm::cl::init(false)};
  Option<bool> roundInputs{
      *this, "round-inputs",
      llvm::cl::desc("The machine multiplies pairs of bf16"),
      llvm::cl::init(true)};
  Option<int64_t> brainFloatDepth{
      *this, "bf16-depth",
      llvm::cl::desc("Inputs that stand together in panels of bf16"),
      llvm::cl::init(TargetDescription().brainFloatDepth)};
  Option<bool> widensWeights{
      *this, "widen-weights",
      llvm::cl::desc("Kernels widen quantized weights to bf16"),
      llvm::cl::init(false)};
  Option<bool> gathersFromPanels{
      *this, "gather-from-panels",
      llvm::cl::desc("Rows of tables are taken out of panels"),
      llvm::cl::init(true)};
  Option<std::string> keep{
      *this, "keep",
      llvm::cl::desc("Weights that stay in f32: a regular expression"),
      llvm::cl::init("")};
  Option<bool> fuse{
      *this, "fuse",
      llvm::cl::desc("Run the passes that only make a program faster"),
      llvm::cl::init(true)};
};
} // namespace

void sinter::registerPipeline() {
  PassPipelineRegistration<TextOptions>(
      "sinter-pipeline", "All passes, from the math level to the kernel level.",
      [](OpPassManager &manager, const TextOptions &text) {
        PipelineOptions options;
        options.maximumTokens = text.maximumTokens;
        options.maximumRows = text.maximumRows;
        options.target.vectorBits = text.vectorBits;
        options.target.rowsAtOnce = text.rowsAtOnce;
        options.target.dotProducts.bf16 = text.roundInputs;
        options.target.brainFloatDepth = text.brainFloatDepth;
        options.target.widensWeights = text.widensWeights;
        options.target.gathersFromPanels = text.gathersFromPanels;
        options.precision = text.precision;
        options.cacheType = text.cacheType;
        options.quantization = {text.group, /*scalesInHalf=*/false,
                                text.minimum};
        options.keep = text.keep;
        options.fuse = text.fuse;
        buildPipeline(manager, options);
      });
}
