//===- Remarks.cpp - What passes say of a model -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/Remarks.h"
#include "frontend/Frontend.h"
#include "mlir/IR/Location.h"
#include "llvm/Remarks/RemarkSerializer.h"
#include "llvm/Support/SourceMgr.h"
#include <algorithm>
#include <map>
#include <tuple>

using namespace sinter;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

static bool addPlaces(mlir::Location location, llvm::StringRef name,
                      std::vector<SourcePlace> &places) {
  if (auto file = llvm::dyn_cast<mlir::FileLineColLoc>(location)) {
    places.push_back({file.getFilename().str(), file.getLine(),
                      file.getColumn(), name.str()});
    return true;
  }
  if (auto named = llvm::dyn_cast<mlir::NameLoc>(location)) {
    if (!addPlaces(named.getChildLoc(), named.getName(), places))
      places.push_back({"", 0, 0, named.getName().str()});
    return true;
  }
  if (auto call = llvm::dyn_cast<mlir::CallSiteLoc>(location)) {
    bool known = addPlaces(call.getCallee(), name, places);
    return addPlaces(call.getCaller(), "", places) || known;
  }
  // Of what was made of several, the first that is known stands for all.
  if (auto fused = llvm::dyn_cast<mlir::FusedLoc>(location))
    return llvm::any_of(fused.getLocations(), [&](mlir::Location part) {
      return addPlaces(part, name, places);
    });
  return false;
}

std::vector<SourcePlace> sinter::placesOf(mlir::Location location) {
  std::vector<SourcePlace> places;
  addPlaces(location, "", places);
  return places;
}

//===----------------------------------------------------------------------===//
// Listening
//===----------------------------------------------------------------------===//

llvm::StringRef Remark::kindName() const {
  switch (kind) {
  case llvm::remarks::Type::Passed:
    return "passed";
  case llvm::remarks::Type::Missed:
    return "missed";
  case llvm::remarks::Type::Failure:
    return "failed";
  default:
    return "analysis";
  }
}

namespace {
class Streamer : public mlir::remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Streamer(RemarkLog &log) : log(log) {}
  void streamOptimizationRemark(
      const mlir::remark::detail::Remark &remark) override {
    log.add(remark);
  }

private:
  RemarkLog &log;
};
} // namespace

llvm::Error RemarkLog::listenTo(mlir::MLIRContext &context,
                                llvm::StringRef passes) {
  std::string problem;
  filter = llvm::Regex(passes.empty() ? ".*" : passes);
  if (!filter.isValid(problem))
    return llvm::createStringError("--remarks: '" + llvm::Twine(passes) +
                                   "' is no regular expression: " + problem);
  mlir::remark::RemarkCategories categories;
  // `all` adds to the kinds that are asked for; it asks for none itself.
  categories.passed = categories.missed = categories.analysis =
      categories.failed = ".*";
  if (mlir::failed(mlir::remark::enableOptimizationRemarks(
          context, std::make_unique<Streamer>(*this),
          std::make_unique<mlir::remark::RemarkEmittingPolicyAll>(),
          categories)))
    return llvm::createStringError("remarks cannot be collected");
  return llvm::Error::success();
}

void RemarkLog::add(const mlir::remark::detail::Remark &remark) {
  if (!filter.match(remark.getCombinedCategoryName()))
    return;
  Remark kept;
  kept.places = placesOf(remark.getLocation());
  kept.pass = remark.getCombinedCategoryName().str();
  kept.name = remark.getRemarkName().str();
  kept.function = remark.getFunction().str();
  kept.kind = remark.getRemarkType();
  for (const auto &part : remark.getArgs())
    if (part.key == "Remark" || part.key == "Reason" ||
        part.key == "Suggestion")
      kept.message += part.val;
    else
      kept.facts.emplace_back(part.key, part.val);
  remarks.push_back(std::move(kept));
}

