//===- TileOutput.cpp - What becomes of sums in shared memory -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/cuda/TileOutput.h"
#include "codegen/kernels/Elementwise.h"
#include "codegen/kernels/TileEpilogue.h"
#include "ir/TileSegments.h"

using namespace mlir;
using namespace sinter;

LinearForm sinter::outputForm(CudaBuilder &b, LinearGroupOp group) {
  LinearForm form;
  form.sumType = form.resultType = b.getF32Type();
  form.finish = [](KernelBuilder &, Value sum, const TilePlace &) {
    return sum;
  };
  if (group && group.getOnTile())
    addTileEpilogue(form, group);
  return form;
}

namespace {

class OutputEmitter {
public:
  OutputEmitter(CudaBuilder &b, const LinearForm &form, PackedType weight,
                const SumTile &tile, Value y, ValueRange extras)
      : b(b), form(form), weight(weight), tile(tile), y(y), extras(extras),
        parts(weight.getLayout().getParts()), share(weight.getPartColumns()),
        width(form.join ? weight.getPart() : weight.getOutputs()) {}

  /// Threads take vectors of consecutive columns, so that what they touch lies
  /// side by side.
  void emit() {
    int64_t lanes = chooseLanes();
    int64_t vectorsOfPanel = tile.columns / lanes;
    int64_t vectorsOfRow = tile.panels * vectorsOfPanel;
    b.loop(b.thread(), b.index(tile.rows * vectorsOfRow), tile.threads,
           [&](Value item) {
             Value row = b.div(item, b.index(vectorsOfRow));
             Value vector = b.rem(item, b.index(vectorsOfRow));
             Value panel = b.div(vector, b.index(vectorsOfPanel));
             Value column =
                 b.mul(b.rem(vector, b.index(vectorsOfPanel)), lanes);
             emitItem(row, panel, column, lanes);
           });
  }

private:
  /// The most elements, up to four, that stand in one place of every tensor.
  int64_t chooseLanes() {
    int64_t lanes = 4;
    auto fit = [&](int64_t size) {
      while (size % lanes != 0)
        lanes /= 2;
    };
    for (int64_t size : {tile.columns, weight.getPart(), weight.getOutputs()})
      fit(size);
    for (int64_t border : form.borders)
      fit(border);
    return lanes;
  }

  void emitItem(Value row, Value panel, Value column, int64_t lanes) {
    Value number = b.add(tile.firstPanel, panel);
    Value inShare = b.add(tile.column, column);
    Value ofSpan = b.index(weight.getPanelsOfSpan());
    Value inPart = b.add(b.mul(b.rem(number, ofSpan), share), inShare);
    Value first = b.add(b.mul(b.div(number, ofSpan), weight.getSpan()), inPart);
    Value at = b.add(tile.firstRow, row);
    b.ifLess(at, tile.rowCount, [&] {
      b.ifLess(number, b.index(weight.getPanelCount()), [&] {
        b.ifLess(inPart, b.index(weight.getPart()), [&] {
          TilePlace place{at, first, lanes, lanes, extras, 0, lanes > 1};
          Value from = b.add(b.mul(row, tile.stride),
                             b.add(b.mul(panel, tile.columns * parts), column));
          emitResults(loadSums(from, place), place);
        });
      });
    });
  }

  /// The finished sums in one place of each part.
  SmallVector<Value> loadSums(Value from, const TilePlace &place) {
    SmallVector<Value> sums;
    Type type = b.vectorType(place.lanes, b.getF32Type());
    for (int64_t part = 0; part < parts; ++part) {
      Value sum = b.load(
          type,
          b.elementsFrom(tile.shared, b.add(from, b.index(part * tile.columns)),
                         b.getF32Type()),
          4 * place.lanes);
      TilePlace own = place;
      own.column = b.add(place.column, b.index(part * weight.getPart()));
      sums.push_back(form.finish(b, sum, own));
    }
    return sums;
  }

  void emitResults(SmallVector<Value> results, TilePlace place) {
    if (form.write) {
      auto write = [&](int64_t segment) {
        place.segment = segment;
        form.write(b, results, place);
      };
      if (form.segments > 1)
        b.select(form.segmentOf(b, place.column), 0, form.segments, write);
      else
        write(0);
      return;
    }
    if (form.join)
      results = {form.join(b, results, place)};
    Value start = b.elementsFrom(
        y, b.add(b.mul(place.row, width), place.column), form.resultType);
    for (auto [part, result] : llvm::enumerate(results))
      b.store(result,
              b.elementsFrom(start, int64_t(part) * weight.getPart(),
                             form.resultType),
              place.lanes * elementBytes(form.resultType));
  }

  CudaBuilder &b;
  const LinearForm &form;
  PackedType weight;
  const SumTile &tile;
  Value y;
  ValueRange extras;
  /// Parts that panels hold, a panel's columns of each; elements of a result's
  /// row.
  int64_t parts, share, width;
};

} // namespace

void sinter::emitTileOutput(CudaBuilder &b, const LinearForm &form,
                            PackedType weight, const SumTile &tile, Value y,
                            ValueRange extras) {
  OutputEmitter(b, form, weight, tile, y, extras).emit();
}
