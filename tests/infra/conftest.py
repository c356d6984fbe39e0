"""Set-up shared by the tests of the stacks."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

# Read when the CDK's engine starts, at the first import: template validation costs seconds at each
# synth. test_cdk_cli.py has the one synth with it.
os.environ.setdefault("CDK_VALIDATION", "false")

from synthesis import Template, registry_template, template_of


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Keep these tests on one worker: each process pays for its own CDK engine."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group("infra"))


@pytest.fixture(scope="session")
def template() -> Template:
    """One monitor, every setting at its default."""
    return template_of("defaults")


@pytest.fixture(scope="session")
def two_teams() -> Template:
    """Two monitors whose readers overlap, and no run on deploy."""
    return template_of("two_teams")


@pytest.fixture(scope="session")
def everything() -> Template:
    """Every setting away from its default, and all that monitors use."""
    return template_of("everything")


@pytest.fixture(scope="session")
def from_registry() -> Template:
    """One monitor, the function from an image that is already built."""
    return template_of("from_registry")


@pytest.fixture(scope="session")
def registry() -> Template:
    """The stack that keeps such images."""
    return registry_template()


@pytest.fixture(scope="session")
def allowlist() -> Template:
    """A website for some addresses."""
    return template_of("allowlist")


@pytest.fixture(scope="session")
def cloudfront() -> Template:
    """A site on CloudFront's own domain, for some addresses with the password."""
    return template_of("cloudfront")


@pytest.fixture(scope="session")
def own_domain() -> Template:
    """A site on CloudFront with a domain of its own, for some addresses."""
    return template_of("own_domain")
