//===- sinter.h - Running a compiled model ----------------------*- C -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The public C interface of a model that Sinter compiled. A program links the
// model (an object, a static or a shared library that `sinter compile` wrote)
// and calls:
//
//     sinter_model *model;
//     sinter_session *session;
//     if (sinter_model_open(&sinter_compiled_model, NULL, &model) ||
//         sinter_session_create(model, NULL, &session))
//       errx(1, "%s", sinter_last_error());
//     sinter_tokens prompt = {0}, tokens = {0};
//     sinter_tokenize(model, "Once", 4, SINTER_TOKENIZE_SPECIAL, &prompt);
//     sinter_generate(session, prompt.data, prompt.count, NULL, &tokens, NULL);
//
// Every function that can fail returns a sinter_status; sinter_last_error()
// then says in one line what was wrong, where, and what was expected. Nothing
// else of a failed call has an effect, unless its comment says otherwise.
// Handles are opaque; a model may be used by many threads at once, a session by
// one at a time.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_H
#define SINTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SINTER_API __attribute__((visibility("default")))

typedef enum sinter_status {
  SINTER_OK = 0,
  /* a size, token, sequence or option is out of range */
  SINTER_ERROR_ARGUMENT = 1,
  /* the weights are missing, truncated, or another model's */
  SINTER_ERROR_FILE = 2,
  /* this machine lacks an instruction set that the model was compiled for */
  SINTER_ERROR_CPU = 3,
  /* there is not enough memory */
  SINTER_ERROR_MEMORY = 4,
  /* a sequence would grow beyond its context */
  SINTER_ERROR_CONTEXT_FULL = 5,
  /* this model cannot do that (no tokenizer, no encoder, ...) */
  SINTER_ERROR_UNSUPPORTED = 6,
  /* a defect of the runtime; please report it */
  SINTER_ERROR_INTERNAL = 7
} sinter_status;

/* The message of the last call of this thread that failed; never NULL, valid
 * until the next one. */
SINTER_API const char *sinter_last_error(void);

/* Version of the runtime, "major.minor.patch". */
SINTER_API const char *sinter_version(void);

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/* What the compiler generated; its contents are private (runtime/Program.h). */
typedef struct sinter_program sinter_program;
extern const sinter_program sinter_compiled_model;

typedef struct sinter_model sinter_model;

/* Checks the CPU and maps the weights. They are looked for, in this order: in
   `weights_path` if it is not NULL; at the end of the file (executable or
   shared library) that holds `program`; in the file beside it that has
   ".weights" behind its name. */
SINTER_API sinter_status sinter_model_open(const sinter_program *program,
                                           const char *weights_path,
                                           sinter_model **model);

/* The model's sessions must be gone. NULL is allowed. */
SINTER_API void sinter_model_close(sinter_model *model);

/* Reads all weights and compares their hash; opening compares sizes and the
   recorded hash only, for reading gigabytes would make every start slow. */
SINTER_API sinter_status sinter_model_verify(const sinter_model *model);

typedef enum sinter_model_head {
  /* logits of the next token (GPT, Llama) */
  SINTER_MODEL_NEXT_TOKEN = 0,
  /* logits of the token at each position (BERT) */
  SINTER_MODEL_MASKED_TOKEN = 1,
  /* logits of the next target token, given a source (BART) */
  SINTER_MODEL_ENCODER_DECODER = 2,
  /* the last hidden state of each position */
  SINTER_MODEL_HIDDEN = 3,
  /* a number for each class, of a whole sequence (its first or last token) */
  SINTER_MODEL_SEQUENCE_CLASSIFICATION = 4,
  /* a number for each class, of each token */
  SINTER_MODEL_TOKEN_CLASSIFICATION = 5,
  /* of each token: whether the answer begins with it, ends with it */
  SINTER_MODEL_QUESTION_ANSWERING = 6,
  /* a vector for a whole sequence (its first or last token) */
  SINTER_MODEL_EMBEDDING = 7
} sinter_model_head;

/* What the numbers of classes become. */
typedef enum sinter_model_problem {
  SINTER_MODEL_ONE_LABEL = 0,   /* probabilities that add up to 1 */
  SINTER_MODEL_MANY_LABELS = 1, /* a probability for each class */
  SINTER_MODEL_REGRESSION = 2   /* the numbers themselves */
} sinter_model_problem;

