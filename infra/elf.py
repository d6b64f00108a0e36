"""What an executable asks of the machine that it will run on, read from its own headers.

Knows ELF for 64-bit little-endian Linux and nothing of packages: see `package`.
No tool is called, so that the answer does not depend on one being installed.
"""

import struct
from dataclasses import dataclass

MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_VERNEED, DT_VERNEEDNUM = 1, 5, 0x6FFFFFFE, 0x6FFFFFFF


class NotAnExecutable(Exception):
    """The file is not what a function can be made of."""


@dataclass(frozen=True)
class Needs:
    """What the dynamic linker has to find."""

    machine: str
    libraries: tuple[str, ...]
    """Shared libraries, by name."""
    versions: tuple[tuple[str, str], ...]
    """Versions of symbols, each with the library that has to have it: `("libc.so.6", "GLIBC_2.34")`."""

    def glibc(self) -> str | None:
        """The newest glibc that any symbol belongs to; none where nothing is linked dynamically."""
        numbers = [name.removeprefix("GLIBC_") for _, name in self.versions if name.startswith("GLIBC_")]
        # `GLIBC_PRIVATE` and its like are no versions: they bind to one build of glibc, and nothing is new enough.
        return max(numbers, key=order, default=None)


def order(version: str) -> tuple[int, ...]:
    """Versions by number; a version that is none comes after all."""
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else (1 << 30,)


def needs(image: bytes) -> Needs:
    """Reads what an executable needs."""
    try:
        return _read(image)
    except (struct.error, IndexError, ValueError) as error:
        raise NotAnExecutable(f"its headers lead nowhere ({error})") from error


def _read(image: bytes) -> Needs:
    if image[:6] != b"\x7fELF\x02\x01":
        raise NotAnExecutable("it is no 64-bit little-endian ELF file")
    (machine,) = struct.unpack_from("<H", image, 18)
    (programs,) = struct.unpack_from("<Q", image, 32)
    entry_bytes, entries = struct.unpack_from("<HH", image, 54)
    segments = []
    for place in range(entries):
        kind, _flags, offset, address, _physical, length = struct.unpack_from("<IIQQQQ", image, programs + place * entry_bytes)
        segments.append((kind, offset, address, length))

    def offset_of(address: int) -> int:
        for kind, offset, start, length in segments:
            if kind == PT_LOAD and start <= address < start + length:
                return address - start + offset
        raise ValueError(f"address {address:#x} is in no segment")

    dynamic = next(((offset, length) for kind, offset, _, length in segments if kind == PT_DYNAMIC), None)
    name = MACHINES.get(machine, f"machine {machine:#x}")
    if dynamic is None:
        return Needs(name, (), ())
    tags = list(struct.iter_unpack("<QQ", image[dynamic[0] : dynamic[0] + dynamic[1] // 16 * 16]))
    values = dict(reversed(tags))
    strings = offset_of(values[DT_STRTAB]) if DT_STRTAB in values else 0

    def text(offset: int) -> str:
        return image[strings + offset : image.index(b"\0", strings + offset)].decode("utf-8", "replace")

    libraries = tuple(text(value) for tag, value in tags if tag == DT_NEEDED)
    versions = []
    place = offset_of(values[DT_VERNEED]) if DT_VERNEED in values else 0
    for _ in range(values.get(DT_VERNEEDNUM, 0)):
        _version, count, file, first, following = struct.unpack_from("<HHIII", image, place)
        one = place + first
        for _ in range(count):
            _hash, _flags, _other, symbol, further = struct.unpack_from("<IHHII", image, one)
            versions.append((text(file), text(symbol)))
            one += further
        place += following
    return Needs(name, libraries, tuple(versions))
