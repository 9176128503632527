"""The figure of every picture: one of plotly's, which a notebook keeps when it is converted, and which can be saved."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly import io

from morelike.errors import MorelikeError, SettingError
from morelike.pictures.web_page import notebook_html, picture_page

IMAGES = (".png", ".svg")
ENDINGS = (".html", ".json", *IMAGES)
"""The files of a picture: a page, plotly's own format, and images."""
IMAGE_SIZE = (1200, 700)
"""Width and height of an image, in pixels, for a picture that fits any size."""
SLIDE_SIZE = (960, 540)
"""Width and height of a slide of 16:9: its points, so that sizes of type are those of the slide."""
SLIDE_TYPE, SLIDE_TITLE = 20.0, 30
"""The greatest size of type on a slide, and that of its title, in points."""
SLIDE_HEAD = 70
"""The height of a slide's title, in points."""
NO_IMAGES = (
    "PNG and SVG need the package kaleido and a Chromium: install 'morelike[images]', or write a .html file, whose "
    "buttons save it as SVG and PNG"
)


class Figure(go.Figure):  # type: ignore[misc] # plotly ships no types
    """A figure of plotly that shows itself in a notebook without a network, and in a notebook converted to HTML.

    JupyterLab prefers plotly's own form. A page made by `nbconvert --to html` knows only the HTML, which is small.
    """

    def save(self, path: str | Path, *, slide: bool = False) -> None:
        """Write the figure to a file that ends in .html, .json, .png or .svg (see `save`)."""
        save(self, Path(path), slide=slide)

    def _repr_mimebundle_(self, *args: Any, **settings: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(*args, **settings)
        return bundle if "text/html" in bundle else {**bundle, "text/html": notebook_html(self)}

    def _repr_html_(self) -> str:
        return str(self._repr_mimebundle_()["text/html"])

    def _ipython_display_(self) -> None:
        """Show the figure in a notebook in all its forms. Elsewhere plotly shows it."""
        if io.renderers.default not in ("plotly_mimetype", "jupyterlab", "vscode", "nteract"):
            super()._ipython_display_()
            return
        import_module("IPython.display").display(self._repr_mimebundle_(), raw=True)


def require_ending(path: Path) -> None:
    """Refuse a picture file whose ending is not one of `ENDINGS`, and an image if the package that makes it is missing.

    Raises:
        SettingError: another ending.
        MorelikeError: kaleido is not installed.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise SettingError(f"the picture '{path}': name a file that ends in .html, .json, .png or .svg")
    if ending in IMAGES and find_spec("kaleido") is None:
        raise MorelikeError(f"the picture '{path}' cannot be made: {NO_IMAGES}")


def type_size(figure: go.Figure) -> float:
    """Return the size of type of a figure on a slide, in points: smaller if it has many rows with a name each."""
    rows = len(figure.layout.yaxis.tickvals or ())
    return min(SLIDE_TYPE, (SLIDE_SIZE[1] - 2 * SLIDE_HEAD) / max(rows, 1) / 1.05)


def as_slide(figure: go.Figure) -> go.Figure:
    """Return a copy of a figure for a slide of 16:9, with large type and marks."""
    size, (width, height) = type_size(figure), SLIDE_SIZE
    slide = Figure(figure)
    slide.update_layout(width=width, height=height, font_size=size, title_font_size=SLIDE_TITLE)
    top = SLIDE_HEAD + (30 if len(figure.data) > 1 else 0)  # a legend stands under the title
    slide.update_layout(margin={"t": top, "b": SLIDE_HEAD, "l": 70, "r": 30})
    slide.update_xaxes(title_font_size=size, tickfont_size=size).update_yaxes(title_font_size=size, tickfont_size=size)
    slide.update_annotations(font_size=size)
    for trace in slide.select_traces(selector={"type": "scatter", "mode": "lines"}):
        trace.update(line_width=1.6 * (trace.line.width or 2))
    return slide


def save(figure: go.Figure, path: Path, *, slide: bool = False) -> None:
    """Write a figure to a file: `.html` opens without a network, `.json` is the format of plotly, and `.png` and `.svg`
    are images, which kaleido makes by a Chromium. A `slide` has 16:9 and large type.

    Raises:
        SettingError: the path has another ending.
        MorelikeError: the file cannot be written, or no image can be made here.
    """
    require_ending(path)
    ending = path.suffix.lower()
    drawn = as_slide(figure) if slide else figure
    if ending in IMAGES:
        content = _image(drawn, ending.removeprefix("."))
    elif ending == ".html":
        content = picture_page(figure, slide=(*SLIDE_SIZE, type_size(figure)) if slide else None).encode()
    else:
        content = drawn.to_json().encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise MorelikeError(f"the picture '{path}' cannot be written: {error.strerror}") from None


def _image(figure: go.Figure, ending: str) -> bytes:
    width, height = IMAGE_SIZE
    try:
        content: bytes = figure.to_image(
            ending, width=figure.layout.width or width, height=figure.layout.height or height, scale=2
        )
    except Exception as error:  # kaleido reports a missing package or browser by errors of many classes
        said = (
            str(error).strip("(' \n").partition("\n")[0].partition("', '")[0]
        )  # some errors hold a tuple of sentences
        reason = said[:120].rstrip(".: ") or type(error).__name__
        raise MorelikeError(f"the image cannot be made ({reason}): {NO_IMAGES}") from None
    return content
