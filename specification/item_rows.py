"""The rows of datasets, variables, value-level definitions and their origins.

The way back is read_items.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..define.content import DatasetContent, Item, ItemOrigin
from .ids import oid_of
from .row_names import NO_NAME, YES, YES_NO, Row, RowNames, unusual

PREDECESSOR = "Predecessor"


@dataclass
class ItemRows:
    """The rows of one specification. ``further_origins`` fills with the items."""

    names: RowNames
    further_origins: list[Row] = field(default_factory=list)

    def dataset(self, dataset: DatasetContent) -> Row:
        leaf = dataset.leaf
        return {
            "Dataset": dataset.name,
            "Label": dataset.label,
            "Class": dataset.class_name,
            "SubClass": ", ".join(dataset.subclasses),
            "Structure": dataset.structure,
            "Purpose": dataset.purpose,
            "Key Variables": ", ".join(_plain_keys(dataset) or ()),
            "Standard": self.names.standard(dataset.standard),
            "Has No Data": YES[dataset.has_no_data],
            "Repeating": YES_NO[dataset.repeating],
            "Reference Data": YES_NO[dataset.reference],
            "Comment": self.names.comment(dataset.comment),
            "Domain": dataset.domain or NO_NAME,
            "Domain Description": dataset.alias,
            "Non Standard": YES[dataset.non_standard],
            "SAS Name": unusual(dataset.sas_name or NO_NAME, dataset.name),
            "File": leaf.href if leaf else "",
            "File Title": unusual(leaf.title or NO_NAME, leaf.href) if leaf else "",
            "Leaf ID": unusual(leaf.id, oid_of(dataset.name, "document")) if leaf else "",
            "Location": unusual(dataset.location or (NO_NAME if leaf else ""), leaf.id if leaf else ""),
            "OID": unusual(dataset.oid, oid_of(dataset.name, "dataset")),
        }

    def variables(self) -> list[Row]:
        found = []
        owned: set[str] = set()
        for dataset in self.names.content.datasets:
            keys = _plain_keys(dataset)
            for item in dataset.items:
                row = self._item(item, (dataset.name, item.name, ""))
                row["Variable"] = item.name
                row["Key Sequence"] = item.key if keys is None else ""
                row["OID"] = unusual(item.oid, oid_of(f"{dataset.name}.{item.name}", "item"))
                row["SAS Name"] = unusual(item.sas_name or NO_NAME, item.name)
                if item.value_list and (
                    item.value_list in owned or not self.names.content.value_lists.get(item.value_list)
                ):
                    row["Value List OID"] = item.value_list
                owned.add(item.value_list)
                found.append(row)
        return found

    def value_rows(self) -> list[Row]:
        owners: dict[str, tuple[str, str]] = {}
        for dataset in self.names.content.datasets:
            for item in dataset.items:
                owners.setdefault(item.value_list, (dataset.name, item.name))
        lists = self.names.content.value_lists
        found = []
        for oid in (*(o for o in owners if o in lists), *(o for o in lists if o not in owners)):
            dataset, variable = owners.get(oid, ("", ""))
            for item in lists[oid]:
                where = self.names.clauses(item.where)
                row = self._item(item, (dataset, variable, where))
                row |= {"Variable": variable, "Where Clause": where, "Key Sequence": item.key}
                row["Item Name"] = unusual(item.name, variable)
                row["SAS Name"] = unusual(item.sas_name or NO_NAME, variable)
                row["Value List OID"] = unusual(oid, oid_of(f"{dataset}.{variable}", "value list"))
                row["OID"] = unusual(item.oid, value_oid(dataset, variable, where))
                found.append(row)
        return found

    def _item(self, item: Item, place: tuple[str, str, str]) -> Row:
        """The columns that variables and value-level definitions share."""
        dataset, variable, where = place
        first = item.origins[0] if item.origins else None
        for origin in item.origins[1:]:
            row = {"Dataset": dataset, "Variable": variable, "Where Clause": where, "Item OID": item.oid}
            self.further_origins.append(row | self._origin(origin, further=True))
        row = {
            "Order": item.order,
            "Dataset": dataset,
            "Label": item.label,
            "Data Type": item.data_type,
            "Length": item.length,
            "Significant Digits": item.digits,
            "Format": item.format,
            "Mandatory": YES_NO[item.mandatory],
            "Codelist": self.names.codelists.get(item.codelist, item.codelist),
            "Method": self.names.methods.get(item.method, item.method),
            "Role": item.role,
            "Has No Data": YES[item.has_no_data],
            "Comment": self.names.comment(item.comment),
            "Non Standard": YES[item.non_standard],
            "Role Codelist": self.names.codelists.get(item.role_codelist, item.role_codelist),
        }
        return row | (self._origin(first) if first else {})

    def _origin(self, origin: ItemOrigin, further: bool = False) -> Row:
        of_predecessor = origin.type == PREDECESSOR and not further
        documents, pages = self.names.documents(origin.documents)
        usual = len(origin.documents) == 1 and origin.documents[0].leaf == self.names.crf and pages
        return {
            "Origin": origin.type,
            "Source": origin.source,
            PREDECESSOR: origin.text if of_predecessor else "",
            "Origin Description": "" if of_predecessor else origin.text,
            "Origin Document": "" if usual else documents,
            "Pages": pages,
        }


def value_oid(dataset: str, variable: str, where: str) -> str:
    """The usual OID of a value-level definition."""
    return oid_of(f"{dataset}.{variable}.{where}", "item")


def _plain_keys(dataset: DatasetContent) -> tuple[str, ...] | None:
    """The key variables in their order if KeySequence counts them from 1; else None."""
    keyed = {i.key: i.name for i in dataset.items if i.key}
    count = sum(1 for i in dataset.items if i.key)
    names = [keyed.get(str(n), "") for n in range(1, count + 1)]
    plain = all(names) and len({i.name for i in dataset.items}) == len(dataset.items)
    return tuple(names) if plain else None
