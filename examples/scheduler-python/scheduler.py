#!/usr/bin/env python3
"""A scheduler of Switchyard in Python: one transaction after the other, over direct links to VM and store.

It does what plugins/scheduler-serial does in Go, and shows how little of that depends on the language. The promises
that it keeps are told in framework/scheduler.go and framework/vm.go, the frames in framework/rpc/schedlink.
"""

import asyncio
import struct
import time

import parts
import plugin
import wire
from link import FIRST_KIND
from wire import Reader, i64, u32, u64

# The frames of a scheduler: the first three come from the host, the others go to it.
RUN, END, CANCEL, NEXT, FINALS, EVENTS = range(FIRST_KIND, FIRST_KIND + 6)

STARTED, EXECUTED, FINALIZED = 0, 5, 8  # kinds of events
EXACT = 32  # the flag of a mode: no additions


class Plugin:
    """What a host is told."""

    kind, id, version = "scheduler", "python", "0.1.0"
    summary = "one transaction after the other, in Python"
    defaults = {"ahead": 256}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "scheduler.python",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "ahead": {
                "type": "integer", "minimum": 1, "default": 256, "x-unit": "outcomes",
                "description": "How many outcomes may be on their way to the host while others are made.",
            }
        },
    }

    def open(self, settings, links):
        return Scheduler(settings["ahead"], links)


class Scheduler:
    """An instance: it serves the host's link and uses those to VMs and stores."""

    def __init__(self, ahead, links):
        self.ahead, self.links = ahead, links
        self.vms = {}  # by the name of their link
        self.runs = {}  # by the number that the host chose

    def told(self, link, kind, payload):
        """Takes a one-way frame: where the block ends, or that the run is cancelled. A run that is over does not care."""
        r = Reader(payload)
        run = self.runs.get(r.u64())
        if run and kind == END:
            run.ends(r.i64())
        elif run and kind == CANCEL:
            run.task.cancel()

    async def serve(self, link, kind, payload):
        """Answers a call. There is one: run. Its answer is Stats and an error, or none."""
        if kind != RUN:
            raise wire.Error("not supported", [wire.UNSUPPORTED])
        r = Reader(payload)
        number = r.u64()
        run = self.runs[number] = Run(self, link, number, asyncio.current_task())
        try:
            await run.all(r.text(), r.text(), r.i64(), r)
            error = wire.NO_ERROR
        except wire.Error as e:
            error = e.raw
        except asyncio.CancelledError:
            error = (run.refused or wire.Error("context canceled", [wire.CANCELED])).raw
        finally:
            del self.runs[number]
        return i64(run.next) + u64(run.executions) + bytes(4 * 8) + error

    def vm(self, name):
        link = self._link(name)
        vm = self.vms.get(name)
        if not vm or vm.link is not link:
            vm = self.vms[name] = parts.VM(link)
        return vm

    def store(self, name):
        return self._link(name)

    def _link(self, name):
        if name not in self.links:
            raise wire.Error(f"no link {name!r}", [wire.GONE])
        return self.links[name]


