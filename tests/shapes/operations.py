"""Operations with the documents that they take and give: real ones of packages, and made-up ones for what those do not have."""
import json
import random
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema_specifications
import pycountry

SECRETS = ["ann.planted@shop.test", "4111111111111111", "DE89370400440532013000", "+14155552671", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
           "hunter2planted", "203.0.113.77", "078-05-1120", "Annabel Plantedname"]
EMAIL, CARD, IBAN, PHONE, TOKEN, PASSWORD, ADDRESS, SOCIAL, PERSON = SECRETS


@dataclass
class Operation:
    method: str
    path: str  # with {} for a number
    template: str
    requests: list = field(default_factory=list)  # documents, or none
    answers: list = field(default_factory=list)  # (status, document)
    queries: list = field(default_factory=list)
    media: str = "application/json"
    labels: dict = field(default_factory=dict)  # of properties, by their dotted path in the answer
    enums: dict = field(default_factory=dict)


def registries():
    """The lists of pycountry: ISO 3166, 639, 4217 and 15924, with members that not all entries have."""
    folder = Path(pycountry.__file__).parent / "databases"
    for name, word in {"iso3166-1": "country", "iso3166-3": "former", "iso639-3": "language", "iso4217": "currency", "iso15924": "script"}.items():
        (entries,) = json.loads((folder / f"{name}.json").read_bytes()).values()
        chosen = random.Random(name).sample(entries, 20)
        yield Operation("POST", f"/{word}s", f"/{word}s", chosen, [(201, {"accepted": True, "entry": one}) for one in chosen])
        pages = [(200, entries[at:at + 12]) for at in range(0, len(entries), 10)][:20]
        yield Operation("GET", f"/{word}s/{{}}", f"/{word}s/{{{word}Id}}", [None] * len(pages), pages)


def metaschemas():
    """The metaschemas of JSON Schema: deep, with members that are objects here and booleans there."""
    documents = [jsonschema_specifications.REGISTRY[uri].contents for uri in sorted(jsonschema_specifications.REGISTRY)]
    return Operation("GET", "/metaschemas", "/metaschemas", [None] * len(documents[:20]), [(200, one) for one in documents[:20]])


def types():
    """Every type, mixed, and none."""
    choice = random.Random(1)
    made = []
    for number in range(20):
        made.append({
            "count": choice.choice([0, 7, -12, 10**12]), "ratio": choice.choice([0.5, -3, 1e20, 2.5e-7]), "flag": number % 2 == 0, "nothing": None,
            "maybe": choice.choice([None, "text", 3]), "id": str(uuid.UUID(int=choice.getrandbits(128))), "day": f"2024-0{1 + number % 9}-28",
            "at": f"2024-05-{10 + number}T08:00:00Z", "link": f"https://shop.test/a/{number}", "status": ["open", "closed", "on-hold"][number % 3],
            "text": "words and more " * choice.randrange(9), "list": [choice.choice([1, "a", None, [2.5], {"x": 1}]) for _ in range(number % 5)],
            "prices": {str(uuid.UUID(int=choice.getrandbits(128))): {"amount": number, "currency": "EUR"} for _ in range(3)},
            "byUser": {f"user-{choice.randrange(10**4)}": [number] for _ in range(12)}, "mixed": number if number % 2 else str(number),
            "tree": {"value": 1, "children": [{"value": 2, "children": []}] * (number % 3)}, **({"extra": {}} if number % 4 == 0 else {}),
        })
    return Operation("PUT", "/types", "/types", made, [(200, one) for one in made],
                     enums={"status": ["closed", "on-hold", "open"], "prices.*.currency": ["EUR"]})


def secrets():
    """What must not come out: in values, in names of members, in what could be an enumeration."""
    one = {"email": EMAIL, "note": f"call {PHONE} or write to {EMAIL}", "card": {"number": CARD, "exp": "12/27"}, "iban": IBAN, "password": PASSWORD,
           "accessKey": TOKEN, "owner": PERSON, "first_name": "Annabel", "client_ip": ADDRESS, "ssn": SOCIAL, "accounts": {EMAIL: 1, TOKEN: 2, CARD: 3},
           "roles": ["admin", "buyer"], "free": TOKEN}
    labels = {"email": ["email"], "note": ["email", "phone"], "card.number": ["card"], "iban": ["iban"], "password": ["credential"],
              "first_name": ["name"], "client_ip": ["network-address"], "ssn": ["national-id"], "free": ["credential"], "roles": None}
    return Operation("POST", "/accounts", "/accounts", [one] * 25, [(200, one)] * 25, queries=[f"mail={EMAIL}&page={n}&token={TOKEN}" for n in range(25)],
                     labels=labels)


def errors():
    """Answers of other classes beside those of success."""
    answers = [(200, {"id": number}) for number in range(15)] + [(422, {"errors": [{"field": "a", "code": "too_long"}]})] * 4 + [(500, {"trace": "none"})] * 3
    return Operation("GET", "/errors/{}", "/errors/{errorId}", [None] * len(answers), answers)


def forms():
    """Pairs of a form, of which one comes several times."""
    made = [{"page": str(number), "tag": ["a", "b"] if number % 2 else ["c"], "open": "true", "note": "x y"} for number in range(20)]
    return Operation("POST", "/forms", "/forms", made, [(200, {"ok": True})] * 20, media="application/x-www-form-urlencoded")


def elements():
    """A tree of elements, with attributes, text, and elements that come several times."""
    more = "<item sku='b'>2</item>"
    made = [f"<order id='{n}'><item sku='a{n}'>{n}</item>{more * (n % 3)}<note/></order>" for n in range(20)]
    return Operation("POST", "/elements", "/elements", made, [(200, one) for one in made], media="application/xml")


def all_of_them():
    return [*registries(), metaschemas(), types(), secrets(), errors(), forms(), elements()]
