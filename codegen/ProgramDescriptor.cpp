//===- ProgramDescriptor.cpp - What the binary says of itself -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/ProgramDescriptor.h"
#include "codegen/HostProgram.h"
#include "codegen/KernelCosts.h"
#include "codegen/Target.h"
#include "ir/Sinter.h"
#include "passes/Entry.h"
#include "runtime/Program.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ErrorHandling.h"
#include <cstddef>

using namespace sinter;
using llvm::Constant;
using llvm::StringRef;

namespace {

/// A C struct as a constant: LLVM lays its fields out as the C compiler of the
/// module's machine does, pointers in that machine's width. Where pointers are
/// as wide as here, each field must stand where the header's compiler put it,
/// so that none is left out or in another place.
class StructWriter {
public:
  explicit StructWriter(llvm::Module &module) : module(module) {}

  void put(size_t offset, Constant *value) {
    fields.push_back(value);
    offsets.push_back(offset);
  }
  void put(size_t offset, size_t size, uint64_t number) {
    put(offset,
        llvm::ConstantInt::get(
            llvm::Type::getIntNTy(module.getContext(), size * 8), number));
  }
  Constant *finish(size_t size) {
    const llvm::DataLayout &layout = module.getDataLayout();
    Constant *value =
        llvm::ConstantStruct::getAnon(module.getContext(), fields);
    auto *type = llvm::cast<llvm::StructType>(value->getType());
    if (layout.getPointerSize() == sizeof(void *)) {
      const llvm::StructLayout &places = *layout.getStructLayout(type);
      for (auto [number, offset] : llvm::enumerate(offsets))
        check(places.getElementOffset(number) == offset);
      check(places.getSizeInBytes() == size);
    }
    return value;
  }

private:
  static void check(bool isAsInHeader) {
    if (!isAsInHeader)
      llvm::reportFatalInternalError(
          "a struct of runtime/Program.h is not written field by field");
  }

  llvm::Module &module;
  llvm::SmallVector<Constant *> fields;
  llvm::SmallVector<size_t> offsets;
};

/// Puts a number or a pointer in the place of a field.
#define PUT_NUMBER(writer, type, field, value)                                 \
  writer.put(offsetof(type, field), sizeof(type::field), uint64_t(value))
#define PUT_POINTER(writer, type, field, value)                                \
  writer.put(offsetof(type, field), value)

class DescriptorWriter {
public:
  DescriptorWriter(mlir::ModuleOp program, const CodegenOptions &options,
                   llvm::ArrayRef<DeviceProgram> devices, llvm::Module &module)
      : program(program), options(options), devices(devices), module(module) {}

