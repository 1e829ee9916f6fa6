"""Which kind of value a path parameter has, and values of each kind."""
import re
import string
import uuid
from datetime import datetime, timedelta

from words import ADJECTIVES, CITIES, FIRST, LAST, NOUNS, TITLE, WORK

CLASSES = ("literal", "typed", "opaque", "codes", "names", "parts")
HEX, LOWER, UPPER, DIGITS = "0123456789abcdef", string.ascii_lowercase, string.ascii_uppercase, string.digits
BASE62 = DIGITS + UPPER + LOWER
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
COUNTRIES = "DE FR GB US IT ES NL BE AT CH SE NO DK FI PL CZ PT IE GR TR JP CN IN KR AU NZ BR MX CA ZA".split()
CURRENCIES = "EUR USD GBP CHF SEK NOK DKK PLN CZK JPY CNY INR KRW AUD NZD BRL MXN CAD ZAR TRY".split()
LOCALES = "en-US en-GB de-DE fr-FR es-ES it-IT nl-NL pt-BR ja-JP zh-CN ko-KR sv-SE pl-PL de fr es it en ja".split()
REGIONS = "eu-west-1 eu-central-1 us-east-1 us-east-2 us-west-2 ap-south-1 ap-southeast-2 sa-east-1 ca-central-1 europe-west4".split()


def chars(rng, alphabet, count):
    return "".join(rng.choice(alphabet) for _ in range(count))


def mixed(rng, count):
    """Base62 as a random number gives it: hardly ever without a digit, a capital and a small letter."""
    return chars(rng, BASE62, count)


def moment(rng):
    return datetime(2023, 1, 1) + timedelta(seconds=rng.randrange(3 * 365 * 86400))


def plural(word):
    return word[:-3] + "ies" if word.endswith("y") else word + "s"


