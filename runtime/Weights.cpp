//===- Weights.cpp - The weights of a model, mapped -----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Weights.h"

#include "runtime/Failure.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#if defined(__wasi__)
#include <wasi/api.h>
#else
#include <link.h>
#include <sys/mman.h>
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace sinter::runtime;

namespace {

class File {
public:
  explicit File(const std::string &path)
      : descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor >= 0)
      close(descriptor);
  }
  File(const File &) = delete;
  File &operator=(const File &) = delete;

  const int descriptor;
};

/// "model": holds another model's weights, because...
[[noreturn]] void foreign(const std::string &path,
                          const sinter_program &program, const char *reason) {
  fail(SINTER_ERROR_FILE, "%s does not hold the weights of model '%s': %s",
       path.c_str(), program.name, reason);
}

/// No such file, or, for a module, none in the folders that it was given.
bool isAbsent(int error) {
#if defined(__wasi__)
  return error == ENOENT || error == ENOTCAPABLE;
#else
  return error == ENOENT;
#endif
}

enum class Trailer { found, absent };

/// Reads the trailer of `path` and checks every number in it.
Trailer readTrailer(const File &file, const std::string &path,
                    const sinter_program &program,
                    sinter_payload_trailer &trailer) {
  struct stat status;
  if (fstat(file.descriptor, &status) != 0)
    fail(SINTER_ERROR_FILE, "cannot read %s: %s", path.c_str(),
         std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    foreign(path, program, "it is not a regular file");
  const uint64_t size = static_cast<uint64_t>(status.st_size);
  if (size < sizeof(trailer))
    return Trailer::absent;
  ssize_t read = pread(file.descriptor, &trailer, sizeof(trailer),
                       static_cast<off_t>(size - sizeof(trailer)));
  if (read != static_cast<ssize_t>(sizeof(trailer)))
    fail(SINTER_ERROR_FILE, "cannot read the end of %s: %s", path.c_str(),
         read < 0 ? std::strerror(errno) : "the file ends early");
  if (std::memcmp(trailer.magic, SINTER_PAYLOAD_MAGIC, 8) != 0)
    return Trailer::absent;

  char reason[256];
  if (trailer.version != SINTER_PAYLOAD_VERSION ||
      trailer.trailer_bytes != SINTER_PAYLOAD_TRAILER_BYTES) {
    std::snprintf(reason, sizeof(reason),
                  "its trailer is of version %u (%u bytes), expected %d (%d)",
                  trailer.version, trailer.trailer_bytes,
                  SINTER_PAYLOAD_VERSION, SINTER_PAYLOAD_TRAILER_BYTES);
    foreign(path, program, reason);
  }
  if (XXH3_64bits(&trailer, offsetof(sinter_payload_trailer, trailer_hash)) !=
      trailer.trailer_hash)
    foreign(path, program, "its trailer is damaged");
  if (trailer.file_bytes != size) {
    std::snprintf(reason, sizeof(reason),
                  "it has %llu bytes, and its trailer says %llu; was it cut or "
                  "edited?",
                  static_cast<unsigned long long>(size),
                  static_cast<unsigned long long>(trailer.file_bytes));
    foreign(path, program, reason);
  }
  if (trailer.weights_bytes != static_cast<uint64_t>(program.weights_bytes)) {
    std::snprintf(reason, sizeof(reason),
                  "it holds %llu bytes of weights, expected %llu",
                  static_cast<unsigned long long>(trailer.weights_bytes),
                  static_cast<unsigned long long>(program.weights_bytes));
    foreign(path, program, reason);
  }
  if (trailer.weights_hash != program.weights_hash)
    foreign(path, program, "the hash of the weights is another one's");
  const uint64_t room = size - sizeof(trailer);
  if (trailer.weights_offset % SINTER_PAYLOAD_ALIGNMENT != 0 ||
      trailer.weights_offset > room ||
      trailer.weights_bytes > room - trailer.weights_offset) {
    std::snprintf(reason, sizeof(reason),
                  "its trailer puts %llu bytes of weights at offset %llu of a "
                  "file of %llu bytes",
                  static_cast<unsigned long long>(trailer.weights_bytes),
                  static_cast<unsigned long long>(trailer.weights_offset),
                  static_cast<unsigned long long>(size));
    foreign(path, program, reason);
  }
  return Trailer::found;
}

} // namespace

#if defined(__wasi__)

/// Only the name that the program was started by is known.
std::string sinter::runtime::fileOf(const void *) {
  size_t count = 0, bytes = 0;
  if (__wasi_args_sizes_get(&count, &bytes) != 0 || count == 0)
    return "this module";
  std::vector<uint8_t *> words(count + 1);
  std::vector<uint8_t> text(bytes + 1);
  if (__wasi_args_get(words.data(), text.data()) != 0)
    return "this module";
  return reinterpret_cast<const char *>(words[0]);
}

