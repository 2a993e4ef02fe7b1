"""E-mail addresses (obfuscated too), lines and devices, wallets, keys and tokens, links that name or admit a person."""

import re
from ipaddress import ip_address, ip_network

from stages.common.pii.rules import Rule, compiled

LOCAL = [ip_network(net) for net in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                                     "192.168.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/127", "fc00::/7", "fe80::/10", "ff00::/8")]  # fmt: skip
RESOLVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"})  # of everybody
ATOM = r"[^\W_][\w.!#$%&'*+/=?^`{|}~-]*"
LABEL = r"[^\W_](?:[\w-]{0,62})"
EMAIL = rf"(?:{ATOM}|(?<!\w)\"[^\"\n]{{1,64}}\")@(?:{LABEL}(?:\.{LABEL})+|\[[\w:.]+\])"
AT = r"(?:\s*[\[({<]\s*(?:at|a|et|@)\s*[\])}>]\s*|\s+(?:at|AT)\s+|\s+@\s+|\s*@\s+|\s+@\s*)"
SPELT_DOT = r"(?:\s*[\[({<]\s*(?:dot|d|titik|\.)\s*[\])}>]\s*|\s+(?:dot|DOT|titik)\s+)"
MAIL_END = r"(?:com|net|org|info|biz|edu|gov|io|co|id|uk|us|au|my|sg|de|fr|app|dev|me|xyz|test|example)"
SPELT = rf"(?<![\w+.-])[\w+-]{{1,40}}(?:(?:\.|{SPELT_DOT})[\w+-]{{1,40}}){{0,3}}{AT}[\w-]{{1,60}}(?:{SPELT_DOT}[\w-]{{1,60}}){{0,3}}{SPELT_DOT}{MAIL_END}(?:{SPELT_DOT}{MAIL_END})?\b"
BRACKETED = r"\b(?<!\w[.+-])[\w.+-]+\s*[\[({{<]\s*(?:{})\s*[\])}}>]\s*[\w-]+(?:\.[\w-]+)+\b"
SPACED = rf"(?<![\w.+-])[\w.+-]{{1,64}}(?:\s@\s?|@\s)[\w-]+\s?\.\s?{MAIL_END}(?:\s?\.\s?{MAIL_END})?\b"
VERSION = r"(?<!version )(?<!version `)(?<!versi )(?<!firmware )(?<!build )(?<!release )(?<!rilis )(?<!ver )(?<!v)"
IPV4 = rf"(?<![\w.]){VERSION}(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![\w]|\.\d)"
IPV6 = r"(?<![\w:.])(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f:]{3,39}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])"
MAC = r"(?<![\w:-])(?:[0-9a-f]{2}(?P<sep>[:-]))(?:[0-9a-f]{2}(?P=sep)){4}(?:[0-9a-f]{2}(?P=sep)[0-9a-f]{2}(?P=sep))?[0-9a-f]{2}(?![\w:-])"
HEX = "[0-9A-Fa-f]"
MAC_SPACED = rf"{HEX}(?<!\w.){HEX} (?:{HEX}{{2}} ){{4}}(?:{HEX}{{2}} {HEX}{{2}} )?{HEX}{{2}}(?!\w)"  # a letter first: `re` looks for it fast
WALLET = r"(?<!\w)(?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)[123mn][1-9A-HJ-NP-Za-km-z]{25,35}(?!\w)"
MAC_DOTTED = r"(?<![\w.])(?:[0-9a-f]{4}\.){2,3}[0-9a-f]{4}(?![\w.])"
CREDENTIAL = (
    r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[\w-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bxox[abeoprs]-[\w-]{10,}|\bhf_\w{20,}|\bnpm_\w{30,}|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bya29\.[\w-]{20,}|\bdop_v1_\w{20,}|\bshpat_\w{20,}"
)
PRIVATE_KEY = r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----)?"
KEY_CUE = (r"api[ _-]?keys?|access[ _-]?keys?|secret(?:[ _-]?keys?)?|auth[ _-]?tokens?|access[ _-]?tokens?|bearer|tokens?"
           r"|kunci api|client[ _-]?secret|private[ _-]?key|kunci akses")  # fmt: skip
SANDI_CUE = r"password|passwd|pwd|passphrase|kata sandi|sandi|passwordnya|pass"
BETWEEN = r"(?:\s*(?:is|was|adalah|saya|ku|nya|my|[:=\"'`])\s*){1,4}"
QUERY = r"(?:token|access_token|auth|apikey|api_key|key|sig|signature|session|sid|secret|password|pwd|email|phone|user|username|uid|code)="
PERSONAL = r"(?:u|user|users|profile|profil|profiles|people|person|member|members|in|author|~)"
NOT_PERSON = r"(?:me|admin|root|user|ubuntu|runner|settings?|log-?in|sign-?in|sign-?up|register|new|edit|profile|account|help|faq|list|search|home|all|manage|manual|guide|id|name|username|nama|reset|public|shared|default|repo|example|your_?name|john_?doe|jane_?doe)"


