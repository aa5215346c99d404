"""Copies of a node's folder, lost nodes, and a full disk."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.fleet.stage import NO_LEADER, ZONE, Stage, is_led, longest_gaps, now, rollcall, signal_node, staged

from cxone_rollcall.fleet.embedded import Node
from cxone_rollcall.fleet.records import Record
from cxone_rollcall.fleet.sink import POSITION
from cxone_rollcall.fleet.status import health

pytestmark = [
    pytest.mark.thorough,
    # The client of NATS leaves a connection that is lost while it is made to garbage collection.
    pytest.mark.filterwarnings("ignore:.*StreamWriter:pytest.PytestUnraisableExceptionWarning"),
]

SOME = 6
"""Tenants of a test."""
ROOM = 8 << 20
"""Bytes of the small disk. An empty node needs less than one megabyte."""

History = dict[str, list[tuple[int, Record]]]


async def _fill(stage: Stage) -> History:
    """Poll until each tenant has three more records, then end the worker. Returns all records."""
    await stage.apply()
    before = await stage.history()
    worker = stage.start_worker()
    for _ in range(300):
        found = await stage.history()
        if len(found) == SOME and all(len(some) >= len(before.get(name, ())) + 3 for name, some in found.items()):
            break
        await asyncio.sleep(0.1)
    worker.signal(signal.SIGTERM)
    await asyncio.to_thread(worker.process.wait)
    found = await stage.history()
    assert len(found) == SOME
    return found


async def _has(stage: Stage, history: History) -> bool:
    """Whether the engine has this history in time. A node that is being filled may answer, too."""
    for _ in range(100):
        if await stage.history() == history:
            return True
        await asyncio.sleep(0.1)
    return False


def _begins_with(later: History, before: History) -> bool:
    return later.keys() == before.keys() and all(later[name][: len(some)] == some for name, some in before.items())


def _goes_on(later: History, before: History) -> bool:
    return all(len(later[name]) > len(some) for name, some in before.items())


def _store(node: Node) -> Path:
    return node.configuration.parent / node.name


async def test_a_node_is_restored_from_a_copy_of_its_folder(tmp_path: Path) -> None:
    """The folder of a stopped node is its backup. The others add what came since."""
    async with staged(tmp_path, tenants=SOME) as stage:
        before = await _fill(stage)
        node = stage.nodes[0]
        await asyncio.to_thread(node.stop)
        shutil.copytree(_store(node), tmp_path / "backup")
        node.start()
        await stage.ready()
        later = await _fill(stage)
        assert _begins_with(later, before)
        await asyncio.to_thread(node.stop)
        shutil.rmtree(_store(node))
        shutil.copytree(tmp_path / "backup", _store(node))
        node.start()
        await stage.ready()
        await asyncio.to_thread(stage.nodes[1].stop)  # now it is needed
        assert await _has(stage, later)


async def test_lost_nodes_are_filled_by_the_others(tmp_path: Path) -> None:
    """Each node that starts empty is waited for. Then it replaces another one."""
    async with staged(tmp_path, tenants=SOME) as stage:
        before = await _fill(stage)
        for node in stage.nodes[:2]:
            signal_node(node, signal.SIGKILL)
            shutil.rmtree(_store(node))
            node.start()
            await stage.ready()
            assert await _has(stage, before)
        await asyncio.to_thread(stage.nodes[2].stop)
        assert await _has(stage, before)


async def test_an_engine_is_restored_from_copies_of_all_folders(tmp_path: Path) -> None:
    """Copies of all nodes' folders are the whole engine. They are made while these are stopped.

    A sink that has seen later records refuses to go on in the same folder.
    """
    async with staged(tmp_path, tenants=SOME) as stage:
        before = await _fill(stage)
        await _stop_all(stage)
        for node in stage.nodes:
            shutil.copytree(_store(node), tmp_path / "backup" / node.name)
            node.start()
        await stage.ready()
        assert _begins_with(await _fill(stage), before)
        position = tmp_path / "history" / POSITION
        sink = ("fleet", "sink", "--nats", ",".join(stage.urls), "--zone", ZONE, "--dir")
        await stage.run_until(position.is_file, *sink, str(position.parent))
        await _stop_all(stage)
        for node in stage.nodes:
            shutil.rmtree(_store(node))
            shutil.copytree(tmp_path / "backup" / node.name, _store(node))
            node.start()
        await stage.ready()
        assert await _has(stage, before)
        code, err = NO_LEADER, ""
        while code == NO_LEADER:
            code, _, err = await rollcall(*sink, str(position.parent))
        assert code == 2, err
        assert "restored from an older copy" in err
        other = tmp_path / "other" / POSITION
        await stage.run_until(other.is_file, *sink, str(other.parent))
        assert _begins_with(await _fill(stage), before)


async def _stop_all(stage: Stage) -> None:
    await asyncio.gather(*(asyncio.to_thread(node.stop) for node in stage.nodes))


async def test_a_full_disk_of_a_node_costs_no_poll(tmp_path: Path) -> None:
    """A node that cannot write falls behind, and the others go on. It needs room and a restart."""
    disk = tmp_path / "engine" / "n1"
    with _small_disk(disk):
        async with staged(tmp_path, tenants=SOME) as stage:
            await _fill(stage)
            stage.start_worker()
            await asyncio.sleep(3)
            full = now()
            _fill_disk(disk / "filler")
            assert await _state_of(stage, "n1", current=False)
            before = later = await stage.history()
            for _ in range(300):
                later = await stage.history()
                if _goes_on(later, before):
                    break
                await asyncio.sleep(0.1)
            assert _goes_on(later, before)
            asked = list(stage.asked(full - 2))
            calm = longest_gaps([one for one in asked if one.began < full], full)
            interval = max(1.0, *calm.values())  # a busy machine makes every poll late
            assert max(longest_gaps(asked, now()).values()) < 3 * interval
            (disk / "filler").unlink()
            await asyncio.to_thread(stage.nodes[0].stop)
            stage.nodes[0].start()
            assert await _state_of(stage, "n1", current=True)


async def _state_of(stage: Stage, node: str, *, current: bool) -> bool:
    """Whether a node becomes so in time. Each stream must have a leader."""
    for _ in range(300):
        found = await health(stage.engine, ZONE)
        if {"node": node, "current": current} in found["nodes"] and is_led(found):
            return True
        await asyncio.sleep(0.1)
    return False


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A disk at a folder. Skips the test for who may not mount one."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    with suppress(OSError):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            try:
                yield
            finally:
                subprocess.run(["umount", "--lazy", str(folder)], check=True)
            return
    pytest.skip("only root may mount a small disk")


def _fill_disk(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
