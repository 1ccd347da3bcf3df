"""Words that say the opposite of an opt-out: do not stop, I did not mean to.

A classifier of sentences hears "stop" in "dont stop texting me" as well. What denies or
undoes an opt-out in so many words is therefore never taken for one outright: at most we
ask. The same goes for words by which texts stay welcome while something else ends
("stop emailing me, texts are fine") and for a stop that somebody else sent. "If you
dont stop" and "why dont you stop" deny nothing, so that only an order, or what people
say of themselves, counts.
"""

import re

_STOPPING = (
    r"(?:stop|stopping|quit|quitting|unsubscribe|unsubscribed|unsubscribing|unsub"
    r"|unsubbing|opt(?:ed|ing)? (?:me )?out|leave|leaving"
    r"|cancel(?:ing|ling)? (?:these|the|my) (?:texts?|messages?|alerts?)"
    r"|remov(?:e|ing) me|tak(?:e|ing) me off"
    r"|(?:be|get|getting|being) (?:removed|taken off|unsubscribed|off))"
)
_ORDER = (
    r"(?:(?:please |pls |plz |no )?(?:dont|do not|never)"
    r"(?: ever| you ever| u ever| you dare| u dare)?)"
)
_OPENS = (
    r"(?:^|(?<!\S)(?:please|pls|plz|and|but|so|just|lol|omg|no|noo+|hey|ok|oh|wait|also"
    r"|wow|ha+|girl|guys|thanks|thx) )"
)
_MYSELF = (
    r"(?:i (?:do not|dont|didnt|did not|never|wasnt|was not|am not|wont|will not|cant"
    r"|would never|aint|havent)|im not|ive never|id never|aint|not|wasnt|didnt"
    r"|not even) (?:even |actually |really |ever )?"
    r"(?:(?:want|wanna|wanting|trying|tryna|mean|meant|meaning|going|gonna|need|ask"
    r"|asked|asking|saying|say|said|plan|planning|looking|intend|send|sent|text|texted"
    r"|type|typed|reply|replied)(?: to| for)?"
    r"(?: be| get| say| send| text| type| hit| reply| write| press)?(?: to)? )?"
    r"(?:the word |that |any )?"
)
_UNDONE = (
    r"(?:stop|unsubscribe|opt out|unsub|stopped|unsubscribed|opted out)\b.{0,40}\b"
    r"(?:mistake|accident|accidentally|oops|typo|misclick|by error|wasnt me|not me"
    r"|butt dial|toddler|autocorrect|pocket)"
    r"|(?:mistake|accident|accidentally|oops|whoops|ignore|disregard|scratch|undo|typo)"
    r"\b.{0,40}\b"
    r"(?:stop|unsubscribe|opt out|unsub|stopped|unsubscribed|opted out)"
)
_STAYING = (
    r"keep me (?:on|in|subscribed)|leave me on|put me back"
    r"|add me (?:back|again)|resubscribe me|stay (?:on|subscribed)"
    r"|(?:keep|continue|go on|carry on) (?:to )?(?:texting|sending|messaging|send me)"
    r"|keep (?:em|them) coming"
)
_AGAINST = (
    r"still (?:want|wanna|like|love|need) (?:to (?:get|receive) )?"
    r"(?:the|your|ur|these|my|those|them|all)?"
    r" ?(?:texts?|messages?|alerts?|updates?|reminders?|them)"
    r"|(?:no need to|why would i(?: ever)?(?: want to)?|who would(?: ever)?"
    r"|wouldnt dream of|refuse to|not asking (?:you|u|yall|for you) to"
    rf"|whos? said(?: anything ab(?:ou)?t)?|nobody said) {_STOPPING}"
    r"|(?:dont|do not|never) (?:you |u )?(?:ever |dare )*"
    r"(?:block|lose|delete|remove|drop) (?:me|my number|my num|us)"
)
_OPT_OUT = (
    r"(?:stop\w*|quit\w*|unsub\w*|opt(?:ed|ing)? (?:me |us )?out|cancel\w*|end|remove"
    r"|off|out|leave me alone|revok\w*)"
)
_KIN = (
    r"(?:kids?|child|son|daughter|grand(?:son|kid|daughter|ma|pa|child|mother|father)"
    r"|toddler|baby|cat|dog|dad|mom|mum|mother|father|husband|hubby|wife|brother|sister"
    r"|nephew|niece|friend|coworker|roommate|boyfriend|girlfriend|partner|pocket|siri"
    r"|autocorrect)"
)
_SENT = r"(?:sent|said|wrote|typed|texted|hit|pressed|replied|put)"
_BY_OTHERS = (
    rf"{_KIN}(?: \w+){{0,5}} (?<!to ){_SENT}(?: \w+){{0,3}}"
    r" (?:stop|unsub\w*|quit|end|cancel|remove)"
    r"|(?:stop\w*|unsub\w*|quit|cancel|opt out)(?: \w+){0,3}"
    rf" (?:was|from|by)(?: just)? my {_KIN}"
    r"|(?:wasnt|not) me (?:opting|unsub\w*|stopping|that (?:stopped|unsub\w*))"
    r"|(?:im not saying|(?:who|whoever|nobody|no one|noone|not once did i|aint never"
    r"|i never|i didnt|i aint|did i(?: ever)?)(?: ever| even| once)?"
    r" (?:said|say|asked|ask|told|tell|requested|revok\w*))"
    rf"(?: \w+){{0,2}} {_OPT_OUT}"
)
_TAKEN_BACK = (
    r"un ?unsub\w*|un ?cancel\w*|unstop"
    r"|cancel (?:the|my|that) (?:stop|unsub\w*|opt ?out)"
    r"|(?:never|dont|do not|didnt|wouldnt) (?:ever )?want(?:ed)? (?:these|those|them"
    r"|this|it|yall|you|(?:the|ur|your) (?:texts?|messages?)) to (?:ever )?"
    r"(?:stop|end|quit|go away)"
    r"|no reason (?:for you )?to (?:take|remove|unsub\w*|drop|quit|block)"
    r"|(?:isnt|not|aint) that i want(?:ed)?"
    r"|(?:ignore|disregard) (?:my |the )?(?:last|prior|previous)"
    r"|changed my mind about (?:stopp|quitt|leav|unsub)ing"
)
_PUT_RIGHT = (
    rf"(?:ignore|disregard) (?:it|him|her|that|them)\b.*\b{_OPT_OUT}"
    rf"|{_OPT_OUT}\b.*\b(?:ignore|disregard) (?:it|him|her|that|them|this)"
)
_WELCOME = (
    r"(?<!dont )(?<!to )(?<!u )(?<!you )(?<!not )(?<!i )"
    r"keep (?:on )?(?:texting|sending|txting|the texts?|mine|em coming|them coming)"
    r"|still (?:need|want|like|love) (?:my|the|ur|your|these|them|those)"
    r"|(?:texts?|txts?|sms|this one|this thread|this way|texting) (?:is|are|r|works?)"
    r" (?:just |totally |all |perfectly )?(?:ok|okay|fine|good|great|plenty|enough"
    r"|easier|better|how|welcome|best|perfect)"
    r"|(?:just|instead|i said|rather) te?xt|te?xt me (?:instead|only|like|as usual)"
    r"|notify me by sms|sms only|leave the texts? on|(?:mine|texts?) stay"
    r"|add me (?:back|again)"
)
_DENIAL = re.compile(
    rf"{_OPENS}(?:{_ORDER} {_STOPPING}|{_STAYING})\b"
    rf"|(?:^| )(?:{_MYSELF}{_STOPPING}|{_UNDONE}|{_AGAINST})\b"
    rf"|\b(?:{_BY_OTHERS}|{_TAKEN_BACK}|{_PUT_RIGHT}|{_WELCOME})\b"
)


def denies_stopping(words: str) -> bool:
    """Return whether folded `words` say that the messages should go on."""
    return _DENIAL.search(words) is not None
