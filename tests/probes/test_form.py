"""Forms as browsers send them."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl

import pytest
from lxml import html
from yarl import URL

from prober.probes.form import FilledForm, fill_in, form_with

PAGE = URL("https://a.example/x/login?next=1")


def sent(page: str, fields: dict[str, str], *, css: str | None = None) -> FilledForm:
    """The form of the page that holds the fields, or that the selector finds, filled in."""
    root = html.document_fromstring(page)
    form = form_with(root, fields) if css is None else root.cssselect(css)[0]
    assert form is not None
    return fill_in(form, fields, page_url=PAGE)


def pairs(form: FilledForm) -> list[tuple[str, str]]:
    """The pairs of an URL-encoded body."""
    return parse_qsl(form.body.decode(), keep_blank_values=True)


CONTROLS = {
    "hidden and empty texts go along": (
        '<input type=hidden name=csrf value=t><input name=user><input name=nick><input name=n value="a b">',
        [("csrf", "t"), ("user", "me"), ("nick", ""), ("n", "a b")],
    ),
    "checked boxes only": (
        (
            "<input name=user><input type=checkbox name=a checked><input type=checkbox name=b>"
            "<input type=radio name=c value=1 checked>"
        ),
        [("user", "me"), ("a", "on"), ("c", "1")],
    ),
    "select: the chosen, else the first": (
        (
            "<input name=user><select name=a><option>x<option selected value=2>y</select>"
            "<select name=b><option>z z</select><select name=c multiple><option>p</select>"
            "<select name=d><option disabled>q<option>r</select>"
        ),
        [("user", "me"), ("a", "2"), ("b", "z z"), ("d", "r")],
    ),
    "textarea": ("<input name=user><textarea name=t>\na\nb</textarea>", [("user", "me"), ("t", "a\r\nb")]),
    "disabled ones stay": (
        (
            "<input name=user><input name=a disabled value=1>"
            "<fieldset disabled><legend><input name=l value=1></legend><input name=b value=1></fieldset>"
        ),
        [("user", "me"), ("l", "1")],
    ),
    "the first button goes along": (
        "<input name=user><button name=go value=1>ok</button><button name=cancel value=1>no</button>",
        [("user", "me"), ("go", "1")],
    ),
    "an image and a reset are not sent": (
        "<input name=user><input type=reset name=r value=1><input type=submit value=Go><input type=image name=i>",
        [("user", "me")],
    ),
    "an image says where it was hit": (
        "<input name=user><input type=image name=go><input type=submit name=other value=1>",
        [("user", "me"), ("go.x", "0"), ("go.y", "0")],
    ),
    "a list with several lines has nothing chosen": (
        "<input name=user><select name=a size=3><option>x<option>y</select>",
        [("user", "me")],
    ),
    "a group of options that is off": (
        (
            "<input name=user><select name=a><optgroup disabled><option>x</optgroup><option>y</select>"
            "<select name=b multiple><optgroup disabled><option selected>p</optgroup></select>"
        ),
        [("user", "me"), ("a", "y")],
    ),
    "an empty value of a box": (
        '<input name=user><input type=checkbox name=a value="" checked>',
        [("user", "me"), ("a", "")],
    ),
    "the charset that is asked for": (
        "<input name=user><input type=hidden name=_charset_>",
        [("user", "me"), ("_charset_", "utf-8")],
    ),
    "a button that is off is none": (
        "<input name=user><button name=a value=1 disabled></button><button name=b value=2></button>",
        [("user", "me"), ("b", "2")],
    ),
    "no name, no pair": ("<input name=user><input value=1>", [("user", "me")]),
    "a file that nobody chose is empty": ("<input name=user><input type=file name=f>", [("user", "me"), ("f", "")]),
}


@pytest.mark.parametrize(("controls", "expected"), CONTROLS.values(), ids=CONTROLS)
def test_successful_controls(controls: str, expected: list[tuple[str, str]]) -> None:
    """What is sent are the successful controls, in their order."""
    form = sent(f"<form method=post>{controls}</form>", {"user": "me"})
    assert pairs(form) == expected


def test_the_button_that_a_field_names() -> None:
    """Where there are several buttons, a field chooses one."""
    page = (
        "<form method=post><input name=user><button name=answer value=decline></button>"
        "<button name=answer value=accept></button></form>"
    )
    assert pairs(sent(page, {"user": "me", "answer": "accept"})) == [("user", "me"), ("answer", "accept")]


def test_a_form_inside_a_table() -> None:
    """Old pages put a form between the rows of a table; its controls belong to it all the same."""
    page = (
        "<table><form method=post><tr><td><input name=user></td></tr>"
        "<tr><td><input name=csrf value=t></td></tr></form></table>"
    )
    assert pairs(sent(page, {"user": "me"})) == [("user", "me"), ("csrf", "t")]


def test_controls_that_name_their_form() -> None:
    """`form=` attaches a control from elsewhere, and takes one away from the form around it."""
    page = (
        "<input name=out value=1 form=f><form id=f method=post><input name=user>"
        "<input name=other value=1 form=g></form><form id=g></form>"
    )
    assert pairs(sent(page, {"user": "me"})) == [("out", "1"), ("user", "me")]


def test_the_form_with_all_fields_is_taken() -> None:
    """Of several forms the first that holds all the named fields is filled in."""
    page = (
        "<form action=/search><input name=q></form><form method=post action=/in><input name=user><input name=pw></form>"
    )
    assert sent(page, {"user": "me", "pw": "x"}).url == URL("https://a.example/in")
    assert form_with(html.document_fromstring(page), ["user", "code"]) is None


def test_a_selected_form_gets_fields_it_lacks() -> None:
    """With a selector, fields that the form lacks are added."""
    assert pairs(sent("<form method=post><input name=a value=1></form>", {"b": "2"}, css="form")) == [
        ("a", "1"),
        ("b", "2"),
    ]


ACTIONS = {
    "none": ("<form method=post>", "https://a.example/x/login?next=1"),
    "relative": ("<form method=post action=in>", "https://a.example/x/in"),
    "absolute path": ("<form method=post action='/in?a=1#f'>", "https://a.example/in?a=1"),
    "base": ("<base href='https://b.example/y/'><form method=post action=in>", "https://b.example/y/in"),
}


@pytest.mark.parametrize(("form", "url"), ACTIONS.values(), ids=ACTIONS)
def test_where_it_is_sent(form: str, url: str) -> None:
    """The action is resolved against the page, or its base."""
    assert str(sent(f"{form}<input name=user></form>", {"user": "me"}).url) == url


def test_get_puts_the_fields_into_the_url() -> None:
    """A form without a method replaces the query."""
    form = sent("<form action='/s?old=1'><input name=user><input name=b value='x&y'></form>", {"user": "m e"})
    assert (form.method, str(form.url), form.body) == ("GET", "https://a.example/s?user=m+e&b=x%26y", b"")


def test_a_button_overrides_the_form() -> None:
    """The button's own action and method count."""
    page = "<form><input name=user><button formaction=/other formmethod=post>x</button></form>"
    assert (sent(page, {"user": "me"}).method, sent(page, {"user": "me"}).url.path) == ("POST", "/other")


