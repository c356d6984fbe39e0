"""The local web server behaves as an S3 website does."""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from socket import create_connection
from threading import Thread

import pytest

from drift_monitor.site.serve import Website

PAGES = {
    "index.html": "home",
    "error.html": "nothing here: é",
    "monitors/flights/index.html": "flights",
    "monitors/flights/history/2013.json": "{}",
    "assets/site.0a1b.css": "body {}",
    "assets/site.0a1b.js": "1;",
    "flights.csv": "x,y",
    "reports/flights/20130624T093000Z/index.html": "report",
    "a b.html": "spaced",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    for name, body in PAGES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(body, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return site


@pytest.fixture
def website(folder: Path) -> Iterator[Website]:
    with Website.of(folder, 0) as website:
        thread = Thread(target=website.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield website
        website.shutdown()
        thread.join()


def _ask(website: Website, path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", website.server_port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", "home"),
        ("/index.html", "home"),
        ("/?utm=1#top", "home"),
        ("/monitors/flights/", "flights"),
        ("/monitors/flights/history/2013.json", "{}"),
        ("/reports/flights/20130624T093000Z/", "report"),
        ("/a%20b.html", "spaced"),
    ],
)
def test_pages_and_folders_index_documents_are_served(
    website: Website, path: str, body: str
) -> None:
    response, found = _ask(website, path)
    assert (response.status, found) == (200, body)
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/monitors/flights/history/2013.json", "application/json"),
        ("/assets/site.0a1b.css", "text/css"),
        ("/assets/site.0a1b.js", "text/javascript"),
        ("/flights.csv", "text/csv"),
    ],
)
def test_a_file_says_what_it_is(website: Website, path: str, content_type: str) -> None:
    response, _ = _ask(website, path)
    assert response.headers["Content-Type"] == f"{content_type}; charset=utf-8"


def test_only_what_is_named_after_its_content_is_kept_without_asking(website: Website) -> None:
    kept, _ = _ask(website, "/assets/site.0a1b.css?x=1")
    gone, _ = _ask(website, "/assets/site.ffff.css")
    assert (kept.status, gone.status) == (200, 404)
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gone.headers["Cache-Control"] == "no-cache"


def test_a_folder_without_its_slash_is_sent_there(website: Website) -> None:
    response, _ = _ask(website, "/monitors/flights")
    assert response.status in (301, 302)
    assert response.headers["Location"].endswith("/monitors/flights/")


@pytest.mark.parametrize(
    "path", ["/gone.html", "/monitors/", "/monitors/flights/runs/", "/reports/"]
)
def test_what_is_not_there_is_the_error_page_with_404(website: Website, path: str) -> None:
    response, body = _ask(website, path)
    assert (response.status, body) == (404, PAGES["error.html"])
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_folder_is_never_listed(website: Website) -> None:
    _, body = _ask(website, "/reports/flights/")
    assert "20130624" not in body


def test_without_an_error_page_missing_is_still_404(website: Website, folder: Path) -> None:
    (folder / "error.html").unlink()
    response, body = _ask(website, "/gone.html")
    assert response.status == 404
    assert "Traceback" not in body


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/gone.html", 404), ("/monitors/flights/", 200)]
)
def test_head_is_get_without_the_body(website: Website, path: str, status: int) -> None:
    of_get, body = _ask(website, path)
    of_head, _ = _ask(website, path, "HEAD")
    assert of_head.status == status
    assert of_head.headers["Content-Length"] == str(len(body.encode()))
    assert of_head.headers["Content-Type"] == of_get.headers["Content-Type"]
    with create_connection(("127.0.0.1", website.server_port), timeout=10) as connection:
        connection.sendall(f"HEAD {path} HTTP/1.0\r\n\r\n".encode())
        assert connection.makefile("rb").read().endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/monitors/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "//../secret.txt",
        "/....//secret.txt",
    ],
)
def test_nothing_outside_of_the_folder_is_served(website: Website, path: str) -> None:
    response, body = _ask(website, path)
    assert response.status == 404
    assert "secret" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(website: Website, method: str) -> None:
    response, _ = _ask(website, "/index.html", method)
    assert response.status in (405, 501)


def test_it_listens_on_this_machine_only(website: Website) -> None:
    assert website.server_address[0] == "127.0.0.1"
    assert website.url == f"http://localhost:{website.server_port}/"