typedef struct sinter_model_description {
  const char *name;
  const char *architecture;
  const char *cpu;      /* whose code runs, as LLVM names it */
  const char *cpus;     /* all that there is code for, comma-separated */
  const char *features; /* instruction sets it needs, comma-separated */
  /* JSON text of `info_bytes` bytes, written by the compiler */
  const char *info;
  size_t info_bytes;
  sinter_model_head head;
  int causal; /* 1: a sequence may be fed in parts */
  int has_tokenizer;
  int64_t context;        /* most tokens of a sequence */
  int64_t source_context; /* most tokens of a source; 0 without encoder */
  int64_t vocabulary;     /* token ids are below this */
  int64_t source_vocabulary;
  /* numbers in a row of output: the vocabulary, or the hidden width */
  int64_t output_width;
  int64_t parameters;
  int64_t weights_bytes;
  int32_t bos, pad, mask, decoder_start; /* special tokens; -1: none */
  int32_t eos_count;
  const int32_t *eos;
  /* 1: the most probable token is found without writing logits */
  int finds_most_probable;
  int64_t segments; /* segment ids are below this; 0: it takes none */
  /* classes of a model that classifies, by their number */
  sinter_model_problem problem;
  int64_t label_count;
  const char *const *labels;
  int has_chat_template;
  /* numbers in a row of the source, of models whose source is no tokens; 0: it
     is tokens, or there is none */
  int64_t source_width;
  /* a row of the source has the numbers of so many frames, one behind the
     other */
  int64_t source_frames;
  int hears; /* 1: such rows are made of sound by sinter_log_mel */
  /* what targets always have behind decoder_start; -1: the language that is
     heard */
  int32_t prompt_count;
  const int32_t *prompt;
  /* tokens that stand for languages */
  int32_t language_count;
  const int32_t *language;
} sinter_model_description;

/* The pointers stay valid until the model is closed. */
SINTER_API void sinter_model_describe(const sinter_model *model,
                                      sinter_model_description *description);

//===----------------------------------------------------------------------===//
// Text and tokens
//===----------------------------------------------------------------------===//

/* Filled by the library, given back with sinter_tokens_free. Start from {0}. */
typedef struct sinter_tokens {
  int32_t *data;
  int64_t count;
} sinter_tokens;

SINTER_API void sinter_tokens_free(sinter_tokens *tokens);

enum sinter_tokenize_flags {
  /* add what the model wants around a text (BOS, [CLS] ... [SEP]) */
  SINTER_TOKENIZE_SPECIAL = 1,
  /* use the source's tokenizer, where an encoder-decoder has two */
  SINTER_TOKENIZE_SOURCE = 2
};

SINTER_API sinter_status sinter_tokenize(const sinter_model *model,
                                         const char *text, size_t bytes,
                                         uint32_t flags, sinter_tokens *tokens);

/* Tokens of two texts that the model reads as one, a question and its context
   say, and their segments (as many; `segments` may be NULL). */
SINTER_API sinter_status sinter_tokenize_pair(
    const sinter_model *model, const char *first, size_t first_bytes,
    const char *second, size_t second_bytes, uint32_t flags,
    sinter_tokens *tokens, sinter_tokens *segments);

/* `*text` is UTF-8 with a zero behind it (`*bytes` does not count it): give it
   back with free(). Special tokens are left out when `skip_special` is not 0.
 */
SINTER_API sinter_status sinter_detokenize(const sinter_model *model,
                                           const int32_t *tokens, int64_t count,
                                           int skip_special, char **text,
                                           size_t *bytes);

/* The text of a conversation as the model's chat template writes it; give it
   back with free(). `messages` is JSON, a list of {"role": "user", "content":
   "..."}; `tools` a list of tools in JSON, or NULL. `begin` not 0: with what
   begins the next answer. Its tokens are those of sinter_tokenize without
   SINTER_TOKENIZE_SPECIAL: the template has written them all. */
SINTER_API sinter_status sinter_chat_text(const sinter_model *model,
                                          const char *messages,
                                          const char *tools, int begin,
                                          char **text, size_t *bytes);

//===----------------------------------------------------------------------===//
// Sessions: sequences that are being read or written
//===----------------------------------------------------------------------===//

typedef struct sinter_session sinter_session;

/* Sums of times; see "Profiles". */
typedef struct sinter_profile sinter_profile;

typedef struct sinter_session_options {
  int64_t sequences; /* how many sequences it has room for; 0: 1 */
  int64_t threads;   /* 0: the physical cores that this process may use */
  /* where the session adds the times of its kernels, of the same model; must
     outlive it. NULL: times are not taken */
  sinter_profile *profile;
} sinter_session_options;

/* Allocates all memory that the session will ever use. `options` may be NULL.
 */
SINTER_API sinter_status sinter_session_create(
    const sinter_model *model, const sinter_session_options *options,
    sinter_session **session);
