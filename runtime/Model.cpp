//===- Model.cpp - A compiled model, opened -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Model.h"

#include "runtime/CpuFeatures.h"
#include "runtime/Failure.h"

#include <algorithm>
#include <cstring>
#include <limits>
#if !defined(__wasi__)
#include <mutex>
#endif

using namespace sinter::runtime;

namespace {

/// The compiler wrote what does not make sense: its defect, said as such.
[[noreturn]] void inconsistent(const sinter_program &program,
                               const std::string &what) {
  fail(SINTER_ERROR_INTERNAL, "the compiled model '%s' is inconsistent: %s",
       program.name, what.c_str());
}

void checkEntry(const sinter_program &program, int64_t index) {
  const sinter_entry &entry = program.entries[index];
  const std::string name = std::string("entry '") + entry.name + "' ";
  for (int64_t i = 0; i < program.variant_count; ++i)
    if (!program.variants[i].steps[index])
      inconsistent(program, name + "has no code");
  if (entry.inputs >> SINTER_INPUT_COUNT)
    inconsistent(program, name + "takes inputs that this runtime lacks");
  if (entry.maximum_tokens < 1 ||
      entry.maximum_tokens > std::numeric_limits<int32_t>::max())
    inconsistent(program, name + "takes no tokens");
  if (entry.output_width < 0 ||
      (entry.output_width > 0 && entry.maximum_rows < 1))
    inconsistent(program, name + "gives no rows");
  if (entry.arena_bytes < 0 || entry.thread_arena_bytes < 0)
    inconsistent(program, name + "has an arena of negative size");
}

void checkProgram(const sinter_program &program) {
  if (program.abi_version != SINTER_ABI_VERSION)
    fail(SINTER_ERROR_INTERNAL,
         "the compiled model is of ABI version %u, and this runtime of %d",
         program.abi_version, SINTER_ABI_VERSION);
  if (program.head > SINTER_HEAD_EMBEDDING)
    inconsistent(program, "its head is unknown");
  if (program.entry_count < 1 || !program.entries ||
      std::strcmp(program.entries[0].name, "forward") != 0)
    inconsistent(program, "its first entry is not 'forward'");
  if (program.variant_count < 1 || !program.variants)
    inconsistent(program, "it has code for no CPU");
  for (int64_t index = 0; index < program.entry_count; ++index)
    checkEntry(program, index);
  for (int64_t index = 0; index < program.cache_count; ++index) {
    const sinter_cache &cache = program.caches[index];
    if (cache.layers < 1 || cache.positions < 1 || cache.row_bytes < 1)
      inconsistent(program, std::string("cache '") + cache.name + "' is empty");
    const int64_t needed =
        cache.of_source ? program.source_context : program.context;
    if (cache.persistent && cache.positions < needed)
      inconsistent(program, std::string("cache '") + cache.name +
                                "' has room for " +
                                std::to_string(cache.positions) +
                                " positions of " + std::to_string(needed));
  }
  if (program.context < 1 ||
      program.context > std::numeric_limits<int32_t>::max() ||
      program.vocabulary < 1 ||
      program.vocabulary > std::numeric_limits<int32_t>::max())
    inconsistent(program, "it has no context or no vocabulary");
  const sinter_entry &forward = program.entries[0];
  if (forward.output_width < 1)
    inconsistent(program, "'forward' has no output");
  if ((program.head == SINTER_HEAD_NEXT_TOKEN ||
       program.head == SINTER_HEAD_MASKED_TOKEN ||
       program.head == SINTER_HEAD_ENCODER_DECODER) &&
      forward.output_width != program.vocabulary)
    inconsistent(program, "'forward' does not give logits of its vocabulary");
  const bool classifies = program.head == SINTER_HEAD_SEQUENCE_CLASSIFICATION ||
                          program.head == SINTER_HEAD_TOKEN_CLASSIFICATION;
  if (classifies &&
      (program.label_count != forward.output_width || !program.labels))
    inconsistent(program, "'forward' does not give a number for each label");
  if (program.head == SINTER_HEAD_QUESTION_ANSWERING &&
      forward.output_width != 2)
    inconsistent(program, "'forward' does not give two numbers for each token");
  if (program.weights_bytes < 0)
    inconsistent(program, "it has weights of negative size");
  const sinter_special_tokens &special = program.special;
  for (int32_t token :
       {special.bos, special.pad, special.mask, special.decoder_start,
        special.forced_bos, special.forced_eos})
    if (token < -1 || token >= program.vocabulary)
      inconsistent(program, "a special token is outside its vocabulary");
  if (special.eos_count < 0 || (special.eos_count > 0 && !special.eos))
    inconsistent(program, "its end tokens are missing");
  for (auto [ids, count] :
       {std::pair{special.prompt, special.prompt_count},
        {special.language, special.language_count},
        {special.suppress, special.suppress_count},
        {special.begin_suppress, special.begin_suppress_count}}) {
    if (count < 0 || (count > 0 && !ids))
      inconsistent(program, "a list of its special tokens is missing");
    for (int32_t id = 0; id < count; ++id)
      if (ids[id] < -1 || ids[id] >= program.vocabulary)
        inconsistent(program, "a special token is outside its vocabulary");
  }
  if (program.source_width < 0 || program.source_frames < 0 ||
      (program.source_width > 0 &&
       (program.source_frames < 1 ||
        program.source_width % program.source_frames != 0 ||
        program.head != SINTER_HEAD_ENCODER_DECODER)))
    inconsistent(program,
                 "its source has rows of " +
                     std::to_string(program.source_width) + " numbers in " +
                     std::to_string(program.source_frames) + " frames");
  if ((program.head == SINTER_HEAD_NEXT_TOKEN ||
       program.head == SINTER_HEAD_ENCODER_DECODER) &&
      !forward.causal)
    inconsistent(program, "it generates, and 'forward' is not causal");
  if (program.head == SINTER_HEAD_ENCODER_DECODER &&
      (program.source_context < 1 || program.source_vocabulary < 1 ||
       special.decoder_start < 0))
    inconsistent(program, "its source or decoder start is missing");
}

const sinter_entry *findEncode(const sinter_program &program) {
  if (program.head != SINTER_HEAD_ENCODER_DECODER)
    return nullptr;
  for (int64_t index = 0; index < program.entry_count; ++index)
    if (std::strcmp(program.entries[index].name, "encode") == 0)
      return &program.entries[index];
  inconsistent(program, "it has no entry 'encode'");
}

const sinter_program &checked(const sinter_program &program) {
  checkProgram(program);
  return program;
}

std::string cpusOf(const sinter_program &program) {
  std::string names;
  for (int64_t i = 0; i < program.variant_count; ++i)
    names += (i ? "," : "") + std::string(program.variants[i].cpu);
  return names;
}

std::unique_ptr<Tokenizer> openTokenizer(const sinter_program &program,
                                         const unsigned char *bytes,
                                         int64_t size) {
  if (size == 0)
    return nullptr;
  if (size < 0 || !bytes)
    inconsistent(program, "a tokenizer is missing");
  std::string error;
  auto tokenizer = Tokenizer::create(bytes, static_cast<size_t>(size), error);
  if (!tokenizer)
    inconsistent(program, error);
  return tokenizer;
}

} // namespace

