//===- Pickle.cpp - Python objects in a pickle, never run -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/huggingface/Pickle.h"
#include "frontend/huggingface/Json.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

using namespace sinter;
using namespace llvm::support::endian;

namespace {

/// A checkpoint has some 25 values a tensor; this bounds what a hostile pickle
/// can take.
constexpr size_t maximumValues = 8'000'000;

/// The instructions, by the names of the format.
enum Opcode : uint8_t {
  MARK = '(',
  STOP = '.',
  POP = '0',
  POP_MARK = '1',
  DUP = '2',
  BINBYTES = 'B',
  SHORT_BINBYTES = 'C',
  BINFLOAT = 'G',
  BININT = 'J',
  BININT1 = 'K',
  BININT2 = 'M',
  NONE = 'N',
  BINPERSID = 'Q',
  REDUCE = 'R',
  BINSTRING = 'T',
  SHORT_BINSTRING = 'U',
  BINUNICODE = 'X',
  EMPTY_LIST = ']',
  APPEND = 'a',
  BUILD = 'b',
  GLOBAL = 'c',
  APPENDS = 'e',
  BINGET = 'h',
  LONG_BINGET = 'j',
  BINPUT = 'q',
  LONG_BINPUT = 'r',
  SETITEM = 's',
  TUPLE = 't',
  SETITEMS = 'u',
  EMPTY_DICT = '}',
  EMPTY_TUPLE = ')',
  PROTO = 0x80,
  TUPLE1 = 0x85,
  TUPLE2 = 0x86,
  TUPLE3 = 0x87,
  NEWTRUE = 0x88,
  NEWFALSE = 0x89,
  LONG1 = 0x8a,
  SHORT_BINUNICODE = 0x8c,
  BINUNICODE8 = 0x8d,
  STACK_GLOBAL = 0x93,
  MEMOIZE = 0x94,
  FRAME = 0x95
};

class PickleReader {
public:
  PickleReader(llvm::StringRef place, llvm::ArrayRef<uint8_t> bytes,
               llvm::ArrayRef<llvm::StringRef> allowed)
      : place(place), bytes(bytes), allowed(allowed) {}

  llvm::Expected<Pickle> read();

private:
  // Each of these is false after a mistake, which `problem` then tells.
  bool step(uint8_t opcode);
  bool scalar(uint8_t opcode);
  bool container(uint8_t opcode);
  bool object(uint8_t opcode);
  bool memo(uint8_t opcode);
  bool fail(const llvm::Twine &message) {
    if (problem.empty())
      problem = message.str();
    return false;
  }

  /// The next `size` bytes; nothing of them is used where there are fewer.
  bool take(uint64_t size, llvm::ArrayRef<uint8_t> &taken) {
    if (size > bytes.size() - at)
      return fail("it needs " + llvm::Twine(size) + " bytes, but " +
                  llvm::Twine(bytes.size() - at) + " are left");
    taken = bytes.slice(at, size);
    at += size;
    return true;
  }
  /// A number of 1, 2, 4 or 8 bytes.
  bool number(unsigned size, uint64_t &value) {
    llvm::ArrayRef<uint8_t> taken;
    if (!take(size, taken))
      return false;
    value = 0;
    for (unsigned i = 0; i < size; ++i)
      value |= uint64_t(taken[i]) << 8 * i;
    return true;
  }
  bool push(PickleValue value) {
    if (pickle.values.size() >= maximumValues)
      return fail("it has more values than any checkpoint");
    stack.push_back(uint32_t(pickle.values.size()));
    pickle.values.push_back(std::move(value));
    return true;
  }
  bool pop(uint32_t &index) {
    if (stack.size() <= (marks.empty() ? 0 : marks.back()))
      return fail("it takes a value where there is none");
    index = stack.pop_back_val();
    return true;
  }
  /// Everything above the last mark, which goes.
  bool popToMark(std::vector<uint32_t> &items) {
    if (marks.empty())
      return fail("it goes back to a mark where there is none");
    items.assign(stack.begin() + marks.back(), stack.end());
    stack.truncate(marks.pop_back_val());
    return true;
  }
  PickleValue *top(PickleValue::Kind kind, llvm::StringRef what) {
    if (stack.size() <= (marks.empty() ? 0 : marks.back()) ||
        pickle.values[stack.back()].kind != kind) {
      fail("it adds to " + what + " where there is none");
      return nullptr;
    }
    return &pickle.values[stack.back()];
  }
  bool text(uint64_t size) {
    llvm::ArrayRef<uint8_t> taken;
    return take(size, taken) &&
           push({PickleValue::String, 0, llvm::toStringRef(taken)});
  }
  bool tuple(unsigned size) {
    std::vector<uint32_t> items(size);
    for (uint32_t &item : llvm::reverse(items))
      if (!pop(item))
        return false;
    return push({PickleValue::Tuple, 0, {}, std::move(items)});
  }
  bool line(llvm::StringRef &text) {
    llvm::StringRef rest = llvm::toStringRef(bytes.drop_front(at));
    size_t end = rest.find('\n');
    if (end == llvm::StringRef::npos)
      return fail("a name does not end");
    text = rest.take_front(end);
    at += end + 1;
    return true;
  }
  bool global(llvm::StringRef module, llvm::StringRef name);
  bool call();
  bool remember(uint64_t index) {
    if (stack.empty())
      return fail("it remembers a value where there is none");
    remembered[index] = stack.back();
    return true;
  }

