"""Datasets, variables and value-level definitions from the rows of an Excel specification.

Not for the elements that they refer to (read_elements.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..define.content import DatasetContent, Item, ItemOrigin, Leaf
from ..mappings.models.derivation import DATA_TYPES
from .ids import oid_of
from .item_rows import PREDECESSOR, value_oid
from .pages import references_of
from .sheet_reader import SheetReader, named
from .sheets import CODELISTS, COMMENTS, DATASETS, DOCUMENTS, METHODS, ORIGINS, VALUES, VARIABLES, WHERE
from .workbook import CellRow


@dataclass
class ItemReader:
    """Reads the sheets Datasets, Variables, ValueLevel and Origins of one workbook."""

    base: SheetReader

    def datasets(self) -> tuple[DatasetContent, ...]:
        rows: dict[str, CellRow] = {}
        for row in self.base.filled(DATASETS, "Dataset"):
            first = rows.setdefault(row.get("Dataset").strip(), row)
            if first is not row:
                self.base.problem(
                    row, "Dataset", f"{row.get('Dataset')} is there twice; the first is {first.at('Dataset')}"
                )
        items: dict[str, list[Item]] = {name: [] for name in rows}
        seen: dict[tuple[str, str], CellRow] = {}
        for row in self.base.filled(VARIABLES, "Dataset", "Variable"):
            dataset, name = row.get("Dataset").strip(), row.get("Variable").strip()
            first = seen.setdefault((dataset, name), row)
            if first is not row:
                message = f"{dataset}.{name} is there twice; the first is {first.at('Variable')}"
                self.base.problem(row, "Variable", message)
            if dataset not in items:
                self.base.problem(row, "Dataset", f"'{dataset}' is not on the sheet {DATASETS.name}", near=items)
                continue
            items[dataset].append(self._variable(row, dataset, name))
        return tuple(self._dataset(row, name, items[name]) for name, row in rows.items())

    def _dataset(self, row: CellRow, name: str, items: list[Item]) -> DatasetContent:
        keyed = self._keyed(row, items)
        leaf = self._leaf(row, name)
        purpose = row.get("Purpose")
        usual = "" if purpose == "Analysis" else name
        once = "Repeating" not in self.base.sheets.columns.get(DATASETS.name, ())
        return DatasetContent(
            oid=row.get("OID") or oid_of(name, "dataset"),
            name=name,
            label=row.get("Label"),
            domain=named(row.get("Domain"), "" if self.base.has(DATASETS, "Domain") else usual),
            class_name=row.get("Class"),
            subclasses=tuple(filter(None, map(str.strip, row.get("SubClass").split(",")))),
            structure=row.get("Structure"),
            purpose=purpose,
            repeating=self.base.yes(row, "Repeating")
            or (once and {i.name for i in keyed if i.key} > {"STUDYID", "USUBJID"}),
            reference=self.base.yes(row, "Reference Data"),
            standard=self.base.standard_of(row, "Standard"),
            comment=self.base.refer(row, "Comment", self.base.comments, COMMENTS.name),
            leaf=leaf,
            has_no_data=self.base.yes(row, "Has No Data"),
            items=tuple(sorted(keyed, key=lambda i: int(i.order or 0))),
            sas_name=named(row.get("SAS Name"), name),
            non_standard=self.base.yes(row, "Non Standard"),
            alias=row.get("Domain Description"),
            location=named(row.get("Location"), leaf.id if leaf else ""),
        )

    def _leaf(self, row: CellRow, name: str) -> Leaf | None:
        file = row.get("File")
        if not self.base.has(DATASETS, "File") and not self.base.yes(row, "Has No Data"):
            file = f"{name.lower()}.xpt"
        if not file:
            return None
        return Leaf(row.get("Leaf ID") or oid_of(name, "document"), file, named(row.get("File Title"), file))

    def _keyed(self, row: CellRow, items: list[Item]) -> list[Item]:
        """The variables with the keys of the cell Key Variables."""
        text = row.get("Key Variables").strip()
        if not text:
            return items
        keys = [k.strip() for k in text.split(",") if k.strip()]
        names = [i.name for i in items]
        for key in keys:
            if key not in names:
                message = f"{key} is no variable of {row.get('Dataset')} on the sheet {VARIABLES.name}"
                self.base.problem(row, "Key Variables", message, near=names, found=key)
        return [replace(i, key=str(keys.index(i.name) + 1)) if i.name in keys else i for i in items]

    def _variable(self, row: CellRow, dataset: str, name: str) -> Item:
        shared = self._item(row, row.get("OID") or oid_of(f"{dataset}.{name}", "item"))
        return replace(
            shared,
            name=name,
            key=self.base.number(row, "Key Sequence"),
            value_list=row.get("Value List OID"),
            sas_name=named(row.get("SAS Name"), name),
        )

    def _item(self, row: CellRow, oid: str) -> Item:
        """The fields that variables and value-level definitions share."""
        data_type = row.get("Data Type").strip()
        if data_type and data_type not in DATA_TYPES:
            self.base.problem(row, "Data Type", f"'{data_type}' is no data type of Define-XML", near=DATA_TYPES)
        lists = CODELISTS.name
        return Item(
            oid=oid,
            name="",
            label=row.get("Label"),
            data_type=data_type,
            length=self.base.number(row, "Length"),
            digits=self.base.number(row, "Significant Digits"),
            format=row.get("Format"),
            order=self.base.number(row, "Order"),
            mandatory=self.base.yes(row, "Mandatory"),
            role=row.get("Role"),
            method=self.base.refer(row, "Method", self.base.methods, METHODS.name),
            comment=self.base.refer(row, "Comment", self.base.comments, COMMENTS.name),
            codelist=self.base.refer(row, "Codelist", self.base.codelists, lists),
            origins=self._origins(row, oid),
            has_no_data=self.base.yes(row, "Has No Data"),
            role_codelist=self.base.refer(row, "Role Codelist", self.base.codelists, lists),
            non_standard=self.base.yes(row, "Non Standard"),
        )

    def _origins(self, row: CellRow, oid: str) -> tuple[ItemOrigin, ...]:
        further = [self._origin(r) for r in self.base.rows(ORIGINS) if r.get("Item OID") == oid]
        first = [self._origin(row)] if row.get("Origin") or row.get("Source") else []
        for column in (PREDECESSOR, "Pages"):
            if row.get(column) and not row.get("Origin"):
                self.base.problem(row, column, f"{column} without Origin")
        return (*first, *further)

    def _origin(self, row: CellRow) -> ItemOrigin:
        text = row.get(PREDECESSOR) if row.get("Origin") == PREDECESSOR else ""
        if row.get(PREDECESSOR) and not text:
            self.base.problem(row, PREDECESSOR, f"{PREDECESSOR}, and the origin is '{row.get('Origin')}'")
        pages, documents = row.get("Pages"), row.get("Origin Document")
        if pages and not documents:
            if not self.base.crf:
                self.base.problem(row, "Pages", f"pages, and the sheet {DOCUMENTS.name} has no annotated CRF")
                return ItemOrigin(row.get("Origin"), row.get("Source"), text)
            references = references_of("crf", pages, {"crf": self.base.crf})
        else:
            references = self.base.documents(row, "Origin Document", "Pages")
        return ItemOrigin(row.get("Origin"), row.get("Source"), text or row.get("Origin Description"), references)

    def value_lists(self, datasets: tuple[DatasetContent, ...]) -> dict[str, tuple[tuple[str, str], tuple[Item, ...]]]:
        """OID of a value list -> (dataset, variable) that has it, and its definitions."""
        known = {(d.name, i.name) for d in datasets for i in d.items}
        found: dict[str, tuple[tuple[str, str], list[Item]]] = {}
        for row in self.base.rows(VALUES):
            dataset, variable = row.get("Dataset").strip(), row.get("Variable").strip()
            if (dataset or variable) and (dataset, variable) not in known:
                names = [v for d, v in known if d == dataset]
                message = f"{dataset}.{variable} is not on the sheet {VARIABLES.name}"
                self.base.problem(row, "Variable" if names else "Dataset", message, near=names)
            where = row.get("Where Clause")
            clauses = []
            for name in filter(None, map(str.strip, where.split("\n"))):
                if name not in self.base.where:
                    message = f"'{name}' is not on the sheet {WHERE.name}"
                    self.base.problem(row, "Where Clause", message, near=self.base.where)
                clauses.append(self.base.where.get(name, ""))
            item = replace(
                self._item(row, row.get("OID") or value_oid(dataset, variable, where)),
                name=row.get("Item Name") or variable,
                key=self.base.number(row, "Key Sequence"),
                where=tuple(clauses),
                sas_name=named(row.get("SAS Name"), variable),
            )
            oid = row.get("Value List OID") or oid_of(f"{dataset}.{variable}", "value list")
            found.setdefault(oid, ((dataset, variable), []))[1].append(item)
        return {oid: (of, tuple(sorted(items, key=lambda i: int(i.order or 0)))) for oid, (of, items) in found.items()}

    def with_lists(
        self, dataset: DatasetContent, values: Mapping[str, tuple[tuple[str, str], tuple[Item, ...]]]
    ) -> DatasetContent:
        """The dataset whose variables refer to their value lists."""
        owned = {of: oid for oid, (of, _) in values.items()}
        items = (replace(i, value_list=i.value_list or owned.get((dataset.name, i.name), "")) for i in dataset.items)
        return replace(dataset, items=tuple(items))
