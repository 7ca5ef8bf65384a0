//===- CheckProgram.cpp - Generated code against the evaluator -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a module that stands after the passes, with random weights, and runs
// calls of mixed sequences through it and through the reference evaluator. The
// memory between calls is filled with NaN, so that a read of what nobody wrote
// shows. One, two, three and seven threads must give the same bits. A number
// may be off by more than the tolerance where f32 cannot tell: by a few times
// what rounding at random in the evaluator moves its row.
//
// Of `--cpu` and `--target`, instructions that this machine lacks are emulated
// (EmulateInstructions.h).
//
// With `--emulate sm_80` the program is the one for that GPU, and its kernels
// run on the emulator (CudaEmulator.h).
//
//===----------------------------------------------------------------------===//

#include "CudaEmulator.h"
#include "EmulateInstructions.h"
#include "codegen/Codegen.h"
#include "codegen/HostProgram.h"
#include "codegen/Parameters.h"
#include "codegen/Target.h"
#include "codegen/cuda/CudaStep.h"
#include "ir/Evaluator.h"
#include "ir/RandomWeights.h"
#include "mlir/Parser/Parser.h"
#include "runtime/Program.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"
#include <barrier>
#include <cmath>
#include <cstring>
#include <new>
#include <thread>

using namespace sinter;
namespace cl = llvm::cl;
namespace orc = llvm::orc;

