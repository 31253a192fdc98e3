"""Requests by HTTP, from the page and from elsewhere: who may not is refused, what is wrong is a sentence."""

from __future__ import annotations

import asyncio
import errno
import random
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

import pytest

web = pytest.importorskip("aiohttp.web", reason="needs the page's server (install the 'web' extra)")

from RWTHSAMLib.errors import InputError, StateError  # noqa: E402
from RWTHSAMWeb.access_control import AccessControl  # noqa: E402
from RWTHSAMWeb.file_names import name_of_upload  # noqa: E402
from RWTHSAMWeb.jobs import packed  # noqa: E402
from RWTHSAMWeb.transfer import Transfer  # noqa: E402

# what aiohttp says of damaged headers holds their bytes, which do not travel between the processes of pytest-xdist
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::aiohttp.multipart.{each}")
    for each in ("BadContentDispositionHeader", "BadContentDispositionParam")
]

TOKEN = "the-token-ä"
BOUNDARY = "parts"
SEED_OF_FILES = 3
_PATIENCE_S = 60.0


@dataclass
class Server:
    """Access control and transfer behind a real socket, and what they handed on."""

    port: int = 0
    received: list[dict[str, bytes]] = field(default_factory=list)
    opened_websockets: int = 0
    fails_with: Exception | None = None
    notices: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    async def receive(self, paths: list[Path]) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        self.received.append({path.name: path.read_bytes() for path in paths})

    def produce(self, folder: Path) -> Path:
        if self.fails_with is not None:
            raise self.fails_with
        path = folder / 'größe "1".csv'
        path.write_text("a,b\n")
        return path

    def produce_nothing(self, folder: Path) -> Path:
        path = folder / "empty.nrrd"
        path.touch()
        return path

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        self.opened_websockets += 1
        return web.Response(text="socket")

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture
def a_server() -> Iterator[Server]:
    server = Server()
    access_control = AccessControl(TOKEN)
    producers = {"table": server.produce, "empty": server.produce_nothing}
    transfer = Transfer({"scan": server.receive}, producers, server.notices.append, server.made.append, 2.0)
    loop = asyncio.new_event_loop()

    async def start() -> web.AppRunner:
        application = web.Application()
        access_control.protect(application)
        transfer.add_routes(application)
        application.router.add_get("/ws", server.websocket)
        application.router.add_get("/", _page)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.port = runner.addresses[0][1]
        return runner

    # in a thread of its own: Playwright runs a loop in the one of the tests once a browser was started there
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(start(), loop).result(_PATIENCE_S)
    yield server
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(_PATIENCE_S)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _page(_: web.Request) -> web.Response:
    return web.Response(text="the page")