ENCODINGS = {
    "the page's": ("<form method=post>", "cp1252", b"user=m%FCller%26%23128578%3B"),
    "the form's": ('<form method=post accept-charset="utf-8">', "cp1252", b"user=m%C3%BCller%F0%9F%99%82"),
    "the form's first that is known": (
        '<form method=post accept-charset="nonsense, latin-1">',
        "utf-8",
        b"user=m%FCller%26%23128578%3B",
    ),
    "never UTF-16": ("<form method=post>", "utf-16", b"user=m%C3%BCller%F0%9F%99%82"),
}


@pytest.mark.parametrize(("form", "charset", "body"), ENCODINGS.values(), ids=ENCODINGS)
def test_encodings(form: str, charset: str, body: bytes) -> None:
    """What an encoding lacks becomes a character reference, as browsers do it."""
    root = html.document_fromstring(f"{form}<input name=user></form>")
    found = form_with(root, ["user"])
    assert found is not None
    assert fill_in(found, {"user": "müller\U0001f642"}, page_url=PAGE, charset=charset).body == body


def test_escapes_of_an_action_stay() -> None:
    """A signed address would break if it were quoted anew; what must be escaped is."""
    form = sent("<form method=post action='/in?a=%2F+b c&amp;d=ü'><input name=user></form>", {"user": "me"})
    assert str(form.url) == "https://a.example/in?a=%2F+b%20c&d=%C3%BC"


def test_line_ends_are_those_of_the_network() -> None:
    """Texts of several lines are sent as browsers send them."""
    assert pairs(sent("<form method=post><textarea name=t></textarea></form>", {"t": "a\nb\r\nc"})) == [
        ("t", "a\r\nb\r\nc")
    ]


def test_a_file_in_parts() -> None:
    """One that nobody chose is a part without a name of a file."""
    form = sent(
        "<form method=post enctype='multipart/form-data'><input name=user><input type=file name=f></form>",
        {"user": "me"},
    )
    assert b'name="f"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n' in form.body


def test_a_page_of_nothing_but_forms_costs_little() -> None:
    """Work grows with the page, and not with forms times controls: a hostile page holds nobody else up."""
    root = html.document_fromstring("<form><input name=a></form>" * 20_000)
    began = time.process_time()
    assert form_with(root, ["a", "b"]) is None
    assert time.process_time() - began < 2


def test_multipart() -> None:
    """A form of that encoding is sent in parts."""
    form = sent('<form method=post enctype="multipart/form-data"><input name=user></form>', {"user": "mé"})
    assert form.content_type is not None
    boundary = form.content_type.partition("boundary=")[2]
    expected = f'--{boundary}\r\nContent-Disposition: form-data; name="user"\r\n\r\nmé\r\n--{boundary}--\r\n'
    assert form.body.decode() == expected
