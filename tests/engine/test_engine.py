"""Getting the engine: which way is taken, what is said when there is none, and that the one got does its work."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import Engine, cache, engines, find_engine, get_engine, gobuild, progress, release
from engine.choice import Installed, Machine, Refusal, choose
from engine.versions import MINIMUM, PINNED, Version, parse
from tests.support import vault
from tests.support.stack import RunFailed, Stack
from tests.support.waiting import wait_for

GOOD = Installed("/usr/bin/pulumi", Version(3, 300, 0))
OLD = Installed("/usr/bin/pulumi", Version(3, 100, 0))
BARE = Installed("/usr/bin/pulumi", Version(3, 300, 0), ("pulumi-language-python",))
MUTE = Installed("/usr/bin/pulumi", None)


def yes() -> None:
    return None


def no(reason: str) -> Callable[[], str]:
    return lambda: reason


def unasked() -> str | None:
    raise AssertionError("asked for nothing")


@pytest.mark.parametrize(
    ("installed", "cached", "release", "build", "way"),
    [
        (GOOD, True, unasked, unasked, "path"),
        (GOOD, False, unasked, unasked, "path"),
        (None, True, unasked, unasked, "cache"),
        (OLD, True, unasked, unasked, "cache"),
        (BARE, True, unasked, unasked, "cache"),
        (None, False, yes, unasked, "release"),
        (OLD, False, yes, unasked, "release"),
        (MUTE, False, yes, unasked, "release"),
        (None, False, no("offline"), yes, "build"),
        (BARE, False, no("offline"), yes, "build"),
    ],
)
def test_the_first_way_that_works_is_taken(
    installed: Installed | None,
    cached: bool,
    release: Callable[[], str | None],
    build: Callable[[], str | None],
    way: str,
) -> None:
    assert choose(Machine(installed, cached, release, build), "1.25") == way


@pytest.mark.parametrize(
    ("installed", "on_path"),
    [
        (None, "no pulumi"),
        (OLD, f"/usr/bin/pulumi is v3.100.0, older than {MINIMUM}"),
        (BARE, "/usr/bin/pulumi lacks pulumi-language-python"),
        (MUTE, "/usr/bin/pulumi does not say its version"),
    ],
)
def test_with_no_way_left_the_refusal_says_what_to_install(installed: Installed | None, on_path: str) -> None:
    machine = Machine(installed, False, no("get.pulumi.com does not answer"), no("Go is not installed"))
    with pytest.raises(Refusal) as refused:
        choose(machine, "1.25.11")
    assert str(refused.value) == (
        "engine: none here, and no way to get one\n"
        f"  on PATH: {on_path}\n"
        "  official release: get.pulumi.com does not answer\n"
        "  build from the Go module: Go is not installed\n"
        "Install one of these, then run this again:\n"
        f"  the pulumi CLI, {MINIMUM} or later: https://www.pulumi.com/docs/install/\n"
        "  Go 1.25.11 or later: https://go.dev/dl/"
    )


@pytest.mark.parametrize(
    ("go_env", "fault"),
    [
        ("go1.25.11\nlocal\n", None),
        ("go1.30\nlocal\n", None),
        ("go1.25.10\nauto\n", None),  # Go fetches the newer toolchain itself
        ("go1.25.10\nlocal\n", "Go 1.25.10 is older than 1.25.11"),
        ("go1.20\nauto\n", "Go 1.20 is older than 1.25.11"),
        ("", "`go env GOVERSION` answered ''"),
    ],
)
def test_an_old_go_is_told_from_one_that_renews_itself(go_env: str, fault: str | None) -> None:
    assert gobuild.too_old(go_env, "1.25.11") == fault


def test_the_pinned_version_is_the_one_of_the_go_module_and_is_accepted() -> None:
    assert f"github.com/pulumi/pulumi/pkg/v3 {PINNED} " in (gobuild.MODULE / "go.mod").read_text()
    assert parse(gobuild.go_needed()) is not None
    assert PINNED >= MINIMUM


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing: no programs, an empty cache, no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(release, "refusal", no("offline"))
    return tmp_path


@pytest.mark.usefixtures("bare_machine")
def test_nothing_here_and_no_way_to_get_it() -> None:
    with pytest.raises(Refusal, match="make engine"):
        find_engine()
    with pytest.raises(Refusal, match="Go is not installed"):
        get_engine()


def test_the_command_refuses_with_one_message_and_a_code(bare_machine: Path) -> None:
    env = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}  # nobody there
    ran = subprocess.run([sys.executable, "-m", "engine"], env=env, capture_output=True, text=True, timeout=30)
    assert ran.returncode == 1
    assert "official release: get.pulumi.com cannot be reached" in ran.stderr
    assert "build from the Go module: Go is not installed" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""


def test_a_pulumi_on_path_is_used_as_it_is(bare_machine: Path) -> None:
    programs = bare_machine / "bin"
    programs.mkdir()
    for name in ("pulumi", *engines.NEEDED):
        (programs / name).write_text("#!/bin/sh\necho v3.301.2\n")
        (programs / name).chmod(0o755)
    assert get_engine() == Engine(programs, Version(3, 301, 2), "installed")
    (programs / "pulumi-language-python").unlink()
    with pytest.raises(Refusal, match="lacks pulumi-language-python"):
        get_engine()


def test_a_release_that_could_not_be_got_leads_to_the_build(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(folder: Path, say: cache.Say) -> None:
        raise progress.ChildFailed("fetching failed (exit code 1)\n  | curl: no route")

    monkeypatch.setattr(release, "refusal", yes)
    monkeypatch.setattr(release, "install", install)
    with pytest.raises(Refusal, match=r"official release: fetching failed \(exit code 1\)\n"):
        get_engine()
    assert [file.name for file in cache.folder().iterdir()] == ["lock"]


def test_a_folder_changes_wholly_or_not_at_all(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with cache.staged(tmp_path / "it") as new:
            (new / "file").write_text(text)
    with contextlib.suppress(KeyboardInterrupt), cache.staged(tmp_path / "it") as new:
        (new / "file").write_text("third")
        raise KeyboardInterrupt
    assert (tmp_path / "it" / "file").read_text() == "second"


@pytest.mark.usefixtures("bare_machine")
def test_two_at_once_take_turns() -> None:
    said: list[str] = []
    waits = threading.Event()
    entered = threading.Event()

    def other() -> None:
        def say(line: str) -> None:
            said.append(line)
            waits.set()

        with cache.lock(say):
            entered.set()

    with cache.lock(said.append):
        second = threading.Thread(target=other)
        second.start()
        assert waits.wait(10)
        assert not entered.is_set()
    second.join(10)
    assert entered.is_set()
    assert said == ["engine: another run is getting it; waiting"]


def test_a_long_step_shows_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(progress, "EVERY_S", 0.0)
    progress.run(["echo", "go: downloading a.b/c v1"], doing="it", say=said.append, timeout_s=10, describe=str.upper)
    assert said == ["  0:00 it: GO: DOWNLOADING A.B/C V1 (1 so far)"]
    assert gobuild.describe("go: downloading a.b/c v1") == "downloading a.b/c"
    assert gobuild.describe("a.b/c") == "a.b/c"


def test_a_step_that_fails_or_hangs_ends_with_its_last_lines() -> None:
    with pytest.raises(progress.ChildFailed, match=r"it failed \(exit code 3\)\n  \| why"):
        progress.run(["sh", "-c", "echo why; exit 3"], doing="it", say=print, timeout_s=10)
    with pytest.raises(progress.ChildFailed, match=r"it was stopped after 0 s"):
        progress.run(["sleep", "60"], doing="it", say=print, timeout_s=0.1)


def test_runs_take_nothing_from_the_users_account(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "bin", PINNED, "installed")
    user = {"PATH": "/usr/bin", "PULUMI_ACCESS_TOKEN": "t", "PULUMI_CONFIG_PASSPHRASE_FILE": "f", "LANG": "C"}
    env = engine.environment(tmp_path, base=user, python="/usr/bin/python3")
    assert env["PATH"] == f"{tmp_path / 'bin'}:/usr/bin"
    assert env["LANG"] == "C"
    assert env["PULUMI_PYTHON_CMD"] == "/usr/bin/python3"
    assert env["PULUMI_BACKEND_URL"].startswith(f"file://{tmp_path}")
    assert "PULUMI_ACCESS_TOKEN" not in env
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in env


@pytest.mark.engine
def test_a_second_call_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = get_engine()
    for module, name in ((gobuild, "build"), (gobuild, "refusal"), (release, "install"), (release, "refusal")):
        monkeypatch.setattr(module, name, unasked)
    said: list[str] = []
    assert get_engine(said.append) == first == find_engine()
    assert said == []


RESOURCE = """
    import os, sys, time
    import pulumi
    from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

    class Note(ResourceProvider):
        def diff(self, _id, _olds, _news):
            return DiffResult(changes=_olds["text"] != _news["text"])
        def create(self, props):
            return CreateResult("note-1", props)

    class NoteResource(Resource):
        text: pulumi.Output

