//===- Options.td - What people type behind `sinter` -----------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "llvm/Option/OptParser.td"

def compile : SubCommand<"compile", "Compile a model to a native binary",
                         "sinter compile <folder> [options]">;
def run : SubCommand<"run", "Compile a model once, and run it",
                     "sinter run <folder> [options] [-- ] [what the compiled model takes]">;
def inspect : SubCommand<"inspect", "Show what every pass does to a model",
                         "sinter inspect <folder> [options]">;
def quantize : SubCommand<"quantize", "Say how far weights of 8 or 4 bits are from the model's own",
                          "sinter quantize <folder> --precision w8|w4 [options]">;
def models : SubCommand<"models", "List the architectures that come with the compiler",
                        "sinter models">;
def diff : SubCommand<"diff", "Compare a model with the values that another program computes, operation by operation",
                      "sinter diff <folder> --reference dump.safetensors [options]">;
def doctor : SubCommand<"doctor", "Say what this machine can compile for, and what it lacks",
                        "sinter doctor">;
def tune : SubCommand<"tune", "Choose register tiles by measuring contractions on this machine",
                      "sinter tune [-o tiles.json]">;
def completion : SubCommand<"completion", "Print a completion script for a shell",
                            "sinter completion bash|zsh|fish">;

def help : Flag<["--", "-"], "help", [compile, run, inspect, diff, quantize, models, doctor, tune, completion]>,
    HelpText<"Show this help">;
def h : Flag<["-"], "h", [compile, run, inspect, diff, quantize, models, doctor, tune, completion]>, Alias<help>;
def version : Flag<["--"], "version">, HelpText<"Show the version">;

multiclass Value<string name, string metavar, string help, list<SubCommand> commands> {
  def NAME : Separate<["--"], name, commands>, HelpText<help>, MetaVarName<metavar>;
  def NAME#_eq : Joined<["--"], name#"=", commands>, Alias<!cast<Option>(NAME)>;
}

def o : JoinedOrSeparate<["-"], "o", [compile, inspect, tune]>, MetaVarName<"<file>">,
    HelpText<"Where the output goes (default: the folder's name; `-` for text on the standard output)">;
defm output : Value<"output", "<file>", "The same as -o", [compile, inspect, tune]>;
defm emit : Value<"emit", "<kind>",
    "What to make: exe (default), obj, shared, static, package (a folder for pkg-config and CMake), asm, llvm, mlir (kernel level), math (math level)", [compile]>;
def weights_file : Flag<["--"], "weights-file", [compile]>,
    HelpText<"Put an executable's weights into a file beside it, named as it is with .weights behind (libraries have one in any case)">;
defm spec : Value<"spec", "<file>", "The model's definition (default: by model_type in config.json)", [compile, run, inspect, diff, quantize]>;
defm head : Value<"head", "<head>",
    "What the program is for: next_token, masked_token, encoder_decoder, sequence_classification, token_classification, "
    "question_answering, embedding, hidden (default: by architectures in config.json)", [compile, run, inspect, diff, quantize]>;
defm pooling : Value<"pooling", "<way>",
    "Which embedding a sequence has: that of its first or last token, or the mean (default: as sentence-transformers says)",
    [compile, run, inspect, quantize]>;
defm cpu : Value<"cpu", "<names>",
    "The CPU to compile for: native (default on this machine), x86-64-v3, znver5, cortex-a76, rv64gcv, simd128, ...; or the GPU: sm_80 (default), sm_86, sm_89, sm_90, sm_90a; of a list, the binary takes what it can run", [compile, run, inspect, quantize]>;
defm tiles : Value<"tiles", "<file>",
    "Register tiles for the CPU, as `sinter tune` writes them (default: those that come with the compiler)",
    [compile, run, inspect, quantize]>;
