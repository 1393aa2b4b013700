"""What becomes of the work when the connection falls, a page crashes, or a file is no good."""

from __future__ import annotations

import io
import re
import select
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pytest
from playwright.sync_api import Page, Request, expect

from authoring.pages.server import HEADERS
from tests.browsing import BOOK, compute, load_sample, open_list, run_server, serve, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SAMPLE = "引荐奖励：实缴资金3亿元"
CHANGED_APP = '''"""The front end, with one thing changed."""
import time
import streamlit as st
import authoring.pages.{module} as changed
from authoring.pages.server import MIDDLEWARE, PAGES, start, tell_crash

real = changed.{name}

def {name}(*args, **options):
    {change}
    return real(*args, **options)

changed.{name} = {name}
app = st.App(PAGES, middleware=MIDDLEWARE, lifespan=start, on_script_error=tell_crash)
'''


class Wire:
    """A connection between a browser and a server that can be cut and mended."""

    def __init__(self, url: str) -> None:
        self._server = int(url.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._whole = True
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """End all connections, and let none through."""
        self._whole = False
        for each in self._open:
            self._end(each)
        self._open.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self._whole = True

    def close(self) -> None:
        """End all connections for good."""
        self.cut()
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                near.close()
                continue
            self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while content := one.recv(65536):
                other.sendall(content)
        except OSError:
            pass
        self._end(other)

    @staticmethod
    def _end(each: socket.socket) -> None:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


@pytest.fixture
def wire(address: str) -> Iterator[Wire]:
    wire = Wire(address)
    yield wire
    wire.close()


def changed(folder: Path, module: str, name: str, change: str) -> str:
    """A copy of the front end in which a function does something else first."""
    script = folder / "changed_app.py"
    script.write_text(CHANGED_APP.format(module=module, name=name, change=change), "utf-8")
    return str(script)


def cut_and_mend(page: Page, wire: Wire) -> None:
    """Cut the connection until the page says so, then mend it until the page says so."""
    wire.cut()
    expect(page.get_by_test_id("stApp")).not_to_have_attribute(
        "data-test-connection-state", "CONNECTED"
    )
    wire.mend()
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-connection-state", "CONNECTED"
    )
    settle(page)


def main_upload(page: Page, name: str, content: bytes | Path) -> None:
    widget = page.get_by_test_id("stMain").locator("input[type=file]").last
    if isinstance(content, Path):
        widget.set_input_files(content)
    else:
        widget.set_input_files({"name": name, "mimeType": "application/zip", "buffer": content})


def list_of_projects() -> bytes:
    """The golden cases of the Wuxi policy as a list of projects."""
    workbook = openpyxl.load_workbook(BOOK)
    for name in workbook.sheetnames:
        if name != "用例":
            del workbook[name]
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


# --- the connection -------------------------------------------------------------------------------


def test_an_answer_and_what_was_typed_survive_a_lost_connection(
    open_page: Callable[..., Page], wire: Wire
) -> None:
    page = open_page(wire.url)
    load_sample(page, SAMPLE)
    compute(page)
    figures = page.locator(".tl-figures").inner_text()
    lost = page.get_by_text("连接断了，正在重新连接")
    expect(lost).to_be_hidden()
    wire.cut()
    expect(lost).to_be_visible()
    cut_and_mend(page, wire)
    expect(lost).to_be_hidden()
    assert page.locator(".tl-figures").inner_text() == figures
    page.get_by_role("button", name="修改项目信息").click()
    expect(page.get_by_role("textbox", name="项目名称")).to_have_value(SAMPLE)
    assert page.locator(".tl-figures").inner_text() == figures