namespace {

[[noreturn]] void fail(const llvm::Twine &message) {
  llvm::errs() << "check-program: " << message << "\n";
  exit(1);
}

template <typename T> T check(llvm::Expected<T> value) {
  if (!value)
    fail(llvm::toString(value.takeError()));
  return std::move(*value);
}

void check(llvm::Error error) {
  if (error)
    fail(llvm::toString(std::move(error)));
}

/// 64-byte aligned memory with a guard of known bytes behind it.
class Memory {
public:
  explicit Memory(int64_t bytes)
      : bytes(bytes), data(new (std::align_val_t(64)) uint8_t[bytes + guard]) {
    std::memset(data + bytes, 0x5a, guard);
  }
  Memory(Memory &&other) : bytes(other.bytes), data(other.data) {
    other.data = nullptr;
  }
  ~Memory() {
    if (data)
      operator delete[](data, std::align_val_t(64));
  }
  uint8_t *get() { return data; }
  void fill(uint8_t value) { std::memset(data, value, bytes); }
  bool intact() const {
    return std::all_of(data + bytes, data + bytes + guard,
                       [](uint8_t byte) { return byte == 0x5a; });
  }

private:
  static constexpr int64_t guard = 256;
  int64_t bytes;
  uint8_t *data;
};

//===----------------------------------------------------------------------===//
// What generated code calls
//===----------------------------------------------------------------------===//

/// Nobody asks for times here.
void refuseProfile(const sinter_step_context *, int64_t, int64_t) {
  fail("a kernel's time is taken without a profile");
}

void waitForAll(const sinter_step_context *context, int64_t) {
  static_cast<std::barrier<> *>(context->barrier)->arrive_and_wait();
}

void *allocate(void *, uint64_t bytes) {
  return operator new(bytes, std::align_val_t(64));
}

void release(void *, void *pointer) {
  operator delete(pointer, std::align_val_t(64));
}

/// A GPU that is emulated, and the names of the program's kernels.
std::unique_ptr<test::CudaEmulator> emulator;
std::vector<DeviceKernelRecord> deviceKernels;
unsigned launches = 0;

void launchEmulated(const sinter_step_context *, int64_t kernel,
                    const int64_t *groups, const uint64_t *arguments) {
  for (int axis = 0; axis < 3; ++axis)
    if (groups[axis] <= 0)
      return;
  const DeviceKernelRecord &record = deviceKernels[kernel];
  std::string error = emulator->launch(
      record.name, {groups[0], groups[1], groups[2]},
      {arguments, arguments + record.arguments.size()}, launches++);
  if (!error.empty())
    fail(error);
}

/// Emits the kernels of a program once more, for the emulator.
void emulate(mlir::ModuleOp module, const TargetDescription &target) {
  mlir::OwningOpRef<mlir::ModuleOp> primitive = module.clone();
  decomposeComposites(*primitive);
  mlir::MLIRContext &context = *module.getContext();
  loadCudaDialects(context);
  auto location = mlir::UnknownLoc::get(&context);
  mlir::OwningOpRef<mlir::ModuleOp> steps = mlir::ModuleOp::create(location),
                                    kernels = mlir::ModuleOp::create(location);
  KernelLibrary host(*steps, target);
  CudaLibrary library(*kernels,
                      check(findCudaArchitecture(target.deviceArchitecture)));
  for (auto entry : primitive->getOps<mlir::func::FuncOp>())
    if (failed(emitCudaStep(entry, *steps, host, library)))
      fail("no kernels for @" + entry.getName());
  emulator =
      std::make_unique<test::CudaEmulator>(*kernels, library.getEmitted());
  deviceKernels = library.getKernels();
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// Inputs of one call of one entry, by `sinter_input`.
struct Call {
  llvm::StringRef entry;
  std::vector<int32_t> input[SINTER_INPUT_COUNT];

  int64_t tokens() const { return input[SINTER_INPUT_TOKEN].size(); }
  int64_t rows() const { return input[SINTER_INPUT_ROW].size(); }
};

constexpr int64_t sequences = 3;

/// Some tokens of one sequence.
struct Part {
  int32_t sequence;
  int64_t tokens;
};

/// Makes calls that the model allows, and keeps count of how long each sequence
/// is.
class Script {
public:
  explicit Script(const sinter_program &program) : program(program) {
    bool encodes = program.entry_count > 1;
    if (encodes) {
      for (int64_t i = 0; i < sequences; ++i)
        sourceLengths.push_back(std::min<int64_t>(
            7 + 9 * i, std::min(program.source_context,
                                program.entries[1].maximum_tokens / 3)));
      add(program.entries[1], {{1, sourceLengths[1]}, {0, sourceLengths[0]}},
          program.source_vocabulary);
      add(program.entries[1], {{2, sourceLengths[2]}},
          program.source_vocabulary);
    }
    const sinter_entry &forward = program.entries[0];
    // A prompt, a token at a time, mixtures of both, and many at once.
    const std::vector<std::vector<Part>> plan = {{{0, 5}},
                                                 {{0, 1}},
                                                 {{1, 8}, {0, 1}},
                                                 {{2, 2}, {1, 1}},
                                                 {{2, 1}, {0, 3}, {1, 1}},
                                                 {{1, 17}},
                                                 {{0, 1}, {1, 1}, {2, 1}},
                                                 {{2, 40}}};
    for (const std::vector<Part> &parts : plan)
      add(forward, parts, program.vocabulary);
  }

  llvm::ArrayRef<Call> getCalls() const { return calls; }

private:
  void add(const sinter_entry &entry, const std::vector<Part> &parts,
           int64_t vocabulary) {
    bool isForward = &entry == program.entries;
    bool keepsPast = isForward && entry.causal;
    Call call;
    call.entry = entry.name;
    for (Part part : parts) {
      int64_t &length = lengths[part.sequence];
      int64_t begin = keepsPast ? length : 0;
      int64_t most = isForward ? program.context : program.source_context;
      int64_t end = std::min(begin + part.tokens, most);
      if (call.tokens() + end - begin > entry.maximum_tokens)
        continue;
      for (int64_t position = begin; position < end; ++position) {
        put(call, SINTER_INPUT_TOKEN, random.integer(0, vocabulary));
        put(call, SINTER_INPUT_POSITION, position);
        put(call, SINTER_INPUT_SEQUENCE, part.sequence);
        put(call, SINTER_INPUT_EXTENT, entry.causal ? position + 1 : end);
        if (program.source_context > 0)
          put(call, SINTER_INPUT_SOURCE_EXTENT,
              isForward ? sourceLengths[part.sequence] : end);
        put(call, SINTER_INPUT_SEGMENT,
            random.integer(0, std::max<int64_t>(1, program.segments)));
      }
      // The last row of every part; of some calls the first one too, of one
      // none at all, as of a prompt that comes in pieces.
      if (end > begin && call.rows() < entry.maximum_rows &&
          calls.size() % 8 != 3) {
        if (calls.size() % 2)
          put(call, SINTER_INPUT_ROW, call.tokens() - (end - begin));
        if (call.rows() < entry.maximum_rows)
          put(call, SINTER_INPUT_ROW, call.tokens() - 1);
      }
      if (keepsPast)
        length = end;
    }
    if (call.tokens() > 0)
      calls.push_back(std::move(call));
  }

  static void put(Call &call, sinter_input input, int64_t value) {
    call.input[input].push_back(int32_t(value));
  }

  const sinter_program &program;
  RandomStream random{17};
  std::vector<int64_t> sourceLengths;
  int64_t lengths[sequences] = {};
  std::vector<Call> calls;
};

//===----------------------------------------------------------------------===//
// The two ways to run a call
//===----------------------------------------------------------------------===//

std::vector<double> evaluate(Evaluator &evaluator, mlir::ModuleOp module,
                             const Call &call) {
  auto function = module.lookupSymbol<mlir::func::FuncOp>(call.entry);
  std::vector<TensorValue> arguments;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto name =
        function.getArgAttrOfType<mlir::StringAttr>(i, inputAttributeName);
    const std::vector<int32_t> &values =
        call.input[*inputIndex(name.getValue())];
    arguments.push_back({{int64_t(values.size())},
                         std::vector<double>(values.begin(), values.end())});
  }
  CallOptions options;
  options.dimensions["N"] = call.tokens();
  auto results = evaluator.call(function, arguments, options);
  if (failed(results))
    fail("the evaluator cannot run @" + call.entry);
  return results->empty() ? std::vector<double>() : results->front().elements;
}

/// How far rounding every f32 result up or down by chance moves each number of
/// each call, or the one of its row that it moves most.
std::vector<std::vector<double>>
measureRounding(const WeightSource &weights, mlir::ModuleOp module,
                llvm::ArrayRef<Call> calls,
                llvm::ArrayRef<std::vector<double>> exact) {
  std::vector<std::vector<double>> noise(exact.begin(), exact.end());
  for (std::vector<double> &numbers : noise)
    llvm::fill(numbers, 0);
  for (uint64_t sample = 1; sample <= 3; ++sample) {
    EvaluatorOptions options;
    options.rounding = Rounding::Random;
    options.roundingSeed = sample;
    Evaluator evaluator(weights, options);
    for (auto [i, call] : llvm::enumerate(calls)) {
      std::vector<double> rounded = evaluate(evaluator, module, call);
      size_t width = rounded.size() / std::max<int64_t>(call.rows(), 1);
      for (size_t begin = 0; begin < rounded.size(); begin += width) {
        double largest = noise[i][begin];
        for (size_t at = begin; at < begin + width; ++at) {
          double moved = std::fabs(rounded[at] - exact[i][at]);
          largest = std::max(largest, std::isnan(moved) ? INFINITY : moved);
        }
        std::fill_n(noise[i].begin() + begin, width, largest);
      }
    }
  }
  return noise;
}

/// A compiled program and the memory that the runtime would give it.
class Machine {
public:
  Machine(const sinter_program &program, Memory &weights, int64_t threads)
      : program(program), weights(weights), threads(threads) {
    for (int64_t i = 0; i < program.cache_count; ++i) {
      const sinter_cache &cache = program.caches[i];
      caches.emplace_back(cache.layers * sequences * cache.positions *
                          cache.row_bytes);
      caches.back().fill(0xff);
      pointers.push_back(caches.back().get());
    }
  }

