"""The process of a plugin: greeting and control plane, as framework/proto/switchyard/v1/control.proto tells it.

A plugin is an object with

    kind, id, version, summary      who it is
    schema, defaults                its settings: a JSON Schema, and a dict with all of them at their defaults
    open(settings, links)           makes an instance; links maps the name of a link to the Link that was attached

and an instance has serve(link, kind, payload) and told(link, kind, payload) for what the host sends: see link.py.
"""

import asyncio
import json
import logging
import os
import secrets
import signal
import sys
import threading

import grpc
import grpc.aio

import link
import wire

# The wire contract is read from the .proto files as the program starts: nothing is generated ahead, nothing to commit.
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../framework/proto"))
control, services = grpc.protos_and_services("switchyard/v1/control.proto")
info = grpc.protos("switchyard/v1/info.proto")
errors = grpc.protos("switchyard/v1/error.proto")
links_proto, links_services = grpc.protos_and_services("switchyard/v1/link.proto")

COOKIE = ("SWITCHYARD_PLUGIN", "a part of a sequencer")
KINDS = {"scheduler": info.KIND_SCHEDULER, "vm": info.KIND_VM, "store": info.KIND_STORE}
ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def main(plugin):
    """The main of a plugin's program."""
    if os.environ.get(COOKIE[0]) != COOKIE[1]:
        print(f"{sys.argv[0]} is a plugin of Switchyard: {plugin.summary}. A host starts it:\n\n"
              f"  {plugin.kind}: {{ exec: {sys.argv[0]} }}", file=sys.stderr)
        sys.exit(2)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    for s in (signal.SIGTERM, signal.SIGINT):
        signal.signal(s, signal.SIG_IGN)  # the host decides when its plugins end
    threading.Thread(target=wait_for_host, daemon=True).start()
    asyncio.run(serve(plugin))


def wait_for_host():
    """Ends the process when the host is done or dead."""
    lifeline = os.environ.get("SWITCHYARD_LIFELINE")
    if lifeline:
        os.read(int(lifeline), 1)
        os._exit(0)


async def serve(plugin):
    run_dir = os.environ["PLUGIN_UNIX_SOCKET_DIR"]
    if "1" not in os.environ.get("PLUGIN_PROTOCOL_VERSIONS", "1").split(","):
        sys.exit("this plugin speaks version 1 of the control plane")
    server = grpc.aio.server(options=ANY_SIZE)
    services.add_ControlServicer_to_server(Control(plugin, run_dir), server)
    server.add_generic_rpc_handlers((constant("grpc.health.v1.Health", "Check", b"\x08\x01"),))  # SERVING
    server.add_generic_rpc_handlers((constant("plugin.GRPCController", "Shutdown", b"", lambda: os._exit(0)),))
    path = os.path.join(run_dir, "control")
    server.add_insecure_port("unix:" + path)
    await server.start()
    print(f"1|1|unix|{path}|grpc|", flush=True)
    await server.wait_for_termination()


def constant(service, method, answer, then=None):
    """A service of go-plugin that is too small to have its .proto here: it always answers the same."""

    async def handle(_, context):
        if then:
            context.add_done_callback(lambda _: then())
        return answer

    return grpc.method_handlers_generic_handler(service, {method: grpc.unary_unary_rpc_method_handler(handle)})


def to_error(e):
    """An exception as the control plane tells it."""
    codes = getattr(e, "codes", b"")
    return errors.Error(text=str(e) or type(e).__name__, **{"is": [c + 1 if c < 10 else c for c in codes]})


class Instance:
    """One instance, by the name that the host gave it."""

    def __init__(self, settings):
        self.settings = settings
        self.part = None  # what the plugin made; None before Start
        self.attached = {}  # links that it uses, by name
        self.closing = {}  # coroutine functions that close links, by name


