//===- DeviceAttention.cpp - Attention on a device -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "codegen/halide/Elementwise.h"
#include "codegen/halide/Mathematics.h"
#include "codegen/halide/device/DeviceRows.h"
#include <limits>

using namespace Halide;

namespace sinter::rows {

namespace {

constexpr float negativeInfinity = -std::numeric_limits<float>::infinity();

/// Positions whose weights a group keeps at once.
constexpr int blockPositions = groupThreads;
/// Threads that look for the largest score.
constexpr int maximumLanes = 64;

/// More rows than any history has.
constexpr int32_t mostRows = std::numeric_limits<int32_t>::max();

/// A history as rows of all sequences: row `sequence * positions + position`.
ImageParam historyBuffer(const std::string &name, Element element,
                         int64_t rowElements) {
  ImageParam image(storageType(element), 2, name);
  image.dim(0).set_bounds(0, int32_t(rowElements));
  image.dim(1).set_bounds(0, mostRows).set_stride(int32_t(rowElements));
  return image;
}

/// Row of a history: the runtime has checked sequences and positions.
Expr rowOf(const Expr &sequence, int64_t positions, const Expr &position) {
  return unsafe_promise_clamped(sequence * int32_t(positions) + position, 0,
                                mostRows - 1);
}

/// Makes the kernel of one attention. A group computes a row of a head: first
/// the largest of its scores, then, a block of positions at a time, the weights
/// (scores are computed again) and what they sum up. Nothing of the past's size
/// is kept.
class AttentionBuilder : public DeviceBuilder {
public:
  AttentionBuilder(const AttentionWork &work)
      : DeviceBuilder(work.scores, 0), work(work),
        query(denseBuffer("query", Float(32),
                          {int32_t(work.keyWidth), int32_t(work.heads),
                           sizeOf(work.tokens)})),
        keys(historyBuffer("keys", work.keys, work.keyHeads * work.keyWidth)),
        values(historyBuffer("values", work.values,
                             work.valueHeads * work.valueWidth)),
        sequence(denseBuffer("sequence", Int(32), {sizeOf(work.tokens)})),
        extent(denseBuffer("extent", Int(32), {sizeOf(work.tokens)})) {}

  DeviceKernel add(KernelWriter &writer, const std::string &name);

private:
  /// Of the token: the positions that it sees are [first(), last()).
  Expr last() { return clamp(extent(token), 0, sizeOf(work.past)); }
  Expr first() {
    return work.window ? max(last() - int32_t(work.window), 0) : Expr(0);
  }
  Expr isSeen(const Expr &position) {
    return position >= first() && position < last();
  }
  /// Where it stands in a history; of positions that are not seen, one that is.
  Expr rowAt(const Expr &position, int64_t positions) {
    return rowOf(sequence(token), positions,
                 max(min(position, last() - 1), first()));
  }

  /// The scores that go into softmax, minus infinity where nothing is seen.
  /// `dot` is given the products of queries and keys, so that both can be
  /// computed where they are looked at.
  Func scores(Func dot);