extern "C" __attribute__((weak))
const unsigned char embeddedWeights[] __asm__(SINTER_PAYLOAD_SYMBOL);

/// Null: the module has none.
static const unsigned char *weightsInside() { return embeddedWeights; }

/// What a file holds from `offset` on, read into memory of its own.
static const unsigned char *mapFile(const File &file, uint64_t bytes,
                                    uint64_t offset, Memory &copy) {
  copy = Memory(static_cast<int64_t>(bytes), "the weights");
  for (uint64_t done = 0; done < bytes;) {
    const ssize_t count =
        pread(file.descriptor, copy.data() + done,
              static_cast<size_t>(std::min<uint64_t>(bytes - done, 1 << 30)),
              static_cast<off_t>(offset + done));
    if (count <= 0)
      return nullptr;
    done += static_cast<uint64_t>(count);
  }
  return copy.data();
}

static void unmap(const unsigned char *, size_t) {}

#else

namespace {

struct Search {
  const void *address;
  std::string found;
};

int searchObject(dl_phdr_info *object, size_t, void *data) {
  Search &search = *static_cast<Search *>(data);
  uintptr_t address = reinterpret_cast<uintptr_t>(search.address);
  for (int index = 0; index < object->dlpi_phnum; ++index) {
    const ElfW(Phdr) &segment = object->dlpi_phdr[index];
    uintptr_t start = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && address >= start &&
        address - start < segment.p_memsz) {
      search.found = object->dlpi_name ? object->dlpi_name : "";
      return 1;
    }
  }
  return 0;
}

} // namespace

std::string sinter::runtime::fileOf(const void *address) {
  Search search{address, ""};
  dl_iterate_phdr(searchObject, &search);
  if (!search.found.empty())
    return search.found;
  // The executable itself has no name in the list of loaded objects.
  std::vector<char> name(4096);
  ssize_t length = readlink("/proc/self/exe", name.data(), name.size());
  if (length <= 0 || length == static_cast<ssize_t>(name.size()))
    return "/proc/self/exe";
  std::string path(name.data(), static_cast<size_t>(length));
  // An executable that was replaced or removed while it runs can still be read
  // under this name.
  return access(path.c_str(), F_OK) == 0 ? path : "/proc/self/exe";
}

static const unsigned char *weightsInside() { return nullptr; }

static const unsigned char *mapFile(const File &file, uint64_t bytes,
                                    uint64_t offset, Memory &) {
  void *address = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.descriptor,
                       static_cast<off_t>(offset));
  return address == MAP_FAILED ? nullptr
                               : static_cast<const unsigned char *>(address);
}

static void unmap(const unsigned char *bytes, size_t size) {
  munmap(const_cast<unsigned char *>(bytes), size);
}

#endif

Weights::Weights(const sinter_program &program, const char *path) {
  if (program.weights_bytes == 0)
    return;
  sinter_payload_trailer trailer;
  std::vector<std::string> places;
  if (path)
    places.push_back(path);
  else if (const unsigned char *inside = weightsInside()) {
    file = fileOf(program.name);
    bytes = inside;
    mapped = static_cast<size_t>(program.weights_bytes);
    return;
  } else {
    // Not of the program: an executable that names a library's variable gets a
    // copy of it, whose pointers still lead into the library.
    places.push_back(fileOf(program.name));
    places.push_back(places[0] + SINTER_PAYLOAD_SUFFIX);
  }
  for (const std::string &place : places) {
    File candidate(place);
    if (candidate.descriptor < 0) {
      if (!path && isAbsent(errno))
        continue;
      fail(SINTER_ERROR_FILE, "cannot open %s: %s", place.c_str(),
           std::strerror(errno));
    }
    if (readTrailer(candidate, place, program, trailer) == Trailer::absent)
      continue;
    bytes =
        mapFile(candidate, trailer.weights_bytes, trailer.weights_offset, copy);
    if (!bytes)
      fail(SINTER_ERROR_MEMORY, "cannot map %s of weights from %s: %s",
           readableBytes(program.weights_bytes).c_str(), place.c_str(),
           std::strerror(errno));
    file = place;
    mapped = static_cast<size_t>(trailer.weights_bytes);
    return;
  }
  fail(SINTER_ERROR_FILE,
       "%s has no weights at its end%s; model '%s' needs %s of them (was the "
       "file cut or stripped?)",
       places[0].c_str(),
       path ? "" : ", and beside it there is no file of weights either",
       program.name, readableBytes(program.weights_bytes).c_str());
}

Weights::~Weights() {
  if (mapped)
    unmap(bytes, mapped);
}

void Weights::verify(const sinter_program &program) const {
  uint64_t hash = XXH3_64bits(bytes, mapped);
  if (mapped && hash != program.weights_hash)
    fail(SINTER_ERROR_FILE,
         "the weights in %s are damaged: their hash is %016llx, expected "
         "%016llx",
         file.c_str(), static_cast<unsigned long long>(hash),
         static_cast<unsigned long long>(program.weights_hash));
}
