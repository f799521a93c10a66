"""How glibc hands out memory: bounds for a process of many threads that gets and frees large buffers all the time."""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
"""Numbers of glibc's <malloc.h>."""


def bound_malloc() -> bool:
    """Give large buffers back to the system when they are freed, and use two arenas; False where there is no glibc.

    librdkafka's threads decompress megabytes at a time. With glibc's defaults a worker's memory grows by a third more.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt") or not hasattr(libc, "gnu_get_libc_version"):
        return False
    return bool(libc.mallopt(M_MMAP_THRESHOLD, 256 * 1024) and libc.mallopt(M_ARENA_MAX, 2))