void RemarkLog::sort() {
  auto key = [](const Remark &remark) {
    return std::tie(remark.places, remark.pass, remark.name, remark.function,
                    remark.message, remark.kind, remark.facts);
  };
  std::stable_sort(
      remarks.begin(), remarks.end(),
      [&](const Remark &l, const Remark &r) { return key(l) < key(r); });
  std::vector<Remark> unique;
  for (Remark &remark : remarks)
    if (!unique.empty() && key(unique.back()) == key(remark))
      ++unique.back().count;
    else
      unique.push_back(std::move(remark));
  remarks = std::move(unique);
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

namespace {
/// The texts that places are in.
class Sources {
public:
  /// Where a place stands; not valid where its text is not to be had.
  llvm::SMLoc find(const SourcePlace &place) {
    auto [entry, isNew] = buffers.try_emplace(place.file, 0);
    if (isNew && !place.file.empty())
      if (std::optional<std::string> text = specText(place.file))
        entry->second = manager.AddNewSourceBuffer(
            llvm::MemoryBuffer::getMemBufferCopy(*text, place.file),
            llvm::SMLoc());
    if (entry->second == 0)
      return {};
    return manager.FindLocForLineAndColumn(entry->second, place.line,
                                           place.column);
  }

  void print(llvm::raw_ostream &stream, const SourcePlace &place,
             llvm::SourceMgr::DiagKind kind, const llvm::Twine &message,
             bool colours) {
    if (llvm::SMLoc where = find(place); where.isValid())
      return manager.PrintMessage(
          stream, manager.GetMessage(where, kind, message), colours);
    std::string name = place.file;
    if (place.line)
      name +=
          ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
    if (name.empty() && !place.name.empty())
      name = "node '" + place.name + "'";
    llvm::SMDiagnostic(name, kind, message.str())
        .print(nullptr, stream, colours);
  }

private:
  llvm::SourceMgr manager;
  std::map<std::string, unsigned> buffers;
};
} // namespace

void RemarkLog::print(llvm::raw_ostream &stream, bool colours) const {
  Sources sources;
  for (const Remark &remark : remarks) {
    std::string message = remark.message;
    if (remark.count > 1)
      message += ", " + std::to_string(remark.count) + " times";
    message += " [" + remark.pass + ": " + remark.kindName().str() + "]";
    SourcePlace place;
    if (!remark.places.empty())
      place = remark.places.front();
    sources.print(stream, place, llvm::SourceMgr::DK_Remark, message, colours);
    for (size_t index = 1; index < remark.places.size(); ++index) {
      const std::string &called = remark.places[index - 1].name;
      sources.print(stream, remark.places[index], llvm::SourceMgr::DK_Note,
                    called.empty() ? "called here"
                                   : "'" + called + "' is called here",
                    colours);
    }
  }
}

void RemarkLog::printYaml(llvm::raw_ostream &stream) const {
  auto serializer = llvm::cantFail(llvm::remarks::createRemarkSerializer(
      llvm::remarks::Format::YAML, stream));
  for (const Remark &remark : remarks) {
    llvm::remarks::Remark out;
    out.RemarkType = remark.kind;
    out.PassName = remark.pass;
    out.RemarkName = remark.name;
    out.FunctionName = remark.function;
    auto locationOf = [](const SourcePlace &place) {
      return llvm::remarks::RemarkLocation{place.file, place.line,
                                           place.column};
    };
    if (!remark.places.empty() && !remark.places.front().file.empty())
      out.Loc = locationOf(remark.places.front());
    auto argument = [&](llvm::StringRef key, llvm::StringRef value) {
      out.Args.emplace_back();
      out.Args.back().Key = key;
      out.Args.back().Val = value;
    };
    argument("Remark", remark.message);
    for (const auto &[key, value] : remark.facts)
      argument(key, value);
    std::string count = std::to_string(remark.count);
    if (remark.count > 1)
      argument("Count", count);
    if (!remark.places.empty() && remark.places.front().file.empty())
      argument("Node", remark.places.front().name);
    for (size_t index = 1; index < remark.places.size(); ++index) {
      argument("CalledAs", remark.places[index - 1].name);
      out.Args.back().Loc = locationOf(remark.places[index]);
    }
    serializer->emit(out);
  }
}
