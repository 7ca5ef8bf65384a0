//===- Tiles.cpp - Which register tiles a machine takes ---------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Tiles.h"
#include "codegen/Target.h"
#include "llvm/Support/MemoryBuffer.h"
#include <nlohmann/json.hpp>

using namespace sinter;
using Json = nlohmann::ordered_json;

/// More do not fit into the registers of any machine.
static constexpr int64_t mostRows = 32, mostVectors = 16;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 message.str().c_str());
}

static Json asJson(RegisterTile tile) { return {tile.rows, tile.vectors}; }

std::string sinter::tilesOf(const TargetDescription &target) {
  Json json;
  json["cpu"] = target.cpu;
  json["vector_bits"] = target.vectorBits;
  json["tile"] = asJson(target.tile);
  json["column_tile"] = asJson(target.columnTile);
  for (const GroupTile &each : target.groupTiles)
    json["group_tiles"].push_back(
        {{"least_inputs", each.leastInputs}, {"tile", asJson(each.tile)}});
  return json.dump(2) + "\n";
}

static bool isNumber(const Json &json, int64_t least, int64_t most) {
  return json.is_number_integer() && json >= least && json <= most;
}

static std::optional<RegisterTile> tileIn(const Json &json, const char *name) {
  if (!json.contains(name) || !json[name].is_array() ||
      json[name].size() != 2 || !isNumber(json[name][0], 1, mostRows) ||
      !isNumber(json[name][1], 1, mostVectors))
    return std::nullopt;
  return RegisterTile{json[name][0], json[name][1]};
}

/// The tiles of a table; nothing if it is none.
static std::optional<TargetDescription> parse(const Json &json) {
  if (!json.is_object() || !json.contains("cpu") || !json["cpu"].is_string() ||
      !json.contains("vector_bits") ||
      !isNumber(json["vector_bits"], 1, 1 << 16) ||
      !json.contains("group_tiles") || !json["group_tiles"].is_array() ||
      json["group_tiles"].empty())
    return std::nullopt;
  TargetDescription tiles;
  tiles.cpu = json["cpu"];
  tiles.vectorBits = json["vector_bits"];
  std::optional<RegisterTile> tile = tileIn(json, "tile"),
                              column = tileIn(json, "column_tile");
  if (!tile || !column)
    return std::nullopt;
  tiles.tile = *tile;
  tiles.columnTile = *column;
  tiles.groupTiles.clear();
  for (const Json &each : json["group_tiles"]) {
    std::optional<RegisterTile> ofGroup =
        each.is_object() ? tileIn(each, "tile") : std::nullopt;
    if (!ofGroup || !each.contains("least_inputs") ||
        !isNumber(each["least_inputs"], 0, 1 << 16))
      return std::nullopt;
    tiles.groupTiles.push_back({each["least_inputs"], *ofGroup});
  }
  return tiles;
}

llvm::Error
sinter::readTiles(llvm::StringRef path,
                  llvm::MutableArrayRef<TargetDescription> targets) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> text =
      llvm::MemoryBuffer::getFile(path);
  if (!text)
    return error("--tiles: " + path +
                 ": cannot read it: " + text.getError().message());
  std::optional<TargetDescription> tiles = parse(Json::parse(
      (*text)->getBuffer().str(), nullptr, /*allow_exceptions=*/false));
  if (!tiles)
    return error("--tiles: " + path +
                 ": expected a table of tiles, as `sinter tune` writes it");
  bool isUsed = false;
  for (TargetDescription &target : targets) {
    if (target.cpu != tiles->cpu || target.vectorBits != tiles->vectorBits)
      continue;
    isUsed = true;
    target.tile = tiles->tile;
    target.columnTile = tiles->columnTile;
    target.groupTiles = tiles->groupTiles;
  }
  if (!isUsed)
    return error("--tiles: " + path + ": the tiles are for " + tiles->cpu +
                 ", which is not among the CPUs to compile for");
  return llvm::Error::success();
}

llvm::Expected<std::vector<TargetDescription>>
sinter::targetsOf(const CommandLine &line) {
  llvm::Expected<std::vector<TargetDescription>> targets =
      describeTargets(line.cpu, line.target);
  if (targets && !line.tiles.empty())
    if (llvm::Error problem = readTiles(line.tiles, *targets))
      return problem;
  return targets;
}
