"""The catalogue says what each list is; a list that was downloaded is found by its name, unless it was changed."""

import hashlib
import re
from urllib.parse import urlsplit

import pytest

from morelike.errors import ListError
from morelike.recipes.recipe import recipes
from morelike.text.lists.catalogue import external_lists, shipped_lists
from morelike.text.reading import read_corpus, read_lines

from ...list_server import LIST

EACH = pytest.mark.parametrize("external", external_lists().values(), ids=external_lists())


@EACH
def test_a_list_is_at_an_https_address_that_never_changes_or_says_how_to_get_it(external):
    if external.address:
        assert urlsplit(external.address).scheme == "https"
        assert re.search(r"/[0-9a-f]{40}/", external.address)  # a commit, not a branch
    else:
        assert external.advice
    assert external.name not in shipped_lists()


@EACH
def test_the_catalogue_says_what_the_file_is(external, data):
    content = data(external.file).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (external.bytes, external.sha256)
    corpus = read_corpus(data(external.file))
    assert len(corpus.words) == external.lines
    assert {corpus.fingerprint} == {each.data.sha256 for each in recipes().values() if each.data.list == external.file}


def keep(external, content):
    external.path.parent.mkdir(parents=True)
    external.path.write_bytes(content)


def test_a_list_in_the_data_folder_has_its_name_everywhere(external):
    keep(external, LIST)
    corpus = read_corpus("names_32033")
    assert (corpus.name, corpus.words) == ("names_32033", ["emma", "olivia", "ava", "isabella"])
    assert external.is_kept()


def test_a_file_of_that_name_takes_precedence(external, tmp_path, monkeypatch):
    keep(external, LIST)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names_32033").write_text("my own\n")
    assert read_lines("names_32033") == ["my own"]


def test_a_list_that_was_not_downloaded_is_refused_with_the_way_out(external):
    with pytest.raises(
        ListError, match=r"names_32033 does not ship and is not in .*: `morelike lists fetch names_32033`"
    ):
        read_lines("names_32033")
    assert not external.is_kept()


@pytest.mark.parametrize("content", [b"", LIST[:-1], LIST + b"\n", LIST.replace(b"emma", b"emna")])
def test_a_list_that_was_changed_is_refused(external, content):
    keep(external, content)
    with pytest.raises(ListError, match="is not the list names_32033: its SHA-256 is not"):
        read_lines("names_32033")
    assert not external.is_kept()
