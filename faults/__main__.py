"""`make faults`: the campaign, from the command line."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine import Refusal, find_engine
from faults.campaign import Rehearsal
from faults.judge import Verdict
from faults.schedule import schedule


def judged(seed: int, *, told: bool) -> tuple[int, Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        rehearsal = Rehearsal(schedule(seed), Path(folder))
        try:
            verdict = rehearsal.judged()
        except Exception as error:
            verdict = Verdict(faults=[f"the schedule could not be judged: {type(error).__name__}: {error}"])
        if told:
            print("\n".join([str(rehearsal.schedule), *rehearsal.log]))
        return seed, verdict


def _counted(seen: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in seen.items())


def main() -> int:
    asked = argparse.ArgumentParser(prog="faults", description="Schedules of faults on the real engine.")
    asked.add_argument("--first", type=int, default=0, metavar="SEED", help="the first seed (0)")
    asked.add_argument("--count", type=int, default=50, help="how many schedules (50)")
    asked.add_argument("--workers", type=int, default=2, help="how many at once (2)")
    asked.add_argument("--minutes", type=float, default=60, help="begin none after this time (60)")
    args = asked.parse_args()
    try:
        print(f"on {find_engine()}", flush=True)
    except Refusal as refusal:
        print(refusal)
        return 2
    end = time.monotonic() + args.minutes * 60
    seen: Counter[str] = Counter()

    def one(seed: int) -> tuple[int, Verdict] | None:
        return judged(seed, told=args.count == 1) if time.monotonic() < end else None

    with ThreadPoolExecutor(args.workers) as workers:
        for answer in workers.map(one, range(args.first, args.first + args.count)):
            if answer is None:
                continue
            seed, verdict = answer
            seen["schedules"] += 1
            seen["at fault"] += bool(verdict.faults)
            seen["held back with a line"] += bool(verdict.held)
            for line in verdict.faults:
                print(f"seed {seed}: {line}", flush=True)
            for line in verdict.held:
                print(f"seed {seed} is held back: {line}", flush=True)
            if seen["schedules"] % 50 == 0:
                print(f"as far as seed {seed}: {_counted(seen)}", flush=True)
    print(_counted(seen))
    return 1 if seen["at fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
