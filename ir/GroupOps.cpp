//===- GroupOps.cpp - Groups that run as one kernel -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Sinter.h"
#include "ir/TileSegments.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace sinter;

//===----------------------------------------------------------------------===//
// What groups have in common
//===----------------------------------------------------------------------===//

// %y = GROUP (%a = %x : type, ...) -> type, ... to [slots] { ... }
static ParseResult parseGroup(OpAsmParser &parser, OperationState &result,
                              StringAttr placementName) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs;
  SmallVector<Type> types;
  auto parseInput = [&]() -> ParseResult {
    OpAsmParser::Argument &argument = arguments.emplace_back();
    if (parser.parseArgument(argument) || parser.parseEqual() ||
        parser.parseOperand(inputs.emplace_back()) ||
        parser.parseColonType(argument.type))
      return failure();
    types.push_back(argument.type);
    return success();
  };
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseInput) ||
      parser.resolveOperands(inputs, types, location, result.operands) ||
      parser.parseArrowTypeList(result.types))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("to"))) {
    auto slots = dyn_cast_or_null<DenseI64ArrayAttr>(
        DenseI64ArrayAttr::parse(parser, Type()));
    if (!slots)
      return failure();
    result.addAttribute(placementName, slots);
  }
  if (parser.parseRegion(*result.addRegion(), arguments) ||
      parser.parseOptionalAttrDict(result.attributes))
    return failure();
  return success();
}

template <typename GroupOp>
static void printGroup(OpAsmPrinter &printer, GroupOp op) {
  printer << " (";
  llvm::interleaveComma(llvm::zip(op.getBody()->getArguments(), op.getInputs()),
                        printer, [&](auto pair) {
                          auto [argument, input] = pair;
                          printer << argument << " = " << input << " : "
                                  << input.getType();
                        });
  printer << ")";
  printer.printArrowTypeList(op.getResultTypes());
  if (op.getPlacementAttr()) {
    printer << " to ";
    op.getPlacementAttr().print(printer);
  }
  printer << ' ';
  printer.printRegion(op.getBodyRegion(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDict(op->getAttrs(), {op.getPlacementAttrName()});
}

template <typename GroupOp> static LogicalResult verifyGroup(GroupOp op) {
  if (op.getResults().empty())
    return op.emitOpError("has no result");
  std::optional<ArrayRef<int64_t>> slots = op.getSlots();
  if (!slots)
    return success();
  if (slots->size() != op->getNumResults())
    return op.emitOpError() << "has " << op->getNumResults()
                            << " results, but places for " << slots->size();
  for (auto [slot, result] : llvm::zip(*slots, op->getResults())) {
    bool isHistory = isa<HistoryType>(result.getType());
    if (isHistory != (slot == placeInCache) || slot < placeInCache)
      return op.emitOpError()
             << "has a result " << result.getType() << " at offset " << slot;
  }
  return success();
}

template <typename GroupOp> static LogicalResult verifyGroupRegion(GroupOp op) {
  Block &body = op.getBodyRegion().front();
  if (!llvm::equal(body.getArgumentTypes(), op.getInputs().getTypes()))
    return op.emitOpError(
        "the region's arguments are the inputs, with their types");
  if (cast<YieldOp>(body.getTerminator()).getValues().getTypes() !=
      op.getResultTypes())
    return op.emitOpError(
        "the region must yield the results, with their types");
  return success();
}

//===----------------------------------------------------------------------===//
// Row groups
//===----------------------------------------------------------------------===//

ParseResult RowGroupOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseGroup(parser, result, getPlacementAttrName(result.name));
}

void RowGroupOp::print(OpAsmPrinter &printer) { printGroup(printer, *this); }

LogicalResult RowGroupOp::verify() { return verifyGroup(*this); }

LogicalResult RowGroupOp::verifyRegions() { return verifyGroupRegion(*this); }

//===----------------------------------------------------------------------===//
// Linear groups
//===----------------------------------------------------------------------===//

ParseResult LinearGroupOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseGroup(parser, result, getPlacementAttrName(result.name));
}

void LinearGroupOp::print(OpAsmPrinter &printer) { printGroup(printer, *this); }

LogicalResult LinearGroupOp::verify() { return verifyGroup(*this); }

/// Whether the type has an axis of `rows`.
static bool hasAxis(Type type, Dimension rows) {
  auto tensor = dyn_cast<NamedTensorType>(type);
  return tensor && tensor.findSymbol(rows.getSymbol()) >= 0;
}

