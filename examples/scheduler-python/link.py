"""A link: frames over a gRPC stream, as framework/rpc/link/doc.go tells it.

A frame is u32 length of the payload, u64 id, u8 kind, payload. One-way frames have id 0; those of a call have the number
that the caller chose, and so has its answer. This end is as large as a small plugin needs: it takes whatever the other
side may send, but sends one transfer at a time and names no credits.
"""

import asyncio
import logging
import secrets
import struct

import wire

CARRIER = "grpc-stream/1"

HELLO, ANSWER, ERROR, CANCEL, CREDIT, PING, PONG, FIRST, MORE, DROP, CLOSE = range(11)
FIRST_KIND = 32  # kinds from here on belong to the adapters

MAX_FRAME, MAX_MESSAGE, CALLS = 64 << 10, 64 << 20, 1024
BATCH = 1 << 20  # frames in one message

HEADER = struct.Struct("<IQB")


def hello(token):
    return (
        (1).to_bytes(2, "little")
        + wire.count_bytes(token)
        + wire.u32(0)  # features
        + wire.u32(MAX_FRAME)
        + wire.u64(MAX_MESSAGE)
        + wire.u32(CALLS)
        + wire.u32(0)  # credits
    )


def gone():
    return wire.Error("the other side of a link is gone", [wire.GONE])


