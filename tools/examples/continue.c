/*===- continue.c - A compiled model from C ---------------------------------===*\
|*
|* Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Continues a text, and prints each word when it is there:
|*
|*     continue "Once upon a time" 40
|*
\*===----------------------------------------------------------------------===*/

#include "sinter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print(void *user, int32_t token, const char *text, size_t bytes) {
  (void)user, (void)token;
  fwrite(text, 1, bytes, stdout);
  return fflush(stdout); /* not 0, and so the end, if nobody reads any more */
}

int main(int argc, char **argv) {
  sinter_model *model = NULL;
  sinter_session *session = NULL;
  sinter_tokens prompt = {0}, tokens = {0};
  sinter_generate_options options;

  if (argc != 3) {
    fprintf(stderr, "usage: continue TEXT TOKENS\n");
    return 2;
  }
  sinter_generate_defaults(&options);
  options.maximum_tokens = atoll(argv[2]);
  options.callback = print;

  fputs(argv[1], stdout);
  sinter_status status =
      sinter_model_open(&sinter_compiled_model, NULL, &model);
  if (!status)
    status = sinter_session_create(model, NULL, &session);
  if (!status)
    status = sinter_tokenize(model, argv[1], strlen(argv[1]),
                             SINTER_TOKENIZE_SPECIAL, &prompt);
  if (!status)
    status = sinter_generate(session, prompt.data, prompt.count, &options,
                             &tokens, NULL);
  putchar('\n');
  if (status)
    fprintf(stderr, "error: %s\n", sinter_last_error());

  sinter_tokens_free(&tokens);
  sinter_tokens_free(&prompt);
  sinter_session_destroy(session);
  sinter_model_close(model);
  return status ? 1 : 0;
}
