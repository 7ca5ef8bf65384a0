//===- SinterMathOps.td - Math-level operations ----------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_MATH_OPS_TD
#define SINTER_MATH_OPS_TD

include "ir/SinterDialect.td"
include "ir/SinterInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

class Sinter_Op<string opMnemonic, list<Trait> traits = []>
    : Op<Sinter_Dialect, opMnemonic, traits>;

class Sinter_PureOp<string opMnemonic, list<Trait> traits = []>
    : Sinter_Op<opMnemonic, !listconcat([Pure], traits)>;

class Sinter_TensorOf<string predicate, string what>
    : Type<And<[Sinter_TensorType.predicate,
                CPred<"[](::mlir::Type type) { return " # predicate #
                      "; }(::llvm::cast<::sinter::NamedTensorType>($_self).getElementType())">]>,
           what, "::sinter::NamedTensorType">;
def Sinter_FloatTensor : Sinter_TensorOf<"::llvm::isa<::mlir::FloatType>(type)", "a tensor of floats">;
def Sinter_NumberTensor : Sinter_TensorOf<"!type.isInteger(1)", "a tensor of floats or i32">;
def Sinter_TruthTensor : Sinter_TensorOf<"type.isInteger(1)", "a tensor of i1">;

//===----------------------------------------------------------------------===//
// Sources of values
//===----------------------------------------------------------------------===//

def Sinter_WeightOp : Sinter_PureOp<"weight"> {
  let summary = "A tensor of the checkpoint.";
  let description = [{
    Refers to a tensor of the checkpoint by its name; its elements are not in the IR. Within a
    `sinter.repeat` the name is a pattern: `{i}` stands for the layer, `{2i+1}` for a multiple
    of it plus a constant, `{i/8}` and `{i%8}` for the layer and the place in it of a loop within a loop. Where the layers' names follow no pattern, as exporters number them, they
    stand in a list, one a layer. The element type is f32 whatever the checkpoint stores: reading
    converts.

    Example:
    ```mlir
    %g = sinter.weight "h.{i}.ln_1.weight"[%layer] : !sinter.tensor<[768], f32>
    %w = sinter.weight ["onnx::MatMul_112", "onnx::MatMul_140"][%layer] : !sinter.tensor<[768, 2304], f32>
    %e = sinter.weight "wte.weight" : !sinter.tensor<[50257, 768], f32>
    %q = sinter.weight "blk.{i}.ffn_up.weight"[%layer] {stored = #sinter.stored<type = !sinter.quantized<ui8, scale = f16, group = 32>, axis = 1, exact = true>} : !sinter.tensor<[3072, 768], f32>
    ```

    `stored` says that the checkpoint has whole numbers with scales; the elements are f32 all the same.
  }];
  let arguments = (ins AnyAttrOf<[StrAttr, StrArrayAttr], "a name, or a list of names">:$name,
                       Optional<Index>:$layer, OptionalAttr<Sinter_StoredAttr>:$stored);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "custom<WeightNames>($name) (`[` $layer^ `]`)? attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The tensor's name for one layer. Fails, with a message, where the pattern is ill-formed or the list too short.
    llvm::Expected<std::string> getNameAt(int64_t layer);
    /// One text for all layers, to show: the pattern, or what the listed names have in common ("onnx::MatMul_*").
    std::string getLabel();
    /// Of how many layers the weight is one of each; 1 if it is the same for all, or if no layer is given.
    int64_t getLayerCount();
  }];
}

def Sinter_ConstantOp : Sinter_PureOp<"constant", [ConstantLike]> {
  let summary = "A tensor all of whose elements are one number.";
  let description = [{
    Example:
    ```mlir
    %eps = sinter.constant 1.0e-05 : !sinter.tensor<[], f32>
    ```
  }];
  let arguments = (ins F64Attr:$value);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$value attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "double":$value, "::mlir::Type":$type)>];
  let hasFolder = 1;
}

