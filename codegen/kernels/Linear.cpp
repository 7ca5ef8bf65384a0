//===- Linear.cpp - Contractions with packed weights -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Linear.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

namespace {

/// Panels outside, rows in tiles inside, inputs innermost: the panel stays in
/// the cache near the core while all rows pass by. A panel has as many columns
/// of each of the parts that the layout names; most have one.
class LinearEmitter {
  static constexpr int64_t cacheLine = 64;

public:
  LinearEmitter(KernelBuilder &b, const TargetDescription &target,
                PackedType weight, const LinearForm &form)
      : b(b), form(form), weight(weight), tile(form.tile),
        columns(weight.getLayout().getColumns()),
        parts(weight.getLayout().getParts()), share(weight.getPartColumns()),
        width(form.join ? weight.getPart() : weight.getOutputs()) {
    // Panels narrower than the machine's vectors still load whole vectors.
    lanes = target.vectorLanes(form.sumType.getIntOrFloatBitWidth());
    while (share % lanes != 0)
      lanes /= 2;
  }

  void emit(Block::BlockArgListType arguments) {
    x = arguments[0], w = arguments[1], y = arguments[2], rows = arguments[3];
    Value begin = arguments[4], end = arguments[5];
    extras.assign(arguments.begin() + 6, arguments.end());
    if (form.begin)
      form.begin(b, rows, extras);
    int64_t ofSpan = weight.getPanelsOfSpan();
    int64_t lastColumns = weight.getPart() % share;
    if (weight.getSpan() != weight.getOutputs()) {
      // Spans are cut into whole panels.
      b.loop(begin, end, 1, [&](Value panel) {
        Value span = b.div(panel, b.index(ofSpan));
        Value column = b.add(b.mul(span, weight.getSpan()),
                             b.mul(b.rem(panel, b.index(ofSpan)), share));
        emitPanel(panel, column, share);
      });
      return;
    }
    int64_t fullPanels = weight.getPart() / share;
    if (fullPanels > 0)
      b.loop(begin, b.min(end, b.index(fullPanels)), 1, [&](Value panel) {
        emitPanel(panel, b.mul(panel, share), share);
      });
    if (lastColumns > 0)
      b.ifLess(begin, b.index(fullPanels + 1), [&] {
        b.ifLess(b.index(fullPanels), end, [&] {
          Value panel = b.index(fullPanels);
          emitPanel(panel, b.mul(panel, share), lastColumns);
        });
      });
  }

private:
  /// The first `used` columns of each part, as many at a time as a tile holds.
  /// `column` is the first part's first.
  void emitPanel(Value panel, Value column, int64_t used) {
    Value start = b.bytesFrom(w, b.mul(panel, weight.getPanelBytes()));
    int64_t most =
        std::min(share, std::max<int64_t>(1, tile.vectors / parts) * lanes);
    for (int64_t offset = 0; offset < used; offset += most)
      emitRows({start, offset, b.add(column, b.index(offset)),
                std::min(most, used - offset)});
  }

  /// Columns of a panel that are summed together, the same of each part.
  struct Columns {
    Value panel;
    /// The first one, within the panel's share of a part and within the part.
    int64_t offset;
    Value first;
    int64_t used;
  };

  /// All rows, in tiles of `tile.rows` and one smaller tile for the rest.
  void emitRows(const Columns &of) {
    Value rest = b.rem(rows, b.index(tile.rows));
    Value tiled = b.sub(rows, rest);
    b.loop(b.index(0), tiled, tile.rows, [&](Value row) {
      if (tile.rows > 1 && form.prefetchesPanels)
        fetched = Fetched{of.panel, b.div(row, b.index(tile.rows))};
      emitTile(of, row, tile.rows);
      fetched.reset();
    });
    b.select(rest, 1, tile.rows,
             [&](int64_t count) { emitTile(of, tiled, count); });
  }

  /// `count` rows, all sums in registers.
  void emitTile(const Columns &of, Value row, int64_t count) {
    Value column = of.first;
    int64_t used = of.used;
    int64_t vectors = parts * llvm::divideCeil(used, lanes);
    SmallVector<Value> sums = sumTile(of, row, count, vectors);
    auto finish = [&](int64_t segment) {
      for (int64_t i = 0; i < count; ++i)
        finishRow(ArrayRef(sums).slice(i * vectors, vectors),
                  b.add(row, b.index(i)), column, used, segment);
    };
    if (form.segmentOf)
      b.select(form.segmentOf(b, column), 0, form.segments, finish);
    else
      finish(0);
  }

