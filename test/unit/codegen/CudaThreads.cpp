//===- CudaThreads.cpp - Threads of a block as fibers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layouts of lanes are those of the PTX ISA, section "Warp Level Matrix
// Instructions": fragments of mma.m16n8k16, and ldmatrix; and of "Asynchronous
// Warpgroup Level Matrix Instructions": sums of wgmma.m64nNk16, descriptors.
//
//===----------------------------------------------------------------------===//

#include "CudaThreads.h"
#include <bit>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <ucontext.h>

using namespace sinter::test;

namespace {

constexpr int64_t warpThreads = 32;
constexpr int64_t mostShared = 232448; // of a block of sm_90
constexpr int64_t guardBytes = 4096;
constexpr uint8_t guard = 0xA5;

/// A bulk copy's or a thread's own copy into shared memory.
struct Copy {
  char *to;
  const void *from;
  int32_t size, count;
  /// What counts its bytes, if anything.
  void *barrier = nullptr;
  void land() const;
};

struct Thread {
  /// Where it begins, on a stack of its own, and where it goes on: a jump is a
  /// tenth of what `swapcontext` takes, which asks the system for signals.
  ucontext_t context;
  jmp_buf place;
  int64_t number = 0;
  bool isStarted = false, isDone = false;
  /// Copies of the group that has not ended, and of those that have.
  std::vector<Copy> open;
  std::deque<std::vector<Copy>> groups;
};

/// Threads that wait for one another, and what each brought.
struct Meeting {
  std::vector<Thread *> arrived;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  const char *operation = nullptr;
};

/// An `mbarrier`: the phase that goes on, and what it waits for.
struct PhaseBarrier {
  int32_t count = 0, pending = 0, bytes = 0;
  int32_t phase = 0;
  std::vector<std::pair<Thread *, int32_t>> waiting;
};

/// Shared memory that a product of a warpgroup may still be reading.
struct Reading {
  const char *begin;
  int64_t size;
};

/// Products of a warpgroup that have not been waited for.
struct Products {
  std::vector<Reading> open;
  std::deque<std::vector<Reading>> groups;
};

struct Block {
  std::vector<Thread> threads;
  std::vector<Thread *> ready;
  std::map<std::pair<int, int64_t>, Meeting> meetings;
  std::map<void *, PhaseBarrier> barriers;
  std::map<int64_t, Products> products;
  /// Bulk copies on their way.
  std::vector<Copy> copies;
  std::array<int64_t, 3> number;
  jmp_buf scheduler;
  Thread *current = nullptr;
  std::mt19937 random;
  bool isLate = false, isShuffled = false;
  std::string error;
  void (*function)(const uint64_t *);
  const uint64_t *arguments;
};

Block *block = nullptr;

/// At a multiple of 2^18, so that the address bits that operands of `wgmma` are
/// described by are an offset.
constexpr size_t sharedAlignment = 1 << 18;
char *const sharedMemory =
    static_cast<char *>(std::aligned_alloc(sharedAlignment, sharedAlignment));
static_assert(mostShared + guardBytes <= sharedAlignment);

/// The current thread runs on when another makes it ready.
[[gnu::noinline]] void suspend() {
  if (_setjmp(block->current->place) == 0)
    _longjmp(block->scheduler, 1);
}

/// Runs a thread until it waits or ends.
[[gnu::noinline]] void resume(Thread *thread) {
  block->current = thread;
  if (_setjmp(block->scheduler) != 0)
    return;
  if (thread->isStarted)
    _longjmp(thread->place, 1);
  thread->isStarted = true;
  setcontext(&thread->context);
}

void fail(const std::string &message) {
  if (block->error.empty())
    block->error = message;
  // For ever: the scheduler gives the block up.
  suspend();
}

/// The current thread joins a meeting of `count`. The last one calls `act` on
/// it, and all go on.
void meet(int kind, int64_t id, size_t count, const char *operation,
          const void *input, void *output,
          const std::function<void(Meeting &)> &act) {
  Meeting &meeting = block->meetings[{kind, id}];
  if (!meeting.arrived.empty() &&
      std::strcmp(meeting.operation, operation) != 0)
    return fail(std::string("threads part ways: some are at ") + operation +
                ", some at " + meeting.operation);
  meeting.operation = operation;
  meeting.arrived.push_back(block->current);
  meeting.inputs.push_back(input);
  meeting.outputs.push_back(output);
  if (meeting.arrived.size() < count)
    return suspend();
  if (act)
    act(meeting);
  for (Thread *thread : meeting.arrived)
    if (thread != block->current)
      block->ready.push_back(thread);
  meeting = {};
}

constexpr int ofWarp = 0, ofBlock = 1, ofProducts = 2, ofProductWaits = 3;

void meetWarp(const char *operation, const void *input, void *output,
              const std::function<void(Meeting &)> &act) {
  meet(ofWarp, block->current->number / warpThreads, warpThreads, operation,
       input, output, act);
}

/// What each lane brought, in the order of lanes.
template <typename Input, typename Output>
void byLanes(Meeting &meeting, Input *inputs, Output *outputs) {
  for (size_t i = 0; i < meeting.arrived.size(); ++i) {
    int64_t lane = meeting.arrived[i]->number % warpThreads;
    inputs[lane] = static_cast<Input>(const_cast<void *>(meeting.inputs[i]));
    outputs[lane] = static_cast<Output>(meeting.outputs[i]);
  }
}

/// Ends the phase of a barrier if nothing is left to wait for.
void checkPhase(PhaseBarrier &barrier) {
  if (barrier.pending > 0 || barrier.bytes != 0)
    return;
  barrier.pending = barrier.count;
  ++barrier.phase;
  auto waiting = std::move(barrier.waiting);
  barrier.waiting.clear();
  for (auto [thread, parity] : waiting)
    if ((barrier.phase & 1) != parity)
      block->ready.push_back(thread);
    else
      barrier.waiting.push_back({thread, parity});
}

void Copy::land() const {
  for (auto &[warpgroup, products] : block->products) {
    auto check = [&](const std::vector<Reading> &readings) {
      for (const Reading &reading : readings)
        if (to < reading.begin + reading.size && reading.begin < to + size)
          block->error = "a copy lands in what wgmma may still be reading";
    };
    check(products.open);
    for (const auto &group : products.groups)
      check(group);
  }
  std::memcpy(to, from, count);
  std::memset(to + count, 0, size - count);
  if (barrier) {
    block->barriers[barrier].bytes -= size;
    checkPhase(block->barriers[barrier]);
  }
}

void landAll(std::vector<Copy> &copies) {
  for (const Copy &copy : copies)
    copy.land();
  copies.clear();
}

float brainFloat(uint32_t pair, int half) {
  return std::bit_cast<float>(half ? pair & 0xffff0000u : pair << 16);
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

int32_t special(int32_t which) {
  return int32_t(which == 0 ? block->current->number
                            : block->number[which - 1]);
}

void barrier(int32_t id, int32_t threads) {
  meet(ofBlock, id, threads ? threads : block->threads.size(), "a barrier",
       nullptr, nullptr, {});
}

int32_t shuffle(int32_t value, int32_t offset, int32_t isIndex) {
  struct {
    int32_t value, source;
  } input{value, 0};
  int32_t lane = block->current->number % warpThreads;
  input.source = isIndex ? offset & 31 : lane ^ offset;
  int32_t result = 0;
  meetWarp("shfl", &input, &result, [](Meeting &meeting) {
    const int32_t *inputs[warpThreads];
    int32_t *outputs[warpThreads];
    byLanes(meeting, inputs, outputs);
    for (int lane = 0; lane < warpThreads; ++lane)
      *outputs[lane] = inputs[inputs[lane][1]][0];
  });
  return result;
}

void copyAsync(void *to, const void *from, int32_t size, int32_t count) {
  if (reinterpret_cast<uintptr_t>(to) % size ||
      reinterpret_cast<uintptr_t>(from) % size)
    return fail("cp.async of an address that is not aligned");
  block->current->open.push_back({static_cast<char *>(to), from, size, count});
  if (!block->isLate)
    landAll(block->current->open);
}

void endCopies() {
  Thread &thread = *block->current;
  thread.groups.push_back(std::move(thread.open));
  thread.open.clear();
}

void waitForCopies(int32_t groups) {
  Thread &thread = *block->current;
  while (int64_t(thread.groups.size()) > groups) {
    landAll(thread.groups.front());
    thread.groups.pop_front();
  }
}

/// Lane l gives row l % 8 of matrix l / 8; it gets elements 2 (l % 4) and the
/// next one of row l / 4 of each.
void loadMatrices(const void *row, int32_t isTransposed, int32_t *registers) {
  if (reinterpret_cast<uintptr_t>(row) % 16)
    return fail("ldmatrix of an address that is not aligned");
  struct Input {
    const uint16_t *row;
    int32_t isTransposed;
  } input{static_cast<const uint16_t *>(row), isTransposed};
  meetWarp("ldmatrix", &input, registers, [](Meeting &meeting) {
    const Input *inputs[warpThreads];
    uint16_t *outputs[warpThreads];
    byLanes(meeting, inputs, outputs);
    for (int matrix = 0; matrix < 4; ++matrix)
      for (int lane = 0; lane < warpThreads; ++lane)
        for (int i = 0; i < 2; ++i) {
          int row = lane / 4, column = lane % 4 * 2 + i;
          if (inputs[0]->isTransposed)
            std::swap(row, column);
          outputs[lane][matrix * 2 + i] = inputs[matrix * 8 + row]->row[column];
        }
  });
}

/// mma.m16n8k16, row by column, bf16 into f32. `operands` are four registers of
/// A, two of B, and four sums.
void multiply(const uint32_t *operands, float *results) {
  meetWarp("mma", operands, results, [](Meeting &meeting) {
    const uint32_t *inputs[warpThreads];
    float *outputs[warpThreads];
    byLanes(meeting, inputs, outputs);
    float a[16][16], b[16][8];
    for (int lane = 0; lane < warpThreads; ++lane) {
      int group = lane / 4, inGroup = lane % 4;
      for (int i = 0; i < 8; ++i) {
        int row = group + (i / 2 % 2) * 8;
        int column = inGroup * 2 + i % 2 + (i / 4) * 8;
        a[row][column] = brainFloat(inputs[lane][i / 2], i % 2);
      }
      for (int i = 0; i < 4; ++i)
        b[inGroup * 2 + i % 2 + (i / 2) * 8][group] =
            brainFloat(inputs[lane][4 + i / 2], i % 2);
    }
    for (int lane = 0; lane < warpThreads; ++lane)
      for (int i = 0; i < 4; ++i) {
        int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
        double sum = std::bit_cast<float>(inputs[lane][6 + i]);
        for (int k = 0; k < 16; ++k)
          sum += double(a[row][k]) * b[k][column];
        outputs[lane][i] = float(sum);
      }
  });
}

void makeBarrier(void *barrier, int32_t count) {
  block->barriers[barrier] = {count, count, 0, 0, {}};
}

PhaseBarrier *findBarrier(void *address) {
  auto found = block->barriers.find(address);
  if (found == block->barriers.end())
    fail("an mbarrier that nothing has initialized");
  return &found->second;
}

void arrive(void *address, int32_t bytes) {
  PhaseBarrier *barrier = findBarrier(address);
  barrier->bytes += bytes;
  if (--barrier->pending < 0)
    return fail("more arrivals at an mbarrier than it counts");
  checkPhase(*barrier);
}

void waitForPhase(void *address, int32_t parity) {
  PhaseBarrier *barrier = findBarrier(address);
  if ((barrier->phase & 1) != parity)
    return;
  barrier->waiting.push_back({block->current, parity});
  suspend();
}

void copyBulk(void *to, const void *from, int32_t size, void *barrier) {
  if (reinterpret_cast<uintptr_t>(to) % 16 ||
      reinterpret_cast<uintptr_t>(from) % 16 || size % 16)
    return fail("a bulk copy that is not of multiples of 16 bytes");
  Copy copy{static_cast<char *>(to), from, size, size,
            findBarrier(barrier) ? barrier : nullptr};
  if (block->isLate)
    block->copies.push_back(copy);
  else
    copy.land();
}

/// wgmma.m64nNk16, bf16 into f32, operands in shared memory without swizzle.
void multiplyWarpgroup(uint64_t rows, uint64_t columns, int32_t count,
                       float *sums) {
  constexpr int64_t warpgroupThreads = 128;
  struct Input {
    uint64_t rows, columns;
    int32_t count;
  } input{rows, columns, count};
  int64_t warpgroup = block->current->number / warpgroupThreads;
  meet(ofProducts, warpgroup, warpgroupThreads, "wgmma", &input, sums,
       [&](Meeting &meeting) {
         const Input *of = static_cast<const Input *>(meeting.inputs[0]);
         // Element (i, k): matrices of eight rows of sixteen bytes.
         auto operand = [&](uint64_t description, int i, int k) {
           auto bits = [&](int from) {
             return int64_t(description >> from & 0x3fff) << 4;
           };
           const char *at = sharedMemory + bits(0) + k / 8 * bits(16) +
                            i / 8 * bits(32) + i % 8 * 16 + k % 8 * 2;
           uint16_t number;
           std::memcpy(&number, at, 2);
           return std::bit_cast<float>(uint32_t(number) << 16);
         };
         auto reads = [&](uint64_t description, int size) {
           auto bits = [&](int from) {
             return int64_t(description >> from & 0x3fff) << 4;
           };
           for (int k = 0; k < 2; ++k)
             for (int i = 0; i < size; i += 8)
               block->products[warpgroup].open.push_back(
                   {sharedMemory + bits(0) + k * bits(16) + i / 8 * bits(32),
                    128});
         };
         reads(of->rows, 64);
         reads(of->columns, of->count);
         std::vector<float> a(64 * 16), b(of->count * 16);
         for (int i = 0; i < 64; ++i)
           for (int k = 0; k < 16; ++k)
             a[i * 16 + k] = operand(of->rows, i, k);
         for (int i = 0; i < of->count; ++i)
           for (int k = 0; k < 16; ++k)
             b[i * 16 + k] = operand(of->columns, i, k);
         for (size_t t = 0; t < meeting.arrived.size(); ++t) {
           int64_t thread = meeting.arrived[t]->number % warpgroupThreads;
           auto *own = static_cast<float *>(meeting.outputs[t]);
           for (int i = 0; i < of->count / 2; ++i) {
             int64_t row = thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
             int64_t column = i / 4 * 8 + thread % 4 * 2 + i % 2;
             double sum = own[i];
             for (int k = 0; k < 16; ++k)
               sum += double(a[row * 16 + k]) * b[column * 16 + k];
             own[i] = float(sum);
           }
         }
       });
}

void endProducts() {
  // All of a warpgroup say so; one counts.
  if (block->current->number % 128 != 0)
    return;
  Products &products = block->products[block->current->number / 128];
  products.groups.push_back(std::move(products.open));
  products.open.clear();
}

void waitForProducts(int32_t groups) {
  // So that one is not ahead of those whose products it counts.
  int64_t warpgroup = block->current->number / 128;
  meet(ofProductWaits, warpgroup, 128, "wgmma.wait_group", nullptr, nullptr,
       [&](Meeting &) {
         Products &products = block->products[warpgroup];
         while (int64_t(products.groups.size()) > groups)
           products.groups.pop_front();
       });
}

/// What the compiler calls where a machine has no instruction for it.
__bf16 truncateToBrainFloat(float number) {
  uint32_t bits = std::bit_cast<uint32_t>(number);
  if (number != number)
    return std::bit_cast<__bf16>(uint16_t(bits >> 16 | 0x40));
  return std::bit_cast<__bf16>(
      uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16));
}

//===----------------------------------------------------------------------===//
// Scheduling
//===----------------------------------------------------------------------===//

void runThread() {
  block->function(block->arguments);
  block->current->isDone = true;
  suspend();
}

} // namespace

