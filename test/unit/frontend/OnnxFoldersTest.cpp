//===- OnnxFoldersTest.cpp - Branches, and models of two files --*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/frontend/OnnxFixture.h"

using namespace sinter;
using namespace sinter::test;

namespace {

using OnnxFolders = Onnx;

/// A branch that gives `output`.
Message branch(std::string_view name, const std::vector<Message> &nodes,
               std::string_view output) {
  OnnxModel graph;
  graph.nodes = nodes;
  graph.outputs = {valueInfo(output, onnxFloat, {})};
  return Message().text(1, name).message(6, graph.graph()).integer(20, 5);
}

Message identityBranch(std::string_view name) {
  return branch(name, {node("Identity", {"x"}, {"of_branch"})}, "of_branch");
}

Message truth(bool value) {
  constexpr int64_t onnxBool = 9;
  return tensor("condition", onnxBool, {1}, std::string(1, char(value)));
}

/// Logits of an input of rows: `encoder_hidden_states` times a matrix, by the
/// tokens' embeddings.
OnnxModel smallDecoder() {
  OnnxModel model = smallModel(node("Identity", {"x"}, {"y"}));
  model.inputs.push_back(
      valueInfo("encoder_hidden_states", onnxFloat, {"batch", "source", "2"}));
  return model;
}

OnnxModel smallEncoder() {
  OnnxModel model = smallModel(node("Identity", {"x"}, {"y"}));
  model.outputs = {valueInfo("last_hidden_state", onnxFloat, {})};
  model.nodes.back() = node("Identity", {"y"}, {"last_hidden_state"});
  return model;
}

} // namespace

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

TEST_F(OnnxFolders, BranchesThatAreKnown) {
  // The branch that is not taken need not be possible.
  Message broken =
      branch("else_branch", {node("Conv", {"x"}, {"of_branch"})}, "of_branch");
  Message either =
      node("If", {"condition"}, {"y"}, {identityBranch("then_branch"), broken});
  EXPECT_EQ(messageOfNode(either, {truth(true)}), "");
  EXPECT_SAYS(messageOfNode(either, {truth(false)}),
              "node 'my_Conv' (Conv): this operation is not supported");
}

TEST_F(OnnxFolders, BranchesUseTheSameNames) {
  OnnxModel model = smallModel(
      node("If", {"condition"}, {"z"}, {identityBranch("then_branch")}));
  model.initializers.push_back(truth(true));
  model.nodes.insert(
      model.nodes.begin() + 2,
      node("If", {"condition"}, {"y"},
           {branch("then_branch", {node("Relu", {"z"}, {"of_branch"})},
                   "of_branch")}));
  EXPECT_EQ(messageOf(model), "");
}

TEST_F(OnnxFolders, BranchesThatAreNot) {
  Message both =
      node("If", {"x"}, {"y"},
           {identityBranch("then_branch"), identityBranch("else_branch")});
  EXPECT_SAYS(messageOfNode(both),
              "node 'my_If' (If): which of its branches is taken depends on "
              "more than shapes");
  EXPECT_SAYS(messageOfNode(node("If", {"condition"}, {"y"},
                                 {identityBranch("then_branch")}),
                            {truth(false)}),
              "node 'my_If' (If): it has no else_branch");
  EXPECT_SAYS(messageOfNode(node("If", {"condition"}, {"y", "z"},
                                 {identityBranch("then_branch")}),
                            {truth(true)}),
              "node 'my_If' (If): its branch gives 1 values for 2");
  EXPECT_SAYS(messageOfNode(node("If", {"condition"}, {"y"},
                                 {branch("then_branch", {}, "nothing")}),
                            {truth(true)}),
              "output 'nothing': no node gives it");
  // What a branch sees is needed before it.
  EXPECT_SAYS(
      messageOfNode(node("If", {"condition"}, {"y"},
                         {branch("then_branch",
                                 {node("Identity", {"logits"}, {"of_branch"})},
                                 "of_branch")}),
                    {truth(true)}),
      "it depends on its own output");
}

//===----------------------------------------------------------------------===//
// Encoder and decoder
//===----------------------------------------------------------------------===//

TEST_F(OnnxFolders, DecoderWithoutEncoder) {
  EXPECT_SAYS(messageOf(smallDecoder()),
              "input 'encoder_hidden_states': what an encoder gives: expected "
              "encoder_model.onnx beside this file");
}

