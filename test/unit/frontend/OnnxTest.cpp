//===- OnnxTest.cpp - Broken and hostile ONNX files -------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files that lie about themselves get one message that says what is wrong and
// where. Files broken at random get a message or a module, never a crash. The
// asan preset makes this test sharp.
//
//===----------------------------------------------------------------------===//

#include "test/unit/frontend/OnnxFixture.h"
#include "llvm/Support/MemoryBuffer.h"

#include <random>

using namespace sinter;
using namespace sinter::test;

namespace {

const Message identity = node("Identity", {"x"}, {"y"});

} // namespace

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

TEST_F(Onnx, TheSmallModelIsFine) {
  EXPECT_EQ(messageOf(smallModel(identity)), "");
}

TEST_F(Onnx, NotOnnx) {
  EXPECT_SAYS(messageOf(""), "there is no graph in it");
  EXPECT_SAYS(messageOf("{\"model_type\": \"gpt2\"}"), "is this an ONNX file");
  EXPECT_SAYS(messageOf(std::string(100, '\xff')), "broken or cut off");
}

TEST_F(Onnx, CutOffAnywhere) {
  std::string bytes = smallModel(identity).bytes();
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(messageOf(bytes.substr(0, size)), "") << size << " bytes";
}

TEST_F(Onnx, LyingLengths) {
  // A message of 2^63 bytes.
  Message endless;
  endless.varint(7 << 3 | 2);
  endless.varint(uint64_t(1) << 63);
  EXPECT_SAYS(messageOf(endless.bytes), "broken or cut off");
  // A number of eleven bytes.
  EXPECT_SAYS(messageOf("\x08" + std::string(10, '\x80') + "\x01"),
              "broken or cut off");
  // A group, which ONNX does not have.
  EXPECT_SAYS(messageOf("\x3b"), "broken or cut off");
  // A graph that is a number.
  EXPECT_SAYS(messageOf(Message().integer(7, 1).bytes), "is a number");
}

