"""Letters of other scripts that look like the Latin letters of our keywords.

From the Unicode confusables data (UTS #39), cut to the letters that keywords hold:
Cyrillic, Greek, Coptic, Armenian, Georgian, Cherokee, Lisu, Canadian syllabics and
Roman numerals; and Latin letters that are no accented ones: small capitals, letters
with a stroke or a hook. Full-width, circled and mathematical letters need no entry:
NFKC folds them. Written as escapes, so that a reader sees which letter is meant.
"""

_LOOKALIKES = {
    "a": "\u0410\u0430\u0251\u03b1\u0391\u237a\u13aa\u15c5\ua4ee\U000102a0\u1d00\u15e9",
    "b": "\u0412\u042c\u044c\u0392\u03b2\u13f4\u15f7\ua4d0\u0299\u0180\u0253",
    "c": "\u0421\u0441\u03f2\u13df\u1455\ua4da\u217d\u03f9\u1d04\u0188\u023c",
    "d": "\u0501\u13a0\u15de\ua4d3\u217e\u1d05\u0111\u0256\u0257\u15ea",
    "e": (
        "\u0415\u0435\u0395\u03b5\u04bd\u13ac\ua4f0\u0454\u212e\u1d07\u0247\u025b\u15f4"
    ),
    "f": "\u03dc\u15b4\ua4dd\u03dd\ua798\ua730\u0192",
    "g": "\u050c\u0261\u13c0\ua4d6\u0581\u0262\u0260",
    "h": "\u041d\u043d\u0397\u04bb\u13bb\u157c\ua4e7\u0570\u029c\u0127",
    "i": (
        "\u0406\u0456\u0399\u03b9\u04c0\u04cf\u13a5\u2170\ua4f2\u0131\u1f30\u026a\u0268"
    ),
    "j": "\u0408\u0458\u13ab\ua4d9\u03f3\u1d0a\u0249",
    "k": "\u041a\u043a\u039a\u03ba\u13e6\ua4d7\u1d0b\u0199",
    "l": "\u217c\u13de\u14aa\ua4e1\u029f\u0142\u019a",
    "m": "\u041c\u043c\u039c\u13b7\u15f0\ua4df\u217f\u1d0d",
    "n": "\u039d\u0578\ua4e0\u13c1\u043f\u03b7\u0274\u0272\u019e\u144e",
    "o": (
        "\u041e\u043e\u039f\u03bf\u0585\u0555\u13a4\ua4f3\u09e6\u0be6"
        "\u1d0f\u00f8\u0275\u03c3\u2c9f"
    ),
    "p": "\u0420\u0440\u03a1\u03c1\u13e2\u146d\ua4d1\u1d18\u01a5\u1d7d\u2ca3\u0584",
    "q": "\u051a\u051b\u0563\u10ad\ua7af\u146b",
    "r": "\u13a1\u13d2\u1587\ua4e3\u0433\u044f\u0280\u024d\u027e",
    "s": "\u0405\u0455\u054f\ua4e2\u13da\ua731\u0282\u023f\u03c2\u10bd\u1515",
    "t": "\u0422\u0442\u03a4\u03c4\u13a2\ua4d4\u1d1b\u0167\u01ad\u0288\u0236\u2ca7",
    "u": "\u054d\u0531\u057d\u03c5\ua4f4\u144c\u1d1c\u0289",
    "v": "\u0474\u0475\u03bd\u13d9\ua4e6\u2174\u1d20\u028b\u142f",
    "w": "\u051c\u051d\u13b3\ua4ea\u0461\u03c9\u1d21\u15ef",
    "x": "\u0425\u0445\u03a7\u03c7\u1541\ua4eb\u2179\u166d",
    "y": "\u0423\u0443\u03a5\u04af\u03b3\u13a9\ua4ec\u04ae\u028f\u024f\u01b4",
    "z": "\u0396\u13c3\ua4dc\u1d22\u01b6",
}

_ENCLOSED = {
    first + offset: chr(ord("a") + offset)
    # Squared and circled capitals on a dark ground, and regional indicators.
    for first in (0x1F150, 0x1F170, 0x1F1E6)
    for offset in range(26)
}

FOLD: dict[int, str] = {
    ord(lookalike): letter
    for letter, lookalikes in _LOOKALIKES.items()
    for lookalike in lookalikes
} | _ENCLOSED
"""For `str.translate`: code point of a look-alike to the Latin letter it imitates."""
