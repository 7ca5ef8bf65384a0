//===- Elaborator.h - A spec, evaluated into IR -----------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The elaborator walks the head's function. What the config tells is computed
// on the way, what the tokens tell becomes an operation, a call is its
// function's body. In the order of work:
//
//   Elaborator.cpp   the whole, and config
//   Heads.cpp        which head, and its function
//   Properties.cpp   what the program has to know, as attributes of the module
//   Weights.cpp      declared weights, held against the checkpoint
//   Evaluate.cpp     expressions
//   Calls.cpp        functions, called with values
//   Layers.cpp       what goes through layers
//   Indexing.cpp     what stands in brackets
//   Scalars.cpp      arithmetic of what is known when compiling
//   Tensors.cpp      operations on tensors, with the check of their shapes
//   Functions.cpp    the functions of the language
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_FRONTEND_SPEC_ELABORATOR_H
#define SINTER_FRONTEND_SPEC_ELABORATOR_H

#include "frontend/Frontend.h"
#include "frontend/spec/Builtin.h"
#include "frontend/spec/Config.h"
#include "frontend/spec/Value.h"
#include "ir/Shape.h"

#include <functional>

namespace sinter::spec {

class Elaborator {
public:
  Elaborator(mlir::MLIRContext &context, const Module &module,
             const SpecInput &input, const Config &config,
             const Config &generationConfig, Diagnostics &diagnostics);

  /// The module, or null after an error.
  mlir::OwningOpRef<mlir::ModuleOp> run();

private:
  /// The names of one call, and where it came from.
  struct Frame {
    const Module *module = nullptr;
    std::map<llvm::StringRef, Value> locals;
    Frame *caller = nullptr;
    llvm::SMRange callRange;
    llvm::StringRef function;
    mlir::LocationAttr callLocation; ///< Null: not inlined.
  };
  struct Note {
    llvm::SMRange where;
    std::string message;
  };
  struct NamedValue {
    llvm::StringRef name; ///< Empty: by position.
    Value value;
  };

  // Elaborator.cpp
  void checkRequirements();
  Value bindConfig(const ConfigEntry &entry);
  Value convertConfig(const ConfigEntry &entry, const ConfigValue &value,
                      llvm::StringRef key, bool asItem = false);

  // Heads.cpp
  /// The head that the program has; null after an error. `where` asks for it.
  const HeadDecl *getHead(llvm::SMRange where);
  const HeadDecl *chooseHead();
  bool buildEntry(const HeadDecl &head);

  // Properties.cpp
  void setProperties(const HeadDecl &head);
  std::optional<int64_t> countProperty(llvm::StringRef name);
  std::optional<std::string>
  choiceProperty(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> choices);
  void setPooling(const HeadDecl &head);
  void setLabels(const HeadDecl &head, int64_t width);
  void setSound(const HeadDecl &head);
  void setSpecialTokens(int64_t vocabulary);
  void addPromptTokens(llvm::SmallVectorImpl<mlir::NamedAttribute> &tokens,
                       int64_t vocabulary);

  // Weights.cpp
  void declareWeights();
  void declareEntry(const WeightEntry &entry, WeightNode &parent,
                    const std::vector<std::string> &prefixes, bool present,
                    Frame &frame, unsigned depth);
  void declareMembers(const WeightEntry &entry, WeightNode &group,
                      const std::vector<std::string> &prefixes, bool present,
                      Frame &frame, unsigned depth);
  void resolveWeight(const WeightEntry &entry, WeightNode &node,
                     const std::vector<std::string> &candidates);
  void checkWeight(WeightNode &node,
                   const std::vector<std::string> &candidates);
  std::optional<int64_t> evaluateSize(const Expr &expr, Frame &frame,
                                      llvm::StringRef what);

