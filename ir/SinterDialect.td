//===- SinterDialect.td - The dialect, its types and attributes -*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_DIALECT_TD
#define SINTER_DIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Sinter_Dialect : Dialect {
  let name = "sinter";
  let summary = "Transformer models, from mathematics to kernels.";
  let description = [{
    One dialect holds two levels of the same program.

    The *math level* says what the paper says: tensors with named dimensions, primitive operations,
    layers as a loop (`sinter.repeat`), one function from tokens to logits for one sequence. Nothing
    is fused, cached, packed or quantized there.

    The *kernel level* says what the machine runs: contractions on packed weights, groups of row
    work, reads and writes of the KV cache, a place in the arena for every buffer, barriers. One
    function serves any mix of sequences: its rows are N tokens, each with its position and its
    sequence.

    The reference evaluator (`ir/Evaluator.h`) runs both.

    Discardable attributes that the dialect gives a meaning:

    * `sinter.input` on a function's argument names what is passed there: `token`, `position`,
      `sequence`, `extent`, `source_extent`, `row`, `segment`, `source` (before the encoder is split
      off), `source_segment`, `features` (rows of a source that is numbers, `[N, .., n]` of f32).
    * `sinter.head` on the module: `next_token`, `masked_token`, `encoder_decoder`, `hidden`,
      `sequence_classification`, `token_classification`, `question_answering` or `embedding`.
  }];
  let cppNamespace = "::sinter";
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    void registerTypesAndAttributes();
    void registerOperations();
  }];
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