TEST_F(OnnxFolders, EncoderBesideIt) {
  write("encoder_model.onnx", smallEncoder().bytes());
  EXPECT_EQ(messageOf(smallDecoder()), "");
  llvm::Expected<std::unique_ptr<OnnxFile>> file =
      OnnxFile::open((folder + "/m.onnx").str());
  ASSERT_TRUE(bool(file));
  EXPECT_EQ((*file)->filesBeside(),
            std::vector<std::string>{"encoder_model.onnx"});
  // Both hold the same tables: they are one.
  EXPECT_EQ((*file)->names(), (std::vector<std::string>{"head", "table"}));

  OnnxModel other = smallEncoder();
  other.initializers[0] =
      tensor("table", onnxFloat, {5, 2}, std::string(40, '\1'));
  write("encoder_model.onnx", other.bytes());
  EXPECT_EQ(messageOf(smallDecoder()), "");
  file = OnnxFile::open((folder + "/m.onnx").str());
  ASSERT_TRUE(bool(file));
  EXPECT_EQ((*file)->names(),
            (std::vector<std::string>{"encoder_model/table", "head", "table"}));
  ASSERT_TRUE((*file)->find("encoder_model/table"));
  EXPECT_EQ((*file)->find("encoder_model/table")->bytes[0], 1);
}

TEST_F(OnnxFolders, EncodersThatAreNone) {
  auto message = [&](const OnnxModel &encoder) {
    write("encoder_model.onnx", encoder.bytes());
    std::string said;
    std::string path = write("m.onnx", smallDecoder().bytes());
    llvm::Expected<std::unique_ptr<OnnxFile>> file = OnnxFile::open(path);
    if (!file)
      return llvm::toString(file.takeError());
    llvm::raw_string_ostream messages(said);
    EXPECT_FALSE(importOnnx(context, **file, {}, messages));
    return said;
  };
  OnnxModel encoder = smallEncoder();
  encoder.inputs.push_back(valueInfo("pixel_values", onnxFloat, {"3"}));
  EXPECT_SAYS(message(encoder), "encoder_model.onnx: input 'pixel_values': it "
                                "is not known");
  encoder = smallEncoder();
  encoder.outputs.clear();
  EXPECT_SAYS(message(encoder), "encoder_model.onnx: its outputs: there are "
                                "none");
  encoder = smallEncoder();
  encoder.nodes.back() = node("ReduceMean", {"y"}, {"last_hidden_state"},
                              {Message().text(1, "axes").integer(8, 2),
                               integerAttribute("keepdims", 0)});
  EXPECT_SAYS(message(encoder), "encoder_model.onnx: output "
                                "'last_hidden_state': it is ");
  encoder = smallEncoder();
  encoder.opset = 7;
  EXPECT_SAYS(message(encoder), "encoder_model.onnx: it is of opset 7");
  EXPECT_SAYS(message(OnnxModel()), "encoder_model.onnx: ");
}

TEST_F(OnnxFolders, KeysOfTheSourceInAPast) {
  write("encoder_model.onnx", smallEncoder().bytes());
  OnnxModel model = smallDecoder();
  model.inputs.push_back(valueInfo("past_key_values.0.encoder.key", onnxFloat,
                                   {"batch", "2", "source", "4"}));
  EXPECT_SAYS(messageOf(model),
              "input 'past_key_values.0.encoder.key': keys or values of the "
              "source, which come from a call before");
  constexpr int64_t onnxBool = 9;
  model.inputs.push_back(valueInfo("use_cache_branch", onnxBool, {"1"}));
  EXPECT_EQ(messageOf(model), "");
}

TEST_F(OnnxFolders, WhichFileOfAFolder) {
  EXPECT_FALSE(OnnxFile::findIn(folder));
  auto expect = [&](const char *name) {
    write(name, "");
    std::optional<std::string> found = OnnxFile::findIn(folder);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (folder + "/" + name).str());
  };
  ASSERT_FALSE(llvm::sys::fs::create_directories(folder + "/onnx"));
  expect("onnx/decoder_model.onnx");
  expect("encoder_model.onnx");
  expect("decoder_with_past_model.onnx");
  expect("decoder_model_merged.onnx");
  expect("decoder_model.onnx");
  expect("model.onnx");
}
