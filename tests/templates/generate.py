"""Traffic of one document: what is asked, what is answered, and the truth about it."""
import base64
import itertools
import json
import math
import random
import re
from dataclasses import dataclass, field
from urllib.parse import quote

import values
from values import CLASS, CLASSES

OPERATIONS = 60
AGENTS = ("python-requests/2.32.3", "okhttp/4.12.0", "Go-http-client/1.1", "axios/1.7.9", "curl/8.5.0", "Java/17.0.9")
PARAMETER = re.compile(r"\{([^{}]*)\}|(?<=/):(\w+)(?=/|$)")


@dataclass
class Pool:
    kind: str
    values: list
    weights: list
    fresh: object  # makes a value that is not in the pool

    def draw(self, rng):
        return rng.choices(self.values, cum_weights=self.weights)[0]


@dataclass
class Slot:
    """A parameter in a segment."""
    pool: Pool = None
    fixed: str = None  # a literal value, of an enum or of a version
    list: bool = False

    @property
    def kind(self):
        return self.pool.kind


@dataclass
class True_:
    """An operation as the truth has it."""
    method: str
    segments: list  # of text and slots, each a list
    kind: str  # its class
    raw: object
    refuses: bool = False
    successes: int = 0
    made: list = field(default_factory=list)

    @property
    def template(self):
        return "/" + "/".join("".join(part if isinstance(part, str) else part.fixed or "{}" for part in segment) for segment in self.segments)

    @property
    def slots(self):
        return [part for segment in self.segments for part in segment if isinstance(part, Slot) and part.fixed is None]


