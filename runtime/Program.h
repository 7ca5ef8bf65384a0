//===- Program.h - What a compiled model hands to the runtime ---*- C -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The contract between generated code and the runtime. The compiler emits one
// constant `sinter_program` for a model; the runtime allocates what it asks for
// and calls its entries. The layout of every struct here is written by codegen
// field by field, with pointers as wide as the machine's that the model is
// compiled for: raise SINTER_ABI_VERSION with any change.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PROGRAM_H
#define SINTER_RUNTIME_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SINTER_ABI_VERSION 8

/* Sizes that are known only when an entry is called. */
enum sinter_dimension {
  /* N: tokens in this call, of any mix of sequences */
  SINTER_DIMENSION_TOKENS = 0,
  SINTER_DIMENSION_ROWS = 1,        /* R: rows whose output is asked for */
  SINTER_DIMENSION_PAST = 2,        /* P: the largest of extent[] */
  SINTER_DIMENSION_SOURCE_PAST = 3, /* the largest of source_extent[] */
  SINTER_DIMENSION_COUNT = 4
};

/* Inputs of an entry: vectors of int32, one element a token (ROW: one a row
 * asked for; FEATURES: source_width elements of f32 a token, handed on as
 * pointers to int32). */
enum sinter_input {
  SINTER_INPUT_TOKEN = 0,    /* token ids */
  SINTER_INPUT_POSITION = 1, /* position of the token in its sequence, from 0 */
  SINTER_INPUT_SEQUENCE = 2, /* which sequence the token belongs to, from 0 */
  /* how many positions of its sequence the token attends to */
  SINTER_INPUT_EXTENT = 3,
  /* length of the source of the token's sequence */
  SINTER_INPUT_SOURCE_EXTENT = 4,
  SINTER_INPUT_ROW = 5, /* index into the call's tokens of each row asked for */
  SINTER_INPUT_SEGMENT = 6, /* segment (token type) ids */
  /* rows of a source that is numbers, in place of TOKEN: `encode` alone */
  SINTER_INPUT_FEATURES = 7,
  SINTER_INPUT_COUNT = 8
};

/* One call of an entry, seen by every thread that takes part in it. */
typedef struct sinter_step_context {
  int64_t dimension[SINTER_DIMENSION_COUNT];
  /* NULL where the entry does not take it */
  const int32_t *input[SINTER_INPUT_COUNT];
  /* [rows, output_width], 4-byte aligned; NULL: not asked for, where the entry
     gives the largest without it */
  float *output;
  const unsigned char *weights; /* 64-byte aligned */
  /* 64-byte aligned: the entry's arena_bytes, rounded up to a multiple of
     64, then thread_arena_bytes, so rounded too, for each thread. Zero
     before the first call */
  unsigned char *arena;
  /* [cache_count] -> [layers][sequences][positions][row_bytes], 64-byte
     aligned, zero before the first call */
  unsigned char *const *caches;
  int64_t sequences; /* how many sequences the caches have room for */
  int64_t threads;   /* how many threads run this step */
  void *barrier;     /* the runtime's own */
  /* [rows] each, of entries that give it; NULL: not asked for. Where the
     largest of each row of the output stands, the first of equals, and that
     element; what is not a number counts as larger than all numbers */
  int32_t *largest_index;
  float *largest;
  void *profile; /* the runtime's own; NULL: times are not taken */
  void *device;  /* the runtime's own; NULL: the step runs on the CPU */
} sinter_step_context;

/* Every thread of the step calls the entry with its own index in [0, threads).
 */
typedef void (*sinter_step_function)(const sinter_step_context *context,
                                     int64_t thread);

/* Defined by the runtime, called by generated code: returns when all threads of
   the step are here, and makes what each wrote before visible to all. */
void sinter_barrier_wait(const sinter_step_context *context, int64_t thread);

/* Defined by the runtime, called by generated code where `profile` is not NULL:
   from here on the thread runs this kernel (its number among the entry's). */
void sinter_profile_kernel(const sinter_step_context *context, int64_t thread,
                           int64_t kernel);

/* Defined by the runtime, called by row kernels (Halide) for scratch rows that
   outgrow the stack: 64-byte aligned. */
void *halide_malloc(void *user_context, size_t bytes);
void halide_free(void *user_context, void *pointer);

/* A step for a device runs on one thread of the CPU and enqueues launches,
 * which run in their order: what a kernel wrote, later ones see, so a device
 * needs no barriers. `input`, `output`, `weights`, `arena`, `caches[i]`,
 * `largest_index` and `largest` of its context are device addresses, which the
 * step adds to and hands on, and never reads through. On CUDA a device address
 * is the device's own; on OpenCL the upper 16 bits number a buffer and the
 * lower 48 count bytes in it. 0 stands for NULL. */
enum sinter_device_kind { SINTER_DEVICE_OPENCL = 1, SINTER_DEVICE_CUDA = 2 };