def said(server: Server, raw: bytes) -> Answer:
    """Send bytes as they are, and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", server.port), _PATIENCE_S) as connection:
        connection.sendall(raw)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Answer(int(first.split()[1]), headers, body.decode("utf-8", "replace"))


def ask(server: Server, method: str, path: str, body: bytes = b"", **headers: str | None) -> Answer:
    """A request; headers with None are left out."""
    usual = {"Host": server.host, "Connection": "close", "Content-Length": str(len(body))}
    every = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items() if value is not None)]
    return said(server, "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body)


@pytest.fixture
def a_cookie(a_server: Server) -> str:
    """Of a browser that knows the token."""
    return ask(a_server, "GET", "/?token=the-token-%C3%A4").headers["set-cookie"].partition(";")[0]


def form(*files: tuple[str, bytes], end: str = "--") -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode(
            "utf-8", "surrogateescape"
        )
        + content
        + b"\r\n"
        for name, content in files
    ]
    return b"".join(parts) + f"--{BOUNDARY}{end}\r\n".encode()


FORM = f"multipart/form-data; boundary={BOUNDARY}"


def upload(server: Server, cookie: str, body: bytes, **headers: str | None) -> Answer:
    usual = {"Origin": server.origin, "Cookie": cookie, "Content_Type": FORM}
    return ask(server, "POST", "/upload/scan", body, **{**usual, **headers})


# who may


def test_the_token_is_traded_for_a_cookie_that_no_other_site_and_no_script_gets(a_server: Server) -> None:
    answer = ask(a_server, "GET", "/?token=the-token-%C3%A4")
    assert answer.status == 302 and answer.headers["location"] == "/"
    assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=Strict" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "path", ["//host/?token=", "//host?token=", "/\\host/?token=", "/x/../?token=", "/%2F/host/?token="]
)
def test_a_token_leads_nowhere_but_to_the_page(a_server: Server, path: str) -> None:
    answer = ask(a_server, "GET", f"{path}the-token-%C3%A4")
    assert answer.headers.get("location", "/") == "/" and answer.status in (302, 403, 404)


@pytest.mark.parametrize(
    "token", ["wrong", "", "%C3%A4", "%FF%FE", "%00", "the-token-%C3%A4x", "%ED%A0%80", "x" * 5000]
)
def test_a_wrong_token_is_refused_in_a_sentence(a_server: Server, token: str) -> None:
    answer = ask(a_server, "GET", f"/?token={token}")
    assert answer.status == 403 and "needs the token" in answer.body


def test_the_page_itself_may(a_server: Server, a_cookie: str) -> None:
    assert upload(a_server, a_cookie, form(("scan.nrrd", b"voxels"))).status == 200
    assert a_server.received == [{"scan.nrrd": b"voxels"}]
    assert ask(a_server, "GET", "/download/table", Cookie=a_cookie, Sec_Fetch_Site="same-origin").body == "a,b\n"
    socket_asked = {"Upgrade": "websocket", "Connection": "Upgrade, close", "Sec_WebSocket_Version": "13"}
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    answer = ask(a_server, "GET", "/ws", Cookie=a_cookie, Origin=a_server.origin, Sec_WebSocket_Key=key, **socket_asked)
    assert answer.body == "socket"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_the_far_end_of_a_tunnel_has_another_port(a_server: Server, name: str) -> None:
    host = f"{name}:9999"
    given = ask(a_server, "GET", "/?token=the-token-%C3%A4", Host=host)
    cookie = given.headers["set-cookie"].partition(";")[0]
    assert upload(a_server, cookie, form(("a", b"b")), Host=host, Origin=f"http://{host}").status == 200


FOREIGN = {
    "another port": lambda server: f"http://127.0.0.1:{server.port + 1}",
    "another site": lambda server: "https://example.org",
    "a name that ends so": lambda server: f"http://evil.org#{server.host}",
    "a user name": lambda server: f"http://{server.host}@evil.org",
    "no site": lambda server: "null",
    "nothing": lambda server: "",
    "missing": lambda server: None,
    "another name of this computer": lambda server: f"http://localhost:{server.port}",
    "a file": lambda server: "file://",
    "a list": lambda server: f"{server.origin} https://example.org",
}


@pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN.keys())
def test_whatever_changes_something_must_come_from_the_page(
    a_server: Server, a_cookie: str, origin: Callable[[Server], str | None]
) -> None:
    answers = [
        upload(a_server, a_cookie, form(("scan.nrrd", b"voxels")), Origin=origin(a_server)),
        ask(a_server, "GET", "/ws", Cookie=a_cookie, Origin=origin(a_server)),
    ]
    assert [each.status for each in answers] == [403, 403] and all("Only the page" in each.body for each in answers)
    assert not a_server.received and not a_server.opened_websockets


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_cannot_let_files_be_made(a_server: Server, a_cookie: str, site: str) -> None:
    a_server.fails_with = AssertionError("it was made")
    answer = ask(a_server, "GET", "/download/table", Cookie=a_cookie, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate")
    assert answer.status == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.org", "localhost.evil", "", "a@localhost", "::1", "x:y"],
)
def test_a_name_that_was_turned_to_this_computer_is_refused(a_server: Server, a_cookie: str, host: str) -> None:
    answers = [
        upload(a_server, a_cookie, form(("scan.nrrd", b"voxels")), Host=host, Origin=f"http://{host}"),
        ask(a_server, "GET", "/?token=the-token-%C3%A4", Host=host),
        ask(a_server, "GET", "/ws", Cookie=a_cookie, Host=host, Origin=f"http://{host}"),
    ]
    assert all(each.status in (400, 403) for each in answers) and not a_server.received


def test_no_page_may_put_this_one_into_a_frame(a_server: Server, a_cookie: str) -> None:
    assert ask(a_server, "GET", "/", Cookie=a_cookie).headers["x-frame-options"] == "DENY"


# what is wrong


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_wrong_method_is_said(a_server: Server, a_cookie: str, method: str) -> None:
    answer = ask(a_server, method, "/upload/scan", Cookie=a_cookie, Origin=a_server.origin)
    assert answer.status == 405 and "use the page" in answer.body


@pytest.mark.parametrize("path", ["/upload/x", "/upload/", "/nothing", "/upload/scan/more", "/upload/%00"])
def test_an_address_that_is_not_there_is_said(a_server: Server, a_cookie: str, path: str) -> None:
    answer = ask(a_server, "POST", path, form(("a", b"b")), Cookie=a_cookie, Origin=a_server.origin, Content_Type=FORM)
    assert answer.status == 404 and "nothing at this address" in answer.body


BODIES = {
    "not a form": (b"voxels", "application/octet-stream"),
    "no type": (b"voxels", None),
    "a text": (b"voxels", "text/plain"),
    "a plain form": (b"a=b", "application/x-www-form-urlencoded"),
    "no boundary": (form(("a", b"b")), "multipart/form-data"),
    "an empty boundary": (form(("a", b"b")), "multipart/form-data; boundary="),
    "a very long boundary": (form(("a", b"b")), f"multipart/form-data; boundary={'x' * 500}"),
    "another boundary": (form(("a", b"b")), "multipart/form-data; boundary=other"),
    "nothing": (b"", FORM),
    "noise": (bytes(range(256)) * 20, FORM),
    "cut in a header": (form(("a", b"b"))[:30], FORM),
    "cut in a file": (form(("a", b"b" * 1000))[:500], FORM),
    "without its end": (form(("a", b"b" * 1000))[:-12], FORM),
    "no file": (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--{BOUNDARY}--\r\n'.encode(),
        FORM,
    ),
    "a form in a form": (
        b"--parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--parts--\r\n",
        FORM,
    ),
    "a header without end": (f"--{BOUNDARY}\r\nX: ".encode() + b"y" * 100_000, FORM),
    "twice the same name": (form(("a.tif", b"1"), ("A.TIF", b"2")), FORM),
}


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_upload_is_answered_by_a_sentence(
    a_server: Server, a_cookie: str, body: bytes, kind: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    answer = upload(a_server, a_cookie, body, Content_Type=kind)
    assert 400 <= answer.status < 500 and answer.body.endswith(".") and "Traceback" not in caplog.text
    assert not a_server.received
    assert upload(a_server, a_cookie, form(("a", b"b"))).status == 200


def test_a_body_that_is_shorter_than_it_says_is_not_opened(a_server: Server, a_cookie: str) -> None:
    whole = form(("a", b"b" * 1000))
    answer = upload(a_server, a_cookie, whole[:600], Content_Length=str(len(whole)))
    assert 400 <= answer.status < 500 and not a_server.received


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "99999999999999999999999", "5, 6"])
def test_a_length_that_lies_is_refused(a_server: Server, a_cookie: str, length: str) -> None:
    answer = upload(a_server, a_cookie, form(("a", b"b"))[:40], Content_Length=length)
    assert 400 <= answer.status < 500 and not a_server.received


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_upload_is_opened_whole_or_not_at_all(a_server: Server, a_cookie: str, seed: int) -> None:
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(15):
        body = bytearray(form(("scan.nrrd", b"voxels"), ("other.nrrd", b"more")))
        for _ in range(dice.randint(1, 6)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        answer = upload(a_server, a_cookie, bytes(body[: dice.randint(1, len(body))]))
        assert answer.status == 200 or 400 <= answer.status < 500, answer
    assert upload(a_server, a_cookie, form(("a", b"b"))).status == 200


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("scan.nrrd", "scan.nrrd"),
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\cell 1.tif", "cell 1.tif"),
        ("Zelle größe 5 µm.seg.nrrd", "Zelle größe 5 µm.seg.nrrd"),
        ("12:30?.tif", "12_30_.tif"),
        (".hidden", ".hidden"),
        ("folder/IM0001", "IM0001"),
    ],
)
def test_names_lead_into_no_other_folder(sent: str, kept: str) -> None:
    assert name_of_upload(sent) == kept


UNUSABLE = ("", "..", ".", "/", "a/", "  ", "a\0b", "a\nb", "CON", "nul.txt", "com1.nrrd", "LPT9", "end.", " x", "\x7f")


@pytest.mark.parametrize("sent", [*UNUSABLE, "x" * 300, "ä" * 150, "a\udcff.tif"], ids=ascii)
def test_names_that_no_file_can_have_are_refused(sent: str) -> None:
    with pytest.raises(InputError, match="rename|name"):
        name_of_upload(sent)


@pytest.mark.parametrize("name", ["../x/..", "nul", "x" * 300, "a\udcff\udcfe.tif"])
def test_an_odd_name_is_answered_by_a_sentence(a_server: Server, a_cookie: str, name: str) -> None:
    answer = upload(a_server, a_cookie, form((name, b"voxels")))
    assert answer.status == 400 and "name" in answer.body and not a_server.received


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 413), (errno.EACCES, 409), (errno.EIO, 409)])
def test_a_full_disk_is_said(a_server: Server, a_cookie: str, number: int, status: int) -> None:
    a_server.fails_with = OSError(number, "no")
    answers = [upload(a_server, a_cookie, form(("a", b"b"))), ask(a_server, "GET", "/download/table", Cookie=a_cookie)]
    assert [each.status for each in answers] == [status, status] and all(each.body.endswith(".") for each in answers)
    assert a_server.notices == [answers[1].body]  # the page itself shows what became of an upload


def test_a_disk_that_is_really_full_is_said(a_server: Server, a_cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """/dev/full takes no byte, as a full disk."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    monkeypatch.setattr("RWTHSAMWeb.transfer.name_of_upload", lambda sent: "/dev/full")
    answer = upload(a_server, a_cookie, form(("a", b"b" * 3_000_000)))
    assert answer.status == 413 and "disk" in answer.body and not a_server.received


