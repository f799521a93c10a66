"""A real gate in its own process, with a store in a file and a watchlist of its own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from tests.broker.ports import free_ports
from tests.pipeline.worker import READY_SECONDS, WorkerProcess, wait_until

WATCHLIST = "watched: ['*.mil']\nmistakes: {navy.ml: navy.mil}\n"
WAIT_SECONDS = 1
"""`gate.wait` of these gates."""
STRANGERS_NETWORK, OWN_NETWORK = "192.0.2.0/24", "127.0.0.0/8"
"""`own_networks` by which a test's sessions without a login are of strangers, and of the organisation's own."""


class RunningGate(WorkerProcess):
    """`straymail gate` in the mode `confirm` with listeners on ports of its own; other settings by name. One that never
    becomes ready only has to listen."""

    def __init__(self, *, becomes_ready: bool = True, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="straymail-gate-"))
        self.watchlist = self.folder / "watchlist.yaml"
        self.watchlist.write_text(WATCHLIST)
        port, self.policy, self.milter = free_ports(3)
        own = {
            "WATCHLIST": str(self.watchlist),
            "OWN_NETWORKS": STRANGERS_NETWORK,
            "GATE_MODE": "confirm",
            "GATE_WAIT": f"{WAIT_SECONDS}s",
            "GATE_DEADLINE": "1s",  # the machine of the tests does other things too; Postfix waits for 2 s
            "GATE_STORE": f"file:{self.folder / 'gate.sqlite'}",
            "GATE_POLICY": f"127.0.0.1:{self.policy}",
            "GATE_MILTER": f"127.0.0.1:{self.milter}",
            "GATE_PORT": str(port),
        }
        super().__init__(own | settings, ("-m", "streams", "gate"))
        self.port, self._becomes_ready = port, becomes_ready

    def __enter__(self) -> RunningGate:
        try:
            self.start()
            if self._becomes_ready:
                self.wait_ready()
            else:
                self._wait_alive()
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        shutil.rmtree(self.folder)

    @property
    def addresses(self) -> dict[str, str]:
        """What stands for the addresses of docs/gate.md."""
        return {"127.0.0.1:10028": f"127.0.0.1:{self.policy}", "127.0.0.1:10029": f"127.0.0.1:{self.milter}"}

    def decisions(self, protocol: str, decision: str) -> float:
        """How many recipients had this decision."""
        return self.metric("straymail_gate_decisions_total", protocol=protocol, decision=decision)

    def faults(self, reason: str | None = None) -> float:
        """How many recipients passed since the gate could not judge, for this reason or any."""
        return self.metric("straymail_gate_faults_total", **({} if reason is None else {"reason": reason}))

    def _wait_alive(self) -> None:
        """Return when the gate answers, ready or not."""
        wait_until(lambda: self.get("/health/live")[0] == 200, seconds=READY_SECONDS, what="the gate listens")