def test_an_answer_in_the_making_is_shown_after_a_lost_connection(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    script = changed(tmp_path, "simulate", "simulate", "time.sleep(3)")
    with serve(BOOK, tmp_path / "log", script) as url:
        wire = Wire(url)
        page = open_page(wire.url)
        load_sample(page, SAMPLE)
        page.get_by_role("button", name="开始测算").click()
        expect(page.get_by_text("正在测算")).to_be_visible()
        expect(page.locator(".tl-figures")).to_have_count(0)
        cut_and_mend(page, wire)
        expect(page.locator(".tl-figures")).to_be_visible()
        expect(page.locator(".tl-folded")).to_contain_text(SAMPLE)
        wire.close()


def test_a_list_in_the_making_is_finished_while_the_connection_is_lost(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    script = changed(tmp_path, "portfolio", "work_out", "time.sleep(.03)")
    with serve(BOOK, tmp_path / "log", script) as url:
        wire = Wire(url)
        page = open_page(f"{wire.url}/portfolio", heading="项目库测算")
        main_upload(page, "清单.xlsx", list_of_projects())
        expect(page.get_by_test_id("stProgress")).to_be_visible()
        cut_and_mend(page, wire)
        expect(page.locator(".tl-project").first).to_be_visible()
        expect(page.get_by_test_id("stProgress")).to_have_count(0)
        wire.close()


def test_a_list_that_was_left_keeps_nobody_waiting(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    """Two tabs are closed in the middle of minutes of work; a third wants three rows."""
    script = changed(tmp_path, "portfolio", "work_out", "time.sleep(.05)")
    with serve(BOOK, tmp_path / "log", script) as url:
        for _ in range(2):
            page = open_page(f"{url}/portfolio", heading="项目库测算")
            main_upload(page, "清单.csv", plain_list(2500))
            expect(page.get_by_test_id("stProgress")).to_contain_text("正在测算")
            page.close()
        page = open_page(f"{url}/portfolio", heading="项目库测算")
        main_upload(page, "清单.csv", plain_list(3))
        expect(page.locator(".tl-project")).to_have_count(3, timeout=20_000)


def test_a_list_that_was_left_for_long_is_given_up_and_begun_anew(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    change = (
        'import authoring.pages.work as work; work.LONGEST_ABSENCE = 1; print("row", flush=True); '
        "time.sleep(.03)"
    )
    log, rows = tmp_path / "log", 200
    with serve(BOOK, log, changed(tmp_path, "portfolio", "work_out", change)) as url:
        wire = Wire(url)
        page = open_page(f"{wire.url}/portfolio", heading="项目库测算")
        main_upload(page, "清单.csv", plain_list(rows))
        expect(page.get_by_test_id("stProgress")).to_contain_text("正在测算")
        wire.cut()
        done = rows_done_when_it_ends(log)
        assert 0 < done < rows
        wire.mend()
        expect(page.locator(".tl-project").first).to_be_visible()
        assert log.read_text("utf-8").count("row\n") == done + rows
        wire.close()


def plain_list(rows: int) -> bytes:
    """A list of so many projects."""
    lines = [f"{n},公司{n},2023-10-01,5亿元" for n in range(rows)]
    return "\n".join(["编号,名称,基准日期,实缴资金", *lines]).encode()


def rows_done_when_it_ends(log: Path) -> int:
    """How many rows were worked out when no more are."""
    before, count = -1, 0
    until = time.monotonic() + 60
    while count != before:
        assert time.monotonic() < until, "it does not end"
        time.sleep(0.6)
        before, count = count, log.read_text("utf-8").count("row\n")
    return count


def test_the_sidebar_tells_by_itself_how_the_golden_cases_came_out(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    script = changed(tmp_path, "book", "run_golden", "time.sleep(4)")
    with serve(BOOK, tmp_path / "log", script) as url:
        page = open_page(url)
        page.get_by_role("textbox", name="项目名称").fill("先填起来")
        sidebar = page.get_by_test_id("stSidebar")
        expect(sidebar).to_contain_text("自带的用例正在运行")
        expect(sidebar).to_contain_text("校验通过，可以测算")
        expect(page.get_by_role("textbox", name="项目名称")).to_have_value("先填起来")


def test_two_tabs_of_one_person_know_nothing_of_each_other(
    open_page: Callable[..., Page], address: str
) -> None:
    first = open_page(address)
    second = first.context.new_page()
    second.goto(address)
    settle(second)
    load_sample(first, SAMPLE)
    load_sample(second, "实际到账外资还不知道")
    compute(first)
    expect(second.locator(".tl-figures")).to_have_count(0)
    compute(second)
    expect(first.locator(".tl-folded")).to_contain_text(SAMPLE)
    expect(second.locator(".tl-folded")).to_contain_text("实际到账外资还不知道")
    second.close()
    first.get_by_role("button", name="修改项目信息").click()
    expect(first.get_by_role("textbox", name="项目名称")).to_have_value(SAMPLE)
    expect(first.locator(".tl-figures")).to_be_visible()


@pytest.mark.parametrize(
    "do",
    [
        lambda page: page.get_by_role("textbox", name="项目总投资").fill("2亿"),
        lambda page: page.get_by_role("radio", name="是", exact=True).first.click(),
        lambda page: choose(page, "用地类型"),
        lambda page: choose(page, "企业资质"),
        lambda page: (load_sample(page, SAMPLE), compute(page)),
    ],
    ids=["number", "yes", "choice", "several", "answer"],
)
def test_a_browser_asks_before_a_reload_loses_something(
    open_page: Callable[..., Page], address: str, do: Callable[[Page], object]
) -> None:
    page = open_page(address)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    settle(page)
    assert asked == [], "nothing would be lost"
    do(page)
    settle(page)
    page.reload()
    assert asked == ["beforeunload"]


def choose(page: Page, field: str) -> None:
    """Choose the first of what a field offers."""
    open_list(page, field)
    page.get_by_role("option").nth(1).click()
    page.keyboard.press("Escape")


# --- files ----------------------------------------------------------------------------------------


def test_a_file_of_200_megabytes_is_refused_in_chinese(
    open_page: Callable[..., Page], address: str, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.xlsx"
    with huge.open("wb") as file:
        file.truncate(200 << 20)
    for path, heading in (("portfolio", "项目库测算"), ("check", "编辑与校验")):
        page = open_page(f"{address}/{path}", heading=heading)
        main_upload(page, huge.name, huge)
        uploader = page.get_by_test_id("stMain").get_by_test_id("stFileUploader").last
        expect(uploader).to_contain_text("文件太大，没有上传")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="counts memory as Linux does")
@pytest.mark.parametrize("told_size", [True, False], ids=["its size told", "in chunks"])
def test_the_server_refuses_what_is_too_large_and_does_not_keep_it(
    open_page: Callable[..., Page], tmp_path: Path, told_size: bool
) -> None:
    """Sent by something that does not ask the page first."""
    with run_server(BOOK, tmp_path / "log") as (url, process):
        page = open_page(f"{url}/portfolio", heading="项目库测算")
        with page.expect_request(lambda each: each.method == "PUT") as sent:
            main_upload(page, "清单.xlsx", list_of_projects())
        expect(page.locator(".tl-project").first).to_be_visible()
        settle(page)
        before = most_memory(process)
        assert put(sent.value, 200, told_size) == 413
        assert most_memory(process) - before < 60, "no more than the largest file that is taken"
        page.get_by_role("button", name="换一份").click()
        main_upload(page, "清单.xlsx", list_of_projects())
        expect(page.locator(".tl-project").first).to_be_visible()


def most_memory(process: int) -> int:
    """The most memory that a process ever had, in megabytes."""
    told = Path(f"/proc/{process}/status").read_text("ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", told)[0]) // 1024


def put(request: Request, megabytes: int, told_size: bool) -> int:
    """Send what a browser sent once more, but so large; the status of the answer."""
    there = urlsplit(request.url)
    headers = request.all_headers()
    form = b"--edge\r\nContent-Disposition: form-data; name=a; filename=a.xlsx\r\n\r\n"
    size = len(form) + (megabytes << 20)
    length = f"Content-Length: {size}" if told_size else "Transfer-Encoding: chunked"
    head = (
        f"PUT {there.path} HTTP/1.1\r\nHost: {there.netloc}\r\nCookie: {headers['cookie']}\r\n"
        f"X-Xsrftoken: {headers['x-xsrftoken']}\r\n"
        f"Content-Type: multipart/form-data; boundary=edge\r\n{length}\r\n\r\n"
    )
    with socket.create_connection((there.hostname or "", there.port or 0), timeout=60) as line:
        line.sendall(head.encode())
        answer = b""
        try:
            for piece in (form, *[bytes(1 << 20)] * megabytes):
                line.sendall(piece if told_size else b"%x\r\n%s\r\n" % (len(piece), piece))
                if not answer and select.select([line], [], [], 0)[0]:
                    answer = line.recv(4096)
        except OSError:
            pass  # it listens no longer
        return int((answer or line.recv(4096)).split()[1])


@pytest.mark.parametrize(
    ("path", "heading", "told"),
    [
        ("portfolio", "项目库测算", "不是 .xlsx 工作簿"),
        ("check", "编辑与校验", "不是 .xlsx 工作簿"),
        ("compare", "版本对比", "图片.xlsx 不能作为政策工作簿打开"),
    ],
)
def test_a_picture_called_a_workbook_is_told(
    open_page: Callable[..., Page], address: str, path: str, heading: str, told: str
) -> None:
    page = open_page(f"{address}/{path}", heading=heading)
    main_upload(page, "图片.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(2000))
    expect(page.get_by_test_id("stMain")).to_contain_text(told)


def test_a_workbook_with_errors_is_told_on_every_page(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    workbook = openpyxl.load_workbook(BOOK)
    workbook["招商渠道"]["C19"] = "是的吧"
    book = tmp_path / "policy.xlsx"
    workbook.save(book)
    with serve(book, tmp_path / "log") as url:
        page = open_page(url, heading="政策工作簿需要先修改")
        expect(page.get_by_test_id("stMain")).to_contain_text("是的吧")
        page.goto(f"{url}/check")
        expect(page.get_by_test_id("stMain")).to_contain_text("是的吧")


# --- the server -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "portfolio", "_stcore/health", "no-such-thing"])
def test_every_answer_has_the_headers(address: str, path: str) -> None:
    with urllib.request.urlopen(f"{address}/{path}") as answer:
        assert (
            HEADERS.items() <= {key.lower(): value for key, value in answer.headers.items()}.items()
        )
        assert "http:" not in answer.headers["content-security-policy"]


def test_a_foreign_page_may_not_speak_to_the_server(address: str) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: http://evil.invalid\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        assert b" 403 " in line.recv(4096).partition(b"\r\n")[0]


def test_what_a_click_calls_may_crash_and_shows_a_number_of_the_log(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script = changed(tmp_path, "state", "clear", 'raise RuntimeError("secret detail")')
    with serve(BOOK, log, script) as url:
        page = open_page(url)
        page.get_by_role("button", name="清空").click()
        told = page.get_by_test_id("stAlert").filter(has_text="程序出错了")
        number = re.search(r"编号 ([0-9A-F]{6})", told.inner_text())
        assert number
        assert "secret detail" not in page.content()
        assert "Traceback" not in page.content()
    written = log.read_text("utf-8")
    assert number[1] in written
    assert "secret detail" in written


def test_a_report_that_cannot_be_made_is_told_in_chinese(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script = changed(tmp_path, "downloads", "word_report", 'raise RuntimeError("secret detail")')
    with serve(BOOK, log, script) as url:
        page = open_page(url)
        load_sample(page, SAMPLE)
        compute(page)
        page.get_by_test_id("stDownloadButton").get_by_role("button").first.click()
        expect(page.get_by_text("文件没有做成")).to_be_visible()
        assert "secret detail" not in page.content()
    assert "secret detail" in log.read_text("utf-8")