def singular(word):
    word = re.split(r"[^a-z]", word.lower())[-1] or "thing"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(ss|x|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 2 else word


def user(rng):
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return rng.choice((
        first, first + last, f"{first}.{last}", f"{first}-{last}", f"{first[0]}{last}", f"{first}{rng.randrange(1, 100)}",
        f"{first}_{last[0]}", f"{rng.choice(ADJECTIVES)}{rng.choice(NOUNS)}", f"{last}{first[0]}{rng.randrange(70, 100)}",
        first.capitalize() + last.capitalize()))


def work(rng, style):
    """The name of something that someone set up: a queue, a table, a service."""
    one, two = rng.choice(WORK), rng.choice(NOUNS)
    return (f"{one}-{two}", f"{one}_{two}", f"{one}-{rng.choice(('prod', 'dev', 'eu', 'us', 'test'))}", one.capitalize() + two.capitalize(),
            two, f"{two}-{one}-{rng.randrange(1, 10)}")[style]


def kind_of_pool(kind, rng, noun):
    """A function that makes one value, with what all values of a pool have in common drawn once."""
    noun = singular(noun)
    if kind == "prefixed":
        prefix = rng.choice((noun[:3], noun[:2], noun[:4], noun)) or "obj"
        size = rng.choice((14, 16, 20, 24))
        return lambda: f"{prefix}_{mixed(rng, size)}"
    if kind == "base62":
        size = rng.choice((8, 11, 16, 20, 22))
        return lambda: mixed(rng, size)
    if kind == "slackish":
        first = rng.choice("CUTGDWB")
        return lambda: first + "0" + chars(rng, UPPER + DIGITS, 9)
    if kind == "code":
        style = rng.randrange(4)
        projects = [chars(rng, UPPER, rng.choice((2, 3, 4))) for _ in range(rng.choice((1, 2, 5)))]
        return lambda: (f"{rng.choice(projects)}-{rng.randrange(1, 3000)}", f"{rng.choice(projects)}{rng.randrange(1000, 99999)}",
                        f"{rng.choice(projects)}-{rng.randrange(2020, 2027)}-{rng.randrange(1, 9999):04}",
                        f"{rng.choice(projects)}-{rng.randrange(100, 9999)}-{rng.choice(('S', 'M', 'L', 'XL', 'BLK', 'RED'))}")[style]
    if kind == "semver":
        deep = rng.random() < 0.7
        return lambda: f"{rng.randrange(0, 12)}.{rng.randrange(0, 30)}" + (f".{rng.randrange(0, 20)}" if deep else "")
    if kind == "int":
        top = rng.choice((200, 5000, 10**5, 10**7, 10**9))
        return lambda: str(rng.randrange(1, top))
    if kind == "arn":
        service, account = rng.choice(("lambda", "iot", "backup", "sns", "ec2")), chars(rng, DIGITS, 12)
        return lambda: f"arn:aws:{service}:{rng.choice(REGIONS[:4])}:{account}:{noun}/{chars(rng, HEX, 12)}"
    if kind == "host":
        domain = rng.choice(("", ".example.com", ".internal", ".example.org"))
        return lambda: f"{rng.choice(('db', 'web', 'app', 'cache', 'node', 'edge', rng.choice(NOUNS)))}-{rng.randrange(1, 40)}{domain}"
    if kind == "work":  # most people keep to one or two conventions
        styles = [rng.randrange(6) for _ in range(2)]
        return lambda: work(rng, rng.choice(styles))
    return {
        "smallint": lambda: str(rng.randrange(1, 60)),
        "bigint": lambda: str(rng.randrange(10**17, 10**18)),
        "decimal": lambda: f"{rng.uniform(-90, 90):.4f}",
        "uuid": lambda: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "hex32": lambda: chars(rng, HEX, 32),
        "hex24": lambda: f"{int(moment(rng).timestamp()):08x}" + chars(rng, HEX, 16),
        "hex40": lambda: chars(rng, HEX, 40),
        "hex64": lambda: chars(rng, HEX, 64),
        "hex12": lambda: chars(rng, HEX, 12),
        "mac": lambda: ":".join(chars(rng, HEX, 2) for _ in range(6)),
        "mm": lambda: f"{rng.randrange(1, 13):02}",
        "dd": lambda: f"{rng.randrange(1, 32):02}",
        "date": lambda: f"{moment(rng):%Y-%m-%d}",
        "month": lambda: f"{moment(rng):%Y-%m}",
        "year": lambda: str(rng.randrange(1990, 2027)),
        "datetime": lambda: f"{moment(rng):%Y-%m-%dT%H:%M:%SZ}",
        "unix": lambda: str(int(moment(rng).timestamp())),
        "ip": lambda: f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}",
        "email": lambda: f"{rng.choice(FIRST)}.{rng.choice(LAST)}{rng.randrange(100)}@example.com",
        "phone": lambda: f"+49{rng.randrange(10**9, 10**10)}",
        "ulid": lambda: "01" + chars(rng, "HJ", 1) + chars(rng, CROCKFORD, 23),
        "address": lambda: "0x" + chars(rng, HEX, 40),
        "token": lambda: chars(rng, BASE62 + "-_", 32),
        "digest": lambda: "sha256:" + chars(rng, HEX, 64),
        "country": lambda: rng.choice(COUNTRIES),
        "currency": lambda: rng.choice(CURRENCIES),
        "locale": lambda: rng.choice(LOCALES),
        "region": lambda: rng.choice(REGIONS),
        "ticker": lambda: chars(rng, UPPER, rng.choice((3, 4))),
        "iata": lambda: chars(rng, UPPER, 3),
        "project": lambda: chars(rng, UPPER, rng.choice((2, 3, 4, 5))),
        "barcode": lambda: str(rng.randrange(10**12, 10**13)),
        "username": lambda: user(rng),
        "org": lambda: rng.choice((rng.choice(NOUNS), f"{rng.choice(NOUNS)}-{rng.choice(('labs', 'inc', 'io', 'team'))}", rng.choice(ADJECTIVES) + rng.choice(NOUNS))),
        "repo": lambda: rng.choice((f"{rng.choice(NOUNS)}-{rng.choice(WORK)}", rng.choice(NOUNS), f"{rng.choice(ADJECTIVES)}-{rng.choice(NOUNS)}", f"{rng.choice(WORK)}.js", f"{rng.choice(NOUNS)}_{rng.choice(NOUNS)}")),
        "slug": lambda: "-".join(rng.choice(TITLE) for _ in range(rng.randrange(2, 6))),
        "city": lambda: rng.choice(CITIES),
        "branch": lambda: rng.choice(("main", "develop", f"feature-{rng.choice(NOUNS)}", f"release-{rng.randrange(1, 9)}.{rng.randrange(10)}", f"fix-{rng.choice(WORK)}-{rng.choice(NOUNS)}")),
        "file": lambda: rng.choice((f"{rng.choice(WORK)}-{rng.choice(('report', 'summary', 'export', 'final'))}", f"{rng.choice(NOUNS)}_{rng.randrange(1, 99)}", rng.choice(ADJECTIVES) + "-" + rng.choice(NOUNS))),
        "word": lambda: rng.choice(NOUNS + ADJECTIVES),
    }[kind]


