"""Pages from their address: few, slowly, and only where the site allows it."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from time import monotonic, sleep
from urllib.robotparser import RobotFileParser

import httpx

from giikit.errors import GiikitError
from giikit.pages import MOST_BYTES, decode

_PAUSE, _SECONDS = 1.0, 30.0
_MOST_REDIRECTS = 10
_HEADERS = {"User-Agent": f"giikit/{version('giikit')} (reads S&T cluster pages)"}
_SAVE = "open it in a browser, save it from there, and add the file"
_HIDDEN = re.compile(rb"(?is)<(script|style|title)\b.*?(?:</\1\s*>|$)|<[^<>]*>")
# Words of the pages that firewalls show instead of the one that was asked for.
_CHALLENGE = re.compile(
    rb"(?i)challenge-platform|cf-chl|_Incapsula_|awswaf|just a moment|access denied|"
    rb"checking your browser|verify you are human|your support id is"
)
_last: dict[str, float] = {}


def fetch(address: str) -> tuple[bytes, str, str]:
    """Return the content of a page, its name, and its address after redirects.

    A host gets at most one request a second, and its robots.txt is obeyed.

    Raises
    ------
    GiikitError
        If the page cannot be fetched, or may not be.
    """
    try:
        url = httpx.URL(address)
        for _ in range(_MOST_REDIRECTS):
            if url.scheme not in ("http", "https", ""):
                raise _refuse(url, "an address begins with http:// or https://")
            if not _load_robots(url.join("/robots.txt")).can_fetch("giikit", str(url)):
                raise _refuse(url, "robots.txt of the site keeps programs out")
            response, content = _request(url)
            if response.next_request is None:
                break
            url = response.next_request.url
        else:
            raise _refuse(url, f"more than {_MOST_REDIRECTS} redirects")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        message = f"{address} cannot be fetched ({reason}): try again later, or {_SAVE}"
        raise GiikitError(message) from error
    if response.is_error:
        says = f"the server answers {response.status_code} {response.reason_phrase}"
        message = f"{address}: {explain_shell(content) or f'{says}; {_SAVE}'}"
        raise GiikitError(message)
    kind = response.headers.get("Content-Type", "").lower()
    if kind.startswith(("text/", "application/xhtml")):
        content = _mark_encoding(content, response.charset_encoding or "")
    return content, f"{response.url.host}{response.url.path}", str(response.url)


def _refuse(url: httpx.URL, reason: str) -> GiikitError:
    return GiikitError(f"{url}: {reason}; {_SAVE}")


def _mark_encoding(content: bytes, charset: str) -> bytes:
    """Return text as it is, or as UTF-8 with its mark if the server alone names it.

    Later readings have the file and not what the server said of it.
    """
    with suppress(UnicodeError):
        try:
            decode(content)
        except UnicodeDecodeError:
            return BOM_UTF8 + decode(content, charset).encode()
    return content


def explain_shell(content: bytes) -> str:
    """Return why HTML is no page to read: a firewall's, or one that scripts fill."""
    if len(content) < 100_000 and _CHALLENGE.search(content):
        return f"a firewall's page came instead of the one asked for: {_SAVE}"
    shown = b" ".join(_HIDDEN.sub(b" ", content).split())
    if b"<script" in content.lower() and len(shown) < 1000:
        return f"the page is empty until its scripts have run in a browser: {_SAVE}"
    return ""


@cache
def _load_robots(url: httpx.URL) -> RobotFileParser:
    """Read a robots.txt; without one all is allowed, while it fails nothing is."""
    robots = RobotFileParser()
    response, content = _request(url)
    text = content.decode("utf-8", "replace") if response.is_success else ""
    robots.disallow_all = response.is_server_error  # type: ignore[attr-defined]
    robots.parse(text.splitlines())
    return robots


def _request(url: httpx.URL) -> tuple[httpx.Response, bytes]:
    sleep(max(0.0, _last.get(url.host, -_PAUSE) + _PAUSE - monotonic()))
    _last[url.host] = begun = monotonic()
    content = b""
    with httpx.stream("GET", url, headers=_HEADERS, timeout=_SECONDS) as response:
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MOST_BYTES or monotonic() - begun > _SECONDS:
                limit = f"{MOST_BYTES:,} bytes or {_SECONDS:g} seconds"
                raise _refuse(url, f"it takes more than {limit}")
    return response, content
