"""Whether a text speaks of somebody's own affairs or of the world: a customer's name is personal, an author's is not.

A help desk is told "Mary cannot log in", an encyclopaedia, a story or a grammar exercise says "Mary wrote a poem". The
name is the same; the words around it are not. So a name that nothing announces counts only among words of the first kind.
"""

import re
from collections.abc import Callable
from functools import lru_cache

Manner = Callable[[float, str, int, int], float]  # score, text, start, end -> the score there

NEAR = 160  # characters on both sides of a name in which the words of a desk count
NEUTRAL, WORLDLY = 0.4, 0.35  # scores at most

SELF = re.compile(r"\b(?:I|i|i['’]m|[Mm]y|me|[Mm]ine|[Ww]e|us|[Oo]urs?|[Ss]aya|[Aa]ku|[Gg]ue|[Gg]w|[Kk]ami)\b")
# What is asked of an assistant, or quoted, is said by nobody in particular.
ASKED = re.compile(r"\b(?:Tell|Give|Show|Teach|Help|Find|Get) me\b(?! (?:access|back)\b)|\"[^\"\n]*\"|“[^”\n]*”")
WORD = re.compile(r"[^\W\d_]+")
CONTACT = re.compile(r"@|\b\d{5,}\b|\d(?:[ .()-]{0,2}\d){8}")
# Words of contracts, payments, deliveries, devices and appointments.
DESK = frozenset("""
access account activation adapter addon address admin administrator agent akses akun alamat alert allowance anymore
aplikasi app appeal application appointment asuransi attachment autopay backup badge balance batalkan bayar belanja berkas
berlangganan biaya bill billed billing block blocked blokir booked booking branch broadband broken buyer cabang calendar
callback cancel cancelled card carpool cashback cashier charged charger charges chat checkout cicilan claim clicked client
clinic comment complained complaint confirm contact contract counter courier customer deactivate debit delete delivered
delivery deposit desk device dibayar dikirim discount dispute ditagih ditolak document dokumen dompet driver email expired
faktur fibre file folder form forwarded foto group grup handed helpdesk hotline hubungi installment instalment invitation
invited invoice ipad iphone isi izin jadwal janji kartu kasir keluarkan keys kirim kiriman kode kontak kontrak kunci kurir
kursi landlord langganan laptop lease letter library licence license loan locked log login loket lost mailbox meeting
member membership meter microchip minutes mistake mobile modem mohon nomor notification number order ordered otp
overcharged owes paid paket parcel password payment pelanggan pembayaran pemesanan pengemudi pengguna penyewa pesan
pesanan petugas phone phoned photos pin pinjam pinjaman plan please policy polis ponsel portal prescription printer
profile proof pulsa rang receipt reception refund refunded registered rekening remove renew renewal rent replacement
resend resep reservasi reservation reserved reset results return returned rights roaming roommate router rusak saldo sandi
satpam seat sent settings sewa share sign signal signature signed sim sopir statement subscribed subscription support
surat tablet tabungan tagihan tariff tautan technician teknisi telephone telepon teller tenant ticket tiket tolong topup
transaksi transfer transferred tv uang ulasan undangan unlock unsubscribe update upgrade username video visa voicemail
voucher wallet warranty website wifi workspace
""".split())  # fmt: skip

# Words of knowledge, art, sport, stories and exercises.
WORLD = frozenset("""
abad actor actress adventure aktor aktris album alkisah ancient anthem apples architect army arsitek artist assassinated
astronaut author baseball basketball battle billionaire biografi biography bishop britain campaign castle cathedral
celebrity centuries century cerita cerpen champion championship chancellor chapter character church civilization climate
coach colonial colony composed composer conductor conqueror countries country court creature cricket culture detective
dialogue dibintangi dijajah directed director discovered discoveries discovery disutradarai ditemukan ditulis dongeng
dragon dynasty economist emperor empire encyclopedia england entrepreneur episode essay fable fairy famous fiction
fictional film filsuf fisikawan football forest founded founder game gazed genre gereja giggled god goddess governor
grammar gubernur hero heroes heroine hinted historian historical history hutan ilmuwan independence india influential
inspired invented inventing invention inventor island istana jenderal kalimat kampanye karya kastil kelereng kemerdekaan
kerajaan king kingdom kisah komposer konduktor lagu laureate leader leadership legend legendary lived lukisan lyrics magic
mansion marbles mathematician meadow melawan memainkan memimpin mendirikan menemukan menteri metaphor minister monarch
moonlight movement movie museum musician myth mythology naga narrator nasional nobel noun novel novelist olimpiade olympic
opera orchestra pahlawan painted painter painting pangeran paragraf paragraph paraphrase passage pasukan patents peace
pelukis pemain pemeran pemerintahan pendiri penemu pengarang penjajah penulis penyair penyanyi penyihir peran perang peri
philosopher philosophy physicist physics pidato planet playwright plot poem poet poetry political politician politics
politikus pope presiden president prime prince princess prize prophet protagonist provinsi psychologist published puisi
queen quote racism radioactivity raja rangkum rap rapper ratu relativity republic revolution rewrite rhyme romance sastra
scene science scientific scientist sculptor sejarah senator seniman sentence serial series settler sighed singer sinonim
smiled soccer song songwriter sonnet speech speeches spouse starred starring stars stories story storyteller subject
summarise summarize summary sungai sutradara sword symphony synonym tale team tennis tentara teori terjemahkan theme
theorem theory throne tokoh tragedy translate treasure troops upon verb village villain war whispered wikipedia witch
wizard worldwide writer wrote
""".split())  # fmt: skip
YEAR = re.compile(
    r"\b(?:in|from|since|until|between|of|tahun|sejak|pada) 1[0-9]\d\d\b|\(\s?(?:born |c\. ?|lahir )?1[0-9]\d\d|\b1[0-8]\d\ds?\b(?![ -]?\d| [A-Z])"
)


ENDING = re.compile(r"(?:nya|ku|mu|s)$")  # `paketnya`: his parcel


def words_of(text: str) -> frozenset[str]:
    """The words in lower case, also without the ending that says whose they are or how many."""
    found = WORD.findall(text.lower())
    return frozenset(found) | {ENDING.sub("", word) for word in found}


@lru_cache(maxsize=64)
def worldly(text: str) -> int:
    """How many words speak of the world at large."""
    return len(words_of(text) & WORLD) + (YEAR.search(text) is not None)


def owned(text: str, start: int, end: int) -> int:
    """How many words around the span speak of somebody's own affairs."""
    near = text[max(0, start - NEAR) : end + NEAR]
    said = SELF.search(ASKED.sub("", near)) is not None
    return len(words_of(near) & DESK) + said + (CONTACT.search(near) is not None)


def tempered(score: float, text: str, start: int, end: int) -> float:
    """The score of what nothing announces: as it is among a desk's words, unlikely elsewhere."""
    owns, world = owned(text, start, end), worldly(text)
    if owns > world:
        return score
    return min(score, WORLDLY if world else NEUTRAL)


def unworldly(score: float, text: str, start: int, end: int) -> float:
    """The score of what is announced, or looks it: as it is but in a text about the world."""
    return tempered(score, text, start, end) if worldly(text) else score


def certain(score: float, text: str, start: int, end: int) -> float:  # noqa: ARG001
    """The score of what is personal wherever it stands."""
    return score