class Control:
    """The service Control."""

    def __init__(self, plugin, run_dir):
        self.plugin, self.run_dir = plugin, run_dir
        self.instances = {}
        self.sockets = 0

    async def Info(self, request, context):
        p = self.plugin
        return info.InfoResponse(
            plugins=[
                info.Plugin(kind=KINDS[p.kind], id=p.id, version=p.version, summary=p.summary,
                            api=info.Version(major=1), stability="experimental")
            ],
            carriers=[link.CARRIER],
            max_frame=link.MAX_FRAME,
        )

    async def Schema(self, request, context):
        return control.SchemaResponse(
            schema=json.dumps(self.plugin.schema).encode(), defaults=json.dumps(self.plugin.defaults).encode()
        )

    async def Configure(self, request, context):
        given = json.loads(request.config or b"{}")
        problems = [
            control.Diagnostic(key=key, problem=problem) for key, problem in check(self.plugin.schema, given)
        ]
        if not problems:
            self.instances[request.instance] = Instance(self.plugin.defaults | given)
        return control.ConfigureResponse(diagnostics=problems)

    async def Start(self, request, context):
        i = self.instances[request.instance]
        i.part = self.plugin.open(i.settings, i.attached)
        return control.StartResponse()

    async def Stop(self, request, context):
        for name in [request.instance] if request.instance else list(self.instances):
            i = self.instances.pop(name, None)
            for close in list(i.closing.values()) if i else []:
                await close()
        return control.StopResponse()

    async def Health(self, request, context):
        return control.HealthResponse(status=control.STATUS_SERVING)

    async def Gather(self, request, context):
        return control.GatherResponse()

    async def SetLogLevel(self, request, context):
        logging.getLogger().setLevel({-4: logging.DEBUG, 0: logging.INFO, 4: logging.WARNING}.get(request.level, logging.ERROR))
        return control.SetLogLevelResponse()

    async def Listen(self, request, context):
        """Serves the instance at a socket of its own, for one dialler that has the token."""
        i = self.instances[request.instance]
        if link.CARRIER not in request.peer.carriers:
            return control.ListenResponse(error=to_error(wire.Error(f"the peer does not speak {link.CARRIER}", [wire.UNSUPPORTED])))
        token = secrets.token_bytes(32)
        self.sockets += 1
        path = os.path.join(self.run_dir, f"l{self.sockets}")
        server = grpc.aio.server(options=ANY_SIZE)
        links_services.add_LinkServicer_to_server(Listener(i.part, token), server)
        server.add_insecure_port("unix:" + path)
        await server.start()
        i.closing[request.link] = lambda: server.stop(None)
        return control.ListenResponse(carrier=link.CARRIER, address=path, token=token)

    async def Attach(self, request, context):
        """Dials a part that the instance uses."""
        i = self.instances[request.instance]
        try:
            channel = grpc.aio.insecure_channel("unix:" + request.address, options=ANY_SIZE)
            stream = links_services.LinkStub(channel).Open()
            conn = link.Link(stream, lambda frames: links_proto.Frames(data=frames))
            await conn.dial(request.token)
        except Exception as e:
            return control.AttachResponse(error=to_error(e))

        async def run():
            try:
                await conn.run()
            finally:
                i.attached.pop(request.link, None)
                await channel.close()

        running = asyncio.create_task(run())

        async def close():
            running.cancel()
            await asyncio.wait([running])

        i.attached[request.link], i.closing[request.link] = conn, close
        return control.AttachResponse()

    async def Detach(self, request, context):
        i = self.instances.get(request.instance)
        close = i and i.closing.pop(request.link, None)
        if close:
            await close()
        return control.DetachResponse()


class Listener:
    """The service Link at a socket: it serves an instance to whoever has the token, once."""

    def __init__(self, part, token):
        self.part, self.token = part, token

    async def Open(self, _, context):
        conn = link.Link(context, lambda frames: links_proto.Frames(data=frames))
        conn.serve = lambda kind, payload: self.part.serve(conn, kind, payload)
        conn.told = lambda kind, payload: self.part.told(conn, kind, payload)
        token, self.token = self.token, secrets.token_bytes(32)
        await conn.accept(token)
        await conn.run()


def check(schema, given):
    """Yields what is wrong with settings: unknown keys, and values of another type or below the least."""
    types = {"integer": int, "string": str, "boolean": bool, "number": (int, float)}
    for key, value in given.items():
        p = schema["properties"].get(key)
        if p is None:
            yield key, "unknown key"
        elif not isinstance(value, types[p["type"]]) or isinstance(value, bool) != (p["type"] == "boolean"):
            yield key, f"want {p['type']}, got {value!r}"
        elif value < p.get("minimum", value):
            yield key, f"{value} is below {p['minimum']}"
