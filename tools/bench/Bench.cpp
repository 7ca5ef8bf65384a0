//===- Bench.cpp - Models against the machine's limits --------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run has rounds. In each, the limits and every workload of every model are
// timed once, one after the other: what slows the machine down for a while
// slows all of them, and a share or a ratio is taken within a round.
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Limits.h"
#include "tools/bench/Arguments.h"
#include "tools/bench/Peer.h"
#include "tools/bench/Report.h"
#include "tools/bench/Statistics.h"
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <unistd.h>

using namespace sinter::bench;
using sinter::runtime::measurePeak;
using sinter::runtime::PeakLoop;
using sinter::runtime::peakLoops;
using sinter::runtime::ReadArray;
using sinter::runtime::readLoopName;

namespace {

const char *const help =
    R"(usage: sinter-bench [<model>...] [options]

Times compiled models against the machine's limits. A model is a shared library
that `sinter compile --emit shared` wrote, or a folder, which is compiled first.
Without a model, the limits alone are measured.

  --only <list>       of prompt-128,prompt-512,token-0,token-1024,token-4096,
                      batch-2,...,batch-16, or others of these forms
                      (default: those that fit into the context)
  --threads <list>    (default: 1 and all processors)
  --rounds <n>        (default: 5)
  --milliseconds <n>  for one workload in one round, at least (default: 200)
  --read-mib <n>      size of the array that is read (default: 512)
  --compile <options> for `sinter compile` and `sinter inspect`, where a model is
                      a folder; only then are operations and bytes known
  --peer <command>    another program that does the same; its run follows each
                      of ours. Tokens a second are what `llama-bench -o json`
                      says, or the last number that it prints; if there is
                      none, its time is taken. {prompt}, {generate}, {depth}
                      and {threads} in it become numbers; a command without
                      them is for one workload and one number of threads
  --json              print JSON
  --help
)";

class Bench {
public:
  explicit Bench(const Arguments &arguments);
  ~Bench();

  Report run();

private:
  struct Loaded {
    std::string path;
    std::unique_ptr<CompiledModel> model;
    std::vector<Workload> workloads;
  };

  std::string compilerCommand(const std::string &command,
                              const std::string &folder) const;
  std::string compile(const std::string &folder, ModelSamples &samples);
  void countCost(const std::string &folder, WorkloadSamples &row) const;
  void load(const std::string &path);
  void round();
  double peakOf(const std::string &type, int64_t count) const;
  void measureLimits(int64_t threads);
  LimitSamples &limit(const std::string &what, bool isRead, int64_t threads);

  std::vector<int64_t> threads;
  int64_t rounds;
  double seconds, burst;
  std::vector<std::string> only;
  std::string compileOptions, peer;
  std::filesystem::path scratch;
  std::vector<Loaded> models;
  std::unique_ptr<ReadArray> array;
  Report report = {};
};

