//===- ChatTemplate.cpp - The chat template of a model -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/ChatTemplate.h"
#include "runtime/chat/Template.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

using namespace sinter::frontend;
using namespace sinter::runtime;
using nlohmann::json;
namespace fs = std::filesystem;

static constexpr uintmax_t maximumBytes = 10'000'000;

static std::optional<std::string> readFile(const fs::path &path) {
  std::error_code code;
  if (!fs::is_regular_file(path, code) || fs::file_size(path) > maximumBytes)
    return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

ChatTemplateRecord sinter::frontend::buildChatTemplate(
    const std::map<std::string, std::string> &templates,
    const std::map<std::string, std::string> &tokens,
    const std::string &place) {
  ChatTemplateRecord record;
  json kept = json::object();
  for (const auto &[name, text] : templates) {
    std::string where = name == "default" ? place : place + " (" + name + ")";
    try {
      chat::Template checked(text);
      kept[name] = text;
    } catch (const chat::TemplateError &error) {
      record.warnings.push_back("the chat template is left out:\n" +
                                chat::Template::explain(text, error, where));
    }
  }
  if (!kept.empty())
    record.json = json{{"templates", kept}, {"tokens", tokens}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
  return record;
}

/// The special tokens that templates name: a text, or an object that has it.
static void readTokens(const json &config,
                       std::map<std::string, std::string> &tokens) {
  for (const char *name : {"bos_token", "eos_token", "pad_token", "unk_token",
                           "sep_token", "cls_token", "mask_token"}) {
    auto found = config.find(name);
    if (found == config.end())
      continue;
    const json &value = found->is_object() && found->contains("content")
                            ? (*found)["content"]
                            : *found;
    if (value.is_string())
      tokens[name] = value.get<std::string>();
  }
}

static void readTemplates(const json &value,
                          std::map<std::string, std::string> &templates) {
  if (value.is_string())
    templates["default"] = value.get<std::string>();
  if (!value.is_array())
    return;
  for (const json &each : value)
    if (each.is_object() && each.contains("name") && each["name"].is_string() &&
        each.contains("template") && each["template"].is_string())
      templates[each["name"].get<std::string>()] =
          each["template"].get<std::string>();
}

ChatTemplateRecord
sinter::frontend::readChatTemplate(const std::string &folder) {
  std::map<std::string, std::string> templates, tokens;
  std::string place = folder + "/tokenizer_config.json: chat_template";
  for (const char *name : {"special_tokens_map.json", "tokenizer_config.json"})
    if (std::optional<std::string> text = readFile(fs::path(folder) / name)) {
      // What is wrong with these files the tokenizer's builder says.
      json config = json::parse(*text, nullptr, /*allow_exceptions=*/false);
      if (!config.is_object())
        continue;
      readTokens(config, tokens);
      if (config.contains("chat_template"))
        readTemplates(config["chat_template"], templates);
    }
  if (auto text = readFile(fs::path(folder) / "chat_template.jinja")) {
    templates["default"] = *text;
    place = folder + "/chat_template.jinja";
  }
  std::error_code code;
  for (const auto &entry : fs::directory_iterator(
           fs::path(folder) / "additional_chat_templates", code))
    if (entry.path().extension() == ".jinja")
      if (auto text = readFile(entry.path()))
        templates[entry.path().stem().string()] = *text;
  return buildChatTemplate(templates, tokens, place);
}
