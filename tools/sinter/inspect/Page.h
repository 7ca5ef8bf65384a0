//===- Page.h - The files of page/, kept in the compiler --------*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SINTER_TOOLS_SINTER_INSPECT_PAGE_H
#define SINTER_TOOLS_SINTER_INSPECT_PAGE_H

namespace sinter {

/// The build writes these from page/page.html, page.css and *.js.
const char *pageTemplate();
const char *pageStyle();
const char *pageScript();

} // namespace sinter

#endif // SINTER_TOOLS_SINTER_INSPECT_PAGE_H
