"""Bytes of a file of text -> UTF-8: unpacked and decoded, with a line for what was found."""

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa

from tuner.errors import UsageError

PACKED = (".gz", ".gzip", ".zst", ".bz2", ".xz", ".zip")
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def unpacked(path: Path, notes: list[str]) -> bytes:
    """What a file holds, unpacked where its first bytes say that it is packed."""
    data = path.read_bytes()
    for magic, (name, unpack) in _UNPACK.items():
        if data.startswith(magic):
            notes.append(f"{path.name}: unpacked ({name})")
            try:
                return unpack(data)
            except (zlib.error, lzma.LZMAError, RuntimeError) as error:
                raise ValueError(f"damaged, or not open ({name}): {error}") from None
    return data


def as_utf8(data: bytes, encoding: str | None, name: str, notes: list[str]) -> bytes:
    """Text as UTF-8, with line ends as in Unix, of a file `name`.

    Without an `encoding` it is UTF-8 or UTF-16, or else Western (cp1252), which is said with a word
    of it. Raises UsageError where the bytes are no text.
    """
    if not encoding and data.isascii() and b"\r" not in data and b"\0" not in data:
        return data
    try:
        found, text = (encoding, data.decode(encoding)) if encoding else _decoded(data)
    except (LookupError, UnicodeError) as error:
        raise UsageError(f"{name}: is no text in {encoding}: {error}") from None
    if "\0" in text:
        raise UsageError(f"{name}: is no text: it has zero bytes (--encoding decides)")
    if found not in ("utf-8", "utf-8-sig") and not encoding:
        notes.append(f"{name}: encoding {found}{_example(text, found)} (--encoding decides)")
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").encode()


def _decoded(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return encoding, data.decode(encoding)
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return encoding, data.decode(encoding)
    for encoding in ("utf-8", "cp1252"):
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return "latin-1", data.decode("latin-1")


def _example(text: str, encoding: str) -> str:
    """The first word that another encoding would spell in another way."""
    if encoding.startswith("utf"):
        return ""
    at = next(place for place, letter in enumerate(text) if not letter.isascii())
    around = text[max(0, at - 20) : at + 20]
    word = next(part for part in around.replace(",", " ").split() if not part.isascii())
    return f", as it has no valid UTF-8: {word!r}"


def _unzstd(data: bytes) -> bytes:
    return bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())


def _unzip(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if _is_a_file(name)]
        if len(names) != 1:
            raise ValueError(f"an archive of {len(names)} files, expected one")
        return archive.read(names[0])


def _is_a_file(name: str) -> bool:
    """Whether a name of an archive is no folder, and nothing that macOS puts there."""
    return not name.endswith("/") and not name.startswith("__MACOSX/")


_UNPACK = {
    b"\x1f\x8b": ("gzip", gzip.decompress),
    b"BZh": ("bzip2", bz2.decompress),
    b"\xfd7zXZ\x00": ("xz", lzma.decompress),
    b"\x28\xb5\x2f\xfd": ("zstd", _unzstd),
    b"PK\x03\x04": ("zip", _unzip),
}
