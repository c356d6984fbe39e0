"""What serves a site: `drift-monitor serve`, and an S3 server with a static website."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from drift_monitor.site.store import site_bucket

ROOT = Path(__file__).parents[2]
REGION = "eu-west-1"
WEBSITES = f"*.s3-website.{REGION}.amazonaws.com"
"""The names under which S3 serves websites: the browser is told to find them on this machine."""
_WEBSITE = """<WebsiteConfiguration>
<IndexDocument><Suffix>index.html</Suffix></IndexDocument>
<ErrorDocument><Key>error.html</Key></ErrorDocument>
</WebsiteConfiguration>
"""


@contextmanager
def drift_monitor_serve(site: Path) -> Iterator[str]:
    """Run `drift-monitor serve`; yield where the site is."""
    command = [Path(sys.executable).with_name("drift-monitor"), "serve", site, "--port", "0"]
    with _running([str(part) for part in command]) as said:
        yield said[: said.index("/ ") + 1]


@contextmanager
def s3_website(sites: dict[str, Path], folder: Path) -> Iterator[dict[str, str]]:
    """Run an S3 server with a bucket per site, filled as a run does; yield where each site is."""
    (folder / "website.xml").write_text(_WEBSITE)
    program = str(ROOT / "node_modules" / ".bin" / "s3rver")
    buckets = [
        part for name in sites for part in ("--configure-bucket", name, str(folder / "website.xml"))
    ]
    options = ["--directory", str(folder), "--address", "127.0.0.1", "--port", "0"]
    with _running([program, *options, *buckets]) as said:
        port = re.findall(r":(\d+)", said)[-1]
        for name, site in sites.items():
            _upload(site, name, f"http://127.0.0.1:{port}")
        yield {name: f"http://{WEBSITES.replace('*', name)}:{port}/" for name in sites}


def _upload(site: Path, bucket: str, endpoint: str) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="S3RVER",  # what s3rver takes, and no secret
        aws_secret_access_key="S3RVER",  # noqa: S106
        aws_session_token=None,
    )
    store = site_bucket(s3, bucket)
    for file in site.rglob("*"):
        if file.is_file() and not file.name.startswith("."):
            store.write(file.relative_to(site).as_posix(), file.read_bytes())


@contextmanager
def _running(command: list[str]) -> Iterator[str]:
    """Run a server until the tests are done with it; yield the line with its address."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if "http" in line or "listening" in line.lower():
                break
        else:
            raise AssertionError(f"{command[0]} did not start: {''.join(said)}")
        try:
            yield said[-1]
        finally:
            server.terminate()