  /// The sums of a tile: the vectors of the first row, of the next, ...
  SmallVector<Value> sumTile(const Columns &of, Value row, int64_t count,
                             int64_t vectors) {
    Value inputs = b.bytesFrom(x, b.mul(row, rowBytes()));
    int64_t size = form.scaledInputs ? form.scaledInputs : weight.getInputs();
    int64_t groups = weight.getInputs() / size,
            rest = weight.getInputs() % size;
    SmallVector<Value> totals;
    if (groups == 1 && rest == 0) {
      totals = sumGroup(of, inputs, b.index(0), size, {}, count, vectors);
    } else {
      Value none = b.zero(b.vectorType(lanes, b.getF32Type()));
      totals.assign(count * vectors, none);
      totals = b.loop(b.index(0), b.index(groups), 1, totals,
                      [&](Value group, ValueRange carried) {
                        return sumGroup(of, inputs, group, size, carried, count,
                                        vectors);
                      });
      if (rest > 0)
        totals =
            sumGroup(of, inputs, b.index(groups), rest, totals, count, vectors);
    }
    if (form.scaleTotal)
      for (auto [index, total] : llvm::enumerate(totals))
        total = form.scaleTotal(
            b, total,
            b.bytesFrom(inputs, int64_t(index) / vectors * rowBytes()));
    return totals;
  }

  /// A tile of rows, counted by `tile`, that asks for a part of the panel
  /// behind `panel`.
  struct Fetched {
    Value panel, tile;
  };

  /// Lines of the next panel that a tile of rows asks for: eight tiles ask for
  /// all of it. Fewer rows leave the rest to the hardware.
  int64_t linesOfTile() {
    return llvm::divideCeil(weight.getPanelBytes(), 8 * cacheLine);
  }

  /// Asks for line `index` of the tile's share of the next panel.
  void fetchLine(Value index) {
    int64_t bytes = weight.getPanelBytes();
    Value line = b.add(b.mul(fetched->tile, linesOfTile()), index);
    Value place =
        b.add(b.mul(b.min(line, b.index(bytes / cacheLine - 1)), cacheLine),
              b.index(bytes));
    LLVM::Prefetch::create(b, b.bytesFrom(fetched->panel, place), /*rw=*/0,
                           /*hint=*/2, /*cache=*/1);
  }

  int64_t groupsOfBlock() {
    QuantizedType quantized = weight.getQuantized();
    return quantized ? quantized.getGroupsOfBlock() : 1;
  }

  int64_t rowBytes() {
    return form.rowBytes ? form.rowBytes
                         : weight.getInputs() *
                               form.inputType.getIntOrFloatBitWidth() / 8;
  }

