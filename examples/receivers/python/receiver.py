"""Receives Baton's events: verifies them on the raw bytes, drops repeats, parses, works, and only then answers 2xx.

Put your own work into `handle`. What Baton expects, and what it makes of each status: docs/receivers.md

    WEBHOOK_SECRETS="whsec_..." TENCENT_TOKENS="..." python3 receiver.py      style baton at /baton, style tencent at /tencent

Python 3.9 or later, the standard library alone.
"""
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import sys
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any, Optional
from urllib.parse import parse_qsl, urlsplit

EVENTS_FILE = os.environ.get('EVENTS_FILE', 'events.log')
LONGEST_BODY = 1024 * 1024  # bytes; Baton takes no callback that is longer


@dataclass
class Event:
    id: Optional[str]  # the same for each repeat; None where nothing tells a repeat from a second occurrence
    command: str
    body: dict[str, Any]  # check what you rely on: Tencent sends what it does not document, and leaves out what it does


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def handle(event: Event) -> None:
    """Your work. What it raises is answered 500, and Baton tries again."""
    with open(EVENTS_FILE, 'a', encoding='utf-8', errors='backslashreplace') as file:
        file.write(f'{event.id or ""} {event.command} {json.dumps(event.body, ensure_ascii=False)}\n')


done: set[str] = set()
working = Lock()


def once(event: Event) -> None:
    """Does the work of an event that was not done before.

    In production the ids belong into your database, into the very transaction of the work: then both are kept or neither, whatever crashes.

        BEGIN; INSERT INTO handled (id) VALUES (%s) ON CONFLICT DO NOTHING;   -- no row inserted: a repeat, nothing is left to do
        ...the work...; COMMIT;                                               -- and only then the answer

    This set is forgotten with the process, grows for ever, no second process knows of it, and events wait for one another.
    """
    with working:
        if event.id in done:
            return
        handle(event)
        if event.id is not None:
            done.add(event.id)


def verify_baton(headers: Any, body: bytes) -> tuple[str, str]:
    """Style baton, https://www.standardwebhooks.com: the signature covers id, timestamp and body, and none of the baton-* headers."""
    id, timestamp, signatures, command = (headers.get(name, '') for name in ('webhook-id', 'webhook-timestamp', 'webhook-signature', 'baton-command'))
    if not (id and timestamp and signatures and command):
        raise Refused(401, 'not signed, or not by Baton')
    known = False
    for key in KEYS:
        expected = b'v1,' + base64.b64encode(hmac.digest(key, f'{id}.{timestamp}.'.encode() + body, 'sha256'))
        for given in signatures.split():
            known |= hmac.compare_digest(given.encode(), expected)
    if not known:
        raise Refused(401, 'no signature with a known secret')
    if not is_within(300, timestamp):
        raise Refused(401, 'signed too long ago or in the future; check the clocks')
    return id, command


def verify_tencent(query: dict[str, str]) -> None:
    """Style tencent, https://intl.cloud.tencent.com/document/product/1047/34354: Sign covers neither the body nor the other parameters.

    Whoever has seen one can send anything with it while it is fresh, so that time is short, and TLS must do the rest.
    """
    sign, request_time = query.get('Sign'), query.get('RequestTime')
    if not (sign and request_time):
        raise Refused(401, 'not signed')
    known = False
    for token in TOKENS:
        known |= hmac.compare_digest(sign.encode(), hashlib.sha256((token + request_time).encode()).hexdigest().encode())
    if not known:
        raise Refused(401, 'not signed with a known token')
    if not is_within(60, request_time):
        raise Refused(401, 'signed too long ago or in the future; check the clocks')


def tencent_event(query: dict[str, str], raw: bytes, body: dict[str, Any]) -> Event:
    """Style tencent has no ids: a repeat is the same body with an EventTime in it, or else the same body with the same RequestID."""
    command = query.get('CallbackCommand') or str(body.get('CallbackCommand'))
    dated = re.fullmatch(r'[0-9]{1,15}', str(body.get('EventTime')))
    occurrence = 'EventTime' if dated else query.get('RequestID') or query.get('RequestId')
    if not occurrence:
        return Event(None, command, body)
    prefix = f'{query.get("SdkAppid")} {command} {occurrence} '.encode()
    return Event(hashlib.sha256(prefix + raw).hexdigest(), command, body)


def is_within(seconds: int, timestamp: str) -> bool:
    return re.fullmatch(r'[0-9]{1,12}', timestamp) is not None and abs(time.time() - int(timestamp)) <= seconds


def key_of(secret: str) -> bytes:
    try:
        encoded = secret.removeprefix('whsec_').rstrip('=')
        key = base64.b64decode(encoded + '=' * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        key = b''
    if not secret.startswith('whsec_') or len(key) < 18:
        sys.exit('WEBHOOK_SECRETS: a secret is whsec_ and at least 18 bytes in base64')
    return key


# Several while rotating, separated by spaces. Where there are none, nothing is accepted.
KEYS = [key_of(secret) for secret in os.environ.get('WEBHOOK_SECRETS', '').split()]
TOKENS = os.environ.get('TENCENT_TOKENS', '').split()


def parse(raw: bytes) -> dict[str, Any]:
    """Python keeps integers of any size: there are ids such as 144115212830834855."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(400, 'the body is no JSON') from None
    if not isinstance(body, dict):
        raise Refused(400, 'the body is no JSON object')
    return body


class Receiver(BaseHTTPRequestHandler):
    timeout = 10  # seconds that a client may keep a thread waiting

    def do_POST(self) -> None:
        status, problem = 200, ''
        try:
            self.receive()
        except Refused as refusal:
            status, problem = refusal.status, str(refusal)
        except Exception as error:
            self.log_error('%r', error)
            status, problem = 500, 'the work failed'
        # Style tencent wants the envelope; to style baton the status is the whole answer.
        answer = json.dumps({'ActionStatus': 'OK' if status == 200 else 'FAIL', 'ErrorInfo': problem, 'ErrorCode': 0 if status == 200 else 1}).encode()
        self.send_response(status)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def receive(self) -> None:
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        if path not in ('/baton', '/tencent'):
            raise Refused(404, 'there is /baton and /tencent')
        length = self.headers.get('content-length', '')
        if not re.fullmatch(r'[0-9]{1,15}', length):
            raise Refused(401, 'the length of the body is not told')
        # As they came: JSON that was parsed and printed anew has other bytes, and no signature fits them.
        raw = self.rfile.read(min(int(length), LONGEST_BODY + 1))
        if len(raw) > LONGEST_BODY:
            raise Refused(413, 'the body is too long')
        if path == '/baton':
            id, command = verify_baton(self.headers, raw)
            once(Event(id, command, parse(raw)))
        else:
            verify_tencent(query)
            once(tencent_event(query, raw, parse(raw)))

    def log_request(self, *_: Any) -> None:
        """Nothing: the request line may have a Sign in it, which is not for logs."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # connections that wait to be taken; of 5, the usual number, some would wait for a second


if __name__ == '__main__':
    server = Server(('127.0.0.1', int(os.environ.get('PORT', '7090'))), Receiver)
    print(f'waiting for events at http://127.0.0.1:{server.server_port}', flush=True)
    server.serve_forever()
