"""Sends an email: POSTERN_USER=account POSTERN_KEY=pk_… python3 send.py"""

import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ.get("POSTERN_URL", "http://127.0.0.1:8000")

email = {
    "from": "Shop <shop@example.com>",
    "to": "ada@example.com, Bob <bob@example.com>",
    "subject": "Hello from Python",
    "content": "The text of the email",
    "html_content": "<p>The <b>HTML</b> of the email</p>",
    "custom_headers": {"X-First-Header": "value"},
}
request = urllib.request.Request(
    f"{URL}/api/mail/send",
    data=json.dumps(email).encode(),
    headers={
        "Content-Type": "application/json",
        "authuser": os.environ.get("POSTERN_USER", "default"),
        "authpass": os.environ.get("POSTERN_KEY", ""),
    },
)
try:
    with urllib.request.urlopen(request, timeout=30) as response:
        print(response.read().decode())
except urllib.error.HTTPError as refusal:
    # A refusal has a body too, and it says why.
    sys.exit(refusal.read().decode())
