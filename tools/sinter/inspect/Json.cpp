//===- Json.cpp - A report for machines, and for the page -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "tools/sinter/inspect/Page.h"
#include "tools/sinter/inspect/Report.h"
#include <nlohmann/json.hpp>
#include <set>

using namespace sinter;
using Json = nlohmann::ordered_json;

const StageRecord &sinter::stageWithFunctions(const Report &report,
                                              size_t index) {
  while (index > 0 && report.stages[index].functions.empty())
    --index;
  return report.stages[index];
}

size_t sinter::unfusedStage(const Report &report) {
  for (size_t index = 0; index < report.stages.size(); ++index)
    if (report.stages[index].pass == "select-rows")
      return index;
  return 0;
}

static Json toJson(const Cost &cost) {
  return {{"weights", cost.weights},
          {"read", cost.read},
          {"written", cost.written},
          {"bytes", cost.bytes()},
          {"operations", cost.operations}};
}

static Json toJson(const std::vector<SourcePlace> &places) {
  Json all = Json::array();
  for (const SourcePlace &place : places)
    all.push_back({{"file", place.file},
                   {"line", place.line},
                   {"column", place.column},
                   {"name", place.name}});
  return all;
}

static Json toJson(const OpRecord &op) {
  Json out = {{"id", op.id},
              {"op", op.name},
              {"parent", op.parent},
              {"runs", op.runs},
              {"kernel", op.isKernel},
              {"changed", op.isChanged},
              {"types", op.types},
              {"inputs", op.inputs},
              {"text", op.text},
              {"places", toJson(op.places)},
              {"cost", toJson(op.cost)}};
  if (!op.weights.empty())
    out["weights"] = op.weights;
  return out;
}

/// Of one call: of `forward`, or of what it was made from.
static Cost costOf(const StageRecord &stage) {
  Cost cost;
  for (const FunctionRecord &function : stage.functions)
    if (function.name != "encode")
      cost += function.cost;
  return cost;
}

static Json perToken(const Cost &cost, const Report &report) {
  int64_t tokens = report.workload.tokens;
  return {
      {"bytes_per_token", double(cost.bytes()) / tokens},
      {"activation_bytes_per_token", double(cost.read + cost.written) / tokens},
      {"operations_per_token", double(cost.operations) / tokens}};
}

static Json stagesOf(const Report &report) {
  Json stages = Json::array();
  for (size_t index = 0; index < report.stages.size(); ++index) {
    const StageRecord &stage = report.stages[index];
    Json functions = Json::array();
    for (const FunctionRecord &function : stage.functions) {
      Json ops = Json::array();
      for (const OpRecord &op : function.ops)
        ops.push_back(toJson(op));
      functions.push_back({{"name", function.name},
                           {"cost", toJson(function.cost)},
                           {"ops", std::move(ops)}});
    }
    Cost cost = costOf(stageWithFunctions(report, index));
    Json out = {{"pass", stage.pass},
                {"description", stage.description},
                {"changed", stage.isChanged},
                {"cost", toJson(cost)}};
    out.update(perToken(cost, report));
    out["functions"] = std::move(functions);
    stages.push_back(std::move(out));
  }
  return stages;
}

static Json kernelsOf(const Report &report) {
  Json kernels = Json::array();
  for (const FunctionRecord &function :
       stageWithFunctions(report, report.stages.size() - 1).functions)
    for (const OpRecord &op : function.ops) {
      if (!op.isKernel || op.cost.bytes() == 0)
        continue;
      kernels.push_back(
          {{"function", function.name},
           {"op", op.id},
           {"name", op.name},
           {"runs", op.runs},
           {"cost", toJson(op.cost)},
           {"intensity", double(op.cost.operations) / op.cost.bytes()}});
    }
  return kernels;
}

static Json memoryOf(const Report &report) {
  Json all = Json::array();
  for (const MemoryRecord &memory : report.memory) {
    Json buffers = Json::array();
    for (const BufferRecord &buffer : memory.buffers)
      buffers.push_back({{"name", buffer.name},
                         {"offset", buffer.offset},
                         {"size", buffer.size},
                         {"phases", buffer.phases}});
    all.push_back({{"function", memory.function},
                   {"arena", memory.arena},
                   {"phases", memory.phases},
                   {"barriers", memory.barriers},
                   {"buffers", std::move(buffers)}});
  }
  return all;
}

static Json remarksOf(const Report &report) {
  Json all = Json::array();
  for (const Remark &remark : report.remarks.getRemarks()) {
    Json facts = Json::object();
    for (const auto &[key, value] : remark.facts)
      facts[key] = value;
    all.push_back({{"pass", remark.pass},
                   {"kind", remark.kindName().str()},
                   {"name", remark.name},
                   {"message", remark.message},
                   {"count", remark.count},
                   {"facts", std::move(facts)},
                   {"places", toJson(remark.places)}});
  }
  return all;
}

/// The texts that places point into.
static Json sourcesOf(const Report &report) {
  std::set<std::string> files;
  auto add = [&](const std::vector<SourcePlace> &places) {
    for (const SourcePlace &place : places)
      if (!place.file.empty())
        files.insert(place.file);
  };
  for (const StageRecord &stage : report.stages)
    for (const FunctionRecord &function : stage.functions)
      for (const OpRecord &op : function.ops)
        add(op.places);
  for (const Remark &remark : report.remarks.getRemarks())
    add(remark.places);
  Json sources = Json::object();
  for (const std::string &file : files)
    if (std::optional<std::string> text = specText(file))
      sources[file] = *text;
  return sources;
}

std::string sinter::toJson(const Report &report) {
  Cost before = costOf(stageWithFunctions(report, unfusedStage(report)));
  Cost after = costOf(stageWithFunctions(report, report.stages.size() - 1));
  const Workload &workload = report.workload;
  Json out = {{"model", report.model},
              {"architecture", report.architecture},
              {"compiler", report.compiler},
              {"cpu", report.cpu},
              {"passes", report.fused ? "all" : "none"},
              {"workload",
               {{"tokens", workload.tokens},
                {"past", workload.past},
                {"rows", workload.rows},
                {"source", workload.source}}},
              {"weight_bytes", report.weightBytes}};
  out["unfused"] = perToken(before, report);
  out["unfused"]["stage"] = unfusedStage(report);
  out["final"] = perToken(after, report);
  out["kernels"] = kernelsOf(report);
  out["memory"] = memoryOf(report);
  out["remarks"] = remarksOf(report);
  out["sources"] = sourcesOf(report);
  out["stages"] = stagesOf(report);
  // What is no UTF-8 in a spec must not stop a report.
  return out.dump(/*indent=*/1, ' ', /*ensure_ascii=*/false,
                  Json::error_handler_t::replace);
}

std::string sinter::toPage(const Report &report) {
  std::string data = sinter::toJson(report), safe;
  // Nothing in the data may end the element that it stands in.
  for (char c : data)
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  std::string page;
  llvm::StringRef rest(pageTemplate());
  auto put = [&](llvm::StringRef mark, llvm::StringRef text) {
    auto [head, tail] = rest.split(mark);
    page += head;
    page += text;
    rest = tail;
  };
  put("/*style*/", pageStyle());
  put("/*data*/", safe);
  put("/*script*/", pageScript());
  page += rest;
  return page;
}

void sinter::writeIR(const Report &report, llvm::raw_ostream &stream) {
  for (const StageRecord &stage : report.stages)
    stream << "// -----// " << stage.pass << ": " << stage.description << "\n\n"
           << stage.ir << "\n\n";
}
