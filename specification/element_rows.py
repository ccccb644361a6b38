"""The rows of standards, conditions, codelists, dictionaries, methods, comments and documents.

The way back is read_elements.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..define.content import CodelistContent
from .ids import oid_of
from .row_names import NO_NAME, YES, Row, RowNames, unusual
from .sheets import ROLES

#: comparators with several values
LISTS = frozenset({"IN", "NOTIN"})


@dataclass
class ElementRows:
    """The rows of the elements that datasets and variables refer to."""

    names: RowNames

    def standards(self) -> list[Row]:
        return [
            {
                "ID": self.names.standards[s.oid],
                "Name": s.name,
                "Type": s.type,
                "Publishing Set": s.publishing_set,
                "Version": s.version,
                "Status": s.status,
                "Comment": self.names.comment(s.comment),
                "OID": unusual(s.oid, oid_of(self.names.standards[s.oid], "standard")),
            }
            for s in self.names.content.standards.values()
            if s.oid
        ]

    def where_clauses(self) -> list[Row]:
        found = []
        for clause in self.names.content.where.values():
            for check in clause.checks:
                dataset, variable = (self.names.places.get(check.item) or [("", "")])[0]
                found.append(
                    {
                        "ID": self.names.where[clause.oid],
                        "Dataset": dataset,
                        "Variable": variable,
                        "Comparator": check.comparator,
                        "Value": value_cell(check.comparator, check.values),
                        "Comment": self.names.comment(clause.comment),
                        "Soft Hard": unusual(check.soft_hard, "Soft"),
                        "Item OID": "" if self.names.is_plain(check.item) else check.item,
                        "OID": unusual(clause.oid, oid_of(self.names.where[clause.oid], "where clause")),
                    }
                )
        return found

    def codelists(self) -> list[Row]:
        found = []
        for codelist in self.names.content.codelists.values():
            if codelist.dictionary or codelist.dictionary_version:
                continue
            about = self._codelist(codelist) | {
                "Decoded": YES[codelist.decoded and not any(t.decode for t in codelist.terms)],
            }
            for term in codelist.terms:
                row = {
                    "Order": term.order,
                    "Term": term.value or NO_NAME,
                    "NCI Term Code": term.code,
                    "Decoded Value": term.decode,
                    "Extended Value": YES[term.extended],
                    "Rank": term.rank,
                    "Other Aliases": alias_cell(term.aliases),
                }
                found.append(about | row)
            if not codelist.terms:
                found.append(about)
        return found

    def dictionaries(self) -> list[Row]:
        return [
            self._codelist(codelist)
            | {
                "Dictionary": codelist.dictionary,
                "Version": codelist.dictionary_version,
                "Href": codelist.dictionary_href,
                "Ref": codelist.dictionary_ref,
            }
            for codelist in self.names.content.codelists.values()
            if codelist.dictionary or codelist.dictionary_version
        ]

    def _codelist(self, codelist: CodelistContent) -> Row:
        name = self.names.codelists[codelist.oid]
        return {
            "ID": name,
            "Name": codelist.name,
            "NCI Codelist Code": codelist.code,
            "Data Type": codelist.data_type,
            "Terminology": self.names.standard(codelist.standard),
            "Comment": self.names.comment(codelist.comment),
            "Codelist Aliases": alias_cell(codelist.aliases),
            "Non Standard": YES[codelist.non_standard],
            "SAS Format": codelist.sas_format,
            "OID": unusual(codelist.oid, oid_of(name, "codelist")),
        }

    def methods(self) -> list[Row]:
        found = []
        for method in self.names.content.methods.values():
            name = self.names.methods[method.oid]
            documents, pages = self.names.documents(method.documents)
            context, code = method.expressions[0] if method.expressions else ("", "")
            found.append(
                {
                    "ID": name,
                    "Name": method.name,
                    "Type": method.type,
                    "Description": method.text,
                    "Expression Context": context,
                    "Expression Code": code,
                    "Document": documents,
                    "Pages": pages,
                    "OID": unusual(method.oid, oid_of(name, "method")),
                }
            )
            for context, code in method.expressions[1:]:
                found.append({"ID": name, "Expression Context": context, "Expression Code": code})
        return found

    def comments(self) -> list[Row]:
        found = []
        for comment in self.names.content.comments.values():
            name = self.names.comments[comment.oid]
            documents, pages = self.names.documents(comment.documents)
            row = {"ID": name, "Description": comment.text, "Document": documents, "Pages": pages}
            found.append(row | {"OID": unusual(comment.oid, oid_of(name, "comment"))})
        return found

    def documents(self) -> list[Row]:
        """The documents, those with a role first, in the order of their references."""
        c = self.names.content
        roles: dict[str, list[str]] = {}
        for role, attribute in ROLES.items():
            for reference in getattr(c, attribute):
                roles.setdefault(reference.leaf, []).append(role)
        found = []
        for leaf_id in (*(r for r in roles if r in c.leaves), *(n for n in c.leaves if n not in roles)):
            leaf, name = c.leaves[leaf_id], self.names.leaves[leaf_id]
            row = {"ID": name, "Title": leaf.title, "Href": leaf.href, "Role": ", ".join(roles.get(leaf_id, []))}
            found.append(row | {"OID": unusual(leaf_id, oid_of(name, "document"))})
        return found


def value_cell(comparator: str, values: Sequence[str]) -> str:
    """The cell Value of a condition: one value as it is; a list of IN and NOTIN, with quotes where needed."""
    if comparator not in LISTS and len(values) == 1:
        return values[0] if values[0].strip() or not values[0] else f'"{values[0]}"'
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="")
    writer.writerow(values)
    text = out.getvalue()
    return text if any(c in text for c in '"\n\r') or any(v != v.strip() for v in values) else ", ".join(values)


def alias_cell(aliases: Iterable[tuple[str, str]]) -> str:
    """Aliases beside the NCI code: one line ``context=name`` each."""
    return "\n".join(f"{context}={name}" for context, name in aliases)
