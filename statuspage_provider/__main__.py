"""The command line: `statuspage`, the same as `python -m statuspage_provider`.

Each subcommand is one `_add_*` function that declares it and one function that runs it and answers with the exit code.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from datetime import datetime

    from .commands.exported_state import ExportedState
    from .emulator import Emulator

PROG = "statuspage"

Subcommands = Any  # argparse keeps the class of add_subparsers' answer to itself


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=PROG, description="Tools around status pages managed with Pulumi.")
    parser.add_argument("--version", action=_Version, help="show what is installed")
    subcommands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_emulator(subcommands)
    _add_due(subcommands)
    _add_settle(subcommands)
    _add_complete(subcommands)
    _add_summary(subcommands)
    _add_list(subcommands)
    _add_widget(subcommands)
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_the_reader()
        return 1
    except Exception as error:
        # 1 is an answer, such as that a rule is broken. What nobody foresaw is none.
        return _fail(_fault(error), 2)
    return code


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib import metadata

        print(f"{PROG} {metadata.version('statuspage-provider')}")
        parser.exit()


def _fault(error: Exception) -> str:
    """An error that nobody foresaw, as one line. Its own text is left out: it may hold what others wrote, or a key."""
    if os.environ.get("STATUSPAGE_DEBUG") == "1":
        traceback.print_exception(error)
    calls = traceback.extract_tb(error.__traceback__)
    ours = [call for call in calls if Path(call.filename).is_relative_to(Path(__file__).parent)]
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return (
        f"this is a bug in statuspage-provider: {type(error).__name__}{where}. STATUSPAGE_DEBUG=1 shows the traceback"
    )


def _add_emulator(subcommands: Subcommands) -> None:
    command = subcommands.add_parser("emulator", help="run a stand-in for incident.io and statuspage.me locally")
    command.add_argument(
        "--port", type=_port, default=4010, help="port on 127.0.0.1; 0 takes a free one (default 4010)"
    )
    command.add_argument("--state", type=Path, metavar="FILE", help="keep everything in this file across restarts")
    command.set_defaults(run=_run_emulator)


def _run_emulator(args: argparse.Namespace) -> int:
    try:
        from .emulator import KEYS, Emulator
    except ModuleNotFoundError as error:
        if error.name not in ("flask", "markdown_it"):
            raise
        return _fail(str(error), 2)
    try:
        emulator = Emulator(args.state)
    except (OSError, ValueError) as error:
        return _fail(f"cannot use the state file: {error}", 2)
    with contextlib.closing(emulator):
        try:
            with emulator.serve(args.port) as served:
                print(_greeting(served.url, KEYS, emulator), flush=True)
                _wait_for_the_end()
        except OSError as error:
            return _fail(f"cannot listen on port {args.port}: {error.strerror or error}", 1)
    return 0


def _forget_the_reader() -> None:
    # Whoever read it, such as `head`, has seen enough. Python would complain again when it closes the stream.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _add_due(subcommands: Subcommands) -> None:
    command = subcommands.add_parser("due", help="tell whether a window is open that `pulumi up` is to be run in")
    _add_state(command, nargs="+")
    command.add_argument("--json", action="store_true", help="answer as JSON")
    command.set_defaults(run=_run_due)


def _run_due(args: argparse.Namespace) -> int:
    from .commands.accounts import open_accounts
    from .commands.due import look
    from .commands.json_output import json_text
    from .errors import StatusPageError

    try:
        states = [_exported(file) for file in args.state]
        services = (service for state in states for service in state.services())
        accounts = open_accounts(services, may_lack_keys=True)
        due = look(states, accounts, _now())
    except StatusPageError as error:
        # 1 is an answer. Where there is none, nothing is to be run.
        return _fail(str(error), 2)
    for fault in due.faults():
        _say(fault)
    try:
        for line in [json_text(due.as_json())] if args.json else due.lines():
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # The exit code is the answer, whether or not somebody reads the rest.
        _forget_the_reader()
    return due.code


def _add_settle(subcommands: Subcommands) -> None:
    command = subcommands.add_parser("settle", help="complete windows that a killed run left open")
    _add_state(command)
    command.set_defaults(run=_run_settle)


def _run_settle(args: argparse.Namespace) -> int:
    from .commands.accounts import open_accounts
    from .commands.settle import settle
    from .errors import Refused, StatusPageError

    try:
        state = _exported(args.state)
        accounts = open_accounts(state.services())
        code = 0
        for line in settle(state, accounts, _now()):
            code = _fail(line.text, 1) if line.is_fault else code
            if not line.is_fault:
                print(line.text, flush=True)
    except Refused as error:
        return _fail(str(error), 2)
    except StatusPageError as error:
        return _fail(str(error), 1)
    return code


def _now() -> datetime:
    """The present moment. That it is a rehearsed one is said: a command asks the real page, and posts to it."""
    from . import clock

    if notice := clock.notice():
        _say(notice)
    return clock.now()


def _add_service(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--service", help="incident.io or statuspage.me (default incident.io)", default="incident.io", metavar="SERVICE"
    )


def _add_state(command: argparse.ArgumentParser, nargs: str | None = None) -> None:
    several = "; several states of stacks that share a window" if nargs else ""
    what = f"what `pulumi stack export` printed; - for standard input{several}"
    command.add_argument("state", metavar="STATE", nargs=nargs, help=what)


def _exported(file: str) -> ExportedState:
    """The state that a command was given. Raises Refused for what cannot be read."""
    from .commands.exported_state import ExportedState
    from .errors import Refused

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"cannot read {file}: {error.strerror or error}") from None
    except ValueError as error:
        raise Refused(f"cannot read {file}: {error}") from None
    return ExportedState(text, file)


def _add_complete(subcommands: Subcommands) -> None:
    from .page_texts import COMPLETED

    command = subcommands.add_parser("complete", help="complete a window that is in progress")
    command.add_argument("id", metavar="ID", help="the window's id on the page")
    command.add_argument("--message", metavar="TEXT", help=f"what is published (“{COMPLETED}”)")
    command.add_argument(
        "--notify", action=argparse.BooleanOptionalAction, default=False, help="whether subscribers are emailed"
    )
    _add_service(command)
    command.set_defaults(run=_run_complete)


def _run_complete(args: argparse.Namespace) -> int:
    from .commands.accounts import open_accounts
    from .commands.complete import complete
    from .errors import SettingsError, StatusPageError
    from .services.capabilities import CAPABILITIES

    if args.service not in CAPABILITIES:
        return _fail(f"--service: {args.service} is not one of {', '.join(CAPABILITIES)}", 2)
    try:
        (service,) = open_accounts([args.service]).values()
        assert service is not None
        if line := complete(args.id, args.message, args.notify, service, _now()):
            print(line)
    except SettingsError as error:
        return _fail(str(error), 2)
    except StatusPageError as error:
        return _fail(str(error), 1)
    return 0


def _add_list(subcommands: Subcommands) -> None:
    command = subcommands.add_parser("list", help="list what is already on a page, to find an id to adopt")
    command.add_argument(
        "--page", help="the page's id, name or public URL (default: the account's only page)", metavar="PAGE"
    )
    _add_service(command)
    command.add_argument("--json", action="store_true", help="answer as JSON")
    command.set_defaults(run=_run_list)


def _run_list(args: argparse.Namespace) -> int:
    from .commands.json_output import json_text
    from .commands.listing import as_json, lines, listing
    from .errors import StatusPageError
    from .services.capabilities import CAPABILITIES
    from .services.settings import read_settings

    if args.service not in CAPABILITIES:
        return _fail(f"--service: {args.service} is not one of {', '.join(CAPABILITIES)}", 2)
    try:
        listed = listing(read_settings(CAPABILITIES[args.service].names), args.page)
        print(json_text(as_json(listed)) if args.json else "\n".join(lines(listed)))
    except StatusPageError as error:
        return _fail(str(error), 1)
    return 0


def _add_widget(subcommands: Subcommands) -> None:
    command = subcommands.add_parser("widget", help="show what a public page says now; needs no key")
    command.add_argument("url", metavar="URL", help="the page's public URL, or that of its widget")
    command.set_defaults(run=_run_widget)


def _run_widget(args: argparse.Namespace) -> int:
    from .errors import StatusPageError
    from .services.incident_io.widget import get_widget, lines

    try:
        for line in lines(get_widget(args.url)):
            print(line)
    except StatusPageError as error:
        return _fail(str(error), 1)
    return 0


def _add_summary(subcommands: Subcommands) -> None:
    command = subcommands.add_parser("summary", help="show what `pulumi up` will announce, read from a preview")
    command.add_argument("plan", metavar="PLAN", help="what `pulumi preview --json` printed; - for standard input")
    command.add_argument(
        "--format",
        choices=("markdown", "plain-markdown", "terminal", "html", "json"),
        default="markdown",
        help="default markdown, as GitHub and GitLab show it; plain-markdown for Bitbucket and Azure DevOps",
    )
    command.add_argument(
        "--time-zone", action="append", default=[], metavar="ZONE", help="also show times in this time zone"
    )
    command.add_argument("--check-live", action="store_true", help="compare with the page; reads only, needs a key")
    command.add_argument("--widget", metavar="URL", help="compare with the page's public widget; needs no key")
    command.add_argument("--rules", type=Path, metavar="FILE", help="rules; default: those in pyproject.toml")
    command.add_argument("--calendar", type=Path, metavar="FILE", help="write the windows as iCalendar")
    command.add_argument("--output", type=Path, metavar="FILE", help="write to this file, not to standard output")
    command.set_defaults(run=_run_summary)


def _run_summary(args: argparse.Namespace) -> int:
    from . import clock
    from .errors import StatusPageError
    from .summary.plan import LIMIT
    from .summary.report import report

    try:
        with contextlib.nullcontext(sys.stdin) if args.plan == "-" else open(args.plan, encoding="utf-8") as plan:
            # One more than is taken, so that what is longer is refused, not cut.
            text = plan.read(LIMIT + 1)
        written = report(
            text,
            clock.now(),
            form=args.format,
            time_zones=args.time_zone,
            check_live=args.check_live,
            widget=args.widget,
            rules=args.rules,
            calendar=args.calendar is not None,
        )
        if args.output is None:
            sys.stdout.write(written.text)
        else:
            args.output.write_text(written.text, encoding="utf-8")
        if args.calendar is not None:
            args.calendar.write_bytes(written.calendar)
    except StatusPageError as error:
        return _fail(str(error), 2)
    except OSError as error:
        return _fail(f"cannot read or write {error.filename}: {error.strerror or error}", 2)
    except ValueError as error:
        return _fail(f"cannot read {args.plan}: {error}", 2)
    for breach in written.breaches:
        _say(str(breach))
    for reason in written.reasons:
        _say(f"the preview failed: {reason}")
    return 3 if written.reasons else 1 if written.breaches else 0


def _greeting(url: str, keys: dict[str, str], emulator: Emulator) -> str:
    writer = next(key for key, scope in keys.items() if scope == "write")
    lines = [
        f"Emulator  {url}",
        f"Page      {url}/pages/acme",
        f"Keys      {', '.join(f'{key} ({scope})' for key, scope in keys.items())}",
        "",
        f"incident.io page {emulator.page_id}, components:",
        *(f"  {key}  {name}" for name, key in emulator.components.items()),
        "",
        f"export INCIDENT_ENDPOINT={url}",
        f"export INCIDENT_API_KEY={writer}",
        "",
        f"statuspage.me page {emulator.statuspage_me_page_id}, components:",
        *(f"  {key}  {name}" for name, key in emulator.statuspage_me_components.items()),
        "",
        f"export STATUSPAGEME_ENDPOINT={url}",
        f"export STATUSPAGEME_API_KEY=spk_{writer}",
    ]
    return "\n".join(lines)


def _wait_for_the_end() -> None:
    """Sleep until Ctrl-C or SIGTERM; both are the ordinary way out."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    ended.wait()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: use a number from 0 to 65535")
    return int(text)


def _fail(message: str, code: int) -> int:
    _say(message)
    return code


def _say(line: str) -> None:
    """Say it on one line, whatever others wrote into it."""
    from .display import plain

    print(f"{PROG}: {plain(line)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
