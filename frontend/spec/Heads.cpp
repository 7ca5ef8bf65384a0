//===- Heads.cpp - What a model is for, and the function of it ---- -===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/spec/Elaborator.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace sinter::spec {

//===----------------------------------------------------------------------===//
// Which head
//===----------------------------------------------------------------------===//

static constexpr StringRef headKinds[] = {"next_token",
                                          "masked_token",
                                          "encoder_decoder",
                                          "sequence_classification",
                                          "token_classification",
                                          "question_answering",
                                          "embedding",
                                          "hidden"};

/// "a, b and c"
static std::string listOf(ArrayRef<StringRef> names) {
  std::string text;
  for (auto [index, name] : enumerate(names)) {
    if (index)
      text += index + 1 == names.size() ? " and " : ", ";
    text += name;
  }
  return text;
}

/// The head that was asked for, whatever the config says; else the first whose
/// condition holds.
const HeadDecl *Elaborator::chooseHead() {
  if (module.heads.empty()) {
    fail(module.files.back()->range, "the model declares no head; write for "
                                     "example 'head next_token = logits'");
    return nullptr;
  }
  for (const HeadDecl *head : module.heads)
    if (!is_contained(headKinds, head->kind)) {
      fail(head->range, "there is no head '" + head->kind + "'; there are " +
                            listOf(headKinds) +
                            didYouMean(head->kind, headKinds));
      return nullptr;
    }
  const HeadDecl *asked = nullptr;
  for (const HeadDecl *head : module.heads) {
    if (!input.head.empty() && head->kind != input.head)
      continue;
    if (!asked)
      asked = head;
    if (!head->condition)
      return head;
    Value condition = evaluate(*head->condition, top);
    std::optional<bool> holds =
        truth(condition, head->condition->range, "the condition of 'when'");
    if (!holds)
      return nullptr;
    if (*holds)
      return head;
  }
  if (!input.head.empty() && asked)
    return asked;
  if (!input.head.empty()) {
    std::vector<StringRef> kinds;
    for (const HeadDecl *head : module.heads)
      if (!is_contained(kinds, head->kind))
        kinds.push_back(head->kind);
    fail(module.heads.front()->range,
         "the head '" + input.head + "' was asked for, but this model has " +
             listOf(kinds) + didYouMean(input.head, kinds));
    return nullptr;
  }
  fail(module.heads.front()->range,
       "no head of this model is for this config: no condition behind 'when' "
       "holds");
  return nullptr;
}

const HeadDecl *Elaborator::getHead(SMRange where) {
  if (isChoosingHead) {
    fail(where, "'task' is what the conditions behind 'when' of the heads "
                "decide: they cannot ask for it");
    return nullptr;
  }
  if (!headIsChosen) {
    isChoosingHead = true;
    chosenHead = chooseHead();
    isChoosingHead = false;
    headIsChosen = true;
  }
  return chosenHead;
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

bool Elaborator::buildEntry(const HeadDecl &head) {
  auto symbol = module.symbols.find(head.function);
  if (symbol == module.symbols.end() || !symbol->second.function) {
    std::vector<StringRef> names;
    for (const auto &[name, other] : module.symbols)
      if (other.function)
        names.push_back(name);
    fail(head.functionRange, "there is no function '" + head.function + "'" +
                                 didYouMean(head.function, names));
    return false;
  }
  const FunctionDecl &function = *symbol->second.function;

  static constexpr StringRef inputNames[] = {"token", "segment", "source",
                                             "source_segment"};
  Frame frame;
  frame.module = symbol->second.home;
  frame.function = function.name;
  SmallVector<mlir::Type> types;
  for (const Parameter &parameter : function.parameters) {
    if (!is_contained(inputNames, parameter.name)) {
      fail(parameter.range,
           "'" + parameter.name +
               "' is nothing the program gets; its inputs are token[T], "
               "segment[T], source[S] and source_segment[S]" +
               didYouMean(parameter.name, inputNames));
      return false;
    }
    bool ofSource = parameter.name.starts_with("source");
    // A source may have rows of real numbers: n of them, or n for each frame.
    bool isNumbers =
        parameter.name == "source" &&
        (parameter.shape.size() == 2 || parameter.shape.size() == 3);
    const auto *dim = !parameter.shape.empty() && !parameter.leadingAxes
                          ? dyn_cast<NameExpr>(parameter.shape[0].get())
                          : nullptr;
    StringRef wanted = ofSource ? "S" : "T";
    if (!dim || dim->name != wanted ||
        (parameter.shape.size() != 1 && !isNumbers)) {
      fail(parameter.range,
           "this input has one axis, which is called " + wanted + ": write " +
               parameter.name + "[" + wanted + "]" +
               (parameter.name == "source"
                    ? "; or, where a row of it is real numbers, source[S, n] "
                      "or source[S, frames, n]"
                    : ""));
      return false;
    }
    Value size = Value::make(Value::Dim, parameter.range);
    size.string = wanted.str();
    frame.locals[wanted] = size;
    SmallVector<Dimension> shape{Dimension::get(&context, wanted)};
    for (const auto &axis : drop_begin(parameter.shape)) {
      std::optional<int64_t> width =
          evaluateSize(*axis, top, "an axis of a row of the source");
      if (!width)
        return false;
      shape.push_back(Dimension::get(&context, *width));
    }
    types.push_back(NamedTensorType::get(
        shape, isNumbers ? mlir::Type(builder.getF32Type())
                         : mlir::Type(builder.getI32Type())));
  }
  if (!any_of(function.parameters,
              [](const Parameter &p) { return p.name == "token"; })) {
    fail(function.range, "'" + function.name + "' must take token[T]");
    return false;
  }

  builder.setInsertionPointToEnd(result->getBody());
  mlir::Location location = locationOf(function.range);
  entry = mlir::func::FuncOp::create(builder, location, "logits",
                                     builder.getFunctionType(types, {}));
  builder.setInsertionPointToEnd(entry.addEntryBlock());
  for (auto [parameter, argument] :
       zip_equal(function.parameters, entry.getArguments())) {
    frame.locals[parameter.name] = Value::makeTensor(argument, parameter.range);
    entry.setArgAttr(argument.getArgNumber(), inputAttributeName,
                     builder.getStringAttr(parameter.name));
  }
  current = &frame;
  Value value = evaluateBody(function, frame);
  current = &top;
  if (value.is(Value::Poison))
    return false;

  SmallVector<Dimension> shape = shapeOf(value);
  if (!value.isTensor() || shape.size() != 2 || !shape[0].isSymbol("T") ||
      !shape[1].isStatic() || !isa<mlir::FloatType>(elementTypeOf(value))) {
    fail(function.range,
         "a head gives a row of numbers for each token, [T, width], but '" +
             function.name + "' gives " + describe(value),
         {originNote(value)});
    return false;
  }
  mlir::Value out = materialize(value, function.range);
  mlir::func::ReturnOp::create(builder, location, out);
  entry.setFunctionType(builder.getFunctionType(types, out.getType()));
  return true;
}

} // namespace sinter::spec

std::vector<std::string> sinter::headNames() {
  return std::vector<std::string>(std::begin(spec::headKinds),
                                  std::end(spec::headKinds));
}