/// One op of the region beside the contraction.
static LogicalResult verifyMember(LinearGroupOp group, Operation &op,
                                  Dimension rows) {
  if (auto append = dyn_cast<CacheAppendOp>(op)) {
    if (append.getRows().getType().getDim(0) != rows)
      return append.emitOpError() << "writes " << append.getRows().getType()
                                  << " in a group over " << rows;
    if (!isa<BlockArgument>(append.getSequence()) ||
        !isa<BlockArgument>(append.getPosition()))
      return append.emitOpError("takes sequences and positions that are inputs "
                                "of the group");
    if (!append->hasOneUse() || !isa<YieldOp>(*append->user_begin()))
      return append.emitOpError("gives its history as a result of the group");
    return success();
  }
  if (auto argmax = dyn_cast<ArgmaxOp>(op)) {
    ValueRange yielded = group.getBody()->getTerminator()->getOperands();
    if (yielded.size() != 3 || yielded[0] != argmax.getOperand() ||
        yielded[1] != argmax.getIndex() || yielded[2] != argmax.getLargest())
      return argmax.emitOpError("in a linear group is of the group's first "
                                "result, and gives the other two");
    if (group.hasRowEpilogue())
      return argmax.emitOpError("in a linear group finds the largest while "
                                "sums are in registers: no other work may need "
                                "whole rows of them");
    return success();
  }
  bool isMath = isPure(&op) && op.getNumRegions() == 0 &&
                !isa<KernelOpInterface, MatmulOp, WeightOp, PackOp,
                     ParameterLoadOp, LayerNumberOp>(op);
  if (!isMath)
    return op.emitOpError("is neither row work nor a write into a cache: a "
                          "linear group cannot hold it");
  return success();
}

LogicalResult LinearGroupOp::verifyRegions() {
  if (failed(verifyGroupRegion(*this)))
    return failure();
  auto linears = getBody()->getOps<LinearOp>();
  if (std::distance(linears.begin(), linears.end()) != 1)
    return emitOpError() << "holds exactly one sinter.linear, not "
                         << std::distance(linears.begin(), linears.end());
  LinearOp linear = getLinear();
  NamedTensorType input = linear.getInput().getType();
  if (input.getRank() != 2 || !(input.getDim(0).isSymbol(tokensDimension) ||
                                input.getDim(0).isSymbol(rowsDimension)))
    return linear.emitOpError()
           << "a linear group contracts rows [N, ...] or [R, ...], not "
           << input;
  if (!isa<BlockArgument>(linear.getWeight()))
    return linear.emitOpError("the weight of a linear group is an input of it");
  Dimension rows = input.getDim(0);
  for (Operation &op : getBody()->without_terminator())
    if (&op != linear && failed(verifyMember(*this, op, rows)))
      return failure();
  // Histories can only come from the group's own writes.
  for (Value value : getBody()->getTerminator()->getOperands())
    if (!isa<HistoryType>(value.getType()) && !hasAxis(value.getType(), rows))
      return emitOpError() << "gives " << value.getType()
                           << ", which has no axis " << rows;
  if (StringRef reason = whyNotOnTile(); getOnTile() && !reason.empty())
    return emitOpError() << "cannot be computed on the tile: " << reason;
  return success();
}

/// Whether a value that is broadcast to `whole`, [rows, columns], has for each
/// element of it the number of its own place, row or column, or one for all.
static bool isOfPlace(Value value, NamedTensorType whole) {
  auto type = dyn_cast<NamedTensorType>(value.getType());
  if (!type || type.getRank() > 2)
    return false;
  Type element = type.getElementType();
  if (!element.isF32() && !element.isInteger(32) && !element.isInteger(1))
    return false;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    Dimension dim = type.getDim(axis);
    if (dim != whole.getDim(axis + 2 - type.getRank()) &&
        dim != Dimension::get(value.getContext(), 1))
      return false;
  }
  return true;
}

/// Whether `op` gives the group's result rounded to bf16, for a kernel that
/// takes it so.
static bool roundsResult(Operation *op) {
  auto convert = dyn_cast<ConvertOp>(op);
  return convert && convert.getType().getElementType().isBF16() &&
         convert.getOperand().getType().getElementType().isF32() &&
         llvm::all_of(convert->getUsers(),
                      [](Operation *user) { return isa<YieldOp>(user); });
}

/// Whether a slice is one of the equal parts of what has an element, or one for
/// all rows, for each sum.
static bool isPartOf(SliceOp slice, NamedTensorType whole, int64_t size) {
  NamedTensorType type = slice.getOperand().getType();
  return isOfPlace(slice.getOperand(), whole) && type.getRank() > 0 &&
         type.getDim(type.getRank() - 1) == whole.getDim(1) &&
         int64_t(slice.getAxis()) == type.getRank() - 1 &&
         slice.getStride() == 1 && int64_t(slice.getSize()) == size &&
         slice.getStart() % size == 0;
}

/// Rows of one of so many equal parts; null if they are not equal.
static NamedTensorType typeOfPart(NamedTensorType whole, int64_t parts) {
  int64_t columns = whole.getDim(1).getSize();
  if (columns % parts != 0)
    return {};
  return whole.withShape(
      {whole.getDim(0), Dimension::get(whole.getContext(), columns / parts)});
}

/// Whether the group gives one tensor of this type, or that rounded, and its
/// largest at most.
static bool givesOnly(LinearGroupOp group, NamedTensorType type) {
  unsigned results = group.getNumResults() - (group.getArgmax() ? 2 : 0);
  Type given = group.getResult(0).getType();
  return results == 1 && type &&
         (given == type ||
          given == type.withElementType(BFloat16Type::get(type.getContext())));
}