defm target : Value<"target", "<machine>",
    "The machine to compile for: x86_64, aarch64, riscv64, wasm32 (WASI; default: this one); or opencl: kernels for any OpenCL device, or cuda: kernels for NVIDIA's GPUs, started by this machine's CPU", [compile, inspect, quantize]>;
defm reference : Value<"reference", "<file>",
    "Tokens and values in safetensors, as tools/examples/dump_activations.py writes them", [diff]>;
defm tolerance : Value<"tolerance", "<number>",
    "How far a value may be from its reference, relative where that is above one (default: 1e-4)", [diff]>;
defm context : Value<"context", "<n>",
    "Most positions of a sequence (default: the model's, but at most 4096)", [compile, run, inspect, quantize]>;
defm max_tokens : Value<"max-tokens", "<n>",
    "Most tokens that one step takes; longer prompts take several (default: 256, or the context of an encoder)",
    [compile, run, inspect]>;
defm precision : Value<"precision", "<type>",
    "What weights are stored in and multiplied: f32, bf16, w8 or w4 (8 or 4 bits with scales), or stored (default): quantized ones of a GGUF file in their bits, others in f32",
    [compile, run, inspect, quantize]>;
defm group_size : Value<"group-size", "<n>",
    "Inputs that share a scale in w8 and w4: 32, 64, 128 or channel, all of a column (default: channel in w8, 32 in w4)",
    [compile, run, inspect, quantize]>;
defm scale_type : Value<"scale-type", "<type>", "Type of the scales in w8 and w4: bf16 (default) or f16",
    [compile, run, inspect, quantize]>;
defm kv_type : Value<"kv-type", "<type>",
    "What keys and values of the past are kept in: f32 (default), bf16, int8", [compile, run, inspect]>;
defm keep_f32 : Value<"keep-f32", "<regex>",
    "Weights whose name this matches stay in f32 whatever the precision", [compile, run, inspect, quantize]>;
def asymmetric : Flag<["--"], "asymmetric", [compile, run, inspect, quantize]>,
    HelpText<"In w8 and w4, let each group of inputs have a least value of its own, beside its scale">;
defm calibrate : Value<"calibrate", "<text>",
    "In w8 and w4, run the model on a text first, and choose scales by how large what weights are multiplied with is on it",
    [compile, run, quantize]>;
def report : Flag<["--"], "report", [quantize]>, HelpText<"Print the distances (all that there is to ask for)">;
defm passes : Value<"passes", "<which>",
    "Which passes run: all (default), or none but those without which the model does not run", [compile, run, inspect]>;
def remarks : Flag<["--"], "remarks", [compile]>, HelpText<"Print what the passes did, and what they could not do; --remarks=yaml for machines, "
             "--remarks=<regex> of the passes named so">;
def remarks_eq : Joined<["--"], "remarks=", [compile]>;
defm remarks_file : Value<"remarks-file", "<file>", "Write remarks to a file, as YAML", [compile]>;
defm format : Value<"format", "<format>",
    "What to write: of inspect html (default), json, dot, mlir; of quantize table (default), json", [inspect, quantize]>;
defm tokens : Value<"tokens", "<n>",
    "Tokens of the call that costs are counted for (default: 1; of an encoder, a whole sequence of at most 512)",
    [inspect]>;
defm rows : Value<"rows", "<n>",
    "Tokens whose output is asked for (default: 1; of an encoder, all)", [inspect]>;
defm past : Value<"past", "<n>", "Tokens before them (default: 1023, or what the context has room for)", [inspect]>;
def timing : Flag<["--"], "timing", [compile]>, HelpText<"Print how long each phase and pass took">;
def verbose : Flag<["--"], "verbose", [compile, run, diff]>,
    HelpText<"Say more: unused weights, a context that is cut short, every value that is compared">;
def v : Flag<["-"], "v", [compile, run, diff]>, Alias<verbose>;
def quiet : Flag<["--"], "quiet", [compile, run]>, HelpText<"Print errors only">;
def q : Flag<["-"], "q", [compile, run]>, Alias<quiet>;
