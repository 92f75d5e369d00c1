"""What the interface and a process in waiting say to one another: messages with descriptors, over a socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

_LENGTH = 8
_DESCRIPTORS = 8


class StartRun(msgspec.Struct, frozen=True, tag=True):
    """Own this run. With it come the descriptor that holds its lock, and a socket for the answer.

    The answer is a line: `ready PROCESS` from a supervisor that waits for a byte before it starts its worker, or the
    reason why there is none. What a supervisor that fails has to say follows; the end comes with `RunStarted`.
    """

    run: str
    folder: str
    environ: Mapping[bytes, bytes]


class Look(msgspec.Struct, frozen=True, tag=True):
    """Look at a pipeline. With it come descriptors for the inspection, for what is printed, and a socket.

    The answer is the line `looking` or the reason why not, and `ended STATUS` when the process has ended, with its wait
    status. It is ended when the socket is closed. The overrides are told as `values` does.
    """

    root: str
    pipeline: str
    overrides: bytes
    folder: str
    environ: Mapping[bytes, bytes]


Request = StartRun | Look

_decode = msgspec.msgpack.Decoder(Request).decode


def send(connection: socket.socket, request: Request, descriptors: Sequence[int]) -> None:
    """Send a request and copies of the descriptors.

    Raises:
        OSError: nobody listens.
    """
    body = msgspec.msgpack.encode(request)
    socket.send_fds(connection, [len(body).to_bytes(_LENGTH, "big")], descriptors)
    connection.sendall(body)


def receive(connection: socket.socket) -> tuple[Request, list[int]] | None:
    """Return the next request and its descriptors, which no process that we start inherits; None at the end."""
    try:
        head, descriptors, _, _ = socket.recv_fds(connection, _LENGTH, _DESCRIPTORS)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        head += _exactly(connection, _LENGTH - len(head)) if head else b""
        return (_decode(_exactly(connection, int.from_bytes(head, "big"))), descriptors) if head else None
    except (OSError, EOFError):
        # Whoever asked is gone.
        return None


def receive_run(connection: socket.socket) -> tuple[StartRun, list[int]] | None:
    """Return the run that is asked for, and the descriptors; None at the end."""
    match receive(connection):
        case (StartRun() as request, descriptors):
            return request, descriptors
    return None


def folder_here() -> str:
    """Return the working directory; the root where it is gone."""
    try:
        return str(Path.cwd())
    except OSError:
        return "/"


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