/* How a kernel takes an argument: characters of sinter_device_kernel.arguments.
 * To launch, each is given as 64 bits. */
enum sinter_device_argument {
  /* A device address. An OpenCL kernel takes two arguments for it: a buffer
     (__global uchar *) and where in it, in bytes (ulong) */
  SINTER_DEVICE_ADDRESS = 'a',
  SINTER_DEVICE_INT32 = 'i', /* the lower 32 bits */
  SINTER_DEVICE_INT64 = 'l'
};

typedef struct sinter_device_kernel {
  const char *name;      /* in the module */
  const char *arguments; /* a character for each */
  int32_t threads[3];    /* of a group (CUDA: thread block) */
  int32_t local_bytes;   /* of local (CUDA: dynamic shared) memory of a
                            group; an OpenCL kernel takes it as its last
                            argument, if it is not 0 */
} sinter_device_kernel;

/* Kernels for one kind of device. */
typedef struct sinter_device_program {
  uint32_t kind; /* enum sinter_device_kind */
  /* What the device must be: "sm_90a"; "" for OpenCL */
  const char *architecture;
  int64_t kernel_count;
  const sinter_device_kernel *kernels;
  /* OpenCL C, PTX (both end with a zero, which is not counted) or a cubin, as
     the driver takes it */
  int64_t code_bytes;
  const unsigned char *code;
  /* Of PTX, a cubin of the same kernels, which loads at once where the driver
     takes it; NULL: there is none */
  int64_t machine_code_bytes;
  const unsigned char *machine_code;
} sinter_device_program;

/* Defined by the runtime, called by generated code: enqueues the kernel of that
 * number with groups[0] x groups[1] x groups[2] groups of threads; nothing
 * where one of them is 0. What goes wrong is kept for the end of the step. */
void sinter_device_launch(const sinter_step_context *context, int64_t kernel,
                          const int64_t *groups, const uint64_t *arguments);

/* Quantities of a call that the cost of a kernel grows with. `Seen` is what one
   row attends to: its extent, at most the kernel's window. */
enum sinter_quantity {
  SINTER_QUANTITY_ONE = 0,
  SINTER_QUANTITY_TOKENS = 1,
  SINTER_QUANTITY_ROWS = 2,
  /* positions of its past that each sequence's tokens see, of all sequences */
  SINTER_QUANTITY_POSITIONS = 3,
  SINTER_QUANTITY_PAIRS = 4,     /* seen, of all tokens */
  SINTER_QUANTITY_ROW_PAIRS = 5, /* seen, of all rows asked for */
  SINTER_QUANTITY_SOURCE = 6,    /* positions of the sources of all sequences */
  SINTER_QUANTITY_SOURCE_PAIRS = 7,     /* source positions, of all tokens */
  SINTER_QUANTITY_ROW_SOURCE_PAIRS = 8, /* and of all rows */
  SINTER_QUANTITY_SCORES = 9,           /* tokens x PAST */
  SINTER_QUANTITY_ROW_SCORES = 10,      /* rows x PAST */
  SINTER_QUANTITY_COUNT = 11
};

/* A kernel of an entry, and what one run of it costs: sums of these numbers,
 * each times its quantity. */
typedef struct sinter_kernel {
  const char *name;
  const char *type; /* what it multiplies: "f32", "bf16", "int8" */
  int64_t window;   /* positions that a row sees at most; 0: its extent */
  double bytes[SINTER_QUANTITY_COUNT];      /* read and written */
  double operations[SINTER_QUANTITY_COUNT]; /* an addition counts as one */
} sinter_kernel;

typedef struct sinter_entry {
  const char *name; /* "forward" or "encode" */
  uint32_t inputs;  /* bit (1 << SINTER_INPUT_x) for each input it takes */
  /* 1: row t depends on rows <= t only, so a sequence may come in parts. 0:
     every call must hold all tokens of each of its sequences, together and in
     their order */
  uint32_t causal;
  int64_t maximum_tokens; /* most tokens a call may hold */
  int64_t maximum_rows;   /* most rows a call may ask for */
  int64_t arena_bytes;
  /* scratch of each thread's own, behind arena_bytes; 0: none */
  int64_t thread_arena_bytes;
  int64_t output_width; /* 0: no output (it fills caches) */
  /* 1: it gives the largest of each row of its output, without writing it */
  uint32_t gives_largest;
  int64_t kernel_count;
  const sinter_kernel *kernels; /* in the order of the program */
} sinter_entry;

typedef struct sinter_cache {
  const char *name;
  int64_t layers;
  int64_t positions; /* positions a sequence has room for */
  int64_t row_bytes; /* bytes of one position of one layer */
  /* 1: positions are those of the source (cross-attention) */
  uint32_t of_source;
  /* 0: only holds data within a call (whole-sequence models) */
  uint32_t persistent;
} sinter_cache;

