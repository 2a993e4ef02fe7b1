"""Postal addresses, Indonesian and English: a street with its number, and what belongs to it up to the postcode."""

import re
from typing import Any

from stages.common.pii.manner import Manner, certain, tempered, unworldly
from stages.common.pii.rules import Rule

CAP = r"(?:[A-Z][\w'’.-]*|[IVX]+|\d{1,2}(?:st|nd|rd|th))"
NAMED = rf"{CAP}(?: (?:{CAP}|dan|of|the|de|di|\d{{1,2}}(?=[ ,]))){{0,4}}"
PART = (
    r"(?:[Nn][Oo]\.?|[Nn]omor|[Bb]lok|[Rr][Tt]\.?|[Rr][Ww]\.?|[Rr][Tt]/[Rr][Ww]|[Kk]el(?:urahan)?\.?|[Kk]ec(?:amatan)?\.?|[Kk]ota|[Kk]ab(?:upaten)?\.?"
    r"|[Dd]esa|[Ll]antai|[Ll]t\.?|[Uu]nit|[Kk]av(?:ling|eling)?\.?|[Dd]usun|[Aa]pt\.?|[Aa]partment|[Ss]uite|[Ff]lat|[Ff]loor|[Gg]ang|[Gg]g\.?)"
)
TOWN = (
    r"(?!(?:Please|The|And|But|Tolong|Mohon|Saya|I|My|How|Can|Bagaimana|Kenapa|We|It|Phone|Tel|Telp|Hp|HP|WA|PIN|OTP|NIK|Email|Is|In|At)\b)"
    r"[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)?"
)
BRITISH = r"[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}"
MORE = (
    rf"(?:,?(?: ?|\s*\n\s*){PART} ?[\w./-]*\d[\w./-]*(?: ?/ ?\d+)?|,? {PART} {NAMED}|, {TOWN}|,? \d{{5}}(?:-\d{{4}})?\b"
    rf"|,? [A-Z]{{2}} \d{{5}}(?:-\d{{4}})?\b|,? {BRITISH}\b)"
)
# The lines of a block up to the one with the postcode.
OTHER = (
    r"(?!(?i:phone|tel|telp|telepon|fax|mobile|hp|wa|e-?mail|thank|thanks|regards|please|tolong|mohon|sub-?total|total|code|kode|pin|otp|rp|price"
    r"|harga|jumlah|no|nomor|error|order|page|ticket|invoice|step|langkah)\b)"
)
LINE = rf"\s*\n[ ,]*{OTHER}[^\W\d_][^\n:;!?@]{{0,40}}"
LAST = rf"\s*\n[ ,]*{OTHER}(?:[^\W\d_][^\W\d_ .,'’-]*(?:[ .'’-]+[^\W\d_]+){{0,3}},? )?(?:[A-Za-z]{{2,3}} )?(?:\d{{5}}(?:-\d{{4}})?|{BRITISH})(?=\s|[.,]|$)"
BLOCK = rf"(?:(?:{LINE}){{0,3}}?{LAST})"
STREET = r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Dr|Boulevard|Blvd|Ct|Terrace|Crescent|Highway|Hwy|Parkway|Pkwy|Mews|Drive|Court|Place|Pl|Gardens|Grove|Quay)"
COMMON = r"(?:Way|Close|Square|Sq|Row|Walk|Hill|Circle|Trail)"  # words of other things too
HOUSE = r"(?:\d{1,4} )?(?:(?:[Ff]lat|[Uu]nit|[Aa]pt\.?|[Ss]uite|No\.?) ?\w{1,5},? )?\d{1,5}[A-Za-z]?(?:[-/]\d{1,4})?,?"
LIVES = (
    r"(?:[Ll]ives? (?:at|on|in)|[Ll]iving at|[Mm]oved? to|[Aa]ddress(?: is| to|:| with)|[Aa]lamat(?: saya| rumah| lengkap| baru| kirim| pengiriman| kami)*"
    r"(?::| adalah| di| ke|,)?|[Tt]inggal di|[Dd]eliver(?:ed)? to|[Ss]end (?:it |them )?to|[Rr]eturn to|[Ll]ocated at|[Dd]ikirim ke|[Kk]irim ke|[Pp]indah ke)"
)