def Sinter_IotaOp : Sinter_PureOp<"iota"> {
  let summary = "0, 1, 2, ... along one dimension.";
  let description = [{
    Over `T` these are the positions of a sequence's tokens.

    Example:
    ```mlir
    %position = sinter.iota : !sinter.tensor<[T], i32>
    ```
  }];
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Sinter_LayerNumberOp : Sinter_PureOp<"layer_number"> {
  let summary = "The number of a layer as a scalar.";
  let description = [{
    What a layer computes from its own number; canonicalization makes it of a counter that layers
    carry. Together with weights it is computed when compiling.

    Example:
    ```mlir
    %n = sinter.layer_number %layer : !sinter.tensor<[], i32>
    ```
  }];
  let arguments = (ins Index:$layer);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$layer attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

class Sinter_UnaryOp<string opMnemonic, string what, string formula, Type operandType = Sinter_FloatTensor>
    : Sinter_PureOp<opMnemonic, [SameOperandsAndResultType,
                                 DeclareOpInterfaceMethods<Sinter_ElementwiseOpInterface>]> {
  let summary = what;
  let description = "Example:\n```mlir\n%y = sinter." # opMnemonic #
                    " %x : !sinter.tensor<[T, 768], f32>\n```";
  let arguments = (ins operandType:$operand);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
  let hasFolder = 1;
  let extraClassDefinition = [{
    double $cppClass::apply(llvm::ArrayRef<double> x) { return }] # formula # [{; }
    mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return detail::foldElementwise(getOperation(), adaptor.getOperands());
    }
  }];
}

def Sinter_NegOp : Sinter_UnaryOp<"neg", "-x", "-x[0]", Sinter_NumberTensor>;
def Sinter_AbsOp : Sinter_UnaryOp<"abs", "|x|", "std::fabs(x[0])", Sinter_NumberTensor>;
def Sinter_ExpOp : Sinter_UnaryOp<"exp", "e to the x", "std::exp(x[0])">;
def Sinter_LogOp : Sinter_UnaryOp<"log", "Natural logarithm", "std::log(x[0])">;
def Sinter_SqrtOp : Sinter_UnaryOp<"sqrt", "Square root", "std::sqrt(x[0])">;
def Sinter_RsqrtOp : Sinter_UnaryOp<"rsqrt", "1 / sqrt(x)", "1.0 / std::sqrt(x[0])">;
def Sinter_SinOp : Sinter_UnaryOp<"sin", "Sine", "std::sin(x[0])">;
def Sinter_CosOp : Sinter_UnaryOp<"cos", "Cosine", "std::cos(x[0])">;
def Sinter_TanhOp : Sinter_UnaryOp<"tanh", "Hyperbolic tangent", "std::tanh(x[0])">;
def Sinter_ErfOp : Sinter_UnaryOp<"erf", "Error function", "std::erf(x[0])">;
def Sinter_FloorOp : Sinter_UnaryOp<"floor", "Largest integer not above x", "std::floor(x[0])">;
def Sinter_NotOp : Sinter_UnaryOp<"not", "Logical not, of i1", "x[0] == 0 ? 1.0 : 0.0", Sinter_TruthTensor>;

class Sinter_BinaryOp<string opMnemonic, string what, string formula, list<Trait> traits = [],
                      Type operandType = Sinter_NumberTensor>
    : Sinter_PureOp<opMnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<InferTypeOpInterface>,
                                 DeclareOpInterfaceMethods<Sinter_ElementwiseOpInterface>])> {
  let summary = what;
  let description = [{
    Both operands have one element type. Shapes broadcast as in numpy: they are aligned at the last
    axis, and a dimension of 1 (or a missing one) stretches to the other's.

    Example:
    ```mlir
    %y = sinter.}] # opMnemonic # [{ %x, %bias : !sinter.tensor<[T, 768], f32>, !sinter.tensor<[768], f32> -> !sinter.tensor<[T, 768], f32>
    ```
  }];
  let arguments = (ins operandType:$lhs, operandType:$rhs);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
  let hasFolder = 1;
  let extraClassDefinition = [{
    double $cppClass::apply(llvm::ArrayRef<double> x) { return }] # formula # [{; }
    mlir::LogicalResult $cppClass::inferReturnTypes(
        mlir::MLIRContext *context, std::optional<mlir::Location> location,
        mlir::ValueRange operands, mlir::DictionaryAttr attributes,
        mlir::OpaqueProperties properties, mlir::RegionRange regions,
        llvm::SmallVectorImpl<mlir::Type> &results) {
      return detail::inferBroadcast(location, getOperationName(), operands, results);
    }
    mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return detail::foldElementwise(getOperation(), adaptor.getOperands());
    }
  }];
}