def test_an_empty_file_is_never_served(a_server: Server, a_cookie: str) -> None:
    answer = ask(a_server, "GET", "/download/empty", Cookie=a_cookie)
    assert answer.status == 409 and a_server.notices == [answer.body]


def test_what_cannot_be_made_is_said(a_server: Server, a_cookie: str) -> None:
    a_server.fails_with = StateError("There are no objects yet.")
    answer = ask(a_server, "GET", "/download/table", Cookie=a_cookie)
    assert answer.status == 409 and answer.body == "There are no objects yet."
    assert a_server.notices == [answer.body]  # a browser would only say that the download failed
    assert not a_server.made


def test_a_defect_is_a_sentence_too(a_server: Server, a_cookie: str) -> None:
    a_server.fails_with = ZeroDivisionError("secret")
    answer = ask(a_server, "GET", "/download/table", Cookie=a_cookie)
    assert answer.status == 500 and "secret" not in answer.body and "Traceback" not in answer.body


def test_a_download_keeps_a_name_in_any_language(a_server: Server, a_cookie: str) -> None:
    answer = ask(a_server, "GET", "/download/table", Cookie=a_cookie)
    assert "filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.csv" in answer.headers["content-disposition"]
    assert a_server.made == ['größe "1".csv'] and not a_server.notices


