"""Help-desk sentences, English and Indonesian: P is a person, T a thing with a capital letter, C a town."""

PERSON = """
{P} called us twice this morning.
We owe {P} an apology for the delay.
The desk was booked by {P} until noon.
{P} says the code never came.
I gave my old tablet to {P} last year.
Has {P} replied to the survey yet?
It seems {P} deleted the album.
You can ask {P} about the invoice.
{P} and {P} share one licence.
My tenant {P} pays by card.
Nobody but {P} can open the vault.
A message from {P} is stuck in drafts.
The file belongs to {P}.
{P} works for {T} in {C}.
Could you unlock the account of {P}?
They promised {P} a discount on {T}.
Thanks to {P} it works again.
{P} lives in {C} now.
When did {P} sign the form?
Payment by {P} was refused.
We sent {P} a new card from {C}.
{P}'s phone has no signal.
I think {P} used my login.
the seat next to {P} is free
{P} wants to leave {T} next month.
Ask {P} whether {T} is on.
Please give {P} the keys of the van.
{P} forgot the PIN.
Let {P} know that the course starts late.
{P}, please check your mail.
A bouquet for {P} should arrive at two.
Our teacher {P} cannot open {T}.
Did {P} return the books?
{P} reported the fault.
The card of {P} was swallowed in {C}.
I am looking for {P}, she sold me a bike.
{P} joined the call without sound.
Kindly transfer the points to {P}.
The call with {P} was cut off.
Neither {P} nor {P} received it.
{P} is my lawyer.
{P} menelepon dua kali pagi ini.
Kami berutang maaf kepada {P}.
Meja itu dipesan {P} sampai siang.
{P} bilang kodenya tidak masuk.
Tablet lama saya berikan ke {P}.
Apakah {P} sudah menjawab survei?
Sepertinya {P} menghapus albumnya.
Tanyakan saja ke {P} soal tagihan.
{P} dan {P} memakai satu lisensi.
Penyewa saya {P} bayar pakai kartu.
Selain {P} tidak ada yang bisa buka.
Pesan dari {P} macet di draf.
Berkas itu milik {P}.
{P} bekerja di {T} cabang {C}.
Bisa bukakan akun {P}?
Mereka janji kasih {P} diskon {T}.
Berkat {P} sudah normal lagi.
{P} sekarang tinggal di {C}.
Kapan {P} tanda tangan formulir?
Pembayaran {P} ditolak.
Kami kirim kartu baru ke {P} dari {C}.
ponsel {P} nggak ada sinyal
Kayaknya {P} pakai akunku.
kursi sebelah {P} kosong
{P} mau berhenti {T} bulan depan.
tolong kasih {P} kuncinya
{P} lupa PIN.
Kabari {P} kelasnya mundur.
{P}, tolong cek suratnya.
Buket untuk {P} harus sampai jam dua.
Guru kami {P} tidak bisa buka {T}.
{P} sudah balikin buku belum?
{P} melaporkan kerusakan.
Kartu {P} tertelan mesin di {C}.
aku cari {P}, dia jual sepeda
{P} ikut rapat tanpa suara.
Mohon pindahkan poin ke {P}.
Obrolan dengan {P} terputus.
{P} maupun {P} belum terima.
{P} itu pengacara saya.
""".strip().splitlines()
OTHER = """
Open {T} and tap Save.
Go to {T} > {T} and turn it on.
My {T} subscription ended in May.
{T} asks for a code again.
Select {T} from the list.
How do I link {T} with {T}?
The {T} button is grey.
Choose {T} or {T} at the checkout.
In {C} the {T} app has no map.
Install {T} on the new phone.
The {T} page loads slowly in {C}.
Does {T} support two accounts?
Tap {T}, then {T}.
Why was {T} charged twice?
Press {T} and wait a minute.
I cancelled {T} on Monday.
The branch in {C} is closed.
Update {T} before you travel to {C}.
{T} is cheaper than {T}.
Reset the {T} remote.
Settings > {T} > {T} is empty.
Switch on {T} Mode.
Trains from {C} to {C} are late.
Is {T} included in Family Plan?
Pay with {T} at the counter.
Buka {T} lalu ketuk Simpan.
Masuk ke {T} > {T} dan aktifkan.
Langganan {T} saya habis bulan Mei.
{T} minta kode lagi.
Pilih {T} dari daftar.
Cara menghubungkan {T} dengan {T}?
Tombol {T} abu-abu.
Pilih {T} atau {T} di kasir.
Di {C} aplikasi {T} tidak ada peta.
Pasang {T} di ponsel baru.
Halaman {T} lambat di {C}.
Apakah {T} mendukung dua akun?
Ketuk {T}, lalu {T}.
Kenapa {T} ditagih dua kali?
Tekan {T} dan tunggu semenit.
Saya batalkan {T} hari Senin.
Cabang di {C} tutup.
Perbarui {T} sebelum ke {C}.
{T} lebih murah dari {T}.
Atur ulang remot {T}.
Pengaturan > {T} > {T} kosong.
Nyalakan Mode {T}.
Kereta {C} ke {C} terlambat.
Apakah {T} termasuk Paket Keluarga?
Bayar pakai {T} di loket.
""".strip().splitlines()
