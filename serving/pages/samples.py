"""Replies to click in the simulator: what a busy line gets on a Monday."""

SAMPLES = (
    "hey wheres my stuff its been 2 weeks",
    "STOP",
    "STOP. also cancel my 3pm",
    "thanks! what time do u close on sundays",
    "pls quit blowing up my phone",
    "cancel my order",
    "this is not maria you have the wrong number",
    "do u have these in a 9 wide",
    "my daughter broke out in hives after using ur lotion",
    "can someone call me",
    "ya no me manden mensajes",
    "Liked “20% off today! Reply STOP to opt out”",
    "when does the sale end?",
    "love these sm!! 😍",
)
