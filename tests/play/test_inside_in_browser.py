"""The view that looks inside a model, in a browser: what it shows are the values of the server at the chosen look."""

import json
from importlib import resources

import pytest

from ..training.runs import pronounceable
from .browser import MARKS, RULES, served, until

pytestmark = MARKS
HOSTILE = "<img src=x onerror=alert(1)>"
FINISHED = "document.querySelector('.status').textContent.startsWith('Finished')"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(tmp_path_factory.mktemp("inside"), [HOSTILE, *pronounceable(300), HOSTILE]) as address:
        yield address


@pytest.fixture
def page(chromium, address):
    """The inside of a finished run; afterwards the page had no error, and asked no other address."""
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    home, complaints = address.partition("/?")[0], []
    page.on("console", lambda said: complaints.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda each: None if each.url.startswith((home, "data:")) else complaints.append(each.url))
    page.goto(address)
    page.goto(f"{home}/#inside")
    until(page, "document.querySelector('inside-embedding')")
    until(page, FINISHED, 120)
    yield page
    page.context.close()
    assert complaints == []  # a refused word is no error of the browser


def begin(page, kind):
    """Show a model of this kind, and train it to its end if there is none."""
    if page.input_value("#kind") == kind:
        return
    page.select_option("#kind", kind)
    until(page, f"!{FINISHED}", 30)
    until(page, FINISHED, 120)


def at_look(page, key, element):
    """Go to the look at this key of the slider; return what the server says to the panel of an element there."""
    page.focus("#look")
    page.keyboard.press(key)
    return settled(page, element)


def settled(page, element):
    """Wait until an element shows the look and the query that it was asked for; return what the server says to them."""
    step = "document.querySelector('#view-inside output').dataset.step"
    panel = f"document.querySelector('{element}')"
    until(page, f"{panel}.dataset.step === {step} && !{panel}.load.isBusy && !{panel}.isWaiting")
    return server(page, element)


def server(page, element):
    """Return the server's panel for the look, and the query, that an element shows."""
    url = page.evaluate(f"document.querySelector('{element}').dataset.asked")
    return page.evaluate("(url) => fetch(url).then((answer) => answer.json())", url)


@pytest.mark.parametrize("key", ["End", "Home"])
def test_letters_stand_where_the_embedding_says_on_axes_that_do_not_change(page, key):
    answer = at_look(page, key, "inside-embedding")
    shown = page.evaluate(
        "[...document.querySelectorAll('inside-embedding .point')].map((e) => [e.textContent, e.dataset.at])"
    )
    assert shown == [
        [symbol or "⏎", " ".join(map(_js, point))]
        for symbol, point in zip(answer["symbols"], answer["points"], strict=True)
    ]
    reach = "document.querySelectorAll('inside-embedding .tick')[0].textContent"
    before = page.evaluate(reach)
    at_look(page, "ArrowRight" if key == "Home" else "ArrowLeft", "inside-embedding")
    assert page.evaluate(reach) == before


@pytest.mark.parametrize("key", ["End", "Home"])
def test_what_comes_next_is_what_the_model_says_and_a_click_writes_on(page, key):
    page.fill("#next-prefix", "ba")
    answer = at_look(page, key, "inside-next")
    shown = page.locator("inside-next .bar-row .value").all_text_contents()
    assert answer["prefix"] == "ba"
    assert [float(each[:-1]) for each in shown] == pytest.approx([100 * p for p in answer["probabilities"]], abs=0.0501)
    add = page.locator("inside-next button.bar-row").first
    letter = add.locator(".name").text_content()
    add.focus()
    page.keyboard.press("Enter")
    assert page.input_value("#next-prefix") == "ba" + letter


def rows(page, element):
    """Return the cells of the table behind a panel, without its head."""
    page.click(f"{element} >> text=table")
    until(page, f"document.querySelector('{element} tbody tr')")
    found = page.evaluate(
        f"[...document.querySelectorAll('{element} tbody tr')].map((row) => [...row.cells].map((c) => c.textContent))"
    )
    page.click(f"{element} >> text=table")
    return found


def numbers(cells):
    return [float(cell) for cell in cells]


