"""Words that are names too. Alone they are taken for a name only after a cue: "Mark all as read" speaks to nobody."""

COMMON = frozenset("""
abbey abbot abbott account ace act active ada add adelaide adil adobe africa agustus ah aim aja al ala alamat alby alexa
ali alias all allah alpha ama amat amazon amber amen america amin among an ana anda ang angel angeles angkat answer any
apollo apple apply april arah arc arch area arent ari aria arizona arka arm arrow art artis arts arvo as asa ash asia
aspen aster atlas august aura aurora austin australia author autumn avalon awan axel baby back bagus bahari baik bain bala
bali ball ban bank banks bar bare baron base basic bass batal bawa bay bayu bea beach bean bear beau beck beda bee bell
bent bentley benz berat berg berlian berlin berry best beta bethlehem bibi bidan big bill billing bills bin binar bini
bins bir birch bird bishop bitcoin black blank blaze blessing block bloom blue board bob bode bodo bold bond book boom
boot booth border bore born boros bose boss boston bow bowl box brain branch brand brave brick bridge bridges bright
bristol britain brook brooklyn brown browser brush buck bud buddha buddy bulan bull bunga bupati burn burns bush butcher
butler button buy cahaya cairo cal california cam camat camp canal candy canon cant cap car cara card care cari carolina
carrier carry carter carton case cases cash castle cat chain champ chance chanel change channel charge charity charlotte
charm chas chase chat che check cheer chelsea cherish cherry chester chevrolet chi child china chip choi choice choose
christ christian church cinta cisco clay clear cleveland click clip close cloud cloudy clover club coach coal cole colon
colt comb combs come comfort company con confirm cook cool coral core cornell cotton council count couple course cousins
cove create cross crowd crown cruise crystal cuman cup curtain cyber daffodil daisy dakota dallas dame dan dana dance dare
dash dass data date dawn day de deal dean dear debian december dee deep del delete dell delta demi den deng denver
desember dev devi devon dewa dewan dewi dial diamond diary diego dim din dior dip discord disney divine do doc dock docker
doctor dog dokter dolphin don done door dosen dot dove dow down dream drew drive drop drum dry dua dublin duke dusk dust
dutch early earth east easy ebony echo ed eden edit ego egypt elang elder electrum elm else em ema email emas ember embun
emerald emit england english enter error essex esta ether europe eve ever fair fairy faith falcon fall fame family fan
fancy farm farmer fast fate father favor fawn feather februari february fee fern ferrari ferry few field fields file fin
find fine finis fire first fish fisher five flag flame flash fleet flint flood floor flora florence florida flower focus
folio font foot ford forest forget form forum found fountain four fox frame france francisco frank free freedom freely
freeman french fresh friday friend frost full fuller future gada gading gain gala galaxy gale game ganda gandi gara garden
garnet gate gates gay gaya gem gene general genesis genius genoa georgia german germany gift gigi github glad glass
glasses glen global globe glory go goal gold golden good google goose grace grade grain grand grant grants grape graph
gray great greek green grey gross ground group grove guard gucci guide gun guru guy hadi hail hair haji hajj hak hakim hal
half halim hall hamilton hand handy happy hapus hara harapan harbor hard harden hare hari harley harm harmony harper harsh
harta hasil haven hawk hay hazel head heart heath heather heaven help hence her heritage hero hidden high hill hills
hilton him hindu his history hit ho hold holder hollow holly home honda honest honey honor hood hook hope hore horn horse
host house houston hub huge hull hume hung hunt hunter hurt hyundai ice ida idol idul imam in indah india indian indiana
indie info ink intel iris irish iron isa islam island israel issue italia item ivory ivy jack jackson jade jaga jaksa jam
jan januari january jari jasmine java jaya jenkins jersey jesus jewel jo job jobs join jordan jose journey joy judge judi
juli july jumat jump june juni junior junk just justice kai kakak kale kali kamar kami kamis karma karna karunia karya
kasih kata kaya keen kellogg kem kent kenya kerala key keys kick kid kids kilat kin kind king kings kira kiri kirim kiss
kit kite knight know kombo korea korean kos kota kristen kurnia kya laci lady laguna lake lamb lamp lancaster lancer land
lane lantana lar large lark last law lawn lay lazuardi le lead leaf league leak learn lee left legend lelah lemah lembah
lemma lemon len lenovo lenox les less lestari let level levi lex li liberty libya lie life light lightning lika lil lily
lima limo lin lincoln line link lintang linux lion lips list lit little live lo load loan lock login london long look lord
lorraine lost lot lotus lourdes love lovely low loyal loyalty lu lucknow lucky luka lum luna lurah luwar luwes lyric mac
macy mad made madison magento mahal mail main major maker mal male mall malta maman man mandala mandi mango many map maple
mar march maret mari marina mark marks marriott marsh marshal mart marta martini marvel mas masa mason master mat mata
mate math maths mati matrix maulana mawar max may maya mayor mazda media mega mei meja mekar mel melati mella melody
memory memphis mentari menteri menu merah mercedes merchant mercury mercy merlin message meta metro mexico microsoft mie
milan mild mile miles mill mina mind mine minggu mini minor mint minta miracle misty mitra mobile mode model modern moe
moment mona monday money montana month moon more morning morse motorola mountain moves mu muhammadiyah mulya music muslim
mustika my mystic nada nadi nadia naik nama nan nara nash natal native nature nawi near need neon nest nestle nevada new
news next nice nick night nike nine noble node nodes nokia nomor noon noor norm north note nova november now number
nunchuk nuri oak oasis ocean october odd odessa oke okey oktober old olive om on one onyx opal open option ora oracle oral
orange orchid order organ orion orlando oscar oslo out outlaw outlook owe owl own oxford pace pack pagar page pages pai
paid paint pal palm pan pandora paper paradise parent paris park parker part paskah pass passion past pasti paten path
patience pay peace peak pearl peer pen penny pepper per perak perawat peri permata persia person pesan petal philips
phoenix phone photo piano pierce pike pilih pilot pin pine pink pioneer pipe pitch plan play plugin plum plus point pol
pole polish polisi pond pool poor pop pope porsche port post potter power powers prada praise pratama pray precious
premier present presiden president press preston pretty price pride prima prime prince princess princeton print prior
privacy prize pro profil profile promise prosper prosperity providence puji puk pure purity purple pusaka putih putra
putri putu python quebec queen quest question quick quiet quill quit rabbit rabu rafter raid rain rainbow raja ram ramadan
ramadhan rand range ranger rapid ras ratu ravel raven ray read reader ready real reason receive red reed reef remove
report request reset resi rest restaurant rice rich rico ridge right rim rimba rind ring rio ripple rise river rivers road
rob robin rock rocky rod roda roll roma roman rome rook room root rosa rose rosemary rosetta rosy round rover row royal
ruby rule run rush russet russia rusty saba sabar sable sabtu sad saddle safe saffron sage saha said saint sakti salah
sale salem salsa salt sam sama samar same samoa samsung san sand sandi sands sandy sane sang sans santa santiago sapphire
saraf saran sari sat satin satoshi satu saturday savage savannah save say scan scarlet science scotland scottish scout
script sea seaborn sean search season see seed sejati sekar selasa select self sell sellers sem sen send senin senja sense
september serah serenity series seroja server service set setia settings seven sha shadow shah share sharp shaw she shelf
shell shepherd shine ship shop shopify shore short show siemens siena sierra sigma sign silence silk silva silver sim
simpan simple sing singer single singleton sini siri sister sit situ six skip sky slack slate slow small smart smile smith
snow so social sofa sol solar soldier sole soleh som son song sonic sony sort soul sound south spa space spain spanish
spark spear speed spence spirit spotify spring sri stack staff stage stanford stanza star stark start state status stay
steel step sterling stock stone stop store storm story strange stream street strong submit sudirman sue sugar sukses
sulung summer summit sun sunday sunny sunshine super support sur surya sus suster suta swan sweet swift swipe switch sword
sydney ta tab table tad tai tailor tak taka tali talk tall tama taman tambah tami tampan tan tang tank tanner tanya tap
tara tari tarik tata tawny tax tea teak teal team teller tempest temple ten tender term terra tesla test tex texas text
thai the theres theta thistle thorn thought thunder thursday thyme ti tiara tick ticket tiger till tim time tin tiny tirta
title tiwi to today token toko tom tone too top topaz tor torch total tower town toy toyota trace track trade trail train
transfer treasure tree tresna tri trial tribe trinidad trinity triumph trop trouble troy true trust truth try tuan tuesday
tulsa tulus tuna turner twin two ty type ubuntu uda ultra umay umbrel una unggul union unique unity unknown unnamed up
update upload user utama utami utara vale valencia valley value van vanilla vegas velvet venice venture venus vera verona
versa version victoria victory vienna view vine violet viper virginia visa vision visit vita viva vodafone voice von wade
wage wagon wait wales wali walk walker wall wallet walls walmart wan wand want war ward warm warna warsaw warta warwick
washington wasis watch water watt wave way ways we wealth weaver web wednesday week weeks well wellington wells welsh were
west what wheat wheel while white whole wicked wide wikipedia wild will willow wind window windsor wine wing wings winner
winter wisdom wise wish wolf wolfram woman wonder wood woods wool word words work works world worth wright write year
yellow yes yoga york you young your yuda zara zen zero zeus zimbabwe zion zona zone
""".split())  # fmt: skip

