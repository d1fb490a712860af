"""A Slurm cluster of one node for tests: own configuration, ports, munge key and socket, all in one folder.

It needs Debian's packages slurmctld, slurmd, slurm-client and munge, no privileges, and touches nothing of the system:
the plugin of snakemake takes the variables SLURM_* out of a job's environment, so that ``srun`` in a job would look
for its configuration in /etc/slurm, where that of a real cluster may stand. Instead of writing there, the folder has a
``bin`` with the Slurm commands, each of which names the configuration and calls the real one; it stands first in PATH.

What is lost without cgroups (``proctrack/linuxproc``, ``task/none``): memory and cores are scheduled, but nobody stops
a job that takes more than it asked for, and a process that leaves its parents outlives its job. What is lost without an
accounting database: ``sacct`` knows nothing, finished jobs are asked for by ``squeue`` as long as the controller
remembers them (MinJobAge), nothing is known of what they used, and there is no efficiency report.
"""

from __future__ import annotations

import ctypes
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo", "sacct", "sacctmgr", "sshare")
#: Where Debian has the daemons; the PATH of a user who is not root does not lead there.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
#: Unix sockets have short names.
LONGEST_SOCKET = 100
NODE = "node1"


def missing_programs() -> list[str]:
    """The programs of Slurm and munge that this machine does not have."""
    return [name for name in (*DAEMONS, *COMMANDS[:5]) if shutil.which(name, path=PLACES) is None]


@dataclass(frozen=True)
class Cluster:
    """A running cluster; `environment` is what its users need."""

    folder: Path
    environment: dict[str, str]

    def ask(self, *command: str) -> str:
        """What a Slurm command says."""
        result = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()}")
        return result.stdout

    def jobs(self) -> list[dict[str, str]]:
        """All jobs that the controller remembers: ``id``, ``state``, ``comment`` (snakemake's rule and wildcards)."""
        lines = self.ask("squeue", "--states=all", "--noheader", "--format=%i|%T|%k").splitlines()
        return [dict(zip(("id", "state", "comment"), line.split("|", 2), strict=True)) for line in lines]


@contextmanager
def slurm_cluster(folder: Path, cores: int = 2, memory_mb: int = 16_000) -> Iterator[Cluster]:
    """Start a cluster in `folder`, which must not exist; stop all of it at the end.

    Parameters
    ----------
    folder : Path
        Short: sockets lie in it.
    cores, memory_mb : int
        What the node says that it has, whatever the machine has.

    Raises
    ------
    RuntimeError
        When a daemon does not start; with the end of its log.
    """
    if len(str(folder / "munge.socket")) > LONGEST_SOCKET:
        raise RuntimeError(f"{folder} is too long a name: sockets have at most {LONGEST_SOCKET} letters")
    folder.mkdir(mode=0o755, parents=True)
    _write_configuration(folder, cores, memory_mb)
    _write_commands(folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "PYTHONPATH"))}
    environment["PATH"] = os.pathsep.join([str(folder / "bin"), str(Path(sys.executable).parent), environment["PATH"]])
    daemons: list[subprocess.Popen[bytes]] = []
    cluster = Cluster(folder, environment)
    try:
        # munged refuses to run where others could write into its folders, which is not asked of a test.
        munge = [_program("munged"), "--foreground", "--force", f"--key-file={folder / 'munge.key'}"]
        munge += [f"--socket={folder / 'munge.socket'}", f"--pid-file={folder / 'munged.pid'}"]
        munge += [f"--log-file={folder / 'munged.log'}", f"--seed-file={folder / 'munge.seed'}", "--num-threads=2"]
        daemons.append(_start(munge, folder / "munged.out"))
        _wait(lambda: (folder / "munge.socket").exists(), daemons, folder / "munged.out")
        configuration = str(folder / "slurm.conf")
        daemons.append(_start([_program("slurmctld"), "-D", "-i", "-f", configuration], folder / "slurmctld.out"))
        daemons.append(
            _start([_program("slurmd"), "-D", "-N", NODE, "-f", configuration], folder / "slurmd.out"),
        )
        _wait(lambda: _is_idle(cluster), daemons, folder / "slurmctld.log")
        yield cluster
    finally:
        _stop(cluster, daemons)


def _write_configuration(folder: Path, cores: int, memory_mb: int) -> None:
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(128))
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    user = getpass.getuser()
    controller, node = _free_ports(2)
    (folder / "slurm.conf").write_text(
        f"""ClusterName=acuomics_test
SlurmctldHost={socket.gethostname()}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder / "munge.socket"}
CredType=cred/munge
CryptoType=crypto/munge
StateSaveLocation={folder / "state"}
SlurmdSpoolDir={folder / "spool"}
SlurmctldPidFile={folder / "slurmctld.pid"}
SlurmdPidFile={folder / "slurmd.pid"}
SlurmctldLogFile={folder / "slurmctld.log"}
SlurmdLogFile={folder / "slurmd.log"}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,defer
MpiDefault=none
ReturnToService=2
MinJobAge=3600
KillWait=5
InactiveLimit=0
NodeName={NODE} NodeHostname={socket.gethostname()} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory_mb}
PartitionName=test Nodes={NODE} Default=YES MaxTime=INFINITE State=UP
"""
    )


def _write_commands(folder: Path) -> None:
    (folder / "bin").mkdir()
    for name in COMMANDS:
        real = shutil.which(name, path=PLACES)
        if real is not None:
            command = folder / "bin" / name
            command.write_text(f'#!/bin/sh\nSLURM_CONF="{folder / "slurm.conf"}" exec "{real}" "$@"\n')
            command.chmod(0o755)


def _program(name: str) -> str:
    path = shutil.which(name, path=PLACES)
    if path is None:
        raise RuntimeError(f"{name} is not installed")
    return path


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _end_with_parent() -> None:
    """Let the kernel end this process with the one that started it, however that ends (Linux only)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG


def _start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as handle:
        return subprocess.Popen(
            command, stdout=handle, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_end_with_parent
        )


def _is_idle(cluster: Cluster) -> bool:
    try:
        return cluster.ask("sinfo", "--noheader", "--format=%T").strip() == "idle"
    except RuntimeError:  # the controller does not listen yet
        return False


def _wait(ready: Callable[[], bool], daemons: list[subprocess.Popen[bytes]], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if any(one.poll() is not None for one in daemons) or time.monotonic() > end:
            told = "".join(path.read_text(errors="replace")[-2000:] for path in sorted(log.parent.glob("*.out")))
            raise RuntimeError(f"the cluster did not start ({log}):\n{told}")
        time.sleep(0.1)


def _stop(cluster: Cluster, daemons: list[subprocess.Popen[bytes]]) -> None:
    """Cancel what runs, then end the daemons, the last one first."""
    try:
        cluster.ask("scancel", "--full", "--user", getpass.getuser())
        end = time.monotonic() + 20
        while cluster.ask("squeue", "--noheader").strip() and time.monotonic() < end:
            time.sleep(0.2)
    except RuntimeError:  # it never came up
        pass
    for one in reversed(daemons):
        if one.poll() is None:
            one.terminate()
        try:
            one.wait(timeout=20)
        except subprocess.TimeoutExpired:
            one.kill()
            one.wait()