  llvm::Error write() {
    std::string head = text("sinter.head");
    std::optional<uint32_t> headNumber =
        llvm::StringSwitch<std::optional<uint32_t>>(head)
            .Case("next_token", SINTER_HEAD_NEXT_TOKEN)
            .Case("masked_token", SINTER_HEAD_MASKED_TOKEN)
            .Case("encoder_decoder", SINTER_HEAD_ENCODER_DECODER)
            .Case("hidden", SINTER_HEAD_HIDDEN)
            .Case("sequence_classification",
                  SINTER_HEAD_SEQUENCE_CLASSIFICATION)
            .Case("token_classification", SINTER_HEAD_TOKEN_CLASSIFICATION)
            .Case("question_answering", SINTER_HEAD_QUESTION_ANSWERING)
            .Case("embedding", SINTER_HEAD_EMBEDDING)
            .Default(std::nullopt);
    if (!headNumber)
      return llvm::createStringError(
          "'sinter.head' of the module is next_token, masked_token, "
          "encoder_decoder, hidden, sequence_classification, "
          "token_classification, question_answering or embedding, not '%s'",
          head.c_str());

    // "forward" stands first.
    llvm::SmallVector<Constant *> entries, variants, caches;
    for (StringRef name : {"forward", "encode"})
      if (auto entry = program.lookupSymbol<mlir::func::FuncOp>(name)) {
        if (number(entry, "sinter.maximum_tokens") < 1)
          return llvm::createStringError(
              "@%s needs 'sinter.maximum_tokens': plan-buffers gives it",
              name.str().c_str());
        entries.push_back(writeEntry(entry));
      }
    for (unsigned i = 0; i < options.targets.size(); ++i)
      variants.push_back(writeVariant(i));
    for (CacheOp cache : program.getOps<CacheOp>())
      caches.push_back(writeCache(cache));

    StructWriter writer(module);
    using Program = sinter_program;
    PUT_NUMBER(writer, Program, abi_version, SINTER_ABI_VERSION);
    PUT_NUMBER(writer, Program, head, *headNumber);
    PUT_POINTER(writer, Program, name, string(text("sinter.name"), "name"));
    PUT_POINTER(writer, Program, architecture,
                string(text("sinter.architecture"), "architecture"));
    PUT_NUMBER(writer, Program, variant_count, variants.size());
    PUT_POINTER(writer, Program, variants, array(variants, "variants"));
    PUT_NUMBER(writer, Program, entry_count, entries.size());
    PUT_POINTER(writer, Program, entries, array(entries, "entries"));
    PUT_NUMBER(writer, Program, cache_count, caches.size());
    PUT_POINTER(writer, Program, caches, array(caches, "caches"));
    PUT_NUMBER(writer, Program, context, number("sinter.context"));
    PUT_NUMBER(writer, Program, source_context,
               number("sinter.source_context"));
    int64_t vocabulary = number("sinter.vocabulary");
    PUT_NUMBER(writer, Program, vocabulary, vocabulary);
    PUT_NUMBER(writer, Program, source_vocabulary,
               number("sinter.source_vocabulary", vocabulary));
    auto [sourceWidth, sourceFrames] = rowsOfSource();
    PUT_NUMBER(writer, Program, source_width, sourceWidth);
    PUT_NUMBER(writer, Program, source_frames, sourceFrames);
    PUT_NUMBER(writer, Program, sound,
               text("sinter.sound") == "log_mel" ? SINTER_SOUND_LOG_MEL
                                                 : SINTER_SOUND_NONE);
    PUT_NUMBER(writer, Program, segments, number("sinter.segments"));
    PUT_NUMBER(writer, Program, weights_bytes, number("sinter.weights_bytes"));
    PUT_NUMBER(writer, Program, weights_hash, options.weightsHash);
    PUT_NUMBER(writer, Program, parameters, options.parameters);
    PUT_POINTER(writer, Program, special, writeSpecialTokens());
    PUT_NUMBER(writer, Program, tokenizer_bytes, options.tokenizer.size());
    PUT_POINTER(writer, Program, tokenizer,
                bytes(options.tokenizer, "tokenizer"));
    PUT_NUMBER(writer, Program, source_tokenizer_bytes,
               options.sourceTokenizer.size());
    PUT_POINTER(writer, Program, source_tokenizer,
                bytes(options.sourceTokenizer, "source_tokenizer"));
    PUT_NUMBER(writer, Program, chat_template_bytes,
               options.chatTemplate.size());
    PUT_POINTER(writer, Program, chat_template,
                bytes(options.chatTemplate, "chat_template"));
    PUT_NUMBER(writer, Program, pooling,
               text("sinter.pooling") == "last" ? SINTER_POOLING_LAST
                                                : SINTER_POOLING_FIRST);
    llvm::SmallVector<Constant *> labels = writeLabels();
    PUT_NUMBER(writer, Program, problem, problemOf(labels.size()));
    PUT_NUMBER(writer, Program, label_count, labels.size());
    PUT_POINTER(writer, Program, labels, array(labels, "labels"));
    std::string info = text("sinter.info");
    PUT_NUMBER(writer, Program, info_bytes, info.size());
    PUT_POINTER(writer, Program, info, string(info, "info"));

    Constant *value = writer.finish(sizeof(Program));
    auto *variable = new llvm::GlobalVariable(
        module, value->getType(), /*isConstant=*/true,
        llvm::GlobalValue::ExternalLinkage, value, "sinter_compiled_model");
    variable->setAlignment(llvm::Align(alignof(Program)));
    return llvm::Error::success();
  }

private:
  std::string text(StringRef attribute) {
    auto value = program->getAttrOfType<mlir::StringAttr>(attribute);
    return value ? value.getValue().str() : std::string();
  }

  static int64_t number(mlir::Operation *op, StringRef attribute,
                        int64_t absent = 0) {
    auto value = op->getAttrOfType<mlir::IntegerAttr>(attribute);
    return value ? value.getInt() : absent;
  }
  int64_t number(StringRef attribute, int64_t absent = 0) {
    return number(program, attribute, absent);
  }

