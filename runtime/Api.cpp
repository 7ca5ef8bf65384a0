//===- Api.cpp - The C interface ------------------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/ChatTemplate.h"
#include "runtime/Failure.h"
#include "runtime/FillMask.h"
#include "runtime/Generate.h"
#include "runtime/Model.h"
#include "runtime/Profile.h"
#include "runtime/PromptCache.h"
#include "runtime/Sampler.h"
#include "runtime/Sequences.h"
#include "runtime/Session.h"
#include "runtime/grammar/Constraint.h"
#include "runtime/sound/LogMel.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace sinter::runtime;

namespace {

void require(bool condition, const char *what) {
  if (!condition)
    fail(SINTER_ERROR_ARGUMENT, "%s", what);
}

/// A copy that the user gives back with free().
template <typename T> T *copyOut(const T *data, size_t count) {
  // One element more than needed: malloc(0) may give null.
  T *copy = static_cast<T *>(std::malloc((count + 1) * sizeof(T)));
  if (!copy)
    throw std::bad_alloc();
  if (count > 0)
    std::memcpy(copy, data, count * sizeof(T));
  return copy;
}

void giveTokens(const std::vector<int32_t> &tokens, sinter_tokens *out) {
  int32_t *copy = copyOut(tokens.data(), tokens.size());
  sinter_tokens_free(out);
  out->data = copy;
  out->count = static_cast<int64_t>(tokens.size());
}

std::span<const int32_t> view(const int32_t *tokens, int64_t count) {
  require(count >= 0 && (count == 0 || tokens), "the tokens are missing");
  return {tokens, static_cast<size_t>(count)};
}

std::span<const int32_t> viewSegments(const int32_t *segment, int64_t count) {
  return segment ? view(segment, count) : std::span<const int32_t>();
}

} // namespace

