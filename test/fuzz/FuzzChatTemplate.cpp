//===- FuzzChatTemplate.cpp - Any bytes as a chat template -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes bytes as a hostile hand would write them. See Replay.cpp for how it is
// run.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Template.h"

using namespace sinter::runtime::chat;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  const std::string text(reinterpret_cast<const char *>(bytes), size);
  static const Value messages = parseJson(
      R"([{"role": "system", "content": "S"}, {"role": "user", "content": "U"},
          {"role": "assistant", "content": "A"}])");
  Dict names;
  names.set("messages", messages);
  names.set("add_generation_prompt", true);
  names.set("bos_token", "<s>");
  try {
    Template(text).render(names);
  } catch (const TemplateError &error) {
    Template::explain(text, error, "fuzz");
  }
  return 0;
}
