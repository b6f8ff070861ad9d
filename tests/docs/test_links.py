"""Links lead somewhere, pictures are there, and nothing of one machine is in the docs."""

from __future__ import annotations

import re

import pytest

from tests.support.markdown import PAGES, Page

EVERY_PAGE = [Page(path) for path in PAGES]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_relative_links_and_their_anchors_exist(page: Page) -> None:
    for link in page.links:
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        file = (page.path.parent / target).resolve() if target else page.path
        assert file.exists(), link
        if anchor:
            assert anchor in Page(file).anchors, link


def test_every_page_is_reached_from_the_readme() -> None:
    readme = Page("README.md")
    reached = {(readme.path.parent / link.partition("#")[0]).resolve() for link in readme.links}
    assert {page.path for page in EVERY_PAGE} - {readme.path} <= reached


def test_pictures_are_small_and_each_is_shown() -> None:
    shown = {(page.path.parent / link).resolve() for page in EVERY_PAGE for link in page.links if link.endswith(".png")}
    found = set((Page("README.md").path.parent / "docs" / "images").glob("*"))
    assert shown == found
    for picture in found:
        assert picture.read_bytes().startswith(PNG)
        assert picture.stat().st_size < 200_000, picture.name


def test_pictures_say_in_words_what_they_show() -> None:
    for page in EVERY_PAGE:
        for words in re.findall(r"!\[(.*?)\]\(", page.prose):
            assert len(words) > 20, page.name


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_nothing_of_one_machine_is_in_the_docs(page: Page) -> None:
    assert not re.findall(r"(?<![\w.])/(?:home|root|tmp|work|Users|usr|var)/\S*", page.text)
    assert not [line for line in page.text.splitlines() if line != line.rstrip()]