extern "C" {

const char *sinter_version(void) { return SINTER_VERSION; }

sinter_status sinter_model_open(const sinter_program *program,
                                const char *weights_path,
                                sinter_model **model) {
  return guarded([&] {
    require(program && model, "the program or the place for the model is null");
    *model = nullptr;
    *model = new sinter_model(*program, weights_path);
  });
}

void sinter_model_close(sinter_model *model) { delete model; }

sinter_status sinter_model_verify(const sinter_model *model) {
  return guarded([&] {
    require(model, "the model is null");
    model->weights.verify(model->program);
  });
}

void sinter_model_describe(const sinter_model *model,
                           sinter_model_description *description) {
  const sinter_program &program = model->program;
  *description = {};
  description->name = program.name;
  description->architecture = program.architecture;
  description->cpu = model->variant.cpu;
  description->cpus = model->cpus.c_str();
  description->features = model->variant.features;
  description->info = program.info;
  description->info_bytes = static_cast<size_t>(program.info_bytes);
  description->head = static_cast<sinter_model_head>(program.head);
  description->causal = model->forward.causal != 0;
  description->has_tokenizer = model->hasTokenizer();
  description->finds_most_probable = model->forward.gives_largest != 0;
  description->context = program.context;
  description->source_context = program.source_context;
  description->vocabulary = program.vocabulary;
  description->source_vocabulary = program.source_vocabulary;
  description->source_width = program.source_width;
  description->source_frames = program.source_frames;
  description->hears = program.sound == SINTER_SOUND_LOG_MEL;
  description->prompt_count = program.special.prompt_count;
  description->prompt = program.special.prompt;
  description->language_count = program.special.language_count;
  description->language = program.special.language;
  description->output_width = model->forward.output_width;
  description->parameters = static_cast<int64_t>(program.parameters);
  description->weights_bytes = program.weights_bytes;
  description->bos = program.special.bos;
  description->pad = program.special.pad;
  description->mask = program.special.mask;
  description->decoder_start = program.special.decoder_start;
  description->eos_count = program.special.eos_count;
  description->eos = program.special.eos;
  description->segments = program.segments;
  description->problem = static_cast<sinter_model_problem>(program.problem);
  description->label_count = program.label_count;
  description->labels = program.labels;
  description->has_chat_template = program.chat_template_bytes > 0;
}

void sinter_tokens_free(sinter_tokens *tokens) {
  std::free(tokens->data);
  *tokens = {};
}

sinter_status sinter_tokenize(const sinter_model *model, const char *text,
                              size_t bytes, uint32_t flags,
                              sinter_tokens *tokens) {
  return guarded([&] {
    require(model && tokens && (text || bytes == 0),
            "the model, the text or the place for its tokens is null");
    const Tokenizer &tokenizer =
        model->tokenizer((flags & SINTER_TOKENIZE_SOURCE) != 0);
    Encoding encoding;
    std::string error;
    if (!tokenizer.encode({text, bytes}, (flags & SINTER_TOKENIZE_SPECIAL) != 0,
                          encoding, error))
      fail(SINTER_ERROR_ARGUMENT, "%s", error.c_str());
    giveTokens(encoding.ids, tokens);
  });
}

sinter_status sinter_tokenize_pair(const sinter_model *model, const char *first,
                                   size_t first_bytes, const char *second,
                                   size_t second_bytes, uint32_t flags,
                                   sinter_tokens *tokens,
                                   sinter_tokens *segments) {
  return guarded([&] {
    require(model && tokens && (first || first_bytes == 0) &&
                (second || second_bytes == 0),
            "the model, a text or the place for tokens is null");
    const Tokenizer &tokenizer =
        model->tokenizer((flags & SINTER_TOKENIZE_SOURCE) != 0);
    Encoding encoding;
    std::string error;
    if (!tokenizer.encodePair({first, first_bytes}, {second, second_bytes},
                              (flags & SINTER_TOKENIZE_SPECIAL) != 0, encoding,
                              error))
      fail(SINTER_ERROR_ARGUMENT, "%s", error.c_str());
    if (segments)
      giveTokens(encoding.segments, segments);
    giveTokens(encoding.ids, tokens);
  });
}

sinter_status sinter_detokenize(const sinter_model *model,
                                const int32_t *tokens, int64_t count,
                                int skip_special, char **text, size_t *bytes) {
  return guarded([&] {
    require(model && text && bytes, "the model or the place for text is null");
    std::string decoded, error;
    if (!model->tokenizer(false).decode(view(tokens, count), skip_special != 0,
                                        decoded, error))
      fail(SINTER_ERROR_ARGUMENT, "%s", error.c_str());
    *text = copyOut(decoded.c_str(), decoded.size() + 1);
    *bytes = decoded.size();
  });
}

sinter_status sinter_chat_text(const sinter_model *model, const char *messages,
                               const char *tools, int begin, char **text,
                               size_t *bytes) {
  return guarded([&] {
    require(model && messages && text && bytes,
            "the model, the messages or the place for text is null");
    chat::Value parts[2];
    const char *given[2] = {messages, tools};
    for (int i = 0; i < 2; ++i)
      try {
        if (given[i])
          parts[i] = chat::parseJson(given[i]);
      } catch (const chat::TemplateError &error) {
        fail(SINTER_ERROR_ARGUMENT, "%s: %s", i == 0 ? "messages" : "tools",
             error.what());
      }
    const std::string result =
        ChatTemplate(*model).render(parts[0], parts[1], begin != 0);
    *text = copyOut(result.c_str(), result.size() + 1);
    *bytes = result.size();
  });
}

sinter_status sinter_session_create(const sinter_model *model,
                                    const sinter_session_options *options,
                                    sinter_session **session) {
  return guarded([&] {
    require(model && session, "the model or the place for a session is null");
    *session = nullptr;
    const int64_t sequences = options ? options->sequences : 0;
    *session = new sinter_session(*model, sequences == 0 ? 1 : sequences,
                                  options ? options->threads : 0,
                                  options ? options->profile : nullptr);
  });
}

void sinter_session_destroy(sinter_session *session) { delete session; }

int64_t sinter_session_threads(const sinter_session *session) {
  return session->threads();
}

int64_t sinter_session_sequences(const sinter_session *session) {
  return session->sequences();
}

int64_t sinter_session_bytes(const sinter_session *session) {
  return session->bytes();
}

sinter_status sinter_feed(sinter_session *session, const sinter_batch *batch,
                          float *output) {
  return guarded([&] {
    require(session && batch, "the session or the batch is null");
    session->feed(*batch, output);
  });
}

sinter_status sinter_feed_most_probable(sinter_session *session,
                                        const sinter_batch *batch,
                                        int32_t *tokens, float *logits) {
  return guarded([&] {
    require(session && batch, "the session or the batch is null");
    require(batch->rows <= 0 || tokens, "there is no place for the tokens");
    const sinter_entry &entry = session->model.forward;
    const size_t rows = static_cast<size_t>(std::max<int64_t>(0, batch->rows));
    std::vector<float> own(logits ? 0 : rows);
    float *largest = logits ? logits : own.data();
    if (entry.gives_largest) {
      session->feedMostProbable(*batch, tokens, largest);
    } else {
      const size_t width = static_cast<size_t>(entry.output_width);
      std::vector<float> output(rows * width);
      session->feed(*batch, output.data());
      for (size_t row = 0; row < rows; ++row) {
        const float *begin = output.data() + row * width;
        tokens[row] = mostProbable({begin, width});
        largest[row] = begin[tokens[row]];
      }
    }
    for (size_t row = 0; row < rows; ++row)
      checkNumber(largest[row], static_cast<size_t>(tokens[row]));
  });
}

sinter_status sinter_encode(sinter_session *session, int64_t sequence,
                            const int32_t *tokens, int64_t count) {
  return guarded([&] {
    require(session, "the session is null");
    session->encode(sequence, view(tokens, count));
  });
}

sinter_status sinter_encode_features(sinter_session *session, int64_t sequence,
                                     const float *features, int64_t rows) {
  return guarded([&] {
    require(session, "the session is null");
    require(rows >= 0 && (rows == 0 || features), "the features are missing");
    const int64_t width = session->model.program.source_width;
    session->encodeFeatures(
        sequence,
        {features, static_cast<size_t>(rows) * static_cast<size_t>(width)});
  });
}

sinter_status sinter_log_mel(const sinter_model *model, const float *samples,
                             int64_t count, float **features, int64_t *rows) {
  return guarded([&] {
    require(model && features && rows,
            "the model or a place for the result is null");
    require(count >= 0 && (count == 0 || samples), "the samples are missing");
    const std::vector<float> found =
        logMelOf(model->program, {samples, static_cast<size_t>(count)});
    *features = copyOut(found.data(), found.size());
    *rows = static_cast<int64_t>(found.size()) / model->program.source_width;
  });
}

int64_t sinter_sequence_length(const sinter_session *session,
                               int64_t sequence) {
  if (sequence < 0 || sequence >= session->sequences())
    return -1;
  return session->length(sequence);
}

sinter_status sinter_sequence_truncate(sinter_session *session,
                                       int64_t sequence, int64_t length) {
  return guarded([&] {
    require(session, "the session is null");
    session->truncate(sequence, length);
  });
}

sinter_status sinter_sequences_select(sinter_session *session,
                                      const int32_t *from, int64_t count) {
  return guarded([&] {
    require(session, "the session is null");
    session->select(view(from, count));
  });
}

sinter_status sinter_prompt_save(sinter_session *session, const int32_t *tokens,
                                 int64_t count, const char *path) {
  return guarded([&] {
    require(session && path, "the session or the path is null");
    savePrompt(*session, view(tokens, count), path);
  });
}

sinter_status sinter_prompt_load(sinter_session *session, const char *path,
                                 sinter_tokens *tokens) {
  return guarded([&] {
    require(session && path && tokens,
            "the session, the path or the place for tokens is null");
    giveTokens(loadPrompt(*session, path), tokens);
  });
}

sinter_status sinter_constraint_create(const sinter_model *model,
                                       sinter_constraint_kind kind,
                                       const char *text, size_t bytes,
                                       const char *name,
                                       sinter_constraint **constraint) {
  return guarded([&] {
    require(model && text && name && constraint,
            "the model, the text or the place for a constraint is null");
    *constraint = nullptr;
    const std::string_view given(text, bytes);
    try {
      grammar::Grammar rules;
      if (kind == SINTER_CONSTRAINT_GBNF)
        rules = grammar::parseGbnf(given);
      else if (kind == SINTER_CONSTRAINT_JSON_SCHEMA)
        rules = grammar::parseJsonSchema(given);
      else
        rules.rules.push_back({"root", grammar::parseRegex(given), 0});
      *constraint = new sinter_constraint(*model, rules);
    } catch (const grammar::GrammarError &error) {
      fail(SINTER_ERROR_ARGUMENT, "%s",
           grammar::explain(given, error, name).c_str());
    }
  });
}

void sinter_constraint_destroy(sinter_constraint *constraint) {
  delete constraint;
}

void sinter_generate_defaults(sinter_generate_options *options) {
  *options = {};
  options->top_p = 1;
  options->repetition_penalty = 1;
  options->typical_p = 1;
  options->beams = 1;
  options->length_penalty = 1;
}

sinter_status sinter_generate(sinter_session *session, const int32_t *prompt,
                              int64_t count,
                              const sinter_generate_options *options,
                              sinter_tokens *tokens,
                              sinter_stop_reason *reason) {
  return guarded([&] {
    require(session && tokens, "the session or the place for tokens is null");
    sinter_generate_options defaults;
    sinter_generate_defaults(&defaults);
    Generated generated =
        generate(*session, view(prompt, count), options ? *options : defaults);
    giveTokens(generated.tokens, tokens);
    if (reason)
      *reason = generated.reason;
  });
}

sinter_status sinter_generate_several(sinter_session *session,
                                      const int32_t *prompt, int64_t count,
                                      const sinter_generate_options *options,
                                      int64_t samples, sinter_tokens *tokens,
                                      sinter_stop_reason *reasons) {
  return guarded([&] {
    require(session && tokens, "the session or the place for tokens is null");
    sinter_generate_options defaults;
    sinter_generate_defaults(&defaults);
    std::vector<Generated> generated = generateSeveral(
        *session, view(prompt, count), options ? *options : defaults, samples);
    for (size_t i = 0; i < generated.size(); ++i) {
      giveTokens(generated[i].tokens, &tokens[i]);
      if (reasons)
        reasons[i] = generated[i].reason;
    }
  });
}

sinter_status sinter_fill_mask(sinter_session *session, const int32_t *tokens,
                               const int32_t *segment, int64_t count,
                               int64_t top_k, int64_t *masks,
                               int64_t **positions,
                               sinter_candidate **candidates) {
  return guarded([&] {
    require(session && masks && positions && candidates,
            "the session or a place for the results is null");
    std::span<const int32_t> ids = view(tokens, count);
    Filled filled = fillMask(
        *session, ids,
        segment ? view(segment, count) : std::span<const int32_t>(), top_k);
    auto release = [](void *pointer) { std::free(pointer); };
    std::unique_ptr<int64_t, decltype(release)> places(
        copyOut(filled.positions.data(), filled.positions.size()), release);
    *candidates = copyOut(filled.candidates.data(), filled.candidates.size());
    *positions = places.release();
    *masks = static_cast<int64_t>(filled.positions.size());
  });
}

sinter_status sinter_classify(sinter_session *session, const int32_t *tokens,
                              const int32_t *segment, int64_t count,
                              double *scores) {
  return guarded([&] {
    require(session && scores, "the session or the place for scores is null");
    const sinter_program &program = session->model.program;
    const bool ofTokens = program.head == SINTER_HEAD_TOKEN_CLASSIFICATION;
    if (!ofTokens && program.head != SINTER_HEAD_SEQUENCE_CLASSIFICATION)
      fail(SINTER_ERROR_UNSUPPORTED, "model '%s' classifies nothing",
           program.name);
    const std::span<const int32_t> ids = view(tokens, count);
    const std::span<const int32_t> segments = viewSegments(segment, count);
    const std::vector<float> rows =
        ofTokens ? rowsOfTokens(*session, ids, segments)
                 : rowOfSequence(*session, ids, segments);
    const size_t width =
        static_cast<size_t>(session->model.forward.output_width);
    for (size_t at = 0; at < rows.size(); at += width)
      toScores(program, {rows.data() + at, width}, {scores + at, width});
  });
}

sinter_status sinter_embed(sinter_session *session, const int32_t *tokens,
                           const int32_t *segment, int64_t count,
                           float *vector) {
  return guarded([&] {
    require(session && vector, "the session or the place for a vector is null");
    if (session->model.program.head != SINTER_HEAD_EMBEDDING)
      fail(SINTER_ERROR_UNSUPPORTED, "model '%s' embeds nothing",
           session->model.program.name);
    const std::vector<float> row = rowOfSequence(*session, view(tokens, count),
                                                 viewSegments(segment, count));
    std::copy(row.begin(), row.end(), vector);
  });
}

sinter_status sinter_answer(sinter_session *session, const int32_t *tokens,
                            const int32_t *segment, int64_t count,
                            int64_t first, int64_t last, int64_t longest,
                            int64_t top_k, sinter_span *spans, int64_t *found) {
  return guarded([&] {
    require(session && spans && found,
            "the session or a place for the results is null");
    const std::vector<sinter_span> answers =
        findAnswers(*session, view(tokens, count), viewSegments(segment, count),
                    first, last, longest, top_k);
    std::copy(answers.begin(), answers.end(), spans);
    *found = static_cast<int64_t>(answers.size());
  });
}

sinter_status sinter_profile_create(const sinter_model *model,
                                    sinter_profile **profile) {
  return guarded([&] {
    require(model && profile, "the model or the place for a profile is null");
    *profile = nullptr;
    *profile = new sinter_profile(model->program);
  });
}

void sinter_profile_destroy(sinter_profile *profile) { delete profile; }

sinter_status sinter_profile_kernels(const sinter_profile *profile,
                                     sinter_kernel_profile **kernels,
                                     int64_t *count) {
  return guarded([&] {
    require(profile && kernels && count,
            "the profile or the place for its kernels is null");
    const std::vector<sinter_kernel_profile> found = profile->kernels();
    *kernels = copyOut(found.data(), found.size());
    *count = static_cast<int64_t>(found.size());
  });
}

} // extern "C"