"""


def program(body: str) -> str:
    return textwrap.dedent(RESOURCE) + textwrap.dedent(body)


@pytest.mark.engine
def test_a_program_goes_up_stays_the_same_and_is_destroyed(tmp_path: Path) -> None:
    stack = Stack(tmp_path, program=program("pulumi.export('text', NoteResource(Note(), 'n', {'text': 'a'}).text)"))
    stack.init()
    assert stack.preview().changes == {"create": 1}
    assert stack.up().changes == {"create": 1}
    assert stack.outputs() == {"text": "a"}
    assert stack.resource("n")["id"] == "note-1"
    assert stack.up().changes == {"same": 1}
    assert stack.preview_json()["changeSummary"] == {"same": 2}
    assert stack.refresh().changes == {"same": 1}
    assert stack.destroy().changes == {"delete": 1}
    assert stack.state().get("resources", []) == []


@pytest.mark.engine
@pytest.mark.parametrize("cut", ["test.json", "test.json.attrs"])
def test_a_state_that_a_kill_left_half_written_is_put_back(tmp_path: Path, cut: str) -> None:
    stack = Stack(tmp_path, program=program("NoteResource(Note(), 'n', {'text': 'a'})"))
    stack.init()
    stack.up()
    (tmp_path / ".pulumi-state" / ".pulumi" / "stacks" / "project" / cut).write_text("")
    assert "failed to load checkpoint" in stack.run("stack", "export", check=False).output
    stack.unlock()
    assert set(stack.up().changes) <= {"create", "same"}
    assert stack.resource("n")["id"] == "note-1"


@pytest.mark.engine
def test_configuration_reaches_the_program_and_secrets_stay_secret(tmp_path: Path) -> None:
    stack = Stack(
        tmp_path,
        program=program("""
            config = pulumi.Config()
            pulumi.export("plain", config.require("plain"))
            pulumi.export("hidden", config.require_secret("hidden"))
            pulumi.export("names", [pulumi.get_project(), pulumi.get_stack(), os.environ["EXTRA"]])
        """),
        env={"EXTRA": "more"},
    )
    stack.init()
    stack.config_set("plain", "p")
    stack.config_set("hidden", "h-i-d-d-e-n", secret=True)
    assert "h-i-d-d-e-n" not in stack.up().output
    assert stack.outputs() == {"plain": "p", "hidden": "h-i-d-d-e-n", "names": ["project", "test", "more"]}


@pytest.mark.engine
@pytest.mark.parametrize(
    ("statement", "shown", "hidden"),
    [
        ("raise pulumi.RunError('not today')", "error: not today", "Traceback"),
        ("raise ValueError('boom')", "ValueError: boom", "non-zero exit code"),
        ("sys.exit(3)", "non-zero exit code: 3", "Traceback"),
    ],
)
def test_a_failing_program_is_a_clean_failure(tmp_path: Path, statement: str, shown: str, hidden: str) -> None:
    stack = Stack(tmp_path, program=program(statement))
    stack.init()
    with pytest.raises(RunFailed) as failed:
        stack.up()
    assert shown in str(failed.value)
    assert hidden not in str(failed.value)


@pytest.mark.engine
def test_a_virtualenv_of_the_project_runs_the_program(tmp_path: Path) -> None:
    # The two agree on the packages; which was used shows in sys.prefix.
    (tmp_path / "Pulumi.yaml").write_text("name: project\nruntime: {name: python, options: {virtualenv: own}}\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "own"], check=True)
    packages = next((tmp_path / "own" / "lib").glob("python*/site-packages"))
    (packages / "all.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    stack = Stack(tmp_path, program=program("pulumi.export('prefix', sys.prefix)"), python="/nowhere/python")
    stack.init()
    stack.up()
    assert stack.outputs() == {"prefix": str(tmp_path / "own")}


@pytest.mark.engine
def test_what_a_test_s_stack_does_without_the_engine_is_what_the_engine_does(tmp_path: Path) -> None:
    text = program("""
        hidden = pulumi.Output.secret("h-i-d-d-e-n")
        pulumi.export("text", NoteResource(Note(), "n", {"text": hidden}).text)
    """)
    ours, theirs = (Stack(tmp_path / name, program=text) for name in ("ours", "theirs"))
    ours.init()
    theirs.run("stack", "init", "test", "--secrets-provider", vault.SECRETS_PROVIDER)
    assert files_of(ours.folder) == files_of(theirs.folder)
    for stack in (ours, theirs):
        stack.up()
        assert stack.exported() == json.loads(stack.run("stack", "export").stdout)
        assert stack.outputs() == {"text": "h-i-d-d-e-n"}
    assert shape(ours.state()) == shape(theirs.state())


def files_of(folder: Path) -> list[str]:
    """What makes a stack: its state and its configuration."""
    files = [*folder.glob("Pulumi.*.yaml"), *folder.glob(".pulumi-state/**/*")]
    return sorted(str(file.relative_to(folder)) for file in files if file.is_file())


def shape(value: object) -> object:
    """The keys all the way down: what they hold has times and random numbers in it."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value)


