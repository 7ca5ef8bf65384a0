//===- Workloads.cpp - What is timed of a model ---------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/bench/Workloads.h"
#include "tools/bench/Arguments.h"
#include <chrono>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

using namespace sinter::bench;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Workload sinter::bench::parseWorkload(const std::string &name) {
  const size_t dash = name.find('-');
  const std::string kind = name.substr(0, dash);
  const std::string digits =
      dash == std::string::npos ? "" : name.substr(dash + 1);
  if (!digits.empty() && digits.size() < 10 &&
      digits.find_first_not_of("0123456789") == std::string::npos) {
    const int64_t number = std::stoll(digits);
    if (kind == "token")
      return {name, 1, number, 1};
    if (kind == "prompt" && number > 0)
      return {name, number, 0, 1};
    if (kind == "batch" && number > 0)
      return {name, 1, 0, number};
  }
  throw UsageError("--only: expected prompt-N, token-DEPTH or "
                   "batch-SEQUENCES, found '" +
                   name + "'");
}

std::string sinter::bench::obstacle(const Workload &workload,
                                    const sinter_model_description &model) {
  if (workload.depth + workload.tokens > model.context)
    return "the context is " + std::to_string(model.context) + " tokens";
  if (!model.causal && (workload.depth > 0 || workload.sequences > 1 ||
                        workload.name.rfind("prompt", 0) != 0))
    return "the model reads whole sequences";
  return "";
}

std::vector<Workload>
sinter::bench::workloadsOf(const sinter_model_description &model) {
  std::vector<Workload> fitting;
  for (const char *name :
       {"prompt-128", "prompt-512", "token-0", "token-1024", "token-4096",
        "batch-2", "batch-4", "batch-8", "batch-16"})
    if (Workload workload = parseWorkload(name);
        obstacle(workload, model).empty())
      fitting.push_back(workload);
  // Behind all that the context has room for stands the last token.
  if (model.causal && model.context > 256 && model.context <= 1024)
    fitting.push_back(
        parseWorkload("token-" + std::to_string(model.context - 128)));
  if (fitting.empty())
    fitting.push_back(parseWorkload("prompt-" + std::to_string(model.context)));
  return fitting;
}

double sinter::bench::timeWorkload(CompiledModel &model, Sequences &sequences,
                                   const Workload &workload, double seconds) {
  const bool isCausal = model.description().causal;
  const int64_t source = model.description().source_context;
  if (source > 0)
    sequences.encode(std::min<int64_t>(source, 128), workload.sequences);
  else if (isCausal)
    sequences.cut(0, workload.sequences);
  if (workload.depth > 0)
    sequences.feed(workload.depth, workload.sequences);
  auto once = [&] {
    const Clock::time_point start = Clock::now();
    sequences.feed(workload.tokens, workload.sequences);
    const double time = secondsSince(start);
    if (isCausal)
      sequences.cut(workload.depth, workload.sequences);
    return time;
  };
  // The first call touches pages and wakes threads.
  once();
  double sum = 0;
  int64_t calls = 0;
  while (calls == 0 || sum < seconds) {
    sum += once();
    ++calls;
  }
  return sum / static_cast<double>(calls);
}

//===----------------------------------------------------------------------===//
// Start
//===----------------------------------------------------------------------===//

/// A number of /proc/self/status, in bytes.
static int64_t statusBytes(const std::string &name) {
  std::ifstream file("/proc/self/status");
  std::string line;
  while (std::getline(file, line))
    if (line.rfind(name + ":", 0) == 0)
      return std::stoll(line.substr(name.size() + 1)) * 1024;
  return 0;
}

/// In the process of its own: sends a zero byte and a Start, or a message.
static void startAndSend(const std::string &path, int64_t threads,
                         Clock::time_point start, int to) {
  std::string text;
  try {
    CompiledModel model(path);
    Sequences sequences(model, 1, threads);
    if (model.description().source_context > 0)
      sequences.encode(1, 1);
    sequences.feed(1, 1);
    const Start result{secondsSince(start), statusBytes("VmHWM"),
                       statusBytes("RssAnon")};
    text.assign(1 + sizeof(result), '\0');
    std::memcpy(&text[1], &result, sizeof(result));
  } catch (const std::exception &error) {
    text = error.what();
  }
  const ssize_t written = write(to, text.data(), text.size());
  _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

Start sinter::bench::measureStart(const std::string &path, int64_t threads) {
  int ends[2];
  if (pipe(ends) != 0)
    throw std::runtime_error("cannot make a pipe");
  const Clock::time_point start = Clock::now();
  const pid_t child = fork();
  if (child < 0)
    throw std::runtime_error("cannot start a process");
  if (child == 0)
    startAndSend(path, threads, start, ends[1]);
  ::close(ends[1]);
  std::string text;
  char buffer[1024];
  for (ssize_t count; (count = read(ends[0], buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<size_t>(count));
  ::close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0 || text.empty())
    throw std::runtime_error(path + " crashed when it was started");
  if (text[0] != '\0')
    throw std::runtime_error(text);
  Start result;
  std::memcpy(&result, &text[1], sizeof(result));
  return result;
}
