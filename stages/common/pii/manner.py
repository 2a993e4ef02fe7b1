"""Whether a text speaks of somebody's own affairs or of the world: a customer's name is personal, an author's is not.

A help desk is told "Mary cannot log in", an encyclopaedia, a story or a grammar exercise says "Mary wrote a poem". The
name is the same; the words around it are not. So a name that nothing announces counts only among words of the first kind.
"""

import re
from functools import lru_cache

NEAR = 160  # characters on both sides of a name in which the words of a desk count
NEUTRAL, WORLDLY = 0.4, 0.35  # scores at most

SELF = re.compile(r"\b(?:I|i|i['’]m|[Mm]y|me|[Mm]ine|[Ww]e|us|[Oo]urs?|[Ss]aya|[Aa]ku|[Gg]ue|[Gg]w|[Kk]ami)\b")
ASKED = re.compile(
    r"\b(?:Tell|Give|Show|Teach|Help|Find|Get) me\b(?! (?:access|back)\b)"
)  # of an assistant, by nobody in particular
WORD = re.compile(r"[^\W\d_]+")
CONTACT = re.compile(r"@|\b\d{5,}\b|\d(?:[ .()-]{0,2}\d){8}")
# Words of contracts, payments, deliveries, devices and appointments.
DESK = frozenset("""
access account accounts activation adapter addon alert alerts allowance anymore appeal attachment autopay backup broadband broken buyer calendar callback carpool charger checkout clicked comment complained complaint counter cashier accounts admin administrator agent app application appointment badge balance bill billed billing bills blocked block
booked booking branch cancel cancelled card cards cashback charged charger charges chat claim claims client clinic confirm contact
contacts contract courier customer deactivate debit delete delivered delivery deposit desk device discount document documents
driver email expired file files folder form forwarded group handed helpdesk hotline invitation invoice invoices invited ipad
iphone keys laptop landlord lease letter library licence license loan locked login lost mailbox member membership meter microchip
mistake mobile notification number order ordered orders owes paid parcel parcels password payment payments phone phoned photos pin
plan please policy portal prescription printer profile rang receipt reception refund refunded registered remove renew renewal
rent replacement reservation reserved reset resend results return returned roommate router seat sent settings share sign signed
signature sim statement statements subscription support tablet technician telephone tenant tenants ticket transfer transferred
unlock unsubscribe update upgrade username video visa voicemail voucher vouchers wallet warranty website workspace log
admin akses akun alamat aplikasi asuransi batalkan bayar belanja berkas berlangganan biaya blokir cabang cicilan dibayar dikirim
ditagih ditolak dokumen dompet faktur foto grup hubungi isi izin janji jadwal kantor kartu kasir keluarkan kirim kiriman kode
kontak kontrak kunci kurir kursi langganan laptop layanan login loket mohon nomor paket pelanggan pembayaran pemesanan penyewa
pengemudi pengguna petugas pesan pesanan pinjam pinjaman polis ponsel pulsa refund rekening reservasi resep rusak salah saldo sandi satpam
sewa sopir surat tabungan tagihan tanda tablet tautan teknisi telepon teller tiket tolong transfer transaksi ulasan uang undangan
voucher
""".split())  # fmt: skip

# Words of knowledge, art, sport, stories and exercises.
WORLD = frozenset("""
actor actors actress adventure album albums ancient anthem apples architect artist artists assassinated astronaut author authors
baseball basketball battle billionaire biography britain celebrity century champion championship chancellor chapter character
characters civilization climate coach colonial composed composer conqueror country court cricket culture detective dialogue
directed director discovered discoveries discovery dynasty economist emperor empire encyclopedia england entrepreneur essay fable
fairy famous fiction fictional film films football founded founder founders game genre god goddess governor grammar hero heroes
heroine hinted historian historical history independence india influential inspired invented invention inventor island king kingdom
laureate leader leaders leadership legend legendary lived lyrics magic marbles mathematician metaphor minister monarch movement movie
movies museum musician myth mythology narrator nobel noun nouns novel novelist novels olympic opera orchestra painted painter
painting paintings paragraph passage paraphrase patents peace philosopher philosophy physicist physics planet playwright plot
poem poems poet poetry political politician politics pope president presidents prime prince princess prize prophet protagonist
psychologist published queen quote quotes racism radioactivity rap rapper relativity republic revolution rewrite rhyme romance
scene science scientific scientist scientists sculptor senator sentence sentences series singer soccer song songs songwriter speech
starred starring stars story storyteller subject summarize summarise summary symphony synonym tale team tennis theme themes theorem
theory throne tragedy translate verb verbs upon village forest castle dragon witch meadow whispered sighed smiled gazed treasure sword moonlight mansion creature giggled villain war wikipedia wizard worldwide writer writers wrote
abad aktor aktris alkisah biografi cerita cerpen dijajah dibintangi disutradarai ditemukan ditulis dongeng filsuf fisikawan
gubernur ilmuwan kalimat karya kelereng kemerdekaan kerajaan kisah lagu lukisan melawan memimpin mendirikan menemukan menteri
nasional olimpiade pahlawan pangeran paragraf pelukis pemain pemeran penemu pendiri pengarang penjajah penulis penyair penyanyi
perang pidato politikus presiden provinsi puisi rangkum raja ratu sastra sejarah seniman sinonim sungai sutradara teori terjemahkan
tokoh hutan istana naga penyihir peri
""".split())  # fmt: skip
YEAR = re.compile(
    r"\b(?:in|from|since|until|between|of|tahun|sejak|pada) 1[0-9]\d\d\b|\(\s?(?:born |c\. ?|lahir )?1[0-9]\d\d|\b1[0-8]\d\ds?\b(?![ -]?\d| [A-Z])"
)


OWN = re.compile(r"(?:nya|ku|mu)$")  # `paketnya`: his parcel


def words_of(text: str) -> frozenset[str]:
    """The words in lower case, Indonesian ones also without what says whose they are."""
    found = WORD.findall(text.lower())
    return frozenset(found) | {OWN.sub("", word) for word in found}


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
