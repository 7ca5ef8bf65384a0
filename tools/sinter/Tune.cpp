//===- Tune.cpp - Register tiles, chosen by measurement ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Tune.h"
#include "codegen/LoadedKernels.h"
#include "codegen/Target.h"
#include "codegen/kernels/FloatLinear.h"
#include "codegen/kernels/QuantizedLinear.h"
#include "passes/Scratch.h"
#include "tools/sinter/Tiles.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include <ctime>

using namespace sinter;

/// A contraction whose rows and panel stay in a core's cache, as in programs:
/// what is timed is the loop.
static constexpr int64_t inputs = 768, leastOutputs = 256, rows = 96;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

namespace {

/// What a weight holds: 32, 16, or 8 and 4 bits in groups.
struct Elements {
  int64_t bits, group = 0;
};

/// Contractions that share a tile.
struct Kind {
  const char *name;
  llvm::SmallVector<Elements, 2> elements;
  RegisterTile present;
  /// Puts a tile in its place.
  std::function<void(TargetDescription &, RegisterTile)> set;
};

/// One contraction in one tile.
class TimedKernel {
public:
  static llvm::Expected<TimedKernel> create(TargetDescription target,
                                            const Kind &kind, Elements elements,
                                            RegisterTile tile);
  /// Seconds of this thread for one column of the result.
  double time() const;

private:
  using Function = void(const void *x, const void *w, float *y, int64_t rows,
                        int64_t panelBegin, int64_t panelEnd);

  std::shared_ptr<LoadedKernels> jit;
  Function *function = nullptr;
  int64_t panels = 0, columns = 0, rowBytes = 0, weightBytes = 0;
};

/// A tile, and how long each of a kind's contractions took in each round.
struct Candidate {
  RegisterTile tile;
  std::vector<TimedKernel> kernels;
  std::vector<std::vector<double>> seconds;

  /// The least time of a contraction: what disturbs, lengthens.
  double best(size_t contraction) const {
    return *llvm::min_element(seconds[contraction]);
  }
};

} // namespace

static mlir::Type typeOf(KernelBuilder &builder, Elements elements) {
  if (elements.bits == 32)
    return builder.getF32Type();
  if (elements.bits == 16)
    return builder.getBF16Type();
  return QuantizedType::get(
      builder.getContext(),
      mlir::IntegerType::get(builder.getContext(), elements.bits,
                             mlir::IntegerType::Unsigned),
      builder.getBF16Type(), elements.group, /*minimum=*/false);
}

llvm::Expected<TimedKernel> TimedKernel::create(TargetDescription target,
                                                const Kind &kind,
                                                Elements elements,
                                                RegisterTile tile) {
  kind.set(target, tile);
  TimedKernel result;
  result.columns = tile.vectors * target.vectorLanes(32);
  int64_t outputs = llvm::alignTo(leastOutputs, result.columns);
  result.panels = outputs / result.columns;
  auto jit = LoadedKernels::create(target, [&](KernelBuilder &builder) {
    mlir::Type element = typeOf(builder, elements);
    auto quantized = mlir::dyn_cast<QuantizedType>(element);
    int64_t depth = quantized ? quantized.getDepth() : 32 / elements.bits;
    auto type = PackedType::get(
        builder.getContext(), inputs, outputs, element,
        PanelsAttr::get(builder.getContext(), result.columns, depth));
    result.weightBytes = type.getBytes();
    result.rowBytes =
        quantized ? QuantizedRowLayout(type).bytes : inputs * elements.bits / 8;
    LinearForm form = quantized ? quantizedForm(builder, target, type)
                      : element.isBF16()
                          ? brainFloatForm(builder, target, element)
                          : floatForm(builder, target);
    emitLinear(builder, "contraction", target, type, form);
  });
  if (!jit)
    return jit.takeError();
  llvm::Expected<void *> address = (*jit)->lookup("contraction");
  if (!address)
    return address.takeError();
  result.jit = std::move(*jit);
  result.function = reinterpret_cast<Function *>(*address);
  return result;
}

/// Of this thread alone: others may run beside it.
static double threadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

namespace {

/// Zeros, 64-byte aligned.
class Memory {
public:
  char *reserve(int64_t bytes) {
    if (int64_t(storage.size()) < bytes + 64)
      storage.assign(bytes + 64, 0);
    return reinterpret_cast<char *>(
        llvm::alignTo(reinterpret_cast<uintptr_t>(storage.data()), 64));
  }

private:
  std::vector<char> storage;
};

} // namespace

double TimedKernel::time() const {
  static Memory x, w, y;
  const void *input = x.reserve(rows * rowBytes),
             *weights = w.reserve(weightBytes);
  auto *result =
      reinterpret_cast<float *>(y.reserve(rows * panels * columns * 4));
  function(input, weights, result, rows, 0, panels);
  constexpr int calls = 3;
  double start = threadSeconds();
  for (int call = 0; call < calls; ++call)
    function(input, weights, result, rows, 0, panels);
  return (threadSeconds() - start) / double(calls * panels * columns);
}