SIDE = r"(?:[NSEW]\.? |North |South |East |West )?"
NAMES = rf"(?:{CAP} ){{1,4}}"
HOUSED = ("0 ", "0,", "0a", "0A")  # the end of a number at the front
BUT = r"(?:and|or|of|for|to|dan|atau|get|the|a|days?|times?)"
NUMBERED = rf"\d{{1,4}}[A-Za-z]? (?:\d{{1,4}} )?(?:(?!{BUT} )[^\W\d_][\w'’.-]* ){{1,4}}\d{{1,4}}[a-z]?"
STAYS = (
    r"(?:[Ll]ives? (?:at|on|in)|[Ll]iving at|[Aa]ddress(?: is| to|:| with)?|[Ll]ocated at|[Aa]lamat(?: saya| rumah)?(?::| di)?)"
)


def rule(
    score: float,
    pattern: str,
    words: str,
    digits: int = 0,
    shapes: tuple[str, ...] = (),
    reach: int | None = None,
    manner: Manner = certain,
) -> Rule:
    needs: dict[str, Any] = {"words": frozenset(words.split()), "digits": digits, "shapes": shapes, "reach": reach}
    return Rule("ADDRESS", score, re.compile(pattern, re.MULTILINE), numbered, manner=manner, **needs)


def numbered(text: str) -> bool:
    return any(map(str.isdigit, text)) or text[:2].lower() == "jl"