def Sinter_AddOp : Sinter_BinaryOp<"add", "x + y", "x[0] + x[1]", [Commutative]>;
def Sinter_SubOp : Sinter_BinaryOp<"sub", "x - y", "x[0] - x[1]">;
def Sinter_MulOp : Sinter_BinaryOp<"mul", "x * y", "x[0] * x[1]", [Commutative]>;
def Sinter_DivOp : Sinter_BinaryOp<"div", "x / y; of i32, rounded down", "x[0] / x[1]">;
def Sinter_ModOp : Sinter_BinaryOp<"mod", "x - y * floor(x / y)", "x[0] - x[1] * std::floor(x[0] / x[1])">;
def Sinter_PowOp : Sinter_BinaryOp<"pow", "x to the y", "std::pow(x[0], x[1])", [], Sinter_FloatTensor>;
def Sinter_MaxOp : Sinter_BinaryOp<"max", "The larger", "x[0] > x[1] ? x[0] : x[1]", [Commutative]>;
def Sinter_MinOp : Sinter_BinaryOp<"min", "The smaller", "x[0] < x[1] ? x[0] : x[1]", [Commutative]>;
def Sinter_AndOp : Sinter_BinaryOp<"and", "Logical and, of i1", "x[0] != 0 && x[1] != 0", [Commutative], Sinter_TruthTensor>;
def Sinter_OrOp : Sinter_BinaryOp<"or", "Logical or, of i1", "x[0] != 0 || x[1] != 0", [Commutative], Sinter_TruthTensor>;

def Sinter_ComparePredicate : I32EnumAttr<"ComparePredicate", "How two elements are compared", [
  I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>,
  I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>]> {
  let cppNamespace = "::sinter";
}

def Sinter_CompareOp : Sinter_PureOp<"compare", [
    InferTypeOpAdaptor,
    DeclareOpInterfaceMethods<Sinter_ElementwiseOpInterface>]> {
  let summary = "Compares elements; the result is i1.";
  let description = [{
    Shapes broadcast as in `sinter.add`.

    Example: what a causal mask is made of.
    ```mlir
    %seen = sinter.compare ge %query, %key : !sinter.tensor<[T, 1], i32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, T], i1>
    ```
  }];
  let arguments = (ins Sinter_ComparePredicate:$predicate, Sinter_TensorType:$lhs, Sinter_TensorType:$rhs);
  let results = (outs Sinter_TensorType:$result);
  let hasFolder = 1;
  let assemblyFormat = "$predicate $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
}