  /// The sums of one group of `size` inputs, scaled and added to `totals`.
  SmallVector<Value> sumGroup(const Columns &of, Value inputs, Value number,
                              int64_t size, ValueRange totals, int64_t count,
                              int64_t vectors) {
    Value ofBlock = b.index(groupsOfBlock());
    Value block = b.bytesFrom(
        of.panel, b.mul(b.div(number, ofBlock), weight.getBlockBytes()));
    Value inBlock = b.rem(number, ofBlock);
    Value weights = b.bytesFrom(b.bytesFrom(block, weight.getScaleBytes()),
                                b.mul(inBlock, weight.getNumberBytes()));
    Value first = inputs;
    if (form.scaledInputs)
      first = b.elementsFrom(inputs, b.mul(number, form.scaledInputs),
                             form.inputType);
    auto rowOf = [&](int64_t i) {
      return SumGroup{number, b.bytesFrom(inputs, i * rowBytes())};
    };

    auto beginSums = [&] {
      SmallVector<Value> sums;
      for (int64_t i = 0; i < count; ++i)
        sums.append(vectors, form.beginSum
                                 ? form.beginSum(b, rowOf(i), lanes)
                                 : b.zero(b.vectorType(lanes, form.sumType)));
      return sums;
    };
    int64_t steps =
        form.isPadded ? llvm::divideCeil(size, form.depth) : size / form.depth;
    auto takeAll = [&](Value begin, int64_t number, ValueRange sums) {
      return b.loop(
          b.index(0), b.index(number), 1, sums,
          [&](Value index, ValueRange carried) {
            return sumStep(of, weights, first, b.add(begin, index), carried,
                           form.depth, count, vectors);
          },
          form.keepRolled && count > 1);
    };
    // So many steps for each line of the next panel.
    int64_t between = std::max<int64_t>(1, steps / linesOfTile());
    auto takeSteps = [&](Value begin, int64_t number, ValueRange sums) {
      if (!fetched)
        return takeAll(begin, number, sums);
      SmallVector<Value> next =
          b.loop(b.index(0), b.index(number / between), 1, sums,
                 [&](Value index, ValueRange carried) {
                   fetchLine(index);
                   Value from = b.add(begin, b.mul(index, between));
                   return takeAll(from, between, carried);
                 });
      if (int64_t rest = number % between)
        next = takeAll(b.add(begin, b.index(number - rest)), rest, next);
      return next;
    };
    SmallVector<Value> sums =
        form.run
            ? sumRuns(steps, count * vectors, beginSums, takeSteps)
            : SmallVector<Value>(takeSteps(b.index(0), steps, beginSums()));
    // A row may end amid a step, and the next one not be numbers.
    if (int64_t rest = form.isPadded ? 0 : size % form.depth)
      sums = sumStep(of, weights, first, b.index(steps), sums, rest, count,
                     vectors);
    if (!form.scaleSum)
      return sums;
    SmallVector<GroupVectors> scales;
    for (int64_t vector = 0; vector < vectors; ++vector)
      scales.push_back(form.loadScales(b, block, inBlock,
                                       columnOf(of, vector, vectors), lanes));
    for (int64_t i = 0; i < count; ++i)
      for (int64_t vector = 0; vector < vectors; ++vector) {
        Value &sum = sums[i * vectors + vector];
        Value total = totals.empty() ? Value() : totals[i * vectors + vector];
        sum = form.scaleSum(b, sum, scales[vector], rowOf(i), total);
      }
    return sums;
  }

  /// `steps` steps in runs, each of which is added to the sums when it ends.
  SmallVector<Value>
  sumRuns(int64_t steps, int64_t count,
          llvm::function_ref<SmallVector<Value>()> beginSums,
          llvm::function_ref<SmallVector<Value>(Value begin, int64_t steps,
                                                ValueRange sums)>
              takeSteps) {
    int64_t bits = lanes * form.sumType.getIntOrFloatBitWidth();
    Value none = b.zero(b.vectorType(
        bits / form.run->type.getIntOrFloatBitWidth(), form.run->type));
    auto run = [&](Value begin, int64_t number) {
      return takeSteps(begin, number, SmallVector<Value>(count, none));
    };
    auto added = [&](ValueRange sums, ArrayRef<Value> runs) {
      SmallVector<Value> result;
      for (auto [sum, run] : llvm::zip_equal(sums, runs))
        result.push_back(form.run->add(b, sum, run));
      return result;
    };
    // Sums that begin behind the only run need no registers meanwhile.
    if (steps <= form.run->steps) {
      SmallVector<Value> only = run(b.index(0), steps);
      return added(beginSums(), only);
    }
    SmallVector<Value> sums =
        b.loop(b.index(0), b.index(steps / form.run->steps), 1, beginSums(),
               [&](Value index, ValueRange carried) {
                 return added(carried, run(b.mul(index, form.run->steps),
                                           form.run->steps));
               });
    if (int64_t rest = steps % form.run->steps)
      sums = added(sums, run(b.index(steps - rest), rest));
    return sums;
  }

  /// Where a tile's vector begins within the panel, in columns.
  int64_t columnOf(const Columns &of, int64_t vector, int64_t vectors) {
    int64_t ofPart = vectors / parts;
    return of.offset + vector / ofPart * share + vector % ofPart * lanes;
  }

