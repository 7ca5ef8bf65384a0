//===- Diagnostics.cpp - Messages about a spec ----------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Diagnostics.h"

#include "llvm/ADT/StringRef.h"

using namespace llvm;

namespace sinter::spec {

/// More errors than this help nobody.
static constexpr unsigned errorLimit = 20;

void Diagnostics::print(SMRange where, SourceMgr::DiagKind kind,
                        const Twine &message) {
  if (!where.isValid()) {
    stream << (kind == SourceMgr::DK_Error ? "error: " : "note: ") << message
           << '\n';
    return;
  }
  // A range that spans lines would underline the first of them to its end; its
  // start says enough.
  StringRef text(where.Start.getPointer(),
                 where.End.getPointer() - where.Start.getPointer());
  if (text.contains('\n') || text.empty())
    sources.PrintMessage(stream, where.Start, kind, message);
  else
    sources.PrintMessage(stream, where.Start, kind, message, where);
}

Report Diagnostics::error(SMRange where, const Twine &message) {
  bool repeated =
      !seen.insert({where.Start.getPointer(), message.str()}).second;
  if (repeated)
    return Report(*this, false);
  ++errors;
  if (errors > errorLimit) {
    if (errors == errorLimit + 1)
      stream << "error: more than " << errorLimit
             << " errors; the rest is not shown\n";
    return Report(*this, false);
  }
  print(where, SourceMgr::DK_Error, message);
  return Report(*this, true);
}

Report &Report::note(SMRange where, const Twine &message) {
  if (printed)
    diagnostics.print(where, SourceMgr::DK_Note, message);
  return *this;
}

std::string didYouMean(StringRef name, ArrayRef<StringRef> candidates) {
  if (name.size() > 256)
    return "";
  // A third of the letters may differ: more, and the suggestion is a guess.
  unsigned best = std::max<size_t>(1, name.size() / 3) + 1;
  StringRef nearest;
  for (StringRef candidate : candidates) {
    unsigned distance =
        name.edit_distance(candidate, /*AllowReplacements=*/true, best);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : "; did you mean '" + nearest.str() + "'?";
}

} // namespace sinter::spec
