"""The best model so far of a run that has not finished: the best weights of its newest checkpoint.

When a run begins, the folder `untrained` gets the model without its weights: vocabulary, architecture, hashes of the
known words, facts and labels. The checkpoints hold the weights. Together they are a model, even if the list is gone.
"""

from __future__ import annotations

from morelike.errors import ModelError
from morelike.language_model.files.model_files import read_model, write_model
from morelike.language_model.model import LanguageModel
from morelike.runs.checkpoint import BEST, WEIGHTS, Checkpoint
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import read_config

CARD = "The model of this run without its weights, which `checkpoints/` holds until the run has finished.\n"


def save_untrained(run: RunFolder, model: LanguageModel) -> None:
    """Write a model without its weights into the folder of its run.

    Raises:
        ModelError: it cannot be written.
    """
    write_model(run.untrained, model.contents._replace(weights={}), CARD)


def best_model(run: RunFolder) -> tuple[LanguageModel, str]:
    """Return the best model so far of a run, and a sentence that says so, without a full stop.

    Raises:
        ModelError: no checkpoint is undamaged, or the rest of the model is damaged.
        RunError: meta.json is missing or damaged.
    """
    checkpoint = run.checkpoints.newest()
    if checkpoint is None:
        reasons = "; ".join(run.checkpoints.damaged) or "it has no checkpoint"
        raise ModelError(f"the run '{run.path}' has no model yet: {reasons}")
    best = checkpoint.arrays_of(BEST) or checkpoint.arrays_of(WEIGHTS)
    read = read_model(run.untrained, best)
    step = checkpoint.facts["best_step"] or checkpoint.facts["step"]
    model = LanguageModel(*read._replace(facts={**read.facts, "steps": step}))
    return model, _sentence(run, checkpoint, step)


def _sentence(run: RunFolder, checkpoint: Checkpoint, best_step: int) -> str:
    status, now = run.meta()["status"], checkpoint.facts["step"]
    steps = read_config(run.path / "config.toml")["training"]["steps"]
    state = "has failed" if status == "failed" else f"is {status}"
    sentence = f"the run '{run.path}' {state} at step {now:,} of {steps:,}: this is its best model so far, of step "
    sentence += f"{best_step:,}"
    if status == "running":  # a checkpoint that is being written is no damage
        return sentence
    return "; ".join([sentence, *run.checkpoints.damaged, f"go on with `morelike train --resume {run.path}`"])
