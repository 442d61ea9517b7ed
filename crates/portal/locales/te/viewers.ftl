# Who looked at a record: every deed that the log tells of, in plain words.
section-viewers = ఎవరు చూశారు
viewers-lead = ఈ రికార్డును తెరిచిన, మార్చిన, లేదా అలా ప్రయత్నించిన ప్రతి ఒక్కరూ ఇక్కడ ఉన్నారు; కొత్తవి ముందు. ఈ జాబితాను ఎవరూ మార్చలేరు: ప్రతి వరుసకు సంతకం ఉంది. మీరు చూసినవి కూడా ఇందులో ఉంటాయి.
viewers-none = ఈ జాబితాలో ఏమీ లేదు.
viewers-older = పాత వరుసలు
viewers-newest = కొత్త వరుసలకు తిరిగి వెళ్ళండి
viewers-file = మొత్తం జాబితాను డౌన్‌లోడ్ చేయండి (CSV, స్ప్రెడ్‌షీట్‌ల కోసం)
who = ఎవరు
who-all = అందరూ, అన్నీ
who-people = వ్యక్తులు
who-machines = యాప్‌లు, సిస్టమ్‌లు
when-zone = ఎప్పుడు ({ $zone })
role = పాత్ర
line = వరుస
things = దేని గురించి
outcome = ఫలితం
refused = నిరాకరించబడింది
failed = పూర్తి కాలేదు
emergency = అత్యవసరం
nobody-known = తెలియని వ్యక్తి
deed-closed = ఈ వరుసను ఇక చదవలేము. మీ క్లినిక్‌కు చెప్పండి: దీన్ని పరిశీలించాలి.
deed-chart = రికార్డును తెరిచారు
deed-read = చదివారు
deed-document-look = ఒక పత్రాన్ని చూశారు
deed-document = ఒక పత్రాన్ని డౌన్‌లోడ్ చేశారు
deed-search = వెతికి, ఇవి చూశారు
deed-history = పాత రూపాలను చదివారు
deed-everything = రికార్డు ప్రతిని తీసుకున్నారు
deed-change = ఏదో చేర్చారు లేదా మార్చారు
deed-share = రికార్డును లేదా దానిలో భాగాన్ని పంచుకున్నారు
deed-unshare = పంచుకోవడం ఆపారు
deed-note = నోటు రాశారు
deed-note-signed = నోటుపై సంతకం చేశారు
deed-note-error = నోటు పొరపాటున నమోదైందని గుర్తించారు
deed-upload = ఒక పత్రాన్ని చేర్చారు
deed-glass = అత్యవసరంలో అనుమతి లేకుండా రికార్డును తెరిచారు
deed-glass-over = అత్యవసరం ముగిసింది
deed-glass-review = అత్యవసరంలో తెరవడాన్ని సమీక్షించారు
deed-dispute = చూడటం తప్పని చెప్పారు
deed-dispute-answered = తప్పని చెప్పిన దాని గురించి జవాబిచ్చారు
deed-dispute-list = చూడటంలో ఏది తప్పని చెప్పారో చదివారు
deed-changes = ఏమి మారిందో చదివారు
deed-bring-back = పాత రూపాన్ని తిరిగి తెచ్చారు
deed-notify = ఏదో మారిందని తెలుసుకున్నారు
deed-viewers = ఈ జాబితాను చూశారు
deed-explain = ఎవరు ఏమి చూడవచ్చో అడిగారు
deed-erase = రికార్డును తుడిచేశారు
deed-access = చూసే అనుమతి అడిగారు లేదా పొందారు
deed-proxy = రోగి తరఫున ఎవరు వ్యవహరిస్తారో మార్చారు
deed-link = రికార్డును ఖాతాతో కలిపారు లేదా విడదీశారు
deed-other = రికార్డుతో మరేదో చేశారు
thing-patient = వ్యక్తిగత వివరాలు
thing-results = { $count ->
    [one] ఒక ఫలితం
   *[other] { $count } ఫలితాలు
}
thing-reports = { $count ->
    [one] ఒక నివేదిక
   *[other] { $count } నివేదికలు
}
thing-documents = { $count ->
    [one] ఒక పత్రం
   *[other] { $count } పత్రాలు
}
thing-notes = { $count ->
    [one] ఒక నోటు
   *[other] { $count } నోట్లు
}
thing-visits = { $count ->
    [one] ఒక సందర్శన
   *[other] { $count } సందర్శనలు
}
thing-problems = { $count ->
    [one] ఒక సమస్య
   *[other] { $count } సమస్యలు
}
thing-allergies = { $count ->
    [one] అలర్జీపై ఒక నమోదు
   *[other] అలర్జీలపై { $count } నమోదులు
}
thing-medicines = { $count ->
    [one] ఒక మందు
   *[other] { $count } మందులు
}
thing-immunizations = { $count ->
    [one] ఒక టీకా
   *[other] { $count } టీకాలు
}
thing-procedures = { $count ->
    [one] ఒక చికిత్స
   *[other] { $count } చికిత్సలు
}
thing-appointments = { $count ->
    [one] ఒక అపాయింట్‌మెంట్
   *[other] { $count } అపాయింట్‌మెంట్లు
}
thing-permissions = { $count ->
    [one] ఒక అనుమతి
   *[other] { $count } అనుమతులు
}
thing-other = { $count ->
    [one] మరొక అంశం
   *[other] మరో { $count } అంశాలు
}
purpose-treat = చికిత్స
purpose-etreat = అత్యవసర చికిత్స
purpose-patrqt = రోగి కోరిక మేరకు
purpose-sysadmin = సిస్టమ్ నిర్వహణ
purpose-hoperat = క్లినిక్ నిర్వహణ
purpose-hresch = పరిశోధన
role-patient = రోగి
role-proxy = రోగి తరఫున
role-physician = వైద్యులు
role-nurse = నర్సు
role-front-desk = ఫ్రంట్ డెస్క్
role-pharmacist = ఫార్మసిస్ట్
role-laboratory = ప్రయోగశాల
role-administrator = నిర్వాహకులు
role-privacy-officer = గోప్యతా అధికారి
role-regulator = నియంత్రకులు
role-researcher = పరిశోధకులు
role-system-client = మరో సిస్టమ్
role-system = మరో సిస్టమ్
role-app = యాప్
role-operator = సర్వర్ నిర్వాహకులు
role-clinic = సిబ్బంది
role-admin = పరిపాలన
dispute-this = ఇది తప్పుగా అనిపిస్తోంది
dispute-title = ఇది తప్పుగా అనిపిస్తోంది
dispute-lead = వరుస సంఖ్య రాసి, ఏది తప్పో చెప్పండి. గోప్యతా అధికారి పరిశీలించి ముప్పై రోజుల్లో జవాబిస్తారు. జవాబు ఇక్కడే కనిపిస్తుంది.
dispute-line = వరుస సంఖ్య
dispute-text = ఏది తప్పు
dispute-send = పంపండి
disputes-own = మీరు అడిగినవి
dispute-about = వరుస { $line } ({ $name }), { $on } న అడిగారు
dispute-waits = దీన్ని పరిశీలిస్తున్నారు. { $due } లోగా జవాబు వస్తుంది.
dispute-was-wrong = అది తప్పని గోప్యతా అధికారి కనుగొన్నారు:
dispute-was-right = అది సరైనదేనని గోప్యతా అధికారి కనుగొన్నారు:
