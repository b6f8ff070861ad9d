"""Drives a stack on the real engine, in a folder of its own, with no account and no network."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from engine import Engine, find_engine
from tests.support import vault

TIMEOUT_S = 120.0
STACK_TYPE = "pulumi:pulumi:Stack"


class RunFailed(AssertionError):
    """A run that was to succeed did not. The text is what the user saw."""


@dataclass(frozen=True)
class Result:
    """What one `pulumi` command did and said."""

    command: str
    code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]] = field(default_factory=list, repr=False)
    """The engine's own event log, of `up`, `preview`, `refresh` and `destroy`."""

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    @property
    def changes(self) -> dict[str, int]:
        """What was done to how many resources, the stack itself left out: `{"create": 2, "same": 1}`."""
        counts: dict[str, int] = {}
        for event in self.events:
            if "summaryEvent" in event:
                counts = dict(event["summaryEvent"].get("resourceChanges") or {})
        for operation, urn in self.operations:
            # The stack comes and goes with the rest: nobody declares it. A refresh counts it as the same.
            if urn.split("::")[2] == STACK_TYPE:
                counted = operation if operation in counts else "same"
                counts[counted] = counts.get(counted, 1) - 1
        return {operation: count for operation, count in counts.items() if count}

    @property
    def operations(self) -> list[tuple[str, str]]:
        """Each step as (operation, URN), in the order they began."""
        found = [event["resourcePreEvent"]["metadata"] for event in self.events if "resourcePreEvent" in event]
        return [(step["op"], step["urn"]) for step in found]

    @property
    def diagnostics(self) -> list[tuple[str, str]]:
        """Each message shown as (severity, text), without colours."""
        found = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        shown = [one for one in found if one["severity"] != "debug"]
        return [(one["severity"], re.sub(r"<\{%.*?%\}>", "", one["message"])) for one in shown]

    @property
    def errors(self) -> list[str]:
        return [text for severity, text in self.diagnostics if severity == "error"]

    @property
    def tracebacks(self) -> list[str]:
        """Python's tracebacks that a user was shown, but for those that are Pulumi's own.

        When a resource fails, and at Ctrl-C, Pulumi interrupts the program, whatever is in it, and Python shows where
        the program stood. It may be killed before it has shown all of that.
        """
        shown: dict[tuple[str, str], str] = {}
        for event in self.events:
            if (one := event.get("diagnosticEvent")) and one["severity"] != "debug":
                source = one.get("urn", ""), one["severity"]
                shown[source] = shown.get(source, "") + re.sub(r"<\{%.*?%\}>", "", one["message"]) + "\n"
        return [
            trace
            for text in shown.values()
            for trace in re.findall(_TRACEBACK, text, re.MULTILINE)
            if not _is_pulumi_s_own(trace, interrupted="KeyboardInterrupt" in text)
        ]

    def __str__(self) -> str:
        return f"`pulumi {self.command}` ended with {self.code}\n{self.output}"


