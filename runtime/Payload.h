//===- Payload.h - Weights at the end of an executable ----------*- C -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a compiled model keeps its weights. The compiler writes, and the
// runtime maps, a file of this form:
//
//     executable or shared library (nothing in a weights file of its own)
//     zeros up to a multiple of SINTER_PAYLOAD_ALIGNMENT
//     weights: weights_bytes bytes, laid out as the program expects
//     zeros up to a multiple of 8
//     sinter_payload_trailer: the file's last SINTER_PAYLOAD_TRAILER_BYTES
//
// All numbers are little-endian. A weights file beside an executable is named
// like it, with SINTER_PAYLOAD_SUFFIX behind.
//
// A WebAssembly module cannot read the file that it is in: its weights are a
// segment of its data, at the symbol SINTER_PAYLOAD_SYMBOL, or they stand in a
// weights file.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_PAYLOAD_H
#define SINTER_RUNTIME_PAYLOAD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 8 bytes, without the terminating zero */
#define SINTER_PAYLOAD_MAGIC "SINTERWT"
#define SINTER_PAYLOAD_VERSION 1
#define SINTER_PAYLOAD_TRAILER_BYTES 64
#define SINTER_PAYLOAD_SUFFIX ".weights"
#define SINTER_PAYLOAD_SYMBOL "sinter_embedded_weights"

/* Not less than the largest page of the targets (64 KiB on AArch64), so that
 * weights map as they lie. */
#define SINTER_PAYLOAD_ALIGNMENT 65536

typedef struct sinter_payload_trailer {
  char magic[8];          /* SINTER_PAYLOAD_MAGIC */
  uint32_t version;       /* SINTER_PAYLOAD_VERSION */
  uint32_t trailer_bytes; /* SINTER_PAYLOAD_TRAILER_BYTES */
  /* from the start of the file, a multiple of SINTER_PAYLOAD_ALIGNMENT */
  uint64_t weights_offset;
  uint64_t weights_bytes; /* equal to sinter_program's */
  /* XXH3 (64 bits, seed 0) of the weights, equal to sinter_program's */
  uint64_t weights_hash;
  uint64_t file_bytes;   /* size of the whole file, this trailer included */
  uint64_t reserved;     /* 0 */
  uint64_t trailer_hash; /* XXH3 (64 bits, seed 0) of the 56 bytes before it */
} sinter_payload_trailer;

#ifdef __cplusplus
}
static_assert(sizeof(sinter_payload_trailer) == SINTER_PAYLOAD_TRAILER_BYTES);
#endif

#endif /* SINTER_RUNTIME_PAYLOAD_H */
