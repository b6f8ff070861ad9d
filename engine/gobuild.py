"""Builds `pulumi` from its Go module, and the host for Python beside it, where the official release cannot be had."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from engine import progress
from engine.cache import Say
from engine.versions import PINNED, parse

MODULE = Path(__file__).parent / "module"
HOST = MODULE / "host"
BUILD_S = 3600.0
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"


def go_needed() -> str:
    """The Go version that go.mod asks for."""
    found = re.search(r"^go (\S+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert found, "go.mod names no Go version"
    return found[1]


def refusal() -> str | None:
    """Why it cannot be built here, or None."""
    if shutil.which("go") is None:
        return "Go is not installed"
    asked = subprocess.run(["go", "env", "GOVERSION", "GOTOOLCHAIN"], cwd="/", capture_output=True, text=True)
    return too_old(asked.stdout, go_needed())


def too_old(go_env: str, needed: str) -> str | None:
    """Judges the answer of `go env GOVERSION GOTOOLCHAIN`. Since 1.21 Go fetches a newer toolchain by itself, unless
    it is told to stay with the local one."""
    version, _, toolchain = go_env.strip().partition("\n")
    have, want = parse(version), parse(needed)
    if have is None or want is None:
        return f"`go env GOVERSION` answered {version!r}"
    if have >= want or (have >= (1, 21, 0) and toolchain.strip() in ("auto", "")):
        return None
    return f"Go {version.removeprefix('go')} is older than {needed}"


def build(file: Path, say: Say) -> None:
    """Build `pulumi` as `file`. Go keeps what it has compiled, so an interrupted build goes on where it was."""
    say(f"engine: building pulumi {PINNED} from its Go module; the first time this takes some minutes")
    _build(_COMMAND, file, f"-X {_SDK}/go/common/version.Version={PINNED}", doing=f"building pulumi {PINNED}", say=say)


def build_host(file: Path, say: Say) -> None:
    """Build the stand-in for `pulumi-language-python` as `file`. What it is made of was compiled for `pulumi`."""
    _build(f"./{HOST.name}", file, doing="building its Python host", say=say)


def _build(package: str, file: Path, *link: str, doing: str, say: Say) -> None:
    work = file.parent / "module"
    shutil.copytree(MODULE, work)  # Go never gets to write into the repository
    progress.run(
        ["go", "build", "-v", "-mod=readonly", "-ldflags", " ".join(("-s", "-w", *link)), "-o", file, package],
        doing=doing,
        say=say,
        timeout_s=BUILD_S,
        describe=describe,
        cwd=work,
        env=_environment(),
    )
    shutil.rmtree(work)


def describe(line: str) -> str:
    """`go build -v` prints a line for each module it downloads and for each package it has compiled."""
    if line.startswith("go: downloading "):
        return "downloading " + line.split()[2]
    return line


def sdk_source() -> Path:
    """The unpacked SDK module: the Python parts the engine needs lie in it."""
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch, "module")
        shutil.copytree(MODULE, work)
        return Path(_go(work, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", _SDK))


def _go(work: Path, *arguments: str) -> str:
    done = subprocess.run(["go", *arguments], cwd=work, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise progress.ChildFailed(f"`go {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    # A workspace file in some parent folder must not change what is built.
    return {**os.environ, "GOWORK": "off"}