class Sinter_Attr<string name, string attrMnemonic> : AttrDef<Sinter_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Sinter_PanelsAttr : Sinter_Attr<"Panels", "panels"> {
  let summary = "How a packed weight lies in memory.";
  let description = [{
    A weight `w[K, M]` (inputs by outputs) is cut into panels of `columns` outputs; within a panel,
    groups of `depth` consecutive inputs stand together, as a dot-product instruction wants them:

        element (k, m) -> [m / columns][k / depth][m % columns][k % depth]

    `depth` is 1 for f32, 2 for bf16 pairs, 4 for bytes, 8 for nibbles: what fills 32 bits. Both K and M are padded to
    whole groups and panels.

    A panel of quantized weights is one stream of what a scale of 16 bits is shared by: for each group of inputs, or each
    block of groups, the scales of all columns (behind them their least values, if the type has any); of a block then, group
    by group, a byte of each column for its factor of the scale (behind them those of least values); padded to 32 bytes; and
    then the numbers, group by group.

    Numbers are cut into planes whose bits are powers of two, the lowest bits first: those of 6 bits into 4 and 2. `depth` is
    so many inputs as fill whole 32 bits in each plane: 16 of 6 bits are two words of nibbles and one of pairs of bits. Each
    word of each plane stands side by side for all columns. In a plane of w bits, byte b of a word holds numbers b, b + 4,
    b + 8, ... from its lowest bits up.

    With `parts`, outputs that are needed together stand in one panel: the outputs are cut into spans of
    `span` (0: all of them are one), each span into so many equal parts, and a panel holds the same
    `columns / parts` outputs of each part, the first part's first. So a gate and what it opens, or the halves
    of a head that positions turn, are in registers at the same time. Parts are padded to whole panels.

    Example: `#sinter.panels<columns = 64, depth = 2>`, `#sinter.panels<columns = 64, depth = 1, parts = 2, span = 128>`
  }];
  let parameters = (ins "int64_t":$columns, "int64_t":$depth,
                        DefaultValuedParameter<"int64_t", "1">:$parts, DefaultValuedParameter<"int64_t", "0">:$span);
  let builders = [
    AttrBuilder<(ins "int64_t":$columns, "int64_t":$depth), [{
      return $_get($_ctxt, columns, depth, /*parts=*/1, /*span=*/0);
    }]>
  ];
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Sinter_Type<string name, string typeMnemonic> : TypeDef<Sinter_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Sinter_TensorType : Sinter_Type<"NamedTensor", "tensor"> {
  let summary = "A tensor whose dimensions are numbers or names.";
  let description = [{
    A dimension that is known when compiling is a number; one that is known only when the model
    runs is a name, and two dimensions agree if and only if they are the same number or name.
    `T` is the length of the sequence and `S` that of the source at the math level; `N` (tokens in
    the call), `R` (rows whose output is asked for), `P` (longest past) and `SP` (longest source)
    at the kernel level. Elements are f32, bf16, f16, i32 or i1; of a weight [K, M] on its way into panels also quantized.

    Example: `!sinter.tensor<[12, T, 64], f32>`; a scalar is `!sinter.tensor<[], f32>`.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Attribute">:$dims, "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let builders = [
    TypeBuilderWithInferredContext<(ins "::llvm::ArrayRef<::sinter::Dimension>":$dims,
                                        "::mlir::Type":$elementType)>
  ];
  let extraClassDeclaration = [{
    int64_t getRank() const { return getDims().size(); }
    Dimension getDim(int64_t axis) const { return Dimension(getDims()[axis]); }
    llvm::SmallVector<Dimension> getShape() const;
    bool hasStaticShape() const;
    /// Number of elements of a static shape; asserts that it is one.
    int64_t getNumElements() const;
    /// The axis whose dimension is the symbol `name`, or -1.
    int64_t findSymbol(llvm::StringRef name) const;
    NamedTensorType withShape(llvm::ArrayRef<Dimension> dims) const;
    NamedTensorType withElementType(mlir::Type elementType) const;
  }];
}

def Sinter_QuantizedType : Sinter_Type<"Quantized", "quantized"> {
  let summary = "An element of a weight [K, M] as a whole number of few bits and a scale that a group shares.";
  let description = [{
    `group` consecutive inputs of a column (0: all of them) share a scale, which is bf16 or f16. A number n of `storage`,
    ui2, ui4, ui5, ui6 or ui8, stands for

        scale * (n - 2^(bits - 1))      // symmetric
        least + scale * n               // with `minimum`: the group has its own least value, of the scale's type

    With `block`, so many inputs share the scale and the least value of 16 bits, and each group has whole numbers from -128 to
    127 that they are multiplied with. So GGUF's K blocks are, whose factors have 4, 6 or 8 bits: the products are exact in
    f32, and in no type of 16 bits. Columns are whole blocks.

    Numbers are stored unsigned because dot-product instructions multiply unsigned by signed bytes: rows of activations
    are the signed side.

    Example: `!sinter.quantized<ui8, scale = bf16>`, `!sinter.quantized<ui4, scale = f16, group = 32, minimum = true>`,
    `!sinter.quantized<ui6, scale = f16, group = 16, block = 256>`
  }];
  let parameters = (ins "::mlir::Type":$storage, "::mlir::Type":$scale, DefaultValuedParameter<"int64_t", "0">:$group,
                        DefaultValuedParameter<"bool", "false">:$minimum, DefaultValuedParameter<"int64_t", "0">:$block);
  let builders = [
    TypeBuilder<(ins "::mlir::Type":$storage, "::mlir::Type":$scale, "int64_t":$group, "bool":$minimum), [{
      return $_get($_ctxt, storage, scale, group, minimum, /*block=*/0);
    }]>,
    TypeBuilder<(ins "int64_t":$bits, "::mlir::Type":$scale, "int64_t":$group, "bool":$minimum, "int64_t":$block), [{
      return $_get($_ctxt, ::mlir::IntegerType::get($_ctxt, bits, ::mlir::IntegerType::Unsigned), scale, group, minimum, block);
    }]>
  ];
  let assemblyFormat = "`<` $storage `,` struct($scale, $group, $minimum, $block) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getBits() const { return getStorage().getIntOrFloatBitWidth(); }
    /// The number that stands for 0; with a least value, none does.
    int64_t getZero() const { return getMinimum() ? 0 : int64_t(1) << (getBits() - 1); }
    int64_t getLargest() const { return (int64_t(1) << getBits()) - 1; }
    /// Bits of the planes that numbers are cut into, the lowest first: 6 into 4 and 2.
    ::llvm::SmallVector<int64_t, 2> getPlanes() const;
    /// Inputs whose numbers fill whole 32 bits in every plane, and how many words of 32 bits these are.
    int64_t getDepth() const { return 32 / (getBits() & -getBits()); }
    int64_t getDepthWords() const { return getDepth() * getBits() / 32; }
    /// Inputs of a full group, and groups, of a column of so many inputs.
    int64_t getGroupOf(int64_t inputs) const { return getGroup() && getGroup() < inputs ? getGroup() : inputs; }
    int64_t getGroupCount(int64_t inputs) const { return llvm::divideCeil(inputs, getGroupOf(inputs)); }
    /// Inputs that share a scale of 16 bits, how many such runs a column has, and groups of one.
    int64_t getBlockOf(int64_t inputs) const { return getBlock() ? getBlock() : getGroupOf(inputs); }
    int64_t getBlockCount(int64_t inputs) const { return llvm::divideCeil(inputs, getBlockOf(inputs)); }
    int64_t getGroupsOfBlock() const { return getBlock() ? getBlock() / getGroup() : 1; }
    /// Bytes of a column's scale and least value, and of the factors of a group; 0 without blocks.
    int64_t getScaleBytes() const { return getMinimum() ? 4 : 2; }
    int64_t getFactorBytes() const { return getBlock() ? getScaleBytes() / 2 : 0; }
  }];
}

def Sinter_PackedType : Sinter_Type<"Packed", "packed"> {
  let summary = "A weight [K, M] in panels.";
  let description = [{
    The layout is part of the type, so that no kernel can take plain bytes for packed ones.

    Elements are f32, bf16 or quantized.

    Example: `!sinter.packed<[768, 2304], f32, <columns = 64, depth = 1>>`,
    `!sinter.packed<[768, 2304], !sinter.quantized<ui8, scale = bf16>, <columns = 64, depth = 4>>`
  }];
  let parameters = (ins "int64_t":$inputs, "int64_t":$outputs, "::mlir::Type":$elementType,
                        "::sinter::PanelsAttr":$layout);
  let assemblyFormat = "`<` `[` $inputs `,` $outputs `]` `,` $elementType `,` $layout `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Outputs of a span, of one of its parts, and of a panel's share of a part.
    int64_t getSpan() const { return getLayout().getSpan() ? getLayout().getSpan() : getOutputs(); }
    int64_t getPart() const { return getSpan() / getLayout().getParts(); }
    int64_t getPartColumns() const { return getLayout().getColumns() / getLayout().getParts(); }
    int64_t getPanelsOfSpan() const { return llvm::divideCeil(getPart(), getPartColumns()); }
    int64_t getPanelCount() const { return getOutputs() / getSpan() * getPanelsOfSpan(); }
    /// Elements of one panel, padding counted.
    int64_t getPanelElements() const {
      return llvm::alignTo(getInputs(), getLayout().getDepth()) * getLayout().getColumns();
    }
    int64_t getNumElements() const { return getPanelCount() * getPanelElements(); }
    /// Where element (input, output) stands, counted in elements from the start; of quantized ones, as if there were no
    /// scales between them.
    int64_t getElementOffset(int64_t input, int64_t output) const;
    /// The type of quantized elements, or null.
    QuantizedType getQuantized() const { return ::llvm::dyn_cast<QuantizedType>(getElementType()); }
    /// Bytes of a panel's scales, with all factors, of one block of inputs, or of one group where there are no blocks; of
    /// the numbers of one group; and of a block with its scales.
    int64_t getScaleBytes() const;
    int64_t getNumberBytes() const;
    int64_t getBlockBytes() const;
    /// Bytes of a panel, and of all of them.
    int64_t getPanelBytes() const;
    int64_t getBytes() const { return getPanelCount() * getPanelBytes(); }
  }];
}

