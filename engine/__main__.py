"""`python -m engine`: get the engine, say in one line which it is and where."""

import signal
import sys
from types import FrameType

from engine.choice import Refusal
from engine.engines import get_engine


def interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    # A cancelled CI job ends us by SIGTERM: the compilers under us must go too.
    signal.signal(signal.SIGTERM, interrupted)
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
