//===- Tiles.h - Which register tiles a machine takes -----------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A table of tiles is JSON, rows by vectors of sums:
//
//   {"cpu": "znver4", "vector_bits": 512, "tile": [6, 4],
//    "column_tile": [6, 4],
//    "group_tiles": [{"least_inputs": 64, "tile": [4, 4]},
//                    {"least_inputs": 0, "tile": [8, 2]}]}
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_TILES_H
#define SINTER_TOOLS_SINTER_TILES_H

#include "passes/TargetDescription.h"
#include "tools/sinter/CommandLine.h"
#include "llvm/Support/Error.h"

namespace sinter {

/// The table of a target.
std::string tilesOf(const TargetDescription &target);

/// Gives the tiles of a file to those of the targets that it is for: an error
/// if it is for none of them, or no such table.
llvm::Error readTiles(llvm::StringRef path,
                      llvm::MutableArrayRef<TargetDescription> targets);

/// The machines that a command line is for, with the tiles of `--tiles`.
llvm::Expected<std::vector<TargetDescription>>
targetsOf(const CommandLine &line);

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_TILES_H
