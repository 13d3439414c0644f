"""The values of the contract as bytes: package framework/rpc/codec in Python.

Everything is little endian and nothing is padded. A column, [T], is a u32 count and that many entries. A scheduler
never looks into a value, so a word stays the 32 bytes that it is on the wire, and a key its 65 bytes (u8 space, word
owner, word slot): both can be keys of a dict as they are.
"""

import struct

WORD, KEY = 32, 65
ZERO = bytes(WORD)

# The codes of errors that are control flow: indexes into framework.Sentinels, and three of Go itself.
ABORTED, NO_CHECKPOINT, OVERFLOW, EMPTY, NO_BLOCK, NO_CLASS, OUT_OF_ORDER, UNSUPPORTED, CLOSED, GONE = range(10)
EOF, CANCELED, DEADLINE = 253, 254, 255


class Malformed(Exception):
    """Bytes are not an encoding of what was asked for."""


class Reader:
    """A cursor over an encoding. Counts are compared with what is left before anything is made."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Malformed(f"needs {n} bytes, {len(self.data) - self.at} left")
        self.at += n
        return self.data[self.at - n : self.at]

    def u8(self):
        return self.take(1)[0]

    def u16(self):
        return int.from_bytes(self.take(2), "little")

    def u32(self):
        return int.from_bytes(self.take(4), "little")

    def u64(self):
        return int.from_bytes(self.take(8), "little")

    def i64(self):
        return int.from_bytes(self.take(8), "little", signed=True)

    def bytes(self):
        return self.take(self.u32())

    def text(self):
        return self.bytes().decode("utf-8", "replace")

    def count(self, size):
        """Reads the count of a column whose entries take at least size bytes."""
        n = self.u32()
        if n * size > len(self.data) - self.at:
            raise Malformed(f"{n} entries of {size} bytes, {len(self.data) - self.at} bytes left")
        return n

    def column(self, size):
        """Reads a column of entries of a fixed size, as bytes each."""
        return [self.take(size) for _ in range(self.count(size))]

    def keys(self):
        return self.column(KEY)

    def words(self):
        return self.column(WORD)

    def writes(self):
        """Reads pairs of a key and its new value."""
        return [(e[:KEY], e[KEY:]) for e in self.column(KEY + WORD)]

    def adds(self):
        """Reads additions: the key of the lower cell, that of the upper one, and the amount."""
        return [(e[:KEY], e[KEY : 2 * KEY], e[2 * KEY :]) for e in self.column(2 * KEY + WORD)]

    def classes(self):
        """Reads pairs of the hash and the body of a class."""
        return [(self.take(WORD), self.bytes()) for _ in range(self.count(WORD + 4))]

    def txs(self):
        """Reads transactions: id, mode and body."""
        return [(self.take(WORD), self.u8(), self.bytes()) for _ in range(self.count(WORD + 5))]

    def skip_usage(self):
        self.column(8)  # counters
        self.column(1 + KEY + 8)  # charges

    def error(self):
        """Reads an error, or None."""
        start = self.at
        text, codes = self._error(8)
        if text is None:
            return None
        return Error(text, codes, self.data[start : self.at])

    def _error(self, depth):
        form = self.u8()
        if form == 0:
            return None, ()
        if form > 3 or form != 1 and depth == 0:
            raise Malformed(f"error of form {form}")
        text, codes = "fault", b""
        if form & 1:
            text, codes = self.text(), self.bytes()
        if form & 2:  # a fault: who, block, version, cause
            self.bytes(), self.take(8 + 12)
            self._error(depth - 1)
        return text, codes

    def end(self):
        if self.at != len(self.data):
            raise Malformed(f"{len(self.data) - self.at} bytes too many")


class Error(Exception):
    """An error that came over a link, or is to go over one. raw is its encoding, which is passed on as it came."""

    def __init__(self, text, codes=b"", raw=None):
        super().__init__(text)
        self.codes = bytes(codes)
        self.raw = raw or b"\x01" + text_bytes(text) + count_bytes(self.codes)

    def is_(self, code):
        return code in self.codes


NO_ERROR = b"\x00"


def u32(n):
    return n.to_bytes(4, "little")


def u64(n):
    return n.to_bytes(8, "little")


def i64(n):
    return n.to_bytes(8, "little", signed=True)


def count_bytes(data):
    return u32(len(data)) + data


def text_bytes(text):
    return count_bytes(text.encode())


def column(entries):
    return u32(len(entries)) + b"".join(entries)


def writes(pairs):
    return column([key + value for key, value in pairs])


def version(tx, incarnation):
    return struct.pack("<qI", tx, incarnation)


def order(key):
    """Sorts keys as the contract does: by space, owner and slot, as numbers."""
    return key[0], key[1:33][::-1], key[33:65][::-1]
