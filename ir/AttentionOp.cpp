//===- AttentionOp.cpp - Attention as one kernel -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Sinter.h"
#include "mlir/IR/OpImplementation.h"
#include <numeric>

using namespace mlir;
using namespace sinter;

Value AttentionOp::getYielded() {
  return cast<YieldOp>(getBody()->getTerminator()).getValues().front();
}

int64_t AttentionOp::getGroup() {
  return std::gcd(getKeyGroup(), getValueGroup());
}

// %o = sinter.attention %q, %k, %v, %sequence, %extent window 8 rounded
//        (%s : type, %a = %x : type) : type, type, type -> type { ... }
ParseResult AttentionOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::UnresolvedOperand> fixed, inputs;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> types, inputTypes;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseOperandList(fixed, /*requiredOperandCount=*/5))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("window"))) {
    int64_t window;
    if (parser.parseInteger(window))
      return failure();
    result.addAttribute(getWindowAttrName(result.name),
                        parser.getBuilder().getI64IntegerAttr(window));
  }
  if (succeeded(parser.parseOptionalKeyword("rounded")))
    result.addAttribute(getRoundedAttrName(result.name),
                        parser.getBuilder().getUnitAttr());
  auto parseArgument = [&]() -> ParseResult {
    bool isScores = arguments.empty();
    OpAsmParser::Argument &argument = arguments.emplace_back();
    if (parser.parseArgument(argument) ||
        (!isScores &&
         (parser.parseEqual() || parser.parseOperand(inputs.emplace_back()))) ||
        parser.parseColonType(argument.type))
      return failure();
    if (!isScores)
      inputTypes.push_back(argument.type);
    return success();
  };
  NamedTensorType resultType;
  SMLoc typesLocation = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren,
                                     parseArgument) ||
      parser.parseColonTypeList(types) || parser.parseArrow() ||
      parser.parseType(resultType))
    return failure();
  auto query = types.size() == 3 ? dyn_cast<NamedTensorType>(types[0])
                                 : NamedTensorType();
  if (!query || query.getRank() < 1)
    return parser.emitError(typesLocation,
                            "expected the types of queries, keys and values");
  // One sequence and one extent for each row.
  Type perRow =
      NamedTensorType::get({query.getDim(0)}, parser.getBuilder().getI32Type());
  types.append({perRow, perRow});
  result.addTypes(resultType);
  if (parser.resolveOperands(fixed, types, location, result.operands) ||
      parser.resolveOperands(inputs, inputTypes, location, result.operands))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("to"))) {
    auto slots = dyn_cast_or_null<DenseI64ArrayAttr>(
        DenseI64ArrayAttr::parse(parser, Type()));
    if (!slots)
      return failure();
    result.addAttribute(getPlacementAttrName(result.name), slots);
  }
  if (parser.parseRegion(*result.addRegion(), arguments) ||
      parser.parseOptionalAttrDict(result.attributes))
    return failure();
  return success();
}

void AttentionOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getQuery() << ", " << getKeys() << ", " << getValues()
          << ", " << getSequence() << ", " << getExtent();
  if (getWindow())
    printer << " window " << int64_t(*getWindow());
  if (getRounded())
    printer << " rounded";
  printer << " (" << getScores() << " : " << getScores().getType();
  for (auto [argument, input] : llvm::zip(getInputArguments(), getInputs()))
    printer << ", " << argument << " = " << input << " : " << input.getType();
  printer << ") : " << getQuery().getType() << ", " << getKeys().getType()
          << ", " << getValues().getType() << " -> " << getType();
  if (getPlacementAttr()) {
    printer << " to ";
    getPlacementAttr().print(printer);
  }
  printer << ' ';
  printer.printRegion(getScoreRegion(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDict(
      (*this)->getAttrs(),
      {getWindowAttrName(), getRoundedAttrName(), getPlacementAttrName()});
}

LogicalResult AttentionOp::verify() {
  NamedTensorType query = getQuery().getType();
  HistoryType keys = getKeys().getType(), values = getValues().getType();
  auto size = [&](int64_t number) {
    return Dimension::get(getContext(), number);
  };
  if (query.getRank() != 3 || !query.getDim(0).isSymbol() ||
      !query.getDim(1).isStatic() || query.getDim(2) != size(keys.getWidth()))
    return emitOpError() << "takes queries [N, heads, " << keys.getWidth()
                         << "], not " << query;
  for (HistoryType history : {keys, values})
    if (query.getDim(1).getSize() % history.getHeads() != 0)
      return emitOpError() << query.getDim(1) << " heads cannot share the "
                           << history.getHeads() << " heads of " << history;
  NamedTensorType result = query.withShape(
      {query.getDim(0), query.getDim(1), size(values.getWidth())});
  if (getType() != result)
    return emitOpError() << "gives " << result << ", not " << getType();
  auto perRow = NamedTensorType::get({query.getDim(0)},
                                     IntegerType::get(getContext(), 32));
  if (getSequence().getType() != perRow || getExtent().getType() != perRow)
    return emitOpError() << "takes one sequence and one extent of each row, "
                         << perRow << ", not " << getSequence().getType()
                         << " and " << getExtent().getType();
  if (getWindow() && int64_t(*getWindow()) < 1)
    return emitOpError() << "a row sees at least itself, not a window of "
                         << int64_t(*getWindow());
  for (HistoryType history : {keys, values})
    if (getRounded() && history.isQuantized())
      return emitOpError() << "rounds what it multiplies to bf16, which is not "
                              "built for whole numbers with scales: "
                           << history;
  std::optional<ArrayRef<int64_t>> slots = getSlots();
  if (slots && (slots->size() != 1 || slots->front() < -1))
    return emitOpError("has one result, which has one place");
  return success();
}

/// Whether elements of `type` belong to one head, row and position each: it
/// broadcasts to `scores` as it stands.
static bool isAligned(NamedTensorType type, NamedTensorType scores) {
  if (type.getRank() > scores.getRank())
    return false;
  int64_t shift = scores.getRank() - type.getRank();
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (!type.getDim(axis).isOne() &&
        type.getDim(axis) != scores.getDim(shift + axis))
      return false;
  return true;
}

LogicalResult AttentionOp::verifyRegions() {
  Block &body = getScoreRegion().front();
  SmallVector<Type> arguments(body.getArgumentTypes());
  if (arguments.size() != getInputs().size() + 1 ||
      !llvm::equal(ArrayRef(arguments).drop_front(), getInputs().getTypes()))
    return emitOpError("the region's arguments are the scores and the inputs, "
                       "with their types");
  NamedTensorType query = getQuery().getType();
  auto scores = dyn_cast<NamedTensorType>(body.getArgument(0).getType());
  if (!scores || scores.getRank() != 3 ||
      scores.getElementType() != query.getElementType() ||
      scores.getDim(0) != query.getDim(1) ||
      scores.getDim(1) != query.getDim(0) || !scores.getDim(2).isSymbol())
    return emitOpError() << "the region takes scores [heads, N, P] of the "
                            "queries' elements, not "
                         << body.getArgument(0).getType();
  auto check = [&](Operation *op, Type type) -> LogicalResult {
    auto tensor = dyn_cast<NamedTensorType>(type);
    if (!tensor || !isAligned(tensor, scores))
      return op->emitOpError() << "a score of " << scores
                               << " has no element of its own in " << type;
    return success();
  };
  for (Type type : getInputs().getTypes())
    if (failed(check(*this, type)))
      return failure();
  for (Operation &op : body.without_terminator()) {
    if (!isa<ElementwiseOpInterface, ConstantOp, IotaOp>(op))
      return op.emitOpError("is not elementwise: it cannot stand between "
                            "scores and softmax");
    if (failed(check(&op, op.getResult(0).getType())))
      return failure();
  }
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getNumOperands() != 1 ||
      yield.getOperand(0).getType() != scores)
    return emitOpError() << "the region must yield one value of " << scores;
  return success();
}
