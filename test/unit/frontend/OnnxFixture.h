//===- OnnxFixture.h - Messages of ONNX files in a folder -------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TEST_UNIT_FRONTEND_ONNXFIXTURE_H
#define SINTER_TEST_UNIT_FRONTEND_ONNXFIXTURE_H

#include "frontend/onnx/Onnx.h"
#include "mlir/IR/MLIRContext.h"
#include "test/unit/frontend/OnnxWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <gtest/gtest.h>

namespace sinter::test {

/// A folder of its own, gone at the end.
class Onnx : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("onnx", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string write(llvm::StringRef name, llvm::StringRef bytes) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << bytes;
    EXPECT_FALSE(error);
    return std::string(path);
  }

  /// What is said of a file, without its path; "" where nothing is wrong. An
  /// error without a message is one, too.
  std::string messageOf(llvm::StringRef bytes, const char *name = "m.onnx") {
    std::string path = write(name, bytes);
    std::string prefix = path + ": ";
    llvm::Expected<std::unique_ptr<OnnxFile>> file = OnnxFile::open(path);
    std::string text;
    if (!file) {
      text = llvm::toString(file.takeError());
    } else {
      llvm::raw_string_ostream messages(text);
      OnnxOptions options;
      options.context = 16;
      if (importOnnx(context, **file, options, messages)) {
        EXPECT_EQ(text, "");
        return "";
      }
      prefix = "error: " + prefix;
      EXPECT_TRUE(llvm::StringRef(text).ends_with("\n"));
      text.pop_back();
    }
    EXPECT_TRUE(llvm::StringRef(text).starts_with(prefix)) << text;
    EXPECT_EQ(llvm::StringRef(text).count('\n'), 0u) << text;
    return text.substr(std::min(prefix.size(), text.size()));
  }
  std::string messageOf(const OnnxModel &model) {
    return messageOf(model.bytes());
  }
  /// Of a model with this node between its embeddings and its head.
  std::string messageOfNode(const Message &middle,
                            const std::vector<Message> &initializers = {}) {
    OnnxModel model = smallModel(middle);
    model.initializers.insert(model.initializers.end(), initializers.begin(),
                              initializers.end());
    return messageOf(model);
  }

  llvm::SmallString<128> folder;
  mlir::MLIRContext context;
};

} // namespace sinter::test

#define EXPECT_SAYS(message, part)                                             \
  do {                                                                         \
    std::string said = message;                                                \
    EXPECT_NE(said.find(part), std::string::npos) << said;                     \
  } while (false)

#endif // SINTER_TEST_UNIT_FRONTEND_ONNXFIXTURE_H
