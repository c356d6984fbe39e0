"""CloudFront's functions in Node: the code as deployed, events as AWS documents them."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stacks.settings import DeploymentSettings
from stacks.site.cloudfront import viewer_request

RUNNER = Path(__file__).parent / "edge.mjs"

# As `import cf from 'cloudfront'`: like the real one, get() throws where a key is missing, and
# kvs() where the function has no store.
CLOUDFRONT = """\
export default {
    kvs() {
        const stored = globalThis.keyValueStore;
        if (stored === null) throw new Error('no key-value store is associated');
        return {
            async get(key, options) {
                if (!(key in stored)) throw new Error(`KeyNotFound: ${key}`);
                return options.format === 'json' ? JSON.parse(stored[key]) : stored[key];
            },
        };
    },
};
"""

# The example of the Developer Guide's page on the event structure, with a page of ours.
EVENT: dict[str, Any] = {
    "version": "1.0",
    "context": {
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": "viewer-request",
        "requestId": "EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==",
    },
    "viewer": {"ip": "203.0.113.11"},
    "request": {
        "method": "GET",
        "uri": "/monitors/flights/history.html",
        "querystring": {
            "column": {"value": "arr_delay"},
            "NoValue": {"value": ""},
            "querymv": {"value": "val1", "multiValue": [{"value": "val1"}, {"value": "val2,val3"}]},
        },
        "headers": {
            "host": {"value": "d111111abcdef8.cloudfront.net"},
            "user-agent": {"value": "Mozilla/5.0"},
            "accept": {
                "value": "text/html",
                "multiValue": [{"value": "text/html"}, {"value": "application/xhtml+xml"}],
            },
            "accept-encoding": {"value": "gzip, deflate, br"},
            "cloudfront-viewer-tls": {"value": "TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake"},
        },
        "cookies": {"id": {"value": "CookeIdValue"}},
    },
}


def basic(credential: str | bytes) -> str:
    """Return the header with which a browser sends user:password."""
    given = credential.encode() if isinstance(credential, str) else credential
    return f"Basic {b64encode(given).decode()}"


def request(
    uri: str = "/", *, ip: str = "203.0.113.11", authorization: str | None = None, **headers: str
) -> dict[str, Any]:
    """Return the event of a request."""
    event = deepcopy(EVENT)
    event["request"]["uri"] = uri
    event["viewer"]["ip"] = ip
    if authorization is not None:
        headers["authorization"] = authorization
    for name, value in headers.items():
        event["request"]["headers"][name.replace("_", "-")] = {"value": value}
    return event


class Edge:
    """A function, running, and what its key-value store holds; None where it has no store."""

    def __init__(self, node: subprocess.Popen[str], stored: dict[str, str] | None) -> None:
        self._node = node
        self.stored = stored

    def ask(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a reader, or the request as it goes on to the cache."""
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(json.dumps({"event": event, "stored": self.stored}) + "\n")
        self._node.stdin.flush()
        answer = self._node.stdout.readline()
        assert answer, "node has ended: see its stderr"
        return json.loads(answer)


@contextmanager
def running(code: str, stored: dict[str, str] | None = None) -> Iterator[Edge]:
    """Run a function's code."""
    with TemporaryDirectory() as folder:
        module = Path(folder) / "node_modules" / "cloudfront"
        module.mkdir(parents=True)
        (module / "index.mjs").write_text(CLOUDFRONT)
        (module / "package.json").write_text('{"name": "cloudfront", "exports": "./index.mjs"}')
        (Path(folder) / "function.mjs").write_text(f"{code}\nexport {{ handler }};\n")
        command = ["node", RUNNER, folder]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as node:
            yield Edge(node, stored)


@contextmanager
def edge(stored: dict[str, str] | None = None, **settings: object) -> Iterator[Edge]:
    """Run the function that settings lead to."""
    read = DeploymentSettings.model_validate({"access": "cloudfront", **settings})
    with running(viewer_request(read), stored) as function:
        yield function