/// Tiles whose sums, with a vector of weights for each column and one of the
/// row, fit into the registers.
static std::vector<RegisterTile> tilesFor(const TargetDescription &target,
                                          RegisterTile present) {
  std::vector<RegisterTile> tiles{present};
  for (int64_t vectors = 1; vectors <= 6; ++vectors)
    for (int64_t count = 1; count <= 16; ++count) {
      bool isKnown = count == present.rows && vectors == present.vectors;
      // Few sums wait for one another, and those are not among the fast ones.
      if (!isKnown && count * vectors >= target.vectorRegisters / 4 &&
          (count + 1) * vectors + 1 <= target.vectorRegisters)
        tiles.push_back({count, vectors});
    }
  return tiles;
}

static std::vector<Kind> kindsOf(const TargetDescription &target) {
  std::vector<Kind> kinds;
  Kind floats{
      "f32",
      {{32}},
      target.tile,
      [](TargetDescription &target, RegisterTile tile) { target.tile = tile; }};
  if (target.dotProducts.bf16) {
    floats.name = "f32 and bf16";
    floats.elements.push_back({16});
  }
  kinds.push_back(floats);
  kinds.push_back({"w8 and w4, a scale for each column",
                   {{8}, {4}},
                   target.columnTile,
                   [](TargetDescription &target, RegisterTile tile) {
                     target.columnTile = tile;
                   }});
  for (int64_t group : {128, 64, 32})
    kinds.push_back({group == 128  ? "w8 and w4 in groups of 128"
                     : group == 64 ? "w8 and w4 in groups of 64"
                                   : "w8 and w4 in groups of 32",
                     {{8, group}, {4, group}},
                     target.quantizedTile(group),
                     [](TargetDescription &target, RegisterTile tile) {
                       target.groupTiles = {{0, tile}};
                     }});
  return kinds;
}

/// How many times faster than `other` a candidate is: the geometric mean over
/// the contractions that share the tile.
static double ratio(const Candidate &other, const Candidate &candidate) {
  double product = 1;
  size_t count = candidate.kernels.size();
  for (size_t i = 0; i < count; ++i)
    product *= other.best(i) / candidate.best(i);
  return std::pow(product, 1.0 / double(count));
}

/// The tile of one kind; what it says goes to `stream`.
static llvm::Expected<RegisterTile> tune(const TargetDescription &target,
                                         const Kind &kind,
                                         llvm::raw_ostream &stream) {
  std::vector<Candidate> candidates;
  for (RegisterTile tile : tilesFor(target, kind.present)) {
    Candidate candidate{tile, {}, {}};
    for (Elements elements : kind.elements) {
      auto kernel = TimedKernel::create(target, kind, elements, tile);
      if (!kernel)
        return kernel.takeError();
      candidate.kernels.push_back(std::move(*kernel));
    }
    candidate.seconds.resize(candidate.kernels.size());
    candidates.push_back(std::move(candidate));
  }
  constexpr int rounds = 9;
  for (int round = 0; round < rounds; ++round)
    for (Candidate &candidate : candidates)
      for (size_t i = 0; i < candidate.kernels.size(); ++i)
        candidate.seconds[i].push_back(candidate.kernels[i].time());
  const Candidate &present = candidates.front();
  const Candidate *best = &present;
  // A tile that is hardly better is none: the next run would name another.
  constexpr double least = 1.02;
  for (const Candidate &candidate : candidates)
    if (ratio(present, candidate) > least && ratio(*best, candidate) > 1)
      best = &candidate;
  stream << llvm::left_justify(kind.name, 36)
         << llvm::format("%2lld x %lld, %2lld x %lld now: %.2f times as fast\n",
                         static_cast<long long>(best->tile.rows),
                         static_cast<long long>(best->tile.vectors),
                         static_cast<long long>(kind.present.rows),
                         static_cast<long long>(kind.present.vectors),
                         ratio(present, *best));
  stream.flush();
  return best->tile;
}

/// Groups of one tile that follow one another become one entry.
static std::vector<GroupTile> mergeEqual(const std::vector<GroupTile> &groups) {
  std::vector<GroupTile> merged;
  for (const GroupTile &each : groups) {
    bool isSame = !merged.empty() &&
                  merged.back().tile.rows == each.tile.rows &&
                  merged.back().tile.vectors == each.tile.vectors;
    if (isSame)
      merged.back().leastInputs = each.leastInputs;
    else
      merged.push_back(each);
  }
  merged.back().leastInputs = 0;
  return merged;
}

llvm::Error sinter::tuneTiles(const CommandLine &line) {
  llvm::Expected<TargetDescription> described = describeTarget("native");
  if (!described)
    return described.takeError();
  TargetDescription target = std::move(*described);
  llvm::outs() << "tiles of " << target.cpu << ", rows x vectors of "
               << target.vectorBits << " bits:\n";
  TargetDescription tuned = target;
  tuned.groupTiles.clear();
  for (const Kind &kind : kindsOf(target)) {
    llvm::Expected<RegisterTile> tile = tune(target, kind, llvm::outs());
    if (!tile)
      return tile.takeError();
    if (int64_t group = kind.elements.front().group)
      tuned.groupTiles.push_back({group, *tile});
    else
      kind.set(tuned, *tile);
  }
  tuned.groupTiles = mergeEqual(tuned.groupTiles);
  if (line.output.empty()) {
    llvm::outs() << tilesOf(tuned);
    return llvm::Error::success();
  }
  std::error_code code;
  llvm::raw_fd_ostream file(line.output, code);
  if (!code) {
    file << tilesOf(tuned);
    file.close();
    code = file.error();
    file.clear_error();
  }
  if (code)
    return error(line.output + ": cannot write it: " + code.message());
  return llvm::Error::success();
}
