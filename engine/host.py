"""A small stand-in for `pulumi-language-python`, used only where the official one cannot be had.

The engine starts it to run Python programs. It is copied beside `pulumi` and runs there on its own: it imports
nothing of this repository, only grpc and the SDK's generated stubs copied next to it. Left out against the official
host: poetry, debugging, code generation, `pulumi install`, plugins that are packages, and the stack's settings for
policy packs.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import grpc  # type: ignore[import-untyped,unused-ignore]  # noqa: E402
from google.protobuf import empty_pb2  # type: ignore[import-untyped,unused-ignore]  # noqa: E402

if TYPE_CHECKING:
    from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
else:
    from proto import language_pb2, language_pb2_grpc, plugin_pb2

VERSION = "0.1.0"
BAILED = 32  # the program's exit code for: I failed, and have told the user why
GRACE_S = 5.0  # how long a program that was interrupted may take to end


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The service the engine calls. What is not here answers "unimplemented", which the engine understands."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._running: set[subprocess.Popen[bytes]] = set()
        self._plugins: set[subprocess.Popen[bytes]] = set()

    def Handshake(self, request: language_pb2.LanguageHandshakeRequest, _: Any) -> Any:
        self.engine = request.engine_address or self.engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, _request: Any, _: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetRequiredPackages(self, _request: Any, _: Any) -> Any:
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, _request: Any, _: Any) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> Any:
        python = _python(request.info, context)
        asked = subprocess.run([python, "--version"], capture_output=True, text=True)
        return language_pb2.AboutResponse(executable=python, version=asked.stdout.removeprefix("Python ").strip())

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> Any:
        listing = "import importlib.metadata as m; [print(d.name, d.version) for d in m.distributions()]"
        asked = subprocess.run([_python(request.info, context), "-c", listing], capture_output=True, text=True)
        found = sorted({tuple(line.split(" ", 1)) for line in asked.stdout.splitlines() if " " in line})
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=version) for name, version in found]
        )

    def Cancel(self, _request: Any, _: Any) -> Any:
        threading.Thread(target=self.stop, daemon=True).start()
        return empty_pb2.Empty()

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> Any:
        python = _python(request.info, context)
        # In our process group, as with the official host: what interrupts us interrupts the program too, and Python
        # shows that as a traceback.
        program = subprocess.Popen(
            [python, "-u", *self._arguments(request)], env=_environment(request, python), stdin=subprocess.DEVNULL
        )
        self._running.add(program)
        code = program.wait()
        self._running.discard(program)
        if code == 0:
            return language_pb2.RunResponse()
        if code == BAILED:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")

    def _arguments(self, request: language_pb2.RunRequest) -> list[str]:
        options = {
            "monitor": request.monitor_address,
            "engine": self.engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        given = [part for name, value in options.items() if value for part in (f"--{name}", value)]
        return [str(HERE / "pulumi-language-python-exec"), *given, request.info.entry_point or ".", *request.args]

    def stop(self) -> None:
        """Interrupt the programs, and kill those that do not heed it."""
        programs = list(self._running)
        for program in programs:
            program.send_signal(signal.SIGINT)
        until = time.monotonic() + GRACE_S
        for program in programs:
            try:
                program.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                program.kill()

    def end(self) -> None:
        """Leave nothing behind."""
        for plugin in self._plugins:
            plugin.kill()
        self.stop()

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack, or another plugin that is a folder with a program. It tells its port on its output."""
        folder, python = request.info.program_directory, _python(request.info, context)
        # A pack takes its folder last, and runs in it.
        is_pack = request.kind == "analyzer"
        command = ["-u", "-m", "pulumi.policy", *request.args, folder] if is_pack else [folder, *request.args]
        program = subprocess.Popen(
            [python, *command],
            cwd=folder if is_pack else request.pwd,
            env={**_of_python(python), **dict(given.split("=", 1) for given in request.env)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._plugins.add(program)
        context.add_callback(program.kill)
        said: queue.Queue[language_pb2.RunPluginResponse | None] = queue.Queue()

        def pass_on(pipe: IO[bytes], name: str) -> None:
            while part := pipe.read1(65536):  # type: ignore[attr-defined]
                said.put(language_pb2.RunPluginResponse(**{name: part}))
            said.put(None)

        for pipe, name in ((program.stdout, "stdout"), (program.stderr, "stderr")):
            threading.Thread(target=pass_on, args=(pipe, name), daemon=True).start()
        for _ in range(2):
            yield from iter(said.get, None)
        yield language_pb2.RunPluginResponse(exitcode=program.wait())


def _python(info: language_pb2.ProgramInfo, context: grpc.ServicerContext) -> str:
    """The Python the program runs with, chosen as the official host does."""
    options = dict(info.options)
    toolchain = str(options.get("toolchain") or "pip").lower()
    if toolchain not in ("pip", "uv"):
        _refuse(context, f"the stand-in language host does not know the toolchain {toolchain!r}")
    virtualenv = options.get("virtualenv") or (".venv" if toolchain == "uv" else None)
    if virtualenv:
        python = Path(info.root_directory, str(virtualenv), "bin", "python")
        if not python.exists():
            _refuse(context, f"the 'virtualenv' of Pulumi.yaml has no Python: {python}")
        return str(python)
    for name in (os.environ.get("PULUMI_PYTHON_CMD"), "python3", "python"):
        if name and (found := shutil.which(name)):
            return found
    _refuse(context, "no python3 on PATH")


def _refuse(context: grpc.ServicerContext, why: str) -> NoReturn:
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, why)
    raise AssertionError("abort raises")


def _environment(request: language_pb2.RunRequest, python: str) -> dict[str, str]:
    return {
        **_of_python(python),
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }


def _of_python(python: str) -> dict[str, str]:
    """Our own environment, with the Python's virtual environment as if it were active."""
    environment = dict(os.environ)
    virtualenv = Path(python).parent.parent
    if (virtualenv / "pyvenv.cfg").exists():
        environment["VIRTUAL_ENV"] = str(virtualenv)
        environment["PATH"] = os.pathsep.join([str(virtualenv / "bin"), environment.get("PATH", os.defpath)])
        environment.pop("PYTHONHOME", None)
    return environment


def main() -> None:
    positional = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    host = LanguageHost(positional[0] if positional else "")
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    server.start()
    print(port, flush=True)
    # A killed engine cannot end us: its going shows in our parent.
    parent = os.getppid()
    while not over.wait(1.0) and os.getppid() == parent:
        pass
    host.end()
    server.stop(0)
    # Not a plain return: the thread of a Run may still wait for its program, and nobody is left to answer.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