enum sinter_head {
  SINTER_HEAD_NEXT_TOKEN = 0,   /* forward: logits of the next token */
  SINTER_HEAD_MASKED_TOKEN = 1, /* forward: logits of the token at each row */
  /* encode fills the source's caches; forward: next target token */
  SINTER_HEAD_ENCODER_DECODER = 2,
  SINTER_HEAD_HIDDEN = 3, /* forward: the last hidden state of each row */
  /* forward: a number for each class; the row of one token (enum
     sinter_pooling) is that of the sequence */
  SINTER_HEAD_SEQUENCE_CLASSIFICATION = 4,
  SINTER_HEAD_TOKEN_CLASSIFICATION = 5, /* a number for each class */
  /* two numbers: this token begins the answer, it ends it */
  SINTER_HEAD_QUESTION_ANSWERING = 6,
  SINTER_HEAD_EMBEDDING = 7 /* the row of one token is that of the sequence */
};

/* Which token's row stands for the sequence. */
enum sinter_pooling { SINTER_POOLING_FIRST = 0, SINTER_POOLING_LAST = 1 };

/* What the numbers of classes mean. */
enum sinter_problem {
  SINTER_PROBLEM_ONE_LABEL = 0,   /* logits of one class among all */
  SINTER_PROBLEM_MANY_LABELS = 1, /* a logit for each class by itself */
  SINTER_PROBLEM_REGRESSION = 2   /* the numbers themselves */
};

/* How the numbers of a source are made of sound. */
enum sinter_sound {
  SINTER_SOUND_NONE = 0,
  SINTER_SOUND_LOG_MEL = 1 /* runtime/sound/LogMel.h */
};

typedef struct sinter_special_tokens { /* -1: the model has none */
  int32_t bos, pad, mask, decoder_start;
  /* forced_eos: the last token when the length limit is reached */
  int32_t forced_bos, forced_eos;
  int32_t eos_count;
  const int32_t *eos; /* any of these ends a sequence */
  /* what stands behind decoder_start in every target; -1: the language that is
     heard, the most probable of `language` there */
  int32_t prompt_count;
  const int32_t *prompt;
  int32_t language_count;
  const int32_t *language;
  /* tokens that are never generated, and that are not the first generated */
  int32_t suppress_count, begin_suppress_count;
  const int32_t *suppress;
  const int32_t *begin_suppress;
} sinter_special_tokens;

/* The code for one CPU, or for one kind of device and the CPU beside it. All
 * variants read the same weights and caches. */
typedef struct sinter_variant {
  const char *cpu; /* as LLVM names it */
  /* instruction sets it needs: "avx2,fma,..." as LLVM names them */
  const char *features;
  const sinter_step_function *steps; /* one for each entry, in their order */
  /* NULL: the steps compute on the CPU. All variants have one, or none has */
  const sinter_device_program *device;
} sinter_variant;

typedef struct sinter_program {
  uint32_t abi_version;
  uint32_t head;            /* enum sinter_head */
  const char *name;         /* the model's name: its folder's */
  const char *architecture; /* name of the spec */
  int64_t variant_count;
  const sinter_variant *variants; /* the one that needs most first */
  int64_t entry_count;
  const sinter_entry *entries; /* "forward" first */
  int64_t cache_count;
  const sinter_cache *caches;
  int64_t context;        /* most positions of a sequence */
  int64_t source_context; /* most positions of a source; 0 without encoder */
  /* token ids are below this; the source's too where it has no own */
  int64_t vocabulary;
  int64_t source_vocabulary;
  /* numbers in a row of the source, which takes no tokens then; 0: it does */
  int64_t source_width;
  int64_t source_frames; /* frames that such a row has, one behind the other */
  uint32_t sound;        /* enum sinter_sound */
  int64_t segments;      /* segment ids are below this; 0: it takes none */
  int64_t weights_bytes;
  /* xxh3 of the weights: the executable refuses weights of another model */
  uint64_t weights_hash;
  uint64_t parameters; /* number of parameters of the model, for --info */
  sinter_special_tokens special;
  int64_t tokenizer_bytes;        /* 0: no tokenizer, token ids in and out */
  const unsigned char *tokenizer; /* see runtime/tokenizer/Format.h */
  int64_t source_tokenizer_bytes; /* 0: the source has the same tokenizer */
  const unsigned char *source_tokenizer;
  int64_t chat_template_bytes;        /* 0: none */
  const unsigned char *chat_template; /* JSON, see runtime/ChatTemplate.h */
  uint32_t pooling;    /* enum sinter_pooling; of heads for sequences */
  uint32_t problem;    /* enum sinter_problem; of heads that classify */
  int64_t label_count; /* classes; 0: it classifies nothing */
  const char *const *labels;
  int64_t info_bytes;
  /* JSON, for --info: config values, precision, passes' summary */
  const char *info;
} sinter_program;

/* The compiled model: defined by the generated object. */
extern const sinter_program sinter_compiled_model;

#ifdef __cplusplus
}
#endif

#endif /* SINTER_RUNTIME_PROGRAM_H */
