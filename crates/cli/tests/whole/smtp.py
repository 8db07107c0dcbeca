"""A mail server for tests, on loopback: STARTTLS or TLS, and a user with a password.

    smtp.py CERTIFICATE KEY ORDERS

Prints one JSON object a line: first its ports, then each mail that it took, at the moment it has all of it. ORDERS is a
JSON file that is read again for each recipient: to an address the replies to its attempts, one after the other, before
mails to it are taken; "stall" takes the mail and never says so.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = b"tokenhouse", b"p@ss/word"


def say(what):
    print(json.dumps(what), flush=True)


class Orders:
    def __init__(self, path):
        self.path = path
        self.attempts = {}

    def next(self, address):
        with open(self.path, encoding="utf-8") as file:
            replies = json.load(file).get(address, [])
        attempt = self.attempts.get(address, 0)
        self.attempts[address] = attempt + 1
        return replies[attempt] if attempt < len(replies) else None


class Handler:
    def __init__(self, orders):
        self.orders = orders

    async def handle_RCPT(self, server, session, envelope, address, options):
        order = self.orders.next(address)
        envelope.stalls = order == "stall"
        if order and not envelope.stalls:
            return order
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=default)
        parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "is_protected": session.ssl is not None,
            "hello": session.host_name,
            "headers": [[name.lower(), str(value)] for name, value in message.items()],
            "text": parts.get("text/plain"),
            "html": parts.get("text/html"),
            "kind": message.get_content_type(),
        })
        if envelope.stalls:
            await asyncio.sleep(3600)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, told):
    is_right = (told.login, told.password) == (USER, PASSWORD)
    return AuthResult(success=is_right, handled=False)


async def main():
    certificate, key, orders = sys.argv[1:]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    handler = Handler(Orders(orders))
    options = {"authenticator": authenticate, "auth_required": True, "enable_SMTPUTF8": True}

    def upgrading():
        return SMTP(handler, tls_context=context, require_starttls=True, **options)

    def wrapped():
        return SMTP(handler, auth_require_tls=False, **options)

    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(upgrading, "127.0.0.1", 0),
        await loop.create_server(wrapped, "127.0.0.1", 0, ssl=context),
    ]
    say({"ports": [server.sockets[0].getsockname()[1] for server in servers]})
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
