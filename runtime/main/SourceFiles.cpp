//===- SourceFiles.cpp - Sources that are sound, or numbers -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/SourceFiles.h"

#include "runtime/Failure.h"
#include "runtime/chat/Value.h"
#include "runtime/sound/WaveFile.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>

using namespace sinter::runtime;

namespace {

/// A tensor of f32 in a file.
struct Numbers {
  std::vector<int64_t> shape;
  std::string_view bytes;
};

[[noreturn]] void refuse(const std::string &name, const std::string &what) {
  fail(SINTER_ERROR_FILE, "%s %s", name.c_str(), what.c_str());
}

/// The whole numbers of a JSON list.
std::vector<int64_t> wholeNumbers(const chat::Value *value,
                                  const std::string &name) {
  std::vector<int64_t> numbers;
  if (!value || !value->isList())
    refuse(name, "is broken: a tensor has no list 'shape' or 'data_offsets'");
  for (const chat::Value &item : value->list()) {
    if (!item.isInteger() || item.integer() < 0)
      refuse(name, "is broken: a size of a tensor is no whole number");
    numbers.push_back(item.integer());
  }
  return numbers;
}

/// The one tensor of a safetensors file.
Numbers readSafetensors(std::string_view bytes, const std::string &name) {
  uint64_t header = 0;
  for (size_t i = 0; i < 8; ++i)
    header |= uint64_t(uint8_t(bytes[i])) << (8 * i);
  if (header > bytes.size() - 8)
    refuse(name, "is cut off: its header has " + std::to_string(header) +
                     " bytes, and " + std::to_string(bytes.size() - 8) +
                     " follow");
  const std::string_view data = bytes.substr(8 + header);
  chat::Value parsed;
  try {
    parsed = chat::parseJson(bytes.substr(8, header));
  } catch (const chat::TemplateError &error) {
    refuse(name, "is broken: its header is no JSON: " + error.text);
  }
  if (!parsed.isDict())
    refuse(name, "is broken: its header is no object of JSON");
  const chat::Value *tensor = nullptr;
  std::string found;
  for (const auto &[key, value] : parsed.dict().entries) {
    if (key.isString() && key.string() == "__metadata__")
      continue;
    if (tensor)
      refuse(name, "has several tensors ('" + found + "', '" + key.string() +
                       "'): one is expected");
    tensor = &value;
    found = key.string();
  }
  if (!tensor || !tensor->isDict())
    refuse(name, "has no tensor");
  auto entry = [&](const char *key) {
    return tensor->dict().find(chat::Value(key));
  };
  const chat::Value *type = entry("dtype");
  if (!type || !type->isString() || type->string() != "F32")
    refuse(name, "has a tensor '" + found + "' of " +
                     (type && type->isString() ? std::string(type->string())
                                               : "no type") +
                     ": F32 is expected");
  const std::vector<int64_t> offsets =
      wholeNumbers(entry("data_offsets"), name);
  if (offsets.size() != 2 || offsets[0] > offsets[1] ||
      uint64_t(offsets[1]) > data.size())
    refuse(name, "is cut off: tensor '" + found +
                     "' ends behind the end of the file");
  return {wholeNumbers(entry("shape"), name),
          data.substr(size_t(offsets[0]), size_t(offsets[1] - offsets[0]))};
}

/// What stands behind `key` in the header of a .npy file, to the end of the
/// value.
std::string_view behindKey(std::string_view header, std::string_view key,
                           const std::string &name) {
  const size_t at = header.find("'" + std::string(key) + "':");
  if (at == std::string_view::npos)
    refuse(name, "is broken: its header has no '" + std::string(key) + "'");
  std::string_view rest = header.substr(at + key.size() + 3);
  return rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
}

/// A file of numpy.save (numpy.lib.format, versions 1 to 3).
Numbers readNumpy(std::string_view bytes, const std::string &name) {
  const size_t lengthBytes = bytes[6] == 1 ? 2 : 4, start = 8 + lengthBytes;
  size_t length = 0;
  for (size_t i = 0; i < lengthBytes && 8 + i < bytes.size(); ++i)
    length |= size_t(uint8_t(bytes[8 + i])) << (8 * i);
  if (bytes.size() < start || length > bytes.size() - start)
    refuse(name, "is cut off in its header");
  const std::string_view header = bytes.substr(start, length);
  const std::string_view type = behindKey(header, "descr", name);
  if (!type.starts_with("'<f4'"))
    refuse(name, "has elements of " +
                     std::string(type.substr(0, type.find(','))) +
                     ": '<f4' (numpy.float32) is expected");
  if (!behindKey(header, "fortran_order", name).starts_with("False"))
    refuse(name, "has its columns one behind the other (fortran_order): save "
                 "numpy.ascontiguousarray of it");
  std::string_view shape = behindKey(header, "shape", name);
  Numbers result{{}, bytes.substr(start + length)};
  for (size_t at = 1; at < shape.size() && shape[at] != ')';) {
    int64_t size = 0;
    auto [end, error] =
        std::from_chars(shape.data() + at, shape.data() + shape.size(), size);
    if (error != std::errc() || size < 0)
      refuse(name, "is broken: its shape cannot be read");
    result.shape.push_back(size);
    at = size_t(end - shape.data());
    while (at < shape.size() && (shape[at] == ',' || shape[at] == ' '))
      ++at;
  }
  return result;
}

/// [bins, frames] becomes rows of frames.
std::vector<float> readFeatures(const std::string &path,
                                const sinter_model_description &description) {
  const std::string bytes = readFile(path);
  const bool isNumpy = bytes.starts_with("\x93NUMPY");
  if (bytes.size() < 10)
    refuse(path, "is neither a safetensors nor a .npy file: it has " +
                     std::to_string(bytes.size()) + " bytes");
  Numbers numbers =
      isNumpy ? readNumpy(bytes, path) : readSafetensors(bytes, path);
  std::string shown;
  for (int64_t size : numbers.shape)
    shown += (shown.empty() ? "" : ", ") + std::to_string(size);
  if (numbers.shape.size() == 3 && numbers.shape[0] == 1)
    numbers.shape.erase(numbers.shape.begin());
  const int64_t frames = description.source_frames,
                bins = description.source_width / frames;
  if (numbers.shape.size() != 2 || numbers.shape[0] != bins ||
      numbers.shape[1] % frames != 0)
    refuse(path, "holds [" + shown + "], and [" + std::to_string(bins) +
                     ", frames] is expected" +
                     (frames > 1 ? ", with frames a multiple of " +
                                       std::to_string(frames)
                                 : ""));
  const int64_t count = numbers.shape[1];
  const int64_t most = description.source_context * frames;
  if (count > most)
    refuse(path, "holds " + std::to_string(count) + " frames, and at most " +
                     std::to_string(most) + " are taken");
  if (numbers.bytes.size() != size_t(bins * count) * 4)
    refuse(path, "is cut off: [" + shown + "] has " +
                     std::to_string(bins * count * 4) + " bytes, not " +
                     std::to_string(numbers.bytes.size()));
  std::vector<float> rows(size_t(bins * count));
  for (int64_t bin = 0; bin < bins; ++bin)
    for (int64_t frame = 0; frame < count; ++frame)
      std::memcpy(&rows[size_t(frame * bins + bin)],
                  numbers.bytes.data() + (bin * count + frame) * 4, 4);
  return rows;
}

std::vector<float> hear(const std::string &path, const sinter_model *model,
                        const sinter_model_description &description) {
  if (!description.hears)
    throw UsageError(std::string("model '") + description.name +
                     "' does not hear: give its numbers with --features");
  const std::vector<float> samples = readWave(readFile(path), path);
  float *features = nullptr;
  int64_t rows = 0;
  const sinter_status status = sinter_log_mel(
      model, samples.data(), int64_t(samples.size()), &features, &rows);
  if (status != SINTER_OK)
    throw Failure(status, path + ": " + sinter_last_error());
  std::vector<float> result(features,
                            features + rows * description.source_width);
  std::free(features);
  return result;
}

} // namespace

