//===- DraftModel.h - Another compiled model, which guesses -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_MAIN_DRAFTMODEL_H
#define SINTER_RUNTIME_MAIN_DRAFTMODEL_H

#include "runtime/main/Commands.h"

#include <string>

namespace sinter::runtime {

/// A model in a shared library (`sinter compile --emit shared`), opened, with a
/// session of one sequence. Its code runs on this program's runtime, which
/// checks that both are of one version.
class DraftModel {
public:
  /// `threads` 0: as many as cores. Throws a Failure.
  DraftModel(const std::string &path, int64_t threads);
  ~DraftModel();
  DraftModel(const DraftModel &) = delete;
  DraftModel &operator=(const DraftModel &) = delete;

  sinter_session *getSession() const { return session.get(); }

private:
  [[maybe_unused]] void *library = nullptr;
  ModelHandle model;
  SessionHandle session;
};

} // namespace sinter::runtime

#endif // SINTER_RUNTIME_MAIN_DRAFTMODEL_H
