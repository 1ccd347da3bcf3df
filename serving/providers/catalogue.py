"""Every provider by the name that configuration gives it."""

from collections.abc import Mapping

from serving.providers.aws import Aws, Fetch
from serving.providers.bandwidth import Bandwidth
from serving.providers.generic import Generic
from serving.providers.plivo import Plivo
from serving.providers.provider import Provider
from serving.providers.sinch import Sinch, SinchBasic
from serving.providers.telnyx import Telnyx
from serving.providers.twilio import Twilio
from serving.providers.vonage_messages import VonageMessages
from serving.providers.vonage_sms import VonageSms


def catalogue(fetch: Fetch) -> Mapping[str, Provider]:
    """Return the providers; `fetch` gets the certificates that AWS signs with."""
    return {
        "aws": Aws(fetch),
        "bandwidth": Bandwidth(),
        "generic": Generic(),
        "plivo": Plivo(),
        "sinch": Sinch(),
        "sinch_basic": SinchBasic(),
        "telnyx": Telnyx(),
        "twilio": Twilio(),
        "vonage_messages": VonageMessages(),
        # Vonage's own default is md5hash; the others are safer, sha256 the usual one.
        "vonage": VonageSms("sha256"),
        "vonage_md5": VonageSms("md5"),
        "vonage_md5hash": VonageSms("md5hash"),
        "vonage_sha1": VonageSms("sha1"),
        "vonage_sha512": VonageSms("sha512"),
    }
