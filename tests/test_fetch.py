"""Pages from a real server on the loopback, which fails in every way it can."""

import gzip
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server

import pytest

from giikit import cli, read_profile
from giikit.errors import GiikitError, PageError
from giikit.files import hash_file
from giikit.study import add_sources, fetching

RAW = Path(__file__).parent / "pages/real/data/raw"
BEIJING = (RAW / "2024" / "beijing.txt").read_bytes()
LINES = [f"<p>{line}</p>" for line in BEIJING.decode().splitlines() if line]
PAGE = "\n".join(["<!DOCTYPE html><html><body>", *LINES, "</body></html>"]).encode()
SHELL = b"<html><head><title>GII</title></head><body><div id=app></div>%s</body></html>"
SCRIPT = b"<script>" + b"var x = 'Beijing is the second-ranked';" * 500 + b"</script>"
CHALLENGE = b"<html><title>Just a moment...</title><p>Checking your browser</p></html>"
REJECTED = b"<html>The requested URL was rejected. Your support ID is: 1234</html>"


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        name = self.path.strip("/").partition("?")[0].replace(".", "_")
        getattr(self, f"send_{name}", self.send_missing)()

    def answer(self, status=200, content=b"", **headers):
        self.send_response(status)
        for key, value in {"Content-Length": len(content), **headers}.items():
            self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(content)

    def send_missing(self):
        self.answer(404, b"<html>no such page</html>")

    def send_robots_txt(self):
        status, text = self.server.robots
        self.answer(status, text)

    def send_beijing(self):
        self.answer(content=PAGE, Content_Type="text/html")

    def send_beijing_html(self):
        self.send_beijing()

    def send_page(self):
        self.answer(content=self.server.page, Content_Type=self.server.kind)

    def send_packed(self):
        self.answer(content=gzip.compress(PAGE), Content_Encoding="gzip")

    def send_moved(self):
        self.answer(302, Location="/beijing.html?from=moved")

    def send_loop(self):
        self.answer(302, Location="/loop")

    def send_away(self):
        self.answer(302, Location="file:///etc/passwd")

    def send_nowhere(self):
        self.answer(302, Location="http://[oops/")

    def send_closed(self):
        self.answer(302, Location="/private")

    def send_challenge(self):
        self.answer(403, CHALLENGE)

    def send_rejected(self):
        self.answer(200, REJECTED)

    def send_shell(self):
        self.answer(200, SHELL % SCRIPT)

    def send_broken(self):
        self.answer(500)

    def send_busy(self):
        self.answer(429)

    def send_cut(self):
        self.answer(200, PAGE[:1000], Content_Length=len(PAGE))
        self.close_connection = True

    def send_binary(self):
        self.answer(200, b"\0\1\2")

    def send_notes(self):
        self.answer(200, b"<html><p>Remember the milk.</p></html>")

    def send_large(self):
        self.answer(200, b"x" * 6_000_000)

    def send_endless(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b"x" * 100_000)

    def send_slow(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def send_silent(self):
        time.sleep(1.0)

    def send_garbage(self):
        self.wfile.write(b"I speak no HTTP\r\n\r\n")
        self.close_connection = True


class Server(ThreadingHTTPServer):
    robots = 404, b""

    def handle_error(self, request, client_address):
        """Expect clients to leave early."""


@pytest.fixture
def site(monkeypatch):
    """A running server; the pause between requests is not waited for."""
    monkeypatch.setattr(fetching, "_PAUSE", 0.0)
    monkeypatch.setattr(fetching, "_last", {})
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(("127.0.0.1", 0), Site) as server:
        server.requests = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        yield server
        server.shutdown()


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "raw").mkdir(parents=True)
    return folder


def add(data, address):
    (added,) = add_sources([address], data=data)
    if isinstance(added, GiikitError):
        raise added
    return added


@pytest.mark.parametrize("path", ["/beijing", "/beijing.html", "/packed", "/moved"])
def test_a_page_comes_in_from_its_address(site, data, path):
    added = add(data, site.url + path)
    assert added.source == "2024/beijing.html"
    assert added.path.read_bytes() == PAGE
    records = (data / "raw" / "sources.csv").read_text()
    end = "/beijing.html?from=moved" if path == "/moved" else path
    assert f"2024/beijing.html,{site.url}{end},2" in records


def test_a_site_is_told_who_asks(site, data):
    add(data, site.url + "/beijing")
    assert [path for path, _ in site.requests] == ["/robots.txt", "/beijing"]
    assert all(h["User-Agent"].startswith("giikit/") for _, h in site.requests)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/absent", "the server answers 404 Not Found; open it in a browser"),
        ("/broken", "the server answers 500"),
        ("/busy", "the server answers 429"),
        ("/challenge", "a firewall's page came instead of the one asked for"),
        ("/rejected", "a firewall's page came instead of the one asked for"),
        ("/shell", "the page is empty until its scripts have run in a browser"),
        ("/loop", "more than 10 redirects"),
        ("/away", "/etc/passwd: an address begins with http:// or https://; open it"),
        ("/nowhere", "cannot be fetched"),
        ("/closed", r"private: robots\.txt of the site keeps programs out"),
        ("/cut", "cannot be fetched"),
        ("/garbage", "cannot be fetched"),
        ("/silent", r"cannot be fetched .*timed out"),
        ("/large", "takes more than 5,000,000 bytes or 0.5 seconds"),
        ("/slow", "takes more than 5,000,000 bytes or 0.5 seconds"),
        ("/binary", r"127\.0\.0\.1/binary:1: there are NUL"),
        ("/notes", "is no cluster profile"),
    ],
)
def test_what_a_site_does_wrong_is_explained(site, data, monkeypatch, path, message):
    if path in ("/silent", "/large", "/slow"):
        monkeypatch.setattr(fetching, "_SECONDS", 0.5)
    site.robots = 200, b"User-agent: *\nDisallow: /private\n"
    with pytest.raises(GiikitError, match=message):
        add(data, site.url + path)
    assert [p.name for p in (data / "raw").iterdir() if p.name != ".lock"] == []


