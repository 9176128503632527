"""Requests of every sort, made from the server's own description: none breaks it, and each answer is as described."""

import pytest
from hypothesis import HealthCheck, given, settings

from morelike.sampling import generate
from morelike.web.app import Limits, guarded_app
from morelike.web.guard import Hosts

schemathesis = pytest.importorskip("schemathesis")

ROUTES = [("POST", "/v1/sample"), ("POST", "/v1/write"), ("POST", "/v1/score"), ("GET", "/v1/next")]
ROUTES += [("GET", "/v1/models")]
SORTS = list(schemathesis.GenerationMode)  # requests that fit the description, and such as do not
AS_DESCRIBED = {"expected-statuses": [200, 404, 422]}  # it may still ask for what a model cannot do
NOT_SO = {"expected-statuses": [400, 405, 413, 415]}
EVERY_ROUTE = pytest.mark.parametrize(("method", "address"), ROUTES)


@pytest.fixture(scope="session")
def description(models):
    app = guarded_app(models, Hosts.of("testserver", 80), Limits(seconds=60.0))
    config = schemathesis.Config.from_dict(
        {"checks": {"positive_data_acceptance": AS_DESCRIBED, "negative_data_rejection": NOT_SO}}
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    """Give up soon where words run out: greedy choices make one word, and requests ask for thousands."""
    monkeypatch.setattr(generate, "REJECTED_LIMIT", 64)


def send_many(route, sort, count):
    if route.path == "/v1/models" and sort is schemathesis.GenerationMode.NEGATIVE:
        return  # it takes nothing that could be wrong

    @settings(max_examples=count, suppress_health_check=list(HealthCheck))
    @given(case=route.as_strategy(generation_mode=sort))
    def send(case):
        case.call_and_validate()

    send()


def test_every_route_is_tried(description):
    found = {(route.ok().method.upper(), route.ok().path) for route in description.get_all_operations()}
    assert found == set(ROUTES)


@pytest.mark.parametrize("sort", SORTS)
@EVERY_ROUTE
def test_no_request_breaks_the_server(description, method, address, sort):
    send_many(description[address][method], sort, 6)


@pytest.mark.slow
@pytest.mark.parametrize("sort", SORTS)
@EVERY_ROUTE
def test_no_request_of_many_breaks_the_server(description, method, address, sort):
    send_many(description[address][method], sort, 100)
