"""`morelike play` refuses in one sentence what it cannot do, before anything starts."""


def test_without_the_extra_one_sentence_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr("morelike.cli.shared.extras.find_spec", lambda name: None)
    ran = run("play", "--no-browser")
    assert ran.status == 1
    assert ran.err == "morelike: the page needs fastapi and uvicorn: install it with `pip install 'morelike[serve]'`\n"


def test_a_language_or_a_list_that_does_not_exist_is_refused_before_anything_starts(run, tmp_path):
    for arguments in (["--lang", "xx"], ["no-such-list"]):
        ran = run("play", "--no-browser", "--out", str(tmp_path / "runs"), *arguments)
        assert ran.status in (1, 2)
        assert ran.err.count("\n") == 1
    assert not (tmp_path / "runs").exists()
