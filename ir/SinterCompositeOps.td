//===- SinterCompositeOps.td - Functions with a name ----------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What papers give a name. No frontend writes these: passes find them (passes/Raise*.cpp), and `decompose` says how
// they are computed.
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_COMPOSITE_OPS_TD
#define SINTER_COMPOSITE_OPS_TD

include "ir/SinterMathOps.td"

class Sinter_CompositeOp<string opMnemonic, list<Trait> traits = []>
    : Sinter_PureOp<opMnemonic, !listconcat(traits, [DeclareOpInterfaceMethods<Sinter_CompositeOpInterface>])>;

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

class Sinter_ActivationOp<string opMnemonic>
    : Sinter_CompositeOp<opMnemonic, [SameOperandsAndResultType,
                                      DeclareOpInterfaceMethods<Sinter_ElementwiseOpInterface>]> {
  let results = (outs Sinter_TensorType:$result);
  let hasFolder = 1;
  let extraClassDefinition = [{
    mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return detail::foldElementwise(getOperation(), adaptor.getOperands());
    }
  }];
}

def Sinter_GeluKind : I32EnumAttr<"GeluKind", "How the normal distribution is computed", [
  I32EnumAttrCase<"erf", 0>, I32EnumAttrCase<"tanh", 1>, I32EnumAttrCase<"sigmoid", 2>]> {
  let cppNamespace = "::sinter";
}

def Sinter_GeluOp : Sinter_ActivationOp<"gelu"> {
  let summary = "x times the normal distribution's probability of less than x.";
  let description = [{
    Hendrycks and Gimpel 2016. `erf`: `0.5 x (1 + erf(x / sqrt(2)))`; `tanh`: the approximation
    `0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`; `sigmoid`: the approximation `x / (1 + exp(-1.702 x))`.

    Example:
    ```mlir
    %y = sinter.gelu tanh %x : !sinter.tensor<[N, 3072], f32>
    ```
  }];
  let arguments = (ins Sinter_GeluKind:$kind, Sinter_FloatTensor:$operand);
  let assemblyFormat = "$kind $operand attr-dict `:` type($operand)";
}

def Sinter_SiluOp : Sinter_ActivationOp<"silu"> {
  let summary = "x / (1 + exp(-x)): x times its sigmoid.";
  let description = [{
    Also called swish.

    Example:
    ```mlir
    %y = sinter.silu %x : !sinter.tensor<[N, 5632], f32>
    ```
  }];
  let arguments = (ins Sinter_FloatTensor:$operand);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}

//===----------------------------------------------------------------------===//
// Normalizations
//===----------------------------------------------------------------------===//

class Sinter_NormOp<string opMnemonic>
    : Sinter_CompositeOp<opMnemonic, [AttrSizedOperandSegments, AllTypesMatch<["operand", "result"]>]> {
  let arguments = (ins Sinter_FloatTensor:$operand, Optional<Sinter_FloatTensor>:$gain,
                       Optional<Sinter_FloatTensor>:$bias, F64Attr:$epsilon, UnitAttr:$outsideRoot);
  let results = (outs Sinter_FloatTensor:$result);
  let assemblyFormat = [{$operand (`gain` $gain^ `:` type($gain))? (`bias` $bias^ `:` type($bias))?
                         `epsilon` $epsilon (`outside_root` $outsideRoot^)? attr-dict `:` type($operand)}];
  let hasVerifier = 1;
}

def Sinter_LayerNormOp : Sinter_NormOp<"layer_norm"> {
  let summary = "Each row less its mean, over its standard deviation.";
  let description = [{
    Ba, Kiros and Hinton 2016: `(x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * gain + bias`, where means go over
    the last axis. Gain and bias have the length of that axis; each may be absent. With `outside_root`, epsilon
    is added to the root instead: `(x - mean(x)) / (sqrt(variance) + epsilon)`.

    Example:
    ```mlir
    %y = sinter.layer_norm %x gain %g : !sinter.tensor<[768], f32> bias %b : !sinter.tensor<[768], f32> epsilon 1.0e-05 : !sinter.tensor<[N, 768], f32>
    ```
  }];
}

def Sinter_RMSNormOp : Sinter_NormOp<"rms_norm"> {
  let summary = "Each row over the root of its mean square.";
  let description = [{
    Zhang and Sennrich 2019: `x / sqrt(mean(x^2) + epsilon) * gain + bias`, where the mean goes over the last axis. Gain
    and bias have the length of that axis; each may be absent. With `outside_root`, epsilon is added to the root
    instead: `x / (sqrt(mean(x^2)) + epsilon)`.

    Example:
    ```mlir
    %y = sinter.rms_norm %x gain %g : !sinter.tensor<[2048], f32> epsilon 1.0e-06 : !sinter.tensor<[N, 2048], f32>
    ```
  }];
}

def Sinter_SoftmaxOp : Sinter_CompositeOp<"softmax", [AllTypesMatch<["operand", "result"]>]> {
  let summary = "Exponentials over their sum, along one axis.";
  let description = [{
    `exp(x - max(x)) / sum(exp(x - max(x)))`. With an `extent`, which is for rows N, row n has its first `extent[n]` elements
    alone: what stands behind them is neither read nor defined.

    Example:
    ```mlir
    %p = sinter.softmax %s axis 2 extent %n : !sinter.tensor<[12, N, P], f32>, !sinter.tensor<[N], i32>
    ```
  }];
  let arguments = (ins Sinter_FloatTensor:$operand, I64Attr:$axis, Optional<Sinter_TensorType>:$extent);
  let results = (outs Sinter_FloatTensor:$result);
  let assemblyFormat = [{$operand `axis` $axis (`extent` $extent^)? attr-dict `:` type($operand) (`,` type($extent)^)?}];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

def Sinter_RotaryKind : I32EnumAttr<"RotaryKind", "Which elements make a pair", [
  I32EnumAttrCase<"half_split", 0>, I32EnumAttrCase<"interleaved", 1>]> {
  let cppNamespace = "::sinter";
}

def Sinter_RotaryOp : Sinter_CompositeOp<"rotary", [AllTypesMatch<["operand", "result"]>,
                                                    AllTypesMatch<["cosine", "sine"]>]> {
  let summary = "Turns pairs of elements by angles.";
  let description = [{
    Su et al. 2021. The first `width` elements of the last axis make pairs, `half_split` those at i and i + width / 2,
    `interleaved` those at 2i and 2i + 1; pair i is turned by the angle whose cosine and sine stand at i:

        a * cosine - b * sine,  b * cosine + a * sine

    What stands behind `width` stays. Cosines and sines have `width / 2` elements along their last axis and broadcast to the
    operand along the others.

    Example:
    ```mlir
    %y = sinter.rotary half_split %x width 64 by %cosine, %sine : !sinter.tensor<[12, N, 64], f32>, !sinter.tensor<[N, 32], f32>
    ```
  }];
  let arguments = (ins Sinter_RotaryKind:$kind, Sinter_FloatTensor:$operand, I64Attr:$width, Sinter_FloatTensor:$cosine,
                       Sinter_FloatTensor:$sine);
  let results = (outs Sinter_FloatTensor:$result);
  let assemblyFormat = [{$kind $operand `width` $width `by` $cosine `,` $sine attr-dict `:` type($operand) `,`
                         type($cosine)}];
  let hasVerifier = 1;
}

#endif // SINTER_COMPOSITE_OPS_TD
