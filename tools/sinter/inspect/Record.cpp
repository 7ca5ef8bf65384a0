//===- Record.cpp - A program after every pass ------------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/sinter/inspect/Record.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Pass/Pass.h"
#include "passes/Partition.h"

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// One function
//===----------------------------------------------------------------------===//

namespace {

class FunctionRecorder {
public:
  FunctionRecorder(func::FuncOp function, const Workload &workload)
      : function(function), model(workload),
        names(function, OpPrintingFlags().skipRegions()) {}

  FunctionRecord run() {
    record.name = function.getName().str();
    Block &body = function.getBody().front();
    for (BlockArgument argument : body.getArguments()) {
      OpRecord &input = add(argument.getLoc(), -1, 1);
      input.name = "input";
      llvm::raw_string_ostream text(input.text);
      argument.printAsOperand(text, names);
      if (auto name = function.getArgAttrOfType<StringAttr>(
              argument.getArgNumber(), inputAttributeName))
        text << ": " << name.getValue();
      input.types = {typeText(argument.getType())};
      makers[argument] = input.id;
    }
    visit(body, -1, 1, /*withinKernel=*/false);
    record.cost = model.of(body);
    return std::move(record);
  }

private:
  OpRecord &add(Location location, int64_t parent, int64_t runs) {
    OpRecord &op = record.ops.emplace_back();
    op.id = record.ops.size() - 1;
    op.parent = parent;
    op.runs = runs;
    op.places = placesOf(location);
    return op;
  }

  static std::string typeText(Type type) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    type.print(stream);
    return text;
  }

  void visit(Block &block, int64_t parent, int64_t runs, bool withinKernel) {
    for (Operation &op : block) {
      if (op.hasTrait<OpTrait::IsTerminator>())
        continue;
      int64_t id = describe(op, parent, runs, withinKernel);
      if (auto repeat = dyn_cast<RepeatOp>(op)) {
        for (auto [carried, init] :
             llvm::zip(repeat.getCarried(), repeat.getInits()))
          link(carried, init);
        visit(*repeat.getBody(), id, runs * repeat.getCount(), false);
      } else if (auto attention = dyn_cast<AttentionOp>(op)) {
        makers[attention.getScores()] = id;
        for (auto [argument, input] :
             llvm::zip(attention.getInputArguments(), attention.getInputs()))
          link(argument, input);
        visit(attention.getScoreRegion().front(), id, runs, true);
      } else if (isa<RowGroupOp, LinearGroupOp>(op)) {
        Block &body = op.getRegion(0).front();
        for (auto [argument, input] :
             llvm::zip(body.getArguments(), op.getOperands()))
          link(argument, input);
        visit(body, id, runs, true);
      }
    }
  }

  void link(Value inner, Value outer) {
    if (auto found = makers.find(outer); found != makers.end())
      makers[inner] = found->second;
  }

  int64_t describe(Operation &op, int64_t parent, int64_t runs,
                   bool withinKernel) {
    OpRecord &out = add(op.getLoc(), parent, runs);
    out.name = op.getName().getStringRef().str();
    llvm::raw_string_ostream text(out.text);
    op.print(text, names);
    out.isKernel = !withinKernel && isKernel(&op);
    out.cost = model.of(&op);
    if (withinKernel)
      out.cost = {0, 0, 0, out.cost.operations};
    for (Type type : op.getResultTypes())
      out.types.push_back(typeText(type));
    for (Value operand : op.getOperands())
      if (auto maker = makers.find(operand);
          maker != makers.end() &&
          !llvm::is_contained(out.inputs, maker->second))
        out.inputs.push_back(maker->second);
    addWeights(op, out);
    for (Value result : op.getResults())
      makers[result] = out.id;
    return out.id;
  }

  /// The checkpoint's names of what the op is, or reads.
  void addWeights(Operation &op, OpRecord &out) {
    auto addNames = [&](Operation *from) {
      from->walk([&](WeightOp weight) {
        // A pattern, or a list of what the layers' are called.
        SmallVector<Attribute> names{weight.getName()};
        if (auto list = dyn_cast<ArrayAttr>(weight.getName()))
          names.assign(list.begin(), list.end());
        for (Attribute name : names)
          if (std::string text = cast<StringAttr>(name).str();
              !llvm::is_contained(out.weights, text))
            out.weights.push_back(std::move(text));
      });
    };
    auto addOf = [&](Operation *of) {
      if (isa<WeightOp>(of))
        addNames(of);
      if (auto load = dyn_cast<ParameterLoadOp>(of))
        if (Operation *parameter = SymbolTable::lookupNearestSymbolFrom(
                load, load.getParameterAttr()))
          addNames(parameter);
    };
    addOf(&op);
    for (Value operand : op.getOperands())
      if (Operation *maker = operand.getDefiningOp())
        addOf(maker);
  }

