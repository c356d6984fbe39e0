"""What CloudFront runs for each request: who is let in, and what they are served."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from edge import EVENT, Edge, basic, edge, request, running
from synthesis import ROOT, Template

from drift_monitor.cli.deployed.credential import hashed
from stacks.common.ip_ranges import ends
from stacks.settings import DeploymentSettings
from stacks.site.cloudfront import viewer_request

USER, PASSWORD = "team", "correct horse battery staple"
STORED = {"credential": hashed(USER, PASSWORD, "00ff" * 8)}
GOOD = basic(f"{USER}:{PASSWORD}")
# CloudFront's limit for a function's code.
MAX_CODE = 10 * 1024


@pytest.fixture(scope="module")
def by_address() -> Iterator[Edge]:
    with edge(allow_ips=["203.0.113.0/24", "198.51.100.7", "2001:db8:a::/47"]) as function:
        yield function


@pytest.fixture(scope="module")
def asking() -> Iterator[Edge]:
    with edge(password=True) as function:
        yield function


@pytest.fixture
def by_password(asking: Edge) -> Edge:
    asking.stored = STORED
    return asking


def test_a_request_that_is_let_in_goes_on_as_it_came(by_address: Edge) -> None:
    assert by_address.ask(EVENT) == EVENT["request"]


@pytest.mark.parametrize(
    ("uri", "served"),
    [
        ("/", "/index.html"),
        ("/monitors/flights/", "/monitors/flights/index.html"),
        ("/index.html", "/index.html"),
        ("/monitors/flights/drift.json", "/monitors/flights/drift.json"),
        ("/assets/0a1b/uplot.min.js", "/assets/0a1b/uplot.min.js"),
    ],
)
def test_a_folder_is_served_its_index(by_address: Edge, uri: str, served: str) -> None:
    assert by_address.ask(request(uri))["uri"] == served


@pytest.mark.parametrize("uri", ["/monitors/flights", "/monitors", "//elsewhere", "/a.b/c"])
def test_a_folder_without_its_slash_is_redirected_to_this_host(by_address: Edge, uri: str) -> None:
    answer = by_address.ask(request(uri))
    assert answer["statusCode"] == 302
    location = f"https://d111111abcdef8.cloudfront.net{uri}/"
    assert answer["headers"] == {"location": {"value": location}}


@pytest.mark.parametrize(
    "ip",
    [
        *("203.0.113.0", "203.0.113.255", "198.51.100.7"),
        *("2001:db8:a::", "2001:db8:b:ffff:ffff:ffff:ffff:ffff", "2001:0db8:000a:0:0:0:0:1"),
        "2001:db8:a:1::203:7",
    ],
)
def test_an_address_within_the_ranges_reads(by_address: Edge, ip: str) -> None:
    assert by_address.ask(request(ip=ip))["uri"] == "/index.html"


@pytest.mark.parametrize(
    "ip",
    [
        *("203.0.112.255", "203.0.114.0", "198.51.100.6", "198.51.100.8", "0.0.0.1"),
        *("2001:db8:9:ffff::", "2001:db8:c::", "2001:db8::", "::", "::1", "::ffff:203.0.113.11"),
        *("", "203.0.113", "2001:db8:a", "localhost"),
    ],
)
def test_any_other_address_is_refused(by_address: Edge, ip: str) -> None:
    answer = by_address.ask(request(ip=ip, authorization=GOOD))
    assert answer["statusCode"] == 403
    assert answer["headers"]["cache-control"] == {"value": "no-store"}
    assert "uri" not in answer


def test_ranges_end_where_python_says_they_do() -> None:
    ranges = ["9.0.0.0/9", "203.0.113.64/27", "203.0.113.8/31", "2001:db8::/33", "2a00::/127"]
    with edge(allow_ips=ranges) as function:
        for text in ranges:
            network = ip_network(text)
            for ip in (network[0], network[-1], network[0] - 1, network[-1] + 1):
                let_in = "uri" in function.ask(request(ip=str(ip)))
                assert let_in == (ip in network), ip


def test_the_user_with_the_password_reads(by_password: Edge) -> None:
    answer = by_password.ask(request(authorization=GOOD))
    assert answer["uri"] == "/index.html"
    # Neither the cache nor the bucket has a use for it.
    assert "authorization" not in answer["headers"]


def test_the_schemes_name_may_be_written_in_any_case(by_password: Edge) -> None:
    assert "uri" in by_password.ask(request(authorization=GOOD.replace("Basic", "basic")))


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        *("", "Basic", "Basic ", "Basic  ", "basic=", "Bearer abc", "Basic !!!!", "Basic ===="),
        *(GOOD[:-1] + " x", f" {GOOD}", GOOD.replace("Basic ", ""), f"Basic {'A' * 100_000}"),
        basic(f"{USER}:{PASSWORD} "),
        basic(f"{USER}:{PASSWORD[:-1]}"),
        basic(f"{USER}:"),
        basic(f":{PASSWORD}"),
        basic(USER),
        basic(f"Team:{PASSWORD}"),
        basic(b"\xff\xfe:\x00"),
        basic(json.loads(STORED["credential"])["hash"]),
    ],
)
def test_anything_else_is_asked_for_the_password(
    by_password: Edge, authorization: str | None
) -> None:
    answer = by_password.ask(request(authorization=authorization))
    assert answer["statusCode"] == 401
    assert answer["headers"]["www-authenticate"]["value"].startswith("Basic realm=")
    assert answer["headers"]["cache-control"] == {"value": "no-store"}
    assert "uri" not in answer


@pytest.mark.parametrize("stored", [{}, {"other": "{}"}, {"credential": "not JSON"}, None])
def test_nobody_reads_before_a_password_is_set(asking: Edge, stored: dict[str, str] | None) -> None:
    asking.stored = stored
    for authorization in (None, GOOD, basic(":")):
        assert asking.ask(request(authorization=authorization))["statusCode"] == 401


@pytest.mark.parametrize("stored", ["null", "{}", '{"salt": "", "hash": ""}', '{"salt": "00"}'])
def test_nobody_reads_with_a_store_that_is_damaged(asking: Edge, stored: str) -> None:
    asking.stored = {"credential": stored}
    assert asking.ask(request(authorization=GOOD))["statusCode"] in {401, 503}


def test_both_are_asked_for_where_both_are_set() -> None:
    with edge(STORED, password=True, allow_ips=["203.0.113.0/24"]) as function:
        assert function.ask(request(ip="192.0.2.1", authorization=GOOD))["statusCode"] == 403
        assert function.ask(request())["statusCode"] == 401
        assert "uri" in function.ask(request(authorization=GOOD))


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1.0", "TLSv1.1", "SSLv3"])
def test_old_tls_is_refused(by_address: Edge, version: str) -> None:
    answer = by_address.ask(request(cloudfront_viewer_tls=f"{version}:AES128-SHA:fullHandshake"))
    assert answer["statusCode"] == 403
    assert "TLS 1.2" in answer["body"]["data"]


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_current_tls_is_not(by_address: Edge, version: str) -> None:
    answer = by_address.ask(request(cloudfront_viewer_tls=f"{version}:ECDHE-AES128:sessionResumed"))
    assert "uri" in answer


def test_code_as_it_is_in_the_repository_lets_nobody_in() -> None:
    code = (ROOT / "stacks" / "site" / "viewer_request.js").read_text()
    with running(code, STORED) as function:
        assert function.ask(request(authorization=GOOD))["statusCode"] == 503


def test_template_has_this_code_with_who_may_read(cloudfront: Template) -> None:
    code = cloudfront.properties("AWS::CloudFront::Function")["FunctionCode"]
    (access,) = re.findall(r"^const ACCESS = (.*);$", code, re.MULTILINE)
    assert json.loads(access) == {
        "ranges": [
            ["203.000.113.000", "203.000.113.255"],
            ["2001:0db8" + ":0000" * 6, "2001:0db8" + ":ffff" * 6],
        ],
        "password": True,
    }


def test_as_many_ranges_as_settings_take_fit_into_a_function() -> None:
    longest = [f"2001:db8:{n:x}:ffff:ffff:ffff:ffff:fffe/127" for n in range(50)]
    settings = DeploymentSettings(access="cloudfront", allow_ips=longest, password=True)
    code = viewer_request(settings)
    assert all(each in code for text in longest for each in ends(text))
    assert len(code.encode()) < MAX_CODE
