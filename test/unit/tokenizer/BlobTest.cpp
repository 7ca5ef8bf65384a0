//===- BlobTest.cpp - Bytes that are no tokenizers ------------------------===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tokenizer/BlobWriter.h"
#include "test/unit/tokenizer/TestSupport.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>

using namespace sinter;
using namespace sinter::test;
namespace blob = sinter::runtime::blob;

namespace {

/// Bytes as if a compiled model held them: at a multiple of 8.
class Bytes {
public:
  explicit Bytes(const std::vector<uint8_t> &bytes)
      : words((bytes.size() + 7) / 8), bytes(bytes.size()) {
    std::memcpy(words.data(), bytes.data(), bytes.size());
  }
  uint8_t *data() { return reinterpret_cast<uint8_t *>(words.data()); }
  size_t size() const { return bytes; }
  blob::Header &header() { return *reinterpret_cast<blob::Header *>(data()); }
  blob::Section &section(blob::SectionKind kind) {
    auto *table =
        reinterpret_cast<blob::Section *>(data() + sizeof(blob::Header));
    for (uint32_t i = 0; i < header().sections; ++i)
      if (table[i].kind == static_cast<uint32_t>(kind))
        return table[i];
    ADD_FAILURE() << "there is no section " << static_cast<uint32_t>(kind);
    return table[0];
  }
  template <typename T> T &record(blob::SectionKind kind, size_t index = 0) {
    return reinterpret_cast<T *>(data() + section(kind).offset)[index];
  }

private:
  std::vector<uint64_t> words;
  size_t bytes;
};

/// A blob that has every section.
std::vector<uint8_t> wholeBlob() {
  frontend::TokenizerDescription description;
  description.kind = blob::ModelKind::BytePairEncoding;
  description.flags = blob::ByteFallback | blob::UnknownIsNamed;
  description.vocabulary = {{"a", 0}, {"b", 1}, {"ab", 2}, {"<u>", 3}};
  description.unknown = 3;
  description.unknownText = "<u>";
  description.merges = {{0, 1, 0, 2}};
  description.byteTokens.assign(256, blob::none);
  description.addedTokens = {{3, blob::Special, "<u>"},
                             {4, blob::Normalized, "<x>"}};
  description.normalizers = {
      {blob::ComponentKind::Lowercase},
      {blob::ComponentKind::ReplaceRegex, 0, 0, 0, "c+", "b"}};
  description.preTokenizers = {
      {blob::ComponentKind::Metaspace, 0, 1, 0, "_", ""}};
  description.decoders = {{blob::ComponentKind::StripDecoder, 0, 1, 0, " "}};
  description.single = {{0, 0, 0, 0}};
  description.pair = {{0, 0, 0, 0}, {2, 1, 4, 0}, {1, 1, 0, 0}};
  description.roles[0] = 3;
  return frontend::writeBlob(description);
}

std::string messageFor(Bytes &bytes, size_t size) {
  std::string error;
  EXPECT_FALSE(runtime::Tokenizer::create(bytes.data(), size, error));
  EXPECT_TRUE(error.starts_with("tokenizer: ")) << error;
  return error;
}

TEST(Blob, OfTheTestsIsWhole) {
  Bytes bytes(wholeBlob());
  std::string error;
  auto tokenizer =
      runtime::Tokenizer::create(bytes.data(), bytes.size(), error);
  ASSERT_TRUE(tokenizer) << error;
  EXPECT_EQ(bytes.header().sections, blob::sectionKinds - 1);
  runtime::Encoding encoding;
  EXPECT_TRUE(tokenizer->encode("ABz<x>", true, encoding, error)) << error;
  EXPECT_EQ(encoding.ids, (std::vector<int32_t>{3, 2, 3, 4}));
}

struct Case {
  const char *name;
  std::function<void(Bytes &)> change;
  const char *message;
};

class Hostile : public testing::TestWithParam<Case> {};

TEST_P(Hostile, IsRefusedWithOneMessage) {
  Bytes bytes(wholeBlob());
  GetParam().change(bytes);
  std::string message = messageFor(bytes, bytes.size());
  EXPECT_NE(message.find(GetParam().message), std::string::npos) << message;
}

using Kind = blob::SectionKind;

blob::Component &component(Bytes &bytes, Kind kind, size_t index = 0) {
  return bytes.record<blob::Component>(kind, index);
}

const Case cases[] = {
    {"Magic", [](Bytes &b) { b.header().magic[0] = 'X'; },
     "does not start with \"SINTERTK\""},
    {"Version", [](Bytes &b) { b.header().version = 9; },
     "has version 9 of the format, version 1 was expected"},
    {"Size", [](Bytes &b) { b.header().bytes += 8; }, "its header says"},
    {"Sections", [](Bytes &b) { b.header().sections = 0xffffffff; },
     "a table of 4294967295 sections does not fit"},
    {"NoSections", [](Bytes &b) { b.header().sections = 0; },
     "a section that every tokenizer has is missing"},
    {"SectionKind", [](Bytes &b) { b.section(Kind::Roles).kind = 99; },
     "section 99 is of no known kind"},
    {"SectionTwice", [](Bytes &b) { b.section(Kind::Roles).kind = 13; },
     "section 13 is out of order"},
    {"SectionUnaligned", [](Bytes &b) { ++b.section(Kind::Text).offset; },
     "section 13 reaches outside"},
    {"SectionInTable", [](Bytes &b) { b.section(Kind::Text).offset = 0; },
     "section 13 reaches outside"},
    {"SectionBeyond",
     [](Bytes &b) { b.section(Kind::Text).offset = uint64_t{1} << 63; },
     "section 13 reaches outside"},
    {"SectionTooLong",
     [](Bytes &b) { b.section(Kind::Text).bytes = ~uint64_t{0}; },
     "section 13 reaches outside"},
    {"SectionPartial", [](Bytes &b) { --b.section(Kind::AddedTokens).bytes; },
     "section 7 is not a whole number of records"},
    {"TwoModels", [](Bytes &b) { b.section(Kind::Model).bytes *= 2; },
     "there is more or less than one model"},
    {"RolesShort", [](Bytes &b) { b.section(Kind::Roles).bytes -= 4; },
     "a section that every tokenizer has is missing"},
    {"TokenStartsFirst",
     [](Bytes &b) { b.record<uint32_t>(Kind::TokenStarts) = 1; },
     "the tokens' texts do not fill their section"},
    {"TokenStartsBack",
     [](Bytes &b) { b.record<uint32_t>(Kind::TokenStarts, 2) = 0; },
     "the text of token 1 is not well-formed"},
    {"TokenStartsBeyond",
     [](Bytes &b) { b.record<uint32_t>(Kind::TokenStarts, 2) = 1000; },
     "the text of token 1 is not well-formed"},
    {"TokenText", [](Bytes &b) { b.record<uint8_t>(Kind::TokenText) = 0xff; },
     "the text of token 0 is not well-formed"},
    {"HashSize", [](Bytes &b) { b.section(Kind::TokenHash).bytes -= 8; },
     "slots, not a power of two"},
    {"HashToken",
     [](Bytes &b) {
       for (int i = 0; i < 8; ++i)
         b.record<blob::TokenSlot>(Kind::TokenHash, i).token = 77;
     },
     "the table of tokens names token 77 of 4"},
    {"HashFull",
     [](Bytes &b) {
       for (int i = 0; i < 8; ++i)
         b.record<blob::TokenSlot>(Kind::TokenHash, i).token = 0;
     },
     "the table of tokens is full"},
    {"MergesSize",
     [](Bytes &b) {
       b.section(Kind::Merges).bytes = 3 * sizeof(blob::MergeSlot);
     },
     "the table of merges has 3 slots, not a power of two"},
    {"MergesToken",
     [](Bytes &b) {
       for (int i = 0; i < 4; ++i)
         b.record<blob::MergeSlot>(Kind::Merges, i).result = 4;
     },
     "a merge names a token beyond 4"},
    {"MergesFull",
     [](Bytes &b) {
       for (int i = 0; i < 4; ++i)
         b.record<blob::MergeSlot>(Kind::Merges, i) = {0, 0, 0, 0};
     },
     "the table of merges is full"},
    {"ByteTokensShort",
     [](Bytes &b) { b.section(Kind::ByteTokens).bytes -= 8; },
     "there are 254 byte tokens, 256 were expected"},
    {"ByteToken", [](Bytes &b) { b.record<uint32_t>(Kind::ByteTokens) = 9; },
     "a byte token is 9 of 4"},
    {"ByteTokensMissing",
     [](Bytes &b) { b.section(Kind::ByteTokens).bytes = 0; },
     "the model falls back on bytes and has no byte tokens"},
    {"AddedOrder",
     [](Bytes &b) { b.record<blob::AddedToken>(Kind::AddedTokens, 1).id = 0; },
     "added token 0 is out of order"},
    {"AddedHuge",
     [](Bytes &b) {
       b.record<blob::AddedToken>(Kind::AddedTokens, 1).id = 0xfffffff0;
     },
     "added token 4294967280 is out of order"},
    {"AddedText",
     [](Bytes &b) {
       b.record<blob::AddedToken>(Kind::AddedTokens).text.bytes = 0xffffffff;
     },
     "the text of added token 3 is not well-formed"},
    {"AddedEmpty",
     [](Bytes &b) {
       b.record<blob::AddedToken>(Kind::AddedTokens).text.bytes = 0;
     },
     "the text of added token 3 is not well-formed"},
    {"AddedFlags",
     [](Bytes &b) {
       b.record<blob::AddedToken>(Kind::AddedTokens).flags = 1 << 20;
     },
     "added token 3 has unknown flags"},
    {"ModelKind", [](Bytes &b) { b.record<blob::Model>(Kind::Model).kind = 8; },
     "there is no model of kind 8"},
    {"ModelFlags",
     [](Bytes &b) { b.record<blob::Model>(Kind::Model).flags = 1 << 9; },
     "the model has unknown flags"},
    {"ModelUnknown",
     [](Bytes &b) { b.record<blob::Model>(Kind::Model).unknown = 5; },
     "the unknown token is 5 of 5"},
    {"ModelPrefix",
     [](Bytes &b) { b.record<blob::Model>(Kind::Model).prefix = {~0u, 4}; },
     "a text of the model is not well-formed"},
    {"Role", [](Bytes &b) { b.record<uint32_t>(Kind::Roles, 6) = 5; },
     "a role is played by 5, which is no token"},
    {"NormalizerKind",
     [](Bytes &b) { component(b, Kind::Normalizers).kind = 200; },
     "component 200 is of no kind that is known there"},
    {"NormalizerPlace",
     [](Bytes &b) { component(b, Kind::Normalizers).kind = 64; },
     "component 64 is of no kind that is known there"},
    {"NormalizerFlags",
     [](Bytes &b) { component(b, Kind::Normalizers).flags = 1; },
     "component 5 has unknown flags"},
    {"NormalizerRegex",
     [](Bytes &b) {
       blob::Component &replace = component(b, Kind::Normalizers, 1);
       b.data()[b.section(Kind::Text).offset + replace.pattern.offset] = '(';
     },
     "the regular expression (+ is not one"},
    {"MetaspaceScheme",
     [](Bytes &b) { component(b, Kind::PreTokenizers).number = 3; },
     "component 38 has an unknown number"},
    {"MetaspaceMark",
     [](Bytes &b) { component(b, Kind::PreTokenizers).pattern.bytes = 0; },
     "component 38 needs one character"},
    {"LengthZero",
     [](Bytes &b) {
       component(b, Kind::PreTokenizers) = {41, 0, 0, 0, {0, 0}, {0, 0}};
     },
     "component 41 cuts pieces of no length"},
    {"DecoderText",
     [](Bytes &b) { component(b, Kind::Decoders).content = {4, ~0u}; },
     "component 68 has a text that is not well-formed"},
    {"DecoderPattern",
     [](Bytes &b) {
       component(b, Kind::Decoders) = {9, 0, 0, 0, {0, 0}, {0, 0}};
     },
     "component 9 needs a pattern"},
    {"TemplateKind",
     [](Bytes &b) { b.record<blob::Piece>(Kind::TemplatePair).kind = 3; },
     "a template has a piece of unknown kind 3"},
    {"TemplateSecond",
     [](Bytes &b) { b.record<blob::Piece>(Kind::TemplateSingle).kind = 1; },
     "a template has a piece of unknown kind 1"},
    {"TemplateSegment",
     [](Bytes &b) { b.record<blob::Piece>(Kind::TemplatePair).segment = ~0u; },
     "a template has segment 4294967295"},
    {"TemplateToken",
     [](Bytes &b) { b.record<blob::Piece>(Kind::TemplatePair, 1).token = ~0u; },
     "a template has token 4294967295"},
};

INSTANTIATE_TEST_SUITE_P(Blob, Hostile, testing::ValuesIn(cases),
                         [](const testing::TestParamInfo<Case> &info) {
                           return info.param.name;
                         });

TEST(Blob, ShortIsRefused) {
  Bytes bytes(wholeBlob());
  for (size_t size = 0; size < bytes.size(); ++size)
    messageFor(bytes, size);
  std::string error;
  EXPECT_FALSE(runtime::Tokenizer::create(nullptr, 100, error));
  EXPECT_FALSE(
      runtime::Tokenizer::create(bytes.data() + 1, bytes.size() - 1, error));
  EXPECT_EQ(error, "tokenizer: the data does not lie at a multiple of 8");
}

/// Whatever the bytes, a tokenizer that opens can be used.
TEST(Blob, RandomChangesDoNoHarm) {
  std::vector<std::vector<uint8_t>> blobs = {wholeBlob()};
  for (const char *name : {"llama2", "bert-uncased", "wordpiece-added", "qwen2",
                           "openai", "metaspace"}) {
    std::optional<std::string> json =
        readFile(fixtures() + "/" + name + ".json");
    ASSERT_TRUE(json);
    blobs.push_back(frontend::buildTokenizer(*json).bytes);
  }
  std::mt19937 random(1);
  size_t opened = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::vector<uint8_t> &blob = blobs[random() % blobs.size()];
    Bytes bytes(blob);
    for (unsigned i = random() % 4 + 1; i > 0; --i) {
      // Most of a blob are tables: spend half of the changes on the rest.
      size_t range = random() % 2 ? bytes.size() : 600;
      size_t place = random() % std::min(range, bytes.size());
      bytes.data()[place] = static_cast<uint8_t>(
          random() % 2 ? random() : bytes.data()[place] ^ 1u << random() % 8);
    }
    std::string error, text;
    auto tokenizer =
        runtime::Tokenizer::create(bytes.data(), bytes.size(), error);
    EXPECT_EQ(tokenizer != nullptr, error.empty());
    if (!tokenizer)
      continue;
    ++opened;
    runtime::Encoding encoding;
    tokenizer->encode(
        "Hello w\xc3\xb6rld, <s>the [MASK] 12\xff \xf0\x9f\x98\x80", true,
        encoding, error);
    tokenizer->encodePair("a b", "c\n d", true, encoding, error);
    tokenizer->decode(encoding.ids, true, text, error);
    std::vector<int32_t> ids;
    for (int32_t id = -2; id < 40; ++id)
      ids.push_back(id * 17);
    tokenizer->decode(ids, false, text, error);
  }
  EXPECT_GT(opened, 100u);
}

} // namespace
