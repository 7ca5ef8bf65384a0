//===- MemoryTest.cpp - Memory of a session -------------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

using namespace sinter::runtime;

namespace {

/// What the system says of the pages at `address`: "rd wr mr mw me ac hg".
std::string flagsAt(const void *address) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool isHere = false;
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  while (std::getline(maps, line)) {
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::istringstream range(line);
    if (range >> std::hex >> begin >> dash >> end && dash == '-')
      isHere = begin <= wanted && wanted < end;
    else if (isHere && line.rfind("VmFlags:", 0) == 0)
      return line + " ";
  }
  return "";
}

TEST(Memory, IsZeroAndMoves) {
  for (Pages pages : {Pages::usual, Pages::huge}) {
    Memory memory(5 << 20, "a test", pages);
    ASSERT_EQ(memory.bytes(), 5 << 20);
    for (int64_t at : {int64_t(0), memory.bytes() / 2, memory.bytes() - 1})
      EXPECT_EQ(memory.data()[at], 0);
    memory.data()[memory.bytes() - 1] = 7;
    unsigned char *start = memory.data();
    Memory moved = std::move(memory);
    EXPECT_EQ(moved.data(), start);
    EXPECT_EQ(memory.data(), nullptr);
    Memory other;
    other = std::move(moved);
    EXPECT_EQ(other.data()[other.bytes() - 1], 7);
  }
}

TEST(Memory, HugePagesAreAskedForWhereTheyBegin) {
  Memory usual(8 << 20, "a test");
  Memory huge(8 << 20, "a test", Pages::huge);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(huge.data()) % (2 << 20), 0u);
  const std::string flags = flagsAt(huge.data() + 1000);
  if (flags.empty())
    GTEST_SKIP() << "the system does not say";
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled"))
    GTEST_SKIP() << "the system has no huge pages";
  EXPECT_NE(flags.find(" hg "), std::string::npos) << flags;
  EXPECT_EQ(flagsAt(usual.data() + 1000).find(" hg "), std::string::npos);
}

} // namespace