  Constant *null() {
    return llvm::ConstantPointerNull::get(
        llvm::PointerType::get(module.getContext(), 0));
  }

  Constant *global(Constant *value, StringRef name, uint64_t alignment) {
    auto *variable = new llvm::GlobalVariable(
        module, value->getType(), /*isConstant=*/true,
        llvm::GlobalValue::InternalLinkage, value, "sinter_program_" + name);
    variable->setAlignment(llvm::Align(alignment));
    return variable;
  }

  /// With a zero behind it.
  Constant *string(StringRef value, StringRef name) {
    return global(
        llvm::ConstantDataArray::getString(module.getContext(), value), name,
        1);
  }

  Constant *bytes(StringRef value, StringRef name) {
    if (value.empty())
      return null();
    return global(llvm::ConstantDataArray::getString(module.getContext(), value,
                                                     /*AddNull=*/false),
                  name, 8);
  }

  Constant *array(llvm::ArrayRef<Constant *> values, StringRef name) {
    if (values.empty())
      return null();
    // Structs that hold pointers to globals of different sizes are still of one
    // type: pointers are opaque.
    return global(
        llvm::ConstantArray::get(
            llvm::ArrayType::get(values.front()->getType(), values.size()),
            values),
        name, 8);
  }

  Constant *writeEntry(mlir::func::FuncOp entry) {
    uint32_t inputs = 0;
    for (unsigned i = 0; i < entry.getNumArguments(); ++i)
      if (auto name =
              entry.getArgAttrOfType<mlir::StringAttr>(i, inputAttributeName))
        inputs |= uint32_t(1) << inputIndex(name.getValue()).value_or(0);
    int64_t width = 0;
    if (entry.getNumResults() > 0) {
      auto type = llvm::cast<NamedTensorType>(entry.getResultTypes().front());
      width = type.getDim(type.getRank() - 1).getSize();
    }
    StructWriter writer(module);
    using Entry = sinter_entry;
    StringRef name = entry.getName();
    PUT_POINTER(writer, Entry, name, string(name, name));
    PUT_NUMBER(writer, Entry, inputs, inputs);
    PUT_NUMBER(writer, Entry, causal,
               causality(entry->getDiscardableAttr("sinter.causal")));
    PUT_NUMBER(writer, Entry, maximum_tokens,
               number(entry, "sinter.maximum_tokens"));
    PUT_NUMBER(writer, Entry, maximum_rows,
               number(entry, "sinter.maximum_rows"));
    PUT_NUMBER(writer, Entry, arena_bytes, number(entry, "sinter.arena_bytes"));
    PUT_NUMBER(writer, Entry, thread_arena_bytes,
               number(entry, "sinter.thread_bytes"));
    PUT_NUMBER(writer, Entry, output_width, width);
    PUT_NUMBER(writer, Entry, gives_largest, entry.getNumResults() > 1);
    llvm::SmallVector<Constant *> kernels = writeKernels(entry);
    PUT_NUMBER(writer, Entry, kernel_count, kernels.size());
    PUT_POINTER(writer, Entry, kernels,
                array(kernels, ("kernels_" + name).str()));
    return writer.finish(sizeof(Entry));
  }

  llvm::SmallVector<Constant *> writeKernels(mlir::func::FuncOp entry) {
    llvm::SmallVector<Constant *> kernels;
    for (const KernelCost &cost : costsOfKernels(entry)) {
      StructWriter writer(module);
      using Kernel = sinter_kernel;
      PUT_POINTER(writer, Kernel, name, string(cost.name, "kernel"));
      PUT_POINTER(writer, Kernel, type, string(cost.type, "kernel_type"));
      PUT_NUMBER(writer, Kernel, window, cost.window);
      PUT_POINTER(writer, Kernel, bytes, doubles(cost.bytes));
      PUT_POINTER(writer, Kernel, operations, doubles(cost.operations));
      kernels.push_back(writer.finish(sizeof(Kernel)));
    }
    return kernels;
  }

  Constant *doubles(llvm::ArrayRef<double> values) {
    return llvm::ConstantDataArray::get(module.getContext(), values);
  }

