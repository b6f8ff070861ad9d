"""What is asked for without the extra that it needs, in a process where the extra's packages cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The packages of every extra, with what they bring.
EXTRAS = ("flask", "werkzeug", "jinja2", "markdown_it", "icalendar", "pulumi_policy")
HIDDEN = f"import sys; sys.modules.update(dict.fromkeys({EXTRAS}))\n"

COMMAND = "from statuspage_provider.__main__ import main; sys.exit(main({}))"
PLAN = json.dumps({"steps": [], "changeSummary": {}})

EMULATOR = "the emulator needs more packages: pip install 'statuspage-provider[emulator]'"
CALENDAR = "--calendar needs one more package: pip install 'statuspage-provider[summary]'"
POLICIES = "policies need one more package: pip install 'statuspage-provider[policy]'"


def ran(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "plan.json").write_text(PLAN)
    return subprocess.run(
        [sys.executable, "-c", f"{HIDDEN}sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["emulator", "--port", "0"], EMULATOR),
        (["summary", "plan.json", "--calendar", "windows.ics"], CALENDAR),
    ],
    ids=["emulator", "calendar"],
)
def test_a_command_names_the_extra_that_it_needs_in_one_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    done = ran(tmp_path, COMMAND.format(arguments))
    assert (done.returncode, done.stderr) == (2, f"statuspage: {line}\n")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("from statuspage_provider.emulator import Emulator", f"ModuleNotFoundError: {EMULATOR}"),
        (
            "from statuspage_provider.summary.policy import policy_pack; policy_pack({'longest_window': '4h'})",
            f"Refused: {POLICIES}",
        ),
    ],
    ids=["emulator", "policy"],
)
def test_code_that_uses_an_extra_is_told_its_name(tmp_path: Path, code: str, line: str) -> None:
    last = ran(tmp_path, code).stderr.splitlines()[-1]
    assert last.endswith(line)


def test_everything_else_works_without_any_extra(tmp_path: Path) -> None:
    code = (
        "import statuspage_provider, statuspage_provider.testing\n"
        "from statuspage_provider.__main__ import main\n"
        "forms = 'markdown', 'terminal', 'html', 'json'\n"
        "sys.exit(any([main(['summary', 'plan.json', '--format', form]) for form in forms]))"
    )
    done = ran(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")