def public(text: str) -> bool:
    """Addresses that can point to a person's line. `192.168.1.1` in a router's manual points to nobody."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return text not in RESOLVERS and not any(address in network for network in LOCAL)


def mixed(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


TWO = ("00", "0a", "0A", "a0", "A0")  # a digit beside a digit or letter


def words(*found: str) -> frozenset[str]:
    return frozenset(found)


RULES = (
    Rule("EMAIL_ADDRESS", 0.95, compiled(EMAIL), lambda text: ".." not in text.rsplit("@", maxsplit=1)[-1], shapes=("@",)),
    Rule("EMAIL_ADDRESS", 0.9, compiled(SPELT), words=words("dot", "d", "titik")),
    Rule("EMAIL_ADDRESS", 0.9, compiled(BRACKETED.format("at|et")), words=words("at", "et"), shapes=("(", "[", "{", "<")),
    Rule("EMAIL_ADDRESS", 0.85, compiled(BRACKETED.format("@")), shapes=("@",)),
    Rule("EMAIL_ADDRESS", 0.85, compiled(SPACED), shapes=("@",)),
    Rule("IP_ADDRESS", 0.9, compiled(IPV4), public, digits=4, shapes=("0.0",)),
    Rule("IP_ADDRESS", 0.9, compiled(IPV6), lambda text: public(text) and mixed(text + "a"), digits=1, shapes=(":",)),
    Rule("MAC_ADDRESS", 0.9, compiled(MAC), run=17, shapes=(":", "-")),
    Rule("MAC_ADDRESS", 0.8, compiled(MAC_DOTTED), run=14, shapes=(".",)),
    Rule("MAC_ADDRESS", 0.6, re.compile(MAC_SPACED), mixed, digits=1, shapes=TWO),
    Rule(
        "MAC_ADDRESS", 0.8, compiled(r"\bmac\b(?: address)?[\s:=]*(?:is |adalah )?(?P<value>[0-9a-f]{2}(?:[ ]?[0-9a-f]{2}){5,7})(?!\w)"),
        words=words("mac"),
    ),
    Rule("CRYPTO", 0.9, compiled(r"(?<!\w)0x[0-9a-f]{40}(?!\w)"), run=42, shapes=("0a", "0A")),
    Rule("CRYPTO", 0.8, compiled(r"(?<!\w)(?:bc|tb)1[ac-hj-np-z02-9]{25,87}(?!\w)"), digits=1, run=28, shapes=("a0", "A0")),
    Rule("CRYPTO", 0.7, re.compile(WALLET), digits=1, run=26),
    Rule("SECRET", 0.95, compiled(CREDENTIAL), run=15),
    Rule("SECRET", 0.95, compiled(PRIVATE_KEY), words=words("begin"), shapes=("-----",)),
    Rule(
        "SECRET", 0.85, compiled(rf"\b(?:{KEY_CUE})\b{BETWEEN}(?P<value>[\w./+=~-]{{12,}})"), mixed,
        words=words("api", "apikey", "key", "keys", "access", "secret", "auth", "bearer", "token", "tokens", "kunci", "client", "private",
                    "apikeys", "accesskey", "accesskeys", "secretkey", "secretkeys", "authtoken", "authtokens", "accesstoken", "accesstokens",
                    "clientsecret", "privatekey"),
        reach=0,
    ),
    Rule("SECRET", 0.85, compiled(r"\bbearer (?P<value>[\w./+=~-]{16,})"), mixed, words=words("bearer")),
    Rule(
        "SECRET", 0.7, compiled(rf"\b(?:{SANDI_CUE})\b{BETWEEN}(?P<value>[^\s,;\"'`]{{6,}}(?<![.?!]))"), mixed,
        words=words("password", "passwd", "pwd", "passphrase", "sandi", "passwordnya", "pass"), reach=len("kata "),
    ),
    Rule("URL_PERSONAL", 0.95, compiled(r"\b[a-z][a-z0-9+.-]{1,12}://[^\s/:@]*:[^\s/@]+@\S+"), shapes=("://",)),
    Rule("URL_PERSONAL", 0.96, compiled(rf"\bhttps?://[^\s?]+\?(?:[^\s]*&)?{QUERY}[^\s&{{<]{{3,}}\S*(?<![.,)])"), shapes=("://",)),
    Rule("URL_PERSONAL", 0.96, compiled(rf"\bhttps?://[^\s/]+/(?:\S*/)?(?:{PERSONAL}/|~|@)(?!{NOT_PERSON}\b)[\w.-]{{3,}}(?:/[^\s.,)]*)*(?<![.,)])"), shapes=("://",)),
    Rule("URL_PERSONAL", 0.5, compiled(r"\b(?:https?://)?(?:www\.)?(?:facebook|instagram|linkedin|twitter|tiktok|t)\.(?:com|me)/(?!help|settings|login|about)(?:in/|@)?[\w.-]{4,}(?<![.,)])"),
         words=words("facebook", "instagram", "linkedin", "twitter", "tiktok", "t"), shapes=("a/", "A/")),
    Rule("URL_PERSONAL", 0.96, compiled(rf"(?<![\w/])/(?:home|Users)/(?!{NOT_PERSON}\b)[a-z][\w.-]{{2,}}(?:/[^\s,;\"']*)?(?<![.,)])"), words=words("home", "users"), shapes=("/a", "/A")),
    Rule("URL_PERSONAL", 0.96, compiled(rf"\b[A-Z]:\\(?:Users|Documents and Settings)\\(?!Public\b|{NOT_PERSON}\b)[^\\\n\"']{{2,30}}(?:\\[^\s,;\"']*)?"), shapes=(":\\",)),
)  # fmt: skip
