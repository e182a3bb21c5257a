"""
A login that is easy to find again, in whatever form somebody wrote it down.

User name and password have two marks each, of letters and digits alone, at both ends:
no quoting changes them, and what was cut short still shows one. Between them stand the
characters that quoting is about. What changes every byte (base64 at each of its three
offsets, hexadecimal) is searched for as well.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["PASSWORD", "USERNAME", "marks_in", "marks_in_files"]

# Base64 has no "+" and no "/" for them, or they would show differently in a URL.
PASSWORD_MARKS: Final = ("Kq7vXzR2bd", "Wj3pTmLc8s")
USERNAME_MARKS: Final = ("Hu9dGfyE4n", "Bo6tSiVx5k")
AWKWARD: Final = " \"'\\<b>&amp;%41+/=@é\u2028{}$;|#?~\t"
PASSWORD: Final = PASSWORD_MARKS[0] + AWKWARD + ":" + PASSWORD_MARKS[1]
USERNAME: Final = USERNAME_MARKS[0] + " \"'<&%+/é" + USERNAME_MARKS[1]


def marks_in(shown: str | bytes, *, usernames: bool = True) -> list[str]:
    """
    Return what of the login is in *shown*, with 30 characters around it.

    *usernames* tells whether the user name is looked for too; it may be shown in a few
    places, the password nowhere.
    """
    data = shown.encode("utf-8", "surrogatepass") if isinstance(shown, str) else shown
    folded = data.lower()
    marks = PASSWORD_MARKS + (USERNAME_MARKS if usernames else ())
    found = []
    for mark in marks:
        for form in forms_of(mark):
            # Letters may change their case on the way, but not those of base64.
            text, sought = (
                (folded, form.lower()) if form == mark.encode() else (data, form)
            )
            at = text.find(sought)
            if at >= 0:
                found.append(f"{mark}: {data[max(0, at - 30) : at + 40]!r}")
    return found


def forms_of(mark: str) -> Iterator[bytes]:
    """Yield *mark*, and what its inside becomes where each byte is rewritten."""
    plain = mark.encode()
    yield plain
    yield plain[::-1]
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield "".join(f"%{byte:02X}" for byte in plain).encode()
    yield mark.encode("utf-16-le")
    for offset in range(3):
        # Groups of three bytes that hold nothing but the mark.
        inside = plain[offset:]
        inside = inside[: len(inside) // 3 * 3]
        yield base64.b64encode(inside)


def marks_in_files(
    folder: Path, *, but: tuple[str, ...] = (), usernames: bool = True
) -> list[str]:
    """Return what of the login is in files of *folder*, but those named *but*."""
    return [
        f"{path.name}: {mark}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in but
        for mark in marks_in(path.read_bytes(), usernames=usernames)
    ]
