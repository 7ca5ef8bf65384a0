//===- WasmWeights.cpp - Weights as an object of WebAssembly -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/WasmWeights.h"
#include "runtime/Payload.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/BinaryFormat/Wasm.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace {

/// A piece of a module, written before its length is.
class Piece {
public:
  Piece &number(uint64_t value) {
    encodeULEB128(value, stream);
    return *this;
  }
  Piece &byte(uint8_t value) {
    stream << char(value);
    return *this;
  }
  Piece &name(StringRef text) {
    number(text.size());
    stream << text;
    return *this;
  }
  /// `kind`, the length of `piece`, and `piece`.
  Piece &part(uint8_t kind, const Piece &piece) {
    byte(kind).name(piece.bytes);
    return *this;
  }
  StringRef text() const { return bytes; }

private:
  SmallString<128> bytes;
  raw_svector_ostream stream{bytes};
};

} // namespace

Error sinter::writeWasmWeights(raw_ostream &stream, StringRef weights) {
  Piece head;
  for (char each : wasm::WasmMagic)
    head.byte(each);
  head.byte(wasm::WasmVersion).byte(0).byte(0).byte(0);
  // The memory that the segment goes to is the linked module's.
  Piece memory;
  memory.number(1).name("env").name("__linear_memory");
  memory.byte(wasm::WASM_EXTERNAL_MEMORY).number(0).number(0);
  head.part(wasm::WASM_SEC_IMPORT, memory);

  // One segment, at an address that the linker chooses.
  Piece segment;
  segment.number(1).number(0);
  segment.byte(wasm::WASM_OPCODE_I32_CONST).byte(0).byte(wasm::WASM_OPCODE_END);
  segment.number(weights.size());
  head.byte(wasm::WASM_SEC_DATA).number(segment.text().size() + weights.size());

  Piece segments;
  segments.number(1).name(".rodata." SINTER_PAYLOAD_SYMBOL);
  segments.number(Log2_64(SINTER_PAYLOAD_ALIGNMENT)).number(0);
  Piece symbols;
  symbols.number(1).byte(wasm::WASM_SYMBOL_TYPE_DATA).number(0);
  symbols.name(SINTER_PAYLOAD_SYMBOL);
  symbols.number(0).number(0).number(weights.size());
  Piece linking;
  linking.name("linking").number(wasm::WasmMetadataVersion);
  linking.part(wasm::WASM_SEGMENT_INFO, segments);
  linking.part(wasm::WASM_SYMBOL_TABLE, symbols);
  Piece tail;
  tail.part(wasm::WASM_SEC_CUSTOM, linking);

  stream << head.text() << segment.text() << weights << tail.text();
  return Error::success();
}
