//===- Output.cpp - What a model's main() writes --------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/Output.h"

#include "runtime/Failure.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

using namespace sinter::runtime;

void sinter::runtime::print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    throw WriteFailure{errno};
}

void sinter::runtime::flush() {
  if (std::fflush(stdout) != 0)
    throw WriteFailure{errno};
}

std::string sinter::runtime::jsonString(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", c);
      out += escape;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + "\"";
}

std::string sinter::runtime::idList(std::span<const int32_t> ids) {
  std::string out;
  for (int32_t id : ids)
    out += (out.empty() ? "" : ",") + std::to_string(id);
  return out;
}

void sinter::runtime::writeSafetensors(const std::string &path,
                                       const std::string &name, int64_t rows,
                                       int64_t columns,
                                       std::span<const float> values) {
  static_assert(std::endian::native == std::endian::little,
                "safetensors are little-endian");
  std::string header = "{" + jsonString(name) + ":{\"dtype\":\"F32\"," +
                       "\"shape\":[" + std::to_string(rows) + "," +
                       std::to_string(columns) + "],\"data_offsets\":[0," +
                       std::to_string(values.size_bytes()) + "]}}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const uint64_t length = header.size();

  std::FILE *file = std::fopen(path.c_str(), "wbe");
  if (!file)
    fail(SINTER_ERROR_FILE, "cannot write %s: %s", path.c_str(),
         std::strerror(errno));
  errno = 0;
  bool written =
      std::fwrite(&length, sizeof(length), 1, file) == 1 &&
      std::fwrite(header.data(), 1, header.size(), file) == header.size() &&
      std::fwrite(values.data(), sizeof(float), values.size(), file) ==
          values.size();
  int error = errno;
  if (std::fclose(file) != 0 && written) {
    written = false;
    error = errno;
  }
  if (written)
    return;
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
    unlink(path.c_str());
  fail(SINTER_ERROR_FILE, "cannot write %s: %s", path.c_str(),
       std::strerror(error));
}
