skip = నేరుగా ముఖ్య విషయానికి వెళ్ళండి
places = పేజీలు
sign-out = సైన్ అవుట్
language = భాష
foot-privacy = గోప్యత
foot-protection = మీ డేటాకు రక్షణ ఎలా
foot-accessibility = అందరికీ అందుబాటు
foot-help = సహాయం

place-home = హోమ్
place-today = ఈ రోజు
place-find = రోగిని వెతకండి
place-desk = ఫ్రంట్ డెస్క్
place-sharing = పంచుకోవడం
place-apps = యాప్‌లు
place-account = ఖాతా
place-staff = కేంద్రాలు, సిబ్బంది
place-emergencies = అత్యవసరాలు

month-1 = జన
month-2 = ఫిబ్ర
month-3 = మార్చి
month-4 = ఏప్రి
month-5 = మే
month-6 = జూన్
month-7 = జులై
month-8 = ఆగ
month-9 = సెప్టెం
month-10 = అక్టో
month-11 = నవం
month-12 = డిసెం
age-years = { $count } ఏళ్ళు
age-months = { $count } నెలలు

draft-title = ఇది ఇంకా పంపలేదు
draft-lead = మీరు పంపే ముందే మీ సెషన్ ముగిసింది, అందువల్ల ఏమీ జరగలేదు. మీరు టైప్ చేసింది ఇక్కడ ఉంది; పాస్‌వర్డ్‌లు, కోడ్‌లు ఉంచలేదు. చూసుకుని మళ్ళీ పంపండి.
draft-send = మళ్ళీ పంపండి
draft-drop = తీసేయండి