std::vector<std::string> split(const std::string &list) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= list.size();) {
    const size_t end = std::min(list.find(',', start), list.size());
    parts.push_back(list.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

Bench::Bench(const Arguments &arguments) {
  std::vector<int64_t> standard{1};
  if (unsigned all = std::thread::hardware_concurrency(); all > 1)
    standard.push_back(all);
  threads = arguments.numbers("threads", standard, 1);
  rounds = arguments.number("rounds", 5, 1);
  seconds =
      1e-3 * static_cast<double>(arguments.number("milliseconds", 200, 1));
  burst = std::min(seconds, 0.05);
  compileOptions = arguments.text("compile", "");
  peer = arguments.text("peer", "");
  if (arguments.has("only"))
    only = split(arguments.text("only", ""));
  for (const std::string &name : only)
    parseWorkload(name);
  const bool isOneRow = only.size() == 1 && threads.size() == 1;
  if (!peer.empty() && (arguments.positional().size() != 1 ||
                        !(isOneRow || isForAnyWorkload(peer))))
    throw UsageError("--peer needs one model, one workload (--only) and one "
                     "number of threads (--threads), or a command with "
                     "{prompt}, {generate}, {depth} and {threads}");
  for (const std::string &name : only)
    if (!peer.empty() && !isOneRow && parseWorkload(name).sequences > 1)
      throw UsageError("--peer: " + name +
                       " has no name in the command: run "
                       "it by itself");
  report.readBytes = arguments.number("read-mib", 512, 1) << 20;
  report.rounds = rounds;
  for (const std::string &path : arguments.positional())
    load(path);
}

Bench::~Bench() {
  models.clear();
  std::error_code ignored;
  if (!scratch.empty())
    std::filesystem::remove_all(scratch, ignored);
}

std::string quoted(const std::string &text) {
  std::string result = "'";
  for (char c : text)
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// The compiler stands beside this program.
std::string Bench::compilerCommand(const std::string &command,
                                   const std::string &folder) const {
  const std::filesystem::path compiler =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "sinter";
  return quoted(compiler) + " " + command + " " + quoted(folder) + " " +
         compileOptions;
}

/// As `sinter inspect` counts one call. A batch is not one sequence, which is
/// all that it knows.
void Bench::countCost(const std::string &folder, WorkloadSamples &row) const {
  if (row.workload.sequences > 1)
    return;
  const std::string command = compilerCommand("inspect", folder) +
                              " --format json -o - --rows 1 --tokens " +
                              std::to_string(row.workload.tokens) + " --past " +
                              std::to_string(row.workload.depth);
  std::FILE *output = popen(command.c_str(), "r");
  if (!output)
    throw std::runtime_error("cannot start a shell");
  const auto json = nlohmann::json::parse(output, nullptr,
                                          /*allow_exceptions=*/false);
  if (pclose(output) != 0 || !json.contains("final"))
    throw std::runtime_error("the cost of " + row.workload.name + " in " +
                             folder + " was not counted");
  const double tokens = static_cast<double>(row.workload.tokens);
  row.operations = tokens * json["final"]["operations_per_token"].get<double>();
  row.bytes = tokens * json["final"]["bytes_per_token"].get<double>();
}

std::string Bench::compile(const std::string &folder, ModelSamples &samples) {
  if (scratch.empty()) {
    std::string name = std::filesystem::temp_directory_path() / "sinter-XXXXXX";
    if (!mkdtemp(name.data()))
      throw std::runtime_error("cannot make a folder " + name + ": " +
                               std::strerror(errno));
    scratch = name;
  }
  const std::filesystem::path library =
      scratch / ("model" + std::to_string(models.size()) + ".so");
  const std::string command = compilerCommand("compile -q", folder) +
                              " --emit shared -o " + quoted(library);
  const auto start = std::chrono::steady_clock::now();
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error(folder + " was not compiled");
  samples.compileSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return library;
}

void Bench::load(const std::string &path) {
  ModelSamples samples;
  samples.path = path;
  const std::string library =
      std::filesystem::is_directory(path) ? compile(path, samples) : path;
  // Before this process has used memory of its own.
  samples.startThreads = threads.back();
  for (int i = 0; i < 5; ++i) {
    const Start start = measureStart(library, threads.back());
    samples.startSeconds.push_back(start.seconds);
    samples.peakBytes.push_back(static_cast<double>(start.peakBytes));
    samples.ownBytes.push_back(static_cast<double>(start.ownBytes));
  }
  Loaded loaded{path, std::make_unique<CompiledModel>(library), {}};
  const sinter_model_description &about = loaded.model->description();
  samples.name = about.name;
  samples.cpu = about.cpu;
  for (const std::string &name : only) {
    const Workload workload = parseWorkload(name);
    if (std::string why = obstacle(workload, about); !why.empty())
      throw UsageError("--only: " + name + " is not possible with " + path +
                       ": " + why);
    loaded.workloads.push_back(workload);
  }
  if (only.empty())
    loaded.workloads = workloadsOf(about);
  for (const Workload &workload : loaded.workloads)
    for (int64_t count : threads) {
      WorkloadSamples row;
      row.model = path;
      row.workload = workload;
      row.threads = count;
      if (samples.compileSeconds > 0 && about.source_context == 0)
        countCost(path, row);
      report.workloads.push_back(row);
    }
  report.models.push_back(samples);
  models.push_back(std::move(loaded));
}

LimitSamples &Bench::limit(const std::string &what, bool isRead,
                           int64_t count) {
  for (LimitSamples &each : report.limits)
    if (each.what == what && each.threads == count)
      return each;
  report.limits.push_back({what, isRead, count, {}});
  return report.limits.back();
}

/// The type of which a model's contractions are products: weights of 8 and 4
/// bits are multiplied by bytes.
static std::string multipliedType(const CompiledModel &model) {
  std::string precision = model.precision();
  return precision == "w8" || precision == "w4" ? "int8" : precision;
}

/// Of this round, by the best loop of a type; 0: the CPU has none.
double Bench::peakOf(const std::string &type, int64_t count) const {
  double peak = 0;
  for (const LimitSamples &each : report.limits)
    if (each.threads == count && each.what.rfind(type + ",", 0) == 0)
      peak = std::max(peak, each.values.back());
  return peak;
}

void Bench::measureLimits(int64_t count) {
  for (const PeakLoop &loop : peakLoops())
    limit(loop.type + ", " + loop.instruction, false, count)
        .values.push_back(measurePeak(loop, count, burst));
  limit("read, " + readLoopName(), true, count)
      .values.push_back(array->measure(count));
}

void Bench::round() {
  for (int64_t count : threads)
    measureLimits(count);
  auto row = report.workloads.begin();
  for (Loaded &loaded : models)
    for (const Workload &workload : loaded.workloads)
      for (int64_t count : threads) {
        Sequences sequences(*loaded.model, workload.sequences, count);
        row->seconds.push_back(
            timeWorkload(*loaded.model, sequences, workload, seconds));
        if (!peer.empty())
          row->peer.push_back(
              runPeer(peerCommand(peer, workload, count), workload.all()));
        // Without an instruction for the type, it is computed in f32.
        double peak = peakOf(multipliedType(*loaded.model), count);
        if (peak == 0)
          peak = peakOf("f32", count);
        if (peak > 0)
          row->peak.push_back(peak);
        row->bandwidth.push_back(
            limit("read, " + readLoopName(), true, count).values.back());
        ++row;
      }
}

Report Bench::run() {
  array = std::make_unique<ReadArray>(report.readBytes);
  const ProcessorTime before = ProcessorTime::now();
  for (int64_t i = 0; i < rounds; ++i)
    round();
  const ProcessorTime after = ProcessorTime::now();
  if (after.all > before.all)
    report.steal = (after.steal - before.steal) / (after.all - before.all);
  report.load = sinter::bench::load();
  return report;
}

int run(int argc, char **argv) {
  const Arguments arguments(argc, argv,
                            {"only", "threads", "rounds", "milliseconds",
                             "read-mib", "compile", "peer"},
                            {"json", "help"});
  if (arguments.has("help")) {
    std::cout << help;
    return 0;
  }
  Bench bench(arguments);
  const Report report = bench.run();
  std::cout << (arguments.has("json") ? jsonOf(report) : tableOf(report));
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  return guarded([&] { return run(argc, argv); });
}
