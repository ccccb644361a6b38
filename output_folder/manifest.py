"""manifest.json: the files that a run read and wrote, with their sha256; and the check of a folder against it.

Not for the user, time and host of a run (``run_log.py``) nor for installed packages (``installed.py``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..errors import InputError, OutputError, Place
from .manifest_values import is_relative, plain_value, refuse_absolute, unique_keys

MANIFEST_NAME = "manifest.json"
SCHEMA = 1
TOOL = "raw2adam"
_CHUNK = 1 << 17
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAPPINGS = ("packages", "counts", "findings", "options")
_FILES = ("inputs", "specs", "outputs")


@dataclass(frozen=True)
class FileHash:
    """sha256 (hex) and size in bytes of a file."""

    sha256: str
    bytes: int


@dataclass(kw_only=True, frozen=True)
class Manifest:
    """The content of manifest.json. File names are relative, with '/'; ``sha256`` is that of manifest.json itself."""

    study: str
    version: str
    declared: str
    inputs: Mapping[str, FileHash]
    specs: Mapping[str, FileHash]
    outputs: Mapping[str, FileHash]
    packages: Mapping[str, str]
    counts: Mapping[str, Any]
    findings: Mapping[str, int]
    options: Mapping[str, Any]
    sha256: str


def hash_file(path: Path) -> FileHash:
    """sha256 and size of a file, read in pieces of 128 KiB. Raises OSError."""
    digest, size, buffer = hashlib.sha256(), 0, bytearray(_CHUNK)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while read := file.readinto(buffer):
            digest.update(view[:read])
            size += read
    return FileHash(digest.hexdigest(), size)


def write_manifest(
    stage: Path,
    *,
    study: str,
    version: str,
    declared: dt.date | dt.datetime,
    inputs: Mapping[str, Path | FileHash],
    specs: Mapping[str, Path | FileHash],
    packages: Mapping[str, str],
    counts: Mapping[str, Any],
    findings: Mapping[str, int],
    options: Mapping[str, Any],
) -> Manifest:
    """Write ``stage``/manifest.json for all the files that lie in ``stage``; returns it as ``read_manifest`` would.

    ``inputs`` and ``specs``: role-relative name ("raw/ae.csv") -> file, or the FileHash taken when it was read (safer:
    a file that changes during the run is then recorded as it was used). Same arguments and files, same bytes: sorted
    keys, no clock, no host, and an absolute path among names or options is refused.

    Raises InputError (an input or a spec cannot be read), OutputError (a file of the stage cannot be read, is no
    regular file, or manifest.json cannot be written), ValueError and TypeError (the caller's mistakes: an absolute
    path, a value that JSON cannot hold).
    """
    content = {
        "schema": SCHEMA,
        "tool": TOOL,
        "study": study,
        "version": version,
        "declared": declared.isoformat(),
        "inputs": {name: _input_hash(name, file) for name, file in inputs.items()},
        "specs": {name: _input_hash(name, file) for name, file in specs.items()},
        "outputs": {name: vars(_output_hash(stage, name)) for name in files_of(stage)},
        "packages": dict(packages),
        "counts": counts,
        "findings": findings,
        "options": options,
    }
    refuse_absolute(options, "options")
    text = json.dumps(content, sort_keys=True, indent=1, allow_nan=False, default=plain_value) + "\n"
    try:
        (stage / MANIFEST_NAME).write_bytes(text.encode("ascii"))
    except OSError as error:
        raise OutputError(f"{stage / MANIFEST_NAME}: cannot be written: {error.strerror}") from error
    return read_manifest(stage)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a built folder.

    Raises InputError: no manifest.json, not JSON, not one of raw2adam, of a later schema, or with damaged entries.
    """
    path = folder / MANIFEST_NAME
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"{folder}: holds no {MANIFEST_NAME}, so raw2adam did not build it (or not to its end)"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=unique_keys)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{Place(str(path), error.lineno, error.colno)}: not JSON ({error.msg}): the file was cut short or edited; "
            "build the folder again"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: damaged ({error}); build the folder again") from error
    if not isinstance(content, dict) or content.get("tool") != TOOL:
        raise InputError(f'{path}: not a manifest of raw2adam (expected "tool": "{TOOL}")')
    if content.get("schema") != SCHEMA:
        raise InputError(
            f"{path}: schema {content.get('schema')!r}, but this raw2adam reads schema {SCHEMA}: "
            "use the version that built the folder"
        )
    return _checked(cast("dict[str, Any]", content), path, hashlib.sha256(raw).hexdigest())