# What follows "Dear", "Bapak", "my name is" and the like without being a name.
NEVER = frozenset("""
a aja aku akun all anak and anda apa apakah are as at atau bagaimana bank bapak belum biar bidan boleh bos bot bro bu buat
bukan but camat can chairman colleague colleagues could cs customer customers dad dan dari dear dengan di diary displayed
do does dokter dr driver editor everybody everyone for friend friends from future gan gimana grandma grandpa guest guru
halo hamil has have hello help helpdesk hi hiring hotel how i ibu if in in-laws ini is it itu juga ka kak kakak kalau kalo
kami kapan karena kasir ke kenapa kepala ketua kita kok kota kurir ladies lah link listed lurah ma'am maaf madam make
manager mas mau mba mbak me member menteri min missing misspelled mitra mohon mom mr mrs ms mum my nasabah negara neighbor
neighbors neighbour neighbours neng new nggak no nomor not nya of ok om on or our owner pada pak parents partner pelanggan
pembeli pengguna penjual pertiwi perusahaan petugas please plis polisi presiden president principal prof professor
proklamator pt rakyat reader readers rumah salah sales sama sandi santa satpam saya security sekarang seller sender shown
si sir sis sist sorry speaker spelled spelt staff students subscriber sudah supervisor support tangga tani tante teacher
team teman that the there they this tidak tim to toko tolong tuan tuhan universe universitas university untuk user valued
we what when where which who why with world wrong ya yang yg you your yth
""".split())  # fmt: skip

