"""What the engine was asked to do, which it does not tell a program.

A resource that `--target` left out comes back to the program like one that is unchanged, and so does everything in
`pulumi refresh --run-program`. Only the command line tells them from a whole `pulumi up`, so it is looked for: among
the ancestors of a program that the CLI runs, and among the children of an Automation API program.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

Kind = Literal["whole", "partial", "other", "unknown"]


@dataclass(frozen=True)
class Invocation:
    """Whether a run updates the whole stack, part of it, or is no update. `by` is the option or command that tells.

    `goes_on` is whether it does what it can after a failure (`--continue-on-error`).
    """

    kind: Kind
    by: str = ""
    goes_on: bool = False


WHOLE = Invocation("whole")


UNKNOWN = Invocation("unknown")


@dataclass(frozen=True)
class Process:
    """One process of this machine: its parent's id and its command line."""

    parent: int
    argv: tuple[str, ...]


EXECUTOR = "pulumi-language-python-exec"
"""The script that a program runs in where the CLI started it."""


UPDATES = ("up", "update")


OTHERS = ("preview", "pre", "refresh", "destroy", "down", "dn", "import")


# Each leaves resources out. The engine takes `--replace` for a targeted update too.
PARTIAL = ("target", "target-replace", "target-dependents", "replace", "exclude", "exclude-dependents")


# Those that take the next word as their value. A word that looks like an option is taken for one all the same: at worst
# a run looks partial, and nothing is posted.
VALUED = {
    *("cwd", "color", "tracing", "otel-traces", "profiling", "memprofilerate", "verbose", "tracing-header"),
    *("stack", "config-file", "config", "secrets-provider", "client", "message", "policy-pack", "policy-pack-config"),
    *("output", "parallel", "plan", "exec-kind", "exec-agent", "event-log", "target", "target-replace"),
    *("replace", "exclude"),
}


LETTERS = {"C": "cwd", "v": "verbose", "s": "stack", "c": "config", "m": "message", "p": "parallel", "t": "target"}


def read(argv: Sequence[str], environment: Mapping[str, str]) -> Invocation:
    """What a `pulumi` command line asks for. The environment may hold its options too, as PULUMI_OPTION_TARGET."""
    command, goes_on = None, _is_set("continue-on-error", environment)
    for kind, word in _words(argv[1:]):
        if kind == "option" and word in PARTIAL:
            return Invocation("partial", f"--{word}")
        goes_on = goes_on or (kind == "option" and word == "continue-on-error")
        if kind == "word" and command is None:
            command = word
    if command in OTHERS:
        return Invocation("other", f"pulumi {command}")
    if command not in UPDATES:
        return UNKNOWN
    for option in PARTIAL:
        if _is_set(option, environment):
            return Invocation("partial", _variable(option))
    return Invocation("whole", goes_on=goes_on)


def _is_set(option: str, environment: Mapping[str, str]) -> bool:
    return environment.get(_variable(option), "").lower() not in ("", "0", "false")


def _variable(option: str) -> str:
    return f"PULUMI_OPTION_{option.upper().replace('-', '_')}"


def _words(argv: Sequence[str]) -> Iterator[tuple[Literal["option", "word"], str]]:
    """The options, by their long names, and the other words, with the values of options left out."""
    is_value = False
    for argument in argv:
        if argument == "--":
            return
        if argument.startswith("--"):
            name, equals, _ = argument[2:].partition("=")
            yield "option", name
            is_value = name in VALUED and not equals
        elif argument.startswith("-"):
            is_value = False
            for index, letter in enumerate(argument[1:], start=2):
                name = LETTERS.get(letter, letter)
                yield "option", name
                if name in VALUED:
                    # The rest of a cluster is the value, or the next word is.
                    is_value = index == len(argument)
                    break
        elif is_value:
            is_value = False
        else:
            yield "word", argument


def find(
    processes: Mapping[int, Process], me: int, stack: str, environment: Mapping[str, str] = os.environ
) -> Invocation:
    """What the run that the process `me` takes part in was asked to do."""
    if me not in processes:
        return UNKNOWN
    if any(PurePath(word).name == EXECUTOR for word in processes[me].argv):
        cli = next((argv for argv in _ancestors(processes, me) if _is_cli(argv)), None)
        return UNKNOWN if cli is None else read(cli, environment)
    # An Automation API program runs in the process that started the CLI, and several stacks may be under way in it.
    inline = [
        process.argv
        for pid, process in processes.items()
        if _is_cli(process.argv) and _serves(process.argv, stack) and me in _line(processes, pid)
    ]
    asked = {read(argv, environment) for argv in inline}
    if len(asked) == 1:
        return asked.pop()
    # Which of several it is cannot be told, so the most careful answer is given.
    return next((one for one in sorted(asked, key=lambda one: one.by) if one.kind in ("partial", "other")), UNKNOWN)


def _is_cli(argv: Sequence[str]) -> bool:
    return bool(argv) and PurePath(argv[0]).name in ("pulumi", "pulumi.exe")


def _serves(argv: Sequence[str], stack: str) -> bool:
    """Whether a CLI runs an inline program for the stack of that name, which may be given with its organisation."""
    if not any(word == "--client" or word.startswith("--client=") for word in argv):
        return False
    pairs = zip(argv, [*argv[1:], ""], strict=True)
    named = [
        after if word in ("--stack", "-s") else word[8:] for word, after in pairs if word.startswith(("--stack", "-s"))
    ]
    return any(name.rpartition("/")[2] == stack for name in named)


def _line(processes: Mapping[int, Process], pid: int) -> list[int]:
    """The ids of a process's ancestors, nearest first."""
    line: list[int] = []
    while pid in processes and (pid := processes[pid].parent) not in line:
        line.append(pid)
    return line


def _ancestors(processes: Mapping[int, Process], pid: int) -> Iterator[tuple[str, ...]]:
    for ancestor in _line(processes, pid):
        if ancestor in processes:
            yield processes[ancestor].argv


def look(stack: str) -> Invocation:
    """What this run was asked to do; unknown where the processes of this machine cannot be read."""
    try:
        return find(_processes(), os.getpid(), stack)
    except (OSError, ValueError, subprocess.SubprocessError):
        return UNKNOWN


def _processes() -> dict[int, Process]:
    if sys.platform.startswith("linux"):
        return dict(_of_proc(Path("/proc")))
    if sys.platform == "win32":
        return {}
    # A blank within an argument cannot be told from one between two: at worst a run looks partial.
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    found = [line.split() for line in listed.splitlines()]
    return {int(words[0]): Process(int(words[1]), tuple(words[2:])) for words in found if len(words) > 2}


def _of_proc(root: Path) -> Iterator[tuple[int, Process]]:
    for folder in root.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = (folder / "stat").read_text(errors="replace")
            argv = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        except OSError:
            # It has ended since, or is not ours to read.
            continue
        # The name, which stands in brackets, may hold anything.
        yield int(folder.name), Process(int(status.rpartition(")")[2].split()[1]), tuple(argv))
