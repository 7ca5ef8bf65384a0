//===- FakeModel.cpp - A compiled model written by hand -------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeModel.h"

#include <chrono>
#include <cstring>
#include <thread>

using namespace sinter::runtime::testing;

namespace {

FakeModel *active = nullptr;

constexpr int64_t layers = 2;
constexpr int64_t scratchBytes = 24; // a thread's, not a multiple of 64

uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t hash = (a ^ (b + 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ hash >> 29) * 0x94d049bb133111ebu;
  return hash ^ hash >> 32;
}

/// What a token leaves in a layer's cache.
uint64_t key(int64_t layer, int32_t token, int64_t position, int32_t segment) {
  return mix(mix(layer + 1, token + 1), mix(position + 1, segment + 1));
}

float logit(uint64_t state, int64_t token) {
  return static_cast<float>(mix(state, token) >> 40) / (1 << 22) - 2.0f;
}

uint64_t load(const sinter_step_context &context, int cache, int64_t positions,
              int64_t layer, int64_t slot, int64_t position) {
  uint64_t value;
  std::memcpy(&value,
              context.caches[cache] +
                  ((layer * context.sequences + slot) * positions + position) *
                      8,
              8);
  return value;
}

void store(const sinter_step_context &context, int cache, int64_t positions,
           int64_t layer, int64_t slot, int64_t position, uint64_t value) {
  std::memcpy(context.caches[cache] +
                  ((layer * context.sequences + slot) * positions + position) *
                      8,
              &value, 8);
}

void expect(bool condition) {
  if (!condition)
    ++active->violations;
}

void checkCall(const sinter_step_context &context, const sinter_entry &entry) {
  const int64_t tokens = context.dimension[SINTER_DIMENSION_TOKENS];
  const int64_t rows = context.dimension[SINTER_DIMENSION_ROWS];
  expect(tokens >= 1 && tokens <= entry.maximum_tokens);
  expect(rows >= 0 && rows <= entry.maximum_rows);
  int64_t past = 0, sourcePast = 0;
  for (int64_t n = 0; n < tokens; ++n) {
    const int32_t position = context.input[SINTER_INPUT_POSITION][n];
    const int32_t extent = context.input[SINTER_INPUT_EXTENT][n];
    const int32_t slot = context.input[SINTER_INPUT_SEQUENCE][n];
    expect(slot >= 0 && slot < context.sequences);
    expect(position >= 0 && position < extent);
    past = std::max<int64_t>(past, extent);
    sourcePast = std::max<int64_t>(
        sourcePast, context.input[SINTER_INPUT_SOURCE_EXTENT][n]);
  }
  expect(past == context.dimension[SINTER_DIMENSION_PAST]);
  expect(sourcePast == context.dimension[SINTER_DIMENSION_SOURCE_PAST]);
  expect(reinterpret_cast<uintptr_t>(context.arena) % 64 == 0);
  for (int64_t row = 0; row < rows; ++row)
    expect(context.input[SINTER_INPUT_ROW][row] >= 0 &&
           context.input[SINTER_INPUT_ROW][row] < tokens);
}

/// Scratch is zero at first, and each thread's own: it counts the calls there.
void checkScratch(const sinter_step_context &context, const sinter_entry &entry,
                  int64_t thread) {
  int64_t line = (entry.arena_bytes + 63) / 64 * 64;
  int64_t own = (entry.thread_arena_bytes + 63) / 64 * 64;
  auto *scratch =
      reinterpret_cast<int64_t *>(context.arena + line + thread * own);
  expect(scratch[1] == (scratch[0] == 0 ? 0 : thread + 1));
  ++scratch[0];
  scratch[1] = thread + 1;
}

void forward(const sinter_step_context *call, int64_t thread) {
  const sinter_step_context &context = *call;
  const sinter_entry &entry = active->program.entries[0];
  const int64_t tokens = context.dimension[SINTER_DIMENSION_TOKENS];
  const int64_t positions = active->caches[0].positions;
  if (thread == 0) {
    ++active->calls;
    checkCall(context, entry);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(active->options.milliseconds));
  }
  checkScratch(context, entry, thread);
  if (context.profile)
    sinter_profile_kernel(call, thread, 0);
  const int32_t *segment = context.input[SINTER_INPUT_SEGMENT];
  for (int64_t n = thread; n < tokens; n += context.threads)
    for (int64_t layer = 0; layer < layers; ++layer)
      store(context, 0, positions, layer,
            context.input[SINTER_INPUT_SEQUENCE][n],
            context.input[SINTER_INPUT_POSITION][n],
            key(layer, context.input[SINTER_INPUT_TOKEN][n],
                context.input[SINTER_INPUT_POSITION][n],
                segment ? segment[n] : 0));
  sinter_barrier_wait(call, thread);
  if (context.profile)
    sinter_profile_kernel(call, thread, 1);
  for (int64_t r = 0; r < context.dimension[SINTER_DIMENSION_ROWS]; ++r) {
    const int32_t n = context.input[SINTER_INPUT_ROW][r];
    const int32_t slot = context.input[SINTER_INPUT_SEQUENCE][n];
    uint64_t state = context.input[SINTER_INPUT_POSITION][n];
    for (int64_t layer = 0; layer < layers; ++layer)
      for (int64_t p = 0; p < context.input[SINTER_INPUT_EXTENT][n]; ++p)
        state = mix(state, load(context, 0, positions, layer, slot, p));
    if (active->program.head == SINTER_HEAD_ENCODER_DECODER)
      for (int64_t p = 0; p < context.input[SINTER_INPUT_SOURCE_EXTENT][n]; ++p)
        state = mix(state,
                    load(context, 1, active->caches[1].positions, 0, slot, p));
    if (context.output)
      for (int64_t v = thread; v < entry.output_width; v += context.threads)
        context.output[r * entry.output_width + v] = logit(state, v);
    expect(context.output || entry.gives_largest);
    if (!context.largest_index || thread > 0)
      continue;
    ++active->largestFound;
    context.largest_index[r] = 0;
    for (int64_t v = 0; v < entry.output_width; ++v)
      if (v == 0 || logit(state, v) > context.largest[r]) {
        context.largest_index[r] = static_cast<int32_t>(v);
        context.largest[r] = logit(state, v);
      }
  }
  sinter_barrier_wait(call, thread);
}