class Stack:
    """One stack of one project.

        stack = Stack(tmp_path, program=\"\"\"
            import pulumi
            pulumi.export("answer", 42)
        \"\"\")
        stack.init()
        assert stack.up().changes == {}
        assert stack.outputs() == {"answer": 42}

    `folder` is a project (Pulumi.yaml and __main__.py), or becomes one by `program`. State, settings and logs are kept
    in it: copy a project of the repository first. `env` holds extra variables, None removes one; it may be changed
    between runs. `python` runs the program where Pulumi.yaml names no virtualenv. With `passphrase` the stack's key is
    made of one, as that of most users: each command then takes longer.
    """

    def __init__(
        self,
        folder: Path,
        *,
        program: str | None = None,
        name: str = "test",
        env: Mapping[str, str | None] | None = None,
        python: str = sys.executable,
        engine: Engine | None = None,
        passphrase: bool = False,
    ) -> None:
        self.folder = folder
        self.name = name
        self.env: dict[str, str | None] = dict(env or {})
        self.engine = engine or find_engine()
        self._python = python
        self._passphrase = passphrase
        folder.mkdir(parents=True, exist_ok=True)
        if program is not None:
            self.write(program)

    def write(self, program: str) -> None:
        """Make this the program; Pulumi.yaml is added if there is none."""
        (self.folder / "__main__.py").write_text(textwrap.dedent(program))
        if not (self.folder / "Pulumi.yaml").exists():
            (self.folder / "Pulumi.yaml").write_text("name: project\nruntime: python\n")

    def init(self) -> None:
        """Make the stack: a copy of the one that `pulumi stack init` made for the first who asked."""
        new = self._new()
        (self.folder / f"Pulumi.{self.name}.yaml").write_bytes(new.config)
        for file, content in new.backend.items():
            (self._backend / file).parent.mkdir(parents=True, exist_ok=True)
            (self._backend / file).write_bytes(content)

    def up(self, *args: str, check: bool = True) -> Result:
        return self._operate("up", "--yes", "--skip-preview", *args, check=check)

    def preview(self, *args: str, check: bool = True) -> Result:
        return self._operate("preview", *args, check=check)

    def preview_json(self, *args: str, check: bool = True) -> dict[str, Any]:
        """The parsed answer of `preview --json`: `steps`, `changeSummary`, `diagnostics`."""
        answer: dict[str, Any] = json.loads(self.run("preview", "--json", *args, check=check).stdout)
        return answer

    def refresh(self, *args: str, check: bool = True) -> Result:
        return self._operate("refresh", "--yes", "--skip-preview", *args, check=check)

    def destroy(self, *args: str, check: bool = True) -> Result:
        return self._operate("destroy", "--yes", "--skip-preview", *args, check=check)

    def unlock(self) -> None:
        """After a run was killed its lock stays, as it does for a user.

        If the kill came in the middle of the engine's own write of its state, that is half a file, or none. The
        engine keeps those before, and the last is put back, as the engine's documents tell a user to do. A file of
        attributes stands beside it, which need not be there, and must not be there in half.
        """
        state = self._backend / self._state
        attributes = state.with_suffix(".json.attrs")
        if not _is_whole(attributes):
            attributes.unlink(missing_ok=True)
        if not _is_whole(state):
            backups = self._backend / ".pulumi" / "backups" / self._project / self.name
            older = sorted(backups.glob("*.json"), key=lambda file: file.stat().st_mtime)
            before = [state.with_suffix(".json.bak"), *reversed(older)]
            kept = [file.read_bytes() for file in before if _is_whole(file)]
            state.write_bytes([*kept, self._new().backend[self._state]][0])
        self.run("cancel", "--yes", self.name)

    def config_set(self, key: str, value: str, *, secret: bool = False) -> None:
        # The value goes in by stdin: command lines are seen by all.
        self.run("config", "set", key, *(["--secret"] if secret else ["--plaintext"]), stdin=value)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; secret ones too."""
        answer: dict[str, Any] = json.loads(self.run("stack", "output", "--json", "--show-secrets").stdout)
        return answer

    def plain_outputs(self) -> dict[str, Any]:
        """The stack's outputs as its state has them: where none is secret."""
        (stack,) = (one for one in self.state()["resources"] if one["type"] == STACK_TYPE)
        return dict(stack["outputs"])

    def state(self) -> dict[str, Any]:
        """The deployment of `stack export`: `resources`, `pending_operations`. Read where the engine keeps it."""
        answer: dict[str, Any] = json.loads((self._backend / self._state).read_text())["checkpoint"]["latest"]
        return answer

    def exported(self) -> dict[str, Any]:
        """What `stack export` prints."""
        return {"version": 3, "deployment": self.state()}

    def resource(self, name: str) -> dict[str, Any]:
        """The state of the one resource with this name."""
        found = [one for one in self.state().get("resources", []) if one["urn"].endswith(f"::{name}")]
        assert len(found) == 1, f"{len(found)} resources are named {name}"
        return dict(found[0])

    def urn(self, name: str) -> str:
        return str(self.resource(name)["urn"])

    def start_up(self, *args: str) -> Running:
        """Begin an `up` and let it run: to be killed, interrupted, or waited for."""
        return self.start("up", "--yes", "--skip-preview", *args)

    def run(self, *args: str, check: bool = True, stdin: str | None = None) -> Result:
        """Any `pulumi` command. Only those that log events know their `changes`: see the methods above."""
        return self.start(*args, stdin=stdin, events=False).wait(check=check)

    def environment(self) -> dict[str, str]:
        given = self.engine.environment(self.folder, python=self._python)
        keys = {} if self._passphrase else vault.environment()
        # Without Go's collector: no run lives long enough to need one.
        merged = {**given, **keys, "GOGC": "off", **self.env}
        return {name: value for name, value in merged.items() if value is not None}

    def _new(self) -> _New:
        return _new_stack(self.engine, self._project, self.name, self._passphrase)

    @property
    def _project(self) -> str:
        named = re.search(r"^name: (\S+)$", (self.folder / "Pulumi.yaml").read_text(), re.MULTILINE)
        assert named, "Pulumi.yaml names no project"
        return named[1]

    @property
    def _backend(self) -> Path:
        return Path(self.environment()["PULUMI_BACKEND_URL"].removeprefix("file://"))

    @property
    def _state(self) -> Path:
        """The file in the backend that holds the state."""
        return Path(".pulumi", "stacks", self._project, f"{self.name}.json")

    def _command(self, args: tuple[str, ...]) -> list[str]:
        named = args[:2] == ("stack", "init") or args[0] == "cancel"  # these take the stack as an argument
        stack = () if named else ("--stack", self.name)
        return [self.engine.pulumi, *args, *stack, "--non-interactive", "--color", "never"]

    def _operate(self, *args: str, check: bool) -> Result:
        return self.start(*args).wait(check=check)

    def start(self, *args: str, stdin: str | None = None, events: bool = True) -> Running:
        """Begin any `pulumi` command and let it run."""
        logs = self.folder / ".pulumi-runs"
        logs.mkdir(exist_ok=True)
        return Running(
            self._command(args),
            self.folder,
            self.environment(),
            Path(tempfile.mkdtemp(prefix=f"{args[0]}-", dir=logs)),
            stdin=stdin,
            events=events,
        )


