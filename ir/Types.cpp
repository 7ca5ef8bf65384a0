//===- Types.cpp - Types and attributes -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ir/Sinter.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sinter;

#include "ir/SinterEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/SinterAttributes.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "ir/SinterTypes.cpp.inc"

void SinterDialect::registerTypesAndAttributes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "ir/SinterTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/SinterAttributes.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Dimension
//===----------------------------------------------------------------------===//

Dimension Dimension::get(MLIRContext *context, int64_t size) {
  return Dimension(IntegerAttr::get(IntegerType::get(context, 64), size));
}

Dimension Dimension::get(MLIRContext *context, StringRef symbol) {
  return Dimension(StringAttr::get(context, symbol));
}

llvm::raw_ostream &sinter::operator<<(llvm::raw_ostream &stream,
                                      Dimension dimension) {
  if (dimension.isStatic())
    return stream << dimension.getSize();
  return stream << dimension.getSymbol();
}

Diagnostic &sinter::operator<<(Diagnostic &diagnostic, Dimension dimension) {
  if (dimension.isStatic())
    return diagnostic << dimension.getSize();
  return diagnostic << dimension.getSymbol();
}

std::string sinter::toString(ArrayRef<Dimension> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << '[';
  llvm::interleaveComma(shape, stream);
  stream << ']';
  return text;
}

//===----------------------------------------------------------------------===//
// PanelsAttr
//===----------------------------------------------------------------------===//

LogicalResult
StoredAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   Type type, int64_t axis, bool exact, bool mixed) {
  if (!isa<QuantizedType>(type))
    return emitError() << "weights are stored as a quantized type, not "
                       << type;
  if (axis < 0)
    return emitError() << "groups run along an axis from 0 on, not " << axis;
  return success();
}

LogicalResult
PanelsAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   int64_t columns, int64_t depth, int64_t parts,
                   int64_t span) {
  if (columns < 1 || columns > 4096)
    return emitError() << "a panel has 1 to 4096 columns, not " << columns;
  if (depth < 1 || depth > 64)
    return emitError() << "the depth of a panel is 1 to 64, not " << depth;
  if (parts < 1 || columns % parts != 0)
    return emitError() << "a panel of " << columns
                       << " columns cannot have equal shares of " << parts
                       << " parts";
  if (span < 0 || (span > 0 && (parts == 1 || span % parts != 0)))
    return emitError() << "a span of " << span << " outputs cannot be cut into "
                       << parts << " parts";
  return success();
}

//===----------------------------------------------------------------------===//
// NamedTensorType
//===----------------------------------------------------------------------===//

NamedTensorType NamedTensorType::get(ArrayRef<Dimension> dims,
                                     Type elementType) {
  SmallVector<Attribute> attributes;
  for (Dimension dim : dims)
    attributes.push_back(dim.getAttribute());
  return get(elementType.getContext(), attributes, elementType);
}

SmallVector<Dimension> NamedTensorType::getShape() const {
  SmallVector<Dimension> shape;
  for (Attribute dim : getDims())
    shape.emplace_back(dim);
  return shape;
}

bool NamedTensorType::hasStaticShape() const {
  return llvm::all_of(getShape(), [](Dimension dim) { return dim.isStatic(); });
}

int64_t NamedTensorType::getNumElements() const {
  int64_t elements = 1;
  for (Dimension dim : getShape())
    elements *= dim.getSize();
  return elements;
}

int64_t NamedTensorType::findSymbol(StringRef name) const {
  for (auto [axis, dim] : llvm::enumerate(getShape()))
    if (dim.isSymbol(name))
      return axis;
  return -1;
}

NamedTensorType NamedTensorType::withShape(ArrayRef<Dimension> dims) const {
  return get(dims, getElementType());
}

NamedTensorType NamedTensorType::withElementType(Type elementType) const {
  return get(getContext(), getDims(), elementType);
}

// `<[T, 12, 64], f32>`
Type NamedTensorType::parse(AsmParser &parser) {
  SmallVector<Attribute> dims;
  auto parseDim = [&]() -> ParseResult {
    int64_t size;
    OptionalParseResult number = parser.parseOptionalInteger(size);
    if (number.has_value()) {
      if (failed(*number))
        return failure();
      dims.push_back(Dimension::get(parser.getContext(), size).getAttribute());
      return success();
    }
    std::string symbol;
    if (failed(parser.parseKeywordOrString(&symbol)))
      return failure();
    dims.push_back(StringAttr::get(parser.getContext(), symbol));
    return success();
  };
  Type elementType;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseDim) ||
      parser.parseComma() || parser.parseType(elementType) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<NamedTensorType>(location, parser.getContext(), dims,
                                            elementType);
}

void NamedTensorType::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getShape(), printer, [&](Dimension dim) {
    if (dim.isStatic())
      printer << dim.getSize();
    else
      printer.printKeywordOrString(dim.getSymbol());
  });
  printer << "], " << getElementType() << ">";
}

LogicalResult
NamedTensorType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                        ArrayRef<Attribute> dims, Type elementType) {
  // Sizes are bounded so that products of a whole shape cannot overflow 64 bits
  // unnoticed.
  int64_t elements = 1;
  for (Attribute dim : dims) {
    if (auto symbol = dyn_cast<StringAttr>(dim)) {
      if (symbol.getValue().empty())
        return emitError() << "a dimension's name cannot be empty";
      continue;
    }
    auto size = dyn_cast<IntegerAttr>(dim);
    if (!size || !size.getType().isInteger(64))
      return emitError() << "a dimension is a number or a name, not " << dim;
    if (size.getInt() < 1)
      return emitError() << "a dimension has at least one element, not "
                         << size.getInt();
    if (__builtin_mul_overflow(elements, size.getInt(), &elements) ||
        elements > (int64_t(1) << 48))
      return emitError() << "the tensor has more than 2^48 elements";
  }
  if (!elementType.isF32() && !elementType.isBF16() && !elementType.isF16() &&
      !elementType.isInteger(32) && !elementType.isInteger(1) &&
      !isa<QuantizedType>(elementType))
    return emitError()
           << "elements are f32, bf16, f16, i32, i1 or quantized, not "
           << elementType;
  return success();
}

