"""What a person sees on a terminal: bars instead of the codelab's lines."""

import re

import pytest

from tests.support.desk import Desk
from tests.support.terminal import on_terminal

BAR = "━"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
LINE = re.compile(r"^\S+ \S+: (Step \d+|Final test|\d+ bottleneck)", re.MULTILINE)


def test_there_are_bars_and_none_of_the_codelab_s_lines(desk: Desk) -> None:
    code, text = on_terminal(desk.folder, *desk.arguments())
    assert code == 0, text
    assert re.search(rf"Features +.*{BAR}.*24/24", text)
    assert re.search(rf"Training +.*{BAR}.*50/50.* train \d+\.\d % +validation \d+\.\d %", text)
    assert not LINE.search(text)
    assert text.count("est accuracy ") == 1
    assert text.rindex(SHOW) > text.rindex(HIDE)


def test_debug_shows_the_codelab_s_lines_on_a_terminal_too(desk: Desk) -> None:
    code, text = on_terminal(desk.folder, *desk.arguments("--logging_verbosity", "DEBUG"))
    assert code == 0, text
    assert "Step 40: Validation accuracy = " in text
    assert text.count("Final test accuracy = ") == 1
    assert re.search(r"50/50", text)


@pytest.mark.parametrize("verbosity", ["WARN", "ERROR"])
def test_who_wants_it_quiet_gets_no_bars(verbosity: str, desk: Desk) -> None:
    code, text = on_terminal(desk.folder, *desk.arguments("--logging_verbosity", verbosity))
    assert code == 0, text
    assert BAR not in text
    assert "\x1b" not in text
    assert ("WARNING" in text) == (verbosity == "WARN")


def test_without_colours_the_bars_have_none(desk: Desk) -> None:
    code, text = on_terminal(desk.folder, *desk.arguments(), NO_COLOR="1")
    assert code == 0, text
    assert BAR in text
    assert "\x1b[3" not in text


def test_a_file_name_cannot_steer_the_terminal(desk: Desk) -> None:
    (desk.pictures / "red" / "\x1b]0;title\x07.png").write_bytes(b"no picture")
    (desk.pictures / "red").rename(desk.pictures / "\x1b[2Jred")
    code, text = on_terminal(desk.folder, *desk.arguments())
    assert code == 0, text
    assert r"\x1b]0;title\x07.png: not a picture" in text
    assert r"\x1b[2Jred" in text
    assert "\x1b]0" not in text
    assert "\x1b[2J" not in text


def test_an_error_is_told_as_anywhere(desk: Desk) -> None:
    code, text = on_terminal(desk.folder, *desk.arguments("--image_dir", "picture"))
    assert code == 3
    assert "Error: picture: no such folder. Did you mean 'pictures'?\n  One sub-folder" in text
