"""`morelike lists`: which lists there are and where, and downloading those that do not ship."""

import pytest

from ..test_bad_input import complaint


def test_lists_say_whether_they_are_here(run, external):
    def where():
        return {each["name"]: each["where"] for each in run("lists", "--json").json}

    before = {"names": "ships", "mots": "ships", "names_32033": "lists fetch names_32033", "civil_mots": "not here"}
    assert where() == before
    assert run("lists", "fetch", "names_32033").status == 0
    assert where() == before | {"names_32033": str(external.path)}


def test_a_list_is_fetched_once_and_then_every_command_finds_it(run, server, external):
    ran = run("lists", "fetch", "names_32033")
    assert (ran.status, ran.out) == (0, f"{external.path}\n")
    assert f"names_32033: {external.bytes} bytes with the right SHA-256, from {server.address}" in ran.err
    assert run("contexts", "names_32033", "--json").json["examples"] == 25
    assert run("train", "names_32033", "--model", "ngram", "--no-report").status == 0
    assert run("sample", "latest", "-n", "1", "--not-in", "names_32033", "--seed", "0").out
    again = run("lists", "fetch", "names_32033", "names_32033", "--json")
    assert again.json == [{"name": "names_32033", "path": str(external.path), "downloaded": False}]
    assert "nothing was downloaded" in again.err
    assert len(server.paths) == 1


def test_a_list_that_was_changed_is_fetched_again(run, server, external):
    run("lists", "fetch", "names_32033")
    external.path.write_text("changed\n")
    assert "is not the list names_32033" in complaint(run("contexts", "names_32033"), 1)
    assert run("lists", "fetch", "names_32033", "--json").json[0]["downloaded"]
    assert len(server.paths) == 2


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["fetch"], 2, "which list? `morelike lists fetch NAME`; the names are names_32033, civil_mots"),
        (["fetch", "nmes_32033"], 2, "no list of the catalogue is called 'nmes_32033'; did you mean 'names_32033'?"),
        (["fetch", "civil_mots"], 1, "civil_mots cannot be downloaded: no public address of it is known; take"),
        (["fetch", "names_32033", "nowhere"], 2, "no list of the catalogue is called 'nowhere'"),
        (["fecth", "names_32033"], 2, 'Did you mean "fetch"?'),
        (["list", "names_32033"], 2, "takes no names: to download a list, `morelike lists fetch names_32033`"),
    ],
)
def test_a_list_that_cannot_be_fetched_is_an_error(run, server, external, arguments, status, says):
    assert says in complaint(run("lists", *arguments), status)
    assert server.paths == []


def test_a_changed_file_is_one_sentence(run, server, external):
    server.body = b"another"
    ran = run("lists", "fetch", "names_32033")
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert f"morelike: '{server.address}' sent 7 of {external.bytes} bytes: the file has changed or was cut" in ran.err
    assert not external.path.exists()