SINTER_API void sinter_session_destroy(sinter_session *session);

SINTER_API int64_t sinter_session_threads(const sinter_session *session);
SINTER_API int64_t sinter_session_sequences(const sinter_session *session);

/* Bytes of caches and scratch. */
SINTER_API int64_t sinter_session_bytes(const sinter_session *session);

/* Tokens to run, of any mix of sequences, in the order in which they are
 * computed. */
typedef struct sinter_batch {
  int64_t tokens;          /* how many tokens */
  const int32_t *token;    /* [tokens] */
  const int32_t *sequence; /* [tokens], or NULL: all of sequence 0 */
  /* [tokens], or NULL: all 0; used by models with token types */
  const int32_t *segment;
  int64_t rows; /* how many rows of output */
  /* [rows] which tokens' output to give, strictly increasing indices into
     `token` */
  const int32_t *row;
} sinter_batch;

/* Runs the batch and writes output[rows][output_width].

   Causal models: the tokens are appended to their sequences, and any number is
   allowed (long batches are run in parts). All is checked before anything runs.

   Whole-sequence models: each sequence is complete in the batch, and nothing is
   kept.

   Encoder-decoders: the tokens are the target's; sinter_encode comes first. */
SINTER_API sinter_status sinter_feed(sinter_session *session,
                                     const sinter_batch *batch, float *output);

/* The same, but writes of each row asked for only the most probable token, the
   first of equals, and its logit (NULL: not wanted). Most models find it
   without writing logits at all. */
SINTER_API sinter_status sinter_feed_most_probable(sinter_session *session,
                                                   const sinter_batch *batch,
                                                   int32_t *tokens,
                                                   float *logits);

/* Encodes a source for `sequence` and empties its target. */
SINTER_API sinter_status sinter_encode(sinter_session *session,
                                       int64_t sequence, const int32_t *tokens,
                                       int64_t count);

/* The same for models whose source is numbers: `rows` rows of source_width,
   which are read where they are and must be finite. */
SINTER_API sinter_status sinter_encode_features(sinter_session *session,
                                                int64_t sequence,
                                                const float *features,
                                                int64_t rows);

/* Models that hear: sound, as samples from -1 to 1 at 16 kHz of one channel,
   becomes rows for sinter_encode_features: log-mel spectra of windows of 25 ms,
   10 ms apart (Radford et al. 2022, as transformers' WhisperFeatureExtractor
   computes them). Silence is put behind the sound, up to the longest source;
   sound that is longer is an error. Give `features` back with free(). */
SINTER_API sinter_status sinter_log_mel(const sinter_model *model,
                                        const float *samples, int64_t count,
                                        float **features, int64_t *rows);

/* Tokens that the sequence holds; -1 if there is no such sequence. */
SINTER_API int64_t sinter_sequence_length(const sinter_session *session,
                                          int64_t sequence);

/* Forgets all tokens from `length` on; 0 empties the sequence (its source
 * stays). */
SINTER_API sinter_status sinter_sequence_truncate(sinter_session *session,
                                                  int64_t sequence,
                                                  int64_t length);

/* Sequence i becomes what sequence from[i] was, for all i < count at once, its
   source included; the sequences from `count` on are emptied and lose their
   source. What is only renamed is not copied. */
SINTER_API sinter_status sinter_sequences_select(sinter_session *session,
                                                 const int32_t *from,
                                                 int64_t count);

/* Writes sequence 0 of a session of a next-token model to a file: `tokens` are
   all that it holds. Takes the file's name once it is whole. */
SINTER_API sinter_status sinter_prompt_save(sinter_session *session,
                                            const int32_t *tokens,
                                            int64_t count, const char *path);

/* Reads such a file into sequence 0; `tokens` becomes what it holds then. A
   file of another model, or a broken one, is refused. */
SINTER_API sinter_status sinter_prompt_load(sinter_session *session,
                                            const char *path,
                                            sinter_tokens *tokens);

//===----------------------------------------------------------------------===//
// Generating text
//===----------------------------------------------------------------------===//

/* What a generated text may be. */
typedef struct sinter_constraint sinter_constraint;

typedef enum sinter_constraint_kind {
  SINTER_CONSTRAINT_GBNF = 0,        /* a grammar, as llama.cpp reads it */
  SINTER_CONSTRAINT_JSON_SCHEMA = 1, /* the JSON values of a schema */
  SINTER_CONSTRAINT_REGEX = 2        /* a regular expression of the whole */
} sinter_constraint_kind;

/* Reads a constraint; a message says where it is wrong, with a caret. `name` is
   what it calls the text. One constraint is for one thread at a time. */
