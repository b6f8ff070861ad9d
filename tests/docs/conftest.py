"""The emulated page of the provider's tests is the one the docs are held against."""

from tests.support.page import emulator, page

__all__ = ["emulator", "page"]
