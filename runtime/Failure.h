//===- Failure.h - One message for what went wrong ------------ -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_FAILURE_H
#define SINTER_RUNTIME_FAILURE_H

#include "runtime/include/sinter.h"

#include <exception>
#include <string>

namespace sinter::runtime {

/// Thrown inside the runtime, turned into a status at the C interface.
class Failure : public std::exception {
public:
  Failure(sinter_status status, std::string message)
      : code(status), text(std::move(message)) {}
  sinter_status status() const { return code; }
  const char *what() const noexcept override { return text.c_str(); }

private:
  sinter_status code;
  std::string text;
};

/// Throws a Failure with a message in printf's form: what is wrong, where, and
/// what was expected.
[[noreturn]] void fail(sinter_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Keeps the exception that is being handled as this thread's last error.
sinter_status keepException() noexcept;

/// Runs `body` and keeps what it throws as this thread's last error.
template <typename Body> sinter_status guarded(Body &&body) noexcept {
  try {
    body();
    return SINTER_OK;
  } catch (...) {
    return keepException();
  }
}

/// Keeps a message as this thread's last error.
void setLastError(const char *message) noexcept;

/// `bytes` as people read it: "640 bytes", "1.5 GiB".
std::string readableBytes(int64_t bytes);

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_FAILURE_H
