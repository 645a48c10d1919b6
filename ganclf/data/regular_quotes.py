"""Whether all double quotes of a piece of a file open or close a field or are doubled, found without parsing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def last_line_end(data: bytes, end: int) -> int:
    """The place behind the last line end before `end`; 0 without one. A return at the very end may go on."""
    found = data.rfind(b"\n", 0, end)
    if found >= 0:
        return found + 1
    found = data.rfind(b"\r", 0, min(end, len(data) - 1))
    return found + 1


def end_of_regular_quotes(data: bytes, separator: int, final: bool) -> int:
    """Where the last complete row ends, if each quote before opens or closes a field or is doubled; else 0."""
    import numpy as np

    values = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(values == ord('"'))
    before = values[quotes - 1]
    after = values[np.minimum(quotes + 1, len(values) - 1)]
    if quotes[0] == 0:
        before[0] = ord("\n")
    if quotes[-1] == len(values) - 1:
        after[-1] = ord("\n")
    at_start = (before == separator) | (before == 10) | (before == 13)
    at_end = (after == separator) | (after == 10) | (after == 13)
    touching = at_start | at_end | (before == ord('"')) | (after == ord('"'))
    inside = quotes[~touching]
    quotes, at_start, at_end = quotes[touching], at_start[touching], at_end[touching]
    doubled = np.diff(quotes) == 1
    good = at_start.copy()
    good[1:] |= doubled
    good[1::2] = (at_end | np.append(doubled, False))[1::2]
    end = _last_even_line_end(data, quotes, len(data)) if not (final and len(quotes) % 2 == 0) else len(data)
    if not end:
        return 0
    known = np.searchsorted(quotes, end)
    if not good[:known].all() or (np.searchsorted(quotes, inside[inside < end]) % 2).any():
        return 0
    return end


def _last_even_line_end(data: bytes, quotes: np.ndarray, end: int) -> int:
    """The place behind the last line end that is not in quotes; 0 without one."""
    import numpy as np

    while end > 0:
        end = last_line_end(data, end)
        ahead = int(np.searchsorted(quotes, end))
        if ahead % 2 == 0:
            return end
        end = int(quotes[ahead - 1])
    return 0