  func::FuncOp function;
  CostModel model;
  AsmState names;
  llvm::DenseMap<Value, int64_t> makers;
  FunctionRecord record;
};

} // namespace

/// What makes an op the same as another: all but the names of its values.
static std::string identity(const OpRecord &op,
                            const FunctionRecord &function) {
  // The text names values by numbers, which move; what the op is called, its
  // attributes and types do not.
  std::string text;
  for (size_t index = 0; index < op.text.size(); ++index) {
    text += op.text[index];
    if (op.text[index] == '%')
      while (index + 1 < op.text.size() &&
             (llvm::isAlnum(op.text[index + 1]) || op.text[index + 1] == '_' ||
              op.text[index + 1] == '#'))
        ++index;
  }
  for (int64_t input : op.inputs)
    text += '|' + function.ops[input].name;
  if (op.parent >= 0)
    text += '|' + function.ops[op.parent].name;
  return text;
}

FunctionRecord
sinter::recordFunction(func::FuncOp function, const Workload &workload,
                       const std::vector<FunctionRecord> &before) {
  FunctionRecord now = FunctionRecorder(function, workload).run();
  std::map<std::string, int64_t> known;
  for (const FunctionRecord &old : before)
    for (const OpRecord &op : old.ops)
      ++known[identity(op, old)];
  for (OpRecord &op : now.ops)
    op.isChanged = --known[identity(op, now)] < 0;
  return now;
}

//===----------------------------------------------------------------------===//
// All passes
//===----------------------------------------------------------------------===//

struct Recorder::Instrumentation : PassInstrumentation {
  explicit Instrumentation(Recorder &recorder) : recorder(recorder) {}
  void runAfterPass(Pass *pass, Operation *op) override {
    // What only runs other passes has no name.
    if (!pass->getArgument().empty())
      recorder.record(*pass, op);
  }
  Recorder &recorder;
};

Recorder::Recorder(ModuleOp module, const Workload &workload, bool keepsText)
    : module(module), workload(workload), keepsText(keepsText) {
  StageRecord &first = stages.emplace_back();
  first.pass = "input";
  first.description = "What the model's definition says.";
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isDeclaration())
      first.functions.push_back(recordFunction(function, workload, {}));
  for (FunctionRecord &function : first.functions)
    for (OpRecord &op : function.ops)
      op.isChanged = false;
  first.isChanged = true;
  first.ir = textOf(module);
}

std::string Recorder::textOf(Operation *op) const {
  std::string text;
  if (keepsText) {
    llvm::raw_string_ostream stream(text);
    op->print(stream);
  }
  return text;
}

void Recorder::listenTo(PassManager &manager) {
  manager.addInstrumentation(std::make_unique<Instrumentation>(*this));
}

void Recorder::record(Pass &pass, Operation *op) {
  auto [entry, isNew] = stageOf.try_emplace(&pass, stages.size());
  if (isNew) {
    StageRecord &stage = stages.emplace_back();
    stage.pass = pass.getArgument().str();
    stage.description = pass.getDescription().str();
    // A pass on one function leaves the others; where it comes to them later,
    // they are replaced.
    stage.functions = stages[entry->second - 1].functions;
    for (FunctionRecord &function : stage.functions)
      for (OpRecord &old : function.ops)
        old.isChanged = false;
    stage.ir = textOf(module);
  }
  StageRecord &stage = stages[entry->second];
  const std::vector<FunctionRecord> &before =
      stages[entry->second - 1].functions;
  if (isa<ModuleOp>(op)) {
    stage.functions.clear();
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isDeclaration())
        stage.functions.push_back(recordFunction(function, workload, before));
    return;
  }
  auto function = dyn_cast<func::FuncOp>(op);
  if (!function || function.isDeclaration())
    return;
  for (FunctionRecord &old : stage.functions)
    if (old.name == function.getName()) {
      old = recordFunction(function, workload, before);
      if (keepsText)
        stage.ir = textOf(module);
      return;
    }
}

std::vector<StageRecord> Recorder::takeStages() {
  for (size_t index = stages.size() - 1; index > 0; --index) {
    StageRecord &stage = stages[index];
    const StageRecord &before = stages[index - 1];
    bool isSame = stage.functions.size() == before.functions.size();
    for (size_t at = 0; isSame && at < stage.functions.size(); ++at) {
      const FunctionRecord &function = stage.functions[at];
      isSame = function.name == before.functions[at].name &&
               function.ops.size() == before.functions[at].ops.size() &&
               llvm::none_of(function.ops,
                             [](const OpRecord &op) { return op.isChanged; });
    }
    stage.isChanged = !isSame;
    if (isSame)
      stage.functions.clear();
  }
  return std::move(stages);
}
