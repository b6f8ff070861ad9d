"""Gets a real `pulumi` engine on any machine: `python -m engine`, once, then `find_engine()`.

    engine = find_engine()
    subprocess.run(["pulumi", "up", "--yes"], env=engine.environment(folder))

Beside the library, not in its wheel: only the demo and the tests need it.
"""

from engine.choice import Refusal
from engine.engines import Engine, find_engine, get_engine

__all__ = ["Engine", "Refusal", "find_engine", "get_engine"]