# Names of Indonesia that Faker's lists lack, and some of elsewhere.
FURTHER = frozenset("""
abdul abdullah abena abidin achmad adaeze adeyemi adi adichie adinda adiningrat adiputra adit afif afifah agnieszka agung
agustina ahmad ahmadi ainun aisyah ajeng akosua alamsyah alawiyah aldi alexei alfian alifah amalia amara ambar aminah
anang ananya andersson andika andini andrei andri andrzej angga anggi anggraeni anggraini anil anis anisa anita anjar
annisa anton antonius apriliani apriyanto ardi ardian ardiansyah arga arief arif arifin arini aris aritonang arjun arjuna
arlo arsyad arum arya asante asep asher asif asri astri astuti astutik atik aulia aurelie ayesha ayse ayu aziz azizah
azzahra bagas bahrul bambang banerjee barus baskara baskoro basri basuki batubara bauer bayu becker bella benyamin
bhattacharya bianchi bimo boateng bogdan bronwen budi budiono butarbutar buyung cahyani cahyo callum camila candra carys
castillo cerys chairul chatterjee chiara chidi chioma chipo chowdhury cipto citra cokorda dadang daffa dahlan damanik
darma darmawan darto daulay dedeh dedi dedy deepak delgado demir deni denny desi despina desti desy devina dewanti dhani
dian dicky didik dieter dimas dimitris dina dini dita dito djoko dlamini dmitri dodi doloksaribu doni dony dubois dupree
edy efendi eka ekaterina eko eleni elfira elif elisa elke emeka emre endah endang endro enny enok eriksson erlangga erna
esposito etty euis evi eze ezra fadel fadhil fadli fahri faisal fajar fajri fani farah farai farhan farid farooq fathur
fatima fatimah fatin fatma fatur fauzan fauzi fauziah febri febrian febriana feng feni ferdi ferdian ferdy feri ferreira
fika fikri finley fira firman firmansyah fischer fitra fitri fitria fitriani fitriyani folake francois freya fuad fukunaga
gabor galih gayatri gede gethin gilang ginting gita giulia greco grzegorz guillaume gultom gunawan gunther guntur guruh
gusti gutierrez hadikusumo hafiz hakiki halimah hambali hamid hamka hana handayani handoko handoyo hanif haniyah hansen
hapsari harahap hariadi haris hariyanto harjono harlow harsono hartati hartini hartono haruto haryanto haryono hasan
hasanah hasbi hassan heike helmi hendra hendri hendro hengki heni henny henrik henrique herawati heri herlina herman
hermansyah hermawan herni heru hesti hidayah hidayat hidayatullah hilman hiroshi hoang hoffmann horvat husein husna husni
hutabarat hutagalung hutapea hutasoit huynh ibrahim ida ifeoma igor ika iksan ildiko ilham imam imas imran imron indarti
indra indri indriani inggrid intan ionescu ipin irawan irawati irfan irham irina irma irna irwan iskandar isla ismail ismi
ismiati istiqomah istvan ivan ivanov iwan iyer jaenudin jajang jamal jamilah januar jian jihad jing joao johansson joko
jozef juliana junaidi jurgen juwita kadek karno karsono kartini kartono kasim kasman katalin katarzyna kavita kawilarang
keiko kessler ketut khadijah khairul khalid khoirunnisa klaus kobayashi kofi komang korhonen kostas kowalczyk kowalski
krisna krzysztof kuncoro kurniasih kurniawan kurniawati kusnadi kusno kusuma kusumaningrum kusumawati kusumo kuswanto
kwabena kwame lacroix laila laksmi laras larsen lasut laszlo latifah latuconsina laurent layla lefebvre leimena leni leo
lerato lestari lia liesel lilik lilis lina lindqvist ling linh listya lubis ludmila luki lukman lumbantobing lumentut luna
lusi lusiana luthfi made maemunah maesaroh magnus maharani mahardika mahmud mahmudi malgorzata mamahit manalu mandagi
mangunkusumo manon mansur manto manurung marchand margaux mariani marino marlina martinus maruli marwan maryam mastur
mateo mathieu matondang matulessy maulana maulida mbeki medrano mega mehmet mei meilani melati melinda menon mensah mikkel
mila ming minh misbah mohammad morales moreau morishita mudji muhadi muhamad muhammad mukherjee mukhlis mukti muller
mulyadi mulyana mulyati mulyono munawar munawir munir munthe murni mustafa mykola nababan nabila nadira nadya nafisa
naibaho nainggolan nair nakamura nanang nanda nani naoko napitupulu nasution natasha naufal neneng neni ngozi nguyen nia
nieminen nikmah nikos nilsson ningrum ningsih ningtyas nining niran nirmala nisa nisrina nkosi nomsa notonegoro novak
noval novan noviana novianti novita nowak nugraha nugroho nunung nur nuraini nurcahyani nurcahyo nurdiana nurdin nurhaliza
nurhayati nurjanah nurlela nurmala nursiah nurul nuryanti nyoman obinna oka okafor okonkwo oksana oktavia oktaviani oleg
olga oliveira olivier olsen omar ortiz otis owusu padmini paijo pakpahan pamungkas pandjaitan pandji pandu pangaribuan
pangemanan pangestu panjaitan paolo papadopoulos pardede parlan parman pasaribu pattiasina pattinama pedersen pelupessy
pereira permatasari petrov pham philippe phuong pietro piotr pipit pohan ponco popescu poppy prabowo pradnyana pramudya
prasetya prasetyo prasojo pratiwi prawira prawiro prayitno priya priyo pujiono purnama purnomo purwaningsih purwanto
puspita puspitasari putu qonita qori qureshi rachmanto rachmat rachmawati rafli rahardjo rahayuningsih rahel rahma rahman
rahmat rahmawati rajagukguk rajesh raka ramadhani ramesh ramirez rangga rangkuti rani rasya rasyid ratih ratna ravi reddy
rendra reni resti restu retno reza rian ridha ridho ridwan rifai rifki rika rina rini rinto riri riska risma riswanto
ritonga riyadi riyanti riyanto rizal rizki rizky rohani rohmah romanenko romano romi rosdiana rosid rosita rossa rossi
rousseau rowan rudi rukhsana rukiyah rukmana rukmini rumengan runtuwene rusdi rusli rustam sadewa saefudin safira safitri
sahetapy sahrul salma salmah salsabila samsudin samsul sanjay santi santiago santoso saodah saputra saputri saputro
saragih sari sarifah sarinah sariyem sarwono sasmita sasongko satria satrio sausan schmidt schneider schulz sebastien
segun sekar selvi sembiring septian sergei setiawan setiawati setiyono setyawan setyo shahid shevchenko shinta siagian
siahaan siahaya sianipar sianturi sibarani sidabutar siddiq siddiqui sigit sihombing sihotang silalahi simamora
simangunsong simanjuntak simarmata simatupang simbolon sinaga sinambela sinta siobhan sipahutar sipho sirait siregar
siriporn siska siswanto sitanggang siti sitompul sitorus situmorang slamet sofyan sokolov solberg soleh solihin somchai
sondakh sopian sovia sri stefano suardana suastika subagyo subandi subhan sucipto sudarmo sudarsono sudiana sudirman
sudrajat sugeng sugianto sugiarto sugiono suhadi suhardi suhartini suharto suhendra suherman sukardi sukarno sukirman
sulaiman sulastri sulis sulistiani sulistyo sulistyowati sumarauw sumarni sumarno sumarsono sumiati sumiyati sunandar
sunardi sunarti sunarto sunil sunita supangat supardi suparman suparno supri supriadi supriatna supriyanto surachman
suresh surti suryadi suryani suryaningsih suryanto suryono susanti susanto susi susilo susilowati sutanto sutarno sutejo
suti sutini sutrisno suwandi suwarno suyanto suyono suzuki sven svensson svetlana syafii syafitri syahputra syahrul
syaiful syamsul syarif sylvie tadhg takahashi takashi tambunan tampubolon tamsin tanabe tanaka tanjung tanoto taras
tarigan tarihoran tatang taufik teguh tejo tendai teti thabo thanh themba theo thiago thierry tiago tiara tika tini titin
tjahjono tobing togatorop tomasz toni tono totok tran trang trisno triyono tukiman tuminah tunde turnip tuti tutik tyas
ucok udin ujang ulfa umar ummi uswatun utami utomo uwe vania vargas veri veronique vikram villareal vina viona vira
virtanen vladimir volkov wagiman wagner wahid wahidin wahyu wahyudi wahyuni wandira wardani wardhana warsito watanabe wati
wawan waworuntu wayan weber wei wibowo wicaksana wicaksono widi widia widiastuti widodo wijaya wijayanti wildan winarno
winarti winda windi wiradnyana wiranto wiratama wirawan wiryawan wisniewski wiwik wiwin wojciech wolfgang wowor wren wulan
wulandari wulansari xiu yadi yamada yamamoto yannis yanti yanto yati yayan yayuk yemi yeni yenni yenny yetti yilmaz ying
yogi yohana yohanes yoko yonathan yoseph yosi yoyok yudha yudhistira yudi yudistira yuki yuli yuliana yulianti yulius yuni
yuniarti yunita yunus yuri yusri yusron yusuf zaenal zahid zahra zahrotul zainab zainal zaki zakiyah zanele zara zephyrine
zeynep zielinski zofia zoltan zubaidah zulfikar zulham zulkarnain
""".split())  # fmt: skip
