//===- Report.cpp - What a run of the bench found -------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/bench/Report.h"
#include "tools/bench/Statistics.h"
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

using namespace sinter::bench;

namespace {

__attribute__((format(printf, 1, 2))) std::string format(const char *text,
                                                         ...) {
  char buffer[256];
  va_list arguments;
  va_start(arguments, text);
  std::vsnprintf(buffer, sizeof(buffer), text, arguments);
  va_end(arguments);
  return buffer;
}

/// Of each round: `work` per second.
std::vector<double> rates(const WorkloadSamples &samples, double work) {
  std::vector<double> result;
  for (double seconds : samples.seconds)
    result.push_back(work / seconds);
  return result;
}

/// A share of a limit, each round by itself, or an empty text.
std::string shareOf(const WorkloadSamples &samples, double work,
                    const std::vector<double> &limit) {
  if (work == 0 || limit.empty())
    return "-";
  return format("%.0f %%", 100 * median(ratios(rates(samples, work), limit)));
}

/// The samples of a model's other workload, with as many threads; null: it was
/// not timed.
const WorkloadSamples *find(const Report &report, const std::string &model,
                            const std::string &workload, int64_t threads) {
  for (const WorkloadSamples &row : report.workloads)
    if (row.model == model && row.workload.name == workload &&
        row.threads == threads)
      return &row;
  return nullptr;
}

/// How many times the tokens a second of one sequence a batch has, round by
/// round; nothing where that is not a batch or one was not timed.
std::vector<double> overOne(const Report &report, const WorkloadSamples &row) {
  const WorkloadSamples *one = find(report, row.model, "token-0", row.threads);
  if (row.workload.sequences < 2 || !one)
    return {};
  return ratios(rates(row, static_cast<double>(row.workload.all())),
                rates(*one, 1));
}

/// What a start takes beyond a token that finds all in place, with the threads
/// that it was made with; nothing where that token was not timed.
std::optional<double> startBeyondToken(const Report &report,
                                       const ModelSamples &model) {
  const WorkloadSamples *token =
      find(report, model.path, "token-0", model.startThreads);
  if (!token)
    return std::nullopt;
  return median(model.startSeconds) - median(token->seconds);
}

std::string giga(double value) {
  return value == 0 ? "-" : format("%.1f", value / 1e9);
}

} // namespace

std::string sinter::bench::tableOf(const Report &report) {
  std::string text = "limits (median, best of the rounds)\n";
  for (const LimitSamples &limit : report.limits)
    text +=
        format("  %-28s %2lld thread%s %8.1f %8.1f %s\n", limit.what.c_str(),
               static_cast<long long>(limit.threads),
               limit.threads == 1 ? " " : "s", median(limit.values) / 1e9,
               largest(limit.values) / 1e9, limit.isRead ? "GB/s" : "GOP/s");
  text += format("  reading takes an array of %lld MiB, in huge pages if the "
                 "system gives them\n",
                 static_cast<long long>(report.readBytes >> 20));
  for (const ModelSamples &model : report.models) {
    text +=
        "\n" + model.name + ", for " + model.cpu + " (" + model.path + ")\n";
    if (model.compileSeconds > 0)
      text += format("  compiled in %.2f s\n", model.compileSeconds);
    text += format("  start to the first output %.1f ms; memory at most %.1f "
                   "MB, of which %.1f MB are not mapped files\n",
                   1e3 * median(model.startSeconds),
                   median(model.peakBytes) / 1e6, median(model.ownBytes) / 1e6);
    if (std::optional<double> beyond = startBeyondToken(report, model))
      text += format("  of it, %.1f ms are beyond a token with all in place\n",
                     1e3 * *beyond);
    text += format("  %-12s %7s %10s %10s %10s %8s %8s %8s%s\n", "workload",
                   "threads", "ms", "tokens/s", "GFLOP/s", "of peak", "GB/s",
                   "of read", "     peer  ratio");
    for (const WorkloadSamples &row : report.workloads) {
      if (row.model != model.path)
        continue;
      const double time = median(row.seconds);
      text +=
          format("  %-12s %7lld %10.3f %10.1f %10s %8s %8s %8s",
                 row.workload.name.c_str(), static_cast<long long>(row.threads),
                 1e3 * time, static_cast<double>(row.workload.all()) / time,
                 giga(row.operations / time).c_str(),
                 shareOf(row, row.operations, row.peak).c_str(),
                 giga(row.bytes / time).c_str(),
                 shareOf(row, row.bytes, row.bandwidth).c_str());
      if (!row.peer.empty())
        text +=
            format(" %8.1f %6.2f", median(row.peer),
                   median(ratios(rates(row, row.workload.all()), row.peer)));
      if (std::vector<double> ratio = overOne(report, row); !ratio.empty())
        text += format("  %.2f times one sequence", median(ratio));
      text += "\n";
    }
  }
  text += format("\n%lld rounds; others took %.1f %% of the processors' time "
                 "(steal); load %.1f\n",
                 static_cast<long long>(report.rounds), 100 * report.steal,
                 report.load);
  return text;
}

std::string sinter::bench::jsonOf(const Report &report) {
  nlohmann::ordered_json json;
  json["rounds"] = report.rounds;
  json["steal"] = report.steal;
  json["load"] = report.load;
  json["read_bytes"] = report.readBytes;
  json["limits"] = nlohmann::json::array();
  for (const LimitSamples &limit : report.limits)
    json["limits"].push_back({{"what", limit.what},
                              {"unit", limit.isRead ? "B/s" : "OP/s"},
                              {"threads", limit.threads},
                              {"median", median(limit.values)},
                              {"best", largest(limit.values)},
                              {"values", limit.values}});
  json["models"] = nlohmann::json::array();
  for (const ModelSamples &model : report.models) {
    nlohmann::ordered_json each = {
        {"path", model.path},
        {"name", model.name},
        {"cpu", model.cpu},
        {"start_seconds", median(model.startSeconds)},
        {"peak_bytes", median(model.peakBytes)},
        {"own_bytes", median(model.ownBytes)}};
    if (std::optional<double> beyond = startBeyondToken(report, model))
      each["start_seconds_beyond_token"] = *beyond;
    if (model.compileSeconds > 0)
      each["compile_seconds"] = model.compileSeconds;
    json["models"].push_back(each);
  }
  json["workloads"] = nlohmann::json::array();
  for (const WorkloadSamples &row : report.workloads) {
    nlohmann::ordered_json each = {
        {"model", row.model},
        {"workload", row.workload.name},
        {"tokens", row.workload.all()},
        {"depth", row.workload.depth},
        {"sequences", row.workload.sequences},
        {"threads", row.threads},
        {"seconds", median(row.seconds)},
        {"tokens_per_second",
         static_cast<double>(row.workload.all()) / median(row.seconds)},
        {"values", row.seconds}};
    if (row.operations > 0) {
      each["operations"] = row.operations;
      each["bytes"] = row.bytes;
      each["share_of_read"] =
          median(ratios(rates(row, row.bytes), row.bandwidth));
      if (!row.peak.empty())
        each["share_of_peak"] =
            median(ratios(rates(row, row.operations), row.peak));
    }
    if (std::vector<double> ratio = overOne(report, row); !ratio.empty())
      each["times_one_sequence"] = median(ratio);
    if (!row.peer.empty()) {
      each["peer_tokens_per_second"] = median(row.peer);
      each["ratio"] = median(ratios(rates(row, row.workload.all()), row.peer));
    }
    json["workloads"].push_back(each);
  }
  return json.dump(2) + "\n";
}
