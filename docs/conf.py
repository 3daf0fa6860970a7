"""The docs as a site: `just site` makes it of the Markdown files of this folder, as they stand, without a network.

Beside each page.html stands page.md for assistants, and llms.txt lists them.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = "tokensheet"
author = "The tokensheet authors"
extensions = ["myst_parser"]
exclude_patterns = ["site"]
myst_heading_anchors = 4  # those of a code forge
nitpicky = True
highlight_language = "none"  # of blocks that do not say

html_theme = "furo"
html_title = "tokensheet"
html_favicon = "calculator/icon.svg"
html_static_path = ["site"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False  # the twins are that, with links that lead somewhere
html_show_sphinx = html_show_copyright = False
html_use_index = False  # of Python's objects, of which the pages have none
smartquotes = False  # what is typed stays so: --as-of has two hyphens

CALCULATOR = "calculator/index.html"  # a page of its own, which is copied as it is
# A page of this one line is the file that it names: a forge shows the line, the site the file
STAND_IN = re.compile(r"See \[.*\]\(\.\./(\w+\.md)\)\.\n")
LISTED = re.compile(r"^- \*{0,2}\[[^]]*\]\(([\w/-]+)\.md\)", re.MULTILINE)
BOX = re.compile(r"^( *- )\[ \] ", re.MULTILINE)
ALIGNED = re.compile(r"^\S.*\S {2,}\S", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--\w[\w-]*(?=[^<>]*<)")  # in HTML, and not within a tag
LINK = re.compile(r"(?<=\]\()(?!\w+:)([^)#\s]+)")


def setup(app: Sphinx) -> None:
    app.connect("source-read", read)
    app.connect("doctree-read", link_calculator, priority=400)  # before Sphinx collects what is downloaded
    app.connect("doctree-read", mark_aligned)
    app.connect("html-page-context", name_twin)
    app.connect("html-page-context", keep_options)
    app.connect("build-finished", write_besides)


def read(app: Sphinx, docname: str, source: list[str]) -> None:
    """What Sphinx reads of a page: its text, with what comes below it in the sidebar.

    The first page has a list of pages in each section; any other may have a folder of its own name.
    """
    trees = sections() if docname == "index" else {"": pages_below(docname)}
    source[0] = BOX.sub(r"\1☐ ", text_of(docname)) + "".join(
        "\n".join(["", "```{toctree}", ":hidden:", *[f":caption: {caption}"] * bool(caption), "", *pages, "```", ""])
        for caption, pages in trees.items()
        if pages
    )


def sections() -> dict[str, list[str]]:
    """The pages that each section of the first page lists."""
    parts = re.split(r"^## (.+)$", (HERE / "index.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {title: LISTED.findall(text) for title, text in zip(parts[::2], parts[1::2], strict=True)}


def pages_below(docname: str) -> list[str]:
    """The pages in the folder of a page's name, in the order in which it names them."""
    text = (HERE / f"{docname}.md").read_text(encoding="utf-8")
    pages = [f"{docname}/{page.stem}" for page in (HERE / docname).glob("*.md")]
    return [f"/{page}" for page in sorted(pages, key=lambda page: text.find(f"{page}.md"))]


def stand_ins() -> dict[Path, str]:
    """The files above this folder that are pages of the site, and as which."""
    found = {page.stem: STAND_IN.fullmatch(page.read_text(encoding="utf-8")) for page in HERE.glob("*.md")}
    return {HERE.parent / match[1]: page for page, match in found.items() if match}


def text_of(docname: str) -> str:
    """The Markdown of a page, or of what it stands in for, with links as the site has them."""
    pages = stand_ins()
    file = next((file for file, page in pages.items() if page == docname), HERE / f"{docname}.md")

    def from_here(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(file.parent / link[1]))
        if target in pages:
            target = HERE / f"{pages[target]}.md"
        return relative(target, docname)

    return LINK.sub(from_here, file.read_text(encoding="utf-8"))


def relative(target: Path, docname: str) -> str:
    return Path(os.path.relpath(target, (HERE / docname).parent)).as_posix()


def link_calculator(app: Sphinx, doctree: nodes.document) -> None:
    """Make links to the calculator links, where MyST has a file to download."""
    for node in [*doctree.findall(addnodes.download_reference)]:
        if node["reftarget"].endswith(CALCULATOR):
            node.replace_self(nodes.reference("", "", *node.children, refuri=node["reftarget"]))


def mark_aligned(app: Sphinx, doctree: nodes.document) -> None:
    """Blocks in which columns stand below each other: their lines are not to be broken."""
    for node in doctree.findall(nodes.literal_block):
        if ALIGNED.search(node.astext()):
            node["classes"].append("aligned")


def keep_options(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """No browser is to break a line between the two hyphens of an option."""
    context["body"] = OPTION.sub(r'<span class="whole">\g<0></span>', context.get("body", ""))


def name_twin(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    if doctree:
        twin = f'<link rel="alternate" type="text/markdown" href="{Path(pagename).name}.md">'
        context["metatags"] = context.get("metatags", "") + twin


def write_besides(app: Sphinx, error: Exception | None) -> None:
    """The calculator, the twin of each page, and llms.txt."""
    if error or app.builder.name != "html":
        return
    to, env = Path(app.outdir), app.env
    shutil.copytree(HERE / "calculator", to / "calculator", dirs_exist_ok=True)
    files = {str(path): f"_downloads/{name}" for path, (_, name) in env.dlfiles.items()}
    files |= {str(path): f"_images/{name}" for path, (_, name) in env.images.items()}
    moved = {Path(os.path.normpath(HERE / path)): HERE / name for path, name in files.items()}
    twins = dict[str, str]()
    for docname in env.found_docs:

        def in_site(link: re.Match[str], docname: str = docname) -> str:
            target = Path(os.path.normpath((HERE / docname).parent / link[1]))
            return relative(moved.get(target, target), docname)

        twins[docname] = LINK.sub(in_site, text_of(docname))
        (to / f"{docname}.md").write_text(twins[docname], encoding="utf-8")
    lines, every = list[str](), ["index"]
    for line in twins["index"].splitlines():
        lines.append(line)
        for page in LISTED.findall(line):
            below = [each.removeprefix("/") for each in pages_below(page)]
            lines += [f"  - [{env.titles[each].astext()}]({each}.md): {first_sentence(twins[each])}" for each in below]
            every += [page, *below]
    (to / "llms.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (to / "llms-full.txt").write_text("\n\n".join(twins[page] for page in every), encoding="utf-8")


def first_sentence(text: str) -> str:
    """What a page says first, after its title and who writes it."""
    paragraphs = [" ".join(each.split()) for each in text.split("\n\n")[1:]]
    said = next((each for each in paragraphs if re.match(r"[*`]*\w", each) and not each.startswith("Generated")), "")
    return re.split(r"(?<=[.?])\s", re.sub(r"\[([^]]*)\]\([^)]*\)|\*\*", r"\1", said))[0]