class Run:
    """One block being executed. It is also the view of its attempts: the base with all writes so far on top."""

    def __init__(self, scheduler, host, number, task):
        self.scheduler, self.host, self.number, self.task = scheduler, host, u64(number), task
        self.next = self.executions = 0  # the transaction to execute; attempts made
        self.end = None  # where the block ends, once that is known
        self.cells, self.classes = {}, {}
        self.events, self.observed, self.began = [], False, time.monotonic()
        self.finals, self.changed = [], asyncio.Event()  # outcomes that wait to be sent; that there are some
        self.room = asyncio.Event()  # that there is room for more
        self.refused = None  # the error with which the host has refused outcomes

    def ends(self, n):
        if self.end is None:  # only the first number counts
            self.end = n

    async def all(self, vm, store, base, r):
        """Runs the block: r is at what the job says of it."""
        block, self.observed, start = _block(r)
        self.cells.update(start)
        self.executor = await self.scheduler.vm(vm).open(block)
        try:
            self.base = await parts.State.at(self.scheduler.store(store), base)
            try:
                await self._execute()
            finally:
                await _whatever_happens(self.base.close())
        finally:
            await _whatever_happens(self.executor.close())

    async def _execute(self):
        """Executes until the feed or the block ends, while outcomes are on their way."""
        sender = asyncio.create_task(self._send())
        try:
            while not self._full() and (txs := await self._feed()):
                for tx in txs:
                    if self._full():
                        break
                    await self._step(tx)
        except asyncio.CancelledError:
            sender.cancel()
            raise
        finally:
            self.finals.append(None)  # no more will come
            self.changed.set()
            await asyncio.wait([sender])
        if self.refused:
            raise self.refused

    def _full(self):
        return self.end is not None and self.next >= self.end

    async def _feed(self):
        """Asks for transactions. None means that no more will come."""
        try:
            return Reader(await self.host.call(NEXT, self.number)).txs()
        except wire.Error as e:
            if e.is_(wire.EOF):
                return None
            raise

    async def _step(self, tx):
        """Executes one transaction, makes its effects visible to the next, and hands out its outcome."""
        version, fault = wire.version(self.next, 0), wire.NO_ERROR
        try:
            try:
                outcome, writes = await self._attempt(version, tx, tx[1])
            except OverflowError:
                version = wire.version(self.next, 1)
                outcome, writes = await self._attempt(version, tx, tx[1] | EXACT)
        except parts.ViewFailed as e:
            raise e.__cause__  # whatever the VM made of it
        except (wire.Error, OverflowError) as e:
            if isinstance(e, OverflowError):
                e = wire.Error("addition exceeds its cells", [wire.OVERFLOW])
            outcome, writes, fault = parts.Outcome(parts.EMPTY_OUTCOME), [], e.raw
        self.cells.update(writes)
        self.classes.update((hash, hash + wire.count_bytes(body)) for hash, body in outcome.classes)
        self.executor.publish(version, writes)
        self.executor.forget(self.next)
        self._observe(FINALIZED, version)
        await self._hand_out(i64(self.next) + outcome.raw + wire.writes(writes) + fault)
        self.next += 1

    async def _attempt(self, version, tx, mode):
        """Executes a transaction once. It returns the outcome and the exact change that it makes to the state."""
        self.executions += 1
        self._observe(STARTED, version)
        outcome = await self.executor.execute(version, tx, mode, self)
        self._observe(EXECUTED, version)
        return outcome, await self._fold(outcome)

    async def _fold(self, outcome):
        """Adds the additions of an outcome to its writes. It raises OverflowError if one does not fit."""
        writes = list(outcome.writes)
        for low, high, amount in outcome.adds:
            try:
                cells = [int.from_bytes(w, "little") for w in await self.read([low, high])]
            except wire.Error as e:
                raise parts.ViewFailed from e
            if max(cells) >> 128:
                raise OverflowError
            total = (cells[0] | cells[1] << 128) + int.from_bytes(amount, "little")
            if total >> 256:
                raise OverflowError
            writes.append((low, (total & (1 << 128) - 1).to_bytes(32, "little")))
            writes.append((high, (total >> 128).to_bytes(32, "little")))
        return sorted(writes, key=lambda w: wire.order(w[0]))

    # The view of attempts.

    async def read(self, keys):
        missing = [k for k in keys if k not in self.cells]
        found = dict(zip(missing, await self.base.read(missing))) if missing else {}
        return [self.cells[k] if k in self.cells else found[k] for k in keys]

    async def class_(self, hash):
        return self.classes.get(hash) or await self.base.class_(hash)

    # The host's side.

    async def _hand_out(self, final):
        self.finals.append(final)
        self.changed.set()
        while len(self.finals) > self.scheduler.ahead:
            self.room.clear()
            await self.room.wait()

    async def _send(self):
        """Sends outcomes, in one call at a time: each takes all that has gathered. Events follow their outcomes."""
        more = True
        while more:
            await self.changed.wait()
            self.changed.clear()
            finals, self.finals = self.finals, []
            self.room.set()
            if finals and finals[-1] is None:
                finals.pop()
                more = False
            events, self.events = self.events, []
            try:
                if finals:
                    await self.host.call(FINALS, self.number + wire.column(finals))
            except wire.Error as e:
                self.refused = e
                self.task.cancel()
                return
            if events:
                self.host.send(EVENTS, self.number + u64(0) + wire.column(events))

    def _observe(self, kind, version):
        if self.observed:
            at = int((time.monotonic() - self.began) * 1e9)
            self.events.append(struct.pack("<BBi", kind, 0, 0) + version + i64(at) + bytes(wire.KEY + 12))


def _block(r):
    """Reads the rest of a job: a block, as it is encoded, whether events are wanted, and the block's first writes."""
    at = r.at
    r.i64(), r.bytes(), r.bytes()  # number, protocol, header
    start = r.writes()
    r.column(8), r.u8()  # capacity, trace
    block = r.data[at : r.at]
    return block, bool(r.u8()), start


async def _whatever_happens(closing):
    """Closes something, also in a run that is being cancelled. What fails with the link is closed with it."""
    task = asyncio.ensure_future(closing)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue
    task.exception()


if __name__ == "__main__":
    plugin.main(Plugin())
