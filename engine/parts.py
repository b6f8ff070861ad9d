"""What the engine needs beside `pulumi` to run Python programs, where the official release is not there to bring it."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from engine import progress
from engine.cache import Say, staged

HOST = Path(__file__).with_name("host.py")

LAUNCHER = """\
#!/bin/sh
# Starts the stand-in language host. Its own Python is in ../python; the others are for when that one has gone.
here=$(cd "$(dirname "$0")" && pwd)
for python in "$here/../python/bin/python" "${PULUMI_PYTHON_CMD:-python3}" python3; do
  # -I: neither the program's folder nor PYTHONPATH may change what the host imports.
  if command -v "$python" >/dev/null 2>&1; then exec "$python" -I -u "$here/host.py" "$@"; fi
done
echo "pulumi-language-python: no Python to run with; run 'python -m engine' again" >&2
exit 1
"""

# In the SDK's module: file -> name on PATH.
SCRIPTS = {
    "python/cmd/pulumi-language-python-exec": "pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python": "pulumi-resource-pulumi-python",
}
STUBS = ("language_pb2", "language_pb2_grpc", "plugin_pb2", "plugin_pb2_grpc", "codegen/hcl_pb2")

REQUIREMENTS = ("grpcio>=1.68,<2", "protobuf>=4,<7")  # what the generated stubs run with


def digest() -> str:
    """Changes with our own files, so that clones with different ones do not share a folder of parts."""
    return hashlib.sha256(HOST.read_bytes() + LAUNCHER.encode()).hexdigest()[:8]


def make_python(target: Path, say: Say) -> None:
    """A small virtual environment for the host: it must outlive the clone that made it."""
    with staged(target) as new:
        progress.run([sys.executable, "-m", "venv", new], doing="making the host's Python", say=say, timeout_s=120)
        progress.run(
            [new / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS],
            doing="installing grpcio for the language host",
            say=say,
            timeout_s=300,
        )


def fill(folder: Path, pulumi: Path, sdk: Path) -> None:
    """Put `pulumi` and all it needs into a folder for PATH."""
    # A hard link: `pulumi` looks for its parts beside the file it really is.
    try:
        os.link(pulumi, folder / "pulumi")
    except OSError:
        shutil.copy2(pulumi, folder / "pulumi")
    for source, name in SCRIPTS.items():
        shutil.copyfile(sdk / source, folder / name)
        (folder / name).chmod(0o755)
    (folder / "pulumi-language-python").write_text(LAUNCHER)
    (folder / "pulumi-language-python").chmod(0o755)
    shutil.copyfile(HOST, folder / "host.py")
    for stub in STUBS:
        copy = (folder / "proto" / stub).with_suffix(".py")
        copy.parent.mkdir(parents=True, exist_ok=True)
        # Not the SDK's __init__ files: they would import the whole SDK.
        shutil.copyfile((sdk / "python/lib/pulumi/runtime/proto" / stub).with_suffix(".py"), copy)
