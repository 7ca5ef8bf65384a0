//===- TargetDescription.h - What passes know of a machine -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_PASSES_TARGETDESCRIPTION_H
#define SINTER_PASSES_TARGETDESCRIPTION_H

#include <cstdint>
#include <string>
#include <vector>

namespace sinter {

/// How a contraction's inner loop holds its results in registers: `rows` rows
/// by `vectors` vectors.
struct RegisterTile {
  int64_t rows = 6;
  int64_t vectors = 4;
};

/// Instructions that multiply groups of small numbers and add the products to
/// sums twice as wide or wider.
struct DotProducts {
  /// Pairs of bf16 into f32: AVX512-BF16, AArch64's BF16.
  bool bf16 = false;
  /// Unsigned by signed bytes, four into i32: AVX512-VNNI, AVX-VNNI, AArch64's
  /// I8MM.
  bool bytes = false;
  /// Signed bytes, four into i32: AArch64's DotProd.
  bool signedBytes = false;
  /// Signed pairs of 16 bits into i32: SSE2, AVX2, AVX512BW.
  bool pairs = false;
};

/// How a contraction with quantized weights holds its results, by the inputs
/// that share a scale: with groups, whole sums and scaled ones are needed.
struct GroupTile {
  int64_t leastInputs = 0;
  RegisterTile tile;
};

/// What computes: the CPU, or a device with memory of its own, whose kernels
/// the CPU launches.
enum class Device { none, openCL, cuda };

/// A machine, as far as passes and kernels need to know it. `codegen/Target.h`
/// makes one from a CPU's name; nothing else names a machine.
struct TargetDescription {
  /// As LLVM names them: "x86_64-unknown-linux-gnu", "x86-64-v4",
  /// "+avx2,+fma,...".
  std::string triple, cpu, features;
  /// What LLVM's back end calls the CPU, where `cpu` is an instruction set.
  std::string processor;
  /// Kernels are for this; the rest of the program is for the CPU.
  Device device = Device::none;
  /// The device's architecture where its code is for one: "sm_90a".
  std::string deviceArchitecture;
  /// Bits of the widest vector register that kernels use.
  int64_t vectorBits = 256;
  /// Vector registers that a kernel can hold at once.
  int64_t vectorRegisters = 16;
  /// For contractions.
  RegisterTile tile;
  /// For contractions with quantized weights: one scale for a whole column, and
  /// groups, the largest first. The last one's serves all that are smaller.
  RegisterTile columnTile = {4, 4};
  std::vector<GroupTile> groupTiles = {{0, {4, 4}}};
  DotProducts dotProducts;
  /// Whether contractions with quantized weights take rows of bf16 and widen
  /// the weight's numbers, rather than round rows to bytes: tensor cores.
  bool widensWeights = false;
  /// Inputs that stand together in panels of bf16: pairs, or what a GPU's
  /// matrices hold of a row.
  int64_t brainFloatDepth = 2;
  /// How far ahead of what is multiplied with a single row weights are asked
  /// for, in bytes: about what is read while memory answers, for hardware's own
  /// prefetching ends at each page. Measured on AVX-512: f32 gains 2 % and
  /// loses with more; quantized weights, which take more work a byte, gain 20
  /// to 50 %.
  int64_t prefetchBytes = 2048, quantizedPrefetchBytes = 4096;
  /// Whether many rows ask for the next panel of weights while they are
  /// multiplied with one: the first tile of a panel waits for memory else.
  /// Measured on AVX2 with 10 GB/s: f32 and bf16 gain 15 %; w8 gains nothing
  /// and w4 loses 10 %, so they never do. Not measured on other machines.
  bool prefetchesPanels = false;
  /// Rows that a thread carries through a contraction and the row work around
  /// it before it takes the next: their input and a panel stay in its cache.
  int64_t rowsAtOnce = 96;
  /// Whether contractions take in row work behind them while sums are in
  /// registers.
  bool epiloguesOnTile = true;
  /// Whether rows of a table are taken out of the panels of a contraction's
  /// weight where it is one.
  bool gathersFromPanels = true;

  /// Whose instructions these are.
  bool isArm() const { return triple.starts_with("aarch64"); }
  bool isWasm() const { return triple.starts_with("wasm"); }
  int64_t vectorLanes(int64_t elementBits) const {
    return vectorBits / elementBits;
  }
  /// Columns of a weight's panel: what one tile is wide.
  int64_t panelColumns(int64_t elementBits) const {
    return tile.vectors * vectorLanes(elementBits);
  }
  /// The tile of a contraction of whose inputs `group` share a scale; 0: all.
  RegisterTile quantizedTile(int64_t group) const {
    RegisterTile chosen = columnTile;
    if (group > 0)
      for (const GroupTile &each : groupTiles) {
        chosen = each.tile;
        if (group >= each.leastInputs)
          break;
      }
    return chosen;
  }
};

} // namespace sinter

#endif // SINTER_PASSES_TARGETDESCRIPTION_H
