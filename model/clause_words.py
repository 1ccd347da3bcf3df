"""The words by which a reply is taken apart, in the languages of the keywords."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_JOIN = r"(?:and|but|oh|n|&|then|y|pero|et|mais|und|aber|e|mas)"
JOINING = re.compile(rf"^(?:{_JOIN}\s+)+")
_BEGINS = (
    r"(?:also|btw|by the way|one more thing|another thing|plus|ps"
    r"|tambi[eé]n|por cierto|adem[aá]s|au fait|en plus|[uü]brigens|au(?:ß|ss)erdem"
    r"|tamb[eé]m|ali[aá]s|al[eé]m disso)\b"
)
NEW = re.compile(rf"\s*(?:{_JOIN}\s+)*{_BEGINS}", re.IGNORECASE)
# "3.30" and "example.com" do not end a sentence, "Thanks!where is it" does.
END = re.compile(
    r"(?P<full>[.;]+(?=\s|$)|\s*\n\s*)|(?P<loud>[!?…]+(?=[\s\w]|$))"
    rf"|(?P<new>[\s,]+(?=(?:{_JOIN}\s+)*{_BEGINS}))",
    re.IGNORECASE,
)
# A line of the message that is answered, as mail programs quote it.
QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
# Words that join; they are dropped where they part two clauses.
LINK = re.compile(
    rf"(?:\s*,\s*|\s+)(?:{_JOIN}\s+)+|\s*,\s*|\s+[-–—]+\s+", re.IGNORECASE
)
# How a reply opens that asks or orders something. Not "it", "they" and the like, which
# go on about what was said before.
_ASKING = (
    r"(?:where|wheres|when|whens|what|whats|which|how|hows|who|whos|why|donde|cuando"
    r"|cuanto|cual|que|como|ou|quand|combien|wo|wann|wie|was|onde|quando|quanto"
    r"|(?:can|could|will|would|do|does|did|is|are|r|am|any chance|kann|peut|pouvez"
    r"|puedo|pueden|posso) (?:i|you|u|ya|yall|we|it|the|my|your|ur|there|this|that"
    r"|someone|somebody|a|an|ich|sie|je|vous|eu)) "
)
ASKS = re.compile(_ASKING)
# At the start of a sentence these ask, whatever follows.
QUESTION = re.compile(r"(?:can|could|will|would|do|does|did|is|are|has|have|any) ")
OPENS = re.compile(
    _ASKING + r"|(?:please |pls |plz |just |por favor )*"
    r"(?:cancel|stop|quit|unsubscribe|remove|take|send|resend|call|text|tell|change"
    r"|move|switch|reschedule|refund|return|skip|pause|book|add|delete|let me|get me"
    r"|give me|resume|leave me|cancelen|cancele|mande|envie|annulez)\b"
    r"|(?:i|we) (?:also |still |just |really |already )*(?:need|want|wanna|would|will"
    r"|cant|cannot|have|had|never|got|dont|didnt|was|am)\b"
    r"|(?:id|ill|im|ive|lemme|need|want|wanna|gotta|quiero|necesito|je veux|ich will"
    r"|quero|preciso)\b|you (?:charged|owe|still|have|never)|u (?:charged|owe)\b"
    r"|my [a-z]+ (?:is|was|hasnt|has|didnt|came|says|wont|never|still|isnt|broke"
    r"|expired)\b"
)
# How people end it without a verb of their own.
ENDS_IT = re.compile(
    r"(?:no more|enough|leave|lose my|knock it|cut it|dont|do not|never|no mas|basta"
    r"|plus de|keine)\b"
)
COURTESY = re.compile(
    r"(?:many )?(?:thanks|thank you|thank u|thx|ty|tia|gracias|merci|danke|obrigad[oa]"
    r"|cheers|please|pls|plz)(?: \w+){0,3}"
)
# A short answer with the next thing right behind it: "yes wheres my order".
ANSWER_FIRST = re.compile(
    r"\s*(?:yes|yep|yeah|yup|no|nope|nah|thanks|thank you|thx|ty|s[ií]|gracias|merci"
    r"|danke|ja|nein|oui|non)\b[\s,]+",
    re.IGNORECASE,
)

ANSWERS = _words(
    "yes yep yeah yup ya y no nope nah sure confirmed confirm thanks thx ty "
    "thankyou si sii gracias merci danke obrigado obrigada oui non ja nein sim nao"
) | {"thank you", "no thanks", "no thank you", "yes please", "wrong number"}
ORDERS = _words("stop unsubscribe optout") | {"stop all", "opt out"}
DANGLING = _words(
    "the a an my your ur our his her their to of for from with in on at by and or "
    "but if so because i we you u is are was can could would will do does not than "
    "as el la los las un una mi de que le les des der die das ein o os um"
)
# A word of these makes a saying of a row of words: a verb, a person who does
# something, or a word that asks.
SAYING = _words(
    "i im ive ill id we were you u ur youre is isnt are arent was wasnt be am has "
    "hasnt have havent had do does did dont doesnt didnt can cant could will wont "
    "would should need needs want wants wanna got get gotta love loved hate like "
    "stop quit cancel remove send call text tell change move reschedule refund "
    "return skip pause book add take leave switch delete resume confirm confirmed "
    "where wheres when what whats how who whos why which works came come comes "
    "arrived broke says said give let lets thank thanks ty thx sorry running please "
    "unsubscribe lose maybe no nope nah yes quiero necesito tengo puedo puede donde "
    "cuando cuanto cuesta esta gracias cancelen veux suis est ou quand merci ich "
    "will ist wo wann kommt danke passt ja nein oui si quero preciso onde quando "
    "obrigado tem sim"
)
