//===- GenerateParts.h - What generating one and several texts share -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_GENERATEPARTS_H
#define SINTER_RUNTIME_GENERATEPARTS_H

#include "runtime/Generate.h"
#include "runtime/Sampler.h"
#include "runtime/TextStream.h"

namespace sinter::runtime {

SamplerOptions samplerOptions(const sinter_generate_options &options,
                              const sinter_program &program);

/// Throws where an option is out of range.
void checkOptions(const sinter_generate_options &options);

/// Puts the prompt where the model reads it; gives the sequence that is to be
/// continued. Of an encoder-decoder, the first tokens of a target: where the
/// model has tokens for what is spoken, the language is heard.
std::vector<int32_t> beginSequence(sinter_session &session,
                                   std::span<const int32_t> prompt,
                                   const sinter_generate_options &options);

/// The tokens that end a text, the model's own and the caller's.
std::vector<int32_t> endTokens(const sinter_model &model,
                               const sinter_generate_options &options);

/// Hands tokens and their text to the user's callback.
class Reporter {
public:
  Reporter(const sinter_session &session,
           const sinter_generate_options &options,
           std::span<const int32_t> start)
      : options(options),
        stream(session.model.hasTokenizer() ? &session.model.tokenizer(false)
                                            : nullptr,
               start, {options.stop, options.stop + options.stop_count}) {
    if (options.stop_count > 0)
      session.model.tokenizer(false); // says that there is none
  }

  /// True when generation must stop, for `reason`.
  bool report(int32_t token, sinter_stop_reason &reason) {
    bool stopped = false;
    const std::string &text = stream.push(token, stopped);
    if (stopped)
      reason = SINTER_STOP_STRING;
    if (options.callback &&
        options.callback(options.user, token, text.data(), text.size()) != 0) {
      reason = SINTER_STOP_CALLBACK;
      stopped = true;
    }
    return stopped;
  }

  void finish() {
    const std::string &text = stream.finish();
    if (options.callback && !text.empty())
      options.callback(options.user, -1, text.data(), text.size());
  }

private:
  const sinter_generate_options &options;
  TextStream stream;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_GENERATEPARTS_H
