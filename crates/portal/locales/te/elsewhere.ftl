# A record that is brought from another server, and the list of such servers.
section-elsewhere = రికార్డు తీసుకురండి
my-elsewhere-lead = మరో ఆసుపత్రి లేదా క్లినిక్ నుండి
place-elsewhere = ఇతర సర్వర్లు
elsewhere-lead = మరో ఆసుపత్రి లేదా క్లినిక్ వద్ద ఈ వ్యక్తి ఆరోగ్య రికార్డు ఉంటే, దాని నకలును ఇక్కడికి తీసుకురావచ్చు. రికార్డులోకి ఏదైనా వెళ్లే ముందు ఏమి వచ్చిందో మీరు చూస్తారు.
elsewhere-from = ఎక్కడి నుండి
elsewhere-none = ఇక్కడ ఇంకా మరో సర్వర్ జాబితాలో లేదు. రికార్డు ఉన్న సర్వర్‌ను జాబితాలో చేర్చమని ఈ చోటు నడిపేవారిని అడగండి.
elsewhere-how = మీరు మరో సర్వర్‌కు వెళ్లి, అక్కడ ఎప్పటిలాగే సైన్ ఇన్ చేసి, ఈ చోటు రికార్డును చదవడానికి అనుమతిస్తారు. తర్వాత ఇక్కడికి తిరిగి వస్తారు.
elsewhere-once = ఈ అనుమతి ఒక్కసారి, ఈ ఒక్క నకలు కోసమే వాడబడుతుంది, దాచబడదు. అక్కడ తర్వాత మారేది మీరు మళ్లీ తెచ్చినప్పుడు వస్తుంది.
elsewhere-go = { $house } నుండి రికార్డు తీసుకురండి
elsewhere-returned = మీరు ఆరోగ్య రికార్డు కోసం మరో సర్వర్ వద్ద ఉన్నారు. అది ఏమి ఇస్తుందో చూడటానికి ముందుకు వెళ్లండి.
elsewhere-coming = { $house } నుండి రికార్డు వస్తోంది
elsewhere-coming-lead = దీనికి కొన్ని నిమిషాలు పట్టవచ్చు. మీరు ఈ పేజీని మూసివేయవచ్చు; వచ్చినది ఒక గంట ఇక్కడ వేచి ఉంటుంది.
elsewhere-look-again = మళ్లీ చూడండి
elsewhere-lost = { $house } నుండి ఏమీ రాలేదు
elsewhere-forget = ఈ సందేశాన్ని మూసివేయండి
elsewhere-came = { $house } నుండి ఏమి వచ్చింది
elsewhere-came-lead = ఇందులో ఏదీ ఇంకా ఈ రికార్డులోకి వెళ్లలేదు. ఇది తాళంలో ఒక గంట మీ మాట కోసం వేచి ఉండి, తర్వాత పోతుంది.
elsewhere-whose = రికార్డు ఎవరిది
elsewhere-here = ఈ రికార్డు
elsewhere-unlike = పేరు లేదా పుట్టిన తేదీ వేరుగా ఉన్నాయి, లేదా నమోదు కాలేదు. జాగ్రత్తగా చూడండి: వేరొకరి రికార్డు ఇక్కడ ఉండకూడదు.
elsewhere-same = నేను రెండూ చూశాను: ఇది అదే వ్యక్తి.
elsewhere-tick = ఏదీ వెళ్లలేదు. పేరు, పుట్టిన తేదీ చూడండి; ఇది అదే వ్యక్తి అయితే గుర్తు పెట్టి చెప్పండి.
elsewhere-nothing = వెళ్లగలిగినది ఇందులో ఏమీ లేదు.
elsewhere-is-new = కొత్తవి
elsewhere-is-changed = మీరు తెచ్చిన తర్వాత అక్కడ మారినవి
elsewhere-is-same = ఇప్పటికే ఇక్కడ ఉన్నవి, మారలేదు
elsewhere-is-kept = మీరు తెచ్చిన తర్వాత ఇక్కడ మారినవి; ఇక్కడ ఉన్నట్లే ఉంటాయి
elsewhere-twice = ఇప్పటికే ఇక్కడ ఉన్నవి, వేరే చోటు నుండి
elsewhere-twice-lead = రెండూ పక్కపక్కన ఉంటాయి, ప్రతిదానితో అది ఎక్కడిదో ఉంటుంది. వాటిలో ఏది ఇప్పటికీ సరైనదో మీ క్లినిక్ చెప్పగలదు.
elsewhere-missing = ఏది వెళ్లదు, ఎందుకు
elsewhere-left = ఈ రకాలు తీసుకోబడవు:
elsewhere-more = { $count ->
    [one] ఇంకా ఒకటి
   *[other] ఇంకా { $count }
}
elsewhere-everything = అన్నీ ఒకేసారి
elsewhere-enter = ఈ రికార్డులో పెట్టండి
elsewhere-drop = దీన్ని తీసుకోవద్దు
elsewhere-new = { $count ->
    [0] కొత్తది ఏదీ వెళ్లలేదు.
    [one] ఈ రికార్డులో ఒక నమోదు కొత్తది.
   *[other] ఈ రికార్డులో { $count } నమోదులు కొత్తవి.
}
elsewhere-changed = { $count ->
    [0] ఏ నమోదూ మారలేదు.
    [one] ఒక నమోదు తాజా చేయబడింది.
   *[other] { $count } నమోదులు తాజా చేయబడ్డాయి.
}
elsewhere-brought = మీరు తెచ్చినవి
elsewhere-brought-none = ఇంకా ఏమీ తేలేదు.
elsewhere-brought-lead = ప్రతి పేజీలో అది ఎక్కడిదో దానితో గుర్తుగా ఉంటుంది. అది ఇక్కడ ఉండకూడదంటే తీసివేయండి: అది అన్ని పేజీల నుండి పోతుంది, దాని చరిత్ర మాత్రమే ఉంటుంది.
elsewhere-remove = { $house } నుండి వచ్చినది తీసివేయండి
elsewhere-gone = { $count ->
    [0] తీసివేయడానికి ఏమీ లేదు.
    [one] ఒక నమోదు తీసివేయబడింది.
   *[other] { $count } నమోదులు తీసివేయబడ్డాయి.
}
elsewhere-stays = { $count ->
    [one] ఒక నమోదు తర్వాత ఇక్కడ మార్చబడింది, అది ఉంటుంది.
   *[other] { $count } నమోదులు తర్వాత ఇక్కడ మార్చబడ్డాయి, అవి ఉంటాయి.
}
brought-from = { $house } నుండి
elsewhere-why-unreachable = మరో సర్వర్ జవాబు ఇవ్వలేదు.
elsewhere-why-late = మరో సర్వర్ చాలా సమయం తీసుకుంది.
elsewhere-why-refused = మరో సర్వర్ దీన్ని ఇవ్వదు.
elsewhere-why-missing = మరో సర్వర్ వద్ద ఇది లేదు.
elsewhere-why-fault = మరో సర్వర్ లోపంతో జవాబిచ్చింది.
elsewhere-why-too-long = ఇది చాలా పెద్దది.
elsewhere-why-unreadable = జవాబును చదవలేకపోయాము.
elsewhere-why-elsewhere = జవాబు మరో చిరునామాకు దారి తీస్తుంది, దాన్ని అడగము.
elsewhere-why-too-many = ఒకసారి తీసుకునేదానికంటే ఎక్కువ ఉంది.
elsewhere-why-not-theirs = ఇది వేరొకరి గురించి.
elsewhere-why-draft = ఇది ఎవరూ సంతకం చేయని చిత్తుప్రతి.
elsewhere-why-rules = ఇక్కడ తెలియని నియమాలతో దీన్ని చదవాలి.
elsewhere-why-broken = ఇది FHIR R4 నియమాలను ఉల్లంఘిస్తుంది.
elsewhere-why-file-kind = ఈ రకం ఫైల్ తీసుకోబడదు.
elsewhere-why-malware = వైరస్ స్కానర్ ఫైల్‌లో ఏదో కనుగొంది.
elsewhere-why-not-taken = ఈ చోటు దీన్ని తీసుకోలేదు.
elsewhere-why-scanner = ఇక్కడి వైరస్ స్కానర్ జవాబు ఇవ్వడం లేదు, కాబట్టి ఏదీ ఉంచలేదు. కొన్ని నిమిషాల తర్వాత మళ్లీ ప్రయత్నించండి.
elsewhere-why-busy = ఈ క్షణంలో చాలా రికార్డులు తీసుకురాబడుతున్నాయి. కొన్ని నిమిషాల తర్వాత మళ్లీ ప్రయత్నించండి.
kind-careplan = ప్రణాళిక
kind-careteam = సంరక్షణ బృందం
kind-clinicalimpression = అంచనా
kind-deviceusestatement = పరికరం
kind-familymemberhistory = కుటుంబ చరిత్ర
kind-goal = లక్ష్యం
kind-imagingstudy = ఇమేజింగ్
kind-medicationadministration = ఇచ్చిన మందు
kind-medicationdispense = అందజేసిన మందు
kind-medicationstatement = తీసుకుంటున్న మందు
kind-nutritionorder = ఆహారం
kind-observation = కొలత
kind-questionnaireresponse = ప్రశ్నలకు జవాబులు
kind-riskassessment = ప్రమాదం
kind-servicerequest = ఆదేశం
deed-brought = మరో సర్వర్ నుండి రికార్డు తెచ్చారు
deed-put-away = మరో సర్వర్ నుండి తెచ్చినది తీసివేశారు
deed-elsewhere = మరో సర్వర్ నుండి రికార్డు తెప్పించారు
deed-elsewhere-look = మరో సర్వర్ నుండి వచ్చినది చూశారు
houses-listed = జాబితాలోని సర్వర్లు
houses-lead = రోగులు వీటి నుండి తమ రికార్డు తీసుకురావచ్చు. వేరే దేన్నీ అడగమని ఈ చోటును ఎవరూ బలవంతం చేయలేరు.
houses-none = ఇంకా ఏ సర్వరూ జాబితాలో లేదు.
houses-client = అక్కడ మన ఐడీ: { $id }
houses-signs-in = దాని వ్యక్తులు { $address } వద్ద సైన్ ఇన్ చేస్తారు
houses-remove = { $name } ను జాబితా నుండి తీసివేయండి
houses-new = మరో సర్వర్‌ను జాబితాలో చేర్చండి
houses-new-lead = అది FHIR R4 మాట్లాడాలి, రోగుల యాప్‌లను చదవనివ్వాలి (SMART App Launch). జాబితాలో చేర్చే ముందు, అక్కడ వ్యక్తులు ఎలా సైన్ ఇన్ చేస్తారో ఈ చోటు దాన్ని అడుగుతుంది.
houses-name = రోగులు దాన్ని ఏమని పిలుస్తారు
houses-name-hint = ఉదాహరణ: City Hospital
houses-base = దాని FHIR API చిరునామా
houses-base-hint = ఉదాహరణ: https://there.example/fhir/R4
houses-sign-in = దాని వ్యక్తులు ఎక్కడ సైన్ ఇన్ చేస్తారు
houses-sign-in-hint = పై చిరునామా కంటే వేరైతే మాత్రమే.
houses-id = అక్కడ మన ఐడీ (client_id)
houses-id-hint = ఖాళీగా వదిలితే, మరో సర్వర్ అనుమతించినప్పుడు ఈ చోటు తనను తాను నమోదు చేసుకుంటుంది.
houses-secret = అక్కడ మన రహస్యం
houses-secret-hint = మరో సర్వర్ ఇచ్చినప్పుడు మాత్రమే. అది ముద్రవేసి ఉంచబడుతుంది.
houses-scope = ఏమి అడుగుతాము
houses-scope-hint = launch/patient patient/*.rs కోసం ఖాళీగా వదలండి
houses-list = దాన్ని అడిగి, జాబితాలో చేర్చండి
