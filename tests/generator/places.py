"""Names that profile pages print: economies, clusters, applicants, fields.

Cluster names are those of WIPO's lists of S&T clusters (2020 to 2024), state and
province suffixes included; organizations are of the kinds that the pages list.
"""


def _split(names: str) -> list[str]:
    return names.split("|")


# code: (adjective, name as WIPO prints it, other names seen)
ECONOMIES = {
    "AR": ("Argentine", "Argentina"),
    "AT": ("Austrian", "Austria"),
    "AU": ("Australian", "Australia"),
    "BE": ("Belgian", "Belgium"),
    "BR": ("Brazilian", "Brazil"),
    "CA": ("Canadian", "Canada"),
    "CH": ("Swiss", "Switzerland"),
    "CL": ("Chilean", "Chile"),
    "CN": ("Chinese", "China"),
    "CZ": ("Czech", "Czech Republic", "Czechia"),
    "DE": ("German", "Germany"),
    "DK": ("Danish", "Denmark"),
    "EG": ("Egyptian", "Egypt"),
    "ES": ("Spanish", "Spain"),
    "FI": ("Finnish", "Finland"),
    "FR": ("French", "France"),
    "GB": ("British", "United Kingdom"),
    "GR": ("Greek", "Greece"),
    "HK": ("Hong Kong", "Hong Kong, China"),
    "HU": ("Hungarian", "Hungary"),
    "ID": ("Indonesian", "Indonesia"),
    "IE": ("Irish", "Ireland"),
    "IL": ("Israeli", "Israel"),
    "IN": ("Indian", "India"),
    "IR": ("Iranian", "Iran (Islamic Republic of)", "Iran, Islamic Republic of"),
    "IT": ("Italian", "Italy"),
    "JP": ("Japanese", "Japan"),
    "KR": ("Korean", "Republic of Korea", "Korea, Republic of"),
    "MX": ("Mexican", "Mexico"),
    "MY": ("Malaysian", "Malaysia"),
    "NL": ("Dutch", "Netherlands (Kingdom of the)", "Netherlands"),
    "NO": ("Norwegian", "Norway"),
    "NZ": ("New Zealand", "New Zealand"),
    "PL": ("Polish", "Poland"),
    "PT": ("Portuguese", "Portugal"),
    "RU": ("Russian", "Russian Federation"),
    "SA": ("Saudi", "Saudi Arabia"),
    "SE": ("Swedish", "Sweden"),
    "SG": ("Singaporean", "Singapore"),
    "TH": ("Thai", "Thailand"),
    "TR": ("Turkish", "Türkiye", "Turkey"),
    "TW": ("Taiwanese", "Taiwan, Province of China", "Chinese Taipei"),
    "US": ("American", "United States of America", "United States"),
    "VN": ("Vietnamese", "Viet Nam"),
    "ZA": ("South African", "South Africa"),
}

# Economies that a sentence names with an article ("the only cluster in the ...").
WITH_ARTICLE = {"GB", "NL", "US", "KR", "CZ", "RU"}

