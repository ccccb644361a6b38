"""The files of documents: finds them, checks that they can be opened, copies them beside define.xml.

Not for what define.xml writes about them (define/documents.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..acrf.value_pages import ValuePages
from ..define.documents import DefineDocument
from ..engine.standard import tabulation
from ..engine.tables.dataset import DatasetMetadata
from ..errors import InputError, OutputError
from ..findings.table import Findings
from ..mappings.models.documents import DocumentSpec
from ..output_folder.layout import KINDS, MISC, Layout
from ..output_folder.manifest import FileHash, hash_file
from ..transport.dataset_files import dataset_names, read_records
from ..transport.read_xpt import is_version_5_file

_PDF = b"%PDF-"


@dataclass(frozen=True)
class DocumentFile:
    """A document that is there: its declaration, its file and the hash of it. ``data``: of one that the run writes.

    ``drafted``: sdtm or adam for a reviewer's guide, which the run writes after define.xml; it has no hash yet.
    ``pages``: of the generated annotated CRF, the pages of single values.
    """

    spec: DocumentSpec
    path: Path
    hashed: FileHash | None
    data: bytes | None = None
    drafted: str = ""
    pages: ValuePages = field(default_factory=dict)

    @classmethod
    def generated(cls, spec: DocumentSpec, data: bytes, pages: ValuePages) -> DocumentFile:
        """A document that the run writes."""
        return cls(spec, Path(spec.file), FileHash(hashlib.sha256(data).hexdigest(), len(data)), data, pages=pages)


def find_documents(
    documents: Mapping[str, DocumentSpec], root: Path, folder: Path | None, findings: Findings
) -> dict[str, DocumentFile]:
    """The documents of a study by id. ``root``: the study folder; ``folder``: the one of --documents, read first.

    A document without a usable file is reported and left out: define.xml then does not name it. An annotated CRF that
    the build generates is no file yet. Raises InputError for a folder that does not exist.
    """
    if folder is not None and not folder.is_dir():
        raise InputError(f"{folder}: is not a folder; --documents names the folder with the documents of define.xml")
    found = {}
    for name, spec in documents.items():
        if spec.guide_of:
            found[name] = DocumentFile(spec, Path(spec.file), None, drafted=spec.guide_of)
            continue
        if spec.generated:
            continue
        places = [p / spec.file for p in (folder, root) if p is not None]
        path = next((p for p in places if p.is_file()), None)
        if path is None:
            where = "the folder of --documents and the study folder" if folder is not None else "the study folder"
            problem = f"{where} do not have it" if folder is not None else f"{where} does not have it"
        else:
            problem = _problem(path, spec)
        if problem or path is None:
            lost = f"{MISC} does not have" if spec.is_misc else "define.xml does not name"
            message = f"{lost} the document {name}: {problem}"
            findings.add("R2A-DOC-001", message, file=spec.file)
        else:
            found[name] = DocumentFile(spec, path, hash_file(path))
    return found


def _problem(path: Path, spec: DocumentSpec) -> str:
    """Why a file cannot be the document; '' if it can."""
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError as error:
        return f"the file cannot be read ({error.strerror or error})"
    if not start:
        return "the file is empty"
    if path.suffix.lower() == ".xpt":
        return _no_transport_file(path)
    return "the file is no PDF" if spec.is_pdf and _PDF not in start else ""


def _no_transport_file(path: Path) -> str:
    """Why a transport file cannot be one of the folder misc; '' if it can. It has one dataset, with its name."""
    try:
        if not is_version_5_file(path):
            return "the file is no transport file of version 5"
        names = dataset_names(path)
        if names != [path.stem.upper()]:
            return f"the file has the dataset {', '.join(names)}; it must have one, {path.stem.upper()}"
        read_records(path)
    except InputError as error:
        return str(error).replace(str(path), path.name)
    return ""


def files_of_documents(found: Mapping[str, DocumentFile]) -> dict[str, FileHash]:
    """The files that were read, by their name in the manifest."""
    read = (d for d in found.values() if d.data is None)
    return {f"documents/{d.path.name}": d.hashed for d in read if d.hashed is not None}


def define_documents(found: Mapping[str, DocumentFile], kind: str) -> tuple[DefineDocument, ...]:
    """The documents for define.xml of sdtm or adam."""
    return tuple(
        DefineDocument(name, d.spec.file, d.spec.title, d.spec.role, d.spec.listed_in(kind))
        for name, d in found.items()
        if not d.spec.is_misc and d.drafted in ("", kind)  # the other define.xml has no such file beside it
    )


def report_without_pages(specs: Mapping[str, DatasetMetadata], name: str, findings: Findings) -> None:
    """Report collected variables of tabulated datasets without a page of ``name``, the generated annotated CRF.

    Define-XML 2.1: the origin Collected of investigators and subjects has the pages of the annotated CRF.
    """
    for spec in specs.values():
        for variable in spec.variables if spec.purpose == tabulation().purpose else ():
            origin = variable.origin
            if origin.type != "Collected" or origin.source == "Vendor" or variable.empty:
                continue
            if not any(d.document == name for d in origin.documents):
                message = f"{spec.name}.{variable.name} has the origin Collected, and {name} has no field of it"
                findings.add("R2A-DOC-002", message, dataset=spec.name, variable=variable.name)


def copy_documents(found: Mapping[str, DocumentFile], names: tuple[str, ...], folder: Path) -> None:
    """Copy documents into the folder of define.xml.

    Raises OutputError: a file of the build has the name, or the document has changed since the run began.
    """
    for name in names:
        document = found[name]
        if document.drafted:
            continue
        target = folder / document.spec.file
        if target.name.lower() in {p.name.lower() for p in folder.iterdir()}:
            raise OutputError(f"{target.name}: a file of the build has this name; give the document {name} another one")
        _copy(document, target)


def copy_miscellaneous(found: Mapping[str, DocumentFile], stage: Path, layout: Layout) -> None:
    """Copy the files of the folder misc. Raises OutputError for one that has changed since the run began."""
    for document in found.values():
        if document.spec.is_misc:
            target = stage / layout.place(place_of_document(document.spec))
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(document, target)


def place_of_document(spec: DocumentSpec) -> str:
    """The path of a document in the plain layout; for one beside define.xml that of SDTM."""
    return f"{MISC if spec.is_misc else KINDS[0]}/{spec.file}"


def _copy(document: DocumentFile, target: Path) -> None:
    data = document.data if document.data is not None else document.path.read_bytes()
    target.write_bytes(data)
    if hash_file(target) != document.hashed:
        raise OutputError(f"{document.path}: has changed during the run; run the build again")
