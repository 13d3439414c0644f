"""What a scheduler uses, at the other ends of its links: a store and a VM.

framework/rpc/storelink and framework/rpc/vmlink say what the frames carry.
"""

import asyncio

import wire
from link import FIRST_KIND
from wire import Reader, i64, u32, u64

# The calls of a store.
_, AT, _, _, _, _, READ, CLASS, LEAVE, _ = range(FIRST_KIND, FIRST_KIND + 10)


class State:
    """A state of a store."""

    def __init__(self, link, number):
        self.link, self.number = link, number

    @staticmethod
    async def at(link, block):
        """Opens the state after a block."""
        return State(link, await link.call(AT, i64(block)))

    async def read(self, keys):
        """Returns the values of keys."""
        return Reader(await self.link.call(READ, self.number + wire.column(keys))).words()

    async def class_(self, hash):
        """Returns a class as it is encoded: hash and body."""
        return await self.link.call(CLASS, self.number + hash)

    async def close(self):
        await self.link.call(LEAVE, self.number)


# The frames of a VM, and the messages in the one-way ones.
OPEN, CLOSE, _, _, DOWN, UP = range(FIRST_KIND, FIRST_KIND + 6)
PUBLISH, _, FORGET, _, RUN, _, VALUES, CLASS_IS, REFUSE, STOP = range(1, 11)
MISS, ASK_CLASS, PROGRESS, RESULT = range(64, 68)

REWINDS = 1  # an ability: the VM wants to be told what it can forget
DIRECT = 1  # of an order: the VM asks for every read
ABORTED, CANCELLED = b"\x01", b"\x02"  # why a run is stopped


class Outcome:
    """What an attempt came to. raw is all of it, to be handed out as it came."""

    def __init__(self, raw):
        r = Reader(raw)
        self.raw, self.status = raw, r.u8()
        self.writes, self.adds, self.classes = r.writes(), r.adds(), r.classes()


# A rejected outcome with nothing in it: status, then six empty columns.
EMPTY_OUTCOME = bytes([2]) + bytes(6 * 4)


class ViewFailed(Exception):
    """The state or a link has failed, as __cause__ says, so nothing that the VM made of it counts."""


class VM:
    """A VM at the other end of a link. The blocks that are open over it share the link."""

    def __init__(self, link):
        self.link, self.runs, self.last = link, {}, 0
        link.told = self._told
        link.on_end.append(self._ended)

    async def open(self, block):
        r = Reader(await self.link.call(OPEN, block))
        return Executor(self, r.take(8), r.u8())

    def tell(self, tag, number, payload):
        """Sends one message: u8 tag, u64 number of a block or a run, u32 length, payload."""
        self.link.send(DOWN, bytes([tag]) + number + wire.count_bytes(payload))

    def _told(self, kind, frame):
        """Hands the messages of a frame to their runs."""
        r = Reader(frame)
        while kind == UP and r.at < len(frame):
            tag, number, payload = r.u8(), r.take(8), r.bytes()
            if number in self.runs:
                self.runs[number].put_nowait((tag, payload))

    def _ended(self):
        for run in self.runs.values():
            run.put_nowait((None, None))


class Executor:
    """An open block of a VM."""

    def __init__(self, vm, block, abilities):
        self.vm, self.block, self.abilities = vm, block, abilities

    async def execute(self, version, tx, mode, view):
        """Runs a transaction once and returns its Outcome. It raises ViewFailed if the view failed, the VM's own
        wire.Error if the VM did, and passes on that it was cancelled when the VM has stopped."""
        self.vm.last += 1
        run, inbox = u64(self.vm.last), asyncio.Queue()
        self.vm.runs[run] = inbox
        id, _, body = tx
        order = self.block + version + bytes([DIRECT]) + bytes(8) + id + bytes([mode]) + wire.count_bytes(body)
        self.vm.tell(RUN, run, order + u32(0))
        cancelled = failed = None
        try:
            while True:
                try:
                    tag, payload = await inbox.get()
                    if tag in (RESULT, None):
                        break
                    failed = await self._answer(run, tag, Reader(payload), view) or failed
                except asyncio.CancelledError as e:
                    cancelled = e
                    self.vm.tell(STOP, run, CANCELLED)  # ends what waits for its context,
                    self.vm.tell(STOP, run, ABORTED)  # and what computes and asks whether it is aborted
        finally:
            del self.vm.runs[run]
        if cancelled:
            raise cancelled
        if failed:
            raise ViewFailed from failed
        if tag is None:
            raise ViewFailed from self.vm.link.ended
        return _result(Reader(payload))

    async def _answer(self, run, tag, r, view):
        """Answers a question of the VM. It returns the error of a view that failed."""
        _skip_log(r)
        if tag not in (MISS, ASK_CLASS):
            return None
        ask = r.take(4)
        try:
            if tag == MISS:
                values = await view.read(r.keys())
                self.vm.tell(VALUES, run, ask + b"\x00" + wire.column(values))
                return None
            hash, only = r.take(32), r.u8()
            found = await view.class_(hash)
            self.vm.tell(CLASS_IS, run, ask + (b"\x00" if only else b"\x01" + found))
        except wire.Error as e:
            self.vm.tell(REFUSE, run, ask + e.raw)
            if not (tag == ASK_CLASS and e.is_(wire.NO_CLASS)):  # that is an answer like any other
                return e
        return None

    def publish(self, version, writes):
        self.vm.tell(PUBLISH, self.block, version + wire.writes(writes) + u32(0))

    def forget(self, tx):
        if self.abilities & REWINDS:
            self.vm.tell(FORGET, self.block, i64(tx))

    async def close(self):
        await self.vm.link.call(CLOSE, self.block)


def _skip_log(r):
    """Passes over what the run has read by itself: it has read nothing that it was not told."""
    for _ in range(r.count(5)):
        if r.u8():
            r.take(32)
        else:
            r.writes()


def _result(r):
    _skip_log(r)
    r.u32(), r.u32(), r.u8()  # number at the VM, reads, how it ended: of use to who resumes
    error = r.error()
    if error:
        raise error
    return Outcome(r.data[r.at :])