WAITS = program("""
    open("started", "w").close()
    time.sleep(600)
""")


def processes_in(folder: Path) -> list[str]:
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


@pytest.mark.engine
def test_an_interrupt_ends_a_waiting_program_and_leaves_nothing_behind(tmp_path: Path) -> None:
    stack = Stack(tmp_path, program=WAITS)
    stack.init()
    with stack.start_up() as run:
        wait_for((tmp_path / "started").exists)
        run.interrupt()
        ended = run.wait(check=False)
    assert ended.code != 0
    assert ended.tracebacks == []
    assert processes_in(tmp_path) == []


@pytest.mark.engine
def test_a_killed_run_leaves_no_process_and_the_next_one_works(tmp_path: Path) -> None:
    stack = Stack(tmp_path, program=WAITS)
    stack.init()
    with stack.start_up() as run:
        wait_for((tmp_path / "started").exists)
        assert processes_in(tmp_path)
        run.kill()
    assert processes_in(tmp_path) == []
    stack.write(program("pulumi.export('a', 1)"))
    stack.unlock()
    stack.up()
    assert stack.outputs() == {"a": 1}


@pytest.mark.engine
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_our_language_host_ends_quietly(number: signal.Signals) -> None:
    engine = find_engine()
    if engine.origin != "built from its Go module":
        pytest.skip("the official language host is in use")
    with subprocess.Popen(
        [engine.bin / "pulumi-language-python", "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as host:
        assert host.stdout
        assert host.stderr
        assert host.stdout.readline().strip().isdigit()
        host.send_signal(number)
        assert host.wait(20) == 0
        assert host.stdout.read() + host.stderr.read() == ""
