//===- Json.cpp - JSON files, with messages that name file and place -*- C++
//-*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Json.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <set>

using namespace sinter;
using nlohmann::json;

llvm::Error sinter::jsonError(llvm::StringRef path,
                              const llvm::Twine &message) {
  return llvm::createStringError(std::errc::invalid_argument, "%s",
                                 (path + ": " + message).str().c_str());
}

llvm::Expected<std::string> sinter::readTextFile(llvm::StringRef path) {
  constexpr uint64_t maximumBytes = 1'000'000'000;
  uint64_t bytes = 0;
  if (std::error_code code = llvm::sys::fs::file_size(path, bytes))
    return jsonError(path, "cannot read it: " + code.message());
  if (llvm::sys::fs::is_directory(path))
    return jsonError(path, "expected a file, but it is a folder");
  if (bytes > maximumBytes)
    return jsonError(path, "the file has " + llvm::Twine(bytes) +
                               " bytes; expected at most 1,000,000,000");
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return jsonError(path, "cannot read it: " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

llvm::Expected<json> sinter::parseJson(llvm::StringRef path,
                                       llvm::StringRef text) {
  std::vector<std::set<std::string>> names;
  std::string twice;
  auto watch = [&](int, json::parse_event_t event, json &parsed) {
    if (event == json::parse_event_t::object_start)
      names.emplace_back();
    else if (event == json::parse_event_t::object_end)
      names.pop_back();
    else if (event == json::parse_event_t::key &&
             !names.back().insert(parsed.get<std::string>()).second &&
             twice.empty())
      twice = parsed.get<std::string>();
    return true;
  };
  // The library tells where a text goes wrong by an exception alone; none
  // leaves this function.
  try {
    json value = json::parse(text.begin(), text.end(), watch);
    if (!twice.empty())
      return jsonError(path, "'" + twice + "' stands twice in one object");
    if (!value.is_object())
      return jsonError(path, "expected a JSON object");
    return value;
  } catch (const json::parse_error &problem) {
    size_t offset =
        std::min(problem.byte == 0 ? 0 : problem.byte - 1, text.size());
    llvm::StringRef before = text.take_front(offset);
    return jsonError(
        path, "line " + llvm::Twine(before.count('\n') + 1) + ", column " +
                  llvm::Twine(offset - (before.rfind('\n') + 1) + 1) +
                  ": not well-formed JSON");
  } catch (const json::exception &problem) {
    return jsonError(path, llvm::StringRef(problem.what()));
  }
}

llvm::Expected<json> sinter::parseJsonFile(llvm::StringRef path) {
  llvm::Expected<std::string> text = readTextFile(path);
  if (!text)
    return text.takeError();
  return parseJson(path, *text);
}
