//===- ZipArchive.cpp - Files in a zip archive -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/ZipArchive.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include <algorithm>

using namespace sinter;
using namespace llvm::support::endian;

namespace {

// What each record begins with, and how long it is without its texts.
constexpr uint32_t endMark = 0x06054b50, wideEndMark = 0x06064b50,
                   wideLocatorMark = 0x07064b50, entryMark = 0x02014b50,
                   localMark = 0x04034b50;
constexpr uint64_t endBytes = 22, wideEndBytes = 56, wideLocatorBytes = 20,
                   entryBytes = 46, localBytes = 30;
/// A number that stands elsewhere, in 64 bits.
constexpr uint32_t elsewhere = 0xffffffff;

class ZipReader {
public:
  ZipReader(llvm::StringRef path, llvm::ArrayRef<uint8_t> archive)
      : path(path), archive(archive) {}

  llvm::Expected<ZipFiles> read();

private:
  struct Directory {
    uint64_t entries, offset, bytes;
  };
  struct Entry {
    std::string name;
    uint64_t bytes, storedBytes, offset;
  };

  llvm::Error error(const llvm::Twine &message) const {
    return jsonError(path, message);
  }
  /// Whether `bytes` bytes from `offset` on are in the archive.
  bool holds(uint64_t offset, uint64_t bytes) const {
    return offset <= archive.size() && bytes <= archive.size() - offset;
  }
  llvm::Expected<Directory> findDirectory() const;
  llvm::Expected<Directory> readWideEnd(uint64_t locator) const;
  llvm::Error readWideNumbers(Entry &entry,
                              llvm::ArrayRef<uint8_t> extra) const;
  llvm::Expected<llvm::ArrayRef<uint8_t>> bytesOf(const Entry &entry) const;

  llvm::StringRef path;
  llvm::ArrayRef<uint8_t> archive;
};

} // namespace

/// The end of the archive says where its directory is; a comment may follow.
llvm::Expected<ZipReader::Directory> ZipReader::findDirectory() const {
  uint64_t first =
      archive.size() - std::min<uint64_t>(archive.size(), endBytes + 0xffff);
  for (uint64_t at = archive.size(); at-- > first;) {
    if (!holds(at, endBytes) || read32le(&archive[at]) != endMark ||
        read16le(&archive[at + 20]) != archive.size() - at - endBytes)
      continue;
    if (at >= wideLocatorBytes &&
        read32le(&archive[at - wideLocatorBytes]) == wideLocatorMark)
      return readWideEnd(at - wideLocatorBytes);
    if (read16le(&archive[at + 4]) != 0 || read16le(&archive[at + 6]) != 0)
      return error("the zip archive is in several parts");
    return Directory{read16le(&archive[at + 10]), read32le(&archive[at + 16]),
                     read32le(&archive[at + 12])};
  }
  return error("there is no end of a zip archive in it; is the file whole?");
}

llvm::Expected<ZipReader::Directory>
ZipReader::readWideEnd(uint64_t locator) const {
  uint64_t at = read64le(&archive[locator + 8]);
  if (!holds(at, wideEndBytes) || read32le(&archive[at]) != wideEndMark)
    return error("the end of its zip archive is said to be at byte " +
                 llvm::Twine(at) + ", but is not there");
  if (read32le(&archive[at + 16]) != 0 || read32le(&archive[at + 20]) != 0)
    return error("the zip archive is in several parts");
  return Directory{read64le(&archive[at + 32]), read64le(&archive[at + 48]),
                   read64le(&archive[at + 40])};
}

