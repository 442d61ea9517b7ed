//! Indian names: Telugu, Hindi and Hyderabadi Muslim, each in three scripts.

use super::{Names, Word, word};

pub(crate) const TELUGU: Names = Names { families: &TELUGU_FAMILIES, women: &TELUGU_WOMEN, men: &TELUGU_MEN };
pub(crate) const HINDI: Names = Names { families: &HINDI_FAMILIES, women: &HINDI_WOMEN, men: &HINDI_MEN };
pub(crate) const MUSLIM: Names = Names { families: &MUSLIM_FAMILIES, women: &MUSLIM_WOMEN, men: &MUSLIM_MEN };

/// Taken by wives in place of a family name.
pub(crate) const BEGUM: Word = word("Begum", "बेगम", "బేగం");

static TELUGU_FAMILIES: [Word; 22] = [
    word("Reddy", "रेड्डी", "రెడ్డి"),
    word("Rao", "राव", "రావు"),
    word("Naidu", "नायडू", "నాయుడు"),
    word("Goud", "गौड", "గౌడ్"),
    word("Yadav", "यादव", "యాదవ్"),
    word("Kondapalli", "कोंडापल्ली", "కొండపల్లి"),
    word("Vemula", "वेमुला", "వేముల"),
    word("Bandari", "बंडारी", "బండారి"),
    word("Pasupuleti", "पसुपुलेटी", "పసుపులేటి"),
    word("Chinthala", "चिंतला", "చింతల"),
    word("Gajula", "गाजुला", "గాజుల"),
    word("Kasula", "कासुला", "కాసుల"),
    word("Mallepalli", "मल्लेपल्ली", "మల్లెపల్లి"),
    word("Boddu", "बोड्डू", "బొడ్డు"),
    word("Nalla", "नल्ला", "నల్ల"),
    word("Gundlapalli", "गुंडलापल्ली", "గుండ్లపల్లి"),
    word("Thota", "तोटा", "తోట"),
    word("Jangam", "जंगम", "జంగం"),
    word("Varma", "वर्मा", "వర్మ"),
    word("Sastry", "शास्त्री", "శాస్త్రి"),
    word("Padala", "पदाला", "పడాల"),
    word("Kolluri", "कोल्लूरी", "కొల్లూరి"),
];

static TELUGU_WOMEN: [Word; 24] = [
    word("Lakshmi", "लक्ष्मी", "లక్ష్మి"),
    word("Padma", "पद्मा", "పద్మ"),
    word("Anitha", "अनीता", "అనిత"),
    word("Sunitha", "सुनीता", "సునీత"),
    word("Kavitha", "कविता", "కవిత"),
    word("Swathi", "स्वाति", "స్వాతి"),
    word("Divya", "दिव्या", "దివ్య"),
    word("Sravani", "श्रावणी", "శ్రావణి"),
    word("Bhavani", "भवानी", "భవాని"),
    word("Radha", "राधा", "రాధ"),
    word("Saraswathi", "सरस्वती", "సరస్వతి"),
    word("Rani", "रानी", "రాణి"),
    word("Jyothi", "ज्योति", "జ్యోతి"),
    word("Madhavi", "माधवी", "మాధవి"),
    word("Geetha", "गीता", "గీత"),
    word("Rajitha", "रजिता", "రజిత"),
    word("Yashoda", "यशोदा", "యశోద"),
    word("Kamala", "कमला", "కమల"),
    word("Ananya", "अनन्या", "అనన్య"),
    word("Sahithi", "साहिती", "సాహితి"),
    word("Haritha", "हरिता", "హరిత"),
    word("Nandini", "नंदिनी", "నందిని"),
    word("Mounika", "मौनिका", "మౌనిక"),
    word("Vasantha", "वसंता", "వసంత"),
];

static TELUGU_MEN: [Word; 24] = [
    word("Venkatesh", "वेंकटेश", "వెంకటేశ్"),
    word("Ramesh", "रमेश", "రమేశ్"),
    word("Suresh", "सुरेश", "సురేశ్"),
    word("Srinivas", "श्रीनिवास", "శ్రీనివాస్"),
    word("Ravi", "रवि", "రవి"),
    word("Prasad", "प्रसाद", "ప్రసాద్"),
    word("Arjun", "अर्जुन", "అర్జున్"),
    word("Karthik", "कार्तिक", "కార్తీక్"),
    word("Naresh", "नरेश", "నరేశ్"),
    word("Mahesh", "महेश", "మహేశ్"),
    word("Rajesh", "राजेश", "రాజేశ్"),
    word("Krishna", "कृष्ण", "కృష్ణ"),
    word("Narayana", "नारायण", "నారాయణ"),
    word("Gopal", "गोपाल", "గోపాల్"),
    word("Kiran", "किरण", "కిరణ్"),
    word("Vijay", "विजय", "విజయ్"),
    word("Satish", "सतीश", "సతీశ్"),
    word("Harish", "हरीश", "హరీశ్"),
    word("Mallesh", "मल्लेश", "మల్లేశ్"),
    word("Yadagiri", "यादगिरी", "యాదగిరి"),
    word("Ramulu", "रामुलु", "రాములు"),
    word("Anjaiah", "अंजय्या", "అంజయ్య"),
    word("Sai", "साई", "సాయి"),
    word("Tarun", "तरुण", "తరుణ్"),
];

