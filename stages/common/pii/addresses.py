"""Postal addresses, Indonesian and English: a street with its number, and what belongs to it up to the postcode."""

import re

from stages.common.pii.rules import Rule

CAP = r"(?:[A-Z][\w'’.-]*|[IVX]+|\d{1,2}(?:st|nd|rd|th))"
NAMED = rf"{CAP}(?: (?:{CAP}|dan|of|the|de|di|\d{{1,2}}(?=[ ,]))){{0,4}}"
PART = (
    r"(?:[Nn][Oo]\.?|[Nn]omor|[Bb]lok|RT\.?|RW\.?|R[Tt]/R[Ww]|[Kk]el(?:urahan)?\.?|[Kk]ec(?:amatan)?\.?|[Kk]ota|[Kk]ab(?:upaten)?\.?"
    r"|[Dd]esa|[Ll]antai|[Ll]t\.?|[Uu]nit|[Kk]av(?:ling|eling)?\.?|[Dd]usun|[Aa]pt\.?|[Ss]uite|[Ff]lat|[Ff]loor|[Gg]ang|[Gg]g\.?)"
)
TOWN = (
    r"(?!(?:Please|The|And|But|Tolong|Mohon|Saya|I|My|How|Can|Bagaimana|Kenapa|We|It|Phone|Tel|Telp|Hp)\b)"
    r"[A-Z][\w'’-]*[a-z](?: [A-Z][\w'’-]*[a-z])?"
)
MORE = (
    rf"(?:,? ?{PART} ?[\w./-]*\d[\w./-]*(?: ?/ ?\d+)?|,? {PART} {NAMED}|, {TOWN}|,? \d{{5}}(?:-\d{{4}})?\b"
    r"|,? [A-Z]{2} \d{5}(?:-\d{4})?\b|,? [A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}\b)"
)
STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Way|Terrace|Close|Crescent|Square|Sq"
    r"|Highway|Hwy|Parkway|Pkwy|Gardens|Grove|Mews|Row|Walk|Hill|Quay|Circle|Trail)"
)
HOUSE = r"(?:(?:[Ff]lat|[Uu]nit|[Aa]pt\.?|[Ss]uite|No\.?) ?\w{1,5},? )?\d{1,5}[A-Za-z]?(?:[-/]\d{1,4})?,?"
LIVES = (
    r"(?:[Ll]ives? (?:at|on|in)|[Ll]iving at|[Mm]oved? to|[Aa]ddress(?: is| to|:| with)|[Aa]lamat(?: saya| rumah| lengkap| baru| kirim| pengiriman| kami)*"
    r"(?::| adalah| di| ke|,)?|[Tt]inggal di|[Dd]eliver(?:ed)? to|[Ss]end (?:it |them )?to|[Rr]eturn to|[Ll]ocated at|[Dd]ikirim ke|[Kk]irim ke|[Pp]indah ke)"
)


def rule(score: float, pattern: str, words: str, digits: int = 0) -> Rule:
    return Rule("ADDRESS", score, re.compile(pattern), numbered, frozenset(words.split()), digits)


def numbered(text: str) -> bool:
    return any(map(str.isdigit, text)) or text[:2].lower() == "jl"


RULES = (
    rule(0.85, rf"\b(?:J[Ll]n?\.|J[Ll]n?|JL\.?) ?{NAMED}(?: ?(?:\d+[A-Za-z]?(?:/\d+)?))?{MORE}{{0,8}}", "jl jln"),
    rule(0.85, rf"\b[Jj]l[n]?\.? (?:[a-z]+ ){{1,3}}[Nn]o(?:mor)?\.? ?\d+\w?{MORE}{{0,8}}", "jl jln"),
    rule(0.8, rf"\b(?:Jalan|Gang|Gg\.?|Komplek|Kompleks|Perum(?:ahan)?|Kampung|Kp\.?|Dusun|Dsn\.?|Desa|Ruko|Apartemen|Taman|Griya) {NAMED},? "
         rf"(?:{PART} ?[\w./-]*\d[\w./-]*|\d{{1,4}}[A-Za-z]?(?=[\s,.]|$)){MORE}{{0,8}}",
         "jalan gang gg komplek kompleks perum perumahan kampung kp dusun dsn desa ruko apartemen taman griya"),
    rule(0.8, rf"\bRT\.? ?\d{{1,3}} ?[/,]? ?RW\.? ?\d{{1,3}}{MORE}{{0,6}}|\bR[Tt]/R[Ww]:? ?\d{{1,3}} ?/ ?\d{{1,3}}{MORE}{{0,6}}", "rt rw"),
    rule(0.85, rf"\b{HOUSE} (?:[NSEW]\.? |North |South |East |West )?(?:{CAP} ){{1,4}}{STREET}\b\.?{MORE}{{0,6}}",
         "street st road rd avenue ave lane ln drive dr boulevard blvd court ct place pl way terrace close crescent square sq highway hwy "
         "parkway pkwy gardens grove mews row walk hill quay circle trail"),
    rule(0.8, r"\bP\.?O\.? ?[Bb]ox \d{1,6}(?:,? [A-Z][\w]+)?(?:,? [A-Z]{2} \d{5})?", "box"),
    rule(0.7, r"\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)?, [A-Z]{2} \d{5}(?:-\d{4})?\b", "", 5),
    rule(0.6, r"(?<![\w-])[A-Z]{1,2}\d{1,2}[A-Z]? \d[ABD-HJLNP-UW-Z]{2}(?![\w-])", "", 1),
    rule(0.65, r"\b(?:ZIP|[Zz]ip(?: ?code)?|[Pp]ostcode|[Pp]ostal code|[Kk]ode ?pos(?: saya)?)(?::| is| adalah| saya)? (?P<value>\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b",
         "zip zipcode postcode postal kode kodepos"),
    rule(0.65, r"\b(?:[Aa]pt|[Ss]uite|[Uu]nit|[Ff]lat)\.? \d{1,4}[A-Z]?\b(?=\s*(?:\n|,|$))", "apt suite unit flat"),
    rule(0.7, r"\b(?:[Rr]ue|Via|Calle|Rua|Avenida|Plaza|Piazza|Ulica|ul\.)(?: (?:de|del|di|da|la|des|du))*(?: [A-Z][\w'’-]+){1,3},? \d{1,4}\b|\b\d{1,4},? (?:[Rr]ue|Via|Calle|Avenida)(?: (?:de|la|du|des))*(?: [A-Z][\w'’-]+){1,3}",
         "rue via calle rua avenida plaza piazza ulica ul"),
    rule(0.7, r"\b[A-Z][\w-]{2,}(?:stra(?:ß|ss)e|straat|gasse|weg|gata|vägen|laan|allee|plein) \d{1,4}\b", "", 1),
    rule(0.75, rf"\b{LIVES}[\s:]+(?P<value>(?=[^?!;]{{0,60}}\d)(?:\d{{1,5}}[A-Za-z]?,? )?(?:\d{{1,4}} )?[^\W\d_a-z][\w'’.-]+(?:,? [^\W\d_a-z][\w'’.-]*| \d{{1,5}}[A-Za-z]?\b|,? {PART} ?[\w./]+){{0,8}}(?:[\s,]+[^\W\d_a-z][\w'’.-]+){{0,4}}(?:[\s,]+(?:[A-Z]{{2,3}} )?\d{{4,6}}\b)?)",
         "lives live living moved move address alamat tinggal deliver delivered send return located dikirim kirim pindah"),
)  # fmt: skip
