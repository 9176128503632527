"""Running text by the command line: train, write on, judge and look inside, each with clean errors."""

import json
import math
import shutil
import tomllib

import pytest

from morelike.architecture import build
from morelike.training import result

from .conftest import TINY, train_in
from .test_bad_input import complaint

TEXT = "anna saw a hen.\nthe hen saw anna,\n\nand anna ran; " * 6
NGRAM = ["--model", "ngram", "--order", "3", "--smoothing", "witten-bell", "--no-report"]


@pytest.fixture(scope="module", autouse=True)
def small_baseline():
    """Let a run end soon: the count baseline, which is not looked at here, is of order 1."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(result, "build", lambda kind, settings: build(kind, settings or {"order": 1}))
        yield


@pytest.fixture(scope="module")
def prose(tmp_path_factory):
    path = tmp_path_factory.mktemp("prose") / "prose.txt"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture(scope="module")
def written(prose, tmp_path_factory):
    """A finished run of a small trained model on running text."""
    return train_in(tmp_path_factory.mktemp("written"), prose, "--as", "text", *TINY)


@pytest.fixture(scope="module")
def tallied(prose, tmp_path_factory):
    """A finished run of n-grams on running text."""
    return train_in(tmp_path_factory.mktemp("tallied"), prose, "--as", "text", *NGRAM)


def test_training_on_a_text_prints_what_it_writes_and_how_to_get_more(run, prose, tmp_path):
    ran = run("train", prose, "--as", "text", *NGRAM)
    assert ran.status == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert ran.out == (folder / "samples.txt").read_text()
    assert len(ran.out) == 500 + 1
    said = " ".join(ran.err.split())
    assert "Text from the model:" in said
    assert f"More: morelike sample runs/{folder.name} --characters 1000" in said
    assert "Leaks" not in said


def test_the_figures_of_a_text_count_every_character_but_the_first_of_each_part(run, prose):
    found = run("train", prose, "--as", "text", *NGRAM, "--json").json
    n = len(TEXT)
    lengths = {"train": int(0.8 * n), "dev": int(0.9 * n) - int(0.8 * n), "test": n - int(0.9 * n)}
    assert {part: found[part]["characters"] for part in lengths} == {part: k - 1 for part, k in lengths.items()}
    assert found["test"]["nats"] < math.log(10)


def test_settings_say_that_the_list_is_a_text(written):
    data = tomllib.loads((written / "config.toml").read_text())["data"]
    assert (data["as"], data["split"]) == ("text", "contiguous")


def test_settings_of_a_text_can_be_given_again_and_give_the_same_model(run, written, tmp_path):
    again = run("train", "--config", written / "config.toml", "--json").json
    assert (tmp_path / again["model"] / "model.safetensors").read_bytes() == (
        written / "model" / "model.safetensors"
    ).read_bytes()
    assert again["samples"][0] + "\n" == (written / "samples.txt").read_text()


def test_a_text_can_be_read_as_a_list_with_the_settings_of_the_text(run, tallied, tmp_path):
    found = run("train", "--config", tallied / "config.toml", "--as", "lines", "--json").json
    assert len(found["samples"]) > 1
    data = tomllib.loads((tmp_path / found["run"] / "config.toml").read_text())["data"]
    assert (data.get("as", "lines"), data["split"]) == ("lines", "shuffle-42")


@pytest.mark.parametrize("arguments", [["--characters", "50"], ["--characters", "50", "--greedy"]])
def test_sampling_writes_on_from_the_prefix(run, written, arguments):
    ran = run("sample", written, *arguments, "--prefix", "the hen ")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("the hen ")
    assert len(ran.out) == len("the hen ") + 50 + 1


def test_sampling_with_the_same_seed_writes_the_same_text_of_500_characters_by_default(run, written):
    one, again, other = (run("sample", written, "--seed", seed).out for seed in (1, 1, 2))
    assert one == again != other
    assert len(one) == 500 + 1


def test_sampling_with_json_gives_the_seed_and_the_text(run, tallied):
    found = run("sample", tallied, "--characters", "9", "--prefix", "a", "--seed", "5", "--json").json
    assert found == {"seed": 5, "text": found["text"]}
    assert len(found["text"]) == 10


def test_evaluating_the_text_itself_gives_one_loss_of_all_of_it(run, written, prose):
    found = run("evaluate", written, prose, "--json").json
    assert found["list"] == "prose"
    assert found["characters"] == len(TEXT) - 1
    assert found["bits"] == pytest.approx(found["nats"] / math.log(2))


def test_evaluating_a_part_gives_the_figure_of_training(run, tallied, tmp_path):
    (tmp_path / "test.txt").write_text(TEXT[int(0.9 * len(TEXT)) :], "utf-8")
    figures = json.loads((tallied / "meta.json").read_text())["losses"]["test"]
    assert run("evaluate", tallied, "test.txt", "--json").json["nats"] == pytest.approx(figures["nats"], rel=1e-9)


def test_scoring_a_passage_counts_each_character_but_its_first(run, written):
    (row,) = run("score", written, "the hen", "--json", "--detail").json["words"]
    assert [each["character"] for each in row["surprisal"]] == list("he hen")
    bits = [each["bits"] for each in row["surprisal"]]
    assert row["nats"] == pytest.approx(math.log(2) * sum(bits), rel=1e-5)
    assert row["bits_per_character"] == pytest.approx(sum(bits) / 6, rel=1e-5)
    assert run("score", written, "the hen").status == 0


def test_white_space_around_a_passage_is_scored(run, written):
    (row,) = run("score", written, " hen ", "--json", "--detail").json["words"]
    assert [each["character"] for each in row["surprisal"]] == list("hen ")


@pytest.mark.parametrize("flags", [[], ["--detail"]], ids=str)
def test_unknown_characters_of_a_passage_are_left_out_on_request(run, written, flags):
    known, with_unknown = (
        run("score", written, passage, "--unknown", "skip", "--json", *flags) for passage in (" hen ", " hXen ")
    )
    assert with_unknown.status == 0
    (row,), (expected,) = with_unknown.json["words"], known.json["words"]
    assert row["nats"] == pytest.approx(expected["nats"], rel=1e-6)
    assert row["bits_per_character"] == pytest.approx(expected["nats"] / math.log(2) / 4, rel=1e-6)


def test_a_passage_in_another_normal_form_is_scored_alike(run, tmp_path):
    (tmp_path / "prose.txt").write_text("café né " * 40, "utf-8")
    trained = run("train", "prose.txt", "--as", "text", *NGRAM, "--json").json["run"]
    composed, apart = (run("score", trained, passage, "--json", "--detail") for passage in ("café", "cafe\u0301"))
    assert apart.status == 0
    assert apart.json["words"][0]["bits_per_character"] == composed.json["words"][0]["bits_per_character"]


def test_showing_a_model_of_text_tells_its_kind_and_its_losses(run, written):
    shown = run("show", written)
    assert shown.status == 0
    assert "mlp" in shown.out
    assert run("show", written, "--json").json["losses"].keys() == {"train", "dev", "test"}


def unfinished(written, folder):
    """Return a copy of a run as it is left behind by a kill after its first checkpoint."""
    left = shutil.copytree(written, folder / "runs" / written.name)
    for path in sorted((left / "checkpoints").iterdir())[2:]:
        path.unlink()
    shutil.rmtree(left / "model")
    (left / "samples.txt").unlink()
    meta = json.loads((left / "meta.json").read_text())
    (left / "meta.json").write_text(json.dumps({**meta, "status": "running"}))
    return left


def test_a_text_run_that_was_left_is_resumed_to_the_same_model(run, written, tmp_path):
    left = unfinished(written, tmp_path)
    ran = run("train", "--resume", left)
    assert ran.status == 0, ran.err
    for name in ("model/model.safetensors", "samples.txt", "metrics.jsonl"):
        assert (left / name).read_bytes() == (written / name).read_bytes(), name


def test_a_text_through_a_pipe_is_kept_whole_and_resumed(run, prose, tmp_path):
    piped = run("train", "-", "--as", "text", *TINY, "--json", stdin=prose.read_bytes()).json
    whole = tmp_path / piped["run"]
    left = unfinished(whole, tmp_path / "left")
    ran = run("train", "--resume", left)
    assert ran.status == 0, ran.err
    assert (left / "model/model.safetensors").read_bytes() == (whole / "model/model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "'list.txt' is empty: give it some text, so that one character follows another"),
        (b" \n\n", "'list.txt' is empty: give it some text"),
        (b"x\n", "'list.txt' is a single character: give it some text"),
    ],
)
def test_a_text_with_nothing_in_it_is_refused(run, written, tmp_path, data, says):
    (tmp_path / "list.txt").write_bytes(data)
    assert says in complaint(run("train", "list.txt", "--as", "text", *NGRAM), 1)
    assert says in complaint(run("evaluate", written, "list.txt"), 1)
    assert [path.name for path in tmp_path.iterdir()] == ["list.txt"]


WRONG = {
    "characters of words": (
        ["sample", "WORDS", "--characters", "9"],
        2,
        ["--characters is for a model of running text"],
    ),
    "a split of lists": (
        ["train", "PROSE", "--as", "text", *NGRAM, "--split", "shuffle-42"],
        2,
        ["a running text is not split by 'shuffle-42': choose among contiguous, none"],
    ),
    "a split of texts": (["train", "PROSE", *NGRAM, "--split", "contiguous"], 2, ["no split is called 'contiguous'"]),
    "an unknown character in the prefix": (["sample", "TEXT", "--prefix", "anXa"], 1, ["'X' (U+0058) at position 3"]),
    "an unknown character to score": (["score", "TEXT", "hXn"], 1, ["'X' (U+0058) at position 2 of 'hXn'"]),
    "a single character to score": (["score", "TEXT", "h"], 2, ["'h'", "give two characters or more"]),
    "a passage of which too little is known": (
        ["score", "TEXT", "hX", "--unknown", "skip"],
        2,
        ["two characters or more"],
    ),
    "a share for unknown characters": (["score", "TEXT", "hen", "--unknown", "reserve"], 2, ["'error' or 'skip'"]),
    "fewer than no characters": (["sample", "TEXT", "--characters", "-1"], 2, ["--characters -1"]),
    "another form": (["train", "PROSE", "--as", "prose"], 2, ["prose", "text"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_nonsense_for_a_text_is_refused_in_one_sentence(run, written, counted, prose, tmp_path, case):
    arguments, status, says = WRONG[case]
    places = {"WORDS": str(counted), "TEXT": str(written), "PROSE": str(prose)}
    line = complaint(run(*(places.get(argument, argument) for argument in arguments)), status)
    assert not [each for each in says if each not in line], line
    assert not (tmp_path / "runs").exists()


def test_a_form_in_a_settings_file_that_makes_no_sense_is_named(run, written, tmp_path):
    settings = (written / "config.toml").read_text()
    (tmp_path / "config.toml").write_text(settings.replace('as = "text"', 'as = "prose"'))
    assert "as = 'prose': a list is read as lines or as text" in complaint(run("train", "--config", "config.toml"), 2)


def test_a_text_too_short_to_split_says_so(run, tmp_path):
    (tmp_path / "list.txt").write_text("anna\nhen\n")
    found = run("train", "list.txt", "--as", "text", *NGRAM, "--json").json
    assert not {"dev", "test"} & found.keys()
    assert found["notes"][0].startswith("9 characters are too few to hold any out: all are used for training")