class Generator:
    def __init__(self, document, name, seed, budget=OPERATIONS):
        self.document = document
        self.rng = random.Random(f"{seed}/{name}")
        self.style = values.Style(self.rng)
        self.pools, self.positions, self.kinds = {}, {}, {}
        chosen = self.choose(budget)
        self.words = {segment.lower() for operation in document.operations for segment in re.split(r"[/{}:.()]", document.base + operation.path)}
        found = {}
        for operation in chosen:
            for made in self.truths(operation):
                found.setdefault((made.method, made.template), made)
        self.operations = list(found.values())
        for made in self.operations:
            made.refuses = self.rng.random() < 0.02
        self.security = self.security_header()

    def choose(self, budget):
        """Whole groups of what lies together, as a service has it, until the budget is spent."""
        every = self.document.operations
        if len(every) <= budget:
            return every
        groups = {}
        for operation in every:
            words = [part for part in operation.path.split("/") if part and "{" not in part]
            groups.setdefault(tuple(words[:2 if re.fullmatch(r"v?\d.*|api|rest|apis", words[0] if words else "") else 1]), []).append(operation)
        order = list(groups.values())
        self.rng.shuffle(order)
        chosen = []
        for group in order:
            room = budget - len(chosen)
            chosen += group if len(group) <= room else self.rng.sample(group, min(room, 25 if len(order) > 3 else room))
            if len(chosen) >= budget:
                break
        return chosen

    def truths(self, operation):
        """The operation, once for each value of a small enum."""
        parameters = {p["name"]: p for p in operation.parameters if p.get("in") in ("path", None)}
        path = re.sub(r"/+", "/", self.document.base + "/" + operation.path)
        path = re.sub(r"\{([^{}]*)\}", lambda m: "{" + m[1].replace("/", "|") + "}", path)
        segments, noun, where = [], "thing", ""
        for at, text in enumerate(path.strip("/").split("/")):
            parts, last = [], 0
            for match in PARAMETER.finditer("/" + text):
                start, end = match.start() - 1, match.end() - 1
                if text[last:max(start, last)]:
                    parts.append(text[last:start])
                name = (match[1] or match[2] or "id").lstrip("+;.#").rstrip("*?").split("=")[0].split(":")[0] or "id"
                name = name.rstrip("}")
                parts.append(self.slot(name, noun, where + "/" + "".join(p if isinstance(p, str) else "{}" for p in parts), parameters.get(name) or {}, at))
                last = end
            if text[last:]:
                parts.append(text[last:])
            parts = parts or [text]
            if all(isinstance(part, str) for part in parts):
                noun = text
            segments.append(parts)
            where += "/" + "".join(p if isinstance(p, str) else "{}" for p in parts)
        options = [part for segment in segments for part in segment if isinstance(part, list)]
        combinations = list(itertools.product(*options))
        if len(combinations) > 4:
            combinations = self.rng.sample(combinations, 4)
        for combination in combinations:
            left = iter(combination)
            done = [[next(left) if isinstance(part, list) else part for part in segment] for segment in segments]
            yield True_(operation.method, done, self.class_of(done), operation)

    def class_of(self, segments):
        hardest = 0
        for segment in segments:
            slots = [part for part in segment if isinstance(part, Slot) and part.fixed is None]
            if not slots:
                continue
            rest = [part for part in segment if part not in slots]
            hardest = max(hardest, CLASSES.index("parts") if rest or len(slots) > 1 or any(slot.list for slot in slots) else 0,
                          *(CLASSES.index(CLASS[slot.kind]) for slot in slots))
        return CLASSES[hardest]

    def slot(self, name, noun, where, parameter, at):
        """The parameter at this position: a slot, or a list of slots where each value is a literal."""
        if where in self.positions:
            return self.positions[where]
        schema = self.document.schema_of(parameter) if parameter else {}
        many = schema.get("type") == "array"
        if many:
            schema = self.document.schema_of({"schema": schema.get("items") or {}})
        enum = [str(value).lower() if isinstance(value, bool) else str(value) for value in schema.get("enum") or [] if value not in (None, "")]
        enum = [value for value in dict.fromkeys(enum) if "/" not in value]
        if schema.get("type") == "boolean":
            enum = ["true", "false"]
        if name.lower() in ("method", "http_method", "httpmethod") and not enum:
            enum = ["GET", "POST", "PUT", "DELETE"]
        example = parameter.get("example", parameter.get("x-example"))
        if re.fullmatch(r"(api)?_?-?version|v|format|_?format|apiversion", name, re.IGNORECASE) and not enum and (at < 2 or "format" in name.lower()):
            enum = [str(example or schema.get("default") or ("json" if "format" in name.lower() else "v1")).replace("/", "")]
        if 1 <= len(enum) <= 4 and not many:
            found = [Slot(fixed=quote(value, safe="@:$,;=+!*'()")) for value in enum]
        else:
            found = Slot(self.pool(name, noun, schema, example, enum), list=many)
            if not many and not enum and parameter.get("style") == "matrix":
                found.list = True
        self.positions[where] = found
        return found

    def pool(self, name, noun, schema, example, enum):
        common = name.lower() in ("id", "name", "key", "slug", "code", "uuid", "pk", "number", "ref") or len(name) < 3
        key = (values.singular(noun), name) if common else name
        if key in self.pools:
            return self.pools[key]
        rng = self.rng
        kind = "enum" if enum else values.kind_of(name, noun, schema, example, self.style, rng)
        size = int(math.exp(rng.uniform(math.log(3), math.log(400))))
        if enum:
            make = lambda: rng.choice(enum)  # noqa: E731
        else:
            owner = re.sub(r"_?(id|ids|uuid|key|sid|identifier)$", "", name, flags=re.IGNORECASE) or noun
            make = values.kind_of_pool(kind, rng, owner if len(owner) > 2 else noun)

        def fresh(taken=()):
            for _ in range(30):
                value = make()
                if value not in taken and (enum or value.lower() not in self.words):
                    return value
            return None
        found = {}
        for _ in range(size):
            if (value := fresh(found)) is None:
                break
            found[value] = None
        found = list(found) or ["x1"]
        bend = rng.uniform(0.5, 1.2)
        weights = list(itertools.accumulate(1 / (rank + 1) ** bend for rank in range(len(found))))
        self.pools[key] = Pool(kind, found, weights, fresh)
        return self.pools[key]

    # What goes over the wire

    def security_header(self):
        raw = self.document.raw
        schemes = raw.get("securityDefinitions") or (raw.get("components") or {}).get("securitySchemes") or {}
        rng = self.rng
        tokens = [values.mixed(rng, 40) for _ in range(8)]
        for scheme in schemes.values():
            scheme = self.document.resolve(scheme)
            kind = scheme.get("type")
            if kind == "apiKey" and scheme.get("in") in ("header", "query"):
                name = scheme.get("name") or "X-Api-Key"
                prefix = "Bearer " if name.lower() == "authorization" else ""
                return scheme["in"], name, [prefix + token for token in tokens]
            if kind == "basic" or kind == "http" and str(scheme.get("scheme")).lower() == "basic":
                return "header", "Authorization", ["Basic " + base64.b64encode(f"svc{n}:{token[:12]}".encode()).decode() for n, token in enumerate(tokens)]
            if kind in ("oauth2", "http", "openIdConnect"):
                return "header", "Authorization", ["Bearer " + token for token in tokens]
        return None

    def segment(self, parts, rng, odd):
        text = ""
        for part in parts:
            if isinstance(part, str):
                text += part
            elif part.fixed is not None:
                text += part.fixed
            else:
                count = rng.choice((1, 1, 2, 3, 4)) if part.list else 1
                drawn = [part.pool.fresh() if odd and part.kind != "enum" else part.pool.draw(rng) for _ in range(count)]
                text += ",".join(dict.fromkeys(quote(value or part.pool.draw(rng), safe="@:$,;=+!*'()") for value in drawn))
        return text

    def value_of(self, schema, name, rng, depth=0):
        """A small value of a schema of a body."""
        schema = self.document.schema_of({"schema": schema}) if isinstance(schema, dict) else {}
        if "enum" in schema and schema["enum"]:
            return rng.choice(schema["enum"])
        kind, form = schema.get("type"), schema.get("format")
        if kind == "object" or "properties" in schema:
            if depth > 2:
                return {}
            fields = [(key, value) for key, value in (schema.get("properties") or {}).items()]
            needed = set(schema.get("required") or [])
            fields = fields[:14] if depth == 0 else fields[:5]
            return {key: self.value_of(value, key, rng, depth + 1) for key, value in fields if key in needed or rng.random() < (0.7 if depth else 0.93)}
        if kind == "array" or "items" in schema:
            return [self.value_of(schema.get("items") or {}, name, rng, depth + 1) for _ in range(rng.choice((1, 2)))] if depth < 3 else []
        if kind == "integer":
            return rng.randrange(1, 100000)
        if kind == "number":
            return round(rng.uniform(0, 1000), 2)
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "string" or name:
            if form == "date-time":
                return f"{values.moment(rng):%Y-%m-%dT%H:%M:%SZ}"
            if form == "date":
                return f"{values.moment(rng):%Y-%m-%d}"
            if form == "uuid" or name.lower().endswith("id"):
                return values.kind_of_pool("uuid", rng, "id")()
            if form in ("uri", "url") or "url" in name.lower():
                return "https://example.com/" + rng.choice(values.NOUNS)
            return " ".join(rng.choice(values.ADJECTIVES + values.NOUNS) for _ in range(rng.choice((1, 2, 3))))
        return {}

    def schemas(self, operation):
        """The schemas of the request and of the success, and its status."""
        raw, ask, answer, status = operation.raw, None, None, None
        if "requestBody" in raw:
            content = self.document.resolve(raw["requestBody"]).get("content") or {}
            ask = next((media.get("schema") for kind, media in content.items() if isinstance(media, dict) and ("json" in kind or "form" in kind or kind == "*/*")), None)
        for parameter in operation.parameters:
            if parameter.get("in") == "body":
                ask = parameter.get("schema")
        for code, response in (raw.get("responses") or {}).items():
            if str(code)[:1] == "2" or str(code) == "default" and status is None:
                response = self.document.resolve(response)
                status = int(code) if re.fullmatch(r"2\d\d", str(code)) else 200
                content = response.get("content") or {}
                answer = response.get("schema") or next((media.get("schema") for kind, media in content.items() if isinstance(media, dict) and "json" in kind), None)
                if str(code)[:1] == "2":
                    break
        if status in (None, 206):
            status = {"POST": 201, "DELETE": 204}.get(operation.method, 200)
        return ask, answer, status

    def bodies(self, made):
        """Six pairs of a request's and an answer's body, which all requests of the operation share."""
        ask, answer, status = self.schemas(made.raw)
        rng = self.rng
        pairs = []
        for _ in range(6):
            sent = self.value_of(ask, "", rng) if ask and made.method in ("POST", "PUT", "PATCH", "DELETE") else None
            got = None if status in (204, 205) or made.method == "HEAD" else self.value_of(answer, "", rng) if answer else {"ok": True} if made.method != "GET" else {}
            pairs.append((sent, got))
        return pairs, status

    def queries(self, made):
        found = []
        for parameter in made.raw.parameters:
            if parameter.get("in") != "query":
                continue
            schema = self.document.schema_of(parameter)
            found.append((parameter["name"], schema, 0.9 if parameter.get("required") else 0.2))
        return found[:12]

    def query(self, found, rng):
        pairs = []
        for name, schema, chance in found:
            if rng.random() < chance and len(pairs) < 4:
                value = self.value_of(schema, name, rng, 2)
                if isinstance(value, list):
                    value = ",".join(str(v) for v in value)
                if not isinstance(value, dict):
                    pairs.append(f"{quote(name, safe='[]')}={quote(str(value).lower() if isinstance(value, bool) else str(value), safe=',')}")
        return pairs

    def requests(self, count):
        """Requests in the order in which they are sent: (operation, path, query, client, status, sent, got)."""
        rng, todo = self.rng, []
        fail = {"error": {"code": "", "message": ""}} if rng.random() < 0.5 else {"message": "", "status": 0}
        if rng.random() < 0.3:
            fail = {"errors": [""], "code": 0, "requestId": ""}
        for number, made in enumerate(self.operations):
            pairs, success = self.bodies(made)
            queries = self.queries(made)
            for _ in range(count):
                drawn = rng.random()
                status = success
                if made.refuses:
                    status = 403
                elif drawn < 0.025:
                    status = rng.choice((401, 403))
                elif drawn < 0.07 and made.slots:
                    status = 404
                elif drawn < 0.09:
                    status = 422 if made.method != "GET" else 400
                elif drawn < 0.105:
                    status = 304 if made.method == "GET" else 409
                elif drawn < 0.115:
                    status = rng.choice((302, 307, 500, 503))
                made.successes += 200 <= status < 300
                odd = status == 404 and rng.random() < 0.5
                path = "/" + "/".join(self.segment(parts, rng, odd) for parts in made.segments)
                sent, got = rng.choice(pairs)
                todo.append((number, path, self.query(queries, rng), rng.randrange(6), status, sent,
                             got if status == success else fail if status >= 400 else None))
        rng.shuffle(todo)
        return todo

    def truth(self, name, seed, requests):
        counts = [0] * len(self.operations)
        for request in requests:
            counts[request[0]] += 1
        planted = {value: pool.kind for pool in self.pools.values() if CLASS[pool.kind] == "names" and pool.kind != "enum" for value in pool.values}
        asked = {quote(segment, safe="") for request in requests for segment in request[1].split("/")}
        return {
            "document": name, "seed": seed,
            "operations": [{"method": made.method, "template": made.template, "class": made.kind, "success": made.successes > 0, "requests": counts[at]}
                           for at, made in enumerate(self.operations)],
            "requests": [[request[0], request[1]] for request in requests],
            "names": {value: kind for value, kind in planted.items() if quote(value, safe="") in asked},
        }


