# What a patient shares, with whom, until when.
section-share = పంచుకోవడం
share-lead = మీకు చికిత్స చేసేవారు కాక మీ రికార్డును ఎవరు చూడాలో మీరే నిర్ణయిస్తారు. మీరు పంచుకున్నది వెంటనే తెరుచుకుంటుంది, ఆపినప్పుడు వెంటనే మూసుకుంటుంది. సున్నితమైనదిగా గుర్తించినది దీనితో పంచబడదు.
share-now = మీరు పంచుకుంటున్నవి
share-none = చికిత్స కాక మీరు ఏమీ పంచుకోవడం లేదు.
share-with = ఎవరితో
share-until = ఎప్పటి వరకు
share-no-end = ముగింపు లేదు
share-stop = పంచుకోవడం ఆపండి
share-over = ముగిసింది
share-denied = నిరోధించారు
share-anybody = అందరూ
share-new = ఏదైనా పంచుకోండి
share-find = పేరుతో వైద్యుని వెతకండి
share-more = ఈ జాబితాలో అందరూ పట్టరు: పేరుతో వెతకండి.
share-choose = క్లినిక్ లేదా వైద్యుని ఎంచుకోండి
share-documents = ఈ పత్రాలు
share-parts = నా రికార్డులోని ఈ భాగాలు
share-everything = నా రికార్డు మొత్తం
share-give = పంచుకోండి
share-check = వారు ఏమి చూస్తారో చూడండి
share-checked = { $name } ఇది చూస్తారు. ఇంకా ఏమీ పంచలేదు.
share-all = మీ రికార్డులో
share-sees = ఇప్పుడు చూస్తారు
share-would = అప్పుడు చూస్తారు
share-items = { $count ->
    [one] ఒక పత్రం
   *[other] { $count } పత్రాలు
}
share-wrong-with = ఎవరితోనో ఎంచుకోండి. ఏమీ పంచలేదు.
share-wrong-what = పంచుకోవడానికి కనీసం ఒకటి ఎంచుకోండి. ఏమీ పంచలేదు.
share-wrong-days = 1 నుంచి 366 వరకు రోజుల సంఖ్య ఇవ్వండి. ఏమీ పంచలేదు.
share-to-look = చూడటానికి మాత్రమే
share-may = వారు
share-may-look = దీన్ని ఈ సేవ పేజీలలో చూడవచ్చు
share-may-download = దీన్ని డౌన్‌లోడ్ చేసి, తమ ప్రోగ్రాములలో కూడా చదవవచ్చు
share-may-hint = తెరపై కనిపించేదాన్ని ఫోటో తీయవచ్చు. సిబ్బంది ఇక్కడ చూసే పత్రంపై వారి పేరు ఉంటుంది.
