"""Answers in XML, which Twilio and Plivo read alike."""

import html
import re

from serving.providers.provider import Acknowledgement

# XML 1.0 has no way to write these.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(words: str) -> str:
    """Return `words` as text or attribute of an XML element."""
    return html.escape(_NOT_XML.sub("\ufffd", words))


def xml_answer(message: str) -> Acknowledgement:
    """Return the answer that holds the element `message`, or "" for nothing to send."""
    whole = f"<Response>{message}</Response>" if message else "<Response/>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>{whole}'
    return Acknowledgement(200, "text/xml; charset=utf-8", body.encode())
