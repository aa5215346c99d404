"""What is taken as an instance, and what is refused."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.instance import Instance

HOST = "api-us-01.nice-incontact.com"


@pytest.mark.parametrize(
    "text",
    [
        HOST,
        f"https://{HOST}",
        f"HTTPS://{HOST.upper()}/",
        f"  {HOST}  ",
        f"\t{HOST}\r\n",
        f'"{HOST}"',
        f"' \"{HOST}\" '",
        f"{HOST}.",
        f"{HOST}:443",
        f"//{HOST}//",
        f"https:/{HOST}",
        f"https:{HOST}",
        f"https//{HOST}",
        f"https://https://{HOST}",
        f"http://https://{HOST}",
        f"https:// https://{HOST}",
        f"//https:///https:{HOST}",
        f"https:///{HOST}/api/v2/agents?page=1#top",
        f"https:\\\\{HOST}\\api",
        f"{HOST}/ oauth/{{token}}",
    ],
)
def test_what_people_paste_is_corrected(text: str) -> None:
    """Addresses as people paste them become host names.

    Schemes, slashes, paths, blanks, quotes, capitals and a trailing dot do not matter.
    """
    assert Instance.parse(text) == Instance("https", HOST)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("127.8.9.10", "http://127.8.9.10"),
        ("localhost", "http://localhost"),
        ("LOCALHOST:80/", "http://localhost"),
        ("::1", "http://[::1]"),
        ("[0:0::1]:8080", "http://[::1]:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://127.0.0.1:80", "https://127.0.0.1:80"),
        ("api.example.com:8443", "https://api.example.com:8443"),
        ("api.example.com:0080", "https://api.example.com:80"),
        ("api.example.com:1", "https://api.example.com:1"),
        ("api.example.com:65535", "https://api.example.com:65535"),
        (f"{'a.' * 126}b", f"https://{'a.' * 126}b"),
        ("2001:DB8::1", "https://[2001:db8::1]"),
        ("10.0.0.1", "https://10.0.0.1"),
        ("my_service", "https://my_service"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("BÜCHER.example", "https://xn--bcher-kva.example"),
    ],
)
def test_scheme_and_port(text: str, url: str) -> None:
    """Without a scheme it is https, and http for loopback. The scheme's default port is left out."""
    assert Instance.parse(text).url == url


def test_as_text_it_is_host_and_port() -> None:
    """As text an instance is host[:port], an IPv6 address in brackets."""
    assert str(Instance.parse("https://[::1]:8443")) == "[::1]:8443"
    assert str(Instance.parse(f"https://{HOST}/")) == HOST


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("localhost", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("https://localhost", True),
        ("128.0.0.1", False),
        ("::2", False),
        ("::ffff:127.0.0.1", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_which_hosts_are_this_machine(text: str, loopback: bool) -> None:
    """Only 127.0.0.0/8, ::1 and localhost itself are this machine."""
    assert Instance.parse(text).is_loopback is loopback


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names no host"),
        ("https://", "names no host"),
        ("///", "names no host"),
        (":8080", "names no host"),
        ("https", "names a scheme"),
        (" HTTP. ", "names a scheme"),
        ("http/api", "names a scheme"),
        ("...", "placeholder"),
        (".", "names no host"),
        ("?host=x", "names no host"),
        ("<your-instance>", "placeholder"),
        ("<your instance>", "placeholder"),
        ("YOUR_INSTANCE", "placeholder"),
        ("https://your-tenant.nice-incontact.com", "placeholder"),
        ("https://{CXONE_INSTANCE}", "placeholder"),
        ("https://CXONE_INSTANCE/api", "placeholder"),
        ("api-{area}.nice-incontact.com", "placeholder"),
        ("$CXONE_HOST", "placeholder"),
        ("api us.example.com", "blank inside"),
        ("api.exa\tmple.com", "U+0009"),
        ("api.example.com\x1b[2J", "U+001B"),
        ("api.example.com/\r\nX-Evil: 1", "U+000D"),
        ("api.exam\u200bple.com", "U+200B"),
        ("\u202eapi.example.com", "U+202E"),
        ("api.example.com:", "port"),
        ("api.example.com:0", "port"),
        ("api.example.com:65536", "port"),
        ("api.example.com:http", "port"),
        ("api.example.com:٨٠", "port"),
        ("[::1]:x", "port"),
        ("ftp://api.example.com", "scheme"),
        ("htps://api.example.com", "scheme"),
        (f"{'a.' * 126}bc", "longer"),
        ("[::1", "IPv6"),
        ("[::1]x", "IPv6"),
        ("a:b:c", "IPv6"),
        ("fe80::1%eth0", "zone"),
        ("-api.example.com", "host name"),
        ("api..example.com", "host name"),
        ("api=1.example.com", "host name"),
        ("a" * 64 + ".example.com", "host name"),
        ("a." * 127 + "com", "longer"),
        ("127.1", "IPv4"),
        ("2130706433", "IPv4"),
        ("0x7f.0.0.0x1", "IPv4"),
        ("0177.0.0.01", "IPv4"),
        ("1.2.3.256", "IPv4"),
        ("straße.example", "ASCII form"),
        ("ｅxample.com", "ASCII form"),
        ("example。com", "ASCII form"),
        ("a／b.example", "ASCII form"),
        ("ü" * 64 + ".example", "ASCII form"),
    ],
)
def test_the_unusable_is_refused_with_an_example(text: str, why: str) -> None:
    """An unusable host is refused with reason, source and a correct example."""
    with pytest.raises(SettingError) as caught:
        Instance.parse(text, named="CXONE_INSTANCE (environment)")
    assert why in str(caught.value)
    assert str(caught.value).startswith("CXONE_INSTANCE (environment) ")
    assert caught.value.example == f"CXONE_INSTANCE={HOST}"