SINTER_API sinter_status sinter_constraint_create(
    const sinter_model *model, sinter_constraint_kind kind, const char *text,
    size_t bytes, const char *name, sinter_constraint **constraint);
SINTER_API void sinter_constraint_destroy(sinter_constraint *constraint);

typedef enum sinter_stop_reason {
  SINTER_STOP_END_TOKEN = 0, /* the model ended the text */
  SINTER_STOP_LIMIT = 1,     /* maximum_tokens were generated */
  SINTER_STOP_CONTEXT = 2,   /* the context is full */
  SINTER_STOP_STRING = 3,    /* a stop string appeared */
  SINTER_STOP_CALLBACK = 4   /* the callback asked for it */
} sinter_stop_reason;

/* Called once for each generated token, in order, and with token -1 for text
   that was held back until the end. `text` is what became complete UTF-8 by it
   (may be empty; without a tokenizer always). Returns 0 to go on. */
typedef int (*sinter_token_callback)(void *user, int32_t token,
                                     const char *text, size_t bytes);

typedef struct sinter_logit_bias {
  int32_t token;
  float bias;
} sinter_logit_bias;

/* Guesses of prompt look-up or of a draft, and how many of them were taken. */
typedef struct sinter_guesses {
  int64_t made, taken;
} sinter_guesses;

typedef struct sinter_generate_options {
  /* most tokens to generate; 0: until the context is full */
  int64_t maximum_tokens;
  /* 0: greedy, the most probable token; 1: the model's probabilities */
  double temperature;
  int64_t top_k; /* sample among the k most probable tokens; 0: all */
  double top_p;  /* and among the fewest that reach this probability; 1: all */
  /* 1: none; above, what was already written gets less likely */
  double repetition_penalty;
  uint64_t seed;  /* the same seed gives the same text */
  int ignore_end; /* go on after an end token */
  /* encoder-decoder: 1 for greedy or sampling; more for beam search */
  int64_t beams;
  /* beam search: scores are divided by length^length_penalty */
  double length_penalty;
  /* beam search: stop as soon as `beams` texts are complete */
  int early_stopping;
  /* [stop_count] strings that end the text (they are not part of it) */
  const char *const *stop;
  int64_t stop_count;
  /* may be NULL; beam search calls it when it has decided */
  sinter_token_callback callback;
  void *user;
  /* sample among tokens of at least this part of the most probable one's
     probability; 0: all */
  double min_p;
  /* and among the most typical that reach this probability; 1: all */
  double typical_p;
  /* subtracted for each time, and once for all times, that a token was
     generated; 0: nothing */
  double frequency_penalty, presence_penalty;
  /* [logit_bias_count] what is added to the logits of tokens, before all else;
     -INFINITY: never */
  const sinter_logit_bias *logit_bias;
  int64_t logit_bias_count;
  /* next-token models: sequence 0 of the session holds the first `kept` tokens
     of the prompt already (and maybe others behind them, which are forgotten);
     they are not read again. At most one less than the prompt has */
  int64_t kept;
  /* [end_token_count] tokens that end the text, beside the model's own */
  const int32_t *end_tokens;
  int64_t end_token_count;
  /* NULL, or what the generated text keeps to, byte by byte; it ends only where
     the constraint accepts it, unless a limit or stop string cuts it off */
  sinter_constraint *constraint;
  /* 0, or how many tokens are guessed at once from what the text has already
     (prompt look-up); greedy decoding only, and the same text */
  int64_t lookup;
  /* next-token models, 1: where the context is full, go on from the first token
     and the last half of it, which are read anew from position 0: what follows
     is what follows them alone. Needs a limit of tokens */
  int context_shift;
  /* next-token models: NULL, or a session of a smaller model with the same
     tokens, which guesses `draft_tokens` tokens at a time (speculative
     decoding). Greedy decoding gives the same text; sampling text of the same
     probabilities, and for one seed always the same. Its sequence 0 is
     emptied */
  sinter_session *draft;
  int64_t draft_tokens;
  /* NULL, or where the guesses are added up */
  sinter_guesses *guesses;
  /* models whose source is numbers: its rows, as for sinter_encode_features */
  const float *features;
  int64_t feature_rows;
} sinter_generate_options;

/* Greedy, no limits: the defaults. */
SINTER_API void sinter_generate_defaults(sinter_generate_options *options);

