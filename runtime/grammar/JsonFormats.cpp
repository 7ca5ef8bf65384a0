//===- JsonFormats.cpp - What `format` of a JSON schema names -*- C++ -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/grammar/JsonFormats.h"

using namespace sinter::runtime;

std::string grammar::patternOfFormat(std::string_view name) {
  // Years that four divides, but of full centuries those that 400 does.
  const std::string four = "(0[48]|[2468][048]|[13579][26])";
  const std::string leap = "([0-9]{2}" + four + "|" + "(00|" + four + ")00)";
  const std::string date =
      "([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|"
      "(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|" +
      leap + "-02-29)";
  const std::string hour = "([01][0-9]|2[0-3])", sixty = "[0-5][0-9]";
  const std::string time = hour + ":" + sixty + ":" + sixty +
                           "(\\.[0-9]{1,9})?(Z|[+\\-]" + hour + ":" + sixty +
                           ")";
  if (name == "date")
    return date;
  if (name == "time")
    return time;
  if (name == "date-time")
    return date + "T" + time;
  if (name == "uuid")
    return "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
  if (name == "ipv4") {
    const std::string byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    return byte + "(\\." + byte + "){3}";
  }
  return "";
}
