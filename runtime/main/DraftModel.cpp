//===- DraftModel.cpp - Another compiled model, which guesses -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/main/DraftModel.h"

#include "runtime/Failure.h"

using namespace sinter::runtime;

#if defined(__wasi__)

DraftModel::DraftModel(const std::string &path, int64_t) {
  fail(SINTER_ERROR_UNSUPPORTED,
       "--draft %s: a WebAssembly module cannot load another one",
       path.c_str());
}

DraftModel::~DraftModel() = default;

#else

#include <dlfcn.h>

DraftModel::DraftModel(const std::string &path, int64_t threads)
    // A name without a slash would be looked for among the system's libraries.
    : library(dlopen((path.find('/') == path.npos ? "./" + path : path).c_str(),
                     RTLD_NOW | RTLD_LOCAL)) {
  if (!library)
    fail(SINTER_ERROR_FILE,
         "cannot load the draft %s: %s; it is made by sinter compile --emit "
         "shared",
         path.c_str(), dlerror());
  const auto *program = static_cast<const sinter_program *>(
      dlsym(library, "sinter_compiled_model"));
  if (!program) {
    dlclose(library);
    fail(SINTER_ERROR_FILE,
         "the draft %s is no model: it is made by sinter compile --emit shared",
         path.c_str());
  }
  try {
    sinter_model *opened = nullptr;
    check(sinter_model_open(program, nullptr, &opened));
    model.reset(opened);
    const sinter_session_options options = {1, threads, nullptr};
    sinter_session *created = nullptr;
    check(sinter_session_create(opened, &options, &created));
    session.reset(created);
  } catch (...) {
    model.reset();
    dlclose(library);
    throw;
  }
}

DraftModel::~DraftModel() {
  session.reset();
  model.reset();
  dlclose(library);
}

#endif