/* Next-token models: continues `prompt`. Sequence 0 of the session is emptied
   first, but for what `kept` says. Afterwards it holds the sequence without its
   last token or two.

   Encoder-decoders: `prompt` is the source; the target begins with the model's
   decoder start. Where the source is numbers, it is in `options`, and `prompt`
   is what the target has behind its start (none: what the model has there
   always; -1: the language that is heard).

   `tokens` becomes the whole sequence: the prompt (or decoder start) and all
   that was generated, the end token included. `options` and `reason` may be
   NULL.

   Beam search needs a session with as many sequences as beams. It follows the
   scores and the stopping rule of Hugging Face's beam search: 2 x beams
   candidates a step, a finished text scores sum(log p) / length^length_penalty,
   and the search ends when no running beam can still beat the worst finished
   one (or as soon as `beams` are finished when `early_stopping`). */
SINTER_API sinter_status sinter_generate(sinter_session *session,
                                         const int32_t *prompt, int64_t count,
                                         const sinter_generate_options *options,
                                         sinter_tokens *tokens,
                                         sinter_stop_reason *reason);

/* `samples` continuations of one prompt at once: it is read once, and each step
   is one batch. Sample i is what sinter_generate gives with seed + i.
   `tokens` and `reasons` have room for as many; start the former from {0}. The
   session needs as many sequences; the callback is not called. */
SINTER_API sinter_status sinter_generate_several(
    sinter_session *session, const int32_t *prompt, int64_t count,
    const sinter_generate_options *options, int64_t samples,
    sinter_tokens *tokens, sinter_stop_reason *reasons);

//===----------------------------------------------------------------------===//
// Filling masks
//===----------------------------------------------------------------------===//

typedef struct sinter_candidate {
  int32_t token;
  double probability;
} sinter_candidate;

/* The candidates for each mask token of `tokens`, the most probable first.
   `*masks` is how many masks there are, `(*positions)[m]` where;
   `(*candidates)[m * top_k + k]` the k-th of mask m. Give both back with
   free(). top_k must be in [1, vocabulary]. `segment` may be NULL. */
SINTER_API sinter_status sinter_fill_mask(sinter_session *session,
                                          const int32_t *tokens,
                                          const int32_t *segment, int64_t count,
                                          int64_t top_k, int64_t *masks,
                                          int64_t **positions,
                                          sinter_candidate **candidates);

//===----------------------------------------------------------------------===//
// Classes, answers and embeddings
//===----------------------------------------------------------------------===//

/* All of these empty sequence 0 of the session first. `segment` may be NULL. */

/* Models that classify sequences or tokens: `scores` gets label_count numbers
   (for each token, where tokens are classified), by label. */
SINTER_API sinter_status sinter_classify(sinter_session *session,
                                         const int32_t *tokens,
                                         const int32_t *segment, int64_t count,
                                         double *scores);

/* Models of embeddings: `vector` gets output_width numbers. */
SINTER_API sinter_status sinter_embed(sinter_session *session,
                                      const int32_t *tokens,
                                      const int32_t *segment, int64_t count,
                                      float *vector);

typedef struct sinter_span {
  int64_t first, last; /* tokens, both part of it */
  double probability;
} sinter_span;

/* Models that answer questions: the most probable answers among the tokens in
   [first, last), with at most `longest` tokens, best first. `spans` has room
   for `top_k`; `*found` is how many there are. */
SINTER_API sinter_status sinter_answer(sinter_session *session,
                                       const int32_t *tokens,
                                       const int32_t *segment, int64_t count,
                                       int64_t first, int64_t last,
                                       int64_t longest, int64_t top_k,
                                       sinter_span *spans, int64_t *found);

//===----------------------------------------------------------------------===//
// Profiles
//===----------------------------------------------------------------------===//

/* Takes the times of the kernels of all sessions that are given it, which must
   not run at the same time. */
SINTER_API sinter_status sinter_profile_create(const sinter_model *model,
                                               sinter_profile **profile);
SINTER_API void sinter_profile_destroy(sinter_profile *profile);

typedef struct sinter_kernel_profile {
  const char *entry; /* "forward" or "encode" */
  const char *name;
  const char *type; /* what it multiplies: "f32", "bf16", "int8" */
  int64_t calls;
  /* computing, and waiting for other threads within the kernel and behind it;
     means of all threads */
  double seconds, waiting_seconds;
  /* what the program has to move and to compute: weights, activations and
     caches are read once, a multiplication and an addition count as two */
  double bytes, operations;
} sinter_kernel_profile;

/* The kernels that ran, in the order of the program; give the array back with
   free(). Names stay valid until the model is closed. */
SINTER_API sinter_status sinter_profile_kernels(const sinter_profile *profile,
                                                sinter_kernel_profile **kernels,
                                                int64_t *count);

#ifdef __cplusplus
}
#endif

#endif /* SINTER_H */