  llvm::StringRef place;
  llvm::ArrayRef<uint8_t> bytes;
  llvm::ArrayRef<llvm::StringRef> allowed;
  size_t at = 0;
  Pickle pickle;
  llvm::SmallVector<uint32_t> stack, marks;
  llvm::DenseMap<uint64_t, uint32_t> remembered;
  std::string problem;
};

} // namespace

bool PickleReader::scalar(uint8_t opcode) {
  uint64_t value = 0;
  llvm::ArrayRef<uint8_t> taken;
  switch (opcode) {
  case NONE:
    return push({});
  case NEWTRUE:
  case NEWFALSE:
    return push({PickleValue::Bool, opcode == NEWTRUE});
  case BININT:
    return number(4, value) &&
           push({PickleValue::Integer, int32_t(uint32_t(value))});
  case BININT1:
  case BININT2:
    return number(opcode == BININT1 ? 1 : 2, value) &&
           push({PickleValue::Integer, int64_t(value)});
  case LONG1: {
    // Two's complement, as long as it needs to be.
    if (!number(1, value) || !take(value, taken))
      return false;
    if (taken.size() > 8)
      return push({PickleValue::OtherNumber});
    uint64_t bits = !taken.empty() && taken.back() & 0x80 ? ~uint64_t(0) : 0;
    for (uint8_t byte : llvm::reverse(taken))
      bits = bits << 8 | byte;
    return push({PickleValue::Integer, int64_t(bits)});
  }
  case BINFLOAT:
    return take(8, taken) && push({PickleValue::OtherNumber});
  case SHORT_BINUNICODE:
  case SHORT_BINSTRING:
  case SHORT_BINBYTES:
    return number(1, value) && text(value);
  case BINUNICODE:
  case BINSTRING:
  case BINBYTES:
    return number(4, value) && text(value);
  case BINUNICODE8:
    return number(8, value) && text(value);
  }
  llvm_unreachable("not an instruction for a number or text");
}

bool PickleReader::container(uint8_t opcode) {
  std::vector<uint32_t> items;
  switch (opcode) {
  case EMPTY_TUPLE:
    return push({PickleValue::Tuple});
  case EMPTY_LIST:
    return push({PickleValue::List});
  case EMPTY_DICT:
    return push({PickleValue::Dict});
  case TUPLE1:
  case TUPLE2:
  case TUPLE3:
    return tuple(opcode - TUPLE1 + 1);
  case TUPLE:
    return popToMark(items) &&
           push({PickleValue::Tuple, 0, {}, std::move(items)});
  case APPEND:
  case SETITEM:
    items.resize(opcode == APPEND ? 1 : 2);
    for (uint32_t &item : llvm::reverse(items))
      if (!pop(item))
        return false;
    break;
  case APPENDS:
  case SETITEMS:
    if (!popToMark(items))
      return false;
    break;
  }
  bool isList = opcode == APPEND || opcode == APPENDS;
  if (!isList && items.size() % 2 != 0)
    return fail("a dictionary has a key without a value");
  PickleValue *to = top(isList ? PickleValue::List : PickleValue::Dict,
                        isList ? "a list" : "a dictionary");
  if (!to)
    return false;
  llvm::append_range(to->items, items);
  return true;
}

