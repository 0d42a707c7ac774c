"""Asking a web server for a file: whatever hangs, an answer or an error comes in time."""

import re
import ssl
from collections.abc import Iterator
from concurrent.futures import Future
from http.client import HTTPException, HTTPMessage, HTTPResponse, IncompleteRead, InvalidURL
from threading import Thread
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from poets import __version__
from poets.network.remote import DownloadError, Version, Wanted, is_plain

MAX_BYTES = 1 << 32
_BROKEN = "the connection broke"
_CHUNK = 1 << 18
_RANGE_NOT_SATISFIABLE = 416


class Answer:
    """A file, or its end from byte `start` on, as it comes; the first bytes are here already."""

    def __init__(self, wanted: Wanted, response: HTTPResponse, timeout: float) -> None:
        self._host = wanted.host
        self._response = response
        self._timeout = timeout
        self.start = wanted.start
        validator = wanted.validator or _validator(response.headers)
        self.version = Version(wanted.url, validator, _total(response))
        self._check_size(self.version.total or 0)
        self._first = self._read()

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes; raise DownloadError where they stall or end too early."""
        position = self.start
        chunk = self._first
        while chunk:
            position += len(chunk)
            self._check_size(position)
            yield chunk
            chunk = self._read()
        if position != (self.version.total or position):
            raise DownloadError(f"{self._host}: {_BROKEN}")

    def close(self) -> None:
        """Close the connection."""
        self._response.close()

    def _check_size(self, size: int) -> None:
        if size > MAX_BYTES:
            raise DownloadError(f"{self._host}: more than {MAX_BYTES:,} bytes")

    def _read(self) -> bytes:
        try:
            # Not read(): a stall would lose what came just before it.
            return self._response.read1(_CHUNK)
        except (OSError, HTTPException) as error:
            cut = isinstance(error, IncompleteRead)
            reason = _BROKEN if cut else _reason(error, self._timeout)
            raise DownloadError(f"{self._host}: {reason}") from error


def ask(wanted: Wanted, timeout: float) -> Answer:
    """Return the answer once its first bytes are here; its `start` is 0 where it begins anew.

    Raises DownloadError with the reason, after at most `timeout` seconds.
    """
    future: Future[Answer] = Future()
    # A thread, as nothing else ends a look-up that hangs or a long list of dead addresses; a
    # daemon, so that the program can end before it does.
    Thread(target=_work, args=(future, wanted, timeout), daemon=True).start()
    try:
        return future.result(timeout)
    except DownloadError:
        raise
    except Exception as error:
        future.add_done_callback(_close_late_answer)
        raise DownloadError(f"{wanted.host}: {_reason(error, timeout)}") from error


def _work(future: Future[Answer], wanted: Wanted, timeout: float) -> None:
    try:
        future.set_result(_open(wanted, timeout))
    except Exception as error:  # it is raised in the thread that waits for it
        future.set_exception(error)


def _close_late_answer(future: Future[Answer]) -> None:
    if future.exception() is None:
        future.result().close()


def _open(wanted: Wanted, timeout: float) -> Answer:
    try:
        response = _opener().open(_request(wanted), timeout=timeout)
    except HTTPError as error:
        error.close()
        if wanted.start and error.code == _RANGE_NOT_SATISFIABLE:
            return _open(Wanted(wanted.url), timeout)
        raise
    try:
        return _answer(wanted, response, timeout)
    except _CannotResumeError:
        response.close()
        return _open(Wanted(wanted.url), timeout)
    except BaseException:
        response.close()
        raise


class _CannotResumeError(Exception):
    """The server sent another part, or a part of another version."""


def _answer(wanted: Wanted, response: HTTPResponse, timeout: float) -> Answer:
    if response.headers.get_content_type() == "text/html":
        raise DownloadError(f"{wanted.host}: a web page came instead of the file")
    if response.length is None and not response.chunked:
        raise DownloadError(f"{wanted.host}: does not say how long the file is")
    if response.status == 206 and wanted.start:
        if not _continues(wanted, response):
            raise _CannotResumeError
        return Answer(wanted, response, timeout)
    if response.status != 200:
        raise DownloadError(f"{wanted.host}: HTTP {response.status}")
    return Answer(Wanted(wanted.url), response, timeout)


def _continues(wanted: Wanted, response: HTTPResponse) -> bool:
    """Check what a server claims that need not understand If-Range."""
    found = _range(response)
    if found is None or int(found["start"]) != wanted.start:
        return False
    return _validator(response.headers) in {"", wanted.validator}


def _total(response: HTTPResponse) -> int | None:
    """Return the whole file's length; None where it comes in chunks, the last one marked."""
    found = _range(response) if response.status == 206 else None
    return int(found["total"]) if found else response.length


def _range(response: HTTPResponse) -> re.Match[str] | None:
    text = response.headers.get("Content-Range", "")
    return re.fullmatch(r"bytes (?P<start>\d{1,18})-\d+/(?P<total>\d{1,18})", text)


def _validator(headers: HTTPMessage) -> str:
    """Return what If-Range may name: a strong ETag, else the time of the last change."""
    etag = headers.get("ETag", "")
    found = etag if etag.startswith('"') else headers.get("Last-Modified", "")
    return found if is_plain(found) else ""


def _request(wanted: Wanted) -> Request:
    headers = {"User-Agent": f"poets/{__version__}"}
    if wanted.start:
        headers |= {"Range": f"bytes={wanted.start}-", "If-Range": wanted.validator}
    return Request(wanted.url, headers=headers)  # noqa: S310 - the opener speaks only HTTP


def _opener() -> OpenerDirector:
    # Not build_opener(): that one also reads file: and ftp: addresses.
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        _Redirects(),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class _Redirects(HTTPRedirectHandler):
    """Follow, but not from HTTPS to something that anybody on the way can change."""

    def http_error_302(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> Any:  # noqa: ANN401 - as the library has it
        """Close the connection too where the new address is none."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise HTTPError(newurl, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _reason(error: BaseException | str, timeout: float) -> str:
    """Say it short, and without the server's own words: they could steer a terminal."""
    if isinstance(error, HTTPError):
        refused = ", a redirect that is not followed" if 300 <= error.code < 400 else ""
        return f"HTTP {error.code}{refused}"
    if isinstance(error, URLError):
        return _reason(error.reason, timeout)
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} seconds"
    if isinstance(error, OSError):
        return _system_reason(error)
    if isinstance(error, InvalidURL | ValueError | str):
        return "not a web address"
    return "not the answer of a web server"


def _system_reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "no secure connection can be made"
    text = (error.strerror or str(error)).lower()
    return "".join(character for character in text if character.isprintable())