CLASS = {
    **dict.fromkeys("int smallint bigint decimal uuid hex32 hex24 hex40 hex64 hex12 mac mm dd date month year datetime unix ip email phone semver barcode".split(), "typed"),
    **dict.fromkeys("prefixed base62 slackish ulid address token digest arn".split(), "opaque"),
    **dict.fromkeys("code country currency locale region ticker iata project".split(), "codes"),
    **dict.fromkeys("username org repo slug city branch file work word host enum".split(), "names"),
}

ID_STYLES = {"int": 38, "uuid": 20, "prefixed": 10, "base62": 8, "hex24": 7, "bigint": 6, "ulid": 5, "slackish": 3, "hex32": 3, "hex64": 1, "hex12": 2}
THIS_ID_ONLY = {"work": 6, "code": 4, "slug": 2}  # what one resource of an API may have, but hardly all
BY_FORMAT = {"uuid": "uuid", "guid": "uuid", "date": "date", "date-time": "datetime", "ipv4": "ip", "ip": "ip", "email": "email",
             "hostname": "host", "int64": "int", "int32": "int"}
FORMS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "uuid"), (r"[0-9a-f]{24}", "hex24"), (r"[0-9a-f]{32}", "hex32"),
    (r"[0-9a-f]{40}", "hex40"), (r"\d{4}-\d\d-\d\d", "date"), (r"\d{4}-\d\d-\d\dT.*", "datetime"), (r"\d{15,}", "bigint"), (r"\d+", "int"),
    (r"\d+\.\d+\.\d+", "semver"), (r"\d+\.\d+\.\d+\.\d+", "ip"), (r"[^@]+@[^@]+\.\w+", "email"), (r"0x[0-9a-fA-F]{40}", "address"),
    (r"[0-9A-HJKMNP-TV-Z]{26}", "ulid"), (r"[A-Z]{2,5}-\d+", "code"), (r"[a-z]{2,6}_(?=\w*\d)[A-Za-z0-9]{8,}", "prefixed"),
    (r"(?=[A-Za-z]*\d)(?=\w*[A-Z])(?=\w*[a-z])[A-Za-z0-9]{8,}", "base62"), (r"[CUTGDWB]0(?=\w*\d)[A-Z0-9]{7,10}", "slackish"),
    (r"sha256:[0-9a-f]+", "digest"), (r"[a-z]+(-[a-z]+){2,}", "slug"))
# The last word of a parameter's name -> kinds with their weights.
BY_NAME = (
    ("uuid guid", {"uuid": 1}), ("email mail", {"email": 1}),
    ("username login owner author assignee member actor handle nickname creator follower collaborator", {"username": 1}),
    ("user person employee", {"username": 3, "id": 1}), ("customer contact patient", {"id": 3, "username": 1}),
    ("org team", {"org": 1}), ("organization organisation workspace tenant company enterprise", {"org": 3, "id": 1}),
    ("repo repository", {"repo": 1}), ("project", {"repo": 3, "id": 1}), ("branch ref", {"branch": 1}), ("tag", {"semver": 1, "word": 2, "branch": 1}),
    ("sha commit checksum hash", {"hex40": 1}), ("digest", {"digest": 1}), ("date day", {"date": 1}), ("year season", {"year": 1}),
    ("month", {"month": 1, "mm": 1}), ("timestamp time", {"unix": 1, "datetime": 1}), ("version revision", {"semver": 2, "smallint": 1}),
    ("slug permalink", {"slug": 1}), ("country", {"country": 1}), ("currency", {"currency": 1}), ("locale lang language", {"locale": 1}),
    ("city place town", {"city": 1}), ("location", {"city": 1, "id": 1, "region": 1}), ("region zone", {"region": 1}), ("ip", {"ip": 1}),
    ("address", {"address": 1}), ("arn", {"arn": 1}), ("phone msisdn", {"phone": 1}), ("sku serial reference invoice ticket postcode zip zipcode", {"code": 1}), ("shortcode", {"base62": 1}),
    ("origin destination airport airline aircraft iata icao station stop", {"iata": 1}), ("subdomain", {"host": 1}), ("barcode ean isbn upc gtin", {"barcode": 1}),
    ("symbol ticker pair", {"ticker": 1}), ("code", {"code": 3, "base62": 1, "word": 1}), ("key", {"work": 2, "code": 2, "base62": 2}),
    ("token secret signature cursor", {"token": 1}), ("filename filepath file path", {"file": 1}), ("host hostname domain fqdn node server", {"host": 1}),
    ("number no", {"int": 2, "code": 2}), ("num index page position offset rank size width height limit level port x y z line", {"smallint": 1, "int": 1}),
    ("lat lon lng latitude longitude", {"decimal": 1}), ("id ids identifier pk sid oid", {"id": 1}),
    ("name names title label alias namespace bucket topic queue cluster table collection database container image package plugin type kind "
     "category group role field property attribute setting metric event channel environment env service function job pipeline workflow "
     "rule policy profile template resource", {"work": 5, "word": 1}),
)
BY_WORD = {word: kinds for words, kinds in BY_NAME for word in words.split()}


