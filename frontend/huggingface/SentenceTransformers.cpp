//===- SentenceTransformers.cpp - How a sentence is embedded --------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/SentenceTransformers.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace sinter;
using nlohmann::json;

static std::string join(llvm::StringRef folder, llvm::StringRef file) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, file);
  return std::string(path);
}

static std::string text(const json &object, const char *key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

/// "first", "mean" or "last".
static llvm::Expected<std::string> readPooling(llvm::StringRef path) {
  llvm::Expected<json> config = parseJsonFile(path);
  if (!config)
    return config.takeError();
  // Each way has a key of its own; newer files have one key for all.
  static constexpr std::pair<const char *, const char *> ways[] = {
      {"cls", "first"}, {"mean", "mean"}, {"lasttoken", "last"}};
  std::string mode = text(*config, "pooling_mode"), found;
  for (const auto &[key, value] : config->items()) {
    llvm::StringRef name = key;
    if (!name.consume_front("pooling_mode_") || value != json(true))
      continue;
    name.consume_back("_tokens");
    name.consume_back("_token");
    if (!mode.empty())
      return jsonError(path, "several ways of pooling at once are not "
                             "supported: '" +
                                 mode + "' and '" + name + "'");
    mode = name.str();
  }
  for (auto [name, meaning] : ways)
    if (mode == name)
      return std::string(meaning);
  return jsonError(path, "pooling '" + mode +
                             "' is not supported: expected cls, mean or "
                             "lasttoken");
}

llvm::Expected<std::string>
sinter::readEmbeddingConfig(llvm::StringRef folder) {
  std::string path = join(folder, "modules.json");
  if (!llvm::sys::fs::exists(path))
    return std::string();
  llvm::Expected<std::string> list = readTextFile(path);
  if (!list)
    return list.takeError();
  // The file is a list, and objects are what is parsed.
  llvm::Expected<json> modules =
      parseJson(path, "{\"modules\": " + *list + "}");
  if (!modules)
    return modules.takeError();
  std::string pooling;
  bool normalize = false;
  for (const json &module : (*modules)["modules"]) {
    std::string type = module.is_object() ? text(module, "type") : "";
    llvm::StringRef kind = llvm::StringRef(type).rsplit('.').second;
    if (kind == "Pooling") {
      llvm::Expected<std::string> way =
          readPooling(join(join(folder, text(module, "path")), "config.json"));
      if (!way)
        return way.takeError();
      pooling = *way;
    } else if (kind == "Normalize") {
      normalize = true;
    } else if (kind != "Transformer") {
      return jsonError(path, "a module '" + type +
                                 "' is not supported: expected Transformer, "
                                 "Pooling and Normalize");
    }
  }
  if (pooling.empty())
    return std::string();
  return json{{"pooling", pooling}, {"normalize", normalize}}.dump();
}
