//===- Remarks.h - What passes say of a model -------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_REMARKS_H
#define SINTER_TOOLS_SINTER_REMARKS_H

#include "mlir/IR/Remarks.h"
#include "llvm/Support/Error.h"
#include <string>
#include <utility>
#include <vector>

namespace sinter {

/// A line of a spec, or a node of an imported graph.
struct SourcePlace {
  std::string file;
  unsigned line = 0, column = 0;
  /// The function that the line stands in, where it was called; the node's
  /// name.
  std::string name;

  auto operator<=>(const SourcePlace &other) const = default;
};

/// Where something comes from: the line itself, then the calls that led to it.
std::vector<SourcePlace> placesOf(mlir::Location location);

struct Remark {
  std::vector<SourcePlace> places;
  std::string pass, name, function, message;
  llvm::remarks::Type kind;
  /// What machines read: keys and values beside the message.
  std::vector<std::pair<std::string, std::string>> facts;
  /// How often exactly this was said.
  unsigned count = 1;

  /// "passed", "missed", "failed" or "analysis".
  llvm::StringRef kindName() const;
};

/// The remarks of a run of the passes.
class RemarkLog {
public:
  /// From now on, keeps what passes say whose names match `passes`, a regular
  /// expression; empty: all. The log must outlive the context's remarks.
  llvm::Error listenTo(mlir::MLIRContext &context, llvm::StringRef passes);
  void add(const mlir::remark::detail::Remark &remark);

  /// In the order of the source, what was said twice once.
  void sort();
  const std::vector<Remark> &getRemarks() const { return remarks; }

  /// Like a compiler's diagnostics: place, message, the line with a caret.
  void print(llvm::raw_ostream &stream, bool colours) const;
  /// As LLVM's tools read remarks.
  void printYaml(llvm::raw_ostream &stream) const;

private:
  llvm::Regex filter;
  std::vector<Remark> remarks;
};

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_REMARKS_H
