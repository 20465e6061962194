"""Places as Polish exam names write them, beside the international ones.

Source: the terms of DICOM PS3.16 CID 4031 said in Polish, in the cases and genders in which exam
names use them; common usage of radiology departments. Version 2026.11.
"""

from imaging_cloud.domain.exams.entry import Entry

TERMS = (
    Entry(
        """mozgowych, mozgowe, mozgowa, tetnic mozgowych, naczyn mozgowych, mozgoczaszki, czaszke,
        glowe, mozg, tylnego dolu czaszki, srodczaszkowych, kola willisa""",
        "HEAD",
    ),
    Entry(
        "glowy i szyi, tetnic szyjnych i mozgowych, szyjnych i mozgowych, glowa i szyja",
        "HEAD+NECK",
    ),
    Entry("glowy i kregoslupa szyjnego", "HEAD+CSPINE"),
    Entry(
        """szczeki, szczeka, zuchwa, kosci nosowych, kosc nosowa, nosa, jamy ustnej, jezyka,
        nosogardla, nosogardzieli, oczodolow i zatok, jarzmowej, luku jarzmowego""",
        "FACE",
    ),
    Entry("zatok obocznych nosa, zatoki, zatok przynosowych, zatoki oboczne", "FACE", "sinuses"),
    Entry("slinianek, slinianki, slinianka", "FACE", "salivary gland"),
    Entry("slinianki przyusznej, slinianek przyusznych, przyusznicy", "FACE", "parotid"),
    Entry(
        """stawu skroniowo zuchwowego, stawow skroniowo zuchwowych, skroniowo zuchwowego, skroniowo
        zuchwowych, ssz""",
        "FACE",
        "temporomandibular joint",
    ),
    Entry("oczodolu, oczodol, galki ocznej, galek ocznych, oka, oczu, nerwu wzrokowego", "ORBIT"),
    Entry(
        """ucha, ucho, uszu, kosci skroniowej, kosc skroniowa, piramidy kosci skroniowej, piramid
        kosci skroniowych, piramid, ucha wewnetrznego, ucha srodkowego, wyrostka sutkowatego""",
        "EAR",
        "temporal bone",
    ),
    Entry(
        "kata mostowo mozdzkowego, katow mostowo mozdzkowych, przewodu sluchowego wewnetrznego",
        "EAR",
        "internal auditory canal",
    ),
    Entry(
        "siodla tureckiego, siodlo tureckie, przysadki mozgowej, okolicy siodla",
        "PITUITARY",
        "pituitary",
    ),
    Entry("szyja, tkanek miekkich szyi, wezlow chlonnych szyi, wezlow szyjnych", "NECK"),
    Entry("przytarczyc", "NECK", "parathyroid"),
    Entry(
        "tetnic domozgowych, domozgowych, szyjnych, doppler tetnic szyjnych, kregowych",
        "NECK",
        "carotid",
    ),
    Entry(
        "kregoslupa c, kregoslup c, odc c, odcinka c, odc szyjny, odc szyjnego, kregow szyjnych",
        "CSPINE",
    ),
    Entry(
        "kregoslupa th, kregoslup th, odc th, odcinka th, odc piersiowy, odc piersiowego",
        "TSPINE",
    ),
    Entry(
        """kregoslupa l, kregoslup l, odc l, odcinka l, odc ledzwiowy, odc ledzwiowego, ledzwiowego,
        ledzwiowy""",
        "LSPINE",
    ),
    Entry(
        """kregoslupa l s, kregoslupa ls, kregoslup ls, odc l s, odc ls, odcinka ls, odcinka
        ledzwiowo krzyzowego, odc ledzwiowo krzyzowy, kregoslupa ledzwiowo krzyzowego""",
        "LSPINE+SACRUM",
    ),
    Entry(
        """kregoslupa piersiowo ledzwiowego, piersiowo ledzwiowego, kregoslupa th l, kregoslup
        piersiowo ledzwiowy""",
        "TSPINE+LSPINE",
    ),
    Entry(
        "kosci guzicznej, kosc ogonowa, kosci ogonowej, guzicznej, krzyzowej, kosc krzyzowa",
        "SACRUM",
    ),
    Entry(
        "stawy krzyzowo biodrowe, staw krzyzowo biodrowy, stawu krzyzowo biodrowego",
        "SACRUM",
        "sacroiliac joint",
    ),
    Entry(
        "srodpiersia, srodpiersie, oplucnej, jam oplucnych, oplucna, kl piersiowa, kl piers",
        "CHEST",
    ),
    Entry("plucnych, plucna", "CHEST", "lung"),
    Entry("tetnic plucnych, tetnicy plucnej, naczyn plucnych", "CHEST", "pulmonary artery"),
    Entry("zebra, zeber i mostka", "CHEST", "rib"),
    Entry("aorty piersiowej, aorta piersiowa", "CHEST", "aorta"),
    Entry(
        "aorty piersiowej i brzusznej, aorta piersiowa i brzuszna, calej aorty",
        "CHEST+ABDOMEN",
        "aorta",
    ),
    Entry(
        """klatki piersiowej i jamy brzusznej, klatki piersiowej i brzucha, klatki piersiowej i
        nadbrzusza""",
        "CHEST+ABDOMEN",
    ),
    Entry(
        """klatki piersiowej jamy brzusznej i miednicy, klatki piersiowej jamy brzusznej miednicy,
        klatki piersiowej brzucha i miednicy, klp jb i mm""",
        "CHEST+ABDOMEN+PELVIS",
    ),
    Entry(
        """brzucha i miednicy, brzuch i miednica, jamy brzusznej i miednicy malej, j brzusznej i
        miednicy""",
        "ABDOMEN+PELVIS",
    ),
    Entry("naczyn wiencowych, tetnice wiencowe, wiencowych", "HEART", "coronary"),
    Entry("serce, miesnia sercowego, osierdzia", "HEART"),
    Entry(
        """sutka, sutkow, sutki, piersi, gruczolow piersiowych, gruczolu piersiowego, gruczolow
        sutkowych""",
        "BREAST",
    ),
    Entry("zoladek, dwunastnicy", "ABDOMEN", "stomach"),
    Entry("wyrostka robaczkowego", "ABDOMEN", "appendix"),
    Entry("nerka, nerki, nerek i nadnerczy", "ABDOMEN", "kidney"),
    Entry("pecherzyka zolciowego, pecherzyk zolciowy", "ABDOMEN", "gallbladder"),
    Entry("przestrzeni zaotrzewnowej, sledziony i watroby, powlok brzusznych", "ABDOMEN"),
    Entry(
        "nerek i pecherza, nerek i pecherza moczowego, ukl moczowego, uklad moczowy",
        "ABDOMEN+PELVIS",
        "urinary tract",
    ),
    Entry("stercza, prostata, gruczol krokowy", "PELVIS", "prostate"),
    Entry(
        "narzadow rodnych, narzadu rodnego, jajnikow, ginekologiczne, przydatkow",
        "PELVIS",
        "uterus",
    ),
    Entry("odbyt, kanalu odbytu, miedniczy, spojenia lonowego, posladka, posladkow", "PELVIS"),
    Entry(
        """stawu ramiennego, staw ramienny, stawow ramiennych, lopatka, stozka rotatorow,
        obojczykow,
        stawu barkowo obojczykowego""",
        "SHOULDER",
    ),
    Entry("ramie, ramion, kosc ramienna, kosci promieniowej, kosci lokciowej, przedramion", "ARM"),
    Entry("lokcie, stawow lokciowych", "ELBOW"),
    Entry("nadgarstkow, kosci lodeczkowatej, stawu promieniowo nadgarstkowego", "WRIST"),
    Entry("dlon, srodrecza, dloni", "HAND"),
    Entry("kciuka, palcow reki, palca wskazujacego, palca ii reki, palcow rak", "HAND", "finger"),
    Entry("bioder, stawy biodrowe, szyjki kosci udowej, panewki", "HIP"),
    Entry("udo, kosc udowa", "THIGH"),
    Entry("kolan, stawy kolanowe, dolu podkolanowego, lakotki", "KNEE"),
    Entry("rzepka, stawu rzepkowo udowego", "KNEE", "patella"),
    Entry("lydki, lydek, lydka, kosci strzalkowej, kosc piszczelowa, golen, podudzi", "LEG"),
    Entry("stawow skokowych, kostek, kostka", "ANKLE"),
    Entry("sciegna achillesa, sciegno achillesa, achillesa", "ANKLE", "achilles tendon"),
    Entry("srodstopia, przodostopia, stepu, stopie", "FOOT"),
    Entry("piety, pieta, kosc pietowa, pietowych", "FOOT", "calcaneus"),
    Entry("palucha, paluch, palucow stopy, palcow stop, palcow stopy", "FOOT", "toe"),
    Entry("zyl konczyny dolnej, tetnic konczyny dolnej, konczyn dol", "THIGH+KNEE+LEG"),
    Entry("jelita cienkiego, enterografia", "ABDOMEN+PELVIS", "small bowel"),
    Entry("calego ciala, cale cialo", "WHOLEBODY", mark="whole"),
)
