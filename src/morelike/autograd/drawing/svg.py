"""Boxes and edges as the text of an SVG file. It has no style sheet and no ids that could clash with those of a page.

Boxes are filled and lines are grey, so that the picture suits a white and a black page. Inputs are blue with round
corners, results are orange with square corners (Okabe and Ito 2008): shape and colour both tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import combining, east_asian_width

from morelike.autograd.drawing.layout import HEIGHT, Layout, Path

CHARACTER = 7.9  # width at the font size below, with room for wide fonts
FONT = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13"'
LONGEST = 40  # characters of a line; the tooltip has the full text
MARGIN = 12.0
WIDEST = 1600.0
"""Pixels of the widest picture, so that a notebook shows it whole."""
LINE = "#767676"
INPUT = ("#e3f1fa", "#0072b2", 12)
RESULT = ("#fdf1dc", "#b86e00", 2)
INK = "#1a1a1a"


@dataclass(frozen=True)
class Box:
    """Lines of text, the first one bold. `hint` is the tooltip."""

    lines: list[str]
    computed: bool
    hint: str

    @property
    def width(self) -> float:
        """The width of the box in pixels; every line fits."""
        return max(64.0, CHARACTER * max(_cells(_short(line)) for line in self.lines) + 20)


def svg(boxes: Sequence[Box], hints: Sequence[str], placed: Layout) -> str:
    """Return the picture of boxes in a layout. `hints` are the tooltips of the edges."""
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    scale = min(1.0, WIDEST / width)  # a picture that could not be folded enough is shown smaller
    edges = [_edge(path, hint) for path, hint in zip(placed.paths, hints, strict=True)]
    drawn = [_box(box, x, y) for box, x, y in zip(boxes, placed.centres, placed.tops, strict=True)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{scale * width:.0f}" height="{scale * height:.0f}" '
            f'viewBox="{-MARGIN:g} {-MARGIN:g} {width:.1f} {height:.1f}" role="img" {FONT}>',
            f"<title>{_text(boxes[-1].lines[0])}</title>",
            *edges,
            *drawn,
            "</svg>\n",
        ]
    )


def _box(box: Box, centre: float, top: float) -> str:
    fill, stroke, corner = RESULT if box.computed else INPUT
    lines = "".join(
        f'<text x="{centre:.1f}" y="{top + 19 + 17 * i:.1f}" fill="{INK}" text-anchor="middle"'
        f' font-weight="{"normal" if i else "bold"}">{_text(_short(line))}</text>'
        for i, line in enumerate(box.lines)
    )
    return (
        f"<g><title>{_text(box.hint)}</title>"
        f'<rect x="{centre - box.width / 2:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{HEIGHT:g}" '
        f'rx="{corner}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>{lines}</g>'
    )


def _edge(path: Path, hint: str) -> str:
    """Return an edge as curves that start and end vertically, with an arrow head at the end."""
    (x, y), *rest = path
    drawn = [f"M{x:.1f} {y:.1f}"]
    end_x, end_y = path[-1]
    for to_x, to_y in [*rest[:-1], (end_x, end_y - 6)]:
        middle = (y + to_y) / 2
        drawn.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    head = f"M{end_x:.1f} {end_y:.1f}l-4 -8h8z"
    return (
        f'<g><title>{_text(hint)}</title><path d="{"".join(drawn)}" fill="none" stroke="{LINE}" stroke-width="1.5"/>'
        f'<path d="{head}" fill="{LINE}"/></g>'
    )


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _cells(line: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)


def _text(text: str) -> str:
    """Return text for XML: special characters are escaped, unprintable characters are replaced."""
    return escape("".join(character if character.isprintable() else "�" for character in text))