def fields_of(body):
    while isinstance(body, list):
        body = body[0] if body else None
    return ",".join(body) if isinstance(body, dict) else ""


def lines(generator, requests):
    for number, path, query, _, status, _, got in requests:
        target = path + ("?" + "&".join(query) if query else "")
        yield f"{generator.operations[number].method}\t{target}\t{status}\t{fields_of(got)}\n"


REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 302: "Found", 304: "Not Modified", 307: "Temporary Redirect",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 422: "Unprocessable Content",
           500: "Internal Server Error", 503: "Service Unavailable"}


def message(first, fields, body):
    head = first + "\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    return head.encode() + body


def exchange(generator, request):
    """The bytes of a request and of its answer."""
    number, path, query, client, status, sent, got = request
    method, fields = generator.operations[number].method, [("Host", generator.document.host), ("User-Agent", AGENTS[client]), ("Accept", "application/json")]
    query = list(query)
    if generator.security and status != 401:
        place, name, tokens = generator.security
        if place == "query":
            query.append(f"{name}={tokens[client]}")
        else:
            fields.append((name, tokens[client]))
    body = b""
    if sent is not None or method in ("POST", "PUT", "PATCH"):
        body = json.dumps(sent).encode() if sent is not None else b""
        fields += [("Content-Type", "application/json")] * bool(body) + [("Content-Length", len(body))]
    target = path + ("?" + "&".join(query) if query else "")
    asked = message(f"{method} {target} HTTP/1.1", fields, body)
    fields = [("Server", "nginx")]
    body = b""
    if got is not None and status not in (204, 205, 304) and method != "HEAD":
        body = json.dumps(got).encode()
        fields.append(("Content-Type", "application/json"))
    if status in (302, 307):
        fields.append(("Location", "https://login.example/"))
    if status not in (204, 304) and method != "HEAD":
        fields.append(("Content-Length", len(body)))
    return asked, message(f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", fields, body)
