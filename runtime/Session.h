//===- Session.h - Sequences that are being read or written --- -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_SESSION_H
#define SINTER_RUNTIME_SESSION_H

#include "runtime/Caches.h"
#include "runtime/Memory.h"
#include "runtime/Model.h"
#include "runtime/ThreadPool.h"

#include <span>
#include <vector>

/// Holds all memory of its sequences, and cuts what it is fed into calls that
/// the program's entries take. Nothing is allocated after construction.
///
/// A sequence is what users name; a slot is its room in the caches. The two are
/// apart so that a beam search can hand a sequence's past to another without
/// copying it.
struct sinter_session {
  /// Where a call's results go, one row behind the other; null: not wanted.
  struct Outputs {
    float *rows = nullptr;
    /// Of programs that give it: where the largest of each row stands, and it.
    int32_t *index = nullptr;
    float *largest = nullptr;

    explicit operator bool() const { return rows || index; }
    /// From row `first` on, of rows of `width` elements.
    Outputs from(int64_t first, int64_t width) const {
      return {rows ? rows + first * width : nullptr,
              index ? index + first : nullptr,
              largest ? largest + first : nullptr};
    }
  };

  /// `threads` 0: one for each core that this process may use.
  /// `profile` may be null: see sinter_session_options.
  sinter_session(const sinter_model &model, int64_t sequences, int64_t threads,
                 sinter_profile *profile = nullptr);

  /// See sinter_feed. Throws before anything has run.
  void feed(const sinter_batch &batch, float *output) {
    feed(batch, Outputs{output, nullptr, nullptr});
  }
  /// See sinter_feed_most_probable; for programs that give the largest.
  void feedMostProbable(const sinter_batch &batch, int32_t *tokens,
                        float *logits) {
    feed(batch, Outputs{nullptr, tokens, logits});
  }

  /// A whole sequence by itself, in place of what the session held: the output
  /// of these rows. `segments` may be empty.
  std::vector<float> evaluate(std::span<const int32_t> tokens,
                              std::span<const int32_t> segments,
                              std::span<const int32_t> rows);

  /// See sinter_encode and sinter_encode_features.
  void encode(int64_t sequence, std::span<const int32_t> tokens);
  void encodeFeatures(int64_t sequence, std::span<const float> features);

  int64_t length(int64_t sequence) const { return states.at(sequence).length; }
  void truncate(int64_t sequence, int64_t length);

  /// Sequence i becomes what sequence from[i] was; those behind are emptied.
  void select(std::span<const int32_t> from);

  /// The rows of a sequence's caches, for who writes or fills them; adopt()
  /// then says how many positions are filled.
  void eachRow(int64_t sequence, int64_t length,
               const std::function<void(unsigned char *, size_t)> &use) {
    caches.each(states.at(size_t(sequence)).slot, length, use);
  }
  void adopt(int64_t sequence, int64_t length) {
    states.at(size_t(sequence)).length = length;
  }

  int64_t sequences() const { return static_cast<int64_t>(states.size()); }
  int64_t threads() const { return pool.threads(); }
  int64_t bytes() const;

  const sinter_model &model;

private:
  struct State {
    int64_t slot;
    int64_t length; ///< positions that it holds
  };

  /// Which source a slot's caches hold.
  struct Source {
    uint64_t identity; ///< 0: none
    int64_t length;
  };

  void checkSequence(int64_t sequence) const;
  void checkTokens(std::span<const int32_t> tokens, int64_t vocabulary) const;
  void checkBatch(const sinter_batch &batch);
  void checkCausal(const sinter_batch &batch);
  void checkWhole(const sinter_batch &batch);
  void feed(const sinter_batch &batch, const Outputs &outputs);
  void feedCausal(const sinter_batch &batch, const Outputs &outputs);
  void feedWhole(const sinter_batch &batch, const Outputs &outputs);
  int64_t sequenceOf(const sinter_batch &batch, int64_t token) const {
    return batch.sequence ? batch.sequence[token] : 0;
  }

  void stage(int32_t token, int64_t position, int64_t slot, int64_t extent,
             int64_t sourceExtent, int32_t segment);
  void stageRow(int64_t token);
  void checkSource(int64_t sequence, int64_t count, const char *what) const;
  void launchEncoder(int64_t sequence, int64_t count, const int32_t *ids);
  void launch(const sinter_entry &entry, const Outputs &outputs);
  void runOnDevice(const sinter_entry &entry, sinter_step_context &context);
  unsigned char *arenaOf(const sinter_entry &entry) const;

  sinter_profile *const profile;
  sinter::runtime::Device *const device; ///< null: the CPU computes
  sinter::runtime::ThreadPool pool;
  sinter::runtime::Caches caches;
  std::vector<sinter::runtime::StepMemory> arenas; ///< one an entry
  sinter::runtime::Memory staging;
  /// Of a device: the inputs, as they are staged, and behind them where the
  /// largest of each row stand, and these; and the rows of the output.
  std::vector<sinter::runtime::StepMemory> exchange, results;
  int64_t line = 0; ///< Bytes that an input has room for.
  /// Null where it is not staged: features are read where the caller has them.
  int32_t *inputs[SINTER_INPUT_COUNT];
  std::vector<State> states;      ///< by sequence
  std::vector<Source> sources;    ///< by slot
  std::vector<int64_t> additions; ///< by sequence: tokens in the batch
  std::vector<State> selected;    ///< scratch of select()
  std::vector<char> claimed;      ///< scratch of select(), by slot
  uint64_t encoded = 0;           ///< sources seen, each gets a number

  // The call that is being staged.
  int64_t tokens = 0, rows = 0, past = 0, sourcePast = 0;
};

#endif // SINTER_RUNTIME_SESSION_H
