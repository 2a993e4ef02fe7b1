"""Words that announce a name, in both languages, each with the words that a text must hold for it."""

import re
from dataclasses import dataclass

from stages.common.pii.manner import Manner, certain, tempered, unworldly
from stages.common.pii.needs import Needs

REACH = len("their younger ")  # from the front of a cue to its word
AFTER = r"\s*[:=,]?[\s\"'“(]*"


@dataclass(frozen=True, slots=True, eq=False)
class Cue(Needs):
    """`sure`: the score of a known name after it; `unsure`: of one that no list knows; `known`, `unknown`: in which texts.

    A `strong` cue overrules labels.
    """

    pattern: re.Pattern[str]
    sure: float
    unsure: float
    known: Manner = unworldly
    unknown: Manner = tempered
    strong: bool = False


def strong(words: str, pattern: str, unknown: Manner = certain, shapes: tuple[str, ...] = (), reach: int | None = None) -> Cue:
    compiled = re.compile(rf"(?:{pattern}){AFTER}", re.IGNORECASE | re.MULTILINE)
    return Cue(compiled, 0.95, 0.7, certain, unknown, strong=True, words=frozenset(words.split()), shapes=shapes, reach=reach)


def titled(words: frozenset[str], pattern: str, sure: float, known: Manner = unworldly, flags: int = 0) -> Cue:
    return Cue(re.compile(pattern, flags), sure, 0.6, known, words=words, reach=0)


def related(whose: str, known: Manner = unworldly) -> Cue:
    return Cue(re.compile(rf"\b(?:{whose}) {RELATION}", re.IGNORECASE), 0.8, 0.6, known, words=KIN, reach=REACH)


NAMED = (
    r"\b(?:my|his|her|their|full|real|legal|maiden|last|first|middle|family|birth|customer|recipient|contact|holder|partner'?s|wife'?s|husband'?s|"
    r"son'?s|daughter'?s|mother'?s|father'?s|recipient'?s|sender'?s|tenant'?s|guest'?s|patient'?s|customer'?s|client'?s|cardholder'?s|passenger'?s|"
    r"employee'?s|child'?s|doctor'?s|owner'?s)[ -]name(?:'s| is| was)?|\bname's|\bunder the name(?: of)?|\bin the name of(?! (?:God|Science|Love|Law|Progress|Freedom|Justice)\b)"
)
BERNAMA = (
    r"\bnama(?: lengkap| asli| panggilan| belakang| depan| ibu kandung| penerima| pemilik| pengirim| nasabah| pelanggan| anak| suami| istri)?"
    r"(?: saya| aku| gue| gw| gua|ku|nya| dia| kami)(?: adalah| ialah| itu|:)?"
    r"|\bnama(?: lengkap| penerima| pemilik| pengirim| nasabah| pelanggan)?(?: adalah| ialah|:)"
    r"|\bnama (?:lengkap|penerima|pemilik|pengirim)(?= [A-Z])"
)
HEADED = (
    r"^(?:name|nama|from|dari|attn|cc|to|kepada|client|customer|pelanggan|penerima|recipient|patient|pasien|passenger|penumpang|guest|tamu)\s*:"
    r"|\b(?:cardholder|account holder|card holder|patient name|passenger|penerima|pemilik rekening|pengirim|sender|recipient)\s*:"
)
CLOSING = (
    r"\b(?:kind|best|warm|many)? ?regards[,.]?|\bsincerely,|\byours(?: truly| faithfully)?,|\bcheers,|\bsalam(?: hormat)?,|\bhormat (?:saya|kami),"
    r"|\bsigned[,:]|\bttd\.?,?|\bthank(?:s| you),\s*\n|\bterima ?kasih,\s*\n|\bmakasih,\s*\n"
)
CALLED = (
    r"\bregistered (?:to|in)|\bissued to|\bi am called|\b(?:people|everyone|friends|they) calls? me|\bcalls? me(?=,? [A-Z])|\bon behalf of|\batas nama"
    r"|\bpanggil (?:saya|aku|saja)|\bspeak(?:ing)? (?:to|with)(?= [A-Z])|\bperkenalkan,?(?: nama)?(?: saya)?|\bkenalin,?(?: gue| aku)?"
)
TITLE = (
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sdr|Sdri|Saudara|Saudari|Bapak|Ibu|Pak|Bu|Kak|Kakak|Mas|Mbak|Mba|Bang|Kang|Teh|Tante|Om|"
    r"Dear|Yth|Ustaz|Ustadz|Haji|Drs|Ir|Nurse|Suster|Dokter|dr|mr|mrs|ms|pak|bu|bapak|ibu|kak|mas|mbak)"
    r"(?:/(?:Ibu|Bapak|Mrs|Saudari))?\.? "
)
RANK = r"\b(?:Sir|Lady|Captain|Sergeant|Uncle|Aunt|Aunty|Auntie) "
RELATION = (
    r"(?:(?:late|dear|old|young|elder|eldest|older|younger|little|new) )?(?:wife|husband|partner|spouse|son|daughter|kid|child|"
    r"mother|mum|mom|father|dad|brother|sister|friend|boss|colleague|assistant|neighbou?r|cousin|nephew|niece|fianc[eé]e?|boyfriend|girlfriend|"
    r"roommate|flatmate|landlord|tenant|manager|doctor|teacher|uncle|aunt|grandma|grandmother|grandfather|grandpa|client),? "
)
KERABAT = (
    r"\b(?:istri|suami|anak|adik|kakak|abang|teman|temen|ayah|ibu|bapak|mama|papa|paman|bibi|tante|sepupu|keponakan|pacar|tunangan|sahabat|rekan|"
    r"atasan|bos|dokter|guru|nenek|kakek|tetangga|pengacara|asisten|pemilik|klien|kurir|sopir|driver|penjual) (?:saya|aku|gue|gw|kami|ku)?,? ?"
    r"(?:yang bernama |bernama )?|\b(?:istriku|suamiku|anakku|adikku|kakakku|temanku|temenku|ayahku|ibuku|bosku|pacarku|bernama),? "
)


def alternatives(pattern: str) -> frozenset[str]:
    """The words of a list of nouns, for the scan."""
    return frozenset(re.findall(r"[^\W\d_]{2,}", pattern.replace(r"\b", " ").lower()))


KIN = alternatives(RELATION) - {"new", "old"} | {"neighbour", "neighbor", "fiancée", "fiancee"}
CUES = (
    strong("name", NAMED, reach=REACH),
    strong("nama namaku namanya", BERNAMA),
    strong("n an", r"\ba/n|\ba\.n\.?|\ban\.(?= )"),
    strong("registered issued called call calls behalf atas panggil speak speaking perkenalkan kenalin", CALLED, reach=REACH),
    strong("this", r"\bthis is (?=[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?(?: speaking| here| from|,|\.))", reach=0),
    strong(
        "name nama from dari attn cc to kepada client customer pelanggan penerima recipient patient pasien passenger penumpang guest tamu "
        "cardholder holder rekening pengirim sender",
        HEADED,
        tempered,  # a dish and a product have a name too
        shapes=(":",),
    ),
    strong("regards sincerely yours cheers salam hormat signed ttd thanks thank kasih terimakasih makasih", CLOSING),
    titled(alternatives(TITLE), TITLE, 0.9),
    titled(alternatives(RANK), RANK, 0.9, tempered),
    related("my|our"),
    related("his|her|their", tempered),
    titled(alternatives(KERABAT) - {"saya", "aku", "kami", "yang", "ku"}, KERABAT, 0.8, flags=re.IGNORECASE),
)  # fmt: skip
