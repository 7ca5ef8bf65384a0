//===- Format.h - A tokenizer as bytes --------------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What frontend/tokenizer writes, and what runtime/tokenizer maps and uses in
// place: no table is built and nothing is copied when a model starts.
//
//     Header
//     Section[Header.sections]     in ascending order of kind
//     the sections' bytes          each at a multiple of 8, zeros between
//
// All numbers are little-endian. The blob must lie at a multiple of 8. Token
// ids are below 2^24. Every text in it is well-formed UTF-8. Raise
// `formatVersion` with any change of a struct or of the meaning of a field.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_RUNTIME_TOKENIZER_FORMAT_H
#define SINTER_RUNTIME_TOKENIZER_FORMAT_H

#include <cstddef>
#include <cstdint>

namespace sinter::runtime::blob {

inline constexpr char formatMagic[8] = {'S', 'I', 'N', 'T', 'E', 'R', 'T', 'K'};
inline constexpr uint32_t formatVersion = 1;
inline constexpr uint32_t maximumTokens = 1u << 24;
/// "There is none", wherever an id stands.
inline constexpr uint32_t none = 0xffffffffu;

struct Header {
  char magic[8]; ///< formatMagic
  uint32_t version;
  uint32_t sections; ///< number of Section records that follow
  uint64_t bytes;    ///< size of the whole blob
};
static_assert(sizeof(Header) == 24);

enum class SectionKind : uint32_t {
  Model = 1,           ///< Model, one
  TokenText = 2,       ///< char: the vocabulary's texts, by ascending id
  TokenStarts = 3,     ///< uint32_t[ids + 1]: where each id's text starts
  TokenHash = 4,       ///< TokenSlot[power of two]
  Merges = 5,          ///< MergeSlot[power of two], BPE only
  ByteTokens = 6,      ///< uint32_t[256]: id of "<0x..>" or none, BPE only
  AddedTokens = 7,     ///< AddedToken[], by ascending id
  Normalizers = 8,     ///< Component[], applied in order
  PreTokenizers = 9,   ///< Component[], applied in order
  Decoders = 10,       ///< Component[], applied in order
  TemplateSingle = 11, ///< Piece[]: what encoding one text gives
  TemplatePair = 12,   ///< Piece[]: what encoding two texts gives
  Text = 13,           ///< char: the texts that components and pieces name
  Roles = 14           ///< uint32_t[roleCount]: token ids or none
};
inline constexpr uint32_t sectionKinds = 15; ///< kinds are below this

struct Section {
  uint32_t kind;     ///< SectionKind
  uint32_t reserved; ///< 0
  uint64_t offset;   ///< from the blob's start, a multiple of 8
  uint64_t bytes;
};
static_assert(sizeof(Section) == 24);

/// A slice of section Text.
struct Slice {
  uint32_t offset;
  uint32_t bytes;
};

enum class ModelKind : uint32_t {
  BytePairEncoding = 1,
  WordPiece = 2,
  WordLevel = 3,
  /// Sinter's own, for models that name nothing but a list of characters: at
  /// each place the longest token that matches.
  LongestMatch = 4
};

enum ModelFlags : uint32_t {
  FuseUnknown = 1,    ///< one unknown token for a run of unknown characters
  ByteFallback = 2,   ///< an unknown character becomes its "<0x..>" tokens
  IgnoreMerges = 4,   ///< a word that is a token is not split
  UnknownIsNamed = 8, ///< tokenizer.json names an unknown token
};

struct Model {
  uint32_t kind;              ///< ModelKind
  uint32_t flags;             ///< ModelFlags
  uint32_t unknown;           ///< id of the unknown token, or none
  uint32_t maximumCharacters; ///< WordPiece: a longer word is unknown
  uint32_t vocabulary;        ///< number of tokens, added ones included
  uint32_t reserved;          ///< 0
  Slice unknownText;          ///< name of the unknown token, for messages
  Slice prefix;               ///< of a sub-word that does not start its word
  Slice suffix;               ///< of a sub-word that ends its word
};
static_assert(sizeof(Model) == 48);

/// Open addressing with linear steps from `hash & (slots - 1)`; at least one
/// slot is empty. `hash` is the lower half of hashText().
struct TokenSlot {
  uint32_t hash;
  uint32_t token; ///< id, or none where the slot is empty
};

/// The same, with hashPair(left, right).
struct MergeSlot {
  uint32_t left, right; ///< ids; left is none where the slot is empty
  uint32_t rank;        ///< the lowest merges first
  uint32_t result;      ///< id of the two put together
};

enum AddedTokenFlags : uint32_t {
  Special = 1,     ///< left out when decoding, if asked to
  SingleWord = 2,  ///< no word character may touch it
  StripLeft = 4,   ///< takes the white space before it
  StripRight = 8,  ///< takes the white space behind it
  Normalized = 16, ///< looked for in normalized text
  NeverInText = 32 ///< not looked for
};

struct AddedToken {
  uint32_t id;
  uint32_t flags; ///< AddedTokenFlags
  Slice text;
};

enum class ComponentKind : uint32_t {
  // Normalizers
  Nfc = 1,
  Nfd = 2,
  Nfkc = 3,
  Nfkd = 4,
  Lowercase = 5,
  StripAccents = 6,  ///< removes combining marks
  Strip = 7,         ///< flags: StripStart, StripStop: white space at the ends
  Prepend = 8,       ///< content, before a text that is not empty
  ReplaceText = 9,   ///< pattern by content; a decoder as well
  ReplaceRegex = 10, ///< the same, pattern a regular expression of PCRE2
  Bert = 11,         ///< flags: BertFlags
  Nmt = 12,          ///< control characters and odd spaces
  Bytes = 13,        ///< each byte becomes its character (see ByteAlphabet.h)
  // Pre-tokenizers
  ByteLevel = 32,       ///< each byte becomes its character; pattern: regular
                        ///< expression to cut by before, or empty; flags:
                        ///< AddPrefixSpace
  BertWords = 33,       ///< white space, then punctuation
  Whitespace = 34,      ///< words, and runs of neither word nor space
  WhitespaceSplit = 35, ///< at white space
  SplitText = 36,       ///< at pattern; number: SplitBehavior, flags: Invert
  SplitRegex = 37,      ///< the same, pattern a regular expression of PCRE2
  Metaspace =
      38,      ///< pattern: the character for a space; number: PrependScheme,
               ///< flags: MetaspaceSplit; a decoder as well
  Digits = 39, ///< flags: IndividualDigits
  Punctuation = 40, ///< number: SplitBehavior
  FixedLength = 41, ///< number: characters in a piece
  // Decoders
  ByteLevelDecoder = 64,
  WordPieceDecoder = 65, ///< pattern: prefix of a continuing piece; flags:
                         ///< Cleanup
  ByteFallbackDecoder = 66,
  Fuse = 67,
  StripDecoder = 68, ///< pattern: a character; number, number2: how many at
                     ///< the start and at the end of each token
  SuffixDecoder = 69 ///< pattern: suffix of a word's last piece (BPEDecoder)
};

enum class SplitBehavior : uint32_t {
  Removed = 0,
  Isolated = 1,
  MergedWithPrevious = 2,
  MergedWithNext = 3,
  Contiguous = 4
};

enum class PrependScheme : uint32_t { Never = 0, First = 1, Always = 2 };

enum ComponentFlags : uint32_t {
  // Bert
  CleanText = 1,
  ChineseCharacters = 2,
  BertStripAccents = 4,
  BertLowercase = 8,
  // Strip
  StripStart = 1,
  StripStop = 2,
  // ByteLevel
  AddPrefixSpace = 1,
  // the others
  Invert = 1,
  MetaspaceSplit = 1,
  IndividualDigits = 1,
  Cleanup = 1
};

struct Component {
  uint32_t kind; ///< ComponentKind
  uint32_t flags;
  uint32_t number;
  uint32_t number2;
  Slice pattern;
  Slice content;
};
static_assert(sizeof(Component) == 32);

enum class PieceKind : uint32_t { First = 0, Second = 1, Token = 2 };

struct Piece {
  uint32_t kind;     ///< PieceKind
  uint32_t segment;  ///< segment (token type) id of what the piece gives
  uint32_t token;    ///< id, of a Token
  uint32_t reserved; ///< 0
};

enum class Role : uint32_t {
  Begin = 0, ///< bos
  End = 1,   ///< eos
  Unknown = 2,
  Separator = 3,
  Padding = 4,
  Classification = 5,
  Mask = 6
};
inline constexpr uint32_t roleCount = 7;

/// FNV-1a with a last mix, so that its low bits can index a table.
inline uint64_t hashText(const char *text, size_t bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < bytes; ++i)
    hash = (hash ^ static_cast<unsigned char>(text[i])) * 0x100000001b3u;
  return hash ^ (hash >> 29);
}

/// Fibonacci hashing of both ids.
inline uint64_t hashPair(uint32_t left, uint32_t right) {
  uint64_t hash =
      (static_cast<uint64_t>(left) << 32 | right) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 32);
}

} // namespace sinter::runtime::blob

#endif // SINTER_RUNTIME_TOKENIZER_FORMAT_H