static HINDI_FAMILIES: [Word; 14] = [
    word("Sharma", "शर्मा", "శర్మ"),
    word("Verma", "वर्मा", "వర్మ"),
    word("Gupta", "गुप्ता", "గుప్తా"),
    word("Singh", "सिंह", "సింగ్"),
    word("Mishra", "मिश्रा", "మిశ్రా"),
    word("Joshi", "जोशी", "జోషి"),
    word("Agarwal", "अग्रवाल", "అగర్వాల్"),
    word("Tiwari", "तिवारी", "తివారీ"),
    word("Chauhan", "चौहान", "చౌహాన్"),
    word("Patel", "पटेल", "పటేల్"),
    word("Kulkarni", "कुलकर्णी", "కులకర్ణి"),
    word("Deshpande", "देशपांडे", "దేశ్‌పాండే"),
    word("Das", "दास", "దాస్"),
    word("Saxena", "सक्सेना", "సక్సేనా"),
];

static HINDI_WOMEN: [Word; 14] = [
    word("Pooja", "पूजा", "పూజ"),
    word("Neha", "नेहा", "నేహా"),
    word("Priya", "प्रिया", "ప్రియ"),
    word("Rekha", "रेखा", "రేఖ"),
    word("Usha", "उषा", "ఉష"),
    word("Meena", "मीना", "మీనా"),
    word("Sushila", "सुशीला", "సుశీల"),
    word("Aaradhya", "आराध्या", "ఆరాధ్య"),
    word("Sneha", "स्नेहा", "స్నేహ"),
    word("Shanti", "शांति", "శాంతి"),
    word("Kiran", "किरण", "కిరణ్"),
    word("Savitri", "सावित्री", "సావిత్రి"),
    word("Anjali", "अंजलि", "అంజలి"),
    word("Ritu", "ऋतु", "రీతూ"),
];

static HINDI_MEN: [Word; 14] = [
    word("Aditya", "आदित्य", "ఆదిత్య"),
    word("Rohan", "रोहन", "రోహన్"),
    word("Vikram", "विक्रम", "విక్రమ్"),
    word("Mohan", "मोहन", "మోహన్"),
    word("Ashok", "अशोक", "అశోక్"),
    word("Sanjay", "संजय", "సంజయ్"),
    word("Deepak", "दीपक", "దీపక్"),
    word("Rahul", "राहुल", "రాహుల్"),
    word("Anil", "अनिल", "అనిల్"),
    word("Manoj", "मनोज", "మనోజ్"),
    word("Dinesh", "दिनेश", "దినేశ్"),
    word("Aarav", "आरव", "ఆరవ్"),
    word("Hari", "हरि", "హరి"),
    word("Vivek", "विवेक", "వివేక్"),
];

static MUSLIM_FAMILIES: [Word; 8] = [
    word("Khan", "ख़ान", "ఖాన్"),
    word("Ahmed", "अहमद", "అహ్మద్"),
    word("Siddiqui", "सिद्दीक़ी", "సిద్దిఖీ"),
    word("Hussain", "हुसैन", "హుస్సేన్"),
    word("Ali", "अली", "అలీ"),
    word("Qureshi", "क़ुरैशी", "ఖురేషీ"),
    word("Shaik", "शेख़", "షేక్"),
    word("Ansari", "अंसारी", "అన్సారీ"),
];

static MUSLIM_WOMEN: [Word; 10] = [
    word("Ayesha", "आयशा", "ఆయేషా"),
    word("Fatima", "फ़ातिमा", "ఫాతిమా"),
    word("Zainab", "ज़ैनब", "జైనబ్"),
    word("Shabana", "शबाना", "షబానా"),
    word("Nasreen", "नसरीन", "నస్రీన్"),
    word("Rukhsana", "रुख़साना", "రుక్సానా"),
    word("Sana", "सना", "సనా"),
    word("Mariam", "मरियम", "మరియం"),
    word("Haseena", "हसीना", "హసీనా"),
    word("Asma", "अस्मा", "అస్మా"),
];

static MUSLIM_MEN: [Word; 10] = [
    word("Imran", "इमरान", "ఇమ్రాన్"),
    word("Salman", "सलमान", "సల్మాన్"),
    word("Yusuf", "यूसुफ़", "యూసుఫ్"),
    word("Irfan", "इरफ़ान", "ఇర్ఫాన్"),
    word("Mohammed", "मोहम्मद", "మహమ్మద్"),
    word("Abdul", "अब्दुल", "అబ్దుల్"),
    word("Faisal", "फ़ैसल", "ఫైసల్"),
    word("Javed", "जावेद", "జావేద్"),
    word("Nadeem", "नदीम", "నదీమ్"),
    word("Zaid", "ज़ैद", "జైద్"),
];