/// Numbers of more than 32 bits are in an extra field of kind 1, those alone
/// that do not fit, in this order.
llvm::Error ZipReader::readWideNumbers(Entry &entry,
                                       llvm::ArrayRef<uint8_t> extra) const {
  uint64_t *numbers[] = {&entry.bytes, &entry.storedBytes, &entry.offset};
  if (std::none_of(std::begin(numbers), std::end(numbers),
                   [](uint64_t *number) { return *number == elsewhere; }))
    return llvm::Error::success();
  while (extra.size() >= 4) {
    uint16_t kind = read16le(extra.data()), bytes = read16le(&extra[2]);
    extra = extra.drop_front(4);
    if (bytes > extra.size())
      break;
    llvm::ArrayRef<uint8_t> field = extra.take_front(bytes);
    extra = extra.drop_front(bytes);
    if (kind != 1)
      continue;
    for (uint64_t *number : numbers) {
      if (*number != elsewhere)
        continue;
      if (field.size() < 8)
        return error("'" + entry.name +
                     "' in its zip archive has a size of 64 bits that is cut");
      *number = read64le(field.data());
      field = field.drop_front(8);
    }
    return llvm::Error::success();
  }
  return error("'" + entry.name +
               "' in its zip archive lacks its size of 64 bits");
}

/// Before the bytes of a file stand its name and more, once again.
llvm::Expected<llvm::ArrayRef<uint8_t>>
ZipReader::bytesOf(const Entry &entry) const {
  if (!holds(entry.offset, localBytes) ||
      read32le(&archive[entry.offset]) != localMark)
    return error("'" + entry.name + "' is said to be at byte " +
                 llvm::Twine(entry.offset) +
                 " of its zip archive, but is not there");
  uint64_t nameBytes = read16le(&archive[entry.offset + 26]);
  uint64_t begin = entry.offset + localBytes + nameBytes +
                   read16le(&archive[entry.offset + 28]);
  if (!holds(begin, entry.bytes))
    return error("'" + entry.name + "' is said to have " +
                 llvm::Twine(entry.bytes) + " bytes from byte " +
                 llvm::Twine(begin) + " on, but the file has " +
                 llvm::Twine(archive.size()));
  if (llvm::toStringRef(archive.slice(entry.offset + localBytes, nameBytes)) !=
      entry.name)
    return error("'" + entry.name +
                 "' has another name in its zip archive than in the "
                 "archive's directory");
  return archive.slice(begin, entry.bytes);
}

llvm::Expected<ZipFiles> ZipReader::read() {
  llvm::Expected<Directory> directory = findDirectory();
  if (!directory)
    return directory.takeError();
  if (!holds(directory->offset, directory->bytes))
    return error("the directory of its zip archive is said to have " +
                 llvm::Twine(directory->bytes) + " bytes from byte " +
                 llvm::Twine(directory->offset) + " on, but the file has " +
                 llvm::Twine(archive.size()));
  llvm::ArrayRef<uint8_t> rest =
      archive.slice(directory->offset, directory->bytes);
  ZipFiles files;
  for (uint64_t i = 0; i < directory->entries; ++i) {
    if (rest.size() < entryBytes || read32le(rest.data()) != entryMark)
      return error("the directory of its zip archive ends at file " +
                   llvm::Twine(i) + " of " + llvm::Twine(directory->entries));
    const uint8_t *at = rest.data();
    uint64_t name = read16le(at + 28), extra = read16le(at + 30),
             comment = read16le(at + 32);
    if (rest.size() - entryBytes < name + extra + comment)
      return error("the directory of its zip archive is cut in file " +
                   llvm::Twine(i));
    Entry entry{llvm::toStringRef(rest.slice(entryBytes, name)).str(),
                read32le(at + 24), read32le(at + 20), read32le(at + 42)};
    if (llvm::Error problem =
            readWideNumbers(entry, rest.slice(entryBytes + name, extra)))
      return std::move(problem);
    if (read16le(at + 8) & 1)
      return error("'" + entry.name + "' in its zip archive is encrypted");
    if (read16le(at + 10) != 0 || entry.bytes != entry.storedBytes)
      return error("'" + entry.name +
                   "' in its zip archive is compressed; PyTorch stores files "
                   "as they are");
    rest = rest.drop_front(entryBytes + name + extra + comment);
    llvm::Expected<llvm::ArrayRef<uint8_t>> bytes = bytesOf(entry);
    if (!bytes)
      return bytes.takeError();
    if (!files.emplace(entry.name, *bytes).second)
      return error("'" + entry.name + "' stands twice in its zip archive");
  }
  return std::move(files);
}

llvm::Expected<ZipFiles>
sinter::readZipArchive(llvm::StringRef path, llvm::ArrayRef<uint8_t> archive) {
  return ZipReader(path, archive).read();
}