//===----------------------------------------------------------------------===//
// QuantizedType
//===----------------------------------------------------------------------===//

/// Products of a byte and a number of a row, of which 32 bits hold the sum.
static constexpr int64_t mostInputsOfGroup = 65536;

LogicalResult
QuantizedType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                      Type storage, Type scale, int64_t group, bool minimum,
                      int64_t block) {
  constexpr int64_t widths[] = {2, 4, 5, 6, 8};
  if (!storage.isUnsignedInteger() ||
      !llvm::is_contained(widths, storage.getIntOrFloatBitWidth()))
    return emitError()
           << "quantized elements are stored as ui2, ui4, ui5, ui6 or ui8, not "
           << storage;
  if (!scale.isBF16() && !scale.isF16())
    return emitError() << "the scale of quantized elements is bf16 or f16, not "
                       << scale;
  int64_t bits = storage.getIntOrFloatBitWidth(), depth = 32 / (bits & -bits);
  if (group < 0 || group % depth != 0 || group > mostInputsOfGroup)
    return emitError() << "a group of quantized elements has a multiple of "
                       << depth << " inputs up to " << mostInputsOfGroup
                       << ", or 0 for all, not " << group;
  if (block != 0 && (group == 0 || block < group || block % group != 0 ||
                     block > mostInputsOfGroup))
    return emitError() << "a block of quantized elements has whole groups and "
                          "up to "
                       << mostInputsOfGroup << " inputs, not " << block;
  return success();
}

SmallVector<int64_t, 2> QuantizedType::getPlanes() const {
  SmallVector<int64_t, 2> planes;
  for (int64_t plane = 8; plane > 0; plane /= 2)
    if (getBits() & plane)
      planes.push_back(plane);
  return planes;
}

//===----------------------------------------------------------------------===//
// PackedType
//===----------------------------------------------------------------------===//

int64_t PackedType::getElementOffset(int64_t input, int64_t output) const {
  int64_t columns = getLayout().getColumns(), depth = getLayout().getDepth();
  int64_t part = output % getSpan() / getPart();
  int64_t place = output % getPart(); // within the part
  int64_t panel =
      output / getSpan() * getPanelsOfSpan() + place / getPartColumns();
  int64_t column = part * getPartColumns() + place % getPartColumns();
  return panel * getPanelElements() + input / depth * columns * depth +
         column * depth + input % depth;
}

int64_t PackedType::getScaleBytes() const {
  // AVX2's vectors are the widest that narrow panels are loaded in.
  constexpr int64_t alignment = 32;
  QuantizedType quantized = getQuantized();
  if (!quantized)
    return 0;
  int64_t ofColumn = quantized.getScaleBytes() +
                     quantized.getGroupsOfBlock() * quantized.getFactorBytes();
  return llvm::alignTo(getLayout().getColumns() * ofColumn, alignment);
}

int64_t PackedType::getNumberBytes() const {
  QuantizedType quantized = getQuantized();
  if (!quantized)
    return getPanelBytes();
  int64_t inputs =
      llvm::alignTo(quantized.getGroupOf(getInputs()), getLayout().getDepth());
  return inputs * getLayout().getColumns() * quantized.getBits() / 8;
}

int64_t PackedType::getBlockBytes() const {
  QuantizedType quantized = getQuantized();
  return quantized
             ? getScaleBytes() + quantized.getGroupsOfBlock() * getNumberBytes()
             : getPanelBytes();
}

int64_t PackedType::getPanelBytes() const {
  QuantizedType quantized = getQuantized();
  if (!quantized)
    return getPanelElements() * getElementType().getIntOrFloatBitWidth() / 8;
  return quantized.getBlockCount(getInputs()) * getScaleBytes() +
         getPanelElements() * quantized.getBits() / 8;
}

LogicalResult
PackedType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   int64_t inputs, int64_t outputs, Type elementType,
                   PanelsAttr layout) {
  if (inputs < 1 || outputs < 1 || inputs > (int64_t(1) << 32) ||
      outputs > (int64_t(1) << 32))
    return emitError()
           << "a packed weight has 1 to 2^32 inputs and outputs, not ["
           << inputs << ", " << outputs << "]";
  auto quantized = dyn_cast<QuantizedType>(elementType);
  if (!elementType.isF32() && !elementType.isBF16() && !quantized)
    return emitError()
           << "elements of a packed weight are f32, bf16 or quantized, not "
           << elementType;
  if (quantized && layout.getDepth() != quantized.getDepth())
    return emitError() << "panels of " << quantized << " are "
                       << quantized.getDepth() << " deep, not "
                       << layout.getDepth();
  if (quantized && quantized.getGroupOf(inputs) > mostInputsOfGroup)
    return emitError() << "a scale is shared by at most " << mostInputsOfGroup
                       << " inputs, not " << inputs;
  if (quantized && quantized.getBlock() && inputs % quantized.getBlock() != 0)
    return emitError() << "columns of " << quantized << " are whole blocks, "
                       << "but there are " << inputs << " inputs";
  int64_t span = layout.getSpan() ? layout.getSpan() : outputs;
  if (outputs % span != 0 || span % layout.getParts() != 0)
    return emitError() << outputs << " outputs cannot be cut into spans of "
                       << span << " of " << layout.getParts() << " equal parts";
  return success();
}
