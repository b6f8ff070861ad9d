"""What the wheel and the source archive hold and tell, built here from a copy of what git has."""

from __future__ import annotations

import email
import re
import shutil
import subprocess
import tarfile
import zipfile
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest

from tests.support.markdown import Page, bare

archives = pytest.importorskip("hatchling.builders.sdist", reason="hatchling, of the group `dev`, is not installed")
wheels = pytest.importorskip("hatchling.builders.wheel")

ROOT = Path(__file__).parents[2]
PACKAGE = "statuspage_provider"

NOT_IN_THE_ARCHIVE = {".ci/run"}

# What lies about in a checkout in use.
LITTER = [
    ".demo/state/.pulumi/stacks/demo.json",
    ".mypy_cache/CACHEDIR.TAG",
    "Pulumi.demo.yaml",
    "examples/deploy-window/Pulumi.prod.yaml",
    "examples/next-slot/orders.sqlite",
    "notes.txt",
    "plan.json",
    f"{PACKAGE}/__pycache__/clock.cpython-311.pyc",
    "tests/unit/__pycache__/test_main.cpython-311.pyc",
]


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    """The files that git has."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a checkout of git: nothing says which files there should be")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = listed.stdout.split("\0")
    return {name for name in names if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def checkout(tracked: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("checkout")
    for name in tracked:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    (copy / ".git").mkdir()  # where hatchling stops to look for a `.gitignore`
    for name in LITTER:
        assert name not in tracked
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("encryptionsalt: v1:secret\n")
    return copy


def built_wheel(source: Path, folder: Path) -> dict[str, bytes]:
    (path,) = wheels.WheelBuilder(str(source)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return built_wheel(checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def metadata(wheel: dict[str, bytes]) -> Message:
    (text,) = (content for name, content in wheel.items() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(text)


@pytest.fixture(scope="module")
def unpacked(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive's one folder."""
    folder = tmp_path_factory.mktemp("sdist")
    (path,) = archives.SdistBuilder(str(checkout)).build(directory=str(folder), versions=["standard"])
    # Before 3.10.12 and 3.11.4 there is no such filter, as in the Python of Debian 12; later ones warn without it.
    safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(path) as archive:
        archive.extractall(folder / "unpacked", **safely)
    (only,) = (folder / "unpacked").iterdir()
    return only


def test_the_wheel_is_the_package_and_what_tells_of_it(wheel: dict[str, bytes], tracked: set[str]) -> None:
    package = {name for name in tracked if name.startswith(f"{PACKAGE}/")}
    about = {name for name in wheel if name.split("/")[0].endswith(".dist-info")}
    assert set(wheel) - about == package
    assert {name.split("/", 1)[1] for name in about} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }


def test_the_package_has_code_its_mark_of_types_and_the_templates_of_the_emulator(wheel: dict[str, bytes]) -> None:
    package = [PurePosixPath(name) for name in wheel if name.startswith(f"{PACKAGE}/")]
    other = {path for path in package if path.suffix != ".py"}
    templates = {path for path in other if path.parts[1] == "emulator" and path.parent.name == "templates"}
    assert {path.suffix for path in templates} == {".html", ".css"}
    assert other - templates == {PurePosixPath(PACKAGE, "py.typed")}


def test_the_source_archive_is_what_git_has_and_nothing_that_lies_about(unpacked: Path, tracked: set[str]) -> None:
    held = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert held == (tracked - NOT_IN_THE_ARCHIVE) | {"PKG-INFO"}


def test_the_source_archive_makes_the_same_wheel(unpacked: Path, wheel: dict[str, bytes], tmp_path: Path) -> None:
    assert built_wheel(unpacked, tmp_path) == wheel


def test_metadata_is_no_newer_than_what_it_tells(metadata: Message, unpacked: Path) -> None:
    told = email.message_from_bytes((unpacked / "PKG-INFO").read_bytes())
    assert metadata["Metadata-Version"] == told["Metadata-Version"] == "2.4"
    assert metadata["License-Expression"] == "Apache-2.0"


def test_the_changelog_begins_with_this_version(metadata: Message) -> None:
    newest = re.findall(r"^## \[(.+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[0]
    assert newest == metadata["Version"]


def test_the_pythons_that_are_named_begin_with_the_lowest(metadata: Message) -> None:
    named = re.findall(r":: (3\.\d+)$", "\n".join(metadata.get_all("Classifier", [])), re.MULTILINE)
    assert metadata["Requires-Python"] == f">={named[0]}"
    assert named == [f"3.{minor}" for minor in range(10, 10 + len(named))]


def test_each_extra_is_named_where_the_package_is_installed(metadata: Message) -> None:
    assert {bare(row[0]) for row in Page("README.md").table("Install")} == set(metadata.get_all("Provides-Extra", []))
