"""Work that goes on in a thread while something else is measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def in_thread(work: Callable[..., None], *arguments: object) -> Iterator[None]:
    """Do some work in a thread until the block ends; the last argument, an event, tells it."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(*arguments, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
