"""Reads pages as a browser without JavaScript would: forms, links, attributes, visible text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    tag: str
    attributes: dict
    children: list = field(default_factory=list)
    parent: "Element | None" = None

    def __getitem__(self, name):
        return self.attributes.get(name)

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find_all(self, tag=None, **wanted):
        """Elements by tag and attributes; `data_error=True` means "has data-error", `id="x"` compares."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        for element in self.walk():
            if tag and element.tag != tag:
                continue
            if all(
                (name in element.attributes) if value is True else value in (element[name], *_classes(element, name))
                for name, value in wanted.items()
            ):
                yield element

    def find(self, tag=None, **wanted):
        return next(self.find_all(tag, **wanted), None)

    @property
    def text(self):
        parts = []
        for child in self.children:
            if not isinstance(child, Element):
                parts.append(child)
            elif child.tag not in ("script", "style", "template"):
                parts.append(child.text)
        return " ".join(" ".join(parts).split())


def _classes(element, name):
    return (element["class"] or "").split() if name == "class" else ()


class Form:
    """A form with the values that a browser would send if nothing were typed."""

    def __init__(self, element):
        self.action = element["action"] or ""
        self.method = (element["method"] or "get").lower()
        self.fields = []  # pairs: the same name may come several times
        self.names = set()
        self.buttons = []
        for item in element.walk():
            name, kind = item["name"], (item["type"] or "").lower()
            if item.tag == "button" and kind in ("button", "reset"):
                continue
            if item.tag == "button" or (item.tag == "input" and kind == "submit"):
                self.buttons.append((name, item["value"] or "", item.text))
            elif not name:
                continue
            else:
                self.names.add(name)
                if item.tag == "select":
                    options = list(item.find_all("option"))
                    chosen = [o for o in options if "selected" in o.attributes] or options[:1]
                    self.fields += [(name, o["value"] if o["value"] is not None else o.text) for o in chosen]
                elif item.tag == "textarea":
                    self.fields.append((name, item.text))
                elif kind in ("checkbox", "radio"):
                    if "checked" in item.attributes:
                        self.fields.append((name, item["value"] or "on"))
                else:
                    self.fields.append((name, item["value"] or ""))

    def filled(self, **values):
        """The pairs to send with some fields set; a list gives a field several values, None leaves it out."""
        unknown = set(values) - self.names - {name for name, _, _ in self.buttons}
        assert not unknown, f"no such field {unknown} in form {self.action}: {sorted(self.names)}"
        pairs = [(name, value) for name, value in self.fields if name not in values]
        for name, value in values.items():
            if value is None:
                continue
            pairs += [(name, v) for v in (value if isinstance(value, (list, tuple)) else [value])]
        return pairs


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.current = Element("#document", {})

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value if value is not None else "" for name, value in attributes}, [], self.current)
        self.current.children.append(element)
        if tag not in VOID:
            self.current = element

    def handle_startendtag(self, tag, attributes):
        self.current.children.append(Element(tag, dict(attributes), [], self.current))

    def handle_endtag(self, tag):
        at = self.current
        while at is not None and at.tag != tag:
            at = at.parent
        if at is not None and at.parent is not None:
            self.current = at.parent

    def handle_data(self, data):
        self.current.children.append(data)


class Page:
    """A parsed page and its forms."""

    def __init__(self, markup):
        builder = _Builder()
        builder.feed(markup)
        self.root = builder.root
        self.forms = [Form(element) for element in self.root.find_all("form")]

    def find(self, tag=None, **wanted):
        return self.root.find(tag, **wanted)

    def find_all(self, tag=None, **wanted):
        return list(self.root.find_all(tag, **wanted))

    @property
    def lang(self):
        return self.root.find("html")["lang"]

    @property
    def text(self):
        return self.root.find("body").text

    def form(self, action_part):
        """The one form whose action holds a text."""
        found = [form for form in self.forms if action_part in form.action]
        assert found, f"no form to …{action_part}… among {[form.action for form in self.forms]}: {self.text[:400]}"
        return found[0]

    @property
    def error(self):
        """The stable error code that the page carries, if it is an error page."""
        element = self.find(data_error=True)
        return element["data-error"] if element else None
