"""Checks the generated dialect reference: a summary and an example for every operation, type and attribute."""

import re
import sys


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    sections = re.split(r"^### (?=`sinter\.|[A-Z])", text, flags=re.M)[1:]
    operations = [section for section in sections if section.startswith("`sinter.")]
    problems = []
    for section in sections:
        name = section.splitlines()[0]
        summary = re.search(r"^_(.+)_$", section, flags=re.M)
        if section.startswith("`sinter.") and not summary:
            problems.append(f"{name}: no summary")
        if section.startswith("`sinter.") and "Example" not in section:
            problems.append(f"{name}: no example")
    if len(operations) < 40:
        problems.append(f"only {len(operations)} operations are described")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
