//===- LineReader.cpp - Lines that a user types -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/LineReader.h"

#include "runtime/Failure.h"
#include "runtime/main/Interrupt.h"
#include "runtime/main/Output.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace sinter::runtime;

LineReader::LineReader() : input(STDIN_FILENO) {
  // A Ctrl-C takes back what a terminal has said to be there, behind which a
  // read would wait for ever. Others may share standard input's description,
  // so the one that does not wait is opened anew.
  if (!isatty(STDIN_FILENO))
    return;
  const int own =
      ::open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (own >= 0)
    input = own;
}

LineReader::~LineReader() {
  if (input != STDIN_FILENO)
    ::close(input);
}

LineReader::Result LineReader::readOne(std::string &line) {
  while (true) {
    if (size_t end = pending.find('\n'); end != std::string::npos) {
      line += pending.substr(0, end);
      pending.erase(0, end + 1);
      return Line;
    }
    if (atEnd) {
      if (pending.empty())
        return End;
      line += pending;
      pending.clear();
      return Line;
    }
    // The terminal drops what was typed before a Ctrl-C: so does this.
    if (!waitForInput(input)) {
      pending.clear();
      return Interrupted;
    }
    char buffer[4096];
    const ssize_t count = ::read(input, buffer, sizeof buffer);
    if (count < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (count < 0)
      fail(SINTER_ERROR_FILE, "cannot read standard input: %s",
           std::strerror(errno));
    atEnd = count == 0;
    pending.append(buffer, static_cast<size_t>(count));
  }
}

LineReader::Result LineReader::read(std::string &line,
                                    const std::string &prompt,
                                    const std::string &continued) {
  line.clear();
  print(prompt);
  flush();
  while (true) {
    const Result result = readOne(line);
    if (result != Line)
      return line.empty() || result == Interrupted ? result : Line;
    if (line.empty() || line.back() != '\\')
      return Line;
    line.back() = '\n';
    print(continued);
    flush();
  }
}
