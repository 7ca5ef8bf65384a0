//===- PromptCache.cpp - What a session has read, in a file -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/PromptCache.h"

#include "runtime/Failure.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace sinter::runtime;

namespace {

/// Behind it the tokens, then the caches' rows; `hash` is of all behind it.
struct Header {
  char magic[8];
  uint32_t version;
  uint32_t vocabulary;
  uint64_t weightsHash;
  uint64_t weightsBytes;
  uint64_t shapeHash; ///< of the caches' sizes
  int64_t tokens;
  uint64_t bytes; ///< behind the header
  uint64_t hash;
};
constexpr char fileMagic[8] = {'S', 'I', 'N', 'T', 'E', 'R', 'P', 'C'};
constexpr uint32_t fileVersion = 1;

struct CloseFile {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

uint64_t shapeOf(const sinter_program &program) {
  std::vector<int64_t> sizes = {SINTER_ABI_VERSION, program.cache_count};
  for (int64_t i = 0; i < program.cache_count; ++i) {
    const sinter_cache &cache = program.caches[i];
    sizes.insert(sizes.end(),
                 {cache.layers, cache.row_bytes, cache.persistent});
  }
  return XXH3_64bits(sizes.data(), sizes.size() * sizeof(int64_t));
}

Header headerFor(const sinter_program &program) {
  Header header = {};
  std::memcpy(header.magic, fileMagic, sizeof fileMagic);
  header.version = fileVersion;
  header.vocabulary = static_cast<uint32_t>(program.vocabulary);
  header.weightsHash = program.weights_hash;
  header.weightsBytes = static_cast<uint64_t>(program.weights_bytes);
  header.shapeHash = shapeOf(program);
  return header;
}

void requireCausal(const sinter_session &session) {
  if (session.model.program.head != SINTER_HEAD_NEXT_TOKEN)
    fail(SINTER_ERROR_UNSUPPORTED,
         "a prompt cache is for models that continue text");
}

} // namespace

void sinter::runtime::savePrompt(sinter_session &session,
                                 std::span<const int32_t> tokens,
                                 const std::string &path) {
  requireCausal(session);
  if (static_cast<int64_t>(tokens.size()) != session.length(0))
    fail(SINTER_ERROR_ARGUMENT, "the session holds %lld tokens, not %zu",
         static_cast<long long>(session.length(0)), tokens.size());
  Header header = headerFor(session.model.program);
  header.tokens = static_cast<int64_t>(tokens.size());
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t *)> hash(
      XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(hash.get());
  const std::string unfinished = path + ".tmp" + std::to_string(getpid());
  File file(std::fopen(unfinished.c_str(), "wbe"));
  bool good = file != nullptr;
  auto write = [&](const void *bytes, size_t size) {
    good = good && std::fwrite(bytes, 1, size, file.get()) == size;
    XXH3_64bits_update(hash.get(), bytes, size);
    header.bytes += size;
  };
  if (good)
    good = std::fwrite(&header, 1, sizeof header, file.get()) == sizeof header;
  write(tokens.data(), tokens.size_bytes());
  session.eachRow(0, header.tokens, write);
  header.hash = XXH3_64bits_digest(hash.get());
  good = good && std::fseek(file.get(), 0, SEEK_SET) == 0 &&
         std::fwrite(&header, 1, sizeof header, file.get()) == sizeof header;
  good = file && std::fclose(file.release()) == 0 && good;
  if (good && std::rename(unfinished.c_str(), path.c_str()) == 0)
    return;
  const int problem = errno;
  std::remove(unfinished.c_str());
  fail(SINTER_ERROR_FILE, "cannot write the prompt cache %s: %s", path.c_str(),
       std::strerror(problem));
}

std::vector<int32_t> sinter::runtime::loadPrompt(sinter_session &session,
                                                 const std::string &path) {
  requireCausal(session);
  const sinter_program &program = session.model.program;
  File file(std::fopen(path.c_str(), "rbe"));
  if (!file)
    fail(SINTER_ERROR_FILE, "cannot open the prompt cache %s: %s", path.c_str(),
         std::strerror(errno));
  auto broken = [&](const char *what) {
    fail(SINTER_ERROR_ARGUMENT, "the prompt cache %s %s", path.c_str(), what);
  };
  Header header = {}, expected = headerFor(program);
  if (std::fread(&header, 1, sizeof header, file.get()) != sizeof header ||
      std::memcmp(header.magic, fileMagic, sizeof fileMagic) != 0)
    broken("is no file of that kind");
  if (header.version != fileVersion)
    broken("is of another version of Sinter");
  if (header.weightsHash != expected.weightsHash ||
      header.weightsBytes != expected.weightsBytes ||
      header.shapeHash != expected.shapeHash ||
      header.vocabulary != expected.vocabulary)
    broken("is of another model");
  if (header.tokens < 0 || header.tokens > program.context)
    broken("holds more tokens than the context");
  // All is read and checked before the session changes.
  uint64_t rows = 0;
  session.eachRow(0, header.tokens,
                  [&](const void *, size_t size) { rows += size; });
  const auto tokenBytes = static_cast<size_t>(header.tokens) * sizeof(int32_t);
  if (header.bytes != tokenBytes + rows)
    broken("has another size than its tokens need");
  std::vector<unsigned char> bytes(header.bytes);
  if (std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() ||
      std::fgetc(file.get()) != EOF)
    broken("is not whole");
  if (XXH3_64bits(bytes.data(), bytes.size()) != header.hash)
    broken("was changed: its hash differs");
  std::vector<int32_t> tokens(static_cast<size_t>(header.tokens));
  std::memcpy(tokens.data(), bytes.data(), tokenBytes);
  for (int32_t token : tokens)
    if (token < 0 || token >= program.vocabulary)
      broken("holds tokens that the model does not have");
  const unsigned char *from = bytes.data() + tokenBytes;
  session.eachRow(0, header.tokens, [&](void *to, size_t size) {
    std::memcpy(to, from, size);
    from += size;
  });
  session.adopt(0, header.tokens);
  return tokens;
}