  // Evaluate.cpp
  Value evaluate(const Expr &expr, Frame &frame);
  /// Counts towards the work that one model may take; false (reported once)
  /// where it is spent.
  bool spend(uint64_t amount, llvm::SMRange where);
  Value evaluateByKind(const Expr &expr, Frame &frame);
  Value evaluateName(const NameExpr &expr, Frame &frame);
  Value evaluateField(const FieldExpr &expr, Frame &frame);
  Value evaluateIndex(const IndexExpr &expr, Frame &frame);
  Value evaluateIf(const IfExpr &expr, Frame &frame);
  Value evaluateLogic(const BinaryExpr &expr, Frame &frame);
  Value evaluateComprehension(const ComprehensionExpr &expr, Frame &frame);
  /// A name that stands for a value in all of a module: config, let, weight,
  /// function.
  std::optional<Value> lookupGlobal(const Module &module, llvm::StringRef name,
                                    llvm::SMRange where);
  Value global(const Module &module, llvm::StringRef name, llvm::SMRange where,
               llvm::function_ref<Value()> compute);

  // Calls.cpp
  Value evaluateCall(const CallExpr &expr, Frame &frame);
  void collectArguments(const CallExpr &expr, Frame &frame,
                        std::vector<NamedValue> &arguments);
  Value callNamed(const CallExpr &expr, std::vector<NamedValue> arguments,
                  Frame &frame);
  Value callFunction(const FunctionDecl &function, const Module &home,
                     std::vector<NamedValue> arguments, llvm::SMRange where,
                     Frame &frame);
  bool bindShape(const Parameter &parameter, const Value &value, Frame &frame);
  Value evaluateBody(const FunctionDecl &function, Frame &frame);
  bool destructure(const Statement &statement, const Value &value,
                   Frame &frame);
  bool checkRequire(const Statement &statement, Frame &frame);
  /// True, false, or nothing where it is not known when compiling (reported).
  std::optional<bool> truth(const Value &value, llvm::SMRange where,
                            llvm::StringRef what);

  // Layers.cpp
  Value evaluateThrough(const ThroughExpr &expr, Frame &frame);

  // Scalars.cpp
  Value scalarBinary(const BinaryExpr &expr, const Value &left,
                     const Value &right);
  Value scalarArithmetic(const BinaryExpr &expr, const Value &left,
                         const Value &right);
  Value scalarCompare(const BinaryExpr &expr, const Value &left,
                      const Value &right);
  Value isIn(const BinaryExpr &expr, const Value &item, const Value &list);
  static bool equal(const Value &left, const Value &right);

  // Indexing.cpp
  Value indexTensor(const IndexExpr &expr, const Value &base, Frame &frame);
  Value indexLayers(const IndexExpr &expr, const Value &base, Frame &frame);

  // Tensors.cpp
  Value binary(const BinaryExpr &expr, const Value &left, const Value &right);
  Value power(const Value &base, const Value &exponent, llvm::SMRange where);
  Value negate(const Value &operand, llvm::SMRange where);
  Value invert(const Value &operand, llvm::SMRange where);
  Value matmul(const BinaryExpr &expr, const Value &left, const Value &right);
  Value elementwise(llvm::StringRef op, const Value &left, const Value &right,
                    llvm::SMRange where);
  Value select(const Value &condition, const Value &yes, const Value &no,
               llvm::SMRange where);
  Value transpose(const Value &operand, llvm::ArrayRef<int64_t> axes,
                  llvm::SMRange where);
  Value transposeMatrix(const Value &operand, llvm::SMRange where);
  Value reshape(const Value &operand, llvm::ArrayRef<Dimension> shape,
                llvm::SMRange where);
  Value broadcast(const Value &operand, llvm::ArrayRef<Dimension> shape,
                  llvm::SMRange where);
  Value reduce(ReduceKind kind, const Value &operand, int64_t axis,
               llvm::SMRange where);
  Value slice(const Value &operand, int64_t axis, int64_t start, int64_t size,
              int64_t stride, llvm::SMRange where);
  Value concat(const std::vector<Value> &parts, int64_t axis,
               llvm::SMRange where);
  Value gather(const Value &table, const Value &index, llvm::SMRange where);
  Value take(const Value &rows, const Value &index, llvm::SMRange where);
  Value convert(const Value &operand, mlir::Type elementType,
                llvm::SMRange where);
  /// The value of the IR; null (reported) where `value` is no tensor and no
  /// number. A number takes the element type `like`.
  mlir::Value materialize(const Value &value, llvm::SMRange where,
                          mlir::Type like = {});
  mlir::Value materializeWeight(const Value &value, llvm::SMRange where);
  StoredAttr storedAttribute(const std::optional<StoredNumbers> &numbers);
  mlir::Value constant(double number, mlir::Type elementType,
                       llvm::ArrayRef<Dimension> shape, llvm::SMRange where);
  /// The shape, held against the limits of a tensor; nothing (reported) where
  /// it has none.
  std::optional<llvm::SmallVector<Dimension>>
  checkShape(ShapeOr shape, llvm::SMRange where,
             llvm::ArrayRef<const Value *> operands);
  llvm::SmallVector<Dimension> shapeOf(const Value &value);
  mlir::Type elementTypeOf(const Value &value);
  std::optional<int64_t> axisOf(const Value &axis, int64_t rank,
                                llvm::SMRange where);
  std::optional<Dimension> dimensionOf(const Value &value, llvm::SMRange where);
  std::optional<llvm::SmallVector<Dimension>>
  shapeArgument(const Value &list, llvm::SMRange where);