class Link:
    """One end of a link. stream has the coroutines read and write of messages; make_message makes one of bytes.

    serve(kind, payload) is a coroutine that answers a call; told(kind, payload) takes a one-way frame, in order.
    """

    def __init__(self, stream, make_message, serve=None, told=None):
        self.stream, self.make_message = stream, make_message
        self.serve, self.told = serve, told
        self.calls = {}  # number -> future of the answer
        self.serving = {}  # number -> task
        self.arriving = {}  # number of a transfer -> [id, kind, total, bytes so far]
        self.last_call = self.last_transfer = 0
        self.chunk = MAX_FRAME
        self.out, self.ready = bytearray(), asyncio.Event()
        self.buffer, self.at = b"", 0  # what was read, and how much of it was looked at
        self.ended = None  # the error of everybody who waits, once the link has ended
        self.on_end = []

    async def dial(self, token):
        """Shakes hands as the side that dialled."""
        await self._write(_frame(0, HELLO, hello(token)))
        self._greeted(await self._first())

    async def accept(self, token):
        """Shakes hands as the side that listens. The token admits one dialler."""
        got = await self._first()
        if not secrets.compare_digest(self._greeted(got), token):
            raise wire.Error("wrong token")
        await self._write(_frame(0, HELLO, hello(b"")))

    async def run(self):
        """Reads and writes until the link ends."""
        writer = asyncio.create_task(self._writer())
        try:
            while True:
                while frame := self._next():
                    if frame[1] == CLOSE:
                        return
                    self._dispatch(*frame)
                if not await self._fill():
                    return
        except wire.Malformed as e:
            await self._write(_frame(0, CLOSE, wire.Error(str(e)).raw))
        finally:
            self.ended = gone()
            writer.cancel()
            for future in self.calls.values():
                if not future.done():
                    future.set_exception(gone())
            for task in list(self.serving.values()):
                task.cancel()
            for f in self.on_end:
                f()

    def send(self, kind, payload):
        """Sends a one-way frame. It never waits: what is sent this way is little."""
        self._post(0, kind, payload)

    async def call(self, kind, payload):
        """Makes a call and returns the answer, or raises the error. Cancelled, it tells the other side and waits: the
        call is answered all the same, and nothing that was called goes on behind our back."""
        if self.ended:
            raise self.ended
        self.last_call += 1
        number = self.last_call
        future = self.calls[number] = asyncio.get_running_loop().create_future()
        self._post(number, kind, payload)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self._post(number, CANCEL, b"")
            await asyncio.wait([future])
            future.exception()
            raise
        finally:
            del self.calls[number]

    # What follows is the other half: frames in and out.

    def _post(self, id, kind, payload):
        if self.ended:
            return
        if len(payload) <= self.chunk:
            self.out += _frame(id, kind, payload)
        else:
            self._transfer(id, kind, payload)
        self.ready.set()

    def _transfer(self, id, kind, payload):
        """Queues a payload that is too long for a frame, in pieces."""
        self.last_transfer += 1
        head = wire.u64(id) + bytes([kind]) + wire.u64(len(payload))
        at = self.chunk - len(head)
        self.out += _frame(self.last_transfer, FIRST, head + payload[:at])
        for at in range(at, len(payload), self.chunk):
            self.out += _frame(self.last_transfer, MORE, payload[at : at + self.chunk])

    async def _writer(self):
        """Writes all that has queued meanwhile, again and again: an idle link writes at once, a busy one batches."""
        while True:
            await self.ready.wait()
            self.ready.clear()
            out, self.out = bytes(self.out), bytearray()
            for message in _messages(out):
                await self._write(message)

    async def _write(self, frames):
        await self.stream.write(self.make_message(frames))

    async def _fill(self):
        """Reads one message. It returns False at the end of the stream."""
        message = await self.stream.read()
        if not hasattr(message, "data"):  # grpc.aio's EOF
            return False
        self.buffer, self.at = self.buffer[self.at :] + message.data, 0
        return True

    def _next(self):
        """Returns the next frame, (id, kind, payload), or None if the whole of it has not been read."""
        if len(self.buffer) - self.at < HEADER.size:
            return None
        length, id, kind = HEADER.unpack_from(self.buffer, self.at)
        if length > MAX_FRAME:
            raise wire.Malformed(f"a frame of {length} bytes, at most {MAX_FRAME}")
        start = self.at + HEADER.size
        if len(self.buffer) - start < length:
            return None
        self.at = start + length
        return id, kind, self.buffer[start : self.at]

    async def _first(self):
        """Returns the payload of the other side's hello."""
        while not (frame := self._next()):
            if not await self._fill():
                raise gone()
        _, kind, payload = frame
        if kind == CLOSE:
            raise wire.Reader(payload).error() or gone()
        if kind != HELLO:
            raise wire.Error(f"frame of kind {kind}, expected a hello")
        return payload

    def _greeted(self, payload):
        """Takes in the other side's hello and returns its token."""
        r = wire.Reader(payload)
        if (got := r.u16()) != 1:
            raise wire.Error(f"the other side speaks link version {got}, this one 1")
        token = r.bytes()
        for _ in range(r.count(4)):
            r.bytes()  # features: none is known here
        self.chunk = min(MAX_FRAME, r.u32())
        return token

    def _dispatch(self, id, kind, payload):
        if kind in (ANSWER, ERROR):
            future = self.calls.get(id)
            if future and not future.done():
                if kind == ANSWER:
                    future.set_result(payload)
                else:
                    future.set_exception(wire.Reader(payload).error())
        elif kind == CANCEL:
            if id in self.serving:
                self.serving[id].cancel()
        elif kind == PING:
            self._post(id, PONG, b"")
        elif kind == FIRST:
            r = wire.Reader(payload)
            self.arriving[id] = [r.u64(), r.u8(), r.u64(), payload[17:]]
            total = sum(a[2] for a in self.arriving.values())
            if total > MAX_MESSAGE or len(self.arriving) > 64:
                raise wire.Malformed(f"{len(self.arriving)} transfers of {total} bytes")
            self._arrived(id)
        elif kind == MORE and id in self.arriving:
            self.arriving[id][3] += payload
            self._arrived(id)
        elif kind == DROP:
            self.arriving.pop(id, None)
        elif kind >= FIRST_KIND and id == 0:
            if self.told:
                self.told(kind, payload)
        elif kind >= FIRST_KIND:
            task = asyncio.create_task(self._answer(id, kind, payload))
            self.serving[id] = task
            task.add_done_callback(lambda _: self.serving.pop(id, None))

    def _arrived(self, number):
        id, kind, total, data = self.arriving[number]
        if len(data) >= total:
            del self.arriving[number]
            self._dispatch(id, kind, data)

    async def _answer(self, id, kind, payload):
        """Serves one call. Whatever happens, it is answered."""
        try:
            if not self.serve:
                raise wire.Error("not supported", [wire.UNSUPPORTED])
            self._post(id, ANSWER, await self.serve(kind, payload))
        except wire.Error as e:
            self._post(id, ERROR, e.raw)
        except asyncio.CancelledError:
            self._post(id, ERROR, wire.Error("context canceled", [wire.CANCELED]).raw)
        except Exception as e:
            logging.exception("call of kind %d", kind)
            self._post(id, ERROR, wire.Error(f"{type(e).__name__}: {e}").raw)


def _frame(id, kind, payload):
    return HEADER.pack(len(payload), id, kind) + payload


def _messages(out):
    """Splits whole frames into messages of at most BATCH bytes."""
    start = at = 0
    while at < len(out):
        size = HEADER.size + int.from_bytes(out[at : at + 4], "little")
        if at + size - start > BATCH and at > start:
            yield out[start:at]
            start = at
        at += size
    if at > start:
        yield out[start:at]
