"""Every call, and every answer that no service gives: how many, the slowest, and the most memory that one takes.

    python -m benchmarks.hostile

The server stands in this process, the client in others: one for each answer that is large, one for all the rest. Second
tries are left out, and a slow answer has a tenth of a second: what is measured is the client's own work, in seconds of
a processor.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import NamedTuple

from tests.support.hostile import ANSWERS, Server, fault, shortened
from tests.support.service_calls import CALLS


class Took(NamedTuple):
    """What one call took with one answer. `mib` is the most that its process had until then."""

    seconds: float
    mib: float
    answer: str
    call: str
    fault: str | None


def _mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def client(url: str) -> None:
    """Makes every call, once for each answer whose name is read. The server knows by then which it is to give."""
    print(json.dumps(_mib()), flush=True)
    for line in sys.stdin:
        name = json.loads(line)
        took = []
        with shortened(ANSWERS[name]):
            for call_name, call in CALLS.items():
                begun = time.process_time()
                wrong = fault(url, call)
                took.append(Took(time.process_time() - begun, _mib(), name, call_name, wrong))
        print(json.dumps(took), flush=True)


def campaign() -> tuple[float, list[Took]]:
    """What a client has before it asks anything, in MiB, and what each call then took."""
    found: list[Took] = []
    names = [[name] for name, hostile in ANSWERS.items() if hostile.large]
    names.append([name for name, hostile in ANSWERS.items() if not hostile.large])
    with Server().running() as server:
        for batch in names:
            command = [sys.executable, "-m", "benchmarks.hostile", server.url]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
                assert child.stdin is not None
                assert child.stdout is not None
                before: float = json.loads(child.stdout.readline())
                for name in batch:
                    server.hostile = ANSWERS[name]
                    print(json.dumps(name), file=child.stdin, flush=True)
                    took = [Took(*one) for one in json.loads(child.stdout.readline())]
                    print(f"{max(took).seconds:6.2f} s  {name}", file=sys.stderr, flush=True)
                    found += took
                child.stdin.close()
    return before, found


def hostile() -> str:
    """The figures, as Markdown."""
    before, found = campaign()
    slowest, largest = max(found), max(found, key=lambda took: took.mib)
    faults = [f"- {took.answer}: {took.call}: {took.fault}" for took in found if took.fault]
    return "\n".join(
        [
            f"{len(ANSWERS)} answers that no service gives, each with {len(CALLS)} calls: "
            f"{len(faults)} of {len(found)} end otherwise than with a result or one line.",
            f"The slowest takes {slowest.seconds:.1f} s of a processor ({slowest.call}: {slowest.answer}).",
            f"The largest takes {largest.mib - before:.0f} MiB, beside {before:.0f} MiB of the process itself "
            f"({largest.call}: {largest.answer}).",
            *faults,
        ]
    )


if __name__ == "__main__":
    client(*sys.argv[1:]) if sys.argv[1:] else print(hostile())
