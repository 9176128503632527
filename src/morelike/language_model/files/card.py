"""The model card: the README of a model folder (Mitchell et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from morelike.architecture import Architecture

MAX_LABELS = 20
FOLDER_ENDING = (
    "```sh\nmorelike sample THIS_FOLDER -n 20\nmorelike score THIS_FOLDER emma xqzt\n```\n\n"
    "`known.safetensors` holds a hash of each word of the list, to distinguish new words from copied ones. "
    "Anyone with the folder can test whether a given word was in the list.\n"
)
"""The end of the card of a model folder: how the model is used, and what the folder discloses."""


def model_card(
    architecture: Architecture,
    symbols: int,
    parameters: int,
    facts: Mapping[str, Any],
    labels: Mapping[str, float],
    ending: str = FOLDER_ENDING,
) -> str:
    """Return the card as Markdown: kind, training list, losses, and last the `ending`."""
    settings = ", ".join(f"{name} {value}" for name, value in architecture.settings_in_use().items())
    rows = [
        f"| {name} | {figures['nats']:.4f} | {figures['interval'][0]:.4f} to {figures['interval'][1]:.4f} "
        f"| {figures['bits']:.4f} | {figures['lines']:,} |"
        for name, figures in facts.get("losses", {}).items()
    ]
    learned = ""
    if facts.get("list") is not None:
        lines = f"{facts['lines']:,} lines"
        if (train := facts.get("learned_lines", facts["lines"])) != facts["lines"]:
            lines = f"{train:,} of its {lines}"
        learned = (
            f"It learned from the list `{_one_line(facts['list'])}` ({lines}, split `{facts['split']}`, "
            f"SHA-256 of the list `{facts['fingerprint'][:16]}`).\n\n"
        )
        if facts.get("refit"):
            learned += (
                "The losses are those of the model before it was trained anew on all lines: train, dev and test "
                "together.\n\n"
            )
    if facts.get("test_hidden"):
        learned += "Its loss on test is hidden: it has not been computed.\n\n"
    if (moment := facts.get("test_looked_at")) is not None:
        learned += f"Its loss on test was hidden until {moment}.\n\n"
    if facts.get("blend") is not None:
        members = (f"{each['weight']:.3g} `{_one_line(each['list'])}` ({each['kind']})" for each in facts["blend"])
        learned = f"A blend, character by character, of models of several lists: {', '.join(members)}.\n\n"
    if labels:
        shown = [f"`{_one_line(label)}` {share:.1%}" for label, share in list(labels.items())[:MAX_LABELS]]
        more = ", ..." if len(labels) > MAX_LABELS else ""
        learned += (
            f"It can be conditioned on labels (`--label`); their shares of train are: {', '.join(shown)}{more}.\n\n"
        )
    table = ""
    if rows:
        head = "| part | nats per character | 95 % interval | bits per character | lines |\n|---|---|---|---|---|\n"
        table = head + "\n".join(rows) + "\n\n"
    return (
        f"# A morelike model of kind `{architecture.kind}`\n\n"
        f"A character language model: {settings}; {symbols} symbols, {parameters:,} parameters.\n\n"
        f"{learned}{table}{ending}"
    )


def _one_line(name: object) -> str:
    """Return a name that Markdown shows as it is: it has one line and no backquote."""
    return " ".join(str(name).split()).replace("`", "'")
