"""What a run was asked to do, told from command lines as the CLI reads them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from statuspage_provider.covering import invocation
from statuspage_provider.covering.invocation import UNKNOWN, WHOLE, Invocation, Process, find, read


@pytest.mark.parametrize(
    ("line", "kind", "by"),
    [
        ("pulumi up", "whole", ""),
        ("/usr/bin/pulumi up --yes --skip-preview --stack test --non-interactive --color never", "whole", ""),
        ("pulumi -C folder --non-interactive update -y", "whole", ""),
        ("pulumi --cwd=folder up -yf -s test", "whole", ""),
        ("pulumi up -p 4 -c key=value --refresh --run-program", "whole", ""),
        ("pulumi up --message target -y", "whole", ""),
        # What may be a value is taken for an option: at worst nothing is posted.
        ("pulumi up --message --target -y", "partial", "--target"),
        ("pulumi up --attach-debugger --target urn", "partial", "--target"),
        ("pulumi up -mtarget", "whole", ""),
        ("pulumi up -- --target", "whole", ""),
        ("pulumi up -t urn", "partial", "--target"),
        ("pulumi up -yt urn", "partial", "--target"),
        ("pulumi up -yfturn", "partial", "--target"),
        ("pulumi up --target=urn", "partial", "--target"),
        ("pulumi --target urn up", "partial", "--target"),
        ("pulumi up --target-replace urn", "partial", "--target-replace"),
        ("pulumi up --target-dependents", "partial", "--target-dependents"),
        ("pulumi up --replace urn", "partial", "--replace"),
        ("pulumi up --exclude urn", "partial", "--exclude"),
        ("pulumi up --exclude-dependents", "partial", "--exclude-dependents"),
        ("pulumi refresh --run-program", "other", "pulumi refresh"),
        ("pulumi destroy --run-program", "other", "pulumi destroy"),
        ("pulumi dn", "other", "pulumi dn"),
        ("pulumi pre", "other", "pulumi pre"),
        ("pulumi watch", "unknown", ""),
        ("pulumi", "unknown", ""),
    ],
)
def test_a_command_line_tells_whether_the_whole_stack_is_updated(line: str, kind: str, by: str) -> None:
    asked = read(line.split(), {})
    assert (asked.kind, asked.by) == (kind, by)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("PULUMI_OPTION_TARGET", "urn", "partial"),
        ("PULUMI_OPTION_TARGET_DEPENDENTS", "true", "partial"),
        ("PULUMI_OPTION_TARGET_DEPENDENTS", "false", "whole"),
        ("PULUMI_OPTION_EXCLUDE", "urn", "partial"),
        ("PULUMI_OPTION_TARGET", "", "whole"),
        ("PULUMI_OPTION_REFRESH", "true", "whole"),
    ],
)
def test_options_of_the_environment_count_as_those_of_the_command_line(name: str, value: str, kind: str) -> None:
    assert read(["pulumi", "up"], {name: value}).kind == kind


PROGRAM = Process(30, ("python", "-u", "/opt/pulumi-language-python-exec", "--stack", "test", "."))
BY_THE_CLI = {
    1: Process(0, ("init",)),
    10: Process(1, ("pulumi", "env", "run", "prod", "--", "pulumi", "up", "-t", "urn")),
    20: Process(10, ("pulumi", "up", "--yes")),
    25: Process(20, ("/opt/python", "-I", "-u", "/opt/host.py", "127.0.0.1:1")),
    30: Process(25, ("sh", "-c", "exec", "sh")),
    40: PROGRAM,
}


def test_a_program_that_the_cli_runs_finds_it_above_itself() -> None:
    assert find(BY_THE_CLI, 40, "test", {}) == WHOLE
    targeted = {**BY_THE_CLI, 20: Process(10, ("pulumi", "up", "--exclude", "urn"))}
    assert find(targeted, 40, "test", {}) == Invocation("partial", "--exclude")


def inline(*options: str, stack: str = "test", client: bool = True) -> Process:
    given = ("--client=127.0.0.1:1", "--exec-kind", "auto.inline") if client else ()
    return Process(40, ("pulumi", "up", "--yes", *options, *given, "--stack", stack, "--non-interactive"))


@pytest.mark.parametrize(
    ("children", "asked"),
    [
        ([inline()], WHOLE),
        ([inline("--target", "urn")], Invocation("partial", "--target")),
        ([inline(stack="org/project/test"), inline("--target", "urn", stack="other")], WHOLE),
        ([inline(), inline("--target", "urn")], Invocation("partial", "--target")),
        ([inline(client=False)], UNKNOWN),
        ([], UNKNOWN),
    ],
    ids=["whole", "targeted", "another stack beside it", "which one is not known", "not for us", "none"],
)
def test_an_inline_program_finds_the_cli_below_itself(children: list[Process], asked: Invocation) -> None:
    above = {10: Process(1, ("pulumi", "env", "run", "prod")), 40: Process(10, ("python", "deploy.py"))}
    below = {100 + number: child for number, child in enumerate(children)}
    assert find({**above, **below}, 40, "test", {}) == asked


def test_where_no_command_line_is_found_nothing_is_known() -> None:
    assert find({}, 40, "test", {}) == UNKNOWN
    assert find({40: Process(1, PROGRAM.argv)}, 40, "test", {}) == UNKNOWN
    assert invocation.look("test") == UNKNOWN


@pytest.mark.skipif(sys.platform == "win32", reason="there is no list of processes to read")
def test_this_process_and_its_child_are_found_on_this_machine() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()", "a b", "-t"], stdin=subprocess.PIPE) as child:
        found = invocation._processes()
        child.communicate(b"\n")
    assert found[child.pid].parent == os.getpid()
    assert found[child.pid].argv[-1] == "-t"