@pytest.mark.parametrize("text", [f"http://{HOST}:8080/", "https://http://api.example.com", "http://10.0.0.1"])
def test_plain_http_is_for_loopback_only(text: str) -> None:
    """Plain http to another machine is refused, with an https line."""
    with pytest.raises(SettingError, match="secret would travel in clear") as caught:
        Instance.parse(text)
    assert caught.value.example.startswith("CXONE_INSTANCE=https://")
    assert Instance.parse(caught.value.example.partition("=")[2]).scheme == "https"


@pytest.mark.parametrize(
    "text",
    [
        "https://ann:hunter2@api.example.com",
        "ann:hunter2@api.example.com:8443/x",
        "https://ann:hun/ter2@api.example.com",
        "https://hunter2@",
        "ann:hunter2%40api.example.com",
        "http://ann:hunter2@127.0.0.1",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(text: str) -> None:
    """A URL with a user or password is refused without showing either."""
    with pytest.raises(SettingError, match="user or a password") as caught:
        Instance.parse(text)
    shown = str(caught.value) + caught.value.example
    assert "ter2" not in shown
    assert "ann" not in shown


HOSTISH = st.lists(
    st.sampled_from(["http", "https", ":", "/", "//", "\\", "[", "]", "::", "1", "127.0.0.1", "localhost", ".", "-"])
    | st.sampled_from(
        ["a", "Ü", "ß", "İ", "xn--", "x", "0x", "%", "@", " ", '"', "'", "\n", "8080", "?", "K", "\ud800"]
    )
).map("".join)


@hypothesis.settings(deadline=None)
@given(st.text(st.characters()) | HOSTISH)
@example("https://https")
@example("'\"'")
def test_any_text_is_an_instance_or_a_setting_error(text: str) -> None:
    """Any text is an instance or a SettingError. Parsing its URL again changes nothing, and it is ASCII."""
    try:
        instance = Instance.parse(text)
    except SettingError:
        return
    assert Instance.parse(instance.url) == instance
    assert instance.url.isascii()
    assert instance.url.isprintable()
    assert instance.scheme == "https" or instance.is_loopback


@hypothesis.settings(deadline=None)
@given(before=st.text(st.characters()) | HOSTISH, after=st.text(st.characters()) | HOSTISH)
def test_a_refused_instance_is_not_repeated(before: str, after: str) -> None:
    """A refusal repeats nothing of the text. Only a usable host is repeated, for plain http."""
    try:
        Instance.parse(f"{before}hunter2{after}")
    except SettingError as refused:
        words = str(refused) + refused.example
        assert "hunter2" not in words or "travel in clear" in words