  /// Adds the products of one step, which takes `depth` inputs of each row.
  SmallVector<Value> sumStep(const Columns &of, Value weights, Value inputs,
                             Value index, ValueRange carried, int64_t depth,
                             int64_t count, int64_t vectors) {
    VectorType type = b.vectorType(lanes, form.weightType);
    // What scales of narrow panels leave vectors on.
    int64_t alignment = llvm::MinAlign(
        std::min<int64_t>(64,
                          lanes * form.weightType.getIntOrFloatBitWidth() / 8),
        llvm::MinAlign(
            weight.getScaleBytes(),
            llvm::MinAlign(weight.getNumberBytes(), weight.getBlockBytes())));
    Value line = b.elementsFrom(weights, b.mul(index, form.loads * columns),
                                form.weightType);
    SmallVector<GroupVectors> unpacked;
    for (int64_t vector = 0; vector < vectors; ++vector) {
      GroupVectors loaded;
      for (int64_t load = 0; load < form.loads; ++load) {
        Value place =
            b.elementsFrom(line, load * columns + columnOf(of, vector, vectors),
                           form.weightType);
        loaded.push_back(b.load(type, place, alignment));
        // One row waits for memory alone, and the processor's own prefetching
        // ends at each page.
        if (count == 1)
          LLVM::Prefetch::create(b, b.bytesFrom(place, form.prefetchBytes),
                                 /*rw=*/0, /*hint=*/3, /*cache=*/1);
      }
      unpacked.push_back(form.unpackWeights(b, loaded));
    }
    SmallVector<Value> next(carried);
    Value first =
        b.elementsFrom(inputs, b.mul(index, form.depth), form.inputType);
    for (int64_t i = 0; i < count; ++i) {
      GroupVectors input =
          form.loadInputs(b, b.bytesFrom(first, i * rowBytes()), depth, lanes);
      for (int64_t vector = 0; vector < vectors; ++vector) {
        Value &sum = next[i * vectors + vector];
        sum = form.multiplyAdd(b, input, unpacked[vector], sum);
      }
    }
    return next;
  }

  /// One row of a tile: the vectors of the first part, of the next, ...
  void finishRow(ArrayRef<Value> sums, Value row, Value column, int64_t used,
                 int64_t segment) {
    int64_t ofPart = sums.size() / parts;
    SmallVector<Value> finished;
    for (auto [index, sum] : llvm::enumerate(sums)) {
      int64_t part = index / ofPart, offset = index % ofPart * lanes;
      Value own = b.add(column, b.index(part * weight.getPart() + offset));
      finished.push_back(form.finish(
          b, sum, {row, own, std::min(lanes, used - offset), lanes, extras}));
    }
    if (!form.take)
      return storeRow(finished, row, column, used, segment);
    form.take(b, finished, {row, column, used, lanes, extras});
    b.ifGiven(y, [&] { storeRow(finished, row, column, used, segment); });
  }

  void storeRow(ArrayRef<Value> finished, Value row, Value column, int64_t used,
                int64_t segment) {
    int64_t ofPart = finished.size() / parts;
    Value place =
        b.elementsFrom(y, b.add(b.mul(row, width), column), form.resultType);
    for (int64_t vector = 0; vector < ofPart; ++vector) {
      int64_t offset = vector * lanes;
      TilePlace at{row,
                   b.add(column, b.index(offset)),
                   std::min(lanes, used - offset),
                   lanes,
                   extras,
                   segment};
      SmallVector<Value> results;
      for (int64_t part = 0; part < parts; ++part)
        results.push_back(finished[part * ofPart + vector]);
      if (form.write) {
        form.write(b, results, at);
        continue;
      }
      if (form.join)
        results = {form.join(b, results, at)};
      for (auto [part, result] : llvm::enumerate(results))
        b.storeFirst(result, at.used,
                     b.elementsFrom(place,
                                    int64_t(part) * weight.getPart() + offset,
                                    form.resultType));
    }
  }

  KernelBuilder &b;
  const LinearForm &form;
  PackedType weight;
  RegisterTile tile;
  /// Columns of a panel, and its share of each part; elements of a result's
  /// row.
  int64_t columns, parts, share, width;
  int64_t lanes;
  Value x, w, y, rows;
  SmallVector<Value> extras;
  /// Set while tiles of several rows are emitted.
  std::optional<Fetched> fetched;
};

} // namespace

func::FuncOp sinter::emitLinear(KernelBuilder &builder, StringRef name,
                                const TargetDescription &target,
                                PackedType weight, const LinearForm &form) {
  Type pointer = builder.pointerType(), index = builder.indexType();
  SmallVector<Type> types{pointer, pointer, pointer, index, index, index};
  types.append(form.extras, pointer);
  func::FuncOp function = builder.beginFunction(name, types);
  LinearEmitter(builder, target, weight, form).emit(function.getArguments());
  builder.endFunction();
  return function;
}