std::string sinter::test::runBlock(void (*function)(const uint64_t *),
                                   const uint64_t *arguments, int64_t threads,
                                   int64_t sharedBytes,
                                   std::array<int64_t, 3> number,
                                   unsigned seed) {
  constexpr size_t stackBytes = 256 << 10;
  if (sharedBytes > mostShared)
    return "a launch gives more shared memory than a block can have";
  std::memset(sharedMemory, 0xff, sharedBytes);
  std::memset(sharedMemory + sharedBytes, guard, guardBytes);

  Block own;
  block = &own;
  own.number = number;
  own.function = function;
  own.arguments = arguments;
  own.random.seed(seed * 7919 + number[0] * 31 + number[1] * 7 + number[2]);
  own.isLate = seed % 2 == 0;
  own.isShuffled = seed % 4 < 2;
  own.threads.resize(threads);
  // Stacks outlive a block: most of a launch would go into making them.
  static std::vector<std::unique_ptr<char[]>> stacks;
  while (int64_t(stacks.size()) < threads)
    stacks.push_back(std::make_unique<char[]>(stackBytes));
  for (int64_t i = 0; i < threads; ++i) {
    Thread &thread = own.threads[i];
    thread.number = i;
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = stacks[i].get();
    thread.context.uc_stack.ss_size = stackBytes;
    thread.context.uc_link = nullptr;
    makecontext(&thread.context, runThread, 0);
    own.ready.push_back(&thread);
  }
  while (own.error.empty()) {
    // A bulk copy lands when it likes; at the latest when all wait.
    if (!own.copies.empty() && (own.ready.empty() || own.random() % 64 == 0)) {
      size_t which = own.random() % own.copies.size();
      Copy copy = own.copies[which];
      own.copies.erase(own.copies.begin() + which);
      copy.land();
      continue;
    }
    if (own.ready.empty())
      break;
    size_t chosen =
        own.isShuffled ? own.random() % own.ready.size() : own.ready.size() - 1;
    std::swap(own.ready[chosen], own.ready.back());
    Thread *next = own.ready.back();
    own.ready.pop_back();
    resume(next);
  }
  block = nullptr;
  if (!own.error.empty())
    return own.error;
  for (const Thread &thread : own.threads)
    if (!thread.isDone)
      return "threads wait for others that do not come";
  for (int64_t i = 0; i < guardBytes; ++i)
    if (uint8_t(sharedMemory[sharedBytes + i]) != guard)
      return "a block writes beyond its shared memory";
  return "";
}

std::vector<std::pair<std::string, void *>> sinter::test::emulatedSymbols() {
  auto address = [](auto *function) {
    return reinterpret_cast<void *>(function);
  };
  return {{"sinter_shared", sharedMemory},
          {"emulate_special", address(special)},
          {"emulate_barrier", address(barrier)},
          {"emulate_shuffle", address(shuffle)},
          {"emulate_copy", address(copyAsync)},
          {"emulate_end_copies", address(endCopies)},
          {"emulate_wait_for_copies", address(waitForCopies)},
          {"emulate_load_matrices", address(loadMatrices)},
          {"emulate_multiply", address(multiply)},
          {"emulate_make_barrier", address(makeBarrier)},
          {"emulate_arrive", address(arrive)},
          {"emulate_wait_for_phase", address(waitForPhase)},
          {"emulate_copy_bulk", address(copyBulk)},
          {"emulate_multiply_warpgroup", address(multiplyWarpgroup)},
          {"emulate_end_products", address(endProducts)},
          {"emulate_wait_for_products", address(waitForProducts)},
          {"__truncsfbf2", address(truncateToBrainFloat)}};
}