@pytest.mark.parametrize("key", ["End", "Home"])
def test_states_and_the_words_that_move_a_unit_are_those_of_the_model(page, key):
    begin(page, "gru")
    page.fill("#inside-word", "bane")
    page.select_option("#states-layer", "layers.0.z")
    page.fill("#states-unit", "5")
    page.keyboard.press("Enter")
    answer = at_look(page, key, "inside-states")
    assert (answer["word"], answer["layer"]) == ("bane", "layers.0.z")
    fifth = rows(page, "inside-states")[5]
    assert numbers(fifth[1:]) == pytest.approx([row[5] for row in answer["values"]], abs=0.00501)
    page.locator("inside-unit").scroll_into_view_if_needed()
    moved = settled(page, "inside-unit")
    assert (moved["index"], moved["layer"]) == (5, "layers.0.z")
    assert [row[0] for row in rows(page, "inside-unit")] == [each["word"] for each in moved["words"]]


def test_a_head_is_switched_off_and_the_loss_of_new_words_changes(page):
    begin(page, "transformer")
    page.fill("#inside-word", "bane")
    page.locator("inside-attention").scroll_into_view_if_needed()
    for key in ("Home", "End"):
        answer = at_look(page, key, "inside-attention")
        found = rows(page, "inside-attention")
        weights = [row for head in answer["weights"] for row in head]
        assert [numbers(row[2:]) for row in found] == [pytest.approx(row, abs=0.00501) for row in weights]
    page.locator("inside-attention .head-button").nth(1).focus()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('inside-attention .total').textContent.startsWith('Without head 1')")
    change = settled(page, "inside-attention")["without_head"]["change"]
    told = page.locator("inside-attention .total").text_content()
    assert f"{change:+.3f}" in told
    assert page.locator("inside-attention .head-button").nth(1).get_attribute("aria-pressed") == "true"


def test_a_panel_that_a_kind_cannot_have_says_so_in_one_sentence(page):
    begin(page, "gru")
    page.locator("inside-attention").scroll_into_view_if_needed()
    until(page, "document.querySelector('inside-attention .warning').textContent.includes('no attention')")


@pytest.mark.parametrize("key", ["End", "Home"])
def test_health_and_memory_are_those_of_the_model(page, key):
    begin(page, "gru")
    page.locator("inside-memory").scroll_into_view_if_needed()
    health, memory = at_look(page, key, "inside-health"), settled(page, "inside-memory")
    assert rows(page, "inside-health")[0][1:4] == [
        str(health["activations"][0]["units"]),
        f"{100 * health['activations'][0]['saturated']:.1f}%",
        str(health["activations"][0]["dead"]),
    ]
    told = page.locator("inside-memory .inside-chart").text_content()
    assert f"{100 * memory['copied']:.1f}%" in told
    assert f"{memory['gap']['typical']:,.2f} times" in told


def test_a_person_guesses_a_word_and_is_compared_with_the_models(page):
    page.locator("inside-guess").scroll_into_view_if_needed()
    until(page, "document.querySelector('inside-guess').secret")
    secret = page.evaluate("document.querySelector('inside-guess').secret")
    wrong = next(letter for letter in "ab" if letter != secret[0])
    page.fill("#guess-letter", wrong)
    for letter in secret:
        page.fill("#guess-letter", letter)
    page.locator("inside-guess button", has_text="The word ends").focus()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('inside-guess tbody tr')")
    answer = server(page, "inside-guess")
    shown = [row.locator("td").all_text_contents() for row in page.locator("inside-guess tbody tr").all()]
    assert shown[0][1].split() == ["2", *["1"] * len(secret)]
    models = answer["models"]
    assert [row[1].split() for row in shown[1:]] == [[*map(str, each["guesses"])] for each in models]
    assert numbers(row[2] for row in shown[1:]) == pytest.approx(
        [each["total_bits"] / len(each["bits"]) for each in models], abs=0.00501
    )


def test_a_bigram_comes_near_the_counts(page):
    begin(page, "bigram")
    page.locator("inside-counts").scroll_into_view_if_needed()
    distances = []
    for key in ("Home", "End"):
        answer = at_look(page, key, "inside-counts")
        assert f"{answer['distance']:.3f}" in page.locator("inside-counts .total").text_content()
        distances.append(answer["distance"])
        first = rows(page, "inside-counts")[0]
        a, b = (answer["symbols"].index("" if each == "⏎" else each) for each in first[:2])
        assert numbers(first[2:]) == pytest.approx([answer["learned"][a][b], answer["frequencies"][a][b]], abs=0.000501)
    assert distances[1] < distances[0]


