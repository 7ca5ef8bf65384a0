//===- Failure.cpp - One message for what went wrong ----------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Failure.h"

#include <cstdarg>
#include <cstdio>
#include <new>

using namespace sinter::runtime;

namespace {

// Of fixed size, so that keeping a message cannot fail itself.
thread_local char lastError[1024] = "no error";

} // namespace

void sinter::runtime::fail(sinter_status status, const char *format, ...) {
  char text[sizeof(lastError)];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  throw Failure(status, text);
}

void sinter::runtime::setLastError(const char *message) noexcept {
  std::snprintf(lastError, sizeof(lastError), "%s", message);
}

sinter_status sinter::runtime::keepException() noexcept {
  try {
    throw;
  } catch (const Failure &failure) {
    setLastError(failure.what());
    return failure.status();
  } catch (const std::bad_alloc &) {
    setLastError("out of memory");
    return SINTER_ERROR_MEMORY;
  } catch (const std::exception &exception) {
    setLastError(exception.what());
    return SINTER_ERROR_INTERNAL;
  } catch (...) {
    setLastError("an unknown exception reached the C interface");
    return SINTER_ERROR_INTERNAL;
  }
}

std::string sinter::runtime::readableBytes(int64_t bytes) {
  static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double amount = static_cast<double>(bytes);
  int unit = 0;
  for (; amount >= 1024 && unit < 4; ++unit)
    amount /= 1024;
  char text[32];
  std::snprintf(text, sizeof(text), unit == 0 ? "%.0f %s" : "%.1f %s", amount,
                units[unit]);
  return text;
}

extern "C" const char *sinter_last_error(void) { return lastError; }
