"""All listeners of a gate together."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams.errors import StraymailError
from streams.gate.listeners.listening import listening
from streams.gate.question import GATE_PROTOCOLS
from streams.gate.settings import GateSettings
from tests.broker.ports import free_ports
from tests.gate.listeners.test_policy import REFUSES, request
from tests.gate.listeners.tiny_gate import Served, TinyGate, gate_metrics, open_connections, serve


def test_the_open_connections_of_each_protocol_are_counted(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        async with served.connected("policy"), served.connected("policy") as (reader, writer):
            writer.write(request())
            await reader.readexactly(len(REFUSES))
            assert [open_connections(served.metrics, each) for each in GATE_PROTOCOLS] == [2, 0, 0]

    serve(tmp_path, test)


def test_a_port_is_listened_on_while_the_block_lasts() -> None:
    (port,) = free_ports(1)

    async def test() -> None:
        own = GateSettings(policy=f"127.0.0.1:{port}")
        async with listening(TinyGate(), own, gate_metrics(), lambda: None):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request())
            assert await reader.readexactly(len(REFUSES)) == REFUSES
        assert await reader.read() == b""
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(test())


def test_no_address_is_no_listener() -> None:
    async def test() -> None:
        async with listening(TinyGate(), GateSettings(), gate_metrics(), lambda: None):
            pass

    asyncio.run(test())


def test_it_warns_of_addresses_that_others_reach(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def warnings(**own: object) -> list[str]:
        caplog.clear()
        async with listening(TinyGate(), GateSettings.model_validate(own), gate_metrics(), lambda: None):
            return [record.getMessage() for record in caplog.records]

    (port,) = free_ports(1)
    public = {"milter": f"0.0.0.0:{port}"}
    (warning,) = asyncio.run(warnings(**public))
    assert warning.startswith(f"others can reach gate.milter at 0.0.0.0:{port}, and may claim any login")
    for safe in (public | {"firewalled": True}, {"milter": f"127.0.0.1:{port}"}, {"policy": f"unix:{tmp_path}/x"}):
        assert asyncio.run(warnings(**safe)) == []


@pytest.mark.parametrize("protocol", ["policy", "milter", "http"])
def test_an_address_that_cant_be_used_is_named_with_its_setting(tmp_path: Path, protocol: str) -> None:
    async def start(**own: object) -> None:
        async with listening(TinyGate(), GateSettings.model_validate(own), gate_metrics(), lambda: None):
            raise AssertionError("it listens")

    with pytest.raises(StraymailError, match=rf"no/dir \(No such file.*gate\.{protocol}"):
        asyncio.run(start(**{protocol: f"unix:{tmp_path}/no/dir"}))
    with pytest.raises(StraymailError, match=r"nosuchgroup"):
        asyncio.run(start(**{protocol: f"unix:{tmp_path}/x", "socket_group": "nosuchgroup"}))