std::vector<Input>
sinter::runtime::sourceInputs(const Options &options, const sinter_model *model,
                              const sinter_model_description &description) {
  if (description.source_width == 0)
    throw UsageError(std::string("model '") + description.name +
                     "' takes no sound and no numbers: give it a text");
  if (!options.texts.empty() || !options.ids.empty())
    throw UsageError(std::string("the source of '") + description.name +
                     "' is no text: give --audio" +
                     " or --features, and neither a text nor --ids");
  std::vector<Input> inputs;
  for (const std::string &path : options.audio)
    inputs.push_back({path, {}, {}, hear(path, model, description)});
  for (const std::string &path : options.features)
    inputs.push_back({path, {}, {}, readFeatures(path, description)});
  if (inputs.empty())
    throw UsageError("nothing to do: give --audio or --features; see --help");
  return inputs;
}

/// The token that a name stands for: "<|de|>".
static int32_t namedToken(const Request &request, const std::string &option,
                          const std::string &word) {
  const std::string text = "<|" + word + "|>";
  sinter_tokens tokens = {};
  check(sinter_tokenize(request.model, text.data(), text.size(), 0, &tokens));
  const int32_t found = tokens.count == 1 ? tokens.data[0] : -1;
  sinter_tokens_free(&tokens);
  if (found < 0)
    throw UsageError(option + ": '" + request.description.name +
                     "' has no token " + text);
  return found;
}

std::vector<int32_t> sinter::runtime::targetPrompt(const Request &request) {
  const Options &options = request.options;
  const sinter_model_description &model = request.description;
  if (options.language.empty() && options.task.empty())
    return {};
  if (model.language_count == 0)
    throw UsageError(std::string("--language and --task are for models of "
                                 "several languages, and '") +
                     model.name + "' is none");
  std::vector<int32_t> prompt(model.prompt, model.prompt + model.prompt_count);
  auto isLanguage = [&](int32_t token) {
    return std::find(model.language, model.language + model.language_count,
                     token) != model.language + model.language_count;
  };
  // The language stands first.
  if (prompt.empty() || (prompt[0] != -1 && !isLanguage(prompt[0])))
    prompt.insert(prompt.begin(), -1);
  if (!options.language.empty()) {
    prompt[0] = namedToken(request, "--language", options.language);
    if (!isLanguage(prompt[0]))
      throw UsageError("--language: '" + options.language +
                       "' is no language of '" + model.name + "'");
  }
  // Then what to do, which is to write down what is said.
  const int32_t tasks[] = {namedToken(request, "--task", "transcribe"),
                           namedToken(request, "--task", "translate")};
  const int32_t wanted = tasks[options.task == "translate"];
  const bool hasTask =
      prompt.size() > 1 && (prompt[1] == tasks[0] || prompt[1] == tasks[1]);
  if (!hasTask)
    prompt.insert(prompt.begin() + 1, wanted);
  else if (!options.task.empty())
    prompt[1] = wanted;
  return prompt;
}