void encode(const sinter_step_context *call, int64_t thread) {
  const sinter_step_context &context = *call;
  const int64_t tokens = context.dimension[SINTER_DIMENSION_TOKENS];
  const int64_t positions = active->caches[1].positions;
  if (thread == 0)
    checkCall(context, active->program.entries[1]);
  checkScratch(context, active->program.entries[1], thread);
  uint64_t whole = 0;
  for (int64_t n = 0; n < tokens; ++n) {
    expect(context.input[SINTER_INPUT_EXTENT][n] == tokens);
    whole = mix(whole, context.input[SINTER_INPUT_TOKEN][n]);
  }
  for (int64_t n = thread; n < tokens; n += context.threads)
    store(context, 1, positions, 0, context.input[SINTER_INPUT_SEQUENCE][n],
          context.input[SINTER_INPUT_POSITION][n], mix(whole, n));
}

} // namespace

FakeModel::FakeModel(FakeOptions given) : options(std::move(given)) {
  active = this;
  const bool pair = options.head == SINTER_HEAD_ENCODER_DECODER;
  const bool causal = pair || options.head == SINTER_HEAD_NEXT_TOKEN;

  entries[0].name = "forward";
  entries[0].inputs = (1u << SINTER_INPUT_COUNT) - 1;
  if (options.segments == 0)
    entries[0].inputs &= ~(1u << SINTER_INPUT_SEGMENT);
  entries[0].causal = causal;
  entries[0].maximum_tokens = options.maximumTokens;
  entries[0].maximum_rows = options.maximumRows;
  entries[0].arena_bytes = 100;
  entries[0].thread_arena_bytes = scratchBytes;
  entries[0].output_width =
      options.head == SINTER_HEAD_HIDDEN ? 5 : options.vocabulary;
  entries[0].gives_largest = options.givesLargest;
  kernels[0].name = "append";
  kernels[1].name = "hash";
  for (sinter_kernel &kernel : kernels)
    kernel.type = "f32";
  kernels[0].bytes[SINTER_QUANTITY_TOKENS] = 8 * layers;
  kernels[1].window = 4;
  kernels[1].operations[SINTER_QUANTITY_PAIRS] = 1;
  entries[0].kernel_count = 2;
  entries[0].kernels = kernels;
  entries[1] = entries[0];
  entries[1].name = "encode";
  entries[1].causal = 0;
  entries[1].output_width = 0;
  entries[1].kernel_count = 0;
  entries[1].maximum_tokens = options.sourceContext;

  steps[0] = forward;
  steps[1] = encode;
  caches[0] = {"keys", layers, options.context, 8, 0, causal};
  caches[1] = {"source keys", 1, options.sourceContext, 8, 1, 1};

  program.abi_version = SINTER_ABI_VERSION;
  program.head = options.head;
  program.name = "fake";
  program.architecture = "hash";
  variant = {"any", options.features.c_str(), steps, nullptr};
  program.variant_count = 1;
  program.variants = &variant;
  program.entry_count = pair ? 2 : 1;
  program.entries = entries;
  program.cache_count = pair ? 2 : 1;
  program.caches = caches;
  program.context = options.context;
  program.source_context = pair ? options.sourceContext : 0;
  program.vocabulary = options.vocabulary;
  program.source_vocabulary = pair ? options.vocabulary : 0;
  program.segments = options.segments;
  program.parameters = 1234567;
  program.special.bos = options.bos;
  program.special.pad = -1;
  program.special.mask = options.mask;
  program.special.decoder_start = pair ? options.decoderStart : -1;
  program.special.forced_bos = options.forcedBos;
  program.special.forced_eos = options.forcedEos;
  program.special.eos_count = static_cast<int32_t>(options.eos.size());
  program.special.eos = options.eos.data();
  program.tokenizer = options.tokenizer.data();
  program.tokenizer_bytes = static_cast<int64_t>(options.tokenizer.size());
  static const char info[] = "{\"precision\": \"f32\"}";
  program.info = info;
  program.info_bytes = sizeof(info) - 1;
}

