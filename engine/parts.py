"""What the engine needs beside `pulumi` to run Python programs, where the official release is not there to bring it."""

import hashlib
import os
import shutil
from pathlib import Path

from engine import gobuild
from engine.cache import Say

# In the SDK's module: file -> name on PATH.
SCRIPTS = {
    "python/cmd/pulumi-language-python-exec": "pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python": "pulumi-resource-pulumi-python",
}


def digest() -> str:
    """Changes with our own files, so that clones with different ones do not share a folder of parts."""
    files = sorted(gobuild.HOST.iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def fill(folder: Path, pulumi: Path, say: Say) -> None:
    """Put `pulumi` and all it needs into a folder for PATH."""
    # A hard link: `pulumi` looks for its parts beside the file it really is.
    try:
        os.link(pulumi, folder / "pulumi")
    except OSError:
        shutil.copy2(pulumi, folder / "pulumi")
    sdk = gobuild.sdk_source()
    for source, name in SCRIPTS.items():
        shutil.copyfile(sdk / source, folder / name)
        (folder / name).chmod(0o755)
    gobuild.build_host(folder / "pulumi-language-python", say)
