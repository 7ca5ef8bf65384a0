//===- Pickle.h - Python objects in a pickle, never run -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_HUGGINGFACE_PICKLE_H
#define SINTER_FRONTEND_HUGGINGFACE_PICKLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <vector>

namespace sinter {

/// A value of a pickle. Values name each other by their index in the pickle, so
/// that one can be in several places, or in itself.
struct PickleValue {
  enum Kind : uint8_t {
    None,
    Bool,
    Integer,
    /// An integer of more than 64 bits, or a float: nothing that is asked for.
    OtherNumber,
    String,
    Tuple,
    List,
    /// Keys and values by turns. `collections.OrderedDict` is one, too.
    Dict,
    /// A class or function, by its module and name: "torch FloatStorage".
    Global,
    /// What Python would get by calling items[0] with the tuple items[1].
    Call,
    /// What the file that holds the pickle keeps under the tuple items[0].
    Persistent
  } kind = None;
  int64_t integer = 0; ///< of a Bool, too
  llvm::StringRef string = {};
  std::vector<uint32_t> items = {};
};

struct Pickle {
  std::vector<PickleValue> values;
  uint32_t root = 0;
  /// How many bytes it takes.
  size_t size = 0;

  const PickleValue &operator[](uint32_t index) const { return values[index]; }
};

/// Reads the pickle that `bytes` begin with
/// (https://github.com/python/cpython/blob/main/Lib/pickletools.py describes
/// the instructions). A pickle is a program; this reads only the instructions
/// that describe numbers, texts, lists, dictionaries and calls, and runs none
/// of the calls. Texts stay in `bytes`. `allowed` are the globals that it may
/// name; any other is an error. `place` stands before messages.
llvm::Expected<Pickle> readPickle(llvm::StringRef place,
                                  llvm::ArrayRef<uint8_t> bytes,
                                  llvm::ArrayRef<llvm::StringRef> allowed);

} // namespace sinter

#endif // SINTER_FRONTEND_HUGGINGFACE_PICKLE_H
