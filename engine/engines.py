"""Finds the engine of this machine, or gets it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import cache, gobuild, parts, progress, release, trial
from engine.cache import Say
from engine.choice import Installed, Machine, Refusal, choose
from engine.versions import PINNED, Version, parse

NEEDED = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")


@dataclass(frozen=True)
class Engine:
    """A real `pulumi` that runs Python programs with dynamic resources."""

    bin: Path
    """The folder to put first on PATH."""
    version: Version
    origin: str
    """Where it came from: "installed", "official release", "built from its Go module"."""

    def __str__(self) -> str:
        return f"pulumi {self.version}, {self.origin} ({self.bin})"

    @property
    def pulumi(self) -> str:
        """The program itself."""
        return str(self.bin / "pulumi")

    def environment(
        self,
        folder: str | os.PathLike[str],
        *,
        python: str | os.PathLike[str] = sys.executable,
        base: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """The environment for runs with no account and no network: state and settings are kept under `folder`.

        `python` runs programs whose Pulumi.yaml names no virtualenv. `PULUMI_*` variables of the caller are left
        out, so that nobody's account or passphrase takes part.
        """
        here = Path(folder).resolve()
        state, home = here / ".pulumi-state", here / ".pulumi-home"
        state.mkdir(parents=True, exist_ok=True)
        home.mkdir(exist_ok=True)
        inherited = os.environ if base is None else base
        return {
            **{name: value for name, value in inherited.items() if not name.startswith("PULUMI_")},
            "PATH": os.pathsep.join([str(self.bin), inherited.get("PATH", os.defpath)]),
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_HOME": str(home),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            "PULUMI_PYTHON_CMD": os.fspath(python),
        }


def find_engine() -> Engine:
    """The engine this machine has, quickly: nothing is fetched, built or tried. Refusal if there is none."""
    found = _installed()
    if found and not found.fault():
        return _on_path(found)
    if kept := _kept():
        return kept
    raise Refusal("engine: none on this machine yet; `make engine` gets one")


def get_engine(say: Say = lambda line: None) -> Engine:
    """The engine this machine has, else one made now: see the package's docstring. Refusal if there is no way."""
    try:
        return find_engine()
    except Refusal:
        pass
    with cache.lock(say):
        return _get(say)


def _get(say: Say) -> Engine:
    no_release = release.refusal
    while True:
        way = choose(
            Machine(
                installed=_installed(), cached=_kept() is not None, no_release=no_release, no_build=gobuild.refusal
            ),
            gobuild.go_needed(),
        )
        if way in ("path", "cache"):  # another run got it while this one waited for the lock
            return find_engine()
        try:
            return _released(say) if way == "release" else _built(say)
        except (progress.ChildFailed, trial.TrialFailed, OSError) as error:
            if way == "build":
                raise Refusal(f"engine: {error}") from None
            say(f"engine: the official release was not got: {error}")
            no_release = _answer(str(error).splitlines()[0])


def _answer(reason: str) -> Callable[[], str]:
    return lambda: reason


def _released(say: Say) -> Engine:
    # Tried before it gets its name: what has the name works.
    with cache.staged(cache.folder() / "release") as new:
        release.install(new, say)
        _stamp(new, _checked(Engine(new / "bin", PINNED, "official release"), say))
    return find_engine()


def _built(say: Say) -> Engine:
    home = cache.folder()
    if not (home / "built" / "pulumi").exists():
        with cache.staged(home / "built") as new:
            gobuild.build(new / "pulumi", say)
    say("engine: adding its Python parts")
    with cache.staged(_built_bin()) as new:
        parts.fill(new, home / "built" / "pulumi", say)
        _stamp(new, _checked(Engine(new, PINNED, "built from its Go module"), say))
    return find_engine()


def _checked(engine: Engine, say: Say) -> Engine:
    say(f"engine: trying pulumi {engine.version}")
    said = _version(engine.pulumi)
    if said != engine.version:
        raise trial.TrialFailed(f"{engine.pulumi} says it is {said}, not {engine.version}")
    trial.try_out(engine)
    return engine


def _stamp(folder: Path, engine: Engine) -> None:
    (folder / "engine.json").write_text(json.dumps({"version": str(engine.version), "origin": engine.origin}) + "\n")


def _built_bin() -> Path:
    return cache.folder() / f"bin-{parts.digest()}"


def _kept() -> Engine | None:
    """The one got before; only what has passed its trial carries a stamp."""
    home = cache.folder()
    if (home / "release" / "engine.json").exists():
        return Engine(home / "release" / "bin", PINNED, "official release")
    if (_built_bin() / "engine.json").exists():
        return Engine(_built_bin(), PINNED, "built from its Go module")
    return None


def _installed() -> Installed | None:
    """The `pulumi` on PATH, leaving out the one we keep."""
    ours = str(cache.folder().parent)
    path = os.pathsep.join(part for part in os.environ.get("PATH", "").split(os.pathsep) if not part.startswith(ours))
    file = shutil.which("pulumi", path=path)
    if file is None:
        return None
    missing = tuple(name for name in NEEDED if shutil.which(name, path=path) is None)
    return Installed(file, _version(file), missing)


def _on_path(found: Installed) -> Engine:
    assert found.version is not None
    return Engine(Path(found.file).parent, found.version, "installed")


def _version(file: str) -> Version | None:
    quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"}
    try:
        asked = subprocess.run([file, "version"], capture_output=True, text=True, timeout=20, env=quiet)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse(asked.stdout) if asked.returncode == 0 else None
