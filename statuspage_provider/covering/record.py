"""What a window covers, kept in state beside the window: what is new, and was refused or failed, is nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import pulumi

from .hook_names import record_name

Hook = pulumi.ResourceHook | Callable[[pulumi.ResourceHookArgs], Awaitable[None] | None]


class Record(list[Hook]):
    """The hooks after an update of the window itself, and one more that does nothing: its name lists what is covered.

    The SDK asks for the hooks when it registers the window, which is once the program has declared what follows it.
    """

    def __init__(self, window: str, given: list[Hook]) -> None:
        super().__init__(given)
        self._window = window
        self.covered: list[str] = []
        """The names of the resources, in the order in which the program made them."""

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Hook]:
        yield from super().__iter__()
        if self.covered:
            yield pulumi.ResourceHook(record_name(self._window, self.covered), _nothing)


def recording(opts: pulumi.ResourceOptions | None, window: str) -> tuple[pulumi.ResourceOptions, Record]:
    """The options of a window, with a record of what it will cover."""
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding()))
    assert kept.hooks is not None
    record = Record(window, list(kept.hooks.after_update or []))
    kept.hooks.after_update = record
    return kept, record


async def _nothing(_: pulumi.ResourceHookArgs) -> None:
    return
