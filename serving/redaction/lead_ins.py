"""What stands before a name."""

import re

SAID = re.compile(
    r"\b(?:my|the|her|his|their|full|first|last|sur|family)\s?names?\s?"
    r"(?:is|was|'s|’s|:|=)\s*(?:not\s+|isn['’]?t\s+)?|\bnames?['’]s\s+|\bname:\s*"
    r"|\bname\s?(?:isn['’]t|aint|ain['’]t)\s+|\bnamed\s+"
    r"|\bunder\s+(?:the\s+)?name\s+(?:of\s+)?|\b(?:last|sur)\s?name\s+"
    r"|\bme llamo\s+|\bmi nombre es\s+|\bse llama\s+|\ba nombre de\s+|\bapellido\s+"
    r"|\bje m['’]appelle\s+|\bmon nom (?:est|c['’]est)\s+|\bau nom de\s+"
    r"|\bich hei(?:ß|ss)e\s+|\bmein name ist\s+|\bauf den namen\s+"
    r"|\bme chamo\s+|\bmeu nome é\s+|\bem nome de\s+|\bno nome de\s+"
    r"|\bmi chiamo\s+|\bil mio nome è\s+|\ba nome di\s+",
    re.IGNORECASE,
)
"""Behind these stands a name, whatever it looks like."""

ADDRESSED = re.compile(
    r"\b(?:mr|mrs|sr|sra|mme|mlle|herr|monsieur|madame|señora?|"
    r"(?:with|w|tell|ask|see|saw|by|call) (?:dr|ms))\b\.?\s+"
    # Initials say that a surname follows.
    r"|(?<!\w)(?=(?-i:(?:[A-Z]\. ?){1,3}[A-Z][\w'’-]+))",
    re.IGNORECASE,
)
"""Behind these stands a surname, written as one or not."""

TITLED = re.compile(
    r"\b(?:ms|miss|mx|dr|doctor|prof|professor|pastor|rev|coach|nurse|sister|"
    r"brother|deacon|elder|judge|sgt|officer|captain|father|srta|señorita|"
    r"dra|frau|dona|doña|don|signora?|aunt|auntie|uncle|tía|tío|tante|onkel|tia|tio|"
    r"spelled|spelt|"
    r"(?:my|his|her|our|your|their)\s(?:late\s)?(?:son|daughter|husband|wife|mom|mum|"
    r"mother|dad|father|brother|sister|friend|partner|grandson|granddaughter|niece|"
    r"nephew|cousin|boyfriend|girlfriend|neighbou?r|dog|cat)(?![.]))\b\.?,?\s+",
    re.IGNORECASE,
)
"""Behind these stands a name where it is written as one."""

INTRODUCED_ALOUD = re.compile(
    r"\b(?:(?:this is|it['’]?s|it is|i am|i['’]?m|soy|c['’]est|hier ist|ich bin|"
    r"aqui é [oa]|sou [oa]|sono)\s+(?=(?P<name>[^\W\d_])[\w'’-]*(?:\s[^\W\d_][\w'’-]*)?"
    r"(?:\s*,|\s+(?:from|here|again|calling|speaking|de|von|da)\b))"
    r"|(?:hi|hello|hey|hola|good morning|good afternoon),?\s+(?=(?P<also>[^\W\d_])"
    r"[\w'’-]*(?:\s[^\W\d_][\w'’-]*)?\s+(?:from|here)\b)"
    r"|no\s+(?=(?P<gone>[^\W\d_])[\w'’-]+\s+(?:here|at this|on this|in this)\b))",
    re.IGNORECASE,
)
"""What is written as a name behind these is one, by what follows it."""

INTRODUCED = re.compile(
    r"\b(?:this is|it['’]?s|it is|i am|i['’]?m|we['’]re|that['’]?s|not|no|isn['’]?t|"
    r"ain['’]?t|who is|who['’]?s|wrong|with|w|ask|tell|call|get|have|text|"
    r"soy|habla|con|de parte de|c['’]est|ici|avec|hier ist|hier|ich bin|mit|"
    r"aqui é [oa]|aqui|sou [oa]|com|sono|"
    r"qui|son|daughter|husband|wife|mom|mum|mother|dad|father|brother|sister|friend|"
    r"partner|grandma|grandpa|grandson|granddaughter|niece|nephew|cousin|boyfriend|"
    r"girlfriend|hij[oa]|espos[oa]|herman[oa]|mari|femme|fils|fille|mann|frau|sohn|"
    r"tochter|filh[oa]|marido|driver|tech|therapist|instructor|hi|hiya|hey|hello|yo|"
    r"dear|morning|hola|buen[oa]s (?:d[ií]as|tardes|noches)|estimad[oa]|querid[oa]|"
    r"bonjour|salut|coucou|ch[eè]re?|hallo|guten (?:tag|morgen|abend)|lieber?|"
    r"geehrter?|ol[áa]|oi|bom dia|boa (?:tarde|noite)|car[oa]|ciao|buongiorno|thanks|"
    r"thank you|thx|ty|thank u|gracias|merci|danke|obrigad[oa]|grazie|bye|cheers|"
    r"sorry)\b[ ,/:]+",
    re.IGNORECASE,
)
"""Behind these a given name is likely, also one that is a word as well."""

_TO_THE_END = r"(?=(?P<name>[^\W\d_])[\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*){0,2}\W*$)"

SIGNED = re.compile(
    r"(?:[.!?)\n]\s*[-–—~]\s?|\b(?:yours|cheers|respectfully|regards|sincerely|truly|"
    r"faithfully|signed|atentamente|cordialement|saludos|gr(?:uß|üße|uss|üsse)|atenciosamente|abraços?|saluti)"
    rf"[\s,!.]+){_TO_THE_END}",
    re.IGNORECASE,
)
"""Behind these stands a name at the end of the text, where it is written as one."""

LAST = re.compile(
    rf"(?:[-–—~.!?,\n❤♥]\s*|\b(?:thanks|thx|love|best|xo+|lg|vg|from)\s+){_TO_THE_END}",
    re.IGNORECASE,
)
"""Behind these a given name ends the text."""

HERE = re.compile(
    r"(?:^|[.!?,]\s*)(?=(?P<name>[^\W\d_])[^\W\d_]+(?:\s[A-Z]\w*)?\s+(?:here|again|"
    r"speaking|calling|writing|texting|am apparat|aqui)\b)",
    re.IGNORECASE,
)
"""Before "here", a given name begins the sentence."""