def Sinter_SelectOp : Sinter_PureOp<"select", [
    InferTypeOpAdaptor,
    DeclareOpInterfaceMethods<Sinter_ElementwiseOpInterface>]> {
  let summary = "One of two, by a condition.";
  let description = [{
    All three shapes broadcast together.

    Example:
    ```mlir
    %mask = sinter.select %seen, %zero, %never : !sinter.tensor<[T, T], i1>, !sinter.tensor<[], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, T], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$condition, Sinter_TensorType:$onTrue, Sinter_TensorType:$onFalse);
  let results = (outs Sinter_TensorType:$result);
  let hasFolder = 1;
  let assemblyFormat = [{$condition `,` $onTrue `,` $onFalse attr-dict `:` type($condition) `,` type($onTrue) `,`
                         type($onFalse) `->` type($result)}];
}

def Sinter_ConvertOp : Sinter_PureOp<"convert", [DeclareOpInterfaceMethods<Sinter_ElementwiseOpInterface>]> {
  let summary = "Changes the element type.";
  let description = [{
    To i32 it truncates towards zero; to i1 it asks whether the element is not zero.

    Example:
    ```mlir
    %p = sinter.convert %position : !sinter.tensor<[T], i32> -> !sinter.tensor<[T], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$operand);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Contractions and reductions
//===----------------------------------------------------------------------===//

def Sinter_MatmulOp : Sinter_PureOp<"matmul", [InferTypeOpAdaptor]> {
  let summary = "Matrix product over the last two axes.";
  let description = [{
    `lhs[..., I, K] @ rhs[..., K, J] -> [..., I, J]`; the axes before the last two broadcast.

    Example: the scores of attention.
    ```mlir
    %s = sinter.matmul %q, %kt : !sinter.tensor<[12, T, 64], f32>, !sinter.tensor<[12, 64, T], f32> -> !sinter.tensor<[12, T, T], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$lhs, Sinter_TensorType:$rhs);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
}

def Sinter_ReduceKind : I32EnumAttr<"ReduceKind", "How elements along an axis become one", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"max", 1>, I32EnumAttrCase<"mean", 2>]> {
  let cppNamespace = "::sinter";
}

def Sinter_ReduceOp : Sinter_PureOp<"reduce", [InferTypeOpAdaptor]> {
  let summary = "Sum, maximum or mean along one axis, which stays as 1.";
  let description = [{
    At the kernel level, a reduction along `P` has an `extent`: row n is reduced over its first
    `extent[n]` elements, and what stands behind them is never read. The rows are the axis `N`.

    Example:
    ```mlir
    %m = sinter.reduce mean %x axis 1 : !sinter.tensor<[T, 768], f32> -> !sinter.tensor<[T, 1], f32>
    %s = sinter.reduce sum %e axis 2 extent %n : !sinter.tensor<[12, N, P], f32>, !sinter.tensor<[N], i32> -> !sinter.tensor<[12, N, 1], f32>
    ```
  }];
  let arguments = (ins Sinter_ReduceKind:$kind, Sinter_NumberTensor:$operand, I64Attr:$axis,
                       Optional<Sinter_TensorType>:$extent);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$kind $operand `axis` $axis (`extent` $extent^)? attr-dict `:` type($operand)
                         (`,` type($extent)^)? `->` type($result)}];
  let builders = [OpBuilder<(ins "::sinter::ReduceKind":$kind, "::mlir::Value":$operand, "int64_t":$axis)>];
  let hasVerifier = 1;
}

def Sinter_ArgmaxOp : Sinter_PureOp<"argmax"> {
  let summary = "Where the largest element of each row stands, and that element.";
  let description = [{
    A row is what lies along the last axis. Among equal elements the first counts. What is not a number
    counts as larger than all numbers, so that whoever looks at the element sees it.

    Example:
    ```mlir
    %i, %m = sinter.argmax %x : !sinter.tensor<[R, 50257], f32> -> !sinter.tensor<[R], i32>, !sinter.tensor<[R], f32>
    ```
  }];
  let arguments = (ins Sinter_FloatTensor:$operand);
  let results = (outs Sinter_TensorType:$index, Sinter_TensorType:$largest);
  let builders = [OpBuilder<(ins "::mlir::Value":$operand)>];
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($index) `,` type($largest)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

def Sinter_TransposeOp : Sinter_PureOp<"transpose", [InferTypeOpAdaptor]> {
  let summary = "Puts axes in another order.";
  let description = [{
    Axis `i` of the result is axis `permutation[i]` of the operand.

    Example:
    ```mlir
    %h = sinter.transpose %x [1, 0, 2] : !sinter.tensor<[T, 12, 64], f32> -> !sinter.tensor<[12, T, 64], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$operand, DenseI64ArrayAttr:$permutation);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$operand $permutation attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Sinter_ReshapeOp : Sinter_PureOp<"reshape"> {
  let summary = "The same elements in row-major order under another shape.";
  let description = [{
    Named dimensions stay: the same names stand in the same order, and as many elements stand
    between them as before.

    Example:
    ```mlir
    %h = sinter.reshape %x : !sinter.tensor<[T, 768], f32> -> !sinter.tensor<[T, 12, 64], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$operand);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Sinter_BroadcastOp : Sinter_PureOp<"broadcast"> {
  let summary = "Repeats elements along axes of size 1 and along new leading axes.";
  let description = [{
    Example: one key head for each of three query heads.
    ```mlir
    %k = sinter.broadcast %x : !sinter.tensor<[4, 1, T, 64], f32> -> !sinter.tensor<[4, 3, T, 64], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$operand);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasCanonicalizer = 1;
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Sinter_SliceOp : Sinter_PureOp<"slice", [InferTypeOpAdaptor]> {
  let summary = "Every `stride`-th of the elements of one axis, `size` of them from `start` on.";
  let description = [{
    The axis has a static size. 

    Example: the second third, and every other element.
    ```mlir
    %k = sinter.slice %qkv axis 1 from 768 size 768 stride 1 : !sinter.tensor<[T, 2304], f32> -> !sinter.tensor<[T, 768], f32>
    %even = sinter.slice %x axis 1 from 0 size 32 stride 2 : !sinter.tensor<[T, 64], f32> -> !sinter.tensor<[T, 32], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$operand, I64Attr:$axis, I64Attr:$start, I64Attr:$size, I64Attr:$stride);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = [{$operand `axis` $axis `from` $start `size` $size `stride` $stride attr-dict `:`
                         type($operand) `->` type($result)}];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Sinter_ConcatOp : Sinter_PureOp<"concat", [InferTypeOpAdaptor]> {
  let summary = "Puts tensors one behind the other along an axis of static size.";
  let description = [{
    Example:
    ```mlir
    %r = sinter.concat %a, %b axis 1 : !sinter.tensor<[T, 32], f32>, !sinter.tensor<[T, 32], f32> -> !sinter.tensor<[T, 64], f32>
    ```
  }];
  let arguments = (ins Variadic<Sinter_TensorType>:$inputs, I64Attr:$axis);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$inputs `axis` $axis attr-dict `:` type($inputs) `->` type($result)";
}

def Sinter_GatherOp : Sinter_PureOp<"gather", [InferTypeOpAdaptor]> {
  let summary = "Rows of a table by their numbers.";
  let description = [{
    `table[V, ...]` by `index[I...]` of i32 gives `[I..., ...]`. A number outside the table reads
    its nearest row: the runtime has checked token ids before.

    Example: token embeddings.
    ```mlir
    %x = sinter.gather %wte[%token] : !sinter.tensor<[50257, 768], f32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, 768], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$table, Sinter_TensorType:$index);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$table `[` $index `]` attr-dict `:` type($table) `,` type($index) `->` type($result)";
}

def Sinter_TakeOp : Sinter_PureOp<"take", [InferTypeOpAdaptor]> {
  let summary = "Of each row the elements that an index names.";
  let description = [{
    `result[h, i, j] = rows[h, i, index[i, j]]`, with an index of i32. A number outside the row takes its nearest element.

    Example: scores that depend on how far two positions are apart (He et al. 2021), of products with a row for each
    bucket of distances.
    ```mlir
    %s = sinter.take %products[%bucket] : !sinter.tensor<[12, T, 512], f32>, !sinter.tensor<[T, T], i32> -> !sinter.tensor<[12, T, T], f32>
    ```
  }];
  let arguments = (ins Sinter_TensorType:$rows, Sinter_TensorType:$index);
  let results = (outs Sinter_TensorType:$result);
  let assemblyFormat = "$rows `[` $index `]` attr-dict `:` type($rows) `,` type($index) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

def Sinter_RepeatOp : Sinter_Op<"repeat", [
    RecursiveMemoryEffects, AttrSizedOperandSegments, SingleBlockImplicitTerminator<"::sinter::YieldOp">,
    DeclareOpInterfaceMethods<LoopLikeOpInterface, ["getLoopRegions", "getInitsMutable", "getRegionIterArgs",
                                                     "getYieldedValuesMutable", "getLoopResults"]>]> {
  let summary = "The layers: one body, run `count` times.";
  let description = [{
    The body's first argument is the number of the layer, from 0; the others are the values carried
    from layer to layer. What it yields goes into the next layer, and in the end into the results.
    Values from outside can be used within.

    A loop within a loop counts on from layer to layer of the outer one, which it names with `of`: of 8 experts, those
    of layer 2 have the numbers 16 to 23. Its weights then say both: `{i/8}` is the layer, `{i%8}` the expert.

    `where_any %c`, with a column of c for each of the `count` numbers, leaves out a number whose column is zero in all rows:
    what is carried goes on as it is. It is set by `skip-experts`, for bodies of which nothing else would come.

    Example:
    ```mlir
    %y = sinter.repeat %layer in 12 (%x = %embedded : !sinter.tensor<[T, 768], f32>) {
      %g = sinter.weight "h.{i}.ln_1.weight"[%layer] : !sinter.tensor<[768], f32>
      ...
      %sum = sinter.repeat %expert in 8 of %layer (%part = %zero : !sinter.tensor<[T, 768], f32>)
             where_any %gates : !sinter.tensor<[T, 8], f32> {
        %w = sinter.weight "h.{i/8}.experts.{i%8}.weight"[%expert] : !sinter.tensor<[768, 768], f32>
        ...
      }
      sinter.yield %out : !sinter.tensor<[T, 768], f32>
    }
    ```
  }];
  let arguments = (ins I64Attr:$count, Optional<Index>:$outer, Variadic<Sinter_TensorType>:$initArgs,
                       Optional<Sinter_TensorType>:$chosen);
  let results = (outs Variadic<Sinter_TensorType>:$results);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "int64_t":$count, "::mlir::ValueRange":$inits, CArg<"::mlir::Value", "{}">:$outer)>];
  let extraClassDeclaration = [{
    /// How many numbers it counts in all layers of the loops around it that it counts on in.
    int64_t getTotalCount();
    mlir::BlockArgument getLayer() { return getBody()->getArgument(0); }
    mlir::OperandRange getInits() { return getInitArgs(); }
    mlir::Block::BlockArgListType getCarried() { return getBody()->getArguments().drop_front(); }
  }];
}

def Sinter_YieldOp : Sinter_PureOp<"yield", [Terminator, ReturnLike]> {
  let summary = "What a region hands out.";
  let description = [{
    Example: `sinter.yield %y : !sinter.tensor<[T, 768], f32>`
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), "build($_builder, $_state, ::mlir::ValueRange());">];
}

#endif // SINTER_MATH_OPS_TD