bool PickleReader::global(llvm::StringRef module, llvm::StringRef name) {
  for (llvm::StringRef known : allowed) {
    auto [knownModule, knownName] = known.split(' ');
    if (module == knownModule && name == knownName)
      return push({PickleValue::Global, 0, known});
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::printEscapedString(module.take_front(80), stream);
  stream << '.';
  llvm::printEscapedString(name.take_front(80), stream);
  return fail("it names '" + text +
              "', which weights are not made of; Sinter runs no code of a "
              "pickle and reads tensors alone");
}

bool PickleReader::call() {
  uint32_t arguments, callee;
  if (!pop(arguments) || !pop(callee))
    return false;
  if (pickle[callee].kind != PickleValue::Global ||
      pickle[arguments].kind != PickleValue::Tuple)
    return fail("it calls what is no function");
  if (pickle[callee].string != "collections OrderedDict")
    return push({PickleValue::Call, 0, {}, {callee, arguments}});
  if (!pickle[arguments].items.empty())
    return fail("it makes an OrderedDict of a value; expected an empty one");
  return push({PickleValue::Dict});
}

bool PickleReader::object(uint8_t opcode) {
  uint32_t value, name;
  llvm::StringRef module, text;
  switch (opcode) {
  case GLOBAL:
    return line(module) && line(text) && global(module, text);
  case STACK_GLOBAL:
    if (!pop(name) || !pop(value))
      return false;
    if (pickle[name].kind != PickleValue::String ||
        pickle[value].kind != PickleValue::String)
      return fail("it names a global by what is no text");
    return global(pickle[value].string, pickle[name].string);
  case BINPERSID:
    return pop(value) && push({PickleValue::Persistent, 0, {}, {value}});
  case REDUCE:
    return call();
  case BUILD:
    // The attributes of a state_dict: versions of modules.
    return pop(value) &&
           top(PickleValue::Dict, "the attributes of a dictionary");
  }
  llvm_unreachable("not an instruction for an object");
}

bool PickleReader::memo(uint8_t opcode) {
  uint64_t index = remembered.size();
  bool isWide = opcode == LONG_BINGET || opcode == LONG_BINPUT;
  if (opcode != MEMOIZE && !number(isWide ? 4 : 1, index))
    return false;
  if (opcode != BINGET && opcode != LONG_BINGET)
    return remember(index);
  auto found = remembered.find(index);
  if (found == remembered.end())
    return fail("it asks for value " + llvm::Twine(index) +
                ", which was not remembered");
  stack.push_back(found->second);
  return true;
}

bool PickleReader::step(uint8_t opcode) {
  uint64_t value;
  uint32_t index;
  std::vector<uint32_t> items;
  switch (opcode) {
  case PROTO:
    if (!number(1, value))
      return false;
    return (value >= 2 && value <= 5) ||
           fail("its protocol is " + llvm::Twine(value) + ", expected 2 to 5");
  case FRAME:
    return number(8, value);
  case MARK:
    marks.push_back(stack.size());
    return true;
  case POP:
    return pop(index);
  case POP_MARK:
    return popToMark(items);
  case DUP:
    if (!pop(index))
      return false;
    stack.append(2, index);
    return true;
  case NONE:
  case NEWTRUE:
  case NEWFALSE:
  case BININT:
  case BININT1:
  case BININT2:
  case LONG1:
  case BINFLOAT:
  case SHORT_BINUNICODE:
  case SHORT_BINSTRING:
  case SHORT_BINBYTES:
  case BINUNICODE:
  case BINSTRING:
  case BINBYTES:
  case BINUNICODE8:
    return scalar(opcode);
  case EMPTY_TUPLE:
  case EMPTY_LIST:
  case EMPTY_DICT:
  case TUPLE1:
  case TUPLE2:
  case TUPLE3:
  case TUPLE:
  case APPEND:
  case SETITEM:
  case APPENDS:
  case SETITEMS:
    return container(opcode);
  case GLOBAL:
  case STACK_GLOBAL:
  case BINPERSID:
  case REDUCE:
  case BUILD:
    return object(opcode);
  case BINGET:
  case LONG_BINGET:
  case BINPUT:
  case LONG_BINPUT:
  case MEMOIZE:
    return memo(opcode);
  default:
    return fail("0x" + llvm::utohexstr(opcode, /*LowerCase=*/true, 2) +
                " is no instruction that describes tensors");
  }
}

llvm::Expected<Pickle> PickleReader::read() {
  size_t begin = 0;
  while (problem.empty()) {
    begin = at;
    uint64_t opcode;
    if (!number(1, opcode))
      break;
    if (opcode == STOP) {
      if (!pop(pickle.root))
        break;
      if (!stack.empty() || !marks.empty()) {
        fail("it leaves values behind");
        break;
      }
      pickle.size = at;
      return std::move(pickle);
    }
    if (!step(uint8_t(opcode)))
      break;
  }
  return jsonError(place, "at byte " + llvm::Twine(begin) +
                              " of the pickle: " + problem);
}

llvm::Expected<Pickle>
sinter::readPickle(llvm::StringRef place, llvm::ArrayRef<uint8_t> bytes,
                   llvm::ArrayRef<llvm::StringRef> allowed) {
  return PickleReader(place, bytes, allowed).read();
}