bool sinter::givesRanges(LinearGroupOp group) {
  return !givesOnly(group, group.getLinear().getType());
}

bool sinter::isSegmented(LinearGroupOp group) {
  LinearOp linear = group.getLinear();
  int64_t parts = linear.getWeight().getType().getLayout().getParts();
  return group.getOnTile() &&
         !givesOnly(group, typeOfPart(linear.getType(), parts));
}

StringRef LinearGroupOp::whyNotOnTile(int64_t parts) {
  LinearOp linear = getLinear();
  PanelsAttr layout = linear.getWeight().getType().getLayout();
  if (parts == 0)
    parts = layout.getParts();
  NamedTensorType whole = linear.getType(), part = typeOfPart(whole, parts);
  if (!givesOnly(*this, part) || layout.getSpan() != 0) {
    SmallVector<TileSegment> segments;
    StringRef reason = findTileSegments(*this, segments);
    return reason.empty() ? whyNotInPanels(segments, layout) : reason;
  }
  int64_t size = part.getDim(1).getSize();
  Value input = hasPrologue() ? getContractionInput() : Value();
  auto isInPlace = [&](Value value) {
    return isOfPlace(value, whole) || isOfPlace(value, part);
  };
  for (Operation *op : getEpilogue()) {
    auto slice = dyn_cast<SliceOp>(op);
    if (slice && parts > 1 && isPartOf(slice, whole, size))
      continue;
    if (!isa<ElementwiseOpInterface, ConstantOp>(op))
      return "an operation behind the contraction needs more than the elements "
             "in its place";
    if (llvm::is_contained(op->getOperands(), input))
      return "an operation behind the contraction needs what is made before "
             "it";
    if (!llvm::all_of(op->getOperands(), isInPlace) ||
        (!isInPlace(op->getResult(0)) && !roundsResult(op)))
      return "an operation behind the contraction works on another shape or "
             "another type of elements";
  }
  return {};
}

LinearOp LinearGroupOp::getLinear() {
  return *getBody()->getOps<LinearOp>().begin();
}

ArgmaxOp LinearGroupOp::getArgmax() {
  auto found = getBody()->getOps<ArgmaxOp>();
  return found.empty() ? ArgmaxOp() : *found.begin();
}

Dimension LinearGroupOp::getRows() {
  return getLinear().getInput().getType().getDim(0);
}

/// Whether one row stands behind the other.
static bool isByRows(NamedTensorType type) {
  for (Dimension dim : type.getShape())
    if (dim != Dimension::get(type.getContext(), 1))
      return dim.isSymbol(tokensDimension) || dim.isSymbol(rowsDimension);
  return false;
}

/// Reshapes keep every element where it is.
static Value beforeReshapes(Value value) {
  for (auto reshape = value.getDefiningOp<ReshapeOp>();
       reshape && isByRows(reshape.getOperand().getType());
       reshape = value.getDefiningOp<ReshapeOp>())
    value = reshape.getOperand();
  return value;
}

Value LinearGroupOp::getContractionInput() {
  return beforeReshapes(getLinear().getInput());
}

/// The ops of `body` that `roots` need, in its order; what makes a value of
/// `given` is not asked for.
static SmallVector<Operation *> collect(Block *body, ValueRange roots,
                                        ArrayRef<Value> given) {
  llvm::SmallPtrSet<Operation *, 16> needed;
  SmallVector<Value> pending(roots);
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (llvm::is_contained(given, value) || !op || !needed.insert(op).second)
      continue;
    llvm::append_range(pending, op->getOperands());
  }
  SmallVector<Operation *> ops;
  for (Operation &op : *body)
    if (needed.contains(&op))
      ops.push_back(&op);
  return ops;
}

SmallVector<Operation *> LinearGroupOp::getPrologue() {
  return collect(getBody(), getContractionInput(), {});
}

SmallVector<Operation *> LinearGroupOp::getEpilogue() {
  ValueRange yielded = getBody()->getTerminator()->getOperands();
  if (getArgmax())
    yielded = yielded.take_front();
  Value result = getLinear().getResult();
  if (yielded.size() == 1 && beforeReshapes(yielded.front()) == result)
    return {};
  SmallVector<Value> given{result};
  if (!getPrologue().empty())
    given.push_back(getContractionInput());
  return collect(getBody(), yielded, given);
}

/// Whether one of `ops` has `value` as an operand.
static bool isUsedBy(ArrayRef<Operation *> ops, Value value) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return llvm::is_contained(ops, user);
  });
}

bool LinearGroupOp::isReadBefore(unsigned input) {
  Value argument = getBody()->getArgument(input);
  return getContractionInput() == argument ||
         argument == getLinear().getWeight() ||
         isUsedBy(getPrologue(), argument);
}

bool LinearGroupOp::isReadBehind(unsigned input) {
  Value argument = getBody()->getArgument(input);
  return isUsedBy(getEpilogue(), argument) ||
         llvm::is_contained(getBody()->getTerminator()->getOperands(),
                            argument);
}
