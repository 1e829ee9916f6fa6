"""Compares what the product would push with the truth."""
import re
from collections import Counter, defaultdict
from urllib.parse import unquote

from values import CLASSES

KEPT_BACK = {"noise", "unconfirmed", "settling", "undecided", "overflow", "wall"}
NONE = "none"  # the class of an endpoint that no request of the truth fits
VARIABLE = re.compile(r"\{[^{}]*\}")


def shape(template):
    """The template with nameless variables, and without what a client may escape or quote."""
    segments = []
    for segment in template.split("?")[0].split("/"):
        segment = VARIABLE.sub("{}", segment)
        if "{}" not in segment:
            segment = unquote(segment)
        else:
            segment = re.sub(r"'\{\}'", "{}", unquote(segment))
        segments.append(segment)
    return "/".join(segments).rstrip("/") or "/"


def folded(template):
    """The same with a whole variable for each segment that has one."""
    return "/".join("{}" if "{}" in segment else segment for segment in template.split("/"))


class Tree:
    """The templates of one method, to be asked which of them fits a path best."""

    def __init__(self):
        self.words, self.parts, self.any, self.end = {}, [], None, None

    def add(self, template):
        at = self
        for segment in template.split("/"):
            if segment == "{}":
                at.any = at.any or Tree()
                at = at.any
            elif "{}" in segment:
                form = re.compile(".+?".join(re.escape(text) for text in segment.split("{}")).replace(r"\(.+?\)", r"\('?.+?'?\)"))
                found = next((tree for known, tree in at.parts if known.pattern == form.pattern), None)
                if found is None:
                    at.parts.append((form, found := Tree()))
                at = found
            else:
                at = at.words.setdefault(segment, Tree())
        at.end = template

    def find(self, segments, at=0):
        """The fitting templates, the most literal one first."""
        if at == len(segments):
            if self.end is not None:
                yield self.end
            return
        if segments[at] in self.words:
            yield from self.words[segments[at]].find(segments, at + 1)
        for form, tree in self.parts:
            if form.fullmatch(segments[at]):
                yield from tree.find(segments, at + 1)
        if self.any is not None:
            yield from self.any.find(segments, at + 1)


def pushed(rows):
    """(method, shape) of a product's endpoints that would be pushed."""
    return {(row["method"].upper(), shape(row["path"])) for row in rows if row.get("state") not in KEPT_BACK}


def judge(truth, found):
    """What is right and wrong in one document, by class."""
    operations = truth["operations"]
    shapes = [(operation["method"], shape(operation["template"])) for operation in operations]
    right = {key: operation for key, operation in zip(shapes, operations)}
    trees = defaultdict(Tree)
    for method, template in found:
        trees[method].add(template)
    owners, further = defaultdict(Counter), defaultdict(Counter)
    for (number, path), count in Counter(map(tuple, truth["requests"])).items():
        method = operations[number]["method"]
        segments = [unquote(segment) for segment in (path.rstrip("/") or "/").split("/")] if path != "/" else ["", ""]
        for at, template in enumerate(trees[method].find(segments)):
            (further if at else owners)[method, template][number] += count
            if at > 3:
                break
    by_class = {kind: Counter() for kind in (*CLASSES, NONE)}
    folds = Counter()
    wrong = []
    right_folded = {(method, folded(template)) for (method, template), operation in right.items() if operation["class"] == "parts"}
    for key in sorted(found):
        if key in right:
            if right[key]["success"]:
                by_class[right[key]["class"]]["right"] += 1
            continue
        owner = owners.get(key) or further.get(key)
        kind = operations[owner.most_common(1)[0][0]]["class"] if owner else NONE
        by_class[kind]["wrong"] += 1
        folds["wrong, but right as a whole variable"] += kind == "parts" and key in right_folded
        wrong.append([*key, kind])
    missed = []
    for key, operation in right.items():
        if operation["success"]:
            by_class[operation["class"]]["operations"] += 1
            if key not in found:
                missed.append([*key, operation["class"]])
                folds["missed, but found as a whole variable"] += operation["class"] == "parts" and (key[0], folded(key[1])) in found
    literals = {segment for _, template in found for segment in template.split("/") if "{}" not in segment}
    # of the endpoints, only those of operations that succeeded count, so that both sides of the ratio tell of the same
    return {
        "document": truth["document"], "operations": sum(operation["success"] for operation in right.values()),
        "endpoints": sum(key not in right or right[key]["success"] for key in found),
        "classes": by_class, "folds": folds, "wrong": wrong, "missed": missed,
        "leaked": sorted(name for name in truth["names"] if name in literals),
        "people": sorted(name for name, kind in truth["names"].items() if kind == "username" and name in literals),
        "names": len(truth["names"]),
    }


def share(part, whole):
    return round(100 * part / whole, 1) if whole else None


def total(results):
    """The figures over all documents."""
    sums = {kind: Counter() for kind in (*CLASSES, NONE)}
    folds = Counter()
    for result in results:
        folds.update(result["folds"])
        for kind, counts in result["classes"].items():
            sums[kind].update(counts)
    rows = {kind: sums[kind] for kind in CLASSES}
    rows["all but parts"] = sum((sums[kind] for kind in (*CLASSES, NONE) if kind != "parts"), Counter())
    rows["all"] = sum(sums.values(), Counter())
    loose = Counter(sums["parts"])
    loose["right"] += folds["missed, but found as a whole variable"]
    loose["wrong"] -= folds["wrong, but right as a whole variable"]
    rows["parts, whole variable taken"] = loose
    table = {kind: {"precision": share(row["right"], row["right"] + row["wrong"]), "recall": share(row["right"], row["operations"]),
                    "operations": row["operations"], "right": row["right"], "wrong": row["wrong"]} for kind, row in rows.items()}
    # One whole variable can stand for several operations, so what is found is not what is right.
    extra = table["parts, whole variable taken"]
    merged = sums["parts"]["right"] + folds["wrong, but right as a whole variable"]
    extra["precision"] = share(merged, merged + loose["wrong"])
    operations = sum(result["operations"] for result in results)
    endpoints = sum(result["endpoints"] for result in results)
    worst = max(results, key=lambda result: result["endpoints"] / max(result["operations"], 1), default=None)
    return {
        "table": table, "documents": len(results), "operations": operations, "endpoints": endpoints,
        "endpoints per operation": round(endpoints / max(operations, 1), 2),
        "worst document": worst and {"name": worst["document"], "endpoints per operation": round(worst["endpoints"] / max(worst["operations"], 1), 2)},
        "names": sum(result["names"] for result in results), "names leaked": sum(len(result["leaked"]) for result in results),
        "user names leaked": sum(len(result["people"]) for result in results),
    }
