//===- WasiExceptions.cpp - What is thrown ends the program -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Debian's C++ library for WASI cannot unwind, and a module that did would run
// on some of the engines only: the two forms of WebAssembly's exceptions have
// few in common. So nothing is caught: these two functions of the Itanium C++
// ABI (chapter 2.4) stand in for those that unwind, and what is thrown is
// reported at once, as runCommandLine would.
//
// What a handler in between would have added to a message is not there, but
// where in a text the error is.
//
//===----------------------------------------------------------------------===//

#include "runtime/chat/Value.h"
#include "runtime/grammar/Grammar.h"
#include "runtime/main/CommandLine.h"

#include <cstdlib>
#include <new>
#include <typeinfo>

using namespace sinter::runtime;

static_assert(sizeof(void *) == 4, "of WebAssembly alone");

/// "...", and at which byte of a grammar, a template or JSON.
template <typename Error>
static bool reportWithPlace(const std::exception &exception) {
  auto *error = dynamic_cast<const Error *>(&exception);
  if (!error || error->place == Error::unknown)
    return false;
  report(Error(error->text + " (at byte " + std::to_string(error->place) +
               " of what is read)"));
  return true;
}

extern "C" void *__cxa_allocate_exception(size_t bytes) {
  if (void *memory = std::malloc(bytes))
    return memory;
  std::exit(report(std::bad_alloc()));
}

extern "C" [[noreturn]] void __cxa_throw(void *object, std::type_info *type,
                                         void (*)(void *)) {
  // All else that is thrown, here and in the library, has std::exception as its
  // first base.
  if (*type == typeid(WriteFailure))
    std::exit(report(*static_cast<WriteFailure *>(object)));
  const auto &exception = *static_cast<std::exception *>(object);
  if (reportWithPlace<grammar::GrammarError>(exception) ||
      reportWithPlace<chat::TemplateError>(exception))
    std::exit(2);
  std::exit(report(exception));
}

/// The library's operator new ends the program without a word.
static const std::new_handler before =
    std::set_new_handler([] { std::exit(report(std::bad_alloc())); });
