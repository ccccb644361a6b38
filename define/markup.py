"""Elements of a define.xml and their text: indented, one element a line, a translated text on the line of its parent.

Not for which elements a define.xml has (writing.py), nor for HTML, which has templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .content import DocumentReference, Leaf

#: the escapes of text and attributes; a parser turns tabs and line ends of an attribute into blanks
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


@dataclass(slots=True)
class Element:
    """An element with its attributes, and either a text or elements. ``inline``: its elements are on its line."""

    name: str
    attributes: Mapping[str, str]
    parts: list[Element] = field(default_factory=list)
    text: str = ""
    inline: bool = False

    def add(self, *parts: Element | None) -> None:
        """Add the elements that are there."""
        self.parts += [p for p in parts if p is not None]

    def lines(self) -> list[str]:
        """The lines of the element."""
        lines: list[str] = []
        self._write(lines, "")
        return lines

    def _write(self, lines: list[str], indent: str) -> None:
        attributes = "".join([f' {name}="{value.translate(_ESCAPES)}"' for name, value in self.attributes.items()])
        head = f"{indent}<{self.name}{attributes}"
        if self.inline:
            inner: list[str] = []
            for part in self.parts:
                part._write(inner, "")
            lines.append(f"{head}>{''.join(inner)}</{self.name}>")
        elif self.parts:
            lines.append(f"{head}>")
            for part in self.parts:
                part._write(lines, f"{indent}  ")
            lines.append(f"{indent}</{self.name}>")
        elif self.text:
            lines.append(f"{head}>{self.text.translate(_ESCAPES)}</{self.name}>")
        else:
            lines.append(f"{head}/>")


def element(name: str, attributes: Mapping[str, str] | None = None, text: str = "", *, always: str = "") -> Element:
    """An element with the attributes that have a value. ``always``: an attribute that may be empty."""
    found = {n: v for n, v in (attributes or {}).items() if v or n == always}
    return Element(name, found, text=text)


@dataclass(frozen=True)
class Parts:
    """The elements that many others have. ``language``: that of texts, '' for none.

    ``translations``: another language -> text -> the text in it.
    """

    language: str = ""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def translated(self, name: str, text: str) -> Element:
        """A Description or Decode."""
        texts = [(self.language, text)]
        texts += [(language, found[text]) for language, found in self.translations.items() if text in found]
        inner = [element("TranslatedText", {"xml:lang": language}, one) for language, one in texts]
        return Element(name, {}, inner, inline=True)

    def described(self, text: str) -> Element | None:
        """The Description of a text that is not empty."""
        return self.translated("Description", text) if text else None

    def documents(self, documents: Iterable[DocumentReference]) -> Iterator[Element]:
        """def:DocumentRef with its pages."""
        for document in documents:
            found = element("def:DocumentRef", {"leafID": document.leaf})
            for page in document.pages:
                attributes = {
                    "Type": page.kind, "PageRefs": page.pages, "FirstPage": page.first, "LastPage": page.last,
                    "Title": page.title,
                }  # fmt: skip
                found.add(element("def:PDFPageRef", attributes))
            yield found

    def leaf(self, leaf: Leaf) -> Element:
        """def:leaf."""
        found = element("def:leaf", {"ID": leaf.id, "xlink:href": leaf.href})
        found.add(element("def:title", text=leaf.title))
        return found
