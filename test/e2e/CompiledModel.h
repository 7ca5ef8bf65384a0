//===- CompiledModel.h - A compiled model, loaded -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_E2E_COMPILEDMODEL_H
#define SINTER_TEST_E2E_COMPILEDMODEL_H

#include "runtime/include/sinter.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"
#include <dlfcn.h>

namespace sinter::test {

[[noreturn]] inline void fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << '\n';
  exit(1);
}

/// The library's own functions: it brings the runtime with it.
struct Library {
  void *handle;
  const sinter_program *program;

  explicit Library(const char *path)
      : handle(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (!handle)
      fail(dlerror());
    program =
        static_cast<const sinter_program *>(find("sinter_compiled_model"));
  }
  void *find(const char *name) const {
    void *address = dlsym(handle, name);
    if (!address)
      fail(llvm::Twine(path()) + " does not export " + name);
    return address;
  }
  const char *path() const { return "the library"; }
};

#define CALL(library, function)                                                \
  (reinterpret_cast<decltype(&function)>((library).find(#function)))

/// Checks a status, with the library's message.
struct Runner {
  Library &library;
  sinter_model *model = nullptr;
  sinter_model_description description = {};

  explicit Runner(Library &library) : library(library) {
    check(CALL(library, sinter_model_open)(library.program, nullptr, &model),
          "open");
    check(CALL(library, sinter_model_verify)(model), "verify");
    CALL(library, sinter_model_describe)(model, &description);
  }
  ~Runner() { CALL(library, sinter_model_close)(model); }

  void check(sinter_status status, llvm::StringRef what) const {
    if (status != SINTER_OK)
      fail(what + ": " + CALL(library, sinter_last_error)());
  }
};

} // namespace sinter::test

#endif // SINTER_TEST_E2E_COMPILEDMODEL_H
