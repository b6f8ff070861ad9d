"""`python -m engine`: get the engine, say in one line which it is and where."""

import sys

from engine.choice import Refusal
from engine.engines import get_engine


def main() -> int:
    try:
        engine = get_engine(say=lambda line: print(line, flush=True))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("engine: interrupted; run it again to go on", file=sys.stderr)
        return 130
    print(f"engine: {engine}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
