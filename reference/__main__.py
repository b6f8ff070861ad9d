"""`python -m reference`: write what is generated. With `--check`, say in one line which files are stale, and fail."""

import sys
from pathlib import Path

from reference import written
from reference.parts import PARTS


def main(arguments: list[str]) -> int:
    stale = {path: text for path, text in written.anew(PARTS).items() if _before(path) != text}
    names = ", ".join(str(path.relative_to(written.ROOT)) for path in stale)
    if arguments == ["--check"] and stale:
        print(f"docs: {names} {'is' if len(stale) == 1 else 'are'} stale: run `make docs`")
        return 1
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    print(f"docs: wrote {names}" if stale else "docs: up to date")
    return 0


def _before(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