def test_an_endless_page_is_left_at_its_limit(site, data):
    with pytest.raises(GiikitError, match="takes more than 5,000,000 bytes"):
        add(data, site.url + "/endless")


@pytest.mark.parametrize(
    "robots",
    [
        (200, b"User-agent: *\nDisallow: /"),
        (200, b"User-agent: giikit\nDisallow: /beijing"),
        (503, b""),
    ],
)
def test_a_site_that_keeps_programs_out_is_not_asked(site, data, robots):
    site.robots = robots
    with pytest.raises(GiikitError, match=r"robots\.txt of the site keeps"):
        add(data, site.url + "/beijing")
    assert [path for path, _ in site.requests] == ["/robots.txt"]


@pytest.mark.parametrize("robots", [(200, b""), (403, b""), (200, b"\xff\0 nonsense")])
def test_a_site_without_rules_lets_programs_in(site, data, robots):
    site.robots = robots
    assert add(data, site.url + "/beijing").status == "added"


def test_a_host_gets_one_request_a_second(site, data, monkeypatch):
    monkeypatch.setattr(fetching, "_PAUSE", 1.0)
    waited = []
    monkeypatch.setattr(fetching, "sleep", waited.append)
    monkeypatch.setattr(fetching, "monotonic", lambda: 100.0 + sum(waited))
    add(data, site.url + "/moved")
    assert [path for path, _ in site.requests][1] == "/moved"
    assert waited == [0.0, 1.0, 1.0]  # robots.txt, the page, what it redirects to
    add(data, site.url + "/beijing")
    assert waited[3:] == [1.0]


def test_where_nobody_listens_is_told(data):
    with closing(create_server(("127.0.0.1", 0))) as socket:
        port = socket.getsockname()[1]
    with pytest.raises(GiikitError, match=r"cannot be fetched .*: try again later"):
        add(data, f"http://127.0.0.1:{port}/beijing")


@pytest.mark.parametrize("address", ["http://", "https://[::1", "http://a b/"])
def test_an_address_that_is_none_is_told(data, address):
    with pytest.raises(GiikitError, match="cannot be fetched"):
        add(data, address)


@pytest.mark.parametrize("address", ["ftp://host/page.html", "gopher://host/page"])
def test_an_address_of_another_kind_is_told_which_there_are(data, address):
    with pytest.raises(
        GiikitError, match=f"^{address}: an address begins with http://"
    ):
        add(data, address)


@pytest.mark.parametrize("charset", ["gb18030", "windows-1250", "windows-1253"])
def test_an_encoding_that_only_the_server_names_is_kept(site, data, charset):
    accents = {"gb18030": "工", "windows-1250": "Ł", "windows-1253": "Ω"}[charset]
    site.page = PAGE.decode().replace("BOE TECH", f"{accents} TECH").encode(charset)
    site.kind = f"text/html; charset={charset}"
    added = add(data, site.url + "/page")
    read = read_profile(added.path)
    assert read.organizations[0].organization == f"{accents} TECHNOLOGY"
    assert "encoding-guessed" not in {finding.code for finding in read.findings}
    assert hash_file(added.path) in (data / "raw" / "sources.csv").read_text()


@pytest.mark.parametrize(
    "kind", ["text/html; charset=ISO-8859-1", "text/html; charset=klingon", "text/html"]
)
def test_what_shows_its_encoding_stays_as_it_is_served(site, data, kind):
    site.page, site.kind = PAGE.replace(b"BOE", "BÖE".encode()), kind
    assert add(data, site.url + "/page").path.read_bytes() == site.page


def test_what_is_no_text_is_not_decoded(site, data):
    site.page, site.kind = b"%PDF-1.4\xff", "application/pdf; charset=ISO-8859-1"
    content, _, _ = fetching.fetch(site.url + "/page")
    assert content == site.page


def test_a_saved_shell_is_explained_too(data, tmp_path):
    (tmp_path / "saved.html").write_bytes(SHELL % SCRIPT)
    with pytest.raises(PageError, match=r"saved\.html: the page is empty until"):
        add(data, str(tmp_path / "saved.html"))


@pytest.mark.parametrize("content", [b"<" * 2_000_000, b"<script" * 300_000])
def test_explaining_takes_time_in_proportion_to_the_page(content):
    assert not fetching.explain_shell(content + b"x" * 2000) or b"script" in content


def test_the_command_takes_addresses(site, data, capsys):
    assert cli.main(["add", site.url + "/beijing", "--data", str(data)]) == 0
    assert cli.main(["add", site.url + "/notes", "--data", str(data)]) == 1
    assert cli.main(["add", site.url + "/absent", "--data", str(data)]) == 2
    assert "404" in capsys.readouterr().err
