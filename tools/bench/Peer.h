//===- Peer.h - Another program that does the same --------------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_BENCH_PEER_H
#define SINTER_TOOLS_BENCH_PEER_H

#include <cstdint>
#include <string>

namespace sinter::bench {

/// Runs `command` in a shell. Tokens a second: the last number that it prints,
/// or, where it prints none, `tokens` over the time it took. Throws where it
/// fails.
double runPeer(const std::string &command, int64_t tokens);

} // namespace sinter::bench

#endif // SINTER_TOOLS_BENCH_PEER_H
