"""The verbs that instructions begin with, and the words that stand where such a verb could and are none."""

ENGLISH = frozenset(
    """
    accept access act activate add adjust agree aim allow answer apply appoint approve archive arrange ask assign attach
    attempt attend authenticate authorise authorize back backup bake be begin blink block board boil book boot borrow bring
    browse build buy calculate calibrate call cancel capture carry cast catch centre change charge chat check choose clean
    clear click clip close collect combine compare compile complete compress configure confirm connect consent consider
    consult contact continue convert cook copy correct count cover create crop cross customise customize cut deactivate
    decide declare decline delete deposit describe deselect destroy detach dial disable discard disconnect dismiss display
    distribute divide do download drag draw drive drop dry duplicate edit eject empty enable end enlarge enrol enroll ensure
    enter erase escalate estimate exclude execute exit expand expect explain export extend extract face fasten fetch file
    fill film filter find finish fit fix flip focus fold follow force forget format forward free fund gather generate get
    give go grab grant group guide hand hang have head hide highlight hit hold hover hydrate identify import include
    increase inform input insert inspect install invest investigate invite join jump keep key label launch lay leave let
    lift limit link list listen load locate lock log login look lower mail make map mark match measure merge message mind
    minimise minimize mix mount move mute name narrow navigate negotiate note notify number obtain offer open opt order pack
    paint pair park pass paste pause pay peel permit photograph pick pin pinch ping place plan play plug point position post
    postpone pour power preheat prepare press preview print proceed prompt propose protect prove provide publish pull
    purchase push put query quit quote raise rate reach read reassign reboot receive reconcile record redact redeem reduce
    refer refresh refuse register reject release reload rely remember remind remove rename renew rent repair repeat replace
    reply report request reserve reset resize resolve respond rest restart restore restrict resume retrieve retry return
    reveal review revoke ride right-click rinse roll rotate round route run save say scan schedule scratch screw scroll seal
    search secure see seek select send separate set settle shake share ship shorten show shred shut sign silence skip slide
    smooth solve sort speak specify spend split spray spread squeeze stand star start state stay step stick stir stop store
    stretch submit subscribe subtract suggest summarise summarize supply suspend swap swipe switch sync synchronise
    synchronize tag take talk tap tear tell terminate test text think tick tie tilt toggle touch track transfer travel treat
    trim trust try turn type unblock uncheck undo unfold unhide uninstall unlink unlock unmute unpack unpair unplug
    unsubscribe untick unwrap unzip update upgrade upload use validate verify view visit vote wait walk warn wash watch
    weigh widen wipe wire withdraw work wrap write zoom
    """.split()
)
INDONESIAN = frozenset(
    """
    ajak ajukan akhiri aktifkan amati ambil anggap angkat antar arahkan atasi atur awali baca bagi balas balik
    bandingkan bantu batal batalkan batasi bawa bayar beli beralih berangkat berdiri bergabung berhenti beri beritahu
    bersihkan bicara blok blokir buang buat bubuhi buka bungkus cabut cadangkan cantumkan cari catat cek celupkan centang
    ceritakan cetak cicil coba cocokkan cuci daftar datang datangi dengar dengarkan dorong duduk edit ekspor ekstrak
    evaluasi filter foto gabung gambar ganti gerakkan geser gosok gulir gunakan gunting habiskan hadir hadiri hapus hidupkan
    hindari hitung hubungi ikuti impor ingat input isi izinkan jaga jalankan jangan jawab jelaskan jepret jual jumlahkan
    kecualikan kedipkan kelola kelompokkan keluar keluarkan kemas kembali kembalikan kenakan kenali kerjakan ketik ketikkan
    ketuk kirim kirimi klaim klik konfirmasi konsultasikan kosongkan kumpulkan kunjungi kurangi lacak
    laksanakan lakukan lampiri lampirkan lanjut lanjutkan lapor lengkapi lepas letakkan lewati lihat lindungi lipat login
    lunasi manfaatkan masak masuk masukkan matikan minta miringkan muat mulai naik naikkan nilai nonaktifkan nyalakan pahami
    pakai panggil pantau pasang pastikan patuhi pegang pelajari pencet perbaiki perbanyak perbarui perbesar perhatikan
    periksa peringatkan perkecil perlihatkan perpanjang persempit persiapkan pesan pikirkan pilah pilih pindah pindahkan
    pindai pinjam potong potret print putar putuskan rapikan ratakan rawat rekam reset restart robek salin sambung
    saring sebut sedia sentuh serahkan seret sertakan setel setor setujui siapkan simak simpan sisir sobek sorot sortir stop
    sunting susun tahan taksir tambah tambahi tanda tandai tanggapi tangkap tanya tanyai tarik taruh tatap tawar tebus tekan
    telepon teliti telusuri tempel temui tentukan tepuk terapkan terbitkan terima teruskan tetapkan timbang tinggal tinjau
    tiru titip tolak tonton transfer tukar tulis tunda tunggu tunjuk turun turunkan tutup ubah ucapkan uji ukur ulang ulangi
    ulas undang unduh unggah ungkap upload uraikan urus urut usap verifikasi waspadai
    """.split()
)
VERBS = ENGLISH | INDONESIAN

# Before "the" or "your" stands one of these, or else a verb.
NO_VERBS = frozenset(
    """
    a about above across after against all almost along also although always am among an and any anyone are around as at
    because been before behind being below beneath beside besides between beyond both but by can cannot could despite did
    does down due during each either else even ever every everyone exactly except far few for found from given had half has
    he hello hence her here hers hi him his how however i if in inside instead into is it its just last least less like many
    may maybe me might mine more moreover most much must my near nearly neither never next no nobody none nor not nothing
    now of off often on once one only onto opposite or other others our ours out outside over past per perhaps plus quite
    rather same shall she should since so some someone something sometimes soon still such than that the their theirs them
    then there therefore these they this those though through throughout thus till to today together tomorrow too toward
    towards twice under underneath unless unlike until up upon us very via was we well were what whatever when whenever
    where whereas wherever whether which whichever while who whoever whole whom whose why will with within without would yes
    yesterday yet you your yours
    """.split()
)
