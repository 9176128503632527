"""The bodies of requests of the page, checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from morelike.play.breaking.faults import Fault
from morelike.runs.knobs import MOST_ROWS, Knob

Name = Annotated[str, Field(max_length=200)]


class Body(BaseModel):
    """A body: no unknown fields, no infinite numbers."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ListBody(Body):
    """A list that a person pasted or dropped."""

    text: Annotated[str, Field(max_length=4 << 20)]
    name: Name = ""


class Start(Body):
    """A look of a run, whose weights another run begins with."""

    run: Name
    step: Annotated[int, Field(ge=0)]


class RunBody(Body):
    """A run to begin: its list, kind and settings, and the fault that it is to have.

    A run that `mends` a broken one has its list, kind and settings, but not its fault.
    """

    list: Name = "names"
    kind: Name = "gru"
    settings: dict[Name, int | float | str | bool] = Field(default_factory=dict, max_length=40)
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    quick: bool = True
    start_from: Start | None = None
    fault: Annotated[Fault | None, Field(alias="break")] = None
    mends: Name | None = None


class CommandBody(Body):
    """A command to a run; a knob has a name and a value."""

    command: Literal["pause", "resume", "step", "few_steps", "stop", "continue", "knob"]
    name: Knob = "learning_rate"
    value: Annotated[float | None, Field(gt=0, le=MOST_ROWS)] = None
