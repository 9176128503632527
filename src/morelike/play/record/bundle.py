"""The ES modules of the page as one script, without a build tool: each module becomes a function, run when needed.

So the live page needs one request for its scripts, and a recording is one file. The modules keep to plain forms, which
tests hold: `import { a, b as c } from "./file.js";`, `import(path)`, and `export` before a function, a class or a
constant.
"""

from __future__ import annotations

import json
import posixpath
import re
from functools import cache
from importlib import resources

from morelike.play.page_files import without_comments

PAGE = resources.files("morelike.play") / "page"
ENTRY = "main.js"
"""The module with which the live page begins."""
RECORD = "record"
"""The folder of the modules that only a recording loads, among the modules of the page."""
RECORD_FILES = resources.files("morelike.play.record") / "page"
IMPORT = re.compile(r'^import (\{[^}]*\}) from ("\.[^"]+");$', re.MULTILINE)
DYNAMIC_IMPORT = re.compile(r"\bimport\(")
EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
OTHER_FORMS = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
NEEDLESS_LINE_END = re.compile(r"^((?:(?!//).)*[{,;])\n", re.MULTILINE)
"""A line end that separates nothing; a line with two slashes may end with a comment, so it keeps its own."""
WIDGET = "record/widget.js"
"""The module that stands around the page in a notebook."""
RUNTIME = """\
const LOADED = {};
const load = (name) => (LOADED[name] ??= MODULES[name]());
const importer = (folder) => (path) => load(new URL(path, `page:/${folder}/`).pathname.replace(/^\\/+/, ""));
"""


def read_page_file(name: str) -> str:
    """Return a file of the page as text; `name` is its path in the folder of the page."""
    folder, _, file = name.rpartition("/")
    return (RECORD_FILES / file if folder == RECORD else PAGE / folder / file).read_text("utf-8")


@cache
def bundle(entry: str) -> str:
    """Return one module that does what a module of the page does, with all others that it may load.

    Raises:
        ValueError: a module has another form, or modules import one another in a circle.
    """
    folders = {"": PAGE, **{each.name: each for each in PAGE.iterdir() if each.is_dir()}}
    if entry != ENTRY:
        folders[RECORD] = RECORD_FILES
    found = ((folder, file.name) for folder, files in folders.items() for file in files.iterdir())
    names = [posixpath.join(folder, file) for folder, file in found if file.endswith(".js")]
    sources = {name: without_comments(read_page_file(name)) for name in sorted(names) if name != WIDGET}
    _refuse_circles(sources)
    modules = "".join(f"{json.dumps(name)}: {_as_function(name, source)},\n" for name, source in sources.items())
    script = f"const MODULES = {{\n{modules}}};\n{RUNTIME}await load({json.dumps(entry)});\n"
    return NEEDLESS_LINE_END.sub(r"\1", script)


def _as_function(name: str, source: str) -> str:
    """Return a module as an asynchronous function that returns what the module exports."""
    exported = [match[2] for match in EXPORT.finditer(source)]

    def from_loaded(match: re.Match[str]) -> str:
        names = match[1].replace(" as ", ": ")
        return f"const {names} = await load({json.dumps(_path(name, match[2]))});"

    body = IMPORT.sub(from_loaded, source)
    body = EXPORT.sub(r"\1", body)
    body = DYNAMIC_IMPORT.sub("importing(", body)
    if other := OTHER_FORMS.search(body):
        raise ValueError(f"{name}: '{other[0]}' is no form of import or export that a recording takes")
    importing = f'const importing = importer("{posixpath.dirname(name)}");\n'
    return f"async () => {{\n{importing}{body}return {{ {', '.join(exported)} }};\n}}"


def _path(name: str, quoted: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), json.loads(quoted)))


def _refuse_circles(sources: dict[str, str]) -> None:
    """Refuse modules that wait for one another; they would never be ready."""
    imports = {name: {_path(name, each[2]) for each in IMPORT.finditer(source)} for name, source in sources.items()}
    while ready := [name for name, needs in imports.items() if not needs & imports.keys()]:
        for name in ready:
            del imports[name]
    if imports:
        raise ValueError(f"these modules import one another in a circle: {', '.join(imports)}")