def verify_manifest(folder: Path) -> list[str]:
    """Compare a built folder with its manifest: one line per changed, missing or extra file; [] when all is as built.

    Raises InputError when there is no manifest to compare with.
    """
    outputs = read_manifest(folder).outputs
    problems = []
    for name in sorted(outputs):
        path, expected = folder / name, outputs[name]
        if path.is_symlink() or not path.is_file():
            problems.append(f"{name}: missing" if not os.path.lexists(path) else f"{name}: no longer a regular file")
            continue
        try:
            found = hash_file(path)
        except OSError as error:
            problems.append(f"{name}: cannot be read: {error.strerror}")
            continue
        if found.bytes != expected.bytes:
            problems.append(f"{name}: changed: {found.bytes} bytes, was {expected.bytes} when it was built")
        elif found != expected:
            problems.append(f"{name}: changed: sha256 {found.sha256}, was {expected.sha256} when it was built")
    problems += [f"{name}: extra, not written by the run" for name in files_of(folder) if name not in outputs]
    return problems


class BuiltFiles:
    """The files of a built folder: each is compared with the manifest before it is read, one time."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.manifest = read_manifest(folder)
        self._outputs = self.manifest.outputs
        self._sound: set[str] = set()

    def check(self, path: Path) -> None:
        """Raise InputError if a file of the folder is not the one that the build wrote, or does not exist."""
        name = path.relative_to(self.folder).as_posix()
        if name in self._sound:
            return
        try:
            found = hash_file(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}; build the folder again") from error
        if found != self._outputs.get(name):
            raise InputError(
                f"{path}: not the file that the build wrote; raw2adam verify {self.folder} lists all such files. "
                "Build the folder again"
            )
        self._sound.add(name)


def files_of(folder: Path) -> Iterator[str]:
    """Names of all files in ``folder``, sorted, relative, with '/': files and links, not folders.

    manifest.json itself is not listed. A link to a folder is listed as a name, never followed. Raises OutputError when
    a folder cannot be listed.
    """

    def fail(error: OSError) -> None:
        raise OutputError(f"{error.filename}: cannot be listed: {error.strerror}") from error

    names = []
    for where, folders, files in os.walk(folder, onerror=fail):
        below = Path(where).relative_to(folder)
        links = [name for name in folders if (Path(where) / name).is_symlink()]
        names += [(below / name).as_posix() for name in files + links]
    return (name for name in sorted(names) if name != MANIFEST_NAME)


def _input_hash(name: str, file: Path | FileHash) -> dict[str, Any]:
    if not is_relative(name):
        raise ValueError(f"manifest names are relative, with '/' and without '..': {name!r}")
    if isinstance(file, FileHash):
        return vars(file)
    try:
        return vars(hash_file(file))
    except OSError as error:
        raise InputError(f"{file}: cannot be read again for the manifest: {error.strerror}") from error


def _output_hash(stage: Path, name: str) -> FileHash:
    path = stage / name
    if not is_relative(name):
        raise OutputError(f"{path}: its name could not be read on every system")
    if path.is_symlink() or not path.is_file():
        raise OutputError(f"{path}: not a regular file, so it cannot be part of an output")
    try:
        return hash_file(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read back: {error.strerror}") from error


def _checked(content: dict[str, Any], path: Path, sha256: str) -> Manifest:
    """A Manifest whose entries have the right shape: the names in it are opened later, so none may lead outside."""

    def refuse(what: str) -> InputError:
        return InputError(f"{path}: damaged: {what}; build the folder again")

    for key in ("study", "version", "declared"):
        if not isinstance(content.get(key), str):
            raise refuse(f'"{key}" is not a text')
    for key in _MAPPINGS + _FILES:
        if not isinstance(content.get(key), dict):
            raise refuse(f'"{key}" is not a mapping')
    for key in _FILES:
        entries = {}
        for name, entry in content[key].items():
            good = (
                is_relative(name)
                and isinstance(entry, dict)
                and isinstance(entry.get("sha256"), str)
                and _SHA256.fullmatch(entry["sha256"])
                and type(entry.get("bytes")) is int
                and entry["bytes"] >= 0
            )
            if not good:
                raise refuse(f'the entry {name!r} of "{key}"')
            entries[name] = FileHash(entry["sha256"], entry["bytes"])
        content[key] = entries
    fields = {key: content[key] for key in ("study", "version", "declared", *_MAPPINGS, *_FILES)}
    return Manifest(**fields, sha256=sha256)
