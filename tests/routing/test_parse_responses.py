import pytest

from model.errors import RulesError
from serving.routing.parse_responses import parse_responses
from serving.routing.responses import Template, Variants
from serving.routing.yaml_file import YamlFile

WHOLE = """
version: 1
templates:
  status:
    version: 2
    approved_by: "Customer care lead"
    text:
      en: {full: "Order {order_number}.", safe: "See {url}.", closed: "Later."}
      es: {full: "Pedido."}
"""


def parse(text: str) -> dict[str, Template]:
    source = YamlFile.parse("responses.yaml", {"responses.yaml": text.encode()})
    return parse_responses(source)


def test_a_template_is_read_whole() -> None:
    assert parse(WHOLE) == {
        "status": Template(
            "status",
            2,
            "Customer care lead",
            {
                "en": Variants("Order {order_number}.", "See {url}.", "Later."),
                "es": Variants("Pedido."),
            },
        )
    }


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{order_number}", "{Order}", "text.en.full: expected variables"),
        ("{order_number}", "{order", "text.en.full: expected variables"),
        ("{order_number}", "{order number}", "text.en.full: expected variables"),
        ("{order_number}", "{{order_number}}", "text.en.full: expected variables"),
        ("{url}", "url}", "text.en.safe: expected variables"),
        ('full: "Pedido."', 'safe: "Pedido."', "text.es.full: expected text"),
        ('full: "Pedido."', 'full: ""', "text.es.full: expected text"),
        ('full: "Pedido."', "full: 7", "text.es.full: expected text"),
        ("safe:", "save:", "text.en.save: is not known here"),
        ("es: {", "Spanish: {", "text.Spanish: expected a language code"),
        ("es: {", "no: {", "text.False: expected text"),
        ("version: 2", "version: two", "version: expected a number"),
        ("version: 2", "version: 0", "version: expected 1 to"),
        ('"Customer care lead"', '""', "approved_by: expected text"),
        ("approved_by", "approved", "approved: is not known here"),
    ],
)
def test_each_error_names_file_and_place(old: str, new: str, place: str) -> None:
    assert old in WHOLE

    with pytest.raises(RulesError) as caught:
        parse(WHOLE.replace(old, new))

    assert str(caught.value).startswith(f"responses.yaml: templates.status.{place}")


def test_a_template_needs_words() -> None:
    nothing = WHOLE[: WHOLE.index("    text:")] + "    text: {}\n"

    with pytest.raises(RulesError, match=r"status\.text: expected words"):
        parse(nothing)
