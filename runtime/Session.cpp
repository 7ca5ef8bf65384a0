//===- Session.cpp - Sequences that are being read or written -------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Session.h"

#include "runtime/Cores.h"
#include "runtime/Failure.h"

#include <algorithm>
#include <cmath>

using namespace sinter::runtime;

namespace {

// More would only be a mistake: a session's caches grow with it.
constexpr int64_t maximumSequences = 1 << 20;

int64_t checkedThreads(int64_t threads) {
  if (threads < 0 || threads > ThreadPool::maximumThreads)
    fail(SINTER_ERROR_ARGUMENT, "%lld threads asked for, expected 1 to %lld",
         static_cast<long long>(threads),
         static_cast<long long>(ThreadPool::maximumThreads));
  return threads > 0 ? threads
                     : std::min(usableCores(), ThreadPool::maximumThreads);
}

int64_t checkedSequences(int64_t sequences) {
  if (sequences < 1 || sequences > maximumSequences)
    fail(SINTER_ERROR_ARGUMENT,
         "room for %lld sequences asked for, expected 1 to %lld",
         static_cast<long long>(sequences),
         static_cast<long long>(maximumSequences));
  return sequences;
}

} // namespace

sinter_session::sinter_session(const sinter_model &model, int64_t sequences,
                               int64_t threads, sinter_profile *profile)
    : model(model), profile(profile), device(model.device()),
      pool(device ? 1 : checkedThreads(threads)),
      caches(model.program, checkedSequences(sequences), device),
      states(static_cast<size_t>(sequences)),
      sources(static_cast<size_t>(sequences), Source{0, 0}),
      additions(static_cast<size_t>(sequences)),
      selected(static_cast<size_t>(sequences)),
      claimed(static_cast<size_t>(sequences)) {
  if (device && profile)
    fail(SINTER_ERROR_UNSUPPORTED, "profiles of programs that run on a device "
                                   "are not built yet");
  const char *what = "the scratch memory of a call";
  int64_t longest = 0, outputs = 0;
  for (int64_t index = 0; index < model.program.entry_count; ++index) {
    const sinter_entry &entry = model.program.entries[index];
    int64_t shared = roundToLine(entry.arena_bytes, what);
    int64_t own = checkedProduct(roundToLine(entry.thread_arena_bytes, what),
                                 pool.threads(), what);
    arenas.emplace_back(device, checkedSum(shared, own, what), what);
    outputs = std::max(outputs, checkedProduct(entry.maximum_rows,
                                               entry.output_width * 4, what));
    longest = std::max({longest, entry.maximum_tokens,
                        entry.output_width > 0 ? entry.maximum_rows : 0});
  }
  line = roundToLine(checkedProduct(longest, 4, what), what);
  staging = Memory(checkedProduct(line, SINTER_INPUT_COUNT, what), what);
  for (int input = 0; input < SINTER_INPUT_COUNT; ++input)
    inputs[input] = reinterpret_cast<int32_t *>(staging.data() + input * line);
  inputs[SINTER_INPUT_FEATURES] = nullptr;
  if (device) {
    exchange.emplace_back(
        device, checkedProduct(line, SINTER_INPUT_COUNT + 2, what), what);
    results.emplace_back(device, outputs, "the rows that a call gives");
  }
  for (int64_t sequence = 0; sequence < sequences; ++sequence)
    states[sequence] = State{sequence, 0};
}

