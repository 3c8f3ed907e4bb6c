"""Hands in a message with Python's own smtplib: HOST PORT MODE CA USER PASSWORD FILE SENDER RECIPIENT..."""

import smtplib
import ssl
import sys

host, port, mode, ca, user, password, path, sender, *recipients = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
if mode == 'implicit':
    client = smtplib.SMTP_SSL(host, int(port), context=context)
else:
    client = smtplib.SMTP(host, int(port))
if mode == 'starttls':
    client.starttls(context=context)
client.login(user, password)
with open(path, 'rb') as file:
    message = file.read()
options = [] if message.isascii() else ['BODY=8BITMIME']
client.sendmail(sender, recipients, message, mail_options=options)
client.quit()