ODD_ORIGINS = ("http://[x", "http://[::1", "http://a]b", "https://a\u2100b", "http://[::1]:1]", "http://@")


@pytest.mark.parametrize("origin", ODD_ORIGINS)
@pytest.mark.parametrize("path", ["/upload/scan", "/ws"])
def test_an_origin_that_is_no_address_is_foreign(a_server: Server, a_cookie: str, origin: str, path: str) -> None:
    method = "GET" if path == "/ws" else "POST"
    answer = ask(a_server, method, path, b"", Cookie=a_cookie, Origin=origin, Content_Type=FORM)
    assert answer.status == 403 and "Only the page" in answer.body
    assert not a_server.received and not a_server.opened_websockets


@pytest.mark.parametrize("key", [None, "x"])
@pytest.mark.parametrize("version", [None, "13"])
def test_a_socket_that_is_none_is_refused_in_a_sentence(a_server: Server, a_cookie: str, key, version) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade, close", "Sec_WebSocket_Version": version}
    answer = ask(a_server, "GET", "/ws", Cookie=a_cookie, Origin=a_server.origin, Sec_WebSocket_Key=key, **headers)
    assert answer.status == 400 and "own connection" in answer.body and not a_server.opened_websockets


NO_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    b"FOO / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
)


@pytest.mark.parametrize("raw", NO_HTTP, ids=["TLS", "method", "length"])
def test_what_is_no_http_leaves_a_line_and_no_traceback(a_server: Server, caplog, raw: bytes) -> None:
    assert said(a_server, raw).status == 400
    assert all(record.exc_info is None for record in caplog.records)


def packed_now(folder: Path, name: str) -> Path:
    """The archive of a folder, made by a loop in a thread of its own, as the server above."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(packed(folder, name))).result()


def test_an_archive_holds_every_file_whole(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "in").mkdir(parents=True)
    for name in ("a.stl", "in/b.stl"):
        (folder / name).write_bytes(name.encode() * 1000)
    path = packed_now(folder, "größe-stl")
    with ZipFile(path) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == {
            name: name.encode() * 1000 for name in ("a.stl", "in/b.stl")
        }
    assert path.name == "größe-stl.zip"


def test_an_export_of_nothing_is_no_archive(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with pytest.raises(StateError, match="nothing to download"):
        packed_now(folder, "cell")


def test_an_archive_on_a_full_disk_is_no_archive(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="needs a limit on the size of files")
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(random.Random(SEED_OF_FILES).randbytes(50_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(InputError, match="could not be written"):
            packed_now(folder, "cell")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert [each.name for each in tmp_path.iterdir()] == ["files"]


def test_a_second_browser_may_not_while_the_first_has_the_page_open(a_server: Server, a_cookie: str) -> None:
    other = ask(a_server, "GET", "/?token=the-token-%C3%A4").headers["set-cookie"].partition(";")[0]
    assert other != a_cookie