def Sinter_StoredAttr : Sinter_Attr<"Stored", "stored"> {
  let summary = "How a checkpoint stores a weight's elements: as whole numbers with scales.";
  let description = [{
    `type` holds the numbers of every layer of the weight; its groups run along `axis`. Where they are `exact`, the
    elements are numbers of this type and lose nothing; else layers are stored in types that no one type holds, and this one
    is what they can be rounded to. `mixed`: layers are stored in several types, and some would fit a narrower one.

    Example: `#sinter.stored<type = !sinter.quantized<ui4, scale = f16, group = 32>, axis = 1, exact = true>`
  }];
  let parameters = (ins "::mlir::Type":$type, "int64_t":$axis, "bool":$exact,
                        DefaultValuedParameter<"bool", "false">:$mixed);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Sinter_HistoryType : Sinter_Type<"History", "history"> {
  let summary = "What a cache holds of every sequence, one row a position.";
  let description = [{
    The value stands for one layer of a cache after a write, for all sequences. A row has `heads`
    heads of `width` elements. It is a view of the cache, not a copy.

    Elements are f32, bf16 or i8. A row of i8 has a scale for each head, f32, behind its elements: what an element stands for
    is the product.

    Example: `!sinter.history<[4, 64], f32>`
  }];
  let parameters = (ins "int64_t":$heads, "int64_t":$width, "::mlir::Type":$elementType);
  let assemblyFormat = "`<` `[` $heads `,` $width `]` `,` $elementType `>`";
  let extraClassDeclaration = [{
    /// Whether rows hold whole numbers and scales.
    bool isQuantized() const { return getElementType().isInteger(8); }
    /// Bytes of one head of a row, without its scale.
    int64_t getHeadBytes() const { return getWidth() * getElementType().getIntOrFloatBitWidth() / 8; }
    /// Where the scales of a row begin.
    int64_t getScalesOffset() const { return getHeads() * getHeadBytes(); }
    /// Bytes of a row in memory.
    int64_t getRowBytes() const { return getScalesOffset() + (isQuantized() ? 4 * getHeads() : 0); }
    /// Elements of rows that are written.
    mlir::Type getWrittenType() const {
      return isQuantized() ? mlir::Float32Type::get(getContext()) : getElementType();
    }
  }];
}

#endif // SINTER_DIALECT_TD