@dataclass(frozen=True)
class _New:
    """A stack that nobody has used yet."""

    config: bytes
    backend: dict[Path, bytes]
    """Its files there, by their path in it."""


@cache
def _new_stack(engine: Engine, project: str, name: str, passphrase: bool) -> _New:
    """Made by the engine, once for all: this takes it half a second, and each test begins with it."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), name=name, engine=engine, passphrase=passphrase)
        (stack.folder / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")
        stack.run("stack", "init", name, "--secrets-provider", "passphrase" if passphrase else vault.SECRETS_PROVIDER)
        files = [file for file in stack._backend.rglob("*") if file.is_file()]
        return _New(
            (stack.folder / f"Pulumi.{name}.yaml").read_bytes(),
            {file.relative_to(stack._backend): file.read_bytes() for file in files},
        )


class Running:
    """A `pulumi` command under way; as a context manager it is killed at the end of the block if it still runs."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        env: dict[str, str],
        logs: Path,
        *,
        stdin: str | None = None,
        events: bool = True,
    ) -> None:
        self.command = " ".join(command[1:4])
        self._logs = logs
        # The event log is a flag for those who debug the engine.
        log = ["--event-log", str(logs / "events")] if events else []
        # Files, not pipes: nothing then waits for a reader, whoever is killed.
        with (
            tempfile.TemporaryFile() as given,
            (logs / "stdout").open("wb") as stdout,
            (logs / "stderr").open("wb") as stderr,
        ):
            given.write((stdin or "").encode())
            given.seek(0)
            self.popen = subprocess.Popen(
                [*command, *log],
                cwd=folder,
                env={**env, "PULUMI_DEBUG_COMMANDS": "1"},
                stdin=given,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.popen.poll() is None:
            self.kill()

    def wait(self, *, check: bool = True) -> Result:
        """Let it end by itself."""
        try:
            code = self.popen.wait(TIMEOUT_S)
        except BaseException as error:
            self.kill()
            if isinstance(error, subprocess.TimeoutExpired):
                raise RunFailed(f"`pulumi {self.command}` did not end\n{self._result(-1)}") from None
            raise
        result = self._result(code)
        if check and code:
            raise RunFailed(str(result))
        return result

    def interrupt(self) -> None:
        """One Ctrl-C."""
        self.popen.send_signal(signal.SIGINT)

    def output(self) -> str:
        """What it has said until now."""
        return self._read("stdout") + self._read("stderr")

    def programs(self) -> list[int]:
        """The processes that run the Python program."""
        return self._that_run("python-exec --")

    def plugins(self) -> list[int]:
        """The processes in which the providers are."""
        return self._that_run("pulumi.dynamic")

    def processes(self) -> dict[int, str]:
        """All processes under this one, with their commands: the engine gives each plugin a group of its own, so a
        group is not enough.
        """
        every = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
        listed = subprocess.run(every, capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 2) for line in listed.splitlines()]
        found: dict[int, str] = {}
        frontier = {self.popen.pid}
        while frontier:
            below = {int(pid): " ".join(command) for pid, parent, *command in lines if int(parent) in frontier}
            found |= below
            frontier = set(below)
        return found

    def kill(self) -> Result:
        """Lose the machine: the engine, the provider and the program end at once, saving nothing."""
        # Stopped first, so that no new child appears between looking and killing.
        with contextlib.suppress(ProcessLookupError):
            self.popen.send_signal(signal.SIGSTOP)
        for pid in [*self.processes(), self.popen.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return self._result(self.popen.wait(TIMEOUT_S))

    def _that_run(self, what: str) -> list[int]:
        return [pid for pid, command in self.processes().items() if what in command and not command.startswith("sh")]

    def _result(self, code: int) -> Result:
        stdout, stderr, log = (self._read(name) for name in ("stdout", "stderr", "events"))
        # The last line of a killed run may be half an event.
        events = [json.loads(line) for line in log.splitlines(keepends=True) if line.endswith("\n")]
        return Result(self.command, code, stdout, stderr, events)

    def _read(self, name: str) -> str:
        file = self._logs / name
        return file.read_text() if file.exists() else ""


# The first line, those of the frames, and the error's own where there is one. Python may warn in the midst of them.
_TRACEBACK = r"Traceback \(most recent call last\):\n(?:[ ].*\n|\n|\S+:\d+: \w*Warning: .*\n)*(?:\S.*)?"


def _is_pulumi_s_own(traceback: str, *, interrupted: bool) -> bool:
    last = traceback.strip().splitlines()[-1]
    # Where even Python's stderr has gone it prints the addresses of what it could not show.
    cut_off = last.startswith((" ", "Traceback", "object address"))
    ours = "statuspage_provider" in traceback
    return last.startswith("KeyboardInterrupt") or (not ours and (cut_off or interrupted))


def _is_whole(state: Path) -> bool:
    try:
        json.loads(state.read_text())
    except (FileNotFoundError, ValueError):
        return False
    return True