  const AttentionWork &work;
  ImageParam query, keys, values, sequence, extent;
  Var head{"head"}, token{"token"};
};

Func AttentionBuilder::scores(Func dot) {
  Var position("position");
  RDom d(0, int32_t(work.keyWidth), "d");
  Expr keyHead = head / int32_t(work.heads / work.keyHeads);
  Expr key = keys(keyHead * int32_t(work.keyWidth) + d,
                  rowAt(position, work.keyPositions));
  dot(position, head, token) = 0.0f;
  dot(position, head, token) +=
      query(d, head, token) * fromStorage(key, work.keys);

  int root = peel(work.scores.outputs[0].value);
  keptValues.assign(work.scores.operations.size(), false);
  known.clear();
  computed[0] = [=, this](const Index &) { return dot(position, head, token); };
  Func result("scores");
  result(position, head, token) = share(select(
      isSeen(position), at(root, {head, token, position}), negativeInfinity));
  return result;
}

DeviceKernel AttentionBuilder::add(KernelWriter &writer,
                                   const std::string &name) {
  row = token;
  reader = rootReader;
  Expr past = sizeOf(work.past);
  Var lane("lane"), place("place"), block("block"), e("e");
  int32_t width = work.valueWidth;

  // The largest score.
  RDom r(0, (past + (maximumLanes - 1)) / maximumLanes, "r");
  Func firstDot("first_dot"), most("most"), top("top");
  Func candidate = scores(firstDot);
  most(lane, head, token) = negativeInfinity;
  most(lane, head, token) = larger(
      candidate(r * maximumLanes + lane, head, token), most(lane, head, token));
  std::vector<Expr> largest;
  for (int i = 0; i < maximumLanes; ++i)
    largest.push_back(most(i, head, token));
  while (largest.size() > 1) {
    size_t half = largest.size() / 2;
    for (size_t i = 0; i < half; ++i)
      largest[i] = larger(largest[i], largest[half + i]);
    largest.resize(half);
  }
  top(head, token) = largest[0];
  // Where nothing is seen, minus infinity relative to itself is not 0.
  Expr base =
      select(top(head, token) == negativeInfinity, 0.0f, top(head, token));

  // The weights of a block, and what they sum up; behind the values the total.
  Func secondDot("second_dot"), weights("weights"), part("part"), sums("sums"),
      out("out");
  Func logits = scores(secondDot);
  weights(place, block, head, token) =
      exponential(logits(block * blockPositions + place, head, token) - base);
  RDom within(0, blockPositions, "within");
  Expr valueHead = head / int32_t(work.heads / work.valueHeads);
  Expr value =
      values(valueHead * width + min(e, width - 1),
             rowAt(block * blockPositions + within, work.valuePositions));
  part(e, block, head, token) = 0.0f;
  part(e, block, head, token) +=
      weights(within, block, head, token) *
      select(e < width, fromStorage(value, work.values), 1.0f);
  RDom j(0, (past + (blockPositions - 1)) / blockPositions, "j");
  sums(e, head, token) = 0.0f;
  sums(e, head, token) += part(e, j, head, token);
  Expr total = sums(width, head, token);
  out(e, head, token) =
      select(total == 0.0f, 0.0f, sums(e, head, token) / total);

  Var outer("outer"), inner("inner");
  auto overThreads = [&](Stage stage, std::vector<VarOrRVar> around) {
    stage.split(e, outer, inner, groupThreads, TailStrategy::GuardWithIf);
    std::vector<VarOrRVar> order{outer, inner};
    order.insert(order.end(), around.begin(), around.end());
    stage.reorder(order);
    stage.gpu_threads(inner, DeviceAPI::OpenCL);
  };
  overThreads(out, {head, token});
  out.gpu_blocks(head, token, DeviceAPI::OpenCL);
  sums.compute_at(out, head)
      .store_in(MemoryType::GPUShared)
      .bound(e, 0, width + 1);
  overThreads(sums, {head, token});
  overThreads(sums.update(), {j.x, head, token});
  part.compute_at(sums, outer);
  weights.compute_at(sums, j.x)
      .store_in(MemoryType::GPUShared)
      .bound(place, 0, blockPositions)
      .gpu_threads(place, DeviceAPI::OpenCL);
  logits.compute_at(weights, place);
  secondDot.compute_at(weights, place);
  top.compute_at(out, head).store_in(MemoryType::GPUShared);
  most.compute_at(out, head)
      .store_in(MemoryType::GPUShared)
      .bound(lane, 0, maximumLanes)
      .gpu_threads(lane, DeviceAPI::OpenCL);
  most.update().reorder(r, lane).gpu_threads(lane, DeviceAPI::OpenCL);
  candidate.compute_at(most, r.x);
  firstDot.compute_at(most, r.x);

  int inputs = work.scores.inputs - 1;
  out.output_buffer().dim(0).set_bounds(0, width);
  out.output_buffer()
      .dim(1)
      .set_bounds(0, int32_t(work.heads))
      .set_stride(width);
  out.output_buffer()
      .dim(2)
      .set_bounds(0, sizeOf(work.tokens))
      .set_stride(int32_t(width * work.heads));
  std::vector<Argument> signature{query, keys, values, sequence, extent};
  signature.insert(signature.end(), images.begin(), images.end());
  signature.insert(signature.end(), dimensions.begin(), dimensions.end());
  std::map<std::string, int> buffers{
      {"query", 0}, {"keys", 1}, {"values", 2}, {"sequence", 3}, {"extent", 4}};
  // The region's first input is the scores.
  for (size_t i = 0; i < images.size(); ++i)
    buffers[images[i].name()] = 4 + views[i].buffer;
  return writer.add(out, name, signature, buffers, {5 + inputs},
                    {Groups{work.heads}, groupsOf(work.tokens), Groups()});
}

} // namespace

std::vector<DeviceKernel> addAttention(KernelWriter &writer,
                                       const std::string &name,
                                       const AttentionWork &work) {
  return {AttentionBuilder(work).add(writer, name)};
}

std::vector<DeviceKernel> addAttentionPart(KernelWriter &writer,
                                           const std::string &name,
                                           const AttentionPartWork &work) {
  CallDimensions dimensions;
  Expr tokens = dimensions.of(work.tokens), past = dimensions.of(work.past);
  int32_t heads = work.heads, width = work.width,
          group = heads / work.historyHeads;
  ImageParam left = denseBuffer(
      "left", Float(32), {work.ofValues ? past : Expr(width), tokens, heads});
  ImageParam history =
      historyBuffer("history", work.history, work.historyHeads * work.width);
  ImageParam sequence = denseBuffer("sequence", Int(32), {tokens});
  ImageParam extent = denseBuffer("extent", Int(32), {tokens});
  Var x("x"), token("token"), head("head"), block("block"), thread("thread");
  Func sum("sum"), out("out");
  Expr seen = clamp(extent(token), 0, past);
  auto element = [&](const Expr &position, const Expr &d) {
    return fromStorage(history((head / group) * width + d,
                               rowOf(sequence(token), work.positions,
                                     max(min(position, seen - 1), 0))),
                       work.history);
  };
  RDom r(0, work.ofValues ? past : Expr(width), "r");
  sum(x, token, head) = 0.0f;
  if (work.ofValues)
    sum(x, token, head) +=
        select(r < seen, left(r, token, head) * element(r, x), 0.0f);
  else
    sum(x, token, head) += left(r, token, head) * element(x, r);
  out(x, token, head) = sum(x, token, head);
  out.split(x, block, thread, groupThreads, TailStrategy::GuardWithIf)
      .reorder(thread, block, token, head)
      .gpu_blocks(block, token, head, DeviceAPI::OpenCL)
      .gpu_threads(thread, DeviceAPI::OpenCL);
  sum.compute_at(out, thread);
  Expr size = work.ofValues ? Expr(width) : past;
  out.output_buffer().dim(0).set_bounds(0, size);
  out.output_buffer().dim(1).set_bounds(0, tokens).set_stride(size);
  out.output_buffer().dim(2).set_bounds(0, heads).set_stride(size * tokens);
  std::vector<Argument> signature{left, history, sequence, extent};
  signature.insert(signature.end(), dimensions.parameters.begin(),
                   dimensions.parameters.end());
  Groups blocks = work.ofValues ? Groups{width, -1, groupThreads}
                                : groupsOf(work.past, 1, groupThreads);
  return {
      writer.add(out, name, signature,
                 {{"left", 0}, {"history", 1}, {"sequence", 2}, {"extent", 3}},
                 {4}, {blocks, groupsOf(work.tokens), Groups{heads}})};
}

} // namespace sinter::rows
