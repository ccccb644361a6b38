"""Errors in define.xml against its datasets, and within itself. Not for the datasets (metadata.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .seed import Area, change
from .tables import Tables

ODM, DEF = "{http://www.cdisc.org/ns/odm/v1.3}", "{http://www.cdisc.org/ns/def/v2.1}"
XLINK = "{http://www.w3.org/1999/xlink}"
_NS = {"o": ODM[1:-1], "d": DEF[1:-1], "x": XLINK[1:-1]}

#: what an error does to the root of define.xml
Edit = Callable[[Any], None]


def define(name: str, edit: Edit) -> None:
    """An error in define.xml alone: each new finding is about it."""

    def write(tables: Tables) -> None:
        from lxml import etree

        if not tables.define:
            raise LookupError("there is no define.xml")
        root = etree.fromstring(tables.define.encode())
        edit(root)
        tables.define = etree.tostring(root, encoding="unicode")

    change(Area.DEFINE, name, "", write, at="*.*", structure=True)


def first(root: Any, path: str) -> Any:
    """The first element or attribute of an XPath. LookupError where there is none."""
    found = root.xpath(path, namespaces=_NS)
    if not found:
        raise LookupError(f"define.xml has no {path}")
    return found[0]


def attribute(path: str, name: str, value: str | None) -> Edit:
    """Set an attribute of the first element of a path; None removes it."""

    def edit(root: Any) -> None:
        element = first(root, path)
        if value is None:
            if name not in element.attrib:
                raise LookupError(f"{path} has no {name}")
            del element.attrib[name]
        else:
            element.set(name, value)

    return edit


def without(path: str) -> Edit:
    """Remove the first element of a path."""

    def edit(root: Any) -> None:
        element = first(root, path)
        element.getparent().remove(element)

    return edit


def text(path: str, words: str) -> Edit:
    """Change the text of the first element of a path."""

    def edit(root: Any) -> None:
        first(root, path).text = words

    return edit


def twice(path: str) -> Edit:
    """Repeat the first element of a path."""

    def edit(root: Any) -> None:
        from copy import deepcopy

        element = first(root, path)
        element.addnext(deepcopy(element))

    return edit


_TEXT = "//o:ItemDef[@DataType='text'][@Name='USUBJID']"
define("the length of a variable is below its values", attribute(_TEXT, "Length", "2"))
define("a text has no length", attribute(_TEXT, "Length", None))
define(
    "the label of a variable differs from the dataset",
    text("//o:ItemDef[@Name='USUBJID']/o:Description/o:TranslatedText", "Patient"),
)
define("a variable has no label", without("//o:ItemDef[@Name='USUBJID']/o:Description"))
define("the type of a text is integer", attribute("//o:ItemDef[@Name='STUDYID']", "DataType", "integer"))
define("a type is no type of Define-XML", attribute("//o:ItemDef[@Name='STUDYID']", "DataType", "varchar"))
define(
    "a variable of a dataset is not in define.xml",
    without("//o:ItemGroupDef[@Name='ADSL' or @Name='DM']/o:ItemRef[last()]"),
)
define("a variable of define.xml is not in the dataset", attribute("//o:ItemDef[@Name='USUBJID']", "Name", "NOSUCHV"))
define("an ItemRef has no ItemDef", attribute("//o:ItemGroupDef/o:ItemRef", "ItemOID", "IT.NOWHERE"))
define(
    "an ItemRef names a method that is not there",
    attribute("//o:ItemGroupDef/o:ItemRef[@MethodOID]", "MethodOID", "MT.NOWHERE"),
)
define(
    "a variable names a codelist that is not there", attribute("//o:ItemDef/o:CodeListRef", "CodeListOID", "CL.NOWHERE")
)
define(
    "a variable names a comment that is not there",
    attribute("//o:ItemDef[@d:CommentOID]", DEF + "CommentOID", "COM.NOWHERE"),
)
define(
    "a value list has a where clause that is not there", attribute("//d:WhereClauseRef", "WhereClauseOID", "WC.NOWHERE")
)
define(
    "a dataset names a leaf that is not there", attribute("//o:ItemGroupDef", DEF + "ArchiveLocationID", "LF.NOWHERE")
)
define(
    "a where clause tests an item that is not there",
    attribute("//d:WhereClauseDef/o:RangeCheck", DEF + "ItemOID", "IT.NOWHERE"),
)
define("an OID is there twice", twice("//o:MethodDef"))
define("an ItemDef is used nowhere", lambda root: _unused(root))
define("a codelist is used nowhere", lambda root: _unused_codelist(root))
define(
    "a codelist has not a value of the data",
    without(
        "//o:CodeList[@OID=//o:ItemDef[@Name='SEX']/o:CodeListRef/@CodeListOID]/*[@CodedValue='F' or @CodedValue='M']"
    ),
)
define("a term of a codelist is there twice", twice("//o:CodeList/*[@CodedValue]"))
define("a term has the code of another one", lambda root: _wrong_code(root))
define("the keys of a dataset do not identify its records", lambda root: _fewer_keys(root))
define("a dataset has no keys", lambda root: _no_keys(root))
define("a mandatory variable is empty in a record", lambda root: _mandatory(root))
define("a dataset of the folder is not in define.xml", without("//o:ItemGroupDef[last()]"))
define("a dataset of define.xml is not in the folder", lambda root: _renamed(root))
define("the label of a dataset differs", text("//o:ItemGroupDef/o:Description/o:TranslatedText", "Some other dataset"))
define("a dataset has no class", without("//o:ItemGroupDef/d:Class"))
define("a class is no class of Define-XML", attribute("//o:ItemGroupDef/d:Class", "Name", "PATIENTS"))
define("a dataset has no structure", attribute("//o:ItemGroupDef", DEF + "Structure", None))
define("Purpose is wrong", attribute("//o:ItemGroupDef", "Purpose", "Analysing"))
define("Repeating is No and subjects have several records", lambda root: _repeating(root))
define("OrderNumber is there twice in a dataset", lambda root: _order(root))
define("a derived variable has no method", lambda root: _no_method(root))
define("a variable has no origin", lambda root: _no_origin(root))
define("the type of an origin is no term", attribute("//d:Origin[@Type]", "Type", "CRF"))
define("the source of an origin is no term", attribute("//d:Origin[@Source]", "Source", "Site"))
define("a predecessor does not exist", lambda root: _predecessor(root))
define("the file of a leaf is not there", attribute("//o:ItemGroupDef/d:leaf", XLINK + "href", "nowhere.xpt"))
define("a method has no text", without("//o:MethodDef/o:Description"))
define("a comment has no text", without("//d:CommentDef/o:Description"))
define("StudyName is empty", text("//o:StudyName", ""))
define("the version of Define-XML is missing", attribute("//o:MetaDataVersion", DEF + "DefineVersion", None))
define(
    "a dataset names a standard that is not there", attribute("//o:ItemGroupDef", DEF + "StandardOID", "STD.NOWHERE")
)
define("the version of a standard does not exist", attribute("//d:Standard[@Type='IG']", "Version", "9.9"))
define("the type of a standard is no term", attribute("//d:Standard[@Type='IG']", "Type", "GUIDE"))
define("a comparator is no comparator", attribute("//d:WhereClauseDef/o:RangeCheck", "Comparator", "LIKE"))
define("a float has no significant digits", attribute("//o:ItemDef[@DataType='float']", "SignificantDigits", None))
define("a key number is there twice", lambda root: _key_twice(root))


def _unused(root: Any) -> None:
    from copy import deepcopy

    element = first(root, "//o:ItemDef")
    copy = deepcopy(element)
    copy.set("OID", "IT.UNUSED")
    element.addnext(copy)


def _unused_codelist(root: Any) -> None:
    from copy import deepcopy

    element = first(root, "//o:CodeList")
    copy = deepcopy(element)
    copy.set("OID", "CL.UNUSED")
    element.addnext(copy)


def _wrong_code(root: Any) -> None:
    codes = root.xpath("//o:CodeList/*[@CodedValue]/o:Alias[@Context='nci:ExtCodeID']", namespaces=_NS)
    if not codes:
        raise LookupError("define.xml has no term with a code")
    codes[0].set("Name", "C99999999")


def _fewer_keys(root: Any) -> None:
    dataset = first(root, "//o:ItemGroupDef[count(o:ItemRef[@KeySequence])>2]")
    for reference in dataset.xpath("o:ItemRef[@KeySequence>2]", namespaces=_NS):
        del reference.attrib["KeySequence"]


def _no_keys(root: Any) -> None:
    dataset = first(root, "//o:ItemGroupDef[o:ItemRef[@KeySequence]]")
    for reference in dataset.xpath("o:ItemRef[@KeySequence]", namespaces=_NS):
        del reference.attrib["KeySequence"]


def _mandatory(root: Any) -> None:
    wanted = first(root, "//o:ItemDef[@Name='DTHFL' or @Name='DTHDTC']").get("OID")
    first(root, f"//o:ItemGroupDef/o:ItemRef[@ItemOID='{wanted}']").set("Mandatory", "Yes")


def _renamed(root: Any) -> None:
    from copy import deepcopy

    dataset = first(root, "//o:ItemGroupDef")
    copy = deepcopy(dataset)
    copy.set("OID", "IG.XY")
    copy.set("Name", "XY")
    dataset.addnext(copy)


def _repeating(root: Any) -> None:
    first(root, "//o:ItemGroupDef[@Repeating='Yes']").set("Repeating", "No")


def _order(root: Any) -> None:
    references = first(root, "//o:ItemGroupDef[count(o:ItemRef)>2]").xpath("o:ItemRef", namespaces=_NS)
    references[1].set("OrderNumber", references[0].get("OrderNumber"))


def _no_method(root: Any) -> None:
    for reference in root.xpath("//o:ItemGroupDef/o:ItemRef[@MethodOID]", namespaces=_NS):
        item = first(root, f"//o:ItemDef[@OID='{reference.get('ItemOID')}']")
        if item.xpath("d:Origin[@Type='Derived']", namespaces=_NS):
            del reference.attrib["MethodOID"]
            return
    raise LookupError("define.xml has no derived variable with a method")


def _no_origin(root: Any) -> None:
    origin = first(root, "//o:ItemDef[not(d:ValueListRef)]/d:Origin")
    origin.getparent().remove(origin)


def _predecessor(root: Any) -> None:
    first(root, "//d:Origin[@Type='Predecessor']/o:Description/o:TranslatedText").text = "DM.NOSUCH"


def _key_twice(root: Any) -> None:
    references = first(root, "//o:ItemGroupDef[count(o:ItemRef[@KeySequence])>1]").xpath(
        "o:ItemRef[@KeySequence]", namespaces=_NS
    )
    references[1].set("KeySequence", references[0].get("KeySequence"))
