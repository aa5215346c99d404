"""The names of the emulated agents.

Given names and family names of a culture go together. A name in another script has its Latin spelling after a colon,
for the user name. Every pair is used once before any is used again.
"""

import unicodedata
from typing import NamedTuple

_CULTURES = (
    (
        "Ann Grace Owen Ruth Isaac Nora Miles Tess Leo Ivy Hugh Maeve Joel Edith Frank Pearl",
        "Lee O'Brien Walsh Carter D'Arcy Hughes Okafor Kerr O'Neill Marsh Whitlock Bright",
    ),
    ("Lucía Mateo Inés Andrés Noemí Iván Sofía Raúl", "García Núñez Peña Ibáñez Castro Vidal Ortega Solís"),
    ("João Beatriz Tomás Luísa Rui Íris", "Conceição Araújo Magalhães Lobão Pires Simões"),
    ("Zoé Rémi Chloé Loïc Aurélie Benoît", "L'Hôte Lefèvre Besançon Dubois D'Aubigné Guérin"),
    ("Jürgen Anke Sören Märta Åsa Bjørn Liv Torsten", "Müller Groß Lindström Sørensen Weiß Håkansson Krüger Nyström"),
    ("Łukasz Zofia Jiří Božena Szymon Katarína", "Wiśniewski Dvořák Żak Kováč Šimek Łęcki"),
    ("Priya Arjun Meera Rohan Kavya Farid Layla Omar", "Iyer Nair Banerjee Mehta Haddad Al-Sayed Rahman Mansour"),
    ("Amara Kwame Zanele Thabo Ngozi Sefu", "N'Diaye Mensah Dlamini Adeyemi Okoro Banda"),
    ("陽子:yoko 健太:kenta 美咲:misaki 翔:sho", "田中:tanaka 佐藤:sato 鈴木:suzuki 渡辺:watanabe"),
    ("伟:wei 静:jing 磊:lei 小梅:xiaomei", "王:wang 李:li 张:zhang 欧阳:ouyang"),
    ("민준:minjun 서연:seoyeon 지호:jiho 하은:haeun", "김:kim 박:park 이:yi 최:choi"),
)
# Letters that no decomposition turns into a plain one.
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "'": "", "-": ""})


class Name(NamedTuple):
    """What one person is called; `login` is plain lower case ASCII, `first.last`."""

    first: str
    last: str
    login: str


def _spellings(words: str) -> list[tuple[str, str]]:
    return [
        (written, plain or _plain(written)) for written, _, plain in (word.partition(":") for word in words.split())
    ]


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.lower().translate(_LETTERS))
    return decomposed.encode("ascii", "ignore").decode()


NAMES: tuple[Name, ...] = tuple(
    Name(first, last, f"{plain_first}.{plain_last}")
    for given, family in _CULTURES
    for first, plain_first in _spellings(given)
    for last, plain_last in _spellings(family)
)
