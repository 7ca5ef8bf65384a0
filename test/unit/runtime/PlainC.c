/*===- PlainC.c - The public header, used from C
---------------------------===*\
|*
|* Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
\*===----------------------------------------------------------------------===*/

#include "runtime/Payload.h"
#include "runtime/Program.h"
#include "runtime/include/sinter.h"

#include <stdlib.h>
#include <string.h>

/* Continues "ab" by `count` tokens; what it cannot is in sinter_last_error().
   The text goes to `text`, which has room for `room` bytes. */
sinter_status continue_in_c(const sinter_program *program, int64_t count,
                            char *text, size_t room) {
  sinter_model *model = NULL;
  sinter_session *session = NULL;
  sinter_tokens prompt = {0}, tokens = {0};
  sinter_generate_options options;
  char *decoded = NULL;
  size_t bytes = 0;
  sinter_generate_defaults(&options);
  options.maximum_tokens = count;
  sinter_status status = sinter_model_open(program, NULL, &model);
  if (!status)
    status = sinter_session_create(model, NULL, &session);
  if (!status)
    status = sinter_tokenize(model, "ab", 2, SINTER_TOKENIZE_SPECIAL, &prompt);
  if (!status)
    status = sinter_generate(session, prompt.data, prompt.count, &options,
                             &tokens, NULL);
  if (!status)
    status = sinter_detokenize(model, tokens.data, tokens.count, 1, &decoded,
                               &bytes);
  if (!status && bytes < room)
    memcpy(text, decoded, bytes + 1);
  free(decoded);
  sinter_tokens_free(&prompt);
  sinter_tokens_free(&tokens);
  sinter_session_destroy(session);
  sinter_model_close(model);
  return status;
}