def test_one_step_and_its_scalar_graph_are_those_of_an_mlp(page):
    begin(page, "mlp")
    page.fill("#inside-word", "bane")
    page.locator("inside-lens").scroll_into_view_if_needed()
    page.fill("#lens-position", "2")
    page.keyboard.press("Enter")
    for key in ("Home", "End"):
        answer = at_look(page, key, "inside-lens")
        assert (answer["position"], answer["target"]) == (2, "n")
        told = page.locator("inside-lens ol").text_content()
        assert f"{answer['loss']:.3f} nats" in told
        assert f"from {answer['loss']:.4f} to {answer['loss_after']:.4f}" in told
        gradients = [each["gradient"] for each in answer["symbols"]]
        assert numbers(row[3] for row in rows(page, "inside-lens")) == pytest.approx(gradients, abs=0.0000501)
    page.locator("inside-graph").scroll_into_view_if_needed()
    graph = settled(page, "inside-graph")
    until(page, "document.querySelector('inside-graph img').naturalWidth > 0")
    assert numbers(row[3] for row in rows(page, "inside-graph"))[-1] == pytest.approx(graph["nodes"][-1]["grad"]) == 1


@pytest.mark.parametrize("language", ["en", "fr", "it"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_people_from_looking_inside(page, scheme, language):
    pytest.importorskip("axe_playwright_python")
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    page.emulate_media(color_scheme=scheme)
    page.select_option("#language", language)
    until(page, f"document.documentElement.lang === '{language}'")
    page.evaluate(axe)
    found = page.evaluate("(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", RULES)
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []


def test_the_view_is_in_the_address_and_is_reached_by_keyboard(page):
    page.focus("play-views a >> nth=0")
    page.keyboard.press("Enter")
    until(
        page,
        "location.hash === '#watch' && document.querySelector('#view-inside').hidden",
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "location.hash === '#inside' && document.querySelector('#view-watch').hidden")


def test_a_hostile_word_is_text_and_both_views_share_it(page):
    page.fill("#inside-word", HOSTILE)
    until(page, f"document.querySelector('#heat-word').value === {json.dumps(HOSTILE)}")
    until(page, "document.querySelector('inside-next').dataset.asked?.includes('next')")
    assert page.locator("#view-inside img[src='x']").count() == 0


def _js(value):
    """A number as JavaScript writes it."""
    return json.dumps(int(value)) if float(value).is_integer() else json.dumps(value)


@pytest.mark.slow  # it waits for moments of a run, which a loaded machine may pass by
@pytest.mark.parametrize(
    ("language", "unfit", "unknown", "note"),
    [
        ("fr", "un modèle gru n’a pas d’attention", "le modèle ne connaît pas le caractère 'Ω'", "40 premiers"),
        ("it", "un modello gru non ha attenzione", "il modello non conosce il carattere 'Ω'", "primi 40"),
    ],
)
def test_what_the_server_says_is_said_in_the_language_of_the_page(page, language, unfit, unknown, note):
    begin(page, "gru")
    page.select_option("#language", language)
    page.fill("#inside-word", "bane" * 12)
    page.locator("inside-states").scroll_into_view_if_needed()
    until(page, f"document.querySelector('#inside-word') && document.querySelector('html').lang === '{language}'")
    until(page, f"document.querySelector('inside-states .note').textContent.includes({json.dumps(note)})")
    page.locator("inside-attention").scroll_into_view_if_needed()
    until(page, f"document.querySelector('inside-attention .warning').textContent.includes({json.dumps(unfit)})")
    assert page.locator("inside-attention.refused").count() == 1
    page.fill("#inside-word", "baΩe")
    page.locator("inside-states").scroll_into_view_if_needed()
    until(page, f"document.querySelector('inside-states .warning').textContent.includes({json.dumps(unknown)})")
    assert page.locator("inside-states.refused").count() == 0  # another word mends it
    page.fill("#inside-word", "")
    page.select_option("#language", "en")