RULES = (
    rule(0.85, rf"\b(?:J[Ll]n?\.|J[Ll]n?|JL\.?) ?{NAMED}(?: ?(?:\d+[A-Za-z]?(?:[/-]\d+)?))?{MORE}{{0,8}}{BLOCK}?", "jl jln"),
    rule(0.85, rf"\b[Jj]l[n]?\.? (?:[a-z]+ ){{1,3}}[Nn]o(?:mor)?\.? ?\d+\w?{MORE}{{0,8}}", "jl jln"),
    rule(0.8, rf"\b(?:Jalan|Gang|Gg\.?|Komplek|Kompleks|Perum(?:ahan)?|Kampung|Kp\.?|Dusun|Dsn\.?|Desa|Ruko|Apartemen|Taman|Griya) {NAMED},? "
         rf"(?:{PART} ?[\w./-]*\d[\w./-]*|\d{{1,4}}[A-Za-z]?(?=[\s,.]|$)){MORE}{{0,8}}{BLOCK}?",
         "jalan gang gg komplek kompleks perum perumahan kampung kp dusun dsn desa ruko apartemen taman griya"),
    rule(0.8, rf"\bRT\.? ?\d{{1,3}} ?[/,]? ?RW\.? ?\d{{1,3}}{MORE}{{0,6}}|\bR[Tt]/R[Ww]:? ?\d{{1,3}} ?/ ?\d{{1,3}}{MORE}{{0,6}}", "rt rw"),
    rule(0.85, rf"\b{HOUSE} {SIDE}(?!The |A |An |\w+[es]s? (?:Walk|Way)){NAMES}{STREET}\b\.?{MORE}{{0,6}}{BLOCK}?",
         "street st road rd avenue ave lane ln dr boulevard blvd ct terrace crescent highway hwy parkway pkwy mews drive court place pl gardens grove quay", shapes=HOUSED, manner=unworldly),
    rule(0.85, rf"\b{HOUSE} {SIDE}{NAMES}{COMMON}\b\.?(?:{MORE}{{1,6}}{BLOCK}?|{BLOCK})", "way close square sq row walk hill circle trail", shapes=HOUSED),
    rule(0.85, rf"\b{HOUSE} {SIDE}{NAMES}{COMMON}\b", "way close square sq row walk hill circle trail", shapes=HOUSED, manner=tempered),
    rule(0.7, rf"(?:^|(?<=[:,] )|(?<= to )|(?<= at ))[ ]*(?P<value>\d{{1,4}}[A-Za-z]? {OTHER}[\w][^\n:;!?@]{{3,40}}{BLOCK})", "", 1, ("00000", "0AA")),
    rule(0.75, rf"\b{NUMBERED}\.?,?\s+(?:[Aa]pt|[Ss]uite|[Uu]nit|[Ff]lat)\.? \d+(?:,? {TOWN}){{0,3}}{BLOCK}?", "apt suite unit flat", shapes=HOUSED),
    rule(0.75, rf"\b{STAYS}[\s:]+(?P<value>{NUMBERED}(?!\w){MORE}{{0,4}}{BLOCK}?|(?:\d{{1,5}} ){{1,2}}(?:[^\W\d_]+ ){{1,3}}(?i:{STREET})\b{MORE}{{0,4}}{BLOCK}?)",
         "live lives living address located alamat", shapes=HOUSED, reach=0),
    rule(0.8, r"\bP\.?O\.? ?[Bb]ox \d{1,6}(?:,? [A-Z][\w]+)?(?:,? [A-Z]{2} \d{5})?", "box"),
    rule(0.7, r"\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)?, [A-Z]{2} \d{5}(?:-\d{4})?\b", "", 5, ("AA 00000",)),
    rule(0.6, r"(?<![\w-])[A-Z]{1,2}\d{1,2}[A-Z]? (?!\d[GT]B)\d[ABD-HJLNP-UW-Z]{2}(?![\w-])", "", 1, (" 0AA",)),
    rule(0.65, r"\b(?:ZIP|[Zz]ip(?: ?code)?|[Pp]ostcode|[Pp]ostal code|[Kk]ode ?pos(?: saya)?)(?::| is| adalah| saya)? (?P<value>\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b",
         "zip zipcode postcode postal kode kodepos", shapes=("00000", "A0")),
    rule(0.65, r"\b(?:[Aa]pt|[Ss]uite|[Uu]nit|[Ff]lat)\.? \d{1,4}[A-Z]?\b(?=\s*(?:\n|,|$))", "apt suite unit flat", shapes=("aa 0", "aa. 0")),
    rule(0.8, r"\b(?:[Rr]ue|Via|Calle|Rua|Avenida|Plaza|Piazza|Ulica|ul\.)(?: (?:de|del|di|da|la|des|du))*(?: [A-Z][\w'’-]+){1,3},? \d{1,4}\b|\b(?:\d{1,4} )?\d{1,4},? (?:[Rr]ue|Via|Calle|Avenida)(?: (?:de|la|du|des))*(?: [A-Z][\w'’-]+){1,3}(?:,? \d{5})?(?:,? [A-Z][\w'’-]+){0,2}",
         "rue via calle rua avenida plaza piazza ulica ul"),
    rule(0.7, rf"\b(?:\d{{1,4}} (?:[^\W\d_a-z][\w-]+ )?)?[^\W\d_a-z](?=[\w-]+\.? \d)[\w-]{{2,}}(?:stra(?:ß|ss)e|str\.|straat|gasse|weg|gata|vägen|laan|allee|plein) \d{{1,4}}[a-z]?\b(?:,? \d{{4,5}} {TOWN})?{MORE}{{0,4}}{BLOCK}?", "", 1, ("aaa 0", "aaa. 0")),
    rule(0.75, rf"\b{LIVES}[\s:]+(?P<value>(?!(?:Step|Langkah|Page|Halaman|Menu|Tab|Settings|Pengaturan)\b)(?=[^?!;]{{0,60}}\d)(?:\d{{1,5}}[A-Za-z]?,? )?(?:\d{{1,4}} )?[^\W\d_a-z][\w'’.-]+(?:,? [^\W\d_a-z][\w'’.-]*| \d{{1,5}}[A-Za-z]?\b|,? {PART} ?[\w./]+){{0,8}}(?:[\s,]+[^\W\d_a-z][\w'’.-]+){{0,4}}(?:[\s,]+(?:[A-Z]{{2,3}} )?\d{{4,6}}\b)?)",
         "lives live living moved move address alamat tinggal deliver delivered send return located dikirim kirim pindah", reach=0),
)  # fmt: skip
