//===- Diagnostics.h - Messages about a spec --------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_DIAGNOSTICS_H
#define SINTER_FRONTEND_SPEC_DIAGNOSTICS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <set>
#include <string>

namespace sinter::spec {

class Diagnostics;

/// An error that was just printed; notes that explain it follow. Notes of an
/// error that was not printed (a repetition, or one error too many) are not
/// printed either.
class Report {
public:
  Report(Diagnostics &diagnostics, bool printed)
      : diagnostics(diagnostics), printed(printed) {}
  Report &note(llvm::SMRange where, const llvm::Twine &message);

private:
  Diagnostics &diagnostics;
  bool printed;
};

/// Prints messages with file, line, column and caret, and counts the errors. A
/// function of a spec is elaborated once for each call: the same message at the
/// same place is printed once.
class Diagnostics {
public:
  Diagnostics(llvm::SourceMgr &sources, llvm::raw_ostream &stream)
      : sources(sources), stream(stream) {}

  /// An error at a place of a spec; an invalid range gives a message without a
  /// place.
  Report error(llvm::SMRange where, const llvm::Twine &message);

  bool hasErrors() const { return errors != 0; }
  llvm::SourceMgr &getSources() { return sources; }

private:
  friend class Report;
  void print(llvm::SMRange where, llvm::SourceMgr::DiagKind kind,
             const llvm::Twine &message);

  llvm::SourceMgr &sources;
  llvm::raw_ostream &stream;
  std::set<std::pair<const char *, std::string>> seen;
  unsigned errors = 0;
};

/// "; did you mean 'x'?" with the candidate nearest to `name` by edit distance,
/// or "" where none is near.
std::string didYouMean(llvm::StringRef name,
                       llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_DIAGNOSTICS_H
