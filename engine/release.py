"""The official release, through the SDK's own installer. Each step is a child process with a bound: offline, a name
look-up may hang where no timeout of ours reaches."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from engine import progress
from engine.cache import Say
from engine.versions import PINNED

PROBE_S = 4.0
INSTALL_S = 600.0

_PROBE = """
import sys, urllib.request
try:
    urllib.request.urlopen("https://get.pulumi.com/install.sh", timeout=3).close()
except OSError as error:
    sys.exit(str(getattr(error, "reason", error)))
"""

_INSTALL = """
import sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


def refusal() -> str | None:
    """Why it cannot be fetched here, or None."""
    if importlib.util.find_spec("pulumi") is None:
        return "the pulumi SDK, whose installer is used, is not in this Python: run `make setup`"
    try:
        probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=PROBE_S)
    except subprocess.TimeoutExpired:
        return "get.pulumi.com does not answer"
    if probe.returncode:
        reason = probe.stderr.strip().splitlines() or ["unknown"]
        return f"get.pulumi.com cannot be reached ({reason[-1]})"
    return None


def install(folder: Path, say: Say) -> None:
    """Put the release's programs into `folder/bin`."""
    progress.run(
        [sys.executable, "-c", _INSTALL, folder, str(PINNED).removeprefix("v")],
        doing=f"fetching the official pulumi {PINNED}",
        say=say,
        timeout_s=INSTALL_S,
    )