  std::vector<float> run(const Call &call) {
    const sinter_entry &entry = program.entries[call.entry == "encode"];
    Memory arena(llvm::alignTo(entry.arena_bytes, 64) +
                 threads * llvm::alignTo(entry.thread_arena_bytes, 64));
    arena.fill(0xff);
    Memory output(call.rows() * entry.output_width * sizeof(float));
    output.fill(0xff);
    std::barrier<> barrier(threads);
    sinter_step_context context = {};
    auto longest = [&](sinter_input input) -> int64_t {
      const std::vector<int32_t> &values = call.input[input];
      return values.empty() ? 0 : *llvm::max_element(values);
    };
    context.dimension[SINTER_DIMENSION_TOKENS] = call.tokens();
    context.dimension[SINTER_DIMENSION_ROWS] = call.rows();
    context.dimension[SINTER_DIMENSION_PAST] = longest(SINTER_INPUT_EXTENT);
    context.dimension[SINTER_DIMENSION_SOURCE_PAST] =
        longest(SINTER_INPUT_SOURCE_EXTENT);
    for (int64_t i = 0; i < SINTER_INPUT_COUNT; ++i)
      if (entry.inputs >> i & 1)
        context.input[i] = call.input[i].data();
    context.output = reinterpret_cast<float *>(output.get());
    context.weights = weights.get();
    context.arena = arena.get();
    context.caches = pointers.data();
    context.sequences = sequences;
    context.threads = threads;
    context.barrier = &barrier;
    launch(entry, context);

    if (!arena.intact() || !output.intact() || !weights.intact() ||
        !llvm::all_of(caches, [](Memory &cache) { return cache.intact(); }))
      fail("@" + call.entry + " wrote outside its memory");
    std::vector<float> result(call.rows() * entry.output_width);
    if (!result.empty())
      std::memcpy(result.data(), output.get(), result.size() * sizeof(float));
    if (entry.gives_largest)
      checkLargest(entry, context, result);
    return result;
  }

private:
  void launch(const sinter_entry &entry, const sinter_step_context &context) {
    const sinter_step_function step =
        program.variants[0].steps[&entry - program.entries];
    std::vector<std::thread> others;
    for (int64_t thread = 1; thread < threads; ++thread)
      others.emplace_back([&, thread] { step(&context, thread); });
    step(&context, 0);
    for (std::thread &other : others)
      other.join();
  }

