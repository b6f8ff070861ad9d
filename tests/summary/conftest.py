"""The emulated page of the provider's tests is the one that summaries are held against."""

from tests.provider.conftest import emulator, page

__all__ = ["emulator", "page"]
