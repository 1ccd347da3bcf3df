from serving.labels.nameless import on_record
from serving.redaction.found import Kind


def test_what_templates_are_filled_with_is_known_of_the_person() -> None:
    variables = {
        "first_name": "Zyx",
        "order_number": "A1-B2",
        "customer_email": "zyx@example.org",
        "brand_name": "Fernhill",
        "emergency_number": "911",
        "eta": "Tuesday",
        "last_name": "Q",
    }

    assert on_record(variables) == {
        "Zyx": Kind.NAME,
        "A1-B2": Kind.NUMBER,
        "zyx@example.org": Kind.EMAIL,
    }