  /// The same call once more, without its output: it writes into caches what
  /// stands there.
  void checkLargest(const sinter_entry &entry, sinter_step_context context,
                    llvm::ArrayRef<float> output) {
    int64_t rows = context.dimension[SINTER_DIMENSION_ROWS];
    Memory index(rows * sizeof(int32_t)), largest(rows * sizeof(float));
    // A device looks for the largest among the logits.
    if (!emulator)
      context.output = nullptr;
    context.largest_index = reinterpret_cast<int32_t *>(index.get());
    context.largest = reinterpret_cast<float *>(largest.get());
    launch(entry, context);
    if (!index.intact() || !largest.intact())
      fail("what is the largest is written outside its memory");
    for (int64_t row = 0; row < rows; ++row) {
      llvm::ArrayRef<float> of =
          output.slice(row * entry.output_width, entry.output_width);
      const float *expected = llvm::max_element(of);
      if (context.largest_index[row] != expected - of.begin() ||
          context.largest[row] != *expected)
        fail("row " + llvm::Twine(row) + ": the largest is not number " +
             llvm::Twine(context.largest_index[row]));
    }
  }

  const sinter_program &program;
  Memory &weights;
  int64_t threads;
  std::vector<Memory> caches;
  std::vector<unsigned char *> pointers;
};

/// The compiled program, loaded.
const sinter_program &load(orc::LLJIT &jit, mlir::ModuleOp module,
                           const TargetDescription &target) {
  CodegenOptions options;
  options.targets = {target};
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code =
      check(generate(module, options, context));
  TargetDescription runner = target;
  if (!test::isRunnable(target)) {
    check(test::emulateInstructions(*code));
    runner = check(describeTarget("native"));
  }
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  check(emitObject(*code, runner, stream));

  orc::SymbolMap symbols;
  auto define = [&](llvm::StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                          llvm::JITSymbolFlags::Exported};
  };
  define("sinter_barrier_wait", &waitForAll);
  define("sinter_profile_kernel", &refuseProfile);
  define("sinter_device_launch", &launchEmulated);
  define("halide_malloc", &allocate);
  define("halide_free", &release);
  check(jit.getMainJITDylib().define(orc::absoluteSymbols(symbols)));
  check(jit.addObjectFile(std::make_unique<llvm::SmallVectorMemoryBuffer>(
      std::move(bytes), "program")));
  return *check(jit.lookup("sinter_compiled_model")).toPtr<sinter_program *>();
}

/// The largest difference, over the larger of 1 and the expected number, beyond
/// a few times `noise`, if that is known.
double difference(llvm::ArrayRef<double> expected, llvm::ArrayRef<float> actual,
                  const Call &call, llvm::ArrayRef<double> noise = {}) {
  if (expected.size() != actual.size())
    fail("@" + call.entry + " gave " + llvm::Twine(actual.size()) +
         " numbers, not " + llvm::Twine(expected.size()));
  double worst = 0;
  for (auto [i, wanted, got] : llvm::enumerate(expected, actual)) {
    if (std::isnan(wanted))
      fail("the program's own result is not defined: the passes are wrong");
    if (!(std::fabs(got) < INFINITY))
      fail("@" + call.entry + " gave " + std::to_string(got) + ", not " +
           std::to_string(wanted));
    double beyond =
        std::fabs(got - wanted) - (noise.empty() ? 0 : 8 * noise[i]);
    worst = std::max(worst, beyond / std::max(1.0, std::fabs(wanted)));
  }
  return worst;
}

} // namespace