_CLUSTERS = {
    "CN/HK": "Shenzhen–Hong Kong–Guangzhou",
    "CH/DE/FR": "Basel",
    "CH/FR": "Geneva|Lausanne",
    "SG/MY": "Singapore",
    "NL/BE": "Eindhoven",
    "DK/SE": "Copenhagen–Malmö",
    "CN": "Beijing|Shanghai–Suzhou|Nanjing|Wuhan|Hangzhou|Xi'an|Qingdao|Chengdu|"
    "Tianjin|Changsha|Chongqing|Hefei|Jinan|Harbin|Changchun|Shenyang|Dalian|Zhengzhou|Xiamen|"
    "Fuzhou|Kunming|Lanzhou|Nanchang|Taiyuan|Wuxi|Zhenjiang|Nanning|Shijiazhuang",
    "JP": "Tokyo–Yokohama|Osaka–Kobe–Kyoto|Nagoya|Hamamatsu|Kanazawa|Sendai|Fukuoka",
    "KR": "Seoul|Daejeon|Busan|Daegu|Gwangju",
    "US": "San Jose–San Francisco, CA|Boston–Cambridge, MA|San Diego, CA|"
    "New York City, NY|Los Angeles, CA|Washington, DC–Baltimore, MD|Seattle, WA|"
    "Houston, TX|Chicago, IL|Philadelphia, PA|Minneapolis, MN|Raleigh, NC|Denver, CO|"
    "Dallas, TX|Austin, TX|Atlanta, GA|Pittsburgh, PA|Portland, OR|Ann Arbor, MI|"
    "Cincinnati, OH|Cleveland, OH|Phoenix, AZ|Salt Lake City, UT|Columbus, OH|"
    "St. Louis, MO|Indianapolis, IN|Detroit, MI|Rochester, NY",
    "DE": "Munich|Cologne|Stuttgart|Berlin|Frankfurt am Main|Heidelberg–Mannheim|"
    "Hamburg|Nürnberg–Erlangen|Dresden|Göttingen|Hannover|Aachen",
    "FR": "Paris|Lyon|Grenoble|Toulouse|Marseille",
    "GB": "London|Cambridge|Oxford|Manchester|Birmingham|Bristol",
    "CA": "Toronto, ON|Montréal, QC|Vancouver, BC|Ottawa, ON",
    "AU": "Melbourne, VIC|Sydney, NSW|Brisbane, QLD|Adelaide, SA|Perth, WA",
    "IN": "Bengaluru|Delhi|Mumbai|Chennai|Hyderabad|Pune",
    "IT": "Milan|Rome|Bologna|Turin",
    "ES": "Madrid|Barcelona",
    "NL": "Amsterdam–Rotterdam|Nijmegen",
    "BE": "Brussels|Ghent–Antwerp",
    "CH": "Zürich",
    "SE": "Stockholm|Göteborg",
    "TR": "Istanbul|Ankara|Izmir",
    "BR": "São Paulo|Rio de Janeiro|Belo Horizonte",
    "TW": "Taipei–Hsinchu|Tainan–Kaohsiung",
    "IR": "Tehran|Isfahan|Tabriz",
    "IL": "Tel Aviv–Jerusalem|Haifa",
    "RU": "Moscow|Saint Petersburg|Novosibirsk",
    "PL": "Warsaw|Kraków|Łódź",
    "EG": "Cairo",
    "MX": "Mexico City",
    "MY": "Kuala Lumpur",
    "AT": "Vienna",
    "DK": "Copenhagen",
    "FI": "Helsinki",
    "NO": "Oslo",
    "IE": "Dublin",
    "PT": "Lisbon|Porto",
    "CZ": "Prague",
    "HU": "Budapest",
    "GR": "Athens",
    "SA": "Riyadh|Jeddah",
    "TH": "Bangkok",
    "ID": "Jakarta",
    "VN": "Ha Noi",
    "AR": "Buenos Aires",
    "CL": "Santiago",
    "ZA": "Johannesburg–Pretoria|Cape Town",
    "NZ": "Auckland",
}

# (name, economy codes joined by /)
CLUSTERS = [(n, codes) for codes, ns in _CLUSTERS.items() for n in ns.split("|")]

# Partner locations that are in no list of the top 100.
ELSEWHERE = _split(
    "Valencia|Lima|Bogotá|Nairobi|Almaty|Huntsville, AL|Kyiv|Reykjavík|Port-au-Prince|"
    "Ho Chi Minh City|Coeur d'Alene, ID|Halifax, NS|Newcastle"
)

# Parts of invented names, once the real ones are used up.
FIRST = _split(
    "Al|Bar|Bel|Bran|Cal|Cor|Dar|Del|Eld|Fal|Gal|Gran|Hal|Hol|Isen|Jor|Kal|Kel|Lan|Lor|"
    "Mal|Mon|Nor|Oak|Ost|Pal|Quin|Ral|Ros|Sal|Sen|Tar|Tor|Ul|Val|Ver|Wal|Win|Yar|Zel"
)
LAST = _split(
    "abad|agua|bach|borg|bridge|burg|by|caster|dam|field|ford|gard|grad|ham|haven|heim|"
    "holm|ica|kirk|land|mere|minster|mouth|nagar|pol|port|pur|s|shan|stadt|stone|stow|"
    "ton|vale|ville|vik|worth|yang|zaki|zhou"
)

