//===- Peer.h - Another program that does the same --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_PEER_H
#define SINTER_TOOLS_BENCH_PEER_H

#include "tools/bench/Workloads.h"
#include <cstdint>
#include <string>

namespace sinter::bench {

/// `command` for a workload: {prompt} and {generate} are the tokens that are
/// read in one call and those that are read one by one, one of them 0; {depth}
/// those that a sequence holds before; {threads}.
std::string peerCommand(const std::string &command, const Workload &workload,
                        int64_t threads);

/// Whether the command names what differs from row to row.
bool isForAnyWorkload(const std::string &command);

/// Tokens a second, of what a peer printed: JSON of llama-bench (the `avg_ts`
/// of its one test), or else the last number; 0 where there is none. Throws
/// where it ran more than one test.
double speedIn(const std::string &output);

/// Runs `command` in a shell. Tokens a second: what it says, or, where it
/// prints no number, `tokens` over the time it took. Throws where it fails.
double runPeer(const std::string &command, int64_t tokens);

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_PEER_H
