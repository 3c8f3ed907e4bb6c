"""Reads messages with Python's email package: a JSON array of base64 texts comes in, what they say goes out."""

import base64
import email
import email.policy
import json
import sys


def mailboxes(message, name):
    field = message[name]
    if field is None:
        return []
    return [{"name": a.display_name, "address": a.addr_spec} for a in field.addresses]


def attachment(part):
    if part.get_content_type() == "message/rfc822":
        octets = part.get_payload(0).as_bytes()
    else:
        octets = part.get_payload(decode=True)
    return {
        "filename": part.get_filename(),
        "contentType": part.get_content_type(),
        "cid": (part["content-id"] or "").strip("<>") or None,
        "isInline": part.get_content_disposition() == "inline",
        "base64": base64.b64encode(octets).decode(),
    }


def leaves(part):
    if part.get_content_maintype() != "multipart":
        yield part
        return
    for child in part.iter_parts():
        yield from leaves(child)


def read(octets):
    message = email.message_from_bytes(octets, policy=email.policy.default)
    bodies, files, defects = {}, [], []
    for part in message.walk():
        found = list(part.defects)
        for field in part.values():
            found += getattr(field, "defects", ())
        defects += [f"{type(d).__name__}: {d}" for d in found]
    for part in leaves(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and part.get_content_disposition() is None:
            bodies[kind] = part.get_payload(decode=True).decode(part.get_content_charset())
        else:
            files.append(attachment(part))
    return {
        "from": mailboxes(message, "from"),
        "sender": mailboxes(message, "sender"),
        "to": mailboxes(message, "to"),
        "cc": mailboxes(message, "cc"),
        "replyTo": mailboxes(message, "reply-to"),
        "subject": str(message["subject"]),
        "messageId": str(message["message-id"]),
        "date": message["date"].datetime.timestamp() * 1000,
        "headers": [[name.lower(), str(value)] for name, value in message.items()],
        "text": bodies.get("text/plain"),
        "html": bodies.get("text/html"),
        "attachments": files,
        "defects": defects,
    }


json.dump([read(base64.b64decode(text)) for text in json.load(sys.stdin)], sys.stdout)
