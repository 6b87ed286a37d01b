"""A mail server that takes mail, or refuses it, on a port of loopback."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """What it was sent, and the answer that it gives to the next message."""

    port: int = 0
    answer: bytes = b"250 taken"
    messages: list[bytes] = field(default_factory=list)
    recipients: list[bytes] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """SMTP (RFC 5321) in small, while the block runs."""
    state = MailServer()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say(b"220 mail.example")
            while line := self.rfile.readline():
                verb = line.split(b" ")[0].strip().upper()
                if verb == b"DATA":
                    self.say(b"354 go on")
                    state.messages.append(self.message())
                    self.say(state.answer)
                    continue
                if verb == b"RCPT":
                    state.recipients.append(line.partition(b":")[2].strip())
                self.say(b"221 bye" if verb == b"QUIT" else b"250 mail.example")
                if verb == b"QUIT":
                    return

        def message(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            return b"".join(lines)

        def say(self, answer: bytes) -> None:
            self.wfile.write(answer + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Session) as server:
        state.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