int main(int argumentCount, char **arguments) {
  llvm::InitLLVM init(argumentCount, arguments);
  cl::OptionCategory category("Options");
  cl::opt<std::string> input(cl::Positional, cl::init("-"),
                             cl::desc("<file of IR after the passes>"),
                             cl::cat(category));
  cl::opt<std::string> cpu("cpu", cl::desc("CPU or level to compile for"),
                           cl::cat(category));
  cl::opt<std::string> machine("target", cl::desc("Machine to compile for"),
                               cl::cat(category));
  cl::opt<std::string> gpu("emulate",
                           cl::desc("GPU to compile for, which is emulated"),
                           cl::cat(category));
  cl::opt<double> tolerance("tolerance", cl::init(1e-4),
                            cl::desc("Largest difference allowed"),
                            cl::cat(category));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argumentCount, arguments,
                              "Compares generated code with the evaluator\n");

  TargetDescription target = gpu.empty()
                                 ? check(describeTarget(cpu, machine))
                                 : check(describeTargets(gpu, "cuda")).front();
  mlir::DialectRegistry registry;
  registry.insert<SinterDialect, mlir::func::FuncDialect>();
  mlir::MLIRContext context(registry);
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(input, sources, &context);
  if (!module)
    return 1;

  // Registers LLVM's back ends, which the loader needs too.
  check(createTargetMachine(target));
  std::unique_ptr<orc::LLJIT> jit = check(orc::LLJITBuilder().create());
  jit->getMainJITDylib().addGenerator(
      check(orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          jit->getDataLayout().getGlobalPrefix())));
  const sinter_program &program = load(*jit, *module, target);

  if (!gpu.empty())
    emulate(*module, target);

  RandomWeights source(*module, /*seed=*/5);
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  check(writeParameters(*module, source, stream, [](uint64_t, uint64_t) {}));
  if (int64_t(bytes.size()) != program.weights_bytes)
    fail("the weights have " + llvm::Twine(bytes.size()) + " bytes, not " +
         llvm::Twine(program.weights_bytes));
  Memory weights(bytes.size());
  std::memcpy(weights.get(), bytes.data(), bytes.size());

  Script script(program);
  Evaluator evaluator(source);
  std::vector<std::vector<double>> expected;
  for (const Call &call : script.getCalls())
    expected.push_back(evaluate(evaluator, *module, call));

  double worst = 0;
  int64_t numbers = 0;
  std::vector<std::vector<double>> noise;
  std::vector<std::vector<float>> first;
  for (int64_t threads : gpu.empty() ? std::vector<int64_t>{1, 2, 3, 7}
                                     : std::vector<int64_t>{1}) {
    Machine machine(program, weights, threads);
    for (auto [i, call] : llvm::enumerate(script.getCalls())) {
      std::vector<float> actual = machine.run(call);
      double error = difference(expected[i], actual, call);
      if (error > tolerance) {
        if (noise.empty())
          noise = measureRounding(source, *module, script.getCalls(), expected);
        error = difference(expected[i], actual, call, noise[i]);
      }
      if (error > tolerance)
        fail("call " + llvm::Twine(i) + " of @" + call.entry + ", " +
             llvm::Twine(threads) + " threads: off by " +
             std::to_string(error) + ", more than " +
             std::to_string(tolerance));
      worst = std::max(worst, error);
      numbers += actual.size();
      if (threads == 1)
        first.push_back(std::move(actual));
      else if (actual != first[i])
        fail("call " + llvm::Twine(i) + " of @" + call.entry +
             " depends on the number of threads");
    }
  }
  if (numbers == 0)
    fail("no call gave a result to compare");
  llvm::outs() << "equal: " << numbers << " numbers, largest difference "
               << llvm::format("%.2e", worst) << "\n";
  return 0;
}
