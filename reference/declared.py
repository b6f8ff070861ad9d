"""Inputs and outputs, as tables for docs/reference.md and as lists for docstrings."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence

from pulumi.dynamic import Resource

from statuspage_provider.inputs import Input, Inputs, declarations
from statuspage_provider.properties import Model
from statuspage_provider.state import Output

WIDTH = 120


def declared_outputs(state: type[Model]) -> dict[str, Output]:
    """What each output declares of itself: the id, then those that are recorded, in the order of declaration."""
    found: dict[str, Output] = {"id": vars(state)["id"]}
    for name, field in state.model_fields.items():
        found |= {beside.name or name: beside for beside in field.metadata if isinstance(beside, Output)}
    return found


def arguments(of: Callable[..., object]) -> dict[str, str]:
    """The keyword arguments in the order of the constructor, each with its default as the docs write it."""
    taken = inspect.signature(of).parameters.values()
    return {one.name: _default(one.default) for one in taken if one.kind is one.KEYWORD_ONLY and one.name != "opts"}


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "required"
    return "none" if value is None else f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


# tables


def inputs_table(resource: type[Resource], inputs: type[Inputs], object_: str) -> str:
    declared = declarations(inputs)
    rows = [
        (f"`{name}`", each.type, default, each.meaning, each.effect.value.format(object=object_), each.rule)
        for name, default in arguments(resource).items()
        for each in [declared[name]]
    ]
    return table(("input", "type", "default", "meaning", "a change", "rule and source"), rows)


def entries_table(head: str, inputs: type[Inputs]) -> str:
    rows = [(f"`{name}`", each.type, each.meaning, each.rule) for name, each in declarations(inputs).items()]
    return table((head, "type", "meaning", "rule and source"), rows)


def outputs_table(state: type[Model]) -> str:
    rows = [(f"`{name}`", each.type, each.meaning) for name, each in declared_outputs(state).items()]
    return table(("output", "type", "meaning"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, *rows]
    written = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines]
    return "\n".join([written[0], "|" + "---|" * len(head), *written[1:], ""])


# docstrings


def docstring_lists(
    resource: type[Resource],
    inputs: type[Inputs],
    state: type[Model],
    object_: str,
    entries: Mapping[str, type[Inputs]],
) -> str:
    """The inputs, the entries of those that are lists of maps, and the outputs."""
    declared = declarations(inputs)
    lines = [""]
    for name, default in arguments(resource).items():
        given = {"none": "optional", "required": "required"}.get(default) or f"default {default[1:-1]}"
        change = f"A change {declared[name].effect.value.format(object=object_)}"
        lines += _bullet(name, f"{declared[name].type}, {given}", _sentences(declared[name]), change)
        if name in entries:
            for part, each in declarations(entries[name]).items():
                lines += _bullet(part, each.type, _sentences(each), depth=1)
    lines += ["", "    Outputs (every input is one too):", ""]
    for name, output in declared_outputs(state).items():
        lines += _bullet(name, output.type, _plain(output.meaning))
    return "\n".join([*lines, ""])


def _sentences(declared: Input) -> str:
    return " ".join(_ended(said) for said in (_plain(declared.meaning), _without_sources(declared.rule)) if said)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", '."')) else f"{sentence}."


def _plain(markdown: str) -> str:
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown)


def _without_sources(rule: str) -> str:
    """A rule as a sentence. Where it comes from stands in the reference alone."""
    plain = re.sub(r" \((?:reference|SDK|ours|its document)\)", "", f" {_plain(rule)}")
    plain = re.sub(r"\((?:reference|SDK|ours): ", "(", plain).strip()
    return "" if plain == "ours" else plain[:1].upper() + plain[1:]


def _bullet(name: str, kind: str, *said: str, depth: int = 0) -> list[str]:
    indent = "    " + "  " * depth
    return textwrap.wrap(
        f"`{name}` ({kind}): {' '.join(_ended(sentence) for sentence in said)}",
        WIDTH,
        initial_indent=f"{indent}- ",
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