TEST_F(Onnx, GraphsInGraphs) {
  Message graph = OnnxModel().graph();
  for (int depth = 0; depth < 2000; ++depth) {
    Message attribute;
    attribute.text(1, "body").message(6, graph);
    Message outer;
    outer.message(1, node("If", {"x"}, {"y"}, {attribute}));
    graph = outer;
  }
  EXPECT_NE(messageOf(Message().message(7, graph).bytes), "");
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

TEST_F(Onnx, TensorsThatLie) {
  auto message = [&](const Message &tensor) {
    OnnxModel model = smallModel(identity);
    model.initializers.push_back(tensor);
    return messageOf(model);
  };
  EXPECT_SAYS(message(tensor("w", onnxFloat, {3, 4}, "short")),
              "tensor 'w': its shape and type need 48 bytes, but it has 5");
  EXPECT_SAYS(message(tensor("w", onnxFloat, {-1}, "")), "a size below 0");
  EXPECT_SAYS(
      message(tensor("w", onnxFloat, {int64_t(1) << 40, int64_t(1) << 40}, "")),
      "more elements than can be counted");
  EXPECT_SAYS(message(tensor("w", onnxInt64, {int64_t(1) << 61}, "")),
              "more elements than can be counted");
  EXPECT_SAYS(message(tensor("w", onnxString, {1}, "x")),
              "elements of STRING are not supported");
  EXPECT_SAYS(message(tensor("w", 77, {1}, "x")),
              "elements of type 77 are not supported");
  EXPECT_SAYS(message(tensor("table", onnxFloat, {1}, "abcd")),
              "two initializers 'table'");
}

TEST_F(Onnx, TensorsInOtherFiles) {
  auto message = [&](const Message &tensor) {
    OnnxModel model = smallModel(identity);
    model.initializers.push_back(tensor);
    return messageOf(model);
  };
  write("w.data", std::string(64, '\0'));
  EXPECT_EQ(message(externalTensor("w", {16}, "w.data")), "");
  EXPECT_EQ(message(externalTensor("w", {4}, "w.data", "48", "16")), "");
  EXPECT_SAYS(message(externalTensor("w", {16}, "")), "but not in which");
  EXPECT_SAYS(message(externalTensor("w", {16}, "none.data")),
              "cannot be read");
  EXPECT_SAYS(message(externalTensor("w", {16}, "../w.data")),
              "which is not in the model's folder");
  EXPECT_SAYS(message(externalTensor("w", {16}, "a/../../w.data")),
              "which is not in the model's folder");
  EXPECT_SAYS(message(externalTensor("w", {16}, "/etc/passwd")),
              "which is not in the model's folder");
  EXPECT_SAYS(message(externalTensor("w", {16}, ".")), "cannot be read");
  EXPECT_SAYS(message(externalTensor("w", {17}, "w.data")),
              "said to be 68 bytes from byte 0 of w.data on, which has 64");
  EXPECT_SAYS(message(externalTensor("w", {16}, "w.data", "4")),
              "said to be 64 bytes from byte 4 of w.data on, which has 64");
  EXPECT_SAYS(
      message(externalTensor("w", {16}, "w.data", "18446744073709551615")),
      "from byte 18446744073709551615");
  EXPECT_SAYS(message(externalTensor("w", {16}, "w.data", "-4")),
              "its offset in another file is '-4', expected a number");
  EXPECT_SAYS(message(externalTensor("w", {16}, "w.data", "0", "60")),
              "need 64 bytes, but it is said to have 60");
}

/// What a download cache does: names link to contents elsewhere, of graph and
/// data alike. A link of the data alone could lead to any file of the machine.
TEST_F(Onnx, TensorsBehindLinks) {
  OnnxModel model = smallModel(identity);
  model.initializers.push_back(externalTensor("w", {16}, "w.data"));
  auto messageIn = [&](const std::string &place) {
    llvm::Expected<std::unique_ptr<OnnxFile>> file =
        OnnxFile::open(place + "/model.onnx");
    return file ? "" : llvm::toString(file.takeError());
  };
  auto link = [](const std::string &to, const std::string &from) {
    ASSERT_FALSE(llvm::sys::fs::create_link(to, from));
  };
  auto make = [&](const char *name) {
    std::string result = (folder + "/" + name).str();
    EXPECT_FALSE(llvm::sys::fs::create_directories(result));
    return result;
  };
  std::string blobs = make("blobs"), cache = make("cache"),
              within = make("within"), out = make("out"),
              named = make("blobs-not");
  write("blobs/1", model.bytes());
  write("blobs/2", std::string(64, '\0'));
  write("blobs-not/2", std::string(64, '\0'));
  link(blobs + "/1", cache + "/model.onnx");
  link(blobs + "/2", cache + "/w.data");
  EXPECT_EQ(messageIn(cache), "");
  write("within/model.onnx", model.bytes());
  write("within/1", std::string(64, '\0'));
  link("1", within + "/w.data");
  EXPECT_EQ(messageIn(within), "");
  write("out/model.onnx", model.bytes());
  link(blobs + "/2", out + "/w.data");
  EXPECT_SAYS(messageIn(out), "tensor 'w': its elements are said to be in "
                              "'w.data', a link that leads out of the model's "
                              "folder");
  // A folder whose name goes on is another folder.
  ASSERT_FALSE(llvm::sys::fs::remove(cache + "/w.data"));
  link(named + "/2", cache + "/w.data");
  EXPECT_SAYS(messageIn(cache), "leads out of the model's folder");
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

TEST_F(Onnx, UnsupportedOperations) {
  EXPECT_SAYS(messageOfNode(node("Conv", {"x"}, {"y"})),
              "node 'my_Conv' (Conv): this operation is not supported");
  EXPECT_SAYS(
      messageOfNode(node("Identity", {"x"}, {"y"}, {}, "my.own.domain")),
      "node 'my_Identity' (my.own.domain.Identity): this operation is not "
      "supported");
}

TEST_F(Onnx, NamesThatAreNotThere) {
  EXPECT_SAYS(messageOfNode(node("Add", {"x", "z"}, {"y"})), "its input 'z'");
  EXPECT_SAYS(messageOfNode(node("Add", {"x"}, {"y"})),
              "its input 1 is missing");
  EXPECT_SAYS(messageOfNode(node("Add", {"", ""}, {"y"})),
              "its input 0 is missing");
  // A cycle: a node needs what comes of it.
  EXPECT_SAYS(messageOfNode(node("Add", {"x", "logits"}, {"y"})),
              "it depends on its own output");
  EXPECT_SAYS(messageOfNode(node("Identity", {"y"}, {"y"})),
              "it depends on its own output");
  // A node that gives nothing, and one that gives what there is.
  EXPECT_SAYS(messageOfNode(node("Identity", {"x"}, {})), "its input 'y'");
  OnnxModel twice = smallModel(identity);
  twice.nodes.insert(twice.nodes.begin() + 1, identity);
  EXPECT_SAYS(messageOf(twice), "is the output of another node, too");
  OnnxModel nothing = smallModel(identity);
  nothing.nodes.pop_back();
  EXPECT_SAYS(messageOf(nothing), "output 'logits'");
}

TEST_F(Onnx, NodesInAnyOrder) {
  OnnxModel model = smallModel(identity);
  std::reverse(model.nodes.begin(), model.nodes.end());
  EXPECT_EQ(messageOf(model), "");
  // As deep as a file can be.
  model = smallModel(identity);
  std::vector<Message> chain;
  for (int i = 0; i < 20000; ++i)
    chain.push_back(node("Identity", {i == 0 ? "x" : "x" + std::to_string(i)},
                         {i == 19999 ? "y" : "x" + std::to_string(i + 1)}));
  model.nodes.erase(model.nodes.begin() + 1);
  model.nodes.insert(model.nodes.begin(), chain.rbegin(), chain.rend());
  EXPECT_EQ(messageOf(model), "");
}

TEST_F(Onnx, InputsAndOutputs) {
  OnnxModel model = smallModel(identity);
  model.inputs.push_back(valueInfo("pixel_values", onnxFloat, {"batch", "3"}));
  EXPECT_SAYS(messageOf(model), "input 'pixel_values': it is not known");
  model = smallModel(identity);
  model.inputs[0] = valueInfo("pixel_values", onnxFloat, {"batch", "3"});
  EXPECT_SAYS(messageOf(model), "no input 'input_ids'");
  model.inputs[0] = valueInfo("input_ids", onnxInt64, {"batch", "12"});
  EXPECT_SAYS(messageOf(model), "room for exactly 12 tokens");
  model.inputs[0] = valueInfo("input_ids", onnxInt64, {"3", "sequence"});
  EXPECT_SAYS(messageOf(model), "room for exactly 3 sequences");
  model.inputs[0] = valueInfo("input_ids", onnxFloat, {"batch", "sequence"});
  EXPECT_SAYS(messageOf(model), "input 'input_ids': expected integers");
  model.inputs[0] = valueInfo("input_ids", onnxInt64, {"sequence"});
  EXPECT_SAYS(messageOf(model), "input 'input_ids': expected integers");
  model = smallModel(identity);
  model.outputs[0] = valueInfo("boxes", onnxFloat, {"batch"});
  EXPECT_SAYS(messageOf(model), "none of its outputs");
  model = smallModel(identity);
  model.outputs.clear();
  EXPECT_SAYS(messageOf(model), "none of its outputs");
  model = smallModel(identity);
  model.opset = 7;
  EXPECT_SAYS(messageOf(model), "it is of opset 7");
  model.opset = int64_t(1) << 40;
  EXPECT_SAYS(messageOf(model), "it is of opset 1099511627776");
}

TEST_F(Onnx, ShapesThatDoNotFit) {
  auto reshape = [&](std::initializer_list<int64_t> shape) {
    return messageOfNode(node("Reshape", {"x", "shape"}, {"y"}),
                         {integers("shape", shape)});
  };
  EXPECT_EQ(reshape({1, -1, 2}), "");
  EXPECT_SAYS(reshape({1, -1, -1}), "two sizes of -1");
  EXPECT_SAYS(reshape({7, 7, 7}), "node 'my_Reshape' (Reshape): ");
  EXPECT_SAYS(reshape({0, 0, 0, 0}), "node 'my_Reshape' (Reshape): ");
  EXPECT_SAYS(reshape({INT64_MAX, INT64_MAX, -1}), "node 'my_Reshape'");
  EXPECT_SAYS(reshape({INT64_MIN, -1}), "node 'my_Reshape' (Reshape): ");
  EXPECT_SAYS(messageOfNode(node("Transpose", {"x"}, {"y"},
                                 {integerAttribute("perm", 1)})),
              "node 'my_Transpose'");
  EXPECT_SAYS(messageOfNode(node("Add", {"x", "w"}, {"y"}),
                            {tensor("w", onnxFloat, {3}, std::string(12, 0))}),
              "node 'my_Add' (Add): ");
  EXPECT_SAYS(
      messageOfNode(node("MatMul", {"x", "w"}, {"y"}),
                    {tensor("w", onnxFloat, {3, 2}, std::string(24, 0))}),
      "node 'my_MatMul' (MatMul): ");
  for (int64_t axis : {int64_t(3), int64_t(-4), INT64_MAX, INT64_MIN}) {
    Message attribute = integerAttribute("axis", axis);
    EXPECT_SAYS(messageOfNode(node("Softmax", {"x"}, {"y"}, {attribute})),
                "there is no axis");
    EXPECT_SAYS(messageOfNode(node("Concat", {"x", "x"}, {"y"}, {attribute})),
                "there is no axis");
  }
}

TEST_F(Onnx, SlicesOutOfBounds) {
  // Bounds are cut to what is there, as numpy does.
  auto slice = [&](int64_t start, int64_t end, int64_t axis, int64_t step) {
    return messageOfNode(
        node("Slice", {"x", "start", "end", "axis", "step"}, {"y"}),
        {integers("start", {start}), integers("end", {end}),
         integers("axis", {axis}), integers("step", {step})});
  };
  EXPECT_EQ(slice(INT64_MIN, INT64_MAX, 2, 1), "");
  EXPECT_EQ(slice(-9, 9, 2, 1), "");
  EXPECT_NE(slice(5, 9, 2, 1), "");
  EXPECT_NE(slice(1, 0, 2, 1), "");
  EXPECT_NE(slice(0, 2, 2, INT64_MAX), "");
  EXPECT_NE(slice(0, 2, 2, INT64_MIN), "");
  EXPECT_NE(slice(0, 2, 2, 0), "");
  EXPECT_NE(slice(0, 2, 7, 1), "");
}

TEST_F(Onnx, QuantizedValues) {
  // What is done to rows between two nodes, in a model that has no others.
  auto message = [&](std::vector<Message> nodes,
                     std::vector<Message> initializers = {}) {
    OnnxModel model = smallModel(identity);
    model.nodes.erase(model.nodes.begin() + 1);
    model.nodes.insert(model.nodes.begin() + 1, nodes.begin(), nodes.end());
    model.initializers.insert(model.initializers.end(), initializers.begin(),
                              initializers.end());
    return messageOf(model);
  };
  constexpr int64_t onnxInt8 = 3;
  Message quantize =
      node("DynamicQuantizeLinear", {"x"}, {"q", "scale", "zero"});
  Message weight = tensor("w", onnxInt8, {2, 2}, "abcd");
  EXPECT_EQ(message({quantize, node("MatMulInteger", {"q", "w", "zero"}, {"p"}),
                     node("Mul", {"p", "scale"}, {"y"})},
                    {weight}),
            "");
  EXPECT_EQ(message({quantize, node("Reshape", {"q", "shape"}, {"r"}),
                     node("DequantizeLinear", {"r", "scale", "zero"}, {"y"})},
                    {integers("shape", {1, -1, 2})}),
            "");
  EXPECT_SAYS(message({quantize, node("Relu", {"q"}, {"y"})}),
              "node 'my_Relu' (Relu): its input 0 is quantized");
  EXPECT_SAYS(message({node("MatMulInteger", {"x", "w"}, {"y"})}, {weight}),
              "its rows do not come from DynamicQuantizeLinear");
  EXPECT_SAYS(
      message({quantize, node("MatMulInteger", {"q", "x"}, {"y"})}),
      "expected rows that were quantized, and weights of whole numbers");
  EXPECT_SAYS(
      message({node("DequantizeLinear", {"x", "scale"}, {"y"})},
              {tensor("scale", onnxFloat, {1}, "1234")}),
      "its input is neither whole numbers nor comes from QuantizeLinear");
  EXPECT_SAYS(message({node("DequantizeLinear", {"w", "scale"}, {"y"})},
                      {weight, tensor("scale", onnxFloat, {1, 2},
                                      std::string(8, '1'))}),
              "scales of [1, 2]: expected one");
}

//===----------------------------------------------------------------------===//
// Anything
//===----------------------------------------------------------------------===//

/// What exporters wrote, with a few bytes changed: mostly in the graph, which
/// stands before the weights.
TEST_F(Onnx, BrokenAtRandom) {
  std::mt19937_64 random(7);
  size_t modules = 0, messages = 0;
  for (const char *name :
       {"gpt2-script-11/model", "gpt2-dynamo-21-past/model", "bert-fused/model",
        "llama-dynamo-18/model", "t5-script-14/model",
        "gpt2-folder-merged/decoder_model_merged"}) {
    auto file = llvm::MemoryBuffer::getFile(
        llvm::Twine(SINTER_FIXTURES "/onnx/") + name + ".onnx");
    ASSERT_TRUE(file) << name;
    std::string whole = (*file)->getBuffer().str();
    for (int round = 0; round < 60; ++round) {
      std::string bytes = whole;
      for (size_t changes = 1 + random() % 3; changes > 0; --changes) {
        size_t at = random() % (bytes.size() / 2);
        if (random() % 3 == 0)
          bytes.erase(at, 1 + random() % 8);
        else
          bytes[at] = char(random());
      }
      (messageOf(bytes).empty() ? modules : messages)++;
    }
  }
  // Neither kind of file is rare, or this would test one thing only.
  EXPECT_GT(modules, 5u);
  EXPECT_GT(messages, 50u);
}
