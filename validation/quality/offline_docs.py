"""Makes the Data Docs of great-expectations readable without the web: no scripts, styles and images of other servers.

Their tables need scripts from the web; the front page gets plain links in their place. Not for writing them
(data_docs.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

#: a browser that reads it opens no connection, whatever the page names
_POLICY = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
_STYLE = """
body { font: 15px/1.45 system-ui, "Segoe UI", Roboto, Arial, sans-serif; margin: 0 auto; }
body { max-width: 1200px; padding: 12px; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #d5dce3; padding: 4px 10px; text-align: left; vertical-align: top; }
a { color: #0b5394; } img { display: none; } .text-success { color: #1e6b3a; } .text-danger { color: #b3261e; }
.fa-check-circle::before { content: "\\2713"; } .fa-times::before { content: "\\2717"; }
"""
#: what needs the web or its scripts: resources, buttons of filters, the newsletter
_NEEDS_WEB = (
    "//script | //link | //img | //footer | //button | //input[@type='radio'] | //*[@onclick]"
    " | //p[contains(@class, 'card-text')] | //iframe"
)


def without_web(folder: Path) -> None:
    """Change every page below ``folder``. A browser then opens no connection for them."""
    from lxml import html

    pages = sorted(folder.rglob("*.html"))
    for path in pages:
        root: Any = html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
        for element in root.xpath(_NEEDS_WEB):
            if element.getparent() is not None:
                element.drop_tree()
        head = root.find("head")
        if head is not None:
            head.insert(0, html.fragment_fromstring(_POLICY))
            head.append(html.fragment_fromstring(f"<style>{_STYLE}</style>"))
        if path == folder / "index.html":
            for table in root.xpath("//*[contains(@class, 'tab-content')] | //*[contains(@class, 'nav-tabs')]"):
                table.drop_tree()
            root.find("body").append(_links(folder, pages))
        path.write_bytes(html.tostring(root, doctype="<!DOCTYPE html>", encoding="utf-8"))


def _links(folder: Path, pages: list[Path]) -> Any:
    """Links to the pages of results and of expectations."""
    from lxml.html import builder

    parts = []
    for name, title in (("validations", "Results"), ("expectations", "Expectations")):
        of = [p.relative_to(folder).as_posix() for p in pages if p.relative_to(folder).parts[0] == name]
        links = [builder.LI(builder.A(Path(p).stem.replace("_", " "), href=quote(p))) for p in of]
        parts += [builder.H2(title), builder.UL(*links)]
    return builder.DIV(*parts)
