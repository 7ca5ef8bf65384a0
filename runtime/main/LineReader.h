//===- LineReader.h - Lines that a user types -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_LINEREADER_H
#define SINTER_RUNTIME_MAIN_LINEREADER_H

#include <string>

namespace sinter::runtime {

/// Reads standard input line by line, until a Ctrl-C comes at whatever moment
/// (keepInterrupts() must have been called). A line that ends with a backslash
/// goes on in the next one.
class LineReader {
public:
  enum Result { Line, End, Interrupted };

  LineReader();
  ~LineReader();
  LineReader(const LineReader &) = delete;
  LineReader &operator=(const LineReader &) = delete;

  /// `prompt` and `continued` are printed before each line; empty: nothing is.
  Result read(std::string &line, const std::string &prompt,
              const std::string &continued);

private:
  Result readOne(std::string &line);
  int input;
  std::string pending;
  bool atEnd = false;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_LINEREADER_H