  // Functions.cpp
  Value callBuiltin(const Builtin &builtin,
                    const std::vector<NamedValue> &arguments,
                    llvm::SMRange where);
  Value unaryFunction(const Builtin &builtin, const Value &operand,
                      llvm::SMRange where);
  Value extremum(const Builtin &builtin, const std::vector<Value> &values,
                 const Value *axis, llvm::SMRange where);
  Value reduceFunction(ReduceKind kind, const Value &operand, const Value *axis,
                       llvm::SMRange where);
  Value sizeFunction(const Value &operand, const Value *axis,
                     llvm::SMRange where);
  Value transposeFunction(const Value &operand, const Value &axes,
                          llvm::SMRange where);
  Value splitFunction(const Value &operand, const Value &parts,
                      const Value *axis, llvm::SMRange where);
  Value vectorFunction(const Value &numbers, llvm::SMRange where);
  Value iotaFunction(const Value &count, llvm::SMRange where);
  Value rangeFunction(const Value &count, llvm::SMRange where);
  Value convertFunction(const Value &operand, bool toReal, llvm::SMRange where);
  Value endsWithFunction(const Value &strings, const Value &ending,
                         llvm::SMRange where);
  Value weightSizeFunction(const Value &name, const Value &axis,
                           llvm::SMRange where);

  // Messages
  Value fail(llvm::SMRange where, const llvm::Twine &message,
             llvm::ArrayRef<Note> notes = {});
  Note originNote(const Value &value, const llvm::Twine &what = "");
  std::string describe(const Value &value);
  mlir::Location locationOf(llvm::SMRange where);

  mlir::MLIRContext &context;
  const Module &module;
  const SpecInput &input;
  const Config &config;
  const Config &generationConfig;
  Diagnostics &diagnostics;

  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> result;
  mlir::func::FuncOp entry;
  Frame top; ///< Of config, shapes of weights and conditions of heads.
  Frame *current = &top;
  WeightNode weights;
  bool weightsDeclared = false;
  const HeadDecl *chosenHead = nullptr;
  bool headIsChosen = false, isChoosingHead = false;
  /// Of the layers whose weights are being declared, and of layers in each.
  int64_t declaredLayers = 1, declaredInner = 1;

  /// Globals that were asked for; without a value: being computed.
  std::map<std::pair<const Module *, llvm::StringRef>, std::optional<Value>>
      globals;
  /// Weights that are values of the IR already, by block and name.
  std::map<std::pair<mlir::Block *, std::string>, mlir::Value> weightValues;
  unsigned depth = 0;
  uint64_t steps = 0;
};

} // namespace sinter::spec

#endif // SINTER_FRONTEND_SPEC_ELABORATOR_H
