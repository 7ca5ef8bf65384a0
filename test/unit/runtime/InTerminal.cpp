//===- InTerminal.cpp - Someone at a terminal -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//     in-terminal PROGRAM ARGUMENT... < script
//
// Runs a program in a terminal, and does there what the lines of a script say:
//
//     expect TEXT   waits until the program has written TEXT
//     type TEXT     types a line
//     interrupt     Ctrl-C
//     end           Ctrl-D
//     # ...         says nothing to the program
//
// The terminal shows what is typed, too: TEXT that a script typed itself says
// nothing about how far the program has come.
//
// Prints all that the terminal shows, and exits as the program does. What does
// not come within 20 seconds is an error.
//
//===----------------------------------------------------------------------===//

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <poll.h>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

int terminal = -1;
std::string shown;
size_t seen = 0;

/// False: nothing came, and nothing will.
bool readMore() {
  pollfd waiting = {terminal, POLLIN, 0};
  char buffer[4096];
  if (poll(&waiting, 1, 20'000) <= 0)
    return false;
  const ssize_t count = read(terminal, buffer, sizeof buffer);
  if (count <= 0)
    return false;
  shown.append(buffer, static_cast<size_t>(count));
  return true;
}

bool expect(const std::string &text) {
  while (true) {
    if (size_t at = shown.find(text, seen); at != shown.npos) {
      seen = at + text.size();
      return true;
    }
    if (!readMore())
      return false;
  }
}

void type(const std::string &text) {
  if (write(terminal, text.data(), text.size()) < 0)
    std::perror("in-terminal");
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) {
    std::perror("in-terminal");
    return 2;
  }
  if (child == 0) {
    execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    _exit(127);
  }
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest =
        word.size() < line.size() ? line.substr(word.size() + 1) : "";
    if (word == "expect" && !expect(rest)) {
      std::fprintf(stderr,
                   "in-terminal: '%s' did not come; the terminal shows:\n%s\n",
                   rest.c_str(), shown.c_str());
      return 2;
    }
    if (word == "type") {
      type(rest + "\n");
    } else if (word == "interrupt") {
      type("\x03");
    } else if (word == "end") {
      type("\x04");
    } else if (word != "expect" && !word.starts_with("#")) {
      std::fprintf(stderr, "in-terminal: no '%s' is known\n", line.c_str());
      return 2;
    }
  }
  while (readMore()) {
  }
  std::fputs(shown.c_str(), stdout);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