sinter_model::sinter_model(const sinter_program &unchecked,
                           const char *weightsPath)
    : program(checked(unchecked)),
      variant(variantForDevice(program, chooseVariant(program))),
      cpus(cpusOf(program)), forward(program.entries[0]),
      encode(findEncode(program)), weights(program, weightsPath),
      target(
          openTokenizer(program, program.tokenizer, program.tokenizer_bytes)),
      ofSource(openTokenizer(program, program.source_tokenizer,
                             program.source_tokenizer_bytes)) {}

const Tokenizer &sinter_model::tokenizer(bool source) const {
  const auto &chosen = source && ofSource ? ofSource : target;
  if (!chosen)
    fail(SINTER_ERROR_UNSUPPORTED,
         "model '%s' has no tokenizer: it takes and gives token ids only",
         program.name);
  return *chosen;
}

bool sinter_model::endsSequence(int32_t token) const {
  const sinter_special_tokens &special = program.special;
  return std::find(special.eos, special.eos + special.eos_count, token) !=
         special.eos + special.eos_count;
}

#if defined(__wasi__)

Device *sinter_model::device() const { return nullptr; }

#else

Device *sinter_model::device() const {
  if (!variant.device)
    return nullptr;
  // Of all models: a device is opened once, and who waits would wait for it.
  static std::mutex lock;
  const std::lock_guard guard(lock);
  if (!opened)
    openDevice();
  return opened.get();
}

#endif

void sinter_model::openDevice() const {
  std::unique_ptr<Device> device = sinter::runtime::openDevice(*variant.device);
  const int64_t total = program.weights_bytes;
  auto memory =
      std::make_unique<StepMemory>(device.get(), total, "the weights");
  // Pieces, so that a terminal can show how far it is.
  constexpr int64_t piece = int64_t(32) << 20;
  for (int64_t done = 0; done < total; done += piece) {
    device->upload(addressOf(memory->data() + done), weights.data() + done,
                   static_cast<size_t>(std::min(piece, total - done)));
    if (onUpload)
      onUpload(std::min(done + piece, total), total);
  }
  opened = std::move(device);
  uploaded = std::move(memory);
}

const unsigned char *sinter_model::stepWeights() const {
  return device() ? uploaded->data() : weights.data();
}