def drawn(rng, weights):
    return rng.choices(list(weights), list(weights.values()))[0]


def words_of(name):
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word for word in re.split(r"[^a-z]+", name.lower()) if word] or [name.lower()]


class Style:
    """What the identifiers of one document have in common."""

    def __init__(self, rng):
        self.main = drawn(rng, ID_STYLES)

    def identifier(self, rng):
        return self.main if rng.random() < 0.72 else drawn(rng, {**ID_STYLES, **THIS_ID_ONLY})


def kind_of(name, noun, schema, example, style, rng):
    kind, form = schema.get("type"), str(schema.get("format") or "").lower()
    if kind in ("integer", "number"):
        last = words_of(name)[-1]
        if kind == "number" and last in ("lat", "lon", "lng", "latitude", "longitude", "x", "y"):
            return "decimal"
        return {"year": "year", "month": "mm", "day": "dd", "index": "smallint", "page": "smallint", "position": "smallint"}.get(last, "int")
    if form in BY_FORMAT and not form.startswith("int"):
        return BY_FORMAT[form]
    if form in ("int64", "uint64"):  # numbers that are written as strings
        return "bigint"
    pattern = str(schema.get("pattern") or "")
    if re.search(r"0-9a-f(A-F)?\]\{8\}", pattern, re.IGNORECASE):
        return "uuid"
    if counted := re.search(r"0-9a-f(?:A-F)?\]\{(24|32|40)\}", pattern, re.IGNORECASE):
        return "hex" + counted[1]
    if re.fullmatch(r"\^?(\\d|\[0-9\])(\+|\{[\d,]+\})\$?", pattern):
        return "int"
    if prefix := re.match(r"\^?\(?[a-z]{2,6}_\)?[\[\\(]", pattern):
        return "prefixed"
    words = words_of(name)
    for value in (example, schema.get("example"), *(schema.get("examples") or [] if isinstance(schema.get("examples"), list) else [])):
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            for shape, found in FORMS:
                if re.fullmatch(shape, str(value)):
                    return "int" if found == "bigint" and len(str(value)) < 15 else found
    if "user" in words and words[-1] in ("name", "login"):
        return "username"
    for word, found in (("country", "country"), ("currency", "currency"), ("language", "locale"), ("email", "email"), ("mac", "mac"), ("ip", "ip"),
                        ("airport", "iata"), ("airline", "iata"), ("aircraft", "iata"), ("domain", "host"), ("file", "file")):
        if word in words and words[-1] in ("code", "address", "name", word):
            return found
    if words[-1] == "id" and words[0] in ("region", "regions", "location", "locations", "zone", "zones") and len(words) == 2 and kind == "string":
        return "region"
    if words == ["projects", "id"]:  # of Google, where it is a name
        return "work"
    if words[-1] == "key" and words[0] in ("issue", "project"):
        return "code" if words[0] == "issue" else "project"
    if words[-1] == "key" and "or" in words and "issue" in words:
        return "code"
    if words == ["status", "code"] or words[0] in ("number", "numberof") or name.lower().startswith("numberof"):
        return "smallint"
    if words[-1] in ("uuid", "guid") or "uuid" in words:
        return "uuid"
    if words[-1] in ("id", "ids", "identifier") and "user" in words and rng.random() < 0.1:
        return "username"
    if words[-1] == "name" and singular(noun) in ("user", "member", "person", "author", "employee", "people"):
        return "username"
    if words[0] == "id" and len(words) > 1 and words[1] != "or":
        return style.identifier(rng)
    choice = BY_WORD.get(words[-1])
    if choice is None and singular(noun) == singular(words[-1]):  # /payouts/{payout}
        choice = {"id": 4, "work": 2}
    if choice is None and words[-1].endswith("id") and len(words[-1]) > 3:
        choice = {"id": 1}
    if choice is None and words[-1].endswith("name"):
        choice = {"work": 1}
    found = drawn(rng, choice or {"id": 3, "work": 3, "code": 1})
    return style.identifier(rng) if found == "id" else found
