"""A run with its line in the run log beside OUT, whether it succeeds, fails or is interrupted.

Not for what a run does (run.py) nor for printing (commands/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import InputError, OutputError, Raw2AdamError
from ..findings.review import NEW_ERROR
from ..findings.rule import SEVERITIES
from ..output_folder.installed import package_versions
from ..output_folder.manifest import read_manifest
from ..output_folder.run_log import append_run
from .crash import CRASH
from .outcome import Outcome


def run_with_log(
    out: Path,
    run: Callable[[], Outcome],
    *,
    fail_on: str,
    argv: Sequence[str],
    show: Callable[[Outcome], None],
    say: Callable[[str], None],
) -> int:
    """Run, show the outcome, and add a line to the run log. Returns the exit code, which the run log has too.

    ``fail_on``: the lowest severity of findings that gives exit code 1, new-error, or never. ``show`` prints the
    outcome, ``say`` a message. Raises the errors of ``run``, and OutputError if the run log cannot be written after a
    run that built.
    """
    code, manifest, before = CRASH, "", _built(out)
    try:
        outcome = run()
        manifest = _built(out)
        show(outcome)
        code = exit_code(outcome, fail_on)
        return code
    except Raw2AdamError as error:
        code = error.exit_code
        raise
    except KeyboardInterrupt:
        # the swap is not interrupted: after it, the new output is in place. typer ends the command without a message
        code, after = 130, _built(out)
        manifest = after if after != before else ""
        state = "the new output is in place" if manifest else "the previous output is unchanged"
        say(f"raw2adam: interrupted; {state}")
        raise
    finally:
        if out.resolve().name and out.parent.is_dir() and (manifest or out.exists()):  # the root has nothing beside it
            try:
                append_run(out, argv=argv, versions=package_versions(), exit_code=code, manifest_sha256=manifest)
            except OutputError as error:
                if code in (0, 1):
                    raise
                say(f"raw2adam: {error}")  # the error of the run itself decides the exit code


def exit_code(outcome: Outcome, fail_on: str) -> int:
    """1 if there is a finding of this severity or a worse one, else 0.

    new-error: 1 if there is an error without a disposition that the earlier output does not have: that of --compare,
    else the output that the run replaced.
    """
    if fail_on == "never":
        return 0
    if fail_on == NEW_ERROR:
        return int(bool(outcome.new_errors))
    return int(any(outcome.findings.count(s) for s in SEVERITIES[: SEVERITIES.index(fail_on) + 1]))


def _built(out: Path) -> str:
    """The sha256 of OUT's manifest; '' without one."""
    try:
        return read_manifest(out).sha256
    except InputError:
        return ""