int64_t sinter_session::bytes() const {
  int64_t total = caches.bytes() + staging.bytes();
  for (const auto *list : {&arenas, &exchange, &results})
    for (const StepMemory &memory : *list)
      total += memory.bytes();
  return total;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

void sinter_session::checkSequence(int64_t sequence) const {
  if (sequence < 0 || sequence >= sequences())
    fail(SINTER_ERROR_ARGUMENT,
         "sequence %lld does not exist: the session has room for %lld",
         static_cast<long long>(sequence), static_cast<long long>(sequences()));
}

void sinter_session::checkTokens(std::span<const int32_t> ids,
                                 int64_t vocabulary) const {
  for (size_t index = 0; index < ids.size(); ++index)
    if (ids[index] < 0 || ids[index] >= vocabulary)
      fail(SINTER_ERROR_ARGUMENT,
           "token %d at place %zu is not in the vocabulary: ids are 0 to %lld",
           ids[index], index, static_cast<long long>(vocabulary - 1));
}

void sinter_session::checkBatch(const sinter_batch &batch) {
  if (batch.tokens < 0 || batch.rows < 0 ||
      (batch.tokens > 0 && !batch.token) || (batch.rows > 0 && !batch.row))
    fail(SINTER_ERROR_ARGUMENT,
         "a batch of %lld tokens and %lld rows with an "
         "array that is missing",
         static_cast<long long>(batch.tokens),
         static_cast<long long>(batch.rows));
  checkTokens({batch.token, static_cast<size_t>(batch.tokens)},
              model.program.vocabulary);
  for (int64_t row = 0; row < batch.rows; ++row)
    if (batch.row[row] < 0 || batch.row[row] >= batch.tokens ||
        (row > 0 && batch.row[row] <= batch.row[row - 1]))
      fail(SINTER_ERROR_ARGUMENT,
           "row %lld asks for token %d; rows must increase and be below %lld",
           static_cast<long long>(row), batch.row[row],
           static_cast<long long>(batch.tokens));
  std::fill(additions.begin(), additions.end(), 0);
  const int64_t segments = std::max<int64_t>(1, model.program.segments);
  for (int64_t token = 0; token < batch.tokens; ++token) {
    checkSequence(sequenceOf(batch, token));
    ++additions[sequenceOf(batch, token)];
    if (batch.segment &&
        (batch.segment[token] < 0 || batch.segment[token] >= segments))
      fail(SINTER_ERROR_ARGUMENT,
           "segment %d of token %lld is out of range: segments are 0 to %lld",
           batch.segment[token], static_cast<long long>(token),
           static_cast<long long>(segments - 1));
  }
  for (int64_t sequence = 0; sequence < sequences(); ++sequence) {
    const int64_t held = model.forward.causal ? states[sequence].length : 0;
    const int64_t context = model.program.context;
    if (additions[sequence] > context - held)
      fail(SINTER_ERROR_CONTEXT_FULL,
           "the context of '%s' is %lld tokens: sequence %lld holds %lld, and "
           "%lld more do not fit",
           model.program.name, static_cast<long long>(context),
           static_cast<long long>(sequence), static_cast<long long>(held),
           static_cast<long long>(additions[sequence]));
  }
}

void sinter_session::checkCausal(const sinter_batch &batch) {
  if (!model.encode)
    return;
  for (int64_t sequence = 0; sequence < sequences(); ++sequence)
    if (additions[sequence] > 0 && sources[states[sequence].slot].identity == 0)
      fail(SINTER_ERROR_ARGUMENT,
           "sequence %lld has no source: encode one before its target",
           static_cast<long long>(sequence));
}

void sinter_session::checkWhole(const sinter_batch &batch) {
  for (int64_t token = 0; token < batch.tokens;) {
    const int64_t sequence = sequenceOf(batch, token);
    int64_t end = token;
    while (end < batch.tokens && sequenceOf(batch, end) == sequence)
      ++end;
    if (end - token != additions[sequence])
      fail(SINTER_ERROR_ARGUMENT,
           "the tokens of sequence %lld stand apart: '%s' reads whole "
           "sequences, so those of one must stand together",
           static_cast<long long>(sequence), model.program.name);
    if (end - token > model.forward.maximum_tokens)
      fail(SINTER_ERROR_CONTEXT_FULL,
           "sequence %lld has %lld tokens, and '%s' was compiled for at most "
           "%lld in a call",
           static_cast<long long>(sequence),
           static_cast<long long>(end - token), model.program.name,
           static_cast<long long>(model.forward.maximum_tokens));
    token = end;
  }
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

void sinter_session::stage(int32_t token, int64_t position, int64_t slot,
                           int64_t extent, int64_t sourceExtent,
                           int32_t segment) {
  inputs[SINTER_INPUT_TOKEN][tokens] = token;
  inputs[SINTER_INPUT_POSITION][tokens] = static_cast<int32_t>(position);
  inputs[SINTER_INPUT_SEQUENCE][tokens] = static_cast<int32_t>(slot);
  inputs[SINTER_INPUT_EXTENT][tokens] = static_cast<int32_t>(extent);
  inputs[SINTER_INPUT_SOURCE_EXTENT][tokens] =
      static_cast<int32_t>(sourceExtent);
  inputs[SINTER_INPUT_SEGMENT][tokens] = segment;
  past = std::max(past, extent);
  sourcePast = std::max(sourcePast, sourceExtent);
  ++tokens;
}

void sinter_session::stageRow(int64_t token) {
  inputs[SINTER_INPUT_ROW][rows++] = static_cast<int32_t>(token);
}

unsigned char *sinter_session::arenaOf(const sinter_entry &entry) const {
  return arenas[static_cast<size_t>(&entry - model.program.entries)].data();
}

void sinter_session::launch(const sinter_entry &entry, const Outputs &outputs) {
  sinter_step_context context = {};
  context.dimension[SINTER_DIMENSION_TOKENS] = tokens;
  context.dimension[SINTER_DIMENSION_ROWS] = rows;
  context.dimension[SINTER_DIMENSION_PAST] = past;
  context.dimension[SINTER_DIMENSION_SOURCE_PAST] = sourcePast;
  for (int input = 0; input < SINTER_INPUT_COUNT; ++input)
    if (entry.inputs >> input & 1)
      context.input[input] = inputs[input];
  context.output = outputs.rows;
  context.largest_index = outputs.index;
  context.largest = outputs.largest;
  context.weights = model.stepWeights();
  context.arena = arenaOf(entry);
  context.caches = caches.pointers();
  context.sequences = sequences();
  context.profile = profile;
  if (device)
    runOnDevice(entry, context);
  else
    pool.run(model.stepOf(entry), context, &entry - model.program.entries);
  tokens = rows = past = sourcePast = 0;
}

/// Inputs go up, and what is wanted of the rows comes down.
void sinter_session::runOnDevice(const sinter_entry &entry,
                                 sinter_step_context &context) {
  const sinter_step_context wanted = context;
  unsigned char *start = exchange.front().data();
  auto place = [&](int number) { return start + number * line; };
  for (int input = 0; input < SINTER_INPUT_COUNT; ++input)
    if (context.input[input]) {
      const int64_t count = input == SINTER_INPUT_ROW ? rows : tokens;
      device->upload(addressOf(place(input)), inputs[input], size_t(count) * 4);
      context.input[input] = reinterpret_cast<const int32_t *>(place(input));
    }
  // Logits have room there, wanted or not: the largest are found among them.
  context.output = reinterpret_cast<float *>(results.front().data());
  if (wanted.largest_index) {
    context.largest_index =
        reinterpret_cast<int32_t *>(place(SINTER_INPUT_COUNT));
    context.largest = reinterpret_cast<float *>(place(SINTER_INPUT_COUNT + 1));
  }
  context.device = device;
  pool.run(model.stepOf(entry), context, &entry - model.program.entries);
  device->finish();
  auto fetch = [&](void *to, const void *from, int64_t width) {
    if (to)
      device->download(to, addressOf(from), size_t(rows * width) * 4);
  };
  fetch(wanted.output, context.output, entry.output_width);
  fetch(wanted.largest_index, context.largest_index, 1);
  fetch(wanted.largest, context.largest, 1);
}

void sinter_session::feed(const sinter_batch &batch, const Outputs &outputs) {
  checkBatch(batch);
  if (batch.rows > 0 && !outputs)
    fail(SINTER_ERROR_ARGUMENT, "rows asked for, and no output to write to");
  if (model.forward.causal) {
    checkCausal(batch);
    feedCausal(batch, outputs);
  } else {
    checkWhole(batch);
    feedWhole(batch, outputs);
  }
}

void sinter_session::feedCausal(const sinter_batch &batch,
                                const Outputs &outputs) {
  const sinter_entry &entry = model.forward;
  int64_t row = 0;
  for (int64_t token = 0; token < batch.tokens;) {
    const int64_t firstRow = row;
    for (; token < batch.tokens && tokens < entry.maximum_tokens; ++token) {
      const bool wanted = row < batch.rows && batch.row[row] == token;
      if (wanted && rows == entry.maximum_rows)
        break;
      State &state = states[sequenceOf(batch, token)];
      if (wanted) {
        stageRow(tokens);
        ++row;
      }
      stage(batch.token[token], state.length, state.slot, state.length + 1,
            sources[state.slot].length,
            batch.segment ? batch.segment[token] : 0);
      ++state.length;
    }
    launch(entry, outputs.from(firstRow, entry.output_width));
  }
}

void sinter_session::feedWhole(const sinter_batch &batch,
                               const Outputs &outputs) {
  const sinter_entry &entry = model.forward;
  int64_t row = 0;
  for (int64_t first = 0; first < batch.tokens;) {
    // As many whole sequences as one call takes.
    int64_t end = first;
    while (end < batch.tokens) {
      const int64_t length = additions[sequenceOf(batch, end)];
      if (end + length - first > entry.maximum_tokens)
        break;
      end += length;
    }
    // Nothing is kept for a later call, so rows beyond those that a call gives
    // take another one.
    while (row < batch.rows && batch.row[row] < end) {
      for (int64_t token = first; token < end;) {
        const int64_t sequence = sequenceOf(batch, token);
        const int64_t length = additions[sequence];
        for (int64_t position = 0; position < length; ++position, ++token)
          stage(batch.token[token], position, states[sequence].slot, length, 0,
                batch.segment ? batch.segment[token] : 0);
      }
      const int64_t firstRow = row;
      for (; row < batch.rows && batch.row[row] < end &&
             rows < entry.maximum_rows;
           ++row)
        stageRow(batch.row[row] - first);
      launch(entry, outputs.from(firstRow, entry.output_width));
    }
    first = end;
  }
}

std::vector<float> sinter_session::evaluate(std::span<const int32_t> tokens,
                                            std::span<const int32_t> segments,
                                            std::span<const int32_t> rows) {
  std::vector<float> output(rows.size() *
                            static_cast<size_t>(model.forward.output_width));
  sinter_batch batch = {};
  batch.tokens = static_cast<int64_t>(tokens.size());
  batch.token = tokens.data();
  batch.segment = segments.empty() ? nullptr : segments.data();
  batch.rows = static_cast<int64_t>(rows.size());
  batch.row = rows.data();
  truncate(0, 0);
  feed(batch, output.data());
  return output;
}

/// Throws unless the sequence can get a source of so many rows.
void sinter_session::checkSource(int64_t sequence, int64_t count,
                                 const char *what) const {
  const sinter_program &program = model.program;
  checkSequence(sequence);
  const int64_t most =
      std::min(program.source_context, model.encode->maximum_tokens);
  if (count < 1)
    fail(SINTER_ERROR_ARGUMENT, "the source of sequence %lld is empty",
         static_cast<long long>(sequence));
  if (count > most)
    fail(SINTER_ERROR_CONTEXT_FULL,
         "the source has %lld %s, and '%s' takes at most %lld",
         static_cast<long long>(count), what, program.name,
         static_cast<long long>(most));
}

void sinter_session::launchEncoder(int64_t sequence, int64_t count,
                                   const int32_t *ids) {
  const sinter_entry &entry = *model.encode;
  State &state = states[sequence];
  for (int64_t position = 0; position < count; ++position)
    stage(ids ? ids[position] : 0, position, state.slot,
          entry.causal ? position + 1 : count, count, 0);
  launch(entry, {});
  state.length = 0;
  sources[state.slot] = Source{++encoded, count};
}

void sinter_session::encode(int64_t sequence, std::span<const int32_t> ids) {
  const sinter_program &program = model.program;
  if (!model.encode)
    fail(SINTER_ERROR_UNSUPPORTED, "model '%s' has no encoder", program.name);
  if (program.source_width > 0)
    fail(SINTER_ERROR_UNSUPPORTED,
         "the source of '%s' is rows of %lld numbers, not tokens", program.name,
         static_cast<long long>(program.source_width));
  const int64_t count = static_cast<int64_t>(ids.size());
  checkSource(sequence, count, "tokens");
  checkTokens(ids, program.source_vocabulary);
  launchEncoder(sequence, count, ids.data());
}

void sinter_session::encodeFeatures(int64_t sequence,
                                    std::span<const float> features) {
  const sinter_program &program = model.program;
  if (!model.encode || program.source_width == 0)
    fail(SINTER_ERROR_UNSUPPORTED, "model '%s' takes no source of numbers: %s",
         program.name,
         model.encode ? "its source is tokens" : "it has no encoder");
  if (device)
    fail(SINTER_ERROR_UNSUPPORTED,
         "sources of numbers are not built for devices yet: compile '%s' for "
         "the CPU",
         program.name);
  const auto width = static_cast<size_t>(program.source_width);
  if (features.size() % width != 0)
    fail(SINTER_ERROR_ARGUMENT,
         "%zu numbers are no whole rows of the source of '%s', which have %zu",
         features.size(), program.name, width);
  const int64_t count = static_cast<int64_t>(features.size() / width);
  checkSource(sequence, count, "rows");
  for (size_t index = 0; index < features.size(); ++index)
    if (!std::isfinite(features[index]))
      fail(SINTER_ERROR_ARGUMENT,
           "number %zu of row %zu of the source is not finite", index % width,
           index / width);
  inputs[SINTER_INPUT_FEATURES] =
      const_cast<int32_t *>(reinterpret_cast<const int32_t *>(features.data()));
  launchEncoder(sequence, count, nullptr);
  inputs[SINTER_INPUT_FEATURES] = nullptr;
}

//===----------------------------------------------------------------------===//
// Sequences
//===----------------------------------------------------------------------===//

void sinter_session::truncate(int64_t sequence, int64_t length) {
  checkSequence(sequence);
  if (length < 0 || length > states[sequence].length)
    fail(SINTER_ERROR_ARGUMENT,
         "sequence %lld holds %lld tokens and cannot be cut to %lld",
         static_cast<long long>(sequence),
         static_cast<long long>(states[sequence].length),
         static_cast<long long>(length));
  states[sequence].length = length;
}

void sinter_session::select(std::span<const int32_t> from) {
  if (static_cast<int64_t>(from.size()) > sequences())
    fail(SINTER_ERROR_ARGUMENT,
         "%zu sequences selected, and the session has room for %lld",
         from.size(), static_cast<long long>(sequences()));
  for (int32_t sequence : from)
    checkSequence(sequence);
  std::fill(claimed.begin(), claimed.end(), 0);
  for (size_t sequence = 0; sequence < from.size(); ++sequence)
    claimed[states[from[sequence]].slot] = 1;

  // The first that continues a sequence takes over its slot; the others copy it
  // into slots that nobody continues.
  std::fill(additions.begin(), additions.end(), 0);
  for (size_t sequence = 0; sequence < from.size(); ++sequence) {
    const State &parent = states[from[sequence]];
    selected[sequence] = parent;
    if (additions[from[sequence]]++ == 0)
      continue;
    const uint64_t identity = sources[parent.slot].identity;
    int64_t room = -1;
    for (int64_t slot = 0; slot < sequences(); ++slot)
      if (!claimed[slot] && (room < 0 || sources[slot].identity == identity)) {
        room = slot;
        if (sources[slot].identity == identity)
          break;
      }
    claimed[room] = 1;
    caches.copyTarget(parent.slot, room, parent.length);
    // Beams of one source hold the same: most often there is nothing to do.
    if (identity != 0 && sources[room].identity != identity)
      caches.copySource(parent.slot, room, sources[parent.slot].length);
    sources[room] = sources[parent.slot];
    selected[sequence].slot = room;
  }
  // The rest gets what is left, empty.
  int64_t slot = 0;
  for (size_t sequence = from.size(); sequence < states.size(); ++sequence) {
    while (claimed[slot])
      ++slot;
    sources[slot] = Source{0, 0};
    selected[sequence] = State{slot++, 0};
  }
  std::copy(selected.begin(), selected.end(), states.begin());
}