  Constant *writeVariant(unsigned index) {
    const TargetDescription &target = options.targets[index];
    llvm::SmallVector<Constant *> steps;
    for (StringRef name : {"forward", "encode"})
      if (auto entry = program.lookupSymbol<mlir::func::FuncOp>(name))
        steps.push_back(
            module.getFunction(variantName(stepName(entry), index)));
    std::string suffix = index == 0 ? "" : "_" + std::to_string(index);
    StructWriter writer(module);
    using Variant = sinter_variant;
    PUT_POINTER(writer, Variant, cpu, string(target.cpu, "cpu" + suffix));
    PUT_POINTER(writer, Variant, features,
                string(requiredFeatures(target), "features" + suffix));
    PUT_POINTER(writer, Variant, steps, array(steps, "steps" + suffix));
    PUT_POINTER(writer, Variant, device, writeDevice(index));
    return writer.finish(sizeof(Variant));
  }

  /// Variants that launch the same kernels share them.
  Constant *writeDevice(unsigned index) {
    const DeviceProgram *device = &devices[index];
    if (device->kind == 0)
      return null();
    if (index > 0 && device->code == devices[index - 1].code)
      return writtenDevice;
    llvm::SmallVector<Constant *> kernels;
    for (const DeviceKernelRecord &kernel : device->kernels) {
      StructWriter writer(module);
      using Kernel = sinter_device_kernel;
      PUT_POINTER(writer, Kernel, name, string(kernel.name, "device_kernel"));
      PUT_POINTER(writer, Kernel, arguments,
                  string(kernel.arguments, "device_arguments"));
      PUT_POINTER(writer, Kernel, threads,
                  llvm::ConstantDataArray::get(module.getContext(),
                                               llvm::ArrayRef(kernel.threads)));
      PUT_NUMBER(writer, Kernel, local_bytes, kernel.localBytes);
      kernels.push_back(writer.finish(sizeof(Kernel)));
    }
    StructWriter writer(module);
    using Program = sinter_device_program;
    PUT_NUMBER(writer, Program, kind, device->kind);
    PUT_POINTER(writer, Program, architecture,
                string(device->architecture, "device_architecture"));
    PUT_NUMBER(writer, Program, kernel_count, kernels.size());
    PUT_POINTER(writer, Program, kernels, array(kernels, "device_kernels"));
    PUT_NUMBER(writer, Program, code_bytes, device->code.size());
    PUT_POINTER(writer, Program, code, string(device->code, "device_code"));
    PUT_NUMBER(writer, Program, machine_code_bytes, device->machineCode.size());
    PUT_POINTER(writer, Program, machine_code,
                bytes(device->machineCode, "device_machine_code"));
    writtenDevice = global(writer.finish(sizeof(Program)), "device", 8);
    return writtenDevice;
  }

  /// A unit attribute, or a boolean.
  static bool causality(mlir::Attribute attribute) {
    if (auto value = llvm::dyn_cast_or_null<mlir::BoolAttr>(attribute))
      return value.getValue();
    return bool(attribute);
  }

  /// Numbers of a row of the source, and frames that they are of; 0 and 0 where
  /// the source is tokens.
  std::pair<int64_t, int64_t> rowsOfSource() {
    auto encode = program.lookupSymbol<mlir::func::FuncOp>("encode");
    mlir::Value features =
        encode ? findInput(encode, featuresInput) : mlir::Value();
    if (!features)
      return {0, 0};
    auto type = llvm::cast<NamedTensorType>(features.getType());
    int64_t width = 1;
    for (Dimension dim : llvm::drop_begin(type.getShape()))
      width *= dim.getSize();
    return {width, type.getRank() > 2 ? type.getDim(1).getSize() : 1};
  }

  Constant *writeCache(CacheOp cache) {
    auto type = llvm::cast<HistoryType>(cache.getType());
    StringRef name = cache.getSymName();
    StructWriter writer(module);
    using Cache = sinter_cache;
    PUT_POINTER(writer, Cache, name, string(name, ("cache_" + name).str()));
    PUT_NUMBER(writer, Cache, layers, cache.getLayers());
    PUT_NUMBER(writer, Cache, positions,
               number(cache.getOfSource() ? "sinter.source_context"
                                          : "sinter.context"));
    PUT_NUMBER(writer, Cache, row_bytes, type.getRowBytes());
    PUT_NUMBER(writer, Cache, of_source, cache.getOfSource());
    PUT_NUMBER(writer, Cache, persistent, cache.getPersistent());
    return writer.finish(sizeof(Cache));
  }