APPLICANTS = _split(
    "BOE TECHNOLOGY|BEIJING XIAOMI MOBILE SOFTWARE|BEIJING BYTEDANCE NETWORK TECH.|"
    "QINGDAO HAIER AIR CONDITIONER GENERAL|HUAWEI TECHNOLOGIES|ZTE|LG ELECTRONICS|"
    "SAMSUNG ELECTRONICS|MITSUBISHI ELECTRIC|NIPPON TELEGRAPH AND TELEPHONE|QUALCOMM|"
    "3M INNOVATIVE PROPERTIES|ROBERT BOSCH GMBH|KONINKLIJKE PHILIPS N.V.|L'ORÉAL|"
    "TELEFONAKTIEBOLAGET LM ERICSSON (PUBL)|PROCTER & GAMBLE|F. HOFFMANN-LA ROCHE|"
    "HEWLETT-PACKARD DEVELOPMENT COMPANY, L.P.|Z.F. FRIEDRICHSHAFEN|BRASKEM|AT&T|"
    "COMMISSARIAT À L'ÉNERGIE ATOMIQUE|MICROSOFT TECHNOLOGY LICENSING, LLC|"
    "360 DIGITAL SECURITY|BOE TECHNOLOGY 2|JOHNSON & JOHNSON|INTEL|YOKOGAWA|"
    "DAIKIN INDUSTRIES|PANASONIC IP MANAGEMENT|SIEMENS AG|Ōtsuka Pharmaceutical|"
    "THE BROAD INSTITUTE, INC.|GOOGLE|APPLE|NOVARTIS|UNILEVER|BASF SE|TOP ENGINEERING"
)
PUBLISHERS = _split(
    "TSINGHUA UNIVERSITY|PEKING UNIVERSITY|UNIV. OF CHINESE ACADEMY OF SCIENCES|"
    "OCEAN UNIVERSITY OF CHINA|UNIVERSITY OF CALIFORNIA, SAN DIEGO|UNIVERSITÉ PARIS 8|"
    "UNIVERSITY OF TOKYO|HARVARD UNIVERSITY|M.I.T.|UNIVERSIDADE DE SÃO PAULO|"
    "UNIVERSITÉ PARIS-SACLAY|CNRS – DÉLÉGATION CENTRE|XI'AN JIAOTONG UNIVERSITY|"
    "TEXAS A&M UNIVERSITY|CHARITÉ – UNIVERSITÄTSMEDIZIN BERLIN|ETH ZÜRICH|MCGILL|"
    "NATIONAL UNIVERSITY OF SINGAPORE (NUS)|ISLAMIC AZAD UNIVERSITY|SORBONNE|INSERM|"
    "UNIVERSITY COLLEGE LONDON|KYOTO UNIVERSITY|SEOUL NATIONAL UNIVERSITY|KAIST|"
    "UNIVERSITY OF CHICAGO|CAIRO UNIVERSITY|THE HEBREW UNIVERSITY OF JERUSALEM|EPFL|"
    "CHULALONGKORN UNIVERSITY|101 HOSPITAL OF PLA|KAROLINSKA INSTITUTET|U.S. ARMY"
)
PATENT_FIELDS = _split(
    "Digital communication|Computer technology|Medical technology|Pharmaceuticals|"
    "Audio-visual technology|Electrical machinery, apparatus, energy|Biotechnology|"
    "Semiconductors|Optics|Organic fine chemistry|Transport|Basic materials chemistry|"
    "IT methods for management|Other consumer goods|Thermal processes and apparatus"
)
PUBLICATION_FIELDS = _split(
    "Engineering, electrical & electronic|Materials science, multidisciplinary|"
    "Oncology|Chemistry, multidisciplinary|Neurosciences|Environmental sciences|"
    "Surgery|Physics, applied|Computer science|Nanoscience & nanotechnology|"
    "Energy & fuels|Medicine, general & internal|Cell biology|Astronomy & astrophysics"
)
