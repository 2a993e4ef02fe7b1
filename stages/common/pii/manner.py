"""Whether a text speaks of somebody's own affairs or of the world: a customer's name is personal, an author's is not.

A help desk is told "Mary cannot log in", an encyclopaedia, a story or a grammar exercise says "Mary wrote a poem". The
name is the same; the words around it are not. So a name that nothing announces counts only among words of the first kind.
"""

import re
from functools import lru_cache

from stages.common.pii.rules import LONG_NUMBER, WORD

NEAR = 160  # characters on both sides of a name in which the words of a desk count
DESPITE = 3  # of them outweigh words of the world
NEUTRAL, WORLDLY = 0.4, 0.3  # scores at most

SELF = re.compile(r"\b(?:I|i|i['’]m|[Mm][ey]|[Mm]ine|[Ww]e|us|[Oo]urs?|[Ss]aya|[Aa]ku|[Gg]ue|[Gg]w|[Kk]ami)\b")
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
baseball basketball battle billionaire biography born britain celebrity century champion championship chancellor chapter character
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
starred starring stars story storyteller subject summarize summarise summary symphony synonym tale team tennis tennis theme themes theorem
theory throne tragedy translate verb verbs villain war wikipedia wizard worldwide writer writers wrote
abad aktor aktris alkisah biografi cerita cerpen dijajah dibintangi disutradarai ditemukan ditulis dongeng filsuf fisikawan
gubernur ilmuwan kalimat karya kelereng kemerdekaan kerajaan kisah lagu lukisan melawan memimpin mendirikan menemukan menteri
nasional olimpiade pahlawan pangeran paragraf pelukis pemain pemeran penemu pendiri pengarang penjajah penulis penyair penyanyi
perang pidato politikus presiden provinsi puisi rangkum raja ratu sastra sejarah seniman sinonim sungai sutradara teori terjemahkan
tokoh
""".split())  # fmt: skip
YEAR = re.compile(r"\b(?:in|from|since|until|between|of|tahun|sejak|pada) 1[0-9]\d\d\b|\(\s?(?:born |c\. ?|lahir )?1[0-9]\d\d|\b1[0-8]\d\ds?\b(?![ -]?\d)")


OWN = re.compile(r"(?:nya|ku|mu)$")  # `paketnya`: his parcel


def words_of(text: str) -> frozenset[str]:
    """The words in lower case, Indonesian ones also without what says whose they are."""
    found = WORD.findall(text.lower())
    return frozenset(found) | {OWN.sub("", word) for word in found}


@lru_cache(maxsize=64)
def worldly(text: str) -> bool:
    """Whether it speaks of the world at large."""
    return not WORLD.isdisjoint(words_of(text)) or YEAR.search(text) is not None


def tempered(score: float, text: str, start: int, end: int) -> float:
    """The score of a name that nothing announces: as it is among a desk's words, unlikely elsewhere."""
    near = text[max(0, start - NEAR) : end + NEAR]
    evidence = len(words_of(near) & DESK) + bool(SELF.search(near)) + ("@" in near or LONG_NUMBER.search(near) is not None)
    if worldly(text):
        return score if evidence >= DESPITE else min(score, WORLDLY)
    return score if evidence else min(score, NEUTRAL)