  llvm::SmallVector<Constant *> writeLabels() {
    llvm::SmallVector<Constant *> labels;
    if (auto names = program->getAttrOfType<mlir::ArrayAttr>("sinter.labels"))
      for (auto name : names.getAsRange<mlir::StringAttr>())
        labels.push_back(string(name.getValue(), "label"));
    return labels;
  }

  /// One number by itself is a probability, where nothing else is said: so
  /// transformers' pipelines take it.
  uint32_t problemOf(size_t labels) {
    return llvm::StringSwitch<uint32_t>(text("sinter.problem"))
        .Case("multi_label_classification", SINTER_PROBLEM_MANY_LABELS)
        .Case("regression", SINTER_PROBLEM_REGRESSION)
        .Case("single_label_classification", SINTER_PROBLEM_ONE_LABEL)
        .Default(labels == 1 ? SINTER_PROBLEM_MANY_LABELS
                             : SINTER_PROBLEM_ONE_LABEL);
  }

  Constant *writeSpecialTokens() {
    auto tokens =
        program->getAttrOfType<mlir::DictionaryAttr>("sinter.special_tokens");
    auto token = [&](StringRef name) -> uint32_t {
      auto value = tokens ? tokens.getAs<mlir::IntegerAttr>(name) : nullptr;
      return value ? value.getInt() : -1;
    };
    auto listOf = [&](StringRef name) {
      llvm::SmallVector<uint32_t> ids;
      if (auto list = tokens ? tokens.getAs<mlir::ArrayAttr>(name) : nullptr)
        for (auto id : list.getAsRange<mlir::IntegerAttr>())
          ids.push_back(id.getInt());
      return ids;
    };
    auto array = [&](llvm::ArrayRef<uint32_t> ids, StringRef name) {
      return ids.empty() ? null()
                         : global(llvm::ConstantDataArray::get(
                                      module.getContext(), ids),
                                  name, 4);
    };
    auto eos = listOf("eos"), prompt = listOf("prompt"),
         language = listOf("languages"), suppress = listOf("suppress"),
         beginSuppress = listOf("begin_suppress");
    StructWriter writer(module);
    using Tokens = sinter_special_tokens;
    PUT_NUMBER(writer, Tokens, bos, token("bos"));
    PUT_NUMBER(writer, Tokens, pad, token("pad"));
    PUT_NUMBER(writer, Tokens, mask, token("mask"));
    PUT_NUMBER(writer, Tokens, decoder_start, token("decoder_start"));
    PUT_NUMBER(writer, Tokens, forced_bos, token("forced_bos"));
    PUT_NUMBER(writer, Tokens, forced_eos, token("forced_eos"));
    PUT_NUMBER(writer, Tokens, eos_count, eos.size());
    PUT_POINTER(writer, Tokens, eos, array(eos, "eos"));
    PUT_NUMBER(writer, Tokens, prompt_count, prompt.size());
    PUT_POINTER(writer, Tokens, prompt, array(prompt, "prompt"));
    PUT_NUMBER(writer, Tokens, language_count, language.size());
    PUT_POINTER(writer, Tokens, language, array(language, "languages"));
    PUT_NUMBER(writer, Tokens, suppress_count, suppress.size());
    PUT_NUMBER(writer, Tokens, begin_suppress_count, beginSuppress.size());
    PUT_POINTER(writer, Tokens, suppress, array(suppress, "suppress"));
    PUT_POINTER(writer, Tokens, begin_suppress,
                array(beginSuppress, "begin_suppress"));
    return writer.finish(sizeof(Tokens));
  }

  mlir::ModuleOp program;
  const CodegenOptions &options;
  llvm::ArrayRef<DeviceProgram> devices;
  Constant *writtenDevice = nullptr;
  llvm::Module &module;
};

} // namespace

llvm::Error sinter::addProgramDescriptor(mlir::ModuleOp program,
                                         const CodegenOptions &options,
                                         llvm::ArrayRef<DeviceProgram> devices,
                                         llvm::Module &module) {
  return DescriptorWriter(program, options, devices, module).write();
}