FakeModel::~FakeModel() { active = nullptr; }

std::vector<float>
FakeModel::expectedNext(const std::vector<int32_t> &tokens,
                        const std::vector<int32_t> &source) const {
  uint64_t state = tokens.size() - 1;
  for (int64_t layer = 0; layer < layers; ++layer)
    for (size_t p = 0; p < tokens.size(); ++p)
      state = mix(state, key(layer, tokens[p], static_cast<int64_t>(p), 0));
  uint64_t whole = 0;
  for (int32_t token : source)
    whole = mix(whole, token);
  for (size_t p = 0; p < source.size(); ++p)
    state = mix(state, mix(whole, p));
  std::vector<float> logits;
  for (int64_t v = 0; v < options.vocabulary; ++v)
    logits.push_back(logit(state, v));
  return logits;
}

std::vector<float>
FakeModel::expectedWhole(const std::vector<int32_t> &tokens, size_t row,
                         const std::vector<int32_t> &segments) const {
  uint64_t state = row;
  for (int64_t layer = 0; layer < layers; ++layer)
    for (size_t p = 0; p < tokens.size(); ++p)
      state = mix(state, key(layer, tokens[p], static_cast<int64_t>(p),
                             segments.empty() ? 0 : segments[p]));
  std::vector<float> logits;
  for (int64_t v = 0; v < entries[0].output_width; ++v)
    logits.push_back(logit(state, v));
  return logits;
}
